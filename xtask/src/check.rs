//! `cargo xtask test`: every check, one after the other, the quick ones first. It stops at the first that fails and
//! says which; must never pass over a check because something it needs is missing.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    thread::available_parallelism,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    lent::Lent,
    node, sdk, shell, studio,
    tally::{self, Tally},
    tidy,
};

pub const HELP: &str = "\
cargo xtask test

Runs every check, stops at the first that fails, and ends with a line `N passed, N failed`:

  format        cargo fmt --check
  tidy          cargo xtask tidy: lengths, headers, forbidden words, dependencies
  clippy        all targets, warnings are errors; and whether the usual binary compiles
  build         the Studio where Node is there, the binary and all tests, one profile for both
  tests         unit, property and integration tests (by nextest where it is installed)
  conformance   the recorded scenarios, against crates/testkit/ledger.json
  postgres      the same on PostgreSQL, against the same ledger
  mariadb       the same on MariaDB, against the same ledger
  mysql         some of it with what MySQL would be asked, on MariaDB
  fuzz          a slice of `cargo xtask fuzz`, the same requests every time
  kill          a slice of `cargo xtask kill`, on each database
  sdk           the official JavaScript client; needs Node 20 or newer and npm
  studio        types, unit tests, and journeys through Chromium against the real binary

One of them alone: `cargo xtask test --only NAME` (what it needs is built first).";

/// Malformed requests in one run; `cargo xtask fuzz` sends more.
const FUZZ_REQUESTS: &str = "6000";

/// The fuzz slice is the same every time, so that a failure is somebody's change and not chance.
const FUZZ_SEED: &str = "1";

/// Blows on each database in one run; `cargo xtask kill` deals more. The fifth hits the database itself.
const KILLS: &str = "5";

/// Scenarios at a time for each core: mostly they wait for their disk.
const SCENARIOS_PER_CORE: usize = 2;

/// What the later checks need of the earlier ones.
#[derive(Default)]
struct Built {
    binary: PathBuf,
    conformance: PathBuf,
    fuzz: PathBuf,
    kill: PathBuf,
    servers: PathBuf,
}

/// One check: its name, and what it does.
type Check = (&'static str, fn(&mut Built) -> Result<Tally>);

const CHECKS: [Check; 13] = [
    ("format", format),
    ("tidy", tidy),
    ("clippy", clippy),
    ("build", build),
    ("tests", tests),
    ("conformance", |built| conformance(built, "sqlite", &[])),
    ("postgres", |built| conformance(built, "pg", &[])),
    ("mariadb", |built| conformance(built, "mysql", &[])),
    ("mysql", |built| conformance(built, "mysql8", &REHEARSED)),
    ("fuzz", fuzz),
    ("kill", kill),
    ("sdk", |built| sdk::test(&built.binary)),
    ("studio", |_| studio::test()),
];

/// Scenarios in which MySQL is asked otherwise than MariaDB.
const REHEARSED: [&str; 3] = ["access/", "items/", "schema/"];

/// Checks that use what `build` makes.
const NEED_BUILD: [&str; 8] = [
    "tests",
    "conformance",
    "postgres",
    "mariadb",
    "mysql",
    "fuzz",
    "kill",
    "sdk",
];

/// Runs the checks.
///
/// # Errors
/// Arguments that mean nothing; a failed check is told by the exit code.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let only = match args {
        [] => None,
        [flag, name] if flag == "--only" => Some(name.as_str()),
        _ => bail!("`test` takes `--only NAME` or nothing\n\n{HELP}"),
    };
    if let Some(name) = only
        && !CHECKS.iter().any(|(own, _)| *own == name)
    {
        bail!("there is no check `{name}`\n\n{HELP}");
    }
    let wanted = |name: &str| only.is_none_or(|only| only == name || (name == "build" && NEED_BUILD.contains(&only)));
    let (mut built, mut total, mut times) = (Built::default(), Tally::default(), Vec::new());
    let mut broken = None;
    for (name, check) in CHECKS.into_iter().filter(|(name, _)| wanted(name)) {
        println!("\n── {name}");
        let begun = Instant::now();
        let outcome = check(&mut built);
        times.push((name, begun.elapsed()));
        println!("── {name}: {}", seconds(begun.elapsed()));
        let tally = outcome.unwrap_or_else(|error| {
            println!("{name}: {error:#}");
            Tally { passed: 0, failed: 1 }
        });
        total += tally;
        if tally.failed > 0 {
            broken = Some(name);
            break;
        }
    }
    conclude(&times, broken, total);
    Ok(if broken.is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn conclude(times: &[(&str, Duration)], broken: Option<&str>, total: Tally) {
    println!();
    for (name, time) in times {
        let verdict = if broken == Some(*name) { "FAILED" } else { "ok" };
        println!("{name:<12} {:>8}  {verdict}", seconds(*time));
    }
    let whole: Duration = times.iter().map(|(_, time)| *time).sum();
    println!("{:<12} {:>8}", "in all", seconds(whole));
    if let Some(name) = broken {
        println!("`{name}` failed; alone: cargo xtask test --only {name}");
    }
    println!("{} passed, {} failed", total.passed, total.failed);
}

fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{}:{:02} min", whole / 60, whole % 60)
    }
}

fn one(command: &mut Command) -> Result<Tally> {
    shell::run(command).map(|()| Tally::ONE)
}

fn format(_: &mut Built) -> Result<Tally> {
    one(shell::cargo().args(["fmt", "--all", "--check"]))
}

fn tidy(_: &mut Built) -> Result<Tally> {
    if tidy::check()? > 0 {
        bail!("see above");
    }
    Ok(Tally::ONE)
}

/// With what is built in only where it is asked for; then the binary without.
fn clippy(_: &mut Built) -> Result<Tally> {
    one(shell::cargo().args([
        "clippy",
        "--workspace",
        "--features",
        "saml",
        "--all-targets",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ]))?;
    one(shell::cargo().args(["clippy", "--package", "aedile", "--quiet", "--", "--deny", "warnings"]))
}

/// Binaries and tests in one go: built apart, shared dependencies would be compiled twice with other features.
fn build(built: &mut Built) -> Result<Tally> {
    if node::is_there() {
        studio::build()?;
    }
    built.binary = shell::build(&shell::ALL, "aedile")?;
    let folder = built.binary.parent().context("the binary is in no folder")?;
    built.conformance = folder.join("conformance");
    built.fuzz = folder.join("fuzz");
    built.kill = folder.join("kill");
    built.servers = folder.join("servers");
    Ok(Tally::ONE)
}

fn tests(built: &mut Built) -> Result<Tally> {
    let has_nextest = shell::cargo()
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    let lent = Lent::start(&built.servers)?;
    let mut command = shell::cargo();
    command
        .env("AEDILE_BIN", &built.binary)
        .envs(lent.variables.iter().cloned());
    if has_nextest {
        command.args([
            "nextest",
            "run",
            "--workspace",
            "--features",
            "saml",
            "--no-fail-fast",
            "--status-level",
            "fail",
            "--hide-progress-bar",
        ]);
    } else {
        command.args(["test", "--workspace", "--features", "saml", "--no-fail-fast", "--quiet"]);
    }
    let (text, status) = shell::tee(&mut command)?;
    let tally = if has_nextest {
        tally::of_nextest(&text)?
    } else {
        tally::of_cargo_test(&text)?
    };
    agree(tally, status.success())
}

/// The recorded scenarios, or only some of them. Steps that fail with a reason in the ledger are no failures of this run,
/// and are told apart.
fn conformance(built: &mut Built, database: &str, only: &[&str]) -> Result<Tally> {
    let threads = SCENARIOS_PER_CORE * available_parallelism().map_or(1, usize::from);
    let mut command = runner(&built.conformance, &built.binary);
    for part in only {
        command.args(["--only", part]);
    }
    let (text, status) =
        shell::tee(command.args(["--check", "--database", database, "--threads", &threads.to_string()]))?;
    let steps = tally::of_ours(&text)?;
    println!(
        "{} of {} recorded steps pass",
        steps.passed,
        steps.passed + steps.failed
    );
    let complaints = text.lines().filter(|line| line.starts_with("ledger: ")).count();
    let tally = Tally {
        passed: steps.passed,
        failed: u64::try_from(complaints)?,
    };
    agree(tally, status.success())
}

fn fuzz(built: &mut Built) -> Result<Tally> {
    let mut command = runner(&built.fuzz, &built.binary);
    // One after the other: then even what one request leaves behind for the next is the same every time.
    command.args(["--requests", FUZZ_REQUESTS, "--seed", FUZZ_SEED, "--threads", "1"]);
    one(&mut command)
}

fn kill(built: &mut Built) -> Result<Tally> {
    one(runner(&built.kill, &built.binary).args(["--times", KILLS]))
}

fn runner(program: &Path, binary: &Path) -> Command {
    let mut command = shell::program(program);
    command.arg("--binary").arg(binary);
    command
}

/// A tool that failed without a failed check did not do its work.
fn agree(tally: Tally, success: bool) -> Result<Tally> {
    if !success && tally.failed == 0 {
        bail!("the tool failed, see above");
    }
    Ok(tally)
}
