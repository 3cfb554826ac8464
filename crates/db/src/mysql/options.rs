//! How a database of MariaDB or MySQL is reached and used. Never tells the password, not even to logs.

use std::{fmt, time::Duration};

use aedile_engine::{Code, Error, Result};
use mysql_async::{ClientIdentity, Opts, OptsBuilder, SslOpts};

use crate::{ANSWER_LIMIT, FEWEST_READERS, QUEUE_LIMIT, STATEMENT_LIMIT, Tls, Trust};

/// Transactions at the same time: each has a connection for itself.
const WRITERS: usize = 8;
/// Longest wait for a connection to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Prepared statements that each connection keeps. A server has 16,382 for all connections together unless told otherwise.
const PREPARED: usize = 256;
/// The option of connection strings by which MariaDB is asked what MySQL would be, to try that.
const REHEARSAL: &str = "rehearse_mysql";

/// Longest wait of a change of the schema for a table that others use: all who come after it wait for it.
const TABLE_LIMIT: Duration = Duration::from_secs(10);

/// Where a server is and who asks it.
#[derive(Clone)]
pub struct MySqlServer {
    pub(super) opts: Opts,
    /// MariaDB is asked what MySQL would be.
    pub(super) rehearses: bool,
}

impl fmt::Debug for MySqlServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MySqlServer")
    }
}

impl MySqlServer {
    /// Reads `mysql://user:password@host:port/database`; `?socket=/path` instead of the host leads to a socket,
    /// `?require_ssl=true` asks for TLS; with `?rehearse_mysql=true` a server of MariaDB is asked what MySQL would be.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` for what is none; nothing of it is told.
    pub fn parse(text: &str) -> Result<MySqlServer> {
        let unusable = |reason: &str| Error::new(Code::ServiceUnavailable, reason);
        let text = match text.split_once("://") {
            Some(("mariadb", rest)) => format!("mysql://{rest}"),
            _ => text.to_owned(),
        };
        let (text, rehearses) = without(&text, REHEARSAL);
        let opts = Opts::from_url(&text).map_err(|_| {
            unusable("The connection string is not one of MariaDB (mysql://user:password@host:port/database).")
        })?;
        if opts.db_name().is_none_or(str::is_empty) {
            return Err(unusable("The connection string names no database."));
        }
        Ok(MySqlServer { opts, rehearses })
    }

    /// A server by its parts. `host` is a name, an address, or the path of a socket.
    pub fn new(host: &str, port: u16, database: &str, user: &str, password: Option<&str>) -> MySqlServer {
        let mut opts = OptsBuilder::default()
            .db_name(Some(database))
            .user(Some(user))
            .pass(password);
        if host.starts_with('/') {
            opts = opts.socket(Some(host));
        } else {
            opts = opts.ip_or_hostname(host).tcp_port(port);
        }
        MySqlServer {
            opts: opts.into(),
            rehearses: false,
        }
    }

    /// The same, reached by encrypted connections only; a socket stays as it is.
    ///
    /// # Errors
    /// As [`Tls::new`].
    pub fn encrypted(self, trust: &Trust<'_>) -> Result<MySqlServer> {
        // It is read again by the driver, who would tell of what it cannot read.
        Tls::new(trust)?;
        let text = |pem: &str| pem.as_bytes().to_vec();
        let identity = trust.identity;
        let identity =
            identity.map(|(certificates, key)| ClientIdentity::new(text(certificates).into(), text(key).into()));
        let ssl = SslOpts::default()
            .with_root_certs(trust.authorities.map(|pem| text(pem).into()).into_iter().collect())
            .with_disable_built_in_roots(trust.authorities.is_some())
            .with_danger_accept_invalid_certs(trust.anybody)
            .with_client_identity(identity);
        Ok(MySqlServer {
            opts: OptsBuilder::from_opts(self.opts).ssl_opts(ssl).into(),
            ..self
        })
    }
}

/// A connection string without an option, and whether that was `true`.
fn without(text: &str, option: &str) -> (String, bool) {
    let Some((place, options)) = text.split_once('?') else {
        return (text.to_owned(), false);
    };
    let (ours, others): (Vec<&str>, Vec<&str>) = options
        .split('&')
        .partition(|pair| pair.split('=').next() == Some(option));
    let is_true = ours.iter().any(|pair| pair.ends_with("=true"));
    match others.is_empty() {
        true => (place.to_owned(), is_true),
        false => (format!("{place}?{}", others.join("&")), is_true),
    }
}

/// How a database of MariaDB or MySQL is opened.
#[derive(Clone, Debug)]
pub struct MySqlOptions {
    /// The server.
    pub server: MySqlServer,
    /// Reading connections: so many statements at the same time, besides those of transactions.
    pub readers: usize,
    /// Writing connections: so many transactions at the same time.
    pub writers: usize,
    /// Prepared statements that each connection keeps.
    pub statement_cache: usize,
    /// Longest run of one statement; then it fails with `OUT_OF_TIME`.
    pub statement_limit: Duration,
    /// Longest wait of a change of the schema for a table that others use.
    pub table_limit: Duration,
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

impl MySqlOptions {
    /// The defaults for a server.
    pub fn new(server: MySqlServer) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        MySqlOptions {
            server,
            readers: FEWEST_READERS.max(2 * cores),
            writers: WRITERS,
            statement_cache: PREPARED,
            statement_limit: STATEMENT_LIMIT,
            table_limit: TABLE_LIMIT,
            connect_limit: CONNECT_LIMIT,
            queue_limit: QUEUE_LIMIT,
            answer_limit: ANSWER_LIMIT,
            hidden_tables: Vec::new(),
            look_only: false,
        }
    }
}
