//! What a read answers: which rows, in which order, and of each row what was asked for and may be seen.

use std::{cmp::Ordering, collections::BTreeSet};

use aedile_engine::{
    query::{Key, Leaf, Page, Query, Sort},
    schema::{Collection, Field, Kind, Link},
    value::Param,
};
use serde_json::{Value as Json, json};

use super::{Answer, Eyes, Object, Refusal, Row, Session, select::Column, value};

/// What is read of a collection.
#[derive(Clone, Debug)]
pub enum Target {
    /// The list.
    List,
    /// The item with this key.
    Item(Json),
    /// The one item of a singleton.
    Singleton,
}

/// Values to order by, each with its direction (greatest first).
pub(super) type Keys = Vec<(Param, bool)>;

impl<'w> Session<'w> {
    /// What the caller is answered: `data`, and the counts that were asked for.
    pub fn read(&self, collection: &str, target: &Target, query: &Query) -> Answer<Json> {
        let c = self.collection(collection)?;
        self.readable(c, Eyes::Caller)?;
        let mut query = query.clone();
        if matches!(target, Target::Singleton) {
            query.page.limit = Some(1);
        }
        let query = &query;
        let rows: Vec<&Row> = self.rows(c).iter().collect();
        if let Target::Item(key) = target {
            return self.item_read(c, key, query).map(|data| json!({"data": data}));
        }
        let data = if query.aggregate.is_empty() && query.group.is_empty() {
            self.list(c, &rows, query, &[])?
        } else {
            self.groups(c, &rows, query)?
        };
        let data = match target {
            Target::Singleton => data.into_iter().next().map_or_else(|| self.defaults(c, query), Ok)?,
            _ => Json::Array(data),
        };
        let visible: Vec<&Row> = rows
            .into_iter()
            .filter(|row| self.visible(c, row, Eyes::Caller))
            .collect();
        let wanted = visible
            .iter()
            .map(|row| self.wanted(c, Some(row), query))
            .collect::<Answer<Vec<bool>>>()?;
        let mut answer = Object::from_iter([("data".to_owned(), data)]);
        if query.meta.total_count {
            answer.insert("total_count".to_owned(), visible.len().into());
        }
        if query.meta.filter_count {
            answer.insert(
                "filter_count".to_owned(),
                wanted.iter().filter(|wanted| **wanted).count().into(),
            );
        }
        Ok(answer.into())
    }

    /// A single item: neither filtered nor ordered; its key has to be readable.
    fn item_read(&self, c: &'w Collection, key: &Json, query: &Query) -> Answer<Json> {
        self.opens(c, None, &c.key, Eyes::Caller)?;
        let query = Query {
            filter: None,
            sort: Vec::new(),
            ..query.clone()
        };
        let key = c
            .key_field()
            .and_then(|field| value::fit(field, key))
            .ok_or(Refusal::Forbidden)?;
        let found: Vec<&Row> = self
            .by_key(c, &key)
            .into_iter()
            .filter(|row| self.sees(c, row, &c.key))
            .collect();
        self.list(c, &found, &query, &[])?
            .into_iter()
            .next()
            .ok_or(Refusal::Forbidden)
    }

    /// What a singleton is without a row: no key, and the defaults of the fields that have one.
    fn defaults(&self, c: &'w Collection, query: &Query) -> Answer<Json> {
        let mut object = Object::new();
        let grouped = !query.aggregate.is_empty() || !query.group.is_empty();
        for column in if grouped {
            Vec::new()
        } else {
            self.columns(c, &query.fields, &query.alias)?
        } {
            let Some(field) = c.field(&column.name) else { continue };
            let default = field.column.as_ref().and_then(|column| column.default.clone());
            let told = if field.name == c.key { Some(Json::Null) } else { default };
            object.extend(told.map(|told| (column.name, told)));
        }
        Ok(object.into())
    }

    /// The rows of a list as a query wants them; `by` is the order where the query has none.
    pub(super) fn list(&self, c: &'w Collection, rows: &[&'w Row], query: &Query, by: &[&str]) -> Answer<Vec<Json>> {
        let asked = self.columns(c, &query.fields, &query.alias)?;
        let (columns, left_out): (Vec<Column>, Vec<Column>) = asked.into_iter().partition(|column| !column.left_out);
        // What makes no sense is refused, rows or none.
        self.wanted(c, None, query)?;
        self.order(c, None, query, by)?;
        for column in &columns {
            self.tell(c, None, column, query)?;
        }
        let asked: BTreeSet<&str> = columns
            .iter()
            .chain(&left_out)
            .map(|column| column.field.as_str())
            .collect();
        let mut found: Vec<(Keys, &Row)> = Vec::new();
        for row in rows.iter().filter(|row| self.shown(c, row, &asked)) {
            if self.wanted(c, Some(row), query)? {
                found.push((self.order(c, Some(row), query, by)?, row));
            }
        }
        found.sort_by(|(a, _), (b, _)| in_order(a, b));
        let tell = |(_, row): (Keys, &'w Row)| -> Answer<Json> {
            let mut object = Object::new();
            for column in &columns {
                let open = self.sees(c, row, &column.field);
                self.masked.set(self.masked.get() || !open);
                let told = if open {
                    self.tell(c, Some(row), column, query)?
                } else {
                    Json::Null
                };
                object.insert(column.name.clone(), told);
            }
            Ok(object.into())
        };
        page(found, &query.page).into_iter().map(tell).collect()
    }

    /// A row is left out where none of the asked fields may be seen of it.
    fn shown(&self, c: &'w Collection, row: &Row, asked: &BTreeSet<&str>) -> bool {
        let cases = self.cases(c, "read");
        self.admin
            || self.any(cases, |case| {
                self.covers(c, case, row) && (asked.is_empty() || asked.iter().any(|field| case.grants(field)))
            })
    }

    /// Whether the query's filter and search leave the row.
    pub(super) fn wanted(&self, c: &'w Collection, row: Option<&Row>, query: &Query) -> Answer<bool> {
        let filtered = query
            .filter
            .as_ref()
            .map_or(Ok(true), |filter| self.holds(c, row, filter, Eyes::Caller))?;
        let found = query
            .search
            .as_deref()
            .is_none_or(|text| row.is_some_and(|row| self.finds(c, row, text.trim())));
        Ok(filtered && found)
    }

    /// Whether some field that may be seen of the row holds the text, or is the number or uuid that it spells.
    fn finds(&self, c: &'w Collection, row: &Row, text: &str) -> bool {
        let holds = |field: &&Field| {
            let held = self.cell(c, Some(row), &field.name, Eyes::Caller);
            match field.kind {
                Kind::String | Kind::Text => {
                    matches!(&held, Param::Text(held) if held.to_lowercase().contains(&text.to_lowercase()))
                }
                kind if kind.is_number() || kind == Kind::Uuid => {
                    value::fit(field, &text.into()).is_some_and(|text| value::same(&held, &text))
                }
                _ => false,
            }
        };
        let looked_into = |field: &&Field| {
            field.searchable && !field.is_concealed() && self.world.schema.link(&c.name, &field.name).is_none()
        };
        text.is_empty()
            || c.fields
                .values()
                .filter(looked_into)
                .filter(holds)
                .any(|field| self.sees(c, row, &field.name))
    }

    /// What the row is ordered by: what the query says, else the fields of `by`, else the order made by hand, then the key.
    fn order(&self, c: &'w Collection, row: Option<&Row>, query: &Query, by: &[&str]) -> Answer<Keys> {
        if !query.sort.is_empty() {
            return query
                .sort
                .iter()
                .map(|sort| Ok((self.sort_value(c, row, &unaliased(sort, query))?, sort.descending)))
                .collect();
        }
        let hand: Vec<&str> = if by.is_empty() {
            c.sort_field.as_deref().into_iter().collect()
        } else {
            by.to_vec()
        };
        let hand = hand
            .into_iter()
            .filter(|name| c.field(name).is_some_and(|field| field.column.is_some()));
        Ok(hand
            .chain([c.key.as_str()])
            .map(|name| (self.cell(c, row, name, Eyes::Caller), false))
            .collect())
    }

    /// The value at a path of single rows; null where it may not be seen.
    pub(super) fn sort_value(&self, c: &'w Collection, row: Option<&Row>, path: &[Key]) -> Answer<Param> {
        let (name, rest) = match path {
            [Key::Call(function, name)] => {
                let open = self.opens(c, row, name, Eyes::Caller)?;
                let result = self.call(c, row, *function, name, Eyes::Caller)?;
                return Ok(if open { result } else { Param::Null });
            }
            [Key::Field(name), rest @ ..] => (name, rest),
            _ => return Err(Refusal::Invalid),
        };
        let field = c
            .field(name)
            .filter(|field| field.column.is_some())
            .ok_or(Refusal::Forbidden)?;
        let open = self.opens(c, row, name, Eyes::Caller)?;
        let found = if rest.is_empty() {
            if field.is_concealed() || field.kind == Kind::Json {
                return Err(Refusal::Invalid);
            }
            self.cell(c, row, name, Eyes::Caller)
        } else {
            let Some(Link::One { target, .. }) = self.world.schema.link(&c.name, name) else {
                return Err(Refusal::Forbidden);
            };
            self.readable(target, Eyes::Caller)?;
            let related = self.related(c, row, name, target, Eyes::Caller);
            self.sort_value(target, related, rest)?
        };
        Ok(if open { found } else { Param::Null })
    }
}

/// Whole numbers that the database computes are told as text.
pub(super) fn number_text(value: &Param) -> Json {
    if *value == Param::Null {
        Json::Null
    } else {
        value::text(value).into()
    }
}

/// Ascending with nulls last, or descending with nulls first: what has no value counts as greatest.
pub(super) fn in_order(a: &Keys, b: &Keys) -> Ordering {
    let compare = |((a, descending), (b, _)): (&(Param, bool), &(Param, bool))| {
        let nulls = (*a == Param::Null).cmp(&(*b == Param::Null));
        let ascending = nulls.then(value::compare(a, b).unwrap_or(Ordering::Equal));
        if *descending { ascending.reverse() } else { ascending }
    };
    a.iter()
        .zip(b)
        .map(compare)
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

pub(super) fn page<T>(rows: Vec<T>, page: &Page) -> Vec<T> {
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    rows.into_iter()
        .skip(size(page.offset))
        .take(page.limit.map_or(usize::MAX, size))
        .collect()
}

/// An alias in an order stands for its field or function.
fn unaliased(sort: &Sort, query: &Query) -> Vec<Key> {
    let alias = match sort.path.as_slice() {
        [Key::Field(name)] => query.alias.iter().find(|alias| alias.name == *name),
        _ => None,
    };
    match alias.map(|alias| &alias.target) {
        Some(Leaf::Field(field)) => vec![Key::Field(field.clone())],
        Some(Leaf::Call(function, field)) => vec![Key::Call(*function, field.clone())],
        _ => sort.path.clone(),
    }
}
