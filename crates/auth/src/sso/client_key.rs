//! A key of the operator's, by which a provider knows the project without a secret (`private_key_jwt`): what is signed with it
//! says who asks, and is good once, for a minute, at one address. Must never show anything of the key but its name.

use aedile_engine::{Error as Failure, Json, Object, Result};
use aedile_platform::config::Secret;
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPairComponents, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
        Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
        RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use crate::token::Token;

#[cfg(test)]
mod tests;

/// How long what was signed is good, in seconds: it is used at once.
const LIFETIME: i64 = 60;

/// The kind of proof, as the form of an exchange names it.
pub const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key that can sign.
pub struct ClientKey {
    name: Option<String>,
    algorithm: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    Elliptic(Box<EcdsaKeyPair>),
    Edwards(Box<Ed25519KeyPair>),
}

impl ClientKey {
    /// The first of these keys (JWKs with their private parts) that can sign.
    pub fn first(keys: &[Secret]) -> Option<ClientKey> {
        keys.iter().find_map(|key| {
            let key: Object = serde_json::from_str(key.expose()).ok()?;
            read(&key)
        })
    }

    /// A proof for an address of the provider that it is this client who asks. `now` is in Unix seconds.
    ///
    /// # Errors
    /// Internal: nothing can be signed.
    pub fn proof(&self, client: &str, address: &str, now: i64) -> Result<String> {
        let mut head = json!({ "alg": self.algorithm, "typ": "JWT" });
        if let (Some(name), Some(head)) = (&self.name, head.as_object_mut()) {
            head.insert("kid".to_owned(), name.as_str().into());
        }
        let claims = json!({
            "iss": client, "sub": client, "aud": address, "jti": Token::random()?.expose(), "iat": now, "exp": now + LIFETIME,
        });
        let told = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let text = format!("{}.{}", told(&head), told(&claims));
        let signature = self.signature(text.as_bytes());
        let signature = signature.ok_or_else(|| Failure::internal("a provider's private key does not sign"))?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn signature(&self, text: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, text, &mut signature).ok()?;
                Some(signature)
            }
            Pair::Elliptic(pair) => Some(pair.sign(&random, text).ok()?.as_ref().to_vec()),
            Pair::Edwards(pair) => Some(pair.sign(text).as_ref().to_vec()),
        }
    }
}

/// A key that is for signatures of a kind we know.
fn read(key: &Object) -> Option<ClientKey> {
    let text = |name: &str| key.get(name).and_then(Json::as_str);
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let (algorithm, pair) = match (text("kty")?, text("crv")) {
        ("RSA", _) => {
            let (algorithm, encoding) = encoding(text("alg"))?;
            (algorithm, Pair::Rsa(Box::new(rsa(key)?), encoding))
        }
        ("EC", Some("P-256")) => ("ES256", elliptic(key, &ECDSA_P256_SHA256_FIXED_SIGNING)?),
        ("EC", Some("P-384")) => ("ES384", elliptic(key, &ECDSA_P384_SHA384_FIXED_SIGNING)?),
        ("OKP", Some("Ed25519")) => ("EdDSA", edwards(key)?),
        _ => return None,
    };
    if text("alg").is_some_and(|own| own != algorithm) {
        return None;
    }
    Some(ClientKey {
        name: text("kid").map(str::to_owned),
        algorithm,
        pair,
    })
}

/// How an RSA key signs that says so; one that does not, in the usual way.
fn encoding(algorithm: Option<&str>) -> Option<(&'static str, &'static dyn RsaEncoding)> {
    Some(match algorithm {
        None | Some("RS256") => ("RS256", &RSA_PKCS1_SHA256),
        Some("RS384") => ("RS384", &RSA_PKCS1_SHA384),
        Some("RS512") => ("RS512", &RSA_PKCS1_SHA512),
        Some("PS256") => ("PS256", &RSA_PSS_SHA256),
        Some("PS384") => ("PS384", &RSA_PSS_SHA384),
        Some("PS512") => ("PS512", &RSA_PSS_SHA512),
        Some(_) => return None,
    })
}

fn rsa(key: &Object) -> Option<RsaKeyPair> {
    let components = KeyPairComponents {
        public_key: PublicKeyComponents {
            n: part(key, "n")?,
            e: part(key, "e")?,
        },
        d: part(key, "d")?,
        p: part(key, "p")?,
        q: part(key, "q")?,
        dP: part(key, "dp")?,
        dQ: part(key, "dq")?,
        qInv: part(key, "qi")?,
    };
    RsaKeyPair::from_components(&components).ok()
}

fn elliptic(key: &Object, algorithm: &'static EcdsaSigningAlgorithm) -> Option<Pair> {
    // An uncompressed point, as SEC 1 writes it.
    let point = [vec![4], part(key, "x")?, part(key, "y")?].concat();
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &part(key, "d")?, &point);
    Some(Pair::Elliptic(Box::new(pair.ok()?)))
}

fn edwards(key: &Object) -> Option<Pair> {
    let pair = Ed25519KeyPair::from_seed_and_public_key(&part(key, "d")?, &part(key, "x")?);
    Some(Pair::Edwards(Box::new(pair.ok()?)))
}

/// A number of a key.
fn part(key: &Object, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(key.get(name)?.as_str()?).ok()
}
