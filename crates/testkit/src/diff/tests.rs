//! The rules of comparison, one by one.

use serde_json::{Map, Value, json};

use super::{Pairs, compare, diff};
use crate::scenario::Step;

fn differences(expected: &Value, actual: &Value, subset: bool) -> Vec<String> {
    diff(expected, actual, subset, "body", &mut Pairs::default())
}

fn step(value: Value) -> Step {
    serde_json::from_value(value).unwrap()
}

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

#[test]
fn ids_match_one_to_one() {
    let mut pairs = Pairs::default();
    assert!(pairs.same("uuid#1 uuid#2", "uuid#5 uuid#6"));
    assert!(!pairs.same("uuid#1", "uuid#6"), "1 stands for 5");
    assert!(!pairs.same("uuid#3", "uuid#5"), "5 stands for 1");
    assert!(pairs.same("uuid#2", "uuid#6"));
    assert!(!pairs.same("/a/uuid#1", "/b/uuid#5"), "the text around counts");
}

#[test]
fn another_id_is_told() {
    let (a, b) = (json!(["uuid#1", "uuid#1"]), json!(["uuid#1", "uuid#2"]));
    let expected = r#"body.1: expected "uuid#1", got "uuid#2" (another id)"#;
    assert_eq!(differences(&a, &b, false), [expected]);
}

#[test]
fn objects_and_lists() {
    let want = json!({"a": {"count": "4", "x": 1}, "l": [1, 2], "m": 0});
    let got = json!({"a": {"count": 4, "x": true, "y": 0}, "l": [1]});
    let mut expected = vec![
        "body.a.x: expected 1, got true",
        "body.a.y: unexpected (0)",
        "body.l: 2 elements expected, got 1",
        "body.m: missing (expected 0)",
    ];
    assert_eq!(differences(&want, &got, false), expected);
    expected.remove(1);
    assert_eq!(differences(&want, &got, true), expected);
}

#[test]
fn numbers_and_aggregates() {
    let same = |a: Value, b: Value| differences(&a, &b, false).is_empty();
    assert!(same(json!({"f": 1}), json!({"f": 1.0})));
    assert!(!same(json!({"f": 1}), json!({"f": "1"})));
    assert!(!same(json!({"f": 1}), json!({"f": true})));
    assert!(same(json!({"sum": {"f": "4.5"}}), json!({"sum": {"f": 4.5}})));
    assert!(same(json!({"tags_count": 4}), json!({"tags_count": "4"})));
    assert!(!same(
        json!({"sum": {"f": {"x": "4"}}}),
        json!({"sum": {"f": {"x": 4}}})
    ));
    assert!(!same(json!({"count": "4"}), json!({"count": 5})));
}

#[test]
fn any_matches_what_is_there() {
    assert!(differences(&json!({"a": "<any>"}), &json!({"a": {"z": 1}}), false).is_empty());
    assert!(differences(&json!({"a": 1}), &json!({"a": "<any>"}), false).is_empty());
    assert_eq!(differences(&json!({"a": "<any>"}), &json!({}), false).len(), 1);
    assert_eq!(
        differences(&json!(null), &json!(1), false),
        ["body: expected null, got 1"]
    );
}

#[test]
fn a_step_compares_what_it_asks_for() {
    let (path, method) = ("/x", "GET");
    let expect = json!({"status": 200, "body": {"a": 1}, "headers": {"vary": "x"}});
    let exact = step(json!({"method": method, "path": path, "expect": expect}));
    let status = step(json!({"method": method, "path": path, "expect": expect, "match": "status"}));
    let subset = step(json!({"method": method, "path": path, "expect": expect, "match": "subset"}));
    let judge = |step: &Step, got: Value| compare(step, &map(got), &mut Pairs::default());

    let equal = json!({"status": 200, "body": {"a": 1}, "headers": {"vary": "x"}});
    for step in [&exact, &status, &subset] {
        assert!(judge(step, equal.clone()).is_empty());
    }
    let more = json!({"status": 200, "body": {"a": 1, "b": 2}, "headers": {"vary": "y"}});
    let header = r#"headers.vary: expected "x", got "y""#;
    assert_eq!(judge(&exact, more.clone()), ["body.b: unexpected (2)", header]);
    assert_eq!(judge(&subset, more.clone()), [header]);
    assert!(judge(&status, more).is_empty());
    let wrong = json!({"status": 403, "body": null});
    assert_eq!(judge(&status, wrong), ["status: expected 200, got 403 null"]);
}
