//! Writes YAML for people: short things on one line, long things a line for each part, texts in quotes only where they
//! need them. What it writes reads back as the same values.

use aedile_engine::{Json, Object};

/// Widest line that holds a whole list or object, in characters, its indentation included.
const WIDTH: usize = 110;

/// Words that stand for something else than text in one version of YAML or another.
const WORDS: [&str; 12] = [
    "null", "~", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan",
];

/// The members of an object as lines, indented so many columns.
pub(crate) fn members(out: &mut String, object: &Object, indent: usize) {
    for (name, value) in object {
        pad(out, indent);
        member(out, name, value, indent);
    }
}

/// A name and its members below it, each on lines of its own however short they are.
pub(crate) fn block(out: &mut String, name: &str, object: &Object, indent: usize) {
    pad(out, indent);
    out.push_str(&text(name));
    out.push_str(":\n");
    members(out, object, indent + 2);
}

/// The elements of a list of objects as lines, a dash before each.
pub(crate) fn elements(out: &mut String, list: &[Object], indent: usize) {
    for object in list {
        let mut first = true;
        for (name, value) in object {
            pad(out, indent);
            out.push_str(if std::mem::take(&mut first) { "- " } else { "  " });
            member(out, name, value, indent + 2);
        }
    }
}

fn member(out: &mut String, name: &str, value: &Json, indent: usize) {
    let name = text(name);
    let line = flow(value);
    if is_short(value, indent + name.chars().count() + 2 + line.chars().count()) {
        out.push_str(&name);
        out.push_str(": ");
        out.push_str(&line);
        out.push('\n');
        return;
    }
    out.push_str(&name);
    out.push_str(":\n");
    match value {
        Json::Object(object) => members(out, object, indent + 2),
        Json::Array(list) => {
            for one in list {
                element(out, one, indent + 2);
            }
        }
        _ => {}
    }
}

fn element(out: &mut String, value: &Json, indent: usize) {
    let line = flow(value);
    match value {
        Json::Object(object) if !is_short(value, indent + 2 + line.chars().count()) => {
            elements(out, std::slice::from_ref(object), indent);
        }
        _ => {
            pad(out, indent);
            out.push_str("- ");
            out.push_str(&line);
            out.push('\n');
        }
    }
}

/// Whether a value stands on the line of its name: what has no parts always does.
fn is_short(value: &Json, width: usize) -> bool {
    match value {
        Json::Object(object) => object.is_empty() || width <= WIDTH && !object.values().any(is_deep),
        Json::Array(list) => list.is_empty() || width <= WIDTH && !list.iter().any(Json::is_object),
        _ => true,
    }
}

/// Whether an object holds objects of objects: too much for one line.
fn is_deep(value: &Json) -> bool {
    match value {
        Json::Object(object) => object
            .values()
            .any(|inner| matches!(inner, Json::Object(inner) if !inner.is_empty())),
        Json::Array(list) => list.iter().any(Json::is_object),
        _ => false,
    }
}

/// A value on one line.
fn flow(value: &Json) -> String {
    match value {
        Json::String(one) => text(one),
        Json::Array(list) => {
            let parts: Vec<String> = list.iter().map(flow).collect();
            format!("[{}]", parts.join(", "))
        }
        Json::Object(object) => {
            let parts: Vec<String> = object
                .iter()
                .map(|(name, value)| format!("{}: {}", text(name), flow(value)))
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text, in quotes unless nobody could take it for anything else.
fn text(text: &str) -> String {
    let starts = text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$'));
    let inside = text
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '$' | '@' | '+' | '(' | ')' | ' '));
    let id = uuid::Uuid::try_parse(text).is_ok() && !is_number(text);
    let plain =
        (starts && inside || id) && !text.ends_with(' ') && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if plain {
        text.to_owned()
    } else {
        Json::from(text).to_string()
    }
}

/// Whether some reader could take it for a number: an id may look like `1e5…`.
fn is_number(text: &str) -> bool {
    !text.contains(|c: char| c.is_ascii_alphabetic()) || text.parse::<f64>().is_ok()
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}
