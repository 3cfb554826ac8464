//! Tokens as strings: making random ones, taking them from requests, comparing and fingerprinting them.
//!
//! The only place of this crate that draws randomness. Must never print a token or keep one in a type that can be
//! serialised, and never compare one with `==`.

use std::fmt;

use aws_lc_rs::{constant_time, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{Error, Result};

#[cfg(test)]
mod tests;

/// Longest bearer token that is looked at, in bytes. Our own JWTs stay under 1 KiB and stored tokens under 256 bytes;
/// the rest is room for the tokens of other issuers.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Random bytes of a refresh or session token: 48 bytes are exactly 64 characters of base64url.
const RANDOM_TOKEN_BYTES: usize = 48;

/// A credential that opens something by itself. Shows nothing when printed; compared in constant time only.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Wraps a token as it came in. [`Error::UnusableToken`] when longer than [`MAX_TOKEN_BYTES`].
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        if text.len() > MAX_TOKEN_BYTES {
            return Err(Error::UnusableToken);
        }
        Ok(Self(text))
    }

    /// A new random token of 64 characters of `[A-Za-z0-9_-]`, for refresh tokens and sessions.
    pub fn random() -> Result<Self> {
        let bytes = random_bytes::<RANDOM_TOKEN_BYTES>()?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The token itself, to be sent to its owner or looked up. Never to be logged.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether both are the same token, in a time that depends on their lengths alone.
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        equal(self.0.as_bytes(), other.as_bytes())
    }

    /// SHA-256 of the token in lower-case hex: a key to find it by without storing it.
    ///
    /// Unsalted, so only for tokens that are long and random.
    #[must_use]
    pub fn digest(&self) -> String {
        hex(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The bearer token of an `Authorization` header.
///
/// Exactly two words with one space between, the first `bearer` in any case; anything else is no token at all and the
/// caller is the public. [`Error::UnusableToken`] for a bearer that no token can be: to be answered like a wrong one.
pub fn from_header(header: &[u8]) -> Result<Option<Token>> {
    let mut words = header.split(|byte| *byte == b' ');
    let (Some(scheme), Some(token), None) = (words.next(), words.next(), words.next()) else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case(b"bearer") || token.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(token).map_err(|_| Error::UnusableToken)?;
    Token::new(text).map(Some)
}

/// Whether two byte strings are equal, without telling by the time taken where they differ.
#[must_use]
pub fn equal(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

/// `N` bytes from the operating system's generator.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::Randomness)?;
    Ok(bytes)
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
