//! Paths into one small value, with the recorder's results.

use serde_json::{Value, json};

use super::{blank, dig, pick, reorder};

fn sample() -> Value {
    json!({"a": [{"b": 1, "c": 2}, {"b": 3}], "d": null})
}

#[test]
fn digging() {
    let value = sample();
    assert_eq!(dig(&value, "a.0.c"), Some(&json!(2)));
    assert_eq!(dig(&value, "a.-1.b"), Some(&json!(3)));
    assert_eq!(dig(&value, "d"), Some(&Value::Null));
    for nowhere in ["a.2", "a.-3", "a.b", "d.x", "q"] {
        assert_eq!(dig(&value, nowhere), None, "{nowhere}");
    }
}

#[test]
fn picking() {
    let cases = [
        ("a.*.b", json!([1, 3])),
        ("a.*.c", json!([2, "<none>"])),
        ("a.1.b", json!(3)),
        ("a.-1.b", json!(3)),
        ("*", json!([[{"b": 1, "c": 2}, {"b": 3}], null])),
        ("d", json!(null)),
        ("d.x", json!("<none>")),
        ("a.x", json!("<none>")),
        ("q", json!("<none>")),
        ("a.0.b.*", json!("<none>")),
    ];
    for (path, expected) in cases {
        assert_eq!(pick(&sample(), path), expected, "{path}");
    }
}

#[test]
fn blanking() {
    let cases = [
        (
            "a.*.b",
            json!({"a": [{"b": "<any>", "c": 2}, {"b": "<any>"}], "d": null}),
        ),
        ("-a.*.c", json!({"a": [{"b": 1}, {"b": 3}], "d": null})),
        ("-a.*", json!({"a": [{"b": 3}], "d": null})),
        ("d", json!({"a": [{"b": 1, "c": 2}, {"b": 3}], "d": "<any>"})),
        ("a.0", json!({"a": ["<any>", {"b": 3}], "d": null})),
        ("-a", json!({"d": null})),
        ("*", json!({"a": "<any>", "d": "<any>"})),
        ("x", sample()),
        ("a.b", sample()),
        ("d.x", sample()),
    ];
    for (path, expected) in cases {
        let mut value = sample();
        blank(&mut value, path);
        assert_eq!(value, expected, "{path}");
    }
}

#[test]
fn taking_out_keeps_the_order_of_the_rest() {
    let mut value = json!({"a": 1, "b": 2, "c": 3, "d": 4});
    blank(&mut value, "-a");
    assert_eq!(value.to_string(), r#"{"b":2,"c":3,"d":4}"#);
}

#[test]
fn reordering() {
    let mut value = json!({"data": [{"l": [3, 1, 2]}, {"l": [2, 1]}], "x": 1});
    reorder(&mut value, "data.*.l");
    assert_eq!(value["data"], json!([{"l": [1, 2, 3]}, {"l": [1, 2]}]));
    let mut value = json!([[{"b": 1, "a": 2}, {"a": 1, "b": 9}]]);
    reorder(&mut value, "0");
    assert_eq!(value, json!([[{"a": 1, "b": 9}, {"b": 1, "a": 2}]]));
}
