//! What a write may do, and the world it leaves behind. Nothing is stored unless all of it may be. Items nested in a
//! payload are written by the same verbs: what a foreign key shall point at first, then the item, then its lists.

use aedile_engine::{
    query::{Var, filter},
    schema::{Collection, Column, Deselect, Field, Kind, Link, Relation},
};
use serde_json::Value as Json;

use super::{Caller, Item, Row, Session, World, access::Case};
use crate::{shape, value};

/// A write on one collection.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new item.
    Create(Row),
    /// New values for the items with these keys.
    Update(Vec<Json>, Row),
    /// The end of the items with these keys.
    Delete(Vec<Json>),
}

/// The world after the write; none if it is refused.
pub fn write(world: &World, caller: &Caller, collection: &str, change: Change) -> Option<World> {
    let (world, of) = (world.clone(), world.schema.collection(collection)?);
    let mut draft = Draft { world, caller };
    match change {
        Change::Create(sent) => drop(draft.put(of, None, sent)?),
        Change::Update(keys, sent) => drop(draft.put(of, Some(keys), sent)?),
        Change::Delete(keys) => draft.delete(of, &keys)?,
    }
    Some(draft.world)
}

/// A world that is being changed. Rights are judged as it is at each step.
struct Draft<'c> {
    world: World,
    caller: &'c Caller,
}

impl Draft<'_> {
    fn session(&self) -> Session<'_> {
        Session::new(&self.world, self.caller)
    }

    fn rows(&mut self, of: &Collection) -> &mut Vec<Row> {
        self.world.rows.entry(of.name.clone()).or_default()
    }

    /// The keys of the rows that hold `value` in `field`.
    fn having(&mut self, of: &Collection, field: &str, value: &Json) -> Vec<Json> {
        let holds = |row: &&Row| row.get(field).is_some_and(|held| value::same(held, value));
        let rows = self.rows(of).iter().filter(holds);
        rows.filter_map(|row| row.get(&of.key).cloned()).collect()
    }

    /// Each item must be covered, and covered for every field that is sent; what is missing is forbidden, but for an
    /// administrator it is passed over. Answers the keys that there were.
    fn permitted(&self, of: &Collection, action: &str, keys: &[Json], sent: &Row) -> Option<Vec<Json>> {
        let session = self.session();
        let covered = |key: &&Json| {
            let item = session.by_key(of, key);
            let by = |field: &String| session.covered(item, action, |case| case.grants(field));
            item.row.is_some() && session.covered(item, action, |_| true) && sent.keys().all(by)
        };
        let found: Vec<Json> = keys.iter().filter(covered).cloned().collect();
        (session.admin || (session.may(of, action) && found.len() == keys.len())).then_some(found)
    }

    fn delete(&mut self, of: &Collection, keys: &[Json]) -> Option<()> {
        let keys = self.permitted(of, "delete", keys, &Row::new())?;
        let stays = |row: &Row| row.get(&of.key).is_none_or(|key| !keys.contains(key));
        self.rows(of).retain(stays);
        Some(())
    }

    /// Makes an item, or changes the items with these keys; answers the keys of those that there are now.
    fn put(&mut self, of: &Collection, keys: Option<Vec<Json>>, mut sent: Row) -> Option<Vec<Json>> {
        let action = if keys.is_some() { "update" } else { "create" };
        let mut old = Vec::new();
        if let Some(keys) = &keys {
            old = self.permitted(of, action, keys, &sent)?;
            // A key never changes.
            sent.remove(&of.key);
            if old.is_empty() {
                return Some(old);
            }
        }
        let mut sent = self.session().payload(of, action, sent)?;
        sent.retain(|name, _| keys.is_none() || *name != of.key);
        let mut row = self.stored(of, &sent)?;
        self.session().valid(of, action, &row).then_some(())?;
        if keys.is_some() {
            let changed = |held: &&mut Row| held.get(&of.key).is_some_and(|key| old.contains(key));
            let rows = self.rows(of).iter_mut();
            rows.filter(changed).for_each(|held| held.extend(row.clone()));
        } else {
            let greatest = self.rows(of).iter().filter_map(|row| row.get(&of.key)?.as_i64()).max();
            let next = Json::from(greatest.unwrap_or(0) + 1);
            old = vec![row.entry(of.key.clone()).or_insert(next).clone()];
            self.having(of, &of.key, row.get(&of.key)?).is_empty().then_some(())?;
            self.rows(of).push(row);
        }
        let schema = self.world.schema.clone();
        // Item by item: another's lists may take what this one's have taken.
        for key in &old {
            for (name, sent) in &sent {
                if let Some(Link::Many { relation, target }) = schema.link(&of.name, name) {
                    self.save_list(relation, target, key, sent)?;
                }
            }
        }
        Some(old)
    }

    /// The values of the row itself; items in the place of foreign keys are saved, and stand there by their keys.
    fn stored(&mut self, of: &Collection, sent: &Row) -> Option<Row> {
        let schema = self.world.schema.clone();
        let mut row = Row::new();
        for (name, sent) in sent {
            let value = match (schema.link(&of.name, name), sent, of.field(name)) {
                (Some(Link::One { target, .. }), Json::Object(object), _) => self.save(target, object.clone())?,
                (_, sent, Some(field)) if field.column.is_some() => value::stored(field, sent)?,
                _ => continue,
            };
            row.insert(name.clone(), value);
        }
        Some(row)
    }

    /// Makes an item, changes it, or (a key alone) leaves it as it is.
    fn save(&mut self, of: &Collection, mut sent: Row) -> Option<Json> {
        let key = sent.get(&of.key).cloned().unwrap_or_default();
        let exists = !self.having(of, &of.key, &key).is_empty();
        sent.retain(|name, value| *name != of.key || !(exists || value.is_null()));
        match (exists, sent.is_empty()) {
            (true, true) => Some(key),
            (true, false) => self.put(of, Some(vec![key]), sent)?.pop(),
            (false, _) => self.put(of, None, sent)?.pop(),
        }
    }

    /// Saves a list of items that point at this one: a list says all its items, and lets go of the others; an object says
    /// what to create, update and delete.
    fn save_list(&mut self, relation: &Relation, target: &Collection, parent: &Json, sent: &Json) -> Option<()> {
        let part = |name: &str| sent.get(name).and_then(Json::as_array).cloned().unwrap_or_default();
        let foreign = relation.many_field.as_str();
        let with = |mut item: Row, name: &str, value: &Json| {
            item.insert(name.to_owned(), value.clone());
            item
        };
        // What is made here comes last.
        let order = relation.sort_field.as_deref();
        let listed = self.rows(target).iter().filter(|row| row.get(foreign) == Some(parent));
        let mut last = order.map(|order| listed.filter_map(|row| row.get(order)?.as_i64()).max().unwrap_or(0));
        for item in part("create") {
            last = last.map(|last| last + 1);
            let mut item = with(item.as_object()?.clone(), foreign, parent);
            order.map(|order| item.entry(order).or_insert(last.into()));
            self.put(target, None, item)?;
        }
        let now = self.having(target, foreign, parent);
        let mut kept = Vec::new();
        for item in sent.as_array().cloned().unwrap_or_else(|| part("update")) {
            // A key alone takes the item over, and makes none.
            let there = item.is_object() || !self.having(target, &target.key, &item).is_empty();
            there.then_some(())?;
            let alone = || with(Row::new(), &target.key, &item);
            let item = item.as_object().cloned().unwrap_or_else(alone);
            let listed = item.get(&target.key).is_some_and(|key| now.contains(key));
            kept.push(self.save(target, if listed { item } else { with(item, foreign, parent) })?);
        }
        let (mut gone, deleted, whole) = (now, part("delete"), !sent.is_object());
        gone.retain(|key| {
            if whole {
                !kept.contains(key)
            } else {
                deleted.contains(key)
            }
        });
        let none = with(Row::new(), foreign, &Json::Null);
        match relation.deselect {
            _ if gone.is_empty() => Some(()),
            Deselect::Delete => self.delete(target, &gone),
            Deselect::Nullify => self.put(target, Some(gone), none).map(drop),
        }
    }
}

impl<'w> Session<'w> {
    /// What was sent, and presets where nothing was; none unless every field may be written.
    fn payload(&self, of: &'w Collection, action: &str, sent: Row) -> Option<Row> {
        if !self.may(of, action) || !sent.keys().all(|name| self.grants(of, action, name)) {
            return None;
        }
        // Presets are an administrator's words.
        self.ruling.set(true);
        let mut all = Row::new();
        for case in self.cases(of, action).filter(|_| !self.admin) {
            // A later permission's preset wins; what was sent wins over all of them, null too.
            let presets = case.presets.iter();
            all.extend(presets.map(|(name, preset)| (name.clone(), self.preset(preset))));
        }
        all.extend(sent);
        (!self.refused.get()).then_some(all)
    }

    /// A preset's value; a text that names a variable is that variable.
    fn preset(&self, preset: &Json) -> Json {
        let var: Option<Var> = preset.as_str().and_then(filter::variable);
        var.map_or_else(|| preset.clone(), |var| self.variable(Kind::String, &var))
    }

    /// Whether a row to be stored has what it needs, and meets the validations of all permissions.
    fn valid(&self, of: &'w Collection, action: &str, row: &Row) -> bool {
        self.ruling.set(true);
        let lacks = |field: &Field| {
            let needed = field.column.as_ref().filter(|column| !column.nullable);
            let made = |column: &Column| action == "create" && !column.auto_increment;
            needed.is_some_and(|column| row.get(&field.name).map_or(made(column), Json::is_null))
        };
        let mut columns = of.fields.values();
        let item = Item { of, row: Some(row) };
        let breaks = |case: &&Case| !self.admin && !self.holds(item, &shape::judged(&case.validation, row));
        let broken = self.cases(of, action).filter(breaks).count();
        !columns.any(lacks) && broken == 0 && !self.refused.get()
    }
}
