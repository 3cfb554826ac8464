//! CSV: one line for each item, nested objects as columns with dotted names, lists as JSON text. Text is always quoted.
//! Cells are told as they are: what a spreadsheet makes of a cell that begins with `=` is the reader's care.

use std::collections::HashMap;

use aedile_engine::{Json, Object};

/// The items as lines, the column names first; nothing at all for no items.
pub fn write(value: &Json) -> String {
    let items: &[Json] = match value {
        Json::Array(list) => list,
        one => std::slice::from_ref(one),
    };
    let rows: Vec<Vec<(String, &Json)>> = items.iter().map(flat).collect();
    let mut columns: Vec<&str> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (name, _) in rows.iter().flatten() {
        places.entry(name).or_insert_with(|| {
            columns.push(name);
            columns.len() - 1
        });
    }
    if columns.is_empty() {
        return String::new();
    }
    let mut text = columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",");
    for row in &rows {
        let mut cells = vec![String::new(); columns.len()];
        for (name, value) in row {
            if let Some(cell) = places.get(name.as_str()).and_then(|place| cells.get_mut(*place)) {
                *cell = told(value);
            }
        }
        text.push('\n');
        text.push_str(&cells.join(","));
    }
    text
}

/// The cells of an item, each with its column's name.
fn flat(item: &Json) -> Vec<(String, &Json)> {
    let mut cells = Vec::new();
    match item {
        Json::Object(object) => flatten("", object, &mut cells),
        other => cells.push(("value".to_owned(), other)),
    }
    cells
}

fn flatten<'a>(prefix: &str, object: &'a Object, cells: &mut Vec<(String, &'a Json)>) {
    for (name, value) in object {
        let name = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            Json::Object(inner) if !inner.is_empty() => flatten(&name, inner, cells),
            other => cells.push((name, other)),
        }
    }
}

fn told(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::Bool(_) | Json::Number(_) => value.to_string(),
        Json::String(text) => quoted(text),
        Json::Array(_) | Json::Object(_) => quoted(&value.to_string()),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
