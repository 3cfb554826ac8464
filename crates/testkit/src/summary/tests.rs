//! The table of a run.

use std::fs;

use serde_json::{Map, json};
use tempfile::TempDir;

use super::summary;
use crate::ledger::Ledger;
use crate::report::{Outcome, Report};
use crate::scenario::Scenario;

/// `.` passes, `x` fails, `w` waits.
fn outcome(label: &str, kinds: &str) -> Outcome {
    let steps = kinds.chars().map(|kind| {
        let method = if kind == 'w' { "WS" } else { "GET" };
        json!({"method": method, "path": "/x", "note": "why", "expect": {}})
    });
    let value = json!({"name": "n", "about": "a", "steps": steps.collect::<Vec<_>>()});
    let scenario: Scenario = serde_json::from_value(value).unwrap();
    let scenario = Scenario {
        label: label.to_owned(),
        ..scenario
    };
    let differences = kinds.chars().map(|kind| match kind {
        '.' => vec![],
        _ => vec!["no".to_owned()],
    });
    Outcome::new(&scenario, differences.collect(), None)
}

/// The summary of a run by a ledger of these lines.
fn told(outcomes: &[(&str, &str)], lines: &[(&str, &str)]) -> String {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger.json");
    let lines: Map<_, _> = lines
        .iter()
        .map(|(label, line)| ((*label).to_owned(), json!(line)))
        .collect();
    fs::write(&path, json!(lines).to_string()).unwrap();
    let ledger = Ledger::load(&path).unwrap();
    let scenarios = outcomes.iter().map(|(label, kinds)| outcome(label, kinds));
    let report = Report {
        scenarios: scenarios.collect(),
        whole: true,
    };
    summary(&report, &ledger)
}

#[test]
fn areas_that_come_later_stand_apart() {
    let outcomes = [
        ("access/a", "..xx"),
        ("access/b", ".wx"),
        ("files/a", ".x"),
        ("items/a", "...xx"),
    ];
    let lines = [
        ("access/a", "1-3 of 4; differs: One 4"),
        ("access/b", "1 of 3; waiting: WebSocket 2; other: why 3"),
        ("files/a", "1 of 2; waiting: files 2"),
        ("items/a", "1-3 of 5; todo: a thing 4-5"),
    ];
    assert_eq!(
        told(&outcomes, &lines),
        "area          passed  failed  waiting  differs  other  todo        %\n\
         access             3       1        1        1      1     0     50.0\n\
         items              3       0        0        0      0     2     60.0\n\
         reported apart:\n\
         files              1       0        1        0      0     0    100.0\n\
         whole scenarios: 1 of 4\n\
         6 passed, 5 failed"
    );
}

#[test]
fn a_selection_of_later_areas_counts_them() {
    let summary = told(&[("files/a", ".xx")], &[]);
    assert!(summary.ends_with("\n1 passed, 2 failed"), "{summary}");
    assert!(told(&[], &[]).ends_with("\n0 passed, 0 failed"));
}
