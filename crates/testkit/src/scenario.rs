//! Recorded scenarios as data: what a step sends, and how its answer is compared. Reading one
//! must never guess: a key that is not known here is an error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Areas that are replayed and recorded, but reported apart until their turn has come.
const APART: [&str; 5] = ["content", "files", "graphql", "realtime", "system"];

/// What comes later.
pub(crate) const FEATURES: [&str; 8] = [
    "files",
    "shares",
    "versions",
    "comments",
    "flows",
    "GraphQL",
    "WebSocket",
    "extensions",
];

/// Parts of the API that come later, by the beginning of the path, and what they wait for.
const LATER: [(&str, &str); 12] = [
    ("/files", "files"),
    ("/assets", "files"),
    ("/folders", "files"),
    ("/shares", "shares"),
    ("/versions", "versions"),
    ("/comments", "comments"),
    ("/flows", "flows"),
    ("/operations", "flows"),
    ("/graphql", "GraphQL"),
    ("/utils/export", "files"),
    ("/extensions", "extensions"),
    ("/server/specs/graphql", "GraphQL"),
];

/// Scenarios that are about one feature alone, by the beginning of their label.
const ABOUT: [(&str, &str); 6] = [
    ("content/comments", "comments"),
    ("content/shares", "shares"),
    ("content/versions", "versions"),
    ("files/", "files"),
    ("graphql/", "GraphQL"),
    ("system/flows-", "flows"),
];

/// Requests in order, replayed together on one server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Path below the folder, without `.json`: `access/structure`.
    #[serde(skip)]
    pub label: String,
    /// The scenario's own name.
    pub name: String,
    /// What it shows, in words.
    pub about: String,
    /// Environment that the server has to be started with.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The requests.
    pub steps: Vec<Step>,
}

/// One request and the answer the reference gave.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// `admin`, `public`, or a bearer token, mostly a `{{saved}}` one.
    #[serde(rename = "as")]
    who: Option<String>,
    /// The HTTP method, or `WS`.
    pub method: String,
    /// The path, variables unfilled.
    pub path: String,
    /// What the step is about, for people.
    pub note: Option<String>,
    pub(crate) query: Option<Value>,
    pub(crate) body: Option<Value>,
    pub(crate) form: Option<Value>,
    #[serde(default)]
    pub(crate) headers: Map<String, Value>,
    #[serde(default)]
    pub(crate) save: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) ignore: Vec<String>,
    #[serde(default)]
    pub(crate) unordered: Vec<String>,
    #[serde(default)]
    pub(crate) pick: Vec<String>,
    #[serde(default)]
    pub(crate) check_headers: Vec<String>,
    #[serde(default)]
    pub(crate) decode: Vec<String>,
    #[serde(rename = "match")]
    matching: Option<String>,
    /// Seconds to wait before the request.
    #[serde(default)]
    pub(crate) sleep: f64,
    ws: Option<Value>,
    pub(crate) expect: Map<String, Value>,
}

impl Scenario {
    /// The first part of the label.
    #[must_use]
    pub fn area(&self) -> &str {
        area(&self.label)
    }

    /// The feature that a step waits for if it fails: WebSocket steps, which are not replayed, requests to parts of the
    /// API that come later, and scenarios that are about nothing else.
    #[must_use]
    pub fn feature(&self, step: &Step) -> Option<&'static str> {
        if step.is_socket() {
            return Some("WebSocket");
        }
        let path = LATER.iter().find(|(path, _)| is_below(&step.path, path));
        let about = || ABOUT.iter().find(|(label, _)| self.label.starts_with(label));
        path.or_else(about).map(|(_, feature)| *feature)
    }
}

impl Step {
    /// Who asks, variables unfilled.
    #[must_use]
    pub fn who(&self) -> &str {
        self.who.as_deref().unwrap_or("admin")
    }

    /// `exact`, `subset` or `status`.
    pub(crate) fn matching(&self) -> &str {
        self.matching.as_deref().unwrap_or("exact")
    }

    /// Whether it speaks WebSocket, which is not replayed.
    pub(crate) fn is_socket(&self) -> bool {
        self.ws.is_some() || self.method == "WS"
    }
}

/// The area of a scenario's label.
pub(crate) fn area(label: &str) -> &str {
    label.split('/').next().unwrap_or(label)
}

/// Whether an area is reported apart from those that count.
pub(crate) fn is_apart(area: &str) -> bool {
    APART.contains(&area)
}

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

/// Where this crate's recorded scenarios are.
#[must_use]
pub fn scenario_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Reads every scenario below `dir` whose label contains one of `filter` (all if it is empty),
/// sorted by label.
///
/// # Errors
/// A folder or file that cannot be read, or a file that is no scenario.
pub fn load_scenarios(dir: &Path, filter: &[String]) -> Result<Vec<Scenario>> {
    let mut out = Vec::new();
    for path in json_files(dir).with_context(|| format!("reading {}", dir.display()))? {
        let label = path.strip_prefix(dir)?.with_extension("");
        let label = label.to_string_lossy().replace('\\', "/");
        if !filter.is_empty() && !filter.iter().any(|part| label.contains(part)) {
            continue;
        }
        let text = fs::read(&path)?;
        let scenario: Result<Scenario, _> = serde_json::from_slice(&text);
        let scenario = scenario.with_context(|| format!("reading {}", path.display()))?;
        out.push(Scenario { label, ..scenario });
    }
    out.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(out)
}

fn json_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            out.extend(json_files(&path)?);
        } else if path.extension().is_some_and(|kind| kind == "json") {
            out.push(path);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
