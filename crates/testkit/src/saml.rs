//! A provider of SAML of a test. What it signs is written out by hand in the one form in which XML is signed, and signed as
//! it stands: so whoever verifies it is tried against another hand than its own. It takes no part in deciding what is
//! right: tests change its words before or after they are signed.

use anyhow::{Context as _, Result, anyhow};
use aws_lc_rs::{
    digest::{SHA256, digest},
    encoding::AsDer as _,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;

/// Its name.
pub const ENTITY: &str = "https://idp.example/saml?a=1&b=2";

/// Its page.
pub const PAGE: &str = "https://idp.example/login?tenant=one";

/// How long its answers are good, in seconds.
pub const LIFETIME: i64 = 300;

/// Namespaces.
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Where a signature belongs: right after who says it.
const AFTER: &str = "</saml:Issuer>";

/// The provider.
pub struct Saml {
    pair: Pair,
    certificate: String,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Elliptic(Box<EcdsaKeyPair>),
}

impl Saml {
    /// One that signs with RSA.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rsa() -> Result<Saml> {
        let failed = |_| anyhow!("no key could be made");
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
        let key = pair.public_key().as_der().map_err(failed)?;
        Ok(Saml {
            certificate: certificate(key.as_ref()),
            pair: Pair::Rsa(Box::new(pair)),
        })
    }

    /// One that signs with an elliptic curve.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn elliptic() -> Result<Saml> {
        let failed = |_| anyhow!("no key could be made");
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
        let key = pair.public_key().as_der().map_err(failed)?;
        Ok(Saml {
            certificate: certificate(key.as_ref()),
            pair: Pair::Elliptic(Box::new(pair)),
        })
    }

    /// Its certificate, in base64.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// How it describes itself.
    #[must_use]
    pub fn metadata(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- of a test -->\n\
             <EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{}\">\n\
             <IDPSSODescriptor protocolSupportEnumeration=\"{PROTOCOL}\">\n\
             <KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"{DSIG}\"><ds:X509Data><ds:X509Certificate>\n{}\n\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>\n\
             <SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://idp.example/form\"/>\n\
             <SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"{PAGE}\"/>\n\
             </IDPSSODescriptor></EntityDescriptor>\n",
            escaped(ENTITY),
            self.certificate
        )
    }

    /// An element as it stands, with a signature of it.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign(&self, element: &str) -> Result<String> {
        self.sign_with(element, str::to_owned)
    }

    /// The same, with what the signature says of itself changed before it is signed.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign_with(&self, element: &str, change: impl FnOnce(&str) -> String) -> Result<String> {
        let (_, rest) = element.split_once(" ID=\"").context("it has no name")?;
        let (name, _) = rest.split_once('"').context("it has no name")?;
        let algorithm = match self.pair {
            Pair::Rsa(_) => "rsa-sha256",
            Pair::Elliptic(_) => "ecdsa-sha256",
        };
        let told = BASE64_STANDARD.encode(digest(&SHA256, element.as_bytes()));
        let info = format!(
            "<ds:SignedInfo xmlns:ds=\"{DSIG}\">\
             <ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#{algorithm}\"></ds:SignatureMethod>\
             <ds:Reference URI=\"#{name}\"><ds:Transforms>\
             <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>\
             <ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms>\
             <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
             <ds:DigestValue>{told}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
        );
        let info = change(&info);
        let value = BASE64_STANDARD.encode(self.signed(info.as_bytes())?);
        let certificate = &self.certificate;
        let signature = format!(
            "<ds:Signature xmlns:ds=\"{DSIG}\">{}<ds:SignatureValue>{value}</ds:SignatureValue>\
             <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
            info.replacen(&format!(" xmlns:ds=\"{DSIG}\""), "", 1)
        );
        Ok(element.replacen(AFTER, &format!("{AFTER}{signature}"), 1))
    }

    fn signed(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let random = SystemRandom::new();
        let failed = |_| anyhow!("nothing could be signed");
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            Pair::Elliptic(pair) => Ok(pair.sign(&random, bytes).map_err(failed)?.as_ref().to_vec()),
        }
    }
}

/// What it says of somebody.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Whom it is for.
    pub project: String,
    /// Where it is brought.
    pub acs: String,
    /// What it answers.
    pub request: String,
    /// When, in Unix seconds.
    pub now: i64,
    /// The name of the assertion.
    pub name: String,
    /// Who it is.
    pub subject: String,
    /// What else is said.
    pub attributes: Vec<(String, String)>,
}

impl Answer {
    /// The assertion, unsigned.
    #[must_use]
    pub fn assertion(&self) -> String {
        let (begin, now, end) = (at(self.now - 5), at(self.now), at(self.now + LIFETIME));
        let mut attributes = String::new();
        for (name, value) in &self.attributes {
            attributes.push_str(&format!(
                "<saml:Attribute Name=\"{}\"><saml:AttributeValue>{}</saml:AttributeValue></saml:Attribute>",
                escaped(name),
                escaped(value)
            ));
        }
        format!(
            "<saml:Assertion xmlns:saml=\"{ASSERTION}\" ID=\"{}\" IssueInstant=\"{now}\" Version=\"2.0\">\
             <saml:Issuer>{}</saml:Issuer><saml:Subject><saml:NameID>{}</saml:NameID>\
             <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
             <saml:SubjectConfirmationData InResponseTo=\"{}\" NotOnOrAfter=\"{end}\" Recipient=\"{}\"></saml:SubjectConfirmationData>\
             </saml:SubjectConfirmation></saml:Subject>\
             <saml:Conditions NotBefore=\"{begin}\" NotOnOrAfter=\"{end}\">\
             <saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
             <saml:AuthnStatement AuthnInstant=\"{now}\"></saml:AuthnStatement>\
             <saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>",
            self.name,
            escaped(ENTITY),
            escaped(&self.subject),
            self.request,
            escaped(&self.acs),
            escaped(&self.project),
        )
    }

    /// An answer around an assertion, unsigned.
    #[must_use]
    pub fn around(&self, assertion: &str) -> String {
        format!(
            "<samlp:Response xmlns:samlp=\"{PROTOCOL}\" Destination=\"{}\" ID=\"_answer-{}\" InResponseTo=\"{}\" IssueInstant=\"{}\" Version=\"2.0\">\
             <saml:Issuer xmlns:saml=\"{ASSERTION}\">{}</saml:Issuer>\
             <samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"></samlp:StatusCode></samlp:Status>\
             {assertion}</samlp:Response>",
            escaped(&self.acs),
            self.name,
            self.request,
            at(self.now),
            escaped(ENTITY),
        )
    }
}

/// A text as it stands in XML, in an element or in an attribute.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn at(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

/// A certificate with this key that nobody has signed, in base64.
fn certificate(key: &[u8]) -> String {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    let empty = der(SEQUENCE, &[]);
    let version = der(0xa0, &der(INTEGER, &[2]));
    let fields = [version, der(INTEGER, &[1]), empty.repeat(4), key.to_vec()];
    let signed = der(SEQUENCE, &fields.concat());
    BASE64_STANDARD.encode(der(SEQUENCE, &[signed, empty, der(0x03, &[0])].concat()))
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let [.., high, low] = length;
    let mut out = match content.len() {
        0..0x80 => vec![tag, low],
        _ => vec![tag, 0x82, high, low],
    };
    out.extend(content);
    out
}
