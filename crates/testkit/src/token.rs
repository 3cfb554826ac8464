//! Tokens and codes as a client (or an attacker) makes them: RFC 6238 codes, edited JWTs, and
//! the claims of a JWT in comparable form. Nothing here verifies a signature.

use anyhow::{Context, Result, bail};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value, json};

use crate::text;

/// What forged tokens are signed with, unless the scenario names a key.
const FORGER: &str = "not-the-secret";

/// Seconds for which one RFC 6238 code stands.
pub(crate) const PERIOD: u64 = 30;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The six-digit code (SHA-1, 30 s) of a base32 secret, `time` seconds after 1970.
pub(crate) fn totp(secret: &str, time: u64) -> Result<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret)?);
    let mac = hmac::sign(&key, &(time / PERIOD).to_be_bytes());
    let mac = mac.as_ref();
    let at = usize::from(mac.last().copied().unwrap_or(0) & 15);
    let four = mac.get(at..at + 4).context("a short MAC")?;
    let number = four.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
    Ok(format!("{:06}", (number & 0x7FFF_FFFF) % 1_000_000))
}

fn base32(text: &str) -> Result<Vec<u8>> {
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for c in text.trim_end_matches('=').bytes() {
        let five = match c.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => bail!("`{text}` is not base32"),
        };
        held = (held << 5) | u32::from(five);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from((held >> bits) & 0xFF)?);
        }
        held &= (1 << bits) - 1;
    }
    Ok(out)
}

/// A JWT like `token` but edited, as an attacker without the secret would make it. `edits` are
/// commas between `claim=value`, `alg=`, `kid=`, `key=` and `sig=kept|empty|none`.
pub(crate) fn forge(token: &str, edits: &str) -> Result<String> {
    let (head, payload) = parts(token).context("not a JWT")?;
    let (Value::Object(mut head), Value::Object(mut payload)) = (head, payload) else {
        bail!("a JWT of something else than objects");
    };
    let (mut key, mut signature) = (FORGER, "made");
    for edit in edits.split(',').filter(|edit| !edit.is_empty()) {
        let (name, value) = edit.split_once('=').unwrap_or((edit, ""));
        match name {
            "alg" | "kid" => {
                head.insert(name.to_owned(), Value::from(value));
            }
            "key" => key = value,
            "sig" => signature = value,
            _ if value.is_empty() => {
                payload.shift_remove(name);
            }
            _ => {
                payload.insert(name.to_owned(), claim(value));
            }
        }
    }
    let algorithm = match head.get("alg").and_then(Value::as_str) {
        Some("HS512") => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    };
    let part = |map: Map<String, Value>| BASE64.encode(text::json(&Value::Object(map)));
    let signed = format!("{}.{}", part(head), part(payload));
    let key = hmac::Key::new(algorithm, key.as_bytes());
    let tail = match signature {
        "kept" => format!(".{}", token.rsplit('.').next().unwrap_or_default()),
        "empty" => ".".to_owned(),
        "none" => String::new(),
        _ => format!(".{}", BASE64.encode(hmac::sign(&key, signed.as_bytes()))),
    };
    Ok(signed + &tail)
}

fn claim(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "null" => Value::Null,
        _ if text.bytes().all(|c| c.is_ascii_digit()) => {
            text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from)
        }
        _ => Value::from(text),
    }
}

/// A JWT's header and claims without what differs from run to run: `iat` is dropped, `exp`
/// becomes the lifetime in seconds, the issuer's name is hidden. `"<no jwt>"` if it is none.
pub(crate) fn claims(token: Option<&Value>) -> Value {
    comparable(token.and_then(Value::as_str)).unwrap_or_else(|| Value::from("<no jwt>"))
}

fn comparable(token: Option<&str>) -> Option<Value> {
    let (header, payload) = parts(token?)?;
    let Value::Object(mut payload) = payload else {
        return None;
    };
    let issued = payload.shift_remove("iat").and_then(|iat| iat.as_i64());
    if let Some(expiry) = payload.get_mut("exp") {
        *expiry = match issued.filter(|iat| *iat != 0) {
            Some(iat) => Value::from(format!("iat+{}", expiry.as_i64()? - iat)),
            None => Value::from("<exp>"),
        };
    }
    if let Some(issuer) = payload.get_mut("iss") {
        *issuer = Value::from("<iss>");
    }
    Some(json!({"header": header, "payload": payload}))
}

fn parts(token: &str) -> Option<(Value, Value)> {
    let mut parts = token.split('.').map(|part| {
        let raw = BASE64.decode(part).ok()?;
        serde_json::from_slice(&raw).ok()
    });
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests;
