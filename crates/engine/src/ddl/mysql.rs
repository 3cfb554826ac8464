//! MariaDB's way of changing tables: every change directly, and named as the reference's tools name things.
//! Must never drop what nobody asked to drop: nothing here cascades.

use super::{
    Change, Compiled, apply, find, find_mut, index_on, is_indexed, no_column, reference_rule, types, types::Arguments,
};
use crate::{
    Error, Json, Result,
    schema::{
        Column, Ident,
        physical::{ForeignKey, Index, Physical, Table},
    },
    sql::{Dialect, Sql, Stmt},
};

/// What a foreign key's name ends with.
const FOREIGN: &str = "_foreign";

/// Compiles changes in their order.
pub(super) fn compile(physical: &mut Physical, changes: Vec<Change>) -> Result<Compiled> {
    let mut out = Vec::new();
    for change in changes {
        match change {
            Change::CreateTable(table) => create(&mut out, physical, table)?,
            Change::DropTable { table } => drop_table(&mut out, physical, &table)?,
            Change::AddForeignKey { table, key } => add_key(&mut out, physical, &table, key)?,
            change => {
                let table = find_mut(physical, change.table())?;
                alter(&mut out, table, &change)?;
                apply(table, &change)?;
            }
        }
    }
    Ok(Compiled {
        statements: out,
        rebuilt: Vec::new(),
    })
}

fn create(out: &mut Vec<Stmt>, physical: &mut Physical, mut table: Table) -> Result<()> {
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
    out.push(sql.finish(Vec::new()));
    out.extend(table.indexes.iter().map(|index| create_index(&name, index)));
    let made = table.name.clone();
    physical.tables.push(table);
    for key in keys {
        add_key(out, physical, &made, key)?;
    }
    Ok(())
}

/// What points at the table loses its foreign keys: they would hold the table fast.
fn drop_table(out: &mut Vec<Stmt>, physical: &mut Physical, table: &str) -> Result<()> {
    find_mut(physical, table)?;
    physical.tables.retain(|t| t.name != table);
    for other in &mut physical.tables {
        for key in other.foreign_keys.iter().filter(|key| key.table == table) {
            out.push(drop_key(&other.name, key));
        }
        other.foreign_keys.retain(|key| key.table != table);
    }
    let mut sql = sql();
    sql.push("drop table ").ident(&Ident::new(table));
    out.push(sql.finish(Vec::new()));
    Ok(())
}

/// A foreign key, and the index it gets unless one leads by its column already.
fn add_key(out: &mut Vec<Stmt>, physical: &mut Physical, table: &str, mut key: ForeignKey) -> Result<()> {
    let facts =
        find(physical, table).ok_or_else(|| Error::invalid_payload(format!("there is no table \"{table}\"")))?;
    let index = (!is_indexed(facts, &key.column)).then(|| index_on(physical, table, &key.column, false));
    let facts = find_mut(physical, table)?;
    if let Some(index) = index {
        // Before the key: without one of ours the database would make an index of its own.
        out.push(create_index(&Ident::new(table), &index));
        facts.indexes.push(index);
    }
    key.name = Some(key_name(table, &key));
    let mut sql = of_table(&Ident::new(table));
    sql.push(" add constraint ").ident(&Ident::new(key_name(table, &key)));
    sql.push(" foreign key (")
        .ident(&Ident::new(&key.column))
        .push(") references ")
        .ident(&Ident::new(&key.table))
        .push(" (")
        .ident(&Ident::new(&key.target));
    sql.push(") on update ").push(reference_rule(&key.on_update)?);
    sql.push(" on delete ").push(reference_rule(&key.on_delete)?);
    out.push(sql.finish(Vec::new()));
    facts.foreign_keys.push(key);
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
fn alter(out: &mut Vec<Stmt>, table: &Table, change: &Change) -> Result<()> {
    let name = Ident::new(&table.name);
    match change {
        Change::AddColumn { column, .. } => {
            let mut sql = of_table(&name);
            sql.push(" add column ");
            define(&mut sql, column)?;
            out.push(sql.finish(Vec::new()));
        }
        Change::AlterColumn { column, .. } => {
            if !table.columns.iter().any(|before| before.name == column.name) {
                return Err(no_column(&table.name, column.name.as_str()));
            }
            let mut sql = of_table(&name);
            sql.push(" modify column ");
            define(&mut sql, column)?;
            out.push(sql.finish(Vec::new()));
        }
        Change::DropColumn { column, .. } => {
            for key in table.foreign_keys.iter().filter(|key| key.column == *column) {
                out.push(drop_key(&table.name, key));
            }
            for index in table.indexes.iter().filter(|index| index.columns.contains(column)) {
                out.push(drop_index(&name, &index.name));
            }
            let mut sql = of_table(&name);
            sql.push(" drop column ").ident(&Ident::new(column));
            out.push(sql.finish(Vec::new()));
        }
        Change::CreateIndex { index, .. } => out.push(create_index(&name, index)),
        Change::DropIndex { index, .. } => out.push(drop_index(&name, index)),
        Change::DropForeignKey { column, .. } => {
            for key in table.foreign_keys.iter().filter(|key| key.column == *column) {
                out.push(drop_key(&table.name, key));
            }
        }
        Change::CreateTable(_) | Change::DropTable { .. } | Change::AddForeignKey { .. } => {
            return Err(Error::internal("a change was taken for one of a table that is there"));
        }
    }
    Ok(())
}

fn define(sql: &mut Sql, column: &Column) -> Result<()> {
    sql.ident(&column.name).push(" ");
    data_type(sql, column)?;
    sql.push(if column.nullable { " null" } else { " not null" });
    default_of(sql, column)?;
    if column.auto_increment {
        sql.push(" auto_increment");
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
    sql.push(name);
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
            "date" => " default current_date",
            "time" => " default current_time",
            _ => " default current_timestamp",
        });
    } else if let Some(default) = &column.default {
        // JSON is written as its text, be it a bare number or string.
        let text = (column.data_type == "json").then(|| Json::from(default.to_string()));
        sql.push(" default ").literal(text.as_ref().unwrap_or(default))?;
    }
    Ok(())
}

fn create_index(table: &Ident, index: &Index) -> Stmt {
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

fn drop_index(table: &Ident, index: &str) -> Stmt {
    let mut sql = of_table(table);
    sql.push(" drop index if exists ").ident(&Ident::new(index));
    sql.finish(Vec::new())
}

fn drop_key(table: &str, key: &ForeignKey) -> Stmt {
    let mut sql = of_table(&Ident::new(table));
    sql.push(" drop foreign key if exists ")
        .ident(&Ident::new(key_name(table, key)));
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
    Sql::new(Dialect::MySql)
}
