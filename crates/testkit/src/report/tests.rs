//! How a step is told.

use serde_json::json;

use super::Outcome;
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

#[test]
fn steps_are_told() {
    let step = &outcome("access/a", ".").steps[0];
    assert_eq!((step.number, step.title.as_str()), (1, "GET /x as admin  # why"));
}
