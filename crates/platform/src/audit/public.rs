//! What the public may do: by its policies, and by what it was answered when it was really asked. It tells what is open; only
//! the project's owner knows what was meant to be.

use aedile_engine::{
    Json, Object,
    access::{Action, Rule},
    query::{Filter, Key, Operand, Test, Var},
    schema::{Collection, Field, system},
};
use serde_json::json;

use super::{
    check::{Check, Severity},
    facts::{Facts, Granted, Tried},
    finding::{Change, Hit, Step, Subject},
    model::looks_secret,
};

/// Names of fields that are about persons, or parts of such names.
const PERSONAL: [&str; 22] = [
    "address",
    "birth",
    "credit_card",
    "email",
    "e_mail",
    "first_name",
    "gender",
    "health",
    "iban",
    "income",
    "last_name",
    "mobile",
    "nationality",
    "passport",
    "phone",
    "postcode",
    "religion",
    "salary",
    "social_security",
    "ssn",
    "tax_id",
    "zip_code",
];

const FILES: &str = "directus_files";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "public-reads",
        severity: Severity::Low,
        title: "The public reads a collection",
        why: "Whatever the public reads is read by everybody, for ever: it should be exactly what is meant to be published.",
        mend: "Take the permission away, or accept the finding with the reason it is meant.",
        find: reads,
    },
    Check {
        id: "public-reads-every-row",
        severity: Severity::Medium,
        title: "The public reads every row of a collection",
        why: "Drafts, archived rows and everything that is added later are public at once.",
        mend: "Give the permission a rule, such as one on a status.",
        find: |facts| {
            reads_where(
                facts,
                |granted| granted.permission.rule.is_null(),
                Change::without_permission,
            )
        },
    },
    Check {
        id: "public-reads-every-field",
        severity: Severity::Medium,
        title: "The public reads every field of a collection",
        why: "A field that is added later is public without anybody having decided so.",
        mend: "List the fields that are meant.",
        find: reads_every_field,
    },
    Check {
        id: "public-reads-personal",
        severity: Severity::High,
        title: "The public reads fields that look personal or secret",
        why: "Names, addresses and the like of persons, and anything secret, are collected by whoever finds them.",
        mend: "Take these fields out of the permission.",
        find: reads_personal,
    },
    Check {
        id: "public-reads-ownerless",
        severity: Severity::High,
        title: "A rule on the current user covers rows without an owner for the public",
        why: "The public is nobody, so \"owner is the current user\" means \"owner is empty\": rows of deleted users, imports and drafts.",
        mend: "Demand in the rule that the field is not null, or take the permission from the public.",
        find: ownerless,
    },
    Check {
        id: "public-reads-system",
        severity: Severity::Critical,
        title: "The public reads a collection of the system",
        why: "Users, sessions, shares, settings and history tell who is there and how to get in.",
        mend: "Take the permission away.",
        find: reads_system,
    },
    Check {
        id: "public-reads-files",
        severity: Severity::Medium,
        title: "The public reads the whole file library",
        why: "Every upload is public with it: invoices, drafts and what users send in.",
        mend: "Give the permission a rule, such as one on a folder.",
        find: |facts| {
            let whole = |granted: &Granted<'_>| granted.permission.collection == FILES && !granted_rows(granted);
            permissions(facts, Action::Read, whole)
        },
    },
    Check {
        id: "public-creates",
        severity: Severity::Medium,
        title: "The public creates rows",
        why: "Anybody can fill the table, and what is in it was never said by somebody known.",
        mend: "Take the permission away, or accept the finding once fields and validation allow what is meant alone.",
        find: |facts| writes(facts, Action::Create),
    },
    Check {
        id: "public-updates",
        severity: Severity::High,
        title: "The public changes rows",
        why: "Anybody can change what others rely on, and nobody can be asked about it.",
        mend: "Take the permission away.",
        find: |facts| writes(facts, Action::Update),
    },
    Check {
        id: "public-deletes",
        severity: Severity::High,
        title: "The public deletes rows",
        why: "Anybody can delete what is there.",
        mend: "Take the permission away.",
        find: |facts| writes(facts, Action::Delete),
    },
    Check {
        id: "public-writes-system",
        severity: Severity::Critical,
        title: "The public writes to a collection of the system",
        why: "Accounts, settings and what others see are in the hands of anybody.",
        mend: "Take the permission away.",
        find: writes_system,
    },
    Check {
        id: "public-uploads",
        severity: Severity::High,
        title: "The public uploads files",
        why: "Anybody can store anything under your name: malware, pages that act as yours, and as much as the disk takes.",
        mend: "Take the permission away; let the server of a form upload with an account of its own.",
        find: |facts| permissions(facts, Action::Create, |granted| granted.permission.collection == FILES),
    },
    Check {
        id: "public-policy-flags",
        severity: Severity::Medium,
        title: "A policy of the public has the flags of administrators or of the Studio",
        why: "They do nothing for the public, but everything as soon as the same policy is attached to a role or user.",
        mend: "Switch the flags off.",
        find: flags,
    },
];

fn granted_rows(granted: &Granted<'_>) -> bool {
    !granted.permission.rule.is_null()
}

/// Permissions of the public for an action.
fn of<'f>(facts: &'f Facts, action: Action) -> impl Iterator<Item = Granted<'f>> {
    facts
        .to_the_public()
        .filter(move |granted| granted.permission.action == action)
}

fn is_content(granted: &Granted<'_>) -> bool {
    !system::is_system(&granted.permission.collection)
}

/// How a write came out that was tried as the public.
fn tried(facts: &Facts, collection: &str, action: Action) -> String {
    let key = (collection.to_owned(), action.as_str());
    match facts.asked.writes.get(&key) {
        None => String::new(),
        Some(Tried::Stored) => "; tried as the public, and undone: it would have been done".to_owned(),
        Some(Tried::Refused(why)) => format!("; tried as the public: refused this time ({why})"),
        Some(Tried::Failed(why)) => format!("; tried as the public: let pass, and failed by itself ({why})"),
    }
}

/// What the public was answered when it asked for a collection.
fn answered(facts: &Facts, collection: &str) -> String {
    match facts.asked.reads.get(collection) {
        Some(rows) => format!("; asked as the public: {rows} answered"),
        None => String::new(),
    }
}

/// The collections that the public reads: by policy, and by having been answered whatever policies say.
fn reads(facts: &Facts) -> Vec<Hit> {
    let mut hits = reads_where(facts, |_| true, Change::without_permission);
    for (collection, rows) in &facts.asked.reads {
        let by_policy = of(facts, Action::Read).any(|granted| granted.permission.collection == *collection);
        if !by_policy {
            hits.push(Hit::new(
                Subject::of("collection", collection),
                format!("asked as the public: {rows} answered, which no policy grants"),
                Change::ByHand("report it: this is a hole in Aedile".to_owned()),
            ));
        }
    }
    hits
}

fn reads_where(facts: &Facts, which: fn(&Granted<'_>) -> bool, change: fn(Option<i64>) -> Change) -> Vec<Hit> {
    let granted = of(facts, Action::Read).filter(is_content).filter(which);
    granted
        .map(|granted| {
            let evidence = format!("{}{}", granted.told(), answered(facts, &granted.permission.collection));
            Hit::new(facts.subject(&granted), evidence, change(granted.permission.id))
        })
        .collect()
}

fn permissions(facts: &Facts, action: Action, which: impl Fn(&Granted<'_>) -> bool) -> Vec<Hit> {
    let granted = of(facts, action).filter(|granted| which(granted));
    granted
        .map(|granted| {
            let collection = &granted.permission.collection;
            let asked = match action {
                Action::Read => answered(facts, collection),
                _ => tried(facts, collection, action),
            };
            let change = Change::without_permission(granted.permission.id);
            Hit::new(facts.subject(&granted), format!("{}{asked}", granted.told()), change)
        })
        .collect()
}

fn writes(facts: &Facts, action: Action) -> Vec<Hit> {
    permissions(facts, action, is_content)
}

/// The fields of a permission that stand for what is there now.
fn readable(collection: &Collection) -> impl Iterator<Item = &Field> {
    collection.fields.values().filter(|field| field.is_readable())
}

/// Grants these fields by name.
fn only(granted: &Granted<'_>, fields: Vec<&str>) -> Change {
    match granted.permission.id {
        Some(id) if !fields.is_empty() => Change::one(Step::set(
            "directus_permissions",
            id.to_string(),
            "fields",
            json!(fields),
        )),
        id => Change::without_permission(id),
    }
}

fn reads_every_field(facts: &Facts) -> Vec<Hit> {
    let granted = of(facts, Action::Read).filter(|granted| is_content(granted) && granted.has_all());
    granted
        .filter_map(|granted| {
            let collection = facts.snapshot.model.schema.collection(&granted.permission.collection)?;
            let fields: Vec<&str> = readable(collection).map(|field| field.name.as_str()).collect();
            let change = only(&granted, fields);
            Some(Hit::new(facts.subject(&granted), granted.told(), change))
        })
        .collect()
}

/// Whether a field holds something of persons, or something secret, by its name.
fn is_personal(field: &Field) -> bool {
    let name = field.name.to_ascii_lowercase();
    PERSONAL.iter().any(|part| name.contains(part)) || looks_secret(&name)
}

fn reads_personal(facts: &Facts) -> Vec<Hit> {
    let granted = of(facts, Action::Read).filter(is_content);
    granted
        .filter_map(|granted| {
            let collection = facts.snapshot.model.schema.collection(&granted.permission.collection)?;
            let (personal, others): (Vec<&Field>, Vec<&Field>) = readable(collection)
                .filter(|field| granted.has(&field.name))
                .partition(|field| is_personal(field));
            let names = |fields: Vec<&Field>| fields.into_iter().map(|field| field.name.clone()).collect::<Vec<_>>();
            let personal = names(personal);
            if personal.is_empty() {
                return None;
            }
            let others = names(others);
            let change = only(&granted, others.iter().map(String::as_str).collect());
            let evidence = format!("{}: {}", granted.told(), personal.join(", "));
            Some(Hit::new(facts.subject(&granted), evidence, change))
        })
        .collect()
}

/// The fields that a rule compares with the caller, who is null for the public, and does not demand to be there.
fn compared(filter: &Filter, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().for_each(|one| compared(one, path, found)),
        Filter::At(Key::Field(name), inner) => {
            path.push(name.clone());
            compared(inner, path, found);
            path.pop();
        }
        Filter::At(_, inner) | Filter::Some(inner) => compared(inner, path, found),
        Filter::Is(Test::Eq(Operand::Var(Var::User(_) | Var::Role(_)))) => found.push(path.clone()),
        Filter::Is(_) | Filter::None(_) => {}
    }
}

/// Whether a rule, whatever else it says, holds only where this field is not null.
fn demands(filter: &Filter, path: &[String]) -> bool {
    match (filter, path) {
        (Filter::And(list), _) => list.iter().any(|one| demands(one, path)),
        (Filter::At(Key::Field(name), inner), [first, rest @ ..]) => name == first && demands(inner, rest),
        (Filter::Is(Test::Null(false) | Test::Empty(false)), []) => true,
        _ => false,
    }
}

fn ownerless(facts: &Facts) -> Vec<Hit> {
    let mut hits = Vec::new();
    for granted in facts.to_the_public() {
        let Rule::Of(rule) = granted.rule() else { continue };
        if granted.permission.action == Action::Create {
            continue;
        }
        let mut paths = Vec::new();
        compared(&rule, &mut Vec::new(), &mut paths);
        paths.retain(|path| !demands(&rule, path));
        if paths.is_empty() {
            continue;
        }
        let rows = granted.permission.id.and_then(|id| facts.asked.ownerless.get(&id));
        let rows = rows.map_or_else(String::new, |rows| format!("; covered for the public now: {rows}"));
        let fields: Vec<String> = paths.iter().map(|path| path.join(".")).collect();
        let evidence = format!("{}: {} may be empty{rows}", granted.told(), fields.join(", "));
        let mut conditions = vec![granted.permission.rule.clone()];
        conditions.extend(paths.iter().map(|path| {
            let there = json!({ "_nnull": true });
            path.iter().rev().fold(there, |inner, name| json!({ name: inner }))
        }));
        let change = match granted.permission.id {
            Some(id) => Change::one(Step::set(
                "directus_permissions",
                id.to_string(),
                "permissions",
                json!({ "_and": conditions }),
            )),
            None => Change::without_permission(None),
        };
        hits.push(Hit::new(facts.subject(&granted), evidence, change));
    }
    hits
}

fn reads_system(facts: &Facts) -> Vec<Hit> {
    permissions(facts, Action::Read, |granted| {
        system::is_system(&granted.permission.collection) && granted.permission.collection != FILES
    })
}

fn writes_system(facts: &Facts) -> Vec<Hit> {
    [Action::Create, Action::Update, Action::Delete, Action::Share]
        .into_iter()
        .flat_map(|action| {
            permissions(facts, action, |granted| {
                let upload = granted.permission.collection == FILES && action == Action::Create;
                system::is_system(&granted.permission.collection) && !upload
            })
        })
        .collect()
}

fn flags(facts: &Facts) -> Vec<Hit> {
    let public = facts
        .access
        .attached
        .get(&crate::access_file::Holder::Public)
        .cloned()
        .unwrap_or_default();
    let flagged = facts
        .access
        .policies
        .iter()
        .filter(|policy| public.contains(&policy.id) && (policy.admin_access || policy.app_access));
    flagged
        .map(|policy| {
            let mut change = Object::new();
            for (name, set) in [("admin_access", policy.admin_access), ("app_access", policy.app_access)] {
                if set {
                    change.insert(name.to_owned(), Json::Bool(false));
                }
            }
            let names: Vec<&str> = change.keys().map(String::as_str).collect();
            let evidence = format!("{} is set", names.join(" and "));
            let step = Step::Update {
                collection: "directus_policies",
                key: policy.id.clone(),
                change,
            };
            Hit::new(
                Subject::of("policy", facts.policy(&policy.id)),
                evidence,
                Change::one(step),
            )
        })
        .collect()
}
