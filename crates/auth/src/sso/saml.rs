//! SAML 2.0 (a beta, in binaries that are built with it): a browser is led to the provider with a request and comes back with a
//! form, in which the provider has signed who it is. What is taken of SAML is the little that a login needs; the rest
//! is refused by name. Must never believe a key that an answer brings along, nor follow what comes back beside one.

mod answer;
mod canonical;
mod certificate;
mod metadata;
mod request;
mod signature;
mod spent;
mod xml;

use aedile_engine::{Error as Failure, Object, Result};
use aedile_platform::{
    Cx,
    config::{self, NAME_ID},
};

use super::Complaint;
use crate::{Auth, error::refusal, jwt::Flow, link};
use answer::Expected;

/// Why an answer is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It is no XML that is read.
    Xml(xml::Fault),
    /// It is no answer, or not one of a login, or says something that is not understood.
    Structure,
    /// Two parts have the same name.
    Names,
    /// It is encrypted.
    Encrypted,
    /// The provider says that it sends nobody.
    Status,
    /// Nobody has signed it.
    Unsigned,
    /// It is signed in a way that is not taken.
    Algorithm,
    /// The signature is of something else.
    Reference,
    /// What was signed is not what came.
    Digest,
    /// No key of the provider's has signed it.
    Signature,
    /// Of another provider.
    Issuer,
    /// For somebody else.
    Audience,
    /// To be brought elsewhere.
    Destination,
    /// To be taken elsewhere.
    Recipient,
    /// Nobody has asked for it, or another browser.
    Request,
    /// Past, or of tomorrow.
    Time,
    /// Nobody has logged in.
    Login,
    /// It does not speak of whoever brings it.
    Subject,
}

/// A provider that speaks SAML, and what the project is to it.
#[derive(Debug)]
pub struct Service {
    name: String,
    provider: metadata::Provider,
    own: metadata::Own,
}

impl Service {
    /// The provider that the operator describes.
    ///
    /// # Errors
    /// What is wrong with which setting.
    pub fn new(settings: &config::Provider, public_url: &str) -> std::result::Result<Service, Complaint> {
        let saml = settings.saml.as_ref();
        let told = saml.map_or("", |own| own.idp_metadata.as_str());
        if told.is_empty() {
            return Err(("AUTH__IDP_metadata", "is needed"));
        }
        let place = |end: &str| link::own(public_url, &format!("/auth/login/{}/{end}", settings.name));
        let own = saml.and_then(|own| own.sp_metadata.as_deref());
        Ok(Service {
            name: settings.name.clone(),
            provider: metadata::provider(told).map_err(|why| ("AUTH__IDP_metadata", why))?,
            own: metadata::own(own, place("metadata"), place("acs")).map_err(|why| ("AUTH__SP_metadata", why))?,
        })
    }

    /// The project's description of itself, for the provider.
    pub fn metadata(&self) -> &str {
        &self.own.text
    }

    /// The address of the page that a browser is led to, at `now` (Unix seconds).
    ///
    /// # Errors
    /// Internal.
    pub fn page(&self, flow: &Flow, now: i64) -> Result<String> {
        let page = request::page(&self.provider, &self.own, &name_of(flow), &flow.state, now);
        page.ok_or_else(|| Failure::internal("a request to a provider cannot be written"))
    }

    /// What the provider says of whoever brings this answer, which is spent by it.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`, whatever is wrong with it: the log says what; `INVALID_TOKEN` for one that was spent before.
    pub async fn claims(&self, auth: &Auth, cx: &Cx, flow: &Flow, brought: &str) -> Result<Object> {
        let request = name_of(flow);
        let expected = Expected {
            provider: &self.provider.entity,
            project: &self.own.entity,
            acs: &self.own.acs,
            request: &request,
            now: cx.now.div_euclid(1000),
        };
        let bytes = signature::decoded(brought).ok_or(Fault::Xml(xml::Fault::Malformed));
        let told = bytes.and_then(|bytes| answer::read(&bytes, &self.provider.keys, &expected));
        let told = told.map_err(|fault| {
            tracing::warn!(
                provider = self.name,
                ?fault,
                "an answer of the identity provider was refused"
            );
            refusal::credentials()
        })?;
        auth.spend_answer(&self.name, &request, &told.assertion, cx.now).await?;
        Ok(told.claims)
    }
}

/// The name of a request: names do not begin with a digit.
fn name_of(flow: &Flow) -> String {
    format!("_{}", flow.nonce)
}
