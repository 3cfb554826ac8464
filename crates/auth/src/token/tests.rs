//! Random tokens, headers, digests.

use super::*;

fn header(text: &str) -> Option<String> {
    from_header(text.as_bytes())
        .unwrap()
        .map(|token| token.expose().to_owned())
}

#[test]
fn random_tokens_have_64_url_safe_characters_and_differ() {
    let one = Token::random().unwrap();
    let two = Token::random().unwrap();
    assert_eq!(one.expose().len(), 64);
    assert!(
        one.expose()
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    );
    assert_ne!(one.expose(), two.expose());
}

#[test]
fn the_scheme_is_read_in_any_case() {
    for text in ["Bearer ann-token-1", "bearer ann-token-1", "BEARER ann-token-1"] {
        assert_eq!(header(text).as_deref(), Some("ann-token-1"));
    }
    assert_eq!(header("Bearer %").as_deref(), Some("%"));
}

#[test]
fn anything_but_two_words_with_bearer_is_no_token() {
    for text in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  ann-token-1",
        " Bearer ann-token-1",
        "Bearer ann-token-1 ",
        "Bearer ann-token-1 x",
        "Bearer ' or 1=1 --",
        "Bearer\tann-token-1",
        "ann-token-1",
        "Token ann-token-1",
        "Basic YW5uQGV4YW1wbGUuY29tOng=",
    ] {
        assert_eq!(header(text), None, "{text:?}");
    }
}

#[test]
fn a_bearer_that_can_be_nobodys_is_an_error_not_the_public() {
    let long = format!("Bearer {}", "x".repeat(MAX_TOKEN_BYTES + 1));
    assert_eq!(from_header(long.as_bytes()).unwrap_err(), Error::UnusableToken);
    assert_eq!(from_header(b"Bearer \xff\xfe").unwrap_err(), Error::UnusableToken);
    let longest = format!("Bearer {}", "x".repeat(MAX_TOKEN_BYTES));
    assert_eq!(header(&longest).map(|token| token.len()), Some(MAX_TOKEN_BYTES));
}

#[test]
fn tokens_are_compared_whole_and_with_case() {
    let token = Token::new("ann-token-1").unwrap();
    assert!(token.matches("ann-token-1"));
    for other in ["ANN-TOKEN-1", "ann-token-", "ann-token-11", ""] {
        assert!(!token.matches(other));
    }
}

#[test]
fn the_digest_is_sha_256_in_hex() {
    assert_eq!(
        Token::new("abc").unwrap().digest(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn printing_shows_nothing() {
    assert_eq!(format!("{:?}", Token::new("ann-token-1").unwrap()), "Token(…)");
}

/// Does not compile where a type has a trait.
macro_rules! lacks {
    ($trait:path: $($type:ty),+ $(,)?) => {$({
        trait Ambiguous<A> {
            fn lacks() {}
        }
        impl<T: ?Sized> Ambiguous<()> for T {}
        struct Has;
        impl<T: ?Sized + $trait> Ambiguous<Has> for T {}
        <$type as Ambiguous<_>>::lacks();
    })+};
}

/// Secrets reach no log, revision, error or export, because nothing can write them there.
#[test]
fn secrets_can_be_neither_printed_nor_serialised() {
    use crate::{
        LinkForm, LoginForm, NewSecret, Pass, jwt::SigningKey, password::Password, totp::TotpSecret, user::UserRow,
    };
    use aedile_platform::config::Secret;
    lacks!(serde::Serialize: Token, Password, TotpSecret, SigningKey, Secret, Pass, LoginForm, LinkForm, NewSecret, UserRow);
    lacks!(std::fmt::Display: Token, Password, TotpSecret, SigningKey, Pass, LoginForm, LinkForm, NewSecret, UserRow);
    lacks!(std::fmt::Debug: LoginForm, LinkForm, NewSecret, UserRow);
    let shown = format!(
        "{:?} {:?} {:?} {:?} {} {:?}",
        Token::new("hidden").unwrap(),
        Password::new("hidden").unwrap(),
        TotpSecret::parse("HIDDENHIDDENHIDDEN").unwrap(),
        Secret::new("hidden"),
        Secret::new("hidden"),
        SigningKey::new("hidden").unwrap(),
    );
    assert!(!shown.to_lowercase().contains("hidden"), "{shown}");
}
