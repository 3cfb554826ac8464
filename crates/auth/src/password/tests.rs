//! Hashing, verifying, and doing as much for nobody.

use std::time::{Duration, Instant};

use super::*;

/// Cheap enough for tests.
const CHEAP: Hashing = Hashing {
    memory_kib: 64,
    time: 1,
    parallelism: 1,
    length: 32,
    kind: HashKind::Id,
    associated_data: String::new(),
};

fn password(text: &str) -> Password {
    Password::new(text).unwrap()
}

#[tokio::test]
async fn a_hash_verifies_its_password_and_no_other() {
    let passwords = Passwords::new(&CHEAP).unwrap();
    let stored = passwords.hash(password("secret-pass-1")).await.unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
    assert!(passwords.verify(password("secret-pass-1"), &stored).await.unwrap());
    for wrong in ["SECRET-PASS-1", "secret-pass-1 ", "secret-pass-", "x"] {
        assert!(!passwords.verify(password(wrong), &stored).await.unwrap(), "{wrong}");
    }
    let again = passwords.hash(password("secret-pass-1")).await.unwrap();
    assert_ne!(stored, again, "the salt is random");
}

#[tokio::test]
async fn the_default_cost_is_what_owasp_asks_for_at_least() {
    let passwords = Passwords::new(&Hashing::default()).unwrap();
    let stored = passwords.hash(password("x")).await.unwrap();
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    assert!(passwords.verify(password("x"), &stored).await.unwrap());
}

#[tokio::test]
async fn variant_and_associated_data_are_those_that_were_set() {
    for (kind, begins) in [
        (HashKind::D, "$argon2d$"),
        (HashKind::I, "$argon2i$"),
        (HashKind::Id, "$argon2id$"),
    ] {
        let hashing = Hashing {
            kind,
            associated_data: "the project".into(),
            ..CHEAP
        };
        let stored = Passwords::new(&hashing)
            .unwrap()
            .hash(password("secret"))
            .await
            .unwrap();
        assert!(stored.starts_with(begins), "{stored}");
        assert!(stored.contains(",data=dGhlIHByb2plY3Q$"), "{stored}");
        // A project that is set otherwise by now still knows its users.
        let others = Passwords::new(&CHEAP).unwrap();
        assert!(others.verify(password("secret"), &stored).await.unwrap());
        assert!(!others.verify(password("secreT"), &stored).await.unwrap());
        let without = stored.replace(",data=dGhlIHByb2plY3Q", "");
        assert!(
            !others.verify(password("secret"), &without).await.unwrap(),
            "the data counts"
        );
    }
}

/// The first three are test vectors of the argon2 reference implementation, the second without `v=`.
#[tokio::test]
async fn hashes_made_elsewhere_verify() {
    let passwords = Passwords::new(&CHEAP).unwrap();
    for stored in [
        "$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG",
        "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    ] {
        assert!(
            passwords.verify(password("password"), stored).await.unwrap(),
            "{stored}"
        );
        assert!(
            !passwords.verify(password("passwort"), stored).await.unwrap(),
            "{stored}"
        );
    }
    let d = Argon2::new(Algorithm::Argon2d, Version::V0x13, Params::new(64, 1, 1, None).unwrap())
        .hash_password_with_salt(b"password", &[1; 16])
        .unwrap()
        .to_string();
    assert!(d.starts_with("$argon2d$"));
    assert!(passwords.verify(password("password"), &d).await.unwrap());
    assert!(!passwords.verify(password("passwort"), &d).await.unwrap());
}

#[tokio::test]
async fn other_strings_are_no_hashes_and_match_nothing() {
    let passwords = Passwords::new(&CHEAP).unwrap();
    for stored in [
        "",
        "password",
        "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ",
        "$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=4000000000,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2x$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    ] {
        assert_eq!(
            passwords.verify(password("password"), stored).await,
            Err(Error::UnsupportedHash),
            "{stored}"
        );
    }
}

#[tokio::test]
async fn over_long_passwords_are_wrong_but_cannot_be_set() {
    let passwords = Passwords::new(&CHEAP).unwrap();
    let longest = "x".repeat(MAX_PASSWORD_BYTES);
    let stored = passwords.hash(password(&longest)).await.unwrap();
    assert!(passwords.verify(password(&longest), &stored).await.unwrap());
    let long = "x".repeat(5000);
    assert!(!passwords.verify(password(&long), &stored).await.unwrap());
    assert_eq!(passwords.hash(password(&long)).await, Err(Error::LongPassword));
    assert!(!passwords.verify_nothing(password(&long)).await.unwrap());
}

#[tokio::test]
async fn nobody_takes_as_long_as_somebody() {
    let hashing = Hashing {
        memory_kib: 16_384,
        time: 3,
        ..CHEAP
    };
    let passwords = Passwords::new(&hashing).unwrap();
    let stored = passwords.hash(password("secret-pass-1")).await.unwrap();
    let (mut somebody, mut nobody) = (Duration::MAX, Duration::MAX);
    for _ in 0..6 {
        let start = Instant::now();
        assert!(!passwords.verify(password("wrong"), &stored).await.unwrap());
        somebody = somebody.min(start.elapsed());
        let start = Instant::now();
        assert!(!passwords.verify_nothing(password("wrong")).await.unwrap());
        nobody = nobody.min(start.elapsed());
    }
    // Generous bounds, since a busy machine may hold up any of them: a shortcut would be a thousand times quicker.
    assert!(
        nobody * 10 > somebody && somebody * 10 > nobody,
        "{somebody:?} {nobody:?}"
    );
}

#[tokio::test]
async fn whoever_comes_to_a_full_queue_is_turned_away() {
    let passwords = Passwords::new(&CHEAP).unwrap();
    let all = passwords
        .places
        .acquire_many(u32::try_from(MAX_WAITING).unwrap())
        .await
        .unwrap();
    assert_eq!(passwords.verify_nothing(password("x")).await, Err(Error::Busy));
    drop(all);
    assert_eq!(passwords.verify_nothing(password("x")).await, Ok(false));
}

#[tokio::test]
async fn no_more_run_at_once_than_there_are_workers() {
    let passwords = Passwords::new(&CHEAP).unwrap();
    let all = Arc::clone(&passwords.workers)
        .acquire_many_owned(u32::try_from(workers()).unwrap())
        .await
        .unwrap();
    let waiting = passwords.verify_nothing(password("x"));
    let outcome = tokio::time::timeout(Duration::from_millis(20), waiting).await;
    assert!(outcome.is_err(), "it waits for a worker");
    drop(all);
    assert_eq!(passwords.verify_nothing(password("x")).await, Ok(false));
}

#[test]
fn costs_out_of_range_are_refused() {
    for hashing in [
        Hashing { memory_kib: 0, ..CHEAP },
        Hashing { time: 0, ..CHEAP },
        Hashing {
            parallelism: 0,
            ..CHEAP
        },
        Hashing { length: 2, ..CHEAP },
        Hashing { length: 1000, ..CHEAP },
        Hashing {
            associated_data: "x".repeat(33),
            ..CHEAP
        },
    ] {
        assert_eq!(Passwords::new(&hashing).unwrap_err(), Error::Parameters, "{hashing:?}");
    }
}

#[test]
fn an_empty_password_is_none_and_printing_shows_nothing() {
    assert_eq!(Password::new("").unwrap_err(), Error::EmptyPassword);
    assert_eq!(format!("{:?}", password("secret-pass-1")), "Password(…)");
}
