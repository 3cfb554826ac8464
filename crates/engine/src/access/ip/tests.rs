//! Which addresses are on a list, and which texts are no address at all.

use super::*;

fn on(entry: &str, address: &str) -> bool {
    let list = IpList::parse([entry]).unwrap();
    list.has(Some(address.parse().unwrap()))
}

#[test]
fn an_address_is_on_a_list_or_not() {
    for (entry, inside, outside) in [
        (
            "10.0.0.7",
            vec!["10.0.0.7", "::ffff:10.0.0.7"],
            vec!["10.0.0.6", "10.0.0.8", "::7"],
        ),
        (
            "10.0.0.0/8",
            vec!["10.0.0.0", "10.255.255.255"],
            vec!["9.255.255.255", "11.0.0.0", "::a"],
        ),
        (
            " 10.0.0.3 - 10.0.0.5 ",
            vec!["10.0.0.3", "10.0.0.4", "10.0.0.5"],
            vec!["10.0.0.2", "10.0.0.6", "::4"],
        ),
        ("10.0.0.3-10.0.0.3", vec!["10.0.0.3"], vec!["10.0.0.2", "10.0.0.4"]),
        ("0.0.0.0/0", vec!["0.0.0.0", "255.255.255.255"], vec!["::1", "fe80::1"]),
        ("0.0.0.0-255.255.255.255", vec!["1.2.3.4"], vec!["::1", "ffff::1"]),
        ("::-ffff::", vec!["::1", "fe80::1"], vec!["1.2.3.4", "::ffff:1.2.3.4"]),
        ("fe80::/10", vec!["fe80::1", "febf::1"], vec!["fec0::1", "10.0.0.1"]),
        ("::ffff:10.0.0.7", vec!["10.0.0.7"], vec!["10.0.0.8"]),
        ("::ffff:10.0.0.1-10.0.0.9", vec!["10.0.0.5"], vec!["10.0.0.10"]),
    ] {
        for address in inside {
            assert!(on(entry, address), "{address} is on {entry}");
        }
        for address in outside {
            assert!(!on(entry, address), "{address} is not on {entry}");
        }
    }
}

#[test]
fn no_address_is_on_no_list_and_no_list_has_any() {
    let everywhere = IpList::parse(["0.0.0.0/0", "::/0"]).unwrap();
    assert!(!everywhere.has(None));
    let address: IpAddr = "10.0.0.7".parse().unwrap();
    assert!(everywhere.has(Some(address)));
    assert!(!IpList::nowhere().has(Some(address)));
    assert!(!IpList::parse([]).unwrap().has(Some(address)));
    let several = IpList::parse(["10.0.0.1", "10.0.0.6-10.0.0.8"]).unwrap();
    assert!(several.has(Some(address)));
}

#[test]
fn what_is_no_address_is_given_back() {
    for text in [
        "",
        "x",
        "10.0.0",
        "10.0.0.0/33",
        "10.0.0.5-10.0.0.3",
        "10.0.0.1-::9",
        "::1-10.0.0.1",
        "-",
        "10.0.0.1-",
        "10.0.0.1-x",
    ] {
        assert_eq!(IpList::parse(["10.0.0.1", text]), Err(text.to_owned()));
    }
}

#[test]
fn lists_are_told_as_they_are_written() {
    for (entries, told) in [
        (vec![], ""),
        (vec!["10.0.0.7"], "10.0.0.7"),
        (vec!["10.0.0.7/32", "::1/128"], "10.0.0.7, ::1"),
        (
            vec!["10.0.0.0/8", "10.0.0.1-10.0.0.3", "fe80::1"],
            "10.0.0.0/8, 10.0.0.1-10.0.0.3, fe80::1",
        ),
    ] {
        assert_eq!(IpList::parse(entries).unwrap().to_string(), told);
    }
}
