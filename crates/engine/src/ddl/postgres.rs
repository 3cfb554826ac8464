//! PostgreSQL's way of changing tables: every change directly, and named as the reference's tools name things.
//! Must never drop what nobody asked to drop: nothing here cascades.

use super::{
    Change, Compiled, Step, apply, find, find_mut, index_on_key, is_indexed, no_column, reference_rule, types,
    types::Arguments,
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
        steps: out.into_iter().map(Step::from).collect(),
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
    sql.push(")");
    out.push(sql.finish(Vec::new()));
    out.extend(table.indexes.iter().map(|index| create_index(&name, index)));
    let made = table.name.clone();
    table.settle();
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
            out.push(drop_constraint(&other.name, &key_name(&other.name, key)));
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
    let index = (!is_indexed(facts, &key.column)).then(|| index_on_key(physical, table, &key.column));
    key.name = Some(key_name(table, &key));
    let mut sql = sql();
    sql.push("alter table ")
        .ident(&Ident::new(table))
        .push(" add constraint ")
        .ident(&Ident::new(key_name(table, &key)));
    sql.push(" foreign key (")
        .ident(&Ident::new(&key.column))
        .push(") references ")
        .ident(&Ident::new(&key.table))
        .push(" (")
        .ident(&Ident::new(&key.target));
    sql.push(") on update ").push(reference_rule(&key.on_update)?);
    sql.push(" on delete ").push(reference_rule(&key.on_delete)?);
    out.push(sql.finish(Vec::new()));
    let facts = find_mut(physical, table)?;
    facts.foreign_keys.push(key);
    if let Some(index) = index {
        out.push(create_index(&Ident::new(table), &index));
        facts.indexes.push(index);
    }
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
            let before = table.columns.iter().find(|c| c.name == column.name);
            let before = before.ok_or_else(|| no_column(&table.name, column.name.as_str()))?;
            become_other(out, &name, before, column)?;
        }
        Change::DropColumn { column, .. } => {
            let mut sql = of_table(&name);
            sql.push(" drop column ").ident(&Ident::new(column));
            out.push(sql.finish(Vec::new()));
        }
        Change::CreateIndex { index, .. } => out.push(create_index(&name, index)),
        Change::DropIndex { index, .. } => {
            // What forbids doubles may be a constraint, whose index goes with it, or an index alone.
            out.push(drop_constraint(&table.name, index));
            let mut sql = sql();
            sql.push("drop index if exists ").ident(&Ident::new(index));
            out.push(sql.finish(Vec::new()));
        }
        Change::DropForeignKey { column, .. } => {
            for key in table.foreign_keys.iter().filter(|key| key.column == *column) {
                out.push(drop_constraint(&table.name, &key_name(&table.name, key)));
            }
        }
        Change::CreateTable(_) | Change::DropTable { .. } | Change::AddForeignKey { .. } => {
            return Err(Error::internal("a change was taken for one of a table that is there"));
        }
    }
    Ok(())
}

fn become_other(out: &mut Vec<Stmt>, table: &Ident, before: &Column, after: &Column) -> Result<()> {
    let shape = |c: &Column| (c.data_type.clone(), c.max_length, c.precision, c.scale);
    let retyped = shape(before) != shape(after);
    let default = |c: &Column| (c.default.clone(), c.default_now);
    let of_column = || {
        let mut sql = of_table(table);
        sql.push(" alter column ").ident(&after.name);
        sql
    };
    if retyped {
        let mut sql = of_column();
        sql.push(" drop default");
        out.push(sql.finish(Vec::new()));
        let mut sql = of_column();
        sql.push(" type ");
        data_type(&mut sql, after)?;
        sql.push(" using cast(");
        between(&mut sql, before, after);
        sql.push(" as ");
        data_type(&mut sql, after)?;
        sql.push(")");
        out.push(sql.finish(Vec::new()));
    }
    if retyped || default(before) != default(after) {
        let mut sql = of_column();
        if after.default_now || after.default.is_some() {
            sql.push(" set");
            default_of(&mut sql, after)?;
        } else {
            sql.push(" drop default");
        }
        out.push(sql.finish(Vec::new()));
    }
    if before.nullable != after.nullable {
        let mut sql = of_column();
        sql.push(if after.nullable {
            " drop not null"
        } else {
            " set not null"
        });
        out.push(sql.finish(Vec::new()));
    }
    Ok(())
}

/// The old value, by way of a whole number where nothing leads straight from numbers to booleans or back.
fn between(sql: &mut Sql, before: &Column, after: &Column) {
    let truth = |c: &Column| c.data_type == "boolean";
    let text = |c: &Column| c.data_type.contains("char") || c.data_type == "text";
    let whole = truth(before) != truth(after) && !text(before) && !text(after);
    if whole {
        sql.push("cast(").ident(&before.name).push(" as integer)");
    } else {
        sql.ident(&before.name);
    }
}

fn define(sql: &mut Sql, column: &Column) -> Result<()> {
    sql.ident(&column.name).push(" ");
    if column.auto_increment {
        sql.push(if column.data_type == "bigint" {
            "bigserial"
        } else {
            "serial"
        });
    } else {
        data_type(sql, column)?;
    }
    if !column.nullable {
        sql.push(" not null");
    }
    default_of(sql, column)
}

fn data_type(sql: &mut Sql, column: &Column) -> Result<()> {
    let (name, arguments) = types::known(&column.data_type).ok_or_else(|| {
        Error::invalid_payload(format!(
            "the column \"{}\" has the type \"{}\", which cannot be written again",
            column.name.as_str(),
            column.data_type
        ))
    })?;
    sql.push(name);
    match (arguments, column.max_length, column.precision) {
        (Arguments::Length, Some(length), _) => {
            sql.push("(").number(i64::from(length)).push(")");
        }
        (Arguments::Digits, _, Some(all)) if name == "numeric" => {
            sql.push("(").number(i64::from(all));
            if let Some(scale) = column.scale {
                sql.push(", ").number(i64::from(scale));
            }
            sql.push(")");
        }
        _ => {}
    }
    Ok(())
}

/// ` default ...`, if there is one.
fn default_of(sql: &mut Sql, column: &Column) -> Result<()> {
    if column.default_now {
        sql.push(match column.data_type.as_str() {
            "date" => " default current_date",
            "time without time zone" => " default localtime",
            _ => " default current_timestamp",
        });
    } else if let Some(default) = &column.default {
        // JSON is written as its text, be it a bare number or string.
        let text = matches!(column.data_type.as_str(), "json" | "jsonb").then(|| Json::from(default.to_string()));
        sql.push(" default ").literal(text.as_ref().unwrap_or(default))?;
    }
    Ok(())
}

/// What forbids doubles is a constraint, as in projects of the reference.
fn create_index(table: &Ident, index: &Index) -> Stmt {
    let mut sql = sql();
    if index.unique {
        sql.push("alter table ")
            .ident(table)
            .push(" add constraint ")
            .ident(&Ident::new(&index.name))
            .push(" unique (");
    } else {
        sql.push("create index ")
            .ident(&Ident::new(&index.name))
            .push(" on ")
            .ident(table)
            .push(" (");
    }
    names(&mut sql, &index.columns);
    sql.push(")");
    sql.finish(Vec::new())
}

fn drop_constraint(table: &str, name: &str) -> Stmt {
    let mut sql = of_table(&Ident::new(table));
    sql.push(" drop constraint if exists ").ident(&Ident::new(name));
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
    Sql::new(Dialect::Postgres)
}
