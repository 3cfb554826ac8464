//! The table of a run: how many steps of each area pass, and why the others do not. It must never count a step that
//! failed unexpectedly among those with a reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::ledger::Ledger;
use crate::ledger::class::Kind;
use crate::report::{Outcome, Report};
use crate::scenario::{area, is_apart};

/// Steps of a scenario or an area by what became of them.
#[derive(Default, Clone, Copy)]
pub struct Tally {
    /// Steps that pass.
    pub passed: usize,
    /// Steps that fail and have no reason in the ledger.
    pub failed: usize,
    /// Steps that wait for a feature.
    pub waiting: usize,
    differs: usize,
    other: usize,
    todo: usize,
}

/// The table, the areas that come later apart, and in its last line `N passed, N failed`: of the areas that count, if
/// the run has any of them, without the steps that wait.
#[must_use]
pub fn summary(report: &Report, ledger: &Ledger) -> String {
    let mut areas: BTreeMap<(bool, &str), Tally> = BTreeMap::new();
    for outcome in &report.scenarios {
        let area = area(&outcome.label);
        let tally = Tally::of(outcome, ledger);
        areas.entry((is_apart(area), area)).or_default().add(tally);
    }
    let mut out = format!(
        "{:<12}{:>8}{:>8}{:>9}{:>9}{:>7}{:>6}{:>9}\n",
        "area", "passed", "failed", "waiting", "differs", "other", "todo", "%"
    );
    let (mut total, mut later) = (Tally::default(), Tally::default());
    for (&(apart, area), tally) in &areas {
        if apart && later.is_empty() {
            out.push_str("reported apart:\n");
        }
        if apart { &mut later } else { &mut total }.add(*tally);
        out.push_str(&tally.line(area));
    }
    let outcomes = report.scenarios.iter();
    let whole = outcomes.filter(|outcome| Tally::of(outcome, ledger).is_whole());
    // Writing to a text cannot fail.
    let _ = writeln!(out, "whole scenarios: {} of {}", whole.count(), report.scenarios.len());
    let total = if total.is_empty() { later } else { total };
    let _ = write!(
        out,
        "{} passed, {} failed",
        total.passed,
        total.counted() - total.passed
    );
    out
}

impl Tally {
    /// What became of a scenario's steps.
    #[must_use]
    pub fn of(outcome: &Outcome, ledger: &Ledger) -> Self {
        let mut tally = Self::default();
        for step in &outcome.steps {
            let class = ledger.class(&outcome.label, step.number).map(|class| class.kind);
            *match class {
                _ if step.passes() => &mut tally.passed,
                Some(Kind::Waiting) => &mut tally.waiting,
                Some(Kind::Differs) => &mut tally.differs,
                Some(Kind::Other | Kind::MariaDb) => &mut tally.other,
                Some(Kind::Todo) => &mut tally.todo,
                None => &mut tally.failed,
            } += 1;
        }
        tally
    }

    /// All steps but those that wait.
    #[must_use]
    pub fn counted(self) -> usize {
        self.passed + self.failed + self.differs + self.other + self.todo
    }

    /// Whether everything passes that does not wait.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.passed == self.counted()
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.waiting += other.waiting;
        self.differs += other.differs;
        self.other += other.other;
        self.todo += other.todo;
    }

    fn is_empty(self) -> bool {
        self.counted() + self.waiting == 0
    }

    /// The share is rounded down, so that only all is 100.
    fn line(self, area: &str) -> String {
        let tenths = (self.passed * 1000).checked_div(self.counted()).unwrap_or(0);
        format!(
            "{area:<12}{:>8}{:>8}{:>9}{:>9}{:>7}{:>6}{:>7}.{}\n",
            self.passed,
            self.failed,
            self.waiting,
            self.differs,
            self.other,
            self.todo,
            tenths / 10,
            tenths % 10
        )
    }
}

#[cfg(test)]
mod tests;
