//! Whose address a request counts for.
use std::net::IpAddr;

use aedile_platform::config::{Settings, TrustProxy};
use axum::http::{HeaderMap, HeaderValue};

use super::address;

fn of(trust_proxy: TrustProxy, peer: &str, forwarded: &[&'static str]) -> String {
    let settings = Settings {
        trust_proxy,
        ..Settings::default()
    };
    let mut headers = HeaderMap::new();
    for line in forwarded {
        headers.append("x-forwarded-for", HeaderValue::from_static(line));
    }
    address(&settings, peer.parse::<IpAddr>().unwrap(), &headers).to_string()
}

#[test]
fn nobody_is_believed_unless_the_operator_says_so() {
    assert_eq!(of(TrustProxy::Never, "9.9.9.9", &["1.1.1.1"]), "9.9.9.9");
    assert_eq!(of(TrustProxy::Never, "::ffff:9.9.9.9", &[]), "9.9.9.9");
}

#[test]
fn everybody_believed_the_leftmost_counts() {
    assert_eq!(
        of(TrustProxy::Always, "9.9.9.9", &["1.1.1.1, 2.2.2.2", "3.3.3.3"]),
        "1.1.1.1"
    );
    assert_eq!(of(TrustProxy::Always, "9.9.9.9", &[]), "9.9.9.9");
}

#[test]
fn hops_are_counted_from_the_nearest() {
    let line = &["6.6.6.6, 1.1.1.1, 2.2.2.2"];
    assert_eq!(of(TrustProxy::Hops(0), "9.9.9.9", line), "9.9.9.9");
    assert_eq!(of(TrustProxy::Hops(1), "9.9.9.9", line), "2.2.2.2");
    assert_eq!(of(TrustProxy::Hops(2), "9.9.9.9", line), "1.1.1.1");
    assert_eq!(of(TrustProxy::Hops(9), "9.9.9.9", line), "6.6.6.6");
}

#[test]
fn the_first_outside_of_the_trusted_networks_counts() {
    let trusted = || TrustProxy::Networks(vec!["10.0.0.0/8".parse().unwrap()]);
    assert_eq!(of(trusted(), "10.0.0.1", &["6.6.6.6, 1.1.1.1, 10.2.3.4"]), "1.1.1.1");
    assert_eq!(of(trusted(), "9.9.9.9", &["1.1.1.1"]), "9.9.9.9");
    assert_eq!(of(trusted(), "10.0.0.1", &["nonsense, 10.0.0.2:4711"]), "10.0.0.2");
}

#[test]
fn a_custom_header_counts_only_when_it_holds_an_address() {
    let settings = Settings {
        ip_custom_header: Some("x-client".into()),
        ..Settings::default()
    };
    let mut headers = HeaderMap::new();
    let peer: IpAddr = "9.9.9.9".parse().unwrap();
    headers.insert("x-client", HeaderValue::from_static("[2001:db8::1]:80"));
    assert_eq!(address(&settings, peer, &headers).to_string(), "2001:db8::1");
    headers.insert("x-client", HeaderValue::from_static("somebody"));
    assert_eq!(address(&settings, peer, &headers), peer);
}
