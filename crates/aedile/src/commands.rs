//! What each command does: from the command line to the crates that know how.
//! Answers go to standard output; everything that is not an answer goes to the log or to the failure.

use std::fmt;
use std::io::{self, BufRead, IsTerminal as _, Write};

use aedile_platform::config::Secret;
use anyhow::Context;

use crate::cli::{self, Command};
use crate::config::{self, Config, Problem, Problems, secret, show};
use crate::logging;

mod access;
mod audit;
mod database;
mod doctor;
mod project;
mod schema;
mod template;

/// Exit code when there is nothing to complain of.
const EXIT_DONE: u8 = 0;
/// Exit code when the command line or the configuration is at fault; clap uses the same.
const EXIT_USAGE: u8 = 2;
/// Exit code when the command was understood and failed.
const EXIT_FAILED: u8 = 1;

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The configuration cannot be used.
    Config(Problems),
    /// The command was understood and failed.
    Failed(anyhow::Error),
    /// There is no verdict to give, where [`EXIT_FAILED`] would be one.
    Undecided(anyhow::Error),
}

impl Failure {
    /// The code the process ends with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Undecided(_) => EXIT_USAGE,
            Self::Failed(_) => EXIT_FAILED,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(problems) => write!(f, "{problems}"),
            Self::Failed(error) | Self::Undecided(error) => write!(f, "Error: {error:#}"),
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Config(problems)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Config(Problems(vec![problem]))
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// Runs one command to its end; answers the code the process ends with.
pub fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Access(args) => access::run(args),
        Command::Audit(args) => audit::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Schema(args) => schema::run(args),
        other => answer(other).map(|()| EXIT_DONE),
    }
}

/// Runs a command that has nothing to say beyond its answer.
fn answer(command: Command) -> Result<(), Failure> {
    match command {
        Command::Access(_) | Command::Audit(_) | Command::Doctor(_) | Command::Schema(_) => Ok(()),
        Command::Config(args) => show_config(&args),
        Command::Secret(cli::Generate::Generate) | Command::Security(cli::Security::SecretGenerate) => {
            let secret = secret::generate().context("the system gives no random numbers")?;
            print(&format!("{}\n", secret.expose()))
        }
        Command::Key(cli::Generate::Generate) | Command::Security(cli::Security::KeyGenerate) => {
            print(&format!("{}\n", uuid::Uuid::new_v4()))
        }
        Command::Start => with_project(project::start),
        Command::Bootstrap(args) => with_project(move |config| project::bootstrap(config, args.skip_admin_init)),
        Command::Database(cli::Database::Install) => with_project(project::install),
        Command::Database(cli::Database::MigrateLatest) => with_project(|c| project::migrate(c, Migration::Latest)),
        Command::Database(cli::Database::MigrateUp) => with_project(|c| project::migrate(c, Migration::Up)),
        Command::Database(cli::Database::MigrateDown) => with_project(|c| project::migrate(c, Migration::Down)),
        Command::Users(cli::Users::Create(args)) => {
            let password = password(args.password, io::stdin().lock())?;
            with_project(move |config| project::create_user(config, args.email, password, args.role))
        }
        Command::Users(cli::Users::Passwd(args)) => {
            let password = password(args.password, io::stdin().lock())?;
            with_project(move |config| project::set_password(config, args.email, password))
        }
        Command::Roles(cli::Roles::Create(args)) => {
            with_project(move |config| project::create_role(config, args.role, args.admin))
        }
        Command::Explain(args) => with_project(move |config| project::explain(config, args)),
        Command::Template(command) => template::run(command),
        Command::Demo(args) => with_project(move |config| project::load_demo(config, args.force)),
    }
}

/// How far to migrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migration {
    /// Everything outstanding.
    Latest,
    /// One step.
    Up,
    /// One step back.
    Down,
}

/// Loads the configuration, installs the log, makes the runtime, and runs what works on the database.
/// What the command returns is its answer, for standard output.
fn with_project<F>(command: impl FnOnce(Config) -> F) -> Result<(), Failure>
where
    F: Future<Output = anyhow::Result<String>>,
{
    let answer = in_project(command)??;
    print(&answer)
}

/// The same for commands that answer by themselves.
fn in_project<F: Future>(command: impl FnOnce(Config) -> F) -> Result<F::Output, Failure> {
    let mut config = Config::load()?;
    config.database.check_served()?;
    logging::install(config.logging);
    let warning = secret::ensure(&mut config)?;
    for warning in config.warnings.iter().chain(&warning) {
        tracing::warn!("{warning}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("aedile")
        .build()
        .context("the runtime cannot be set up")?;
    Ok(runtime.block_on(command(config)))
}

fn show_config(args: &cli::Config) -> Result<(), Failure> {
    if args.docs {
        return print(&show::markdown());
    }
    let config = config::Config::load()?;
    for warning in &config.warnings {
        eprintln!("Warning: {warning}");
    }
    print(&if args.json {
        show::json(&config)
    } else {
        show::text(&config)
    })
}

/// The password from the arguments, or the first line of the input.
fn password(given: Option<Secret>, mut input: impl BufRead) -> anyhow::Result<Secret> {
    if let Some(password) = given {
        return Ok(password);
    }
    let mut line = String::new();
    input
        .read_line(&mut line)
        .context("the password cannot be read from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    anyhow::ensure!(
        !password.is_empty(),
        "no password: give --password, or write it to standard input"
    );
    Ok(Secret::new(password))
}

/// Asks on the terminal. Without one nobody can agree.
fn agreed(question: &str) -> anyhow::Result<bool> {
    let input = io::stdin();
    anyhow::ensure!(
        input.is_terminal(),
        "nothing was changed: there is no terminal to ask on; --yes applies without asking"
    );
    print!("\n{question} [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer).context("the answer can not be read")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Writes an answer. A reader that went away early (`aedile config | head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(anyhow::Error::new(error)
            .context("standard output cannot be written")
            .into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
