//! PostgreSQL: some reading connections that many statements share, each sent without waiting for those before it, and some
//! that a transaction has for itself. Sessions speak UTC, and readers cannot write.

mod connection;
mod fault;
mod introspect;
mod line;
mod migrate;
mod options;
mod pool;
mod slow;
mod stream;
mod system;
mod tls;
mod transaction;
mod value;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use aedile_engine::{Error, Result, schema::physical::Physical, sql::Stmt, value::Param};

use self::{
    connection::Connection,
    fault::Failure,
    line::{Turn, Waiting},
    pool::{Readers, Writers},
    slow::Slow,
};
use crate::{
    Asked, BoxFuture, Counters, JsonRows, Row, Tx,
    fault::{gone, out_of_time, refused_read},
    stream::{AT_ONCE, Part, Rows, open},
    tally::Tally,
};
use futures_util::future::{try_join, try_join_all};
pub use options::{PostgresOptions, Server};
pub use tls::{Tls, Trust};
use tokio::sync::Semaphore;
pub(crate) use transaction::Transaction;

/// How much longer than a statement may run its answer is waited for: statements sent before it come first.
const PATIENCE: u32 = 2;
/// A statement that runs longer is planned each time, for what it binds: that takes a fraction of it.
const LONG: Duration = Duration::from_millis(20);
/// How often a statement is sent at most that fails for no fault of its own.
const MOST_TRIES: u32 = 4;

/// An open PostgreSQL database. Clones share its connections.
#[derive(Clone)]
pub struct Postgres(Arc<Inner>);

struct Inner {
    options: PostgresOptions,
    readers: Readers,
    slow: Slow,
    writers: Arc<Writers>,
    streams: Arc<Semaphore>,
    tally: Arc<Tally>,
}

impl Postgres {
    /// Connects; refuses a database that holds tables of an older version.
    pub(crate) async fn open(mut options: PostgresOptions) -> Result<Self> {
        if options.tls.is_none() && options.server.asks_for_tls() {
            options.tls = Some(Tls::new(&Trust::default())?);
        }
        let writers = Arc::new(Writers::new(&options));
        let db = Postgres(Arc::new(Inner {
            readers: Readers::new(&options),
            slow: Slow::default(),
            writers,
            streams: Arc::new(Semaphore::new(AT_ONCE)),
            tally: Arc::default(),
            options,
        }));
        let first = db.0.readers.pick(false).await?;
        if let Some(note) = system::untested(&first).await {
            tracing::warn!("{note}");
        }
        match db.0.options.look_only {
            true => system::check_own(&first).await?,
            false => system::check_version(&first).await?,
        }
        Ok(db)
    }

    /// Runs a statement and writes its rows as JSON objects.
    pub(crate) async fn fetch_json(&self, stmt: Arc<Stmt>, params: Vec<Param>) -> Result<JsonRows> {
        self.timed(async { self.told(&self.reader([&stmt]).await?, (stmt, params)).await })
            .await
    }

    /// Runs a statement and answers its rows.
    pub(crate) async fn fetch(&self, stmt: Arc<Stmt>, params: Vec<Param>) -> Result<Vec<Row>> {
        self.timed(async { self.rows(&self.reader([&stmt]).await?, (stmt, params)).await })
            .await
    }

    /// Runs several statements that are sent together, on one connection: all but the last answer rows.
    pub(crate) async fn fetch_together(&self, rows: Vec<Asked>, last: Asked) -> Result<(Vec<Vec<Row>>, JsonRows)> {
        let read = async {
            let all = rows.iter().chain([&last]).map(|(stmt, _)| stmt);
            let connection = self.reader(all).await?;
            let rows = try_join_all(rows.into_iter().map(|asked| self.rows(&connection, asked)));
            try_join(rows, self.told(&connection, last)).await
        };
        self.timed(read).await
    }

    /// Runs a statement whose rows stand behind that of another one.
    pub(crate) async fn fetch_behind(&self, (stmt, params): Asked, cells: usize) -> Result<(Option<Row>, JsonRows)> {
        let limit = self.0.options.answer_limit;
        let params: Arc<[Param]> = params.into();
        let read = async {
            let connection = self.reader([&stmt]).await?;
            self.read(&connection, &stmt, |connection, turn| {
                let (stmt, params) = (Arc::clone(&stmt), Arc::clone(&params));
                async move { connection.fetch_behind(&stmt, &params, cells, limit, turn).await }
            })
            .await
        };
        self.timed(read).await
    }

    async fn told(&self, connection: &Arc<Connection>, (stmt, params): Asked) -> Result<JsonRows> {
        let limit = self.0.options.answer_limit;
        let params: Arc<[Param]> = params.into();
        self.read(connection, &stmt, |connection, turn| {
            let (stmt, params) = (Arc::clone(&stmt), Arc::clone(&params));
            async move { connection.fetch_json(&stmt, &params, limit, turn).await }
        })
        .await
    }

    async fn rows(&self, connection: &Arc<Connection>, (stmt, params): Asked) -> Result<Vec<Row>> {
        let params: Arc<[Param]> = params.into();
        self.read(connection, &stmt, |connection, turn| {
            let (stmt, params) = (Arc::clone(&stmt), Arc::clone(&params));
            async move { connection.fetch(&stmt.text, &params, turn).await }
        })
        .await
    }

    /// Reads on a shared connection, again where the statement failed for no fault of its own: it was prepared before a
    /// change of the schema, had to give way to one, or was cancelled in the place of another one.
    async fn read<T, R, F>(&self, connection: &Arc<Connection>, stmt: &Stmt, run: R) -> Result<T>
    where
        T: Send + 'static,
        R: Fn(Arc<Connection>, Turn) -> F,
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        self.0.tally.read();
        let mut again = MOST_TRIES;
        loop {
            let (turn, begun) = (Turn::default(), Instant::now());
            let work = run(Arc::clone(connection), turn.clone());
            let answer = Waiting::new(connection.line(), turn.clone(), work).await;
            if turn.took() > LONG {
                self.0.slow.note(&stmt.text);
            }
            let failure = match answer {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let hit = failure.cancelled && begun.elapsed() < self.0.options.statement_limit;
            again -= 1;
            if again == 0 || !(hit || failure.stale || failure.crossed) {
                return Err(failure.error);
            }
            if failure.stale {
                connection.forget(&stmt.text);
            }
        }
    }

    /// Runs a statement on a connection of its own, and hands its rows out in parts.
    pub(crate) async fn stream_json(&self, stmt: Arc<Stmt>, params: Vec<Param>, part: usize) -> Result<Rows> {
        let (sink, rows) = open(&self.0.streams).await?;
        self.0.tally.read();
        stream::start(self.0.options.clone(), stmt, params, Part::of(part), sink);
        Ok(rows)
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
        self.run(false, f, |_| None).await.map(|(value, _)| value)
    }

    /// Runs `f` in a transaction, and then what `then` asks, sent together with the transaction's end.
    pub(crate) async fn write_then<T, F, R>(&self, f: F, then: R) -> Result<(T, Option<Result<JsonRows>>)>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
        R: FnOnce(&T) -> Option<Asked> + Send + 'static,
    {
        self.run(false, f, then).await
    }

    /// Runs `f` in a transaction that changes the schema, alone among such.
    pub(crate) async fn write_ddl<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let answer = self.run(true, f, |_| None).await.map(|(value, _)| value);
        // Whatever was prepared may be of tables that are other ones now.
        self.0.readers.forget();
        self.0.writers.forget();
        answer
    }

    async fn run<T, F, R>(&self, ddl: bool, f: F, then: R) -> Result<(T, Option<Result<JsonRows>>)>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
        R: FnOnce(&T) -> Option<Asked> + Send + 'static,
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
                Ok(value) => {
                    let then = then(&value);
                    transaction.commit(then).await.map(|read| (value, read))
                }
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
        let connection = self.0.readers.pick(true).await?;
        introspect::physical(&connection, &self.0.options.hidden_tables).await
    }

    /// How many statements have run.
    pub(crate) fn statements(&self) -> Counters {
        self.0.tally.counters()
    }

    /// Lets transactions finish, then closes every connection.
    pub(crate) async fn close(&self) {
        self.0.streams.close();
        self.0.readers.close();
        self.0.writers.close().await;
    }

    /// A connection for statements that go together.
    async fn reader(&self, all: impl IntoIterator<Item = &Arc<Stmt>>) -> Result<Arc<Connection>> {
        let slow = all.into_iter().any(|stmt| self.0.slow.holds(&stmt.text));
        self.0.readers.pick(slow).await
    }
}
