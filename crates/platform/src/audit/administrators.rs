//! Administrators: how many there are, whether they are there at all, and what stands between them and whoever guesses a
//! password. Users are named by their address, to administrators alone.

use super::{
    check::{Check, Severity},
    facts::{Facts, Person},
    finding::{Change, Hit, Step, Subject},
};
use crate::access_file::Holder;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// An administrator without a sign of life for so long is dormant.
pub(super) const DORMANT: i64 = 90 * DAY;

/// More administrators than these are more than anybody keeps an eye on.
const MANY: usize = 5;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "admin-without-2fa",
        severity: Severity::High,
        title: "An administrator logs in without a second factor",
        why: "One password, reused or phished, is the whole project.",
        mend: "The administrator enables it: `POST /users/me/tfa/generate`, then `/users/me/tfa/enable`.",
        find: without_tfa,
    },
    Check {
        id: "admin-2fa-not-required",
        severity: Severity::Medium,
        title: "A policy of administrators does not demand a second factor",
        why: "The next administrator begins without one, and nobody notices.",
        mend: "Set `enforce_tfa` on the policy.",
        find: tfa_not_required,
    },
    Check {
        id: "admin-dormant",
        severity: Severity::Medium,
        title: "An administrator has not been there for 90 days",
        why: "Nobody misses an account that nobody uses, and so nobody notices when somebody else does.",
        mend: "Suspend the user, or give them a smaller role.",
        find: dormant,
    },
    Check {
        id: "admins-too-many",
        severity: Severity::Medium,
        title: "There are more than 5 active administrators",
        why: "Each of them is a way in to everything.",
        mend: "Give those a smaller role who do not change the model, users or policies.",
        find: too_many,
    },
    Check {
        id: "admin-inherited",
        severity: Severity::Medium,
        title: "A role makes administrators because of a role above it",
        why: "Its own policies say nothing of it: who gives the role does not see what they give.",
        mend: "Attach the policy where it is meant, and take the role out from below the other.",
        find: inherited,
    },
];

fn user(person: &Person) -> Subject {
    Subject::of("user", person.called())
}

fn without_tfa(facts: &Facts) -> Vec<Hit> {
    let open = facts
        .administrators
        .iter()
        .filter(|person| person.has_password && !person.has_tfa);
    open.map(|person| {
        let change = "the user enables it: POST /users/me/tfa/generate, then POST /users/me/tfa/enable".to_owned();
        Hit::new(
            user(person),
            "an active administrator with a password and no second factor",
            Change::ByHand(change),
        )
    })
    .collect()
}

fn tfa_not_required(facts: &Facts) -> Vec<Hit> {
    let attached = |id: &String| facts.access.attached.values().any(|policies| policies.contains(id));
    let policies = facts.access.policies.iter();
    policies
        .filter(|policy| policy.admin_access && !policy.enforce_tfa && attached(&policy.id))
        .map(|policy| {
            Hit::new(
                Subject::of("policy", facts.policy(&policy.id)),
                "admin_access is set, enforce_tfa is not",
                Change::one(Step::set("directus_policies", policy.id.as_str(), "enforce_tfa", true)),
            )
        })
        .collect()
}

/// `no sign for 120 days`, or that there never was one.
pub(super) fn silence(facts: &Facts, person: &Person) -> String {
    let days = person.silent_for(facts.now) / DAY;
    match person.seen {
        Some(_) => format!("neither logged in nor changed anything for {days} days"),
        None => format!("never logged in nor changed anything, in {days} days"),
    }
}

fn dormant(facts: &Facts) -> Vec<Hit> {
    let gone = facts
        .administrators
        .iter()
        .filter(|person| person.silent_for(facts.now) > DORMANT);
    gone.map(|person| {
        Hit::new(
            user(person),
            silence(facts, person),
            Change::one(Step::set("directus_users", person.id.as_str(), "status", "suspended")),
        )
    })
    .collect()
}

fn too_many(facts: &Facts) -> Vec<Hit> {
    let active = &facts.administrators;
    if active.len() <= MANY {
        return Vec::new();
    }
    let mut names: Vec<&str> = active.iter().map(Person::called).take(2 * MANY).collect();
    if active.len() > names.len() {
        names.push("…");
    }
    vec![Hit::new(
        Subject::of("users", "administrators"),
        format!("{} active administrators: {}", active.len(), names.join(", ")),
        Change::ByHand(format!("leave {MANY} at most, and give the others a smaller role")),
    )]
}

fn inherited(facts: &Facts) -> Vec<Hit> {
    let power = facts.power();
    let of_its_own = |role: &str| {
        let own = facts.access.attached.get(&Holder::Role(role.to_owned()));
        own.is_some_and(|policies| policies.iter().any(|id| power.policies.contains(id)))
    };
    let roles = facts.access.roles.iter();
    roles
        .filter(|role| power.roles.contains(&role.id) && !of_its_own(&role.id))
        .map(|role| {
            let parent = role.parent.as_deref().unwrap_or_default();
            Hit::new(
                Subject::of("role", facts.role(&role.id)),
                format!(
                    "no policy of its own makes administrators, but the role above it does: {}",
                    facts.role(parent)
                ),
                Change::one(Step::set(
                    "directus_roles",
                    role.id.as_str(),
                    "parent",
                    aedile_engine::Json::Null,
                )),
            )
        })
        .collect()
}
