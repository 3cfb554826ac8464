//! Defaults, which MariaDB hands out as expressions (`'all'`, `current_timestamp()`).

#[cfg(test)]
mod tests;

use aedile_engine::Json;

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

impl Default {
    /// Reads an expression, of a column of type `data_type`.
    pub(super) fn parse(text: &str, data_type: &str) -> Self {
        let text = text.trim();
        if is_now(text) {
            return Default::Now;
        }
        if let Some(inner) = quoted(text) {
            return typed(&inner, data_type);
        }
        let bits = text.strip_prefix("b'").and_then(|text| text.strip_suffix('\''));
        match bits.unwrap_or(text).parse::<f64>() {
            Ok(number) if number.is_finite() => typed(bits.unwrap_or(text), data_type),
            _ => Default::Other,
        }
    }
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

/// The text between quotes; none when what stands there is more than one string.
fn quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let single = inner.split("''").all(|part| !part.contains('\''));
    single.then(|| inner.replace("''", "'"))
}

fn typed(text: &str, data_type: &str) -> Default {
    let string = || Json::from(text);
    let number = || {
        let whole = text.parse::<i64>().map(Json::from);
        whole
            .or_else(|_| text.parse::<f64>().map(Json::from))
            .unwrap_or_else(|_| string())
    };
    let bare = data_type.strip_suffix(" unsigned").unwrap_or(data_type);
    Default::Constant(match bare {
        "boolean" | "bit" => match text {
            "0" => Json::Bool(false),
            "1" => Json::Bool(true),
            _ => string(),
        },
        "json" => serde_json::from_str(text).unwrap_or_else(|_| string()),
        "float" | "double" | "decimal" => number(),
        name if name.ends_with("int") => number(),
        _ => string(),
    })
}
