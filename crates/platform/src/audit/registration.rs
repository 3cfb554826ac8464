//! Registration by anybody: which role it gives, and what stands before it. Nothing is found where it is switched off.

use aedile_engine::Json;

use super::{
    check::{Check, Severity},
    facts::Facts,
    finding::{Change, Hit, Step, Subject},
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "registration-of-administrators",
        severity: Severity::Critical,
        title: "Whoever registers becomes an administrator",
        why: "The project belongs to the first who tries.",
        mend: "Give registration a role that holds little.",
        find: of_administrators,
    },
    Check {
        id: "registration-unverified",
        severity: Severity::High,
        title: "Registration does not verify addresses",
        why: "Anybody can be anybody, and accounts can be made by the thousand.",
        mend: "Set `public_registration_verify_email`.",
        find: |facts| {
            let unverified = facts.project("public_registration_verify_email") == &Json::Bool(false);
            when(
                facts,
                unverified,
                "public_registration_verify_email",
                "it is off",
                true.into(),
            )
        },
    },
    Check {
        id: "registration-any-address",
        severity: Severity::Low,
        title: "Registration is open to every address",
        why: "Where the circle of users is known, a filter keeps everybody else out.",
        mend: "Set `public_registration_email_filter`, or accept the finding where everybody is meant.",
        find: |facts| {
            let filter = facts.project("public_registration_email_filter");
            let none = filter.is_null() || filter.as_object().is_some_and(serde_json::Map::is_empty);
            by_hand(facts, none)
        },
    },
    Check {
        id: "registration-unlimited",
        severity: Severity::Medium,
        title: "Registrations are not limited",
        why: "A script makes accounts, and mails, as fast as it likes.",
        mend: "Set `RATE_LIMITER_REGISTRATION_ENABLED=true`.",
        find: |facts| {
            if !is_open(facts) || facts.settings.rate_limit_registration.enabled {
                return Vec::new();
            }
            vec![Hit::setting(
                "RATE_LIMITER_REGISTRATION_ENABLED",
                "it is false while the public may register",
                "true",
            )]
        },
    },
];

fn is_open(facts: &Facts) -> bool {
    facts.project("public_registration") == &Json::Bool(true)
}

fn when(facts: &Facts, found: bool, setting: &str, evidence: &str, value: Json) -> Vec<Hit> {
    if !found || !is_open(facts) {
        return Vec::new();
    }
    let change = Change::one(Step::set("directus_settings", facts.project_key(), setting, value));
    vec![Hit::new(
        Subject::of("setting", setting),
        format!("the public may register, and {evidence}"),
        change,
    )]
}

fn by_hand(facts: &Facts, found: bool) -> Vec<Hit> {
    if !found || !is_open(facts) {
        return Vec::new();
    }
    let example = r#"PATCH /settings {"public_registration_email_filter":{"email":{"_ends_with":"@example.com"}}}"#;
    vec![Hit::new(
        Subject::of("setting", "public_registration_email_filter"),
        "the public may register, and no filter is set",
        Change::ByHand(format!("for instance {example}")),
    )]
}

fn of_administrators(facts: &Facts) -> Vec<Hit> {
    let role = facts.project_text("public_registration_role");
    let Some(role) = role.filter(|role| facts.power().roles.contains(*role)) else {
        return Vec::new();
    };
    let evidence = format!("the role is {}, which makes administrators", facts.role(role));
    when(facts, true, "public_registration_role", &evidence, Json::Null)
}
