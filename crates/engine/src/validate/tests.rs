//! Validation against the recorded scenarios, and what they do not show.

use serde_json::json;

use super::*;
use crate::query::{
    Limits,
    filter::{Context, parse},
};

const RULES: &str = include_str!("../../../testkit/scenarios/access/validation-rules.json");
const FIELDS: &str = include_str!("../../../testkit/scenarios/access/field-meta-rules.json");
const ANN: &str = "{{ann}}";
const NOW: &str = "2026-11-21T10:00:00.000Z";

fn variables(var: &Var) -> Option<Json> {
    match var {
        Var::User(path) if path.is_empty() => Some(ANN.into()),
        Var::User(path) if *path == ["first_name"] => Some("Ann".into()),
        Var::Role(_) => Some(Json::Null),
        Var::Roles => Some(json!(["r1", "r2"])),
        Var::Policies => Some(json!([])),
        Var::Now { .. } => Some(NOW.into()),
        Var::User(_) => None,
    }
}

fn rule(json: &Json) -> Filter {
    parse(json, &Limits::default(), Context::Validation).expect("a rule")
}

/// The extensions of every fault, with the code, as they are recorded.
fn told(rule_json: &Json, payload: &Json, path: &[String]) -> Vec<Json> {
    let payload = payload.as_object().expect("an object");
    validate(&rule(rule_json), payload, &variables, path)
        .into_iter()
        .map(|fault| {
            let mut extensions = fault.extensions;
            extensions.insert("code".into(), fault.code.as_str().into());
            Json::Object(extensions)
        })
        .collect()
}

fn recorded(step: &Json) -> Vec<Json> {
    let errors = step["expect"]["body"]["errors"].as_array();
    errors
        .map(|errors| errors.iter().map(|error| error["extensions"].clone()).collect())
        .unwrap_or_default()
}

/// What the recording leaves open: the time it was made, and its users' keys.
fn settled(mut extensions: Json) -> Json {
    if extensions["valid"] == "<now>" {
        extensions["valid"] = NOW.into();
    }
    if extensions["valid"]
        .as_str()
        .is_some_and(|valid| valid.starts_with("uuid#"))
    {
        extensions["valid"] = ANN.into();
    }
    extensions
}

#[test]
fn every_recorded_rule_is_judged_as_recorded() {
    let scenario: Json = serde_json::from_str(RULES).expect("JSON");
    let mut rule = json!({"name": {"_nnull": true}});
    let mut judged = 0;
    for (i, step) in scenario["steps"].as_array().expect("steps").iter().enumerate() {
        let (path, body) = (step["path"].as_str().unwrap_or_default(), &step["body"]);
        if path.starts_with("/permissions/") {
            rule = body["validation"].clone();
        } else if path == "/items/things" && body.is_object() {
            let expected: Vec<Json> = recorded(step).into_iter().map(settled).collect();
            assert_eq!(told(&rule, body, &[]), expected, "step {i}: {body} by {rule}");
            judged += 1;
        }
    }
    assert!(judged > 70, "{judged} steps judged");
}

#[test]
fn rules_of_fields_are_judged_as_recorded() {
    let scenario: Json = serde_json::from_str(FIELDS).expect("JSON");
    let (mut rules, mut judged) = (Vec::new(), 0);
    for (i, step) in scenario["steps"].as_array().expect("steps").iter().enumerate() {
        let (path, body) = (step["path"].as_str().unwrap_or_default(), &step["body"]);
        if path == "/fields/things" && body["meta"]["validation"].is_object() {
            rules.push(body["meta"]["validation"].clone());
        } else if path.starts_with("/items/things")
            && step["as"] != "bob-token-1"
            && body.is_object()
            && body.get("kids").is_none()
        {
            let found: Vec<Json> = rules.iter().flat_map(|rule| told(rule, body, &[])).collect();
            assert_eq!(found, recorded(step), "step {i}: {body}");
            judged += 1;
        }
    }
    assert!(judged > 15, "{judged} steps judged");
}

/// One failing condition: rule, payload, what is told beside field, path and code.
fn check_one(rule: Json, payload: Json, expected: &[Json]) {
    let found: Vec<Json> = told(&rule, &payload, &[])
        .into_iter()
        .map(|mut told| {
            let object = told.as_object_mut().expect("an object");
            for key in ["path", "code", "reason"] {
                object.remove(key);
            }
            told
        })
        .collect();
    assert_eq!(found, expected, "{payload} by {rule}");
}

#[test]
fn conditions_beyond_the_recording() {
    let null = |kind: &str| json!({"field": "f", "type": kind});
    let cases = [
        (
            json!({"_nin": ["a", "b"]}),
            json!("a"),
            Some(json!({"field": "f", "type": "nin", "invalid": ["a", "b"]})),
        ),
        (json!({"_nin": ["a", "b"]}), json!(null), None),
        (
            json!({"_nistarts_with": "ab"}),
            json!("ABc"),
            Some(json!({"field": "f", "type": "nistarts_with", "substring": "ab"})),
        ),
        (
            json!({"_niends_with": "bc"}),
            json!("ABC"),
            Some(json!({"field": "f", "type": "niends_with", "substring": "bc"})),
        ),
        (
            json!({"_nicontains": "b"}),
            json!("ABC"),
            Some(json!({"field": "f", "type": "ncontains", "substring": "b"})),
        ),
        (json!({"_ncontains": "b"}), json!(null), Some(null("required"))),
        (json!({"_ncontains": "b"}), json!(["b"]), Some(null("required"))),
        (
            json!({"_between": [1, 3]}),
            json!(0),
            Some(json!({"field": "f", "type": "gte", "valid": 1})),
        ),
        (json!({"_nbetween": [1, 3]}), json!(4), None),
        (json!({"_nbetween": [1, 3]}), json!("0"), None),
        (
            json!({"_nbetween": [1, 3]}),
            json!(3),
            Some(json!({"field": "f", "type": "nbetween", "invalid": [1, 3]})),
        ),
        (json!({"_nbetween": [1, 3]}), json!("x"), Some(null("required"))),
        (
            json!({"_gt": "5"}),
            json!(5),
            Some(json!({"field": "f", "type": "gt", "valid": 5})),
        ),
        (
            json!({"_gt": 9_007_199_254_740_992_i64}),
            json!("9007199254740993"),
            None,
        ),
        (json!({"_lt": "2021-01-01"}), json!("soon"), Some(null("required"))),
        (
            json!({"_lt": "2021-01-01"}),
            json!("2020-12-31T23:59:59-11:00"),
            Some(json!({"field": "f", "type": "lt", "valid": "2021-01-01T00:00:00.000Z"})),
        ),
        (
            json!({"_gte": "08:00"}),
            json!("07:59:59.5"),
            Some(json!({"field": "f", "type": "gte", "valid": "08:00:00"})),
        ),
        (
            json!({"_gt": "a"}),
            json!("b"),
            Some(json!({"field": "f", "type": "gt", "valid": "a"})),
        ),
        (json!({"_nempty": true}), json!(null), Some(null("nempty"))),
        (json!({"_nempty": true}), json!([]), Some(null("nempty"))),
        (json!({"_empty": true}), json!(null), None),
        (json!({"_null": false}), json!(null), Some(null("nnull"))),
        (json!({"_submitted": false}), json!(1), Some(null("submitted"))),
        (json!({"_in": "$CURRENT_ROLES"}), json!("r2"), None),
        (
            json!({"_in": "$CURRENT_ROLES"}),
            json!("r3"),
            Some(json!({"field": "f", "type": "in", "valid": ["r1", "r2"]})),
        ),
        (
            json!({"_nin": "$CURRENT_POLICIES"}),
            json!("p"),
            Some(json!({"field": "f", "type": "nin", "invalid": []})),
        ),
        (json!({"_eq": "$CURRENT_ROLE"}), json!(null), None),
        (
            json!({"_eq": "$CURRENT_ROLE"}),
            json!("r1"),
            Some(json!({"field": "f", "type": "eq", "valid": null})),
        ),
        (
            json!({"_in": []}),
            json!("a"),
            Some(json!({"field": "f", "type": "in", "valid": []})),
        ),
        (json!({"_or": [{"_eq": 1}, {"_eq": 3}]}), json!(3), None),
        (
            json!({"_eq": "$CURRENT_USER.secret.path"}),
            json!("x"),
            Some(null("rule")),
        ),
        (json!({"name": {"_eq": "x"}}), json!({"name": "x"}), Some(null("rule"))),
        (json!({"_some": {"name": {"_eq": "x"}}}), json!([]), Some(null("rule"))),
        (json!({"_regex": "(?=x)"}), json!("x"), Some(null("rule"))),
        (json!({"_regex": "^\\d{2}$"}), json!(42), None),
    ];
    for (condition, value, expected) in cases {
        check_one(json!({"f": condition}), json!({"f": value}), expected.as_slice());
        // Nothing is said of a field that is not sent.
        check_one(json!({"f": condition}), json!({"g": 1}), &[]);
    }
}

#[test]
fn negations_know_every_spelling_of_a_value() {
    let cases = [
        (
            json!(5),
            vec![
                json!("5"),
                json!("05"),
                json!(5.0),
                json!(" 5"),
                json!("5.00"),
                json!({"id": 5}),
            ],
        ),
        (json!("5"), vec![json!(5), json!("05"), json!([5])]),
        (json!(true), vec![json!(1), json!("1"), json!("true")]),
        (json!("true"), vec![json!(true)]),
        (
            json!("aaaaaaaa-0000-4000-8000-00000000000a"),
            vec![json!("AAAAAAAA-0000-4000-8000-00000000000A")],
        ),
        (
            json!("2024-01-01"),
            vec![
                json!("2024-01-01T00:00:00Z"),
                json!("2024-01-01T23:00:00"),
                json!(1_704_067_200_000_i64),
                json!("2024-01-01 00:00"),
            ],
        ),
        (
            json!("2024-01-01T00:00:00Z"),
            vec![json!("2024-01-01"), json!("2024-01-01T02:00:00+02:00")],
        ),
        (json!("08:00:00"), vec![json!("08:00")]),
    ];
    for (forbidden, spellings) in cases {
        for value in spellings {
            assert!(
                !told(&json!({"f": {"_neq": forbidden}}), &json!({"f": value}), &[]).is_empty(),
                "{value} is {forbidden}"
            );
            let list = json!({"f": {"_nin": ["else", forbidden]}});
            assert!(
                !told(&list, &json!({"f": value}), &[]).is_empty(),
                "{value} is {forbidden}"
            );
        }
        for value in [
            json!("other"),
            json!(7),
            json!(false),
            json!(null),
            json!("2024-01-02"),
            json!("09:00"),
        ] {
            assert!(
                told(&json!({"f": {"_neq": forbidden}}), &json!({"f": value}), &[]).is_empty(),
                "{value} is not {forbidden}"
            );
        }
    }
}

#[test]
fn a_value_asked_for_is_asked_for_strictly() {
    for (wanted, value, holds) in [
        (json!(5), json!("5"), true),
        (json!("a"), json!("A"), false),
        (json!("01"), json!("1"), false),
        (json!(true), json!("true"), true),
        (json!(true), json!("yes"), false),
        (json!("2024-01-01"), json!("2024-01-01T00:00:00Z"), false),
        (json!("x"), json!({"id": "x"}), false),
        (json!("x"), json!(null), false),
    ] {
        assert_eq!(
            told(&json!({"f": {"_eq": wanted}}), &json!({"f": value}), &[]).is_empty(),
            holds,
            "{value} for {wanted}"
        );
    }
}

#[test]
fn submitted_is_asked_of_absent_fields_alone_and_in_groups() {
    let demanded = json!({"f": {"_submitted": true, "_eq": 1}});
    check_one(
        demanded.clone(),
        json!({}),
        &[json!({"field": "f", "type": "required"})],
    );
    check_one(
        demanded,
        json!({"f": 2}),
        &[json!({"field": "f", "type": "eq", "valid": 1})],
    );
    let either = json!({"_or": [{"f": {"_submitted": true}}, {"g": {"_submitted": true}}]});
    check_one(either.clone(), json!({"g": null}), &[]);
    check_one(
        either,
        json!({}),
        &[
            json!({"field": "f", "type": "required"}),
            json!({"field": "g", "type": "required"}),
        ],
    );
    check_one(json!({"f": {"_submitted": false}}), json!({}), &[]);
}

#[test]
fn an_empty_group_lets_nothing_pass() {
    check_one(
        json!({"_and": []}),
        json!({"f": 1}),
        &[json!({"field": "", "type": "or"})],
    );
    check_one(json!({}), json!({"f": 1}), &[]);
}

#[test]
fn the_path_is_told() {
    let path = ["mids".to_owned(), "lows".to_owned()];
    let found = told(&json!({"n": {"_lt": 10}}), &json!({"n": 99}), &path);
    let expected =
        json!({"field": "n", "path": ["mids", "lows"], "type": "lt", "valid": 10, "code": "FAILED_VALIDATION"});
    assert_eq!(found, [expected]);
    assert_eq!(missing("name", &path).extensions["type"], "required");
    assert_eq!(nnull("name", &path).extensions["path"], json!(["mids", "lows"]));
}

#[test]
fn patterns_that_cannot_be_judged_are_refused_where_they_are_saved() {
    for good in [
        json!({}),
        json!({"f": {"_regex": "^[A-Z]{3}$"}}),
        json!({"_or": [{"f": {"_eq": 1}}, {"g": {"_null": true}}]}),
    ] {
        assert_eq!(check_patterns(&rule(&good)), Ok(()), "{good}");
    }
    for bad in [
        json!({"f": {"_regex": "("}}),
        json!({"_and": [{"_or": [{"g": {"_eq": 1}}, {"f": {"_regex": "("}}]}]}),
        json!({"f": {"_and": [{"_null": false}, {"_regex": "("}]}}),
        json!({"f": {"g": {"_regex": "("}}}),
        json!({"f": {"_none": {"g": {"_regex": "("}}}}),
    ] {
        let code = check_patterns(&rule(&bad)).map_err(|e| e.code());
        assert_eq!(code, Err(crate::Code::InvalidPayload), "{bad}");
    }
}

#[test]
fn a_pattern_is_made_ready_once_for_all_copies() {
    let pattern = Pattern::new("^a");
    let copy = pattern.clone();
    let (first, second) = (pattern.regex(), copy.regex());
    assert!(std::ptr::eq(first, second));
    assert_eq!((pattern.as_str(), &pattern), ("^a", &Pattern::new("^a")));
    assert_ne!(pattern, Pattern::new("^b"));
}

#[test]
fn patterns_match_as_in_javascript() {
    let cases = [
        ("^[A-Z]{3}$", "ABC", true),
        ("^[A-Z]{3}$", "ABC\n", false),
        ("/^abc$/i", "ABC", true),
        ("/a.c/", "a\nc", false),
        ("/a.c/s", "a\nc", true),
        ("^.$", "\r", false),
        ("^a/b$", "a/b", true),
        ("^\\/x\\-y$", "/x-y", true),
        ("/api/v1", "see /api/v1", true),
        ("^\\d+$", "١٢", false),
        ("^\\D$", "١", true),
        ("^\\w+$", "é", false),
        ("^[\\w.-]+@[\\w.-]+$", "a.b@c-d.e", true),
        ("^[^\\d]$", "x", true),
        ("^[^\\d]$", "5", false),
        ("^[[&]$", "[", true),
        ("^[a&&b]$", "&", true),
        ("^[a&&b]$", "c", false),
        ("^\\s$", "\u{feff}", true),
        ("\\bfoo\\b", "a foo b", true),
        ("^\\<b\\>$", "<b>", true),
        ("^\\u00e9$", "é", true),
        ("^[\\]]$", "]", true),
    ];
    for (source, text, expected) in cases {
        let pattern = Pattern::new(source);
        let regex = pattern.regex().as_ref().unwrap_or_else(|e| panic!("{source}: {e}"));
        assert_eq!(regex.is_match(text), expected, "{source} on {text:?}");
    }
}

#[test]
fn patterns_that_are_not_understood_are_refused() {
    let long = "a".repeat(3_000);
    for source in [
        "(",
        "(?=a)",
        "(a)\\1",
        "[]",
        "[^]",
        "[+--]",
        "a\\",
        "((a{1000}){1000}){1000}",
        "[z-a]",
        long.as_str(),
    ] {
        assert!(Pattern::new(source).regex().is_err(), "{source}");
    }
}
