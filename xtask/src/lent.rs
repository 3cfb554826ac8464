//! Database servers that all tests of a run share: each test is a process of its own, and to start a server takes longer than most
//! of them. It must never leave one behind.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::shell;

/// The servers. They end with this value.
pub struct Lent {
    lender: Child,
    /// What tests are told of them, in their environment.
    pub variables: Vec<(String, String)>,
}

impl Lent {
    /// Starts the servers by the test kit's program for it.
    ///
    /// # Errors
    /// When it cannot be started, or a server cannot; the program has said why.
    pub fn start(program: &Path) -> Result<Lent> {
        let mut lender = shell::program(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("`{}` cannot be started", program.display()))?;
        let told = lender.stdout.take().context("it has an output")?;
        let mut lent = Lent {
            lender,
            variables: Vec::new(),
        };
        for line in BufReader::new(told).lines() {
            let line = line?;
            let Some((name, value)) = line.split_once('=') else {
                ensure!(line.is_empty(), "`{line}` is no variable");
                return Ok(lent);
            };
            lent.variables.push((name.to_owned(), value.to_owned()));
        }
        anyhow::bail!("the servers of the tests cannot be started")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // What it waits for is the end of its input.
        drop(self.lender.stdin.take());
        self.lender.wait().ok();
    }
}
