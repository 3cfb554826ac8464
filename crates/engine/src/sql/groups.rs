//! Groups with aggregates: group keys and aggregated values are computed in a derived table, so that grouping, ordering
//! and telling all name the same columns.

use crate::{
    plan::{Expr, GroupOrder, Groups, Measure, Token},
    query::Aggregate,
    schema::Ident,
    sql::{Dialect, Output, Shape, Sql, Stmt, expr, object::object, rows, token},
};

/// The alias of the derived table: no plan numbers its tables so high.
const DERIVED: u32 = 9_999;

/// Writes groups as a statement.
pub fn compile(dialect: Dialect, of: &Groups) -> Stmt {
    let mut sql = Sql::new(dialect);
    let mut outputs = Vec::new();
    let mut inner: Vec<&Expr> = of.keys.iter().map(|(_, expr, _)| expr).collect();
    sql.push("select ");
    let mut separate = rows::Separator::default();
    for (i, (name, _, told)) in of.keys.iter().enumerate() {
        separate.between(&mut sql);
        let shape = token::told(&mut sql, &derived(i), *told);
        outputs.push(Output {
            name: name.clone(),
            shape,
        });
    }
    for group in &of.results {
        separate.between(&mut sql);
        let shape = result(&mut sql, &group.fields, &mut inner);
        outputs.push(Output {
            name: group.name.clone(),
            shape,
        });
    }
    if outputs.is_empty() {
        sql.push("1");
    }
    let mut tail = Sql::new(dialect);
    ordered(&mut tail, of, &mut inner);
    sql.push(" from (select ")
        .list(inner.iter().enumerate(), |sql, (i, of)| {
            expr::expr(sql, of);
            sql.push(" as ").ident(&derived_name(i));
        });
    if inner.is_empty() {
        sql.push("1");
    }
    expr::from(&mut sql, &of.from);
    sql.push(") ").alias(DERIVED);
    if !of.keys.is_empty() {
        sql.push(" group by ").list(0..of.keys.len(), |sql, i| {
            sql.column(DERIVED, &derived_name(i));
        });
    }
    sql.append(tail);
    rows::paged(&mut sql, of.limit, of.offset);
    sql.finish(outputs)
}

/// One function's results: by themselves, or by field.
fn result<'a>(sql: &mut Sql, fields: &'a [(Option<String>, Measure)], inner: &mut Vec<&'a Expr>) -> Shape {
    if let [(None, measure)] = fields {
        return measured(sql, measure, inner, false);
    }
    object(sql, fields, false, |sql, (name, measure)| {
        sql.key(name.as_deref().unwrap_or("*")).push(", ");
        measured(sql, measure, inner, true);
    });
    Shape::Raw
}

fn measured<'a>(sql: &mut Sql, measure: &'a Measure, inner: &mut Vec<&'a Expr>, as_member: bool) -> Shape {
    let column = measure.of.as_ref().map(|of| {
        inner.push(of);
        derived_name(inner.len() - 1)
    });
    let mut value = Sql::new(sql.dialect());
    aggregate(&mut value, measure.function, column.as_ref());
    tell(sql, value, measure.token, as_member)
}

/// Aggregates are not expressions of a row, so they are told here.
fn tell(sql: &mut Sql, value: Sql, told: Token, as_member: bool) -> Shape {
    // The aggregate is computed once, in a place where any token can name it again.
    let name = Ident::new("v");
    let alias = DERIVED + 1;
    match told {
        Token::Text => {
            sql.append(value);
            Shape::Text
        }
        Token::Number => {
            sql.append(value);
            Shape::Raw
        }
        Token::NumberText => {
            let (open, close) = sql.dialect().as_text();
            sql.push(open).append(value).push(close);
            Shape::Text
        }
        other => {
            // What leaves a sub-select has forgotten that it is JSON, so that is said outside of it.
            let json = as_member && token::is_json(other);
            if json {
                sql.push(sql.dialect().json(false));
            }
            sql.push("(select ");
            let value_again = Expr::Column(alias, name.clone());
            let shape = if json && sql.dialect() == Dialect::Postgres {
                // JSON is a type there, which nothing forgets.
                token::member(sql, &value_again, other);
                Shape::Raw
            } else {
                token::told(sql, &value_again, other)
            };
            sql.push(" from (select ")
                .append(value)
                .push(" as ")
                .ident(&name)
                .push(") ")
                .alias(alias)
                .push(if json { "))" } else { ")" });
            shape
        }
    }
}

fn aggregate(sql: &mut Sql, function: Aggregate, column: Option<&Ident>) {
    let open = match function {
        Aggregate::Count | Aggregate::CountAll => "count(",
        Aggregate::CountDistinct => "count(distinct ",
        Aggregate::Sum => "sum(",
        Aggregate::SumDistinct => "sum(distinct ",
        Aggregate::Avg => "avg(",
        Aggregate::AvgDistinct => "avg(distinct ",
        Aggregate::Min => "min(",
        Aggregate::Max => "max(",
    };
    sql.push(open);
    match column {
        Some(column) => sql.column(DERIVED, column),
        None => sql.push("*"),
    };
    sql.push(")");
}

fn ordered<'a>(sql: &mut Sql, of: &'a Groups, inner: &mut Vec<&'a Expr>) {
    if of.order.is_empty() {
        return;
    }
    sql.push(" order by ").list(&of.order, |sql, order| match order {
        // The keys are the first of the derived columns.
        GroupOrder::Key(place, descending) => {
            rows::sorted(sql, *descending, true, |sql| {
                sql.column(DERIVED, &derived_name(*place));
            });
        }
        GroupOrder::Measure(measure, descending) => {
            let column = measure.of.as_ref().map(|of| {
                inner.push(of);
                derived_name(inner.len() - 1)
            });
            rows::sorted(sql, *descending, true, |sql| {
                aggregate(sql, measure.function, column.as_ref());
            });
        }
    });
}

fn derived(i: usize) -> Expr {
    Expr::Column(DERIVED, derived_name(i))
}

fn derived_name(i: usize) -> Ident {
    Ident::new(format!("c{i}"))
}
