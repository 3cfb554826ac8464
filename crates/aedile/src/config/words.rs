//! The closed sets of words that only the binary itself cares for: databases, places of counts, log levels, log styles.
//! Sets that other crates act on live in the platform's configuration instead.

use std::fmt;

use super::kind::Words;

/// The kind of database behind `DB_CLIENT`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DbClient {
    /// SQLite.
    #[default]
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// What serves MariaDB there, too.
    MySql,
    /// MariaDB.
    MariaDb,
    /// CockroachDB.
    CockroachDb,
}

impl Words for DbClient {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("sqlite3", Self::Sqlite),
        ("pg", Self::Postgres),
        ("postgres", Self::Postgres),
        ("mysql", Self::MySql),
        ("mariadb", Self::MariaDb),
        ("cockroachdb", Self::CockroachDb),
    ];
}

/// Where limits are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LimitStore {
    /// In each process.
    #[default]
    Memory,
    /// In a Redis, for all of them.
    Redis,
}

impl Words for LimitStore {
    const WORDS: &'static [(&'static str, Self)] = &[("memory", Self::Memory), ("redis", Self::Redis)];
}

impl fmt::Display for DbClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::MariaDb => "MariaDB",
            Self::CockroachDb => "CockroachDB",
        })
    }
}

/// The least important messages that are still logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Trace,
    /// What helps to find a fault.
    Debug,
    /// The usual course of things.
    #[default]
    Info,
    /// What should be looked at.
    Warn,
    /// What went wrong.
    Error,
    /// Only what ends the server.
    Fatal,
    /// Nothing.
    Silent,
}

impl Words for LogLevel {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("trace", Self::Trace),
        ("debug", Self::Debug),
        ("info", Self::Info),
        ("warn", Self::Warn),
        ("error", Self::Error),
        ("fatal", Self::Fatal),
        ("silent", Self::Silent),
    ];
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogStyle {
    /// For people.
    #[default]
    Pretty,
    /// One JSON object per line.
    Raw,
}

impl Words for LogStyle {
    const WORDS: &'static [(&'static str, Self)] = &[("pretty", Self::Pretty), ("raw", Self::Raw)];
}

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewLine {
    /// With a line feed.
    #[default]
    Unix,
    /// With a carriage return before it.
    Windows,
}

impl Words for NewLine {
    const WORDS: &'static [(&'static str, Self)] = &[("unix", Self::Unix), ("windows", Self::Windows)];
}
