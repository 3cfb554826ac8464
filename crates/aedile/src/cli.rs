//! The command line: its words, their help, and nothing of what they do.

mod audit;

use std::path::PathBuf;

use aedile_platform::config::Secret;
pub use audit::{Audit, ReportFormat, Threshold};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

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

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum Users {
    /// Create a user and print its id
    #[command(after_help = "\
Without --password, the password is read from the first line of standard input, which keeps it out of the shell's \
history and the list of processes.

Examples:
  aedile users create --email ada@example.com --role 6f1b2c8e-6a40-4f0e-9c53-0f3f0c1f2a11 < password.txt
  aedile users create --email ada@example.com --password 's3cret' --role <role id>")]
    Create(UserCreate),
    /// Set the password of a user
    #[command(after_help = "\
Without --password, the password is read from the first line of standard input.

Example:
  aedile users passwd --email ada@example.com < password.txt")]
    Passwd(UserPasswd),
}

/// Arguments of `users create`.
#[derive(Debug, Args)]
pub struct UserCreate {
    /// E-mail address to log in with
    #[arg(long)]
    pub email: String,
    /// Password; standard input when left out
    #[arg(long, value_parser = secret)]
    pub password: Option<Secret>,
    /// Id of the role
    #[arg(long)]
    pub role: String,
}

/// Arguments of `users passwd`.
#[derive(Debug, Args)]
pub struct UserPasswd {
    /// E-mail address of the user
    #[arg(long)]
    pub email: String,
    /// Password; standard input when left out
    #[arg(long, value_parser = secret)]
    pub password: Option<Secret>,
}

/// What to do with roles.
#[derive(Debug, Subcommand)]
pub enum Roles {
    /// Create a role and print its id
    #[command(after_help = "\
Examples:
  aedile roles create --role Editors
  aedile roles create --role Administrators --admin")]
    Create(RoleCreate),
}

/// Arguments of `roles create`.
#[derive(Debug, Args)]
pub struct RoleCreate {
    /// Name of the role
    #[arg(long, value_name = "NAME")]
    pub role: String,
    /// Attach a policy with administrator rights
    #[arg(long)]
    pub admin: bool,
}

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

/// Covers a secret as soon as it comes in, so that no debug output of the arguments shows it.
fn secret(text: &str) -> Result<Secret, String> {
    if text.is_empty() {
        Err("a password is not empty".into())
    } else {
        Ok(Secret::new(text))
    }
}

#[cfg(test)]
mod tests;
