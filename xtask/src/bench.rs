//! `cargo xtask bench`: requests a second beside what SQL written by hand reaches on the same data.
//! What is measured, and how, is in the crate `aedile-testkit` (benches/load); bench/README.md says how to read it.

use std::process::ExitCode;

use anyhow::Result;

use crate::shell;

pub const HELP: &str = "\
cargo xtask bench [--database sqlite|pg] [--quick] [--only CASE] [--bless-plans]

Builds the optimised binary, fills a fresh database (10,000 articles, 200 authors, 100 tags, 20,000 comments) and
measures each case three ways at the same concurrency: over HTTP, as the bare statement, and as SQL written by hand
(bench/ceilings). Then memory, start time and size of the binary, each with its budget.

  --database D    only on this database; otherwise on each
  --quick         one second for each case instead of five
  --only CASE     cases whose name contains this
  --bless-plans   write the query plans beside the hand-written SQL";

/// Builds the binary and runs the benchmark on it.
///
/// # Errors
/// A failed build, answers that differ from those of the hand-written SQL, or a budget that is exceeded.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let binary = shell::build(&["--release", "--package", "aedile"], "aedile")?;
    let mut bench = shell::cargo();
    bench.args([
        "bench",
        "--quiet",
        "--package",
        "aedile-testkit",
        "--bench",
        "load",
        "--",
    ]);
    shell::run(bench.args(args).env("AEDILE_BIN", binary))?;
    Ok(ExitCode::SUCCESS)
}
