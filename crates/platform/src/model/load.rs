//! Reading the model: the database's own facts, joined with metadata rows and the system's embedded metadata.
//! Must not fail on what others put into the database: what cannot be used is left out and named in `problems`.

use std::{collections::HashMap, sync::Arc};

use aedile_db::{Db, Row, Tx};
use aedile_engine::{
    Json, Object, Result,
    access::Rule,
    query::filter::Context,
    schema::{
        Accountability, Collection, Deselect, Field, Ident, Kind, Relation, Schema, Special,
        physical::{ForeignKey, Physical, Table},
        system,
    },
};
use indexmap::IndexMap;
use serde_json::json;

use super::{
    Model, kind,
    rows::{self, Layout, flag, text, words},
};

/// Reads the model as it is now.
pub async fn load(db: &Db) -> Result<Model> {
    let physical = db.introspect().await?;
    let mut rows = Rows::default();
    for layout in METADATA {
        let columns = columns(&physical, layout);
        if !columns.is_empty() {
            let select = Arc::new(layout.select(db.dialect(), &columns));
            *rows.of_mut(layout) = told(&columns, db.fetch(select, Vec::new()).await?);
        }
    }
    Ok(assemble(&physical, rows))
}

/// Reads the model as a transaction sees it, its own changes included.
pub async fn load_in(tx: &mut Tx) -> Result<Model> {
    let (physical, rows) = both(tx).await?;
    Ok(assemble(&physical, rows))
}

/// Reads what the model is made of within a transaction: the database's facts, and the metadata.
pub(super) async fn both(tx: &mut Tx) -> Result<(Physical, Rows)> {
    let physical = tx.introspect().await?;
    let mut read = Rows::default();
    for layout in METADATA {
        *read.of_mut(layout) = rows(tx, &physical, layout).await?;
    }
    Ok((physical, read))
}

/// Every row of a metadata table; none in a database without it.
pub(super) async fn rows(tx: &mut Tx, physical: &Physical, layout: &Layout) -> Result<Vec<Object>> {
    let columns = columns(physical, layout);
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let select = layout.select(tx.dialect(), &columns);
    Ok(told(&columns, tx.fetch(&select, &[]).await?))
}

fn told(columns: &[rows::Column], stored: Vec<Row>) -> Vec<Object> {
    stored.into_iter().map(|row| rows::object(columns, row)).collect()
}

/// The metadata columns that are there; none in a database without the system's tables.
fn columns(physical: &Physical, layout: &Layout) -> Vec<rows::Column> {
    physical
        .tables
        .iter()
        .find(|table| table.name == layout.table)
        .map(|table| layout.present(table))
        .unwrap_or_default()
}

/// What the model is made of beside the database's facts.
const METADATA: [&Layout; 3] = [&rows::COLLECTIONS, &rows::FIELDS, &rows::RELATIONS];

/// The metadata rows, as the API tells them.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) collections: Vec<Object>,
    pub(super) fields: Vec<Object>,
    pub(super) relations: Vec<Object>,
    /// Permissions, which are no part of the model: none until somebody asks for them.
    pub(super) permissions: Option<Vec<Object>>,
}

impl Rows {
    /// The rows of one table.
    pub(super) fn of_mut(&mut self, layout: &Layout) -> &mut Vec<Object> {
        match layout.table {
            "directus_collections" => &mut self.collections,
            "directus_fields" => &mut self.fields,
            "directus_relations" => &mut self.relations,
            _ => self.permissions.get_or_insert_default(),
        }
    }
}

/// Joins facts and metadata.
pub(super) fn assemble(physical: &Physical, rows: Rows) -> Model {
    let mut problems = Vec::new();
    let collections: IndexMap<String, Object> = rows
        .collections
        .into_iter()
        .filter_map(|row| Some((text(&row, "collection")?.to_owned(), row)))
        .collect();
    let mut fields: HashMap<String, Vec<Object>> = HashMap::new();
    for row in rows.fields {
        if let Some(collection) = text(&row, "collection") {
            fields.entry(collection.to_owned()).or_default().push(row);
        }
    }
    let mut strays = Vec::new();
    let mut made = Vec::new();
    for table in &physical.tables {
        let metadata = metadata_of(&table.name, &collections);
        if system::is_system(&table.name) && metadata.is_none() {
            problems.push(format!(
                "table \"{}\" is not one of the system's and is left out",
                table.name
            ));
            continue;
        }
        let [key] = table.primary_key.as_slice() else {
            problems.push(format!(
                "table \"{}\" is left out: it needs a primary key of exactly one column",
                table.name
            ));
            continue;
        };
        let rows = fields.remove(&table.name).unwrap_or_default();
        made.push(collection(table, key, metadata, rows, &mut strays));
    }
    strays.extend(fields.into_values().flatten());
    let relations = relations(physical, &made, rows.relations, &mut problems);
    Model {
        schema: Schema::new(made, relations),
        collections,
        strays,
        problems,
    }
}

fn metadata_of<'a>(table: &str, collections: &'a IndexMap<String, Object>) -> Option<&'a Object> {
    if system::is_system(table) {
        system::collections().iter().find(|c| c.name == table).map(|c| &c.meta)
    } else {
        collections.get(table)
    }
}

fn collection(
    table: &Table,
    key: &str,
    metadata: Option<&Object>,
    rows: Vec<Object>,
    strays: &mut Vec<Object>,
) -> Collection {
    let told = |key: &str| metadata.and_then(|row| text(row, key)).map(str::to_owned);
    let accountability = match metadata {
        // A table without metadata is recorded like any other.
        None => Accountability::All,
        Some(row) => match text(row, "accountability") {
            Some("all") => Accountability::All,
            Some("activity") => Accountability::Activity,
            _ => Accountability::None,
        },
    };
    Collection {
        name: table.name.clone(),
        table: Ident::new(&table.name),
        key: key.to_owned(),
        fields: fields(table, rows, strays),
        singleton: metadata.is_some_and(|row| flag(row, "singleton", false)),
        sort_field: told("sort_field"),
        accountability,
        system: system::is_system(&table.name),
        managed: metadata.is_some(),
    }
}

/// Columns first, in their order, then aliases in the order they were made.
fn fields(table: &Table, rows: Vec<Object>, strays: &mut Vec<Object>) -> IndexMap<String, Field> {
    let mut by_name: IndexMap<String, Object> = IndexMap::new();
    for row in rows {
        if let Some(name) = text(&row, "field").map(str::to_owned) {
            by_name.entry(name).or_insert(row);
        }
    }
    let mut made = IndexMap::new();
    for column in &table.columns {
        let name = column.name.as_str();
        let row = by_name.shift_remove(name);
        let mut field = match system::field(&table.name, name) {
            Some(known) => field(name, known.meta.clone(), |_| known.kind),
            None => field(name, row, |flags| kind::of(column, flags)),
        };
        field.column = Some(column.clone());
        made.insert(name.to_owned(), field);
    }
    let known = system::fields()
        .iter()
        .filter(|field| field.collection == table.name && field.kind == Kind::Alias);
    for alias in known {
        made.entry(alias.name.clone())
            .or_insert_with(|| field(&alias.name, alias.meta.clone(), |_| Kind::Alias));
    }
    for (name, row) in by_name {
        let alias = field(&name, Some(row), |_| Kind::Alias);
        if alias.special.iter().copied().any(is_alias) {
            made.entry(name).or_insert(alias);
        } else if let Some(Json::Object(row)) = alias.meta {
            strays.push(row);
        }
    }
    made
}

/// Flags of fields that have no column.
pub(super) fn is_alias(special: Special) -> bool {
    matches!(
        special,
        Special::Alias
            | Special::NoData
            | Special::Group
            | Special::O2m
            | Special::M2m
            | Special::M2a
            | Special::Files
            | Special::Translations
    )
}

fn field(name: &str, meta: Option<Object>, kind: impl FnOnce(&[String]) -> Kind) -> Field {
    let flags = meta.as_ref().map(|row| words(row, "special")).unwrap_or_default();
    Field {
        name: name.to_owned(),
        kind: kind(&flags),
        special: flags.iter().filter_map(|flag| Special::parse(flag)).collect(),
        column: None,
        validation: meta
            .as_ref()
            .and_then(|row| row.get("validation"))
            .map(|rule| Rule::parse(rule, Context::Validation)),
        searchable: meta.as_ref().is_none_or(|row| flag(row, "searchable", true)),
        meta: meta.map(Json::Object),
    }
}

/// The system's relations, those of the project, then foreign keys that no row speaks of.
fn relations(physical: &Physical, made: &[Collection], rows: Vec<Object>, problems: &mut Vec<String>) -> Vec<Relation> {
    let mut constraints: Vec<(&str, &ForeignKey)> = physical
        .tables
        .iter()
        .flat_map(|table| table.foreign_keys.iter().map(|foreign| (table.name.as_str(), foreign)))
        .collect();
    let mut told = Vec::new();
    let known = system::relations().iter().map(|relation| relation.meta.clone());
    for row in known.chain(rows) {
        let (Some(many), Some(field)) = (text(&row, "many_collection"), text(&row, "many_field")) else {
            continue;
        };
        if !has_field(made, many, field) {
            problems.push(format!(
                "the relation of \"{many}.{field}\" is left out: there is no such field"
            ));
            continue;
        }
        // Each constraint belongs to the first relation of its column.
        let position = constraints
            .iter()
            .position(|(table, foreign)| *table == many && foreign.column == field);
        let constraint = position.map(|position| constraints.remove(position).1);
        let indexed = is_indexed(physical, many, field);
        told.push(described(row, constraint, indexed));
    }
    for (many, foreign) in constraints {
        let column = foreign.column.as_str();
        let to_key = made.iter().any(|c| c.name == foreign.table && c.key == foreign.target);
        if has_field(made, many, column) && to_key {
            told.push(bare(many, foreign, is_indexed(physical, many, column)));
        } else {
            problems.push(format!(
                "the foreign key \"{many}.{column}\" is no relation: it does not lead to a collection's key"
            ));
        }
    }
    told
}

fn has_field(made: &[Collection], name: &str, field: &str) -> bool {
    made.iter()
        .find(|c| c.name == name)
        .is_some_and(|c| c.fields.contains_key(field))
}

fn described(row: Object, constraint: Option<&ForeignKey>, indexed: bool) -> Relation {
    let told = |key: &str| text(&row, key).map(str::to_owned);
    let many = told("many_collection").unwrap_or_default();
    Relation {
        many_field: told("many_field").unwrap_or_default(),
        one: told("one_collection"),
        one_field: told("one_field"),
        one_collection_field: told("one_collection_field"),
        one_allowed: words(&row, "one_allowed_collections"),
        junction_field: told("junction_field"),
        sort_field: told("sort_field"),
        deselect: match text(&row, "one_deselect_action") {
            Some("delete") => Deselect::Delete,
            _ => Deselect::Nullify,
        },
        indexed,
        constraint: constraint.map(|foreign| constraint_json(&many, foreign)),
        many,
        meta: Some(Json::Object(row)),
    }
}

fn bare(many: &str, foreign: &ForeignKey, indexed: bool) -> Relation {
    Relation {
        many: many.to_owned(),
        many_field: foreign.column.clone(),
        one: Some(foreign.table.clone()),
        one_field: None,
        one_collection_field: None,
        one_allowed: Vec::new(),
        junction_field: None,
        sort_field: None,
        deselect: Deselect::Nullify,
        indexed,
        meta: None,
        constraint: Some(constraint_json(many, foreign)),
    }
}

fn constraint_json(table: &str, foreign: &ForeignKey) -> Json {
    json!({
        "constraint_name": foreign.name,
        "table": table,
        "column": foreign.column,
        "foreign_key_table": foreign.table,
        "foreign_key_column": foreign.target,
        "on_update": foreign.on_update,
        "on_delete": foreign.on_delete,
    })
}

fn is_indexed(physical: &Physical, table: &str, column: &str) -> bool {
    physical.tables.iter().find(|t| t.name == table).is_some_and(|table| {
        table.primary_key.first().is_some_and(|first| first == column)
            || table
                .indexes
                .iter()
                .any(|index| index.columns.first().is_some_and(|first| first == column))
    })
}

#[cfg(test)]
mod tests;
