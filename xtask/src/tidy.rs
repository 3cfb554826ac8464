//! `cargo xtask tidy`: the rules of the house that no compiler checks. It reads, and must never change a file.

mod house;
mod packages;
mod sources;

use std::process::ExitCode;

use anyhow::Result;

pub const HELP: &str = "\
cargo xtask tidy

Checks what no compiler does: length and header of files, forbidden words, text pasted into SQL, licences of
convenience in lockfiles (private registries), forbidden or doubled dependencies, and that ARCHITECTURE.md names only
what exists.";

/// What a rule found: where, and what is wrong.
struct Finding {
    place: String,
    what: String,
    /// Told, but no reason to fail.
    mild: bool,
}

impl Finding {
    fn new(place: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding {
            place: place.into(),
            what: what.into(),
            mild: false,
        }
    }

    fn mild(place: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding {
            mild: true,
            ..Finding::new(place, what)
        }
    }
}

/// Checks everything; the exit code tells.
///
/// # Errors
/// Files that cannot be read.
pub fn run(_: &[String]) -> Result<ExitCode> {
    Ok(if check()? == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Checks everything, prints what it finds, and answers how much of it is wrong.
///
/// # Errors
/// Files that cannot be read.
pub fn check() -> Result<usize> {
    let files = sources::files()?;
    let mut findings = sources::check(&files)?;
    findings.extend(packages::check()?);
    findings.extend(house::check(&files)?);
    for finding in &findings {
        let word = if finding.mild { "note" } else { "tidy" };
        println!("{word}: {}: {}", finding.place, finding.what);
    }
    let wrong = findings.iter().filter(|finding| !finding.mild).count();
    println!("{} files, {wrong} wrong", files.len());
    Ok(wrong)
}
