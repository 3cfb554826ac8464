//! Reads what SQLite says of its tables, in four questions whatever their number.
//! Knows nothing of metadata, and leaves out the tables nobody may see: SQLite's own, Aedile's own, and hidden ones.

mod declared;

use std::collections::HashMap;

use aedile_engine::{
    Result,
    schema::{
        Column, Ident,
        physical::{ForeignKey, Physical, Table},
    },
    value::Param,
};

use super::Session;
use crate::{
    Row,
    introspect::{ByTable, indexes, unexpected},
};
use declared::{Declared, Default};

/// Ordinary tables: views, virtual tables and what those keep their data in are none.
const TABLES: &str = r"SELECT name, wr FROM pragma_table_list
    WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE 'aedile\_%' ESCAPE '\'
    ORDER BY name";

/// `hidden`: 1 is a hidden column of a virtual table, 2 and 3 are computed ones.
const COLUMNS: &str = r#"SELECT t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
    FROM sqlite_schema t, pragma_table_xinfo(t.name) c
    WHERE t.type = 'table' AND c.hidden <> 1 ORDER BY t.name, c.cid"#;

/// SQLite lists the last declared first.
const FOREIGN_KEYS: &str = r#"SELECT t.name, f.id, f."from", f."table", f."to", f.on_update, f.on_delete
    FROM sqlite_schema t, pragma_foreign_key_list(t.name) f
    WHERE t.type = 'table' ORDER BY t.name, f.id DESC, f.seq"#;

/// Partial indexes say nothing of the rows they leave out.
const INDEXES: &str = r#"SELECT t.name, i.name, i."unique", 0, c.name
    FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
    WHERE t.type = 'table' AND i.origin <> 'pk' AND i.partial = 0 ORDER BY t.name, i.seq DESC, c.seqno"#;

/// What the database says of its tables, but for the `hidden` ones.
pub(super) fn physical(session: &Session, hidden: &[String]) -> Result<Physical> {
    let mut facts = Facts {
        columns: ByTable::new(session.ask(COLUMNS, &[])?),
        foreign_keys: ByTable::new(session.ask(FOREIGN_KEYS, &[])?),
        indexes: ByTable::new(session.ask(INDEXES, &[])?),
    };
    let mut tables = Vec::new();
    for row in session.ask(TABLES, &[])? {
        let mut cells = row.into_iter();
        let (Some(Param::Text(name)), Some(Param::Int(without_rowid))) = (cells.next(), cells.next()) else {
            return Err(unexpected());
        };
        tables.push(facts.table(name, without_rowid != 0)?);
    }
    point_at_keys(&mut tables);
    // Only now: what points at a hidden table has to keep its target when its own table is rebuilt. SQLite too compares
    // names without regard to case.
    tables.retain(|table| !hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(&table.name)));
    Ok(Physical { tables })
}

struct Facts {
    columns: ByTable,
    foreign_keys: ByTable,
    indexes: ByTable,
}

impl Facts {
    fn table(&mut self, name: String, without_rowid: bool) -> Result<Table> {
        let (_, indexes) = indexes(self.indexes.take(&name))?;
        let foreign_keys = foreign_keys(self.foreign_keys.take(&name))?;
        let rows = self.columns.take(&name);
        let mut columns = Vec::with_capacity(rows.len());
        let mut key = Vec::new();
        for row in rows {
            let (column, place) = column(row)?;
            if place > 0 {
                key.push((place, column.name.as_str().to_owned()));
            }
            columns.push(column);
        }
        key.sort();
        let primary_key: Vec<String> = key.into_iter().map(|(_, name)| name).collect();
        if let [only] = primary_key.as_slice() {
            for column in columns.iter_mut().filter(|column| column.name.as_str() == only) {
                // Such a column is the row's number itself, which SQLite chooses when it is left out.
                column.auto_increment = column.data_type == "integer" && !without_rowid;
            }
        }
        let mut table = Table {
            name,
            columns,
            foreign_keys,
            primary_key,
            indexes,
        };
        table.settle();
        Ok(table)
    }
}

/// A column and its place in the primary key, 0 for none.
fn column(row: Row) -> Result<(Column, i64)> {
    let Ok([_, name, declared, not_null, default, place, hidden]) = <[Param; 7]>::try_from(row) else {
        return Err(unexpected());
    };
    let (Param::Text(name), Param::Text(declared), Param::Int(place)) = (name, declared, place) else {
        return Err(unexpected());
    };
    let declared = Declared::parse(&declared);
    let default = match default {
        Param::Text(text) => Default::parse(&text, &declared.name),
        _ => Default::Other,
    };
    let column = Column {
        name: Ident::new(name),
        nullable: place == 0 && not_null == Param::Int(0),
        default_now: matches!(default, Default::Now),
        default: match default {
            Default::Constant(value) => Some(value),
            Default::Now | Default::Other => None,
        },
        max_length: declared.max_length(),
        precision: declared.precision(),
        scale: declared.scale(),
        data_type: declared.name,
        unique: false,
        indexed: false,
        primary: place > 0,
        auto_increment: false,
        generated: hidden != Param::Int(0),
    };
    Ok((column, place))
}

/// The keys of one column each, in the order of their declaration. A target that is left out is filled in later.
fn foreign_keys(rows: Vec<Row>) -> Result<Vec<ForeignKey>> {
    let mut keys: Vec<(i64, ForeignKey)> = Vec::new();
    let mut wide = Vec::new();
    for row in rows {
        let Ok(
            [
                _,
                Param::Int(id),
                Param::Text(column),
                Param::Text(table),
                target,
                on_update,
                on_delete,
            ],
        ) = <[Param; 7]>::try_from(row)
        else {
            return Err(unexpected());
        };
        let (Param::Text(on_update), Param::Text(on_delete)) = (on_update, on_delete) else {
            return Err(unexpected());
        };
        if keys.last().is_some_and(|(last, _)| *last == id) {
            wide.push(id);
        }
        let target = match target {
            Param::Text(target) => target,
            _ => String::new(),
        };
        let key = ForeignKey {
            name: None,
            column,
            table,
            target,
            on_update,
            on_delete,
        };
        keys.push((id, key));
    }
    keys.retain(|(id, _)| !wide.contains(id));
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// A foreign key that names no column points at the other table's primary key.
fn point_at_keys(tables: &mut [Table]) {
    let keys: HashMap<String, String> = tables
        .iter()
        .filter_map(|table| Some((table.name.clone(), table.primary_key.first()?.clone())))
        .collect();
    for key in tables.iter_mut().flat_map(|table| &mut table.foreign_keys) {
        if key.target.is_empty()
            && let Some(target) = keys.get(&key.table)
        {
            key.target.clone_from(target);
        }
    }
}
