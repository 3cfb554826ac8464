//! That secrets stay covered and address blocks hold what they say.

use super::*;

#[test]
fn a_secret_is_never_printed() {
    let settings = Settings {
        tokens: Tokens {
            secret: Secret::new("alpha-signing"),
            ..Tokens::default()
        },
        admin: Admin {
            email: None,
            password: Secret::new("beta-word"),
            token: Secret::new("gamma-token"),
        },
        ..Settings::default()
    };
    let shown = format!("{settings:?} {:#?} {}", settings, settings.tokens.secret);
    for hidden in ["alpha", "beta", "gamma"] {
        assert!(!shown.contains(hidden), "{hidden} shows in {shown}");
    }
    assert!(shown.contains(MASK));
}

#[test]
fn the_default_secret_is_long_and_never_the_same() {
    let (one, two) = (Tokens::default().secret, Tokens::default().secret);
    assert!(one.expose().len() >= 32);
    assert_ne!(one, two);
}

#[test]
fn networks_hold_their_addresses() {
    let cases = [
        ("10.0.0.0/8", "10.255.1.2", true),
        ("10.0.0.0/8", "11.0.0.1", false),
        ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "10.1.2.4", false),
        ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("127.0.0.0/8", "::ffff:127.0.0.1", true),
        ("fc00::/7", "fd12::1", true),
        ("fc00::/7", "2001:db8::1", false),
        ("::/0", "2001:db8::1", true),
        ("::1/128", "::2", false),
    ];
    for (network, address, expected) in cases {
        let held = network.parse::<Network>().unwrap().contains(address.parse().unwrap());
        assert_eq!(held, expected, "{network} {address}");
    }
    for bad in [
        "",
        "10.0.0.0/33",
        "::/129",
        "10.0.0/8",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "host",
    ] {
        assert!(bad.parse::<Network>().is_err(), "{bad}");
    }
}
