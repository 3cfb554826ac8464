//! How values are written as text: JSON with a space after separators, and scalars inside
//! templates. The recordings were made with exactly these forms, and some measure a body's
//! length, so this must never fall back to another JSON writer.

use std::io::{self, Write};

use regex::Regex;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// Differences quote at most this many characters of a value, so that a line stays readable.
const SHORT: usize = 160;

/// JSON in one line, all of it ASCII.
pub(crate) fn json(value: &Value) -> String {
    write(value, true)
}

/// JSON in one line with every object's keys sorted: what lists are ordered by.
pub(crate) fn sorted_json(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    write(&value, true)
}

/// A value as a difference quotes it.
pub(crate) fn short(value: &Value) -> String {
    let text = write(value, false);
    if text.chars().count() < SHORT {
        return text;
    }
    text.chars().take(SHORT - 3).chain("...".chars()).collect()
}

/// A value inside a text: strings as they are; null and booleans in the recorder's spelling.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => write(other, false),
    }
}

/// Compiles a pattern that is part of this crate.
#[expect(clippy::expect_used, reason = "the patterns are literals, each used by a test")]
pub(crate) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a literal pattern")
}

fn write(value: &Value, ascii: bool) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, Spaced { ascii });
    // Writing a JSON value to memory cannot fail; an empty text would show as a difference.
    if value.serialize(&mut serializer).is_err() {
        return String::new();
    }
    String::from_utf8(out).unwrap_or_default()
}

struct Spaced {
    ascii: bool,
}

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        out.write_all(float(value).as_bytes())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if !self.ascii {
            return out.write_all(fragment.as_bytes());
        }
        for c in fragment.chars() {
            if (' '..='~').contains(&c) {
                write!(out, "{c}")?;
                continue;
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

/// The shortest text of a float, its exponent signed and of two digits at least: `1e-05`.
fn float(value: f64) -> String {
    let text = format!("{value:?}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    match exponent.strip_prefix('-') {
        Some(small) => format!("{digits}e-{small:0>2}"),
        None => format!("{digits}e+{exponent:0>2}"),
    }
}

#[cfg(test)]
mod tests;
