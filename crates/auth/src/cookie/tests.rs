//! Cookies among others, and how they are written.

use std::time::Duration;

use aedile_platform::config::{Cookie, SameSite};

use super::{clear, find, set};

#[test]
fn a_cookie_is_found_among_others() {
    assert_eq!(find("a=b; name=value; c=d", "name"), Some("value"));
    assert_eq!(find("name=\"value\"", "name"), Some("value"));
    assert_eq!(find("xname=1; name=2; name=3", "name"), Some("2"));
    assert_eq!(find("other=value", "name"), None);
    assert_eq!(find("name", "name"), None);
    assert_eq!(find("", "name"), None);
}

#[test]
fn a_cookie_says_how_long_it_lives_and_where_it_goes() {
    let plain = Cookie::named("token");
    assert_eq!(
        set(&plain, "x", Duration::from_secs(60), 1_700_000_000_000),
        "token=x; Max-Age=60; Path=/; Expires=Tue, 14 Nov 2023 22:14:20 GMT; HttpOnly; SameSite=Lax"
    );
    let strict = Cookie {
        domain: Some("example.com".into()),
        secure: true,
        same_site: SameSite::Strict,
        ..plain
    };
    assert_eq!(
        clear(&strict),
        "token=; Max-Age=0; Domain=example.com; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; \
         SameSite=Strict"
    );
}
