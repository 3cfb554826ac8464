//! One scenario's line of the ledger. A step that it does not name fails without a reason; it must never name one twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, bail, ensure};

use super::class::Class;

/// `"1-12,14 of 20; waiting: files 13,15-16; differs: Secrets stay secret 17-20"`.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Entry {
    pub passed: BTreeSet<usize>,
    pub total: usize,
    pub classes: BTreeMap<Class, BTreeSet<usize>>,
}

impl Entry {
    /// Why the step is known to fail.
    pub fn class(&self, step: usize) -> Option<&Class> {
        let mut found = self.classes.iter().filter(|(_, steps)| steps.contains(&step));
        found.next().map(|(class, _)| class)
    }

    /// The steps that neither pass nor say why.
    pub fn unclassified(&self) -> BTreeSet<usize> {
        let steps = 1..=self.total;
        steps
            .filter(|step| !self.passed.contains(step) && self.class(*step).is_none())
            .collect()
    }

    pub fn line(&self) -> String {
        let mut out = format!("{} of {}", ranges(&self.passed), self.total);
        for (class, steps) in &self.classes {
            // Writing to a text cannot fail.
            let _ = write!(out, "; {class} {}", ranges(steps));
        }
        out
    }

    pub fn parse(line: &str) -> Result<Self> {
        let mut parts = line.split("; ");
        let (passed, total) = parts
            .next()
            .and_then(|first| first.split_once(" of "))
            .context("expected `PASSED of TOTAL`")?;
        let mut entry = Self {
            passed: parse_ranges(passed)?,
            total: total.parse().context("the number of steps")?,
            classes: BTreeMap::new(),
        };
        let mut named = entry.passed.clone();
        for part in parts {
            let (class, steps) = part.rsplit_once(' ').context("expected `CLASS: NAME STEPS`")?;
            let class = Class::parse(class).with_context(|| format!("`{class}` is no reason"))?;
            let steps = parse_ranges(steps)?;
            for step in &steps {
                ensure!(named.insert(*step), "step {step} is named twice");
            }
            entry.classes.insert(class, steps);
        }
        ensure!(
            named.iter().all(|step| (1..=entry.total).contains(step)),
            "there is no such step"
        );
        Ok(entry)
    }
}

/// `1-12,14`, or `none`.
pub(super) fn ranges(numbers: &BTreeSet<usize>) -> String {
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

pub(super) fn parse_ranges(text: &str) -> Result<BTreeSet<usize>> {
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
