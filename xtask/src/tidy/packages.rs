//! Rules for dependencies: none that we must not have, no second copy of the large ones, and lockfiles that work for
//! everybody. It judges what the lockfiles say and what is built of it, and must never ask a registry.

use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};
use serde_json::Value;

use super::Finding;
use crate::shell;

/// Packages that must not come in, and why.
const BANNED: [(&str, &str); 6] = [
    ("openssl", "no second TLS, no system library: aws-lc-rs and rustls"),
    ("native-tls", "no system TLS: rustls"),
    ("ring", "one cryptographic library: aws-lc-rs"),
    ("rsa", "its private-key operations leak by timing"),
    ("fred", "dormant"),
    ("serde_yaml", "archived: yaml_serde"),
];

/// More than this many packages cannot be looked after.
const MOST_PACKAGES: usize = 380;

/// Packages of which a second major version is a second implementation in the binary.
const SINGLE: [&str; 3] = ["hyper", "rustls", "rand"];

/// The registry that a lockfile may name: the one everybody reaches.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What is wrong with the dependencies.
///
/// # Errors
/// When cargo cannot tell them, or a lockfile cannot be read.
pub fn check() -> Result<Vec<Finding>> {
    let text = shell::output(shell::cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("cargo told no packages")?;
    let mut out = rust(packages);
    out.extend(banned(&built()?));
    out.extend(cargo_lock()?);
    out.extend(npm_locks()?);
    Ok(out)
}

fn rust(packages: &[Value]) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        let text = |key: &str| package.get(key).and_then(Value::as_str).unwrap_or_default();
        versions.entry(text("name")).or_default().push(text("version"));
    }
    for name in SINGLE {
        let mut majors: Vec<&str> = versions
            .get(name)
            .into_iter()
            .flatten()
            .map(|version| major(version))
            .collect();
        majors.dedup();
        if majors.len() > 1 {
            out.push(Finding::new(
                "Cargo.lock",
                format!("`{name}` comes in {}", majors.join(" and ")),
            ));
        }
    }
    if packages.len() > MOST_PACKAGES {
        out.push(Finding::new(
            "Cargo.lock",
            format!("{} packages, at most {MOST_PACKAGES}", packages.len()),
        ));
    }
    out
}

/// Packages that are really built, on whatever system, a line for each: the lockfile names those as well that nothing asks
/// for.
fn built() -> Result<String> {
    let words = "tree --workspace --locked --target all --prefix none --format {p}";
    shell::output(shell::cargo().args(words.split(' ')))
}

fn banned(built: &str) -> Vec<Finding> {
    let has = |name: &str| built.lines().any(|line| line.split(' ').next() == Some(name));
    let wrong = BANNED.iter().filter(|(name, _)| has(name));
    wrong
        .map(|(name, why)| Finding::new("Cargo.lock", format!("`{name}`: {why}")))
        .collect()
}

/// What has to be equal for two versions to be compatible: `1` of `1.4.2`, `0.9` of `0.9.3`.
fn major(version: &str) -> &str {
    let parts = if version.starts_with("0.") { 2 } else { 1 };
    let end = version
        .match_indices('.')
        .nth(parts - 1)
        .map_or(version.len(), |(at, _)| at);
    version.get(..end).unwrap_or(version)
}

fn cargo_lock() -> Result<Vec<Finding>> {
    let text = fs::read_to_string(shell::root().join("Cargo.lock"))?;
    let sources = (1..)
        .zip(text.lines())
        .filter(|(_, line)| line.starts_with("source = "));
    let foreign = sources.filter(|(_, line)| !line.contains(REGISTRY));
    Ok(foreign
        .map(|(number, _)| Finding::new(format!("Cargo.lock:{number}"), "a source that is not crates.io"))
        .collect())
}

/// Lockfiles of npm name no registry at all, so that each machine takes its own.
fn npm_locks() -> Result<Vec<Finding>> {
    let listed = shell::output(shell::program("git").args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "*package-lock.json",
    ]))?;
    let mut out = Vec::new();
    for path in listed.lines() {
        let text = fs::read_to_string(shell::root().join(path))?;
        let lines = (1..).zip(text.lines());
        let resolved = lines.filter(|(_, line)| line.contains("\"resolved\""));
        out.extend(
            resolved
                .map(|(number, _)| Finding::new(format!("{path}:{number}"), "names a registry (see .npmrc beside it)")),
        );
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
