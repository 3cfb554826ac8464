//! Reads what MariaDB or MySQL says of the tables of its database, in five questions at most.
//!
//! Knows nothing of metadata, and leaves out the tables nobody may see: Aedile's own, and hidden ones.

mod default;

use std::collections::HashSet;

use aedile_engine::{
    Error,
    schema::{
        Column, Ident,
        physical::{GONE, Physical, Table},
    },
    value::Param,
};

use super::{connection::Connection, fault::Failure};
use crate::{
    Row,
    introspect::{ByTable, foreign_key, indexes, unexpected},
};
use default::{Default, Writes};

/// What tables of Aedile's own are called, which nobody is told of.
const OWN: &str = "aedile_";

const TABLES: &str = "select table_name from information_schema.tables \
    where table_schema = database() and table_type = 'BASE TABLE'";

/// A comment says which moments are in UTC: its own type for such ends in 2038.
const COLUMNS: &str = "select table_name, column_name, \
      case when data_type = 'datetime' and column_comment = 'timestamp' then 'timestamp' else data_type end, column_type, is_nullable, column_default, extra, \
      cast(character_maximum_length as signed), cast(numeric_precision as signed), cast(numeric_scale as signed), \
      coalesce(generation_expression, '') \
    from information_schema.columns where table_schema = database() order by table_name, ordinal_position";

/// MariaDB keeps JSON as text that a check holds to it.
const JSON_CHECKS: &str = "select table_name, constraint_name from information_schema.check_constraints \
    where constraint_schema = database() \
      and lower(replace(check_clause, '\"', '`')) = concat('json_valid(`', lower(constraint_name), '`)')";

/// Of one column each, into the same database.
const FOREIGN_KEYS: &str = "select k.table_name, k.constraint_name, min(k.column_name), min(k.referenced_table_name), \
      min(k.referenced_column_name), min(r.update_rule), min(r.delete_rule) \
    from information_schema.key_column_usage k \
    join information_schema.referential_constraints r on r.constraint_schema = k.constraint_schema \
      and r.constraint_name = k.constraint_name and r.table_name = k.table_name \
    where k.table_schema = database() and k.referenced_table_schema = database() \
    group by k.table_name, k.constraint_name having count(*) = 1 order by k.table_name, k.constraint_name";

/// Of an expression no column is told, and of a part of a text the length.
const INDEXES: &str = "select table_name, index_name, non_unique = 0, index_name = 'PRIMARY', \
      case when sub_part is null then column_name end \
    from information_schema.statistics where table_schema = database() order by table_name, index_name, seq_in_index";

/// What the database says of its tables, but for the `hidden` ones.
pub(super) async fn physical(connection: &mut Connection, hidden: &[String]) -> Result<Physical, Failure> {
    let writes = Writes::of(connection.flavour);
    let checks = match writes {
        Writes::Expressions => connection.fetch(JSON_CHECKS, &[]).await?,
        // JSON is a type of its own there.
        Writes::Texts => Vec::new(),
    };
    let mut facts = Facts {
        columns: ByTable::new(connection.fetch(COLUMNS, &[]).await?),
        foreign_keys: ByTable::new(connection.fetch(FOREIGN_KEYS, &[]).await?),
        indexes: ByTable::new(connection.fetch(INDEXES, &[]).await?),
        writes,
        json: checks.into_iter().filter_map(pair).collect(),
    };
    let mut tables = Vec::new();
    for row in connection.fetch(TABLES, &[]).await? {
        let Some(Param::Text(name)) = row.into_iter().next() else {
            return Err(unexpected().into());
        };
        let told = !name.starts_with(OWN) && !hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(&name));
        if told {
            tables.push(facts.table(name)?);
        }
    }
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Physical { tables })
}

fn pair(row: Row) -> Option<(String, String)> {
    match <[Param; 2]>::try_from(row) {
        Ok([Param::Text(table), Param::Text(column)]) => Some((table, column)),
        _ => None,
    }
}

struct Facts {
    /// How defaults are told.
    writes: Writes,
    columns: ByTable,
    foreign_keys: ByTable,
    indexes: ByTable,
    /// Tables and columns whose text is held to JSON.
    json: HashSet<(String, String)>,
}

impl Facts {
    fn table(&mut self, name: String) -> Result<Table, Error> {
        let (primary_key, indexes) = indexes(self.indexes.take(&name))?;
        let foreign_keys = self.foreign_keys.take(&name);
        let foreign_keys = foreign_keys
            .into_iter()
            .map(|row| foreign_key(row, rule))
            .collect::<Result<_, Error>>()?;
        let mut columns = Vec::new();
        for row in self.columns.take(&name) {
            let column = self.column(&name, row)?;
            if !column.name.as_str().starts_with(GONE) {
                columns.push(column);
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

    fn column(&self, table: &str, row: Row) -> Result<Column, Error> {
        let Ok(
            [
                _,
                Param::Text(name),
                Param::Text(data_type),
                Param::Text(declared),
                Param::Text(nullable),
                default,
                Param::Text(extra),
                length,
                precision,
                scale,
                Param::Text(generation),
            ],
        ) = <[Param; 11]>::try_from(row)
        else {
            return Err(unexpected());
        };
        let json = self.json.contains(&(table.to_owned(), name.clone()));
        let data_type = named(&data_type, &declared, json);
        let generated = !generation.is_empty();
        let default = match default {
            Param::Text(text) if !generated => Default::parse(self.writes, &text, &extra, &data_type),
            _ => Default::Other,
        };
        let sized = ["char", "varchar", "binary", "varbinary"].contains(&data_type.as_str());
        let number = |value: &Param| match value {
            Param::Int(n) => u32::try_from(*n).ok(),
            _ => None,
        };
        Ok(Column {
            name: Ident::new(name),
            nullable: nullable == "YES",
            default_now: default == Default::Now,
            auto_increment: extra.contains("auto_increment"),
            default: match default {
                Default::Constant(value) => Some(value),
                _ => None,
            },
            max_length: number(&length).filter(|_| sized),
            precision: number(&precision),
            scale: number(&scale),
            data_type,
            unique: false,
            indexed: false,
            primary: false,
            generated,
        })
    }
}

/// The type by the name that the engine knows it by.
fn named(data_type: &str, declared: &str, json: bool) -> String {
    match data_type {
        "tinyint" if declared == "tinyint(1)" => "boolean".to_owned(),
        "bit" if declared == "bit(1)" => "bit".to_owned(),
        "longtext" if json => "json".to_owned(),
        other if declared.contains("unsigned") => format!("{other} unsigned"),
        other => other.to_owned(),
    }
}

/// Both refuse there at once, and so it tells what nobody has chosen as `RESTRICT`.
fn rule(name: String) -> String {
    if name == "RESTRICT" {
        "NO ACTION".to_owned()
    } else {
        name
    }
}
