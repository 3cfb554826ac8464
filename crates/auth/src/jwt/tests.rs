//! Each recorded forgery, the shape of the claims, the links of mails, and noise.

use super::*;
use serde_json::json;

const NOW: i64 = 1_800_000_000;
const ANN: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

fn key() -> SigningKey {
    SigningKey::new("the-server's-secret").unwrap()
}

fn payload() -> Value {
    json!({
        "id": ANN, "role": null, "app_access": true, "admin_access": false,
        "iat": NOW, "exp": NOW + 900, "iss": "directus"
    })
}

/// The payload with changes; `Null` as the outer value removes a claim.
fn edited(changes: &[(&str, Option<Value>)]) -> Value {
    let mut claims = payload();
    let map = claims.as_object_mut().unwrap();
    for (name, value) in changes {
        match value {
            Some(value) => map.insert((*name).to_owned(), value.clone()),
            None => map.remove(*name),
        };
    }
    claims
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed_with(secret: &str, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let hmac_key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&hmac_key, message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn hs256() -> Value {
    json!({"alg": "HS256", "typ": "JWT"})
}

/// As the server signs.
fn ours(claims: &Value) -> String {
    signed_with("the-server's-secret", &hs256(), claims)
}

/// As an attacker without the secret signs.
fn forged(claims: &Value) -> String {
    signed_with("not-the-secret", &hs256(), claims)
}

fn without_signature(token: &str) -> &str {
    token.rsplit_once('.').unwrap().0
}

fn signature(token: &str) -> &str {
    token.rsplit_once('.').unwrap().1
}

fn class(token: &str) -> &'static str {
    class_at(token, NOW)
}

fn class_at(token: &str, now: i64) -> &'static str {
    match classify(&Token::new(token).unwrap(), &key(), now) {
        Bearer::Valid(_) => "valid",
        Bearer::Expired => "expired",
        Bearer::Forged => "forged",
        Bearer::Opaque => "opaque",
    }
}

#[test]
fn an_access_token_has_the_recorded_shape() {
    let mut claims = Claims::of_user(ANN, None, NOW, 900);
    claims.app_access = true;
    let token = sign(&claims, &key()).unwrap();
    let mut parts = token
        .expose()
        .split('.')
        .map(|part| String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(part).unwrap()).into_owned());
    let header: Value = serde_json::from_str(&parts.next().unwrap()).unwrap();
    assert_eq!(header, json!({"alg": "HS256", "typ": "JWT"}));
    assert_eq!(
        parts.next().unwrap(),
        format!(
            r#"{{"id":"{ANN}","role":null,"app_access":true,"admin_access":false,"iat":{NOW},"exp":{},"iss":"directus"}}"#,
            NOW + 900
        )
    );
    let hmac_key = hmac::Key::new(hmac::HMAC_SHA256, b"the-server's-secret");
    let tag = URL_SAFE_NO_PAD.decode(signature(token.expose())).unwrap();
    let message = without_signature(token.expose()).as_bytes();
    assert!(
        hmac::verify(&hmac_key, message, &tag).is_ok(),
        "and the signature is plain HMAC-SHA-256"
    );
}

#[test]
fn a_share_has_no_id_and_a_session_is_told() {
    let mut claims = Claims::of_share("s", NOW, 900);
    claims.session = Some(Token::new("x".repeat(64)).unwrap());
    let token = sign(&claims, &key()).unwrap();
    let said = object(token.expose().split('.').nth(1).unwrap()).unwrap();
    assert_eq!(
        Value::Object(said),
        json!({
            "role": null, "app_access": false, "admin_access": false, "share": "s", "session": "x".repeat(64),
            "iat": NOW, "exp": NOW + 900, "iss": "directus"
        })
    );
    let Bearer::Valid(read) = classify(&token, &key(), NOW) else {
        panic!("not valid")
    };
    assert_eq!((read.id, read.share.as_deref()), (None, Some("s")));
    assert_eq!(read.session.unwrap().expose(), "x".repeat(64));
}

#[test]
fn what_was_signed_is_read_back() {
    let mut claims = Claims::of_user(ANN, Some("role"), NOW, 900);
    claims.admin_access = true;
    let token = sign(&claims, &key()).unwrap();
    let Bearer::Valid(read) = classify(&token, &key(), NOW + 899) else {
        panic!("not valid")
    };
    assert_eq!((read.id.as_deref(), read.role.as_deref()), (Some(ANN), Some("role")));
    assert!(read.admin_access && !read.app_access && read.session.is_none() && read.share.is_none());
    assert_eq!((read.iat, read.exp), (NOW, NOW + 900));
}

#[test]
fn a_token_ends_at_its_end() {
    let token = ours(&payload());
    assert_eq!(class_at(&token, NOW + 899), "valid");
    assert_eq!(class_at(&token, NOW + 900), "expired");
    assert_eq!(class_at(&token, i64::MAX), "expired");
}

#[test]
fn changed_claims_are_forged() {
    let good = ours(&payload());
    for claims in [
        edited(&[("admin_access", Some(json!(true)))]),
        edited(&[("id", Some(json!("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeef")))]),
        edited(&[("session", Some(json!("other")))]),
        edited(&[("exp", Some(json!(4_100_000_000_i64)))]),
        edited(&[("share", Some(json!(ANN)))]),
        edited(&[("id", Some(Value::Null)), ("admin_access", Some(json!(true)))]),
        edited(&[("id", None), ("admin_access", Some(json!(true)))]),
        payload(),
    ] {
        let token = forged(&claims);
        assert_eq!(class(&token), "forged", "signed with another secret: {claims}");
        if claims != payload() {
            let kept = format!("{}.{}", without_signature(&token), signature(&good));
            assert_eq!(class(&kept), "forged", "signature kept: {claims}");
        }
        assert_eq!(
            class(&signed_with("", &hs256(), &claims)),
            "forged",
            "empty secret: {claims}"
        );
    }
}

#[test]
fn other_algorithms_are_forged_whatever_the_signature() {
    let good = ours(&payload());
    for alg in [
        "none", "None", "NONE", "HS384", "HS512", "RS256", "ES256", "HS0", "", "hs256",
    ] {
        let header = json!({"alg": alg, "typ": "JWT"});
        let message = format!("{}.{}", part(&header), part(&payload()));
        assert_eq!(class(&format!("{message}.")), "forged", "{alg}");
        assert_eq!(class(&format!("{message}.{}", signature(&good))), "forged", "{alg}");
        assert_eq!(
            class(&signed_with("not-the-secret", &header, &payload())),
            "forged",
            "{alg}"
        );
        assert_eq!(
            class(&signed_with("the-server's-secret", &header, &payload())),
            "forged",
            "{alg}"
        );
    }
    for header in [json!({}), json!({"alg": null}), json!({"alg": 5})] {
        assert_eq!(
            class(&signed_with("the-server's-secret", &header, &payload())),
            "forged",
            "{header}"
        );
    }
    let kid = json!({"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"});
    assert_eq!(class(&signed_with("", &kid, &payload())), "forged");
}

#[test]
fn mangled_signatures_are_forged() {
    let good = ours(&payload());
    assert_eq!(class(&format!("{}.", without_signature(&good))), "forged");
    assert_eq!(class(&format!("{good}x")), "forged");
    assert_eq!(class(&format!("{good}=")), "forged");
    assert_eq!(class(&good[..good.len() - 1]), "forged");
    // The last character has two bits to spare: a second spelling of the same bytes is not taken.
    let last = good.chars().next_back().unwrap();
    for other in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        .chars()
        .filter(|c| *c != last)
    {
        assert_eq!(class(&format!("{}{other}", &good[..good.len() - 1])), "forged");
    }
}

#[test]
fn other_issuers_and_other_shapes_are_opaque() {
    let good = ours(&payload());
    for claims in [
        edited(&[("iss", Some(json!("someone-else")))]),
        edited(&[("iss", None)]),
        edited(&[("iss", Some(Value::Null))]),
        edited(&[("iss", Some(json!(["directus"])))]),
    ] {
        assert_eq!(class(&forged(&claims)), "opaque", "{claims}");
        assert_eq!(class(&ours(&claims)), "opaque", "even rightly signed: {claims}");
    }
    for token in [
        without_signature(&good),
        &format!("{good}.x"),
        "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.WzEsIDJd.g5LAE8agWw_iGZCthAFIDmt-Ey8MO9gFBqWUoYGrG0o",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.bm9uc2Vuc2U.AAAA",
        "...",
        "..",
        "a.b.c",
        "ann-token-1",
        "",
    ] {
        assert_eq!(class(token), "opaque", "{token}");
    }
}

#[test]
fn forged_goes_before_expired() {
    let past = edited(&[("iat", Some(json!(1_700_000_000))), ("exp", Some(json!(1_700_000_900)))]);
    assert_eq!(class(&forged(&past)), "forged");
    assert_eq!(class(&ours(&past)), "expired");
}

#[test]
fn a_token_without_a_proper_end_is_forged_even_if_we_signed_it() {
    for exp in [
        None,
        Some(Value::Null),
        Some(json!("4100000000")),
        Some(json!(4.1e9)),
        Some(json!([1])),
    ] {
        let claims = edited(&[("exp", exp)]);
        assert_eq!(class(&ours(&claims)), "forged", "{claims}");
        assert_eq!(class(&forged(&claims)), "forged", "{claims}");
    }
    assert_eq!(class(&ours(&edited(&[("nbf", Some(json!(NOW + 60)))]))), "forged");
    assert_eq!(class(&ours(&edited(&[("nbf", Some(json!(NOW)))]))), "valid");
}

#[test]
fn claims_that_are_not_whole_are_refused_even_if_we_signed_them() {
    for (name, value) in [
        ("id", None),
        ("id", Some(Value::Null)),
        ("id", Some(json!(""))),
        ("id", Some(json!(5))),
        ("share", Some(json!("s"))),
        ("role", None),
        ("role", Some(json!(5))),
        ("app_access", None),
        ("admin_access", None),
        ("admin_access", Some(json!("true"))),
        ("admin_access", Some(json!(1))),
        ("session", Some(json!(5))),
        ("session", Some(json!(""))),
        ("iat", None),
        ("scope", Some(json!("password-reset"))),
        ("scope", Some(Value::Null)),
        ("aud", Some(json!("somebody"))),
    ] {
        let claims = edited(&[(name, value)]);
        assert_eq!(class(&ours(&claims)), "forged", "{claims}");
    }
    assert_eq!(class(&ours(&edited(&[("enforce_tfa", Some(json!(true)))]))), "valid");
}

#[test]
fn noise_is_never_believed_and_never_stops_us() {
    let good = ours(&payload());
    let alphabet: Vec<char> = "..AZaz09-_= {}\"\\ä\0eyJ".chars().collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    };
    for _ in 0..5000 {
        let length = random(60);
        let noise: String = (0..length).map(|_| alphabet[random(alphabet.len())]).collect();
        assert_eq!(class(&noise), "opaque", "{noise:?}");
        assert_eq!(verify(&noise, Scope::Invite), ActionVerdict::Invalid, "{noise:?}");

        let mut chars: Vec<char> = good.chars().collect();
        let at = random(chars.len());
        let other = alphabet[random(alphabet.len())];
        match random(3) {
            0 => chars[at] = other,
            1 => chars.insert(at, other),
            _ => drop(chars.remove(at)),
        }
        let mutant: String = chars.into_iter().collect();
        assert_eq!(class(&mutant) == "valid", mutant == good, "{mutant:?}");
    }
    let deep = format!("{}{}", "{\"a\":".repeat(300), "1");
    assert_eq!(
        class(&format!(
            "{}.{}.x",
            URL_SAFE_NO_PAD.encode(&deep),
            URL_SAFE_NO_PAD.encode(&deep)
        )),
        "opaque"
    );
}

fn action() -> Action {
    Action {
        email: "ann@example.com".to_owned(),
        hash: Some("x".to_owned()),
    }
}

fn verify(token: &str, scope: Scope) -> ActionVerdict {
    verify_action(&Token::new(token).unwrap(), scope, &key(), NOW)
}

#[test]
fn a_link_opens_what_it_is_for_and_in_time() {
    for scope in [Scope::PasswordReset, Scope::Invite, Scope::PendingRegistration] {
        let token = sign_action(&action(), scope, &key(), NOW, 3600).unwrap();
        assert_eq!(
            verify_action(&token, scope, &key(), NOW + 3599),
            ActionVerdict::Ok(action())
        );
        assert_eq!(verify_action(&token, scope, &key(), NOW + 3600), ActionVerdict::Invalid);
        for other in [Scope::PasswordReset, Scope::Invite, Scope::PendingRegistration] {
            if other != scope {
                assert_eq!(verify_action(&token, other, &key(), NOW), ActionVerdict::WrongScope);
            }
        }
        assert_eq!(class(token.expose()), "forged", "and is no access token");
        let stranger = SigningKey::new("not-the-secret").unwrap();
        assert_eq!(verify_action(&token, scope, &stranger, NOW), ActionVerdict::Invalid);
    }
    let bare = Action { hash: None, ..action() };
    let token = sign_action(&bare, Scope::Invite, &key(), NOW, 60).unwrap();
    assert_eq!(verify(token.expose(), Scope::Invite), ActionVerdict::Ok(bare));
}

#[test]
fn an_access_token_is_of_the_wrong_scope() {
    for scope in [Scope::PasswordReset, Scope::Invite, Scope::PendingRegistration] {
        assert_eq!(verify(&ours(&payload()), scope), ActionVerdict::WrongScope);
        assert_eq!(
            verify(&ours(&edited(&[("scope", Some(json!([scope.name()])))])), scope),
            ActionVerdict::WrongScope
        );
    }
}

#[test]
fn other_tokens_open_no_link() {
    let claims = edited(&[
        ("scope", Some(json!("password-reset"))),
        ("email", Some(json!("ann@example.com"))),
        ("hash", Some(json!("x"))),
    ]);
    let good = ours(&payload());
    let made = forged(&claims);
    let none = format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(&claims));
    let kept = format!("{}.{}", without_signature(&made), signature(&good));
    let random = Token::random().unwrap();
    for token in [
        "",
        "garbage",
        &made,
        &none,
        &kept,
        random.expose(),
        without_signature(&good),
    ] {
        assert_eq!(verify(token, Scope::PasswordReset), ActionVerdict::Invalid, "{token}");
    }
    let mut elsewhere = claims.clone();
    elsewhere["iss"] = json!("someone-else");
    assert_eq!(verify(&ours(&elsewhere), Scope::PasswordReset), ActionVerdict::Invalid);
    let mut endless = claims.clone();
    endless.as_object_mut().unwrap().remove("exp");
    assert_eq!(verify(&ours(&endless), Scope::PasswordReset), ActionVerdict::Invalid);
    let mut nobody = claims.clone();
    nobody["email"] = Value::Null;
    assert_eq!(verify(&ours(&nobody), Scope::PasswordReset), ActionVerdict::Invalid);
    assert_eq!(
        verify(&ours(&claims), Scope::PasswordReset),
        ActionVerdict::Ok(action()),
        "the control"
    );
}

#[test]
fn fingerprints_follow_the_password_and_the_secret() {
    let one = key().fingerprint(Some("$argon2id$a"));
    assert_eq!(one, key().fingerprint(Some("$argon2id$a")));
    assert_eq!(one.len(), 64);
    let stranger = SigningKey::new("not-the-secret").unwrap();
    for other in [
        key().fingerprint(Some("$argon2id$b")),
        key().fingerprint(Some("")),
        key().fingerprint(None),
        stranger.fingerprint(Some("$argon2id$a")),
    ] {
        assert_ne!(one, other);
    }
    assert_ne!(key().fingerprint(Some("")), key().fingerprint(None));
}

#[test]
fn nobody_signs_with_an_empty_secret_and_keys_are_not_printed() {
    assert_eq!(SigningKey::new("").unwrap_err(), Error::EmptySecret);
    assert_eq!(format!("{:?}", key()), "SigningKey(…)");
    let mut claims = Claims::of_user(ANN, None, NOW, 900);
    claims.session = Some(Token::new("the-session").unwrap());
    assert!(!format!("{claims:?}").contains("the-session"));
}
