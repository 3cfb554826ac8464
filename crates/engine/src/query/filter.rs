//! Filters: from JSON to a typed condition. The same grammar serves queries, permission rules and validations; a
//! [`Context`] says which. Recursion is bounded before it happens. It must never drop a condition it does not
//! understand: what is malformed is refused as a whole.

mod operator;
mod variable;

use crate::{
    Json, Object,
    error::{Error, Result},
    query::{Filter, Limits, Operand, Test, fields},
};
use operator::Operator;

/// What a filter is for.
///
/// Empty groups (`_and: []`, `_or: []`) hold for all rows in a query and grant nothing in a rule or validation:
/// there they become `Or` of nothing, which holds for no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// A caller's query: unknown `$names` are text, an empty list to compare with is refused.
    Query,
    /// A permission's rule: an unknown `$NAME` is refused, an empty list grants nothing, `null` holds for all rows.
    Rule,
    /// A validation: as a rule, and `_regex` and `_submitted` may be used.
    Validation,
}

/// A filter from JSON; in a query also from JSON text.
///
/// `{}` holds for all rows, in a query also `[]` and empty text, in a rule also `null`.
/// Everything malformed, and what goes beyond the limits, is `INVALID_QUERY`.
pub fn parse(json: &Json, limits: &Limits, context: Context) -> Result<Filter> {
    match json {
        Json::String(text) if context == Context::Query && !text.is_empty() => {
            let json: Json =
                serde_json::from_str(text).map_err(|_| Error::invalid_query("the filter is not valid JSON"))?;
            parse_structure(&json, limits, context)
        }
        Json::String(text) if context == Context::Query && text.is_empty() => Ok(Filter::And(Vec::new())),
        json => parse_structure(json, limits, context),
    }
}

/// The variable that a text stands for in presets; none for any other text.
pub fn variable(text: &str) -> Option<crate::query::Var> {
    variable::parse(text, &Limits::default(), Context::Rule).ok().flatten()
}

fn parse_structure(json: &Json, limits: &Limits, context: Context) -> Result<Filter> {
    let mut reader = Reader {
        limits,
        context,
        left: limits.filter_size,
    };
    match json {
        Json::Object(object) => reader.object(object, Place::ROOT),
        Json::Array(list) if list.is_empty() && context == Context::Query => Ok(Filter::And(Vec::new())),
        Json::Null if context != Context::Query => Ok(Filter::And(Vec::new())),
        _ => Err(Error::invalid_query("the filter has to be an object")),
    }
}

/// Names beginning with `_` that mean an operator elsewhere, and so are never taken for a field.
const FOREIGN: [&str; 5] = [
    "_json",
    "_intersects",
    "_nintersects",
    "_intersects_bbox",
    "_nintersects_bbox",
];

/// What an object of conditions speaks about.
#[derive(Clone, Copy, PartialEq)]
enum About {
    /// An item: only keys can follow.
    Item,
    /// What is at a key: a value, a related item, or a list of such.
    Key,
    /// One of a list of related items, or its key.
    Related,
}

/// Where in the filter the reader is.
#[derive(Clone, Copy)]
struct Place {
    about: About,
    nesting: usize,
    relations: usize,
}

impl Place {
    const ROOT: Place = Place {
        about: About::Item,
        nesting: 0,
        relations: 0,
    };

    fn inside(self, about: About) -> Place {
        Place {
            about,
            nesting: self.nesting + 1,
            ..self
        }
    }
}

struct Reader<'a> {
    limits: &'a Limits,
    context: Context,
    /// Conditions and listed values that may still come.
    left: usize,
}

impl Reader<'_> {
    fn object(&mut self, object: &Object, place: Place) -> Result<Filter> {
        if place.nesting > self.limits.filter_depth {
            return Err(Error::invalid_query("the filter is nested too deeply"));
        }
        let mut parts = Vec::with_capacity(object.len().min(self.left));
        for (name, value) in object {
            self.spend(1)?;
            parts.push(self.entry(name, value, place)?);
        }
        Ok(match parts.pop() {
            Some(only) if parts.is_empty() => only,
            Some(last) => {
                parts.push(last);
                Filter::And(parts)
            }
            None => Filter::And(parts),
        })
    }

    fn entry(&mut self, name: &str, value: &Json, place: Place) -> Result<Filter> {
        match name {
            "_and" => self.group(name, value, place).map(Filter::And),
            "_or" => self.group(name, value, place).map(Filter::Or),
            "_some" | "_none" => self.quantified(name, value, place),
            _ if name.starts_with('_') => match Operator::parse(name) {
                Some(operator) if place.about != About::Item => self.test(operator, name, value).map(only_possible),
                None if value.is_object() && !FOREIGN.contains(&name) => self.at(name, value, place),
                _ => Err(unknown_operator(name)),
            },
            _ => self.at(name, value, place),
        }
        .map(|filter| self.settle_empty(filter, value))
    }

    /// An empty group: all rows in a query, none in a rule.
    fn settle_empty(&self, filter: Filter, value: &Json) -> Filter {
        let empty = value.as_array().is_some_and(Vec::is_empty);
        match filter {
            Filter::And(list) | Filter::Or(list) if empty && list.is_empty() => match self.context {
                Context::Query => Filter::And(list),
                Context::Rule | Context::Validation => Filter::Or(list),
            },
            other => other,
        }
    }

    fn group(&mut self, name: &str, value: &Json, place: Place) -> Result<Vec<Filter>> {
        let malformed = || Error::invalid_query(format!("\"{name}\" has to be a list of conditions"));
        let list = value.as_array().ok_or_else(malformed)?;
        let inside = place.inside(place.about);
        let mut parts = Vec::with_capacity(list.len().min(self.left));
        for part in list {
            self.spend(1)?;
            parts.push(self.object(part.as_object().ok_or_else(malformed)?, inside)?);
        }
        Ok(parts)
    }

    fn quantified(&mut self, name: &str, value: &Json, place: Place) -> Result<Filter> {
        let Json::Object(object) = value else {
            return Err(Error::invalid_query(format!(
                "\"{name}\" has to be an object of conditions"
            )));
        };
        if place.about != About::Key {
            return Err(Error::invalid_query(format!(
                "\"{name}\" belongs on a list of related items"
            )));
        }
        let inner = Box::new(self.object(object, place.inside(About::Related))?);
        Ok(if name == "_some" {
            Filter::Some(inner)
        } else {
            Filter::None(inner)
        })
    }

    fn at(&mut self, name: &str, value: &Json, place: Place) -> Result<Filter> {
        let key = fields::key(name)?;
        let relations = place.relations + 1;
        if relations > self.limits.relational_depth {
            return Err(fields::too_deep(self.limits));
        }
        let inner = match value {
            Json::Object(object) => {
                let inside = place.inside(About::Key);
                self.object(object, Place { relations, ..inside })?
            }
            Json::Bool(_) | Json::Number(_) | Json::String(_) => Filter::Is(Test::Eq(self.operand(name, value)?)),
            Json::Null | Json::Array(_) => {
                let name = fields::shown(name);
                return Err(Error::invalid_query(format!(
                    "the condition on \"{name}\" has to be an object or a value"
                )));
            }
        };
        Ok(Filter::At(key, Box::new(inner)))
    }

    /// A value to compare with, or the variable it names.
    fn operand(&mut self, name: &str, value: &Json) -> Result<Operand> {
        match value {
            Json::String(text) if text.is_empty() && self.context == Context::Query => Err(Error::invalid_query(
                format!("\"{}\" needs a value", fields::shown(name)),
            )),
            Json::String(text) => Ok(match variable::parse(text, self.limits, self.context)? {
                Some(var) => Operand::Var(var),
                None => Operand::Value(value.clone()),
            }),
            Json::Bool(_) | Json::Number(_) => Ok(Operand::Value(value.clone())),
            Json::Null | Json::Array(_) | Json::Object(_) => Err(Error::invalid_query(format!(
                "\"{}\" needs a single value",
                fields::shown(name)
            ))),
        }
    }

    fn spend(&mut self, amount: usize) -> Result<()> {
        self.left = self
            .left
            .checked_sub(amount)
            .ok_or_else(|| Error::invalid_query("the filter has too many conditions"))?;
        Ok(())
    }
}

/// A test as a condition; one that nothing can pass is no condition any more.
fn only_possible(test: Option<Test>) -> Filter {
    test.map_or_else(|| Filter::Or(Vec::new()), Filter::Is)
}

fn unknown_operator(name: &str) -> Error {
    Error::invalid_query(format!("\"{}\" is not an operator here", fields::shown(name)))
}

#[cfg(test)]
mod tests;
