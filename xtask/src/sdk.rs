//! The official JavaScript client against the real binary: its packages installed from the lockfile, its tests run by
//! Node. It must never be skipped for want of Node without saying so.

use std::path::Path;

use anyhow::Result;

use crate::{
    node, shell,
    tally::{self, Tally},
};

/// Installs what is missing and runs the tests against `binary`.
///
/// # Errors
/// When Node is missing and cannot be installed, the packages cannot be had, or the runner breaks off.
pub fn test(binary: &Path) -> Result<Tally> {
    node::provide()?;
    let folder = shell::root().join("sdk");
    node::install(&folder)?;
    let mut node = shell::program("node");
    node.current_dir(&folder)
        .args(["--test", "--test-reporter=tap", "test.mjs", "sessions.test.mjs"])
        .env("AEDILE_BIN", binary);
    let (text, _) = shell::tee(&mut node)?;
    tally::of_tap(&text)
}
