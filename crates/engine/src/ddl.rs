//! Changes of the tables, as data: shown, compared and compiled before anything happens.
//! Compiling asks nothing of the database but what introspection told; it must never drop what it does not understand.

pub mod definition;
mod mysql;
mod postgres;
mod sqlite;
pub mod types;

use crate::{
    Error, Result,
    schema::{
        Column, Ident,
        physical::{ForeignKey, Index, OWN, Physical, Table},
    },
    sql::{Dialect, Stmt},
};

/// One change.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new table with its columns, keys and indexes.
    CreateTable(Table),
    /// A table goes, with its indexes.
    DropTable {
        /// The table.
        table: String,
    },
    /// A new column, after the others.
    AddColumn {
        /// The table.
        table: String,
        /// The column.
        column: Column,
    },
    /// A column becomes another of the same name, in the same place.
    AlterColumn {
        /// The table.
        table: String,
        /// What it becomes.
        column: Column,
    },
    /// A column goes, with its foreign key and every index it is part of.
    DropColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A new index.
    CreateIndex {
        /// The table.
        table: String,
        /// The index.
        index: Index,
    },
    /// An index goes.
    DropIndex {
        /// The table.
        table: String,
        /// The index's name.
        index: String,
    },
    /// A new foreign key; with an index, unless one leads by the column already.
    AddForeignKey {
        /// The table.
        table: String,
        /// The key.
        key: ForeignKey,
    },
    /// The foreign key of a column goes; its index stays.
    DropForeignKey {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
}

impl Change {
    /// The table that changes.
    pub fn table(&self) -> &str {
        match self {
            Change::CreateTable(table) => &table.name,
            Change::DropTable { table }
            | Change::AddColumn { table, .. }
            | Change::AlterColumn { table, .. }
            | Change::DropColumn { table, .. }
            | Change::CreateIndex { table, .. }
            | Change::DropIndex { table, .. }
            | Change::AddForeignKey { table, .. }
            | Change::DropForeignKey { table, .. } => table,
        }
    }
}

/// Compiled changes.
#[derive(Debug, Default)]
pub struct Compiled {
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What is made anew. Its definition must be [judged](definition::judge) first: what introspection does not tell
    /// would be lost.
    pub rebuilt: Vec<Rebuilt>,
}

/// One statement of a change.
#[derive(Clone, Debug)]
pub struct Step {
    /// It binds nothing.
    pub stmt: Stmt,
    /// What takes it back, in order, where no transaction does.
    pub back: Vec<Stmt>,
    /// What ends it once everything is kept, where the step has only put something aside.
    pub last: Option<Stmt>,
}

impl From<Stmt> for Step {
    fn from(stmt: Stmt) -> Self {
        Step {
            stmt,
            back: Vec::new(),
            last: None,
        }
    }
}

/// A table that is made anew with its rows, or a column that is declared anew with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The table.
    pub table: String,
    /// The column; none for all of the table.
    pub column: Option<String>,
}

/// The longest name the index on a column gets before it is cut.
const INDEX_STEM_BYTES: usize = Ident::MAX_BYTES - "_unique".len();

/// The name of a column's index.
pub fn index_name(table: &str, column: &str, unique: bool) -> String {
    let mut name = format!("{table}_{column}");
    if name.len() > INDEX_STEM_BYTES {
        let cut = (0..=INDEX_STEM_BYTES).rev().find(|at| name.is_char_boundary(*at));
        name.truncate(cut.unwrap_or(0));
    }
    name.push_str(if unique { "_unique" } else { "_index" });
    name
}

/// The index that a foreign key gets by itself; its name is free in `physical`.
pub fn index_on_key(physical: &Physical, table: &str, column: &str) -> Index {
    named(physical, format!("{OWN}{table}"), column, false)
}

/// An index on one column; its name is free in `physical`.
pub fn index_on(physical: &Physical, table: &str, column: &str, unique: bool) -> Index {
    named(physical, table.to_owned(), column, unique)
}

fn named(physical: &Physical, stem: String, column: &str, unique: bool) -> Index {
    let wanted = index_name(&stem, column, unique);
    let taken = |name: &str| {
        let mut names = physical.tables.iter().flat_map(|t| &t.indexes).map(|i| i.name.as_str());
        names.any(|other| other.eq_ignore_ascii_case(name)) || find(physical, name).is_some()
    };
    let mut name = wanted.clone();
    for n in 2.. {
        if !taken(&name) {
            break;
        }
        name = format!("{wanted}_{n}");
    }
    Index {
        name,
        columns: vec![column.to_owned()],
        unique,
    }
}

/// Compiles changes in their order. `physical` is what the database says before them, and afterwards what it will say.
///
/// # Errors
/// `INVALID_PAYLOAD` where a change does not fit the tables, or cannot be written without loss.
pub fn compile(dialect: Dialect, physical: &mut Physical, changes: Vec<Change>) -> Result<Compiled> {
    match dialect {
        Dialect::Sqlite => sqlite::compile(physical, changes),
        Dialect::Postgres => postgres::compile(physical, changes),
        Dialect::MySql(_) => mysql::compile(physical, changes),
    }
}

/// The table of this name.
pub fn find<'a>(physical: &'a Physical, table: &str) -> Option<&'a Table> {
    physical.tables.iter().find(|t| t.name.eq_ignore_ascii_case(table))
}

fn find_mut<'a>(physical: &'a mut Physical, table: &str) -> Result<&'a mut Table> {
    physical
        .tables
        .iter_mut()
        .find(|t| t.name == table)
        .ok_or_else(|| Error::invalid_payload(format!("there is no table \"{table}\"")))
}

/// Whether an index leads by the column.
pub fn is_indexed(table: &Table, column: &str) -> bool {
    let first = |columns: &[String]| columns.first().is_some_and(|first| first == column);
    first(&table.primary_key) || table.indexes.iter().any(|index| first(&index.columns))
}

/// Makes the facts of a table what they are after a change of it.
fn apply(table: &mut Table, change: &Change) -> Result<()> {
    match change {
        Change::CreateTable(_) | Change::DropTable { .. } => {}
        Change::AddColumn { column, .. } => table.columns.push(column.clone()),
        Change::AlterColumn { column, .. } => {
            let place = table.columns.iter_mut().find(|c| c.name == column.name);
            *place.ok_or_else(|| no_column(&table.name, column.name.as_str()))? = column.clone();
        }
        Change::DropColumn { column, .. } => {
            table.columns.retain(|c| c.name.as_str() != column);
            table.foreign_keys.retain(|key| key.column != *column);
            table.indexes.retain(|index| !index.columns.contains(column));
        }
        Change::CreateIndex { index, .. } => table.indexes.push(index.clone()),
        Change::DropIndex { index, .. } => table.indexes.retain(|i| i.name != *index),
        Change::AddForeignKey { key, .. } => table.foreign_keys.push(key.clone()),
        Change::DropForeignKey { column, .. } => table.foreign_keys.retain(|key| key.column != *column),
    }
    table.settle();
    Ok(())
}

/// What happens to the pointing row, as it may be written.
fn reference_rule(name: &str) -> Result<&'static str> {
    Ok(match name {
        "NO ACTION" => "no action",
        "RESTRICT" => "restrict",
        "CASCADE" => "cascade",
        "SET NULL" => "set null",
        "SET DEFAULT" => "set default",
        _ => {
            return Err(Error::invalid_payload(format!("\"{name}\" is no rule for references")));
        }
    })
}

fn no_column(table: &str, column: &str) -> Error {
    Error::invalid_payload(format!("there is no column \"{column}\" in table \"{table}\""))
}

#[cfg(test)]
mod tests;
