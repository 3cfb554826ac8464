//! The keys of an identity provider, and the tokens that it signs with them, rightly or not.

use anyhow::{Result, anyhow};
use aws_lc_rs::{
    encoding::{AsBigEndian as _, EcPrivateKeyBin},
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
        RsaKeyPair, UnparsedPublicKey,
    },
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A key with its name.
pub struct Key {
    name: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Elliptic(Box<EcdsaKeyPair>),
}

impl Key {
    pub fn rsa(name: &'static str) -> Result<Key> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no key could be made"))?;
        Ok(Key {
            name,
            pair: Pair::Rsa(Box::new(pair)),
        })
    }

    pub fn elliptic(name: &'static str) -> Result<Key> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let pair = pair.map_err(|_| anyhow!("no key could be made"))?;
        Ok(Key {
            name,
            pair: Pair::Elliptic(Box::new(pair)),
        })
    }

    /// What everybody may know of it.
    pub fn public(&self) -> Value {
        let told = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        match &self.pair {
            Pair::Rsa(pair) => {
                let key = pair.public_key();
                let modulus = told(key.modulus().big_endian_without_leading_zero());
                let exponent = told(key.exponent().big_endian_without_leading_zero());
                json!({ "kty": "RSA", "use": "sig", "kid": self.name, "n": modulus, "e": exponent })
            }
            Pair::Elliptic(pair) => {
                let point = pair.public_key().as_ref();
                let half = |at: usize| told(point.get(at..at + 32).unwrap_or_default());
                json!({ "kty": "EC", "crv": "P-256", "kid": self.name, "x": half(1), "y": half(33) })
            }
        }
    }

    /// All of it, for whoever is to sign with it.
    pub fn private(&self) -> Result<Value> {
        let Pair::Elliptic(pair) = &self.pair else {
            return Err(anyhow!("only keys on curves are given away"));
        };
        let secret: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes()?;
        let mut key = self.public();
        super::set(&mut key, "d", json!(BASE64_URL_SAFE_NO_PAD.encode(secret.as_ref())));
        Ok(key)
    }

    /// The claims of what was signed with this key on a curve, under its name.
    pub fn claims(&self, token: &str) -> Option<Value> {
        let Pair::Elliptic(pair) = &self.pair else {
            return None;
        };
        let told = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let (text, signature) = token.rsplit_once('.')?;
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
        key.verify(text.as_bytes(), &told(signature)?).ok()?;
        let (head, claims) = text.split_once('.')?;
        let head: Value = serde_json::from_slice(&told(head)?).ok()?;
        let fits = head == json!({ "alg": "ES256", "typ": "JWT", "kid": self.name });
        fits.then(|| serde_json::from_slice(&told(claims)?).ok()).flatten()
    }

    pub fn sign(&self, claims: &Value) -> Result<String> {
        let algorithm = match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Elliptic(_) => "ES256",
        };
        let text = head(algorithm, self.name, claims);
        let random = SystemRandom::new();
        let failed = |_| anyhow!("nothing could be signed");
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
                    .map_err(failed)?;
                signature
            }
            Pair::Elliptic(pair) => pair.sign(&random, text.as_bytes()).map_err(failed)?.as_ref().to_vec(),
        };
        Ok(format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }

    /// A token signed with the public key as if that were a secret.
    pub fn symmetric(&self, claims: &Value) -> Result<String> {
        let public = self.public();
        let modulus = BASE64_URL_SAFE_NO_PAD.decode(public.get("n").and_then(Value::as_str).unwrap_or_default())?;
        let text = head("HS256", self.name, claims);
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &modulus), text.as_bytes());
        Ok(format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// A token without a signature.
pub fn unsigned(claims: &Value) -> String {
    format!("{}.", head("none", "first", claims))
}

fn head(algorithm: &str, key: &str, claims: &Value) -> String {
    let told = |json: &Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
    let head = json!({ "alg": algorithm, "typ": "JWT", "kid": key });
    format!("{}.{}", told(&head), told(claims))
}
