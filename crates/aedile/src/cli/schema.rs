//! The words of `aedile schema`, and nothing of what it does.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;

/// What to do with the file of the data model.
#[derive(Debug, Subcommand)]
pub enum Schema {
    /// Write collections, fields and relations to a file
    #[command(after_help = "\
The same model is always the same text, so that two snapshots compare well. Tables without metadata are left out, and so are \
the indexes that foreign keys get by themselves.

Examples:
  aedile schema snapshot                        To standard output, as YAML
  aedile schema snapshot schema.yaml
  aedile schema snapshot --format json schema.json")]
    Snapshot(SchemaSnapshot),
    /// Compare a file with the database: what would have to change
    #[command(after_help = "\
Tells every change of tables and of metadata in words, or (--format json) the difference as POST /schema/apply takes it. \
Nothing is changed.

The exit status is 0 if the database is as the file says, 1 if it is not, and 2 if the file is not understood, can not be \
applied, or the database can not be asked.

Examples:
  aedile schema diff schema.yaml
  aedile schema diff --format json schema.yaml > diff.json")]
    Diff(SchemaDiff),
    /// Make the database as a file says, all of it or nothing
    #[command(after_help = "\
Shows what `diff` shows and asks before anything is changed. Collections and fields that the file does not have are deleted \
with what they hold, and it is said how much that is; what has no metadata stays. A change that stored values do not fit is \
refused, with the rows that stand in its way.

The exit status is 0 if the database is as the file says now, or could be made so (--dry-run), 1 if nothing was changed, and \
2 if the file is not understood, can not be applied, or the database can not be asked.

Examples:
  aedile schema apply schema.yaml
  aedile schema apply --dry-run schema.yaml
  aedile schema apply --yes schema.yaml         Without asking, as in a pipeline")]
    Apply(SchemaApply),
}

/// Arguments of `schema snapshot`.
#[derive(Debug, Args)]
pub struct SchemaSnapshot {
    /// File to write; standard output when left out
    pub file: Option<PathBuf>,
    /// Form of the file
    #[arg(long, value_enum, default_value_t)]
    pub format: FileFormat,
    /// Write over a file that is there without asking
    #[arg(long, short)]
    pub yes: bool,
}

/// Arguments of `schema diff`.
#[derive(Debug, Args)]
pub struct SchemaDiff {
    /// File to compare with the database, YAML or JSON
    pub file: PathBuf,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Take a file of another version, or of another sort of database
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `schema apply`.
#[derive(Debug, Args)]
pub struct SchemaApply {
    /// File to apply, YAML or JSON
    pub file: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Show what would happen, and change nothing
    #[arg(long, alias = "dryRun", conflicts_with = "yes")]
    pub dry_run: bool,
    /// Take a file of another version, or of another sort of database
    #[arg(long)]
    pub force: bool,
}

/// Form of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FileFormat {
    /// YAML
    #[default]
    Yaml,
    /// JSON
    Json,
}
