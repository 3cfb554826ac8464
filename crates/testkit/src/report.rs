//! What a run found, step by step. It judges nothing: what was expected to fail is for the ledger to say.

use crate::scenario::Scenario;

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
    /// The later feature that the step is about: see [`Scenario::feature`].
    pub feature: Option<&'static str>,
    /// Where the answer differs from the recorded one; nowhere if the step passes.
    pub differences: Vec<String>,
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
                feature: scenario.feature(step),
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
}

impl StepOutcome {
    /// Whether the answer was the recorded one.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.differences.is_empty()
    }
}

#[cfg(test)]
mod tests;
