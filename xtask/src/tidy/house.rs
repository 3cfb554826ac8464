//! ARCHITECTURE.md names only what exists: crates, modules and files that it puts between backticks. A plan that
//! outlives the code is worse than none.

use std::fs;

use anyhow::Result;

use super::{Finding, sources::File};
use crate::shell;

const MAP: &str = "ARCHITECTURE.md";

/// Folders at the root that the map speaks of.
const ROOTS: [&str; 9] = [
    "crates/", "xtask/", "sdk/", "bench/", "docs/", "demo/", "studio/", ".ci/", "engine/",
];

/// What the map names and is not there. Without a map there is nothing to check.
///
/// # Errors
/// When the map cannot be read.
pub fn check(files: &[File]) -> Result<Vec<Finding>> {
    let place = shell::root().join(MAP);
    if !place.exists() {
        return Ok(vec![Finding::mild(MAP, "is not there")]);
    }
    let text = fs::read_to_string(place)?;
    let mut out = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        for name in named(line).filter(|name| !exists(name, files)) {
            out.push(Finding::new(
                format!("{MAP}:{number}"),
                format!("`{name}` does not exist"),
            ));
        }
    }
    Ok(out)
}

/// The paths between backticks: with a slash, and beginning with a folder at the root or a crate.
fn named(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter(|name| !name.contains([' ', '*', '{', '<', ':']) && (is_path(name) || name.starts_with("aedile-")))
}

fn is_path(name: &str) -> bool {
    let crates = fs::read_dir(shell::root().join("crates"))
        .into_iter()
        .flatten()
        .flatten();
    let mut crates = crates.filter_map(|entry| entry.file_name().into_string().ok());
    ROOTS.iter().any(|root| name.starts_with(root))
        || crates.any(|own| name.strip_prefix(&own).is_some_and(|rest| rest.starts_with('/')))
}

/// A file, a folder, a module of a crate (`engine/plan`), or a crate by its full name.
fn exists(name: &str, files: &[File]) -> bool {
    if let Some(own) = name.strip_prefix("aedile-") {
        return shell::root().join("crates").join(own).exists();
    }
    let name = name.trim_end_matches('/');
    if shell::root().join(name).exists() {
        return true;
    }
    let Some((own, module)) = name.split_once('/') else {
        return false;
    };
    let inside = format!("crates/{own}/src/{module}");
    let below = format!("{inside}/");
    files
        .iter()
        .any(|file| file.path == inside || file.path == format!("{inside}.rs") || file.path.starts_with(&below))
}

#[cfg(test)]
mod tests;
