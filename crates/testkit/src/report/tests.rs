//! The table of a run.

use serde_json::json;

use super::{Outcome, Report};
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
        'x' => vec!["no".to_owned()],
        _ => vec![],
    });
    Outcome::new(&scenario, differences.collect(), None)
}

fn report(outcomes: &[(&str, &str)]) -> Report {
    let scenarios = outcomes.iter().map(|(label, kinds)| outcome(label, kinds));
    Report {
        scenarios: scenarios.collect(),
        whole: true,
    }
}

#[test]
fn steps_are_told() {
    let step = &outcome("access/a", ".").steps[0];
    assert_eq!((step.number, step.title.as_str()), (1, "GET /x as admin  # why"));
}

#[test]
fn areas_that_come_later_stand_apart() {
    let report = report(&[
        ("access/a", "..x"),
        ("access/b", ".w"),
        ("files/a", ".x"),
        ("items/a", "..."),
    ]);
    assert_eq!(
        report.summary(),
        "area          passed  counted  waits        %\n\
         access             3        4      1     75.0\n\
         items              3        3      0    100.0\n\
         reported apart:\n\
         files              1        2      0     50.0\n\
         whole scenarios: 2 of 4\n\
         6 passed, 1 failed"
    );
}

#[test]
fn a_selection_of_later_areas_counts_them() {
    let summary = report(&[("files/a", ".xx")]).summary();
    assert!(
        summary.contains("files              1        3      0     33.3\n"),
        "{summary}"
    );
    assert!(summary.ends_with("\n1 passed, 2 failed"), "{summary}");
    assert!(report(&[]).summary().ends_with("\n0 passed, 0 failed"));
}
