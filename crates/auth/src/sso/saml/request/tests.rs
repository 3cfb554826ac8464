//! A request, as a provider reads it.

use aedile_testkit::saml::Saml;

use super::*;
use crate::sso::saml::{
    metadata,
    xml::{self, Comments},
};

#[test]
fn a_provider_reads_what_it_is_asked() {
    let provider = metadata::provider(&Saml::rsa().unwrap().metadata()).unwrap();
    let acs = "https://project.example/auth/login/o/acs";
    let own = metadata::own(None, "https://project.example/?a&b".into(), acs.into()).unwrap();
    let page = page(&provider, &own, "_request", "relay", 1_800_000_000).unwrap();
    let url = aedile_egress::Url::parse(&page).unwrap();
    assert!(
        page.starts_with("https://idp.example/login?tenant=one&SAMLRequest="),
        "{page}"
    );
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    assert_eq!(pairs[2], ("RelayState".into(), "relay".into()));
    let bytes = STANDARD.decode(&pairs[1].1).unwrap();
    // One block that is the last, stored as it is: its length, the same inverted, and the text.
    let (head, text) = bytes.split_at(5);
    let length = u16::try_from(text.len()).unwrap();
    assert_eq!(head[0], 1);
    assert_eq!(head[1..3], length.to_le_bytes());
    assert_eq!(head[3..5], (!length).to_le_bytes());
    let request = xml::read(text, Comments::Refused).unwrap();
    assert!(request.is(PROTOCOL, "AuthnRequest"));
    for (name, value) in [
        ("ID", "_request"),
        ("Version", "2.0"),
        ("IssueInstant", "2027-01-15T08:00:00Z"),
        ("Destination", "https://idp.example/login?tenant=one"),
        ("AssertionConsumerServiceURL", acs),
    ] {
        assert_eq!(request.attribute(name), Some(value), "{name}");
    }
    let issuer = request.only(ASSERTION, "Issuer").unwrap();
    assert_eq!(issuer.text().unwrap(), "https://project.example/?a&b");
}

#[test]
fn what_is_beyond_measure_is_not_asked() {
    assert!(deflated(&[0; 65_535]).is_some() && deflated(&[0; 65_536]).is_none());
}
