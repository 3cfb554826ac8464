//! What is signed holds against the public part of the key, whatever its kind, and keys that cannot sign are passed over.

use aws_lc_rs::{
    encoding::{AsBigEndian as _, EcPrivateKeyBin},
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA512,
        UnparsedPublicKey, VerificationAlgorithm,
    },
};

use super::*;

const NOW: i64 = 1_700_000_000;

fn told(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key on P-256 with its public point.
fn elliptic_key() -> (Json, Vec<u8>) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let secret: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().unwrap();
    let point = pair.public_key().as_ref().to_vec();
    let key = json!({
        "kty": "EC", "crv": "P-256", "kid": "ours", "d": told(secret.as_ref()), "x": told(&point[1..33]), "y": told(&point[33..]),
    });
    (key, point)
}

/// An RSA key as OpenSSL made it, and its public part in DER.
fn rsa_key() -> (Json, Vec<u8>) {
    let pair = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let parts = numbers(&pair);
    let names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
    let mut key = json!({ "kty": "RSA", "use": "sig" });
    for (name, part) in names.iter().zip(&parts[1..]) {
        key[*name] = told(part).into();
    }
    (key, pair.public_key().as_ref().to_vec())
}

/// The numbers of a private key in PKCS #8: they stand last in it, in the order of PKCS #1.
fn numbers(pair: &RsaKeyPair) -> Vec<Vec<u8>> {
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let mut rest = der.as_ref();
    let mut found = Vec::new();
    while let [tag, length, tail @ ..] = rest {
        let wide = usize::from(*length & 0x7f);
        let (length, tail) = if *length < 0x80 {
            (wide, tail)
        } else {
            let length = tail[..wide].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, &tail[wide..])
        };
        rest = match tag {
            2 => {
                let number: Vec<u8> = tail[..length].iter().copied().skip_while(|byte| *byte == 0).collect();
                found.push(number);
                &tail[length..]
            }
            // What holds numbers is gone into; what holds none is passed over.
            4 | 0x30 if length > 32 => tail,
            _ => &tail[length..],
        };
    }
    // The first is the version of PKCS #8.
    found.split_off(1)
}

fn key_of(keys: &[Json]) -> Option<ClientKey> {
    let keys: Vec<Secret> = keys.iter().map(|key| Secret::new(key.to_string())).collect();
    ClientKey::first(&keys)
}

/// Head and claims of a proof whose signature holds.
fn opened(proof: &str, algorithm: &'static dyn VerificationAlgorithm, public: &[u8]) -> [Json; 2] {
    let (text, signature) = proof.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = UnparsedPublicKey::new(algorithm, public);
    key.verify(text.as_bytes(), &signature).unwrap();
    assert!(key.verify(b"another", &signature).is_err());
    let (head, claims) = text.split_once('.').unwrap();
    [head, claims].map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
}

#[test]
fn a_proof_says_who_asks_where_and_when() {
    let (key, point) = elliptic_key();
    let key = key_of(&[key]).unwrap();
    let prove = || key.proof("we", "https://there.example/token", NOW).unwrap();
    let [head, mut claims] = opened(&prove(), &ECDSA_P256_SHA256_FIXED, &point);
    assert_eq!(head, json!({ "alg": "ES256", "typ": "JWT", "kid": "ours" }));
    let once = claims["jti"].take();
    assert!(once.as_str().unwrap().len() >= 32);
    assert_eq!(
        claims,
        json!({ "iss": "we", "sub": "we", "aud": "https://there.example/token", "jti": null, "iat": NOW, "exp": NOW + 60 })
    );
    let [_, again] = opened(&prove(), &ECDSA_P256_SHA256_FIXED, &point);
    assert_ne!(again["jti"], once);
}

#[test]
fn keys_of_every_kind_sign() {
    let (mut rsa, public) = rsa_key();
    let prove = |key: &Json| {
        key_of(std::slice::from_ref(key))
            .unwrap()
            .proof("we", "there", NOW)
            .unwrap()
    };
    let [head, _] = opened(&prove(&rsa), &RSA_PKCS1_2048_8192_SHA256, &public);
    assert_eq!(head["alg"], "RS256");
    rsa["alg"] = "PS512".into();
    let [head, _] = opened(&prove(&rsa), &RSA_PSS_2048_8192_SHA512, &public);
    assert_eq!(head["alg"], "PS512");
    let pair = Ed25519KeyPair::generate().unwrap();
    let (seed, public) = (pair.seed().unwrap(), pair.public_key().as_ref().to_vec());
    let secret: aws_lc_rs::encoding::Curve25519SeedBin<'_> = seed.as_be_bytes().unwrap();
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "d": told(secret.as_ref()), "x": told(&public) });
    let [head, _] = opened(&prove(&key), &ED25519, &public);
    assert_eq!(head["alg"], "EdDSA");
}

#[test]
fn a_key_that_cannot_sign_is_passed_over() {
    let (good, point) = elliptic_key();
    let but = |name: &str, value: Json| {
        let mut key = good.clone();
        key[name] = value;
        key
    };
    let (other, _) = elliptic_key();
    let bad = [
        but("d", Json::Null),
        but("d", "AAAA".into()),
        but("x", other["x"].clone()),
        but("use", "enc".into()),
        but("alg", "ES384".into()),
        but("alg", "none".into()),
        but("crv", "P-384".into()),
        but("kty", "oct".into()),
        json!({ "kty": "oct", "k": "AAAA" }),
    ];
    for key in &bad {
        assert!(key_of(std::slice::from_ref(key)).is_none(), "{key}");
    }
    let all = [&bad[..], std::slice::from_ref(&good)].concat();
    let proof = key_of(&all).unwrap().proof("we", "there", NOW).unwrap();
    opened(&proof, &ECDSA_P256_SHA256_FIXED, &point);
}
