//! Columns as they are asked for and as they are made.
use serde_json::json;

use super::*;

fn wanted(kind: Kind, schema: Json) -> Result<Wanted> {
    new(Dialect::Sqlite, "f", kind, schema.as_object().unwrap())
}

fn default_of(kind: Kind, value: Json) -> Option<Json> {
    wanted(kind, json!({"default_value": value})).ok()?.column.default
}

#[test]
fn defaults_are_kept_in_the_columns_own_form() {
    assert_eq!(default_of(Kind::Integer, json!("7")), Some(json!(7)));
    assert_eq!(default_of(Kind::Boolean, json!(true)), Some(json!(true)));
    assert_eq!(default_of(Kind::Json, json!("{\"a\":1}")), Some(json!({"a": 1})));
    assert_eq!(default_of(Kind::Csv, json!(["a", "b"])), Some(json!("a,b")));
    assert_eq!(default_of(Kind::String, json!(5)), Some(json!("5")));
    assert_eq!(
        default_of(Kind::Timestamp, json!("1970-01-01T00:00:01Z")),
        Some(json!(1000))
    );
    assert_eq!(
        default_of(Kind::DateTime, json!("1970-01-01T00:00:02")),
        Some(json!(2000))
    );
    assert_eq!(told(Kind::DateTime, &json!("2000")), json!("1970-01-01T00:00:02"));
    assert!(
        wanted(Kind::Timestamp, json!({"default_value": "now()"}))
            .unwrap()
            .column
            .default_now
    );
}

#[test]
fn defaults_of_another_type_are_refused() {
    for (kind, value) in [
        (Kind::Integer, json!("x")),
        (Kind::Integer, json!(99_999_999_999_i64)),
        (Kind::Boolean, json!("maybe")),
        (Kind::Json, json!("{")),
        (Kind::Uuid, json!("x")),
        (Kind::Date, json!("2020-13-45")),
        (Kind::String, json!({"a": 1})),
        (Kind::Binary, json!("x")),
    ] {
        assert!(wanted(kind, json!({"default_value": value})).is_err(), "{kind:?}");
    }
}

#[test]
fn parts_that_make_no_sense_are_refused() {
    assert!(wanted(Kind::String, json!({"max_length": 0})).is_err());
    assert!(wanted(Kind::Decimal, json!({"numeric_precision": 2, "numeric_scale": 3})).is_err());
    assert!(wanted(Kind::String, json!({"is_nullable": "yes"})).is_err());
    assert!(wanted(Kind::Json, json!({"is_primary_key": true})).is_err());
    assert!(wanted(Kind::Integer, json!({"has_auto_increment": true})).is_err());
    assert!(wanted(Kind::Alias, json!({})).is_err());
}

#[test]
fn only_keys_that_count_are_declared_integer() {
    let key =
        |kind, counted: bool| wanted(kind, json!({"is_primary_key": true, "has_auto_increment": counted})).unwrap();
    assert_eq!(key(Kind::Integer, true).column.data_type, "integer");
    assert_eq!(key(Kind::Integer, false).column.data_type, "int");
    assert!(key(Kind::BigInteger, true).big_key && !key(Kind::BigInteger, false).big_key);
}

#[test]
fn what_is_not_said_stays() {
    let column = wanted(
        Kind::String,
        json!({"is_nullable": false, "default_value": "x", "max_length": 9}),
    )
    .unwrap()
    .column;
    let changed = changed(Dialect::Sqlite, &column, Kind::String, Kind::Text, &Object::new())
        .unwrap()
        .column;
    assert_eq!(
        (changed.nullable, changed.default, changed.data_type.as_str()),
        (false, Some(json!("x")), "text")
    );
}
