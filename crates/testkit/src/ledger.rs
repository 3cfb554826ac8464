//! The ledger: which steps of which scenario pass, committed beside the scenarios. It must
//! never claim too much, nor too little: both fail a check, so its history is the progress.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::report::{Outcome, Report, StepOutcome};

/// Which steps pass, by scenario.
#[derive(Debug, Default, PartialEq)]
pub struct Ledger {
    entries: BTreeMap<String, Entry>,
}

/// One scenario's line: `"1-12,14 of 20; waits 13,15-16"`.
#[derive(Debug, Default, Clone, PartialEq)]
struct Entry {
    passed: BTreeSet<usize>,
    total: usize,
    waits: BTreeSet<usize>,
}

impl Ledger {
    /// Where this crate's ledger is.
    #[must_use]
    pub fn path() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("ledger.json")
    }

    /// Reads a ledger.
    ///
    /// # Errors
    /// A file that cannot be read or is no ledger.
    pub fn load(path: &Path) -> Result<Self> {
        let text = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        let lines: BTreeMap<String, String> =
            serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))?;
        let mut entries = BTreeMap::new();
        for (label, line) in lines {
            let entry = Entry::parse(&line).with_context(|| format!("{label}: `{line}`"))?;
            entries.insert(label, entry);
        }
        Ok(Self { entries })
    }

    /// Writes it, one line a scenario, sorted.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let lines: BTreeMap<&String, String> = self
            .entries
            .iter()
            .map(|(label, entry)| (label, entry.line()))
            .collect();
        let text = serde_json::to_string_pretty(&lines)? + "\n";
        fs::write(path, text).with_context(|| format!("writing {}", path.display()))
    }

    /// Makes it say what a run found. Scenarios that were not run keep their lines, unless the
    /// run was whole: then they are gone.
    pub fn record(&mut self, report: &Report) {
        if report.whole {
            self.entries.clear();
        }
        for outcome in &report.scenarios {
            self.entries.insert(outcome.label.clone(), Entry::of(outcome));
        }
    }

    /// Compares it with a run.
    ///
    /// # Errors
    /// A line for each step that passed and no longer does, for each that passes unlisted, and for
    /// each scenario whose steps are others than listed.
    pub fn compare(&self, report: &Report) -> Result<(), Vec<String>> {
        let mut out = Vec::new();
        for outcome in &report.scenarios {
            out.extend(self.compare_outcome(outcome));
        }
        for label in self.entries.keys().filter(|_| report.whole) {
            if !report.scenarios.iter().any(|outcome| outcome.label == *label) {
                out.push(format!("{label}: listed, but there is no such scenario"));
            }
        }
        if out.is_empty() { Ok(()) } else { Err(out) }
    }

    /// What speaks against the ledger in one scenario's outcome.
    pub(crate) fn compare_outcome(&self, outcome: &Outcome) -> Vec<String> {
        let (label, found) = (&outcome.label, Entry::of(outcome));
        let Some(listed) = self.entries.get(label) else {
            return vec![format!("{label}: not listed")];
        };
        let mut out = Vec::new();
        if listed.total != found.total || listed.waits != found.waits {
            let (listed, found) = (listed.line(), found.line());
            out.push(format!("{label}: its steps are others (`{listed}`, found `{found}`)"));
        }
        for step in outcome.steps.iter().filter(|step| !self.agrees(label, step)) {
            let start = format!("{label} step {}", step.number);
            out.push(match step.differences.first() {
                Some(first) => format!("{start} passed, and fails now: {}: {first}", step.title),
                None => format!("{start} passes, and is not listed: {}", step.title),
            });
        }
        out
    }

    /// Whether a step does what is listed. Steps that wait may do what they want.
    pub(crate) fn agrees(&self, label: &str, step: &StepOutcome) -> bool {
        let entry = self.entries.get(label);
        let listed = entry.is_some_and(|entry| entry.passed.contains(&step.number));
        step.waits || listed == step.passes()
    }
}

impl Entry {
    fn of(outcome: &Outcome) -> Self {
        let numbers = |wanted: fn(&StepOutcome) -> bool| {
            let steps = outcome.steps.iter().filter(|step| wanted(step));
            steps.map(|step| step.number).collect()
        };
        Self {
            passed: numbers(|step| !step.waits && step.passes()),
            total: outcome.steps.len(),
            waits: numbers(|step| step.waits),
        }
    }

    fn line(&self) -> String {
        let mut out = format!("{} of {}", ranges(&self.passed), self.total);
        if !self.waits.is_empty() {
            out = format!("{out}; waits {}", ranges(&self.waits));
        }
        out
    }

    fn parse(line: &str) -> Result<Self> {
        let (rest, waits) = line.split_once("; waits ").unwrap_or((line, "none"));
        let (passed, total) = rest.split_once(" of ").context("expected `PASSED of TOTAL`")?;
        Ok(Self {
            passed: parse_ranges(passed)?,
            total: total.parse().context("the number of steps")?,
            waits: parse_ranges(waits)?,
        })
    }
}

/// `1-12,14`, or `none`.
fn ranges(numbers: &BTreeSet<usize>) -> String {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => spans.push((number, number)),
        }
    }
    if spans.is_empty() {
        return "none".to_owned();
    }
    let texts = spans.into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    });
    texts.collect::<Vec<_>>().join(",")
}

fn parse_ranges(text: &str) -> Result<BTreeSet<usize>> {
    let mut out = BTreeSet::new();
    if text == "none" {
        return Ok(out);
    }
    for span in text.split(',') {
        let (first, last) = span.split_once('-').unwrap_or((span, span));
        let (first, last): (usize, usize) = (first.parse()?, last.parse()?);
        if first > last {
            bail!("`{span}` runs backwards");
        }
        out.extend(first..=last);
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
