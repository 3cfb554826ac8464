//! Node and npm: whether they are there, and packages installed as a lockfile says. It must never take another version of a
//! package than the lockfile names.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::shell;

/// The oldest Node that the tests of the client and the Studio's tools run on.
const OLDEST: u32 = 20;

/// What npm leaves behind when it has installed a lockfile.
const INSTALLED: &str = "node_modules/.package-lock.json";

/// Whether Node and npm are there, and new enough.
pub fn is_there() -> bool {
    let npm = Command::new("npm").arg("--version").output();
    version().is_some_and(|version| version >= OLDEST) && npm.is_ok_and(|npm| npm.status.success())
}

/// Makes sure that Node and npm are there; where this is an administrator's Debian, installs them.
///
/// # Errors
/// When they are not, and cannot be installed.
pub fn provide() -> Result<()> {
    if is_there() {
        return Ok(());
    }
    println!("Node {OLDEST} or npm is missing; installing the system's packages");
    let installed = shell::install_packages(&["nodejs", "npm"]);
    if !installed || !is_there() {
        bail!("Node {OLDEST} or newer with npm is needed; install it and try again");
    }
    Ok(())
}

/// Installs the packages of a folder, unless they are there already.
///
/// # Errors
/// When npm cannot.
pub fn install(folder: &Path) -> Result<()> {
    let changed = |name: &str| fs::metadata(folder.join(name)).and_then(|found| found.modified()).ok();
    let (wanted, installed) = (changed("package-lock.json"), changed(INSTALLED));
    if installed.is_some() && installed >= wanted {
        return Ok(());
    }
    let mut install = shell::program("npm");
    install.current_dir(folder).args(["ci", "--no-audit", "--no-fund"]);
    shell::run(&mut install).with_context(|| format!("the packages of {} cannot be installed", folder.display()))
}

/// The major version of the Node that is installed, if there is one.
fn version() -> Option<u32> {
    let version = Command::new("node").arg("--version").output().ok()?;
    let text = String::from_utf8(version.stdout).ok()?;
    text.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}
