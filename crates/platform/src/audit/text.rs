//! A report for people: the gravest first, each with its evidence, why it matters, and what mends it.

use std::fmt::Write;

use super::{Finding, Report, check::Severity};

/// The report as text.
pub(super) fn text(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a text does not fail.
    let _ = write(report, &mut out);
    out
}

fn write(report: &Report, out: &mut String) -> std::fmt::Result {
    for finding in report.open() {
        one(finding, out)?;
    }
    let accepted: Vec<&Finding> = report.findings.iter().filter(|one| one.accepted.is_some()).collect();
    if !accepted.is_empty() {
        writeln!(out, "Accepted")?;
        for finding in &accepted {
            let reason = finding.accepted.as_deref().unwrap_or_default();
            writeln!(out, "  {} on {}: {reason}", finding.check, finding.on)?;
        }
        writeln!(out)?;
    }
    if !report.stale.is_empty() {
        writeln!(out, "Accepted, and not found any more; take these out of the baseline")?;
        for entry in &report.stale {
            writeln!(out, "  {entry}")?;
        }
        writeln!(out)?;
    }
    for note in &report.notes {
        writeln!(out, "Note: {note}.")?;
    }
    let counts: Vec<String> = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low]
        .into_iter()
        .filter_map(|severity| {
            Some(format!(
                "{} {}",
                report.counts.get(severity.as_str())?,
                severity.as_str()
            ))
        })
        .collect();
    let counts = if counts.is_empty() {
        "nothing found".to_owned()
    } else {
        counts.join(", ")
    };
    writeln!(out, "{} checks: {counts}; {} accepted", report.checks, accepted.len())
}

fn one(finding: &Finding, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "{} {}: {}",
        finding.severity.as_str().to_uppercase(),
        finding.check,
        finding.title
    )?;
    writeln!(out, "  on    {}", finding.on)?;
    writeln!(out, "  seen  {}", finding.evidence)?;
    writeln!(out, "  why   {}", finding.why)?;
    let by_fix = if finding.fixable { "   (--fix)" } else { "" };
    writeln!(out, "  mend  {}{by_fix}\n", finding.change)
}
