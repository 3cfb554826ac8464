//! The secrets of the environment: whether they could be guessed, and whether they lie in the repository. Only what is known
//! of them is looked at, never they themselves.

use super::{
    check::{Check, Severity},
    environment::ConfiguredSecret,
    facts::Facts,
    finding::{Change, Hit, Subject},
};

/// The secret that signs tokens has at least as many bytes as the hash that it signs with.
const SIGNING: usize = 32;

/// Every other secret has at least so many.
const OTHERS: usize = 12;

/// The variable that signs tokens.
const SECRET: &str = "SECRET";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "secret-short",
        severity: Severity::High,
        title: "A secret is short",
        why: "Whoever finds `SECRET` by trying signs tokens as any user; and passwords of machines can be tried at leisure.",
        mend: "Make a new one: `aedile secret generate`. A new `SECRET` ends every session.",
        find: |facts| {
            let short = |secret: &ConfiguredSecret| !is_long(secret);
            hits(facts, short, |secret| {
                format!(
                    "it has {} bytes, and should have {} at least",
                    secret.bytes,
                    least(secret)
                )
            })
        },
    },
    Check {
        id: "secret-default",
        severity: Severity::Critical,
        title: "A secret stands in examples, or is a pattern",
        why: "These are the first that anybody tries.",
        mend: "Make a new one: `aedile secret generate`.",
        find: |facts| {
            hits(
                facts,
                |secret| secret.is_known,
                |_| "it is one that stands in examples, or a few characters over and over".to_owned(),
            )
        },
    },
    Check {
        id: "secret-in-repository",
        severity: Severity::Critical,
        title: "A secret stands in a file of the project's repository",
        why: "Everybody who has ever had a copy has it, and taking the line out does not take it out of the history.",
        mend: "Make a new one, keep it outside (`SECRET_FILE`, the environment), and let git ignore the file.",
        find: in_repository,
    },
];

fn least(secret: &ConfiguredSecret) -> usize {
    if secret.name == SECRET { SIGNING } else { OTHERS }
}

/// A connection string holds a password among other things, so its length says nothing.
fn is_long(secret: &ConfiguredSecret) -> bool {
    secret.name.ends_with("CONNECTION_STRING") || secret.bytes >= least(secret)
}

fn change(secret: &ConfiguredSecret) -> Change {
    Change::Setting(format!("{}=$(aedile secret generate)", secret.name))
}

fn hits(
    facts: &Facts,
    which: impl Fn(&ConfiguredSecret) -> bool,
    evidence: impl Fn(&ConfiguredSecret) -> String,
) -> Vec<Hit> {
    let found = facts.environment.secrets.iter().filter(|secret| which(secret));
    found
        .map(|secret| {
            let on = Subject::of("setting", secret.name.as_str());
            Hit::new(on, evidence(secret), change(secret))
        })
        .collect()
}

fn in_repository(facts: &Facts) -> Vec<Hit> {
    let secrets = facts.environment.secrets.iter();
    secrets
        .flat_map(|secret| secret.found_in.iter().map(move |file| (secret, file)))
        .map(|(secret, file)| {
            let on = Subject::of("setting", secret.name.as_str()).and("file", file.as_str());
            Hit::new(
                on,
                "git does not ignore the file, and the value stands in it",
                change(secret),
            )
        })
        .collect()
}
