//! SQLite's way of changing tables: directly where it can, else by making the table anew beside the old one and
//! moving its rows over. Runs with references unchecked; that they still lead somewhere is judged at the commit.

use super::{
    Change, Compiled, Rebuilt, Step, apply, find, find_mut, index_on_key, is_indexed, reference_rule, types,
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

/// The name a table has while it is made anew. Introspection never shows `aedile_*`.
const ANEW: &str = "aedile_anew";
/// How SQLite names the indexes behind `unique (...)`, which cannot be made or dropped by themselves.
const AUTOMATIC: &str = "sqlite_autoindex_";
/// The one table with an index of Aedile's over an expression, which introspection does not tell, and that index.
const USERS: &str = "directus_users";
const USERS_BY_EMAIL: &str = "create index if not exists aedile_users_email on directus_users (lower(email))";

/// Compiles changes in their order.
pub(super) fn compile(physical: &mut Physical, changes: Vec<Change>) -> Result<Compiled> {
    let (mut out, mut rebuilt) = (Vec::new(), Vec::new());
    let mut changes = changes.into_iter().peekable();
    while let Some(change) = changes.next() {
        match change {
            Change::CreateTable(mut table) => {
                let mut keys = table.foreign_keys.iter().map(|key| &key.column).collect::<Vec<_>>();
                keys.retain(|column| !is_indexed(&table, column));
                let indexes: Vec<_> = keys
                    .iter()
                    .map(|column| index_on_key(physical, &table.name, column))
                    .collect();
                table.indexes.extend(indexes);
                create(&mut out, &table)?;
                table.settle();
                physical.tables.push(table);
            }
            Change::DropTable { table } => {
                find_mut(physical, &table)?;
                physical.tables.retain(|t| t.name != table);
                out.push(drop_table(&table));
            }
            change => {
                let name = change.table().to_owned();
                let mut run = vec![change];
                // Changes that follow each other on one table cost one rebuild, not one each.
                while let Some(next) = changes.next_if(|next| next.table() == name && !is_whole(next)) {
                    run.push(next);
                }
                let run = completed(physical, run)?;
                let table = find_mut(physical, &name)?;
                let before = table.clone();
                for change in &run {
                    apply(table, change)?;
                }
                let after = table.clone();
                if alter(&mut out, &before, &after, &run)? {
                    rebuilt.push(Rebuilt {
                        table: name,
                        column: None,
                    });
                }
            }
        }
    }
    Ok(Compiled {
        steps: out.into_iter().map(Step::from).collect(),
        rebuilt,
    })
}

fn is_whole(change: &Change) -> bool {
    matches!(change, Change::CreateTable(_) | Change::DropTable { .. })
}

/// Adds the index that every foreign key gets, unless one leads by its column by then.
fn completed(physical: &Physical, changes: Vec<Change>) -> Result<Vec<Change>> {
    let mut all = Vec::with_capacity(changes.len());
    let mut facts = changes
        .first()
        .and_then(|change| find(physical, change.table()).cloned());
    for change in changes {
        if let Some(facts) = &mut facts {
            apply(facts, &change)?;
        }
        let index = match (&change, &facts) {
            (Change::AddForeignKey { table, key }, Some(facts)) if !is_indexed(facts, &key.column) => {
                Some((table.clone(), index_on_key(physical, table, &key.column)))
            }
            _ => None,
        };
        all.push(change);
        if let Some((table, index)) = index {
            all.push(Change::CreateIndex { table, index });
        }
    }
    Ok(all)
}

/// Changes a table; tells whether it is made anew.
fn alter(out: &mut Vec<Stmt>, before: &Table, after: &Table, run: &[Change]) -> Result<bool> {
    if run.iter().all(|change| is_direct(before, change)) {
        for change in run {
            direct(out, before, change)?;
        }
        return Ok(false);
    }
    let lost = before
        .columns
        .iter()
        .chain(&after.columns)
        .any(|column| column.generated);
    if lost {
        return Err(Error::invalid_payload(format!(
            "the table \"{}\" holds a computed column and cannot be changed in this way",
            before.name
        )));
    }
    rebuild(out, before, after)?;
    Ok(true)
}

fn is_automatic(index: &Index) -> bool {
    index.name.starts_with(AUTOMATIC)
}

/// Whether SQLite can make the change by itself.
fn is_direct(table: &Table, change: &Change) -> bool {
    match change {
        Change::AddColumn { column, .. } => {
            let default = column.default.as_ref().is_some_and(|value| !value.is_null());
            !column.primary && !column.default_now && (column.nullable || default)
        }
        Change::DropColumn { column, .. } => {
            let held = |index: &Index| is_automatic(index) && index.columns.contains(column);
            !table.primary_key.contains(column)
                && !table.foreign_keys.iter().any(|key| key.column == *column)
                && !table.indexes.iter().any(held)
        }
        Change::CreateIndex { .. } => true,
        Change::DropIndex { index, .. } => !index.starts_with(AUTOMATIC),
        _ => false,
    }
}

fn direct(out: &mut Vec<Stmt>, before: &Table, change: &Change) -> Result<()> {
    let table = Ident::new(&before.name);
    match change {
        Change::AddColumn { column, .. } => {
            let mut sql = sql();
            sql.push("alter table ").ident(&table).push(" add column ");
            define(&mut sql, column, false)?;
            out.push(sql.finish(Vec::new()));
        }
        Change::DropColumn { column, .. } => {
            let hanging = before.indexes.iter().filter(|index| index.columns.contains(column));
            out.extend(hanging.map(|index| drop_index(&index.name)));
            let mut sql = sql();
            sql.push("alter table ")
                .ident(&table)
                .push(" drop column ")
                .ident(&Ident::new(column));
            out.push(sql.finish(Vec::new()));
        }
        Change::CreateIndex { index, .. } => out.push(create_index(&table, index)),
        Change::DropIndex { index, .. } => out.push(drop_index(index)),
        _ => {
            return Err(Error::internal("a change was taken for one that SQLite can make"));
        }
    }
    Ok(())
}

/// The whole procedure, in the one order that keeps what points at the table pointing at it.
fn rebuild(out: &mut Vec<Stmt>, before: &Table, after: &Table) -> Result<()> {
    let (old, anew) = (Ident::new(&before.name), Ident::new(ANEW));
    // Renaming must not look into views that name a table which is missing for a moment.
    out.push(fixed("pragma legacy_alter_table = on"));
    out.push(create_table(&anew, after)?);
    let kept: Vec<&Ident> = after
        .columns
        .iter()
        .map(|column| &column.name)
        .filter(|name| before.columns.iter().any(|column| column.name == **name))
        .collect();
    if !kept.is_empty() {
        let mut sql = sql();
        sql.push("insert into ").ident(&anew).push(" (");
        names(&mut sql, &kept);
        sql.push(") select ");
        names(&mut sql, &kept);
        sql.push(" from ").ident(&old);
        out.push(sql.finish(Vec::new()));
    }
    if after.columns.iter().any(|column| column.auto_increment) {
        keep_sequence(out, &before.name)?;
    }
    out.push(drop_table(&before.name));
    let mut sql = sql();
    sql.push("alter table ").ident(&anew).push(" rename to ").ident(&old);
    out.push(sql.finish(Vec::new()));
    out.push(fixed("pragma legacy_alter_table = off"));
    let made = after.indexes.iter().filter(|index| !is_automatic(index));
    out.extend(made.map(|index| create_index(&old, index)));
    if before.name == USERS {
        out.push(fixed(USERS_BY_EMAIL));
    }
    Ok(())
}

/// Keys that were given once are not given again: the old table's count goes over, where it kept one.
fn keep_sequence(out: &mut Vec<Stmt>, table: &str) -> Result<()> {
    let mut sql = sql();
    sql.push("delete from sqlite_sequence where name = ")
        .literal(&Json::from(ANEW))?;
    sql.push(" and exists (select 1 from sqlite_sequence where name = ")
        .literal(&Json::from(table))?;
    sql.push(")");
    out.push(sql.finish(Vec::new()));
    let mut sql = self::sql();
    sql.push("insert into sqlite_sequence (name, seq) select ")
        .literal(&Json::from(ANEW))?;
    sql.push(", seq from sqlite_sequence where name = ")
        .literal(&Json::from(table))?;
    out.push(sql.finish(Vec::new()));
    Ok(())
}

fn create(out: &mut Vec<Stmt>, table: &Table) -> Result<()> {
    let name = Ident::new(&table.name);
    out.push(create_table(&name, table)?);
    out.extend(table.indexes.iter().map(|index| create_index(&name, index)));
    Ok(())
}

fn create_table(name: &Ident, table: &Table) -> Result<Stmt> {
    let mut sql = sql();
    sql.push("create table ").ident(name).push(" (");
    // One key column says so itself: only so does SQLite count for it.
    let alone = table.primary_key.len() == 1;
    for (i, column) in table.columns.iter().enumerate() {
        if i > 0 {
            sql.push(", ");
        }
        define(&mut sql, column, alone)?;
    }
    if !alone && !table.primary_key.is_empty() {
        let key: Vec<Ident> = table.primary_key.iter().map(Ident::new).collect();
        sql.push(", primary key (");
        names(&mut sql, &key.iter().collect::<Vec<_>>());
        sql.push(")");
    }
    for index in table.indexes.iter().filter(|index| is_automatic(index)) {
        let columns: Vec<Ident> = index.columns.iter().map(Ident::new).collect();
        sql.push(", unique (");
        names(&mut sql, &columns.iter().collect::<Vec<_>>());
        sql.push(")");
    }
    for key in &table.foreign_keys {
        refer(&mut sql, key)?;
    }
    sql.push(")");
    Ok(sql.finish(Vec::new()))
}

fn define(sql: &mut Sql, column: &Column, key_alone: bool) -> Result<()> {
    sql.ident(&column.name);
    if !column.data_type.is_empty() {
        let (name, arguments) = types::known(&column.data_type).ok_or_else(|| {
            Error::invalid_payload(format!(
                "the column \"{}\" has the type \"{}\", which cannot be written again",
                column.name.as_str(),
                column.data_type
            ))
        })?;
        sql.push(" ").push(name);
        match (arguments, column.max_length, column.precision) {
            (Arguments::Length, Some(length), _) => {
                sql.push("(").number(i64::from(length)).push(")");
            }
            (Arguments::Digits, _, Some(all)) => {
                sql.push("(").number(i64::from(all));
                if let Some(scale) = column.scale {
                    sql.push(", ").number(i64::from(scale));
                }
                sql.push(")");
            }
            _ => {}
        }
    }
    if !column.nullable {
        sql.push(" not null");
    }
    if column.primary && key_alone {
        sql.push(" primary key");
        if column.auto_increment {
            sql.push(" autoincrement");
        }
    }
    if column.default_now {
        sql.push(match column.data_type.as_str() {
            "date" => " default current_date",
            "time" => " default current_time",
            _ => " default current_timestamp",
        });
    } else if let Some(default) = &column.default {
        // JSON is stored as text, be it a bare number or string.
        let text = matches!(column.data_type.as_str(), "json" | "jsonb").then(|| Json::from(default.to_string()));
        sql.push(" default ").literal(text.as_ref().unwrap_or(default))?;
    }
    Ok(())
}

fn refer(sql: &mut Sql, key: &ForeignKey) -> Result<()> {
    sql.push(", foreign key (")
        .ident(&Ident::new(&key.column))
        .push(") references ");
    sql.ident(&Ident::new(&key.table))
        .push(" (")
        .ident(&Ident::new(&key.target))
        .push(")");
    sql.push(" on update ").push(reference_rule(&key.on_update)?);
    sql.push(" on delete ").push(reference_rule(&key.on_delete)?);
    Ok(())
}

fn create_index(table: &Ident, index: &Index) -> Stmt {
    let mut sql = sql();
    sql.push(if index.unique {
        "create unique index "
    } else {
        "create index "
    });
    sql.ident(&Ident::new(&index.name)).push(" on ").ident(table).push(" (");
    let columns: Vec<Ident> = index.columns.iter().map(Ident::new).collect();
    names(&mut sql, &columns.iter().collect::<Vec<_>>());
    sql.push(")");
    sql.finish(Vec::new())
}

fn drop_index(name: &str) -> Stmt {
    let mut sql = sql();
    sql.push("drop index ").ident(&Ident::new(name));
    sql.finish(Vec::new())
}

fn drop_table(name: &str) -> Stmt {
    let mut sql = sql();
    sql.push("drop table ").ident(&Ident::new(name));
    sql.finish(Vec::new())
}

fn fixed(text: &'static str) -> Stmt {
    let mut sql = sql();
    sql.push(text);
    sql.finish(Vec::new())
}

fn names(sql: &mut Sql, names: &[&Ident]) {
    sql.list(names, |sql, name| {
        sql.ident(name);
    });
}

fn sql() -> Sql {
    Sql::new(Dialect::Sqlite)
}
