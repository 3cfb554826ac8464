//! Names: the comma-separated and dotted language of `fields`, `sort`, `groupBy`, `alias` and of a filter's keys.
//! Purely syntactic: text that no syntax fits is a plain field name, which the planner refuses as unknown.
//! It must never repair a malformed name into another one.

mod json_path;
mod split;

use crate::{
    Json,
    error::{Error, Result},
    query::{Function, Key, Leaf, Limits, Path, Sort, Step},
};
use split::split;

/// The wanted fields: a comma-separated text, or a list of such texts. Nothing is all fields (an empty list).
///
/// Malformed entries and paths of more than `limits.relational_depth` parts are `INVALID_QUERY`.
pub fn parse(json: &Json, limits: &Limits) -> Result<Vec<Path>> {
    entries(json, "fields")?
        .into_iter()
        .map(|entry| path(entry, limits))
        .collect()
}

/// The order: entries as in `fields`, with a leading `-` for the greatest first.
pub fn sort(json: &Json, limits: &Limits) -> Result<Vec<Sort>> {
    entries(json, "sort")?
        .into_iter()
        .map(|entry| {
            let (descending, name) = match entry.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, entry),
            };
            let path = sort_path(name, limits)?;
            Ok(Sort { path, descending })
        })
        .collect()
}

/// Fields and functions of the item itself, as in `groupBy`.
pub fn keys(json: &Json, parameter: &str) -> Result<Vec<Key>> {
    entries(json, parameter)?.into_iter().map(own).collect()
}

/// A field or function of the item itself.
pub fn own(text: &str) -> Result<Key> {
    Ok(match call(text)? {
        Some((name, _)) if name == JSON => Key::Field(text.to_owned()),
        Some((name, field)) => Key::Call(Function::parse(name), field.to_owned()),
        None => Key::Field(text.to_owned()),
    })
}

/// A key of a filter: a field, a function, `item:collection`, or `$FOLLOW(collection, field)`.
pub fn key(text: &str) -> Result<Key> {
    if let Some((collection, field)) = follow(text) {
        return Ok(Key::Follow(collection.to_owned(), field.to_owned()));
    }
    match own(text)? {
        Key::Field(name) => Ok(match scoped(&name) {
            Some((field, collection)) => Key::Scoped(field.to_owned(), collection.to_owned()),
            None => Key::Field(name),
        }),
        other => Ok(other),
    }
}

/// What an alias stands for: something of the item itself, not of a related one.
pub fn target(text: &str, limits: &Limits) -> Result<Leaf> {
    if split(text, '.').len() > 1 {
        return Err(Error::invalid_query(format!(
            "the alias target \"{}\" leads to another item",
            shown(text)
        )));
    }
    let Path { steps, leaf } = path(text, limits)?;
    match leaf {
        _ if !steps.is_empty() => Err(Error::invalid_query(format!(
            "the alias target \"{}\" leads to another item",
            shown(text)
        ))),
        // A wildcard is not one thing: as a name it is unknown.
        Leaf::Every => Ok(Leaf::Field(text.to_owned())),
        leaf => Ok(leaf),
    }
}

impl Function {
    /// The function of a wire name.
    pub fn parse(name: &str) -> Function {
        match name {
            "year" => Function::Year,
            "month" => Function::Month,
            "week" => Function::Week,
            "day" => Function::Day,
            "weekday" => Function::Weekday,
            "hour" => Function::Hour,
            "minute" => Function::Minute,
            "second" => Function::Second,
            "count" => Function::Count,
            _ => Function::Unknown,
        }
    }
}

/// The one function with a second argument; it is wanted, never compared or sorted by.
const JSON: &str = "json";

/// Characters of the caller's text that an error repeats: enough to recognise it.
const SHOWN: usize = 60;

/// The beginning of a name, for an error's sentence.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// The trimmed entries of a comma-separated text or a list of such texts.
pub(super) fn entries<'a>(json: &'a Json, parameter: &str) -> Result<Vec<&'a str>> {
    let texts: Vec<&str> = match json {
        Json::Null => Vec::new(),
        Json::String(text) if text.is_empty() => Vec::new(),
        Json::String(text) => vec![text],
        Json::Array(list) => list
            .iter()
            .map(|entry| entry.as_str().ok_or_else(|| not_names(parameter)))
            .collect::<Result<_>>()?,
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => return Err(not_names(parameter)),
    };
    let entries: Vec<&str> = texts
        .into_iter()
        .flat_map(|text| split(text, ','))
        .map(str::trim)
        .collect();
    if entries.contains(&"") {
        return Err(Error::invalid_query(format!("\"{parameter}\" holds an empty name")));
    }
    Ok(entries)
}

fn not_names(parameter: &str) -> Error {
    Error::invalid_query(format!("\"{parameter}\" has to be a list of names"))
}

fn path(text: &str, limits: &Limits) -> Result<Path> {
    let mut parts = split(text, '.');
    check_depth(parts.len(), limits)?;
    let last = parts.pop().unwrap_or_default();
    let mut steps: Vec<Step> = parts.into_iter().map(step).collect();
    let leaf = match call(last)? {
        None if last == "*" => Leaf::Every,
        None => Leaf::Field(last.to_owned()),
        Some((name, arguments)) if name == JSON => json_leaf(arguments, &mut steps, limits)?,
        Some((name, field)) => Leaf::Call(Function::parse(name), field.to_owned()),
    };
    Ok(Path { steps, leaf })
}

/// `json(relation.field, path)`: the relations go before what is wanted.
fn json_leaf(arguments: &str, steps: &mut Vec<Step>, limits: &Limits) -> Result<Leaf> {
    let Some((place, inside)) = arguments.split_once(',') else {
        return Err(Error::invalid_query("\"json\" needs a field and a path"));
    };
    let mut parts = split(place.trim(), '.');
    check_depth(steps.len() + parts.len(), limits)?;
    let field = parts.pop().unwrap_or_default();
    steps.extend(parts.into_iter().map(step));
    Ok(Leaf::Json(field.to_owned(), json_path::parse(inside.trim(), limits)?))
}

fn sort_path(text: &str, limits: &Limits) -> Result<Vec<Key>> {
    let mut parts = split(text, '.');
    check_depth(parts.len(), limits)?;
    let last = parts.pop().unwrap_or_default();
    let mut path: Vec<Key> = parts
        .into_iter()
        .map(|part| match scoped(part) {
            Some((field, collection)) => Key::Scoped(field.to_owned(), collection.to_owned()),
            None => Key::Field(part.to_owned()),
        })
        .collect();
    path.push(own(last)?);
    Ok(path)
}

fn step(text: &str) -> Step {
    match scoped(text) {
        _ if text == "*" => Step::Every,
        Some((field, collection)) => Step::Scoped(field.to_owned(), collection.to_owned()),
        None => Step::Field(text.to_owned()),
    }
}

fn check_depth(parts: usize, limits: &Limits) -> Result<()> {
    if parts > limits.relational_depth {
        return Err(too_deep(limits));
    }
    Ok(())
}

/// A path, filter or deep query that goes through too many relations.
pub(super) fn too_deep(limits: &Limits) -> Error {
    Error::invalid_query(format!(
        "relations may be followed {} deep at most",
        limits.relational_depth
    ))
}

/// `item:pages`: a field and one of the collections it leads to.
fn scoped(text: &str) -> Option<(&str, &str)> {
    text.split_once(':')
        .filter(|(field, collection)| !field.is_empty() && !collection.is_empty())
}

/// `$FOLLOW(comments, article)`: a collection and its foreign key.
fn follow(text: &str) -> Option<(&str, &str)> {
    let arguments = text.strip_prefix("$FOLLOW(")?.strip_suffix(')')?;
    let (collection, field) = arguments.split_once(',')?;
    let (collection, field) = (collection.trim(), field.trim());
    let plain = |name: &str| !name.is_empty() && !name.contains([',', '(', ')']);
    (plain(collection) && plain(field)).then_some((collection, field))
}

/// `name(arguments)`; no call if the text before the parenthesis is no word, an error if it is and the rest is malformed.
fn call(text: &str) -> Result<Option<(&str, &str)>> {
    let Some((name, rest)) = text.split_once('(') else {
        return Ok(None);
    };
    let word = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !word {
        return Ok(None);
    }
    match rest.strip_suffix(')') {
        Some(arguments) if !arguments.contains(['(', ')']) => Ok(Some((name, arguments.trim()))),
        _ => Err(Error::invalid_query(format!(
            "\"{}\" is not a function of a field",
            shown(text)
        ))),
    }
}

#[cfg(test)]
mod tests;
