//! The system's own collections, fields, relations and app-access permissions, as facts embedded in the program.
//! What the database says of their columns is not here, and neither is any sentence: texts belong to the Studio.

mod meta;

use std::{collections::HashMap, sync::LazyLock};

use crate::{Json, Object, access::policy::Permission, schema::Kind};

/// How the names of system tables begin.
pub const PREFIX: &str = "directus_";

/// A system collection.
#[derive(Clone, Debug)]
pub struct SystemCollection {
    /// Its name.
    pub name: String,
    /// Its metadata, as `/collections` tells it.
    pub meta: Object,
}

/// A field of a system collection.
#[derive(Clone, Debug)]
pub struct SystemField {
    /// Its collection.
    pub collection: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Its metadata, as `/fields` tells it; a few columns have none.
    pub meta: Option<Object>,
}

/// A relation between system collections.
#[derive(Clone, Debug)]
pub struct SystemRelation {
    /// Its metadata, as `/relations` tells it: also the one place that holds its names.
    pub meta: Object,
}

struct System {
    collections: Vec<SystemCollection>,
    fields: Vec<SystemField>,
    by_name: HashMap<String, HashMap<String, usize>>,
    relations: Vec<SystemRelation>,
    permission_rows: Vec<Object>,
    permissions: Vec<Permission>,
}

#[expect(
    clippy::expect_used,
    reason = "the files are part of the program, and a test reads them"
)]
static SYSTEM: LazyLock<System> = LazyLock::new(|| meta::read().expect("embedded system metadata"));

/// Every system collection.
pub fn collections() -> &'static [SystemCollection] {
    &SYSTEM.collections
}

/// Every field of a system collection, collection by collection.
pub fn fields() -> &'static [SystemField] {
    &SYSTEM.fields
}

/// The system field of this name.
pub fn field(collection: &str, name: &str) -> Option<&'static SystemField> {
    SYSTEM.fields.get(*SYSTEM.by_name.get(collection)?.get(name)?)
}

/// Every relation between system collections.
pub fn relations() -> &'static [SystemRelation] {
    &SYSTEM.relations
}

/// What `app_access` grants beyond stored permissions.
pub fn permissions() -> &'static [Permission] {
    &SYSTEM.permissions
}

/// The same, as rows that `/permissions` tells beside the stored ones.
pub fn permission_rows() -> &'static [Object] {
    &SYSTEM.permission_rows
}

/// Whether a table of this name belongs to the system, or would.
pub fn is_system(table: &str) -> bool {
    table.starts_with(PREFIX)
}

#[cfg(test)]
mod tests;
