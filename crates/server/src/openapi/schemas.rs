//! What items look like: the fields that the reader may read or write, and where they lead.

use aedile_engine::{
    Json, Object,
    access::Action,
    schema::{Collection, Field, Kind, Link, Special},
};
use serde_json::json;

use super::Reader;

/// The schemas of all collections, and of what answers have beside items.
pub fn all(reader: &Reader<'_>) -> Object {
    let mut schemas = Object::new();
    schemas.insert(
        "x-metadata".to_owned(),
        json!({"type": "object", "properties": {
            "total_count": {"type": "integer", "description": "Items that you may read."},
            "filter_count": {"type": "integer", "description": "Those of them that the filter and the search leave."},
        }}),
    );
    schemas.insert(
        "x-errors".to_owned(),
        json!({"type": "object", "properties": {"errors": {"type": "array", "items": {"type": "object", "properties": {
            "message": {"type": "string"},
            "extensions": {"type": "object", "properties": {"code": {"type": "string"}}, "additionalProperties": true},
        }}}}}),
    );
    for c in reader.collections() {
        if let Some(name) = reader.names.get(&c.name) {
            schemas.insert(name.to_owned(), item(reader, c));
        }
    }
    schemas
}

fn item(reader: &Reader<'_>, c: &Collection) -> Json {
    let mut properties = Object::new();
    for field in c.fields.values() {
        let granted = [Action::Read, Action::Create, Action::Update]
            .into_iter()
            .any(|action| reader.cx.access.grant(&c.name, action).has(&field.name));
        if granted && let Some(schema) = property(reader, c, field) {
            properties.insert(field.name.clone(), schema);
        }
    }
    json!({"type": "object", "properties": properties})
}

/// A field; none where it leads only to what the reader may not see, or holds nothing.
fn property(reader: &Reader<'_>, c: &Collection, field: &Field) -> Option<Json> {
    let mut told = match reader.cx.schema().link(&c.name, &field.name) {
        Some(Link::One { target, .. }) => one(reader, field, target),
        Some(Link::Many { target, .. }) => {
            let reference = readable(reader, target)?;
            let key = target.key_field().map_or_else(|| json!({"type": "string"}), plain);
            json!({"type": "array", "items": {"oneOf": [key, {"$ref": reference}]}})
        }
        Some(Link::Any { relation }) => {
            let allowed = relation.one_allowed.iter();
            let targets = allowed.filter_map(|name| readable(reader, reader.cx.schema().collection(name)?));
            let refs = targets.map(|reference| json!({"$ref": reference}));
            let all: Vec<Json> = std::iter::once(json!({"type": "string"})).chain(refs).collect();
            json!({"oneOf": all})
        }
        None if field.column.is_none() => return None,
        None => plain(field),
    };
    let nullable = field.column.as_ref().is_none_or(|column| column.nullable);
    if let (true, Json::Object(told)) = (nullable, &mut told) {
        told.insert("nullable".to_owned(), true.into());
    }
    Some(told)
}

fn one(reader: &Reader<'_>, field: &Field, target: &Collection) -> Json {
    let key = plain(field);
    match readable(reader, target) {
        Some(reference) => json!({"oneOf": [key, {"$ref": reference}]}),
        None => key,
    }
}

fn readable(reader: &Reader<'_>, target: &Collection) -> Option<String> {
    reader
        .may(&target.name, Action::Read)
        .then(|| reader.names.reference(&target.name))?
}

/// A value of a field's kind, as answers hold it.
fn plain(field: &Field) -> Json {
    if field.is(Special::CastBoolean) {
        return json!({"type": "boolean"});
    }
    match field.kind {
        Kind::Integer => json!({"type": "integer"}),
        Kind::Float => json!({"type": "number"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::BigInteger => json!({"type": "string", "format": "int64"}),
        Kind::Decimal => json!({"type": "string", "format": "decimal"}),
        Kind::Uuid => json!({"type": "string", "format": "uuid"}),
        Kind::Date => json!({"type": "string", "format": "date"}),
        Kind::Time => json!({"type": "string", "format": "time"}),
        Kind::DateTime | Kind::Timestamp => json!({"type": "string", "format": "date-time"}),
        Kind::Csv => json!({"type": "array", "items": {"type": "string"}}),
        Kind::Json => json!({}),
        kind if kind.is_geometry() => json!({"type": "object"}),
        _ => json!({"type": "string"}),
    }
}
