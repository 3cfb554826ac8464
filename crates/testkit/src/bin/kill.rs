//! The command line of the kill tests. A finding ends it with 1; it must never be quiet about what it found.

use std::{path::PathBuf, process::ExitCode};

use aedile_testkit::{
    arguments,
    backend::Backend,
    kill::{self, Options},
};
use anyhow::{Result, bail};

const USAGE: &str = "\
Kills a server at random moments while clients write, and looks what is there when it is back.

kill --binary PATH [--database sqlite|pg|mysql] [--times N] [--seed S]

  --binary PATH  the server to start and kill
  --database D   only on this database; otherwise on each
  --times N      how often, on each database (50)
  --seed S       at which moments (1)";

/// How often it is killed when nothing else is said.
const TIMES: u64 = 50;

fn main() -> ExitCode {
    arguments::end(run())
}

fn run() -> Result<bool> {
    let (mut binary, mut only, mut times, mut seed) = (PathBuf::new(), None, TIMES, 1);
    arguments::read(USAGE, |name, rest| {
        match name {
            "--binary" => binary = rest.value()?,
            "--database" => only = Some(rest.value::<String>()?),
            "--times" => times = rest.value()?,
            "--seed" => seed = rest.value()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let binary = arguments::binary(&binary, USAGE)?;
    let names = match only.as_deref() {
        None => vec!["sqlite", "pg", "mysql"],
        Some(name) => vec![name],
    };
    let mut clean = true;
    for name in names {
        let Some(backend) = Backend::start(name)? else {
            bail!("there is no database \"{name}\"\n\n{USAGE}");
        };
        let report = kill::run(&Options {
            binary: binary.clone(),
            backend: &backend,
            times,
            seed,
        })?;
        print!("{name}\n{report}");
        clean &= report.findings.is_empty();
    }
    Ok(clean)
}
