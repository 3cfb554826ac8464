//! Defaults as PostgreSQL 15 prints them.

use serde_json::json;

use super::Default;

#[test]
fn constants_are_taken_out_of_their_casts() {
    for (text, data_type, expected) in [
        ("'all'::character varying", "character varying", json!("all")),
        ("'it''s ::odd'::text", "text", json!("it's ::odd")),
        ("('a'::text)::character varying", "character varying", json!("a")),
        ("false", "boolean", json!(false)),
        ("25", "integer", json!(25)),
        ("'-1'::integer", "integer", json!(-1)),
        ("(-1)", "integer", json!(-1)),
        ("1.5", "numeric", json!(1.5)),
        ("'{\"a\": 1}'::json", "json", json!({"a": 1})),
    ] {
        assert_eq!(Default::parse(text, data_type), Default::Constant(expected), "{text}");
    }
}

#[test]
fn what_is_computed_is_no_constant() {
    assert_eq!(
        Default::parse("CURRENT_TIMESTAMP", "timestamp with time zone"),
        Default::Now
    );
    assert_eq!(Default::parse("now()", "timestamp with time zone"), Default::Now);
    assert_eq!(
        Default::parse("nextval('a_id_seq'::regclass)", "integer"),
        Default::Count
    );
    assert_eq!(
        Default::parse("NULL::character varying", "character varying"),
        Default::Other
    );
    assert_eq!(Default::parse("gen_random_uuid()", "uuid"), Default::Other);
    assert_eq!(Default::parse("('a'::text || 'b'::text)", "text"), Default::Other);
}
