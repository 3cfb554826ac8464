//! What a check is, and the one table of all of them: a check that is not in it does not exist.

use std::fmt::Write as _;

use aedile_engine::Json;
use serde::Serialize;

use super::{
    administrators, facts::Facts, files, finding::Hit, flows, grants, model, network, providers, public, registration,
    secrets, settings, shares, tokens, users,
};

/// How much somebody could do by what a check finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not by itself: a layer of protection is missing.
    Low,
    /// Something, if another thing goes wrong as well.
    Medium,
    /// See or change what was not meant for them.
    High,
    /// Take the project over.
    Critical,
}

impl Severity {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// One thing that is looked for.
pub struct Check {
    /// Its name, which never changes: baselines know it by this.
    pub id: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What is found, as a sentence.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What mends it, whatever it is found on.
    pub mend: &'static str,
    /// Finds it.
    pub(super) find: fn(&Facts) -> Vec<Hit>,
}

impl Check {
    /// What a program is told of it.
    pub fn told(&self) -> Json {
        serde_json::json!({
            "id": self.id, "severity": self.severity, "title": self.title, "why": self.why, "mend": self.mend,
        })
    }
}

/// Checks of one subject.
struct Subject {
    title: &'static str,
    checks: &'static [Check],
}

/// Every check, by subject.
const SUBJECTS: [Subject; 15] = [
    Subject {
        title: "What the public may do",
        checks: public::CHECKS,
    },
    Subject {
        title: "What policies grant",
        checks: grants::CHECKS,
    },
    Subject {
        title: "Accounts in the hands of others",
        checks: users::CHECKS,
    },
    Subject {
        title: "Administrators",
        checks: administrators::CHECKS,
    },
    Subject {
        title: "Static tokens",
        checks: tokens::CHECKS,
    },
    Subject {
        title: "Registration",
        checks: registration::CHECKS,
    },
    Subject {
        title: "Single sign-on",
        checks: providers::CHECKS,
    },
    Subject {
        title: "Project settings",
        checks: settings::CHECKS,
    },
    Subject {
        title: "Files",
        checks: files::CHECKS,
    },
    Subject {
        title: "Shares",
        checks: shares::CHECKS,
    },
    Subject {
        title: "Flows",
        checks: flows::CHECKS,
    },
    Subject {
        title: "Data model",
        checks: model::CHECKS,
    },
    Subject {
        title: "Secrets",
        checks: secrets::CHECKS,
    },
    Subject {
        title: "Network and addresses",
        checks: network::TRANSPORT,
    },
    Subject {
        title: "Limits and browsers",
        checks: network::LIMITS,
    },
];

/// Every check, in the order of the table.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    SUBJECTS.iter().flat_map(|subject| subject.checks)
}

/// The table as documents show it.
pub fn markdown() -> String {
    let mut out = String::new();
    for subject in &SUBJECTS {
        // Writing to a text does not fail.
        let _ = write!(
            out,
            "\n### {}\n\n| Check | Severity | What is found | Why it matters | What mends it |\n|---|---|---|---|---|\n",
            subject.title
        );
        for check in subject.checks {
            let Check {
                id,
                title,
                why,
                mend,
                severity,
                ..
            } = check;
            let _ = writeln!(out, "| `{id}` | {} | {title} | {why} | {mend} |", severity.as_str());
        }
    }
    out
}
