//! From a plan to a statement. Decides nothing: what may be seen and done stands in the plan.

use crate::{
    plan::{Expr, From, Plan, Pred, Token, write},
    sql::{Dialect, Output, Shape, Sql, Stmt, expr, groups, rows, token},
    value::Param,
};

/// Writes a plan as a statement of a dialect.
pub fn compile(dialect: Dialect, plan: &Plan) -> Stmt {
    match plan {
        Plan::Rows(node) => rows::compile(dialect, node),
        Plan::Groups(of) => groups::compile(dialect, of),
        Plan::Count(from) => count(dialect, from),
        Plan::Value(of, told) => value(dialect, of, *told),
        Plan::Insert(of) => insert(dialect, of),
        Plan::Update(of) => update(dialect, of),
        Plan::Delete(of) => delete(dialect, of),
    }
}

/// Writes a condition alone, as it stands in statements: to be shown to people, never to be run.
pub fn condition(dialect: Dialect, of: &Pred) -> Stmt {
    let mut sql = Sql::new(dialect);
    expr::pred(&mut sql, of);
    sql.finish(Vec::new())
}

fn count(dialect: Dialect, of: &From) -> Stmt {
    let mut sql = Sql::new(dialect);
    sql.push("select count(*)");
    expr::from(&mut sql, of);
    sql.finish(vec![Output {
        name: "count".to_owned(),
        shape: Shape::Raw,
    }])
}

fn value(dialect: Dialect, of: &Expr, told: Token) -> Stmt {
    let mut sql = Sql::new(dialect);
    sql.push("select ");
    let shape = token::told(&mut sql, of, told);
    sql.finish(vec![Output {
        name: "value".to_owned(),
        shape,
    }])
}

fn insert(dialect: Dialect, of: &write::Insert) -> Stmt {
    let mut sql = Sql::new(dialect);
    sql.push("insert into ").ident(&of.table);
    if of.values.is_empty() {
        sql.push(match dialect {
            Dialect::Sqlite | Dialect::Postgres => " default values",
            Dialect::MySql(_) => " () values ()",
        });
    } else {
        sql.push(" (").list(&of.values, |sql, (column, _)| {
            sql.ident(column);
        });
        sql.push(") values (").list(&of.values, |sql, (_, value)| {
            sql.param(value.clone());
        });
        sql.push(")");
    }
    let mut given = of.values.iter();
    let given = given.position(|(column, value)| *column == of.key && *value != Param::Null);
    let mut outputs = vec![sql.returning(&of.key, given)];
    if dialect == Dialect::Postgres
        && of
            .values
            .iter()
            .any(|(column, value)| *column == of.key && matches!(value, Param::Int(_)))
    {
        counted_past(&mut sql, of);
        outputs.push(Output {
            name: String::new(),
            shape: Shape::Raw,
        });
    }
    sql.finish(outputs)
}

/// Numbers that are taken one by one to come behind a key that was brought along, so that nobody's number is taken back.
/// Where there are more of them the count is set, by one after the other: nobody takes so many in the moment between.
const NEAR: i64 = 32;

/// A key that was brought along is never given again: PostgreSQL's count, if it keeps one, goes on behind it. It is never set
/// back: others may have moved it on since it was looked at.
fn counted_past(sql: &mut Sql, of: &write::Insert) {
    let table = of.table.as_str().replace('"', "\"\"");
    sql.push(", (select case when ")
        .ident(&of.key)
        .push(" - aedile_last > ")
        .number(NEAR);
    sql.push(" then (select setval(aedile_count, greatest(")
        .ident(&of.key)
        .push(", pg_sequence_last_value(aedile_count))) from (select pg_advisory_xact_lock(cast(cast(aedile_count as oid) as bigint))) alone)");
    sql.push(" else (select count(*) from generate_series(aedile_last + 1, ")
        .ident(&of.key)
        .push(") where nextval(aedile_count) > 0) end from (select aedile_count, coalesce(pg_sequence_last_value(aedile_count), 0) as aedile_last");
    sql.push(" from (select cast(pg_get_serial_sequence(")
        .param(format!("\"{table}\""))
        .push(", ")
        .param(of.key.as_str())
        .push(") as regclass) as aedile_count) named) counted where aedile_count is not null)");
}

fn update(dialect: Dialect, of: &write::Update) -> Stmt {
    let mut sql = Sql::new(dialect);
    sql.push("update ")
        .ident(&of.table)
        .push(" set ")
        .list(&of.values, |sql, (column, value)| {
            sql.ident(column).push(" = ").param(value.clone());
        });
    picked(&mut sql, &of.column, &of.keys);
    sql.finish(Vec::new())
}

fn delete(dialect: Dialect, of: &write::Delete) -> Stmt {
    let mut sql = Sql::new(dialect);
    sql.push("delete from ").ident(&of.table);
    picked(&mut sql, &of.column, &of.keys);
    sql.finish(Vec::new())
}

fn picked(sql: &mut Sql, column: &crate::schema::Ident, keys: &[crate::value::Param]) {
    sql.push(" where ").ident(column).push(" in (").params(keys);
    sql.push(")");
}
