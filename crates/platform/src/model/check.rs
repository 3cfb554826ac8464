//! Looks at stored rows before a change of their column, so that what they hold is refused with its documented error,
//! never found half-way through and never lost. It tells how many rows stand in the way and the keys of the first; a
//! secret is not told.

mod conversion;

use aedile_engine::{
    Code, Error, Json, Result, ddl,
    schema::{Column, Ident, Kind},
    sql::Sql,
    value::Param,
};

use super::edit::Edit;
use conversion::{Fit, Judge, fit};

/// Rows that are told by their keys: enough to look at, few enough to read.
const TOLD: i64 = 5;

/// Rows that are read at a time where a conversion is judged value by value.
const PAGE: i64 = 1_000;

/// A column's place.
type Place<'a> = (&'a str, &'a str);

/// Rows that stand in the way.
struct InTheWay {
    rows: i64,
    keys: Vec<Json>,
    /// The value of the first, unless it is a secret.
    value: Json,
}

impl InTheWay {
    /// Says so in an error.
    fn told(self, error: Error) -> Error {
        let keys: Vec<String> = self.keys.iter().map(Json::to_string).collect();
        let rows = self.rows;
        let told = match (rows, keys.as_slice()) {
            (1, [key]) => format!("1 row: the one with the key {key}"),
            (1, _) => "1 row".to_owned(),
            (_, []) => format!("{rows} rows"),
            (_, keys) if keys.len() as i64 == rows => format!("{rows} rows: those with the keys {}", keys.join(", ")),
            (_, keys) => format!("{rows} rows: those with the keys {} and others", keys.join(", ")),
        };
        error
            .and_says(&format!("That are {told}."))
            .with("rows", rows)
            .with("keys", self.keys)
    }
}

/// The rows of which a condition on a column holds, if there are any. What is only planned holds none.
async fn find(edit: &mut Edit<'_>, (table, column): Place<'_>, condition: Sql) -> Result<Option<InTheWay>> {
    let mut count = edit.sql();
    count
        .push("select count(*) from ")
        .ident(&Ident::new(table))
        .push(" where ")
        .append(condition.clone());
    let rows = edit.number(count).await?;
    if rows == 0 {
        return Ok(None);
    }
    let mut sql = edit.sql();
    let key = key(edit, table);
    let name = Ident::new(column);
    sql.push("select ")
        .ident(&name)
        .push(", ")
        .ident(key.as_ref().unwrap_or(&name));
    sql.push(" from ")
        .ident(&Ident::new(table))
        .push(" where ")
        .append(condition);
    if let Some(key) = &key {
        sql.push(" order by ").ident(key);
    }
    sql.push(" limit ").number(TOLD);
    let found = edit.fetch(sql).await?;
    let first = found.first().and_then(|row| row.first()).cloned();
    let keys = found.into_iter().filter_map(|row| row.into_iter().nth(1)).map(told);
    Ok(Some(InTheWay {
        rows,
        keys: if key.is_some() { keys.collect() } else { Vec::new() },
        value: first
            .filter(|_| !is_secret(edit, table, column))
            .map_or(Json::Null, told),
    }))
}

fn key(edit: &Edit<'_>, table: &str) -> Option<Ident> {
    match ddl::find(&edit.physical, table)?.primary_key.as_slice() {
        [key] => Some(Ident::new(key)),
        _ => None,
    }
}

fn is_secret(edit: &Edit<'_>, table: &str, column: &str) -> bool {
    let field = edit
        .model
        .schema
        .collection(table)
        .and_then(|collection| collection.field(column));
    field.is_some_and(|field| field.is_concealed())
}

/// Fails when the table has rows: they would hold null in a new column that may not.
pub(super) async fn no_rows(edit: &mut Edit<'_>, table: &str, column: &str) -> Result<()> {
    if !edit.is_stored(table) {
        return Ok(());
    }
    let key = key(edit, table).map_or_else(|| column.to_owned(), |key| key.as_str().to_owned());
    let mut any = edit.sql();
    any.push("1 = 1");
    match find(edit, (table, &key), any).await? {
        Some(found) => Err(found.told(null_values(table, column))),
        None => Ok(()),
    }
}

/// Fails when the table has more than one row: all of them would get the default of a new column that shall be unique.
pub(super) async fn one_row(edit: &mut Edit<'_>, table: &str, column: &str) -> Result<()> {
    let rows = stored(edit, table).await?;
    if rows <= 1 {
        return Ok(());
    }
    Err(
        Error::constraint(Code::RecordNotUnique, table, Some(column), Json::Null)
            .and_says(&format!("All of the {rows} rows would hold its default."))
            .with("rows", rows),
    )
}

/// Fails when the table has rows: the database would write a new secret's default into them as it is, not its hash.
pub(super) async fn no_secrets(edit: &mut Edit<'_>, table: &str, column: &str) -> Result<()> {
    let rows = stored(edit, table).await?;
    if rows == 0 {
        return Ok(());
    }
    let error = Error::unprocessable(format!(
        "the default of \"{table}.{column}\" cannot be hashed for rows that are there; add the field without it, and set the default then"
    ));
    Err(error.with("rows", rows))
}

/// Fails when a column that shall be a secret holds what is no hash: it would stay as it is, for whoever reads the database.
pub(super) async fn no_plain(edit: &mut Edit<'_>, table: &str, column: &str) -> Result<()> {
    if !edit.has_column(table, column) {
        return Ok(());
    }
    let (name, (open, close)) = (Ident::new(column), edit.dialect().as_text());
    let mut plain = edit.sql();
    plain.ident(&name).push(" is not null and ");
    plain.push(open).ident(&name).push(close).push(" not like '$argon2%'");
    match find(edit, (table, column), plain).await? {
        Some(found) => Err(found.told(Error::unprocessable(format!(
            "\"{table}.{column}\" holds values that are no hashes, and what is there is not hashed afterwards; add a new field with \"hash\", and write them there"
        )))),
        None => Ok(()),
    }
}

/// How many rows a table has; what is only planned has none.
async fn stored(edit: &mut Edit<'_>, table: &str) -> Result<i64> {
    if !edit.is_stored(table) {
        return Ok(0);
    }
    let mut count = edit.sql();
    count.push("select count(*) from ").ident(&Ident::new(table));
    edit.number(count).await
}

/// Fails when a column that shall not hold null does.
async fn no_nulls(edit: &mut Edit<'_>, place: Place<'_>) -> Result<()> {
    let mut null = edit.sql();
    null.ident(&Ident::new(place.1)).push(" is null");
    match find(edit, place, null).await? {
        Some(found) => Err(found.told(null_values(place.0, place.1))),
        None => Ok(()),
    }
}

/// The error for a column that would hold null and may not.
fn null_values(table: &str, column: &str) -> Error {
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
    let mut double = edit.sql();
    double
        .ident(&name)
        .push(" in (select ")
        .ident(&name)
        .push(" from ")
        .ident(&Ident::new(table));
    double
        .push(" where ")
        .ident(&name)
        .push(" is not null group by ")
        .ident(&name);
    double.push(" having count(*) > 1)");
    constrained(edit, (table, column), double, Code::RecordNotUnique).await
}

/// Fails when a column that shall point at a table's key holds something else.
pub(super) async fn no_strays(edit: &mut Edit<'_>, place: Place<'_>, (one, key): Place<'_>) -> Result<()> {
    let name = Ident::new(place.1);
    let mut stray = edit.sql();
    stray.ident(&name).push(" is not null");
    if edit.is_stored(one) {
        stray
            .push(" and ")
            .ident(&name)
            .push(" not in (select ")
            .ident(&Ident::new(key));
        stray.push(" from ").ident(&Ident::new(one)).push(")");
    }
    constrained(edit, place, stray, Code::InvalidForeignKey).await
}

/// Fails with the code of a constraint when rows break it.
async fn constrained(edit: &mut Edit<'_>, place: Place<'_>, broken: Sql, code: Code) -> Result<()> {
    if !edit.has_column(place.0, place.1) {
        return Ok(());
    }
    match find(edit, place, broken).await? {
        Some(found) => {
            let error = Error::constraint(code, place.0, Some(place.1), found.value.clone());
            Err(found.told(error))
        }
        None => Ok(()),
    }
}

/// Fails when values of a column would be lost, cut or make no sense in what it becomes.
pub(super) async fn fits(
    edit: &mut Edit<'_>,
    table: &str,
    before: (&Column, Kind),
    after: (&Column, Kind),
) -> Result<()> {
    let place = (table, after.0.name.as_str());
    if !edit.has_column(place.0, place.1) {
        return Ok(());
    }
    if !after.0.nullable && before.0.nullable {
        no_nulls(edit, place).await?;
    }
    let shorter = before
        .0
        .max_length
        .is_none_or(|length| after.0.max_length < Some(length));
    if let Some(length) = after.0.max_length.filter(|_| shorter) {
        let (open, close) = edit.dialect().as_text();
        let mut longer = edit.sql();
        longer
            .push(edit.dialect().letters())
            .push(open)
            .ident(&after.0.name)
            .push(close);
        longer.push(") > ").number(i64::from(length));
        constrained(edit, place, longer, Code::ValueTooLong).await?;
    }
    let found = match fit(edit.dialect(), before, after) {
        Fit::All => None,
        Fit::None => {
            let mut any = edit.sql();
            any.ident(&after.0.name).push(" is not null");
            find(edit, place, any).await?
        }
        Fit::Unless(condition) => find(edit, place, condition).await?,
        Fit::If(judge) => judged(edit, place, judge).await?,
    };
    match found {
        Some(found) => Err(found.told(Error::invalid_payload(format!(
            "\"{table}.{}\" holds values that \"{}\" cannot hold as they are",
            place.1,
            after.1.as_str()
        )))),
        None => Ok(()),
    }
}

/// The rows whose text a judge does not take, read page by page.
async fn judged(edit: &mut Edit<'_>, place: Place<'_>, judge: Judge) -> Result<Option<InTheWay>> {
    let Some(key) = key(edit, place.0) else {
        return Err(Error::unprocessable(format!(
            "\"{}\" has no key to read its rows by",
            place.0
        )));
    };
    let (mut found, mut last) = (Vec::new(), None);
    loop {
        let mut sql = edit.sql();
        let (table, name) = (Ident::new(place.0), Ident::new(place.1));
        sql.push("select ")
            .ident(&key)
            .push(", ")
            .ident(&name)
            .push(" from ")
            .ident(&table);
        sql.push(" where ").ident(&name).push(" is not null");
        if let Some(last) = last.take() {
            sql.push(" and ").ident(&key).push(" > ").param(last);
        }
        sql.push(" order by ").ident(&key).push(" limit ").number(PAGE);
        let page = edit.fetch(sql).await?;
        let whole = page.len() as i64 == PAGE;
        for row in page {
            let mut cells = row.into_iter();
            let (Some(key), Some(value)) = (cells.next(), cells.next()) else {
                continue;
            };
            if !matches!(&value, Param::Text(text) if judge(text)) {
                found.push(key.clone());
            }
            last = Some(key);
        }
        if !whole {
            break;
        }
    }
    let rows = found.len() as i64;
    let keys = found.into_iter().take(TOLD as usize).map(told).collect();
    Ok((rows > 0).then_some(InTheWay {
        rows,
        keys,
        value: Json::Null,
    }))
}

/// A stored value, as an error tells it.
fn told(value: Param) -> Json {
    match value {
        Param::Null | Param::Bytes(_) => Json::Null,
        Param::Bool(b) => Json::from(b),
        Param::Int(n) | Param::Instant(n) | Param::Wall(n) => Json::from(n),
        Param::Real(n) => Json::from(n),
        Param::Text(text) | Param::Geometry(text) => Json::from(text),
    }
}
