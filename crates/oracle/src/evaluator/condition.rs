//! When a condition holds for a row. A value the caller may not see decides nothing: a test of it does not hold.
//! Every part is always looked at, so that what makes no sense is refused whatever the rows are.

use aedile_engine::{
    query::{Filter, Key},
    schema::{Collection, Link},
};

use super::{Item, Seen, Session};
use crate::shape;

impl<'w> Session<'w> {
    /// Whether the condition holds for the item.
    pub(super) fn holds(&self, item: Item<'w>, filter: &Filter) -> bool {
        self.meets(None, Some(item), filter)
    }

    /// Whether a condition holds: tests are of the value at hand, names are of the item that it leads to.
    fn meets(&self, value: Option<&Seen>, item: Option<Item<'w>>, filter: &Filter) -> bool {
        match (filter, value, item) {
            (Filter::And(list), ..) => all(&shape::together(list), |f| self.meets(value, item, f)),
            (Filter::Or(list), ..) => any(list, |f| self.meets(value, item, f)),
            (Filter::Is(test), Some(value), _) => self.passes(value, test) & value.open,
            (Filter::At(key, inner), _, Some(item)) => self.at(item, key, inner),
            _ => self.refuse(),
        }
    }

    fn at(&self, item: Item<'w>, key: &Key, inner: &Filter) -> bool {
        let link = match key {
            Key::Scoped(name, target) => return self.scoped(item, name, target, inner),
            Key::Follow(source, field) => return self.follow(item, source, field, inner),
            Key::Field(name) => self.link(item.of, name),
            Key::Call(..) => None,
        };
        match (key, link) {
            (Key::Field(name), Some(Link::Many { relation, target })) => {
                self.opens(item, name) & self.on_list(target, &self.items(item, &relation.many_field, target), inner)
            }
            (Key::Field(name), Some(Link::One { target, .. })) if shape::leads_on(inner) || !shape::tests(inner) => {
                let value = shape::tests(inner).then(|| self.seen(item, key));
                let related = self.related(item, name, target);
                self.opens(item, name) & self.meets(value.as_ref(), Some(related), inner)
            }
            _ => {
                let seen = self.seen(item, key);
                self.meets(Some(&seen), None, inner) & seen.open
            }
        }
    }

    /// A condition on a list: some item meets it, unless it says otherwise.
    fn on_list(&self, target: &'w Collection, items: &[Item<'w>], filter: &Filter) -> bool {
        // Of one of a list, tests look at the key.
        let key = Key::Field(target.key.clone());
        let meets = |item: Item<'w>, f: &Filter| {
            let value = shape::tests(f).then(|| self.seen(item, &key));
            self.meets(value.as_ref(), Some(item), f)
        };
        let missing = Item::missing(target);
        let some = |f: &Filter| {
            meets(missing, f);
            items.iter().filter(|item| meets(**item, f)).count() > 0
        };
        match filter {
            Filter::And(list) if list.iter().any(shape::on_the_list) => all(list, |f| self.on_list(target, items, f)),
            Filter::Or(list) if list.iter().any(shape::on_the_list) => any(list, |f| self.on_list(target, items, f)),
            Filter::Some(inner) => some(inner),
            Filter::None(inner) => !some(inner),
            Filter::Is(test) if shape::about_null(test).is_some() => shape::about_null(test) == Some(items.is_empty()),
            // Without `_some`, an empty list counts as one row of nulls, as a missing row does; a key is never null.
            inner => some(inner) | (items.is_empty() && !shape::tests(inner) && meets(missing, inner)),
        }
    }

    /// A condition on the item of one of several collections. Which collection it is may be a secret too.
    fn scoped(&self, item: Item<'w>, name: &str, target: &str, inner: &Filter) -> bool {
        let Some(Link::Any { relation }) = self.link(item.of, name) else {
            return self.refuse();
        };
        let which = relation.one_collection_field.as_deref().unwrap_or_default();
        let open = self.opens(item, name) & self.opens(item, which);
        let Some(target) = self.world.schema.collection(target) else {
            return self.refuse();
        };
        if !relation.one_allowed.contains(&target.name) {
            return false;
        }
        self.enter(target);
        let found = self.any_of(item, name, which, target);
        let found = found.only_if(self.visible(found));
        self.holds(found, inner) & found.row.is_some() & open
    }

    /// A condition on the items that point here by a foreign key which no list shows: it reads that foreign key.
    fn follow(&self, item: Item<'w>, source: &str, field: &str, inner: &Filter) -> bool {
        let leads_here = self.world.schema.relation(source, field);
        let leads_here = leads_here.is_some_and(|relation| relation.one.as_deref() == Some(&item.of.name));
        let Some(source) = self.world.schema.collection(source).filter(|_| leads_here) else {
            return self.refuse();
        };
        self.opens(Item::missing(source), field);
        let mut items = self.items(item, field, source);
        items.retain(|item| self.sees(*item, field));
        self.on_list(source, &items, inner)
    }
}

/// All of them; every one is asked.
fn all(list: &[Filter], mut holds: impl FnMut(&Filter) -> bool) -> bool {
    list.iter().fold(true, |so_far, filter| holds(filter) & so_far)
}

/// One of them; every one is asked.
fn any(list: &[Filter], mut holds: impl FnMut(&Filter) -> bool) -> bool {
    list.iter().fold(false, |so_far, filter| holds(filter) | so_far)
}
