//! What a ledger may say. It must never let a failing step stand without a reason, nor a difference without its
//! explanation.

use std::collections::{BTreeMap, BTreeSet};

use super::class::Kind;
use super::{Ledger, entry::ranges};
use crate::scenario::{FEATURES, area};

/// The areas of which every step passes, but for what is bounded here.
const FINISHED: [&str; 6] = ["access", "auth", "content", "items", "schema", "system"];

/// A finished area differs for at most so many invariants.
const INVARIANTS: usize = 10;

/// In all finished areas together at most so many steps fail for another reason.
const OTHERS: usize = 10;

impl Ledger {
    /// What is wrong with the ledger itself, given the texts of `docs/differences.md` and `ARCHITECTURE.md`: steps without
    /// a reason, reasons that nobody explained, and more of them than a finished area may have.
    #[must_use]
    pub fn complaints(&self, differences: &str, architecture: &str) -> Vec<String> {
        let mut out = Vec::new();
        for (label, entry) in &self.entries {
            let steps = entry.unclassified();
            if !steps.is_empty() {
                let steps = ranges(&steps);
                out.push(format!(
                    "{label}: failing without a reason: {steps} (write `differs: ...`, `other: ...` or `todo: ...`)"
                ));
            }
            for class in entry.classes.keys().filter(|class| class.kind == Kind::Waiting) {
                if !FEATURES.contains(&class.name.as_str()) {
                    out.push(format!("{label}: `{class}`: there is no such feature"));
                }
            }
        }
        out.extend(self.unexplained(differences, architecture));
        let mut others = 0;
        for finished in FINISHED {
            others += self.excess(finished, &mut out);
        }
        if others > OTHERS {
            out.push(format!(
                "the finished areas have {others} other steps that fail, of {OTHERS} at most"
            ));
        }
        out
    }

    /// The invariants that steps differ for, each with its steps by scenario.
    fn differing(&self) -> BTreeMap<&str, Vec<String>> {
        let mut out: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (label, entry) in &self.entries {
            for (class, steps) in entry.classes.iter().filter(|(class, _)| class.kind == Kind::Differs) {
                let told = format!("`{label}` {}", ranges(steps));
                out.entry(&class.name).or_default().push(told);
            }
        }
        out
    }

    /// Each invariant is one of the architecture's, and has a section of its name, which lists its steps.
    fn unexplained(&self, differences: &str, architecture: &str) -> Vec<String> {
        let mut out = Vec::new();
        let told = self.differing();
        for (name, steps) in &told {
            if !architecture.contains(&format!("**{name}.**")) {
                out.push(format!("ARCHITECTURE.md has no invariant `{name}`"));
            }
            let line = format!("Recorded steps: {}", steps.join("; "));
            match section(differences, name) {
                None => out.push(format!("docs/differences.md has no section `## {name}`")),
                Some(text) if !text.lines().any(|found| found == line) => {
                    out.push(format!("docs/differences.md, `## {name}`, has no line `{line}`"));
                }
                Some(_) => {}
            }
        }
        let headings = differences.split("\n## ").skip(1).filter_map(|text| {
            let (name, rest) = text.split_once('\n')?;
            rest.contains("Recorded steps: ").then_some(name)
        });
        for name in headings.filter(|name| !told.contains_key(name)) {
            out.push(format!(
                "docs/differences.md, `## {name}`, lists steps, and the ledger none"
            ));
        }
        out
    }

    /// What is too much in a finished area; counts the steps that fail for another reason.
    fn excess(&self, finished: &str, out: &mut Vec<String>) -> usize {
        let (mut invariants, mut others) = (BTreeSet::new(), 0);
        for (label, entry) in self.entries.iter().filter(|(label, _)| area(label) == finished) {
            for (class, steps) in &entry.classes {
                match class.kind {
                    Kind::Waiting => {}
                    Kind::Differs => {
                        invariants.insert(&class.name);
                    }
                    Kind::Other | Kind::MariaDb => others += steps.len(),
                    Kind::Todo => out.push(format!("{label}: `{class}`: {finished}/ leaves nothing to do")),
                }
            }
        }
        if invariants.len() > INVARIANTS {
            let found = invariants.len();
            out.push(format!(
                "{finished}/ differs for {found} invariants, of {INVARIANTS} at most"
            ));
        }
        others
    }
}

fn section<'a>(document: &'a str, heading: &str) -> Option<&'a str> {
    let start = format!("\n## {heading}\n");
    let (_, rest) = document.split_once(&start)?;
    Some(rest.split_once("\n## ").map_or(rest, |(text, _)| text))
}
