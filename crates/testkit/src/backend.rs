//! The databases that servers under test are put on: one of these for a whole run, with a database of its own for each server.
//! Knows how a server is told of its database, and nothing of what it does there.

use anyhow::{Result, bail};

use crate::{mariadb, postgres};

/// What keeps the data.
pub enum Backend {
    /// A file that each server makes for itself.
    Sqlite,
    /// A server of PostgreSQL.
    Postgres(Box<postgres::Postgres>),
    /// A server of MariaDB.
    MariaDb(mariadb::MariaDb),
    /// One that is asked what MySQL would be.
    Rehearsal(mariadb::MariaDb),
}

/// A database of its own.
pub enum Own<'b> {
    /// A file.
    Sqlite,
    /// One of PostgreSQL.
    Postgres(postgres::Database<'b>),
    /// One of MariaDB.
    MariaDb(mariadb::Database<'b>),
    /// One of MariaDB, to be asked what MySQL would be.
    Rehearsal(mariadb::Database<'b>),
}

impl Backend {
    /// Starts what this word of `--database` means; none for another word.
    ///
    /// # Errors
    /// In one line: what is missing, or what failed.
    pub fn start(word: &str) -> Result<Option<Backend>> {
        Ok(Some(match word {
            "sqlite" => Backend::Sqlite,
            "pg" => Backend::Postgres(Box::new(postgres::Postgres::start()?)),
            "mysql" => Backend::MariaDb(mariadb::MariaDb::start()?),
            "mysql8" => Backend::Rehearsal(mariadb::MariaDb::start()?),
            _ => return Ok(None),
        }))
    }

    /// Whether its server is MariaDB.
    #[must_use]
    pub fn is_mariadb(&self) -> bool {
        matches!(self, Backend::MariaDb(_) | Backend::Rehearsal(_))
    }

    /// Whether its server was started here, and may be killed.
    #[must_use]
    pub fn is_own(&self) -> bool {
        match self {
            Backend::Sqlite => false,
            Backend::Postgres(server) => server.is_own(),
            Backend::MariaDb(server) | Backend::Rehearsal(server) => server.is_own(),
        }
    }

    /// Kills its server, with everything that it had not written down; it is started again at once.
    ///
    /// # Errors
    /// When it is not one of our own, or not running.
    pub fn crash(&self) -> Result<()> {
        match self {
            Backend::Sqlite => bail!("a file has no server to kill"),
            Backend::Postgres(server) => server.crash(),
            Backend::MariaDb(server) | Backend::Rehearsal(server) => server.crash(),
        }
    }

    /// A database of its own, empty.
    ///
    /// # Errors
    /// What the server answers.
    pub fn database(&self) -> Result<Own<'_>> {
        Ok(match self {
            Backend::Sqlite => Own::Sqlite,
            Backend::Postgres(server) => Own::Postgres(server.database()?),
            Backend::MariaDb(server) => Own::MariaDb(server.database()?),
            Backend::Rehearsal(server) => Own::Rehearsal(server.database()?),
        })
    }
}

impl Own<'_> {
    /// What is acknowledged on it is written down first: a [crash](Backend::crash) loses nothing.
    ///
    /// # Errors
    /// What the server answers.
    pub fn keep_commits(&self) -> Result<()> {
        match self {
            Own::Postgres(database) => database.keep_commits(),
            // They always do.
            Own::Sqlite | Own::MariaDb(_) | Own::Rehearsal(_) => Ok(()),
        }
    }

    /// The settings that lead a server to it.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Own::Sqlite => Vec::new(),
            Own::Postgres(database) => settings("pg", database.url()),
            Own::MariaDb(database) => settings("mysql", database.url()),
            Own::Rehearsal(database) => settings("mysql", database.rehearsal_url()),
        }
    }
}

fn settings(client: &str, url: String) -> Vec<(&'static str, String)> {
    vec![("DB_CLIENT", client.to_owned()), ("DB_CONNECTION_STRING", url)]
}
