//! The command line of the conformance runner. It must never change the ledger unless asked to
//! (`--bless`), and never bless a run in which a server did not start.

use std::path::PathBuf;
use std::process::ExitCode;

use aedile_testkit::backend::Backend;
use aedile_testkit::{Class, Ledger, Outcome, Report, Tally, arguments, run_all, settle, summary};
use anyhow::{Result, bail};

const USAGE: &str = "\
Replays the recorded scenarios against an aedile binary.

conformance --binary PATH [--database sqlite|pg|mysql|mysql8] [--only SUBSTR]... [-v] [--threads N] [--bless | --check]

  --binary PATH   the server to start, once for each scenario
  --database D    on PostgreSQL or MariaDB instead of SQLite: a server is started, or the one of TEST_PG_URL or
                  TEST_MYSQL_URL used; on mysql8 MariaDB is asked what MySQL would be
  --only SUBSTR   scenarios whose name contains this; may be given more than once
  -v              every difference of a step, not the first three
  --threads N     scenarios at a time (4)
  --bless         write what passes into ledger.json; steps that fail anew need their reason by hand
  --check         exit with 1 unless exactly what ledger.json lists passes, and every other step has a reason";

/// Scenarios at a time: mostly they wait for the server, which waits for its disk.
const THREADS: usize = 4;

/// Differences printed for each step without `-v`.
const FEW: usize = 3;

#[derive(Default)]
struct Options {
    binary: PathBuf,
    database: String,
    only: Vec<String>,
    verbose: bool,
    threads: usize,
    bless: bool,
    check: bool,
}

fn main() -> ExitCode {
    arguments::end(options().and_then(|options| run(&options)))
}

fn options() -> Result<Options> {
    let mut options = Options {
        threads: THREADS,
        database: "sqlite".to_owned(),
        ..Options::default()
    };
    arguments::read(USAGE, |name, rest| {
        match name {
            "--binary" => options.binary = rest.value()?,
            "--database" => options.database = rest.value()?,
            "--only" => options.only.push(rest.value()?),
            "--threads" => options.threads = rest.value()?,
            "-v" => options.verbose = true,
            "--bless" => options.bless = true,
            "--check" => options.check = true,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    if options.bless && options.check {
        bail!("{USAGE}");
    }
    options.binary = arguments::binary(&options.binary, USAGE)?;
    Ok(options)
}

fn run(options: &Options) -> Result<bool> {
    let path = Ledger::path();
    let mut ledger = if path.exists() {
        Ledger::load(&path)?
    } else {
        Ledger::default()
    };
    let Some(database) = Backend::start(&options.database)? else {
        bail!("{USAGE}");
    };
    ledger = ledger.on_mariadb(database.is_mariadb());
    let mut report = run_all(&options.binary, &database, &options.only, options.threads)?;
    if options.check {
        settle(&options.binary, &database, &ledger, &mut report, options.threads)?;
    }
    let mut wrong = Vec::new();
    if options.check {
        wrong = ledger.compare(&report).err().unwrap_or_default();
    }
    if options.bless {
        bless(&mut ledger, &report)?;
    }
    if options.check || options.bless {
        wrong.extend(ledger.review()?);
    }
    for outcome in &report.scenarios {
        print_outcome(outcome, &ledger, options.verbose);
    }
    println!("{}", summary(&report, &ledger));
    for line in &wrong {
        println!("ledger: {line}");
    }
    if options.check || options.bless {
        return Ok(wrong.is_empty());
    }
    let mut tallies = report.scenarios.iter().map(|outcome| Tally::of(outcome, &ledger));
    Ok(tallies.all(Tally::is_whole))
}

fn bless(ledger: &mut Ledger, report: &Report) -> Result<()> {
    let troubles = report.scenarios.iter().filter(|outcome| outcome.trouble.is_some());
    let troubled: Vec<&str> = troubles.map(|outcome| outcome.label.as_str()).collect();
    if !troubled.is_empty() {
        bail!("nothing is blessed while servers fail: {}", troubled.join(", "));
    }
    ledger.record(report);
    ledger.save(&Ledger::path())
}

fn print_outcome(outcome: &Outcome, ledger: &Ledger, verbose: bool) {
    if let Some(trouble) = &outcome.trouble {
        println!("FAIL {}: {trouble}", outcome.label);
    }
    let tally = Tally::of(outcome, ledger);
    let failing = outcome.steps.iter().filter(|step| !step.passes());
    for step in failing.filter(|_| outcome.started) {
        let class = ledger.class(&outcome.label, step.number);
        if class.is_some_and(Class::waits) {
            continue;
        }
        let why = class.map(|class| format!(" ({class})")).unwrap_or_default();
        println!("FAIL {} step {}: {}{why}", outcome.label, step.number, step.title);
        let few = if verbose { usize::MAX } else { FEW };
        for line in step.differences.iter().take(few) {
            println!("     {line}");
        }
    }
    let word = if tally.is_whole() { "ok  " } else { "part" };
    println!("{word} {}: {}/{}", outcome.label, tally.passed, tally.counted());
}
