//! Where values come from: the process environment first, then one file (`CONFIG_PATH`, or `.env` in the working folder).
//! It never repeats a file's content in a complaint: it may hold secrets.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::raw::Raw;
use super::{Problem, dotenv, suggest, table};

/// The variable that names the configuration file; it is read from the environment alone.
pub const CONFIG_PATH: &str = "CONFIG_PATH";
/// The file that is read when there is no `CONFIG_PATH`; it may be missing.
const DEFAULT_FILE: &str = ".env";
/// A variable with this ending names a file that holds the value.
const FILE_SUFFIX: &str = "_FILE";

/// Where one value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nowhere: the default applies.
    Default,
    /// In the process environment.
    Environment,
    /// In the configuration file, and on which line where that is known.
    File(PathBuf, Option<usize>),
    /// In a file of its own, named by `<NAME>_FILE` in the other source.
    ValueFile(PathBuf, Box<Source>),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Environment => f.write_str("environment"),
            Self::File(path, Some(line)) => write!(f, "{}, line {line}", path.display()),
            Self::File(path, None) => write!(f, "{}", path.display()),
            Self::ValueFile(path, via) => write!(f, "{}, named in {via}", path.display()),
        }
    }
}

/// A value and where it was found; the error says what is wrong with how it is written.
pub struct Found {
    /// The text to show in a complaint.
    pub text: String,
    /// The value; `None` inside means "not set" (JSON's `null`).
    pub raw: Result<Option<Raw>, &'static str>,
    /// Where it was found.
    pub source: Source,
}

#[derive(Debug)]
enum Written {
    Text(String),
    Json(Value),
    NotUnicode,
}

type Layer = BTreeMap<String, (Written, Source)>;

/// All places where a setting may be written.
pub struct Sources {
    folder: PathBuf,
    layers: [Layer; 2],
    /// What was wrong with a source as a whole.
    pub problems: Vec<Problem>,
    /// What looks like a slip but stops nothing.
    pub warnings: Vec<String>,
}

impl Sources {
    /// Reads the environment as given and the configuration file, which is looked for in `folder`.
    pub fn read(environment: impl IntoIterator<Item = (OsString, OsString)>, folder: &Path) -> Self {
        let mut env = Layer::new();
        for (name, value) in environment {
            let Ok(name) = name.into_string() else {
                continue;
            };
            let written = value.into_string().map_or(Written::NotUnicode, Written::Text);
            env.insert(name, (written, Source::Environment));
        }
        let named = match env.get(CONFIG_PATH) {
            Some((Written::Text(path), _)) if !path.is_empty() => Ok(Some(PathBuf::from(path))),
            Some((Written::NotUnicode, _)) => Err(Problem(format!("{CONFIG_PATH} (environment) is not valid UTF-8."))),
            _ => Ok(None),
        };
        let mut sources = Self {
            folder: folder.to_owned(),
            layers: [env, Layer::new()],
            problems: Vec::new(),
            warnings: Vec::new(),
        };
        match named {
            Ok(named) => sources.read_file(named.as_deref()),
            Err(problem) => sources.problems.push(problem),
        }
        sources
    }

    fn read_file(&mut self, named: Option<&Path>) {
        let path = named.unwrap_or(Path::new(DEFAULT_FILE));
        let text = match std::fs::read_to_string(self.folder.join(path)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => return,
            Err(error) => {
                let via = if named.is_some() { " (named by CONFIG_PATH)" } else { "" };
                let why = format!(
                    "the configuration file {}{via} cannot be read: {error}.",
                    path.display()
                );
                return self.problems.push(Problem(why));
            }
        };
        let extension = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let document = match extension.to_ascii_lowercase().as_str() {
            "json" => json(&text),
            "yaml" | "yml" => yaml(&text),
            "toml" => toml(&text),
            "js" | "cjs" | "mjs" | "ts" => Err("is a program; write it as JSON, YAML, TOML or .env".into()),
            _ => return self.take_lines(path, &text),
        };
        match document {
            Ok(map) => self.take_document(path, map),
            Err(why) => self
                .problems
                .push(Problem(format!("the configuration file {} {why}.", path.display()))),
        }
    }

    fn take_lines(&mut self, path: &Path, text: &str) {
        let (lines, complaints) = dotenv::parse(text);
        for (number, why) in complaints {
            self.problems
                .push(Problem(format!("{}, line {number}: {why}.", path.display())));
        }
        for line in lines {
            let source = Source::File(path.to_owned(), Some(line.number));
            self.take(line.name, Written::Text(line.value), source);
        }
    }

    fn take_document(&mut self, path: &Path, map: Map<String, Value>) {
        for (name, value) in map {
            self.take(name, Written::Json(value), Source::File(path.to_owned(), None));
        }
    }

    /// Keeps one entry of the configuration file, and says so when its name looks like a slip.
    fn take(&mut self, name: String, written: Written, source: Source) {
        let stem = name.strip_suffix(FILE_SUFFIX).unwrap_or(&name);
        if !table::is_known(&name)
            && !table::is_known(stem)
            && let Some(near) = suggest::nearest(stem, table::plain_names())
        {
            self.warnings
                .push(format!("{name} ({source}) is not a setting; did you mean {near}?"));
        }
        let [_, file] = &mut self.layers;
        file.insert(name, (written, source));
    }

    /// The value of a variable from the first source that has it, under its own name or as `<NAME>_FILE`.
    /// An empty text counts only where `empty_counts`; otherwise the search goes on.
    pub fn find(&self, name: &str, empty_counts: bool) -> Result<Option<Found>, Problem> {
        let file_name = format!("{name}{FILE_SUFFIX}");
        let blank = |written: &Written| match written {
            Written::Text(text) | Written::Json(Value::String(text)) => text.is_empty(),
            _ => false,
        };
        for layer in &self.layers {
            let direct = layer.get(name).filter(|(written, _)| empty_counts || !blank(written));
            let by_file = layer.get(&file_name).filter(|(written, _)| !blank(written));
            match (direct, by_file) {
                (None, None) => {}
                (Some((written, source)), None) => return found(name, written, source).map(Some),
                (None, Some((written, source))) => {
                    return self.found_in_file(&file_name, written, source).map(Some);
                }
                (Some((_, source)), Some((_, other))) => {
                    let why = format!("{name} ({source}) and {file_name} ({other}) are both set; keep one of them.");
                    return Err(Problem(why));
                }
            }
        }
        Ok(None)
    }

    /// The names of variables that are written somewhere and begin so.
    pub fn beginning(&self, start: &str) -> Vec<&str> {
        let names = self.layers.iter().flat_map(|layer| layer.keys());
        let mut names: Vec<&str> = names
            .map(String::as_str)
            .filter(|name| name.starts_with(start))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn found_in_file(&self, name: &str, written: &Written, source: &Source) -> Result<Found, Problem> {
        let path = match written {
            Written::Text(path) | Written::Json(Value::String(path)) => PathBuf::from(path),
            _ => {
                return Err(Problem(format!("{name} ({source}) takes the path of a file.")));
            }
        };
        match std::fs::read_to_string(self.folder.join(&path)) {
            Ok(text) => {
                let text = text
                    .strip_suffix('\n')
                    .map_or(text.as_str(), |cut| cut.strip_suffix('\r').unwrap_or(cut));
                let raw = Raw::read(text);
                let source = Source::ValueFile(path, Box::new(source.clone()));
                Ok(Found {
                    text: text.to_owned(),
                    raw,
                    source,
                })
            }
            Err(error) => {
                let why = format!(
                    "{name} ({source}) names the file {}, which cannot be read: {error}.",
                    path.display()
                );
                Err(Problem(why))
            }
        }
    }
}

fn found(name: &str, written: &Written, source: &Source) -> Result<Found, Problem> {
    let (text, raw) = match written {
        Written::Text(text) => (text.clone(), Raw::read(text)),
        Written::Json(Value::String(text)) => (text.clone(), Raw::read(text)),
        Written::Json(value) => (value.to_string(), Raw::from_json(value, true)),
        Written::NotUnicode => {
            return Err(Problem(format!("{name} ({source}) is not valid UTF-8.")));
        }
    };
    Ok(Found {
        text,
        raw,
        source: source.clone(),
    })
}

type Document = Result<Map<String, Value>, String>;

const NOT_A_MAP: &str = "is not an object of names and values";

fn json(text: &str) -> Document {
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(NOT_A_MAP.into()),
        Err(error) => Err(malformed("JSON", error.line(), error.column())),
    }
}

fn yaml(text: &str) -> Document {
    match yaml_serde::from_str(text) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(NOT_A_MAP.into()),
        Err(error) => {
            let (line, column) = error.location().map_or((1, 1), |at| (at.line(), at.column()));
            Err(malformed("YAML", line, column))
        }
    }
}

fn toml(text: &str) -> Document {
    match toml::from_str(text) {
        Ok(map) => Ok(map),
        Err(error) => {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            Err(malformed("TOML", line, column))
        }
    }
}

fn malformed(format: &str, line: usize, column: usize) -> String {
    format!("is not well-formed {format} (line {line}, column {column})")
}
