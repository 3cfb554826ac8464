//! Exit codes, the words of a failure, and where a password comes from.

use super::*;

#[test]
fn a_failure_is_one_paragraph_with_its_causes() {
    let failure = Failure::from(anyhow::anyhow!("disk full").context("the database cannot be written"));
    assert_eq!(failure.to_string(), "Error: the database cannot be written: disk full");
    assert_eq!(failure.exit_code(), 1);
    let failure = Failure::from(Problem("PORT is odd.".into()));
    assert_eq!(failure.to_string(), "The configuration cannot be used: PORT is odd.");
    assert_eq!(failure.exit_code(), 2);
}

#[test]
fn a_password_comes_from_the_arguments_or_the_first_line() {
    let read = |given: Option<&str>, input: &str| {
        password(given.map(Secret::new), input.as_bytes()).map(|secret| secret.expose().to_owned())
    };
    assert_eq!(read(Some("given"), "other\n").unwrap(), "given");
    assert_eq!(read(None, " with spaces \r\nsecond\n").unwrap(), " with spaces ");
    assert_eq!(read(None, "no line end").unwrap(), "no line end");
    assert!(read(None, "\n").unwrap_err().to_string().contains("--password"));
    assert!(read(None, "").is_err());
}
