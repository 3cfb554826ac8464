//! `cargo xtask kill`: the server killed at random moments while clients write.
//! The clients, and what must be there afterwards, are in the crate `aedile-testkit`.

use std::process::ExitCode;

use anyhow::Result;

use crate::shell;

pub const HELP: &str = "\
cargo xtask kill [--database sqlite|pg|mysql] [--times N] [--seed S]

Kills the server N (50) times on each database with SIGKILL, while clients save single items, batches and nested items
and change the schema; every fifth blow hits the database's own server where it has one. Each time the server is started
again on what is there. Fails when an acknowledged write is lost, when something is there by halves (an item without its
children, a collection without its table, a row that was never written down), or when the server does not come back.";

/// Builds the binary and the tests with the profile of the tests, and runs them.
///
/// # Errors
/// A failed build, or a finding.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let binary = shell::build(&["--package", "aedile"], "aedile")?;
    let kill = shell::build(&["--package", "aedile-testkit", "--bin", "kill"], "kill")?;
    shell::run(shell::program(kill).arg("--binary").arg(binary).args(args))?;
    Ok(ExitCode::SUCCESS)
}
