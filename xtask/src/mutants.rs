//! `cargo xtask mutants`: are the tests of access and planning worth anything? cargo-mutants breaks each of their
//! functions in small ways; every such mutant has to be noticed, or be listed with the reason why it changes nothing.
//! It must never count a mutant that no test has seen fail.

mod census;
mod equivalents;
mod report;
mod stage;

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};

use crate::shell;
use census::{Census, Verdict};
use equivalents::Equivalents;

pub const HELP: &str = "\
cargo xtask mutants [--retry] [--file PATH]... [--report]

Breaks every function of the access and planning modules in small ways (by cargo-mutants) and looks whether tests
notice: first the engine's own tests, then, for what survives them, the proofs against the reference evaluator. Writes
docs/mutants.md. Fails when a mutant survives that xtask/mutants.toml does not list with a reason, when one is listed
there that is noticed or gone, and when more than one in twenty is listed. It takes hours: mutants are tried in a copy
of the tree, one at a time.

  --retry      only mutants that the last run did not see killed, or did not know
  --file PATH  only mutants of this file, and those that the last run did not know
  --report     none: judge and write the report from what the last run found";

/// What is mutated: the modules that decide what is granted.
pub const MODULES: [&str; 4] = [
    "crates/engine/src/access.rs",
    "crates/engine/src/access/**",
    "crates/engine/src/plan.rs",
    "crates/engine/src/plan/**",
];

/// The report, below the root.
const REPORT: &str = "docs/mutants.md";

/// What to run.
#[derive(Default)]
struct Options {
    retry: bool,
    report: bool,
    files: Vec<String>,
}

impl Options {
    fn parse(args: &[String]) -> Result<Options> {
        let mut options = Options::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--retry" => options.retry = true,
                "--report" => options.report = true,
                "--file" => options.files.push(args.next().context("--file needs a path")?.clone()),
                _ => bail!("`mutants` does not know `{arg}`\n\n{HELP}"),
            }
        }
        Ok(options)
    }

    /// Whether a verdict of the last run still stands.
    fn keeps(&self, file: &str, verdict: Verdict) -> bool {
        let asked = self.files.iter().any(|asked| asked == file);
        let partly = self.retry || self.report || !self.files.is_empty();
        partly && !asked && (verdict != Verdict::Survived || !self.retry)
    }
}

/// Where mutants are built and their verdicts kept between runs.
pub fn folder() -> PathBuf {
    shell::root().join("target/mutants")
}

/// Runs both stages on what is to be tried, and writes the report.
///
/// # Errors
/// Without cargo-mutants; when a stage cannot be run, or its verdicts cannot be read.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let options = Options::parse(args)?;
    let version = stage::version()?;
    let mut census = Census::of(stage::list()?)?;
    census.remember(&folder(), |file, verdict| options.keeps(file, verdict))?;
    if !options.report {
        try_all(&mut census)?;
    }
    let equivalents = Equivalents::read()?;
    let findings = equivalents.judge(&census);
    let text = report::text(&census, &equivalents, &version);
    fs::write(shell::root().join(REPORT), text).with_context(|| format!("{REPORT} cannot be written"))?;
    for finding in &findings {
        println!("mutants: {finding}");
    }
    println!("{REPORT}: {}", census.summary());
    Ok(if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The engine's tests are quick and judge everything; the proofs are slow and judge what is left.
fn try_all(census: &mut Census) -> Result<()> {
    let folder = folder();
    for stage in stage::STAGES {
        let waiting = census.waiting();
        if waiting.is_empty() {
            continue;
        }
        println!("── {} mutants, {}", waiting.len(), stage.title);
        let ran = stage.run(&waiting, waiting.len() == census.mutants.len());
        // What an interrupted stage has found is kept: `--retry` goes on from there.
        let learnt = census.learn(&stage.outcomes(), stage.killed);
        census.keep(&folder)?;
        ran.and(learnt)?;
    }
    census.conclude();
    census.keep(&folder)
}
