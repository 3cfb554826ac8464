//! Single tests of values, and what they compare with. What does not fit is refused, never taken for true or false.

use std::cmp::Ordering;

use aedile_engine::{
    query::{Operand, Operands, Part, Test, Var},
    schema::{Field, Kind, Link},
    value::Param,
};
use serde_json::Value as Json;

use super::{Answer, Eyes, Refusal, Row, Session, value};

/// What a test compares with.
enum Other {
    One(Param),
    /// A variable that stands for several values.
    Many(Vec<Param>),
}

impl<'w> Session<'w> {
    /// Whether a value passes a test. `missing`: it is of a row that is not there.
    pub(super) fn passes(&self, field: &Field, held: &Param, missing: bool, test: &Test, eyes: Eyes) -> Answer<bool> {
        if !fits(field, test) {
            return Err(Refusal::Invalid);
        }
        let null = *held == Param::Null;
        let compare = |op: &Operand, fit: fn(Ordering) -> bool| -> Answer<bool> {
            Ok(value::compare(held, &self.single(field, op, eyes)?).is_some_and(fit))
        };
        Ok(match test {
            Test::Null(wanted) => null == *wanted,
            Test::Empty(wanted) => (null || *held == Param::from("")) == *wanted,
            Test::Eq(Operand::Value(Json::Null)) => null,
            Test::Neq(Operand::Value(Json::Null)) => !null,
            Test::Eq(op) => match self.other(field, op, eyes)? {
                Other::Many(list) => list.iter().any(|other| value::same(held, other)),
                // A variable without a value matches rows without one, but not rows that are not there.
                Other::One(Param::Null) => null && !missing,
                Other::One(other) => value::same(held, &other),
            },
            Test::Neq(op) => match self.other(field, op, eyes)? {
                Other::Many(list) => none_of(held, &list),
                Other::One(Param::Null) => !null,
                Other::One(other) => !null && !value::same(held, &other),
            },
            Test::Lt(op) => compare(op, Ordering::is_lt)?,
            Test::Lte(op) => compare(op, Ordering::is_le)?,
            Test::Gt(op) => compare(op, Ordering::is_gt)?,
            Test::Gte(op) => compare(op, Ordering::is_ge)?,
            // Both ends are looked at, whatever the first says.
            Test::Between(from, to) => compare(from, Ordering::is_ge)? & compare(to, Ordering::is_le)?,
            Test::Nbetween(from, to) => compare(from, Ordering::is_lt)? | compare(to, Ordering::is_gt)?,
            Test::In(list) => self
                .values(field, list, eyes)?
                .iter()
                .any(|other| value::same(held, other)),
            Test::Nin(list) => none_of(held, &self.values(field, list, eyes)?),
            Test::Match { part, fold, not, text } => {
                let text = self.single(&value::some_text(), text, eyes)?;
                let (Param::Text(held), Param::Text(text)) = (held, &text) else {
                    return Ok(false);
                };
                let (held, text) = if *fold {
                    (held.to_lowercase(), text.to_lowercase())
                } else {
                    (held.clone(), text.clone())
                };
                let found = match part {
                    Part::Anywhere => held.contains(&text),
                    Part::Start => held.starts_with(&text),
                    Part::End => held.ends_with(&text),
                };
                found != *not
            }
            Test::Regex(_) | Test::Submitted(_) => return Err(Refusal::Invalid),
        })
    }

    /// Every value of a list, or of a variable that stands for one.
    fn values(&self, field: &Field, list: &Operands, eyes: Eyes) -> Answer<Vec<Param>> {
        match list {
            Operands::List(list) => list.iter().map(|op| self.single(field, op, eyes)).collect(),
            Operands::Var(var) => match self.variable(field, var, eyes)? {
                Other::One(one) => Ok(vec![one]),
                Other::Many(many) => Ok(many),
            },
        }
    }

    pub(super) fn single(&self, field: &Field, op: &Operand, eyes: Eyes) -> Answer<Param> {
        match self.other(field, op, eyes)? {
            Other::One(one) => Ok(one),
            Other::Many(_) => Err(Refusal::Invalid),
        }
    }

    fn other(&self, field: &Field, op: &Operand, eyes: Eyes) -> Answer<Other> {
        match op {
            Operand::Value(json) => value::fit(field, json).map(Other::One).ok_or(Refusal::Invalid),
            Operand::Var(var) => self.variable(field, var, eyes),
        }
    }

    fn variable(&self, field: &Field, var: &Var, eyes: Eyes) -> Answer<Other> {
        let texts = |list: &[String]| Other::Many(list.iter().map(|id| Param::from(id.as_str())).collect());
        match var {
            Var::User(path) => self.path("directus_users", self.user.clone(), path, eyes),
            Var::Role(path) => self.path("directus_roles", self.role(), path, eyes),
            Var::Roles => Ok(texts(&self.roles)),
            Var::Policies => Ok(texts(&self.policies)),
            Var::Now { ms, months } => Ok(Other::One(value::moment(
                field.kind,
                value::moved(self.world.now, *ms, *months),
            ))),
        }
    }

    /// The role as it stands in the user's row, known or not.
    fn role(&self) -> Option<String> {
        let users = self.world.rows.get("directus_users")?;
        let me = users
            .iter()
            .find(|row| row.get("id").is_some_and(|id| Some(value::text(id)) == self.user))?;
        me.get("role").filter(|role| **role != Param::Null).map(value::text)
    }

    /// Where a path from the caller's own row or role leads: to one value, or through a list to several.
    fn path(&self, start: &str, id: Option<String>, path: &[String], eyes: Eyes) -> Answer<Other> {
        let mut key: Param = id.into();
        if path.is_empty() {
            return Ok(Other::One(key));
        }
        // Rules may read anything; what a caller may read of other rows is not known on the way.
        if eyes == Eyes::Caller && !self.admin {
            return Err(Refusal::Invalid);
        }
        let mut at = self.collection(start)?;
        let mut rows: Vec<&Row> = self.by_key(at, &key).into_iter().collect();
        let mut several = false;
        for (i, step) in path.iter().enumerate() {
            let last = i + 1 == path.len();
            match self.world.schema.link(&at.name, step) {
                Some(Link::Many { relation, target }) => {
                    several = true;
                    let keys: Vec<&Param> = rows.iter().filter_map(|row| row.get(&at.key)).collect();
                    rows = keys
                        .iter()
                        .flat_map(|key| self.pointing(target, &relation.many_field, key, Eyes::Rule))
                        .collect();
                    at = target;
                    if last {
                        return Ok(Other::Many(
                            rows.iter().filter_map(|row| row.get(&at.key).cloned()).collect(),
                        ));
                    }
                }
                Some(Link::One { target, .. }) if !last => {
                    let keys: Vec<Param> = rows
                        .iter()
                        .map(|row| self.cell(at, Some(row), step, Eyes::Rule))
                        .collect();
                    rows = keys.iter().filter_map(|key| self.by_key(target, key)).collect();
                    at = target;
                }
                _ => {
                    let field = at
                        .field(step)
                        .filter(|f| last && f.column.is_some() && !f.is_concealed());
                    field.ok_or(Refusal::Forbidden)?;
                    let found: Vec<Param> = rows
                        .iter()
                        .map(|row| self.cell(at, Some(row), step, Eyes::Rule))
                        .collect();
                    if several {
                        return Ok(Other::Many(found));
                    }
                    key = found.into_iter().next().unwrap_or(Param::Null);
                }
            }
        }
        Ok(Other::One(key))
    }
}

/// Whether a value is none of several. Of none at all this grants nothing; and what is unknown may be anything.
fn none_of(held: &Param, list: &[Param]) -> bool {
    *held != Param::Null
        && !list.is_empty()
        && !list.contains(&Param::Null)
        && !list.iter().any(|other| value::same(held, other))
}

/// Which tests fit which kinds of fields. Of a secret nothing may be asked but whether it is set.
fn fits(field: &Field, test: &Test) -> bool {
    let kind = field.kind;
    let comparable = kind.is_text()
        || kind.is_number()
        || kind.is_temporal()
        || matches!(kind, Kind::Boolean | Kind::Uuid | Kind::Unknown);
    match test {
        Test::Null(_) | Test::Eq(Operand::Value(Json::Null)) | Test::Neq(Operand::Value(Json::Null)) => true,
        Test::Empty(_) => field.is_concealed() || kind.is_text(),
        _ if field.is_concealed() => false,
        Test::Eq(_) | Test::Neq(_) => comparable,
        Test::In(_) | Test::Nin(_) => comparable && kind != Kind::Boolean,
        Test::Lt(_) | Test::Lte(_) | Test::Gt(_) | Test::Gte(_) | Test::Between(..) | Test::Nbetween(..) => {
            kind.is_number() || kind.is_temporal()
        }
        Test::Match { .. } => kind.is_text(),
        Test::Regex(_) | Test::Submitted(_) => false,
    }
}
