//! XML: an element for each member, indented by four spaces. Must never write a character that XML does not know,
//! nor a name that is none.

use std::fmt::Write;

use aedile_engine::Json;

/// The root's name, and that of each item of a list.
const ITEM: &str = "data";

/// How every document begins.
const HEAD: &str = "<?xml version='1.0'?>\n";
/// A document of no items.
pub const EMPTY: &str = "<?xml version='1.0'?>\n<data/>";
/// What follows the last item.
pub const END: &str = "</data>";

/// Items of a list; what comes before the first of them, too.
pub fn items(text: &mut String, items: &[Json], first: bool) {
    if first {
        text.push_str(HEAD);
        text.push_str("<data>\n");
    }
    for item in items {
        element(text, ITEM, item, 1);
        text.push('\n');
    }
}

/// The whole document.
pub fn write(value: &Json) -> String {
    let mut text = String::from(HEAD);
    match value {
        Json::Array(list) => {
            let items: Vec<(&str, &Json)> = list.iter().map(|item| (ITEM, item)).collect();
            parent(&mut text, ITEM, &items, 0);
        }
        one => element(&mut text, ITEM, one, 0),
    }
    text
}

fn element(text: &mut String, name: &str, value: &Json, depth: usize) {
    match value {
        Json::Object(object) => {
            let members: Vec<(&str, &Json)> = object.iter().flat_map(|(name, value)| repeated(name, value)).collect();
            parent(text, name, &members, depth);
        }
        Json::Array(list) => {
            let members: Vec<(&str, &Json)> = list.iter().map(|item| (name, item)).collect();
            parent(text, name, &members, depth);
        }
        Json::Null => leaf(text, name, "", depth),
        Json::String(content) => leaf(text, name, content, depth),
        other => leaf(text, name, &other.to_string(), depth),
    }
}

/// A list that is a member is told as so many elements of the member's name.
fn repeated<'a>(name: &'a str, value: &'a Json) -> Vec<(&'a str, &'a Json)> {
    match value {
        Json::Array(list) if !list.is_empty() => list.iter().map(|item| (name, item)).collect(),
        other => vec![(name, other)],
    }
}

fn parent(text: &mut String, name: &str, members: &[(&str, &Json)], depth: usize) {
    let name = named(name);
    indent(text, depth);
    if members.is_empty() {
        push(text, format_args!("<{name}/>"));
        return;
    }
    push(text, format_args!("<{name}>\n"));
    for (member, value) in members {
        element(text, member, value, depth + 1);
        text.push('\n');
    }
    indent(text, depth);
    push(text, format_args!("</{name}>"));
}

fn leaf(text: &mut String, name: &str, content: &str, depth: usize) {
    let name = named(name);
    indent(text, depth);
    if content.is_empty() {
        push(text, format_args!("<{name}/>"));
        return;
    }
    push(text, format_args!("<{name}>{}</{name}>", escaped(content)));
}

fn indent(text: &mut String, depth: usize) {
    for _ in 0..depth {
        text.push_str("    ");
    }
}

fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(what);
}

/// A key as an element's name: what cannot stand there becomes an underscore.
fn named(key: &str) -> String {
    let mut name: String = key
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '_' | '-' | '.') {
                c
            } else {
                '_'
            }
        })
        .collect();
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        name.insert(0, '_');
    }
    name
}

/// Text as an element's content.
fn escaped(content: &str) -> String {
    let mut text = String::with_capacity(content.len());
    for c in content.chars() {
        match c {
            '<' => text.push_str("&lt;"),
            '&' => text.push_str("&amp;"),
            '\t' | '\n' | '\r' => text.push(c),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c < ' ' => {}
            c => text.push(c),
        }
    }
    text
}
