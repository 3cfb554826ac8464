//! What descriptions say, and what is missing of them.

use aedile_testkit::saml::{ENTITY, PAGE, Saml};

use super::*;

const ACS: &str = "https://project.example/auth/login/office/acs";

#[test]
fn a_provider_is_read() {
    let by = Saml::rsa().unwrap();
    let read = provider(&by.metadata()).unwrap();
    assert_eq!((read.entity.as_str(), read.page.as_str()), (ENTITY, PAGE));
    assert_eq!(read.keys.len(), 1);
    // One key follows another; one for encryption is none to sign with.
    let other = Saml::elliptic().unwrap();
    let key = |used: &str| {
        format!(
            "<KeyDescriptor{used}><d:KeyInfo xmlns:d=\"{DSIG}\"><d:X509Data><d:X509Certificate>{}</d:X509Certificate></d:X509Data></d:KeyInfo></KeyDescriptor>",
            other.certificate()
        )
    };
    for (used, count) in [(" use=\"signing\"", 2), ("", 2), (" use=\"encryption\"", 1)] {
        let more = format!("{}<KeyDescriptor use", key(used));
        let read = provider(&by.metadata().replacen("<KeyDescriptor use", &more, 1)).unwrap();
        assert_eq!(read.keys.len(), count, "{used}");
    }
}

#[test]
fn what_is_missing_is_told() {
    let text = Saml::rsa().unwrap().metadata();
    for (from, to, why) in [
        ("EntityDescriptor", "EntitiesDescriptor", "EntityDescriptor"),
        ("entityID=", "name=", "entityID"),
        ("IDPSSODescriptor", "SPSSODescriptor", "role"),
        ("SAML:2.0:protocol", "SAML:1.1:protocol", "SAML 2.0"),
        ("HTTP-Redirect", "HTTP-Artifact", "SingleSignOnService"),
        (
            "Location=\"https://idp.example/login",
            "Location=\"javascript:",
            "no address",
        ),
        ("use=\"signing\"", "use=\"encryption\"", "no certificate"),
        ("MII", "MIJ", "a certificate that is none"),
        (
            "<IDPSSODescriptor ",
            "<IDPSSODescriptor WantAuthnRequestsSigned=\"true\" ",
            "to be signed",
        ),
        ("<EntityDescriptor", "<!DOCTYPE x><EntityDescriptor", "entities"),
        ("</EntityDescriptor>", "", "XML"),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from}");
        let told = provider(&changed).unwrap_err();
        assert!(told.contains(why), "{from}: {told}");
    }
    assert!(provider(&" ".repeat(10)).is_err());
    assert!(
        provider(&format!("{text}{}", " ".repeat(xml::MAX_BYTES)))
            .unwrap_err()
            .contains("larger")
    );
}

#[test]
fn the_project_describes_itself() {
    let made = own(None, "https://project.example/a&b".into(), ACS.into()).unwrap();
    assert_eq!(made.entity, "https://project.example/a&b");
    // What it says is what it would be read as.
    let read = own(Some(&made.text), "unused".into(), ACS.into()).unwrap();
    assert_eq!(read, made);
    for (from, to, why) in [
        (ACS, "https://other.example/acs", "AssertionConsumerService"),
        ("HTTP-POST", "HTTP-Artifact", "AssertionConsumerService"),
        (
            "AuthnRequestsSigned=\"false\"",
            "AuthnRequestsSigned=\"true\"",
            "signed",
        ),
        ("SPSSODescriptor", "IDPSSODescriptor", "role"),
    ] {
        let told = own(Some(&made.text.replace(from, to)), String::new(), ACS.into()).unwrap_err();
        assert!(told.contains(why), "{from}: {told}");
    }
    let named = made.text.replace("https://project.example/a&amp;b", "urn:project");
    assert_eq!(
        own(Some(&named), String::new(), ACS.into()).unwrap().entity,
        "urn:project"
    );
}
