//! `cargo xtask fuzz`: malformed requests by the hundred thousand against the real binary.
//! The requests and what they must not cause are in the crate `aedile-testkit`.

use std::process::ExitCode;

use anyhow::Result;

use crate::shell;

pub const HELP: &str = "\
cargo xtask fuzz [--requests N] [--seed S] [--only K] [--threads T]

Sends N (100,000) malformed requests to a server of the demo project, on connections that stay open, as the public,
as an administrator, as restricted users and with broken tokens. Fails when an answer is a 5xx, when the server ends,
or when an answer takes too long. A seed names the same requests again; --only K sends the K-th alone and prints it.";

/// Builds the binary and the fuzzer with the profile of the tests, and runs it.
///
/// # Errors
/// A failed build, or a finding.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let binary = shell::build(&["--package", "aedile"], "aedile")?;
    let fuzzer = shell::build(&["--package", "aedile-testkit", "--bin", "fuzz"], "fuzz")?;
    shell::run(shell::program(fuzzer).arg("--binary").arg(binary).args(args))?;
    Ok(ExitCode::SUCCESS)
}
