//! Values and conditions as SQL.

use crate::{
    plan::{Cmp, Expr, From, Pred},
    query::{Aggregate, Function, JsonStep, Part},
    schema::Kind,
    sql::{Bind, Dialect, Sql},
    value::Param,
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
        Expr::Bind(bind) => bound(sql, bind),
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
            Dialect::Postgres => {
                sql.push("case when json_typeof(cast(");
                expr(sql, of);
                sql.push(" as json)) = 'array' then json_array_length(cast(");
                expr(sql, of);
                sql.push(" as json)) end");
            }
            Dialect::MySql(_) => {
                sql.push("case when json_type(");
                expr(sql, of);
                sql.push(") = 'ARRAY' then json_length(");
                expr(sql, of);
                sql.push(") end");
            }
        },
        Expr::Inside(of, path) => match sql.dialect() {
            Dialect::Sqlite => {
                sql.push("(");
                expr(sql, of);
                sql.push(" -> ").param(path_text(&path.0)).push(")");
            }
            Dialect::MySql(_) => inside(sql, of, &path.0),
            Dialect::Postgres => {
                sql.push("(cast(");
                expr(sql, of);
                sql.push(" as json)");
                for step in &path.0 {
                    sql.push(" -> ");
                    match step {
                        JsonStep::Member(name) => sql.push("cast(").param(name.as_str()).push(" as text)"),
                        JsonStep::Element(n) => sql.number(i64::from(*n)),
                    };
                }
                sql.push(")");
            }
        },
        Expr::Aggregate(function, of) => aggregate(sql, *function, of.as_deref()),
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
        Expr::AsWhole(of) => match sql.dialect() {
            Dialect::Sqlite => {
                sql.push("cast(");
                expr(sql, of);
                sql.push(" as integer)");
            }
            // Text that is no number is an error there.
            Dialect::Postgres => only_like(sql, of, "'^-?[0-9]{1,18}$'", "bigint"),
            // Text that is no number counts as none at all there.
            Dialect::MySql(_) => {
                sql.push("case when cast(");
                expr(sql, of);
                sql.push(" as char) regexp '^-?[0-9]{1,18}$(?!\\n)' then cast(");
                expr(sql, of);
                sql.push(" as signed) end");
            }
        },
        Expr::AsUuid(of) => match sql.dialect() {
            Dialect::Sqlite | Dialect::MySql(_) => expr(sql, of),
            Dialect::Postgres => only_like(
                sql,
                of,
                "'^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'",
                "uuid",
            ),
        },
        Expr::AsMoment(of) => match sql.dialect() {
            // Dates are texts there, moments milliseconds: any text is greater than any number.
            Dialect::Sqlite => {
                sql.push("unixepoch(");
                expr(sql, of);
                sql.push(") * 1000");
            }
            Dialect::Postgres | Dialect::MySql(_) => expr(sql, of),
        },
        Expr::AsFraction(of) => {
            let (open, close) = sql.dialect().fraction();
            sql.push(open);
            match &**of {
                Expr::Bind(bind) => {
                    sql.bind(bind.clone());
                }
                other => expr(sql, other),
            }
            sql.push(close);
        }
        Expr::AsComparable(of, kind) => {
            let (open, close) = sql.dialect().comparable(*kind);
            sql.push(open);
            expr(sql, of);
            sql.push(close);
        }
        Expr::AsText(of) => {
            let (open, close) = sql.dialect().as_text();
            sql.push(open);
            expr(sql, of);
            sql.push(close);
        }
    }
}

fn aggregate(sql: &mut Sql, function: Aggregate, of: Option<&Expr>) {
    let (open, close) = match function {
        Aggregate::Avg | Aggregate::AvgDistinct => sql.dialect().average(),
        _ => ("", ""),
    };
    sql.push(match function {
        Aggregate::Count | Aggregate::CountAll => "count(",
        Aggregate::CountDistinct => "count(distinct ",
        Aggregate::Sum => "sum(",
        Aggregate::SumDistinct => "sum(distinct ",
        Aggregate::Avg => "avg(",
        Aggregate::AvgDistinct => "avg(distinct ",
        Aggregate::Min => "min(",
        Aggregate::Max => "max(",
    });
    sql.push(open);
    match of {
        Some(of) => expr(sql, of),
        None => {
            sql.push("*");
        }
    }
    sql.push(close).push(")");
}

/// A bound value. Whole numbers say so: beside a smaller column they would be taken for what it holds, and refused.
fn bound(sql: &mut Sql, bind: &Bind) {
    let (open, close) = match bind {
        Bind::Const(Param::Int(_)) => sql.dialect().whole(),
        _ => ("", ""),
    };
    sql.push(open).bind(bind.clone()).push(close);
}

/// The value as another type where its text looks like one, else null.
fn only_like(sql: &mut Sql, of: &Expr, pattern: &'static str, as_type: &'static str) {
    sql.push("case when cast(");
    expr(sql, of);
    sql.push(" as text) ~ ").push(pattern).push(" then cast(cast(");
    expr(sql, of);
    sql.push(" as text) as ").push(as_type).push(") end");
}

/// A part of a date or time, as a whole number.
fn part(sql: &mut Sql, function: Function, kind: Kind, of: &Expr) {
    let (open, close) = sql.dialect().part(function);
    sql.push(open);
    moment(sql, kind, of);
    sql.push(close);
}

/// A date or time in a form that the database's functions take.
pub fn moment(sql: &mut Sql, kind: Kind, of: &Expr) {
    match sql.dialect() {
        Dialect::Sqlite => sqlite_moment(sql, kind, of),
        Dialect::Postgres | Dialect::MySql(_) => {
            let name = sql.dialect().moment(kind);
            sql.push("cast(");
            expr(sql, of);
            sql.push(" as ").push(name).push(")");
        }
    }
}

/// A date or time in a form that SQLite's functions take. Moments are stored as milliseconds; rows written by others
/// may hold text.
fn sqlite_moment(sql: &mut Sql, kind: Kind, of: &Expr) {
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

/// What JSON holds at a path, on MariaDB: its paths take anything for a list of itself.
fn inside(sql: &mut Sql, of: &Expr, path: &[JsonStep]) {
    let extract = |sql: &mut Sql, path: &[JsonStep]| {
        sql.push("json_extract(");
        expr(sql, of);
        sql.push(", ").param(path_text(path)).push(")");
    };
    let elements = path.iter().enumerate();
    let elements = elements.filter(|(_, step)| matches!(step, JsonStep::Element(_)));
    let lists: Vec<&[JsonStep]> = elements.filter_map(|(at, _)| path.get(..at)).collect();
    if lists.is_empty() {
        return extract(sql, path);
    }
    sql.push("case when ");
    for (i, list) in lists.into_iter().enumerate() {
        sql.push(if i > 0 { " and json_type(" } else { "json_type(" });
        extract(sql, list);
        sql.push(") = 'ARRAY'");
    }
    sql.push(" then ");
    extract(sql, path);
    sql.push(" end");
}

/// `$."a"[0]`
fn path_text(path: &[JsonStep]) -> String {
    let mut text = String::from("$");
    for step in path {
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

/// A condition, where what is unknown counts as what does not hold.
pub fn pred(sql: &mut Sql, of: &Pred) {
    condition(sql, of, false);
}

/// A condition; an `exact` one is never unknown, so that its opposite can be asked for.
fn condition(sql: &mut Sql, of: &Pred, exact: bool) {
    match of {
        Pred::True => {
            sql.push("1 = 1");
        }
        Pred::False => {
            sql.push("1 = 0");
        }
        Pred::And(list) => joined(sql, list, " and ", exact),
        Pred::Or(list) => joined(sql, list, " or ", exact),
        Pred::Not(inner) => {
            sql.push("not (");
            condition(sql, inner, true);
            sql.push(")");
        }
        Pred::Compare(left, Cmp::Same, Expr::Bind(bind @ Bind::Var(..)))
            if !exact && !sql.dialect().same_is_indexed() =>
        {
            same_as_variable(sql, left, bind);
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
            sql.push(" in (").list(list, expr);
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
                // Bound as a list of the other side's type.
                Dialect::Postgres => {
                    sql.push(" = any(").bind(bind.clone()).push(")");
                }
                Dialect::MySql(flavour) => {
                    sql.push(" in (select value")
                        .push(flavour.exact())
                        .push(" from json_table(")
                        .bind(bind.clone())
                        .push(", '$[*]' columns (value varchar(255) character set utf8mb4 path '$')) as listed)");
                }
            }
        }
        Pred::NotEmpty(bind) => match sql.dialect() {
            Dialect::Sqlite => {
                sql.push("json_array_length(").bind(bind.clone()).push(") > 0");
            }
            Dialect::Postgres => {
                sql.push("cardinality(cast(")
                    .bind(bind.clone())
                    .push(" as text[])) > 0");
            }
            Dialect::MySql(_) => {
                sql.push("json_length(").bind(bind.clone()).push(") > 0");
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
        Pred::Meets(of, boxes, with) => {
            sql.push(sql.dialect().meets(*boxes));
            expr(sql, of);
            sql.push(", ");
            expr(sql, with);
            sql.push(")");
        }
        Pred::Exists(rows) => {
            sql.push("exists (select 1");
            from(sql, rows);
            sql.push(")");
        }
    }
}

/// Whether other rows are looked at to judge a condition: what costs more than the row itself.
pub fn asks_other_rows(of: &Pred) -> bool {
    match of {
        Pred::Exists(_) | Pred::InRows(..) => true,
        Pred::And(list) | Pred::Or(list) => list.iter().any(asks_other_rows),
        Pred::Not(inner) => asks_other_rows(inner),
        Pred::Compare(left, _, right) | Pred::Meets(left, _, right) => {
            is_of_other_rows(left) || is_of_other_rows(right)
        }
        Pred::Match { text: of, .. } | Pred::In(of, _) | Pred::InList(of, _) | Pred::IsNull(of) => is_of_other_rows(of),
        Pred::True | Pred::False | Pred::NotEmpty(_) => false,
    }
}

/// Whether other rows are looked at to find a value.
fn is_of_other_rows(of: &Expr) -> bool {
    match of {
        Expr::Count(_) | Expr::First(..) | Expr::Counted { .. } => true,
        Expr::When(guard, of) => asks_other_rows(guard) || is_of_other_rows(of),
        Expr::Part(_, _, of)
        | Expr::Elements(of)
        | Expr::Inside(of, _)
        | Expr::AsText(of)
        | Expr::AsWhole(of)
        | Expr::AsUuid(of)
        | Expr::AsFraction(of)
        | Expr::AsMoment(of)
        | Expr::AsComparable(of, _) => is_of_other_rows(of),
        Expr::Column(..) | Expr::Bind(_) | Expr::Aggregate(..) => false,
    }
}

/// Conditions side by side. Long lists are bracketed by halves: databases limit how deep an expression is, and a
/// list without brackets is as deep as it is long.
fn joined(sql: &mut Sql, list: &[Pred], by: &'static str, exact: bool) {
    /// Conditions that stand side by side without more brackets.
    const PLAIN: usize = 50;
    sql.push("(");
    if list.len() > PLAIN {
        let (left, right) = list.split_at(list.len() / 2);
        joined(sql, left, by, exact);
        sql.push(by);
        joined(sql, right, by, exact);
        sql.push(")");
        return;
    }
    for (i, inner) in list.iter().enumerate() {
        if i > 0 {
            sql.push(by);
        }
        condition(sql, inner, exact);
    }
    sql.push(")");
}

/// Equality with a variable, null being equal to null, so that an index can be used. Unknown where one side is null.
fn same_as_variable(sql: &mut Sql, left: &Expr, bind: &Bind) {
    let (open, close) = sql.dialect().text();
    sql.push("(");
    operand(sql, left);
    sql.push(" = ").bind(bind.clone()).push(" or ");
    sql.push(open).bind(bind.clone()).push(close).push(" is null and ");
    operand(sql, left);
    sql.push(" is null)");
}

/// A value beside an operator, in brackets where it needs them.
fn operand(sql: &mut Sql, of: &Expr) {
    if matches!(of, Expr::When(..) | Expr::Elements(..) | Expr::AsMoment(..))
        || (sql.dialect() != Dialect::Sqlite && matches!(of, Expr::AsWhole(..) | Expr::AsUuid(..)))
    {
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
        (dialect, Part::Anywhere) => {
            sql.push(dialect.place());
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
        (Dialect::Postgres, Part::Start) => {
            sql.push("starts_with(");
            left(sql);
            sql.push(", ");
            right(sql);
            sql.push(")");
        }
        (Dialect::MySql(_), Part::Start) => {
            sql.push("left(");
            left(sql);
            sql.push(", char_length(");
            right(sql);
            sql.push(")) = ");
            right(sql);
        }
        (Dialect::MySql(_), Part::End) => {
            sql.push("right(");
            left(sql);
            sql.push(", char_length(");
            right(sql);
            sql.push(")) = ");
            right(sql);
        }
        (Dialect::Postgres, Part::End) => {
            sql.push("right(");
            left(sql);
            sql.push(", length(");
            right(sql);
            sql.push(")) = ");
            right(sql);
        }
    }
}
