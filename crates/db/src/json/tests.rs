//! The writer against serde_json, which reads back and says the same.

use aedile_engine::{
    Json,
    sql::{Output, Shape},
};
use proptest::prelude::*;

use super::{Cell, Writer};

fn output(name: &str, shape: Shape) -> Output {
    Output {
        name: name.to_owned(),
        shape,
    }
}

fn one(shape: Shape, cell: Cell<'_>) -> String {
    let mut writer = Writer::new(&[output("a", shape)]);
    writer.begin();
    writer.cell(0, cell);
    writer.end();
    let text = String::from_utf8(writer.finish().bytes).unwrap();
    text.strip_prefix("{\"a\":")
        .unwrap()
        .strip_suffix('}')
        .unwrap()
        .to_owned()
}

#[test]
fn numbers_look_as_javascript_writes_them() {
    for (number, text) in [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-2.5, "-2.5"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (0.000001, "0.000001"),
        (1.5e-7, "1.5e-7"),
        (f64::NAN, "null"),
        (f64::INFINITY, "null"),
    ] {
        assert_eq!(one(Shape::Raw, Cell::Real(number)), text);
    }
    assert_eq!(one(Shape::Raw, Cell::Int(i64::MIN)), i64::MIN.to_string());
}

#[test]
fn shapes_decide_how_cells_are_written() {
    assert_eq!(one(Shape::Raw, Cell::Text(b"[1,true]")), "[1,true]");
    assert_eq!(one(Shape::Text, Cell::Text(b"[1,true]")), "\"[1,true]\"");
    assert_eq!(one(Shape::Text, Cell::Int(7)), "\"7\"");
    assert_eq!(one(Shape::Text, Cell::Real(7.0)), "\"7\"");
    assert_eq!(one(Shape::Text, Cell::Real(f64::NAN)), "null");
    assert_eq!(one(Shape::Text, Cell::Null), "null");
    assert_eq!(one(Shape::Raw, Cell::Null), "null");
    assert_eq!(one(Shape::Raw, Cell::Bytes(b"1,2")), "null");
}

#[test]
fn broken_text_stays_valid() {
    assert_eq!(one(Shape::Text, Cell::Text(b"a\xff\"")), "\"a\u{fffd}\\\"\"");
}

#[test]
fn rows_are_separated_and_empty_without_keys() {
    let mut writer = Writer::new(&[]);
    for _ in 0..2 {
        writer.begin();
        writer.cell(0, Cell::Int(1));
        writer.cell(1, Cell::Text(b"x"));
        writer.end();
    }
    let rows = writer.finish();
    assert_eq!(rows.bytes, b"{},{}");
    assert_eq!(rows.count, 2);
}

proptest! {
    #[test]
    fn strings_equal_serde(text in any::<String>(), key in any::<String>()) {
        let mut writer = Writer::new(&[output(&key, Shape::Text)]);
        writer.begin();
        writer.cell(0, Cell::Text(text.as_bytes()));
        writer.end();
        let expected = format!(
            "{{{}:{}}}",
            serde_json::to_string(&key).unwrap(),
            serde_json::to_string(&text).unwrap(),
        );
        prop_assert_eq!(String::from_utf8(writer.finish().bytes).unwrap(), expected);
    }

    #[test]
    fn bytes_never_break_the_text(bytes in any::<Vec<u8>>()) {
        let text = one(Shape::Text, Cell::Text(&bytes));
        let value: Json = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(value.as_str().unwrap(), String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn reals_read_back_the_same(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
        let text = one(Shape::Raw, Cell::Real(number));
        // serde_json without its `float_roundtrip` feature may be off by the last bit; the standard library is exact.
        prop_assert!(serde_json::from_str::<Json>(&text).unwrap().is_number());
        prop_assert_eq!(text.parse::<f64>().unwrap(), number);
    }
}
