//! The way of MariaDB and MySQL of changing tables, in words that both take: every change directly, and named as the reference's tools name things. Each has a way
//! back: what goes is put aside under another name first. Must never drop what nobody asked to drop: nothing here cascades.

use super::{
    Change, Compiled, Rebuilt, Step, apply, find, find_mut, index_on_key, is_indexed, no_column, reference_rule, types,
    types::Arguments,
};
use crate::{
    Error, Json, Result,
    schema::{
        Column, Ident,
        physical::{ForeignKey, GONE, Index, Physical, Table},
    },
    sql::{Dialect, Flavour, Sql, Stmt},
};

/// A moment in UTC. MariaDB's own type for such begins in 1970 and ends in 2038, so that it is kept as a date and time whose
/// comment says what it is; introspection tells it as this.
const MOMENT: &str = "timestamp";

/// Digits after the second: moments are exact to the millisecond as everywhere, times of day to what can be written.
const FRACTIONS: [(&str, &str); 3] = [("datetime", "(3)"), ("timestamp", "(3)"), ("time", "(6)")];

/// Types whose defaults MySQL takes only as expressions, in brackets.
const UNSIZED: [&str; 9] = [
    "json",
    "tinytext",
    "text",
    "mediumtext",
    "longtext",
    "tinyblob",
    "blob",
    "mediumblob",
    "longblob",
];

/// What a foreign key's name ends with.
const FOREIGN: &str = "_foreign";

/// Compiles changes in their order.
pub(super) fn compile(physical: &mut Physical, changes: Vec<Change>) -> Result<Compiled> {
    let mut out = Compiled::default();
    for change in changes {
        match change {
            Change::CreateTable(table) => create(&mut out, physical, table)?,
            Change::DropTable { table } => drop_table(&mut out, physical, &table)?,
            Change::AddForeignKey { table, key } => add_key(&mut out, physical, &table, key)?,
            Change::DropIndex { table, index } => drop_index(&mut out, physical, &table, &index)?,
            change => {
                let table = find_mut(physical, change.table())?;
                alter(&mut out, table, &change)?;
                apply(table, &change)?;
            }
        }
    }
    Ok(out)
}

impl Compiled {
    fn step(&mut self, stmt: Stmt, back: impl Into<Vec<Stmt>>) {
        self.steps.push(Step {
            back: back.into(),
            ..stmt.into()
        });
    }

    /// A step that puts something aside, for it to go last.
    fn aside(&mut self, stmt: Stmt, back: Stmt, last: Stmt) {
        self.steps.push(Step {
            stmt,
            back: vec![back],
            last: Some(last),
        });
    }
}

fn create(out: &mut Compiled, physical: &mut Physical, mut table: Table) -> Result<()> {
    let keys = std::mem::take(&mut table.foreign_keys);
    let name = Ident::new(&table.name);
    let mut sql = sql();
    sql.push("create table ").ident(&name).push(" (");
    for (i, column) in table.columns.iter().enumerate() {
        if i > 0 {
            sql.push(", ");
        }
        define(&mut sql, column)?;
    }
    if !table.primary_key.is_empty() {
        sql.push(", primary key (");
        names(&mut sql, &table.primary_key);
        sql.push(")");
    }
    sql.push(") engine = InnoDB");
    out.step(sql.finish(Vec::new()), [table_gone(&name)]);
    for index in &table.indexes {
        // They go with the table.
        out.step(index_made(&name, index), []);
    }
    let made = table.name.clone();
    table.settle();
    physical.tables.push(table);
    for key in keys {
        add_key(out, physical, &made, key)?;
    }
    Ok(())
}

/// What points at the table loses its foreign keys: they would hold the table fast.
fn drop_table(out: &mut Compiled, physical: &mut Physical, table: &str) -> Result<()> {
    find_mut(physical, table)?;
    physical.tables.retain(|t| t.name != table);
    for other in &mut physical.tables {
        for key in other.foreign_keys.iter().filter(|key| key.table == table) {
            drop_key(out, &other.name, key)?;
        }
        other.foreign_keys.retain(|key| key.table != table);
    }
    let (name, gone) = (Ident::new(table), aside(table));
    out.aside(renamed(&name, &gone), renamed(&gone, &name), table_gone(&gone));
    Ok(())
}

/// What it is called while it is put aside.
fn aside(name: &str) -> Ident {
    let mut aside = format!("{GONE}{name}");
    let cut = (0..=Ident::MAX_BYTES).rev().find(|at| aside.is_char_boundary(*at));
    aside.truncate(cut.unwrap_or(0));
    Ident::new(aside)
}

fn renamed(table: &Ident, to: &Ident) -> Stmt {
    let mut sql = sql();
    sql.push("rename table ").ident(table).push(" to ").ident(to);
    sql.finish(Vec::new())
}

fn table_gone(table: &Ident) -> Stmt {
    let mut sql = sql();
    sql.push("drop table ").ident(table);
    sql.finish(Vec::new())
}

/// A foreign key, and the index it gets unless one leads by its column already.
fn add_key(out: &mut Compiled, physical: &mut Physical, table: &str, mut key: ForeignKey) -> Result<()> {
    let facts =
        find(physical, table).ok_or_else(|| Error::invalid_payload(format!("there is no table \"{table}\"")))?;
    let index = (!is_indexed(facts, &key.column)).then(|| index_on_key(physical, table, &key.column));
    let fitted = fitted(physical, facts, &key);
    let facts = find_mut(physical, table)?;
    if let Some(column) = fitted {
        let change = Change::AlterColumn {
            table: table.to_owned(),
            column,
        };
        alter(out, facts, &change)?;
        apply(facts, &change)?;
    }
    let name = Ident::new(table);
    if let Some(index) = index {
        // Before the key: without one of ours the database would make an index of its own.
        out.step(index_made(&name, &index), [index_gone(&name, &index.name)]);
        facts.indexes.push(index);
    }
    key.name = Some(key_name(table, &key));
    out.step(key_made(table, &key)?, [key_gone(table, &key)]);
    facts.foreign_keys.push(key);
    Ok(())
}

/// The pointing column as the one it points at: numbers have to be of one size, with a sign or without.
fn fitted(physical: &Physical, facts: &Table, key: &ForeignKey) -> Option<Column> {
    let named = |table: &Table, name: &str| table.columns.iter().find(|c| c.name.as_str() == name).cloned();
    let (column, target) = (
        named(facts, &key.column)?,
        named(find(physical, &key.table)?, &key.target)?,
    );
    let whole = |column: &Column| column.data_type.contains("int");
    (column.data_type != target.data_type && whole(&column) && whole(&target)).then(|| Column {
        data_type: target.data_type,
        ..column
    })
}

fn key_made(table: &str, key: &ForeignKey) -> Result<Stmt> {
    let mut sql = of_table(&Ident::new(table));
    sql.push(" add constraint ").ident(&Ident::new(key_name(table, key)));
    sql.push(" foreign key (")
        .ident(&Ident::new(&key.column))
        .push(") references ")
        .ident(&Ident::new(&key.table))
        .push(" (")
        .ident(&Ident::new(&key.target));
    sql.push(") on update ").push(reference_rule(&key.on_update)?);
    sql.push(" on delete ").push(reference_rule(&key.on_delete)?);
    Ok(sql.finish(Vec::new()))
}

fn key_gone(table: &str, key: &ForeignKey) -> Stmt {
    let mut sql = of_table(&Ident::new(table));
    sql.push(" drop foreign key ").ident(&Ident::new(key_name(table, key)));
    sql.finish(Vec::new())
}

fn drop_key(out: &mut Compiled, table: &str, key: &ForeignKey) -> Result<()> {
    out.step(key_gone(table, key), [key_made(table, key)?]);
    Ok(())
}

/// An index goes. A foreign key that it led for gets one of its own: it cannot be without.
fn drop_index(out: &mut Compiled, physical: &mut Physical, table: &str, name: &str) -> Result<()> {
    let mut without = find_mut(physical, table)?.clone();
    let gone: Vec<Index> = without
        .indexes
        .iter()
        .filter(|index| index.name == name)
        .cloned()
        .collect();
    without.indexes.retain(|index| index.name != name);
    let table_name = Ident::new(table);
    for column in without.foreign_keys.iter().map(|key| &key.column) {
        if !is_indexed(&without, column) {
            let index = index_on_key(physical, table, column);
            out.step(index_made(&table_name, &index), [index_gone(&table_name, &index.name)]);
            find_mut(physical, table)?.indexes.push(index);
        }
    }
    let back: Vec<Stmt> = gone.iter().map(|index| index_made(&table_name, index)).collect();
    out.step(index_gone(&table_name, name), back);
    let facts = find_mut(physical, table)?;
    facts.indexes.retain(|index| index.name != name);
    facts.settle();
    Ok(())
}

/// The name that a foreign key has, or gets.
fn key_name(table: &str, key: &ForeignKey) -> String {
    let stem = || {
        let mut name = format!("{table}_{}", key.column);
        let room = Ident::MAX_BYTES - FOREIGN.len();
        if name.len() > room {
            let cut = (0..=room).rev().find(|at| name.is_char_boundary(*at));
            name.truncate(cut.unwrap_or(0));
        }
        name + FOREIGN
    };
    key.name.clone().unwrap_or_else(stem)
}

/// One change of a table; `table` is what it was before.
fn alter(out: &mut Compiled, table: &Table, change: &Change) -> Result<()> {
    let name = Ident::new(&table.name);
    match change {
        Change::AddColumn { column, .. } => {
            let mut sql = of_table(&name);
            sql.push(" add column ");
            define(&mut sql, column)?;
            out.step(sql.finish(Vec::new()), [column_gone(&name, &column.name)]);
        }
        Change::AlterColumn { column, .. } => {
            let before = table.columns.iter().find(|before| before.name == column.name);
            let before = before.ok_or_else(|| no_column(&table.name, column.name.as_str()))?;
            out.step(redefined(&name, column)?, [redefined(&name, before)?]);
            out.rebuilt.push(Rebuilt {
                table: table.name.clone(),
                column: Some(column.name.as_str().to_owned()),
            });
        }
        Change::DropColumn { column, .. } => {
            for key in table.foreign_keys.iter().filter(|key| key.column == *column) {
                drop_key(out, &table.name, key)?;
            }
            for index in table.indexes.iter().filter(|index| index.columns.contains(column)) {
                out.step(index_gone(&name, &index.name), [index_made(&name, index)]);
            }
            let (column, gone) = (Ident::new(column), aside(column));
            let (there, back) = (
                column_renamed(&name, &column, &gone),
                column_renamed(&name, &gone, &column),
            );
            out.aside(there, back, column_gone(&name, &gone));
        }
        Change::CreateIndex { index, .. } => out.step(index_made(&name, index), [index_gone(&name, &index.name)]),
        Change::DropForeignKey { column, .. } => {
            for key in table.foreign_keys.iter().filter(|key| key.column == *column) {
                drop_key(out, &table.name, key)?;
            }
        }
        Change::CreateTable(_) | Change::DropTable { .. } | Change::AddForeignKey { .. } | Change::DropIndex { .. } => {
            return Err(Error::internal("a change was taken for one of a table that is there"));
        }
    }
    Ok(())
}

/// A column is declared as a whole: whatever is not said is lost.
fn redefined(table: &Ident, column: &Column) -> Result<Stmt> {
    if column.generated {
        return Err(Error::invalid_payload(format!(
            "the column \"{}\" is computed and cannot be changed in this way",
            column.name.as_str()
        )));
    }
    let mut sql = of_table(table);
    sql.push(" modify column ");
    define(&mut sql, column)?;
    Ok(sql.finish(Vec::new()))
}

fn column_gone(table: &Ident, column: &Ident) -> Stmt {
    let mut sql = of_table(table);
    sql.push(" drop column ").ident(column);
    sql.finish(Vec::new())
}

fn column_renamed(table: &Ident, column: &Ident, to: &Ident) -> Stmt {
    let mut sql = of_table(table);
    sql.push(" rename column ").ident(column).push(" to ").ident(to);
    sql.finish(Vec::new())
}

fn define(sql: &mut Sql, column: &Column) -> Result<()> {
    sql.ident(&column.name).push(" ");
    data_type(sql, column)?;
    sql.push(if column.nullable { " null" } else { " not null" });
    default_of(sql, column)?;
    if column.auto_increment {
        sql.push(" auto_increment");
    }
    if column.data_type == MOMENT {
        sql.push(" comment '").push(MOMENT).push("'");
    }
    Ok(())
}

fn data_type(sql: &mut Sql, column: &Column) -> Result<()> {
    let refused = || {
        Error::invalid_payload(format!(
            "the column \"{}\" has the type \"{}\", which cannot be written again",
            column.name.as_str(),
            column.data_type
        ))
    };
    let (bare, unsigned) = match column.data_type.strip_suffix(" unsigned") {
        Some(bare) => (bare, true),
        None => (column.data_type.as_str(), false),
    };
    let (name, arguments) = types::known(bare).ok_or_else(refused)?;
    sql.push(if name == MOMENT { "datetime" } else { name });
    for (_, digits) in FRACTIONS.iter().filter(|(of, _)| *of == name) {
        sql.push(digits);
    }
    match (arguments, column.max_length, column.precision) {
        (Arguments::Length, Some(length), _) => {
            sql.push("(").number(i64::from(length)).push(")");
        }
        (Arguments::Digits, _, Some(all)) if name == "decimal" => {
            sql.push("(").number(i64::from(all));
            if let Some(scale) = column.scale {
                sql.push(", ").number(i64::from(scale));
            }
            sql.push(")");
        }
        _ => {}
    }
    if unsigned {
        sql.push(" unsigned");
    }
    Ok(())
}

/// ` default ...`, if there is one.
fn default_of(sql: &mut Sql, column: &Column) -> Result<()> {
    if column.default_now {
        sql.push(match column.data_type.as_str() {
            // In brackets: only moments have the time as their default without.
            "date" => " default (current_date)",
            "time" => " default (current_time(6))",
            _ => " default current_timestamp(3)",
        });
    } else if let Some(default) = &column.default {
        // JSON is written as its text, be it a bare number or string.
        let text = (column.data_type == "json").then(|| Json::from(default.to_string()));
        let (open, close) = match UNSIZED.contains(&column.data_type.as_str()) {
            true => (" default (", ")"),
            false => (" default ", ""),
        };
        sql.push(open).literal(text.as_ref().unwrap_or(default))?.push(close);
    }
    Ok(())
}

fn index_made(table: &Ident, index: &Index) -> Stmt {
    let mut sql = of_table(table);
    sql.push(if index.unique {
        " add unique index "
    } else {
        " add index "
    })
    .ident(&Ident::new(&index.name))
    .push(" (");
    names(&mut sql, &index.columns);
    sql.push(")");
    sql.finish(Vec::new())
}

fn index_gone(table: &Ident, index: &str) -> Stmt {
    let mut sql = of_table(table);
    sql.push(" drop index ").ident(&Ident::new(index));
    sql.finish(Vec::new())
}

fn of_table(table: &Ident) -> Sql {
    let mut sql = sql();
    sql.push("alter table ").ident(table);
    sql
}

fn names(sql: &mut Sql, names: &[String]) {
    sql.list(names, |sql, name| {
        sql.ident(&Ident::new(name));
    });
}

fn sql() -> Sql {
    // Changes are written alike for all servers of the protocol.
    Sql::new(Dialect::MySql(Flavour::MariaDb))
}
