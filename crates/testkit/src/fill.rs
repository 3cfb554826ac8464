//! Fills `{{name}}` in what a step sends with values saved from earlier answers. A name that was
//! never saved stays as it is written, so that the request shows what is missing.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use regex::Regex;
use serde_json::{Map, Value};

use crate::text::{self, pattern};
use crate::token;

static VARIABLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{\{([\w.]+|totp:\w+|jwt:\w+:[\w=,./-]*)\}\}"));

/// Seconds that a code is still good for at least when it is sent.
const LEEWAY: u64 = 5;

/// What earlier steps of a scenario have saved.
pub(crate) type Saved = HashMap<String, Value>;

/// `value` with its variables filled, at any depth, keys included; `{"__repeat": [text, n]}`
/// becomes the long text.
pub(crate) fn fill(value: &Value, saved: &Saved) -> Result<Value> {
    Ok(match value {
        Value::String(text) => fill_text(text, saved)?,
        Value::Array(list) => {
            let filled: Result<Vec<_>> = list.iter().map(|inner| fill(inner, saved)).collect();
            Value::Array(filled?)
        }
        Value::Object(map) => match map.get("__repeat") {
            Some(what) => repeat(what).context("`__repeat` needs a text and a number")?,
            None => Value::Object(fill_map(map, saved)?),
        },
        other => other.clone(),
    })
}

/// The same for an object's members, keys included.
pub(crate) fn fill_map(map: &Map<String, Value>, saved: &Saved) -> Result<Map<String, Value>> {
    let mut out = Map::new();
    for (key, inner) in map {
        out.insert(fill_str(key, saved)?, fill(inner, saved)?);
    }
    Ok(out)
}

/// The same for a text that stays one.
pub(crate) fn fill_str(text: &str, saved: &Saved) -> Result<String> {
    Ok(text::plain(&fill_text(text, saved)?))
}

fn repeat(what: &Value) -> Option<Value> {
    let times = usize::try_from(what.get(1)?.as_u64()?).ok()?;
    Some(Value::from(what.get(0)?.as_str()?.repeat(times)))
}

/// A text that is one variable becomes its value, of any type; variables inside become text.
fn fill_text(text: &str, saved: &Saved) -> Result<Value> {
    let (mut out, mut end) = (String::new(), 0);
    for found in VARIABLE.captures_iter(text) {
        let (whole, [name]) = found.extract();
        let start = found.get_match().start();
        let value = lookup(name, saved)?;
        if whole.len() == text.len() {
            return Ok(value.unwrap_or_else(|| Value::from(text)));
        }
        out += text.get(end..start).unwrap_or_default();
        out += &value.map_or_else(|| whole.to_owned(), |value| text::plain(&value));
        end = start + whole.len();
    }
    out += text.get(end..).unwrap_or_default();
    Ok(Value::String(out))
}

fn lookup(name: &str, saved: &Saved) -> Result<Option<Value>> {
    let text = |name: &str| {
        let text = saved.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    if let Some((which, edits)) = name.strip_prefix("jwt:").and_then(|rest| rest.split_once(':')) {
        let Some(token) = text(which) else {
            return Ok(None);
        };
        return Ok(Some(token::forge(token, edits)?.into()));
    }
    if let Some(which) = name.strip_prefix("totp:") {
        let Some(secret) = text(which) else {
            return Ok(None);
        };
        let latest = now()? / token::PERIOD + 1;
        let step = next_code(which, saved)?.min(latest);
        return Ok(Some(token::totp(secret, step * token::PERIOD)?.into()));
    }
    Ok(saved.get(name).cloned())
}

/// The time step whose code a person would send next: a code is good once, and servers take the one before the present
/// one, and the one after it.
pub(crate) fn next_code(which: &str, saved: &Saved) -> Result<u64> {
    let now = now()?;
    // The one before the present one is on its way out.
    let early = u64::from(now % token::PERIOD < token::PERIOD - LEEWAY);
    let spent = saved.get(&spent(which)).and_then(Value::as_u64);
    Ok((now / token::PERIOD - early).max(spent.map_or(0, |spent| spent + 1)))
}

/// Where the last code of a secret that was taken is remembered: no scenario saves under such a name.
pub(crate) fn spent(which: &str) -> String {
    format!("totp:{which}")
}

/// Seconds since 1970.
pub(crate) fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

#[cfg(test)]
mod tests;
