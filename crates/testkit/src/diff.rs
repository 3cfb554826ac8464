//! Where an answer differs from the recorded one. Leniency is limited to what is written here:
//! `<any>`, the numbering of ids, and aggregates that engines answer as number or as text.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use crate::scenario::Step;
use crate::text::{self, pattern, short};

static NUMBERED: LazyLock<Regex> = LazyLock::new(|| pattern(r"uuid#\d+"));
static AGGREGATE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\.(count|countDistinct|countAll|sum|sumDistinct|avg|avgDistinct|\w+_count)(\.\w+)?\n?\z")
});

/// Which `uuid#N` of the recording stands for which of the server under test: one to one,
/// through a whole scenario.
#[derive(Default)]
pub(crate) struct Pairs {
    there: HashMap<String, String>,
    back: HashMap<String, String>,
}

impl Pairs {
    /// Whether two texts are the same but for the numbers of their ids, and every id stands for
    /// the one it stood for before.
    pub(crate) fn same(&mut self, expected: &str, actual: &str) -> bool {
        if NUMBERED.replace_all(expected, "uuid#") != NUMBERED.replace_all(actual, "uuid#") {
            return false;
        }
        let mut all = true;
        for (a, b) in NUMBERED.find_iter(expected).zip(NUMBERED.find_iter(actual)) {
            all &= self.couple(a.as_str(), b.as_str());
        }
        all
    }

    fn couple(&mut self, a: &str, b: &str) -> bool {
        let there = self.there.entry(a.to_owned()).or_insert_with(|| b.to_owned());
        if there != b {
            return false;
        }
        let back = self.back.entry(b.to_owned()).or_insert_with(|| a.to_owned());
        back == a
    }
}

/// How a step's answer (`status`, `body` and so on) differs from what was recorded.
pub(crate) fn compare(step: &Step, got: &Map<String, Value>, pairs: &mut Pairs) -> Vec<String> {
    let part = |map: &Map<String, Value>, key| map.get(key).cloned().unwrap_or(Value::Null);
    let (want, status) = (part(&step.expect, "status"), part(got, "status"));
    if want != status {
        let body = short(&part(got, "body"));
        return vec![format!("status: expected {want}, got {status} {body}")];
    }
    if step.matching() == "status" {
        return Vec::new();
    }
    let subset = step.matching() == "subset";
    let (want, body) = (part(&step.expect, "body"), part(got, "body"));
    let mut out = diff(&want, &body, subset, "body", pairs);
    for key in ["image", "headers", "decoded"] {
        if let Some(want) = step.expect.get(key) {
            out.extend(diff(want, &part(got, key), false, key, pairs));
        }
    }
    out
}

/// The places where two values differ, as text. `subset` lets objects have more than expected.
pub(crate) fn diff(expected: &Value, actual: &Value, subset: bool, place: &str, pairs: &mut Pairs) -> Vec<String> {
    match (expected, actual) {
        (Value::Object(want), Value::Object(got)) => objects(want, got, subset, place, pairs),
        (Value::Array(want), Value::Array(got)) => lists(want, got, subset, place, pairs),
        (Value::String(want), Value::String(got)) if want.contains("uuid#") && got.contains("uuid#") => {
            if pairs.same(want, got) {
                return Vec::new();
            }
            let (want, got) = (short(expected), short(actual));
            vec![format!("{place}: expected {want}, got {got} (another id)")]
        }
        _ if same(expected, actual, place) => Vec::new(),
        _ => vec![format!("{place}: expected {}, got {}", short(expected), short(actual))],
    }
}

fn objects(
    want: &Map<String, Value>,
    got: &Map<String, Value>,
    subset: bool,
    place: &str,
    pairs: &mut Pairs,
) -> Vec<String> {
    let mut out = Vec::new();
    for (key, expected) in want {
        match got.get(key) {
            Some(actual) => {
                out.extend(diff(expected, actual, subset, &format!("{place}.{key}"), pairs));
            }
            None => out.push(format!("{place}.{key}: missing (expected {})", short(expected))),
        }
    }
    for (key, actual) in got {
        if !subset && !want.contains_key(key) {
            out.push(format!("{place}.{key}: unexpected ({})", short(actual)));
        }
    }
    out
}

fn lists(want: &[Value], got: &[Value], subset: bool, place: &str, pairs: &mut Pairs) -> Vec<String> {
    let mut out = Vec::new();
    if want.len() != got.len() {
        out.push(format!("{place}: {} elements expected, got {}", want.len(), got.len()));
    }
    for (at, (expected, actual)) in want.iter().zip(got).enumerate() {
        out.extend(diff(expected, actual, subset, &format!("{place}.{at}"), pairs));
    }
    out
}

fn same(expected: &Value, actual: &Value, place: &str) -> bool {
    let any = |value: &Value| value.as_str() == Some("<any>");
    let equal = match (expected, actual) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => expected == actual,
    };
    equal || any(expected) || any(actual) || (AGGREGATE.is_match(place) && text::plain(expected) == text::plain(actual))
}

#[cfg(test)]
mod tests;
