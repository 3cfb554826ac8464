//! Validation: whether a payload meets a rule, in memory, before anything touches the database.
//! It looks at what is sent and nothing else: never at stored rows, never at related items. What it cannot judge fails.

mod compare;
mod condition;
mod pattern;

pub use pattern::Pattern;

use crate::{
    Json, Object,
    error::{Error, Fault, Result},
    query::{Filter, Key, Test, Var},
};

/// Every way in which a payload breaks a rule; none if it meets it.
///
/// Fields that are absent pass, but for `_submitted`. Of one field's conditions the first that fails is told; of an
/// `_or` that fails, all its branches. `variables` answers the values of variables (lists as lists; moments as text):
/// one it does not know makes the rule fail. `path` are the relation fields that lead to the payload.
pub fn validate(
    rule: &Filter,
    payload: &Object,
    variables: &dyn Fn(&Var) -> Option<Json>,
    path: &[String],
) -> Vec<Fault> {
    Judge {
        payload,
        variables,
        path,
    }
    .item(rule)
}

/// A field that has to be sent, and was not.
pub fn missing(field: &str, path: &[String]) -> Fault {
    fault(field, path, "required")
}

/// A field that was sent as null, and can not be.
pub fn nnull(field: &str, path: &[String]) -> Fault {
    fault(field, path, "nnull")
}

/// Refuses patterns of `_regex` that would never match as they are meant, where they are saved.
///
/// # Errors
/// `INVALID_PAYLOAD` with what is not understood.
pub fn check_patterns(rule: &Filter) -> Result<()> {
    match rule {
        Filter::And(list) | Filter::Or(list) => list.iter().try_for_each(check_patterns),
        Filter::At(_, inner) | Filter::Some(inner) | Filter::None(inner) => check_patterns(inner),
        Filter::Is(Test::Regex(pattern)) => match pattern.regex() {
            Ok(_) => Ok(()),
            Err(reason) => Err(Error::invalid_payload(reason)),
        },
        Filter::Is(_) => Ok(()),
    }
}

const FUNCTION: &str = "a validation rule can not use functions, or look at other collections";
const RELATED: &str = "a validation rule can not look at related items";
const FIELDLESS: &str = "a condition of a validation rule belongs to a field";

fn fault(field: &str, path: &[String], kind: &str) -> Fault {
    only(Error::validation(field, path, kind))
}

fn only(error: Error) -> Fault {
    let code = error.code();
    let mut faults = error.into_faults();
    // INVARIANT: an error has at least one fault; were it not so, the code alone would still refuse.
    faults.pop().unwrap_or(Fault {
        code,
        message: String::new(),
        extensions: Object::new(),
    })
}

/// What a rule is judged by.
struct Judge<'a> {
    payload: &'a Object,
    variables: &'a dyn Fn(&Var) -> Option<Json>,
    path: &'a [String],
}

impl Judge<'_> {
    fn item(&self, filter: &Filter) -> Vec<Fault> {
        match filter {
            Filter::And(list) => list.iter().flat_map(|part| self.item(part)).collect(),
            Filter::Or(list) => any(
                list,
                |part| self.item(part),
                || self.unjudged("", "or", "nothing meets this rule"),
            ),
            Filter::At(Key::Field(field), inner) => self.field(field, inner),
            Filter::At(Key::Scoped(field, _) | Key::Call(_, field), _) if !self.payload.contains_key(field) => {
                Vec::new()
            }
            Filter::At(Key::Scoped(field, _) | Key::Call(_, field) | Key::Follow(_, field), _) => {
                vec![self.unjudged(field, "rule", FUNCTION)]
            }
            Filter::Some(_) | Filter::None(_) => vec![self.unjudged("", "rule", RELATED)],
            Filter::Is(_) => vec![self.unjudged("", "rule", FIELDLESS)],
        }
    }

    fn field(&self, field: &str, filter: &Filter) -> Vec<Fault> {
        match filter {
            Filter::And(list) => list
                .iter()
                .map(|part| self.field(field, part))
                .find(|faults| !faults.is_empty())
                .unwrap_or_default(),
            Filter::Is(Test::Submitted(true)) if !self.payload.contains_key(field) => {
                vec![missing(field, self.path)]
            }
            _ if !self.payload.contains_key(field) && !mentions_submitted(filter) => Vec::new(),
            Filter::Or(list) => any(
                list,
                |part| self.field(field, part),
                || {
                    let mut fault = fault(field, self.path, "in");
                    fault.extensions.insert("valid".to_owned(), Json::Array(Vec::new()));
                    fault
                },
            ),
            Filter::Is(test) => self
                .payload
                .get(field)
                .and_then(|value| self.test(field, test, value))
                .into_iter()
                .collect(),
            Filter::At(..) | Filter::Some(_) | Filter::None(_) => {
                vec![self.unjudged(field, "rule", RELATED)]
            }
        }
    }

    /// A failure of the rule rather than of the payload: nothing that is sent could be known to meet it.
    fn unjudged(&self, field: &str, kind: &str, reason: &str) -> Fault {
        only(Error::validation(field, self.path, kind).with("reason", reason))
    }
}

/// One of several has to hold; if none does, all their faults are told.
fn any(list: &[Filter], judge: impl Fn(&Filter) -> Vec<Fault>, none: impl Fn() -> Fault) -> Vec<Fault> {
    if list.is_empty() {
        return vec![none()];
    }
    let mut all = Vec::new();
    for part in list {
        let faults = judge(part);
        if faults.is_empty() {
            return Vec::new();
        }
        all.extend(faults);
    }
    all
}

fn mentions_submitted(filter: &Filter) -> bool {
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().any(mentions_submitted),
        Filter::Is(Test::Submitted(_)) => true,
        Filter::Is(_) | Filter::At(..) | Filter::Some(_) | Filter::None(_) => false,
    }
}

#[cfg(test)]
mod tests;
