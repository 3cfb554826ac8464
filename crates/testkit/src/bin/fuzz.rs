//! The command line of the fuzzer. A finding ends it with 1; it must never be quiet about what it found.

use std::{path::PathBuf, process::ExitCode};

use aedile_testkit::fuzz::{self, Options};
use anyhow::{Context, Result, bail};

const USAGE: &str = "\
Sends malformed requests to a server of the demo project.

fuzz --binary PATH [--requests N] [--seed S] [--threads T] [--only K]

  --binary PATH   the server to start
  --requests N    how many (100000)
  --seed S        which ones (1)
  --threads T     connections at a time (4)
  --only K        print the request with this number, send it alone, print the answer";

/// How many requests are sent when nothing else is said.
const REQUESTS: u64 = 100_000;

/// Connections at a time: enough for requests to meet each other.
const THREADS: usize = 4;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let mut options = Options {
        binary: PathBuf::new(),
        requests: REQUESTS,
        seed: 1,
        threads: THREADS,
    };
    let mut only = None;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--binary" => options.binary = value()?.into(),
            "--requests" => options.requests = value()?.parse().context("--requests")?,
            "--seed" => options.seed = value()?.parse().context("--seed")?,
            "--threads" => options.threads = value()?.parse().context("--threads")?,
            "--only" => only = Some(value()?.parse().context("--only")?),
            _ => bail!("{USAGE}"),
        }
    }
    options.binary = options
        .binary
        .canonicalize()
        .with_context(|| format!("the binary `{}`\n\n{USAGE}", options.binary.display()))?;
    if let Some(number) = only {
        println!(
            "{}\n\n{}",
            fuzz::show(options.seed, number)?,
            fuzz::send_one(&options.binary, options.seed, number)?
        );
        return Ok(true);
    }
    let report = fuzz::run(&options)?;
    print!("{report}");
    Ok(report.is_clean())
}
