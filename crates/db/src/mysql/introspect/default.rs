//! Defaults. MariaDB hands them out as expressions (`'all'`, `current_timestamp()`); MySQL as bare texts (`all`), but for those
//! that are expressions, and marks these.

#[cfg(test)]
mod tests;

use aedile_engine::{Json, sql::Flavour};

use crate::introspect::{json, number, quoted};

/// What a column holds when nothing is said.
#[derive(Debug, PartialEq)]
pub(super) enum Default {
    /// A constant, as JSON of the column's type.
    Constant(Json),
    /// The current time.
    Now,
    /// Nothing, or another expression.
    Other,
}

/// How a server tells defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writes {
    /// All as expressions.
    Expressions,
    /// Constants as what they hold, expressions marked as such.
    Texts,
}

impl Writes {
    /// That of a server.
    pub(super) fn of(flavour: Flavour) -> Writes {
        match flavour {
            Flavour::MariaDb | Flavour::Rehearsal => Writes::Expressions,
            Flavour::MySql => Writes::Texts,
        }
    }
}

/// What MySQL says besides of a column whose default is an expression.
const MARK: &str = "DEFAULT_GENERATED";
/// What stands before texts in MySQL's expressions, and how it writes their quotes there.
const INTRODUCER: &str = "_utf8mb4";
const QUOTE: &str = "\\'";

impl Default {
    /// Reads what a server tells of a column of type `data_type`, `extra` beside it.
    pub(super) fn parse(writes: Writes, text: &str, extra: &str, data_type: &str) -> Self {
        match writes {
            Writes::Expressions => Self::expression(text, data_type),
            Writes::Texts if extra.contains(MARK) => {
                let text = text.strip_prefix(INTRODUCER).unwrap_or(text);
                Self::expression(&text.replace(QUOTE, "'"), data_type)
            }
            Writes::Texts => match bits(text) {
                Some(bits) => typed(bits, data_type),
                None => typed(text, data_type),
            },
        }
    }

    /// Reads an expression.
    fn expression(text: &str, data_type: &str) -> Self {
        let text = text.trim();
        if is_now(text) {
            return Default::Now;
        }
        if let Some(inner) = quoted(text, '\'') {
            return typed(&inner, data_type);
        }
        let number = bits(text).unwrap_or(text);
        match number.parse::<f64>() {
            Ok(value) if value.is_finite() => typed(number, data_type),
            _ => Default::Other,
        }
    }
}

/// The digits of bits, `b'101'`.
fn bits(text: &str) -> Option<&str> {
    text.strip_prefix("b'")?.strip_suffix('\'')
}

/// Whether an expression is the current time, be it to some digits of a second.
fn is_now(text: &str) -> bool {
    let name = text.split('(').next().unwrap_or_default();
    let names = [
        "current_timestamp",
        "now",
        "curdate",
        "curtime",
        "current_date",
        "current_time",
        "localtimestamp",
    ];
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn typed(text: &str, data_type: &str) -> Default {
    let string = || Json::from(text);
    let bare = data_type.strip_suffix(" unsigned").unwrap_or(data_type);
    Default::Constant(match bare {
        "boolean" | "bit" => match text {
            "0" => Json::Bool(false),
            "1" => Json::Bool(true),
            _ => string(),
        },
        "json" => json(text),
        "float" | "double" | "decimal" => number(text),
        name if name.ends_with("int") => number(text),
        _ => string(),
    })
}
