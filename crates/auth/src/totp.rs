//! One-time codes after RFC 6238: SHA-1, 30 seconds, six digits.
//!
//! Must never print a secret, and never tell by the time taken how much of a code was right.

use std::fmt;

use aws_lc_rs::hmac;

use crate::token::{equal, random_bytes};
use crate::{Error, Result};

#[cfg(test)]
mod tests;

/// Seconds that a code is shown.
const PERIOD: i64 = 30;

/// Steps before and after the present one whose codes are taken: for clocks that are off, and slow typing.
const WINDOW: i64 = 1;

/// Digits of a code.
const DIGITS: usize = 6;

/// Random bytes of a secret: 16 characters of base32, what clients and stored secrets have.
const SECRET_BYTES: usize = 10;

/// Fewest characters of a secret: one chosen by a client must not be weaker than ours.
const MIN_SECRET_CHARS: usize = 16;

/// Most characters of a secret: 64 bytes, the block of the hash, beyond which more is worth nothing.
const MAX_SECRET_CHARS: usize = 104;

/// The base32 alphabet of RFC 4648.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The shared secret of one user's codes. Shows nothing when printed.
#[derive(Clone)]
pub struct TotpSecret {
    text: String,
    key: hmac::Key,
}

impl TotpSecret {
    /// A new random secret of 16 characters.
    pub fn random() -> Result<Self> {
        Self::parse(&base32(&random_bytes::<SECRET_BYTES>()?))
    }

    /// Reads a secret in base32 (either case, without padding); [`Error::TotpSecret`] if it is none or too weak.
    pub fn parse(text: &str) -> Result<Self> {
        if !(MIN_SECRET_CHARS..=MAX_SECRET_CHARS).contains(&text.len()) {
            return Err(Error::TotpSecret);
        }
        let text = text.to_ascii_uppercase();
        let bytes = decode(&text).ok_or(Error::TotpSecret)?;
        Ok(Self {
            text,
            key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes),
        })
    }

    /// The secret in base32, to be stored and to be shown once to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The address that authenticator apps read from a QR code.
    #[must_use]
    pub fn otpauth_url(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (percent_encode(issuer), percent_encode(account));
        let secret = &self.text;
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&period={PERIOD}&digits={DIGITS}&algorithm=SHA1&issuer={issuer}"
        )
    }

    /// The step whose code `code` is, at `now` (Unix seconds) or one step off; `None` for a wrong code.
    ///
    /// `used` is the last step whose code was taken: it and those before are not taken again. Whoever enforces one-time
    /// use stores the step that is returned.
    #[must_use]
    pub fn verify(&self, code: &str, now: i64, used: Option<i64>) -> Option<i64> {
        if code.len() != DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let present = now.div_euclid(PERIOD);
        let mut found = None;
        for step in present.saturating_sub(WINDOW)..=present.saturating_add(WINDOW) {
            // No early end: which step it was is nobody's to measure.
            let right = self
                .code(step)
                .is_some_and(|expected| equal(expected.as_bytes(), code.as_bytes()));
            if right && used.is_none_or(|used| step > used) {
                found = Some(step);
            }
        }
        found
    }

    fn code(&self, step: i64) -> Option<String> {
        let counter = u64::try_from(step).ok()?;
        let tag = hmac::sign(&self.key, &counter.to_be_bytes());
        let tag = tag.as_ref();
        let start = usize::from(tag.last()? & 0x0f);
        let word: [u8; 4] = tag.get(start..start.checked_add(4)?)?.try_into().ok()?;
        let number = (u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000;
        Some(format!("{number:06}"))
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// Bytes in base32, without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let (mut text, mut buffer, mut bits) = (String::new(), 0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(buffer >> bits));
        }
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(buffer << (5 - bits)));
    }
    text
}

fn letter(value: u32) -> char {
    let at = usize::try_from(value & 31).unwrap_or_default();
    ALPHABET.get(at).copied().map_or('A', char::from)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer, mut bits) = (Vec::with_capacity(text.len() * 5 / 8), 0_u32, 0_u32);
    for byte in text.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == byte)?;
        buffer = (buffer << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits).ok()?);
            buffer &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

/// Everything but unreserved characters as `%XX`.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The code of a secret at a time, for tests that stand in for a user's telephone.
#[cfg(test)]
pub(crate) fn code_at(secret: &TotpSecret, now: i64) -> String {
    secret.code(now.div_euclid(PERIOD)).unwrap_or_default()
}
