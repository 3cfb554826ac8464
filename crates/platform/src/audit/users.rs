//! Accounts in the hands of others: who may make users, and change what makes somebody of them.

use aedile_engine::access::Action;
use serde_json::json;

use super::{
    check::{Check, Severity},
    facts::{Facts, Granted},
    finding::{Change, Hit, Step},
};

const USERS: &str = "directus_users";

/// What decides who a user is and what they may do.
const IDENTITY: [&str; 9] = [
    "auth_data",
    "email",
    "external_identifier",
    "password",
    "policies",
    "provider",
    "role",
    "status",
    "token",
];

/// Of that, what nobody should set on themselves.
const NOT_ONES_OWN: [&str; 5] = ["external_identifier", "policies", "provider", "role", "status"];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "creates-users",
        severity: Severity::High,
        title: "Somebody who is no administrator makes users and chooses their role",
        why: "Whoever chooses the role of a new user chooses what they can do through it.",
        mend: "Fix the role by a preset, and leave `role` and `policies` out of the fields.",
        find: creates,
    },
    Check {
        id: "changes-users",
        severity: Severity::High,
        title: "Somebody who is no administrator changes the accounts of others",
        why: "Whoever sets the address, password, token or role of somebody can be that user.",
        mend: "Limit the permission to one's own row, or take those fields out of it.",
        find: changes,
    },
    Check {
        id: "changes-own-role",
        severity: Severity::Critical,
        title: "Users may change their own role, policies or status",
        why: "It is the shortest way to more rights than somebody was given.",
        mend: "Take these fields out of the permission.",
        find: changes_oneself,
    },
    Check {
        id: "deletes-users",
        severity: Severity::Medium,
        title: "Somebody who is no administrator deletes users",
        why: "Who made and changed what is known by the users that did; and locking somebody out takes one request.",
        mend: "Take the permission away.",
        find: |facts| {
            of(facts, Action::Delete)
                .map(|granted| hit(facts, &granted, Change::without_permission(granted.permission.id)))
                .collect()
        },
    },
    Check {
        id: "reads-users",
        severity: Severity::Medium,
        title: "Somebody who is no administrator reads every field of every user",
        why: "Addresses, roles and logins of everybody are what an attack on accounts begins with.",
        mend: "List the fields that are needed, or limit the rows.",
        find: |facts| {
            of(facts, Action::Read)
                .filter(|granted| granted.has_all() && granted.permission.rule.is_null())
                .map(|granted| hit(facts, &granted, without(&granted, &IDENTITY, facts)))
                .collect()
        },
    },
];

/// Permissions on users that somebody who is no administrator has.
fn of<'f>(facts: &'f Facts, action: Action) -> impl Iterator<Item = Granted<'f>> {
    facts
        .to_others()
        .filter(move |granted| granted.permission.collection == USERS && granted.permission.action == action)
}

fn hit(facts: &Facts, granted: &Granted<'_>, change: Change) -> Hit {
    Hit::new(facts.subject(granted), granted.told(), change)
}

/// The same permission without these fields.
fn without(granted: &Granted<'_>, fields: &[&str], facts: &Facts) -> Change {
    let Some(id) = granted.permission.id else {
        return Change::without_permission(None);
    };
    let kept: Vec<&str> = if granted.has_all() {
        let users = facts.snapshot.model.schema.collection(USERS);
        let names = users.into_iter().flat_map(|users| users.fields.values());
        names
            .filter(|field| field.is_readable() && !field.is_concealed())
            .map(|field| field.name.as_str())
            .collect()
    } else {
        granted.permission.fields.iter().map(String::as_str).collect()
    };
    let kept: Vec<&str> = kept.into_iter().filter(|field| !fields.contains(field)).collect();
    if kept.is_empty() {
        return Change::without_permission(Some(id));
    }
    Change::one(Step::set("directus_permissions", id.to_string(), "fields", json!(kept)))
}

fn creates(facts: &Facts) -> Vec<Hit> {
    of(facts, Action::Create)
        .filter(|granted| {
            granted.has("role") || granted.has("policies") || granted.permission.presets.get("role").is_none()
        })
        .map(|granted| hit(facts, &granted, Change::without_permission(granted.permission.id)))
        .collect()
}

fn changes(facts: &Facts) -> Vec<Hit> {
    of(facts, Action::Update)
        .filter(|granted| !granted.is_own() && IDENTITY.iter().any(|field| granted.has(field)))
        .map(|granted| hit(facts, &granted, without(&granted, &IDENTITY, facts)))
        .collect()
}

fn changes_oneself(facts: &Facts) -> Vec<Hit> {
    of(facts, Action::Update)
        .filter(|granted| granted.is_own() && NOT_ONES_OWN.iter().any(|field| granted.has(field)))
        .map(|granted| hit(facts, &granted, without(&granted, &NOT_ONES_OWN, facts)))
        .collect()
}
