//! The test vectors of RFC 6238 and RFC 4648, the window, one-time use.

use super::*;

/// "12345678901234567890", the secret of RFC 6238's SHA-1 vectors.
const RFC_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn rfc() -> TotpSecret {
    TotpSecret::parse(RFC_SECRET).unwrap()
}

#[test]
fn codes_are_those_of_the_rfc() {
    // The RFC prints eight digits; ours are the last six.
    for (now, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        assert_eq!(rfc().verify(code, now, None), Some(now / 30), "{now}");
    }
}

#[test]
fn one_step_off_is_taken_two_are_not() {
    let step = 1_111_111_111 / 30;
    for (now, taken) in [
        (step * 30 - 31, false),
        (step * 30 - 30, true),
        (step * 30, true),
        (step * 30 + 29, true),
        (step * 30 + 59, true),
        (step * 30 + 60, false),
    ] {
        assert_eq!(rfc().verify("050471", now, None), taken.then_some(step), "{now}");
    }
}

#[test]
fn a_used_code_is_not_taken_again() {
    let step = 1_111_111_111 / 30;
    assert_eq!(rfc().verify("050471", 1_111_111_111, Some(step - 1)), Some(step));
    assert_eq!(rfc().verify("050471", 1_111_111_111, Some(step)), None);
    assert_eq!(rfc().verify("050471", 1_111_111_111, Some(step + 1)), None);
}

#[test]
fn anything_but_six_digits_is_wrong() {
    for code in [
        "",
        "05047",
        "0504711",
        "050472",
        "000000",
        "05 471",
        " 50471",
        "+50471",
        "０５０４７１",
        "05047a",
    ] {
        assert_eq!(rfc().verify(code, 1_111_111_111, None), None, "{code}");
    }
    assert_eq!(rfc().verify("050471", i64::MIN, None), None);
    assert_eq!(rfc().verify("050471", i64::MAX, None), None);
}

#[test]
fn base32_is_that_of_the_rfc() {
    for (bytes, text) in [
        ("", ""),
        ("f", "MY"),
        ("fo", "MZXQ"),
        ("foo", "MZXW6"),
        ("foob", "MZXW6YQ"),
        ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ] {
        assert_eq!(base32(bytes.as_bytes()), text);
        assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
    }
}

#[test]
fn random_secrets_have_16_characters_and_differ() {
    let one = TotpSecret::random().unwrap();
    assert_eq!(one.expose().len(), 16);
    assert!(one.expose().bytes().all(|byte| ALPHABET.contains(&byte)));
    assert_ne!(one.expose(), TotpSecret::random().unwrap().expose());
}

#[test]
fn weak_and_malformed_secrets_are_refused() {
    let long = "A".repeat(MAX_SECRET_CHARS + 1);
    for text in [
        "",
        "A",
        "GEZDGNBVGY3TQOJ",
        "GEZDGNBVGY3TQOJ1",
        "GEZDGNBVGY3TQOJ=",
        "GEZDGNBV GY3TQOJQ",
        &long,
    ] {
        assert_eq!(TotpSecret::parse(text).unwrap_err(), Error::TotpSecret, "{text}");
    }
    assert_eq!(
        TotpSecret::parse(&RFC_SECRET.to_lowercase()).unwrap().expose(),
        RFC_SECRET
    );
}

#[test]
fn the_url_is_the_recorded_one() {
    let secret = TotpSecret::parse("GNOE2LJFJYLAASZM").unwrap();
    assert_eq!(
        secret.otpauth_url("Directus", "ann@example.com"),
        "otpauth://totp/Directus:ann%40example.com?secret=GNOE2LJFJYLAASZM&period=30&digits=6&algorithm=SHA1&issuer=Directus"
    );
    assert_eq!(
        secret.otpauth_url("A & B", "ä:x"),
        "otpauth://totp/A%20%26%20B:%C3%A4%3Ax?secret=GNOE2LJFJYLAASZM&period=30&digits=6&algorithm=SHA1&issuer=A%20%26%20B"
    );
}

#[test]
fn printing_shows_nothing() {
    assert_eq!(format!("{:?}", rfc()), "TotpSecret(…)");
}
