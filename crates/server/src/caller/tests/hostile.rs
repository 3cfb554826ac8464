//! Ten thousand credentials that are none, made by rule from a seed: none opens anything, none is a fault of the server's.
use std::time::{SystemTime, UNIX_EPOCH};

use aedile_platform::config::Secret;
use aws_lc_rs::hmac;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use tower::ServiceExt;

use super::*;

/// How many there are.
const COUNT: u64 = 10_000;

const SEED: u64 = 0x5eed_0b5e_55ed_c0de;

const SECRET: &str = "the-secret-of-this-test";

/// Numbers that look random (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// The present code of a secret, as a telephone tells it.
pub fn code(secret: &str) -> String {
    let mut bits = secret
        .bytes()
        .fold((Vec::new(), 0_u32, 0_u32), |(mut out, held, count), byte| {
            let five = match byte {
                b'A'..=b'Z' => byte - b'A',
                digit => digit - b'2' + 26,
            };
            let (held, count) = ((held << 5) | u32::from(five), count + 5);
            if count >= 8 {
                out.push(u8::try_from((held >> (count - 8)) & 0xff).unwrap());
                return (out, held & ((1 << (count - 8)) - 1), count - 8);
            }
            (out, held, count)
        });
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &std::mem::take(&mut bits.0));
    let mac = hmac::sign(&key, &(now() / 30).to_be_bytes());
    let mac = mac.as_ref();
    let at = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes([mac[at], mac[at + 1], mac[at + 2], mac[at + 3]]) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn part(json: &Json) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

fn signed(head: &Json, claims: &Json, algorithm: hmac::Algorithm, secret: &str) -> String {
    let text = format!("{}.{}", part(head), part(claims));
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn head() -> Json {
    json!({ "alg": "HS256", "typ": "JWT" })
}

/// What is stolen or guessed at, and whose it would be.
struct Loot {
    /// The claims of a token of the administrator that is good.
    claims: Json,
    /// That token.
    good: String,
    /// A static token as it is stored.
    stored: String,
}

/// A token that is none.
fn token(loot: &Loot, random: &mut Random) -> String {
    match random.below(8) {
        0 => noise(random),
        1 => {
            let end = random.below(loot.good.len());
            loot.good[..end].to_owned()
        }
        2 => changed(&loot.good, random),
        3 => other_algorithm(loot, random),
        4 => other_claims(loot, random),
        5 => {
            let wrong = ["", "secret", "the-secret-of-this-tes", "null"];
            let wrong = *random.pick(&wrong);
            signed(&head(), &loot.claims, hmac::HMAC_SHA256, wrong)
        }
        6 => spliced(loot, random),
        _ => misspelt(loot, random),
    }
}

/// Text of any length, of letters of many alphabets and what is none.
fn noise(random: &mut Random) -> String {
    const LETTERS: [char; 22] = [
        'a',
        'Z',
        '0',
        '.',
        '-',
        '_',
        '=',
        '+',
        '/',
        '%',
        '\'',
        '"',
        ';',
        ' ',
        '\u{0}',
        'é',
        'ß',
        'Ⅷ',
        '字',
        '\u{202e}',
        '\u{feff}',
        '\u{1f511}',
    ];
    let length = *random.pick(&[0, 1, 7, 36, 64, 255, 256, 1000, 8191, 8193, 20_000]);
    (0..length).map(|_| *random.pick(&LETTERS)).collect()
}

/// A good token with one character of another value.
fn changed(good: &str, random: &mut Random) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
    let mut bytes = good.as_bytes().to_vec();
    let at = random.below(bytes.len());
    let other = *random.pick(LETTERS);
    bytes[at] = if other == bytes[at] { b'!' } else { other };
    String::from_utf8(bytes).unwrap()
}

fn other_algorithm(loot: &Loot, random: &mut Random) -> String {
    let names = [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!("nOnE"),
        json!("HS384"),
        json!("HS512"),
        json!("RS256"),
        json!("ES256"),
        json!("PS256"),
        json!("EdDSA"),
        json!("hs256"),
        json!("HS256 "),
        json!(""),
        json!(null),
        json!(256),
        json!(["HS256"]),
        json!({ "alg": "HS256" }),
    ];
    let mut head = json!({ "alg": random.pick(&names).clone(), "typ": "JWT" });
    match random.below(5) {
        0 => head["kid"] = json!("../../dev/null"),
        1 => head["jwk"] = json!({ "kty": "oct", "k": "AA" }),
        2 => head["crit"] = json!(["exp"]),
        _ => {}
    }
    match random.below(4) {
        0 => format!("{}.{}.", part(&head), part(&loot.claims)),
        1 => signed(&head, &loot.claims, hmac::HMAC_SHA512, SECRET),
        2 => signed(&head, &loot.claims, hmac::HMAC_SHA384, SECRET),
        _ => signed(&head, &loot.claims, hmac::HMAC_SHA256, SECRET),
    }
}

/// Claims that say too little, too much, or of another time, rightly signed.
fn other_claims(loot: &Loot, random: &mut Random) -> String {
    let mut claims = loot.claims.clone();
    let object = claims.as_object_mut().unwrap();
    let past = now() - 1 - i64::try_from(random.below(100_000)).unwrap();
    let (name, value) = random
        .pick(&[
            ("iss", json!("aedile")),
            ("iss", json!(null)),
            ("iss", json!(["directus"])),
            ("iss", json!("Directus")),
            ("exp", json!(past)),
            ("exp", json!(null)),
            ("exp", json!("9999999999")),
            ("exp", json!(-1)),
            ("exp", json!({})),
            ("nbf", json!(now() + 3600)),
            ("nbf", json!("0")),
            ("id", json!(null)),
            ("id", json!("")),
            ("id", json!(1)),
            ("id", json!("00000000-0000-4000-8000-000000000000")),
            ("id", json!("' or 1=1 --")),
            ("id", json!(["x"])),
            ("role", json!(5)),
            ("admin_access", json!("true")),
            ("app_access", json!(1)),
            ("iat", json!("now")),
            ("scope", json!("password-reset")),
            ("scope", json!(null)),
            ("share", json!("x")),
            ("session", json!("x".repeat(64))),
            ("session", json!("")),
            ("session", json!(0)),
            ("enforce_tfa", json!("no")),
        ])
        .clone();
    if random.below(4) == 0 && !["nbf", "scope", "share", "session", "enforce_tfa"].contains(&name) {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
    signed(&head(), &claims, hmac::HMAC_SHA256, SECRET)
}

/// Parts of good tokens put together in another way.
fn spliced(loot: &Loot, random: &mut Random) -> String {
    let parts: Vec<&str> = loot.good.split('.').collect();
    let forged = part(&json!({ "id": loot.claims["id"], "iss": "directus", "exp": now() + 600, "admin_access": true }));
    match random.below(6) {
        0 => format!("{}.{forged}.{}", parts[0], parts[2]),
        1 => format!("{}..{}", parts[0], parts[2]),
        2 => format!("{}.{}", parts[0], parts[1]),
        3 => format!("{}.{}", loot.good, parts[2]),
        4 => format!(
            "{}.{}.{}{}",
            parts[0],
            parts[1],
            parts[2],
            "A".repeat(1 + random.below(30_000))
        ),
        _ => format!("{}.{}.{}", parts[2], parts[1], parts[0]),
    }
}

/// A static token as it is stored, or in another spelling.
fn misspelt(loot: &Loot, random: &mut Random) -> String {
    match random.below(7) {
        0 => loot.stored.clone(),
        1 => ADMIN.to_ascii_uppercase(),
        2 => format!("{ADMIN}%"),
        3 => format!("{ADMIN}\u{0}"),
        4 => ADMIN[..random.below(ADMIN.len())].to_owned(),
        5 => format!("{ADMIN}{}", "x".repeat(1 + random.below(500))),
        _ => random
            .pick(&[
                "null",
                "undefined",
                "NaN",
                "*",
                "true",
                "{}",
                "[]",
                "' or token is not null --",
            ])
            .to_string(),
    }
}

/// A request that brings a token along, in one of the ways there are.
fn request(token: &str, random: &mut Random) -> Option<Request> {
    let encoded = percent_encode(token.as_bytes(), NON_ALPHANUMERIC).to_string();
    let path = random.pick(&["/users/me", "/policies", "/users/me/sessions", "/settings"]);
    let mut uri = (*path).to_owned();
    let mut lines: Vec<(HeaderName, Vec<u8>)> = Vec::new();
    let bearer = |scheme: &str| [scheme.as_bytes(), b" ", token.as_bytes()].concat();
    match random.below(9) {
        0 | 1 => lines.push((header::AUTHORIZATION, bearer("Bearer"))),
        2 => {
            let schemes = ["bearer", "BEARER", "Bearer ", "Basic", "Token", "JWT", ""];
            let scheme = *random.pick(&schemes);
            lines.push((header::AUTHORIZATION, bearer(scheme)));
        }
        3 => uri = format!("{path}?access_token={encoded}"),
        4 => uri = format!("{path}?access_token[]={encoded}&access_token[a]=x"),
        5 => lines.push((header::COOKIE, [b"directus_session_token=", token.as_bytes()].concat())),
        6 => lines.push((
            header::COOKIE,
            format!("a=b; directus_session_token=\"{encoded}\"; directus_session_token={ADMIN}").into_bytes(),
        )),
        7 => {
            lines.push((header::AUTHORIZATION, bearer("Bearer")));
            lines.push((header::COOKIE, format!("directus_session_token={ADMIN}").into_bytes()));
        }
        _ => {
            let odd = *random.pick(&[
                "x-access-token",
                "x-forwarded-user",
                "x-directus-token",
                "directus-access-token",
            ]);
            lines.push((HeaderName::from_static(odd), token.as_bytes().to_vec()));
        }
    }
    let mut request = Request::builder().uri(uri);
    for (name, value) in lines {
        request = request.header(name, HeaderValue::from_bytes(&value).ok()?);
    }
    request.body(Body::empty()).ok()
}

#[tokio::test]
async fn ten_thousand_hostile_credentials_open_nothing() {
    let mut settings = Settings::default();
    settings.tokens.secret = Secret::new(SECRET);
    let (state, _folder) = state(settings).await;
    let router = router(state);
    let boss = json!({ "name": "boss", "admin_access": true });
    let form = json!({ "email": "boss@example.com", "password": PASSWORD, "policies": [{ "policy": boss }] });
    ask(&router, ADMIN, "POST", "/users", &form).await;
    let good = login(&router, "boss@example.com").await;
    assert_eq!(
        ask(&router, &good, "GET", "/policies", &Json::Null).await.status,
        StatusCode::OK
    );
    let claims = URL_SAFE_NO_PAD.decode(good.split('.').nth(1).unwrap()).unwrap();
    let loot = Loot {
        claims: serde_json::from_slice(&claims).unwrap(),
        good,
        stored: aedile_platform::static_token::stored(ADMIN),
    };
    // The means are right: what they make of unchanged claims is let in.
    let own = signed(&head(), &loot.claims, hmac::HMAC_SHA256, SECRET);
    assert_eq!(
        ask(&router, &own, "GET", "/policies", &Json::Null).await.status,
        StatusCode::OK
    );
    let (mut random, mut sent) = (Random(SEED), 0);
    while sent < COUNT {
        let token = token(&loot, &mut random);
        let own_again = token == loot.good || token == own || token == ADMIN;
        let Some(request) = request(&token, &mut random).filter(|_| !own_again) else {
            continue;
        };
        sent += 1;
        let told = format!("{:?} {:?}", request.uri(), request.headers());
        let status = router.clone().oneshot(request).await.unwrap().status();
        assert!(status.is_client_error(), "{status} for number {sent}: {told}");
    }
    assert_eq!(
        ask(&router, &loot.good, "GET", "/policies", &Json::Null).await.status,
        StatusCode::OK
    );
}
