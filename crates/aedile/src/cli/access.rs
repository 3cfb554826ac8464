//! The words of `aedile explain` and `aedile access`, and nothing of what they do.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Format;

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("caller").required(true))]
pub struct Explain {
    /// A user, by id or e-mail address
    #[arg(long, group = "caller")]
    pub user: Option<String>,
    /// Any user of a role, by its id or name
    #[arg(long, group = "caller")]
    pub role: Option<String>,
    /// The public
    #[arg(long, group = "caller")]
    pub public: bool,
    /// Address the request would come from
    #[arg(long)]
    pub ip: Option<std::net::IpAddr>,
    /// Collection
    #[arg(long)]
    pub collection: String,
    /// create, read, update, delete or share
    #[arg(long)]
    pub action: String,
    /// Key of an item
    #[arg(long)]
    pub item: Option<String>,
    /// Field, instead of all of them; may be repeated
    #[arg(long = "field", value_name = "FIELD")]
    pub fields: Vec<String>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

/// What to do with the file of who may do what.
#[derive(Debug, Subcommand)]
pub enum Access {
    /// Write roles, policies, permissions and who has them to a file
    #[command(after_help = "\
The same state is always the same text, so that two snapshots compare well. A file that is there is written anew, without \
the comments it had.

Examples:
  aedile access snapshot                        To standard output
  aedile access snapshot access.yaml
  aedile access snapshot --without-users access.yaml")]
    Snapshot(AccessSnapshot),
    /// Compare a file with the database: what it would change, and who would gain or lose what
    #[command(after_help = "\
Rows are counted on the data there are now, before and after. Nothing is changed.

The exit status is 0 if the database is as the file says, 1 if it is not, and 2 if the file is not understood or the \
database can not be asked.

Examples:
  aedile access diff access.yaml
  aedile access diff --format json access.yaml")]
    Diff(AccessDiff),
    /// Make the database as a file says, all of it or nothing
    #[command(after_help = "\
Shows what `diff` shows and asks before anything is changed. Roles and policies that the file does not list are deleted; a \
section it does not have is left as it is. An administrator has to stay.

The exit status is 0 if the database is as the file says now, or could be made so (--dry-run), 1 if nothing was changed, and 2 if the file is not understood \
or the database can not be asked.

Examples:
  aedile access apply access.yaml
  aedile access apply --dry-run access.yaml     Try it, and undo it
  aedile access apply --yes access.yaml         Without asking, as in a pipeline")]
    Apply(AccessApply),
    /// Judge expectations: who can and who cannot do what
    #[command(after_help = "\
Payloads are tried for real, in transactions that are undone. Nothing is changed.

The exit status is 0 if all expectations hold, 1 if some do not, and 2 if a file is not understood or the database can not \
be asked.

Examples:
  aedile access test access-tests.yaml
  aedile access test --format json tests/*.yaml")]
    Test(AccessTest),
}

/// Arguments of `access snapshot`.
#[derive(Debug, Args)]
pub struct AccessSnapshot {
    /// File to write; standard output when left out
    pub file: Option<PathBuf>,
    /// Leave out which policies users have of their own, as for a file that serves several databases
    #[arg(long)]
    pub without_users: bool,
}

/// Arguments of `access diff`.
#[derive(Debug, Args)]
pub struct AccessDiff {
    /// File to compare with the database
    pub file: PathBuf,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Arguments of `access apply`.
#[derive(Debug, Args)]
pub struct AccessApply {
    /// File to apply
    pub file: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Try everything, protections included, and undo it
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

/// Arguments of `access test`.
#[derive(Debug, Args)]
pub struct AccessTest {
    /// Files of expectations
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Form of the report
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
