//! Signatures within XML (XML Signature, in the narrow form of SAML): one element, signed as a whole by a key that is known
//! beforehand. Pure. Whoever verifies gets the element back as it was read from the very bytes that were signed, and must
//! read from nothing else; keys and certificates that a message brings along are never looked at.

use aws_lc_rs::{
    digest::{self, SHA256, SHA384, SHA512},
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ParsedPublicKey,
        RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
        VerificationAlgorithm,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Fault, canonical, certificate,
    xml::{self, Comments, Element},
};

#[cfg(test)]
mod tests;

/// The namespace of signatures.
pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// How elements are brought into the one form in which they are signed, and what says what is kept there.
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// Leaves the signature itself out.
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// Prefixes that a signature may ask to keep: real ones ask for one or two.
const MAX_KEPT: usize = 16;

/// How things are signed: with two keys, one that only the provider has, and with digests that nobody can meet by chance
/// or by work. Neither SHA-1 nor a secret that both sides have.
static ALGORITHMS: [(&str, &dyn VerificationAlgorithm); 6] = [
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        &RSA_PKCS1_2048_8192_SHA256,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        &RSA_PKCS1_2048_8192_SHA384,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        &RSA_PKCS1_2048_8192_SHA512,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        &ECDSA_P256_SHA256_FIXED,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        &ECDSA_P384_SHA384_FIXED,
    ),
    (
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        &ECDSA_P521_SHA512_FIXED,
    ),
];

/// How what is signed is digested.
static DIGESTS: [(&str, &digest::Algorithm); 3] = [
    ("http://www.w3.org/2001/04/xmlenc#sha256", &SHA256),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", &SHA384),
    ("http://www.w3.org/2001/04/xmlenc#sha512", &SHA512),
];

/// A key that only a provider signs with.
#[derive(Clone, Debug)]
pub struct Key(Vec<u8>);

impl Key {
    /// The key of a certificate, which stands in base64; none where that is no certificate, or its key of no kind that is
    /// used here: RSA of at least 2048 bits, or one of the curves P-256, P-384 and P-521.
    pub fn of_certificate(text: &str) -> Option<Key> {
        let key = certificate::key(&decoded(text)?).ok()?;
        let fits = |(_, algorithm): &(&str, &'static dyn VerificationAlgorithm)| {
            ParsedPublicKey::new(*algorithm, &key).is_ok()
        };
        ALGORITHMS.iter().any(fits).then_some(Key(key))
    }
}

/// What one of these keys has signed of an element: itself, without the signature. None where it is not signed.
///
/// # Errors
/// It is signed otherwise than it has to be, or by somebody else.
pub fn verified(element: &Element, keys: &[Key]) -> Result<Option<Element>, Fault> {
    let Some(signature) = element.named(DSIG, "Signature").next() else {
        return Ok(None);
    };
    let [info, value] = parts(signature)?;
    // From here on only what was signed says how and what: read again from the bytes that the signature is over.
    let how = info.only(DSIG, "CanonicalizationMethod").ok_or(Fault::Signature)?;
    let signed = canonical::form(info, None, &kept(how)?)?;
    let info = reread(&signed)?;
    let algorithm = *named(&ALGORITHMS, info.only(DSIG, "SignatureMethod"))?;
    let value = value.text().as_deref().and_then(decoded).ok_or(Fault::Signature)?;
    let by = |key: &Key| {
        UnparsedPublicKey::new(algorithm, &key.0)
            .verify(&signed, &value)
            .is_ok()
    };
    if !keys.iter().any(by) {
        return Err(Fault::Signature);
    }
    let reference = info.only(DSIG, "Reference").ok_or(Fault::Reference)?;
    let target = reference.attribute("URI").and_then(|target| target.strip_prefix('#'));
    if target.is_none() || target != element.attribute("ID") {
        return Err(Fault::Reference);
    }
    let content = canonical::form(element, Some(signature), &transforms(reference)?)?;
    let algorithm = *named(&DIGESTS, reference.only(DSIG, "DigestMethod"))?;
    let told = reference.only(DSIG, "DigestValue").and_then(Element::text);
    let told = told.as_deref().and_then(decoded).ok_or(Fault::Digest)?;
    if told != digest::digest(algorithm, &content).as_ref() {
        return Err(Fault::Digest);
    }
    reread(&content).map(Some)
}

/// What a signature says of itself, and its value. It may name its key beside them, which is not looked at, and nothing
/// else: other content could be what is meant to be signed.
fn parts(signature: &Element) -> Result<[&Element; 2], Fault> {
    let mut elements = signature.elements();
    let (Some(info), Some(value)) = (elements.next(), elements.next()) else {
        return Err(Fault::Signature);
    };
    let named = info.is(DSIG, "SignedInfo") && value.is(DSIG, "SignatureValue");
    let key = elements.next().is_none_or(|key| key.is(DSIG, "KeyInfo"));
    if named && key && elements.next().is_none() {
        Ok([info, value])
    } else {
        Err(Fault::Signature)
    }
}

/// The prefixes that the one canonical form keeps, of an element that has to name that form.
fn kept(method: &Element) -> Result<Vec<&str>, Fault> {
    if method.attribute("Algorithm") != Some(EXCLUSIVE) {
        return Err(Fault::Algorithm);
    }
    let mut elements = method.elements();
    let Some(list) = elements.next() else {
        return Ok(Vec::new());
    };
    if !list.is(EXCLUSIVE, "InclusiveNamespaces") || elements.next().is_some() {
        return Err(Fault::Algorithm);
    }
    let list = list.attribute("PrefixList").unwrap_or_default();
    let kept: Vec<&str> = list.split_ascii_whitespace().collect();
    if kept.len() > MAX_KEPT {
        return Err(Fault::Algorithm);
    }
    Ok(kept)
}

/// What has to be done with an element before it is digested: the signature is left out, and the rest brought into its one
/// form. Answers the prefixes that are kept there.
fn transforms(reference: &Element) -> Result<Vec<&str>, Fault> {
    let list = reference.only(DSIG, "Transforms").ok_or(Fault::Algorithm)?;
    let mut list = list.elements();
    let (Some(first), Some(second), None) = (list.next(), list.next(), list.next()) else {
        return Err(Fault::Algorithm);
    };
    let are_transforms = first.is(DSIG, "Transform") && second.is(DSIG, "Transform");
    let left_out = first.attribute("Algorithm") == Some(ENVELOPED) && first.elements().next().is_none();
    if are_transforms && left_out {
        kept(second)
    } else {
        Err(Fault::Algorithm)
    }
}

/// The algorithm of a list that an element names.
fn named<'l, T>(list: &'l [(&str, T)], method: Option<&Element>) -> Result<&'l T, Fault> {
    let name = method.and_then(|method| method.attribute("Algorithm"));
    let found = list.iter().find(|(own, _)| Some(*own) == name);
    found.map(|(_, algorithm)| algorithm).ok_or(Fault::Algorithm)
}

fn reread(bytes: &[u8]) -> Result<Element, Fault> {
    xml::read(bytes, Comments::Refused).map_err(Fault::Xml)
}

/// Bytes that stand in base64, in lines perhaps.
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(plain).ok()
}
