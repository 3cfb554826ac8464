//! Values and conditions as SQL.

use crate::{
    plan::{Cmp, Expr, From, Pred},
    query::{Function, JsonPath, JsonStep, Part},
    schema::Kind,
    sql::{Dialect, Sql},
};

/// ` from "table" t0 where ...`
pub fn from(sql: &mut Sql, of: &From) {
    sql.push(" from ").ident(&of.table).push(" ").alias(of.alias);
    wherever(sql, &of.filter);
}

/// ` where ...`, if there is a condition.
pub fn wherever(sql: &mut Sql, filter: &Pred) {
    if !filter.is_true() {
        sql.push(" where ");
        pred(sql, filter);
    }
}

/// A value.
pub fn expr(sql: &mut Sql, of: &Expr) {
    match of {
        Expr::Column(alias, column) => {
            sql.column(*alias, column);
        }
        Expr::Bind(bind) => {
            sql.bind(bind.clone());
        }
        Expr::When(when, then) => {
            sql.push("case when ");
            pred(sql, when);
            sql.push(" then ");
            expr(sql, then);
            sql.push(" end");
        }
        Expr::Part(function, kind, of) => part(sql, *function, *kind, of),
        Expr::Elements(of) => match sql.dialect() {
            Dialect::Sqlite => {
                sql.push("case when json_type(");
                expr(sql, of);
                sql.push(") = 'array' then json_array_length(");
                expr(sql, of);
                sql.push(") end");
            }
        },
        Expr::Inside(of, path) => match sql.dialect() {
            Dialect::Sqlite => {
                sql.push("(");
                expr(sql, of);
                sql.push(" -> ").param(sqlite_path(path)).push(")");
            }
        },
        Expr::Count(rows) => {
            sql.push("(select count(*)");
            from(sql, rows);
            sql.push(")");
        }
        Expr::First(rows, value) => {
            sql.push("(select ");
            expr(sql, value);
            from(sql, rows);
            sql.push(" limit 1)");
        }
        Expr::Counted { rows, by, key } => {
            let counts = rows.alias;
            sql.push("coalesce((select g")
                .number(i64::from(counts))
                .push(".n from (select ");
            sql.column(counts, by).push(" as k, count(*) as n");
            from(sql, rows);
            sql.push(" group by ")
                .column(counts, by)
                .push(") g")
                .number(i64::from(counts));
            sql.push(" where g").number(i64::from(counts)).push(".k = ");
            expr(sql, key);
            sql.push("), 0)");
        }
        Expr::AsWhole(of) => {
            sql.push("cast(");
            expr(sql, of);
            sql.push(" as integer)");
        }
        Expr::AsText(of) => {
            sql.push("cast(");
            expr(sql, of);
            sql.push(" as text)");
        }
    }
}

/// A part of a date or time, as a whole number.
fn part(sql: &mut Sql, function: Function, kind: Kind, of: &Expr) {
    match sql.dialect() {
        Dialect::Sqlite => {
            sql.push("cast(strftime(").push(match function {
                Function::Year => "'%Y'",
                Function::Month => "'%m'",
                Function::Week => "'%V'",
                Function::Day => "'%d'",
                Function::Weekday => "'%w'",
                Function::Hour => "'%H'",
                Function::Minute => "'%M'",
                Function::Second | Function::Count | Function::Unknown => "'%S'",
            });
            sql.push(", ");
            sqlite_moment(sql, kind, of);
            sql.push(") as integer)");
        }
    }
}

/// A date or time in a form that SQLite's functions take. Moments are stored as milliseconds; rows written by others
/// may hold text.
pub fn sqlite_moment(sql: &mut Sql, kind: Kind, of: &Expr) {
    if matches!(kind, Kind::DateTime | Kind::Timestamp) {
        sql.push("case typeof(");
        expr(sql, of);
        sql.push(") when 'integer' then (");
        expr(sql, of);
        sql.push(") / 1000.0 else unixepoch(");
        expr(sql, of);
        sql.push(", 'subsec') end, 'unixepoch'");
    } else {
        expr(sql, of);
    }
}

/// `$."a"[0]`
fn sqlite_path(path: &JsonPath) -> String {
    let mut text = String::from("$");
    for step in &path.0 {
        match step {
            JsonStep::Member(name) => {
                text.push_str(".\"");
                text.push_str(&name.replace('"', "\\\""));
                text.push('"');
            }
            JsonStep::Element(n) => {
                text.push('[');
                text.push_str(&n.to_string());
                text.push(']');
            }
        }
    }
    text
}

/// A condition.
pub fn pred(sql: &mut Sql, of: &Pred) {
    match of {
        Pred::True => {
            sql.push("1 = 1");
        }
        Pred::False => {
            sql.push("1 = 0");
        }
        Pred::And(list) => joined(sql, list, " and "),
        Pred::Or(list) => joined(sql, list, " or "),
        Pred::Not(inner) => {
            sql.push("not (");
            pred(sql, inner);
            sql.push(")");
        }
        Pred::Compare(left, cmp, right) => {
            operand(sql, left);
            sql.push(match cmp {
                Cmp::Same => sql.dialect().same(),
                Cmp::Eq => " = ",
                Cmp::Ne => " <> ",
                Cmp::Lt => " < ",
                Cmp::Le => " <= ",
                Cmp::Gt => " > ",
                Cmp::Ge => " >= ",
            });
            operand(sql, right);
        }
        Pred::In(left, list) => {
            operand(sql, left);
            sql.push(" in (").list(list, |sql, bind| {
                sql.bind(bind.clone());
            });
            sql.push(")");
        }
        Pred::InList(left, bind) => {
            operand(sql, left);
            match sql.dialect() {
                Dialect::Sqlite => {
                    sql.push(" in (select value from json_each(")
                        .bind(bind.clone())
                        .push("))");
                }
            }
        }
        Pred::NotEmpty(bind) => match sql.dialect() {
            Dialect::Sqlite => {
                sql.push("json_array_length(").bind(bind.clone()).push(") > 0");
            }
        },
        Pred::InRows(left, rows, value) => {
            operand(sql, left);
            sql.push(" in (select ");
            expr(sql, value);
            from(sql, rows);
            sql.push(")");
        }
        Pred::IsNull(inner) => {
            operand(sql, inner);
            sql.push(" is null");
        }
        Pred::Match { text, part, fold, with } => matches(sql, text, *part, *fold, with),
        Pred::Exists(rows) => {
            sql.push("exists (select 1");
            from(sql, rows);
            sql.push(")");
        }
    }
}

/// Conditions side by side. Long lists are bracketed by halves: databases limit how deep an expression is, and a
/// list without brackets is as deep as it is long.
fn joined(sql: &mut Sql, list: &[Pred], by: &'static str) {
    /// Conditions that stand side by side without more brackets.
    const PLAIN: usize = 50;
    sql.push("(");
    if list.len() > PLAIN {
        let (left, right) = list.split_at(list.len() / 2);
        joined(sql, left, by);
        sql.push(by);
        joined(sql, right, by);
        sql.push(")");
        return;
    }
    for (i, inner) in list.iter().enumerate() {
        if i > 0 {
            sql.push(by);
        }
        pred(sql, inner);
    }
    sql.push(")");
}

/// A value beside an operator, in brackets where it needs them.
fn operand(sql: &mut Sql, of: &Expr) {
    if matches!(of, Expr::When(..) | Expr::Elements(..)) {
        sql.push("(");
        expr(sql, of);
        sql.push(")");
    } else {
        expr(sql, of);
    }
}

/// Parts of text are compared as they are: no wildcards, so nothing to escape.
fn matches(sql: &mut Sql, text: &Expr, part: Part, fold: bool, with: &Expr) {
    let open = if fold { sql.dialect().fold() } else { "(" };
    let left = |sql: &mut Sql| {
        sql.push(open);
        expr(sql, text);
        sql.push(")");
    };
    let right = |sql: &mut Sql| {
        sql.push(open);
        expr(sql, with);
        sql.push(")");
    };
    match (sql.dialect(), part) {
        (Dialect::Sqlite, Part::Anywhere) => {
            sql.push("instr(");
            left(sql);
            sql.push(", ");
            right(sql);
            sql.push(") > 0");
        }
        (Dialect::Sqlite, Part::Start) => {
            sql.push("substr(");
            left(sql);
            sql.push(", 1, length(");
            right(sql);
            sql.push(")) = ");
            right(sql);
        }
        (Dialect::Sqlite, Part::End) => {
            // Counted from the beginning: every text ends with the empty one.
            sql.push("substr(");
            left(sql);
            sql.push(", length(");
            left(sql);
            sql.push(") - length(");
            right(sql);
            sql.push(") + 1) = ");
            right(sql);
        }
    }
}
