//! Limits of the utilities.
use super::{MAX_HASH_WORK, work};

#[test]
fn work_is_read_from_a_hash() {
    assert_eq!(work("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"), Some(196_608));
    for none in [
        "",
        "x",
        "$argon2id$v=19$t=3$x",
        "$argon2id$m=1$x",
        "$argon2id$m=99999999999999999999,t=1$x",
    ] {
        assert_eq!(work(none), None, "{none}");
    }
}

#[test]
fn a_default_hash_is_verified_and_a_ruinous_one_is_not() {
    assert!(work("$argon2id$v=19$m=65536,t=3,p=4$x$y").unwrap() <= MAX_HASH_WORK);
    assert!(work("$argon2id$v=19$m=1048576,t=64,p=1$x$y").unwrap() > MAX_HASH_WORK);
}
