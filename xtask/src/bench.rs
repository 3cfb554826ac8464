//! `cargo xtask bench`: requests a second beside what SQL written by hand reaches on the same data.
//! What is measured, and how, is in the crate `aedile-testkit` (benches/load); bench/README.md says how to read it. `bench studio`
//! is about the Studio in a browser (studio/e2e/bench.ts).

use std::process::ExitCode;

use anyhow::Result;

use crate::{shell, studio};

pub const HELP: &str = "\
cargo xtask bench [--database sqlite|pg] [--quick] [--only CASE] [--bless-plans]
cargo xtask bench studio

Builds the optimised binary, fills a fresh database (10,000 articles, 200 authors, 100 tags, 20,000 comments) and
measures each case three ways at the same concurrency: over HTTP, as the bare statement, and as SQL written by hand
(bench/ceilings). Then memory, start time and size of the binary, each with its budget.

  --database D    only on this database; otherwise on each
  --quick         one second for each case instead of five
  --only CASE     cases whose name contains this
  --bless-plans   write the query plans beside the hand-written SQL

`bench studio` scrolls through a collection of 10,000 rows and opens items in Chromium, and says whether the Studio keeps to its
budgets: frames of at most 17 ms (median) and 34 ms (p95), work of the main thread in a frame of at most 8 ms (p95), an item
within 100 ms of the click (median). It takes the optimised binary if there is one, otherwise the unoptimised; it says which.";

/// Builds the binary and runs the benchmark on it.
///
/// # Errors
/// A failed build, answers that differ from those of the hand-written SQL, or a budget that is exceeded.
pub fn run(args: &[String]) -> Result<ExitCode> {
    if let [task, rest @ ..] = args
        && task == "studio"
    {
        return studio::bench(rest);
    }
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
