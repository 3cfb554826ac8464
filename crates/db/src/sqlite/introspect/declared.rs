//! Declared types (`varchar(255)`) and defaults (`'all'`), which SQLite hands out as the text they were written in.

#[cfg(test)]
mod tests;

use aedile_engine::Json;

use crate::introspect::{json, number, quoted};

/// A declared type, taken apart.
pub(super) struct Declared {
    /// Lower case, without what stands in brackets.
    pub(super) name: String,
    first: Option<u32>,
    second: Option<u32>,
}

impl Declared {
    /// Reads `decimal(10, 5)`, `unsigned big int`, `varchar (255)`, or nothing at all.
    pub(super) fn parse(text: &str) -> Self {
        let text = text.to_lowercase();
        let (before, rest) = text.split_once('(').unwrap_or((&text, ""));
        let (inside, after) = rest.split_once(')').unwrap_or((rest, ""));
        let mut numbers = inside.split(',').map(|number| number.trim().parse().ok());
        let words: Vec<&str> = before.split_whitespace().chain(after.split_whitespace()).collect();
        Declared {
            name: words.join(" "),
            first: numbers.next().flatten(),
            second: numbers.next().flatten(),
        }
    }

    /// The longest text it takes, in characters.
    pub(super) fn max_length(&self) -> Option<u32> {
        let text = ["char", "text", "clob", "binary", "blob"];
        text.iter().any(|part| self.name.contains(part)).then_some(self.first?)
    }

    /// Total digits of a number.
    pub(super) fn precision(&self) -> Option<u32> {
        fractional(&self.name).then_some(self.first?)
    }

    /// Digits after the point of a number.
    pub(super) fn scale(&self) -> Option<u32> {
        fractional(&self.name).then_some(self.second?)
    }
}

fn fractional(name: &str) -> bool {
    ["dec", "numeric", "float", "double", "real"]
        .iter()
        .any(|part| name.contains(part))
}

/// What a column holds when nothing is said.
#[derive(Debug, PartialEq)]
pub(super) enum Default {
    /// A constant, as JSON of the column's type.
    Constant(Json),
    /// The current time.
    Now,
    /// Nothing, or an expression.
    Other,
}

impl Default {
    /// Reads a default of a column of type `data_type`.
    pub(super) fn parse(text: &str, data_type: &str) -> Self {
        let text = text.trim();
        match text.to_ascii_uppercase().as_str() {
            "CURRENT_TIMESTAMP" | "CURRENT_DATE" | "CURRENT_TIME" => return Default::Now,
            "NULL" => return Default::Other,
            "TRUE" => return typed("1", data_type),
            "FALSE" => return typed("0", data_type),
            _ => {}
        }
        if let Some(inner) = quoted(text, '\'').or_else(|| quoted(text, '"')) {
            return typed(&inner, data_type);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => typed(text, data_type),
            _ => Default::Other,
        }
    }
}

fn typed(text: &str, data_type: &str) -> Default {
    let string = || Json::from(text);
    Default::Constant(match data_type {
        "boolean" | "bool" => match text {
            "0" | "false" => Json::Bool(false),
            "1" | "true" => Json::Bool(true),
            _ => string(),
        },
        "json" | "jsonb" => json(text),
        name if name.contains("int") || fractional(name) => number(text),
        _ => string(),
    })
}
