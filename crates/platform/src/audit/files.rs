//! Files: who may upload what, and who may say where it is stored.

use aedile_engine::access::Action;
use serde_json::json;

use super::{
    check::{Check, Severity},
    facts::{Facts, Granted},
    finding::{Change, Hit, Step},
};

const FILES: &str = "directus_files";

/// What decides where a file is and whose it is.
const INTERNAL: [&str; 5] = ["filename_disk", "storage", "tus_data", "tus_id", "uploaded_by"];

/// What a person may change of a file.
const DESCRIPTIVE: [&str; 8] = [
    "description",
    "filename_download",
    "focal_point_x",
    "focal_point_y",
    "folder",
    "location",
    "tags",
    "title",
];

/// Types that browsers run.
const ACTIVE: [&str; 6] = [
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "application/javascript",
    "text/javascript",
    "application/xml",
];

/// The variable that lists the types that are taken.
const TYPES: &str = "FILES_MIME_TYPE_ALLOW_LIST";

/// The variable that limits their size.
const SIZE: &str = "FILES_MAX_UPLOAD_SIZE";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "uploads-any-type",
        severity: Severity::Medium,
        title: "Files of any type may be uploaded",
        why: "Pages and pictures with scripts, served under your name, act with the logins of whoever opens them.",
        mend: "List the types that are needed in `FILES_MIME_TYPE_ALLOW_LIST`.",
        find: any_type,
    },
    Check {
        id: "uploads-any-size",
        severity: Severity::Low,
        title: "Files of any size may be uploaded",
        why: "One user fills the disk for all.",
        mend: "Set `FILES_MAX_UPLOAD_SIZE`.",
        find: any_size,
    },
    Check {
        id: "files-internals-writable",
        severity: Severity::High,
        title: "Somebody who is no administrator says where a file is stored, or whose it is",
        why: "Whoever names the place in the storage writes over the files of others, or reads them.",
        mend: "Grant the fields that describe a file, and no others.",
        find: internals,
    },
];

/// Permissions to upload that somebody has.
fn uploads(facts: &Facts) -> Vec<Granted<'_>> {
    facts
        .granted()
        .filter(|granted| granted.permission.collection == FILES && granted.permission.action == Action::Create)
        .collect()
}

fn who(facts: &Facts, uploads: &[Granted<'_>]) -> String {
    let names: Vec<String> = uploads.iter().map(|granted| facts.policy(&granted.policy.id)).collect();
    format!("uploads are granted by {}", names.join(", "))
}

fn any_type(facts: &Facts) -> Vec<Hit> {
    let mut uploads = uploads(facts);
    uploads.retain(|granted| !granted.permission.validation.to_string().contains("\"type\""));
    if uploads.is_empty() {
        return Vec::new();
    }
    let listed = facts.environment.list(TYPES);
    let open: Vec<&str> = listed
        .iter()
        .copied()
        .filter(|kind| matches!(*kind, "*/*" | "*" | "text/*" | "image/*" | "application/*") || ACTIVE.contains(kind))
        .collect();
    let evidence = if listed.is_empty() {
        "no list of types is set".to_owned()
    } else if open.is_empty() {
        return Vec::new();
    } else {
        format!("{} are among the types taken", open.join(", "))
    };
    vec![Hit::setting(
        TYPES,
        format!("{evidence}; {}", who(facts, &uploads)),
        "image/jpeg,image/png,image/webp,application/pdf",
    )]
}

fn any_size(facts: &Facts) -> Vec<Hit> {
    let uploads = uploads(facts);
    if uploads.is_empty() || facts.environment.variable(SIZE).is_some() {
        return Vec::new();
    }
    vec![Hit::setting(
        SIZE,
        format!("no limit is set; {}", who(facts, &uploads)),
        "50mb",
    )]
}

fn internals(facts: &Facts) -> Vec<Hit> {
    let granted = facts.granted().filter(|granted| {
        granted.permission.collection == FILES
            && granted.permission.action == Action::Update
            && INTERNAL.iter().any(|field| granted.has(field))
    });
    granted
        .map(|granted| {
            let kept: Vec<&str> = DESCRIPTIVE.into_iter().filter(|field| granted.has(field)).collect();
            let change = match granted.permission.id {
                Some(id) if !kept.is_empty() => {
                    Change::one(Step::set("directus_permissions", id.to_string(), "fields", json!(kept)))
                }
                id => Change::without_permission(id),
            };
            Hit::new(facts.subject(&granted), granted.told(), change)
        })
        .collect()
}
