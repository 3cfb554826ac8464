//! Groups with aggregates: group keys and aggregated values are computed in a derived table, so that grouping, ordering
//! and telling all name the same columns.

use crate::{
    plan::{Expr, GroupOrder, Groups, Measure},
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
    let value = aggregate(measure, inner);
    if as_member {
        token::member(sql, &value, measure.token);
        return Shape::Raw;
    }
    token::told(sql, &value, measure.token)
}

/// An aggregate of a derived column.
fn aggregate<'a>(measure: &'a Measure, inner: &mut Vec<&'a Expr>) -> Expr {
    let of = measure.of.as_ref().map(|of| {
        inner.push(of);
        Box::new(derived(inner.len() - 1))
    });
    Expr::Aggregate(measure.function, of)
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
            let value = aggregate(measure, inner);
            rows::sorted(sql, *descending, true, |sql| {
                expr::expr(sql, &value);
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
