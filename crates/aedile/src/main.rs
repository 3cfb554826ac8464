//! The aedile binary: reads the command line and the configuration, runs one command, and reports how it ended.
//! Nothing is decided here about data or access.

use std::process::ExitCode;

use clap::Parser;

mod cli;
mod commands;
mod config;
mod logging;

/// Many small, short-lived allocations from several threads are what a request is made of; mimalloc is built for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match commands::run(cli::Cli::parse().command) {
        Ok(code) => code.into(),
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code().into()
        }
    }
}
