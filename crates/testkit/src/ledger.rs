//! The ledger: which steps of which scenario pass, and why each of the others does not, committed beside the
//! scenarios. It must never claim too much, nor too little: both fail a check, so its history is the progress.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::report::{Outcome, Report, StepOutcome};

mod bounds;
pub(crate) mod class;
mod entry;

use class::Class;
use entry::Entry;

/// Which steps pass and why others fail, by scenario.
#[derive(Debug, Default, PartialEq)]
pub struct Ledger {
    entries: BTreeMap<String, Entry>,
    /// The run it is held against is one on MariaDB.
    mariadb: bool,
}

impl Ledger {
    /// For a run on MariaDB, or on another database.
    #[must_use]
    pub fn on_mariadb(self, mariadb: bool) -> Self {
        Self { mariadb, ..self }
    }

    /// Where this crate's ledger is.
    #[must_use]
    pub fn path() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("ledger.json")
    }

    /// What is wrong with the ledger itself, by what the project's documents explain: see [`Ledger::complaints`].
    ///
    /// # Errors
    /// A document that cannot be read.
    pub fn review(&self) -> Result<Vec<String>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| format!("reading {name}"));
        Ok(self.complaints(&read("docs/differences.md")?, &read("ARCHITECTURE.md")?))
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
        Ok(Self {
            entries,
            mariadb: false,
        })
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

    /// Makes it say what a run found. A step that still fails keeps its reason; one that fails anew waits for its
    /// feature if that comes later, and else has no reason until somebody writes one. Scenarios that were not run keep
    /// their lines, unless the run was whole: then they are gone.
    pub fn record(&mut self, report: &Report) {
        let mut known = std::mem::take(&mut self.entries);
        for outcome in &report.scenarios {
            let entry = found(outcome, known.remove(&outcome.label), self.mariadb);
            self.entries.insert(outcome.label.clone(), entry);
        }
        if !report.whole {
            self.entries.append(&mut known);
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
        let label = &outcome.label;
        let Some(listed) = self.entries.get(label) else {
            return vec![format!("{label}: not listed")];
        };
        let mut out = Vec::new();
        if listed.total != outcome.steps.len() {
            let (listed, found) = (listed.total, outcome.steps.len());
            out.push(format!(
                "{label}: its steps are others ({listed} listed, {found} found)"
            ));
        }
        for step in outcome.steps.iter().filter(|step| !self.agrees(label, step)) {
            let start = format!("{label} step {}", step.number);
            out.push(match (step.differences.first(), listed.class(step.number)) {
                (Some(first), _) => format!("{start} passed, and fails now: {}: {first}", step.title),
                (None, Some(class)) => format!("{start} passes, and is listed as `{class}`: {}", step.title),
                (None, None) => format!("{start} passes, and is not listed: {}", step.title),
            });
        }
        out
    }

    /// Whether a step does what is listed.
    pub(crate) fn agrees(&self, label: &str, step: &StepOutcome) -> bool {
        let entry = self.entries.get(label);
        let listed = entry.is_some_and(|entry| {
            let elsewhere = entry.class(step.number).is_some_and(|class| class.is_of_mariadb());
            entry.passed.contains(&step.number) || (elsewhere && !self.mariadb)
        });
        listed == step.passes()
    }

    /// Why a step is known to fail; none if it is listed as passing, or not at all.
    #[must_use]
    pub fn class(&self, label: &str, step: usize) -> Option<&Class> {
        self.entries.get(label)?.class(step)
    }
}

/// What a run found of one scenario, with the reasons that were known before.
fn found(outcome: &Outcome, known: Option<Entry>, mariadb: bool) -> Entry {
    let mut entry = Entry {
        total: outcome.steps.len(),
        ..Entry::default()
    };
    let known = known.filter(|known| known.total == entry.total).unwrap_or_default();
    for step in &outcome.steps {
        let class = known.class(step.number).cloned();
        let elsewhere = class.as_ref().is_some_and(Class::is_of_mariadb) && !mariadb;
        if step.passes() && !elsewhere {
            entry.passed.insert(step.number);
            continue;
        }
        if let Some(class) = class.or_else(|| step.feature.map(Class::waiting)) {
            entry.classes.entry(class).or_default().insert(step.number);
        }
    }
    entry
}

#[cfg(test)]
mod tests;
