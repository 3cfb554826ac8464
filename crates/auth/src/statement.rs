//! Fixed statements on the system's tables and their values. The text stands in our source code; a value can only be
//! bound. Also how cells are read back.

use aedile_db::Row;
use aedile_engine::{
    sql::{Bind, Dialect, Sql, Stmt},
    value::Param,
};

/// Where a value is bound in the text of a statement.
const PLACE: &str = "{}";

/// A statement with its values.
pub struct Bound {
    /// The statement.
    pub stmt: Stmt,
    /// Its values, in order.
    pub params: Vec<Param>,
}

/// A statement whose places `{}` are bound to `values`, one by one.
pub fn bound(dialect: Dialect, text: &'static str, values: impl IntoIterator<Item = Param>) -> Bound {
    let stmt = begun(dialect, text, values).finish(Vec::new());
    let params = stmt
        .binds
        .iter()
        .map(|bind| match bind {
            Bind::Const(param) => param.clone(),
            Bind::Var(..) | Bind::Key(_) => Param::Null,
        })
        .collect();
    Bound { stmt, params }
}

/// The same, to be put before another statement.
pub fn begun(dialect: Dialect, text: &'static str, values: impl IntoIterator<Item = Param>) -> Sql {
    let mut values = values.into_iter();
    let mut sql = Sql::new(dialect);
    for (i, part) in text.split(PLACE).enumerate() {
        if i > 0 {
            // A place without a value would be a statement that matches what it should not: null matches nothing.
            sql.param(values.next().unwrap_or(Param::Null));
        }
        sql.push(part);
    }
    sql
}

/// A cell that holds text.
pub fn text(row: &Row, column: usize) -> Option<String> {
    match row.get(column) {
        Some(Param::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

/// A cell that holds a whole number, or a moment in milliseconds.
pub fn int(row: &Row, column: usize) -> Option<i64> {
    match row.get(column) {
        Some(Param::Int(n) | Param::Instant(n)) => Some(*n),
        Some(Param::Bool(b)) => Some(i64::from(*b)),
        _ => None,
    }
}
