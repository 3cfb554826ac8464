//! The tables, range by range.

use std::net::IpAddr;

use super::{SPECIAL_V4, SPECIAL_V6, embedded, special};

fn told(ip: &str) -> Option<&'static str> {
    special(ip.parse::<IpAddr>().unwrap())
}

#[test]
fn ranges_begin_and_end_where_the_registries_say() {
    let (inside, outside) = (true, false);
    for (ip, expected) in [
        ("0.255.255.255", inside),
        ("1.0.0.0", outside),
        ("9.255.255.255", outside),
        ("10.0.0.0", inside),
        ("10.255.255.255", inside),
        ("11.0.0.0", outside),
        ("100.63.255.255", outside),
        ("100.64.0.0", inside),
        ("100.127.255.255", inside),
        ("100.128.0.0", outside),
        ("126.255.255.255", outside),
        ("127.0.0.0", inside),
        ("127.255.255.255", inside),
        ("128.0.0.0", outside),
        ("169.253.255.255", outside),
        ("169.254.0.0", inside),
        ("169.255.0.0", outside),
        ("172.15.255.255", outside),
        ("172.16.0.0", inside),
        ("172.31.255.255", inside),
        ("172.32.0.0", outside),
        ("192.0.0.255", inside),
        ("192.0.1.0", outside),
        ("192.0.2.255", inside),
        ("192.88.99.0", inside),
        ("192.167.255.255", outside),
        ("192.168.255.255", inside),
        ("198.17.255.255", outside),
        ("198.19.255.255", inside),
        ("198.20.0.0", outside),
        ("203.0.113.255", inside),
        ("223.255.255.255", outside),
        ("224.0.0.0", inside),
        ("255.255.255.254", inside),
        ("8.8.8.8", outside),
        ("2000::", outside),
        ("1fff:ffff::", inside),
        ("2001:1ff:ffff::", inside),
        ("2001:200::", outside),
        ("2001:db8:ffff::", inside),
        ("2001:db9::", outside),
        ("2606:4700::1111", outside),
        ("3ffe:ffff::", outside),
        ("3fff:fff::", inside),
        ("3fff:1000::", outside),
        ("4000::", inside),
        ("64:ff9b::8.8.8.8", outside),
        ("64:ff9b::10.0.0.1", inside),
        ("64:ff9b:0:0:0:1::", inside),
        ("2606:4700::5efe:8.8.8.8", outside),
        ("2606:4700::5efe:127.0.0.1", inside),
    ] {
        assert_eq!(told(ip).is_some(), expected, "{ip}: {:?}", told(ip));
    }
}

/// No range is hidden behind a wider one that comes before it: each is told by its own name.
#[test]
fn every_range_has_its_name() {
    for (net, name) in SPECIAL_V4 {
        assert_eq!(special(net.network().into()), Some(name), "{net}");
        let last = if name == "reserved" {
            [255, 255, 255, 254].into()
        } else {
            net.broadcast()
        };
        assert_eq!(special(last.into()), Some(name), "{net}");
    }
    for (net, name) in SPECIAL_V6 {
        // The first addresses of the oldest ranges have names of their own.
        if !matches!(name, "IPv4-compatible" | "IETF protocol assignments") {
            assert_eq!(special(net.network().into()), Some(name), "{net}");
        }
        assert_eq!(special(net.broadcast().into()), Some(name), "{net}");
    }
}

#[test]
fn ipv4_is_found_in_ipv6() {
    for ip in [
        "::ffff:10.1.2.3",
        "::10.1.2.3",
        "::ffff:0:10.1.2.3",
        "64:ff9b::10.1.2.3",
        "64:ff9b:1::10.1.2.3",
        "2002:a01:203::1",
        "2001:0:4136:e378:8000:63bf:f5fe:fdfc",
        "fe80::5efe:10.1.2.3",
        "2606:4700::200:5efe:10.1.2.3",
    ] {
        let found = embedded(ip.parse().unwrap()).map(|ip| ip.to_string());
        assert_eq!(found.as_deref(), Some("10.1.2.3"), "{ip}");
    }
    for ip in ["2606:4700::1111", "fe80::1", "2001:db8::10.1.2.3"] {
        assert_eq!(embedded(ip.parse().unwrap()), None, "{ip}");
    }
}
