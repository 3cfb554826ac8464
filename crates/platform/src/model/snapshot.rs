//! The model as a file: taken, read, compared, applied, in the form that Directus has for it. Tables without metadata are no
//! part of it, and neither are the indexes that foreign keys get by themselves: they are never dropped by it.

mod apply;
pub(super) mod compare;
mod deep;
mod parse;

use aedile_engine::{
    Json, Object, Result,
    schema::{Collection, Relation, system},
    sql::Dialect,
};
use aws_lc_rs::digest;
use serde_json::json;

use super::{Everything, Model, change::admitted, fields};
use crate::{Cx, INTERFACE};
pub use apply::Application;
pub(super) use apply::apply;
pub use compare::Difference;
pub use parse::Wanted;

/// The form of the file.
const VERSION: u64 = 1;

/// The parts of a column that the file has, in its order.
const COLUMN: [&str; 16] = [
    "name",
    "table",
    "data_type",
    "default_value",
    "max_length",
    "numeric_precision",
    "numeric_scale",
    "is_nullable",
    "is_unique",
    "is_indexed",
    "is_primary_key",
    "is_generated",
    "generation_expression",
    "has_auto_increment",
    "foreign_key_table",
    "foreign_key_column",
];

/// The parts of a foreign key that the file has, in its order.
const CONSTRAINT: [&str; 7] = [
    "table",
    "column",
    "foreign_key_table",
    "foreign_key_column",
    "constraint_name",
    "on_update",
    "on_delete",
];

/// Takes a snapshot for an administrator.
///
/// # Errors
/// `FORBIDDEN` for everybody else.
pub fn snapshot(cx: &Cx) -> Result<Json> {
    admitted(cx)?;
    take(&cx.snapshot.model, cx.app.db().dialect())
}

/// Compares the model with a snapshot for an administrator; none where nothing differs. A snapshot of another version of
/// the interface or of another sort of database is taken with `force` alone.
///
/// # Errors
/// `FORBIDDEN` for everybody else; `INVALID_PAYLOAD` for what is no snapshot, or is one of another version or database.
pub fn compare(cx: &Cx, snapshot: &Json, force: bool) -> Result<Option<Difference>> {
    admitted(cx)?;
    let wanted = Wanted::parse(snapshot)?;
    if !force {
        wanted.fits(cx.app.db().dialect())?;
    }
    compare::compare(&cx.snapshot.model, cx.app.db().dialect(), &wanted)
}

/// What a database is called in the file.
fn vendor(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "sqlite",
        Dialect::Postgres => "postgres",
        Dialect::MySql(_) => "mysql",
    }
}

/// The whole snapshot. Parts are sorted by their collection; the fields of one stand as they were made.
pub(crate) fn take(model: &Model, dialect: Dialect) -> Result<Json> {
    let mut collections: Vec<&String> = model
        .collections
        .keys()
        .filter(|name| !system::is_system(name))
        .collect();
    collections.sort();
    let mut tables: Vec<&Collection> = model.schema.collections().filter(|table| table.managed).collect();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    let mut relations: Vec<&Relation> = model
        .schema
        .relations()
        .iter()
        .filter(|one| is_told(model, one))
        .collect();
    relations.sort_by(|a, b| (&a.many, &a.many_field).cmp(&(&b.many, &b.many_field)));
    let mut fields = Vec::new();
    let mut system_fields = Vec::new();
    for table in tables {
        for name in table.fields.keys() {
            match system::field(&table.name, name) {
                None => fields.push(field(model, table, name, dialect)?),
                Some(_) => system_fields.extend(indexed(table, name)),
            }
        }
    }
    system_fields.sort_by_key(|field| field.to_string());
    Ok(json!({
        "version": VERSION,
        "directus": INTERFACE,
        "vendor": vendor(dialect),
        "collections": collections.into_iter().map(|name| collection(model, name)).collect::<Json>(),
        "fields": fields,
        "systemFields": system_fields,
        "relations": relations.into_iter().map(relation).collect::<Json>(),
    }))
}

/// Whether a relation is the project's own, of a table that the file tells of.
fn is_told(model: &Model, relation: &Relation) -> bool {
    let managed = model
        .schema
        .collection(&relation.many)
        .is_some_and(|table| table.managed);
    managed && system::field(&relation.many, &relation.many_field).is_none()
}

/// What tells two states of the model apart.
fn hash(snapshot: &Json) -> String {
    let hash = digest::digest(&digest::SHA256, snapshot.to_string().as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn collection(model: &Model, name: &str) -> Json {
    let mut told = json!({"collection": name, "meta": model.collections.get(name).map(sorted)});
    if model.schema.collection(name).is_some() {
        say(&mut told, "schema", json!({"name": name}));
    }
    told
}

fn field(model: &Model, table: &Collection, name: &str, dialect: Dialect) -> Result<Json> {
    let known = fields::one(model, &Everything, &table.name, name)?;
    let part = |key: &str| known.get(key).cloned().unwrap_or_default();
    let mut told = json!({"collection": table.name, "field": name, "type": part("type")});
    let meta = part("meta");
    say(
        &mut told,
        "meta",
        meta.as_object().map_or(Json::Null, |meta| sorted(meta).into()),
    );
    if let Json::Object(schema) = part("schema") {
        say(&mut told, "schema", column(schema, &table.name, dialect).into());
    }
    Ok(told)
}

fn column(mut schema: Object, table: &str, dialect: Dialect) -> Object {
    let counts = schema.get("has_auto_increment") == Some(&Json::Bool(true));
    if counts && dialect == Dialect::Postgres {
        // As its own catalogue tells it.
        let name = schema.get("name").and_then(Json::as_str).unwrap_or_default();
        let sequence = format!("nextval('{table}_{name}_seq'::regclass)");
        schema.insert("default_value".to_owned(), sequence.into());
    }
    parts(&schema, &COLUMN)
}

/// Parts of an object by their names; null where it has none.
fn parts(object: &Object, names: &[&str]) -> Object {
    let part = |name: &&str| ((*name).to_owned(), object.get(*name).cloned().unwrap_or_default());
    names.iter().map(part).collect()
}

/// A system field by which an index leads, as far as it may change.
fn indexed(table: &Collection, name: &str) -> Option<Json> {
    let column = table.field(name)?.column.as_ref()?;
    column
        .indexed
        .then(|| json!({"collection": table.name, "field": name, "schema": {"is_indexed": true}}))
}

fn relation(relation: &Relation) -> Json {
    let mut told = json!({
        "collection": relation.many,
        "field": relation.many_field,
        "related_collection": relation.one,
        "meta": relation.meta.as_ref().and_then(Json::as_object).map(sorted),
    });
    if let Some(constraint) = relation.constraint.as_ref().and_then(Json::as_object) {
        say(&mut told, "schema", parts(constraint, &CONSTRAINT).into());
    }
    told
}

/// Metadata by name, without the number of its row.
fn sorted(meta: &Object) -> Object {
    let mut named: Vec<_> = meta.iter().filter(|(name, _)| *name != "id").collect();
    named.sort_by_key(|(name, _)| *name);
    named
        .into_iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn say(told: &mut Json, name: &str, value: Json) {
    if let Json::Object(told) = told {
        told.insert(name.to_owned(), value);
    }
}
