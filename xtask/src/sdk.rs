//! The official JavaScript client against the real binary: its packages installed from the lockfile, its tests run by
//! Node. It must never be skipped for want of Node without saying so.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    shell, start,
    tally::{self, Tally},
};

/// The oldest Node whose test runner and globals the tests need.
const OLDEST_NODE: u32 = 20;

/// Installs what is missing and runs the tests against `binary`.
///
/// # Errors
/// When Node is missing and cannot be installed, the packages cannot be had, or the runner breaks off.
pub fn test(binary: &Path) -> Result<Tally> {
    provide_node()?;
    let folder = shell::root().join("sdk");
    let mut install = shell::program("npm");
    install.current_dir(&folder).args(["ci", "--no-audit", "--no-fund"]);
    shell::run(&mut install).context("the packages of sdk/ cannot be installed")?;
    let mut node = shell::program("node");
    node.current_dir(&folder)
        .args(["--test", "--test-reporter=tap", "test.mjs"])
        .env("AEDILE_BIN", binary);
    let (text, _) = shell::tee(&mut node)?;
    tally::of_tap(&text)
}

/// Makes sure that Node and npm are there; where this is an administrator's Debian, installs them.
fn provide_node() -> Result<()> {
    if is_there() {
        return Ok(());
    }
    println!("Node {OLDEST_NODE} or npm is missing; installing the system's packages");
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--no-install-recommends", "nodejs", "npm"]);
    let installed = install.status().is_ok_and(|status| status.success());
    if !installed || !is_there() {
        bail!(
            "Node {OLDEST_NODE} or newer with npm is needed for the tests of the JavaScript client; install it and try again"
        );
    }
    Ok(())
}

fn is_there() -> bool {
    let npm = Command::new("npm").arg("--version").output();
    start::node_version().is_some_and(|version| version >= OLDEST_NODE) && npm.is_ok_and(|npm| npm.status.success())
}
