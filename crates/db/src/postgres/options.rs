//! How a PostgreSQL database is reached and used. Never tells the password, not even to logs.

use std::{fmt, str::FromStr as _, time::Duration};

use aedile_engine::{Code, Error, Result};
use tokio_postgres::{Config, config::SslMode};

use super::Tls;
use crate::{ANSWER_LIMIT, FEWEST_READERS, QUEUE_LIMIT, STATEMENT_LIMIT, STATEMENTS_KEPT};

/// Transactions at the same time: each has a connection for itself.
const WRITERS: usize = 8;
/// Longest wait for a connection to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// Where a server is and who asks it.
#[derive(Clone)]
pub struct Server(pub(super) Config);

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

impl Server {
    /// Reads `postgres://user:password@host:port/database` or `host=.. dbname=..`.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` for what is neither; nothing of it is told.
    pub fn parse(text: &str) -> Result<Server> {
        let unusable = |reason: &str| Error::new(Code::ServiceUnavailable, reason);
        let config = Config::from_str(text).map_err(|_| {
            unusable("The connection string is not one of PostgreSQL (postgres://user:password@host:port/database).")
        })?;
        Ok(Server(config))
    }

    /// A server by its parts. `host` is a name, an address, or the folder of a socket.
    pub fn new(host: &str, port: u16, database: &str, user: &str, password: Option<&str>) -> Server {
        let mut config = Config::new();
        config.host(host).port(port).dbname(database).user(user);
        if let Some(password) = password {
            config.password(password);
        }
        Server(config)
    }

    /// Whether the connection string says that connections are encrypted.
    pub(super) fn asks_for_tls(&self) -> bool {
        self.0.get_ssl_mode() == SslMode::Require
    }
}

/// How a PostgreSQL database is opened.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// The server.
    pub server: Server,
    /// How connections are encrypted; none leaves it to the connection string.
    pub tls: Option<Tls>,
    /// Schemas that tables are looked for in, the first being where new ones are made; empty leaves it to the server.
    pub search_path: Vec<String>,
    /// Reading connections, each shared by many statements.
    pub readers: usize,
    /// Of these, so many take all statements that are known to be quick, by plans that are made once.
    pub quick: usize,
    /// Writing connections: so many transactions at the same time.
    pub writers: usize,
    /// Prepared statements that each connection keeps.
    pub statement_cache: usize,
    /// Longest run of one statement; then it fails with `OUT_OF_TIME`.
    pub statement_limit: Duration,
    /// Longest wait for a connection to be made.
    pub connect_limit: Duration,
    /// Statements, and transactions, that may wait; beyond it they are refused at once.
    pub queue_limit: usize,
    /// Largest JSON answer of one statement, in bytes.
    pub answer_limit: usize,
    /// Tables that are never told of, by name without regard to case.
    pub hidden_tables: Vec<String>,
    /// Only to look: any version is opened.
    pub look_only: bool,
}

impl PostgresOptions {
    /// The defaults for a server.
    pub fn new(server: Server) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        PostgresOptions {
            server,
            tls: None,
            search_path: Vec::new(),
            readers: FEWEST_READERS.max(2 * cores),
            quick: cores,
            writers: WRITERS,
            statement_cache: STATEMENTS_KEPT,
            statement_limit: STATEMENT_LIMIT,
            connect_limit: CONNECT_LIMIT,
            queue_limit: QUEUE_LIMIT,
            answer_limit: ANSWER_LIMIT,
            hidden_tables: Vec::new(),
            look_only: false,
        }
    }
}
