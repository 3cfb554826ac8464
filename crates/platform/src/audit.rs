//! The audit: what the published security checklists of the field ask of a project, asked of this one. Facts are gathered
//! once; every check is a pure function of them. Nothing is changed but by [`fix`], which uses the ordinary verbs.

mod administrators;
mod baseline;
mod check;
mod environment;
mod facts;
mod files;
mod finding;
mod fix;
mod flows;
mod grants;
mod model;
mod network;
mod providers;
mod public;
mod registration;
mod sarif;
mod secrets;
mod settings;
mod shares;
mod text;
mod tokens;
mod users;

use std::collections::BTreeMap;

use aedile_engine::{Error, Result};
use serde::Serialize;

pub use baseline::Baseline;
pub use check::{Check, Severity, checks, markdown};
pub use environment::{ConfiguredSecret, DatabaseLink, Environment, WATCHED, WATCHED_FAMILIES};
pub use finding::{Change, Finding, Step, Subject};
pub use fix::{Fixed, Repair, fix};

use crate::Cx;
use facts::Facts;

/// What an audit came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How many checks there are.
    pub checks: usize,
    /// What they found, the gravest first.
    pub findings: Vec<Finding>,
    /// How many findings there are of each severity, the accepted ones left out.
    pub counts: BTreeMap<&'static str, usize>,
    /// Entries of the baseline that meet no finding any more.
    pub stale: Vec<String>,
    /// What was not looked at, and why.
    pub notes: Vec<String>,
    /// The version of the project that it was found at.
    #[serde(skip)]
    version: i64,
}

impl Report {
    /// Findings that nobody has accepted.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.accepted.is_none())
    }

    /// Whether something that nobody has accepted is of this severity or graver.
    pub fn reaches(&self, severity: Severity) -> bool {
        self.open().any(|finding| finding.severity >= severity)
    }

    /// As text for a terminal.
    pub fn text(&self) -> String {
        text::text(self)
    }

    /// As a log in the form SARIF 2.1.0.
    pub fn sarif(&self) -> aedile_engine::Json {
        sarif::log(self)
    }

    fn count(&mut self) {
        let mut counts = BTreeMap::new();
        for finding in self.open() {
            *counts.entry(finding.severity.as_str()).or_default() += 1;
        }
        self.counts = counts;
    }
}

/// Runs every check. Nothing stays changed. `survey` tells where the project stands; it is asked once it is clear that who
/// asks may know.
///
/// # Errors
/// `FORBIDDEN` to all but administrators and the operator; what the database answers.
pub async fn run(cx: &Cx, survey: impl Future<Output = Result<Environment>>, baseline: &Baseline) -> Result<Report> {
    administrator(cx)?;
    let facts = Facts::gather(cx, survey.await?).await?;
    let mut report = judged(&facts);
    baseline.apply(&mut report);
    report.count();
    Ok(report)
}

/// What the checks say of these facts.
fn judged(facts: &Facts) -> Report {
    let mut findings: Vec<Finding> = Vec::new();
    for check in checks() {
        for hit in (check.find)(facts) {
            let same = |finding: &&mut Finding| finding.check == check.id && finding.on == hit.on;
            match findings.iter_mut().find(same) {
                Some(finding) => finding.join(hit),
                None => findings.push(Finding::of(check, hit)),
            }
        }
    }
    // The order of the table within each severity.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut report = Report {
        checks: checks().count(),
        findings,
        counts: BTreeMap::new(),
        stale: Vec::new(),
        notes: facts.notes.clone(),
        version: facts.version,
    };
    report.count();
    report
}

fn administrator(cx: &Cx) -> Result<()> {
    if cx.access.admin && cx.viewer.is_none() {
        Ok(())
    } else {
        Err(Error::forbidden())
    }
}

#[cfg(test)]
mod tests;
