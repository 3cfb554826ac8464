//! Dotted paths into JSON: taking, picking, blanking and reordering what stands there.
//! A path that leads nowhere is never an error of the run; each function says what it means.

use serde_json::Value;

use crate::text;

/// The value at `path`, or nothing. Lists take numbers, from the end when negative.
pub(crate) fn dig<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, child)
}

/// What stands at `path` (`*` collects a list of every element's), or `"<none>"`.
pub(crate) fn pick(value: &Value, path: &str) -> Value {
    let (head, rest) = split(path);
    let inner = |value: &Value| {
        if rest.is_empty() {
            value.clone()
        } else {
            pick(value, rest)
        }
    };
    let none = || Value::from("<none>");
    if head != "*" {
        return child(value, head).map_or_else(none, inner);
    }
    match value {
        Value::Object(map) => map.values().map(inner).collect(),
        Value::Array(list) => list.iter().map(inner).collect(),
        Value::String(text) => text.chars().map(|c| inner(&Value::from(c.to_string()))).collect(),
        _ => none(),
    }
}

/// Replaces what stands at `path` (`*` for any element) by `"<any>"`; a path that begins with
/// `-` takes it out altogether.
pub(crate) fn blank(value: &mut Value, path: &str) {
    blank_at(value, path.trim_start_matches('-'), path.starts_with('-'));
}

fn blank_at(value: &mut Value, path: &str, drop: bool) {
    let (head, rest) = split(path);
    for key in keys(value, head) {
        if !rest.is_empty() {
            if let Some(inner) = child_mut(value, &key) {
                blank_at(inner, rest, drop);
            }
        } else if drop {
            take_out(value, &key);
        } else if let Some(inner) = child_mut(value, &key) {
            *inner = Value::from("<any>");
        }
    }
}

/// Sorts the list that stands at `path` (`*` for any element).
pub(crate) fn reorder(value: &mut Value, path: &str) {
    let (head, rest) = split(path);
    for key in keys(value, head) {
        let Some(inner) = child_mut(value, &key) else {
            continue;
        };
        if !rest.is_empty() {
            reorder(inner, rest);
        } else if let Value::Array(list) = inner {
            list.sort_by_cached_key(text::sorted_json);
        }
    }
}

fn split(path: &str) -> (&str, &str) {
    path.split_once('.').unwrap_or((path, ""))
}

fn position(len: usize, key: &str) -> Option<usize> {
    let at: isize = key.parse().ok()?;
    if at < 0 {
        len.checked_sub(at.unsigned_abs())
    } else {
        Some(at.unsigned_abs())
    }
}

fn child<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(key),
        Value::Array(list) => list.get(position(list.len(), key)?),
        _ => None,
    }
}

fn child_mut<'a>(value: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    match value {
        Value::Object(map) => map.get_mut(key),
        Value::Array(list) => {
            let at = position(list.len(), key)?;
            list.get_mut(at)
        }
        _ => None,
    }
}

fn take_out(value: &mut Value, key: &str) {
    match value {
        Value::Object(map) => {
            map.shift_remove(key);
        }
        Value::Array(list) => {
            if let Some(at) = position(list.len(), key).filter(|at| *at < list.len()) {
                list.remove(at);
            }
        }
        _ => {}
    }
}

fn keys(value: &Value, head: &str) -> Vec<String> {
    match value {
        Value::Array(list) if head == "*" => (0..list.len()).map(|at| at.to_string()).collect(),
        Value::Object(map) if head == "*" => map.keys().cloned().collect(),
        _ => vec![head.to_owned()],
    }
}

#[cfg(test)]
mod tests;
