//! What policies grant to those who are no administrators: writes on what decides about others, reads of what tells secrets,
//! junctions that tie anything to anything, and permissions that grant nothing without anybody noticing.

use aedile_engine::{
    access::{Action, Rule},
    query::filter::Context,
    schema::{Relation, system},
};

use super::{
    check::{Check, Severity},
    facts::{Facts, Granted},
    finding::{Change, Hit},
};
use crate::system::is_closed;

const WRITES: [Action; 3] = [Action::Create, Action::Update, Action::Delete];

const ADMINISTRATORS_ALONE: &str = "Take the permission away: this is for administrators.";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "writes-settings",
        severity: Severity::High,
        title: "Somebody who is no administrator changes the project's settings",
        why: "They set the password policy, who may register and with which role, and the style sheet that administrators see.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| writes(facts, &["directus_settings"]),
    },
    Check {
        id: "writes-flows",
        severity: Severity::Critical,
        title: "Somebody who is no administrator writes flows or operations",
        why: "Flows run with rights of their own, and reach data and networks that their author may not.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| writes(facts, &["directus_flows", "directus_operations"]),
    },
    Check {
        id: "writes-roles",
        severity: Severity::High,
        title: "Somebody who is no administrator writes roles",
        why: "A role decides what its users may do, and deleting one suspends them.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| writes(facts, &["directus_roles"]),
    },
    Check {
        id: "writes-policies",
        severity: Severity::Critical,
        title: "Somebody who is no administrator writes policies",
        why: "A policy can make an administrator of whoever has it.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| writes(facts, &["directus_policies"]),
    },
    Check {
        id: "writes-permissions",
        severity: Severity::Critical,
        title: "Somebody who is no administrator writes permissions",
        why: "Whoever writes permissions decides what everybody sees.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| writes(facts, &["directus_permissions"]),
    },
    Check {
        id: "writes-access",
        severity: Severity::Critical,
        title: "Somebody who is no administrator attaches policies",
        why: "A policy is as good as whoever may attach it to themselves.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| writes(facts, &["directus_access"]),
    },
    Check {
        id: "writes-extensions",
        severity: Severity::Critical,
        title: "Somebody who is no administrator is granted writes on extensions",
        why: "An extension is code that runs in the server.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| writes(facts, &["directus_extensions"]),
    },
    Check {
        id: "writes-schema",
        severity: Severity::High,
        title: "Somebody who is no administrator is granted writes on the data model",
        why: "The model is for administrators alone here; where it is not, tables and what they hold can be dropped.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| {
            writes(
                facts,
                &["directus_collections", "directus_fields", "directus_relations"],
            )
        },
    },
    Check {
        id: "reads-sessions",
        severity: Severity::Critical,
        title: "Somebody who is no administrator reads sessions",
        why: "A session's token is as good as a password for as long as it lasts.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| reads(facts, "directus_sessions"),
    },
    Check {
        id: "reads-shares",
        severity: Severity::High,
        title: "Somebody who is no administrator reads the shares of others",
        why: "The id of a share opens it.",
        mend: "Limit the permission to shares of one's own, or take it away.",
        find: |facts| reads(facts, "directus_shares"),
    },
    Check {
        id: "reads-activity",
        severity: Severity::Medium,
        title: "Somebody who is no administrator reads the activity of others",
        why: "It tells who worked when, on what, and from which address.",
        mend: "Limit the permission to one's own activity, or take it away.",
        find: |facts| reads(facts, "directus_activity"),
    },
    Check {
        id: "reads-revisions",
        severity: Severity::High,
        title: "Somebody who is no administrator reads revisions",
        why: "A revision holds a row as it was, whichever of its fields one may read.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| reads(facts, "directus_revisions"),
    },
    Check {
        id: "reads-versions",
        severity: Severity::High,
        title: "Somebody who is no administrator reads versions",
        why: "A version holds changes of fields that one may not read.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| reads(facts, "directus_versions"),
    },
    Check {
        id: "reads-operations",
        severity: Severity::Medium,
        title: "Somebody who is no administrator reads the operations of flows",
        why: "Their options hold addresses, headers and keys of other services.",
        mend: ADMINISTRATORS_ALONE,
        find: |facts| reads(facts, "directus_operations"),
    },
    Check {
        id: "junction-open",
        severity: Severity::Medium,
        title: "A junction may be given any pairing",
        why: "Whoever ties rows together freely ties them to rows they may neither see nor change, and grants by it where rules follow the junction.",
        mend: "Demand in the validation which rows may be tied, or take the permission away and let rows be tied as part of what they belong to.",
        find: junctions,
    },
    Check {
        id: "rule-not-understood",
        severity: Severity::Low,
        title: "A permission has a rule that can not be understood",
        why: "It grants nothing, so somebody is missing what they were meant to have, and will be given more in haste.",
        mend: "Write the rule anew, or take the permission away.",
        find: not_understood,
    },
    Check {
        id: "permission-on-nothing",
        severity: Severity::Low,
        title: "A permission is about a collection that is not there",
        why: "It would count at once for a collection that is made under that name.",
        mend: "Take the permission away.",
        find: on_nothing,
    },
];

fn hits<'f>(facts: &'f Facts, which: impl Fn(&Granted<'f>) -> bool) -> Vec<Hit> {
    facts
        .to_others()
        .filter(|granted| which(granted))
        .map(|granted| {
            let closed = WRITES.contains(&granted.permission.action) && is_closed(&granted.permission.collection);
            let refused = if closed { "; Aedile refuses it all the same" } else { "" };
            let change = Change::without_permission(granted.permission.id);
            Hit::new(facts.subject(&granted), format!("{}{refused}", granted.told()), change)
        })
        .collect()
}

fn writes(facts: &Facts, collections: &[&str]) -> Vec<Hit> {
    hits(facts, |granted| {
        WRITES.contains(&granted.permission.action) && collections.contains(&granted.permission.collection.as_str())
    })
}

fn reads(facts: &Facts, collection: &str) -> Vec<Hit> {
    // A version is nobody's own as far as its fields go, and neither is a revision; sessions are for nobody.
    let own_counts = matches!(collection, "directus_shares" | "directus_activity");
    hits(facts, |granted| {
        granted.permission.action == Action::Read
            && granted.permission.collection == collection
            && !(own_counts && granted.is_own())
    })
}

/// The foreign keys of a junction; none of a collection that is none.
fn ends<'f>(facts: &'f Facts, collection: &str) -> Vec<&'f str> {
    let relations = facts.snapshot.model.schema.relations().iter();
    let own = relations.filter(|relation| relation.many == collection && relation.junction_field.is_some());
    own.map(|relation: &Relation| relation.many_field.as_str()).collect()
}

fn junctions(facts: &Facts) -> Vec<Hit> {
    hits(facts, |granted| {
        let permission = granted.permission;
        let ends = ends(facts, &permission.collection);
        if ends.is_empty() || system::is_system(&permission.collection) {
            return false;
        }
        // A pairing is limited by a validation of one of its ends, or by a preset that whoever makes it may not write over.
        let validation = permission.validation.to_string();
        let limited = ends.iter().any(|end| {
            validation.contains(&format!("\"{end}\"")) || !granted.has(end) && permission.presets.get(end).is_some()
        });
        match permission.action {
            Action::Create => !limited && ends.iter().any(|end| granted.has(end)),
            Action::Update => !limited && permission.rule.is_null() && ends.iter().any(|end| granted.has(end)),
            _ => false,
        }
    })
}

fn not_understood(facts: &Facts) -> Vec<Hit> {
    let broken = |granted: &Granted<'_>| {
        let validation = Rule::parse(&granted.permission.validation, Context::Validation);
        matches!(granted.rule(), Rule::Broken) || matches!(validation, Rule::Broken)
    };
    of_anybody(facts, broken)
}

fn on_nothing(facts: &Facts) -> Vec<Hit> {
    let model = &facts.snapshot.model;
    of_anybody(facts, |granted| {
        let name = &granted.permission.collection;
        model.schema.collection(name).is_none() && !model.is_folder(name) && !system::is_system(name)
    })
}

fn of_anybody(facts: &Facts, which: impl Fn(&Granted<'_>) -> bool) -> Vec<Hit> {
    let granted = facts.granted().filter(|granted| which(granted));
    granted
        .map(|granted| {
            let change = Change::without_permission(granted.permission.id);
            Hit::new(facts.subject(&granted), granted.told(), change)
        })
        .collect()
}
