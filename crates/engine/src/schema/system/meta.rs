//! Reads the embedded files, which leave out what is usual, into whole metadata objects.
//! Key order is part of the contract: objects are built key by key, in the order the API tells them.

use serde_json::Value;

use super::{Json, Kind, Object, Permission, System, SystemCollection, SystemField, SystemRelation};

const COLLECTIONS: &str = include_str!("collections.json");
const FIELDS: &str = include_str!("fields.json");
const RELATIONS: &str = include_str!("relations.json");
const PERMISSIONS: &str = include_str!("permissions.json");

/// Everything, or what is wrong with the files.
pub(super) fn read() -> Result<System, serde_json::Error> {
    let collections: Vec<Object> = serde_json::from_str(COLLECTIONS)?;
    let fields: Object = serde_json::from_str(FIELDS)?;
    let relations: Vec<Object> = serde_json::from_str(RELATIONS)?;
    let permission_rows: Vec<Object> = serde_json::from_str::<Vec<Object>>(PERMISSIONS)?
        .into_iter()
        .map(permission_row)
        .collect();
    let mut system = System {
        collections: collections.into_iter().map(collection).collect(),
        fields: Vec::new(),
        by_name: Default::default(),
        relations: relations.into_iter().map(relation).collect(),
        permissions: permission_rows.iter().filter_map(permission).collect(),
        permission_rows,
    };
    for (name, list) in fields {
        for entry in list.as_array().into_iter().flatten() {
            let field = field(&name, entry);
            let index = system.fields.len();
            system
                .by_name
                .entry(name.clone())
                .or_default()
                .insert(field.name.clone(), index);
            system.fields.push(field);
        }
    }
    Ok(system)
}

fn text(entry: &Value, key: &str) -> String {
    entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Copies `keys` from an entry, each with what it is when the entry leaves it out.
fn fill(target: &mut Object, entry: &Value, keys: &[(&str, Value)]) {
    for (key, usual) in keys {
        let value = entry.get(*key).cloned().unwrap_or_else(|| usual.clone());
        target.insert((*key).to_owned(), value);
    }
}

fn collection(entry: Object) -> SystemCollection {
    let entry = Value::Object(entry);
    let mut meta = Object::new();
    fill(
        &mut meta,
        &entry,
        &[
            ("collection", Value::Null),
            ("hidden", Value::Bool(false)),
            ("singleton", Value::Bool(false)),
            ("icon", Value::Null),
            ("note", Value::Null),
            ("translations", Value::Null),
            ("display_template", Value::Null),
            ("accountability", Value::from("all")),
        ],
    );
    for key in ["sort_field", "archive_field", "archive_value", "unarchive_value"] {
        if let Some(value) = entry.get(key) {
            meta.insert(key.to_owned(), value.clone());
        }
    }
    meta.insert("system".to_owned(), Value::Bool(true));
    SystemCollection {
        name: text(&entry, "collection"),
        meta,
    }
}

fn field(collection: &str, entry: &Value) -> SystemField {
    let name = text(entry, "field");
    // Only a field that has metadata has a place in the form.
    let meta = entry.get("sort").map(|_| {
        let mut meta = Object::new();
        meta.insert("system".to_owned(), Value::Bool(true));
        meta.insert("collection".to_owned(), Value::from(collection));
        fill(
            &mut meta,
            entry,
            &[
                ("field", Value::Null),
                ("special", Value::Null),
                ("interface", Value::Null),
                ("options", Value::Null),
                ("display", Value::Null),
                ("display_options", Value::Null),
                ("readonly", Value::Bool(false)),
                ("hidden", Value::Bool(false)),
                ("sort", Value::Null),
                ("width", Value::from("full")),
                ("group", Value::Null),
                ("translations", Value::Null),
                ("note", Value::Null),
                ("conditions", Value::Null),
                ("required", Value::Bool(false)),
                ("searchable", Value::Bool(true)),
            ],
        );
        meta
    });
    SystemField {
        collection: collection.to_owned(),
        name,
        kind: entry
            .get("type")
            .and_then(Value::as_str)
            .and_then(Kind::parse)
            .unwrap_or(Kind::Unknown),
        meta,
    }
}

fn relation(entry: Object) -> SystemRelation {
    let mut meta = Object::new();
    fill(
        &mut meta,
        &Value::Object(entry),
        &[
            ("many_collection", Value::Null),
            ("many_field", Value::Null),
            ("one_collection", Value::Null),
            ("one_field", Value::Null),
            ("one_allowed_collections", Value::Null),
            ("one_collection_field", Value::Null),
            ("one_deselect_action", Value::from("nullify")),
            ("junction_field", Value::Null),
            ("sort_field", Value::Null),
        ],
    );
    meta.insert("system".to_owned(), Value::Bool(true));
    SystemRelation { meta }
}

fn permission_row(entry: Object) -> Object {
    let mut row = Object::new();
    row.insert("policy".to_owned(), Value::Null);
    for key in ["permissions", "validation", "presets", "fields"] {
        row.insert(key.to_owned(), entry.get(key).cloned().unwrap_or_default());
    }
    row.insert("system".to_owned(), Value::Bool(true));
    for key in ["collection", "action"] {
        row.insert(key.to_owned(), entry.get(key).cloned().unwrap_or_default());
    }
    row
}

fn permission(row: &Object) -> Option<Permission> {
    let part = |key: &str| row.get(key).unwrap_or(&Json::Null);
    Permission::parse(
        part("collection").as_str()?,
        part("action").as_str()?,
        part("permissions"),
        part("validation"),
        part("presets"),
        part("fields"),
    )
}
