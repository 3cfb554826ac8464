//! The demo project as data: the files below `demo/src` of the repository, built into the binary, and the order in which they
//! can be loaded. It never touches a database and never holds a secret: tokens and passwords are made when the demo is loaded.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

pub mod load;

#[cfg(test)]
mod tests;

/// Names each file once, so that a path and its text cannot drift apart.
macro_rules! embedded {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../demo/src/", $path)))),+]
    };
}

/// Everything of the demo, in the directory layout of a project template.
const FILES: &[(&str, &str)] = embedded![
    "collections.json",
    "fields.json",
    "relations.json",
    "roles.json",
    "policies.json",
    "access.json",
    "permissions.json",
    "users.json",
    "settings.json",
    "presets.json",
    "content/authors.json",
    "content/categories.json",
    "content/tags.json",
    "content/posts.json",
    "content/posts_tags.json",
    "content/comments.json",
    "content/pages.json",
    "content/site_settings.json",
    "content/contact_submissions.json",
    "content/page_analytics.json",
];

/// Folder of the files that hold rows; the file's name is the collection's.
const CONTENT: &str = "content/";

/// The embedded files: path relative to the project's source folder, and JSON text.
pub fn files() -> &'static [(&'static str, &'static str)] {
    FILES
}

/// Collections with `meta` and `schema` (null for a folder), each after the folder or collection it is grouped under.
///
/// # Errors
/// When the embedded text is no JSON.
pub fn collections() -> serde_json::Result<Vec<Value>> {
    Ok(parents_first(rows("collections.json")?, |row| {
        (row.get("collection"), row.pointer("/meta/group"))
    }))
}

/// Fields of all collections, aliases (schema null) included, in the order of the forms.
///
/// # Errors
/// When the embedded text is no JSON.
pub fn fields() -> serde_json::Result<Vec<Value>> {
    rows("fields.json")
}

/// Relations; all their fields are in [`fields`].
///
/// # Errors
/// When the embedded text is no JSON.
pub fn relations() -> serde_json::Result<Vec<Value>> {
    rows("relations.json")
}

/// Roles, parents before children.
///
/// # Errors
/// When the embedded text is no JSON.
pub fn roles() -> serde_json::Result<Vec<Value>> {
    Ok(parents_first(rows("roles.json")?, |row| {
        (row.get("id"), row.get("parent"))
    }))
}

/// Policies. The public one is among them under its fixed id: a fresh database already has it.
///
/// # Errors
/// When the embedded text is no JSON.
pub fn policies() -> serde_json::Result<Vec<Value>> {
    rows("policies.json")
}

/// Which role has which policy; role and user null is the public.
///
/// # Errors
/// When the embedded text is no JSON.
pub fn access() -> serde_json::Result<Vec<Value>> {
    rows("access.json")
}

/// Permission rows, without keys.
///
/// # Errors
/// When the embedded text is no JSON.
pub fn permissions() -> serde_json::Result<Vec<Value>> {
    rows("permissions.json")
}

/// Users, with password and token null. One without an e-mail address is a machine account, which is to be given a random token;
/// the others are to be given a random password.
///
/// # Errors
/// When the embedded text is no JSON.
pub fn users() -> serde_json::Result<Vec<Value>> {
    rows("users.json")
}

/// The project's settings, one object; a setting that it does not name is to stay as it is.
///
/// # Errors
/// When the embedded text is no JSON.
pub fn settings() -> serde_json::Result<Value> {
    parse("settings.json")
}

/// Bookmarks and list layouts, without keys.
///
/// # Errors
/// When the embedded text is no JSON.
pub fn presets() -> serde_json::Result<Vec<Value>> {
    rows("presets.json")
}

/// The rows of every collection, ordered so that what a row points to comes before it: collections by their relations, and rows
/// by the relation of their collection to itself. A singleton has one row. Users are pointed to and must be there already.
///
/// # Errors
/// When an embedded text is no JSON.
pub fn content() -> serde_json::Result<Vec<(&'static str, Vec<Value>)>> {
    let relations = relations()?;
    let mut waiting = FILES
        .iter()
        .filter_map(|(path, _)| collection_of(path).map(|name| (*path, name)))
        .collect::<Vec<_>>();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let names = waiting.iter().map(|(_, name)| *name).collect::<HashSet<_>>();
        let (ready, blocked): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|(_, name)| !targets(&relations, name).any(|to| to != *name && names.contains(to)));
        // A circle of collections has no order; handing it over as it stands lets the database name the broken key.
        let (ready, blocked) = if ready.is_empty() {
            (blocked, ready)
        } else {
            (ready, blocked)
        };
        for (path, name) in ready {
            ordered.push((name, rows_of(path, name, &relations)?));
        }
        waiting = blocked;
    }
    Ok(ordered)
}

/// The collection whose rows the file holds, if it holds rows.
fn collection_of(path: &'static str) -> Option<&'static str> {
    path.strip_prefix(CONTENT)?.strip_suffix(".json")
}

/// The collections that `collection` points to by a foreign key.
fn targets<'a>(relations: &'a [Value], collection: &'a str) -> impl Iterator<Item = &'a str> {
    relations
        .iter()
        .filter(move |relation| text(relation, "collection") == Some(collection))
        .filter_map(|relation| text(relation, "related_collection"))
}

/// The rows of one collection, parents first where it points to itself.
fn rows_of(path: &str, collection: &str, relations: &[Value]) -> serde_json::Result<Vec<Value>> {
    let rows = rows(path)?;
    let to_itself = relations.iter().find(|relation| {
        text(relation, "collection") == Some(collection) && text(relation, "related_collection") == Some(collection)
    });
    let Some(parent) = to_itself.and_then(|relation| text(relation, "field")) else {
        return Ok(rows);
    };
    Ok(parents_first(rows, |row| (row.get("id"), row.get(parent))))
}

/// Orders rows so that none comes before its parent, and keeps the order among equals. `ends` gives a row's own key and its
/// parent's. Rows in a circle stay at the end, as they were.
fn parents_first(rows: Vec<Value>, ends: impl Fn(&Value) -> (Option<&Value>, Option<&Value>)) -> Vec<Value> {
    let parent_of = rows
        .iter()
        .filter_map(|row| {
            let (key, parent) = ends(row);
            Some((
                key?.to_string(),
                parent.filter(|value| !value.is_null()).map(Value::to_string),
            ))
        })
        .collect::<HashMap<_, _>>();
    // The depth is bounded by the number of rows, so that a circle ends too.
    let depth = |row: &Value| {
        let mut key = ends(row).0.map(Value::to_string);
        let mut steps = 0;
        while let Some(parent) = key
            .as_ref()
            .and_then(|key| parent_of.get(key))
            .filter(|_| steps <= rows.len())
        {
            key.clone_from(parent);
            steps += 1;
        }
        steps
    };
    let mut ranked = rows.iter().map(|row| (depth(row), row.clone())).collect::<Vec<_>>();
    ranked.sort_by_key(|(depth, _)| *depth);
    ranked.into_iter().map(|(_, row)| row).collect()
}

/// A file's rows; a file with one object has one.
fn rows(path: &str) -> serde_json::Result<Vec<Value>> {
    Ok(match parse(path)? {
        Value::Array(rows) => rows,
        single => vec![single],
    })
}

/// A file's JSON. An unknown path reads as an empty text, which is no JSON and so an error.
fn parse(path: &str) -> serde_json::Result<Value> {
    let text = FILES
        .iter()
        .find(|(name, _)| *name == path)
        .map_or("", |(_, text)| *text);
    serde_json::from_str(text)
}

/// A member that is text.
fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member).and_then(Value::as_str)
}
