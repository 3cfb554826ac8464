//! The command line of the timing checks. A difference ends it with 1; it must never call a sample too small a success.

use std::{path::PathBuf, process::ExitCode};

use aedile_testkit::{
    arguments,
    timing::{self, Options, Part},
};
use anyhow::{Result, bail};

const USAGE: &str = "\
Measures whether answers tell by their time who is known, and reads beside many logins.

timing --binary PATH [--only login|reset|registration|load] [--tries N] [--seed S]

  --binary PATH  the server to start
  --only PART    only this part
  --tries N      of each kind (1000)
  --seed S       in which order (1)";

/// Tries of each kind when nothing else is said.
const TRIES: usize = 1000;

/// Fewer say nothing.
const FEWEST: usize = 100;

fn main() -> ExitCode {
    arguments::end(run())
}

fn run() -> Result<bool> {
    let (mut binary, mut only, mut tries, mut seed) = (PathBuf::new(), None, TRIES, 1);
    arguments::read(USAGE, |name, rest| {
        match name {
            "--binary" => binary = rest.value()?,
            "--only" => only = Some(rest.value::<String>()?),
            "--tries" => tries = rest.value()?,
            "--seed" => seed = rest.value()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let binary = arguments::binary(&binary, USAGE)?;
    let parts: Vec<Part> = Part::ALL
        .into_iter()
        .filter(|part| only.as_ref().is_none_or(|only| only == part.name()))
        .collect();
    if parts.is_empty() || tries < FEWEST {
        bail!("there is no such part, or fewer than {FEWEST} tries\n\n{USAGE}");
    }
    let findings = timing::run(&Options {
        binary,
        parts,
        tries,
        seed,
    })?;
    for finding in &findings {
        print!("{finding}");
    }
    Ok(findings.iter().all(|finding| finding.holds))
}
