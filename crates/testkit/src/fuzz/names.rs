//! Names that mean something to the server: collections, their fields, where relations lead, keys that exist. Without
//! them a malformed request would be refused at the door, and what is behind it never tried.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{random::Random, values};

const FIELDS: &str = include_str!("../../../../demo/src/fields.json");
const RELATIONS: &str = include_str!("../../../../demo/src/relations.json");
const POSTS: &str = include_str!("../../../../demo/src/content/posts.json");

/// Fields of the system's own collections that are worth asking for, allowed or not.
const SYSTEM: [(&str, &[&str]); 11] = [
    (
        "directus_users",
        &[
            "id",
            "email",
            "password",
            "token",
            "tfa_secret",
            "role",
            "policies",
            "status",
            "auth_data",
            "provider",
        ],
    ),
    (
        "directus_roles",
        &["id", "name", "parent", "children", "policies", "users"],
    ),
    (
        "directus_policies",
        &[
            "id",
            "name",
            "ip_access",
            "admin_access",
            "app_access",
            "permissions",
            "users",
            "roles",
        ],
    ),
    (
        "directus_permissions",
        &[
            "id",
            "collection",
            "action",
            "permissions",
            "validation",
            "presets",
            "fields",
            "policy",
        ],
    ),
    ("directus_access", &["id", "role", "user", "policy", "sort"]),
    (
        "directus_activity",
        &[
            "id",
            "action",
            "user",
            "timestamp",
            "ip",
            "collection",
            "item",
            "revisions",
        ],
    ),
    (
        "directus_revisions",
        &["id", "activity", "collection", "item", "data", "delta", "parent"],
    ),
    (
        "directus_presets",
        &["id", "bookmark", "user", "role", "collection", "layout_query", "filter"],
    ),
    (
        "directus_settings",
        &[
            "id",
            "project_name",
            "auth_password_policy",
            "auth_login_attempts",
            "public_registration",
        ],
    ),
    (
        "directus_files",
        &[
            "id",
            "storage",
            "filename_disk",
            "title",
            "type",
            "folder",
            "uploaded_by",
            "filesize",
        ],
    ),
    ("directus_sessions", &["token", "user", "expires"]),
];

/// Collections, fields and keys of the server under test.
pub(crate) struct Names {
    collections: Vec<String>,
    fields: BTreeMap<String, Vec<String>>,
    /// Where a relational field of a collection leads.
    targets: BTreeMap<(String, String), String>,
    keys: Vec<String>,
}

impl Names {
    /// The names of the demo project and of the system's collections.
    pub(crate) fn of_demo() -> Result<Self> {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for field in rows(FIELDS)? {
            fields
                .entry(text(&field, "/collection"))
                .or_default()
                .push(text(&field, "/field"));
        }
        let mut targets = BTreeMap::new();
        for relation in rows(RELATIONS)? {
            let (many, one) = (text(&relation, "/collection"), text(&relation, "/related_collection"));
            targets.insert((one.clone(), text(&relation, "/meta/one_field")), many.clone());
            targets.insert((many, text(&relation, "/field")), one);
        }
        for (collection, own) in SYSTEM {
            fields.insert(
                collection.to_owned(),
                own.iter().map(|name| (*name).to_owned()).collect(),
            );
        }
        Ok(Self {
            collections: fields.keys().cloned().collect(),
            fields,
            targets,
            keys: rows(POSTS)?.iter().take(20).map(|row| text(row, "/id")).collect(),
        })
    }

    /// A collection; seldom one that is none.
    pub(crate) fn collection(&self, random: &mut Random) -> String {
        if random.slip(12) {
            return values::text(random);
        }
        // Posts have every kind of relation and rules for everybody: they are asked most.
        if random.chance(30) {
            return "posts".to_owned();
        }
        random.one(&self.collections).cloned().unwrap_or_default()
    }

    /// A field of a collection; seldom one that is none.
    pub(crate) fn field(&self, collection: &str, random: &mut Random) -> String {
        if random.slip(12) {
            return values::text(random);
        }
        let own = self.fields.get(collection).and_then(|fields| random.one(fields));
        own.cloned().unwrap_or_else(|| "id".to_owned())
    }

    /// Where a field leads, if it is a relation.
    pub(crate) fn target(&self, collection: &str, field: &str) -> Option<&str> {
        self.targets
            .get(&(collection.to_owned(), field.to_owned()))
            .map(String::as_str)
    }

    /// A key: one that exists, a number, a UUID, or nonsense.
    pub(crate) fn key(&self, random: &mut Random) -> String {
        match random.below(6) {
            0 | 1 => random.one(&self.keys).cloned().unwrap_or_default(),
            2 => random.below(300).to_string(),
            3 => values::uuid(random),
            4 => "me".to_owned(),
            _ => values::text(random),
        }
    }
}

fn rows(text: &str) -> Result<Vec<Value>> {
    serde_json::from_str(text).context("the demo's files")
}

fn text(row: &Value, pointer: &str) -> String {
    match row.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}
