//! What is replaced, and what must stay.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Normaliser;

const A: &str = "0123abcd-0000-4000-8000-00000000000a";
const B: &str = "0123abcd-0000-4000-8000-00000000000b";

fn text(text: &str) -> String {
    Normaliser::default().text(text)
}

#[test]
fn tokens_hashes_and_addresses() {
    assert_eq!(text("eyJa.b-_.c"), "<jwt>");
    assert_eq!(text("x eyJa.b.c"), "x eyJa.b.c");
    assert_eq!(text("$argon2id$v=19$x"), "<hash>");
    assert_eq!(
        text("x 127.0.0.1:8055/ localhost:123 localhost:80555"),
        "x <host>/ localhost:123 <host>"
    );
    assert_eq!(text(&("a".repeat(31) + "1")), "<token>");
    for stays in ["a".repeat(32), "1".repeat(32), "a".repeat(30) + "1", "a1 ".repeat(20)] {
        assert_eq!(text(&stays), stays);
    }
}

#[test]
fn recent_times_become_now() {
    let stamp = |hours: i64| (Timestamp::now() + SignedDuration::from_hours(hours)).to_string();
    assert_eq!(text(&stamp(0)), "<now>");
    assert_eq!(text(&stamp(-47)), "<now>");
    assert_eq!(text(&stamp(47)), "<now>");
    assert_eq!(text(&stamp(0)[..19].replace('T', " ")), "<now>");
    for old in [stamp(-49), stamp(49), "2001-01-01T00:00:00Z".to_owned()] {
        assert_eq!(text(&old), old);
    }
    let today = &stamp(0)[..10];
    assert_eq!(text(today), today, "a date alone stays");
    assert_eq!(text("2024-13-41T00:00:00"), "2024-13-41T00:00:00");
}

#[test]
fn ids_are_numbered_in_order_of_appearance() {
    let mut ids = Normaliser::default();
    assert_eq!(ids.text(&format!("/x/{B}?{A}")), "/x/uuid#1?uuid#2");
    assert_eq!(
        ids.value(&json!({A: [B], "k": A})),
        json!({"uuid#2": ["uuid#1"], "k": "uuid#2"})
    );
    assert_eq!(ids.text(&A.to_uppercase()), "<token>", "ids are of lower case");
}

#[test]
fn errors_keep_their_codes() {
    let error = json!({"message": "m", "extensions": {"code": "C", "reason": "r", "stack": "s"}});
    let plain = json!({"message": "m", "reason": "r"});
    let value = Normaliser::default().value(&json!({"errors": [error], "data": plain}));
    let kept = json!({"errors": [{"extensions": {"code": "C"}}], "data": plain});
    assert_eq!(value, kept);
}

#[test]
fn cookies_have_one_form() {
    let headers = "b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0\n\
                   a=abcdefghijklmnopqrstuvwxyz0123456789; Max-Age=60; HttpOnly; SameSite=Lax; Expires=X";
    assert_eq!(
        Normaliser::default().cookies(headers),
        "a=<token>; expires=<date>; httponly; max-age=60; samesite=Lax\nb=; path=/"
    );
    assert_eq!(Normaliser::default().cookies(""), "");
}
