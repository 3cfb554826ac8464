//! A plan as sentences, one for each change, in the order in which they happen. They name what goes with its number; they
//! never tell a stored value.

use aedile_engine::{Json, Object, ddl::Change, schema::Column};

use super::{Plan, RowChange, Sweep, TableChange, What};
use crate::model::rows::text;

/// The sentences.
pub(super) fn of(plan: &Plan) -> Vec<String> {
    let tables = plan.tables.iter().map(table);
    let swept = plan.sweeps.iter().filter(|sweep| sweep.found > 0).map(sweep);
    tables.chain(swept).chain(plan.rows.iter().map(row)).collect()
}

/// What a change is called.
pub(super) fn action(change: &Change) -> &'static str {
    match change {
        Change::CreateTable(_) => "create_table",
        Change::DropTable { .. } => "drop_table",
        Change::AddColumn { .. } => "add_column",
        Change::AlterColumn { .. } => "alter_column",
        Change::DropColumn { .. } => "drop_column",
        Change::CreateIndex { .. } => "create_index",
        Change::DropIndex { .. } => "drop_index",
        Change::AddForeignKey { .. } => "add_foreign_key",
        Change::DropForeignKey { .. } => "drop_foreign_key",
    }
}

fn table(planned: &TableChange) -> String {
    let lost = |what: &str| match planned.lost {
        Some(n) if n > 0 => format!(", and {} with it", counted(n, what)),
        _ => String::new(),
    };
    match &planned.change {
        Change::CreateTable(table) => {
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            format!("Table {} is made, with the columns {}.", table.name, columns.join(", "))
        }
        Change::DropTable { table } => format!("Table {table} goes{}.", lost("row")),
        Change::AddColumn { table, column } => {
            format!("Column {table}.{} is added: {}.", column.name.as_str(), shape(column))
        }
        Change::AlterColumn { table, column } => {
            let before = planned.before.as_ref().map(shape).unwrap_or_default();
            let name = column.name.as_str();
            format!("Column {table}.{name} becomes {}; it was {before}.", shape(column))
        }
        Change::DropColumn { table, column } => format!("Column {table}.{column} goes{}.", lost("value")),
        Change::CreateIndex { table, index } => {
            let unique = if index.unique { ", which forbids doubles" } else { "" };
            let columns = index.columns.join(", ");
            format!("Table {table} gets an index on {columns}{unique}.")
        }
        Change::DropIndex { table, index } => format!("Table {table} loses its index {index}."),
        Change::AddForeignKey { table, key } => format!(
            "Column {table}.{} points at {}.{} (on delete: {}, on update: {}).",
            key.column,
            key.table,
            key.target,
            key.on_delete.to_lowercase(),
            key.on_update.to_lowercase()
        ),
        Change::DropForeignKey { table, column } => {
            format!("Column {table}.{column} is not held to what it points at any more.")
        }
    }
}

fn sweep(sweep: &Sweep) -> String {
    let rows = counted(sweep.found, "row");
    match sweep.emptied {
        None => format!("{rows} of {} that speak of {} go.", sweep.table, sweep.collection),
        Some(column) => format!(
            "{rows} of {} forget their {column}: it spoke of {}.",
            sweep.table, sweep.collection
        ),
    }
}

fn row(planned: &RowChange) -> String {
    let about = about(planned.layout.table, &planned.key);
    match &planned.what {
        What::Create(_) => format!("{about} is described."),
        What::Update(_, values) => {
            let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
            format!("{about} changes: {}.", names.join(", "))
        }
        What::Delete(_) => format!("{about} goes."),
    }
}

/// What a row is about.
fn about(table: &str, key: &Object) -> String {
    let part = |name: &str| text(key, name).unwrap_or_default();
    match table {
        "directus_collections" => format!("Collection {}", part("collection")),
        "directus_fields" => format!("Field {}.{}", part("collection"), part("field")),
        "directus_relations" => format!("Relation {}.{}", part("many_collection"), part("many_field")),
        _ => format!("Permission {}", key.get("id").cloned().unwrap_or_default()),
    }
}

fn shape(column: &Column) -> String {
    let mut told = column.data_type.clone();
    match (column.max_length, column.precision, column.scale) {
        (Some(length), ..) => told += &format!("({length})"),
        // Whole numbers have digits too, but nobody chooses them.
        (_, Some(digits), Some(scale)) if ["decimal", "numeric"].contains(&column.data_type.as_str()) => {
            told += &format!("({digits}, {scale})");
        }
        _ => {}
    }
    told += if column.nullable { ", may be null" } else { ", not null" };
    match &column.default {
        _ if column.default_now => told += ", by default the current time",
        Some(Json::Null) | None => {}
        Some(default) => told += &format!(", by default {default}"),
    }
    told
}

fn counted(n: i64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
