//! Orders. What the caller may not see on a row does not order it: such rows come as if they had no value.

use crate::{
    error::{Error, Result},
    plan::{
        Expr, Order, Planner, Pred, Trust,
        filter::{column, from, key_column, link},
    },
    query::{Key, Leaf, Query, Sort},
    schema::{Collection, Kind, Link},
};

impl<'a> Planner<'a> {
    /// The query's order, or the collection's own: its order field, then its key.
    pub fn order(&mut self, c: &'a Collection, alias: u32, query: &Query) -> Result<Vec<Order>> {
        if query.sort.is_empty() {
            return self.own_order(c, alias);
        }
        let mut order: Vec<Order> = query
            .sort
            .iter()
            .map(|sort| {
                let path = self.unaliased(&sort.path, query);
                let (expr, nullable) = self.sort_expr(c, alias, &path, Trust::Caller)?;
                Ok(Order {
                    expr,
                    descending: sort.descending,
                    nullable,
                })
            })
            .collect::<Result<_>>()?;
        // The key decides among equals, so that pages neither repeat nor miss a row.
        order.push(Order {
            expr: Expr::Column(alias, key_column(c)?),
            descending: false,
            nullable: false,
        });
        Ok(order)
    }

    /// The order of a list of related rows: the relation's order field, then the list's own order.
    pub fn relation_order(&mut self, c: &'a Collection, alias: u32, sort: &[Sort]) -> Result<Vec<Order>> {
        if sort.is_empty() {
            return self.own_order(c, alias);
        }
        let mut order = Vec::new();
        for key in sort {
            let (expr, nullable) = self.sort_expr(c, alias, &key.path, Trust::Rule)?;
            order.push(Order {
                expr,
                descending: key.descending,
                nullable,
            });
        }
        order.push(Order {
            expr: Expr::Column(alias, key_column(c)?),
            descending: false,
            nullable: false,
        });
        Ok(order)
    }

    fn own_order(&mut self, c: &'a Collection, alias: u32) -> Result<Vec<Order>> {
        let mut order = Vec::new();
        // The order an administrator gave by hand is not a secret of the rows: it needs no read permission.
        let by_hand = c.sort_field.as_deref().and_then(|name| c.field(name));
        if let Some((field, expr)) = by_hand.and_then(|field| Some((field, column(alias, field)?))) {
            let nullable = field.column.as_ref().is_none_or(|column| column.nullable);
            order.push(Order {
                expr,
                descending: false,
                nullable,
            });
        }
        order.push(Order {
            expr: Expr::Column(alias, key_column(c)?),
            descending: false,
            nullable: false,
        });
        Ok(order)
    }

    fn unaliased(&self, path: &[Key], query: &Query) -> Vec<Key> {
        if let [Key::Field(name)] = path
            && let Some(found) = query.alias.iter().find(|a| a.name == *name)
        {
            match &found.target {
                Leaf::Field(field) => return vec![Key::Field(field.clone())],
                Leaf::Call(function, field) => return vec![Key::Call(*function, field.clone())],
                Leaf::Every | Leaf::Json(..) => {}
            }
        }
        path.to_vec()
    }

    /// The value a row is ordered by, and whether it can be null.
    pub fn sort_expr(&mut self, c: &'a Collection, alias: u32, path: &[Key], trust: Trust) -> Result<(Expr, bool)> {
        let Some((first, rest)) = path.split_first() else {
            return Err(Error::invalid_query("an order needs a field"));
        };
        match first {
            Key::Call(function, name) if rest.is_empty() => {
                let (expr, guard) = self.call(c, alias, *function, name, trust)?;
                Ok((when(guard, expr), true))
            }
            Key::Field(name) => {
                let field = c.field(name).ok_or_else(|| Error::forbidden_field(name, &c.name))?;
                let guard = self.guard_if(c, alias, name, trust)?;
                let expr = column(alias, field);
                if rest.is_empty() {
                    let expr = expr.ok_or_else(|| Error::forbidden_field(name, &c.name))?;
                    if field.is_concealed() || field.kind == Kind::Json {
                        return Err(Error::invalid_query(format!("field \"{name}\" can not be ordered by")));
                    }
                    let nullable = !guard.is_true() || field.column.as_ref().is_none_or(|column| column.nullable);
                    return Ok((when(guard, expr), nullable));
                }
                let Some(Link::One { target, .. }) = self.schema.link(&c.name, name) else {
                    return Err(Error::forbidden_field(name, &c.name));
                };
                self.readable(target, trust)?;
                let foreign = expr.ok_or_else(|| Error::forbidden_field(name, &c.name))?;
                let t = self.alias();
                let link = link(target, t, foreign)?;
                let seen = self.seen(target, t, trust);
                let (value, _) = self.sort_expr(target, t, rest, trust)?;
                let first = Expr::First(Box::new(from(target, t, Pred::all([link, seen]))), Box::new(value));
                Ok((when(guard, first), true))
            }
            _ => Err(Error::invalid_query("this can not be ordered by")),
        }
    }
}

fn when(guard: Pred, expr: Expr) -> Expr {
    if guard.is_true() {
        expr
    } else {
        Expr::When(Box::new(guard), Box::new(expr))
    }
}
