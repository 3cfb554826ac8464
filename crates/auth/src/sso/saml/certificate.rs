//! The public key in a certificate (X.509). A certificate of a provider's description is nothing but the envelope of its key:
//! the operator has said that it is the provider's, so neither its dates nor who has signed it are looked at. Pure.

use super::super::ber::{self, Malformed, Reader, tag};

#[cfg(test)]
mod tests;

/// The tag of the version, which the first certificates do not have.
const VERSION: u8 = 0xa0;

/// The key of a certificate, in the form that certificates have it in.
///
/// # Errors
/// It is no certificate.
pub fn key(certificate: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut outer = Reader::new(certificate);
    let mut signed = Reader::new(outer.take(tag::SEQUENCE)?);
    if !outer.is_empty() {
        return Err(Malformed);
    }
    let mut fields = Reader::new(signed.take(tag::SEQUENCE)?);
    match fields.value()? {
        (VERSION, _) => fields.take(tag::INTEGER).map(drop)?,
        (tag::INTEGER, _) => {}
        _ => return Err(Malformed),
    }
    // The algorithm, who has signed it, from when until when, and for whom.
    for _ in 0..4 {
        fields.take(tag::SEQUENCE)?;
    }
    Ok(ber::element(tag::SEQUENCE, fields.take(tag::SEQUENCE)?))
}
