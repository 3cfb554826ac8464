//! The configuration: read from all sources, checked as a whole, handed on as plain typed data.
//! A malformed value never starts a server; every fault is found at once, and no secret is ever printed.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use aedile_platform::config::Settings;

mod build;
mod dotenv;
mod kind;
mod raw;
pub mod secret;
pub mod show;
mod source;
mod suggest;
mod table;
mod words;

pub use source::Source;
pub use words::{DbClient, LogLevel, LogStyle};

#[cfg(test)]
mod tests;

/// Everything the binary knows about how it shall run.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the other crates obey.
    pub settings: Settings,
    /// Which database is served.
    pub database: Database,
    /// How the log looks.
    pub logging: Logging,
    /// What looks like a slip but stops nothing; to be logged once.
    pub warnings: Vec<String>,
    /// Every setting as it stands, in the order of the table.
    pub effective: Vec<Effective>,
}

/// Which database is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// Its kind.
    pub client: DbClient,
    /// The SQLite file, or `:memory:`.
    pub filename: PathBuf,
    /// Tables that are treated as if they did not exist.
    pub exclude_tables: Vec<String>,
}

impl Database {
    /// Refuses a database that this version does not serve.
    pub fn check_served(&self) -> Result<(), Problem> {
        if self.client == DbClient::Sqlite {
            return Ok(());
        }
        Err(Problem(format!(
            "DB_CLIENT asks for {}, but this version serves SQLite only; set DB_CLIENT=sqlite3 and DB_FILENAME.",
            self.client
        )))
    }

    /// Whether the database lives in memory and dies with the process.
    pub fn is_in_memory(&self) -> bool {
        self.filename == Path::new(":memory:")
    }
}

/// How the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logging {
    /// The least important messages that are still logged.
    pub level: LogLevel,
    /// How a line looks.
    pub style: LogStyle,
}

/// One setting as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The variable.
    pub name: &'static str,
    /// Its value as written, already masked when it is a secret.
    pub value: String,
    /// Where it was written.
    pub source: Source,
}

/// One thing that is wrong with the configuration, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(pub String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "The configuration cannot be used: {one}"),
            many => {
                write!(f, "The configuration cannot be used, for {} reasons:", many.len())?;
                many.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
            }
        }
    }
}

impl Config {
    /// Reads the environment of this process and the configuration file it points to.
    pub fn load() -> Result<Self, Problems> {
        Self::from_sources(std::env::vars_os(), Path::new("."))
    }

    /// Reads the given environment; relative paths of files are looked up in `folder`.
    pub fn from_sources(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        folder: &Path,
    ) -> Result<Self, Problems> {
        build::config(source::Sources::read(environment, folder))
    }
}
