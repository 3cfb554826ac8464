//! What payloads, operands and validation rules read alike: booleans, uuids, plain text, moments.
//! Must never accept a spelling here that a column would then hold differently.

use crate::{
    Json,
    schema::{Field, Kind},
    value::{Param, number::Misfit, time},
};

/// `true`, `"true"`, `1` and `"1"`, and their opposites.
pub fn boolean(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(b) => Some(*b),
        Json::Number(number) if number.as_f64() == Some(1.0) => Some(true),
        Json::Number(number) if number.as_f64() == Some(0.0) => Some(false),
        Json::String(text) => match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        Json::Number(_) | Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// A uuid in its canonical form: five groups of hexadecimal digits, lower case.
pub fn uuid(text: &str) -> Option<String> {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let mut groups = text.split('-');
    let whole = GROUPS.iter().all(|length| {
        groups
            .next()
            .is_some_and(|group| group.len() == *length && group.bytes().all(|b| b.is_ascii_hexdigit()))
    });
    (whole && groups.next().is_none()).then(|| text.to_ascii_lowercase())
}

/// A single value as the text that a text column holds of it; none for null, lists and objects.
pub fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Bool(b) => Some(b.to_string()),
        Json::Number(number) => Some(match (number.is_f64(), number.as_f64()) {
            // Whole numbers are written without a point, as the clients that sent them would.
            (true, Some(n)) if n.fract() == 0.0 && n.abs() < 1e21 => format!("{n:.0}"),
            _ => number.to_string(),
        }),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Whether a NUL character hides anywhere inside: some databases refuse it, others cut the text there.
pub fn has_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(list) => list.iter().any(has_nul),
        Json::Object(object) => object.iter().any(|(key, value)| key.contains('\0') || has_nul(value)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

/// A date or time of the field's kind.
pub fn moment(field: &Field, value: &Json) -> Result<Param, Misfit> {
    let param = match field.kind {
        Kind::Date => value.as_str().and_then(time::parse_date).map(Param::Text),
        Kind::Time => value.as_str().and_then(time::parse_time).map(Param::Text),
        // A `cast-*` flag on a text column: the moment is kept as text.
        Kind::DateTime if holds_text(field) => time::wall(value).map(time::format_wall).map(Param::Text),
        Kind::DateTime => time::wall(value).map(Param::Wall),
        _ if holds_text(field) => time::instant(value).map(time::format_instant).map(Param::Text),
        _ => time::instant(value).map(Param::Instant),
    };
    param.ok_or(Misfit::Malformed)
}

/// What a value of this kind looks like, for people.
pub fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "true or false",
        Kind::Integer | Kind::BigInteger => "a whole number",
        Kind::Float | Kind::Decimal => "a number",
        Kind::Date => "a date (YYYY-MM-DD)",
        Kind::Time => "a time of day (HH:MM:SS)",
        Kind::DateTime | Kind::Timestamp => "a date and time (YYYY-MM-DDTHH:MM:SS)",
        Kind::Uuid => "a UUID",
        Kind::Json => "JSON",
        kind if kind.is_geometry() => "GeoJSON of the field's type",
        _ => "text",
    }
}

fn holds_text(field: &Field) -> bool {
    field
        .column
        .as_ref()
        .is_some_and(|column| column.data_type.contains("char") || column.data_type.contains("text"))
}
