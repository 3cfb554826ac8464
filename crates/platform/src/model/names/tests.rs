//! Names that are taken and names that are refused.
use serde_json::json;

use super::*;

#[test]
fn names_of_the_system_and_of_nothing_are_refused() {
    for bad in [
        json!(""),
        json!(null),
        json!(12),
        json!("directus_mine"),
        json!("Directus_x"),
        json!("aedile_meta"),
    ] {
        assert!(collection(Some(&bad)).is_err(), "{bad}");
    }
    assert!(collection(None).is_err());
    assert_eq!(collection(Some(&json!("straße_1"))).unwrap(), "straße_1");
}

#[test]
fn names_that_no_query_could_spell_are_refused() {
    for bad in [
        "a b",
        "a.b",
        "a,b",
        "item:pages",
        "year(x)",
        "*",
        "$x",
        "a\nb",
        "a\"b",
        "a/b",
    ] {
        assert!(field(Some(&json!(bad))).is_err(), "{bad}");
    }
    assert!(field(Some(&json!("x".repeat(64)))).is_err());
    assert!(field(Some(&json!("x".repeat(63)))).is_ok());
    assert!(
        field(Some(&json!("directus_x"))).is_ok(),
        "fields are free to be called so"
    );
}
