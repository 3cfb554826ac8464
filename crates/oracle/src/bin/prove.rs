//! The command line of the proofs. A finding ends it with 1; it must never be quiet about what it found.

use std::process::ExitCode;

use aedile_oracle::prove::{self, Options};
use aedile_testkit::{arguments, backend::Backend};
use anyhow::{Result, bail};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Questions, unless told otherwise.
const CASES: u64 = 1_000_000;
/// Questions for each write, unless told otherwise: a write is judged by everything that is stored after it.
const CASES_PER_WRITE: u64 = 20;

const USAGE: &str = "\
Holds the product to the reference evaluator, on random projects and questions.

prove [--database sqlite|pg|mysql|mysql8] [--cases N] [--leak N] [--writes N] [--seed S] [--world W] [--threads T]

  --database D the database that the product is asked on (sqlite); a server of its own is started; on
               mysql8 MariaDB is asked what MySQL would be
  --cases N    questions whose answers are compared (1000000)
  --leak N     questions asked again after what the caller may not read has changed (as many as cases)
  --writes N   writes that are judged by the platform's verbs (one for each twenty cases)
  --seed S     which worlds and questions (1)
  --world W    only the world with this number
  --threads T  worlds at a time (as many as there are processors)";

fn main() -> ExitCode {
    arguments::end(run())
}

fn run() -> Result<bool> {
    let mut database = "sqlite".to_owned();
    let (mut cases, mut leak, mut writes) = (CASES, None, None);
    let (mut seed, mut world) = (1, None);
    let mut threads = std::thread::available_parallelism().map_or(1, usize::from);
    arguments::read(USAGE, |name, rest| {
        match name {
            "--database" => database = rest.value()?,
            "--cases" => cases = rest.value()?,
            "--leak" => leak = Some(rest.value()?),
            "--writes" => writes = Some(rest.value()?),
            "--seed" => seed = rest.value()?,
            "--world" => world = Some(rest.value()?),
            "--threads" => threads = rest.value()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let Some(backend) = Backend::start(&database)? else {
        bail!("{USAGE}");
    };
    let report = prove::run(&Options {
        backend: &backend,
        cases,
        leak: leak.unwrap_or(cases),
        writes: writes.unwrap_or(cases / CASES_PER_WRITE),
        seed,
        world,
        threads,
    })?;
    print!("{report}");
    Ok(report.is_clean())
}
