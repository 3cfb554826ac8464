//! The written forms, against texts that the recorder produced from the same values.

use serde_json::json;

use super::{json as ascii, plain, short, sorted_json};

#[test]
fn json_is_spaced_and_ascii() {
    let value = json!({"a": [1, "é😀\u{7f}\n\"", 1e-5, 1e16, 1.0, 2.5e-7], "b": {}});
    let text = r#"{"a": [1, "\u00e9\ud83d\ude00\u007f\n\"", 1e-05, 1e+16, 1.0, 2.5e-07], "b": {}}"#;
    assert_eq!(ascii(&value), text);
}

#[test]
fn sorting_reaches_every_depth() {
    let value = json!({"b": [{"z": 1, "y": 2}], "a": null});
    assert_eq!(sorted_json(&value), r#"{"a": null, "b": [{"y": 2, "z": 1}]}"#);
}

#[test]
fn long_values_are_cut() {
    assert_eq!(short(&json!("é")), "\"é\"");
    assert_eq!(short(&json!("x".repeat(157))).len(), 159);
    let cut = short(&json!("é".repeat(158)));
    assert_eq!(cut.chars().count(), 160);
    assert!(cut.ends_with("é..."));
}

#[test]
fn scalars_in_templates() {
    let values = [
        json!("a"),
        json!(5),
        json!(null),
        json!(true),
        json!(false),
        json!(1e20),
    ];
    assert_eq!(
        values.each_ref().map(plain),
        ["a", "5", "None", "True", "False", "1e+20"]
    );
}
