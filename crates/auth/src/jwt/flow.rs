//! What a browser carries while it is at an identity provider, signed so that it comes back as it was. It opens nothing:
//! must never be accepted as an access token, nor as the token of a link.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{ISSUER, SCOPE, SigningKey, Timing, claims_to_be_ours, optional_text};
use crate::Result;
use crate::token::Token;

/// The scope of these tokens.
const SSO: &str = "sso";

/// One way to a provider and back.
#[derive(Clone, PartialEq, Eq)]
pub struct Flow {
    /// The provider's name.
    pub provider: String,
    /// What comes back with the browser.
    pub state: String,
    /// What comes back within the provider's word.
    pub nonce: String,
    /// What the code is worth nothing without.
    pub verifier: String,
    /// Where to go on afterwards.
    pub redirect: Option<String>,
}

#[derive(Serialize)]
struct Wire<'a> {
    scope: &'static str,
    provider: &'a str,
    state: &'a str,
    nonce: &'a str,
    verifier: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<&'a str>,
    iat: i64,
    exp: i64,
    iss: &'static str,
}

/// The token of a flow that may take `lifetime` seconds from `now`.
pub fn sign_flow(flow: &Flow, key: &SigningKey, now: i64, lifetime: i64) -> Result<Token> {
    key.sign(&Wire {
        scope: SSO,
        provider: &flow.provider,
        state: &flow.state,
        nonce: &flow.nonce,
        verifier: &flow.verifier,
        redirect: flow.redirect.as_deref(),
        iat: now,
        exp: now.saturating_add(lifetime),
        iss: ISSUER,
    })
}

/// The flow that a token says; none unless it is ours, of this kind, and in time at `now` (Unix seconds).
#[must_use]
pub fn verify_flow(token: &Token, key: &SigningKey, now: i64) -> Option<Flow> {
    if !claims_to_be_ours(token.expose()) {
        return None;
    }
    let claims = key.verified(token.expose())?;
    let fits = Timing::of(&claims, now) == Timing::Good && claims.get(SCOPE).and_then(Value::as_str) == Some(SSO);
    fits.then(|| read(&claims)).flatten()
}

fn read(claims: &Map<String, Value>) -> Option<Flow> {
    Some(Flow {
        provider: optional_text(claims, "provider")??,
        state: optional_text(claims, "state")??,
        nonce: optional_text(claims, "nonce")??,
        verifier: optional_text(claims, "verifier")??,
        redirect: optional_text(claims, "redirect")?,
    })
}
