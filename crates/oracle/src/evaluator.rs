//! What a caller may read and write, said as plainly as possible: in memory, row by row, without SQL and without haste.
//! It shares the parsed queries and the description of the schema with the product, and nothing else: it must never use
//! the product's access, plans or statements, because it is what they are compared with.
//!
//! Values are JSON as they are told; dates are texts, whose order is their own. A row that is not there is a row of nulls.
//! Questions that make no sense are noted, not returned: all parts are looked at, and a noted question has no answer.

mod access;
mod condition;
mod groups;
mod read;
mod test;
mod write;

use std::{
    cell::{Cell as Flag, RefCell},
    collections::{HashMap, HashSet},
};

use aedile_engine::{
    query::{Function, Key},
    schema::{Collection, Kind, Link},
};
use serde_json::Value as Json;

use crate::{moment, value};
use access::Case;
pub use write::{Change, write};

pub use crate::world::{Attachment, Caller, Cell, Permission, Policy, Row, World};

/// One caller in one world.
pub struct Session<'w> {
    world: &'w World,
    user: Json,
    /// As it stands in the user's row, known or not.
    role: Json,
    /// Whether the caller may do everything.
    pub admin: bool,
    /// The role and those above it, the nearest first.
    roles: Vec<Json>,
    /// The policies that count here and now.
    policies: Vec<Json>,
    cases: HashMap<String, Vec<Case>>,
    /// Whether a rule looks, which an administrator wrote: it reads whatever it names.
    ruling: Flag<bool>,
    /// Whether something asked makes no sense, is not there, or is forbidden throughout.
    refused: Flag<bool>,
    /// Whether some value was told as null for want of a right to it.
    pub masked: Flag<bool>,
    /// Which rows each rule is already known to cover.
    covered: RefCell<HashMap<(*const Case, *const Row), bool>>,
    /// The cells that rules and their variables have looked at.
    pub looked_at: RefCell<HashSet<Cell>>,
}

/// A row of a collection, or none.
#[derive(Clone, Copy)]
pub struct Item<'w> {
    /// The collection.
    pub of: &'w Collection,
    /// The row, unless it is missing.
    pub row: Option<&'w Row>,
}

/// What a field or a function of one says of a row.
struct Seen {
    kind: Kind,
    /// Of a secret nothing may be asked but whether it is set.
    secret: bool,
    /// None where the row is missing.
    value: Option<Json>,
    /// Whether the caller may see it there.
    open: bool,
}

impl Seen {
    /// What the caller sees.
    fn shown(self) -> Json {
        self.value.filter(|_| self.open).unwrap_or_default()
    }
}

static NULL: Json = Json::Null;

impl<'w> Item<'w> {
    fn missing(of: &'w Collection) -> Self {
        Item { of, row: None }
    }

    fn get(self, field: &str) -> &'w Json {
        self.row.and_then(|row| row.get(field)).unwrap_or(&NULL)
    }

    fn only_if(self, condition: bool) -> Self {
        let row = self.row.filter(|_| condition);
        Item { row, ..self }
    }

    fn key(self) -> &'w Json {
        self.get(&self.of.key)
    }
}

impl<'w> Session<'w> {
    /// Notes that something asked has no answer.
    fn refuse<T: Default>(&self) -> T {
        self.refused.set(true);
        T::default()
    }

    fn link(&self, of: &Collection, field: &str) -> Option<Link<'w>> {
        self.world.schema.link(&of.name, field)
    }

    /// The rows of a collection.
    pub fn rows(&self, of: &'w Collection) -> impl Iterator<Item = Item<'w>> + use<'w> {
        let rows = self.world.rows.get(&of.name).into_iter().flatten();
        rows.map(move |row| Item { of, row: Some(row) })
    }

    /// The value of a row's field; what a rule looks at is written down.
    fn cell(&self, item: Item<'w>, field: &str) -> &'w Json {
        if self.ruling.get() && item.row.is_some() {
            let cell = (item.of.name.clone(), value::text(item.key()), field.to_owned());
            self.looked_at.borrow_mut().insert(cell);
        }
        item.get(field)
    }

    /// The item with this key.
    fn by_key(&self, of: &'w Collection, key: &Json) -> Item<'w> {
        let found = self.rows(of).find(|item| value::same(item.key(), key));
        found.unwrap_or(Item::missing(of))
    }

    /// What a field or a function says of an item. What may be seen of no item is refused.
    fn seen(&self, item: Item<'w>, key: &Key) -> Seen {
        let (function, name) = match key {
            Key::Field(name) => (None, name.as_str()),
            Key::Call(function, name) => (Some(*function), name.as_str()),
            Key::Scoped(..) | Key::Follow(..) => (self.refuse(), ""),
        };
        let field = item.of.field(name);
        let open = self.opens(item, name);
        let secret = field.is_some_and(|field| field.is_concealed());
        let (kind, stored) = field.map_or((Kind::Unknown, false), |field| (field.kind, field.column.is_some()));
        let value = match (function, self.link(item.of, name)) {
            (Some(Function::Count), Some(Link::Many { relation, target })) => {
                self.items(item, &relation.many_field, target).len().into()
            }
            _ if !stored => self.refuse(),
            (None, _) => self.cell(item, name).clone(),
            (Some(function), _) if secret || !moment::has(kind, function) => self.refuse(),
            (Some(function), _) => moment::part(function, self.cell(item, name)),
        };
        Seen {
            kind: function.map_or(kind, |_| Kind::Integer),
            secret,
            value: item.row.map(|_| value),
            open,
        }
    }

    /// The item a foreign key points at, if there is one to be seen.
    fn related(&self, item: Item<'w>, field: &str, target: &'w Collection) -> Item<'w> {
        self.enter(target);
        let found = self.by_key(target, self.cell(item, field));
        found.only_if(self.visible(found))
    }

    /// The items whose foreign key points at this one, as far as they can be seen.
    fn items(&self, item: Item<'w>, foreign: &str, target: &'w Collection) -> Vec<Item<'w>> {
        self.enter(target);
        let points = |other: &Item<'w>| value::same(self.cell(*other, foreign), item.key());
        let rows = self.rows(target).filter(|_| item.row.is_some());
        rows.filter(points).filter(|other| self.visible(*other)).collect()
    }

    /// The item of `target` that a relation to several collections points at.
    fn any_of(&self, item: Item<'w>, name: &str, which: &str, target: &'w Collection) -> Item<'w> {
        let here = *self.cell(item, which) == *target.name;
        let key = self.cell(item, name);
        let is_it = |found: &Item<'w>| here && !key.is_null() && value::text(found.key()) == value::text(key);
        self.rows(target).find(is_it).unwrap_or(Item::missing(target))
    }
}
