//! What an answer has to be, each part of it changed on its own; and the known ways of wrapping a signed part into an answer
//! that says something else.

use std::sync::OnceLock;

use aedile_testkit::saml::{Answer, ENTITY, LIFETIME, Saml};
use serde_json::json;

use super::*;

const NOW: i64 = 1_800_000_000;
const ACS: &str = "https://project.example/auth/login/office/acs";
const PROJECT: &str = "https://project.example/auth/login/office/metadata";
const REQUEST: &str = "_request-1";

mod wrapping;

/// A provider whose key is known.
fn provider() -> &'static Saml {
    static PROVIDER: OnceLock<Saml> = OnceLock::new();
    PROVIDER.get_or_init(|| Saml::rsa().unwrap())
}

fn answer() -> Answer {
    Answer {
        project: PROJECT.into(),
        acs: ACS.into(),
        request: REQUEST.into(),
        now: NOW,
        name: "_one".into(),
        subject: "ann".into(),
        attributes: vec![("mail".into(), "ann@example.com".into())],
    }
}

fn judged_at(text: &str, by: &Saml, now: i64) -> Result<Told, Fault> {
    let keys = [Key::of_certificate(by.certificate()).unwrap()];
    let expected = Expected {
        provider: ENTITY,
        project: PROJECT,
        acs: ACS,
        request: REQUEST,
        now,
    };
    read(text.as_bytes(), &keys, &expected)
}

fn judged(text: &str) -> Result<Told, Fault> {
    judged_at(text, provider(), NOW)
}

/// Why an answer proves nothing whose assertion is changed before it is signed.
fn fault_of(from: &str, to: &str) -> Option<Fault> {
    let assertion = answer().assertion();
    assert!(assertion.contains(from), "{from}");
    let signed = provider().sign(&assertion.replacen(from, to, 1)).unwrap();
    judged(&answer().around(&signed)).err()
}

/// The same for the answer, which is signed as a whole.
fn fault_around(from: &str, to: &str) -> Option<Fault> {
    let whole = answer().around(&answer().assertion());
    assert!(whole.contains(from), "{from}");
    judged(&provider().sign(&whole.replacen(from, to, 1)).unwrap()).err()
}

#[test]
fn what_the_provider_has_signed_is_believed() {
    let elliptic = Saml::elliptic().unwrap();
    for by in [provider(), &elliptic] {
        let assertion = by.sign(&answer().assertion()).unwrap();
        let outside = by.sign(&answer().around(&answer().assertion())).unwrap();
        let both = by.sign(&answer().around(&assertion)).unwrap();
        for text in [&answer().around(&assertion), &outside, &both] {
            let told = judged_at(text, by, NOW).unwrap();
            assert_eq!(told.assertion, "_one");
            let expected = json!({ "mail": "ann@example.com", NAME_ID: "ann" });
            assert_eq!(Json::Object(told.claims), expected, "{text}");
        }
    }
    // The next key stands beside the present one.
    let text = answer().around(&elliptic.sign(&answer().assertion()).unwrap());
    let keys = [provider(), &elliptic].map(|one| Key::of_certificate(one.certificate()).unwrap());
    let expected = Expected {
        provider: ENTITY,
        project: PROJECT,
        acs: ACS,
        request: REQUEST,
        now: NOW,
    };
    assert!(read(text.as_bytes(), &keys, &expected).is_ok());
    assert_eq!(
        read(text.as_bytes(), &keys[..1], &expected).err(),
        Some(Fault::Signature)
    );
}

#[test]
fn nothing_else_is() {
    let plain = answer().around(&answer().assertion());
    assert_eq!(judged(&plain).err(), Some(Fault::Unsigned));
    // Another's key, whose certificate the message brings along.
    let other = Saml::rsa().unwrap();
    let foreign = other.sign(&answer().assertion()).unwrap();
    assert!(foreign.contains(other.certificate()));
    assert_eq!(judged(&answer().around(&foreign)).err(), Some(Fault::Signature));
    // One right signature does not make up for a wrong one.
    let mixed = provider().sign(&answer().around(&foreign)).unwrap();
    assert_eq!(judged(&mixed).err(), Some(Fault::Signature));
    // What was changed afterwards.
    let signed = answer().around(&provider().sign(&answer().assertion()).unwrap());
    for (from, to, fault) in [
        (">ann<", ">bob<", Fault::Digest),
        ("ann@example.com", "bob@example.com", Fault::Digest),
        ("URI=\"#_one\"", "URI=\"#_two\"", Fault::Signature),
        ("<ds:DigestValue>", "<ds:DigestValue>AAAA", Fault::Signature),
        ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA", Fault::Signature),
        ("<ds:SignatureValue>", "<ds:SignatureValue>!", Fault::Signature),
        (
            "</ds:KeyInfo>",
            "</ds:KeyInfo><ds:Object></ds:Object>",
            Fault::Signature,
        ),
    ] {
        assert!(signed.contains(from), "{from}");
        assert_eq!(judged(&signed.replacen(from, to, 1)).err(), Some(fault), "{from}");
    }
    // What a signature names as its key is not looked at, nor missed.
    let (before, rest) = signed.split_once("<ds:KeyInfo>").unwrap();
    let (_, after) = rest.split_once("</ds:KeyInfo>").unwrap();
    assert!(judged(&format!("{before}{after}")).is_ok());
}

/// What signatures may say of themselves, though the right key has signed it.
#[test]
fn signatures_are_made_in_one_way() {
    let more = "http://www.w3.org/2001/04/xmldsig-more#";
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let enveloped = "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>";
    let transform = format!("<ds:Transform Algorithm=\"{exclusive}\"></ds:Transform>");
    let xpath = "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"></ds:Transform>";
    let method = format!("<ds:CanonicalizationMethod Algorithm=\"{exclusive}\">");
    let inclusive = "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\">";
    let with_comments = format!("<ds:CanonicalizationMethod Algorithm=\"{exclusive}WithComments\">");
    let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    let cases = [
        (
            format!("{more}rsa-sha256"),
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1".into(),
            Fault::Algorithm,
        ),
        (
            format!("{more}rsa-sha256"),
            format!("{more}hmac-sha256"),
            Fault::Algorithm,
        ),
        (
            format!("{more}rsa-sha256"),
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1".into(),
            Fault::Algorithm,
        ),
        (format!("{more}rsa-sha256"), format!("{more}rsa-md5"), Fault::Algorithm),
        (
            format!("{more}rsa-sha256"),
            format!("{more}rsa-sha512"),
            Fault::Signature,
        ),
        (
            format!("{more}rsa-sha256"),
            format!("{more}ecdsa-sha256"),
            Fault::Signature,
        ),
        (
            sha256.into(),
            "http://www.w3.org/2000/09/xmldsig#sha1".into(),
            Fault::Algorithm,
        ),
        (
            sha256.into(),
            "http://www.w3.org/2001/04/xmlenc#sha512".into(),
            Fault::Digest,
        ),
        (method.clone(), inclusive.into(), Fault::Algorithm),
        (method, with_comments, Fault::Algorithm),
        (enveloped.into(), String::new(), Fault::Algorithm),
        (transform.clone(), String::new(), Fault::Algorithm),
        (transform.clone(), xpath.into(), Fault::Algorithm),
        (transform.clone(), format!("{transform}{xpath}"), Fault::Algorithm),
        (enveloped.into(), transform.clone(), Fault::Algorithm),
        ("URI=\"#_one\"".into(), "URI=\"\"".into(), Fault::Reference),
        ("URI=\"#_one\"".into(), "URI=\"#_answer-_one\"".into(), Fault::Reference),
        (
            "URI=\"#_one\"".into(),
            "URI=\"#xpointer(id('_one'))\"".into(),
            Fault::Reference,
        ),
        (
            "URI=\"#_one\"".into(),
            "URI=\"https://evil.example/#_one\"".into(),
            Fault::Reference,
        ),
        (" URI=\"#_one\"".into(), String::new(), Fault::Reference),
    ];
    for (from, to, fault) in cases {
        let change = |info: &str| {
            assert!(info.contains(&from), "{from}");
            info.replacen(&from, &to, 1)
        };
        let signed = provider().sign_with(&answer().assertion(), change).unwrap();
        assert_eq!(judged(&answer().around(&signed)).err(), Some(fault), "{from} {to}");
    }
    // Two references, or none.
    let twice = |info: &str| {
        let (head, rest) = info.split_once("<ds:Reference").unwrap();
        let (own, tail) = rest.split_once("</ds:Reference>").unwrap();
        format!("{head}<ds:Reference{own}</ds:Reference><ds:Reference{own}</ds:Reference>{tail}")
    };
    let none = |info: &str| {
        let (head, rest) = info.split_once("<ds:Reference").unwrap();
        format!("{head}{}", rest.split_once("</ds:Reference>").unwrap().1)
    };
    for signed in [
        provider().sign_with(&answer().assertion(), twice),
        provider().sign_with(&answer().assertion(), none),
    ] {
        let text = answer().around(&signed.unwrap());
        assert_eq!(judged(&text).err(), Some(Fault::Reference));
    }
}

#[test]
fn it_is_of_this_provider_for_this_project_and_this_request() {
    let issuer = aedile_testkit::saml::escaped(ENTITY);
    for (from, to, fault) in [
        (issuer.as_str(), "https://other.example", Fault::Issuer),
        (PROJECT, "https://other.example", Fault::Audience),
        ("<saml:Audience>", "<saml:Audience>x", Fault::Audience),
        ("Recipient=\"https", "Recipient=\"http", Fault::Recipient),
        (REQUEST, "_request-2", Fault::Request),
        (" InResponseTo=\"_request-1\"", "", Fault::Request),
        ("cm:bearer", "cm:holder-of-key", Fault::Subject),
        ("cm:bearer", "cm:sender-vouches", Fault::Subject),
        ("AuthnStatement", "OtherStatement", Fault::Login),
        ("Version=\"2.0\"", "Version=\"1.1\"", Fault::Structure),
    ] {
        let to = to.to_owned();
        let changed = if from == "AuthnStatement" {
            let text = answer().assertion().replace(from, &to);
            judged(&answer().around(&provider().sign(&text).unwrap())).err()
        } else {
            fault_of(from, &to)
        };
        assert_eq!(changed, Some(fault), "{from}");
    }
    for (from, to, fault) in [
        ("Destination=\"https", "Destination=\"http", Fault::Destination),
        (
            " Destination=\"https://project.example/auth/login/office/acs\"",
            "",
            Fault::Destination,
        ),
        (REQUEST, "_request-2", Fault::Request),
        (" InResponseTo=\"_request-1\"", "", Fault::Request),
        (issuer.as_str(), "https://other.example", Fault::Issuer),
        ("Version=\"2.0\"", "Version=\"1.1\"", Fault::Structure),
        ("status:Success", "status:Responder", Fault::Status),
    ] {
        assert_eq!(fault_around(from, to), Some(fault), "{from}");
    }
    // All of several audiences have to be met, and one of the names of each.
    let second = |name: &str| {
        let more = format!(
            "<saml:AudienceRestriction><saml:Audience>{name}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
        );
        fault_of("</saml:Conditions>", &more)
    };
    assert_eq!(second("https://other.example"), Some(Fault::Audience));
    assert_eq!(second(PROJECT), None);
    let beside = "<saml:Audience>https://other.example</saml:Audience></saml:AudienceRestriction>";
    assert_eq!(fault_of("</saml:AudienceRestriction>", beside), None);
    let unknown = "<saml:Condition></saml:Condition></saml:Conditions>";
    assert_eq!(fault_of("</saml:Conditions>", unknown), Some(Fault::Structure));
}

#[test]
fn it_holds_for_a_few_minutes() {
    let text = answer().around(&provider().sign(&answer().assertion()).unwrap());
    let at = |now: i64| judged_at(&text, provider(), now).err();
    for now in [NOW, NOW + LIFETIME, NOW + LIFETIME + LEEWAY - 1, NOW - LEEWAY] {
        assert_eq!(at(now), None, "{now}");
    }
    for now in [NOW + LIFETIME + LEEWAY, NOW - LEEWAY - 1, NOW + 86_400] {
        assert_eq!(at(now), Some(Fault::Time), "{now}");
    }
    // Each of the bounds by itself: those of the assertion, of its subject and of the login.
    let (past, future) = ("2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z");
    let assertion = answer().assertion();
    let value = |text: &str, name: &str| {
        let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let (subject, conditions) = assertion.split_once("<saml:Conditions").unwrap();
    let end = value(conditions, "NotOnOrAfter");
    let begin = value(conditions, "NotBefore");
    let whole_bounds = format!("NotBefore=\"{begin}\" NotOnOrAfter=\"{end}\"");
    let own_bound = format!("NotOnOrAfter=\"{}\"", value(subject, "NotOnOrAfter"));
    for (from, to) in [
        (
            whole_bounds.clone(),
            format!("NotBefore=\"{begin}\" NotOnOrAfter=\"{past}\""),
        ),
        (
            whole_bounds.clone(),
            format!("NotBefore=\"{future}\" NotOnOrAfter=\"{end}\""),
        ),
        (
            whole_bounds.clone(),
            format!("NotBefore=\"{begin}\" NotOnOrAfter=\"soon\""),
        ),
        (own_bound.clone(), format!("NotOnOrAfter=\"{past}\"")),
        (format!("{own_bound} "), String::new()),
        (own_bound.clone(), format!("NotBefore=\"{future}\" {own_bound}")),
        (
            "AuthnStatement AuthnInstant=".into(),
            format!("AuthnStatement SessionNotOnOrAfter=\"{past}\" AuthnInstant="),
        ),
        ("IssueInstant=".into(), format!("IssueInstant=\"{future}\" x=")),
        ("IssueInstant=".into(), "x=".into()),
    ] {
        // The form of what is signed has its attributes in order; here it is only looked whether it is refused.
        let changed = assertion.replacen(&from, &to, 1);
        assert_ne!(changed, assertion, "{from}");
        let form = canonical(&changed);
        let text = answer().around(&provider().sign(&form).unwrap());
        assert_eq!(judged(&text).err(), Some(Fault::Time), "{from} {to}");
    }
}

/// A text in the form in which it is signed.
fn canonical(text: &str) -> String {
    let element = xml::read(text.as_bytes(), Comments::Refused).unwrap();
    let form = super::super::canonical::form(&element, None, &[]).unwrap();
    String::from_utf8(form).unwrap()
}

/// Two readers of a name with a comment in it may take it for two names.
#[test]
fn nothing_hides_within_a_name() {
    let signed = provider().sign(&answer().assertion()).unwrap();
    let text = answer().around(&signed);
    for (from, to, fault) in [
        (">ann<", "><!-- -->ann<", xml::Fault::Comment),
        (">ann<", ">a<!-- x -->nn<", xml::Fault::Comment),
        (
            "ann@example.com",
            "ann@example.com<!-- -->.evil.example",
            xml::Fault::Comment,
        ),
        (">ann<", "><?x y?>ann<", xml::Fault::Instruction),
        (">ann<", "><![CDATA[ann]]><", xml::Fault::Section),
        (">ann<", ">&ann;<", xml::Fault::Entity),
    ] {
        assert!(text.contains(from), "{from}");
        assert_eq!(
            judged(&text.replacen(from, to, 1)).err(),
            Some(Fault::Xml(fault)),
            "{to}"
        );
    }
    let typed = format!("<!DOCTYPE x [<!ENTITY ann \"bob\">]>{text}");
    assert_eq!(judged(&typed).err(), Some(Fault::Xml(xml::Fault::DocumentType)));
    // An element in it: whatever it says, it is no name.
    let split = fault_of(">ann<", "><saml:x>ann</saml:x><");
    assert_eq!(split, None);
    let told = judged(&answer().around(&{
        let text = answer().assertion().replacen(">ann<", "><saml:x>ann</saml:x><", 1);
        provider().sign(&text).unwrap()
    }));
    assert!(!told.unwrap().claims.contains_key(NAME_ID));
}

#[test]
fn what_is_encrypted_is_refused() {
    let encrypted =
        "<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"></saml:EncryptedAssertion>";
    let text = provider().sign(&answer().around(encrypted)).unwrap();
    assert_eq!(judged(&text).err(), Some(Fault::Encrypted));
    for name in ["EncryptedID", "EncryptedAttribute"] {
        let to = format!("<saml:{name}></saml:{name}></saml:Subject>");
        assert_eq!(fault_of("</saml:Subject>", &to), Some(Fault::Encrypted));
    }
}

#[test]
fn an_answer_without_anybody_says_so() {
    let text = provider().sign(&answer().around("")).unwrap();
    assert_eq!(judged(&text).err(), Some(Fault::Structure));
    let refused = text.replace("status:Success", "status:Requester");
    assert_eq!(judged(&refused).err(), Some(Fault::Status));
    for text in ["<a/>", "<samlp:Response xmlns:samlp=\"urn:x\"/>", "x", ""] {
        assert!(judged(text).is_err(), "{text}");
    }
}

#[test]
fn claims_are_told_by_name() {
    let mut answer = answer();
    answer.attributes = vec![
        ("groups".into(), "one".into()),
        ("groups".into(), "two".into()),
        ("mail".into(), "a&b@example.com".into()),
        ("groups".into(), "three".into()),
        ("empty".into(), String::new()),
    ];
    let told = |text: &str| {
        let signed = provider().sign(text).unwrap();
        Json::Object(judged(&answer.around(&signed)).unwrap().claims)
    };
    let expected = json!({ "groups": ["one", "two", "three"], "mail": "a&b@example.com", "empty": "", NAME_ID: "ann" });
    assert_eq!(told(&answer.assertion()), expected);
    // A name for one login is nobody's name; an attribute of that name comes first.
    let passing = format!("<saml:NameID Format=\"{TRANSIENT}\">");
    let text = answer.assertion().replacen("<saml:NameID>", &passing, 1);
    assert!(told(&text).get(NAME_ID).is_none());
    answer.attributes = vec![(NAME_ID.into(), "ann-7".into())];
    let told = judged(&answer.around(&provider().sign(&answer.assertion()).unwrap()));
    assert_eq!(told.unwrap().claims[NAME_ID], "ann-7");
}
