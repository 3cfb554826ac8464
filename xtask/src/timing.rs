//! `cargo xtask timing`: whether answers tell by their time who is known, and reads beside many logins.
//! What is measured, and what has to hold, is in the crate `aedile-testkit`.

use std::process::ExitCode;

use anyhow::Result;

use crate::shell;

pub const HELP: &str = "\
cargo xtask timing [--only login|reset|registration|load] [--tries N] [--seed S]

Sends N (1000) logins, requests for a new password and registrations each for an address that is known and for others that
are not, in turns, to a server with short stalls and no limits, and compares the times: fails when the medians are 2 % apart
or the test of Mann and Whitney gives less than 0.01. Then reads beside 200 logins at once: fails when the slowest of a
hundred reads takes five times as long as usual, or the server more than 300 MB. Needs a quiet machine.";

/// Builds the optimised binary and the measuring, and runs it.
///
/// # Errors
/// A failed build, or a difference.
pub fn run(args: &[String]) -> Result<ExitCode> {
    let binary = shell::build(&["--release", "--package", "aedile"], "aedile")?;
    let timing = shell::build(
        &["--release", "--package", "aedile-testkit", "--bin", "timing"],
        "timing",
    )?;
    shell::run(shell::program(timing).arg("--binary").arg(binary).args(args))?;
    Ok(ExitCode::SUCCESS)
}
