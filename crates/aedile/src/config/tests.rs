//! What the tests of the configuration share: a folder of their own, and short ways to load.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::Duration;

use aedile_platform::config::{Encryption, HashKind, Origin, Origins, SameSite, Scope, Settings, TrustProxy};
use tempfile::TempDir;

use super::raw::Raw;
use super::*;

mod generated_secret;
mod shown;
mod sources;
mod values;

/// A folder of its own for one test, gone when the test ends.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.path().join(name), text).unwrap();
        self
    }
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn load(folder: &Folder, pairs: &[(&str, &str)]) -> Result<Config, Problems> {
    Config::from_sources(variables(pairs), folder.path())
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    load(&Folder::new(), pairs).unwrap().settings
}

fn complaints(folder: &Folder, pairs: &[(&str, &str)]) -> String {
    load(folder, pairs)
        .expect_err("the values should be refused")
        .to_string()
}

fn value_of<'a>(config: &'a Config, name: &str) -> &'a Effective {
    config.effective.iter().find(|setting| setting.name == name).unwrap()
}
