//! Names are found between backticks, and looked up where they would be.

use super::{exists, named};

#[test]
fn paths_and_crates_are_names_and_code_is_not() {
    let line = "`engine/plan` makes a `Plan`; `aedile-db` runs it, see `crates/db/src/lib.rs` and `a/b`, not `GET /items/{x}`.";
    let found: Vec<&str> = named(line).collect();
    assert_eq!(found, ["engine/plan", "aedile-db", "crates/db/src/lib.rs"]);
}

#[test]
fn what_exists_is_told_from_what_does_not() {
    assert!(exists("aedile-engine", &[]));
    assert!(exists("crates/engine/src/lib.rs", &[]));
    assert!(!exists("crates/engine/src/nowhere.rs", &[]));
    assert!(!exists("aedile-nowhere", &[]));
}
