//! Expectations of who can and who cannot do what, judged on the project as it is: by the access that requests are judged by,
//! on the rows there are, and for payloads by doing it in a transaction that is undone. What shows nothing does not pass:
//! an expectation about rows that are not there, or a refusal that would meet anybody, is told as failed.

mod case;
mod judge;
mod told;

use std::fmt::Write;

use aedile_engine::{Error, Result};
use serde::Serialize;

use crate::{
    Cx,
    access_file::Stored,
    document::{Document, Problems, reader::Reader},
};
use case::Case;

/// A file of expectations.
pub struct Suite {
    file: String,
    cases: Vec<Case>,
}

/// How expectations came out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// How many hold.
    pub passed: usize,
    /// How many do not.
    pub failed: usize,
    /// Each of them.
    pub outcomes: Vec<Outcome>,
}

/// How one expectation came out.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// The file it is in.
    pub file: String,
    /// Its line there.
    pub line: Option<usize>,
    /// What is expected.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// Why not, and what decides.
    pub why: Vec<String>,
}

/// Reads a file of expectations; `file` is what it is called.
///
/// # Errors
/// Everything that is wrong in it at once, each with its place.
pub fn read(file: &str, text: &str) -> Result<Suite, Problems> {
    let document = Document::read(text)?;
    let mut reader = Reader::of(&document);
    let cases = case::cases(&mut reader, &document);
    Ok(Suite {
        cases: reader.finish(cases)?,
        file: file.to_owned(),
    })
}

/// Judges every expectation, in their order. Nothing is changed.
///
/// # Errors
/// `FORBIDDEN` to all but administrators and the operator; what the database answers.
pub async fn judge(cx: &Cx, suites: &[Suite]) -> Result<Report> {
    if !cx.access.admin || cx.viewer.is_some() {
        return Err(Error::forbidden());
    }
    let stored = Stored::load(cx.app.db()).await?;
    let mut report = Report::default();
    for suite in suites {
        for case in &suite.cases {
            let why = judge::judge(cx, &stored, case).await?;
            let passed = why.is_empty();
            report.passed += usize::from(passed);
            report.failed += usize::from(!passed);
            report.outcomes.push(Outcome {
                file: suite.file.clone(),
                line: case.line,
                name: case.name.clone().unwrap_or_else(|| told::name(cx.schema(), case)),
                passed,
                why,
            });
        }
    }
    Ok(report)
}

impl Report {
    /// As text for a terminal: a line for each, why those that do not hold do not, and the sum.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string never fails.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        for outcome in &self.outcomes {
            if outcome.passed {
                writeln!(out, "✓ {}", outcome.name)?;
                continue;
            }
            let line = outcome.line.map_or_else(String::new, |line| format!(":{line}"));
            writeln!(out, "✗ {} ({}{line})", outcome.name, outcome.file)?;
            for why in &outcome.why {
                writeln!(out, "    {why}")?;
            }
        }
        writeln!(out, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests;
