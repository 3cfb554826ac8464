//! Addresses that are allowed, and those that only look like it.

use aedile_engine::Code;
use serde_json::json;

use super::{AllowList, own, with_token};
use crate::{
    fixture::{body, code},
    token::Token,
};

fn list() -> AllowList {
    AllowList::new(&[
        "https://app.example.com/reset".to_owned(),
        "https://two.example.com".to_owned(),
        "myapp://open/reset".to_owned(),
        "not an address".to_owned(),
    ])
}

#[test]
fn listed_addresses_are_allowed_with_any_query_and_fragment() {
    for url in [
        "https://app.example.com/reset",
        "https://app.example.com:443/reset",
        "HTTPS://APP.example.com/reset",
        "https://app.example.com/reset?x=1",
        "https://app.example.com/reset#x",
        "https://app.example.com/reset?u=https://a@b/",
        "https://two.example.com",
        "https://two.example.com/",
        "https://two.example.com?x",
        "myapp://open/reset",
    ] {
        assert!(list().allows(url), "{url}");
    }
}

#[test]
fn others_are_not_however_they_are_dressed() {
    for url in [
        "",
        "not an address",
        "https://app.example.com/other",
        "https://app.example.com/reset/",
        "https://app.example.com/reset/more",
        "https://app.example.com/x/../reset",
        "https://app.example.com:8443/reset",
        "http://two.example.com",
        "https://two.example.com.evil.com",
        "https://evil.com/https://two.example.com",
        "https://two.example.com@evil.com",
        "https://user@two.example.com",
        "https://user:pass@two.example.com/",
        "https://two.example.com:pass@evil.com",
        "https://evil.com\\@two.example.com",
        "https://two.example.com\\.evil.com",
        "https://two.example.com\t",
        " https://two.example.com",
        "https://two.example.com\n.evil.com",
        "https:/two.example.com",
        "https:two.example.com",
        "//two.example.com",
        "javascript:alert(1)",
        "javascript://two.example.com/%0aalert(1)",
        "https://two%2eexample.com",
        "https://twö.example.com",
        "https://two.example.com:",
        "https://two.example.com:99999",
        "https://[::1]evil",
        "https://",
    ] {
        assert!(!list().allows(url), "{url}");
    }
}

#[test]
fn an_empty_address_is_none_and_an_unlisted_one_is_refused() {
    let chosen = |value| list().chosen(&body(json!({ "reset_url": value })), "reset_url");
    assert_eq!(chosen(json!("")), Ok(None));
    assert_eq!(chosen(json!(null)), Ok(None));
    assert_eq!(list().chosen(&body(json!({})), "reset_url"), Ok(None));
    let listed = "https://two.example.com/?x=1";
    assert_eq!(chosen(json!(listed)), Ok(Some(listed.to_owned())));
    for refused in [json!("https://evil.com"), json!(5), json!([listed])] {
        assert_eq!(code(chosen(refused)), Code::InvalidPayload);
    }
}

#[test]
fn the_token_goes_into_the_query() {
    let token = Token::new("abc").unwrap();
    for (url, with) in [
        ("https://a.example", "https://a.example?token=abc"),
        ("https://a.example/?x=1", "https://a.example/?x=1&token=abc"),
        ("https://a.example/#top", "https://a.example/?token=abc#top"),
        ("https://a.example/#a?b", "https://a.example/?token=abc#a?b"),
    ] {
        assert_eq!(with_token(url, &token), with);
    }
    assert_eq!(own("/", "/admin/x"), "/admin/x");
    assert_eq!(own("https://a.example", "/admin/x"), "https://a.example/admin/x");
}
