//! One smallest head of each format.

use serde_json::{Value, json};

use super::facts;

fn padded(parts: &[&[u8]]) -> Option<Value> {
    facts(&[parts.concat(), vec![0; 16]].concat())
}

#[test]
fn sizes() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x02\0\0\0\x03";
    assert_eq!(padded(&[png]), Some(json!(["png", 258, 3])));
    assert_eq!(padded(&[b"GIF89a\x05\x01\x06\0"]), Some(json!(["gif", 261, 6])));
    let lossy = padded(&[b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x0a\0\x0b\0"]);
    assert_eq!(lossy, Some(json!(["webp", 10, 11])));
    let lossless = padded(&[b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x09\x80\x02\0"]);
    assert_eq!(lossless, Some(json!(["webp", 10, 11])));
    let extended = padded(&[b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x09\0\0\x0a\0\0"]);
    assert_eq!(extended, Some(json!(["webp", 10, 11])));
    let jpeg: &[u8] = b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x11\x08\0\x07\0\x09";
    assert_eq!(padded(&[jpeg]), Some(json!(["jpeg", 9, 7])));
    let avif: &[u8] = b"\0\0\0\x1cftypavif....ispe\0\0\0\0\0\0\0\x08\0\0\0\x09";
    assert_eq!(padded(&[avif]), Some(json!(["avif", 8, 9])));
}

#[test]
fn other_bytes_are_no_image() {
    for raw in [b"".as_slice(), b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"] {
        assert_eq!(facts(raw), None, "{raw:?}");
    }
}
