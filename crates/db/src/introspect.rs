//! What all databases tell alike of their tables, once each has been asked in its own words: rows that begin with the table's
//! name. What a type, a default or a rule is called is each database's own, and nothing here may know it.

use std::collections::HashMap;

use aedile_engine::{
    Error, Json, Result,
    schema::physical::{ForeignKey, Index},
    value::Param,
};

use crate::Row;

/// Rows by their first cell, the table's name.
pub(crate) struct ByTable(HashMap<String, Vec<Row>>);

impl ByTable {
    /// Sorts rows by their tables.
    pub(crate) fn new(rows: Vec<Row>) -> ByTable {
        let mut tables: HashMap<String, Vec<Row>> = HashMap::new();
        for row in rows {
            if let Some(Param::Text(name)) = row.first() {
                tables.entry(name.clone()).or_default().push(row);
            }
        }
        ByTable(tables)
    }

    /// The rows of a table, which is asked for once.
    pub(crate) fn take(&mut self, table: &str) -> Vec<Row> {
        self.0.remove(table).unwrap_or_default()
    }
}

/// Of a table, its name, the foreign key's, its column, the table and the column it points at, and its rules, which `rule` says
/// in our words.
pub(crate) fn foreign_key(row: Row, rule: impl Fn(String) -> String) -> Result<ForeignKey> {
    let Ok(
        [
            _,
            Param::Text(name),
            Param::Text(column),
            Param::Text(table),
            Param::Text(target),
            Param::Text(on_update),
            Param::Text(on_delete),
        ],
    ) = <[Param; 7]>::try_from(row)
    else {
        return Err(unexpected());
    };
    Ok(ForeignKey {
        name: Some(name),
        column,
        table,
        target,
        on_update: rule(on_update),
        on_delete: rule(on_delete),
    })
}

/// The columns of the primary key, and the indexes over whole columns: one over an expression or a part says nothing of them.
/// Of a table, its name, the index's, whether it forbids doubles, whether it is the primary key's, and a column.
pub(crate) fn indexes(rows: Vec<Row>) -> Result<(Vec<String>, Vec<Index>)> {
    let mut primary = Vec::new();
    let mut indexes: Vec<Index> = Vec::new();
    let mut computed = Vec::new();
    for row in rows {
        let Ok([_, Param::Text(name), unique, is_primary, column]) = <[Param; 5]>::try_from(row) else {
            return Err(unexpected());
        };
        let Param::Text(column) = column else {
            computed.push(name);
            continue;
        };
        if is_yes(&is_primary)? {
            primary.push(column);
            continue;
        }
        match indexes.last_mut() {
            Some(index) if index.name == name => index.columns.push(column),
            _ => indexes.push(Index {
                name,
                columns: vec![column],
                unique: is_yes(&unique)?,
            }),
        }
    }
    indexes.retain(|index| !computed.contains(&index.name));
    Ok((primary, indexes))
}

/// Yes or no, which not every database has a type for.
fn is_yes(cell: &Param) -> Result<bool> {
    match cell {
        Param::Bool(yes) => Ok(*yes),
        Param::Int(number) => Ok(*number != 0),
        _ => Err(unexpected()),
    }
}

/// The text between two of such quotes; none when what stands there is more than one string.
pub(crate) fn quoted(text: &str, quote: char) -> Option<String> {
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let double = format!("{quote}{quote}");
    let single = inner.split(&double).all(|part| !part.contains(quote));
    single.then(|| inner.replace(&double, &quote.to_string()))
}

/// A number as JSON, a whole one where it is one; what is none stays a text.
pub(crate) fn number(text: &str) -> Json {
    let whole = text.parse::<i64>().map(Json::from);
    whole
        .or_else(|_| text.parse::<f64>().map(Json::from))
        .unwrap_or_else(|_| Json::from(text))
}

/// The value that a JSON text holds; what is none stays a text.
pub(crate) fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|_| Json::from(text))
}

/// Of an answer in another shape than the question has.
pub(crate) fn unexpected() -> Error {
    Error::internal("the database describes its tables in an unknown way")
}
