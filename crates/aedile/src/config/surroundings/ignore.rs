//! Which files git ignores, by the patterns of its own files. What it does not understand counts as not ignored.

use std::path::{Path, PathBuf};

/// Patterns that are in force, the last one having the last word.
#[derive(Default)]
pub(super) struct Ignored(Vec<Pattern>);

struct Pattern {
    /// The folder whose file it stands in.
    base: PathBuf,
    /// Its parts between slashes.
    parts: Vec<String>,
    /// Whether it begins at that folder, or anywhere below.
    is_anchored: bool,
    /// Whether it is about folders alone.
    is_folder: bool,
    /// Whether it takes back what others ignore.
    keeps: bool,
}

impl Ignored {
    /// Adds the lines of a file in this folder.
    pub fn add(&mut self, base: &Path, text: &str) {
        self.0.extend(text.lines().filter_map(|line| Pattern::read(base, line)));
    }

    /// Whether a path is ignored. What lies in an ignored folder is never asked for.
    pub fn has(&self, path: &Path, is_folder: bool) -> bool {
        let last = self.0.iter().rev().find(|pattern| pattern.fits(path, is_folder));
        last.is_some_and(|pattern| !pattern.keeps)
    }
}

impl Pattern {
    fn read(base: &Path, line: &str) -> Option<Pattern> {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (keeps, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (is_folder, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        Some(Pattern {
            base: base.to_owned(),
            is_anchored: line.contains('/'),
            parts: line
                .split('/')
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
            is_folder,
            keeps,
        })
    }

    fn fits(&self, path: &Path, is_folder: bool) -> bool {
        let Ok(below) = path.strip_prefix(&self.base) else {
            return false;
        };
        let names: Vec<String> = below.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        if self.is_folder && !is_folder {
            return false;
        }
        if self.is_anchored {
            return parts_fit(&self.parts, &names);
        }
        match (self.parts.first(), names.last()) {
            (Some(pattern), Some(name)) => name_fits(pattern.as_bytes(), name.as_bytes()),
            _ => false,
        }
    }
}

/// Whether parts of a pattern fit names one by one; `**` stands for any number of them.
fn parts_fit(parts: &[String], names: &[String]) -> bool {
    match (parts, names) {
        ([], []) => true,
        ([any, rest @ ..], _) if any == "**" => {
            parts_fit(rest, names) || names.split_first().is_some_and(|(_, names)| parts_fit(parts, names))
        }
        ([part, parts @ ..], [name, names @ ..]) => {
            name_fits(part.as_bytes(), name.as_bytes()) && parts_fit(parts, names)
        }
        _ => false,
    }
}

/// Whether a pattern with `*` and `?` fits a name.
fn name_fits(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => {
            name_fits(rest, name) || name.split_first().is_some_and(|(_, name)| name_fits(pattern, name))
        }
        ([b'?', pattern @ ..], [_, name @ ..]) => name_fits(pattern, name),
        ([one, pattern @ ..], [other, name @ ..]) => one == other && name_fits(pattern, name),
        _ => false,
    }
}
