//! Operands and operators, against the recorded filters and beyond.

use serde_json::json;

use super::*;
use crate::{
    Code,
    query::{
        Filter, Key, Limits,
        filter::{Context, parse},
    },
    value::payload::tests::field,
};

const STRINGS: &str = include_str!("../../../../testkit/scenarios/items/filter-strings.json");
const NUMBERS: &str = include_str!("../../../../testkit/scenarios/items/filter-numbers-dates.json");

/// The fields of the recorded collection.
fn recorded_field(collection: &Json, name: &str) -> Field {
    let found = collection["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .find(|field| field["field"] == name);
    let found = found.unwrap_or_else(|| panic!("no field {name}"));
    let kind = found["type"].as_str().and_then(Kind::parse).expect("a kind");
    let special = found["meta"]["special"].as_array().into_iter().flatten();
    let special: Vec<Special> = special
        .filter_map(|name| name.as_str().and_then(Special::parse))
        .collect();
    field(name, kind, &special)
}

/// Whether a filter on one field is taken.
fn is_taken(collection: &Json, filter: &Json) -> bool {
    let Ok(filter) = parse(filter, &Limits::default(), Context::Query) else {
        return false;
    };
    let Filter::At(Key::Field(name), inner) = &filter else {
        panic!("not one field: {filter:?}")
    };
    let Filter::Is(test) = &**inner else {
        panic!("not one test: {filter:?}")
    };
    let field = recorded_field(collection, name);
    fits(&field, test)
        && operands(test).into_iter().all(|op| match op {
            Operand::Value(value) => operand(&field, value).is_ok(),
            Operand::Var(_) => true,
        })
}

fn operands(test: &Test) -> Vec<&Operand> {
    match test {
        Test::Eq(op) | Test::Neq(op) | Test::Lt(op) | Test::Lte(op) | Test::Gt(op) | Test::Gte(op) => vec![op],
        Test::Between(a, b) | Test::Nbetween(a, b) => vec![a, b],
        Test::In(Operands::List(list)) | Test::Nin(Operands::List(list)) => list.iter().collect(),
        Test::Match { text, .. } => vec![text],
        _ => Vec::new(),
    }
}

#[test]
fn recorded_filters_are_taken_and_refused_as_recorded() {
    for scenario in [STRINGS, NUMBERS] {
        let scenario: Json = serde_json::from_str(scenario).expect("JSON");
        let steps = scenario["steps"].as_array().expect("steps");
        let collection = &steps[0]["body"];
        let mut judged = 0;
        for (i, step) in steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step["query"]["filter"].is_object())
        {
            let filter = &step["query"]["filter"];
            assert_eq!(
                is_taken(collection, filter),
                step["expect"]["status"] == 200,
                "step {i}: {filter}"
            );
            judged += 1;
        }
        assert!(judged > 50, "{judged} filters judged");
    }
}

#[test]
fn constants_are_fitted_to_the_kind() {
    let text = Param::from;
    let flag = field("f", Kind::Integer, &[Special::CastBoolean]);
    let kind = |kind| field("f", kind, &[]);
    let cases = [
        (kind(Kind::Integer), json!("2"), Param::Int(2)),
        (kind(Kind::Integer), json!(" 2"), Param::Int(2)),
        (kind(Kind::Integer), json!("5.0"), Param::Int(5)),
        (kind(Kind::Integer), json!(1.5), Param::Real(1.5)),
        (kind(Kind::Integer), json!(3_000_000_000_i64), Param::Int(3_000_000_000)),
        (
            kind(Kind::BigInteger),
            json!("9007199254740993"),
            Param::Int(9_007_199_254_740_993),
        ),
        (
            kind(Kind::BigInteger),
            json!("9007199254740993.0"),
            Param::Int(9_007_199_254_740_993),
        ),
        (kind(Kind::Decimal), json!(2.5), text("2.5")),
        (kind(Kind::Decimal), json!("2.50"), text("2.50")),
        (kind(Kind::Float), json!("0.5"), Param::Real(0.5)),
        (kind(Kind::Boolean), json!("1"), Param::Bool(true)),
        (flag, json!("true"), Param::Int(1)),
        (kind(Kind::String), json!(5), text("5")),
        (kind(Kind::Csv), json!("red,round"), text("red,round")),
        (
            kind(Kind::Uuid),
            json!("AAAAAAAA-0000-4000-8000-00000000000A"),
            text("aaaaaaaa-0000-4000-8000-00000000000a"),
        ),
        (kind(Kind::Date), json!("2024-01-15T10:00:00Z"), text("2024-01-15")),
        (kind(Kind::Time), json!("08:00"), text("08:00:00")),
        (
            kind(Kind::Timestamp),
            json!("2024-01-15T10:00:00+02:00"),
            Param::Instant(1_705_305_600_000),
        ),
        (
            kind(Kind::DateTime),
            json!("2024-01-15"),
            Param::Wall(1_705_276_800_000),
        ),
        (kind(Kind::String), json!(null), Param::Null),
    ];
    for (field, value, expected) in cases {
        assert_eq!(
            operand(&field, &value),
            Ok(expected),
            "{:?} against {value}",
            field.kind
        );
    }
}

#[test]
fn nonsense_is_refused() {
    let cases = [
        (Kind::Integer, json!("nonsense")),
        (Kind::Integer, json!("'; DROP TABLE things; --")),
        (Kind::Integer, json!(true)),
        (Kind::Integer, json!("")),
        (Kind::BigInteger, json!("9223372036854775808")),
        (Kind::BigInteger, json!("92233720368547758080.0")),
        (Kind::Decimal, json!("1,5")),
        (Kind::Float, json!("NaN")),
        (Kind::Boolean, json!("maybe")),
        (Kind::Uuid, json!("not-a-uuid")),
        (Kind::Uuid, json!(5)),
        (Kind::Date, json!("yesterday")),
        (Kind::Timestamp, json!("nonsense")),
        (Kind::Time, json!("nonsense")),
        (Kind::String, json!("a\0b")),
        (Kind::String, json!({"a": 1})),
        (Kind::Json, json!(1)),
        (Kind::Geometry, json!("x")),
        (Kind::Binary, json!("x")),
    ];
    for (kind, value) in cases {
        let found = operand(&field("f", kind, &[]), &value).map_err(|e| e.code());
        assert_eq!(found, Err(Code::InvalidQuery), "{kind:?} against {value}");
    }
}

#[test]
fn of_concealed_fields_only_emptiness_may_be_asked() {
    let value = || Operand::Value("x".into());
    for special in [Special::Conceal, Special::Hash] {
        let secret = field("token", Kind::String, &[special]);
        for test in [
            Test::Null(true),
            Test::Null(false),
            Test::Empty(true),
            Test::Eq(Operand::Value(Json::Null)),
        ] {
            assert!(fits(&secret, &test), "{test:?}");
        }
        let part = Test::Match {
            part: crate::query::Part::Start,
            fold: false,
            not: false,
            text: value(),
        };
        let variable = Operand::Var(crate::query::Var::User(Vec::new()));
        for test in [
            Test::Eq(value()),
            Test::Neq(value()),
            Test::Eq(variable),
            Test::In(Operands::List(vec![value()])),
            part,
        ] {
            assert!(!fits(&secret, &test), "{test:?}");
        }
    }
}

#[test]
fn keys_of_the_wrong_kind_are_nobodys() {
    let cases = [
        (Kind::Integer, "1", Some(Param::Int(1))),
        (Kind::Integer, "-3", Some(Param::Int(-3))),
        (Kind::Integer, "abc", None),
        (Kind::Integer, "1.5", None),
        (Kind::Integer, "1abc", None),
        (Kind::Integer, "1 or 1=1", None),
        (Kind::Integer, " 1", None),
        (Kind::Integer, "+1", None),
        (Kind::Integer, "", None),
        (Kind::Integer, "-", None),
        (Kind::Integer, "null", None),
        (Kind::Integer, "99999999999", None),
        (
            Kind::BigInteger,
            "9007199254740993",
            Some(Param::Int(9_007_199_254_740_993)),
        ),
        (Kind::BigInteger, "9223372036854775808", None),
        (
            Kind::Uuid,
            "AAAAAAAA-0000-4000-8000-00000000000A",
            Some("aaaaaaaa-0000-4000-8000-00000000000a".into()),
        ),
        (Kind::Uuid, "not-a-uuid", None),
        (Kind::Uuid, "1", None),
        (Kind::String, "with space/slash?", Some("with space/slash?".into())),
        (Kind::String, "a\0", None),
    ];
    for (kind, text, expected) in cases {
        assert_eq!(key(&field("id", kind, &[]), text), expected, "{kind:?} {text}");
    }
    let id = field("id", Kind::Integer, &[]);
    for (value, expected) in [
        (json!(100), Some(Param::Int(100))),
        (json!("200"), Some(Param::Int(200))),
        (json!(1.5), None),
        (json!(true), None),
        (json!(null), None),
    ] {
        assert_eq!(key_of(&id, &value), expected, "{value}");
    }
    assert_eq!(key_of(&field("code", Kind::String, &[]), &json!(12)), Some("12".into()));
}
