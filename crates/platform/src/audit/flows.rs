//! Flows: doors that webhooks open, and operations that run code or reach out. Rows alone are judged: whether and where the
//! flows run is not known here.

use aedile_engine::Json;

use super::{
    check::{Check, Severity},
    facts::{Facts, Flow, Operation},
    finding::{Change, Hit, Step, Subject},
};

/// Where a webhook's caller can show that it knows a secret.
const SHOWN: [&str; 3] = ["headers", "query", "body"];

/// Operations that write, read or act with rights of their own.
const WITH_RIGHTS: &str = "$full";

/// The variable that names what of the environment flows may read.
const ENVIRONMENT: &str = "FLOWS_ENV_ALLOW_LIST";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "flow-webhook-open",
        severity: Severity::High,
        title: "A webhook starts a flow without a secret",
        why: "Its address is public: whoever knows it, or reads it in a log, starts the flow with data of their own.",
        mend: "Begin the flow with a condition on a header that only the caller knows; until then, switch it off.",
        find: |facts| {
            webhooks(facts, |flow| !has_secret(flow))
                .map(|flow| {
                    hit(
                        flow,
                        "it begins with no condition on what the caller sends",
                        switched_off(flow),
                    )
                })
                .collect()
        },
    },
    Check {
        id: "flow-webhook-full-access",
        severity: Severity::High,
        title: "A flow that a webhook starts acts with full rights",
        why: "Data from outside ends in writes and reads that no policy bounds.",
        mend: "Give the operation the rights of a role that holds what is needed.",
        find: full_access,
    },
    Check {
        id: "flow-webhook-returns-all",
        severity: Severity::Medium,
        title: "A webhook is answered with all data of its flow",
        why: "Results of operations, and what the flow knows of the request and the environment, go to whoever asked.",
        mend: "Answer with the last operation's data, or with one operation that says only what is meant.",
        find: returns_all,
    },
    Check {
        id: "flow-script",
        severity: Severity::Medium,
        title: "A flow runs a script",
        why: "It is code in the project that no review and no deployment sees.",
        mend: "Put it in other operations, or accept the finding once the script has been read.",
        find: |facts| {
            operations(
                facts,
                |operation| operation.kind == "exec",
                |_| "an operation of type exec".to_owned(),
                None,
            )
        },
    },
    Check {
        id: "flow-request-anywhere",
        severity: Severity::High,
        title: "A flow sends a request to an address that its trigger chooses",
        why: "Whoever starts it makes the server ask for what only the server can reach.",
        mend: "Write the host into the operation, and take only the rest from the data.",
        find: |facts| {
            operations(
                facts,
                is_anywhere,
                |operation| format!("its address is {}", url(operation)),
                None,
            )
        },
    },
    Check {
        id: "flow-environment-secrets",
        severity: Severity::High,
        title: "Flows may read secrets of the environment",
        why: "Whoever edits a flow, or is answered by one, reads the keys of the whole server.",
        mend: "Name only variables without secrets in `FLOWS_ENV_ALLOW_LIST`.",
        find: environment_secrets,
    },
];

fn webhooks(facts: &Facts, which: impl Fn(&Flow) -> bool) -> impl Iterator<Item = &Flow> {
    facts
        .flows
        .iter()
        .filter(move |flow| flow.trigger == "webhook" && which(flow))
}

fn called(flow: &Flow) -> &str {
    if flow.name.is_empty() { &flow.id } else { &flow.name }
}

fn subject(flow: &Flow) -> Subject {
    Subject::of("flow", format!("\"{}\"", called(flow)))
}

fn hit(flow: &Flow, evidence: impl Into<String>, change: Change) -> Hit {
    Hit::new(subject(flow), evidence, change)
}

fn switched_off(flow: &Flow) -> Change {
    Change::one(Step::set("directus_flows", flow.id.as_str(), "status", "inactive"))
}

/// Whether the flow begins with a condition on something that its caller sends.
fn has_secret(flow: &Flow) -> bool {
    let first = flow
        .operations
        .iter()
        .find(|operation| Some(&operation.id) == flow.first.as_ref());
    let Some(first) = first.filter(|operation| operation.kind == "condition") else {
        return false;
    };
    asks_for(first.options.get("filter").unwrap_or(&Json::Null))
}

/// Whether a filter compares part of the trigger's headers, query or body with something.
fn asks_for(filter: &Json) -> bool {
    match filter {
        Json::Array(list) => list.iter().any(asks_for),
        Json::Object(members) => members.iter().any(|(name, inner)| match name.as_str() {
            "$trigger" => SHOWN.iter().any(|part| {
                inner
                    .get(*part)
                    .and_then(Json::as_object)
                    .is_some_and(|part| !part.is_empty())
            }),
            // One of several is enough to get in.
            "_or" => inner
                .as_array()
                .is_some_and(|list| !list.is_empty() && list.iter().all(asks_for)),
            _ => asks_for(inner),
        }),
        _ => false,
    }
}

fn operations(
    facts: &Facts,
    which: impl Fn(&Operation) -> bool,
    evidence: impl Fn(&Operation) -> String,
    trigger: Option<&str>,
) -> Vec<Hit> {
    let flows = facts
        .flows
        .iter()
        .filter(|flow| trigger.is_none_or(|trigger| flow.trigger == trigger));
    flows
        .flat_map(|flow| flow.operations.iter().map(move |operation| (flow, operation)))
        .filter(|(_, operation)| which(operation))
        .map(|(flow, operation)| {
            let on = subject(flow).and("operation", operation.key.as_str());
            Hit::new(on, evidence(operation), switched_off(flow))
        })
        .collect()
}

fn full_access(facts: &Facts) -> Vec<Hit> {
    let full = |operation: &Operation| operation.options.get("permissions").and_then(Json::as_str) == Some(WITH_RIGHTS);
    let evidence = |operation: &Operation| format!("its {} has permissions {WITH_RIGHTS}", operation.kind);
    operations(facts, full, evidence, Some("webhook"))
}

fn returns_all(facts: &Facts) -> Vec<Hit> {
    let all = |flow: &Flow| flow.options.get("return").and_then(Json::as_str) == Some("$all");
    webhooks(facts, all)
        .map(|flow| {
            let mut options = flow.options.clone();
            if let Some(options) = options.as_object_mut() {
                options.insert("return".to_owned(), "$last".into());
            }
            let change = Change::one(Step::set("directus_flows", flow.id.as_str(), "options", options));
            hit(flow, "it returns $all", change)
        })
        .collect()
}

fn url(operation: &Operation) -> String {
    let url = operation.options.get("url").and_then(Json::as_str);
    url.unwrap_or_default().to_owned()
}

/// Whether the host of a request is taken from data.
fn is_anywhere(operation: &Operation) -> bool {
    let url = url(operation);
    let after = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let host = after.split('/').next().unwrap_or_default();
    operation.kind == "request" && (host.contains("{{") || url.trim_start().starts_with("{{"))
}

fn environment_secrets(facts: &Facts) -> Vec<Hit> {
    let listed = facts.environment.list(ENVIRONMENT);
    let secret = |name: &str| {
        let known = facts.environment.secrets.iter().any(|secret| secret.name == name);
        let telling = ["SECRET", "PASSWORD", "TOKEN", "KEY", "CONNECTION_STRING"];
        name == "*" || name == "true" || known || telling.iter().any(|part| name.to_ascii_uppercase().contains(part))
    };
    let (open, kept): (Vec<&str>, Vec<&str>) = listed.into_iter().partition(|name| secret(name));
    if open.is_empty() {
        return Vec::new();
    }
    let kept = if kept.is_empty() {
        "false".to_owned()
    } else {
        kept.join(",")
    };
    vec![Hit::setting(
        ENVIRONMENT,
        format!("it names {}", open.join(", ")),
        &kept,
    )]
}
