//! The configuration: read from all sources, checked as a whole, handed on as plain typed data.
//! A malformed value never starts a server; every fault is found at once, and no secret is ever printed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use aedile_platform::config::{Secret, Settings};

mod build;
mod dotenv;
mod kind;
mod providers;
mod raw;
pub mod secret;
pub mod show;
mod source;
mod suggest;
pub mod surroundings;
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
    /// Every secret that is set.
    pub secrets: Vec<(Cow<'static, str>, Secret)>,
    /// Variables that audits look at, whether they are settings or not; none of them is a secret.
    pub watched: BTreeMap<String, String>,
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
    /// How long one statement may run.
    pub statement_limit: std::time::Duration,
    /// How a database server is reached.
    pub server: DatabaseServer,
}

/// How a database server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseServer {
    /// Everything in one; empty when it is said by parts.
    pub connection: Secret,
    /// A name, an address, or the folder of a socket.
    pub host: String,
    /// The port; none for the usual one.
    pub port: Option<u16>,
    /// The database.
    pub database: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// Its password; may be empty.
    pub password: Secret,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Schemas that tables are looked for in.
    pub search_path: Vec<String>,
    /// Transactions at the same time.
    pub writers: usize,
}

/// How the connection to a database server is encrypted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whether it shall be.
    pub wanted: bool,
    /// The authorities that are trusted, in PEM.
    pub authorities: Option<String>,
    /// Whether the server has to show who it is, where that is said.
    pub verified: Option<bool>,
    /// What the server is shown, in PEM.
    pub certificate: Option<String>,
    /// Its key, in PEM; may be empty.
    pub key: Secret,
}

impl Tls {
    /// Whether anything asks for encryption.
    pub fn is_wanted(&self) -> bool {
        self.wanted || self.authorities.is_some() || self.verified.is_some() || self.certificate.is_some()
    }

    /// What the database boundary needs; none where nothing asks for encryption.
    fn trust(&self) -> Option<aedile_db::Trust<'_>> {
        let certificate = self.certificate.as_deref();
        self.is_wanted().then(|| aedile_db::Trust {
            authorities: self.authorities.as_deref(),
            anybody: self.verified == Some(false),
            identity: certificate.map(|certificate| (certificate, self.key.expose())),
        })
    }
}

impl Database {
    /// Refuses a database that this version does not serve, or that it cannot find.
    pub fn check_served(&self) -> Result<(), Problem> {
        match self.client {
            DbClient::Sqlite => Ok(()),
            DbClient::Postgres | DbClient::CockroachDb | DbClient::MySql | DbClient::MariaDb => {
                let server = &self.server;
                if server.connection.is_empty() && (server.database.is_none() || server.user.is_none()) {
                    return Err(Problem(format!(
                        "DB_CLIENT asks for {}: set DB_CONNECTION_STRING, or DB_HOST, DB_DATABASE, DB_USER and DB_PASSWORD.",
                        self.client
                    )));
                }
                Ok(())
            }
        }
    }

    /// The PostgreSQL server that is meant.
    ///
    /// # Errors
    /// A connection string that is none.
    pub fn postgres(&self) -> aedile_engine::Result<aedile_db::PostgresOptions> {
        use aedile_db::{PostgresOptions, Server};
        let said = &self.server;
        let server = if said.connection.is_empty() {
            let usual = if self.client == DbClient::CockroachDb {
                26257
            } else {
                5432
            };
            let password = (!said.password.is_empty()).then(|| said.password.expose());
            Server::new(
                &said.host,
                said.port.unwrap_or(usual),
                said.database.as_deref().unwrap_or_default(),
                said.user.as_deref().unwrap_or_default(),
                password,
            )
        } else {
            Server::parse(said.connection.expose())?
        };
        Ok(PostgresOptions {
            search_path: said.search_path.clone(),
            writers: said.writers,
            hidden_tables: self.exclude_tables.clone(),
            statement_limit: self.statement_limit,
            tls: said.tls.trust().map(|trust| aedile_db::Tls::new(&trust)).transpose()?,
            ..PostgresOptions::new(server)
        })
    }

    /// The MariaDB server that is meant.
    ///
    /// # Errors
    /// A connection string that is none.
    pub fn mysql(&self) -> aedile_engine::Result<aedile_db::MySqlOptions> {
        use aedile_db::{MySqlOptions, MySqlServer};
        let said = &self.server;
        let server = if said.connection.is_empty() {
            let password = (!said.password.is_empty()).then(|| said.password.expose());
            MySqlServer::new(
                &said.host,
                said.port.unwrap_or(3306),
                said.database.as_deref().unwrap_or_default(),
                said.user.as_deref().unwrap_or_default(),
                password,
            )
        } else {
            MySqlServer::parse(said.connection.expose())?
        };
        let server = match said.tls.trust() {
            Some(trust) => server.encrypted(&trust)?,
            None => server,
        };
        Ok(MySqlOptions {
            writers: said.writers,
            hidden_tables: self.exclude_tables.clone(),
            statement_limit: self.statement_limit,
            ..MySqlOptions::new(server)
        })
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
    pub name: Cow<'static, str>,
    /// Its name in the table.
    pub setting: &'static str,
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
