//! Looks at stored rows before a change of their column, so that what they hold is refused with its documented error
//! and never found half-way through.

use aedile_engine::{
    Code, Error, Json, Result,
    schema::{Column, Ident, Kind},
    sql::{Dialect, Sql},
    value::Param,
};

use super::edit::Edit;

/// Whether the table has any row.
pub(super) async fn has_rows(edit: &mut Edit<'_>, table: &str) -> Result<bool> {
    let mut sql = edit.sql();
    sql.push("select 1 from ").ident(&Ident::new(table)).push(" limit 1");
    Ok(edit.first(sql).await?.is_some())
}

/// Fails when a column that shall not hold null does.
pub(super) async fn no_nulls(edit: &mut Edit<'_>, table: &str, column: &str) -> Result<()> {
    let name = Ident::new(column);
    let mut sql = edit.sql();
    sql.push("select 1 from ")
        .ident(&Ident::new(table))
        .push(" where ")
        .ident(&name)
        .push(" is null limit 1");
    match edit.first(sql).await? {
        Some(_) => Err(null_values(table, column)),
        None => Ok(()),
    }
}

/// The error for a column that would hold null and may not.
pub(super) fn null_values(table: &str, column: &str) -> Error {
    Error::new(
        Code::ContainsNullValues,
        format!("The field \"{column}\" in collection \"{table}\" would hold empty values."),
    )
    .with("collection", table)
    .with("field", column)
}

/// Fails when a column that shall be unique holds something twice.
pub(super) async fn no_doubles(edit: &mut Edit<'_>, table: &str, column: &str) -> Result<()> {
    let name = Ident::new(column);
    let mut sql = edit.sql();
    sql.push("select ")
        .ident(&name)
        .push(" from ")
        .ident(&Ident::new(table));
    sql.push(" where ")
        .ident(&name)
        .push(" is not null group by ")
        .ident(&name);
    sql.push(" having count(*) > 1 limit 1");
    match edit.first(sql).await? {
        Some(value) => Err(Error::constraint(
            Code::RecordNotUnique,
            table,
            Some(column),
            told(value),
        )),
        None => Ok(()),
    }
}

/// Fails when a column that shall point at a table's key holds something else.
pub(super) async fn no_strays(edit: &mut Edit<'_>, table: &str, column: &str, one: &str, key: &str) -> Result<()> {
    let name = Ident::new(column);
    let mut sql = edit.sql();
    sql.push("select m.")
        .ident(&name)
        .push(" from ")
        .ident(&Ident::new(table))
        .push(" m where m.")
        .ident(&name);
    sql.push(" is not null and not exists (select 1 from ")
        .ident(&Ident::new(one))
        .push(" o where o.");
    sql.ident(&Ident::new(key)).push(" = m.").ident(&name).push(") limit 1");
    match edit.first(sql).await? {
        Some(value) => Err(Error::constraint(
            Code::InvalidForeignKey,
            table,
            Some(column),
            told(value),
        )),
        None => Ok(()),
    }
}

/// Fails when a text is longer than the column will be.
async fn no_longer(edit: &mut Edit<'_>, table: &str, column: &str, length: u32) -> Result<()> {
    let name = Ident::new(column);
    let mut sql = edit.sql();
    sql.push("select ")
        .ident(&name)
        .push(" from ")
        .ident(&Ident::new(table))
        .push(" where ")
        .push(edit.dialect().letters())
        .ident(&name);
    sql.push(") > ").number(i64::from(length)).push(" limit 1");
    match edit.first(sql).await? {
        Some(value) => Err(Error::constraint(Code::ValueTooLong, table, Some(column), told(value))),
        None => Ok(()),
    }
}

/// What stored values are, whatever their column is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Store {
    Text,
    Whole,
    Fraction,
    Truth,
    Json,
    Moment,
    Date,
    Time,
    Other,
}

fn store(kind: Kind) -> Store {
    match kind {
        Kind::String | Kind::Text | Kind::Csv | Kind::Hash | Kind::Uuid => Store::Text,
        Kind::Integer | Kind::BigInteger => Store::Whole,
        Kind::Float | Kind::Decimal => Store::Fraction,
        Kind::Boolean => Store::Truth,
        Kind::Json => Store::Json,
        Kind::DateTime | Kind::Timestamp => Store::Moment,
        Kind::Date => Store::Date,
        Kind::Time => Store::Time,
        _ => Store::Other,
    }
}

/// Fails when values of a column would make no sense in what it becomes.
pub(super) async fn fits(
    edit: &mut Edit<'_>,
    table: &str,
    before: (&Column, Kind),
    after: (&Column, Kind),
) -> Result<()> {
    let (column, kind) = after;
    let name = column.name.as_str();
    if !column.nullable && before.0.nullable {
        no_nulls(edit, table, name).await?;
    }
    let shorter = column.max_length < before.0.max_length || before.0.max_length.is_none();
    if let Some(length) = column.max_length.filter(|_| shorter) {
        no_longer(edit, table, name, length).await?;
    }
    if let Some(misfit) = misfits(
        edit.dialect(),
        store(before.1),
        store(kind),
        kind == Kind::Integer,
        &column.name,
    ) {
        let mut sql = edit.sql();
        sql.push("select 1 from ")
            .ident(&Ident::new(table))
            .push(" where ")
            .ident(&column.name);
        sql.push(" is not null and ").append(misfit).push(" limit 1");
        if edit.first(sql).await?.is_some() {
            return Err(Error::invalid_payload(format!(
                "\"{table}.{name}\" holds values that are no {}",
                kind.as_str()
            )));
        }
    }
    Ok(())
}

/// The condition that holds for values that do not fit; none when all do.
fn misfits(dialect: Dialect, from: Store, to: Store, short: bool, column: &Ident) -> Option<Sql> {
    let mut sql = Sql::new(dialect);
    let (open, close) = dialect.as_text();
    match (from, to) {
        (Store::Whole, Store::Whole) if short => {
            sql.ident(column).push(" not between -2147483648 and 2147483647");
        }
        (from, to) if from == to && from != Store::Other => return None,
        (Store::Whole | Store::Truth, Store::Fraction)
        | (Store::Truth, Store::Whole)
        | (Store::Whole | Store::Fraction | Store::Json | Store::Date | Store::Time, Store::Text) => {
            return None;
        }
        (Store::Text | Store::Fraction, Store::Whole) if let Some(like) = dialect.looks_like(false) => {
            // What does not look like a whole number is not compared with one.
            sql.push("case when ").push(open).ident(column).push(close).push(like);
            sql.push(if from == Store::Text {
                "'^-?[0-9]{1,18}$'"
            } else {
                "'^-?[0-9]{1,18}([.]0*)?$'"
            });
            sql.push(" then cast(")
                .ident(column)
                .push(" as decimal(65)) not between ");
            sql.push(if short {
                "-2147483648 and 2147483647"
            } else {
                "-9223372036854775808 and 9223372036854775807"
            });
            sql.push(" else true end");
        }
        (Store::Text, Store::Fraction) if let Some(unlike) = dialect.looks_like(true) => {
            sql.push(open)
                .ident(column)
                .push(close)
                .push(unlike)
                .push("'^ *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)? *$'");
        }
        // Its own conversion refuses what is no JSON.
        (Store::Text, Store::Json) if dialect == Dialect::Postgres => return None,
        (Store::Text | Store::Fraction, Store::Whole) => {
            sql.push("cast(cast(")
                .ident(column)
                .push(" as integer) as text) <> cast(")
                .ident(column);
            sql.push(" as text)");
            if short {
                sql.push(" or cast(")
                    .ident(column)
                    .push(" as integer) not between -2147483648 and 2147483647");
            }
        }
        (Store::Text, Store::Fraction) => {
            // A number survives the way to text and back; other text becomes 0 or loses its end.
            sql.push("cast(")
                .ident(column)
                .push(" as text) glob '*[^-+.0-9eE]*' or trim(")
                .ident(column);
            sql.push(") = ''");
        }
        (Store::Whole, Store::Truth) => {
            sql.ident(column).push(" not in (0, 1)");
        }
        (Store::Text, Store::Json) => {
            sql.push("not json_valid(").ident(column).push(")");
        }
        // Nothing else has a meaning that could be kept.
        _ => {
            sql.push("1 = 1");
        }
    }
    let mut whole = Sql::new(dialect);
    whole.push("(").append(sql).push(")");
    Some(whole)
}

/// A stored value, as an error tells it.
fn told(value: Param) -> Json {
    match value {
        Param::Null | Param::Bytes(_) => Json::Null,
        Param::Bool(b) => Json::from(b),
        Param::Int(n) | Param::Instant(n) | Param::Wall(n) => Json::from(n),
        Param::Real(n) => Json::from(n),
        Param::Text(text) => Json::from(text),
    }
}
