//! How two JSON values differ, in the notation of Directus' differences: entries of a kind (`N` new, `D` gone, `E` changed,
//! `A` an element of a list that is new or gone) with the path to it; and the way back from entries to the value.

use aedile_engine::{Error, Json, Object, Result};
use serde_json::json;

/// Longest path that is followed: deeper than any metadata.
const DEEPEST: usize = 64;

/// The entries that lead from one value to the other.
pub(super) fn differences(from: &Json, to: &Json) -> Vec<Json> {
    let mut found = Vec::new();
    compare(&mut found, &mut Vec::new(), from, to);
    found
}

fn compare(found: &mut Vec<Json>, path: &mut Vec<Json>, from: &Json, to: &Json) {
    match (from, to) {
        (Json::Object(from), Json::Object(to)) => objects(found, path, from, to),
        (Json::Array(from), Json::Array(to)) => lists(found, path, from, to),
        _ if same(from, to) => {}
        _ => found.push(json!({"kind": "E", "path": path, "lhs": from, "rhs": to})),
    }
}

/// Numbers may be written in several ways.
fn same(a: &Json, b: &Json) -> bool {
    a == b || matches!((a, b), (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64())
}

fn objects(found: &mut Vec<Json>, path: &mut Vec<Json>, from: &Object, to: &Object) {
    for (name, lhs) in from {
        path.push(name.as_str().into());
        match to.get(name) {
            Some(rhs) => compare(found, path, lhs, rhs),
            None => found.push(json!({"kind": "D", "path": path, "lhs": lhs})),
        }
        path.pop();
    }
    for (name, rhs) in to.iter().filter(|(name, _)| !from.contains_key(*name)) {
        path.push(name.as_str().into());
        found.push(json!({"kind": "N", "path": path, "rhs": rhs}));
        path.pop();
    }
}

/// From the end: so elements that are gone or new can be followed one by one.
fn lists(found: &mut Vec<Json>, path: &mut Vec<Json>, from: &[Json], to: &[Json]) {
    for (index, lhs) in from.iter().enumerate().skip(to.len()).rev() {
        found.push(json!({"kind": "A", "path": path, "index": index, "item": {"kind": "D", "lhs": lhs}}));
    }
    for (index, rhs) in to.iter().enumerate().skip(from.len()).rev() {
        found.push(json!({"kind": "A", "path": path, "index": index, "item": {"kind": "N", "rhs": rhs}}));
    }
    for (index, (lhs, rhs)) in from.iter().zip(to).enumerate().rev() {
        path.push(index.into());
        compare(found, path, lhs, rhs);
        path.pop();
    }
}

/// What a value becomes by following entries; none where nothing is left of it.
///
/// # Errors
/// `INVALID_PAYLOAD` for entries that are malformed, or do not fit the value.
pub(super) fn follow(from: Option<Json>, entries: &[Json]) -> Result<Option<Json>> {
    let mut value = from;
    // Elements that are new stand from the end; they are added from the beginning.
    let (added, others): (Vec<&Json>, Vec<&Json>) = entries.iter().partition(|entry| is_added(entry));
    for entry in others.into_iter().chain(added.into_iter().rev()) {
        value = step(value, entry)?;
    }
    Ok(value)
}

fn is_added(entry: &Json) -> bool {
    entry.pointer("/item/kind").and_then(Json::as_str) == Some("N")
}

fn step(value: Option<Json>, entry: &Json) -> Result<Option<Json>> {
    let kind = entry.get("kind").and_then(Json::as_str).unwrap_or_default();
    let path = match entry.get("path") {
        None => &[],
        Some(path) => path.as_array().ok_or_else(malformed)?.as_slice(),
    };
    if path.len() > DEEPEST {
        return Err(malformed());
    }
    let rhs = || entry.get("rhs").cloned().ok_or_else(malformed);
    let Some((last, parents)) = path.split_last().filter(|_| kind != "A") else {
        return match kind {
            "N" if value.is_none() => rhs().map(Some),
            "D" if value.is_some() => Ok(None),
            "A" => {
                let mut value = value.ok_or_else(misfit)?;
                element(enter(&mut value, path)?, entry)?;
                Ok(Some(value))
            }
            "N" | "D" => Err(misfit()),
            _ => Err(malformed()),
        };
    };
    let mut value = value.ok_or_else(misfit)?;
    let place = enter(&mut value, parents)?;
    match kind {
        "N" | "E" => *slot(place, last)? = rhs()?,
        "D" => match (place, last) {
            (Json::Object(object), Json::String(name)) => drop(object.shift_remove(name)),
            _ => return Err(misfit()),
        },
        _ => return Err(malformed()),
    }
    Ok(Some(value))
}

/// What a path leads to.
fn enter<'v>(value: &'v mut Json, path: &[Json]) -> Result<&'v mut Json> {
    let mut place = value;
    for part in path {
        place = match (place, part) {
            (Json::Object(object), Json::String(name)) => object.get_mut(name).ok_or_else(misfit)?,
            (Json::Array(list), part) => index(part).and_then(|at| list.get_mut(at)).ok_or_else(misfit)?,
            _ => return Err(misfit()),
        };
    }
    Ok(place)
}

/// The place of a member that may be new, or of an element that is there.
fn slot<'v>(place: &'v mut Json, part: &Json) -> Result<&'v mut Json> {
    match (place, part) {
        (Json::Object(object), Json::String(name)) => Ok(object.entry(name.clone()).or_insert(Json::Null)),
        (Json::Array(list), part) => index(part).and_then(|at| list.get_mut(at)).ok_or_else(misfit),
        _ => Err(misfit()),
    }
}

/// An element at the end of a list comes or goes.
fn element(list: &mut Json, entry: &Json) -> Result<()> {
    let Json::Array(list) = list else { return Err(misfit()) };
    let at = entry.get("index").and_then(index).ok_or_else(malformed)?;
    match entry.pointer("/item/kind").and_then(Json::as_str) {
        Some("D") if at + 1 == list.len() => drop(list.pop()),
        Some("N") if at == list.len() => list.push(entry.pointer("/item/rhs").cloned().ok_or_else(malformed)?),
        Some("D" | "N") => return Err(misfit()),
        _ => return Err(malformed()),
    }
    Ok(())
}

fn index(part: &Json) -> Option<usize> {
    usize::try_from(part.as_u64()?).ok()
}

fn malformed() -> Error {
    Error::invalid_payload("\"diff\" holds something that is no entry of a difference")
}

fn misfit() -> Error {
    Error::invalid_payload("\"diff\" does not fit the schema as it is now; compare again")
}

#[cfg(test)]
mod tests;
