//! Mutants that change nothing anybody could notice, each with its reason (xtask/mutants.toml). What is listed and
//! noticed after all is an error: a reason that is wrong is worse than none.

use std::{collections::HashMap, fs};

use anyhow::{Context, Result, bail};

use super::census::{Census, Counts, Key, Verdict};
use crate::shell;

/// The list, below the root.
const LIST: &str = "xtask/mutants.toml";

/// At most one of so many mutants may be listed.
const ONE_IN: usize = 20;

/// The listed mutants, with their reasons.
#[derive(Debug)]
pub struct Equivalents {
    listed: Vec<(Key, String)>,
}

impl Equivalents {
    /// Reads the list.
    ///
    /// # Errors
    /// When it is not there, or an entry is not whole.
    pub fn read() -> Result<Equivalents> {
        let text = fs::read_to_string(shell::root().join(LIST)).with_context(|| format!("{LIST} cannot be read"))?;
        Equivalents::parse(&text)
    }

    pub(super) fn parse(text: &str) -> Result<Equivalents> {
        let table: toml::Table = text.parse().with_context(|| format!("{LIST} is malformed"))?;
        let entries = match table.get("equivalent") {
            Some(toml::Value::Array(entries)) => entries.as_slice(),
            None => &[],
            Some(_) => bail!("{LIST}: `equivalent` is a list of tables"),
        };
        let listed = entries.iter().map(|entry| {
            let text = |name: &str| {
                let found = entry.get(name).and_then(toml::Value::as_str);
                let found = found.filter(|text| !text.trim().is_empty());
                found
                    .map(str::to_owned)
                    .with_context(|| format!("{LIST}: an entry without `{name}`: {entry:?}"))
            };
            let key = Key {
                file: text("file")?,
                line: text("line")?,
                change: text("change")?,
                nth: entry
                    .get("nth")
                    .and_then(toml::Value::as_integer)
                    .map_or(Ok(1), u64::try_from)?,
            };
            Ok((key, text("reason")?))
        });
        Ok(Equivalents {
            listed: listed.collect::<Result<_>>()?,
        })
    }

    /// The reason why a mutant changes nothing, if it is listed.
    pub fn reason(&self, key: &Key) -> Option<&str> {
        let found = self.listed.iter().find(|(listed, _)| listed == key);
        found.map(|(_, reason)| reason.as_str())
    }

    /// What is wrong: survivors without a reason, reasons without a survivor, too many reasons.
    pub fn judge(&self, census: &Census) -> Vec<String> {
        let verdicts: HashMap<&Key, Option<Verdict>> = census.mutants.iter().map(|m| (&m.key, m.verdict)).collect();
        let mut findings = Vec::new();
        for mutant in &census.mutants {
            match mutant.verdict {
                None => findings.push(format!("not tried: {}", mutant.name)),
                Some(Verdict::Survived) if self.reason(&mutant.key).is_none() => {
                    findings.push(format!("survives: {}", mutant.name));
                }
                Some(_) => {}
            }
        }
        for (key, _) in &self.listed {
            match verdicts.get(key) {
                None => findings.push(format!("{LIST} lists what is not there: {}: {}", key.file, key.change)),
                Some(Some(Verdict::Survived) | None) => {}
                Some(Some(_)) => findings.push(format!("{LIST} lists what is noticed: {}: {}", key.file, key.change)),
            }
        }
        let Counts { all, .. } = census.counts();
        let viable = census.counts().viable();
        if self.listed.len() * ONE_IN > viable {
            findings.push(format!(
                "{LIST} lists {} of {viable} mutants that compile ({all} in all): at most one in {ONE_IN}",
                self.listed.len()
            ));
        }
        findings
    }
}

#[cfg(test)]
mod tests;
