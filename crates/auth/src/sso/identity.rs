//! Tokens by which a provider tells who somebody is. Pure: keys and time come from the caller. Must never take the
//! token's word for how it is to be checked: which keys there are, and what they are for, the provider says elsewhere.

use aedile_engine::{Json, Object};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, PublicKeyUse},
};

/// Longest token that is looked at, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// How far the provider's clock may be from ours, in seconds.
const LEEWAY: i64 = 60;

/// The oldest token that is taken, in seconds: it was made for a code that has just come.
const OLDEST: i64 = 60 * 60;

/// What a token has to say.
pub struct Expected<'e> {
    /// Who made it.
    pub issuer: &'e str,
    /// Whom it is for.
    pub client: &'e str,
    /// What it was asked for with.
    pub nonce: &'e str,
    /// Unix seconds.
    pub now: i64,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No token, or one that says how to check it in a way that is never taken.
    Malformed,
    /// Signed by a key that is not known (yet).
    UnknownKey,
    /// Not signed by the key that it names.
    Signature,
    /// Of another provider.
    Issuer,
    /// For somebody else.
    Audience,
    /// Past, of another day, or of tomorrow.
    Time,
    /// Asked for by another browser.
    Nonce,
    /// It does not say who it is about.
    Subject,
}

/// The claims of a token that is what it has to be.
pub fn verify(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Object, Fault> {
    if token.len() > MAX_BYTES {
        return Err(Fault::Malformed);
    }
    let head = decode_header(token).map_err(|_| Fault::Malformed)?;
    if !is_taken(head.alg) {
        return Err(Fault::Malformed);
    }
    let key = find(keys, head.kid.as_deref(), head.alg).ok_or(Fault::UnknownKey)?;
    let key = DecodingKey::from_jwk(key).map_err(|_| Fault::UnknownKey)?;
    let mut rules = Validation::new(head.alg);
    // Everything but the signature is judged below, by the caller's clock.
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    let claims = decode::<Object>(token, &key, &rules)
        .map_err(|_| Fault::Signature)?
        .claims;
    judge(&claims, expected)?;
    Ok(claims)
}

/// Signatures with two keys: one that only the provider has, and one that everybody may know.
fn is_taken(algorithm: Algorithm) -> bool {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    matches!(
        algorithm,
        ES256 | ES384 | EdDSA | PS256 | PS384 | PS512 | RS256 | RS384 | RS512
    )
}

/// The key that a token names; one that names none takes the only one that fits.
fn find<'k>(keys: &'k JwkSet, id: Option<&str>, algorithm: Algorithm) -> Option<&'k Jwk> {
    let mut fitting = keys.keys.iter().filter(|key| fits(key, algorithm));
    match id {
        Some(id) => fitting.find(|key| key.common.key_id.as_deref() == Some(id)),
        None => {
            let only = fitting.next();
            only.filter(|_| fitting.next().is_none())
        }
    }
}

/// Whether a key is for signatures of this kind.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    use Algorithm::{ES256, ES384, EdDSA};
    let signs = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let named = key
        .common
        .key_algorithm
        .is_none_or(|own| own.to_string() == format!("{algorithm:?}"));
    let kind = match &key.algorithm {
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => algorithm == ES256,
            EllipticCurve::P384 => algorithm == ES384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(_) => algorithm == EdDSA,
        AlgorithmParameters::RSA(_) => !matches!(algorithm, ES256 | ES384 | EdDSA),
        _ => false,
    };
    signs && named && kind
}

fn judge(claims: &Object, expected: &Expected<'_>) -> Result<(), Fault> {
    let text = |name: &str| claims.get(name).and_then(Json::as_str);
    if text("iss") != Some(expected.issuer) || expected.issuer.is_empty() {
        return Err(Fault::Issuer);
    }
    if !is_for(claims, expected.client) {
        return Err(Fault::Audience);
    }
    let moment = |name: &str| claims.get(name).and_then(Json::as_f64).map(|time| time as i64);
    let (Some(end), Some(made)) = (moment("exp"), moment("iat")) else {
        return Err(Fault::Time);
    };
    let begun = moment("nbf").is_none_or(|begin| begin <= expected.now + LEEWAY);
    let present = made <= expected.now + LEEWAY && made >= expected.now - OLDEST;
    if end <= expected.now - LEEWAY || !begun || !present {
        return Err(Fault::Time);
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(Fault::Nonce);
    }
    if text("sub").is_none_or(str::is_empty) {
        return Err(Fault::Subject);
    }
    Ok(())
}

/// Whether a token is for this client, and for nobody else but with its knowledge.
fn is_for(claims: &Object, client: &str) -> bool {
    let party = claims.get("azp");
    let own = Json::from(client);
    if party.is_some_and(|party| *party != own) {
        return false;
    }
    match claims.get("aud") {
        Some(Json::Array(list)) => list.contains(&own) && (list.len() == 1 || party.is_some()),
        Some(one) => *one == own,
        None => false,
    }
}
