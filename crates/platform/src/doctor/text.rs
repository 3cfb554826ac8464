//! A report as people read it. Must never be parsed.

use std::fmt::Write as _;

use super::{Count, Level, Report, Standing, Step};

/// Headings, in their order.
const HEADINGS: [(Level, &str); 3] = [
    (Level::NotServed, "Not served"),
    (Level::Attention, "To look at"),
    (Level::Note, "To know"),
];

impl Report {
    /// What was found and what would be done, as text that ends with a line end.
    pub fn text(&self) -> String {
        let mut text = format!("{}. {}\n", self.database, self.standing.told());
        if !self.counts.is_empty() {
            text.push_str("\nFound\n");
            for count in &self.counts {
                line(&mut text, &counted(count));
            }
        }
        if !self.steps.is_empty() {
            text.push_str("\nWould be done (`aedile doctor --apply`)\n");
            for step in &self.steps {
                line(&mut text, &step.to_string());
            }
        }
        for (level, heading) in HEADINGS {
            let mut found = self.findings.iter().filter(|finding| finding.level == level).peekable();
            if found.peek().is_some() {
                text.push('\n');
                text.push_str(heading);
                text.push('\n');
                found.for_each(|finding| line(&mut text, &finding.text));
            }
        }
        text.push('\n');
        text.push_str(match self.standing {
            Standing::Untouched { .. } => {
                "Nothing was changed. `aedile doctor --apply` does what would be done; `aedile start` serves it then."
            }
            _ => self.standing.advice(),
        });
        text.push('\n');
        text
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Migration { name } => write!(f, "Aedile's own tables (aedile_*): {name}"),
            Step::Index { name, table, column } => {
                write!(f, "an index on the foreign key \"{table}.{column}\": {name}")
            }
        }
    }
}

fn line(text: &mut String, words: &str) {
    text.push_str("  ");
    text.push_str(words);
    text.push('\n');
}

fn counted(count: &Count) -> String {
    let mut text = format!("{} {}", count.count, count.what);
    for (n, words) in count.of_these.iter().filter(|(n, _)| *n > 0) {
        // Writing to a text does not fail.
        write!(text, ", {n} {words}").ok();
    }
    text
}
