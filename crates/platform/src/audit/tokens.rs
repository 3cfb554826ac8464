//! Static tokens: passwords that never expire and that nobody types. Only whether there is one is known here, never what it is.

use aedile_engine::Json;

use super::{
    administrators::{DORMANT, silence},
    check::{Check, Severity},
    facts::{Facts, Person},
    finding::{Change, Hit, Step, Subject},
};

/// A token without a sign of its user for so long was never used, or is a reader's that leaves none.
const NEVER_USED: i64 = 30 * 24 * 60 * 60 * 1000;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "token-of-administrator",
        severity: Severity::High,
        title: "An administrator has a static token",
        why: "It opens everything, for ever and without a second factor, to whoever finds it in a script or a log.",
        mend: "Remove the token, and give a machine an account with what it needs.",
        find: |facts| {
            let power = facts.power();
            hits(
                facts,
                |person| person.is_active && power.has(person),
                |_| "an active administrator with a static token".to_owned(),
            )
        },
    },
    Check {
        id: "token-never-used",
        severity: Severity::Low,
        title: "A static token shows no sign of ever having been used",
        why: "A key that nobody uses can only be used by somebody else. Reading with a token leaves no sign.",
        mend: "Remove the token, or accept the finding for an account that reads only.",
        find: |facts| unused(facts, NEVER_USED, |person| person.seen.is_none()),
    },
    Check {
        id: "token-long-unused",
        severity: Severity::Low,
        title: "A static token has not been used for 90 days",
        why: "A key that nobody needs any more is one that nobody changes when it gets lost.",
        mend: "Remove the token.",
        find: |facts| unused(facts, DORMANT, |person| person.seen.is_some()),
    },
    Check {
        id: "token-of-inactive",
        severity: Severity::Low,
        title: "A user who is not active keeps a static token",
        why: "It opens everything again on the day that somebody sets the user active.",
        mend: "Remove the token.",
        find: |facts| {
            hits(
                facts,
                |person| !person.is_active,
                |_| "a static token of a user who is not active".to_owned(),
            )
        },
    },
    Check {
        id: "tokens-plain",
        severity: Severity::Medium,
        title: "Static tokens are stored as they are",
        why: "Whoever reads the database, or a backup of it, has every one of them.",
        mend: "Run `aedile doctor --upgrade-tokens`; Directus takes none of them on this database then.",
        find: plain,
    },
];

fn plain(facts: &Facts) -> Vec<Hit> {
    if facts.tokens_are_digests || facts.tokens.is_empty() {
        return Vec::new();
    }
    vec![Hit::new(
        Subject::of("users", "with static tokens"),
        format!("{} tokens, and no digests are kept of them", facts.tokens.len()),
        Change::ByHand("aedile doctor --upgrade-tokens".to_owned()),
    )]
}

/// Tokens of active users of whom nothing was seen for longer than `span`, in milliseconds.
fn unused(facts: &Facts, span: i64, which: impl Fn(&Person) -> bool) -> Vec<Hit> {
    hits(
        facts,
        |person| person.is_active && which(person) && person.silent_for(facts.now) > span,
        |person| silence(facts, person),
    )
}

fn hits(facts: &Facts, which: impl Fn(&Person) -> bool, evidence: impl Fn(&Person) -> String) -> Vec<Hit> {
    let found = facts.tokens.iter().filter(|person| person.has_token && which(person));
    found
        .map(|person| {
            let remove = Step::set("directus_users", person.id.as_str(), "token", Json::Null);
            Hit::new(
                Subject::of("user", person.called()),
                evidence(person),
                Change::one(remove),
            )
        })
        .collect()
}
