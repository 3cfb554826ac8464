//! The route table, read from the sources of the server, so that a new route is tried without anybody thinking of it.
//! It must never come out empty: a table that cannot be read is an error.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use regex::Regex;

/// A server has at least this many routes; fewer mean that the sources look other than expected.
const FEWEST: usize = 60;

/// A route: its method in capitals, and its path with `:name` for variable segments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
}

/// Every route of the server.
pub(crate) fn routes() -> Result<Vec<Route>> {
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src");
    let mut out = Vec::new();
    for file in files(&server.join("routes"))? {
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        out.extend(in_source(&text)?);
    }
    out.sort();
    out.dedup();
    ensure!(
        out.len() >= FEWEST,
        "only {} routes were found in {}",
        out.len(),
        server.display()
    );
    Ok(out)
}

/// Source files, the tests among them left out.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            out.extend(files(&path)?);
        } else if !path.ends_with("tests.rs") {
            out.push(path);
        }
    }
    Ok(out)
}

/// The routes of one file: lines of tables (`Get "/users/me" => me`), and such lines below every root that the file
/// lists (`("users", "directus_users")`).
fn in_source(text: &str) -> Result<Vec<Route>> {
    let line = Regex::new(r#"\b(Get|Post|Patch|Delete|Search) "([^"]*)" =>"#)?;
    let entry = Regex::new(r#"verb: Verb::(\w+),\s*path: "([^"]*)""#)?;
    let root = Regex::new(r#"\("([a-z_]+)", "directus_[a-z_]+""#)?;
    let roots: Vec<&str> = root
        .captures_iter(text)
        .filter_map(|found| Some(found.get(1)?.as_str()))
        .collect();
    let mut out = Vec::new();
    for found in line.captures_iter(text).chain(entry.captures_iter(text)) {
        let (Some(method), Some(path)) = (found.get(1), found.get(2)) else {
            continue;
        };
        let method = method.as_str().to_uppercase();
        if path.as_str().is_empty() || path.as_str().starts_with("/:") {
            out.extend(roots.iter().map(|root| Route {
                method: method.clone(),
                path: format!("/{root}{}", path.as_str()),
            }));
        } else {
            out.push(Route {
                method,
                path: path.as_str().to_owned(),
            });
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
