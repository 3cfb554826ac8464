//! The document of the checks, and how thresholds count.

use std::path::Path;

use super::*;

#[test]
fn the_document_lists_every_check_as_the_program_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit.md");
    let text = fs::read_to_string(path).unwrap();
    assert!(
        text.ends_with(&audit::markdown()),
        "the end of docs/audit.md is what `aedile audit --checks` prints"
    );
}

#[test]
fn names_of_checks_are_known() {
    assert!(known(&["public-reads".to_owned()]).is_ok());
    let told = known(&["public-read".to_owned()]).unwrap_err().to_string();
    assert!(told.contains("there is no check \"public-read\""), "{told}");
}
