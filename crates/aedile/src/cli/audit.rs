//! The words of `aedile audit`, and nothing of what it does.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// Form of the report
    #[arg(long, value_enum, default_value_t)]
    pub format: ReportFormat,
    /// The least severity that makes the exit status 1
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    pub fail_on: Threshold,
    /// File of accepted findings
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Mend what was found and is not accepted; with names of checks, what these found
    #[arg(long, value_name = "CHECK", num_args = 0.., value_delimiter = ',', conflicts_with = "format")]
    pub fix: Option<Vec<String>>,
    /// Do not ask before mending
    #[arg(long, short, requires = "fix")]
    pub yes: bool,
    /// Print the table of checks, in Markdown, and look at nothing
    #[arg(long, exclusive = true)]
    pub checks: bool,
}

/// Form of the report of an audit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning in pipelines
    Sarif,
}

/// How grave a finding has to be to make an audit fail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Threshold {
    /// Any finding
    Low,
    /// Medium, high and critical ones
    #[default]
    Medium,
    /// High and critical ones
    High,
    /// Critical ones
    Critical,
    /// None
    Never,
}
