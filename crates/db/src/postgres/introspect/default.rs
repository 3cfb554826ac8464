//! Defaults, which PostgreSQL hands out as expressions: `'all'::character varying`, `nextval('x'::regclass)`.

#[cfg(test)]
mod tests;

use aedile_engine::Json;

use crate::introspect::{json, number, quoted};

/// What a column holds when nothing is said.
#[derive(Debug, PartialEq)]
pub(super) enum Default {
    /// A constant, as JSON of the column's type.
    Constant(Json),
    /// The current time.
    Now,
    /// The next number of a sequence.
    Count,
    /// Nothing, or another expression.
    Other,
}

impl Default {
    /// Reads a default of a column of type `data_type`.
    pub(super) fn parse(text: &str, data_type: &str) -> Self {
        let text = text.trim();
        if text.starts_with("nextval(") {
            return Default::Count;
        }
        let bare = without_cast(text);
        match bare.to_ascii_uppercase().as_str() {
            "CURRENT_TIMESTAMP" | "CURRENT_DATE" | "CURRENT_TIME" | "LOCALTIME" | "LOCALTIMESTAMP" | "NOW()" => {
                return Default::Now;
            }
            "NULL" => return Default::Other,
            "TRUE" | "FALSE" => return typed(&bare.to_ascii_lowercase(), data_type),
            _ => {}
        }
        if let Some(inner) = quoted(bare, '\'') {
            return typed(&inner, data_type);
        }
        // Negative numbers stand in brackets.
        let number = bare.trim_start_matches('(').trim_end_matches(')');
        match number.parse::<f64>() {
            Ok(parsed) if parsed.is_finite() => typed(number, data_type),
            _ => Default::Other,
        }
    }
}

/// What stands before `::type`, if that is all there is; a string may hold the sign.
fn without_cast(text: &str) -> &str {
    match text.rsplit_once("::") {
        Some((value, name)) if !name.contains('\'') && !name.contains(')') => without_cast(value),
        // `('x'::text)::character varying`
        _ => match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            Some(inner) if inner.contains("::") => without_cast(inner),
            _ => text,
        },
    }
}

fn typed(text: &str, data_type: &str) -> Default {
    let string = || Json::from(text);
    Default::Constant(match data_type {
        "boolean" => match text {
            "f" | "false" => Json::Bool(false),
            "t" | "true" => Json::Bool(true),
            _ => string(),
        },
        "json" | "jsonb" => json(text),
        "smallint" | "integer" | "bigint" | "real" | "double precision" | "numeric" => number(text),
        _ => string(),
    })
}
