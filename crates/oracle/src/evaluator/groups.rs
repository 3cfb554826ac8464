//! Groups of rows and their aggregates: over the rows the caller may see, of the values it may see of them.

use aedile_engine::{
    query::{Aggregate, Function, Key, Query},
    schema::{Collection, Kind},
};
use serde_json::{Value as Json, json};

use super::{Item, Row, Session};
use crate::{
    shape::key_name,
    value::{self, Keys},
};

impl<'w> Session<'w> {
    /// The groups a query asks for, each with its aggregates.
    pub(super) fn groups(&self, of: &'w Collection, query: &Query) -> Vec<Json> {
        let keys = |item: Item<'w>| -> Vec<Json> { query.group.iter().map(|key| self.group_key(item, key)).collect() };
        // What makes no sense is refused, rows or none.
        self.group(of, &keys(Item::missing(of)), &[], query);
        let mut groups: Vec<(Vec<Json>, Vec<Item<'w>>)> = Vec::new();
        if query.group.is_empty() {
            groups.push((Vec::new(), Vec::new()));
        }
        for item in self.found(of, query) {
            let keys = keys(item);
            match groups.iter_mut().find(|(other, _)| *other == keys) {
                Some((_, items)) => items.push(item),
                None => groups.push((keys, vec![item])),
            }
        }
        let told = |(keys, items): (Vec<Json>, Vec<Item<'w>>)| self.group(of, &keys, &items, query);
        value::page(groups.into_iter().map(told).collect(), &query.page)
    }

    /// What a row is grouped by: secrets are all alike.
    fn group_key(&self, item: Item<'w>, key: &Key) -> Json {
        let seen = self.seen(item, key);
        let stored = |name: &str| item.of.field(name).is_some_and(|field| field.column.is_some());
        if seen.kind == Kind::Json || matches!(key, Key::Call(Function::Count, name) if !stored(name)) {
            return self.refuse();
        }
        match (seen.secret, seen.shown()) {
            (_, Json::Null) => Json::Null,
            (true, _) => value::MASK.into(),
            (false, value) => value,
        }
    }

    /// What a group is ordered by (what it is grouped by, or an aggregate), and what is told of it.
    fn group(&self, of: &'w Collection, keys: &[Json], items: &[Item<'w>], query: &Query) -> (Keys, Json) {
        let field = |key: &Key| of.field(&key_name(key));
        let mut object = Row::new();
        let mut sortable: Vec<(String, Json)> = Vec::new();
        for (key, value) in query.group.iter().zip(keys) {
            object.insert(key_name(key), value::told(field(key), value));
            sortable.push((key_name(key), value.clone()));
        }
        for (function, key) in &query.aggregate {
            let value = self.measure(of, *function, key.as_ref(), items);
            let extreme = matches!(function, Aggregate::Min | Aggregate::Max);
            let name = key.as_ref().map_or("*".to_owned(), key_name);
            let part = object.entry(function.as_str()).or_insert_with(|| json!({}));
            let shown = value::told(key.as_ref().filter(|_| extreme).and_then(field), &value);
            part.as_object_mut().map(|part| part.insert(name, shown.clone()));
            // Groups can not be ordered by what is not shown.
            let secret = extreme && key.as_ref().is_some_and(|key| self.seen(Item::missing(of), key).secret);
            sortable.push((function.as_str().to_owned(), if secret { shown } else { value }));
        }
        let mut order = Keys::new();
        for sort in &query.sort {
            let name = sort.path.first().filter(|_| sort.path.len() == 1).map(key_name);
            match sortable.iter().find(|(other, _)| Some(other) == name.as_ref()) {
                Some((_, value)) => order.push((value.clone(), sort.descending)),
                None if query.group.is_empty() && name.is_some() => drop(self.sorted(Item::missing(of), &sort.path)),
                None => self.refuse(),
            }
        }
        // The keys decide among equals.
        order.extend(keys.iter().map(|key| (key.clone(), false)));
        (order, object.into())
    }

    /// An aggregate of the values that may be seen.
    fn measure(&self, of: &'w Collection, function: Aggregate, key: Option<&Key>, items: &[Item<'w>]) -> Json {
        let (numeric, distinct) = match function {
            Aggregate::Sum | Aggregate::Avg => (true, false),
            Aggregate::SumDistinct | Aggregate::AvgDistinct => (true, true),
            function => (false, function == Aggregate::CountDistinct),
        };
        let extreme = matches!(function, Aggregate::Min | Aggregate::Max);
        let Some(key) = key else {
            return if numeric || distinct || extreme {
                self.refuse()
            } else {
                items.len().into()
            };
        };
        let seen = self.seen(Item::missing(of), key);
        let secret = seen.secret && (numeric || distinct);
        if secret || (numeric && !seen.kind.is_number()) || (extreme && seen.kind == Kind::Json) {
            return self.refuse();
        }
        let mut held: Vec<Json> = Vec::new();
        for value in items.iter().map(|item| self.seen(*item, key).shown()) {
            let again = |other: &Json| *other == value || value::same(other, &value);
            let counted = !distinct || !held.iter().any(again);
            held.extend(Some(value).filter(|value| counted && !value.is_null()));
        }
        value::aggregated(function, &held)
    }
}
