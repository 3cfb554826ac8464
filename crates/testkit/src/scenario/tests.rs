//! Every recorded scenario can be read, and the right steps wait.

use serde_json::json;

use super::{Scenario, load_scenarios, scenario_dir};

fn scenario(label: &str, steps: &[(&str, &str)]) -> Scenario {
    let steps = steps.iter().map(|(method, path)| {
        let ws = (*method == "WS").then(|| json!({}));
        json!({"method": method, "path": path, "ws": ws, "expect": {"status": 200}})
    });
    let value = json!({"name": "n", "about": "a", "steps": steps.collect::<Vec<_>>()});
    let scenario: Scenario = serde_json::from_value(value).unwrap();
    Scenario {
        label: label.to_owned(),
        ..scenario
    }
}

fn waiting(scenario: &Scenario) -> Vec<bool> {
    scenario.steps.iter().map(|step| scenario.waits(step)).collect()
}

#[test]
fn every_recorded_scenario_is_read() {
    let all = load_scenarios(&scenario_dir(), &[]).unwrap();
    assert!(all.len() >= 144, "{}", all.len());
    assert!(all.is_sorted_by_key(|scenario| &scenario.label));
    assert!(all.iter().all(|scenario| !scenario.steps.is_empty()));
    let some = load_scenarios(&scenario_dir(), &["auth/env-cors".to_owned()]).unwrap();
    let labels: Vec<_> = some.iter().map(|scenario| scenario.label.as_str()).collect();
    assert_eq!(labels, ["auth/env-cors", "auth/env-cors-list"]);
    assert_eq!(some[0].env["CORS_ENABLED"], "true");
}

#[test]
fn later_parts_wait() {
    let steps = [
        ("GET", "/files"),
        ("GET", "/files/x?y"),
        ("GET", "/filesystem"),
        ("GET", "/utils/import/a"),
        ("GET", "/utils/hash"),
        ("POST", "/graphql"),
        ("WS", "/websocket"),
        ("GET", "/items/files"),
    ];
    let counted = scenario("access/x", &steps);
    assert_eq!(waiting(&counted), [true, true, false, true, false, true, true, false]);
    let apart = scenario("files/x", &steps);
    assert_eq!(waiting(&apart), [false, false, false, false, false, false, true, false]);
}

#[test]
fn unknown_keys_are_refused() {
    let step = json!({"method": "GET", "path": "/", "expect": {}, "expects": {}});
    let value = json!({"name": "n", "about": "a", "steps": [step]});
    assert!(serde_json::from_value::<Scenario>(value).is_err());
}
