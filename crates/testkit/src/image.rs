//! Format and size of an image, read from its first bytes: pixels are never compared.

use serde_json::{Value, json};

/// `[format, width, height]` of a PNG, JPEG, GIF, WebP or AVIF, or nothing.
pub(crate) fn facts(raw: &[u8]) -> Option<Value> {
    if raw.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(json!(["png", big(raw, 16, 4)?, big(raw, 20, 4)?]));
    }
    if raw.starts_with(b"GIF") {
        return Some(json!(["gif", little(raw, 6, 2)?, little(raw, 8, 2)?]));
    }
    if raw.starts_with(b"RIFF") && raw.get(8..12) == Some(b"WEBP") {
        return webp(raw);
    }
    if raw.starts_with(b"\xff\xd8") {
        return jpeg(raw);
    }
    if raw.get(4..12) == Some(b"ftypavif") {
        let Some(at) = raw.windows(4).position(|four| four == b"ispe") else {
            return Some(json!(["avif", 0, 0]));
        };
        return Some(json!(["avif", big(raw, at + 8, 4)?, big(raw, at + 12, 4)?]));
    }
    None
}

fn webp(raw: &[u8]) -> Option<Value> {
    let (width, height) = match raw.get(12..16)? {
        b"VP8X" => (1 + little(raw, 24, 3)?, 1 + little(raw, 27, 3)?),
        b"VP8L" => {
            let bits = little(raw, 21, 4)?;
            (1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF))
        }
        _ => (little(raw, 26, 2)? & 0x3FFF, little(raw, 28, 2)? & 0x3FFF),
    };
    Some(json!(["webp", width, height]))
}

fn jpeg(raw: &[u8]) -> Option<Value> {
    let mut at = 2;
    while at + 9 < raw.len() {
        let marker = *raw.get(at + 1)?;
        let is_frame = (0xC0..=0xCF).contains(&marker) && ![0xC4, 0xC8, 0xCC].contains(&marker);
        if is_frame {
            return Some(json!(["jpeg", big(raw, at + 7, 2)?, big(raw, at + 5, 2)?]));
        }
        at += 2 + usize::try_from(big(raw, at + 2, 2)?).ok()?;
    }
    None
}

fn big(raw: &[u8], at: usize, len: usize) -> Option<u64> {
    let bytes = raw.get(at..at + len)?;
    Some(bytes.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

fn little(raw: &[u8], at: usize, len: usize) -> Option<u64> {
    let bytes = raw.get(at..at + len)?.iter().rev();
    Some(bytes.fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
}

#[cfg(test)]
mod tests;
