//! The project's own settings: passwords, logins, and what machines may do on behalf of users.

use aedile_engine::Json;

use super::{
    check::{Check, Severity},
    facts::Facts,
    finding::{Change, Hit, Step, Subject},
};

/// Twelve characters or more: length is what guessing costs.
const POLICY: &str = "/^.{12,}$/";

/// More tries in a row than anybody needs who knows the password.
const MOST_ATTEMPTS: i64 = 50;

/// Tries that are proposed.
const ATTEMPTS: i64 = 10;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "password-policy-weak",
        severity: Severity::Medium,
        title: "Weak passwords are taken",
        why: "Guessing begins with short and common passwords, and a policy is all that keeps users from them.",
        mend: "Set `auth_password_policy` to demand at least twelve characters.",
        find: password_policy,
    },
    Check {
        id: "login-attempts-unlimited",
        severity: Severity::Medium,
        title: "A password may be guessed at for as long as one likes",
        why: "Without a limit of attempts, time is all that it takes to find a password.",
        mend: "Set `auth_login_attempts` to 10.",
        find: login_attempts,
    },
    Check {
        id: "mcp-deletes",
        severity: Severity::Medium,
        title: "Assistants may delete",
        why: "What a language model was talked into can not be undone.",
        mend: "Switch `mcp_allow_deletes` off.",
        find: |facts| {
            let on = |name| facts.project(name) == &Json::Bool(true);
            if !(on("mcp_enabled") && on("mcp_allow_deletes")) {
                return Vec::new();
            }
            vec![set(
                facts,
                "mcp_allow_deletes",
                "mcp_enabled and mcp_allow_deletes are on",
                false.into(),
            )]
        },
    },
];

fn set(facts: &Facts, name: &str, evidence: impl Into<String>, value: Json) -> Hit {
    Hit::new(
        Subject::of("setting", name),
        evidence,
        Change::one(Step::set("directus_settings", facts.project_key(), name, value)),
    )
}

fn password_policy(facts: &Facts) -> Vec<Hit> {
    let Some(sample) = facts.weak_passwords.first() else {
        return Vec::new();
    };
    let evidence = match facts.project_text("auth_password_policy") {
        None => "there is no policy".to_owned(),
        Some(policy) => format!("the policy {policy} takes \"{sample}\""),
    };
    vec![set(facts, "auth_password_policy", evidence, POLICY.into())]
}

fn login_attempts(facts: &Facts) -> Vec<Hit> {
    let evidence = match facts.project("auth_login_attempts").as_i64() {
        None | Some(0) => "there is no limit".to_owned(),
        Some(attempts) if attempts > MOST_ATTEMPTS => format!("{attempts} attempts in a row are allowed"),
        Some(_) => return Vec::new(),
    };
    vec![set(facts, "auth_login_attempts", evidence, ATTEMPTS.into())]
}
