//! Reads: a query and an access become rows, groups or counts.

use crate::{
    access::{Access, Action, Case, Grant},
    error::{Error, Result},
    plan::{
        Cmp, Expr, Item, Node, Plan, Planner, Pred, Token, Trust, Value,
        filter::{column, from, key_column},
        select::{Selected, Wanted},
        token,
    },
    query::{Limits, Query, Var},
    schema::{Collection, Schema},
    sql::{Bind, Shape},
    value::Param,
};

/// The list of items that a query asks for: rows, or groups when it aggregates.
pub fn list(schema: &Schema, access: &Access, limits: &Limits, collection: &str, query: &Query) -> Result<Plan> {
    let mut planner = Planner::new(schema, access, limits);
    let (collection, _) = planner.granted(collection, Action::Read)?;
    if query.aggregate.is_empty() && query.group.is_empty() {
        let node = planner.node(collection, query, Wanted::of(query), 0)?;
        planner.within()?;
        Ok(Plan::Rows(node))
    } else {
        let groups = planner.groups(collection, query)?;
        planner.within()?;
        Ok(Plan::Groups(groups))
    }
}

/// The item with this key. The key must be readable; everything missing or forbidden is told by an empty answer.
pub fn item(
    schema: &Schema,
    access: &Access,
    limits: &Limits,
    collection: &str,
    key: &Param,
    query: &Query,
) -> Result<Plan> {
    items(schema, access, limits, collection, std::slice::from_ref(key), query)
}

/// The item whose key the request names: the plan is the same for every key.
pub fn named(schema: &Schema, access: &Access, limits: &Limits, collection: &str, query: &Query) -> Result<Plan> {
    let numbered = schema
        .collection(collection)
        .and_then(|collection| collection.key_field())
        .is_some_and(|field| field.kind.is_number());
    let shape = if numbered { Shape::Raw } else { Shape::Text };
    these(schema, access, limits, collection, query, |alias, column| {
        Pred::Compare(Expr::Column(alias, column), Cmp::Eq, Expr::Bind(Bind::Key(shape)))
    })
}

/// The items with these keys, in the query's order.
pub fn items(
    schema: &Schema,
    access: &Access,
    limits: &Limits,
    collection: &str,
    keys: &[Param],
    query: &Query,
) -> Result<Plan> {
    these(schema, access, limits, collection, query, |alias, column| {
        keyed(alias, column, keys)
    })
}

/// The items whose key meets a condition, which is made of the alias of their table and the column of their key.
fn these(
    schema: &Schema,
    access: &Access,
    limits: &Limits,
    collection: &str,
    query: &Query,
    condition: impl FnOnce(u32, crate::schema::Ident) -> Pred,
) -> Result<Plan> {
    let mut planner = Planner::new(schema, access, limits);
    planner.single = true;
    let (collection, grant) = planner.granted(collection, Action::Read)?;
    if !grant.has(&collection.key) {
        return Err(Error::forbidden_field(&collection.key, &collection.name));
    }
    let mut node = planner.node(collection, query, Wanted::of(query), 0)?;
    let guard = planner.guard(collection, node.from.alias, &collection.key)?;
    let wanted = condition(node.from.alias, key_column(collection)?);
    node.from.filter = Pred::all([wanted, guard, node.from.filter]);
    node.whole = false;
    planner.within()?;
    Ok(Plan::Rows(node))
}

/// How many items the caller may read; of them those that the query's filter and search leave, if it is given.
pub fn count(
    schema: &Schema,
    access: &Access,
    limits: &Limits,
    collection: &str,
    query: Option<&Query>,
) -> Result<Plan> {
    let mut planner = Planner::new(schema, access, limits);
    let (collection, _) = planner.granted(collection, Action::Read)?;
    let alias = planner.alias();
    let mut preds = vec![planner.visible(collection, alias)];
    if let Some(query) = query {
        preds.push(planner.wanted_rows(collection, alias, query)?);
    }
    planner.within()?;
    Ok(Plan::Count(from(collection, alias, Pred::all(preds))))
}

/// What a variable with a path stands for: a value of the caller's own row or role, or of what it points at.
///
/// # Errors
/// When the path leads nowhere, to several values, or to a secret.
pub fn variable(schema: &Schema, limits: &Limits, var: &Var) -> Result<Plan> {
    let full = Access::full();
    let mut planner = Planner::new(schema, &full, limits);
    let (expr, token) = planner.variable(var)?;
    Ok(Plan::Value(expr, token))
}

/// The keys of the items that a batch by query means: of those that the caller may read, the ones its filter finds;
/// whether each may be changed is judged by [`covered`].
pub fn keys(schema: &Schema, access: &Access, limits: &Limits, collection: &str, query: &Query) -> Result<Plan> {
    let mut planner = Planner::new(schema, access, limits);
    let collection = schema
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    let alias = planner.alias();
    let visible = planner.visible(collection, alias);
    let filter = planner.wanted_rows(collection, alias, query)?;
    let order = planner.order(collection, alias, query)?;
    planner.within()?;
    Ok(Plan::Rows(Node {
        from: from(collection, alias, Pred::all([visible, filter])),
        key: key_column(collection)?,
        items: vec![key_item(collection, alias)?],
        bare: false,
        held: false,
        whole: false,
        counted: false,
        order,
        limit: query.page.limit,
        offset: query.page.offset,
    }))
}

/// Which of these keys are of rows that the caller may treat so, in all of these fields: each row covered, for each
/// field, by some case that grants the field. A row that is not answered is missing or forbidden.
pub fn covered(
    schema: &Schema,
    access: &Access,
    limits: &Limits,
    collection: &str,
    action: Action,
    keys: &[Param],
    fields: &[&str],
) -> Result<Plan> {
    let mut planner = Planner::new(schema, access, limits);
    let (collection, grant) = planner.granted(collection, action)?;
    let alias = planner.alias();
    let mut preds = vec![keyed(alias, key_column(collection)?, keys)];
    if let Grant::Cases(cases) = grant {
        preds.push(planner.covered(collection, alias, cases));
        for field in fields {
            if !grant.has(field) {
                return Err(Error::forbidden_field(field, &collection.name));
            }
            preds.push(planner.covered(collection, alias, cases.iter().filter(|case| case.fields.has(field))));
        }
    }
    Ok(Plan::Rows(Node {
        from: from(collection, alias, Pred::all(preds)),
        key: key_column(collection)?,
        items: vec![key_item(collection, alias)?],
        bare: false,
        held: false,
        whole: false,
        counted: false,
        order: Vec::new(),
        limit: None,
        offset: 0,
    }))
}

/// The condition under which a row is covered by one of these cases: to be shown, and the same that guards rows.
///
/// # Errors
/// `FORBIDDEN` for a collection that is missing.
pub fn rule<'c>(
    schema: &Schema,
    access: &Access,
    limits: &Limits,
    collection: &str,
    cases: impl IntoIterator<Item = &'c Case>,
) -> Result<Pred> {
    let mut planner = Planner::new(schema, access, limits);
    let collection = schema
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    let alias = planner.alias();
    Ok(planner.covered(collection, alias, cases))
}

/// Why a case's rule does not fit the schema, and so covers nothing; none where it does.
pub fn misfit(schema: &Schema, access: &Access, limits: &Limits, collection: &str, case: &Case) -> Option<Error> {
    let mut planner = Planner::new(schema, access, limits);
    let (collection, rule) = (schema.collection(collection)?, case.rule.as_ref()?);
    let alias = planner.alias();
    planner.condition(collection, alias, rule, Trust::Rule).err()
}

/// The verdict of every case of an action on one row, by the same conditions that [`covered`] asks for: the key, then for
/// each case a number where it covers the row, and null where it does not. No row is answered where there is none, so
/// this tells what is there to who may know everything.
pub fn verdicts(
    schema: &Schema,
    access: &Access,
    limits: &Limits,
    collection: &str,
    action: Action,
    key: &Param,
) -> Result<Plan> {
    let mut planner = Planner::new(schema, access, limits);
    let collection = schema
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    let alias = planner.alias();
    let mut items = vec![key_item(collection, alias)?];
    for case in access.grant(&collection.name, action).cases() {
        let covers = planner.covered(collection, alias, [case]);
        let yes = Expr::Bind(Bind::Const(Param::Int(1)));
        items.push(Item {
            name: format!("case_{}", items.len()),
            value: Value::Scalar(Expr::When(Box::new(covers), Box::new(yes)), Token::Number),
            guard: None,
        });
    }
    Ok(Plan::Rows(Node {
        from: from(
            collection,
            alias,
            keyed(alias, key_column(collection)?, std::slice::from_ref(key)),
        ),
        key: key_column(collection)?,
        items,
        bare: false,
        held: false,
        whole: false,
        counted: false,
        order: Vec::new(),
        limit: None,
        offset: 0,
    }))
}

pub(crate) fn keyed(alias: u32, key: crate::schema::Ident, keys: &[Param]) -> Pred {
    let column = Expr::Column(alias, key);
    match keys {
        [] => Pred::False,
        [one] => Pred::Compare(column, Cmp::Eq, Expr::Bind(Bind::Const(one.clone()))),
        many => Pred::In(
            column,
            many.iter().cloned().map(|key| Expr::Bind(Bind::Const(key))).collect(),
        ),
    }
}

fn key_item(collection: &Collection, alias: u32) -> Result<Item> {
    let field = collection.key_field().ok_or_else(Error::forbidden)?;
    let expr = column(alias, field).ok_or_else(Error::forbidden)?;
    Ok(Item {
        name: field.name.clone(),
        value: Value::Scalar(expr, token(field)),
        guard: None,
    })
}

impl<'a> Planner<'a> {
    /// Rows of a collection as a query wants them, under the caller's rules. The filter holds no link to a parent.
    pub fn node(
        &mut self,
        collection: &'a Collection,
        query: &Query,
        wanted: Wanted<'_>,
        depth: usize,
    ) -> Result<Node> {
        if depth > self.limits.relational_depth {
            return Err(Error::invalid_query("the query follows relations too deep"));
        }
        self.within()?;
        let alias = self.alias();
        let selected = self.select(collection, alias, wanted, &query.deep, depth)?;
        let touched = self.touched(collection, &selected.fields);
        let shown = self.shown(collection, alias, &touched);
        let rows = self.wanted_rows(collection, alias, query)?;
        Ok(Node {
            from: from(collection, alias, Pred::all([shown, rows])),
            key: key_column(collection)?,
            items: self.masked(collection, alias, selected, &touched),
            bare: false,
            held: false,
            whole: touched.len() == self.access.grant(&collection.name, Action::Read).cases().len(),
            counted: false,
            order: self.order(collection, alias, query)?,
            limit: query.page.limit,
            offset: query.page.offset,
        })
    }

    /// The cases that grant at least one of the wanted fields; every case where no field is wanted.
    fn touched(&self, collection: &Collection, fields: &[String]) -> Vec<&'a Case> {
        let cases = self.access.grant(&collection.name, Action::Read).cases();
        cases
            .iter()
            .filter(|case| fields.is_empty() || fields.iter().any(|field| case.fields.has(field)))
            .collect()
    }

    /// The rows on which at least one of the wanted fields may be seen.
    fn shown(&mut self, collection: &'a Collection, alias: u32, touched: &[&'a Case]) -> Pred {
        match self.access.grant(&collection.name, Action::Read) {
            Grant::None => Pred::False,
            Grant::All => Pred::True,
            Grant::Cases(_) => self.covered(collection, alias, touched.iter().copied()),
        }
    }

    /// The wanted things, each masked on the rows where its field may not be seen. What is granted by every case that
    /// shows a row needs no mask.
    fn masked(
        &mut self,
        collection: &'a Collection,
        alias: u32,
        selected: Selected,
        touched: &[&'a Case],
    ) -> Vec<Item> {
        let mut items = Vec::with_capacity(selected.items.len());
        for (mut item, field) in selected.items {
            if !touched.iter().all(|case| case.fields.has(&field)) {
                let granting = touched.iter().copied().filter(|case| case.fields.has(&field));
                let guard = self.covered(collection, alias, granting);
                item.guard = (!guard.is_true()).then_some(guard);
            }
            items.push(item);
        }
        items
    }

    /// The rows that the query's filter and search leave.
    pub fn wanted_rows(&mut self, collection: &'a Collection, alias: u32, query: &Query) -> Result<Pred> {
        let filter = match &query.filter {
            Some(filter) => self.condition(collection, alias, filter, Trust::Caller)?,
            None => Pred::True,
        };
        let search = match &query.search {
            Some(text) => self.search(collection, alias, text)?,
            None => Pred::True,
        };
        Ok(Pred::all([filter, search]))
    }
}
