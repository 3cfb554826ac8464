//! When a condition holds for a row. A value the caller may not see decides nothing: a test of it does not hold.
//! Every part is always looked at, so that what makes no sense is refused whatever the rows are.

use aedile_engine::{
    query::{Filter, Function, Key, Operand, Test},
    schema::{Collection, Field, Link, Relation},
    value::Param,
};

use super::{Answer, Eyes, Refusal, Row, Session, value};

impl<'w> Session<'w> {
    /// Whether the condition holds for the row, or for a row of nulls where there is none.
    pub(super) fn holds(&self, c: &'w Collection, row: Option<&Row>, filter: &Filter, eyes: Eyes) -> Answer<bool> {
        match filter {
            Filter::And(list) => all(&together(list), |f| self.holds(c, row, f, eyes)),
            Filter::Or(list) => any(list, |f| self.holds(c, row, f, eyes)),
            Filter::At(key, inner) => self.at(c, row, key, inner, eyes),
            Filter::Some(_) | Filter::None(_) | Filter::Is(_) => Err(Refusal::Invalid),
        }
    }

    fn at(&self, c: &'w Collection, row: Option<&Row>, key: &Key, inner: &Filter, eyes: Eyes) -> Answer<bool> {
        match key {
            Key::Field(name) => {
                let field = c.field(name).ok_or(Refusal::Forbidden)?;
                let open = self.opens(c, row, name, eyes)?;
                let holds = match self.world.schema.link(&c.name, name) {
                    Some(Link::Many { relation, target }) => {
                        let items = self.items(c, row, relation, target, eyes)?;
                        self.on_list(target, &items, inner, eyes)?
                    }
                    Some(Link::One { target, .. }) => self.one(c, row, field, target, inner, eyes)?,
                    Some(Link::Any { .. }) | None if field.column.is_none() => return Err(Refusal::Forbidden),
                    Some(Link::Any { .. }) | None => {
                        self.value(field, &self.cell(c, row, name, eyes), row.is_none(), inner, eyes)?
                    }
                };
                Ok(open && holds)
            }
            Key::Call(function, name) => {
                let open = self.opens(c, row, name, eyes)?;
                let result = self.call(c, row, *function, name, eyes)?;
                Ok(open && self.value(&value::whole_number(), &result, row.is_none(), inner, eyes)?)
            }
            Key::Scoped(name, target) => self.scoped(c, row, name, target, inner, eyes),
            Key::Follow(source, field) => self.follow(c, row, source, field, inner, eyes),
        }
    }

    /// A condition on a plain value: it leads nowhere.
    fn value(&self, field: &Field, held: &Param, missing: bool, filter: &Filter, eyes: Eyes) -> Answer<bool> {
        match filter {
            Filter::And(list) => all(list, |f| self.value(field, held, missing, f, eyes)),
            Filter::Or(list) => any(list, |f| self.value(field, held, missing, f, eyes)),
            Filter::Is(test) => self.passes(field, held, missing, test, eyes),
            Filter::At(..) => Err(Refusal::Forbidden),
            Filter::Some(_) | Filter::None(_) => Err(Refusal::Invalid),
        }
    }

    /// A condition on a foreign key, or on the row it points at. A row that is missing or hidden is a row of nulls.
    fn one(
        &self,
        c: &'w Collection,
        row: Option<&Row>,
        field: &Field,
        target: &'w Collection,
        filter: &Filter,
        eyes: Eyes,
    ) -> Answer<bool> {
        match filter {
            Filter::And(list) if !list.iter().all(leads_on) => all(list, |f| self.one(c, row, field, target, f, eyes)),
            Filter::Or(list) if !list.iter().all(leads_on) => any(list, |f| self.one(c, row, field, target, f, eyes)),
            Filter::Is(test) => self.passes(field, &self.cell(c, row, &field.name, eyes), row.is_none(), test, eyes),
            _ => {
                self.readable(target, eyes)?;
                let found = self.related(c, row, &field.name, target, eyes);
                self.holds(target, found, filter, eyes)
            }
        }
    }

    /// The row a foreign key points at, if there is one to be seen.
    pub(super) fn related(
        &self,
        c: &'w Collection,
        row: Option<&Row>,
        field: &str,
        target: &'w Collection,
        eyes: Eyes,
    ) -> Option<&'w Row> {
        let found = self.by_key(target, &self.cell(c, row, field, eyes))?;
        self.visible(target, found, eyes).then_some(found)
    }

    /// The rows that point at this one and can be seen.
    pub(super) fn items(
        &self,
        c: &'w Collection,
        row: Option<&Row>,
        relation: &Relation,
        target: &'w Collection,
        eyes: Eyes,
    ) -> Answer<Vec<&'w Row>> {
        self.readable(target, eyes)?;
        let Some(key) = row.and_then(|row| row.get(&c.key)) else {
            return Ok(Vec::new());
        };
        let mut items = self.pointing(target, &relation.many_field, key, eyes);
        items.retain(|item| self.visible(target, item, eyes));
        Ok(items)
    }

    /// A condition on a list: some item meets it, unless it says otherwise.
    fn on_list(&self, target: &'w Collection, items: &[&'w Row], filter: &Filter, eyes: Eyes) -> Answer<bool> {
        let some = |f: &Filter| -> Answer<bool> {
            self.item(target, None, f, eyes)?;
            items.iter().try_fold(
                false,
                |found, item| Ok(self.item(target, Some(item), f, eyes)? || found),
            )
        };
        match filter {
            Filter::And(list) if list.iter().any(on_the_list) => all(list, |f| self.on_list(target, items, f, eyes)),
            Filter::Or(list) if list.iter().any(on_the_list) => any(list, |f| self.on_list(target, items, f, eyes)),
            Filter::Some(inner) => some(inner),
            Filter::None(inner) => Ok(!some(inner)?),
            Filter::Is(Test::Null(empty) | Test::Empty(empty)) => Ok(items.is_empty() == *empty),
            Filter::Is(Test::Eq(Operand::Value(serde_json::Value::Null))) => Ok(items.is_empty()),
            Filter::Is(Test::Neq(Operand::Value(serde_json::Value::Null))) => Ok(!items.is_empty()),
            // Without `_some`, an empty list counts as one row of nulls, as a missing row does; a key is never null.
            inner => Ok(some(inner)? || (items.is_empty() && !tests(inner) && self.item(target, None, inner, eyes)?)),
        }
    }

    /// A condition on one of a list: tests look at its key.
    fn item(&self, c: &'w Collection, row: Option<&Row>, filter: &Filter, eyes: Eyes) -> Answer<bool> {
        match filter {
            Filter::And(list) => all(&together(list), |f| self.item(c, row, f, eyes)),
            Filter::Or(list) => any(list, |f| self.item(c, row, f, eyes)),
            Filter::Is(test) => {
                let field = c.key_field().ok_or(Refusal::Forbidden)?;
                let open = self.opens(c, row, &c.key, eyes)?;
                Ok(open && self.passes(field, &self.cell(c, row, &c.key, eyes), row.is_none(), test, eyes)?)
            }
            Filter::At(key, inner) => self.at(c, row, key, inner, eyes),
            Filter::Some(_) | Filter::None(_) => Err(Refusal::Invalid),
        }
    }

    /// A condition on the row of one of several collections.
    fn scoped(
        &self,
        c: &'w Collection,
        row: Option<&Row>,
        name: &str,
        target: &str,
        inner: &Filter,
        eyes: Eyes,
    ) -> Answer<bool> {
        let open = self.opens(c, row, name, eyes)?;
        let Some(Link::Any { relation }) = self.world.schema.link(&c.name, name) else {
            return Err(Refusal::Invalid);
        };
        let which = relation.one_collection_field.as_deref().unwrap_or_default();
        // Which collection it is may be a secret too.
        let known = self.opens(c, row, which, eyes)?;
        let target = self.collection(target)?;
        if !relation.one_allowed.contains(&target.name) {
            return Ok(false);
        }
        self.readable(target, eyes)?;
        self.holds(target, None, inner, eyes)?;
        let found = self
            .any_of(c, row, name, which, target, eyes)
            .filter(|found| self.visible(target, found, eyes));
        Ok(open && known && found.is_some() && self.holds(target, found, inner, eyes)?)
    }

    /// The row of `target` that a relation to several collections points at.
    pub(super) fn any_of(
        &self,
        c: &'w Collection,
        row: Option<&Row>,
        name: &str,
        which: &str,
        target: &'w Collection,
        eyes: Eyes,
    ) -> Option<&'w Row> {
        let is_it = self.cell(c, row, which, eyes) == Param::from(target.name.as_str());
        let key = self.cell(c, row, name, eyes);
        let mut rows = self.rows(target).iter().filter(|_| is_it && key != Param::Null);
        rows.find(|found| super::key_text(target, found) == value::text(&key))
    }

    /// A condition on the rows that point here by a foreign key which no list shows: it reads that foreign key.
    fn follow(
        &self,
        c: &'w Collection,
        row: Option<&Row>,
        source: &str,
        field: &str,
        inner: &Filter,
        eyes: Eyes,
    ) -> Answer<bool> {
        let relation = self.world.schema.relation(source, field).ok_or(Refusal::Forbidden)?;
        if relation.one.as_deref() != Some(&c.name) {
            return Err(Refusal::Forbidden);
        }
        let source = self.collection(source)?;
        self.opens(source, None, field, eyes)?;
        let mut items = self.items(c, row, relation, source, eyes)?;
        items.retain(|item| eyes == Eyes::Rule || self.sees(source, item, field));
        self.on_list(source, &items, inner, eyes)
    }

    /// The result of a function.
    pub(super) fn call(
        &self,
        c: &'w Collection,
        row: Option<&Row>,
        function: Function,
        name: &str,
        eyes: Eyes,
    ) -> Answer<Param> {
        let field = c.field(name).ok_or(Refusal::Forbidden)?;
        if field.is_concealed() || function == Function::Unknown {
            return Err(Refusal::Invalid);
        }
        if function == Function::Count
            && let Some(Link::Many { relation, target }) = self.world.schema.link(&c.name, name)
        {
            let count = self.items(c, row, relation, target, eyes)?.len();
            return Ok(row.map_or(Param::Null, |_| Param::Int(i64::try_from(count).unwrap_or(i64::MAX))));
        }
        if field.column.is_none() || !value::has(field.kind, function) {
            return Err(Refusal::Invalid);
        }
        Ok(value::part(function, &self.cell(c, row, name, eyes)))
    }
}

/// All of them; every one is asked.
fn all(list: &[Filter], mut holds: impl FnMut(&Filter) -> Answer<bool>) -> Answer<bool> {
    list.iter()
        .try_fold(true, |so_far, filter| Ok(holds(filter)? && so_far))
}

/// One of them; every one is asked.
fn any(list: &[Filter], mut holds: impl FnMut(&Filter) -> Answer<bool>) -> Answer<bool> {
    list.iter()
        .try_fold(false, |so_far, filter| Ok(holds(filter)? || so_far))
}

/// Whether a condition goes on to fields of a related row.
fn leads_on(filter: &Filter) -> bool {
    match filter {
        Filter::At(..) => true,
        Filter::And(list) | Filter::Or(list) => list.iter().any(leads_on),
        Filter::Some(_) | Filter::None(_) | Filter::Is(_) => false,
    }
}

/// Whether a condition tests the value at hand.
fn tests(filter: &Filter) -> bool {
    match filter {
        Filter::Is(_) => true,
        Filter::And(list) | Filter::Or(list) => list.iter().any(tests),
        Filter::Some(_) | Filter::None(_) | Filter::At(..) => false,
    }
}

/// Whether a condition is about a list as a whole.
fn on_the_list(filter: &Filter) -> bool {
    match filter {
        Filter::Some(_) | Filter::None(_) | Filter::Is(Test::Null(_) | Test::Empty(_)) => true,
        Filter::Is(Test::Eq(Operand::Value(value)) | Test::Neq(Operand::Value(value))) => value.is_null(),
        Filter::And(list) | Filter::Or(list) => list.iter().any(on_the_list),
        Filter::Is(_) | Filter::At(..) => false,
    }
}

/// Conditions that stand side by side and lead into the same list speak of the same item.
fn together(list: &[Filter]) -> Vec<Filter> {
    let mut joined: Vec<Filter> = Vec::new();
    for filter in list {
        let Filter::At(key, inner) = filter else {
            joined.push(filter.clone());
            continue;
        };
        let alike =
            |other: &&mut Filter| matches!(other, Filter::At(k, i) if k == key && leads_on(i) && leads_on(inner));
        match joined.iter_mut().find(alike) {
            Some(Filter::At(_, held)) => **held = Filter::And(vec![(**held).clone(), (**inner).clone()]),
            _ => joined.push(filter.clone()),
        }
    }
    joined
}
