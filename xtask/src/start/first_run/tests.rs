//! The secrets are found in what the demo says, and nothing else is taken for one.

use super::secrets;

#[test]
fn every_account_has_its_secret() {
    let told = "Created the system tables.\nApplied 0001\nAdministrator: admin@example.com\n\
                Password:      s3cret   (told only now)\nThe demo project is loaded.\n  \
                nora@example.com   abc\n  Website (token)    tok\n";
    let found = secrets(told);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(name, secret)| (name.as_str(), secret.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("Administrator", "s3cret"),
            ("nora@example.com", "abc"),
            ("Website (token)", "tok")
        ]
    );
}
