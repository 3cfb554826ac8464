//! How many checks passed and failed, as each tool tells it. It must never take silence for success: output without
//! the expected summary is an error.

use std::ops::AddAssign;

use anyhow::{Context, Result};

/// Checks that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    /// One check that passed.
    pub const ONE: Tally = Tally { passed: 1, failed: 0 };
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// What `cargo nextest run` says: `2 tests run: 1 passed (1 slow), 1 failed, 0 skipped`.
///
/// # Errors
/// Without such a line.
pub fn of_nextest(output: &str) -> Result<Tally> {
    let line = output
        .lines()
        .rev()
        .find_map(|line| line.split_once(" run: ").map(|(_, counts)| counts))
        .context("nextest told no summary")?;
    let mut tally = Tally::default();
    for part in line.split(", ") {
        let mut words = part.split_whitespace();
        let number = words.next().and_then(|word| word.parse::<u64>().ok());
        match (number, words.next()) {
            (Some(n), Some("passed")) => tally.passed += n,
            (Some(n), Some("failed" | "timed" | "exec")) => tally.failed += n,
            _ => {}
        }
    }
    Ok(tally)
}

/// What `cargo test` says, once for each binary: `test result: ok. 3 passed; 0 failed; …`.
///
/// # Errors
/// Without such a line.
pub fn of_cargo_test(output: &str) -> Result<Tally> {
    let results: Vec<&str> = output
        .lines()
        .filter_map(|line| line.split_once("test result: ").map(|(_, rest)| rest))
        .collect();
    results.first().context("cargo test told no result")?;
    let count = |line: &str, word: &str| {
        let mut parts = line.split([';', '.']).map(str::trim);
        parts
            .find_map(|part| part.strip_suffix(word)?.trim().parse::<u64>().ok())
            .unwrap_or(0)
    };
    Ok(Tally {
        passed: results.iter().map(|line| count(line, "passed")).sum(),
        failed: results.iter().map(|line| count(line, "failed")).sum(),
    })
}

/// What `node --test` says in TAP: `# pass 12` and `# fail 0`.
///
/// # Errors
/// Without these lines.
pub fn of_tap(output: &str) -> Result<Tally> {
    let count = |name: &str| {
        let mut lines = output.lines().rev();
        lines
            .find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok())
            .with_context(|| format!("node told no `{name}`"))
    };
    Ok(Tally {
        passed: count("# pass")?,
        failed: count("# fail")?,
    })
}

/// What `vitest run` says: `Tests  1 failed | 12 passed (13)`. A file that could not be run at all is a failure.
///
/// # Errors
/// Without such a line.
pub fn of_vitest(output: &str) -> Result<Tally> {
    let counts = |name: &str| output.lines().rev().find_map(|line| line.trim().strip_prefix(name));
    let count = |line: &str, word: &str| {
        let mut parts = line.split(['|', '(']).map(str::trim);
        parts
            .find_map(|part| part.strip_suffix(word)?.trim().parse::<u64>().ok())
            .unwrap_or(0)
    };
    let tests = counts("Tests ").context("vitest told no summary")?;
    let files = counts("Test Files ").context("vitest told no summary of files")?;
    Ok(Tally {
        passed: count(tests, "passed"),
        failed: count(tests, "failed").max(count(files, "failed")),
    })
}

/// What our own runners say in their last such line: `12 passed, 0 failed`.
///
/// # Errors
/// Without such a line.
pub fn of_ours(output: &str) -> Result<Tally> {
    let line = |line: &str| {
        let (passed, failed) = line.trim().strip_suffix(" failed")?.split_once(" passed, ")?;
        Some(Tally {
            passed: passed.parse().ok()?,
            failed: failed.parse().ok()?,
        })
    };
    output
        .lines()
        .rev()
        .find_map(line)
        .context("the runner told no `N passed, N failed`")
}

#[cfg(test)]
mod tests;
