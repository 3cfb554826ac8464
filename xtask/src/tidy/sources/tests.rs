//! Each rule finds what it is for, and leaves alone what is fine.

use super::{File, check};

fn findings(path: &str, text: &str) -> Vec<String> {
    let file = File {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let found = check(&[file]).unwrap();
    found
        .into_iter()
        .filter(|finding| !finding.mild)
        .map(|finding| finding.what)
        .collect()
}

#[test]
fn a_fine_file_is_left_alone() {
    let text = "//! What it is.\nfn a() { let selected = format!(\"{} selected\", 1); }\n";
    assert!(findings("crates/a/src/a.rs", text).is_empty());
}

#[test]
fn a_header_is_needed_in_rust_only() {
    assert_eq!(findings("crates/a/src/a.rs", "fn a() {}\n").len(), 1);
    assert!(findings("docs/a.md", "# A\n").is_empty());
}

#[test]
fn length_is_bounded() {
    let long = format!("//! Long.\n{}", "fn a() {}\n".repeat(900));
    assert_eq!(findings("crates/a/src/a.rs", &long), ["901 lines, at most 900"]);
}

#[test]
fn sql_is_not_pasted_together() {
    let text = "//! What it is.\nfn a(x: &str) {\n    let y = format!(\n        \"select * from {x}\"\n    );\n}\n";
    assert_eq!(findings("crates/a/src/a.rs", text).len(), 1);
    assert!(findings("crates/a/src/a/tests.rs", text).is_empty());
}

#[test]
fn words_of_the_workplace_are_found() {
    let text = concat!("//! What it is.\n// TO", "DO: later\nconst A: &str = \"/tm", "p/x\";\n");
    assert_eq!(findings("crates/a/src/a.rs", text).len(), 2);
}
