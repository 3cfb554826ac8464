//! What a read answers: which rows, in which order, and of each row what was asked for and may be seen.

use std::collections::BTreeSet;

use aedile_engine::{
    query::{Key, Query, Sort},
    schema::{Collection, Field, Kind, Link},
};
use serde_json::Value as Json;

use super::{Item, Session};
use crate::{
    shape::{self, Part, What},
    value::{self, Keys},
};

impl<'w> Session<'w> {
    /// Answers a question about a collection that may be read at all; none if it is refused.
    fn answer<T>(&self, collection: &str, answer: impl FnOnce(&'w Collection) -> Option<T>) -> Option<T> {
        self.refused.set(false);
        let of = self.world.schema.collection(collection)?;
        self.enter(of);
        answer(of).filter(|_| !self.refused.get())
    }

    /// The rows the caller is told, or groups of them; none if it is refused.
    pub fn read(&self, collection: &str, query: &Query) -> Option<Vec<Json>> {
        self.answer(collection, |of| {
            let plain = query.aggregate.is_empty() && query.group.is_empty();
            let rows = || self.list(of, self.rows(of).collect(), query, None);
            Some(if plain { rows() } else { self.groups(of, query) })
        })
    }

    /// How many of the rows the caller may see are asked for; none if it is refused.
    pub fn count(&self, collection: &str, query: &Query) -> Option<usize> {
        self.answer(collection, |of| Some(self.found(of, query).len()))
    }

    /// The item with a key, as the caller is told it: its key has to be readable. It is neither filtered nor ordered.
    pub fn read_item(&self, collection: &str, key: &Json, query: &Query) -> Option<Json> {
        let mut query = query.clone();
        (query.filter, query.sort) = (None, Vec::new());
        self.answer(collection, |of| {
            let item = self.by_key(of, &value::fit(of.key_field()?.kind, key)?);
            self.one(item.only_if(self.opens(item, &of.key)), &query)
        })
    }

    /// The rows the caller may see that a query asks for. What makes no sense is refused, rows or none.
    pub(super) fn found(&self, of: &'w Collection, query: &Query) -> Vec<Item<'w>> {
        self.wanted(Item::missing(of), query);
        let visible = self.rows(of).filter(|item| self.visible(*item));
        visible.filter(|item| self.wanted(*item, query)).collect()
    }

    /// The rows of a list as a query wants them; `by` orders them where the query does not.
    fn list(&self, of: &'w Collection, mut items: Vec<Item<'w>>, query: &Query, by: Option<&str>) -> Vec<Json> {
        let wants = self.wants(of, query);
        let order = shape::order(query);
        // What makes no sense is refused, rows or none.
        let missing = Item::missing(of);
        self.wanted(missing, query);
        self.order(missing, &order, by);
        wants.iter().for_each(|(_, part)| drop(self.tell(missing, part)));
        // A row is left out where none of the asked fields may be seen of it.
        let fields: BTreeSet<&str> = wants.iter().map(|(_, part)| part.field.as_str()).collect();
        let some = |grants: &dyn Fn(&str) -> bool| fields.is_empty() || fields.iter().any(|field| grants(field));
        items.retain(|item| self.covered(*item, "read", |case| some(&|field| case.grants(field))));
        items.retain(|item| self.wanted(*item, query));
        let told = |item: Item<'w>| -> (Keys, Json) {
            let cell = |(name, part): &(String, Part)| {
                let (open, told) = (self.sees(item, &part.field), self.tell(item, part)?);
                self.masked.set(self.masked.get() || !open);
                Some((name.clone(), if open { told } else { Json::Null }))
            };
            (self.order(item, &order, by), wants.iter().filter_map(cell).collect())
        };
        value::page(items.into_iter().map(told).collect(), &query.page)
    }

    /// The item as a query wants it, if there is one.
    fn one(&self, item: Item<'w>, query: &Query) -> Option<Json> {
        let items = item.row.iter().map(|_| item).collect();
        self.list(item.of, items, query, None).pop()
    }

    /// What is wanted, by name. Relations into what may not be read at all, and what a wildcard means beyond the granted
    /// fields, are left out; what is named and may not be read is refused.
    fn wants(&self, of: &'w Collection, query: &Query) -> Vec<(String, Part)> {
        let meant = |part: &Part| {
            let leads = match self.link(of, &part.field) {
                Some(Link::One { target, .. } | Link::Many { target, .. }) => self.may(target, "read"),
                _ => true,
            };
            let own = !matches!(part.what, What::One(_) | What::Many(_) | What::Keys(_));
            (leads || own) && (part.named || self.grants(of, "read", &part.field))
        };
        let part = |want: shape::Want| {
            // A bare list is left out for those who may know of it: to others it is missing.
            if let Some(keys) = want
                .plain
                .as_ref()
                .filter(|part| part.named && matches!(part.what, What::Keys(_)))
            {
                self.opens(Item::missing(of), &keys.field);
            }
            let part = want.related.filter(meant).or(want.plain.filter(meant))?;
            self.opens(Item::missing(of), &part.field);
            Some((want.name, part))
        };
        let wants = shape::wants(&self.world.schema, of, query);
        wants.into_iter().filter_map(part).collect()
    }

    /// What is told of an item that may be seen; a list of keys that may not be read is not told at all.
    fn tell(&self, item: Item<'w>, part: &Part) -> Option<Json> {
        let name = part.field.as_str();
        Some(match (&part.what, self.link(item.of, name)) {
            (What::Value, _) => value::told(item.of.field(name), self.cell(item, name)),
            (What::Inside(path), _) => value::inside(self.cell(item, name), path),
            (What::Call(function), _) => self.seen(item, &Key::Call(*function, name.to_owned())).shown(),
            (What::One(query), Some(Link::One { target, .. })) => {
                self.one(self.related(item, name, target), query).unwrap_or_default()
            }
            (what @ (What::Many(query) | What::Keys(query)), Some(Link::Many { relation, target })) => {
                let keys = matches!(what, What::Keys(_));
                if keys && !self.grants(target, "read", &target.key) {
                    return None;
                }
                let items = self.items(item, &relation.many_field, target);
                let told = self.list(target, items, query, relation.sort_field.as_deref());
                let key = |item: Json| item.get(&target.key).filter(|_| keys).cloned().unwrap_or(item);
                told.into_iter().map(key).collect()
            }
            (What::Any(asked), Some(Link::Any { relation })) => {
                let which = relation.one_collection_field.as_deref().unwrap_or_default();
                let known = item.row.is_none() || self.sees(item, which);
                let mut told = None;
                for (to, query) in asked {
                    if let Some(to) = self.world.schema.collection(to).filter(|to| self.may(to, "read")) {
                        told = told.or(self.one(self.any_of(item, name, which, to).only_if(known), query));
                    }
                }
                // An administrator is told the bare key of what was not asked for.
                let is_it = |to: &String| item.get(which).as_str() == Some(to);
                let bare = relation.one_allowed.iter().any(is_it) && !asked.iter().any(|(to, _)| is_it(to));
                let key = || (self.admin && bare).then(|| item.get(name).clone());
                told.or_else(key).unwrap_or_default()
            }
            _ => self.refuse(),
        })
    }

    /// Whether the query's filter and search leave the row.
    pub(super) fn wanted(&self, item: Item<'w>, query: &Query) -> bool {
        let filtered = query.filter.as_ref().is_none_or(|filter| self.holds(item, filter));
        filtered & query.search.as_ref().is_none_or(|text| self.finds(item, text.trim()))
    }

    /// Whether some field that may be seen of the row holds the text, or is the number or uuid that it spells.
    fn finds(&self, item: Item<'w>, text: &str) -> bool {
        let holds = |field: &&Field| match (item.get(&field.name), field.kind) {
            (Json::String(held), Kind::String | Kind::Text) => held.to_lowercase().contains(&text.to_lowercase()),
            (held, Kind::Uuid) => *held == text.to_lowercase(),
            (held, kind) => {
                kind.is_number() && value::fit(kind, &text.into()).is_some_and(|one| value::same(held, &one))
            }
        };
        let plain = |field: &&Field| !field.is_concealed() && self.link(item.of, &field.name).is_none();
        let searchable = |field: &&Field| field.searchable && plain(field) && holds(field);
        let mut fields = item.of.fields.values().filter(searchable);
        text.is_empty() || fields.any(|field| self.sees(item, &field.name))
    }

    /// What the row is ordered by: what was asked; else what `by` says, or the order made by hand; and the key.
    fn order(&self, item: Item<'w>, asked: &[Sort], by: Option<&str>) -> Keys {
        if !asked.is_empty() {
            let key = |sort: &Sort| (self.sorted(item, &sort.path), sort.descending);
            return asked.iter().map(key).collect();
        }
        let first = by.or(item.of.sort_field.as_deref());
        let names = first.into_iter().chain([item.of.key.as_str()]);
        names.map(|name| (item.get(name).clone(), false)).collect()
    }

    /// The value at a path of single rows; null where it may not be seen.
    pub(super) fn sorted(&self, item: Item<'w>, path: &[Key]) -> Json {
        match path {
            [key] => match self.seen(item, key) {
                seen if seen.secret || seen.kind == Kind::Json => self.refuse(),
                seen => seen.shown(),
            },
            [Key::Field(name), rest @ ..] => match self.link(item.of, name) {
                Some(Link::One { target, .. }) => {
                    let related = self.related(item, name, target);
                    self.sorted(related.only_if(self.opens(item, name)), rest)
                }
                _ => self.refuse(),
            },
            _ => self.refuse(),
        }
    }
}
