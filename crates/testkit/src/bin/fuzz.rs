//! The command line of the fuzzer. A finding ends it with 1; it must never be quiet about what it found.

use std::{path::PathBuf, process::ExitCode};

use aedile_testkit::{
    arguments,
    fuzz::{self, Options},
};
use anyhow::Result;

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
    arguments::end(run())
}

fn run() -> Result<bool> {
    let mut options = Options {
        binary: PathBuf::new(),
        requests: REQUESTS,
        seed: 1,
        threads: THREADS,
    };
    let mut only = None;
    arguments::read(USAGE, |name, rest| {
        match name {
            "--binary" => options.binary = rest.value()?,
            "--requests" => options.requests = rest.value()?,
            "--seed" => options.seed = rest.value()?,
            "--threads" => options.threads = rest.value()?,
            "--only" => only = Some(rest.value()?),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    options.binary = arguments::binary(&options.binary, USAGE)?;
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
