//! Whether two answers say the same: the order of an object's members and the spelling of numbers do not matter.

use serde_json::Value as Json;

use super::{Ours, is_refusal};

/// How far computed fractions may lie apart, of their size.
const TOLERANCE: f64 = 1e-9;

/// Whether the product's answer is the evaluator's. Which refusal is told first does not matter; a failure always does.
pub(super) fn agree(ours: &Ours, theirs: &Option<Json>) -> bool {
    match (ours, theirs) {
        (Err(error), None) => is_refusal(error),
        (Ok(bytes), Some(json)) => serde_json::from_slice::<Json>(bytes).is_ok_and(|ours| {
            // A singleton without a row is told as an item of nulls.
            let nothing = json.get("data") == Some(&Json::Null) && ours.get("data").is_some_and(is_blank);
            nothing || alike(&ours, json)
        }),
        _ => false,
    }
}

fn is_blank(data: &Json) -> bool {
    data.as_object()
        .is_some_and(|object| object.values().all(Json::is_null))
}

/// Whether a value is told as it should be. Large and computed numbers are told as text: that is no part of the meaning.
fn alike(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| alike(a, b)))
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Json::String(a), Json::Number(_)) => a.parse().is_ok_and(|a| alike(&Json::Number(a), b)),
        (Json::Number(_), Json::String(b)) => b.parse().is_ok_and(|b| alike(a, &Json::Number(b))),
        (Json::Number(a), Json::Number(b)) => match (a.as_i64(), b.as_i64(), a.as_f64(), b.as_f64()) {
            (Some(a), Some(b), ..) => a == b,
            (_, _, Some(a), Some(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()),
            _ => a == b,
        },
        // A count that stands alone is told by the name of its function.
        (Json::Number(_) | Json::String(_), Json::Object(counts)) if counts.len() == 1 => {
            counts.get("*").is_some_and(|count| alike(a, count))
        }
        _ => a == b,
    }
}
