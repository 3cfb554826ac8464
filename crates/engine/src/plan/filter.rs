//! Conditions: from names and operators to columns and sub-selects, with the caller's rules at every step.
//! A value or row the caller may not see never decides: its comparison does not hold.

mod reverse;
mod shape;

use crate::{
    error::{Error, Result},
    plan::{Cmp, Expr, From, Planner, Pred, Trust},
    query::{Filter, Function, Key, Operand, Operands, Test},
    schema::{Collection, Field, Ident, Kind, Link},
    sql::{Bind, Shape},
    value::{Param, operand},
};

use reverse::Reverse;
use shape::{holds_for_nulls, holds_key, holds_test, quantified, together};

/// What the tests of a condition look at.
#[derive(Clone)]
enum Subject<'a> {
    /// The row itself: only keys can follow.
    Row,
    /// A value of the row.
    Value { expr: Expr, field: &'a Field },
    /// A number computed from the row.
    Number(Expr),
}

impl<'a> Planner<'a> {
    /// The condition on rows of `collection` at `alias`.
    pub fn condition(&mut self, collection: &'a Collection, alias: u32, filter: &Filter, trust: Trust) -> Result<Pred> {
        self.lower(collection, alias, &Subject::Row, filter, trust)
    }

    fn lower(
        &mut self,
        c: &'a Collection,
        alias: u32,
        subject: &Subject<'a>,
        filter: &Filter,
        trust: Trust,
    ) -> Result<Pred> {
        match filter {
            Filter::And(list) => {
                let list = together(list);
                let preds: Result<Vec<_>> = list.iter().map(|f| self.lower(c, alias, subject, f, trust)).collect();
                Ok(Pred::all(preds?))
            }
            Filter::Or(list) => {
                let preds: Result<Vec<_>> = list.iter().map(|f| self.lower(c, alias, subject, f, trust)).collect();
                Ok(Pred::any(preds?))
            }
            Filter::At(key, inner) => self.at(c, alias, key, inner, trust),
            Filter::Some(_) | Filter::None(_) => Err(Error::invalid_query(
                "\"_some\" and \"_none\" belong on a list of related items",
            )),
            Filter::Is(test) => match subject {
                Subject::Row => Err(Error::invalid_query("an operator needs a field to look at")),
                Subject::Value { expr, field } => self.test(expr, field, test, trust),
                Subject::Number(expr) => self.test(expr, &NUMBER, test, trust),
            },
        }
    }

    /// A condition at a key of the row.
    fn at(&mut self, c: &'a Collection, alias: u32, key: &Key, inner: &Filter, trust: Trust) -> Result<Pred> {
        match key {
            Key::Field(name) => self.at_field(c, alias, name, inner, trust),
            Key::Scoped(name, target) => self.at_scoped(c, alias, name, target, inner, trust),
            Key::Follow(source, field) => self.at_follow(c, alias, source, field, inner, trust),
            Key::Call(function, name) => {
                if holds_key(inner) {
                    return Err(Error::forbidden_field(name, &c.name));
                }
                let (expr, guard) = self.call(c, alias, *function, name, trust)?;
                let pred = self.lower(c, alias, &Subject::Number(expr), inner, trust)?;
                Ok(Pred::all([guard, pred]))
            }
        }
    }

    fn at_field(&mut self, c: &'a Collection, alias: u32, name: &str, inner: &Filter, trust: Trust) -> Result<Pred> {
        let field = c.field(name).ok_or_else(|| Error::forbidden_field(name, &c.name))?;
        let guard = self.guard_if(c, alias, name, trust)?;
        let pred = match self.schema.link(&c.name, name) {
            Some(Link::Many { relation, target }) => {
                self.many(alias, target, &Reverse::of(relation, c)?, inner, trust)?
            }
            Some(Link::One { target, .. }) => self.one(c, alias, field, target, inner, trust)?,
            Some(Link::Any { .. }) | None => {
                let expr = column(alias, field).ok_or_else(|| Error::forbidden_field(name, &c.name))?;
                self.lower_value(c, alias, expr, field, inner, trust)?
            }
        };
        Ok(Pred::all([guard, pred]))
    }

    /// A condition on a plain value: keys that follow lead nowhere.
    fn lower_value(
        &mut self,
        c: &'a Collection,
        alias: u32,
        expr: Expr,
        field: &'a Field,
        inner: &Filter,
        trust: Trust,
    ) -> Result<Pred> {
        if holds_key(inner) {
            return Err(Error::forbidden_field(&field.name, &c.name));
        }
        self.lower(c, alias, &Subject::Value { expr, field }, inner, trust)
    }

    /// A condition on the row that a foreign key points at: tests look at the foreign key, keys at the row.
    fn one(
        &mut self,
        c: &'a Collection,
        alias: u32,
        field: &'a Field,
        target: &'a Collection,
        inner: &Filter,
        trust: Trust,
    ) -> Result<Pred> {
        match inner {
            Filter::And(list) if !list.iter().all(holds_key) => {
                let preds: Result<Vec<_>> = list
                    .iter()
                    .map(|f| self.one(c, alias, field, target, f, trust))
                    .collect();
                Ok(Pred::all(preds?))
            }
            Filter::Or(list) if !list.iter().all(holds_key) => {
                let preds: Result<Vec<_>> = list
                    .iter()
                    .map(|f| self.one(c, alias, field, target, f, trust))
                    .collect();
                Ok(Pred::any(preds?))
            }
            Filter::Is(_) => {
                let expr = column(alias, field).ok_or_else(|| Error::forbidden_field(&field.name, &c.name))?;
                self.lower(c, alias, &Subject::Value { expr, field }, inner, trust)
            }
            Filter::Some(inner) | Filter::None(inner) => {
                // What may not be read is said to be missing before it is said to be misused.
                let foreign = column(alias, field).ok_or_else(|| Error::forbidden_field(&field.name, &c.name))?;
                self.related(target, foreign, inner, trust)?;
                Err(Error::invalid_query(format!(
                    "\"{}\" leads to one item: \"_some\" and \"_none\" belong on a list",
                    field.name
                )))
            }
            _ => {
                let foreign = column(alias, field).ok_or_else(|| Error::forbidden_field(&field.name, &c.name))?;
                self.related(target, foreign, inner, trust)
            }
        }
    }

    /// A condition on the row with this key. A missing (or hidden) row counts as a row of nulls.
    fn related(&mut self, target: &'a Collection, foreign: Expr, inner: &Filter, trust: Trust) -> Result<Pred> {
        self.readable(target, trust)?;
        let t = self.alias();
        let pred = self.lower(target, t, &Subject::Row, inner, trust)?;
        let seen = self.seen(target, t, trust);
        let there = Pred::all([seen, pred]);
        let found = if self.listed_first(trust) && !matches!(there, Pred::False) {
            let rows = Box::new(from(target, t, there));
            let key = exact(target.key_field(), Expr::Column(t, key_column(target)?));
            Pred::InRows(foreign.clone(), rows, Box::new(key))
        } else {
            exists(target, t, Pred::all([link(target, t, foreign.clone())?, there]))
        };
        if !holds_for_nulls(inner) {
            return Ok(found);
        }
        let t = self.alias();
        let link = link(target, t, foreign)?;
        let seen = self.seen(target, t, trust);
        Ok(Pred::any([found, exists(target, t, Pred::all([link, seen])).negated()]))
    }

    /// Whether related rows are listed first and looked up in the list, or looked up row by row. A caller's filter on a
    /// list is meant to pick few: its list is short, and leads to the rows through the index on their foreign key. A
    /// rule lets most rows through, and a single row is judged by itself.
    fn listed_first(&self, trust: Trust) -> bool {
        trust == Trust::Caller && !self.single
    }

    /// A condition on the rows whose foreign key points here: some, unless `_none` says otherwise.
    fn many(
        &mut self,
        alias: u32,
        target: &'a Collection,
        reverse: &Reverse,
        inner: &Filter,
        trust: Trust,
    ) -> Result<Pred> {
        self.readable(target, trust)?;
        let explicit = matches!(inner, Filter::Some(_));
        let (wanted, inner) = match inner {
            Filter::And(list) if list.iter().any(quantified) => {
                let preds: Result<Vec<_>> = list
                    .iter()
                    .map(|f| self.many(alias, target, reverse, f, trust))
                    .collect();
                return Ok(Pred::all(preds?));
            }
            Filter::Or(list) if list.iter().any(quantified) => {
                let preds: Result<Vec<_>> = list
                    .iter()
                    .map(|f| self.many(alias, target, reverse, f, trust))
                    .collect();
                return Ok(Pred::any(preds?));
            }
            Filter::Some(inner) => (true, Some(&**inner)),
            Filter::None(inner) => (false, Some(&**inner)),
            Filter::Is(Test::Null(null) | Test::Empty(null)) => (!null, None),
            Filter::Is(Test::Eq(Operand::Value(crate::Json::Null))) => (false, None),
            Filter::Is(Test::Neq(Operand::Value(crate::Json::Null))) => (true, None),
            other => (true, Some(other)),
        };
        let t = self.alias();
        let seen = self.reached(target, t, reverse, trust)?;
        let pred = match inner {
            None => Pred::True,
            Some(inner) => self.listed(target, t, inner, trust)?,
        };
        let first = wanted && self.listed_first(trust);
        let found = reverse.exists(alias, target, t, Pred::all([seen, pred]), first);
        if !wanted {
            return Ok(found.negated());
        }
        // Without `_some`, an empty list counts as one row of nulls, as a missing row does.
        if inner.is_some_and(|inner| !explicit && !holds_test(inner) && holds_for_nulls(inner)) {
            let t = self.alias();
            let seen = self.reached(target, t, reverse, trust)?;
            return Ok(Pred::any([
                found,
                reverse.exists(alias, target, t, seen, false).negated(),
            ]));
        }
        Ok(found)
    }

    /// The rows of a list that the caller may know to be on it: without an alias, by the foreign key itself.
    fn reached(&mut self, target: &'a Collection, t: u32, reverse: &Reverse, trust: Trust) -> Result<Pred> {
        let seen = self.seen(target, t, trust);
        match &reverse.read {
            Some(field) => Ok(Pred::all([seen, self.guard_if(target, t, field, trust)?])),
            None => Ok(seen),
        }
    }

    /// A condition on one row of a list: tests look at its key.
    fn listed(&mut self, target: &'a Collection, t: u32, inner: &Filter, trust: Trust) -> Result<Pred> {
        let field = target.key_field().ok_or_else(Error::forbidden)?;
        let guard = if holds_test(inner) {
            self.guard_if(target, t, &field.name, trust)?
        } else {
            Pred::True
        };
        let expr = column(t, field).ok_or_else(Error::forbidden)?;
        let pred = self.lower(target, t, &Subject::Value { expr, field }, inner, trust)?;
        Ok(Pred::all([guard, pred]))
    }

    fn at_scoped(
        &mut self,
        c: &'a Collection,
        alias: u32,
        name: &str,
        target: &str,
        inner: &Filter,
        trust: Trust,
    ) -> Result<Pred> {
        let field = c.field(name).ok_or_else(|| Error::forbidden_field(name, &c.name))?;
        let guard = self.guard_if(c, alias, name, trust)?;
        let Some(Link::Any { relation }) = self.schema.link(&c.name, name) else {
            return Err(Error::invalid_query(format!(
                "\"{name}\" does not lead to several collections"
            )));
        };
        let discriminator = relation.one_collection_field.as_deref().unwrap_or_default();
        let guard = Pred::all([guard, self.guard_if(c, alias, discriminator, trust)?]);
        let which = c
            .field(discriminator)
            .and_then(|f| column(alias, f))
            .ok_or_else(Error::forbidden)?;
        let target = match self.schema.collection(target) {
            Some(found) if relation.one_allowed.iter().any(|allowed| allowed == target) => found,
            // Nothing leads there, so nothing matches.
            Some(_) => return Ok(Pred::False),
            None => return Err(Error::forbidden_collection(target)),
        };
        self.readable(target, trust)?;
        let item = column(alias, field).ok_or_else(Error::forbidden)?;
        let t = self.alias();
        let link = any_link(target, t, item)?;
        let seen = self.seen(target, t, trust);
        let pred = self.lower(target, t, &Subject::Row, inner, trust)?;
        let is_it = Pred::Compare(which, Cmp::Eq, Expr::Bind(Bind::Const(target.name.as_str().into())));
        Ok(Pred::all([
            guard,
            is_it,
            exists(target, t, Pred::all([link, seen, pred])),
        ]))
    }

    fn at_follow(
        &mut self,
        c: &'a Collection,
        alias: u32,
        source: &str,
        field: &str,
        inner: &Filter,
        trust: Trust,
    ) -> Result<Pred> {
        let relation = self.schema.relation(source, field);
        let target = self.schema.collection(source);
        match (relation, target) {
            (Some(relation), Some(target)) if relation.one.as_deref() == Some(&c.name) => {
                // Following a foreign key backwards reads it.
                let reverse = Reverse::of(relation, c)?.reading(field);
                self.many(alias, target, &reverse, inner, trust)
            }
            _ => Err(Error::forbidden_field(field, source)),
        }
    }

    /// A function's value, and the condition under which the caller may see it.
    pub fn call(
        &mut self,
        c: &'a Collection,
        alias: u32,
        function: Function,
        name: &str,
        trust: Trust,
    ) -> Result<(Expr, Pred)> {
        let field = c.field(name).ok_or_else(|| Error::forbidden_field(name, &c.name))?;
        let guard = self.guard_if(c, alias, name, trust)?;
        let unfit = || {
            Error::invalid_query(format!(
                "this function does not fit field \"{name}\" of collection \"{}\"",
                c.name
            ))
        };
        if field.is_concealed() || function == Function::Unknown {
            return Err(unfit());
        }
        if function == Function::Count {
            if let Some(Link::Many { relation, target }) = self.schema.link(&c.name, name) {
                self.readable(target, trust)?;
                let t = self.alias();
                let seen = self.seen(target, t, trust);
                let reverse = Reverse::of(relation, c)?;
                return Ok((reverse.count(alias, target, t, seen), guard));
            }
            let expr = column(alias, field)
                .filter(|_| field.kind == Kind::Json)
                .ok_or_else(unfit)?;
            return Ok((Expr::Elements(Box::new(expr)), guard));
        }
        let date = matches!(
            function,
            Function::Year | Function::Month | Function::Week | Function::Day | Function::Weekday
        );
        let fits = match field.kind {
            Kind::Date => date,
            Kind::Time => !date,
            Kind::DateTime | Kind::Timestamp => true,
            _ => false,
        };
        let expr = column(alias, field).filter(|_| fits).ok_or_else(unfit)?;
        Ok((Expr::Part(function, field.kind, Box::new(expr)), guard))
    }

    /// The guard of a field where the caller's rules hold.
    pub fn guard_if(&mut self, c: &'a Collection, alias: u32, name: &str, trust: Trust) -> Result<Pred> {
        match trust {
            Trust::Caller => self.guard(c, alias, name),
            Trust::Rule => Ok(Pred::True),
        }
    }

    /// Refuses a collection the caller may not read at all.
    pub fn readable(&self, target: &Collection, trust: Trust) -> Result<()> {
        let open = trust == Trust::Rule || self.access.grant(&target.name, crate::access::Action::Read).is_some();
        if open {
            Ok(())
        } else {
            Err(Error::forbidden_collection(&target.name))
        }
    }

    /// The row rule where the caller's rules hold.
    pub fn seen(&mut self, target: &'a Collection, alias: u32, trust: Trust) -> Pred {
        match trust {
            Trust::Caller => self.visible(target, alias),
            Trust::Rule => Pred::True,
        }
    }

    fn test(&mut self, expr: &Expr, field: &Field, test: &Test, trust: Trust) -> Result<Pred> {
        if !operand::fits(field, test) {
            return Err(Error::invalid_query(format!(
                "this operator does not fit field \"{}\"",
                field.name
            )));
        }
        let not_null = || Pred::IsNull(expr.clone()).negated();
        Ok(match test {
            Test::Eq(Operand::Value(crate::Json::Null)) => Pred::IsNull(expr.clone()),
            Test::Neq(Operand::Value(crate::Json::Null)) => not_null(),
            Test::Eq(Operand::Var(var)) if self.is_list(var) => self.in_var(expr, var, field, false, trust)?,
            Test::Neq(Operand::Var(var)) if self.is_list(var) => self.in_var(expr, var, field, true, trust)?,
            Test::Eq(op @ Operand::Var(_)) => self.compared(expr, Cmp::Same, field, op, trust)?,
            Test::Neq(op @ Operand::Var(_)) => {
                let same = self.compared(expr, Cmp::Same, field, op, trust)?;
                Pred::all([not_null(), same.negated()])
            }
            Test::Eq(op) => self.compared(expr, Cmp::Eq, field, op, trust)?,
            Test::Neq(op) => self.compared(expr, Cmp::Ne, field, op, trust)?,
            Test::Lt(op) => self.compared(expr, Cmp::Lt, field, op, trust)?,
            Test::Lte(op) => self.compared(expr, Cmp::Le, field, op, trust)?,
            Test::Gt(op) => self.compared(expr, Cmp::Gt, field, op, trust)?,
            Test::Gte(op) => self.compared(expr, Cmp::Ge, field, op, trust)?,
            Test::Between(a, b) => Pred::all([
                self.compared(expr, Cmp::Ge, field, a, trust)?,
                self.compared(expr, Cmp::Le, field, b, trust)?,
            ]),
            Test::Nbetween(a, b) => Pred::any([
                self.compared(expr, Cmp::Lt, field, a, trust)?,
                self.compared(expr, Cmp::Gt, field, b, trust)?,
            ]),
            Test::In(Operands::Var(var)) => self.in_var(expr, var, field, false, trust)?,
            Test::Nin(Operands::Var(var)) => self.in_var(expr, var, field, true, trust)?,
            Test::In(Operands::List(list)) => self.in_list(expr, field, list, trust)?,
            Test::Nin(Operands::List(list)) if list.is_empty() => Pred::False,
            Test::Nin(Operands::List(list)) => {
                Pred::all([not_null(), self.in_list(expr, field, list, trust)?.negated()])
            }
            Test::Match { part, fold, not, text } => {
                let pred = Pred::Match {
                    text: expr.clone(),
                    part: *part,
                    fold: *fold,
                    with: self.text_operand(text, trust)?,
                };
                if *not {
                    Pred::all([not_null(), pred.negated()])
                } else {
                    Pred::all([not_null(), pred])
                }
            }
            Test::Meets { boxes, not, with } => {
                let with = Expr::Bind(Bind::Const(Param::Geometry(with.to_string())));
                let pred = Pred::Meets(expr.clone(), *boxes, with);
                Pred::all([not_null(), if *not { pred.negated() } else { pred }])
            }
            Test::Null(null) => {
                if *null {
                    Pred::IsNull(expr.clone())
                } else {
                    not_null()
                }
            }
            Test::Empty(empty) => {
                let blank = Expr::Bind(Bind::Const(Param::Text(String::new())));
                if *empty {
                    Pred::any([Pred::IsNull(expr.clone()), Pred::Compare(expr.clone(), Cmp::Eq, blank)])
                } else {
                    Pred::all([not_null(), Pred::Compare(expr.clone(), Cmp::Ne, blank)])
                }
            }
            Test::Regex(_) | Test::Submitted(_) => {
                return Err(Error::invalid_query("this operator is for validation only"));
            }
        })
    }

    fn in_list(&mut self, expr: &Expr, field: &Field, list: &[Operand], trust: Trust) -> Result<Pred> {
        if list.is_empty() {
            return Ok(Pred::False);
        }
        let mut constants = Vec::with_capacity(list.len());
        let mut others = Vec::new();
        for op in list {
            match self.compared(expr, Cmp::Eq, field, op, trust)? {
                // The left side is as it was: it is made alike only together with the other.
                Pred::Compare(_, _, right @ (Expr::Bind(_) | Expr::AsFraction(_))) => constants.push(right),
                other => others.push(other),
            }
        }
        let listed = if constants.is_empty() {
            Pred::False
        } else {
            Pred::In(expr.clone(), constants)
        };
        Ok(Pred::any(std::iter::once(listed).chain(others)))
    }

    fn text_operand(&mut self, text: &Operand, trust: Trust) -> Result<Expr> {
        let constant = match text {
            Operand::Value(crate::Json::String(text)) => text.clone(),
            Operand::Value(crate::Json::Number(n)) => n.to_string(),
            Operand::Value(crate::Json::Bool(b)) => b.to_string(),
            Operand::Value(_) => return Err(Error::invalid_query("a text is needed here")),
            Operand::Var(var) => {
                return Ok(match self.variable_operand(var, Shape::Text, trust)? {
                    bound @ Expr::Bind(_) => bound,
                    read => Expr::AsText(Box::new(read)),
                });
            }
        };
        Ok(Expr::Bind(Bind::Const(constant.into())))
    }
}

/// The row of a collection that a key of any collection means. Such keys are text; one of a numbered collection is
/// looked up as a number, and must be written as that number is.
pub(crate) fn any_link(target: &Collection, t: u32, item: Expr) -> Result<Pred> {
    let key = Expr::Column(t, key_column(target)?);
    let numbered = target
        .key_field()
        .is_some_and(|field| matches!(field.kind, Kind::Integer | Kind::BigInteger));
    if !numbered {
        let uuid = target.key_field().is_some_and(|field| field.kind == Kind::Uuid);
        let item = if uuid {
            Expr::AsUuid(Box::new(Expr::AsText(Box::new(item))))
        } else {
            Expr::AsText(Box::new(item))
        };
        return Ok(Pred::Compare(key, Cmp::Eq, item));
    }
    Ok(Pred::all([
        Pred::Compare(key.clone(), Cmp::Eq, Expr::AsWhole(Box::new(item.clone()))),
        Pred::Compare(Expr::AsText(Box::new(key)), Cmp::Eq, Expr::AsText(Box::new(item))),
    ]))
}

/// The row of a collection that a foreign key means.
pub(crate) fn link(target: &Collection, t: u32, foreign: Expr) -> Result<Pred> {
    let key = Expr::Column(t, key_column(target)?);
    Ok(Pred::Compare(key, Cmp::Eq, exact(target.key_field(), foreign)))
}

/// A value of a field, or of one that points at it, to be compared with another column's: texts are the same only as they
/// are written.
pub(crate) fn exact(field: Option<&Field>, expr: Expr) -> Expr {
    match field {
        Some(field) if field.kind.is_text() => Expr::AsComparable(Box::new(expr), field.kind),
        _ => expr,
    }
}

/// The field that computed numbers are compared as.
static NUMBER: std::sync::LazyLock<Field> = std::sync::LazyLock::new(|| Field {
    name: "number".to_owned(),
    kind: Kind::Integer,
    special: Vec::new(),
    column: None,
    validation: None,
    searchable: false,
    meta: None,
});

/// The primary key's column.
pub(crate) fn key_column(collection: &Collection) -> Result<Ident> {
    collection
        .key_field()
        .and_then(|field| field.column.as_ref())
        .map(|column| column.name.clone())
        .ok_or_else(|| Error::forbidden_collection(&collection.name))
}

/// A field's column in a row.
pub(crate) fn column(alias: u32, field: &Field) -> Option<Expr> {
    field
        .column
        .as_ref()
        .map(|column| Expr::Column(alias, column.name.clone()))
}

/// Rows of a collection.
pub(crate) fn from(collection: &Collection, alias: u32, filter: Pred) -> From {
    From {
        table: collection.table.clone(),
        alias,
        filter,
    }
}

fn exists(collection: &Collection, alias: u32, filter: Pred) -> Pred {
    if matches!(filter, Pred::False) {
        return Pred::False;
    }
    Pred::Exists(Box::new(from(collection, alias, filter)))
}
