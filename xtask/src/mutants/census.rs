//! Every mutant and what became of it. A mutant is known by what it does and by the text of its line, so that verdicts
//! and reasons outlive edits elsewhere in the file; where those change, nothing is known of it any more.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::shell;

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The engine's tests noticed.
    Engine,
    /// The proofs noticed.
    Proofs,
    /// The tests came to no end.
    Timeout,
    /// It does not compile: nothing to notice.
    Unviable,
    /// Nobody noticed.
    Survived,
}

const NAMES: [(Verdict, &str); 5] = [
    (Verdict::Engine, "engine"),
    (Verdict::Proofs, "proofs"),
    (Verdict::Timeout, "timeout"),
    (Verdict::Unviable, "unviable"),
    (Verdict::Survived, "survived"),
];

/// What a mutant is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Its file, below the root.
    pub file: String,
    /// The line it changes, trimmed.
    pub line: String,
    /// What it does.
    pub change: String,
    /// Which of several that do the same to the same text, from one.
    pub nth: u64,
}

/// A mutant.
#[derive(Debug)]
pub struct Mutant {
    pub key: Key,
    /// What cargo-mutants calls it, with its place.
    pub name: String,
    /// None while it has not been tried to the end.
    pub verdict: Option<Verdict>,
    /// Survived the stages that have tried it so far.
    pub pending: bool,
}

/// All of them, in the order of the files.
#[derive(Debug)]
pub struct Census {
    pub mutants: Vec<Mutant>,
}

/// The file that verdicts are kept in between runs.
const KEPT: &str = "verdicts.json";

impl Census {
    /// The mutants that cargo-mutants lists.
    ///
    /// # Errors
    /// When a source cannot be read.
    pub fn of(listed: Vec<Value>) -> Result<Census> {
        let mut sources = HashMap::new();
        for file in listed.iter().filter_map(|mutant| mutant.get("file")?.as_str()) {
            if !sources.contains_key(file) {
                let text = fs::read_to_string(shell::root().join(file))?;
                sources.insert(file.to_owned(), text);
            }
        }
        Census::from(&listed, &sources)
    }

    pub(super) fn from(listed: &[Value], sources: &HashMap<String, String>) -> Result<Census> {
        let mut seen: HashMap<Key, u64> = HashMap::new();
        let mutants = listed.iter().map(|mutant| {
            let told = || format!("cargo-mutants listed {mutant}");
            let name = mutant.get("name").and_then(Value::as_str).with_context(told)?;
            let file = mutant.get("file").and_then(Value::as_str).with_context(told)?;
            let place = mutant
                .pointer("/span/start/line")
                .and_then(Value::as_u64)
                .with_context(told)?;
            let mut lines = sources.get(file).into_iter().flat_map(|text| text.lines());
            let line = lines.nth(usize::try_from(place)?.saturating_sub(1));
            let mut key = Key {
                file: file.to_owned(),
                line: line.unwrap_or_default().trim().to_owned(),
                change: change(name, file).with_context(told)?.to_owned(),
                nth: 0,
            };
            let nth = seen.entry(key.clone()).or_default();
            *nth += 1;
            key.nth = *nth;
            Ok(Mutant {
                key,
                name: name.to_owned(),
                verdict: None,
                pending: false,
            })
        });
        Ok(Census {
            mutants: mutants.collect::<Result<_>>()?,
        })
    }

    /// Takes over what an earlier run found, where it still stands.
    ///
    /// # Errors
    /// When the verdicts are there and cannot be read.
    pub fn remember(&mut self, folder: &Path, stands: impl Fn(&str, Verdict) -> bool) -> Result<()> {
        let Ok(text) = fs::read_to_string(folder.join(KEPT)) else {
            return Ok(());
        };
        let kept: Vec<Value> = serde_json::from_str(&text).with_context(|| format!("{KEPT} is damaged"))?;
        let kept: HashMap<Key, Verdict> = kept.iter().filter_map(read).collect();
        for mutant in &mut self.mutants {
            mutant.verdict = kept
                .get(&mutant.key)
                .copied()
                .filter(|verdict| stands(&mutant.key.file, *verdict));
        }
        Ok(())
    }

    /// Keeps every verdict for the next run.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep(&self, folder: &Path) -> Result<()> {
        let known = self.mutants.iter().filter_map(|mutant| {
            let name = NAMES.iter().find(|(verdict, _)| Some(*verdict) == mutant.verdict)?.1;
            let Key {
                file,
                line,
                change,
                nth,
            } = &mutant.key;
            Some(json!({"file": file, "line": line, "change": change, "nth": nth, "verdict": name}))
        });
        fs::create_dir_all(folder)?;
        fs::write(
            folder.join(KEPT),
            serde_json::to_string_pretty(&known.collect::<Vec<_>>())?,
        )?;
        Ok(())
    }

    /// The files and names of those that are not judged yet.
    pub fn waiting(&self) -> Vec<(String, String)> {
        let waiting = self.mutants.iter().filter(|mutant| mutant.verdict.is_none());
        waiting
            .map(|mutant| (mutant.key.file.clone(), mutant.name.clone()))
            .collect()
    }

    /// Takes over what a stage found: mutants that it noticed have been killed by it.
    ///
    /// # Errors
    /// When its outcomes cannot be read.
    pub fn learn(&mut self, outcomes: &Path, killed: Verdict) -> Result<()> {
        let told = || format!("{} tells no outcomes", outcomes.display());
        let told_all: Value = serde_json::from_str(&fs::read_to_string(outcomes).with_context(told)?)?;
        let list = told_all.get("outcomes").and_then(Value::as_array).with_context(told)?;
        let found: HashMap<&str, &str> = list.iter().filter_map(outcome).collect();
        for mutant in self.mutants.iter_mut().filter(|mutant| mutant.verdict.is_none()) {
            match found.get(mutant.name.as_str()) {
                Some(&"CaughtMutant") => mutant.verdict = Some(killed),
                Some(&"Timeout") => mutant.verdict = Some(Verdict::Timeout),
                Some(&"Unviable") => mutant.verdict = Some(Verdict::Unviable),
                Some(&"MissedMutant") => mutant.pending = true,
                _ => mutant.pending = false,
            }
        }
        Ok(())
    }

    /// What survived the last stage has survived.
    pub fn conclude(&mut self) {
        for mutant in self.mutants.iter_mut().filter(|mutant| mutant.pending) {
            mutant.verdict.get_or_insert(Verdict::Survived);
        }
    }

    /// How many mutants of each verdict a file has.
    pub fn by_file(&self) -> BTreeMap<&str, Counts> {
        let mut files: BTreeMap<&str, Counts> = BTreeMap::new();
        for mutant in &self.mutants {
            files.entry(&mutant.key.file).or_default().add(mutant.verdict);
        }
        files
    }

    /// How many mutants of each verdict there are.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for mutant in &self.mutants {
            counts.add(mutant.verdict);
        }
        counts
    }

    /// One line for people.
    pub fn summary(&self) -> String {
        let n = self.counts();
        format!(
            "{} mutants: {} noticed by the engine's tests, {} by the proofs, {} without end, {} do not compile, {} survive, \
             {} not tried",
            n.all, n.engine, n.proofs, n.timeout, n.unviable, n.survived, n.unknown
        )
    }
}

/// How many mutants of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub all: usize,
    pub engine: usize,
    pub proofs: usize,
    pub timeout: usize,
    pub unviable: usize,
    pub survived: usize,
    pub unknown: usize,
}

impl Counts {
    fn add(&mut self, verdict: Option<Verdict>) {
        self.all += 1;
        *match verdict {
            Some(Verdict::Engine) => &mut self.engine,
            Some(Verdict::Proofs) => &mut self.proofs,
            Some(Verdict::Timeout) => &mut self.timeout,
            Some(Verdict::Unviable) => &mut self.unviable,
            Some(Verdict::Survived) => &mut self.survived,
            None => &mut self.unknown,
        } += 1;
    }

    /// Those that compile: the ones tests could notice.
    pub fn viable(self) -> usize {
        self.all - self.unviable
    }
}

/// `replace a with b in f` of `file:line:column: replace a with b in f`.
fn change<'a>(name: &'a str, file: &str) -> Option<&'a str> {
    let mut parts = name.strip_prefix(file)?.strip_prefix(':')?.splitn(3, ':');
    parts.nth(2).map(str::trim)
}

fn read(kept: &Value) -> Option<(Key, Verdict)> {
    let text = |name: &str| kept.get(name).and_then(Value::as_str).map(str::to_owned);
    let verdict = text("verdict")?;
    let key = Key {
        file: text("file")?,
        line: text("line")?,
        change: text("change")?,
        nth: kept.get("nth")?.as_u64()?,
    };
    Some((key, NAMES.iter().find(|(_, name)| *name == verdict)?.0))
}

fn outcome(told: &Value) -> Option<(&str, &str)> {
    Some((
        told.pointer("/scenario/Mutant/name")?.as_str()?,
        told.get("summary")?.as_str()?,
    ))
}

#[cfg(test)]
mod tests;
