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

/// Parts of the API that come later: in the other areas their steps wait.
const LATER: [&str; 14] = [
    "/files",
    "/assets",
    "/shares",
    "/versions",
    "/comments",
    "/flows",
    "/operations",
    "/folders",
    "/graphql",
    "/dashboards",
    "/panels",
    "/notifications",
    "/utils/import",
    "/utils/export",
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

    /// Whether a step is not counted: WebSocket steps, which are not replayed, and, outside of the
    /// areas that are reported apart, requests to parts of the API that come later.
    #[must_use]
    pub fn waits(&self, step: &Step) -> bool {
        step.is_socket() || (!is_apart(self.area()) && LATER.iter().any(|p| is_below(&step.path, p)))
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
