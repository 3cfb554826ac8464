//! A project as both sides are told it: its data model, its rows, and what is stored of rights. It holds data and knows
//! no meaning of it.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use aedile_engine::schema::{Collection, Schema};
use serde_json::{Map, Value as Json};

/// A row by field; a field without a value is null.
pub type Row = Map<String, Json>;
/// A cell: collection, the row's key as text, field.
pub type Cell = (String, String, String);

/// A whole project: what its data looks like, its rows, and who may do what.
#[derive(Clone, Debug)]
pub struct World {
    /// Collections and relations, those of users and roles included.
    pub schema: Arc<Schema>,
    /// Rows by collection, in the order of their keys.
    pub rows: HashMap<String, Vec<Row>>,
    /// `directus_policies`.
    pub policies: Vec<Policy>,
    /// `directus_access`.
    pub attachments: Vec<Attachment>,
    /// `directus_permissions`.
    pub permissions: Vec<Permission>,
    /// What every user of the Studio may do besides.
    pub minimum: Arc<Vec<Permission>>,
    /// The moment of the request, in milliseconds since 1970.
    pub now: i64,
}

/// A stored policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its id.
    pub id: String,
    /// Grants everything.
    pub admin: bool,
    /// Grants the Studio, and what that needs.
    pub app: bool,
    /// The addresses from which it counts; none for everywhere.
    pub ip: Option<Vec<String>>,
}

/// Where a policy is attached: to a user, to a role, or to neither, which is the public.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The user.
    pub user: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// The policy.
    pub policy: String,
}

/// A stored permission, as JSON.
#[derive(Clone, Debug, Default)]
pub struct Permission {
    /// The policy it belongs to.
    pub policy: String,
    /// The collection.
    pub collection: String,
    /// The action.
    pub action: String,
    /// The rows.
    pub rule: Json,
    /// What payloads must meet.
    pub validation: Json,
    /// What is filled in.
    pub presets: Json,
    /// The fields.
    pub fields: Json,
}

/// Who asks, and from where; without a user it is the public.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user, whose role stands in its row.
    pub user: Option<String>,
    /// The address.
    pub ip: Option<IpAddr>,
}

/// A row's key as text.
pub fn key_text(of: &Collection, row: &Row) -> String {
    match row.get(&of.key) {
        Some(Json::String(text)) => text.clone(),
        other => other.map(Json::to_string).unwrap_or_default(),
    }
}
