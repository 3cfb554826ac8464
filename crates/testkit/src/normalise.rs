//! Takes out of an answer what differs from run to run: ids, recent times, addresses, tokens,
//! hashes and wording. It must never touch what a client could rely on.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use regex::{Captures, Regex};
use serde_json::{Map, Value};

use crate::text::pattern;

/// A time this close to now is one the server made, in whatever zone it was written.
const RECENT: SignedDuration = SignedDuration::from_hours(48);

const UUID_TEXT: &str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

static UUID: LazyLock<Regex> = LazyLock::new(|| pattern(UUID_TEXT));
static WHOLE_UUID: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"\A{UUID_TEXT}\z")));
static STAMP: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\A(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?\n?\z"));
static JWT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\AeyJ[\w-]+\.[\w-]+\.[\w-]+\z"));
static TOKEN: LazyLock<Regex> = LazyLock::new(|| pattern(r"\A[A-Za-z0-9_-]{32,}\n?\z"));
static HERE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(127\.0\.0\.1|localhost):\d{4,5}\b"));

/// Normalises the answers of one scenario. Ids are numbered in order of appearance, so one
/// normaliser has to see all of them.
#[derive(Default)]
pub(crate) struct Normaliser {
    ids: HashMap<String, usize>,
}

impl Normaliser {
    /// One text.
    pub(crate) fn text(&mut self, text: &str) -> String {
        if JWT.is_match(text) {
            return "<jwt>".to_owned();
        }
        if text.starts_with("$argon2") {
            return "<hash>".to_owned();
        }
        if let Some(stamp) = STAMP.captures(text) {
            let recent = is_recent(&stamp);
            return if recent { "<now>" } else { text }.to_owned();
        }
        let text = HERE.replace_all(text, "<host>");
        let text = UUID.replace_all(&text, |found: &Captures<'_>| {
            let next = self.ids.len() + 1;
            let number = *self.ids.entry(found[0].to_owned()).or_insert(next);
            format!("uuid#{number}")
        });
        let random = TOKEN.is_match(&text)
            && text.contains(|c: char| c.is_ascii_digit())
            && text.contains(|c: char| c.is_ascii_alphabetic());
        if random {
            return "<token>".to_owned();
        }
        text.into_owned()
    }

    /// A whole JSON value. Error messages and reasons are dropped, their codes stay.
    pub(crate) fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(list) => list.iter().map(|inner| self.value(inner)).collect(),
            Value::Object(map) => Value::Object(self.object(map)),
            other => other.clone(),
        }
    }

    fn object(&mut self, map: &Map<String, Value>) -> Map<String, Value> {
        let error = map.contains_key("extensions") && map.contains_key("message");
        let mut out = Map::new();
        for (key, inner) in map {
            if error && key == "message" {
                continue;
            }
            let name = if WHOLE_UUID.is_match(key) {
                self.text(key)
            } else {
                key.clone()
            };
            let inner = match inner {
                Value::Object(extensions) if error && key == "extensions" => {
                    let mut extensions = extensions.clone();
                    extensions.retain(|key, _| key != "reason" && key != "stack");
                    self.value(&Value::Object(extensions))
                }
                other => self.value(other),
            };
            out.insert(name, inner);
        }
        out
    }

    /// Set-Cookie headers (one a line) in one comparable form: in order, dates and random values
    /// replaced. A cleared cookie is one without a value, whatever its dates.
    pub(crate) fn cookies(&mut self, headers: &str) -> String {
        let mut out: Vec<String> = headers
            .split('\n')
            .filter(|line| !line.is_empty())
            .map(|line| self.cookie(line))
            .collect();
        out.sort();
        out.join("\n")
    }

    fn cookie(&mut self, line: &str) -> String {
        let mut parts = line.split(';').map(str::trim);
        let first = parts.next().unwrap_or_default();
        let (name, value) = first.split_once('=').unwrap_or((first, ""));
        let mut attributes = Vec::new();
        for part in parts {
            let (key, text) = part.split_once('=').unwrap_or((part, ""));
            let key = key.to_lowercase();
            let text = if key == "expires" { "<date>" } else { text };
            if value.is_empty() && (key == "expires" || key == "max-age") {
                continue;
            }
            attributes.push(if text.is_empty() { key } else { format!("{key}={text}") });
        }
        attributes.sort();
        attributes.insert(0, format!("{name}={}", self.text(value)));
        attributes.join("; ")
    }
}

fn is_recent(stamp: &Captures<'_>) -> bool {
    let text = format!("{}T{}", &stamp[1], &stamp[2]);
    let Ok(when) = text.parse::<DateTime>() else {
        return false;
    };
    let now = Timestamp::now().to_zoned(TimeZone::UTC).datetime();
    now.duration_since(when).abs() < RECENT
}

#[cfg(test)]
mod tests;
