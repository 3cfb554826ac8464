//! The data model: fields that look like secrets and are told like anything else, and collections without history.

use aedile_engine::schema::{Accountability, Collection};

use super::{
    check::{Check, Severity},
    facts::Facts,
    finding::{Change, Hit, Subject},
};

/// Parts of names that secrets have.
const SECRET: [&str; 9] = [
    "access_token",
    "api_key",
    "apikey",
    "credential",
    "passwd",
    "password",
    "private_key",
    "secret",
    "token",
];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "secret-field-plain",
        severity: Severity::Medium,
        title: "A field that looks like a secret is stored and told like any other",
        why: "Whoever reads the row reads it, and so does whoever reads its revisions.",
        mend: "Make it a field of type hash, or set `conceal` among its specials.",
        find: plain_secrets,
    },
    Check {
        id: "history-off",
        severity: Severity::Low,
        title: "Changes of a collection are not recorded",
        why: "Nobody can say afterwards who changed or deleted what.",
        mend: "Set `accountability` of the collection to `all`.",
        find: history_off,
    },
];

/// Whether a name is one that secrets have.
pub(super) fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|part| name.contains(part))
}

fn own(facts: &Facts) -> impl Iterator<Item = &Collection> {
    let collections = facts.snapshot.model.schema.collections();
    collections.filter(|collection| !collection.system)
}

fn plain_secrets(facts: &Facts) -> Vec<Hit> {
    let fields = own(facts).flat_map(|collection| collection.fields.values().map(move |field| (collection, field)));
    fields
        .filter(|(_, field)| {
            let is_text = field.kind.is_text() && field.column.is_some();
            is_text && looks_secret(&field.name) && !field.is_concealed()
        })
        .map(|(collection, field)| {
            let path = format!("{}/{}", collection.name, field.name);
            Hit::new(
                Subject::of("collection", collection.name.as_str()).and("field", field.name.as_str()),
                format!("a field of type {} without conceal or hash", field.kind.as_str()),
                Change::ByHand(format!(r#"PATCH /fields/{path} {{"meta":{{"special":["conceal"]}}}}"#)),
            )
        })
        .collect()
}

fn history_off(facts: &Facts) -> Vec<Hit> {
    // What a junction ties is recorded with what it belongs to.
    let relations = facts.snapshot.model.schema.relations();
    let is_junction = |name: &str| {
        relations
            .iter()
            .any(|relation| relation.many == name && relation.junction_field.is_some())
    };
    own(facts)
        .filter(|collection| collection.managed && collection.accountability == Accountability::None)
        .filter(|collection| !is_junction(&collection.name))
        .map(|collection| {
            let name = &collection.name;
            Hit::new(
                Subject::of("collection", name.as_str()),
                "accountability is none",
                Change::ByHand(format!(
                    r#"PATCH /collections/{name} {{"meta":{{"accountability":"all"}}}}"#
                )),
            )
        })
        .collect()
}
