//! The words of `aedile template` and `aedile demo`, and nothing of what they do.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What to do with templates.
#[derive(Debug, Subcommand)]
pub enum Template {
    /// Make what a template holds
    #[command(after_help = "\
Everything is looked through first, and stored as a whole or not at all. Collections that the project has already are \
refused; rows of the system that are there already are left as they are. Users come without passwords: `aedile users passwd` \
sets them. Of files, what is known of them is taken over, and their contents are not.

The exit status is 0 if it was applied, 1 if the database refused it, and 2 if the template does not fit.

Examples:
  aedile template apply ./help-center
  aedile template apply --dry-run ./help-center     Try it, and undo it")]
    Apply(TemplateApply),
    /// Write the project as a template
    #[command(after_help = "\
Passwords, tokens and other secrets are never written, nor what files hold. The files are written below DIR/src.

Examples:
  aedile template extract ./my-project
  aedile template extract --force ./my-project      Over the files of an earlier one")]
    Extract(TemplateExtract),
}

/// Arguments of `template apply`.
#[derive(Debug, Args)]
pub struct TemplateApply {
    /// Folder of the template
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Try everything, and undo it
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `template extract`.
#[derive(Debug, Args)]
pub struct TemplateExtract {
    /// Folder to write to
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Write over what is there
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Add it to a database that already holds collections
    #[arg(long)]
    pub force: bool,
}
