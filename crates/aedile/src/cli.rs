//! The command line: its words, their help, and nothing of what they do.

mod access;
mod accounts;
mod audit;
mod schema;
mod template;

pub use access::{Access, AccessApply, AccessDiff, AccessSnapshot, AccessTest, Explain};
pub use accounts::{Roles, Users};
pub use audit::{Audit, ReportFormat, Threshold};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
pub use schema::{FileFormat, Schema, SchemaApply, SchemaDiff, SchemaSnapshot};
pub use template::{Demo, Template, TemplateApply, TemplateExtract};

/// Aedile turns a SQL database into a headless data platform: REST API, and access control to the cell.
#[derive(Debug, Parser)]
#[command(
    name = "aedile",
    version,
    disable_version_flag = true,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Settings come from environment variables and from `.env` or the file that CONFIG_PATH names; `aedile config` shows them.

Examples:
  aedile bootstrap                     Prepare the database, create the first administrator
  aedile start                         Serve it on http://localhost:8055
  PORT=8080 aedile start               The same on another port
  aedile demo && aedile start          Look around in a filled project
  aedile doctor                        What an existing database is, and what would be done to it"
)]
pub struct Cli {
    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    version: (),

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the configured database
    #[command(after_help = "\
A database that was never prepared is bootstrapped first, exactly as `aedile bootstrap` does it. \
The server stops on Ctrl-C or SIGTERM and lets running requests finish (SERVER_SHUTDOWN_TIMEOUT).

Examples:
  aedile start
  HOST=127.0.0.1 PORT=8080 DB_FILENAME=./shop.db aedile start
  CONFIG_PATH=/etc/aedile.yaml aedile start")]
    Start,

    /// Prepare the database: install or migrate it, and create the first administrator
    #[command(after_help = "\
The administrator comes from ADMIN_EMAIL, ADMIN_PASSWORD and ADMIN_TOKEN; a password that is not set is made up and \
printed once. Running it again changes nothing but outstanding migrations.

Examples:
  ADMIN_EMAIL=me@example.com aedile bootstrap
  aedile bootstrap --skip-admin-init")]
    Bootstrap(Bootstrap),

    /// Say what the database is, what would be done to it, and what of it is not served
    #[command(after_help = "\
Looks at the configured database and changes nothing: which version it is, what it holds, what Aedile would add, and what of \
it is left out or served differently. With --apply it shows the same, asks, and adds Aedile's own tables (aedile_*) and the \
indexes that foreign keys lack. The tables of the system and their list of migrations are never changed: the database still \
opens where it came from.

A database that Aedile has never worked on is not started before that.

The exit status is 0 if `aedile start` serves the database, 1 if something has to be done first or nothing was changed, and \
2 if the database can not be asked.

Examples:
  aedile doctor
  aedile doctor --format json
  aedile doctor --apply
  aedile doctor --apply --yes                   Without asking, as in a pipeline
  aedile doctor --apply --without-indexes       Leave foreign keys as they are
  aedile doctor --upgrade-tokens                Store static tokens as digests, for good")]
    Doctor(Doctor),

    /// Install or migrate the system tables
    #[command(subcommand)]
    Database(Database),

    /// Create users, set passwords
    #[command(subcommand)]
    Users(Users),

    /// Create roles
    #[command(subcommand)]
    Roles(Roles),

    /// Explain why somebody may or may not do something
    #[command(after_help = "\
Tells the verdict, the policies and permissions that decide it and how each came, the rules in words and as SQL, and \
for an item which of its fields may be seen or changed, and why not.

Examples:
  aedile explain --user ada@example.com --collection articles --action read
  aedile explain --user ada@example.com --collection articles --action update --item 7 --field title
  aedile explain --role Editors --ip 203.0.113.9 --collection articles --action delete
  aedile explain --public --collection articles --action read --json")]
    Explain(Explain),

    /// Keep who may do what in a file: write, compare, apply and test it
    #[command(
        subcommand,
        after_help = "\
The file holds roles, policies with their permissions, and who has them. It stands beside the code, is reviewed like code, \
and is applied by whoever deploys. Expectations in a second file say what it has to mean.

Examples:
  aedile access snapshot access.yaml
  aedile access diff access.yaml
  aedile access apply access.yaml
  aedile access test access-tests.yaml"
    )]
    Access(Access),

    /// Look for what the security checklists warn of: access, accounts, settings and surroundings
    #[command(after_help = "\
Asks as the public what the public is answered, tries what it may write and undoes it, and judges policies, administrators, \
tokens, flows, shares, settings and the environment. Nothing is changed but by --fix.

A baseline holds findings that somebody has accepted, each with its reason:

  version: 1
  accepted:
    - check: public-reads
      on: policy \"Public\", collection posts
      reason: These are the posts that are meant to be read.

The exit status is 0 if nothing was found at or above --fail-on that is not accepted (with --fix: if everything chosen was \
mended), 1 if something was, and 2 if there is no verdict.

Examples:
  aedile audit
  aedile audit --baseline audit-baseline.yaml --fail-on high
  aedile audit --format sarif > audit.sarif
  aedile audit --fix                                   Mend what can be mended, after a yes
  aedile audit --fix token-of-inactive,login-attempts-unlimited --yes")]
    Audit(Audit),

    /// Bring a project template in, or write the project as one
    #[command(
        subcommand,
        after_help = "\
A template is a folder of JSON files in the format of the official template CLI: collections, fields and relations, roles, \
policies and permissions, users, settings, and the rows of collections.

Examples:
  aedile template apply ./help-center
  aedile template extract ./my-project"
    )]
    Template(Template),

    /// Keep the data model in a file: write, compare and apply it
    #[command(
        subcommand,
        after_help = "\
The file holds collections, fields and relations, in the form that Directus gives it; no items, and nothing of who may do \
what (see `aedile access`).

Examples:
  aedile schema snapshot schema.yaml
  aedile schema diff schema.yaml
  aedile schema apply --dry-run schema.yaml
  aedile schema apply schema.yaml"
    )]
    Schema(Schema),

    /// Fill the database with the demo project
    #[command(after_help = "\
The demo brings collections, content, roles and policies to try things on. A database that already holds collections of \
its own is left alone unless --force is given; even then nothing of yours is overwritten.

Examples:
  aedile demo
  DB_FILENAME=./demo.db aedile demo")]
    Demo(Demo),

    /// Show the settings in force and where each comes from
    #[command(after_help = "\
Secrets are masked. A configuration that cannot be used is explained instead, with exit code 2.

Examples:
  aedile config
  aedile config --json
  aedile config --docs > docs/configuration.md")]
    Config(Config),

    /// Generate a secret for SECRET
    #[command(
        subcommand,
        after_help = "Example:\n  aedile secret generate > secret.txt && SECRET_FILE=secret.txt aedile start"
    )]
    Secret(Generate),

    /// Generate a key, such as for a static token
    #[command(
        subcommand,
        after_help = "Example:\n  ADMIN_TOKEN=$(aedile key generate) aedile bootstrap"
    )]
    Key(Generate),

    /// The same generators under their older names
    #[command(subcommand, hide = true)]
    Security(Security),
}

/// Arguments of `bootstrap`.
#[derive(Debug, Args)]
pub struct Bootstrap {
    /// Create no administrator
    #[arg(long, alias = "skipAdminInit")]
    pub skip_admin_init: bool,
}

/// What to do with the system tables.
#[derive(Debug, Subcommand)]
pub enum Database {
    /// Create the system tables in an empty database
    #[command(after_help = "Example:\n  DB_FILENAME=./shop.db aedile database install")]
    Install,
    /// Apply every outstanding migration
    #[command(name = "migrate:latest", after_help = "Example:\n  aedile database migrate:latest")]
    MigrateLatest,
    /// Apply the next migration
    #[command(name = "migrate:up", after_help = "Example:\n  aedile database migrate:up")]
    MigrateUp,
    /// Take back the last migration
    #[command(name = "migrate:down", after_help = "Example:\n  aedile database migrate:down")]
    MigrateDown,
}

/// Form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Do what would be done
    #[arg(long)]
    pub apply: bool,
    /// Store digests of static tokens instead of the tokens; the reference will not take them any more
    #[arg(long, conflicts_with = "apply")]
    pub upgrade_tokens: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Add no indexes
    #[arg(long)]
    pub without_indexes: bool,
    /// Form of the report
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Arguments of `config`.
#[derive(Debug, Args)]
pub struct Config {
    /// As a JSON array
    #[arg(long, conflicts_with = "docs")]
    pub json: bool,
    /// The reference of all settings, in Markdown
    #[arg(long)]
    pub docs: bool,
}

/// The one thing to do with a secret or a key.
#[derive(Debug, Subcommand)]
pub enum Generate {
    /// Print a new random one
    Generate,
}

/// The generators under their older names.
#[derive(Debug, Subcommand)]
pub enum Security {
    /// Print a new random secret
    #[command(name = "secret:generate")]
    SecretGenerate,
    /// Print a new random key
    #[command(name = "key:generate")]
    KeyGenerate,
}

#[cfg(test)]
mod tests;
