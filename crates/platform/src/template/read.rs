//! Files become a template: JSON of the right shape, in an order in which it can be loaded. Knows no project.

use std::collections::HashMap;

use aedile_engine::{Json, Object};

use super::{COLLECTIONS, CONTENT, Problems, Rows, SYSTEM, Template, inner, text};

/// Folder of what files hold.
const ASSETS: &str = "assets/";

impl Template {
    /// Reads files: each with its path below the template's source folder, and its text. Others than those of the format
    /// are passed over.
    ///
    /// # Errors
    /// Everything that is no JSON, or not of the shape that its place asks for.
    pub fn read<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Template, Problems> {
        let mut files: HashMap<&str, &str> = files.into_iter().collect();
        let mut problems = Problems::default();
        if !files.contains_key(COLLECTIONS) {
            problems.tell(format!("{COLLECTIONS} is missing: this is no template"));
        }
        let mut list = |file: &str, problems: &mut Problems| match files.remove(file) {
            Some(text) => rows(file, text, problems),
            None => Vec::new(),
        };
        let mut template = Template {
            collections: parents_first(list(COLLECTIONS, &mut problems), |row| {
                (
                    text(row, "collection").map(str::to_owned),
                    inner(row, "meta", "group").map(str::to_owned),
                )
            }),
            fields: list("fields.json", &mut problems),
            relations: list("relations.json", &mut problems),
            ..Template::default()
        };
        for (file, collection) in SYSTEM {
            template.system.push(Rows {
                collection: collection.to_owned(),
                file: file.to_owned(),
                rows: list(file, &mut problems),
            });
        }
        template.settings = list("settings.json", &mut problems).into_iter().next();
        if !list("extensions.json", &mut problems).is_empty() {
            template
                .notes
                .push("extensions.json: extensions are not installed".to_owned());
        }
        let assets = files.keys().filter(|path| path.starts_with(ASSETS)).count();
        let known = template.of_system("directus_files").len();
        if assets > 0 || known > 0 {
            let said = format!("assets: what is known of {known} files is taken over, and their contents are not");
            template.notes.push(said);
        }
        let mut content: Vec<(&str, &str)> = files
            .into_iter()
            .filter(|(path, _)| path.starts_with(CONTENT))
            .collect();
        content.sort_unstable();
        for (file, text) in content {
            let name = file.strip_prefix(CONTENT).and_then(|name| name.strip_suffix(".json"));
            let Some(name) = name.filter(|name| !name.contains('/')) else {
                continue;
            };
            template.content.push(Rows {
                collection: name.to_owned(),
                file: file.to_owned(),
                rows: rows(file, text, &mut problems),
            });
        }
        template.content = targets_first(std::mem::take(&mut template.content), &template.relations);
        problems.or(template)
    }
}

/// Orders collections so that what a row points to comes before it. A circle has no order; it stays as it is.
fn targets_first(mut waiting: Vec<Rows>, relations: &[Object]) -> Vec<Rows> {
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let names: Vec<String> = waiting.iter().map(|part| part.collection.clone()).collect();
        let is_blocked = |part: &Rows| {
            let own = relations
                .iter()
                .filter(|relation| text(relation, "collection") == Some(&part.collection));
            let mut targets = own.filter_map(|relation| text(relation, "related_collection"));
            targets.any(|target| target != part.collection && names.iter().any(|name| name == target))
        };
        let (blocked, ready): (Vec<Rows>, Vec<Rows>) = waiting.into_iter().partition(is_blocked);
        let circle = ready.is_empty();
        ordered.extend(ready);
        waiting = blocked;
        if circle {
            ordered.append(&mut waiting);
        }
    }
    ordered
}

/// A file's objects; a file with one object has one, one with null has none.
fn rows(file: &str, text: &str, problems: &mut Problems) -> Vec<Object> {
    let parsed = match serde_json::from_str(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            problems.tell(format!("{file}:{}: {}", error.line(), what(&error)));
            return Vec::new();
        }
    };
    let list = match parsed {
        Json::Array(list) => list,
        Json::Null => Vec::new(),
        one => vec![one],
    };
    let mut rows = Vec::with_capacity(list.len());
    for (n, row) in (1..).zip(list) {
        match row {
            Json::Object(row) => rows.push(row),
            _ => problems.tell(format!("{file}: entry {n} is no object")),
        }
    }
    rows
}

/// What is wrong, without the place, which is told before it.
fn what(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let clause = told.split(" at line ").next().unwrap_or_default();
    format!("this is no JSON: {clause}")
}

/// Orders rows so that none comes before its parent, and keeps the order among equals. `ends` gives a row's own key and its
/// parent's. Rows in a circle stay at the end, as they were.
pub(super) fn parents_first(
    rows: Vec<Object>,
    ends: impl Fn(&Object) -> (Option<String>, Option<String>),
) -> Vec<Object> {
    let parents: HashMap<String, Option<String>> = rows
        .iter()
        .filter_map(|row| {
            let (key, parent) = ends(row);
            Some((key?, parent))
        })
        .collect();
    // The depth is bounded by the number of rows, so that a circle ends too.
    let depth = |row: &Object| {
        let mut key = ends(row).0;
        let mut steps = 0;
        while let Some(parent) = key
            .as_ref()
            .and_then(|key| parents.get(key))
            .filter(|_| steps <= parents.len())
        {
            key.clone_from(parent);
            steps += 1;
        }
        steps
    };
    let mut ranked: Vec<(usize, Object)> = rows.into_iter().map(|row| (depth(&row), row)).collect();
    ranked.sort_by_key(|(depth, _)| *depth);
    ranked.into_iter().map(|(_, row)| row).collect()
}
