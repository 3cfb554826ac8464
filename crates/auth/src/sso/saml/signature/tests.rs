//! What signatures may be, beside what answers are tried with.

use aedile_testkit::saml::Saml;

use super::*;

fn read(text: &str) -> Element {
    xml::read(text.as_bytes(), Comments::Refused).unwrap()
}

/// Something that is signed, with a value that uses a prefix.
const THING: &str = "<x:thing xmlns:x=\"urn:x\" ID=\"_1\"><saml:Issuer xmlns:saml=\"urn:s\"></saml:Issuer><x:value xmlns:y=\"urn:y\" type=\"y:z\">1</x:value></x:thing>";

#[test]
fn a_prefix_is_kept_where_the_signature_asks_for_it() {
    let by = Saml::rsa().unwrap();
    let keys = [Key::of_certificate(by.certificate()).unwrap()];
    let kept = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
        <ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"PREFIXES\"></ec:InclusiveNamespaces></ds:Transform>";
    let with = |prefixes: &str| {
        let transform = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
        let change = |info: &str| info.replace(transform, &kept.replace("PREFIXES", prefixes));
        let signed = by.sign_with(THING, change).unwrap();
        verified(&read(&signed), &keys).map(|told| told.unwrap().all().len())
    };
    // `y` is written out in what was signed, which only whoever keeps it does too.
    assert_eq!(with("a y"), Ok(3));
    assert_eq!(with("a"), Err(Fault::Digest));
    let many: Vec<String> = (0..=MAX_KEPT).map(|n| format!("p{n}")).collect();
    assert_eq!(with(&many.join(" ")), Err(Fault::Algorithm));
}

#[test]
fn what_is_not_signed_is_told_as_such() {
    let keys = [Key::of_certificate(Saml::rsa().unwrap().certificate()).unwrap()];
    assert!(verified(&read(THING), &keys).unwrap().is_none());
    let empty = THING.replace("</x:thing>", &format!("<Signature xmlns=\"{DSIG}\"/></x:thing>"));
    assert_eq!(verified(&read(&empty), &keys).map(drop), Err(Fault::Signature));
}

#[test]
fn what_comes_back_is_without_the_signature() {
    let by = Saml::elliptic().unwrap();
    let keys = [Key::of_certificate(by.certificate()).unwrap()];
    let thing = THING.replace(" xmlns:y=\"urn:y\"", "");
    let told = verified(&read(&by.sign(&thing).unwrap()), &keys).unwrap().unwrap();
    assert_eq!(canonical::form(&told, None, &[]).unwrap(), thing.as_bytes());
}

#[test]
fn not_every_certificate_has_a_key_that_is_used() {
    for text in ["", "AAAA", "MAA=", "no base64"] {
        assert!(Key::of_certificate(text).is_none(), "{text}");
    }
    let lines = Saml::rsa().unwrap().certificate().replace('A', "A\r\n ");
    assert!(Key::of_certificate(&lines).is_some());
}
