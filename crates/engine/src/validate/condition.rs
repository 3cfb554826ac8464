//! One condition on one value that was sent, and what is told when it fails.
//! Must never pass what it cannot compare: a value of the wrong sort fails, also against a negation.

use std::cmp::Ordering;

use crate::{
    Json,
    error::{Error, Fault},
    query::{Operand, Operands, Part, Test},
    schema::Kind,
    validate::{Judge, Pattern, compare, fault, only},
    value::{geometry, scalar},
};

const UNKNOWN: &str = "the value of a variable in the rule is not known";

impl Judge<'_> {
    /// How a value fails a test, if it does.
    pub(super) fn test(&self, field: &str, test: &Test, value: &Json) -> Option<Fault> {
        self.judge(field, test, value)
            .unwrap_or_else(|Unknown| Some(self.unjudged(field, "rule", UNKNOWN)))
    }

    fn judge(&self, field: &str, test: &Test, value: &Json) -> Result<Option<Fault>, Unknown> {
        let failed = |kind: &str, holds: bool| (!holds).then(|| fault(field, self.path, kind));
        Ok(match test {
            Test::Eq(op) => match self.operand(op)? {
                Json::Array(list) => self.within(field, value, list),
                other => self.within(field, value, vec![other]),
            },
            Test::Neq(op) => match self.operand(op)? {
                Json::Array(list) => self.without(field, value, list),
                other => self.without(field, value, vec![other]),
            },
            Test::In(ops) => self.within(field, value, self.operands(ops)?),
            Test::Nin(ops) => self.without(field, value, self.operands(ops)?),
            Test::Lt(op) => self.ordered(field, value, &self.operand(op)?, "lt", Ordering::is_lt),
            Test::Lte(op) => self.ordered(field, value, &self.operand(op)?, "lte", Ordering::is_le),
            Test::Gt(op) => self.ordered(field, value, &self.operand(op)?, "gt", Ordering::is_gt),
            Test::Gte(op) => self.ordered(field, value, &self.operand(op)?, "gte", Ordering::is_ge),
            Test::Between(from, to) => {
                let (from, to) = (self.operand(from)?, self.operand(to)?);
                self.ordered(field, value, &from, "gte", Ordering::is_ge)
                    .or_else(|| self.ordered(field, value, &to, "lte", Ordering::is_le))
            }
            Test::Nbetween(from, to) => self.outside(field, value, &self.operand(from)?, &self.operand(to)?),
            Test::Match { part, fold, not, text } => {
                self.matched(field, value, (*part, *fold, *not), &self.operand(text)?)
            }
            Test::Meets { boxes, not, with } => {
                let parsed = |value| geometry::parse(Kind::Geometry, value).map(|(_, geometry)| geometry);
                let meet = parsed(value).zip(parsed(with)).map(|(value, with)| match boxes {
                    true => value.meets_box(&with),
                    false => value.meets(&with),
                });
                failed("intersects", meet.is_some_and(|meet| meet != *not))
            }
            Test::Null(true) => failed("null", value.is_null()),
            Test::Null(false) => failed("nnull", !value.is_null()),
            Test::Empty(true) => failed("empty", is_empty(value)),
            Test::Empty(false) => failed("nempty", !is_empty(value)),
            Test::Regex(pattern) => self.regex(field, value, pattern),
            Test::Submitted(wanted) => failed("submitted", *wanted),
        })
    }

    fn operand(&self, op: &Operand) -> Result<Json, Unknown> {
        match op {
            Operand::Value(value) => Ok(value.clone()),
            Operand::Var(var) => (self.variables)(var).ok_or(Unknown),
        }
    }

    fn operands(&self, ops: &Operands) -> Result<Vec<Json>, Unknown> {
        match ops {
            Operands::List(list) => list.iter().map(|op| self.operand(op)).collect(),
            Operands::Var(var) => match (self.variables)(var).ok_or(Unknown)? {
                Json::Array(list) => Ok(list),
                single => Ok(vec![single]),
            },
        }
    }

    /// One of these; of a list of one, that one is told.
    fn within(&self, field: &str, value: &Json, list: Vec<Json>) -> Option<Fault> {
        if list.iter().any(|other| compare::equal(value, other)) {
            return None;
        }
        Some(match <[Json; 1]>::try_from(list) {
            Ok([only]) => self.failed(field, "eq", "valid", only),
            Err(list) => self.failed(field, "in", "valid", list.into()),
        })
    }

    /// None of these. An empty list (a variable's) grants nothing.
    fn without(&self, field: &str, value: &Json, list: Vec<Json>) -> Option<Fault> {
        if !list.is_empty() && !list.iter().any(|other| compare::may_equal(value, other)) {
            return None;
        }
        Some(match <[Json; 1]>::try_from(list) {
            Ok([only]) => self.failed(field, "neq", "invalid", only),
            Err(list) => self.failed(field, "nin", "invalid", list.into()),
        })
    }

    fn ordered(
        &self,
        field: &str,
        value: &Json,
        bound: &Json,
        kind: &str,
        holds: fn(Ordering) -> bool,
    ) -> Option<Fault> {
        let Some(scale) = compare::Scale::of(bound) else {
            return Some(self.failed(field, kind, "valid", bound.clone()));
        };
        match scale.order(value) {
            Some(order) if holds(order) => None,
            Some(_) => Some(self.failed(field, kind, "valid", scale.told())),
            None => Some(fault(field, self.path, "required")),
        }
    }

    fn outside(&self, field: &str, value: &Json, from: &Json, to: &Json) -> Option<Fault> {
        let failed =
            |from: Json, to: Json| Some(self.failed(field, "nbetween", "invalid", Json::Array(vec![from, to])));
        let (Some(low), Some(high)) = (compare::Scale::of(from), compare::Scale::of(to)) else {
            return failed(from.clone(), to.clone());
        };
        match (low.order(value), high.order(value)) {
            (Some(Ordering::Less), Some(_)) | (Some(_), Some(Ordering::Greater)) => None,
            (Some(_), Some(_)) => failed(low.told(), high.told()),
            _ => Some(fault(field, self.path, "required")),
        }
    }

    fn matched(&self, field: &str, value: &Json, (part, fold, not): (Part, bool, bool), text: &Json) -> Option<Fault> {
        let Some(sent) = scalar::plain(value) else {
            return Some(fault(field, self.path, "required"));
        };
        let holds = scalar::plain(text).is_some_and(|wanted| holds(&sent, &wanted, part, fold) != not);
        (!holds).then(|| self.failed(field, match_name(part, fold, not), "substring", text.clone()))
    }

    fn regex(&self, field: &str, value: &Json, pattern: &Pattern) -> Option<Fault> {
        let Some(sent) = scalar::plain(value) else {
            return Some(fault(field, self.path, "required"));
        };
        match pattern.regex() {
            Ok(regex) => (!regex.is_match(&sent)).then(|| self.failed(field, "regex", "invalid", value.clone())),
            Err(reason) => Some(self.unjudged(field, "rule", reason)),
        }
    }

    fn failed(&self, field: &str, kind: &str, key: &str, told: Json) -> Fault {
        only(Error::validation(field, self.path, kind).with(key, told))
    }
}

/// A variable has no known value.
struct Unknown;

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(list) => list.is_empty(),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
    }
}

fn holds(text: &str, wanted: &str, part: Part, fold: bool) -> bool {
    if fold {
        return holds(&text.to_lowercase(), &wanted.to_lowercase(), part, false);
    }
    match part {
        Part::Anywhere => text.contains(wanted),
        Part::Start => text.starts_with(wanted),
        Part::End => text.ends_with(wanted),
    }
}

/// The operator's name in a fault; `_icontains` is told as `contains`, as recorded.
fn match_name(part: Part, fold: bool, not: bool) -> &'static str {
    match (part, fold, not) {
        (Part::Anywhere, _, false) => "contains",
        (Part::Anywhere, _, true) => "ncontains",
        (Part::Start, false, false) => "starts_with",
        (Part::Start, false, true) => "nstarts_with",
        (Part::Start, true, false) => "istarts_with",
        (Part::Start, true, true) => "nistarts_with",
        (Part::End, false, false) => "ends_with",
        (Part::End, false, true) => "nends_with",
        (Part::End, true, false) => "iends_with",
        (Part::End, true, true) => "niends_with",
    }
}
