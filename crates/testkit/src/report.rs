//! What a run found, and how it is told: by step, by area, in all.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::scenario::{Scenario, area, is_apart};

/// The results of a run, sorted by scenario.
#[derive(Debug, Default)]
pub struct Report {
    /// Every scenario that was run.
    pub scenarios: Vec<Outcome>,
    /// Whether these are all there are, or a selection.
    pub whole: bool,
}

/// The results of one scenario.
#[derive(Debug)]
pub struct Outcome {
    /// Its path without `.json`: `access/structure`.
    pub label: String,
    /// Every step, in order.
    pub steps: Vec<StepOutcome>,
    /// Whether there was a server to ask. If not, every step fails for that alone.
    pub started: bool,
    /// Why the server did not start, or how it ended.
    pub trouble: Option<String>,
}

/// The result of one step.
#[derive(Debug)]
pub struct StepOutcome {
    /// Counted from one.
    pub number: usize,
    /// `METHOD path as who  # note`.
    pub title: String,
    /// Not counted: see [`Scenario::waits`].
    pub waits: bool,
    /// Where the answer differs from the recorded one; nowhere if the step passes.
    pub differences: Vec<String>,
}

#[derive(Default, Clone, Copy)]
struct Tally {
    passed: usize,
    counted: usize,
    waits: usize,
}

impl Outcome {
    /// The outcome of a scenario from the differences of its steps, which stand in order.
    pub(crate) fn new(scenario: &Scenario, differences: Vec<Vec<String>>, trouble: Option<String>) -> Self {
        let steps = scenario.steps.iter().zip(differences).enumerate();
        let steps = steps.map(|(at, (step, differences))| {
            let note = step.note.iter().map(|note| format!("  # {note}"));
            let note: String = note.collect();
            StepOutcome {
                number: at + 1,
                title: format!("{} {} as {}{note}", step.method, step.path, step.who()),
                waits: scenario.waits(step),
                differences,
            }
        });
        Self {
            label: scenario.label.clone(),
            steps: steps.collect(),
            started: true,
            trouble,
        }
    }

    /// The outcome of a scenario whose server did not start, and why.
    pub(crate) fn not_started(scenario: &Scenario, why: String) -> Self {
        let differences = vec!["the server did not start".to_owned()];
        let differences = vec![differences; scenario.steps.len()];
        Self {
            started: false,
            ..Self::new(scenario, differences, Some(why))
        }
    }

    /// How many of the steps that count pass, and how many count.
    #[must_use]
    pub fn score(&self) -> (usize, usize) {
        let tally = Tally::of(self);
        (tally.passed, tally.counted)
    }
}

impl StepOutcome {
    /// Whether the answer was the recorded one.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.differences.is_empty()
    }
}

impl Report {
    /// Passed and counted steps by area, the areas that come later apart, and in the last line
    /// `N passed, N failed`: of the areas that count, if the run has any of them.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut areas: BTreeMap<(bool, &str), Tally> = BTreeMap::new();
        for outcome in &self.scenarios {
            let area = area(&outcome.label);
            areas.entry((is_apart(area), area)).or_default().add(Tally::of(outcome));
        }
        let mut out = format!(
            "{:<12}{:>8}{:>9}{:>7}{:>9}\n",
            "area", "passed", "counted", "waits", "%"
        );
        let (mut total, mut later) = (Tally::default(), Tally::default());
        for (&(apart, area), tally) in &areas {
            if apart && later.is_empty() {
                out.push_str("reported apart:\n");
            }
            if apart { &mut later } else { &mut total }.add(*tally);
            out.push_str(&tally.line(area));
        }
        let whole = self.scenarios.iter().filter(|outcome| Tally::of(outcome).is_whole());
        // Writing to a text cannot fail.
        let _ = writeln!(out, "whole scenarios: {} of {}", whole.count(), self.scenarios.len());
        let total = if total.is_empty() { later } else { total };
        let _ = write!(out, "{} passed, {} failed", total.passed, total.counted - total.passed);
        out
    }
}

impl Tally {
    fn of(outcome: &Outcome) -> Self {
        let counted = outcome.steps.iter().filter(|step| !step.waits);
        Self {
            passed: counted.clone().filter(|step| step.passes()).count(),
            counted: counted.count(),
            waits: outcome.steps.iter().filter(|step| step.waits).count(),
        }
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.counted += other.counted;
        self.waits += other.waits;
    }

    fn is_empty(self) -> bool {
        self.counted + self.waits == 0
    }

    fn is_whole(self) -> bool {
        self.passed == self.counted
    }

    /// The share is rounded down, so that only all is 100.
    fn line(self, area: &str) -> String {
        let tenths = (self.passed * 1000).checked_div(self.counted).unwrap_or(0);
        format!(
            "{area:<12}{:>8}{:>9}{:>7}{:>7}.{}\n",
            self.passed,
            self.counted,
            self.waits,
            tenths / 10,
            tenths % 10
        )
    }
}

#[cfg(test)]
mod tests;
