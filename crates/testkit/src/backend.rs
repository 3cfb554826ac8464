//! The databases that servers under test are put on: one of these for a whole run, with a database of its own for each server.
//! Knows how a server is told of its database, and nothing of what it does there.

use anyhow::Result;

use crate::{mariadb, postgres};

/// What keeps the data.
pub enum Backend {
    /// A file that each server makes for itself.
    Sqlite,
    /// A server of PostgreSQL.
    Postgres(Box<postgres::Postgres>),
    /// A server of MariaDB or MySQL.
    MariaDb(mariadb::MariaDb),
}

/// A database of its own.
pub enum Own<'b> {
    /// A file.
    Sqlite,
    /// One of PostgreSQL.
    Postgres(postgres::Database<'b>),
    /// One of MariaDB or MySQL.
    MariaDb(mariadb::Database<'b>),
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
            _ => return Ok(None),
        }))
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
        })
    }
}

impl Own<'_> {
    /// The settings that lead a server to it.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Own::Sqlite => Vec::new(),
            Own::Postgres(database) => settings("pg", database.url()),
            Own::MariaDb(database) => settings("mysql", database.url()),
        }
    }
}

fn settings(client: &str, url: String) -> Vec<(&'static str, String)> {
    vec![("DB_CLIENT", client.to_owned()), ("DB_CONNECTION_STRING", url)]
}
