//! Differences, and the way they lead.
use aedile_engine::Code;

use super::*;

/// Compares, and makes sure that the entries lead from the one to the other.
#[track_caller]
fn between(from: Json, to: Json) -> Json {
    let found = differences(&from, &to);
    assert_eq!(follow(Some(from), &found).unwrap(), Some(to));
    found.into()
}

#[test]
fn entries_say_what_is_new_gone_and_changed_and_where() {
    let from = json!({"meta": {"note": "a", "icon": null, "options": {"x": 1, "y": 2}}, "schema": {"name": "t"}});
    let to = json!({"meta": {"note": "b", "icon": null, "options": {"y": 2, "z": 3}}, "schema": {"name": "t"}});
    assert_eq!(
        between(from, to),
        json!([
            {"kind": "E", "path": ["meta", "note"], "lhs": "a", "rhs": "b"},
            {"kind": "D", "path": ["meta", "options", "x"], "lhs": 1},
            {"kind": "N", "path": ["meta", "options", "z"], "rhs": 3},
        ])
    );
    assert_eq!(
        between(json!({"a": null}), json!({"a": {"b": 1}})),
        json!([{"kind": "E", "path": ["a"], "lhs": null, "rhs": {"b": 1}}])
    );
    assert!(differences(&json!({"a": 1}), &json!({"a": 1.0})).is_empty());
}

#[test]
fn elements_come_and_go_at_the_end_of_their_list() {
    assert_eq!(
        between(json!({"l": ["a", "b", "c"]}), json!({"l": ["x"]})),
        json!([
            {"kind": "A", "path": ["l"], "index": 2, "item": {"kind": "D", "lhs": "c"}},
            {"kind": "A", "path": ["l"], "index": 1, "item": {"kind": "D", "lhs": "b"}},
            {"kind": "E", "path": ["l", 0], "lhs": "a", "rhs": "x"},
        ])
    );
    between(json!({"l": [{"a": 1}]}), json!({"l": [{"a": 2}, {"b": 3}, [4, 5]]}));
    between(
        json!({"l": [[1], [2, 3]], "m": []}),
        json!({"l": [[1, 9, 8], [2]], "m": [1, 2]}),
    );
}

#[test]
fn a_part_comes_and_goes_as_a_whole() {
    let part = json!({"collection": "t"});
    let new = [json!({"kind": "N", "rhs": part})];
    assert_eq!(follow(None, &new).unwrap(), Some(part.clone()));
    let gone = [json!({"kind": "D", "lhs": part})];
    assert_eq!(follow(Some(part.clone()), &gone).unwrap(), None);
    assert!(follow(Some(part), &new).is_err(), "it is there already");
    assert!(follow(None, &gone).is_err(), "it is gone already");
}

#[test]
fn entries_that_make_no_sense_are_refused() {
    let entries = [
        json!({}),
        json!(7),
        json!({"kind": "X", "path": ["a"]}),
        json!({"kind": "E"}),
        json!({"kind": "E", "path": "a", "rhs": 1}),
        json!({"kind": "E", "path": ["a"]}),
        json!({"kind": "E", "path": ["a", "b"], "rhs": 1}),
        json!({"kind": "E", "path": ["l", 7], "rhs": 1}),
        json!({"kind": "E", "path": ["l", "x"], "rhs": 1}),
        json!({"kind": "D", "path": ["l", 0]}),
        json!({"kind": "A", "path": ["l"], "index": 9, "item": {"kind": "N", "rhs": 1}}),
        json!({"kind": "A", "path": ["l"], "index": 0, "item": {"kind": "D"}}),
        json!({"kind": "A", "path": ["l"], "index": -1, "item": {"kind": "N", "rhs": 1}}),
        json!({"kind": "A", "path": ["l"], "index": 2, "item": {"kind": "N"}}),
        json!({"kind": "A", "path": ["a"], "index": 0, "item": {"kind": "N", "rhs": 1}}),
        json!({"kind": "E", "path": vec!["a"; 1000], "rhs": 1}),
    ];
    for entry in entries {
        let value = json!({"a": 1, "l": [1, 2]});
        let refused = follow(Some(value), std::slice::from_ref(&entry)).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidPayload, "{entry}");
    }
}
