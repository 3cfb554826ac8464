//! YAML: block style, indented by two spaces. Text stands plain where no reader could take it for something else, and in
//! quotes everywhere else.

use aedile_engine::Json;

/// A document of no items.
pub const EMPTY: &str = "[]\n";

/// Items of a list.
pub fn items(text: &mut String, items: &[Json]) {
    sequence(text, items, 0);
}

/// The whole document.
pub fn write(value: &Json) -> String {
    let mut text = String::new();
    match value {
        Json::Array(list) if !list.is_empty() => sequence(&mut text, list, 0),
        Json::Object(object) if !object.is_empty() => mapping(&mut text, object, 0, false),
        other => {
            text.push_str(&flow(other));
            text.push('\n');
        }
    }
    text
}

fn sequence(text: &mut String, list: &[Json], depth: usize) {
    for item in list {
        indent(text, depth);
        text.push_str("- ");
        match item {
            Json::Object(object) if !object.is_empty() => mapping(text, object, depth + 1, true),
            Json::Array(inner) if !inner.is_empty() => {
                text.truncate(text.len() - 1);
                text.push('\n');
                sequence(text, inner, depth + 1);
            }
            other => {
                text.push_str(&flow(other));
                text.push('\n');
            }
        }
    }
}

/// Members, one on each line; the first may stand behind a dash.
fn mapping(text: &mut String, object: &aedile_engine::Object, depth: usize, behind_dash: bool) {
    for (i, (name, value)) in object.iter().enumerate() {
        if i > 0 || !behind_dash {
            indent(text, depth);
        }
        text.push_str(&scalar(name));
        text.push(':');
        match value {
            Json::Object(inner) if !inner.is_empty() => {
                text.push('\n');
                mapping(text, inner, depth + 1, false);
            }
            Json::Array(inner) if !inner.is_empty() => {
                text.push('\n');
                sequence(text, inner, depth + 1);
            }
            other => {
                text.push(' ');
                text.push_str(&flow(other));
                text.push('\n');
            }
        }
    }
}

fn indent(text: &mut String, depth: usize) {
    for _ in 0..depth {
        text.push_str("  ");
    }
}

/// A value on one line.
fn flow(value: &Json) -> String {
    match value {
        Json::String(text) => scalar(text),
        other => other.to_string(),
    }
}

/// Text as a scalar: plain, in single quotes, or (with control characters) as JSON, which YAML reads too.
fn scalar(text: &str) -> String {
    if text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'))
    {
        return Json::from(text).to_string();
    }
    if is_plain(text) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// Whether text without quotes would be read as this very text.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let indicator = "-?:,[]{}#&*!|>'\"%@`=~".contains(first);
    let spaced = text.starts_with(' ') || text.ends_with(' ');
    let structural = text.contains(": ") || text.contains(" #") || text.ends_with(':');
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "true" | "false" | "on" | "off" | "null" | ".nan" | ".inf" | "<<"
    );
    // Numbers, dates and times of every YAML version begin like this.
    let number = first.is_ascii_digit() || (matches!(first, '+' | '.') && text.len() > 1);
    !(indicator || spaced || structural || word || number && looks_numeric(text))
}

fn looks_numeric(text: &str) -> bool {
    let version = text.matches('.').count() > 1 && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    !version
        && text.chars().all(|c| {
            c.is_ascii_hexdigit()
                || matches!(
                    c,
                    '.' | '-' | '+' | '_' | ':' | 'x' | 'o' | 'e' | 'E' | 'T' | 't' | 'Z' | 'z' | ' '
                )
        })
}
