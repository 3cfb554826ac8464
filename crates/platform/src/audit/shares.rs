//! Shares: items that a link opens. The id of a share is the link, so here it is told to administrators alone.

use aedile_engine::{Json, value::time};

use super::{
    check::{Check, Severity},
    facts::Share,
    finding::{Change, Hit, Step, Subject},
};

/// How long a share is proposed to stay open: a month.
const OPEN_FOR: i64 = 30 * 24 * 60 * 60 * 1000;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "share-open-ended",
        severity: Severity::Medium,
        title: "A share has neither a password, nor an end, nor a limit of uses",
        why: "A link that was forwarded once opens the item for ever.",
        mend: "Give it an end, a password or a limit.",
        find: |facts| {
            let end = time::format_instant(facts.now.saturating_add(OPEN_FOR));
            let open = facts.shares.iter().filter(|share| share.is_open);
            open.map(|share| {
                hit(
                    share,
                    "anybody with the link reads it, for ever".to_owned(),
                    "date_end",
                    end.clone().into(),
                )
            })
            .collect()
        },
    },
    Check {
        id: "share-of-administrators",
        severity: Severity::Critical,
        title: "A share acts with a role of administrators",
        why: "What its bearer sees is bounded by that role, which is not bounded.",
        mend: "Give the share a role that reads what is meant, or none.",
        find: |facts| {
            let power = facts.power();
            let role = |share: &Share| share.role.clone().filter(|role| power.roles.contains(role));
            let found = facts.shares.iter().filter_map(|share| Some((share, role(share)?)));
            found
                .map(|(share, role)| hit(share, format!("its role is {}", facts.role(&role)), "role", Json::Null))
                .collect()
        },
    },
];

fn hit(share: &Share, evidence: String, field: &str, value: Json) -> Hit {
    Hit::new(
        Subject::of("share", share.id.as_str()).and("collection", share.collection.as_str()),
        format!("it is on {} {}: {evidence}", share.collection, share.item),
        Change::one(Step::set("directus_shares", share.id.as_str(), field, value)),
    )
}
