//! Values: how they compare, what a client's constant means beside a field, how they are told, parts of dates.

use std::cmp::Ordering;

use aedile_engine::{
    query::{Function, JsonPath, JsonStep},
    schema::{Field, Kind, Special},
    value::Param,
};
use jiff::{
    SignedDuration, Span,
    civil::{Date, DateTime, Time},
};
use serde_json::{Value as Json, json};

/// What is told instead of a secret.
pub(super) const MASK: &str = "**********";
/// Digits after a decimal's point where the column does not say.
const SCALE: u32 = 5;
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// How two values compare; not at all where one is null or they are of different sorts.
pub(super) fn compare(a: &Param, b: &Param) -> Option<Ordering> {
    match (a, b) {
        (Param::Text(a), Param::Text(b)) => Some(a.cmp(b)),
        _ => match (whole(a), whole(b)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => fraction(a)?.partial_cmp(&fraction(b)?),
        },
    }
}

/// Whether two values are equal, and neither is null.
pub(super) fn same(a: &Param, b: &Param) -> bool {
    compare(a, b) == Some(Ordering::Equal)
}

pub(super) fn whole(value: &Param) -> Option<i64> {
    match value {
        Param::Bool(b) => Some(i64::from(*b)),
        Param::Int(n) | Param::Instant(n) | Param::Wall(n) => Some(*n),
        _ => None,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "compared with a fraction, a whole number is one"
)]
pub(super) fn fraction(value: &Param) -> Option<f64> {
    match value {
        Param::Real(n) => Some(*n),
        other => whole(other).map(|n| n as f64),
    }
}

/// A value as text: keys of different collections are compared so.
pub(super) fn text(value: &Param) -> String {
    match value {
        Param::Text(text) => text.clone(),
        Param::Real(n) => n.to_string(),
        other => whole(other).map_or_else(String::new, |n| n.to_string()),
    }
}

fn plain(name: &str, kind: Kind) -> Field {
    Field {
        name: name.to_owned(),
        kind,
        special: Vec::new(),
        column: None,
        validation: None,
        searchable: false,
        meta: None,
    }
}

/// What the results of functions are tested as.
pub(super) fn whole_number() -> Field {
    plain("number", Kind::Integer)
}

/// What parts of text are compared as.
pub(super) fn some_text() -> Field {
    plain("text", Kind::Text)
}

/// What a client's constant means beside a field; none if it means nothing.
pub(super) fn fit(field: &Field, json: &Json) -> Option<Param> {
    let text = json.as_str().map(str::trim);
    let number = json.as_f64().or_else(|| {
        text.filter(|t| t.chars().all(|c| "+-.0123456789eE".contains(c)))?
            .parse()
            .ok()
    });
    let integer = json.as_i64().or_else(|| text?.parse().ok());
    if json.is_null() {
        return Some(Param::Null);
    }
    match field.kind {
        Kind::Boolean => match (json, text) {
            (Json::Bool(b), _) => Some(Param::Bool(*b)),
            (_, Some("true" | "1")) => Some(Param::Bool(true)),
            (_, Some("false" | "0")) => Some(Param::Bool(false)),
            _ => number.filter(|n| *n == 0.0 || *n == 1.0).map(|n| Param::Bool(n == 1.0)),
        },
        Kind::Integer | Kind::BigInteger => integer.map(Param::Int).or(number.map(Param::Real)),
        Kind::Float | Kind::Decimal => number.map(Param::Real),
        Kind::Uuid => text.filter(|t| is_uuid(t)).map(|t| Param::Text(t.to_lowercase())),
        Kind::Date => Some(Param::Text(clock(text?)?.date().to_string())),
        Kind::Time => text?.parse::<Time>().ok().map(|time| Param::Text(time.to_string())),
        // A number is milliseconds since 1970.
        Kind::DateTime => json
            .as_i64()
            .or_else(|| since_epoch(clock(text?)?))
            .map(|ms| Param::Wall(ms - ms.rem_euclid(1000))),
        Kind::Timestamp => json.as_i64().or_else(|| since_epoch(clock(text?)?)).map(Param::Instant),
        kind if kind.is_text() => match json {
            Json::String(text) => Some(Param::Text(text.clone())),
            Json::Bool(_) | Json::Number(_) => Some(Param::Text(json.to_string())),
            _ => None,
        },
        _ => None,
    }
}

/// What a field stores of what was sent for it; none if it is no value of its kind.
pub(super) fn stored(field: &Field, sent: &Json) -> Option<Param> {
    match sent {
        Json::Null => Some(Param::Null),
        // A text is JSON source.
        Json::String(text) if field.kind == Kind::Json => serde_json::from_str::<Json>(text)
            .ok()
            .map(|json| Param::Text(json.to_string())),
        sent if field.kind == Kind::Json => Some(Param::Text(sent.to_string())),
        Json::Array(list) if field.is(Special::CastCsv) => {
            let parts: Vec<&str> = list.iter().filter_map(Json::as_str).collect();
            Some(Param::Text(parts.join(",")))
        }
        sent => fit(field, sent),
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn clock(text: &str) -> Option<DateTime> {
    let text = text.trim_end_matches('Z');
    text.parse::<DateTime>()
        .ok()
        .or_else(|| Some(text.parse::<Date>().ok()?.to_datetime(Time::midnight())))
}

fn since_epoch(clock: DateTime) -> Option<i64> {
    i64::try_from(clock.duration_since(EPOCH).as_millis()).ok()
}

fn civil(ms: i64) -> DateTime {
    EPOCH.checked_add(SignedDuration::from_millis(ms)).unwrap_or(EPOCH)
}

/// A moment moved by milliseconds and months.
pub(super) fn moved(now: i64, ms: i64, months: i64) -> i64 {
    let span = Span::new().months(months);
    civil(now).checked_add(span).ok().and_then(since_epoch).unwrap_or(now) + ms
}

/// A moment, to compare with a field of this kind.
pub(super) fn moment(kind: Kind, ms: i64) -> Param {
    let at = civil(ms);
    match kind {
        Kind::Timestamp => Param::Instant(ms),
        Kind::DateTime => Param::Wall(ms),
        Kind::Date => Param::Text(at.date().to_string()),
        Kind::Time => Param::Text(at.strftime("%H:%M:%S").to_string()),
        _ => Param::Text(instant(ms)),
    }
}

fn instant(ms: i64) -> String {
    format!("{}.{:03}Z", wall(ms), ms.rem_euclid(1000))
}

fn wall(ms: i64) -> String {
    civil(ms).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Whether values of a kind have such a part.
pub(super) fn has(kind: Kind, function: Function) -> bool {
    let of_a_day = matches!(function, Function::Hour | Function::Minute | Function::Second);
    match kind {
        Kind::Json => function == Function::Count,
        Kind::Date => !of_a_day && function != Function::Count,
        Kind::Time => of_a_day,
        Kind::DateTime | Kind::Timestamp => function != Function::Count,
        _ => false,
    }
}

/// A part of a moment, or the length of a JSON list.
pub(super) fn part(function: Function, value: &Param) -> Param {
    let at = match value {
        Param::Instant(ms) | Param::Wall(ms) => Some(civil(*ms)),
        Param::Text(text) => clock(text).or_else(|| Some(Date::default().to_datetime(text.parse::<Time>().ok()?))),
        _ => None,
    };
    if function == Function::Count {
        let Param::Text(text) = value else { return Param::Null };
        let list = serde_json::from_str::<Json>(text).ok();
        let length = list.and_then(|list| Some(list.as_array()?.len()));
        return length
            .and_then(|n| i64::try_from(n).ok())
            .map_or(Param::Null, Param::Int);
    }
    let Some(at) = at else { return Param::Null };
    Param::Int(match function {
        Function::Year => i64::from(at.year()),
        Function::Month => i64::from(at.month()),
        Function::Week => i64::from(at.date().iso_week_date().week()),
        Function::Day => i64::from(at.day()),
        Function::Weekday => i64::from(at.weekday().to_sunday_zero_offset()),
        Function::Hour => i64::from(at.hour()),
        Function::Minute => i64::from(at.minute()),
        Function::Second | Function::Count | Function::Unknown => i64::from(at.second()),
    })
}

/// A field's value as it is told.
pub(super) fn told(field: &Field, value: &Param) -> Json {
    if *value == Param::Null {
        return Json::Null;
    }
    if field.is_concealed() {
        return MASK.into();
    }
    match (field.kind, value) {
        (_, Param::Text(text)) if field.is(Special::CastCsv) => {
            if text.is_empty() {
                json!([])
            } else {
                text.split(',').collect()
            }
        }
        (Kind::Json, Param::Text(text)) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        (Kind::Decimal, value) => decimal(field, fraction(value).unwrap_or_default()),
        (Kind::BigInteger, value) => text(value).into(),
        (Kind::Boolean, value) => (whole(value) == Some(1)).into(),
        (Kind::DateTime, Param::Wall(ms)) => wall(*ms).into(),
        (Kind::Timestamp, Param::Instant(ms)) => instant(*ms).into(),
        (_, Param::Text(text)) => text.as_str().into(),
        (_, Param::Real(n)) => (*n).into(),
        (_, value) => whole(value).map_or(Json::Null, Json::from),
    }
}

/// A decimal as it is told: with all its digits after the point.
pub(super) fn decimal(field: &Field, n: f64) -> Json {
    let scale = field.column.as_ref().and_then(|column| column.scale).unwrap_or(SCALE);
    format!("{n:.*}", usize::try_from(scale).unwrap_or_default()).into()
}

/// What stands at a path inside a JSON value.
pub(super) fn inside(value: &Param, path: &JsonPath) -> Json {
    let Param::Text(text) = value else { return Json::Null };
    let json: Json = serde_json::from_str(text).unwrap_or_default();
    let found = path.0.iter().try_fold(&json, |at, step| match step {
        JsonStep::Member(name) => at.as_object()?.get(name),
        JsonStep::Element(n) => at.as_array()?.get(usize::try_from(*n).ok()?),
    });
    found.cloned().unwrap_or_default()
}
