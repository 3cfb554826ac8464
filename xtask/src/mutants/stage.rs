//! Running cargo-mutants: what it lists, and each stage's tests on what is to be tried. It must never touch the tree:
//! cargo-mutants works in a copy of it.

use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{MODULES, census::Verdict, folder};
use crate::shell;

/// Tests that judge mutants.
pub struct Stage {
    pub title: &'static str,
    /// The folder of its outcomes.
    name: &'static str,
    /// What is said of a mutant that they notice.
    pub killed: Verdict,
    /// For cargo-mutants: whose tests.
    package: &'static [&'static str],
    /// For `cargo test`: which of them.
    tests: &'static [&'static str],
    /// Tests that take longer than this hang, in seconds: a mutant may have made a loop endless.
    timeout: &'static str,
}

/// The engine's own tests first; of the parts that use access or plans, as the others cannot notice anything. Then a
/// slice of the proofs.
pub const STAGES: [Stage; 2] = [
    Stage {
        title: "tried by the engine's tests",
        name: "engine",
        killed: Verdict::Engine,
        package: &[],
        tests: &["--lib", "--", "access::", "plan::", "sql::"],
        timeout: "120",
    },
    Stage {
        title: "tried by the proofs against the evaluator",
        name: "proofs",
        killed: Verdict::Proofs,
        package: &["--test-package", "aedile-oracle"],
        tests: &["--lib", "--", "a_slice_of_the_proofs"],
        timeout: "1200",
    },
];

impl Stage {
    /// Tries these mutants, by file and name; a mutant that survives is no error.
    ///
    /// # Errors
    /// When cargo-mutants cannot be run, or the tests fail without any mutant.
    pub fn run(&self, waiting: &[(String, String)], all: bool) -> Result<()> {
        let output = folder().join(self.name);
        // Outcomes of an earlier run must not be taken for this one's.
        if output.exists() {
            fs::remove_dir_all(&output).with_context(|| format!("{} cannot be removed", output.display()))?;
        }
        fs::create_dir_all(&output)?;
        let files: BTreeSet<&str> = waiting.iter().map(|(file, _)| file.as_str()).collect();
        let mut command = if all { mutants(MODULES) } else { mutants(files) };
        command.args([
            "--no-shuffle",
            "--cap-lints=true",
            "--no-times",
            "--timeout",
            self.timeout,
        ]);
        command.arg("--output").arg(output);
        if !all {
            // Those that leave out a member of a struct heed files alone, and are tried beside.
            command
                .arg("--re")
                .arg(pattern(waiting.iter().map(|(_, name)| name.as_str())));
        }
        command.args(self.package).arg("--").args(self.tests);
        // Quick to build rather than quick to run, and apart from what else is built.
        command.env("CARGO_TARGET_DIR", folder().join("build"));
        command.env("CARGO_PROFILE_DEV_DEBUG", "false");
        let status = command.status().context("cargo-mutants cannot be started")?;
        // It answers 2 for survivors and 3 for endless ones.
        anyhow::ensure!(
            matches!(status.code(), Some(0 | 2 | 3)),
            "cargo-mutants failed ({status})"
        );
        Ok(())
    }

    /// Where it tells what became of each.
    pub fn outcomes(&self) -> PathBuf {
        folder().join(self.name).join("mutants.out/outcomes.json")
    }
}

/// cargo-mutants on some files.
fn mutants<'a>(files: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = shell::cargo();
    command.args(["mutants", "--package", "aedile-engine"]);
    command.args(files.into_iter().flat_map(|file| ["--file", file]));
    command
}

/// The version of cargo-mutants.
///
/// # Errors
/// When it is not installed.
pub fn version() -> Result<String> {
    let output = shell::cargo().args(["mutants", "--version"]).output()?;
    anyhow::ensure!(
        output.status.success(),
        "cargo-mutants is missing: cargo install cargo-mutants --locked"
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Every mutant there is, as cargo-mutants lists them.
///
/// # Errors
/// When it cannot.
pub fn list() -> Result<Vec<Value>> {
    let text = shell::output(mutants(MODULES).args(["--list", "--json"]))?;
    serde_json::from_str(&text).context("cargo-mutants lists no mutants")
}

/// A pattern for exactly these names.
fn pattern<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let escaped: Vec<String> = names.into_iter().map(escaped).collect();
    format!("^(?:{})$", escaped.join("|"))
}

fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 16);
    for c in name.chars() {
        if !c.is_alphanumeric() && !matches!(c, ' ' | '_' | '/' | ':' | '\'' | '"' | ',' | '=' | '<' | '>' | '!') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests;
