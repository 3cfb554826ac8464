//! The command line of the proofs. A finding ends it with 1; it must never be quiet about what it found.

use std::process::ExitCode;

use aedile_oracle::prove::{self, Database, Options};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Questions for each write, unless told otherwise: a write is judged by everything that is stored after it.
const CASES_PER_WRITE: u64 = 20;

const USAGE: &str = "\
Holds the product to the reference evaluator, on random projects and questions.

prove [--database sqlite|pg] [--cases N] [--leak N] [--writes N] [--seed S] [--world W] [--threads T]

  --database D the database that the product is asked on (sqlite); a server of its own is started
  --cases N    questions whose answers are compared (1000000)
  --leak N     questions asked again after what the caller may not read has changed (as many as cases)
  --writes N   writes that are judged by the platform's verbs (one for each twenty cases)
  --seed S     which worlds and questions (1)
  --world W    only the world with this number
  --threads T  worlds at a time (as many as there are processors)";

fn main() -> ExitCode {
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match prove::run(&options) {
        Ok(report) => {
            print!("{report}");
            if report.is_clean() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn options(mut args: impl Iterator<Item = String>) -> Option<Options> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut options = Options {
        database: Database::default(),
        cases: 1_000_000,
        leak: 0,
        writes: 0,
        seed: 1,
        world: None,
        threads,
    };
    let (mut leak, mut writes) = (None, None);
    while let Some(arg) = args.next() {
        let value = args.next()?;
        match arg.as_str() {
            "--database" => options.database = Database::named(&value)?,
            "--cases" => options.cases = value.parse().ok()?,
            "--leak" => leak = Some(value.parse().ok()?),
            "--writes" => writes = Some(value.parse().ok()?),
            "--seed" => options.seed = value.parse().ok()?,
            "--world" => options.world = Some(value.parse().ok()?),
            "--threads" => options.threads = value.parse().ok()?,
            _ => return None,
        }
    }
    options.leak = leak.unwrap_or(options.cases);
    options.writes = writes.unwrap_or(options.cases / CASES_PER_WRITE);
    Some(options)
}
