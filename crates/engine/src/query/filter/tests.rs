//! Filters: what they mean in each context, and what is malformed.

use serde_json::json;

use super::*;
use crate::{
    query::{Function, Key, Operands, Part, Var},
    validate::Pattern,
};

fn query(json: &Json) -> Result<Filter> {
    parse(json, &Limits::default(), Context::Query)
}

fn rule(json: &Json) -> Result<Filter> {
    parse(json, &Limits::default(), Context::Rule)
}

fn validation(json: &Json) -> Result<Filter> {
    parse(json, &Limits::default(), Context::Validation)
}

fn at(name: &str, inner: Filter) -> Filter {
    Filter::At(Key::Field(name.to_owned()), Box::new(inner))
}

fn value(json: Json) -> Operand {
    Operand::Value(json)
}

/// The test of `{"f": condition}`.
fn test_of(parse: fn(&Json) -> Result<Filter>, condition: Json) -> Test {
    match parse(&json!({"f": condition})).unwrap() {
        Filter::At(_, inner) => match *inner {
            Filter::Is(test) => test,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn shapes() {
    let eq = |n: i64| Filter::Is(Test::Eq(value(json!(n))));
    let cases = [
        (json!({}), Filter::And(vec![])),
        (json!(""), Filter::And(vec![])),
        (json!([]), Filter::And(vec![])),
        (json!({"_and": []}), Filter::And(vec![])),
        (json!({"_or": []}), Filter::And(vec![])),
        (json!("{\"n\": 1}"), at("n", eq(1))),
        (json!({"n": 1}), at("n", eq(1))),
        (json!({"n": {}}), at("n", Filter::And(vec![]))),
        (json!({"__proto__": {"_eq": 1}}), at("__proto__", eq(1))),
        (
            json!({"n": {"_eq": 1}, "m": 2}),
            Filter::And(vec![at("n", eq(1)), at("m", eq(2))]),
        ),
        (
            json!({"n": {"_or": [{"_eq": 1}, {}]}}),
            at("n", Filter::Or(vec![eq(1), Filter::And(vec![])])),
        ),
        (json!({"_and": [{"n": 1}]}), Filter::And(vec![at("n", eq(1))])),
        (json!({"a": {"b": {"_eq": 1}}}), at("a", at("b", eq(1)))),
        (
            json!({"a": {"_some": {"b": 1}}}),
            at("a", Filter::Some(Box::new(at("b", eq(1))))),
        ),
        (
            json!({"a": {"_none": {"_and": [{"b": 1}, {"c": 2}]}}}),
            at(
                "a",
                Filter::None(Box::new(Filter::And(vec![at("b", eq(1)), at("c", eq(2))]))),
            ),
        ),
        (
            json!({"year(d)": {"_eq": 1}}),
            Filter::At(Key::Call(Function::Year, "d".into()), Box::new(eq(1))),
        ),
    ];
    for (json, expected) in cases {
        assert_eq!(query(&json).unwrap(), expected, "{json}");
    }
}

#[test]
fn tests() {
    let cases = [
        (json!({"_eq": null}), Test::Eq(value(Json::Null))),
        (
            json!({"_in": "1,x"}),
            Test::In(Operands::List(vec![value(json!("1")), value(json!("x"))])),
        ),
        (
            json!({"_nin": [null, 1]}),
            Test::Nin(Operands::List(vec![value(Json::Null), value(json!(1))])),
        ),
        (
            json!({"_between": "1,2"}),
            Test::Between(value(json!("1")), value(json!("2"))),
        ),
        (json!({"_null": ""}), Test::Null(true)),
        (json!({"_null": "false"}), Test::Null(false)),
        (json!({"_nnull": 1}), Test::Null(false)),
        (json!({"_nnull": false}), Test::Null(true)),
        (json!({"_nempty": true}), Test::Empty(false)),
        (
            json!({"_nistarts_with": "%_"}),
            Test::Match {
                part: Part::Start,
                fold: true,
                not: true,
                text: value(json!("%_")),
            },
        ),
    ];
    for (condition, expected) in cases {
        assert_eq!(test_of(query, condition.clone()), expected, "{condition}");
    }
}

#[test]
fn malformed_everywhere() {
    let conditions = [
        json!(null),
        json!([1]),
        json!({"_ieq": "a"}),
        json!({"_nieq": "a"}),
        json!({"_json": {"k": {"_eq": "red"}}}),
        json!({"_intersects": {}}),
        json!({"_foo": 1}),
        json!({"_eq": [1]}),
        json!({"_eq": {"a": 1}}),
        json!({"_gt": null}),
        json!({"_contains": null}),
        json!({"_contains": ""}),
        json!({"_in": null}),
        json!({"_in": 5}),
        json!({"_in": {"0": 1}}),
        json!({"_in": [[1]]}),
        json!({"_between": [1]}),
        json!({"_between": [1, 2, 3]}),
        json!({"_between": [1, null]}),
        json!({"_between": "1,"}),
        json!({"_between": null}),
        json!({"_null": "yes"}),
        json!({"_null": null}),
        json!({"_and": {"_eq": 1}}),
        json!({"_or": [1]}),
        json!({"_or": [null]}),
        json!({"_some": 1}),
        json!({"_some": [{"b": 1}]}),
        json!({"_some": {"_some": {"b": 1}}}),
        json!({"_gt": "$CURRENT_ROLES"}),
        json!({"_in": ["$CURRENT_ROLES", 1]}),
    ];
    for condition in conditions {
        let json = json!({"f": condition});
        assert!(query(&json).is_err(), "{json}");
        assert!(rule(&json).is_err(), "{json}");
        assert!(validation(&json).is_err(), "{json}");
    }
    for json in [
        json!({"_eq": 1}),
        json!({"_some": {"a": 1}}),
        json!({"_and": [{"_eq": 1}]}),
        json!(5),
        json!(true),
        json!([{"a": 1}]),
    ] {
        assert!(query(&json).is_err(), "{json}");
        assert!(rule(&json).is_err(), "{json}");
    }
}

#[test]
fn malformed_in_queries() {
    for json in [
        json!(null),
        json!("null"),
        json!("5"),
        json!("\"text\""),
        json!("nonsense"),
        json!("{bad"),
        json!({"f": {"_eq": ""}}),
        json!({"f": {"_neq": ""}}),
        json!({"f": ""}),
        json!({"f": {"_in": []}}),
        json!({"f": {"_in": ""}}),
        json!({"f": {"_nin": []}}),
        json!({"f": {"_regex": "^a"}}),
        json!({"f": {"_submitted": true}}),
        json!({"f": {"_nicontains": "AN"}}),
    ] {
        assert!(query(&json).is_err(), "{json}");
    }
}

#[test]
fn rules_fail_closed() {
    let nothing = Filter::Or(vec![]);
    assert_eq!(rule(&json!(null)).unwrap(), Filter::And(vec![]));
    assert_eq!(rule(&json!({})).unwrap(), Filter::And(vec![]));
    assert_eq!(rule(&json!({"_and": []})).unwrap(), nothing);
    assert_eq!(rule(&json!({"_or": []})).unwrap(), nothing);
    assert_eq!(validation(&json!({"_and": []})).unwrap(), nothing);
    assert_eq!(rule(&json!({"f": {"_in": []}})).unwrap(), at("f", nothing.clone()));
    assert_eq!(rule(&json!({"f": {"_nin": []}})).unwrap(), at("f", nothing.clone()));
    assert_eq!(rule(&json!({"a": {"_and": []}})).unwrap(), at("a", nothing));
    for json in [
        json!(""),
        json!([]),
        json!("{}"),
        json!({"f": {"_regex": "a"}}),
        json!({"f": {"_submitted": true}}),
    ] {
        assert!(rule(&json).is_err(), "{json}");
    }
    assert_eq!(test_of(rule, json!({"_eq": ""})), Test::Eq(value(json!(""))));
    assert_eq!(
        test_of(validation, json!({"_regex": "^a"})),
        Test::Regex(Pattern::new("^a"))
    );
    assert_eq!(test_of(validation, json!({"_submitted": true})), Test::Submitted(true));
}

#[test]
fn variables() {
    const DAY: i64 = 86_400_000;
    let path = |steps: &[&str]| steps.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
    let cases = [
        ("$CURRENT_USER", Var::User(vec![])),
        ("$CURRENT_USER.boss.region", Var::User(path(&["boss", "region"]))),
        ("$CURRENT_ROLE", Var::Role(vec![])),
        ("$CURRENT_ROLE.name", Var::Role(path(&["name"]))),
        ("$NOW", Var::Now { ms: 0, months: 0 }),
        ("$NOW(-1 day)", Var::Now { ms: -DAY, months: 0 }),
        (
            "$NOW(-7 days)",
            Var::Now {
                ms: -7 * DAY,
                months: 0,
            },
        ),
        (
            "$NOW( +2hours )",
            Var::Now {
                ms: 7_200_000,
                months: 0,
            },
        ),
        ("$NOW(-100 years)", Var::Now { ms: 0, months: -1200 }),
        ("$NOW(3 months)", Var::Now { ms: 0, months: 3 }),
    ];
    for (text, var) in cases {
        for parse in [query, rule, validation] {
            assert_eq!(
                test_of(parse, json!({"_eq": text})),
                Test::Eq(Operand::Var(var.clone())),
                "{text}"
            );
            assert_eq!(
                test_of(parse, json!(text)),
                Test::Eq(Operand::Var(var.clone())),
                "{text}"
            );
        }
    }
    let texts = [
        "$CURRENT_USERS",
        "$CURRENT_USER.",
        "$CURRENT_USER.a..b",
        "$CURRENT_ROLES.name",
        "$NOW(",
        "$NOW()",
        "$NOW(1)",
        "$NOW(1 fortnight)",
        "$NOW(99999999999999999999 days)",
        "$NOW(99999999 years)",
        "$NOPE",
    ];
    for text in texts {
        assert_eq!(
            test_of(query, json!({"_eq": text})),
            Test::Eq(value(json!(text))),
            "{text}"
        );
        assert!(rule(&json!({"f": {"_eq": text}})).is_err(), "{text}");
        assert!(rule(&json!({"f": {"_in": [text]}})).is_err(), "{text}");
        assert!(validation(&json!({"f": text})).is_err(), "{text}");
    }
    for text in ["$argon2", "$5", "$", "$ X"] {
        assert_eq!(
            test_of(rule, json!({"_eq": text})),
            Test::Eq(value(json!(text))),
            "{text}"
        );
    }
}

#[test]
fn list_variables() {
    for condition in [json!({"_in": "$CURRENT_ROLES"}), json!({"_in": ["$CURRENT_ROLES"]})] {
        assert_eq!(test_of(rule, condition), Test::In(Operands::Var(Var::Roles)));
    }
    assert_eq!(
        test_of(rule, json!({"_nin": ["$CURRENT_USER"]})),
        Test::Nin(Operands::List(vec![Operand::Var(Var::User(vec![]))]))
    );
    assert_eq!(
        test_of(rule, json!({"_in": "$CURRENT_USER.teams"})),
        Test::In(Operands::Var(Var::User(vec!["teams".into()])))
    );
}

#[test]
fn limits() {
    let narrow = Limits {
        relational_depth: 3,
        filter_depth: 5,
        filter_size: 6,
        ..Limits::default()
    };
    let parse = |json: Json| parse(&json, &narrow, Context::Query);
    assert!(parse(json!({"up": {"up": {"n": {"_eq": 1}}}})).is_ok());
    assert!(parse(json!({"up": {"up": {"up": {"n": {"_eq": 1}}}}})).is_err());
    assert!(parse(json!({"_and": [{"_and": [{"_and": [{"_and": [{"_and": [{"_and": []}]}]}]}]}]})).is_err());
    assert!(parse(json!({"n": {"_in": [1, 2, 3, 4]}})).is_ok());
    assert!(parse(json!({"n": {"_in": [1, 2, 3, 4, 5]}})).is_err());
    assert!(parse(json!({"_or": [{"a": 1}, {"b": 1}, {"c": 1}]})).is_err());
    let path = json!({"n": {"_eq": "$CURRENT_USER.a.b.c.d"}});
    assert!(super::parse(&path, &narrow, Context::Rule).is_err());
}

#[test]
fn deep_nesting_is_refused_before_it_is_followed() {
    let mut json = json!({});
    for _ in 0..50_000 {
        let around = std::iter::once(("_and".to_owned(), Json::Array(vec![json])));
        json = Json::Object(around.collect());
    }
    assert!(query(&json).is_err());
    // Freed level by level: a tree this deep must not be dropped recursively.
    while let Some(inner) = json.get_mut("_and").and_then(|list| list.get_mut(0)).map(Json::take) {
        json = inner;
    }
}
