//! What providers and projects say of themselves in SAML: their names, where browsers are led, and the keys that a provider
//! signs with. Pure. It is the operator who hands a provider's description over; none is ever asked for, so nobody on the way
//! can change it.

use aedile_egress::Url;

use super::{
    canonical::escaped,
    signature::{DSIG, Key},
    xml::{self, Comments, Element},
};

#[cfg(test)]
mod tests;

/// The namespace of descriptions.
const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";

/// What both sides speak.
pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

/// How a browser brings a request: in the address of a page.
const BY_REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

/// How a browser brings an answer: in a form.
pub const BY_FORM: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// What is wrong with a description.
pub type Complaint = &'static str;

/// A provider, as it is described.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name.
    pub entity: String,
    /// The page that browsers are led to.
    pub page: Url,
    /// What it signs with: one key, or two while one follows the other.
    pub keys: Vec<Key>,
}

/// The project, as it is described to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Its name.
    pub entity: String,
    /// Where browsers bring answers.
    pub acs: String,
    /// The description.
    pub text: String,
}

/// Reads a provider's description.
///
/// # Errors
/// What is missing of it, or asked for that is not done here.
pub fn provider(text: &str) -> Result<Provider, Complaint> {
    let (entity, role) = read(text, "IDPSSODescriptor")?;
    if flag(&role, "WantAuthnRequestsSigned") {
        return Err("wants requests to be signed, and they are not");
    }
    let page = endpoint(&role, "SingleSignOnService", BY_REDIRECT, |_| true);
    let page = page.ok_or("names no SingleSignOnService by HTTP-Redirect")?;
    let page = Url::parse(page)
        .ok()
        .filter(|url| matches!(url.scheme(), "https" | "http"));
    let certificates: Vec<&Element> = role
        .named(METADATA, "KeyDescriptor")
        .filter(|key| key.attribute("use").is_none_or(|used| used == "signing"))
        .flat_map(|key| key.named(DSIG, "KeyInfo"))
        .flat_map(|info| info.named(DSIG, "X509Data"))
        .flat_map(|data| data.named(DSIG, "X509Certificate"))
        .collect();
    if certificates.is_empty() {
        return Err("has no certificate that the provider signs with");
    }
    let keys = certificates
        .into_iter()
        .map(|one| one.text().as_deref().and_then(Key::of_certificate));
    let keys: Option<Vec<Key>> = keys.collect();
    Ok(Provider {
        entity,
        page: page.ok_or("names a SingleSignOnService that is no address")?,
        keys: keys.ok_or(
            "has a certificate that is none, or of another key than RSA from 2048 bits or P-256, P-384 or P-521",
        )?,
    })
}

/// The project's description: the operator's, which has to name the right place, or else one that is made.
///
/// # Errors
/// What is missing of the operator's, or promised in it that is not done.
pub fn own(text: Option<&str>, entity: String, acs: String) -> Result<Own, Complaint> {
    let Some(text) = text else {
        let text = described(&entity, &acs);
        return Ok(Own { entity, acs, text });
    };
    let (entity, role) = read(text, "SPSSODescriptor")?;
    if flag(&role, "AuthnRequestsSigned") {
        return Err("says that requests are signed, and they are not");
    }
    let here = endpoint(&role, "AssertionConsumerService", BY_FORM, |place| place == acs);
    if here.is_none() {
        return Err("names no AssertionConsumerService by HTTP-POST at `/auth/login/<name>/acs` below PUBLIC_URL");
    }
    Ok(Own {
        entity,
        acs,
        text: text.to_owned(),
    })
}

/// The name in a description, and what it says of a role.
fn read(text: &str, role: &str) -> Result<(String, Element), Complaint> {
    let root = xml::read(text.trim_start().as_bytes(), Comments::PassedOver).map_err(unread)?;
    if !root.is(METADATA, "EntityDescriptor") {
        return Err("is no EntityDescriptor of SAML 2.0");
    }
    let entity = root.attribute("entityID").filter(|entity| !entity.is_empty());
    let entity = entity.ok_or("has no entityID")?.to_owned();
    let role = root.only(METADATA, role).ok_or("has not one role that is used here")?;
    let spoken = role.attribute("protocolSupportEnumeration").unwrap_or_default();
    if !spoken.split_ascii_whitespace().any(|one| one == PROTOCOL) {
        return Err("does not speak SAML 2.0");
    }
    Ok((entity, role.clone()))
}

fn unread(fault: xml::Fault) -> Complaint {
    match fault {
        xml::Fault::TooLarge => "is larger than any description of one provider",
        xml::Fault::Encoding => "is not XML in UTF-8",
        xml::Fault::DocumentType | xml::Fault::Entity => "defines or uses entities, which are not read",
        xml::Fault::Instruction | xml::Fault::Section => "has parts that are neither elements nor texts",
        xml::Fault::Comment | xml::Fault::Namespace | xml::Fault::Malformed => "is no XML",
    }
}

fn flag(role: &Element, name: &str) -> bool {
    matches!(role.attribute(name), Some("true" | "1"))
}

/// The first place of a kind.
fn endpoint<'r>(role: &'r Element, name: &'r str, binding: &str, fits: impl Fn(&str) -> bool) -> Option<&'r str> {
    role.named(METADATA, name)
        .filter(|place| place.attribute("Binding") == Some(binding))
        .filter_map(|place| place.attribute("Location"))
        .find(|place| fits(place))
}

/// A description of the project.
fn described(entity: &str, acs: &str) -> String {
    let (entity, acs) = (escaped(entity), escaped(acs));
    format!(
        "<md:EntityDescriptor xmlns:md=\"{METADATA}\" entityID=\"{entity}\">\
         <md:SPSSODescriptor AuthnRequestsSigned=\"false\" WantAssertionsSigned=\"true\" protocolSupportEnumeration=\"{PROTOCOL}\">\
         <md:AssertionConsumerService Binding=\"{BY_FORM}\" Location=\"{acs}\" index=\"0\" isDefault=\"true\"/>\
         </md:SPSSODescriptor></md:EntityDescriptor>"
    )
}
