//! Lists of addresses, compared.
use super::*;

fn list(text: &str) -> Addresses {
    Addresses::stored(Some(text))
}

#[test]
fn a_list_lies_within_another_when_no_address_of_it_is_left_out() {
    for (narrow, wide) in [
        ("10.0.0.5", "10.0.0.0/8"),
        ("10.1.0.0/16", "10.0.0.0/8"),
        ("10.0.0.1-10.0.0.9", "10.0.0.0/24"),
        ("10.0.0.5, 192.168.0.1", "192.168.0.0/16,10.0.0.0/8"),
        ("::ffff:10.0.0.5", "10.0.0.0/8"),
        ("2001:db8::1", "2001:db8::/32"),
        ("1.2.3.4", "0.0.0.0/0"),
        ("not an address", "10.0.0.1"),
    ] {
        assert!(list(narrow).within(&list(wide)), "{narrow} in {wide}");
        assert!(list(narrow).within(&Addresses::Everywhere), "{narrow}");
    }
}

#[test]
fn a_list_does_not_lie_within_one_that_leaves_an_address_out() {
    for (wide, narrow) in [
        ("10.0.0.0/8", "10.0.0.5"),
        ("10.0.0.0/7", "10.0.0.0/8"),
        ("10.0.0.1-10.0.1.0", "10.0.0.0/24"),
        ("10.0.0.5,11.0.0.1", "10.0.0.0/8"),
        ("::/0", "0.0.0.0/0"),
        ("2001:db8::/32", "2001:db8::/33"),
        ("10.0.0.1", "not an address"),
    ] {
        assert!(!list(wide).within(&list(narrow)), "{wide} in {narrow}");
    }
    assert!(!Addresses::Everywhere.within(&list("0.0.0.0/0,::/0")));
}

#[test]
fn an_empty_list_is_everywhere() {
    assert_eq!(list(""), Addresses::Everywhere);
    assert_eq!(Addresses::stored(None), Addresses::Everywhere);
}

#[test]
fn an_address_is_among_those_of_its_list() {
    let ip = |text: &str| Some(text.parse().unwrap());
    assert!(list("10.0.0.0/8").has(ip("10.9.9.9")));
    assert!(list("10.0.0.0/8").has(ip("::ffff:10.9.9.9")));
    assert!(!list("10.0.0.0/8").has(ip("11.0.0.0")));
    assert!(!list("10.0.0.0/8").has(None));
    assert!(Addresses::Everywhere.has(None));
}
