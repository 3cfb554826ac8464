//! Groups and aggregates: over the rows the caller may see, of the values it may see on them.

use crate::{
    error::{Error, Result},
    plan::{
        Expr, Group, GroupOrder, Groups, Measure, Planner, Pred, Token, Trust,
        filter::{column, exact, from},
        token,
    },
    query::{Aggregate, Function, Key, Leaf, Query},
    schema::{Collection, Field, Kind, Link},
    sql::Bind,
};

impl<'a> Planner<'a> {
    /// What an aggregating query asks for.
    pub fn groups(&mut self, c: &'a Collection, query: &Query) -> Result<Groups> {
        let alias = self.alias();
        let mut keys = Vec::new();
        for key in &query.group {
            keys.push(self.group_key(c, alias, key)?);
        }
        let mut results: Vec<Group> = Vec::new();
        for (function, of) in &query.aggregate {
            let measure = self.measure(c, alias, *function, of.as_ref())?;
            let name = of.as_ref().map(key_name);
            match results.iter_mut().find(|group| group.name == function.as_str()) {
                Some(group) => group.fields.push((name, measure)),
                None => results.push(Group {
                    name: function.as_str().to_owned(),
                    fields: vec![(name, measure)],
                }),
            }
        }
        let visible = self.visible(c, alias);
        let rows = self.wanted_rows(c, alias, query)?;
        let order = self.group_order(c, alias, query, &keys)?;
        Ok(Groups {
            from: from(c, alias, Pred::all([visible, rows])),
            keys,
            results,
            order,
            limit: query.page.limit,
            offset: query.page.offset,
        })
    }

    fn group_key(&mut self, c: &'a Collection, alias: u32, key: &Key) -> Result<(String, Expr, Token)> {
        match key {
            Key::Field(name) => {
                let field = c.field(name).ok_or_else(|| Error::forbidden_field(name, &c.name))?;
                let guard = self.guard(c, alias, name)?;
                let expr = column(alias, field).ok_or_else(|| Error::forbidden_field(name, &c.name))?;
                if field.kind == Kind::Json {
                    return Err(Error::invalid_query(format!(
                        "groups can not be made by the JSON field \"{name}\""
                    )));
                }
                if field.is_concealed() {
                    return Ok((name.clone(), masked(guard, concealed(expr)), Token::Text));
                }
                Ok((name.clone(), masked(guard, exact(Some(field), expr)), token(field)))
            }
            Key::Call(function, name) => {
                if *function == Function::Count && matches!(self.schema.link(&c.name, name), Some(Link::Many { .. })) {
                    return Err(Error::invalid_query(
                        "groups can not be made by a count of related items",
                    ));
                }
                let (expr, guard) = self.call(c, alias, *function, name, Trust::Caller)?;
                Ok((key_name(key), masked(guard, expr), Token::NumberText))
            }
            Key::Scoped(name, _) | Key::Follow(name, _) => Err(Error::forbidden_field(name, &c.name)),
        }
    }

    fn measure(&mut self, c: &'a Collection, alias: u32, function: Aggregate, of: Option<&Key>) -> Result<Measure> {
        let unfit =
            |name: &str| Error::invalid_query(format!("\"{}\" does not fit field \"{name}\"", function.as_str()));
        let (expr, field) = match of {
            None if matches!(function, Aggregate::Count | Aggregate::CountAll) => {
                return Ok(Measure {
                    function,
                    of: None,
                    token: Token::NumberText,
                });
            }
            None => return Err(unfit("*")),
            Some(Key::Call(part, name)) => {
                let (expr, guard) = self.call(c, alias, *part, name, Trust::Caller)?;
                let token = if matches!(function, Aggregate::Min | Aggregate::Max) {
                    Token::NumberText
                } else {
                    sum_token(function, Kind::Integer)
                };
                return Ok(Measure {
                    function,
                    of: Some(masked(guard, expr)),
                    token,
                });
            }
            Some(Key::Field(name)) => {
                let field = c.field(name).ok_or_else(|| Error::forbidden_field(name, &c.name))?;
                let guard = self.guard(c, alias, name)?;
                let expr = column(alias, field).ok_or_else(|| unfit(name))?;
                let expr = if field.is_concealed() { concealed(expr) } else { expr };
                (masked(guard, exact(Some(field), expr)), field)
            }
            Some(Key::Scoped(name, _) | Key::Follow(name, _)) => return Err(Error::forbidden_field(name, &c.name)),
        };
        if !measurable(function, field) {
            return Err(unfit(&field.name));
        }
        let compared = matches!(function, Aggregate::Min | Aggregate::Max | Aggregate::CountDistinct);
        let expr = if compared && !field.is_concealed() {
            Expr::AsComparable(Box::new(expr), field.kind)
        } else {
            expr
        };
        let token = match function {
            Aggregate::Min | Aggregate::Max if field.is_concealed() => Token::Text,
            Aggregate::Min | Aggregate::Max => token(field),
            Aggregate::Sum | Aggregate::SumDistinct if field.kind == Kind::Decimal => token(field),
            _ => sum_token(function, field.kind),
        };
        Ok(Measure {
            function,
            of: Some(expr),
            token,
        })
    }

    fn group_order(
        &mut self,
        c: &'a Collection,
        alias: u32,
        query: &Query,
        keys: &[(String, Expr, Token)],
    ) -> Result<Vec<GroupOrder>> {
        let mut order = Vec::new();
        for sort in &query.sort {
            let [key] = sort.path.as_slice() else {
                return Err(Error::invalid_query(
                    "groups are ordered by what they are grouped by, or by an aggregate",
                ));
            };
            let name = key_name(key);
            if let Some(place) = keys.iter().position(|(k, _, _)| *k == name) {
                order.push(GroupOrder::Key(place, sort.descending));
                continue;
            }
            let measured = query.aggregate.iter().find(|(function, _)| function.as_str() == name);
            match measured {
                Some((function, of)) => order.push(GroupOrder::Measure(
                    self.measure(c, alias, *function, of.as_ref())?,
                    sort.descending,
                )),
                None if keys.is_empty() => {
                    // One group needs no order, but what is named must be readable all the same.
                    self.sort_expr(c, alias, &sort.path, Trust::Caller)?;
                }
                None => {
                    self.sort_expr(c, alias, &sort.path, Trust::Caller)?;
                    return Err(Error::invalid_query(
                        "groups are ordered by what they are grouped by, or by an aggregate",
                    ));
                }
            }
        }
        // The keys decide among equals, so that pages neither repeat nor miss a group.
        order.extend((0..keys.len()).map(|place| GroupOrder::Key(place, false)));
        Ok(order)
    }
}

/// The name of a group key or aggregated field in the answer.
fn key_name(key: &Key) -> String {
    match key {
        Key::Field(name) => name.clone(),
        Key::Call(function, name) => crate::plan::select::answer_key(&Leaf::Call(*function, name.clone())),
        Key::Scoped(name, collection) => format!("{name}:{collection}"),
        Key::Follow(collection, field) => format!("$FOLLOW({collection}, {field})"),
    }
}

/// All that is not null is alike: groups, extremes and the order of either tell nothing but whether there is a value.
fn concealed(expr: Expr) -> Expr {
    let mask = Expr::Bind(Bind::Const("**********".into()));
    masked(Pred::IsNull(expr).negated(), mask)
}

fn masked(guard: Pred, expr: Expr) -> Expr {
    if guard.is_true() {
        expr
    } else {
        Expr::When(Box::new(guard), Box::new(expr))
    }
}

/// Sums and averages are of numbers; extremes are of what has an order; anything can be counted.
fn measurable(function: Aggregate, field: &Field) -> bool {
    match function {
        Aggregate::Count | Aggregate::CountAll => true,
        // How many secrets differ tells whether some are equal.
        Aggregate::CountDistinct => !field.is_concealed(),
        Aggregate::Sum | Aggregate::SumDistinct | Aggregate::Avg | Aggregate::AvgDistinct => {
            field.kind.is_number() && !field.is_concealed()
        }
        Aggregate::Min | Aggregate::Max => {
            !matches!(field.kind, Kind::Json | Kind::Binary) && !field.kind.is_geometry()
        }
    }
}

/// Counts and sums of whole numbers are told as text, as 64 bits do not fit a client's numbers.
fn sum_token(function: Aggregate, kind: Kind) -> Token {
    match (function, kind) {
        (Aggregate::Sum | Aggregate::SumDistinct | Aggregate::Avg | Aggregate::AvgDistinct, Kind::Float) => {
            Token::Number
        }
        (Aggregate::Avg | Aggregate::AvgDistinct, _) => Token::Number,
        _ => Token::NumberText,
    }
}
