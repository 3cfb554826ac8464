//! A report as a log in the form SARIF 2.1.0, as code scanners of pipelines take it. What was accepted is told as suppressed.

use std::fmt::Write as _;

use aedile_engine::{Json, Object};
use serde_json::json;

use super::{
    Finding, Report,
    check::{Severity, checks},
};

/// The form's own description.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The report as a log of one run.
pub(super) fn log(report: &Report) -> Json {
    let rules: Vec<Json> = checks()
        .map(|check| {
            json!({
                "id": check.id,
                "name": check.id,
                "shortDescription": { "text": check.title },
                "fullDescription": { "text": check.why },
                "help": { "text": check.mend },
                "defaultConfiguration": { "level": level(check.severity) },
                "properties": { "security-severity": score(check.severity), "tags": ["security"] },
            })
        })
        .collect();
    let results: Vec<Json> = report.findings.iter().map(result).collect();
    let notes: Vec<Json> = report
        .notes
        .iter()
        .map(|note| json!({ "level": "note", "message": { "text": note } }))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "aedile audit", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notes }],
            "results": results,
        }],
    })
}

fn result(finding: &Finding) -> Json {
    let on = finding.on.to_string();
    let mut location = Object::new();
    let logical = json!([{ "fullyQualifiedName": on, "kind": "resource" }]);
    location.insert("logicalLocations".to_owned(), logical);
    if let Some((_, file)) = finding.on.parts().find(|(kind, _)| *kind == "file") {
        let place = json!({ "artifactLocation": { "uri": uri(file) } });
        location.insert("physicalLocation".to_owned(), place);
    }
    let suppressions: Vec<Json> = finding
        .accepted
        .iter()
        .map(|reason| json!({ "kind": "external", "justification": reason }))
        .collect();
    json!({
        "ruleId": finding.check,
        "ruleIndex": checks().position(|check| check.id == finding.check),
        "level": level(finding.severity),
        "message": { "text": format!("{}: {on}. {}. To mend it: {}", finding.title, finding.evidence, finding.change) },
        "locations": [location],
        "partialFingerprints": { "subject/v1": format!("{} on {on}", finding.check) },
        "suppressions": suppressions,
    })
}

/// A path as a relative address.
fn uri(path: &str) -> String {
    let mut told = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            told.push(char::from(byte));
        } else {
            // Writing to a text does not fail.
            write!(told, "%{byte:02X}").ok();
        }
    }
    told
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// The scale from 0 to 10 that pipelines sort by.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "3.0",
        Severity::Medium => "5.5",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}
