//! Whether two answers say the same: the order of an object's members and the spelling of numbers do not matter.

use serde_json::Value as Json;

use super::{Ours, is_refusal};
use crate::evaluator::Answer;

/// How far computed fractions may lie apart, of their size.
const TOLERANCE: f64 = 1e-9;

/// Whether the product's answer is the evaluator's. Which refusal is told first does not matter; a failure always does.
pub(super) fn agree(ours: &Ours, theirs: &Option<Answer<Json>>) -> bool {
    match (ours, theirs) {
        (Err(error), None | Some(Err(_))) => is_refusal(error),
        (Ok(bytes), Some(Ok(json))) => serde_json::from_slice::<Json>(bytes).is_ok_and(|ours| alike(&ours, json)),
        _ => false,
    }
}

fn alike(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| alike(a, b)))
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Json::Number(a), Json::Number(b)) => match (a.as_i64(), b.as_i64(), a.as_f64(), b.as_f64()) {
            (Some(a), Some(b), ..) => a == b,
            (_, _, Some(a), Some(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()),
            _ => a == b,
        },
        _ => a == b,
    }
}
