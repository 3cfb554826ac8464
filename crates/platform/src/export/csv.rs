//! CSV: one line for each item, items inside of items as columns with dotted names, lists and JSON as JSON text. Text is
//! always quoted. Cells are told as they are, so that what was exported can be imported: what a spreadsheet makes of a
//! cell that begins with `=` is the reader's care.

use aedile_engine::{Json, Object, plan::columns::Column};

/// The columns of a file.
pub struct Columns {
    columns: Vec<Column>,
    /// Of each, whether others stand for its members.
    spread: Vec<bool>,
}

impl Columns {
    /// These, in this order.
    pub fn new(columns: Vec<Column>) -> Columns {
        let is_inside = |outer: &Column, inner: &Column| inner.len() > outer.len() && inner.starts_with(outer);
        let spread = columns
            .iter()
            .map(|outer| columns.iter().any(|inner| is_inside(outer, inner)))
            .collect();
        Columns { columns, spread }
    }

    /// The line of names.
    pub fn head(&self, text: &mut String) {
        for (i, column) in self.columns.iter().enumerate() {
            if i > 0 {
                text.push(',');
            }
            quote(text, &column.join("."));
        }
    }

    /// A line for each item, each after the end of the line before.
    pub fn rows(&self, text: &mut String, items: &[Json]) {
        for item in items {
            text.push('\n');
            for (i, (column, spread)) in self.columns.iter().zip(&self.spread).enumerate() {
                if i > 0 {
                    text.push(',');
                }
                let value = column.iter().try_fold(item, |value, name| value.get(name));
                match value {
                    Some(Json::Object(_)) if *spread => {}
                    Some(value) => cell(text, value),
                    None => {}
                }
            }
        }
    }
}

/// A value whose columns nobody knows: those that its items have, in the order in which they are met.
pub fn write(value: &Json) -> String {
    let items: &[Json] = match value {
        Json::Array(list) => list,
        one => std::slice::from_ref(one),
    };
    let mut found: indexmap::IndexSet<Column> = indexmap::IndexSet::new();
    for object in items.iter().filter_map(Json::as_object) {
        flatten(&[], object, &mut found);
    }
    let mut text = String::new();
    if found.is_empty() {
        return text;
    }
    let columns = Columns::new(found.into_iter().collect());
    columns.head(&mut text);
    columns.rows(&mut text, items);
    text
}

fn flatten(path: &[String], object: &Object, found: &mut indexmap::IndexSet<Column>) {
    for (name, value) in object {
        let mut at = path.to_vec();
        at.push(name.clone());
        match value {
            Json::Object(inner) if !inner.is_empty() => flatten(&at, inner, found),
            _ => {
                found.insert(at);
            }
        }
    }
}

fn cell(text: &mut String, value: &Json) {
    match value {
        Json::Null => {}
        Json::Bool(_) | Json::Number(_) => text.push_str(&value.to_string()),
        Json::String(content) => quote(text, content),
        Json::Array(_) | Json::Object(_) => quote(text, &value.to_string()),
    }
}

fn quote(text: &mut String, content: &str) {
    text.push('"');
    text.push_str(&content.replace('"', "\"\""));
    text.push('"');
}
