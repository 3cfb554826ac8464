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
            Dialect::MySql => " () values ()",
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
    sql.push(" returning ").ident(&of.key);
    let mut outputs = vec![Output {
        name: of.key.as_str().to_owned(),
        shape: Shape::Raw,
    }];
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

/// A key that was brought along is never given again: PostgreSQL's count, if it keeps one, goes on behind it.
fn counted_past(sql: &mut Sql, of: &write::Insert) {
    let sequence = |sql: &mut Sql| {
        let table = of.table.as_str().replace('"', "\"\"");
        sql.push("cast(pg_get_serial_sequence(")
            .param(format!("\"{table}\""))
            .push(", ")
            .param(of.key.as_str())
            .push(") as regclass)");
    };
    sql.push(", setval(");
    sequence(sql);
    sql.push(", greatest(").ident(&of.key).push(", pg_sequence_last_value(");
    sequence(sql);
    sql.push("), 1))");
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
