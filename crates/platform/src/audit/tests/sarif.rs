//! The log for pipelines against the rules of its form (SARIF 2.1.0, sections 3.13 to 3.58 and its schema): what each object has
//! to have, what it may have, and which values are told. Objects of that form take no other members than their own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    project::Project,
    spoilt::{SPOILT, secret, variable},
    *,
};

/// What may stand in a place.
#[derive(Clone, Copy)]
enum Form {
    Text,
    /// A text that is a reference to an address.
    Address,
    Truth,
    /// A place in a list, or -1.
    Place,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// Any number of these.
    List(&'static Form),
    /// Any members, all texts.
    Texts,
    /// Whatever somebody wants to add.
    Bag,
    /// Members that have to be there, and others that may be.
    Object(&'static [(&'static str, Form)], &'static [(&'static str, Form)]),
}

use Form::{Address, Bag, List, Object, OneOf, Place, Text, Texts, Truth};

const LEVEL: Form = OneOf(&["none", "note", "warning", "error"]);
const MULTIFORMAT: Form = Object(&[("text", Text)], &[("markdown", Text)]);
const MESSAGE: Form = Object(&[("text", Text)], &[("markdown", Text), ("id", Text)]);
const RULE: Form = Object(
    &[("id", Text)],
    &[
        ("name", Text),
        ("shortDescription", MULTIFORMAT),
        ("fullDescription", MULTIFORMAT),
        ("help", MULTIFORMAT),
        ("helpUri", Address),
        (
            "defaultConfiguration",
            Object(&[], &[("level", LEVEL), ("enabled", Truth)]),
        ),
        ("properties", Bag),
    ],
);
const COMPONENT: Form = Object(
    &[("name", Text)],
    &[("version", Text), ("informationUri", Address), ("rules", List(&RULE))],
);
const NOTIFICATION: Form = Object(&[("message", MESSAGE)], &[("level", LEVEL)]);
const INVOCATION: Form = Object(
    &[("executionSuccessful", Truth)],
    &[("toolExecutionNotifications", List(&NOTIFICATION))],
);
const LOGICAL: Form = Object(&[], &[("fullyQualifiedName", Text), ("name", Text), ("kind", Text)]);
const PHYSICAL: Form = Object(&[("artifactLocation", Object(&[("uri", Address)], &[]))], &[]);
const LOCATION: Form = Object(
    &[],
    &[("logicalLocations", List(&LOGICAL)), ("physicalLocation", PHYSICAL)],
);
const SUPPRESSION: Form = Object(
    &[("kind", OneOf(&["inSource", "external"]))],
    &[
        ("justification", Text),
        ("status", OneOf(&["accepted", "underReview", "rejected"])),
    ],
);
const RESULT: Form = Object(
    &[("message", MESSAGE)],
    &[
        ("ruleId", Text),
        ("ruleIndex", Place),
        ("level", LEVEL),
        ("locations", List(&LOCATION)),
        ("partialFingerprints", Texts),
        ("suppressions", List(&SUPPRESSION)),
    ],
);
const RUN: Form = Object(
    &[("tool", Object(&[("driver", COMPONENT)], &[]))],
    &[("invocations", List(&INVOCATION)), ("results", List(&RESULT))],
);
const LOG: Form = Object(
    &[("version", OneOf(&["2.1.0"])), ("runs", List(&RUN))],
    &[("$schema", Address)],
);

/// Everything that does not fit, with its place.
fn faults(form: Form, json: &Value, place: &str, found: &mut Vec<String>) {
    let fits = match (form, json) {
        (Text, Value::String(text)) => !text.is_empty(),
        (Address, Value::String(text)) => text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)),
        (OneOf(known), Value::String(text)) => known.contains(&text.as_str()),
        (Place, json) => json.as_i64().is_some_and(|place| place >= -1),
        (Truth, json) => json.is_boolean(),
        (Bag, json) => json.is_object(),
        (Texts, Value::Object(members)) => members.values().all(Value::is_string),
        (List(one), Value::Array(list)) => {
            for (n, json) in list.iter().enumerate() {
                faults(*one, json, &format!("{place}[{n}]"), found);
            }
            true
        }
        (Object(needed, possible), Value::Object(members)) => {
            for (name, _) in needed.iter().filter(|(name, _)| !members.contains_key(*name)) {
                found.push(format!("{place}.{name} is missing"));
            }
            for (name, json) in members {
                match needed.iter().chain(possible).find(|(known, _)| known == name) {
                    Some((_, form)) => faults(*form, json, &format!("{place}.{name}"), found),
                    None => found.push(format!("{place}.{name} is not known")),
                }
            }
            true
        }
        _ => false,
    };
    if !fits {
        found.push(format!("{place} is {json}"));
    }
}

fn told(json: &Value) -> Vec<String> {
    let mut found = Vec::new();
    faults(LOG, json, "log", &mut found);
    found
}

/// A log with a result of every check, one of them accepted, on files whose names are no addresses, and with notes.
async fn log() -> Value {
    let mut facts = Project::new().await.facts().await;
    for (_, spoil) in SPOILT {
        spoil(&mut facts);
    }
    secret(
        &mut facts,
        "5f1c0f5be2a94b0db0c2f6c1f2b7e4d95f1c0f5b",
        &["my \"compose\"/100%/é.yaml"],
    );
    variable(&mut facts, "WEBSOCKETS_REST_AUTH", "public");
    let mut report = judged(&facts);
    report.notes.push("something could not be looked at".to_owned());
    let accepted = "version: 1\naccepted:\n  - check: websocket-public\n    on: setting WEBSOCKETS_REST_AUTH\n    reason: Sockets are shut off.\n";
    Baseline::read(accepted).unwrap().apply(&mut report);
    report.sarif()
}

#[tokio::test]
async fn the_log_has_the_form_that_it_names() {
    let log = log().await;
    assert_eq!(told(&log), Vec::<String>::new());
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "a rule's id is its own");
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > rules.len() / 2, "{} results", results.len());
    let mut prints = BTreeSet::new();
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(
            prints.insert(result["partialFingerprints"].to_string()),
            "{result} has another's print"
        );
    }
    let files: Vec<&Value> = results
        .iter()
        .filter_map(|result| result.pointer("/locations/0/physicalLocation/artifactLocation/uri"))
        .collect();
    assert!(
        files.iter().any(|uri| **uri == "my%20%22compose%22/100%25/%C3%A9.yaml"),
        "{files:?}"
    );
}

/// What the form does not allow is noticed, or the test above would say nothing.
#[tokio::test]
async fn a_log_of_another_form_is_noticed() {
    let log = log().await;
    let spoils: [(&str, Value); 8] = [
        ("/version", "2.2".into()),
        ("/runs/0/tool/driver/name", Value::Null),
        ("/runs/0/results/0/level", "fatal".into()),
        ("/runs/0/results/0/message", serde_json::json!({})),
        ("/runs/0/results/0/ruleIndex", (-2).into()),
        ("/runs/0/results/0/locations", serde_json::json!([{ "place": 1 }])),
        (
            "/runs/0/results/0/suppressions",
            serde_json::json!([{ "kind": "mine" }]),
        ),
        ("/runs/0/invocations/0", serde_json::json!({})),
    ];
    for (place, value) in spoils {
        let mut spoilt = log.clone();
        *spoilt.pointer_mut(place).unwrap() = value;
        assert!(!told(&spoilt).is_empty(), "{place}");
    }
}
