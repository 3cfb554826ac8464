//! The rules for dependencies find what they are for.

use serde_json::{Value, json};

use super::{banned, major, rust};

fn package(name: &str, version: &str) -> Value {
    json!({ "name": name, "version": version })
}

#[test]
fn compatible_versions_have_one_major() {
    assert_eq!(major("1.4.2"), "1");
    assert_eq!(major("0.9.3"), "0.9");
}

#[test]
fn doubled_packages_are_found() {
    let fine = [
        package("rand", "0.9.1"),
        package("rand", "0.9.3"),
        package("serde", "1.0.0"),
    ];
    assert!(rust(&fine).is_empty());
    let wrong = [package("rand", "0.8.5"), package("rand", "0.9.1")];
    assert_eq!(rust(&wrong).len(), 1);
}

#[test]
fn banned_packages_are_found_where_they_are_built() {
    assert!(banned("rustls v0.23.46\nstring v1.0.0 (*)").is_empty());
    assert_eq!(banned("rustls v0.23.46\nring v0.17.14 (*)").len(), 1);
}
