//! Signature wrapping (the eight known kinds, and variants): the signed part is left somewhere, where its signature still
//! holds, and another one stands where it is read. None may be believed for what was never signed.

use super::*;

/// An unsigned part that says that it is somebody else.
fn evil(name: &str) -> Answer {
    Answer {
        name: name.into(),
        subject: "admin".into(),
        attributes: vec![("mail".into(), "admin@example.com".into())],
        ..answer()
    }
}

/// The signature in a signed element.
fn signature(signed: &str) -> &str {
    let begin = signed.find("<ds:Signature ").unwrap();
    let end = signed.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    &signed[begin..end]
}

/// An element with a signature, as of another one, right after who says it.
fn with(element: &str, signature: &str) -> String {
    element.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1)
}

/// A signature that holds something more.
fn holding(signature: &str, more: &str) -> String {
    signature.replacen("</ds:Signature>", &format!("{more}</ds:Signature>"), 1)
}

fn refused(kind: &str, text: &str) {
    // It is an attack that a careless reader would fall for: the right signature is there, and the wrong name.
    assert!(text.contains(">admin<") && text.contains("<ds:Signature "), "{kind}");
    let told = judged(text);
    assert!(told.is_err(), "{kind}: {told:?}");
}

/// Kinds 1 and 2: the whole answer was signed.
#[test]
fn a_signed_answer_cannot_be_wrapped() {
    let plain = answer().around(&answer().assertion());
    let signed = provider().sign(&plain).unwrap();
    for name in ["_evil", "_one"] {
        let forged = evil(name).around(&evil(name).assertion());
        let own = signature(&signed);
        refused(
            "1: within the signature, behind it",
            &with(&forged, &holding(own, &plain)),
        );
        let object = format!("<ds:Object>{plain}</ds:Object>");
        refused("1: in an object", &with(&forged, &holding(own, &object)));
        refused("2: before the signature", &with(&forged, &format!("{plain}{own}")));
        refused("2: behind the signature", &with(&forged, &format!("{own}{plain}")));
        let extensions = format!("<samlp:Extensions>{signed}</samlp:Extensions>");
        refused("in the extensions", &with(&forged, &extensions));
        let detail = format!("<samlp:StatusDetail>{signed}</samlp:StatusDetail></samlp:Status>");
        refused("in the status", &forged.replacen("</samlp:Status>", &detail, 1));
    }
}

/// Kinds 3 to 8: the assertion was signed.
#[test]
fn a_signed_assertion_cannot_be_wrapped() {
    let plain = answer().assertion();
    let signed = provider().sign(&plain).unwrap();
    let own = signature(&signed);
    for name in ["_evil", "_one"] {
        let forged = evil(name).assertion();
        let around = |inner: &str| answer().around(inner);
        refused("3: beside, before", &around(&format!("{forged}{signed}")));
        refused("3: beside, behind", &around(&format!("{signed}{forged}")));
        let inside = forged.replacen("</saml:Assertion>", &format!("{signed}</saml:Assertion>"), 1);
        refused("4: within", &around(&inside));
        refused(
            "5: the signature taken over",
            &around(&format!("{}{plain}", with(&forged, own))),
        );
        refused(
            "6: within the signature",
            &around(&with(&forged, &holding(own, &plain))),
        );
        let extensions = format!("<samlp:Extensions>{forged}</samlp:Extensions>{signed}");
        refused("7: in the extensions", &around(&extensions));
        let object = holding(own, &format!("<ds:Object>{plain}</ds:Object>"));
        refused("8: in an object", &around(&with(&forged, &object)));
        let data = "</saml:SubjectConfirmationData>";
        let nested = forged.replacen(data, &format!("{signed}{data}"), 1);
        refused("in the confirmation", &around(&nested));
        let advice = format!("<saml:Advice>{signed}</saml:Advice></saml:Assertion>");
        refused(
            "in an advice",
            &around(&forged.replacen("</saml:Assertion>", &advice, 1)),
        );
        refused("taken over", &around(&with(&forged, own)));
    }
}

/// What is not signed around a signed assertion is no part of what is told.
#[test]
fn only_what_was_signed_is_told() {
    let signed = provider().sign(&answer().assertion()).unwrap();
    let beside = "<saml:AttributeStatement xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"><saml:Attribute Name=\"mail\">\
         <saml:AttributeValue>admin@example.com</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>";
    let told = judged(&answer().around(&format!("{signed}{beside}"))).unwrap();
    assert_eq!(told.claims["mail"], "ann@example.com");
    // Signatures that are no element of the signature's namespace sign nothing.
    let renamed = signed.replace("http://www.w3.org/2000/09/xmldsig#\">", "urn:x\">");
    assert_eq!(judged(&answer().around(&renamed)).err(), Some(Fault::Unsigned));
}

/// Nothing has two names, wherever it stands.
#[test]
fn no_name_is_given_twice() {
    let signed = provider().sign(&answer().assertion()).unwrap();
    for attribute in ["ID", "Id", "id", "xml:id", "AssertionID"] {
        let extensions = format!("<samlp:Extensions {attribute}=\"_one\"></samlp:Extensions>{signed}");
        let text = answer().around(&extensions);
        assert_eq!(judged(&text).err(), Some(Fault::Names), "{attribute}");
    }
    let other = format!("<samlp:Extensions ID=\"_two\"></samlp:Extensions>{signed}");
    assert!(judged(&answer().around(&other)).is_ok());
}
