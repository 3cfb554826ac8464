//! What counts as a finding, and the report of a run. Every answer is judged; none is excused by what was asked.

use std::{collections::BTreeMap, fmt, io, ops::Range, time::Duration};

use serde_json::Value;

use super::request::{Request, Sender};
use crate::wire::Answer;

/// A run ends early with this many findings: more of them tell nothing new.
const ENOUGH: usize = 20;

/// How much of a request or an answer is quoted, in characters.
const QUOTE: usize = 600;

/// Judges answers.
pub(crate) struct Judge<'a> {
    canaries: &'a [String],
    harmless: bool,
    latency: Duration,
}

impl<'a> Judge<'a> {
    /// A judge for one round. Where the administrator is `harmless`, nobody else may see a canary.
    pub(crate) fn new(canaries: &'a [String], harmless: bool, latency: Duration) -> Self {
        Self {
            canaries,
            harmless,
            latency,
        }
    }

    /// What is wrong with an answer, if anything is.
    pub(crate) fn judge(&self, request: &Request, answer: &io::Result<Answer>, took: Duration) -> Option<String> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Some(format!("no answer: {error}")),
        };
        if answer.status >= 500 {
            return Some(format!("status {}: {}", answer.status, quote(&answer.body)));
        }
        if took > self.latency {
            return Some(format!("took {} ms", took.as_millis()));
        }
        malformed(answer).or_else(|| self.leak(request, answer))
    }

    fn leak(&self, request: &Request, answer: &Answer) -> Option<String> {
        if !self.harmless || request.sender == Sender::Administrator {
            return None;
        }
        let found = self
            .canaries
            .iter()
            .find(|canary| contains(&answer.body, canary.as_bytes()))?;
        let echoed = contains(&request.bytes, found.as_bytes());
        (!echoed).then(|| format!("{:?} sees `{found}`: {}", request.sender, quote(&answer.body)))
    }
}

/// JSON that is none, or an error without a code.
fn malformed(answer: &Answer) -> Option<String> {
    if !answer.content_type.starts_with("application/json") || answer.body.is_empty() {
        return None;
    }
    let Ok(value) = serde_json::from_slice::<Value>(&answer.body) else {
        return Some(format!("malformed JSON: {}", quote(&answer.body)));
    };
    let code = value.pointer("/errors/0/extensions/code").and_then(Value::as_str);
    (answer.status >= 400 && code.is_none()).then(|| format!("an error without a code: {}", quote(&answer.body)))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && bytes.windows(part.len()).any(|window| window == part)
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Report {
    seed: u64,
    statuses: BTreeMap<u16, u64>,
    /// Answers with a status below 400, and all, by sender.
    senders: BTreeMap<Sender, (u64, u64)>,
    slowest: (Duration, u64),
    findings: Vec<String>,
}

impl Report {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }

    pub(crate) fn add(
        &mut self,
        number: u64,
        request: &Request,
        answer: Option<&Answer>,
        took: Duration,
        verdict: Option<String>,
    ) {
        if let Some(answer) = answer {
            *self.statuses.entry(answer.status).or_default() += 1;
            let (fine, all) = self.senders.entry(request.sender).or_default();
            *fine += u64::from(answer.status < 400);
            *all += 1;
        }
        self.slowest = self.slowest.max((took, number));
        if let Some(verdict) = verdict {
            let sent = quote(&request.bytes);
            self.findings.push(format!(
                "request {number} by {:?}: {verdict}\n  {}",
                request.sender,
                sent.replace("\r\n", "\n  ")
            ));
        }
    }

    pub(crate) fn end_of_server(&mut self, numbers: &Range<u64>, how: &str) {
        self.findings.push(format!(
            "in the round of requests {} to {}: {how}",
            numbers.start, numbers.end
        ));
    }

    /// What the server said in a round that had findings.
    pub(crate) fn words_of_server(&mut self, words: &str) {
        if let Some(last) = self.findings.last_mut() {
            last.push_str("\n  the server's last lines:");
            last.push_str(words);
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.findings.len()
    }

    pub(crate) fn is_enough(&self) -> bool {
        self.findings.len() >= ENOUGH
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "FOUND {finding}")?;
        }
        let answers: u64 = self.statuses.values().sum();
        writeln!(f, "seed {}: {answers} answers", self.seed)?;
        for (status, count) in &self.statuses {
            writeln!(f, "  {status} {count:>8}")?;
        }
        for (sender, (fine, all)) in &self.senders {
            writeln!(f, "  {sender:<14?} {fine:>7} of {all} answered without an error")?;
        }
        let (took, number) = self.slowest;
        writeln!(f, "  slowest: request {number}, {} ms", took.as_millis())?;
        if !self.is_clean() {
            writeln!(
                f,
                "{} findings; one alone: cargo xtask fuzz --seed {} --only NUMBER",
                self.findings.len(),
                self.seed
            )?;
        }
        Ok(())
    }
}

/// The beginning of some bytes, as text.
fn quote(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let short: String = text.chars().take(QUOTE).collect();
    if short.len() < text.len() {
        format!("{short}… ({} bytes)", bytes.len())
    } else {
        short
    }
}

#[cfg(test)]
mod tests;
