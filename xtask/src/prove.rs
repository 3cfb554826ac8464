//! `cargo xtask prove`: the product compared with the reference evaluator, on random worlds, by the hundred thousand.
//! The evaluator and the proofs are in the crate `aedile-oracle`.

use std::process::ExitCode;

use anyhow::Result;

use crate::shell;

pub const HELP: &str = "\
cargo xtask prove [--database sqlite|pg|mysql] [--cases N] [--leak N] [--writes N] [--seed S] [--world W] [--threads T]

Makes random worlds (schemas, rows, roles, policies, callers) and asks the product and an evaluator without SQL the same
N questions; asks the server N more, changes cells that the caller may not read, and asks again; writes, nested items among
them, and compares what is stored. Fails on any difference, prints how many cases were allowed, empty, denied and masked,
and how many a second; names seed and world of a finding. N is a million unless told otherwise. A
server is started for a database that needs one.";

/// Builds the prover optimised, as the counts are large, and runs it.
///
/// # Errors
/// A failed build, or a finding.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let prover = shell::build(&["--release", "--package", "aedile-oracle", "--bin", "prove"], "prove")?;
    shell::run(shell::program(prover).args(args))?;
    Ok(ExitCode::SUCCESS)
}
