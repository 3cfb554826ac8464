//! PostgreSQL: some reading connections that many statements share, each sent without waiting for those before it, and some
//! that a transaction has for itself. Sessions speak UTC, and readers cannot write.

mod connection;
mod fault;
mod introspect;
mod migrate;
mod options;
mod pool;
mod system;
mod transaction;
mod value;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aedile_engine::{Error, Result, schema::physical::Physical, sql::Stmt, value::Param};

use self::{
    connection::Connection,
    fault::{gone, out_of_time, refused_read},
    pool::{Readers, Writers},
};
use crate::{BoxFuture, Counters, JsonRows, Row, Tx, queue::closed};
pub use options::{PostgresOptions, Server};
pub(crate) use transaction::Transaction;

/// How much longer than a statement may run its answer is waited for: statements sent before it come first.
const PATIENCE: u32 = 2;

/// An open PostgreSQL database. Clones share its connections.
#[derive(Clone)]
pub struct Postgres(Arc<Inner>);

struct Inner {
    options: PostgresOptions,
    readers: Readers,
    writers: Arc<Writers>,
    tally: Arc<Tally>,
}

/// Statements run so far.
#[derive(Default)]
pub(crate) struct Tally {
    reads: AtomicU64,
    writes: AtomicU64,
}

impl Postgres {
    /// Connects; refuses a database that holds tables of an older version.
    pub(crate) async fn open(options: PostgresOptions) -> Result<Self> {
        let writers = Arc::new(Writers::new(&options));
        let db = Postgres(Arc::new(Inner {
            readers: Readers::new(&options),
            writers,
            tally: Arc::default(),
            options,
        }));
        let first = db.0.readers.pick().await?;
        system::check_version(&first).await?;
        Ok(db)
    }

    /// Runs a statement and writes its rows as JSON objects.
    pub(crate) async fn fetch_json(&self, stmt: &Stmt, params: &[Param]) -> Result<JsonRows> {
        let limit = self.0.options.answer_limit;
        self.0.tally.reads.fetch_add(1, Ordering::Relaxed);
        let read = async {
            let connection = self.0.readers.pick().await?;
            match connection.fetch_json(stmt, params, limit).await {
                // What was prepared before a change of the schema is prepared again.
                Err(failure) if failure.stale => {
                    connection.forget(&stmt.text);
                    connection.fetch_json(stmt, params, limit).await
                }
                other => other,
            }
            .map_err(|failure| failure.error)
        };
        self.timed(read).await
    }

    /// Runs a statement and answers its rows.
    pub(crate) async fn fetch(&self, stmt: &Stmt, params: &[Param]) -> Result<Vec<Row>> {
        self.0.tally.reads.fetch_add(1, Ordering::Relaxed);
        let read = async {
            let connection = self.0.readers.pick().await?;
            match connection.fetch(&stmt.text, params).await {
                Err(failure) if failure.stale => {
                    connection.forget(&stmt.text);
                    connection.fetch(&stmt.text, params).await
                }
                other => other,
            }
            .map_err(|failure| failure.error)
        };
        self.timed(read).await
    }

    async fn timed<T>(&self, read: impl Future<Output = Result<T>>) -> Result<T> {
        let patience = self.0.options.statement_limit * PATIENCE + Duration::from_secs(1);
        let answer = tokio::time::timeout(patience, read).await.map_err(|_| out_of_time())?;
        answer.map_err(gone).map_err(refused_read)
    }

    /// Runs `f` in a transaction.
    pub(crate) async fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        self.run(false, f).await
    }

    /// Runs `f` in a transaction that changes the schema, alone among such.
    pub(crate) async fn write_ddl<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let answer = self.run(true, f).await;
        // Whatever was prepared may be of tables that are other ones now.
        self.0.readers.forget();
        self.0.writers.forget();
        answer
    }

    async fn run<T, F>(&self, ddl: bool, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let connection = self.0.writers.lease().await?;
        let (tally, options) = (Arc::clone(&self.0.tally), &self.0.options);
        let mut transaction = Transaction::new(connection, tally, options.clone(), ddl);
        // A task of its own: a transaction that has begun runs to its end, even when nobody waits for it any more.
        let task = tokio::spawn(async move {
            transaction.begin().await?;
            let mut tx = Tx::postgres(transaction);
            let answer = f(&mut tx).await;
            let transaction = tx.into_postgres()?;
            match answer {
                Ok(value) => transaction.commit().await.map(|()| value),
                Err(error) => {
                    transaction.undo().await;
                    Err(error)
                }
            }
        });
        task.await
            .unwrap_or_else(|_| Err(Error::internal("a database job panicked")))
    }

    /// What the database says of its tables.
    pub(crate) async fn introspect(&self) -> Result<Physical> {
        let connection = self.0.readers.pick().await?;
        introspect::physical(&connection, &self.0.options.hidden_tables).await
    }

    /// How many statements have run.
    pub(crate) fn statements(&self) -> Counters {
        Counters {
            reads: self.0.tally.reads.load(Ordering::Relaxed),
            writes: self.0.tally.writes.load(Ordering::Relaxed),
        }
    }

    /// Lets transactions finish, then closes every connection.
    pub(crate) async fn close(&self) {
        self.0.readers.close();
        self.0.writers.close().await;
    }

    async fn reader(&self) -> Result<Arc<Connection>> {
        self.0.readers.pick().await.map_err(|_| closed())
    }
}
