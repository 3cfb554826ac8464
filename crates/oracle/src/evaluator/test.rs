//! Single tests of values, and what they compare with. What does not fit is refused, never taken for true or false.

use std::cmp::Ordering;

use aedile_engine::{
    query::{Operand, Operands, Part, Test, Var},
    schema::{Field, Kind, Link},
};
use serde_json::Value as Json;

use super::{Seen, Session};
use crate::{moment, shape, value};

impl<'w> Session<'w> {
    /// Whether a value passes a test.
    pub(super) fn passes(&self, seen: &Seen, test: &Test) -> bool {
        if !fits(seen.kind, seen.secret, test) {
            return self.refuse();
        }
        let held = seen.value.as_ref().unwrap_or(&Json::Null);
        let compare = |op: &Operand, fit: fn(Ordering) -> bool| {
            value::compare(held, &self.single(seen.kind, op)).is_some_and(fit)
        };
        match test {
            _ if shape::about_null(test).is_some() => {
                let empty = matches!(test, Test::Empty(_)) && *held == "";
                shape::about_null(test) == Some(held.is_null() || empty)
            }
            Test::Eq(op) => match self.operand(seen.kind, op) {
                // A variable without a value matches rows without one, but not rows that are not there.
                Json::Null => seen.value == Some(Json::Null),
                other => one_of(held, &several(other)),
            },
            Test::Neq(op) => match self.operand(seen.kind, op) {
                Json::Null => !held.is_null(),
                other => none_of(held, &several(other)),
            },
            Test::In(list) => one_of(held, &self.operands(seen.kind, list)),
            Test::Nin(list) => none_of(held, &self.operands(seen.kind, list)),
            Test::Lt(op) => compare(op, Ordering::is_lt),
            Test::Lte(op) => compare(op, Ordering::is_le),
            Test::Gt(op) => compare(op, Ordering::is_gt),
            Test::Gte(op) => compare(op, Ordering::is_ge),
            // Both ends are looked at, whatever the first says.
            Test::Between(from, to) => compare(from, Ordering::is_ge) & compare(to, Ordering::is_le),
            Test::Nbetween(from, to) => compare(from, Ordering::is_lt) | compare(to, Ordering::is_gt),
            Test::Match { part, fold, not, text } => {
                let text = self.single(Kind::String, text);
                let (Some(held), Some(text)) = (held.as_str(), text.as_str()) else {
                    return false;
                };
                let cased = |text: &str| if *fold { text.to_lowercase() } else { text.to_owned() };
                let (held, text) = (cased(held), cased(text));
                let found = match part {
                    Part::Anywhere => held.contains(&text),
                    Part::Start => held.starts_with(&text),
                    Part::End => held.ends_with(&text),
                };
                found != *not
            }
            _ => self.refuse(),
        }
    }

    /// What a test compares with: a constant as the kind understands it, or a variable, which may stand for several.
    pub(super) fn operand(&self, kind: Kind, op: &Operand) -> Json {
        match op {
            Operand::Value(json) => value::fit(kind, json).unwrap_or_else(|| self.refuse()),
            Operand::Var(var) => self.variable(kind, var),
        }
    }

    fn single(&self, kind: Kind, op: &Operand) -> Json {
        let found = self.operand(kind, op);
        if found.is_array() { self.refuse() } else { found }
    }

    /// Every value of a list, or of a variable that stands for one.
    pub(super) fn operands(&self, kind: Kind, list: &Operands) -> Vec<Json> {
        match list {
            Operands::List(list) => list.iter().map(|op| self.single(kind, op)).collect(),
            Operands::Var(var) => several(self.variable(kind, var)),
        }
    }

    pub(super) fn variable(&self, kind: Kind, var: &Var) -> Json {
        match var {
            Var::User(path) => self.path("directus_users", &self.user, path),
            Var::Role(path) => self.path("directus_roles", &self.role, path),
            Var::Roles => self.roles.clone().into(),
            Var::Policies => self.policies.clone().into(),
            Var::Now { ms, months } => moment::told(kind, moment::moved(self.world.now, *ms, *months)),
        }
    }

    /// Where a path from the caller's own row or role leads: to one value, or through a list to several.
    fn path(&self, start: &str, id: &Json, path: &[String]) -> Json {
        let Some(mut at) = self.world.schema.collection(start).filter(|_| !path.is_empty()) else {
            return id.clone();
        };
        // Rules may read anything; what a caller may read of other rows is not known on the way.
        if !self.ruling.get() && !self.admin {
            return self.refuse();
        }
        let (mut items, mut many) = (vec![self.by_key(at, id)], false);
        for (i, step) in path.iter().enumerate() {
            let last = i + 1 == path.len();
            items.retain(|item| item.row.is_some());
            (items, at) = match self.link(at, step) {
                Some(Link::Many { relation, target }) => {
                    many = true;
                    let lists = items.iter().map(|item| self.items(*item, &relation.many_field, target));
                    (lists.flatten().collect(), target)
                }
                Some(Link::One { target, .. }) if !last => (
                    items.iter().map(|item| self.related(*item, step, target)).collect(),
                    target,
                ),
                _ => {
                    let told = |field: &&Field| last && field.column.is_some() && !field.is_concealed();
                    if at.field(step).filter(told).is_none() {
                        return self.refuse();
                    }
                    let mut found = items.iter().map(|item| self.cell(*item, step).clone());
                    return if many {
                        found.collect()
                    } else {
                        found.next().unwrap_or_default()
                    };
                }
            };
        }
        items.iter().map(|item| item.key().clone()).collect()
    }
}

/// One value, or each of several.
fn several(value: Json) -> Vec<Json> {
    match value {
        Json::Array(list) => list,
        one => vec![one],
    }
}

fn one_of(held: &Json, list: &[Json]) -> bool {
    list.iter().any(|other| value::same(held, other))
}

/// Whether a value is none of several. Of none at all this grants nothing; and what is unknown may be anything.
fn none_of(held: &Json, list: &[Json]) -> bool {
    !held.is_null() && !list.is_empty() && !list.contains(&Json::Null) && !one_of(held, list)
}

/// Which tests fit which kinds of fields. Of a secret nothing may be asked but whether it is set.
fn fits(kind: Kind, secret: bool, test: &Test) -> bool {
    let ordered = kind.is_number() || kind.is_temporal();
    let listed = ordered || kind.is_text() || matches!(kind, Kind::Uuid | Kind::Unknown);
    match test {
        Test::Empty(_) => secret || kind.is_text(),
        _ if shape::about_null(test).is_some() => true,
        _ if secret => false,
        Test::Eq(_) | Test::Neq(_) => listed || kind == Kind::Boolean,
        Test::In(_) | Test::Nin(_) => listed,
        Test::Match { .. } => kind.is_text(),
        Test::Regex(_) | Test::Submitted(_) => false,
        _ => ordered,
    }
}
