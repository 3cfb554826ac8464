//! Every recorded scenario can be read, and the right steps wait.

use serde_json::json;

use super::{ABOUT, FEATURES, LATER, Scenario, load_scenarios, scenario_dir};

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

fn features(scenario: &Scenario) -> Vec<Option<&'static str>> {
    scenario.steps.iter().map(|step| scenario.feature(step)).collect()
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
fn later_parts_have_features() {
    let steps = [
        ("GET", "/files", Some("files")),
        ("GET", "/files/x?y", Some("files")),
        ("GET", "/filesystem", None),
        ("POST", "/utils/export/a", Some("files")),
        ("GET", "/utils/hash", None),
        ("POST", "/graphql", Some("GraphQL")),
        ("WS", "/websocket", Some("WebSocket")),
        ("GET", "/items/files", None),
    ];
    let requests = steps.map(|(method, path, _)| (method, path));
    let scenario_of = |label: &str| features(&scenario(label, &requests));
    assert_eq!(scenario_of("access/x"), steps.map(|(_, _, feature)| feature));
    let about = steps.map(|(_, _, feature)| feature.or(Some("flows")));
    assert_eq!(scenario_of("system/flows-crud"), about);
    let named = LATER.iter().chain(&ABOUT).map(|(_, feature)| feature);
    assert!(named.chain(&["WebSocket"]).all(|feature| FEATURES.contains(feature)));
}

#[test]
fn unknown_keys_are_refused() {
    let step = json!({"method": "GET", "path": "/", "expect": {}, "expects": {}});
    let value = json!({"name": "n", "about": "a", "steps": [step]});
    assert!(serde_json::from_value::<Scenario>(value).is_err());
}
