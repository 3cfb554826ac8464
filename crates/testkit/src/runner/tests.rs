//! Order, parallel work, and what a second run changes.

use std::path::Path;

use serde_json::json;

use super::{merge, run, run_side_by_side};
use crate::backend::Backend;
use crate::ledger::Ledger;
use crate::report::{Outcome, Report};
use crate::scenario::Scenario;

fn scenario(label: &str) -> Scenario {
    let step = json!({"method": "GET", "path": "/x", "expect": {}});
    let value = json!({"name": "n", "about": "a", "steps": [step, step, step]});
    let scenario: Scenario = serde_json::from_value(value).unwrap();
    Scenario {
        label: label.to_owned(),
        ..scenario
    }
}

/// `.` passes, `x` fails.
fn outcome(kinds: &str) -> Outcome {
    let differences = kinds.chars().map(|kind| match kind {
        'x' => vec!["no".to_owned()],
        _ => vec![],
    });
    Outcome::new(&scenario("a/x"), differences.collect(), None)
}

#[test]
fn every_scenario_is_run_once() {
    let scenarios: Vec<_> = (0..50).map(|n| scenario(&format!("a/{n:02}"))).collect();
    let done = run_side_by_side(&scenarios, 7, |scenario| Outcome::new(scenario, vec![], None));
    let labels: Vec<_> = done.iter().map(|outcome| outcome.label.as_str()).collect();
    let expected: Vec<_> = scenarios.iter().map(|scenario| scenario.label.as_str()).collect();
    assert_eq!(labels, expected);
}

#[test]
fn a_step_that_agrees_once_agrees() {
    let mut ledger = Ledger::default();
    ledger.record(&Report {
        scenarios: vec![outcome("..x")],
        whole: true,
    });
    let mut first = outcome("x..");
    merge(&mut first, outcome("..x"), &ledger);
    assert!(ledger.compare_outcome(&first).is_empty(), "both were flaky");
    let mut first = outcome("x.x");
    merge(&mut first, outcome("xxx"), &ledger);
    assert_eq!(ledger.compare_outcome(&first).len(), 1, "step 1 failed twice, 2 once");
}

#[test]
fn a_server_that_does_not_start_fails_every_step() {
    let outcome = run(Path::new("/nowhere/aedile"), &Backend::Sqlite, &scenario("a/x"));
    assert!(!outcome.started);
    assert_eq!(outcome.steps.iter().filter(|step| !step.passes()).count(), 3);
    let trouble = outcome.trouble.unwrap();
    assert!(trouble.starts_with("starting /nowhere/aedile: "), "{trouble}");
}
