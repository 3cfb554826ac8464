//! The command lines of this crate's tools: options with a value or without, and how a tool ends. It must never take
//! an option that its tool does not know.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

/// The rest of a command line after the name of an option.
pub struct Rest<'a> {
    name: &'a str,
    rest: &'a mut dyn Iterator<Item = String>,
}

impl Rest<'_> {
    /// The option's value.
    ///
    /// # Errors
    /// When there is none, or it is not of this type.
    pub fn value<T>(&mut self) -> Result<T>
    where
        T: FromStr,
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        let text = self
            .rest
            .next()
            .with_context(|| format!("{} needs a value", self.name))?;
        text.parse().with_context(|| format!("{} {text}", self.name))
    }
}

/// Gives each option of this process to `take`, which says whether it knows it.
///
/// # Errors
/// What `take` says; `usage` for an option that it does not know.
pub fn read(usage: &str, take: impl FnMut(&str, &mut Rest<'_>) -> Result<bool>) -> Result<()> {
    read_from(env::args().skip(1), usage, take)
}

fn read_from(
    mut given: impl Iterator<Item = String>,
    usage: &str,
    mut take: impl FnMut(&str, &mut Rest<'_>) -> Result<bool>,
) -> Result<()> {
    while let Some(name) = given.next() {
        let mut rest = Rest {
            name: &name,
            rest: &mut given,
        };
        if !take(&name, &mut rest)? {
            bail!("{usage}");
        }
    }
    Ok(())
}

/// The server's program as a whole path: servers run in folders of their own, where a relative one would not lead here.
///
/// # Errors
/// When it was not given, or is not there.
pub fn binary(path: &Path, usage: &str) -> Result<PathBuf> {
    if path.as_os_str().is_empty() {
        bail!("{usage}");
    }
    path.canonicalize().with_context(|| path.display().to_string())
}

/// How a tool ends: with 0 when all is well, 1 when it found something, 2 when it could not do its work.
#[must_use]
pub fn end(done: Result<bool>) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests;
