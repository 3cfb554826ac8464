//! Types and defaults as people write them.

use serde_json::json;

use super::{Declared, Default};

#[test]
fn types_are_taken_apart() {
    let parse = |text| {
        let declared = Declared::parse(text);
        let facts = (declared.max_length(), declared.precision(), declared.scale());
        (declared.name, facts)
    };
    assert_eq!(parse("varchar(255)"), ("varchar".into(), (Some(255), None, None)));
    assert_eq!(
        parse("CHARACTER VARYING (20)"),
        ("character varying".into(), (Some(20), None, None))
    );
    assert_eq!(parse("decimal(10, 5)"), ("decimal".into(), (None, Some(10), Some(5))));
    assert_eq!(parse("INT(11) UNSIGNED"), ("int unsigned".into(), (None, None, None)));
    assert_eq!(parse("text"), ("text".into(), (None, None, None)));
    assert_eq!(parse(""), (String::new(), (None, None, None)));
    assert_eq!(parse("float(8"), ("float".into(), (None, Some(8), None)));
}

#[test]
fn defaults_take_the_type_of_their_column() {
    for (text, data_type, value) in [
        ("'0'", "boolean", json!(false)),
        ("1", "boolean", json!(true)),
        ("TRUE", "boolean", json!(true)),
        ("'25'", "integer", json!(25)),
        ("-3", "bigint", json!(-3)),
        ("'1.5'", "decimal", json!(1.5)),
        ("'all'", "varchar", json!("all")),
        ("5", "varchar", json!("5")),
        ("'it''s'", "text", json!("it's")),
        ("\"x\"", "text", json!("x")),
        ("'{\"a\":1}'", "json", json!({"a": 1})),
    ] {
        assert_eq!(Default::parse(text, data_type), Default::Constant(value), "{text}");
    }
    for text in ["null", "NULL", "lower('A')", "'a' || 'b'", "inf"] {
        assert_eq!(Default::parse(text, "text"), Default::Other, "{text}");
    }
    assert_eq!(Default::parse("current_timestamp", "datetime"), Default::Now);
}
