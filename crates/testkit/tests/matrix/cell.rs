//! One cell: what an answer and the database say of an attempt, in a few signs. The same answer has to give the same
//! signs at every run: no id, no date, no duration.

use std::collections::{BTreeMap, BTreeSet};

use aedile_testkit::fixture::Reply;
use serde_json::Value;

use super::{collections::Spec, project::Request};

/// The cell of a path that is not served with that method.
pub const NO_ROUTE: &str = "·";

/// History follows every write and is not told of.
const HISTORY: [&str; 2] = ["directus_activity", "directus_revisions"];

/// What became of a table's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    more: usize,
    less: usize,
    changed: usize,
}

impl Diff {
    /// Rows are compared as text: a row that is gone and one that is new make a changed one.
    pub fn between(was: &[String], is: &[String]) -> Diff {
        let gone = was.iter().filter(|row| !is.contains(row)).count();
        let new = is.iter().filter(|row| !was.contains(row)).count();
        let changed = gone.min(new);
        Diff {
            more: new - changed,
            less: gone - changed,
            changed,
        }
    }

    fn told(self) -> String {
        let mut told = String::new();
        for (sign, count) in [('+', self.more), ('-', self.less), ('~', self.changed)] {
            if count > 0 {
                told.push_str(&format!(" {sign}{count}"));
            }
        }
        told
    }
}

/// What came of an attempt.
pub struct Cell {
    pub text: String,
    pub allowed: bool,
    /// The fields that were seen.
    pub fields: BTreeSet<String>,
}

/// The cell of an answer and of what the database has of it.
pub fn of(request: &Request, reply: &Reply, diffs: &BTreeMap<String, Diff>, spec: Option<&Spec>) -> Cell {
    let json: Value = serde_json::from_str(&reply.text).unwrap_or_default();
    let code = json
        .pointer("/errors/0/extensions/code")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut cell = Cell {
        text: String::new(),
        allowed: reply.status < 400,
        fields: BTreeSet::new(),
    };
    if !cell.allowed {
        cell.text = match (reply.status, code) {
            (404, "ROUTE_NOT_FOUND") => NO_ROUTE.to_owned(),
            (status, "FORBIDDEN") => format!("✘ {status}"),
            (status, code) => format!("✘ {status} {code}"),
        };
        return cell;
    }
    cell.text = format!("✔ {}", reply.status);
    let data = json.get("data").unwrap_or(&json);
    cell.fields = fields(data);
    match spec {
        Some(spec) => cell.text.push_str(&seen(data, spec)),
        None => cell.text.push_str(&size(data)),
    }
    if !["GET", "SEARCH"].contains(&request.method) {
        cell.text.push_str(&written(diffs, spec));
    } else if !diffs.is_empty() {
        cell.text.push_str(" WRITES");
        cell.text.push_str(&written(diffs, None));
    }
    cell
}

/// Rows and fields, of all there are.
fn seen(data: &Value, spec: &Spec) -> String {
    let fields = fields(data).len();
    match data {
        Value::Null => String::new(),
        Value::Array(rows) if rows.is_empty() => " []".to_owned(),
        Value::Array(rows) if fields > 0 => format!(" {} rows, {fields} f.{}", rows.len(), which(rows, spec)),
        Value::Array(rows) => format!(" {} keys", rows.len()),
        _ => format!(" {fields} f."),
    }
}

/// Whether the rows are the app user's own alone.
fn which(rows: &[Value], spec: &Spec) -> String {
    let has = |key: &Value| rows.iter().any(|row| row.get(spec.key) == Some(key));
    match (has(&spec.one), has(&spec.two)) {
        (true, false) => " one".to_owned(),
        (false, true) => " two".to_owned(),
        _ => String::new(),
    }
}

/// How much an answer tells.
fn size(data: &Value) -> String {
    match data {
        Value::Array(rows) => format!(" {} rows", rows.len()),
        Value::Object(object) => format!(" {} f.", object.len()),
        Value::Bool(truth) => format!(" {truth}"),
        _ => String::new(),
    }
}

fn fields(data: &Value) -> BTreeSet<String> {
    let of = |row: &Value| row.as_object().map(|row| row.keys().cloned().collect::<Vec<_>>());
    match data {
        Value::Array(rows) => rows.iter().filter_map(of).flatten().collect(),
        other => of(other).into_iter().flatten().collect(),
    }
}

/// What was written: the collection's own rows first, then which other tables, history left out.
fn written(diffs: &BTreeMap<String, Diff>, spec: Option<&Spec>) -> String {
    let own = spec
        .and_then(|spec| diffs.get(spec.collection))
        .copied()
        .unwrap_or_default()
        .told();
    let mut told = own.clone();
    for (table, diff) in diffs {
        let history = HISTORY.contains(&table.as_str());
        if !history && spec.is_none_or(|spec| spec.collection != table) {
            told.push_str(&format!(
                " {}{}",
                table.trim_start_matches("directus_"),
                diff.told().replace(' ', "")
            ));
        }
    }
    if told.is_empty() { " =".to_owned() } else { told }
}
