//! Reads what PostgreSQL says of the tables of its current schema, in four questions whatever their number.
//! Knows nothing of metadata, and leaves out the tables nobody may see: Aedile's own, those of extensions, and hidden ones.

mod default;

use aedile_engine::{
    Result,
    schema::{
        Column, Ident,
        physical::{Physical, Table},
    },
    value::Param,
};

use super::connection::Connection;
use crate::{
    Row,
    introspect::{ByTable, foreign_key, indexes, unexpected},
};
use default::Default;

/// Ordinary and partitioned tables: views and partitions are none.
const TABLES: &str = r#"select c.relname from pg_class c
    where c.relnamespace = cast(current_schema() as regnamespace) and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname not like 'aedile\_%'
      and not exists (select 1 from pg_depend d
        where d.classid = cast('pg_class' as regclass) and d.objid = c.oid and d.deptype = 'e')
    order by c.relname collate "C""#;

/// Of PostGIS's geometries the kind is told as well; PostgreSQL's own points and polygons are none.
const COLUMNS: &str = r"select c.relname, a.attname,
      case when format_type(a.atttypid, null) = 'geometry' then lower(format_type(a.atttypid, a.atttypmod))
        when format_type(a.atttypid, null) in ('point', 'polygon') then 'pg_catalog.' || format_type(a.atttypid, null)
        else format_type(a.atttypid, null) end, a.attnotnull,
      pg_get_expr(d.adbin, d.adrelid), a.attidentity <> '', a.attgenerated <> '', cast(a.atttypmod as bigint)
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relnamespace = cast(current_schema() as regnamespace) and c.relkind in ('r', 'p')
      and a.attnum > 0 and not a.attisdropped
    order by c.oid, a.attnum";

/// Of one column each, into the same schema.
const FOREIGN_KEYS: &str = r"select c.relname, k.conname, a.attname, o.relname, b.attname,
      cast(k.confupdtype as text), cast(k.confdeltype as text)
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_class o on o.oid = k.confrelid and o.relnamespace = c.relnamespace
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
    where k.contype = 'f' and c.relnamespace = cast(current_schema() as regnamespace) and cardinality(k.conkey) = 1
    order by c.oid, k.oid";

/// Partial indexes say nothing of the rows they leave out. Of an expression no column is told.
const INDEXES: &str = r"select c.relname, i.relname, x.indisunique, x.indisprimary, a.attname
    from pg_index x
    join pg_class c on c.oid = x.indrelid
    join pg_class i on i.oid = x.indexrelid
    cross join lateral unnest(cast(x.indkey as int2[])) with ordinality as k(number, place)
    left join pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.number
    where c.relnamespace = cast(current_schema() as regnamespace) and x.indpred is null and x.indisvalid
      and k.place <= x.indnkeyatts
    order by c.oid, i.oid, k.place";

/// What the database says of its tables, but for the `hidden` ones.
pub(super) async fn physical(connection: &Connection, hidden: &[String]) -> Result<Physical> {
    let mut facts = Facts {
        columns: ByTable::new(connection.ask(COLUMNS, &[]).await?),
        foreign_keys: ByTable::new(connection.ask(FOREIGN_KEYS, &[]).await?),
        indexes: ByTable::new(connection.ask(INDEXES, &[]).await?),
    };
    let mut tables = Vec::new();
    for row in connection.ask(TABLES, &[]).await? {
        let Some(Param::Text(name)) = row.into_iter().next() else {
            return Err(unexpected());
        };
        tables.push(facts.table(name)?);
    }
    tables.retain(|table| !hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(&table.name)));
    Ok(Physical { tables })
}

struct Facts {
    columns: ByTable,
    foreign_keys: ByTable,
    indexes: ByTable,
}

impl Facts {
    fn table(&mut self, name: String) -> Result<Table> {
        let (primary_key, indexes) = indexes(self.indexes.take(&name))?;
        let foreign_keys = self.foreign_keys.take(&name);
        let foreign_keys = foreign_keys
            .into_iter()
            .map(|row| foreign_key(row, rule))
            .collect::<Result<_>>()?;
        let columns = self.columns.take(&name);
        let mut table = Table {
            name,
            columns: columns.into_iter().map(column).collect::<Result<_>>()?,
            foreign_keys,
            primary_key,
            indexes,
        };
        table.settle();
        Ok(table)
    }
}

fn column(row: Row) -> Result<Column> {
    let Ok(
        [
            _,
            Param::Text(name),
            Param::Text(data_type),
            Param::Bool(not_null),
            default,
            identity,
            generated,
            Param::Int(modifier),
        ],
    ) = <[Param; 8]>::try_from(row)
    else {
        return Err(unexpected());
    };
    let is_generated = generated == Param::Bool(true);
    let default = match default {
        Param::Text(text) if !is_generated => Default::parse(&text, &data_type),
        _ => Default::Other,
    };
    let (max_length, precision, scale) = sizes(&data_type, modifier);
    Ok(Column {
        name: Ident::new(name),
        nullable: !not_null,
        default_now: default == Default::Now,
        auto_increment: default == Default::Count || identity == Param::Bool(true),
        default: match default {
            Default::Constant(value) => Some(value),
            _ => None,
        },
        max_length,
        precision,
        scale,
        data_type,
        unique: false,
        indexed: false,
        primary: false,
        generated: is_generated,
    })
}

/// The longest text, all digits and those after the point, as the information schema tells them.
fn sizes(data_type: &str, modifier: i64) -> (Option<u32>, Option<u32>, Option<u32>) {
    let size = u32::try_from(modifier - 4).ok();
    match data_type {
        "character varying" | "character" => (size, None, None),
        "numeric" => (None, size.map(|size| size >> 16), size.map(|size| size & 0x7ff)),
        "smallint" => (None, Some(16), Some(0)),
        "integer" => (None, Some(32), Some(0)),
        "bigint" => (None, Some(64), Some(0)),
        "real" => (None, Some(24), None),
        "double precision" => (None, Some(53), None),
        _ => (None, None, None),
    }
}

fn rule(letter: String) -> String {
    match letter.as_str() {
        "r" => "RESTRICT",
        "c" => "CASCADE",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        _ => "NO ACTION",
    }
    .to_owned()
}
