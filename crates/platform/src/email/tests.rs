//! Which addresses are taken, and which are the same.

use super::*;

#[test]
fn addresses_are_taken_as_given() {
    for text in [
        "ann@example.com",
        "Bob.Mixed@Example.com",
        "%@example.com",
        "o'neil+tag@sub.example.co.uk",
        "{{x}}=?@a-b.example",
        "ärger@exämple.com",
        "a@xn--exmple-cua.com",
    ] {
        assert_eq!(Email::parse(text).unwrap().as_str(), text);
    }
}

#[test]
fn what_is_no_address_is_refused() {
    for text in [
        "",
        "not-an-email",
        "not an address",
        " bob.mixed@example.com ",
        "bob.mixed@example.com\n",
        "bob@example.com\r\nBcc: eve@example.com",
        "bob.mixed@example.com' or '1'='1",
        "@example.com",
        "bob@",
        "bob@localhost",
        "bob@@example.com",
        "bob@example.com@evil.example",
        ".bob@example.com",
        "bob.@example.com",
        "b..b@example.com",
        "bob@example..com",
        "bob@.example.com",
        "bob@example.com.",
        "bob@-example.com",
        "bob@example-.com",
        "bob@127.0.0.1",
        "bob@[127.0.0.1]",
        "\"bob\"@example.com",
        "bob <bob@example.com>",
        "bob,eve@example.com",
        "bob@exa mple.com",
        "bob@exa_mple.com",
        "b\u{200b}ob@example.com",
        "b\0b@example.com",
    ] {
        assert_eq!(Email::parse(text), None, "{text:?}");
    }
}

#[test]
fn lengths_are_bounded() {
    let local = "a".repeat(64);
    assert!(Email::parse(&format!("{local}@example.com")).is_some());
    assert!(Email::parse(&format!("{local}a@example.com")).is_none());
    assert!(Email::parse(&format!("{}@example.com", "a".repeat(250))).is_none());
    let label = "a".repeat(63);
    assert!(Email::parse(&format!("a@{label}.com")).is_some());
    assert!(Email::parse(&format!("a@{label}a.com")).is_none());
    let domain = format!("{label}.{label}.{label}.com");
    assert!(Email::parse(&format!("{}@{domain}", "a".repeat(57))).is_some());
    assert!(Email::parse(&format!("{}@{domain}", "a".repeat(59))).is_none());
}

#[test]
fn case_does_not_make_another_address_but_look_alikes_do() {
    let bob = Email::parse("Bob.Mixed@Example.com").unwrap();
    assert_eq!(bob.comparable(), "bob.mixed@example.com");
    assert_eq!(comparable("BOB.MIXED@EXAMPLE.COM"), bob.comparable());
    assert_ne!(comparable("\u{212a}im@example.com"), comparable("kim@example.com"));
    assert_ne!(comparable("İan@example.com"), comparable("ian@example.com"));
}
