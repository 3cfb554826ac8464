//! Our own signed tokens: access tokens here, links in mails in `action`, ways to identity providers in `flow`. HS256, signed with the project's secret.
//!
//! Must never take a claim from a token whose signature it has not checked (the issuer is looked at before only to tell
//! whose token it claims to be), never read the clock, and never accept a link's token as an access token or the reverse.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::token::{MAX_TOKEN_BYTES, Token, hex};
use crate::{Error, Result};

mod action;
mod flow;
#[cfg(test)]
mod tests;

pub use action::{Action, ActionVerdict, Scope, sign_action, verify_action};
pub use flow::{Flow, sign_flow, verify_flow};

/// Who issues our tokens: the name is part of the wire contract.
const ISSUER: &str = "directus";

/// The claim that only tokens of links have.
const SCOPE: &str = "scope";

/// The project's secret, ready to sign and to verify with.
pub struct SigningKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
    fingerprints: hmac::Key,
}

impl SigningKey {
    /// Takes the secret; [`Error::EmptySecret`] for the one that everybody knows.
    pub fn new(secret: &str) -> Result<Self> {
        if secret.is_empty() {
            return Err(Error::EmptySecret);
        }
        Ok(Self {
            encoding: EncodingKey::from_secret(secret.as_bytes()),
            decoding: DecodingKey::from_secret(secret.as_bytes()),
            fingerprints: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
        })
    }

    /// What a link remembers of a stored password hash, so that it dies as soon as the password changes. A user
    /// without a password has a fingerprint too.
    #[must_use]
    pub fn fingerprint(&self, stored_hash: Option<&str>) -> String {
        let mut context = hmac::Context::with_key(&self.fingerprints);
        context.update(b"password fingerprint\0");
        context.update(if stored_hash.is_some() { b"set\0" } else { b"none" });
        context.update(stored_hash.unwrap_or_default().as_bytes());
        hex(context.sign().as_ref())
    }

    fn sign(&self, claims: &impl Serialize) -> Result<Token> {
        let text =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding).map_err(|_| Error::Signing)?;
        Token::new(text)
    }

    /// The claims of a token that this key signed with HS256 for our issuer, whatever their times.
    fn verified(&self, token: &str) -> Option<Map<String, Value>> {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[ISSUER]);
        // Times are judged here, against the caller's clock and without leeway.
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        jsonwebtoken::decode(token, &self.decoding, &rules)
            .ok()
            .map(|data| data.claims)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// What an access token says. Times in Unix seconds.
///
/// `role`, `app_access` and `admin_access` are told to clients; what a caller may do is judged from the database.
#[derive(Debug, Clone)]
pub struct Claims {
    /// The user; absent for a share.
    pub id: Option<String>,
    /// The user's role; `null` on the wire when there is none.
    pub role: Option<String>,
    /// Whether the user may use the Studio.
    pub app_access: bool,
    /// Whether the user is an administrator, by role or by own policies.
    pub admin_access: bool,
    /// Whether a policy asks for a second factor that the user has not set up; told when it is so.
    pub enforce_tfa: bool,
    /// The session that the token lives and dies with.
    pub session: Option<Token>,
    /// The share; absent for a user.
    pub share: Option<String>,
    /// When it was issued.
    pub iat: i64,
    /// When it ceases to be good.
    pub exp: i64,
}

impl Claims {
    /// The claims of a user, good for `lifetime` seconds from `now`.
    #[must_use]
    pub fn of_user(id: &str, role: Option<&str>, now: i64, lifetime: i64) -> Self {
        Self {
            id: Some(id.to_owned()),
            role: role.map(str::to_owned),
            app_access: false,
            admin_access: false,
            enforce_tfa: false,
            session: None,
            share: None,
            iat: now,
            exp: now.saturating_add(lifetime),
        }
    }

    /// The claims of whoever opened a share, good for `lifetime` seconds from `now`.
    #[must_use]
    pub fn of_share(share: &str, now: i64, lifetime: i64) -> Self {
        Self {
            id: None,
            role: None,
            app_access: false,
            admin_access: false,
            enforce_tfa: false,
            session: None,
            share: Some(share.to_owned()),
            iat: now,
            exp: now.saturating_add(lifetime),
        }
    }

    /// Reads verified claims. `None` unless they are whole: exactly one of user and share, all flags, no scope.
    fn read(claims: &Map<String, Value>) -> Option<Self> {
        if claims.contains_key(SCOPE) {
            return None;
        }
        let read = Self {
            id: optional_text(claims, "id")?,
            role: match claims.get("role")? {
                Value::Null => None,
                role => Some(role.as_str()?.to_owned()),
            },
            app_access: claims.get("app_access")?.as_bool()?,
            admin_access: claims.get("admin_access")?.as_bool()?,
            enforce_tfa: match claims.get("enforce_tfa") {
                None => false,
                Some(enforced) => enforced.as_bool()?,
            },
            session: match optional_text(claims, "session")? {
                Some(session) => Some(Token::new(session).ok()?),
                None => None,
            },
            share: optional_text(claims, "share")?,
            iat: claims.get("iat")?.as_i64()?,
            exp: claims.get("exp")?.as_i64()?,
        };
        (read.id.is_some() != read.share.is_some()).then_some(read)
    }
}

/// The wire form of [`Claims`], in the order of the reference.
#[derive(Serialize)]
struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    role: Option<&'a str>,
    app_access: bool,
    admin_access: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    enforce_tfa: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    iat: i64,
    exp: i64,
    iss: &'static str,
}

/// The access token that says `claims`.
pub fn sign(claims: &Claims, key: &SigningKey) -> Result<Token> {
    key.sign(&Wire {
        id: claims.id.as_deref(),
        role: claims.role.as_deref(),
        app_access: claims.app_access,
        admin_access: claims.admin_access,
        enforce_tfa: claims.enforce_tfa,
        share: claims.share.as_deref(),
        session: claims.session.as_ref().map(Token::expose),
        iat: claims.iat,
        exp: claims.exp,
        iss: ISSUER,
    })
}

/// What a bearer token turns out to be.
#[derive(Debug, Clone)]
pub enum Bearer {
    /// Ours and good. Whether its session and its user still are is for the database to tell.
    Valid(Claims),
    /// Ours and past: 401 `TOKEN_EXPIRED`.
    Expired,
    /// Says that it is ours and is not, or is none of our access tokens: 403 `INVALID_TOKEN`.
    Forged,
    /// Anything else: to be looked up as a static token, 401 `INVALID_CREDENTIALS` if it is none.
    Opaque,
}

/// Tells what a bearer token is at `now` (Unix seconds).
#[must_use]
pub fn classify(token: &Token, key: &SigningKey, now: i64) -> Bearer {
    if !claims_to_be_ours(token.expose()) {
        return Bearer::Opaque;
    }
    let Some(claims) = key.verified(token.expose()) else {
        return Bearer::Forged;
    };
    match Timing::of(&claims, now) {
        Timing::Good => Claims::read(&claims).map_or(Bearer::Forged, Bearer::Valid),
        Timing::Past => Bearer::Expired,
        Timing::Unbounded => Bearer::Forged,
    }
}

/// Where a moment lies in the life of a token.
#[derive(PartialEq, Eq)]
enum Timing {
    Good,
    Past,
    /// No end at all, or not begun yet: such a token is never good.
    Unbounded,
}

impl Timing {
    fn of(claims: &Map<String, Value>, now: i64) -> Self {
        let begun = claims
            .get("nbf")
            .is_none_or(|begin| begin.as_i64().is_some_and(|begin| begin <= now));
        match claims.get("exp").and_then(Value::as_i64) {
            Some(end) if end <= now => Self::Past,
            Some(_) if begun => Self::Good,
            _ => Self::Unbounded,
        }
    }
}

/// Whether a token has three parts of which the first two are JSON objects, and names us as its issuer. Nothing of it is
/// believed: this only decides which refusal it gets.
fn claims_to_be_ours(token: &str) -> bool {
    if token.len() > MAX_TOKEN_BYTES {
        return false;
    }
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let issuer = object(payload).and_then(|claims| claims.get("iss").cloned());
    object(header).is_some() && issuer.as_ref().and_then(Value::as_str) == Some(ISSUER)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// `Some(None)` when absent, `None` when there but no proper text.
#[expect(clippy::option_option, reason = "the outer one is this function's failure, for `?`")]
fn optional_text(claims: &Map<String, Value>, name: &str) -> Option<Option<String>> {
    match claims.get(name) {
        None => Some(None),
        Some(Value::String(text)) if !text.is_empty() => Some(Some(text.clone())),
        Some(_) => None,
    }
}
