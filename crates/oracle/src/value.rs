//! Values: how they compare, what a client's constant means beside a field, how they are told, what aggregates make of
//! them. It knows nothing of rows and rights.

use std::cmp::Ordering;

use aedile_engine::{
    query::{Aggregate, JsonPath, JsonStep, Page},
    schema::{Field, Kind, Special},
};
use serde_json::{Value as Json, json};

use crate::moment;

/// What is told instead of a secret.
pub const MASK: &str = "**********";

/// How two values compare; not at all where one is null or they are of different sorts.
pub fn compare(a: &Json, b: &Json) -> Option<Ordering> {
    match (a, b, whole(a), whole(b)) {
        (Json::String(a), Json::String(b), ..) => Some(a.cmp(b)),
        (.., Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => fraction(a)?.partial_cmp(&fraction(b)?),
    }
}

/// Whether two values are equal, and neither is null.
pub fn same(a: &Json, b: &Json) -> bool {
    compare(a, b) == Some(Ordering::Equal)
}

fn whole(value: &Json) -> Option<i64> {
    value.as_i64().or(value.as_bool().map(i64::from))
}

fn fraction(value: &Json) -> Option<f64> {
    value.as_f64().or(value.as_bool().map(|flag| f64::from(u8::from(flag))))
}

/// A value as text: keys of different collections are compared so.
pub fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What a client's constant means beside a field of a kind; none if it means nothing.
pub fn fit(kind: Kind, json: &Json) -> Option<Json> {
    let text = json.as_str().map(str::trim);
    let plain = text.filter(|t| t.chars().all(|c| "+-.0123456789eE".contains(c)));
    let number = json.as_f64().or_else(|| plain?.parse().ok());
    let integer = json.as_i64().or_else(|| text?.parse().ok());
    if json.is_null() {
        return Some(Json::Null);
    }
    match kind {
        Kind::Boolean => match (json, text) {
            (Json::Bool(_), _) => Some(json.clone()),
            (_, Some("true")) => Some(true.into()),
            (_, Some("false")) => Some(false.into()),
            _ => number.filter(|n| *n == 0.0 || *n == 1.0).map(|n| (n == 1.0).into()),
        },
        Kind::Integer | Kind::BigInteger => integer.map(Json::from).or(number.map(Json::from)),
        Kind::Float | Kind::Decimal => number.map(Json::from),
        Kind::Uuid => text.filter(|t| is_uuid(t)).map(|t| t.to_lowercase().into()),
        Kind::Time => Some(moment::time(text?)?.into()),
        Kind::Date => Some(moment::told(kind, moment::clock(text?)?)),
        // A number is milliseconds since 1970.
        Kind::DateTime | Kind::Timestamp => {
            let at = json.as_i64().map(moment::at).or_else(|| moment::clock(text?))?;
            Some(moment::told(kind, at))
        }
        _ if kind.is_text() && (json.is_boolean() || json.is_number()) => Some(json.to_string().into()),
        _ => Some(json.clone()).filter(|json| kind.is_text() && json.is_string()),
    }
}

/// What a field stores of what was sent for it; none if it is no value of its kind.
pub fn stored(field: &Field, sent: &Json) -> Option<Json> {
    match sent {
        // A text is JSON source.
        Json::String(text) if field.kind == Kind::Json => serde_json::from_str(text).ok(),
        sent if field.kind == Kind::Json => Some(sent.clone()),
        Json::Array(list) if field.is(Special::CastCsv) => {
            let parts: Vec<&str> = list.iter().filter_map(Json::as_str).collect();
            Some(parts.join(",").into())
        }
        // An empty text is no secret.
        Json::String(text) if field.is(Special::Hash) && text.is_empty() => Some(Json::Null),
        sent => fit(field.kind, sent),
    }
}

/// A value as it is told: of a field, or of a function's result.
pub fn told(field: Option<&Field>, value: &Json) -> Json {
    match (value, field) {
        (Json::Null, _) => Json::Null,
        (_, Some(field)) if field.is_concealed() => MASK.into(),
        (Json::String(text), Some(field)) if field.is(Special::CastCsv) => {
            text.split(',').filter(|_| !text.is_empty()).collect()
        }
        (value, _) => value.clone(),
    }
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// What stands at a path inside a JSON value.
pub fn inside(value: &Json, path: &JsonPath) -> Json {
    let found = path.0.iter().try_fold(value, |at, step| match step {
        JsonStep::Member(name) => at.as_object()?.get(name),
        JsonStep::Element(n) => at.as_array()?.get(usize::try_from(*n).ok()?),
    });
    found.cloned().unwrap_or_default()
}

/// The sum of numbers: whole as long as all of them are.
fn sum(values: &[Json]) -> Json {
    let whole: Option<i64> = values.iter().map(whole).try_fold(0_i64, |sum, n| sum.checked_add(n?));
    whole.map_or_else(|| json!(values.iter().filter_map(fraction).sum::<f64>()), Json::from)
}

/// Values to order by, each with its direction (greatest first).
pub type Keys = Vec<(Json, bool)>;

/// Ascending with nulls last, or descending with nulls first: what has no value counts as greatest.
fn in_order(a: &Keys, b: &Keys) -> Ordering {
    let compare = |((a, descending), (b, _)): (&(Json, bool), &(Json, bool))| {
        let nulls = a.is_null().cmp(&b.is_null());
        let ascending = nulls.then(compare(a, b).unwrap_or(Ordering::Equal));
        if *descending { ascending.reverse() } else { ascending }
    };
    a.iter().zip(b).map(compare).fold(Ordering::Equal, Ordering::then)
}

/// What an aggregate makes of values, of which none is null.
pub fn aggregated(function: Aggregate, values: &[Json]) -> Json {
    let order = |a: &&Json, b: &&Json| compare(a, b).unwrap_or(Ordering::Equal);
    match function {
        Aggregate::Count | Aggregate::CountAll | Aggregate::CountDistinct => values.len().into(),
        _ if values.is_empty() => Json::Null,
        Aggregate::Sum | Aggregate::SumDistinct => sum(values),
        #[expect(clippy::cast_precision_loss, reason = "an average is a fraction")]
        Aggregate::Avg | Aggregate::AvgDistinct => {
            (fraction(&sum(values)).unwrap_or_default() / values.len() as f64).into()
        }
        Aggregate::Min => values.iter().min_by(order).cloned().unwrap_or_default(),
        Aggregate::Max => values.iter().max_by(order).cloned().unwrap_or_default(),
    }
}

/// A page of things, in order.
pub fn page(mut things: Vec<(Keys, Json)>, page: &Page) -> Vec<Json> {
    let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    things.sort_by(|(a, _), (b, _)| in_order(a, b));
    let rest = things.into_iter().map(|(_, told)| told).skip(size(page.offset));
    rest.take(page.limit.map_or(usize::MAX, size)).collect()
}
