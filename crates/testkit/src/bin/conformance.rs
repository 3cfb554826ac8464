//! The command line of the conformance runner. It must never change the ledger unless asked to
//! (`--bless`), and never bless a run in which a server did not start.

use std::path::PathBuf;
use std::process::ExitCode;

use aedile_testkit::{Ledger, Outcome, Report, run_all, settle};
use anyhow::{Context, Result, bail};

const USAGE: &str = "\
Replays the recorded scenarios against an aedile binary.

conformance --binary PATH [--only SUBSTR]... [-v] [--threads N] [--bless | --check]

  --binary PATH   the server to start, once for each scenario
  --only SUBSTR   scenarios whose name contains this; may be given more than once
  -v              every difference of a step, not the first three
  --threads N     scenarios at a time (4)
  --bless         write what passes into ledger.json
  --check         exit with 1 unless exactly what ledger.json lists passes";

/// Scenarios at a time: mostly they wait for the server, which waits for its disk.
const THREADS: usize = 4;

/// Differences printed for each step without `-v`.
const FEW: usize = 3;

#[derive(Default)]
struct Options {
    binary: PathBuf,
    only: Vec<String>,
    verbose: bool,
    threads: usize,
    bless: bool,
    check: bool,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

fn options() -> Result<Options> {
    let mut options = Options {
        threads: THREADS,
        ..Options::default()
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--binary" => options.binary = value()?.into(),
            "--only" => options.only.push(value()?),
            "--threads" => options.threads = value()?.parse().context("--threads")?,
            "-v" => options.verbose = true,
            "--bless" => options.bless = true,
            "--check" => options.check = true,
            _ => bail!("{USAGE}"),
        }
    }
    if options.binary.as_os_str().is_empty() || (options.bless && options.check) {
        bail!("{USAGE}");
    }
    // The servers run in folders of their own, where a relative path would not lead here.
    let binary = options.binary.canonicalize();
    options.binary = binary.with_context(|| options.binary.display().to_string())?;
    Ok(options)
}

fn run(options: &Options) -> Result<bool> {
    let ledger = if options.check {
        Some(Ledger::load(&Ledger::path())?)
    } else {
        None
    };
    let mut report = run_all(&options.binary, &options.only, options.threads)?;
    if let Some(ledger) = &ledger {
        settle(&options.binary, ledger, &mut report, options.threads)?;
    }
    for outcome in &report.scenarios {
        print_outcome(outcome, options.verbose);
    }
    println!("{}", report.summary());
    if options.bless {
        bless(&report)?;
        return Ok(true);
    }
    let Some(ledger) = ledger else {
        let mut scores = report.scenarios.iter().map(Outcome::score);
        return Ok(scores.all(|(passed, counted)| passed == counted));
    };
    let lines = ledger.compare(&report).err().unwrap_or_default();
    for line in &lines {
        println!("ledger: {line}");
    }
    Ok(lines.is_empty())
}

fn bless(report: &Report) -> Result<()> {
    let path = Ledger::path();
    let mut ledger = if path.exists() {
        Ledger::load(&path)?
    } else {
        Ledger::default()
    };
    let troubles = report.scenarios.iter().filter(|outcome| outcome.trouble.is_some());
    let troubled: Vec<&str> = troubles.map(|outcome| outcome.label.as_str()).collect();
    if !troubled.is_empty() {
        bail!("nothing is blessed while servers fail: {}", troubled.join(", "));
    }
    ledger.record(report);
    ledger.save(&path)
}

fn print_outcome(outcome: &Outcome, verbose: bool) {
    if let Some(trouble) = &outcome.trouble {
        println!("FAIL {}: {trouble}", outcome.label);
    }
    for step in outcome
        .steps
        .iter()
        .filter(|step| outcome.started && !step.waits && !step.passes())
    {
        println!("FAIL {} step {}: {}", outcome.label, step.number, step.title);
        let few = if verbose { usize::MAX } else { FEW };
        for line in step.differences.iter().take(few) {
            println!("     {line}");
        }
    }
    let (passed, counted) = outcome.score();
    let word = if passed == counted { "ok  " } else { "part" };
    println!("{word} {}: {passed}/{counted}", outcome.label);
}
