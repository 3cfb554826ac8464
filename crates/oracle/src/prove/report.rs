//! What a run has tried and found. A run that compares refusals with refusals only proves nothing: so it tells its shares.

use std::{fmt, time::Duration};

use serde_json::Value as Json;

use super::Finding;

/// The counts of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Worlds made.
    pub worlds: u64,
    /// Questions compared.
    pub cases: u64,
    /// Of them malformed before anything was known of rights.
    pub malformed: u64,
    /// Refused.
    pub refused: u64,
    /// Answered without rows.
    pub empty: u64,
    /// Answered with rows.
    pub rows: u64,
    /// Answers in which some value was told as null for want of a right to it.
    pub masked: u64,
    /// Questions asked again after a change of hidden values.
    pub leak: u64,
    /// Of them, those whose world really had hidden values that changed.
    pub changed: u64,
    /// Of them, those in whose own collection some changed.
    pub near: u64,
    /// Of all asked again, those answered with something.
    pub telling: u64,
    /// Of them, those with both: something changed, and something was told.
    pub strong: u64,
    /// Writes judged.
    pub writes: u64,
    /// Of them, those that were allowed.
    pub written: u64,
    /// How long it took.
    pub took: Duration,
    /// What went wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn count(&mut self, malformed: bool, answer: &Option<Json>) {
        self.cases += 1;
        match answer {
            None if malformed => self.malformed += 1,
            None => self.refused += 1,
            Some(answer) if is_empty(answer.get("data").unwrap_or(&Json::Null)) => self.empty += 1,
            Some(_) => self.rows += 1,
        }
    }

    pub(super) fn add(&mut self, other: Report) {
        self.worlds += other.worlds;
        self.cases += other.cases;
        self.malformed += other.malformed;
        self.refused += other.refused;
        self.empty += other.empty;
        self.rows += other.rows;
        self.masked += other.masked;
        self.leak += other.leak;
        self.changed += other.changed;
        self.near += other.near;
        self.telling += other.telling;
        self.strong += other.strong;
        self.writes += other.writes;
        self.written += other.written;
        self.findings.extend(other.findings);
    }

    /// Whether nothing was found, and enough was asked that could have been.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Whether an answer tells nothing.
pub(super) fn is_empty(data: &Json) -> bool {
    match data {
        Json::Null => true,
        Json::Array(list) => list.is_empty(),
        Json::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// Parts of a hundred, for people.
pub fn share(part: u64, of: u64) -> u64 {
    (100 * part).checked_div(of).unwrap_or(0)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |part| format!("{part} ({} %)", share(part, self.cases));
        writeln!(f, "worlds     {}", self.worlds)?;
        writeln!(f, "compared   {}", self.cases)?;
        writeln!(f, "  allowed, with rows       {}", of(self.rows))?;
        writeln!(f, "  allowed, empty           {}", of(self.empty))?;
        writeln!(f, "  denied                   {}", of(self.refused))?;
        writeln!(f, "  malformed                {}", of(self.malformed))?;
        writeln!(f, "  masked values among rows {}", of(self.masked))?;
        let of = |part| format!("{part} ({} %)", share(part, self.leak));
        writeln!(f, "asked again {}", self.leak)?;
        writeln!(f, "  hidden values changed    {}", of(self.changed))?;
        writeln!(f, "  in the asked collection  {}", of(self.near))?;
        writeln!(f, "  answered with something  {}", of(self.telling))?;
        writeln!(f, "  both of the latter       {}", of(self.strong))?;
        writeln!(f, "writes     {}", self.writes)?;
        writeln!(
            f,
            "  allowed                  {} ({} %)",
            self.written,
            share(self.written, self.writes)
        )?;
        let seconds = self.took.as_secs_f64().max(f64::EPSILON);
        let all = self.cases + self.leak + self.writes;
        let rate = Duration::from_secs(all).as_secs_f64() / seconds;
        writeln!(f, "in all     {all} cases in {seconds:.0} s: {rate:.0} cases/s")?;
        writeln!(f, "findings   {}", self.findings.len())?;
        for finding in &self.findings {
            write!(f, "\n{finding}")?;
        }
        Ok(())
    }
}
