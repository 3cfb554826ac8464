//! Defaults as MariaDB 10.11 prints them, and as MySQL 8 does by its manual.

use aedile_engine::Json;
use serde_json::json;

use super::{Default, Writes};

fn constant(value: Json) -> Default {
    Default::Constant(value)
}

#[test]
fn constants_have_the_type_of_their_column() {
    for (text, data_type, value) in [
        ("'all'", "varchar", json!("all")),
        ("'it''s'", "text", json!("it's")),
        ("'7'", "varchar", json!("7")),
        ("'a\\b'", "varchar", json!("a\\b")),
        ("7", "int", json!(7)),
        ("7", "int unsigned", json!(7)),
        ("-7", "bigint", json!(-7)),
        ("1.50", "decimal", json!(1.5)),
        ("0", "boolean", json!(false)),
        ("1", "boolean", json!(true)),
        ("b'1'", "bit", json!(true)),
        ("'{\"a\":[1]}'", "json", json!({"a": [1]})),
        ("'2024-01-01'", "date", json!("2024-01-01")),
    ] {
        assert_eq!(
            Default::parse(Writes::Expressions, text, "", data_type),
            constant(value),
            "{text}"
        );
    }
    for text in ["NULL", "uuid()", "'a' + 'b'", "concat('a','b')"] {
        assert_eq!(
            Default::parse(Writes::Expressions, text, "", "varchar"),
            Default::Other,
            "{text}"
        );
    }
    for text in [
        "current_timestamp()",
        "current_timestamp(3)",
        "curdate()",
        "CURRENT_TIMESTAMP",
    ] {
        assert_eq!(
            Default::parse(Writes::Expressions, text, "", "timestamp"),
            Default::Now,
            "{text}"
        );
    }
}

#[test]
fn mysql_marks_expressions() {
    let marked = "DEFAULT_GENERATED";
    for (text, extra, data_type, value) in [
        ("all", "", "varchar", json!("all")),
        ("'quoted'", "", "varchar", json!("'quoted'")),
        ("CURRENT_TIMESTAMP", "", "varchar", json!("CURRENT_TIMESTAMP")),
        ("uuid()", "", "varchar", json!("uuid()")),
        ("7", "", "int unsigned", json!(7)),
        ("1", "", "boolean", json!(true)),
        ("b'1'", "", "bit", json!(true)),
        ("_utf8mb4\\'a text\\'", marked, "longtext", json!("a text")),
        ("_utf8mb4\\'[1]\\'", marked, "json", json!([1])),
    ] {
        assert_eq!(
            Default::parse(Writes::Texts, text, extra, data_type),
            constant(value),
            "{text}"
        );
    }
    assert_eq!(Default::parse(Writes::Texts, "uuid()", marked, "char"), Default::Other);
    for text in ["CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP(3)", "curdate()"] {
        assert_eq!(
            Default::parse(Writes::Texts, text, marked, "timestamp"),
            Default::Now,
            "{text}"
        );
    }
}
