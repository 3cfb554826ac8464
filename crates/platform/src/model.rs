//! The data model: collections, fields and relations, read from the database and changed in it.
//! Reading verbs show only what a [`Visible`] lets them. Every change is a [`Request`], planned as data by [`change`] before
//! anything happens, and then shown or carried out as a whole.

pub mod change;
mod check;
pub mod collections;
mod column;
mod edit;
pub mod fields;
mod follow;
pub(crate) mod indexes;
pub mod kind;
pub mod load;
mod names;
mod plan;
pub mod relations;
mod rows;
pub mod snapshot;
mod visible;

use aedile_engine::{Object, schema::Schema};
pub use change::Request;
use indexmap::IndexMap;
pub use load::{load, load_in};
pub use visible::{Everything, Visible};

/// Everything that is known of the data model: what requests are planned against, and the metadata around it.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Collections with a table and a key, their fields and relations.
    pub schema: Schema,
    /// Metadata of every collection that has some, folders (no table) included, as `/collections` tells it.
    pub collections: IndexMap<String, Object>,
    /// Metadata of fields that are neither a column nor an alias: told by name, listed nowhere.
    pub strays: Vec<Object>,
    /// What was left out of the schema and why, for the log.
    pub problems: Vec<String>,
}

impl Model {
    /// Whether a collection of this name is a folder: metadata without a table.
    pub fn is_folder(&self, name: &str) -> bool {
        self.collections.contains_key(name) && self.schema.collection(name).is_none()
    }
}

#[cfg(test)]
mod tests;
