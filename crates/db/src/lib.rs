//! The database boundary: connections, transactions, introspection, and the tables the project itself needs.
//! It runs statements that others compiled; it must never build one from a caller's words, nor know what rows mean.

mod fault;
pub mod history;
mod introspect;
mod json;
mod mysql;
mod postgres;
mod queue;
mod sqlite;
mod steps;
mod stream;
mod tally;
#[cfg(test)]
mod tests;
mod turns;
mod tx;

use std::{path::PathBuf, sync::Arc, time::Duration};

use aedile_engine::{
    Error, Result,
    schema::physical::Physical,
    sql::{Dialect, Stmt},
    value::Param,
};
pub use futures_util::future::BoxFuture;
pub use mysql::{MySql, MySqlOptions, MySqlServer};
pub use postgres::{Postgres, PostgresOptions, Server, Tls, Trust};
pub use sqlite::Sqlite;
pub use stream::Rows;
pub use tx::Tx;

/// Readers there are at least: fewer would let one slow page hold up all others.
const FEWEST_READERS: usize = 4;
/// Compiled statements each connection keeps; a schema of a hundred collections needs a few hundred.
const STATEMENTS_KEPT: usize = 1024;
/// Longest run of one statement. Reports that need longer belong elsewhere.
const STATEMENT_LIMIT: Duration = Duration::from_secs(30);
/// Longest wait for another process that holds the file.
const BUSY_LIMIT: Duration = Duration::from_secs(5);
/// Statements that may wait for a connection before new ones are refused: later ones would time out anyway.
const QUEUE_LIMIT: usize = 4096;
/// Largest answer of one statement in bytes: what a list may take of the memory that all requests share.
const ANSWER_LIMIT: usize = 256 << 20;

/// The first of Aedile's own migrations: taken wherever it was ever let work.
const FIRST_MIGRATION: &str = "meta";

/// A row of values, in the order of the statement's outputs.
pub type Row = Vec<Param>;

/// Rows as the inside of a JSON list: `{"a":1},{"a":2}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonRows {
    /// The text, always valid UTF-8; empty without rows.
    pub bytes: Vec<u8>,
    /// How many rows it holds.
    pub count: usize,
    /// How many there are beyond the page, where the statement says so and there is any row to say it.
    pub counted: Option<i64>,
}

/// A statement with what it binds.
pub type Asked = (Arc<Stmt>, Vec<Param>);

/// How many data statements have run since opening; introspection, DDL and transaction control do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Outside of transactions.
    pub reads: u64,
    /// Inside of transactions, selects included.
    pub writes: u64,
}

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file; created when missing.
    pub path: PathBuf,
    /// Reading connections, each on its own thread.
    pub readers: usize,
    /// Compiled statements that each connection keeps.
    pub statement_cache: usize,
    /// Longest run of one statement; then it fails with `OUT_OF_TIME`.
    pub statement_limit: Duration,
    /// Longest wait for a lock that another process holds.
    pub busy_limit: Duration,
    /// Jobs that may wait, for readers and for the writer each; beyond it they are refused at once.
    pub queue_limit: usize,
    /// Largest JSON answer of one statement, in bytes.
    pub answer_limit: usize,
    /// Tables that are never told of, by name without regard to case: to everybody else they do not exist.
    pub hidden_tables: Vec<String>,
    /// Only to look: a file that is missing is an error, nothing of it is changed, and any version of a project is opened.
    pub look_only: bool,
}

impl Options {
    /// The defaults for a file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Options {
            path: path.into(),
            readers: FEWEST_READERS.max(2 * cores),
            statement_cache: STATEMENTS_KEPT,
            statement_limit: STATEMENT_LIMIT,
            busy_limit: BUSY_LIMIT,
            queue_limit: QUEUE_LIMIT,
            answer_limit: ANSWER_LIMIT,
            hidden_tables: Vec::new(),
            look_only: false,
        }
    }
}

/// An open database. Clones share its connections.
#[derive(Clone)]
pub enum Db {
    /// A SQLite file.
    Sqlite(Sqlite),
    /// A PostgreSQL database.
    Postgres(Postgres),
    /// A database of MariaDB or MySQL.
    MySql(MySql),
}

impl Db {
    /// Opens a database, creating an empty one when there is none.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when it cannot be opened, or holds tables of an older version than the supported one.
    pub async fn open(options: Options) -> Result<Db> {
        Ok(Db::Sqlite(Sqlite::open(options).await?))
    }

    /// Connects to a PostgreSQL database.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when it cannot be reached, or holds tables of an older version than the supported one.
    pub async fn open_postgres(options: PostgresOptions) -> Result<Db> {
        Ok(Db::Postgres(Postgres::open(options).await?))
    }

    /// Connects to a database of MariaDB or MySQL.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when it cannot be reached, or holds tables of an older version than the supported one.
    pub async fn open_mysql(options: MySqlOptions) -> Result<Db> {
        Ok(Db::MySql(MySql::open(options).await?))
    }

    /// How it writes SQL.
    pub fn dialect(&self) -> Dialect {
        match self {
            Db::Sqlite(_) => Dialect::Sqlite,
            Db::Postgres(_) => Dialect::Postgres,
            Db::MySql(db) => Dialect::MySql(db.flavour()),
        }
    }

    /// Runs a reading statement and writes its rows as JSON objects, keyed by its outputs.
    /// When the returned future is dropped, the statement is stopped.
    pub async fn fetch_json(&self, stmt: Arc<Stmt>, params: Vec<Param>) -> Result<JsonRows> {
        match self {
            Db::Sqlite(db) => db.fetch_json(stmt, params).await,
            Db::Postgres(db) => db.fetch_json(stmt, params).await,
            Db::MySql(db) => db.fetch_json(stmt, params).await,
        }
    }

    /// Runs a reading statement and answers its rows. A future that is dropped is treated as by [`Db::fetch_json`].
    pub async fn fetch(&self, stmt: Arc<Stmt>, params: Vec<Param>) -> Result<Vec<Row>> {
        match self {
            Db::Sqlite(db) => db.fetch(stmt, params).await,
            Db::Postgres(db) => db.fetch(stmt, params).await,
            Db::MySql(db) => db.fetch(stmt, params).await,
        }
    }

    /// Runs several reading statements: all but the last answer rows, the last is written as JSON. Where that saves ways to
    /// the server and back they are sent together; none is sure to see what another sees.
    ///
    /// # Errors
    /// What one of them fails by.
    pub async fn fetch_together(&self, rows: Vec<Asked>, last: Asked) -> Result<(Vec<Vec<Row>>, JsonRows)> {
        if let Db::Postgres(db) = self {
            return db.fetch_together(rows, last).await;
        }
        let mut told = Vec::with_capacity(rows.len());
        for (stmt, params) in rows {
            told.push(self.fetch(stmt, params).await?);
        }
        Ok((told, self.fetch_json(last.0, last.1).await?))
    }

    /// Runs a statement made by [`Stmt::behind`], whose first row has so many cells; answers that row, if there is one, and
    /// the others as JSON.
    ///
    /// # Errors
    /// What the database says; another one than PostgreSQL is never asked so.
    pub async fn fetch_behind(&self, asked: Asked, cells: usize) -> Result<(Option<Row>, JsonRows)> {
        match self {
            Db::Postgres(db) => db.fetch_behind(asked, cells).await,
            Db::Sqlite(_) | Db::MySql(_) => Err(Error::internal("nothing is asked behind another statement here")),
        }
    }

    /// Whether statements that are sent together are answered sooner than one after the other.
    pub fn is_pipelined(&self) -> bool {
        matches!(self, Db::Postgres(_))
    }

    /// Runs a reading statement on a connection of its own and hands its rows out in parts of so many, as JSON objects,
    /// while it still runs: all of one state of the database, and never all of them in memory.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` when too many such statements run; what the statement fails by is told by the rows.
    pub async fn stream_json(&self, stmt: Arc<Stmt>, params: Vec<Param>, part: usize) -> Result<Rows> {
        match self {
            Db::Sqlite(db) => db.stream_json(stmt, params, part).await,
            Db::Postgres(db) => db.stream_json(stmt, params, part).await,
            Db::MySql(db) => db.stream_json(stmt, params, part).await,
        }
    }

    /// Runs a transaction: all of it is kept when `f` succeeds, nothing when it fails or panics.
    /// Once it has begun it runs to its end, even when nobody waits for it any more; before that, dropping the
    /// returned future withdraws it.
    ///
    /// INVARIANT: `f` awaits nothing but the transaction's own methods; SQLite fails anything else with an internal error.
    pub async fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        match self {
            Db::Sqlite(db) => db.write(f).await,
            Db::Postgres(db) => db.write(f).await,
            Db::MySql(db) => db.write(f).await,
        }
    }

    /// As [`Db::write`]; where the transaction is kept, the reading statement that `then` makes of its result is answered too.
    /// It is run after the last change: sent together with the transaction's end where that saves a way to the server and back,
    /// by the connection that wrote where that has the rows at hand, and afterwards otherwise. Its failure undoes nothing.
    pub async fn write_then<T, F, R>(&self, f: F, then: R) -> Result<(T, Option<Result<JsonRows>>)>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
        R: FnOnce(&T) -> Option<Asked> + Send + 'static,
    {
        let db = match self {
            Db::Sqlite(db) => return db.write_then(f, then).await,
            Db::Postgres(db) => return db.write_then(f, then).await,
            Db::MySql(db) => db,
        };
        let value = db.write(f).await?;
        let read = match then(&value) {
            Some((stmt, params)) => Some(db.fetch_json(stmt, params).await),
            None => None,
        };
        Ok((value, read))
    }

    /// As [`Db::write`], for changes of the schema: runs alone. On SQLite references between tables are not enforced while
    /// it runs but judged as a whole at its end, so that tables can be rebuilt; on MariaDB changes of tables are seen by
    /// others at once, and taken back where the rest fails.
    pub async fn write_ddl<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        match self {
            Db::Sqlite(db) => db.write_ddl(f).await,
            Db::Postgres(db) => db.write_ddl(f).await,
            Db::MySql(db) => db.write_ddl(f).await,
        }
    }

    /// What the database says of its tables.
    pub async fn introspect(&self) -> Result<Physical> {
        match self {
            Db::Sqlite(db) => db.read(|session| session.introspect()).await,
            Db::Postgres(db) => db.introspect().await,
            Db::MySql(db) => db.introspect().await,
        }
    }

    /// Creates every system table, and Aedile's own, when there is no system table yet. Answers whether it did.
    pub async fn install(&self) -> Result<bool> {
        match self {
            Db::Sqlite(db) => db.install().await,
            Db::Postgres(db) => db.install().await,
            Db::MySql(db) => db.install().await,
        }
    }

    /// The names of Aedile's own migrations that have not run, in their order.
    pub async fn pending(&self) -> Result<Vec<&'static str>> {
        match self {
            Db::Sqlite(db) => db.pending().await,
            Db::Postgres(db) => db.pending().await,
            Db::MySql(db) => db.pending().await,
        }
    }

    /// Whether an installation of Aedile's was cut off: it is begun again by the next, and the tables so far say nothing.
    pub async fn is_half_installed(&self) -> Result<bool> {
        match self {
            Db::Sqlite(_) | Db::Postgres(_) => Ok(false),
            Db::MySql(db) => db.is_unfinished().await,
        }
    }

    /// Whether Aedile was ever let work on this database: whether its own tables are there.
    pub async fn is_adopted(&self) -> Result<bool> {
        Ok(!self.pending().await?.contains(&FIRST_MIGRATION))
    }

    /// Runs every pending migration, all or none; answers their names.
    pub async fn migrate_latest(&self) -> Result<Vec<&'static str>> {
        match self {
            Db::Sqlite(db) => db.migrate_up(usize::MAX).await,
            Db::Postgres(db) => db.migrate_up(usize::MAX).await,
            Db::MySql(db) => db.migrate_up(usize::MAX).await,
        }
    }

    /// Runs the next pending migration, if there is one; answers its name.
    pub async fn migrate_up(&self) -> Result<Option<&'static str>> {
        match self {
            Db::Sqlite(db) => Ok(db.migrate_up(1).await?.pop()),
            Db::Postgres(db) => Ok(db.migrate_up(1).await?.pop()),
            Db::MySql(db) => Ok(db.migrate_up(1).await?.pop()),
        }
    }

    /// Takes the latest migration back, if one has run; answers its name. Data that only it made room for is lost.
    pub async fn migrate_down(&self) -> Result<Option<&'static str>> {
        match self {
            Db::Sqlite(db) => db.migrate_down().await,
            Db::Postgres(db) => db.migrate_down().await,
            Db::MySql(db) => db.migrate_down().await,
        }
    }

    /// How many data statements have run.
    pub fn statements(&self) -> Counters {
        match self {
            Db::Sqlite(db) => db.statements(),
            Db::Postgres(db) => db.statements(),
            Db::MySql(db) => db.statements(),
        }
    }

    /// Lets what waits finish, then closes every connection. Later calls fail with `SERVICE_UNAVAILABLE`.
    pub async fn close(&self) {
        match self {
            Db::Sqlite(db) => db.close().await,
            Db::Postgres(db) => db.close().await,
            Db::MySql(db) => db.close().await,
        }
    }
}
