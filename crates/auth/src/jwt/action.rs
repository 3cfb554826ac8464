//! The tokens in links of mails: resetting a password, accepting an invitation, confirming an address.
//!
//! Each is good for one scope only, and never as an access token. Whether the user still is in the state that the link
//! was sent for is not judged here.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{ISSUER, SCOPE, SigningKey, Timing, claims_to_be_ours, optional_text};
use crate::Result;
use crate::token::Token;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Setting a new password.
    PasswordReset,
    /// Accepting an invitation.
    Invite,
    /// Confirming the address of a registration.
    PendingRegistration,
}

impl Scope {
    /// Its name in the token.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PasswordReset => "password-reset",
            Self::Invite => "invite",
            Self::PendingRegistration => "pending-registration",
        }
    }
}

/// What a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The address it was sent to.
    pub email: String,
    /// [`SigningKey::fingerprint`] of the password when it was sent; for resetting it.
    pub hash: Option<String>,
}

/// What the token of a link turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionVerdict {
    /// Ours, of this scope, and in time.
    Ok(Action),
    /// Not ours, past, or nothing at all: 403 `INVALID_TOKEN`.
    Invalid,
    /// Ours but for something else, an access token for example: 403 `FORBIDDEN`.
    WrongScope,
}

#[derive(Serialize)]
struct Wire<'a> {
    email: &'a str,
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<&'a str>,
    iat: i64,
    exp: i64,
    iss: &'static str,
}

/// The token of a link that is good for `lifetime` seconds from `now`.
pub fn sign_action(action: &Action, scope: Scope, key: &SigningKey, now: i64, lifetime: i64) -> Result<Token> {
    key.sign(&Wire {
        email: &action.email,
        scope: scope.name(),
        hash: action.hash.as_deref(),
        iat: now,
        exp: now.saturating_add(lifetime),
        iss: ISSUER,
    })
}

/// Tells whether a token opens links of `scope` at `now` (Unix seconds).
#[must_use]
pub fn verify_action(token: &Token, scope: Scope, key: &SigningKey, now: i64) -> ActionVerdict {
    if !claims_to_be_ours(token.expose()) {
        return ActionVerdict::Invalid;
    }
    let Some(claims) = key.verified(token.expose()) else {
        return ActionVerdict::Invalid;
    };
    if Timing::of(&claims, now) != Timing::Good {
        return ActionVerdict::Invalid;
    }
    if claims.get(SCOPE).and_then(Value::as_str) != Some(scope.name()) {
        return ActionVerdict::WrongScope;
    }
    read(&claims).map_or(ActionVerdict::Invalid, ActionVerdict::Ok)
}

fn read(claims: &Map<String, Value>) -> Option<Action> {
    Some(Action {
        email: optional_text(claims, "email")??,
        hash: optional_text(claims, "hash")?,
    })
}
