//! What the operator's lists open and close.

use aedile_engine::access::ip::IpList;

use super::{AllowList, Guard, is_own};

fn guard(allow: &[&str], deny: &[&str]) -> Guard {
    let allow = AllowList::parse(allow.iter().copied()).unwrap();
    Guard::new(allow, IpList::parse(deny.iter().copied()).unwrap())
}

fn lets(guard: &Guard, host: &str, port: u16, ip: &str) -> bool {
    guard.refusal(host, port, ip.parse().unwrap()).is_none()
}

#[test]
fn only_the_allow_list_opens() {
    let strict = Guard::strict();
    assert!(lets(&strict, "example.com", 443, "93.184.216.34"));
    assert!(!lets(&strict, "example.com", 443, "10.1.2.3"));
    for (entry, opened, closed) in [
        ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
        ("10.1.0.0/16", "10.1.255.255", "10.2.0.0"),
        ("10.1.2.3-10.1.2.5", "10.1.2.5", "10.1.2.6"),
        ("fd00::/8", "fdff::1", "fc00::1"),
        ("::ffff:10.1.2.3", "10.1.2.3", "10.1.2.4"),
    ] {
        let guard = guard(&[entry], &[]);
        assert!(lets(&guard, "inner", 80, opened), "{entry} {opened}");
        assert!(!lets(&guard, "inner", 80, closed), "{entry} {closed}");
    }
}

#[test]
fn a_name_opens_itself_alone() {
    let guard = guard(&["Inner.example", "other:8080", "bücher.example", "[::1]:81"], &[]);
    assert!(lets(&guard, "inner.example", 80, "10.1.2.3"));
    assert!(lets(&guard, "xn--bcher-kva.example", 80, "10.1.2.3"));
    assert!(lets(&guard, "other", 8080, "127.0.0.1"));
    assert!(lets(&guard, "[::1]", 81, "::1"));
    for (host, port) in [
        ("inner.example.evil", 80),
        ("xinner.example", 80),
        ("other", 80),
        ("10.1.2.3", 80),
        ("[::1]", 82),
    ] {
        assert!(!lets(&guard, host, port, "10.1.2.3"), "{host}:{port}");
    }
}

#[test]
fn what_is_denied_is_denied_in_every_form() {
    let guard = guard(
        &["10.0.0.0/8", "::/0"],
        &["10.1.0.0/16", "93.184.216.34", "2606:4700::/32"],
    );
    for ip in [
        "10.1.2.3",
        "::ffff:10.1.2.3",
        "64:ff9b::10.1.2.3",
        "2002:a01:203::",
        "93.184.216.34",
        "64:ff9b::93.184.216.34",
        "2606:4700::1111",
    ] {
        assert!(!lets(&guard, "host", 80, ip), "{ip}");
    }
    assert!(lets(&guard, "host", 80, "10.2.0.1"));
    assert!(lets(&guard, "host", 80, "8.8.8.8"));
}

#[test]
fn what_is_neither_address_nor_name_is_refused() {
    for entry in [
        "",
        "10.0.0.0/33",
        "a b",
        "http://inner",
        "host:99999",
        "*",
        "a/b",
        "10.0.0.9-10.0.0.1",
        "[::1",
    ] {
        assert_eq!(AllowList::parse([entry]).unwrap_err(), entry);
    }
}

#[test]
fn this_machine_is_known_by_its_addresses() {
    assert!(is_own("127.0.0.1".parse().unwrap()));
    for ip in ["8.8.8.8", "2606:4700::1111"] {
        assert!(!is_own(ip.parse().unwrap()), "{ip}");
    }
}
