//! Rules for single files: length, header, words. They look at text, so they must never need exact parsing to be right.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use super::Finding;
use crate::shell;

/// A file of more lines holds more than one subject.
const LONG: usize = 600;

/// No file is this long for a reason.
const TOO_LONG: usize = 900;

/// Words that say something is not done. Spelt in two parts, so that this file does not hold them.
const UNDONE: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];

/// Paths of the machines on which somebody works. A source that needs a folder asks the system for one.
const PLACES: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!("/tm", "p/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
];

/// What holds text that is ours; pictures and recordings are left alone.
const OURS: [&str; 13] = [
    "rs", "toml", "md", "sql", "mjs", "js", "ts", "svelte", "css", "json", "sh", "yml", "txt",
];

/// How many lines after `format!(` may belong to the same statement.
const STATEMENT_LINES: usize = 6;

/// The beginnings of SQL statements, as they are written here: in lower case.
const SQL: [&str; 8] = [
    "select ",
    "insert into ",
    "update ",
    "delete from ",
    "create table ",
    "alter table ",
    "drop table ",
    "pragma ",
];

/// A file of the project: its path below the root, and its text.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }
}

/// Every file of the project with text of ours: what git knows or would add.
///
/// # Errors
/// When git cannot be asked, or a file not be read.
pub fn files() -> Result<Vec<File>> {
    let listed =
        shell::output(shell::program("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let mut out = Vec::new();
    for path in listed.split('\0').filter(|path| is_ours(path)) {
        let place = shell::root().join(path);
        // Deleted, and git not yet told.
        if !place.exists() {
            continue;
        }
        let text = fs::read_to_string(&place).with_context(|| format!("{path} cannot be read"))?;
        out.push(File {
            path: path.to_owned(),
            text,
        });
    }
    Ok(out)
}

fn is_ours(path: &str) -> bool {
    let kind = Path::new(path)
        .extension()
        .and_then(|kind| kind.to_str())
        .unwrap_or_default();
    let recorded = path.starts_with("crates/testkit/scenarios/") || path.ends_with("package-lock.json");
    !recorded && (OURS.contains(&kind) || path == ".ci/run")
}

/// What is wrong with single files.
///
/// # Errors
/// None so far; told alike with the other rules.
pub fn check(files: &[File]) -> Result<Vec<Finding>> {
    let mut out = Vec::new();
    for file in files {
        if file.is_rust() {
            length(file, &mut out);
            header(file, &mut out);
            pasted_sql(file, &mut out);
        }
        words(file, &mut out);
    }
    Ok(out)
}

fn length(file: &File, out: &mut Vec<Finding>) {
    let lines = file.text.lines().count();
    if lines > TOO_LONG {
        out.push(Finding::new(&file.path, format!("{lines} lines, at most {TOO_LONG}")));
    } else if lines > LONG {
        out.push(Finding::mild(
            &file.path,
            format!("{lines} lines, better at most {LONG}"),
        ));
    }
    if file.path.ends_with("/mod.rs") {
        out.push(Finding::new(
            &file.path,
            "a module `foo` is in `foo.rs`, its parts in `foo/`",
        ));
    }
}

fn header(file: &File, out: &mut Vec<Finding>) {
    if !file.text.starts_with("//! ") {
        out.push(Finding::new(
            &file.path,
            "begins with `//!`: what it is, and what it must never do",
        ));
    }
}

fn words(file: &File, out: &mut Vec<Finding>) {
    for (number, line) in (1..).zip(file.text.lines()) {
        for word in UNDONE.iter().chain(&PLACES).filter(|word| line.contains(**word)) {
            out.push(Finding::new(
                format!("{}:{number}", file.path),
                format!("`{word}` does not belong here"),
            ));
        }
    }
}

/// SQL made by `format!`: names and values reach statements by `Sql` alone. Tests may, they run what they made up.
fn pasted_sql(file: &File, out: &mut Vec<Finding>) {
    if file.is_test() {
        return;
    }
    let lines: Vec<&str> = file.text.lines().collect();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.contains("format!(")) {
        let rest = lines.iter().skip(at).take(STATEMENT_LINES);
        let mut statement = String::new();
        for line in rest {
            statement.push_str(line);
            if line.trim_end().ends_with(';') {
                break;
            }
        }
        let made = statement.split("format!(").nth(1).unwrap_or_default();
        let literal = made
            .trim_start()
            .trim_start_matches(['"', 'r', '#'])
            .trim_start()
            .to_ascii_lowercase();
        if line.trim_start().starts_with("//") || !SQL.iter().any(|start| literal.starts_with(start)) {
            continue;
        }
        out.push(Finding::new(
            format!("{}:{}", file.path, at + 1),
            "SQL is never made by `format!`",
        ));
    }
}

#[cfg(test)]
mod tests;
