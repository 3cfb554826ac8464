//! MariaDB and MySQL: connections that a statement or a transaction has for itself. Sessions speak
//! UTC, and readers cannot write. Changes of the schema commit by themselves there: [`change`] makes them one with the rest.

mod change;
mod connection;
mod fault;
mod introspect;
mod journal;
mod migrate;
mod options;
mod pool;
mod stream;
mod system;
mod transaction;
mod value;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use aedile_engine::{
    Code, Error, Result,
    schema::physical::Physical,
    sql::{Flavour, Stmt},
    value::Param,
};
use futures_util::FutureExt as _;
use tokio::sync::Semaphore;

use self::{
    connection::{Connection, Fetch, FetchJson, Question, Role},
    fault::Failure,
    pool::{Lease, Pool},
};
use crate::{
    BoxFuture, Counters, JsonRows, Row, Tx,
    fault::{gone, out_of_time, refused_read},
    stream::{AT_ONCE, Part, Rows, open},
    tally::Tally,
};
pub use options::{MySqlOptions, MySqlServer};
pub(crate) use transaction::Transaction;

/// How much longer than a statement may run its answer is waited for: it may have to wait for a connection.
const PATIENCE: u32 = 2;

/// An open database of MariaDB or MySQL. Clones share its connections.
#[derive(Clone)]
pub struct MySql(Arc<Inner>);

struct Inner {
    options: MySqlOptions,
    readers: Arc<Pool>,
    writers: Arc<Pool>,
    changers: Arc<Pool>,
    streams: Arc<Semaphore>,
    tally: Arc<Tally>,
    /// What the server was when it was first asked.
    flavour: Flavour,
}

impl MySql {
    /// Connects; refuses a database that holds tables of an older version.
    pub(crate) async fn open(options: MySqlOptions) -> Result<Self> {
        let readers = Pool::new(&options, Role::Reader);
        let mut first = readers.lease().await?;
        let flavour = first.connection()?.flavour;
        first.give_back();
        let db = MySql(Arc::new(Inner {
            readers,
            writers: Pool::new(&options, Role::Writer),
            changers: Pool::new(&options, Role::Changer),
            streams: Arc::new(Semaphore::new(AT_ONCE)),
            tally: Arc::default(),
            options,
            flavour,
        }));
        let mut lease = db.reader().await?;
        let checked = match db.0.options.look_only {
            true => system::check_own(lease.connection()?).await,
            false => system::check_version(lease.connection()?).await,
        };
        let open = match checked {
            Ok(()) if !db.0.options.look_only => journal::is_open(lease.connection()?).await,
            checked => checked.map(|()| false),
        };
        lease.give_back();
        if open.map_err(|failure| failure.error)? {
            // To begin a change is to finish what was left of another.
            db.write_ddl(|_| Box::pin(async { Ok(()) })).await?;
        }
        Ok(db)
    }

    /// Runs a statement and writes its rows as JSON objects.
    pub(crate) async fn fetch_json(&self, stmt: Arc<Stmt>, params: Vec<Param>) -> Result<JsonRows> {
        self.read(FetchJson(&stmt, &params, self.0.options.answer_limit)).await
    }

    /// Runs a statement and answers its rows.
    pub(crate) async fn fetch(&self, stmt: Arc<Stmt>, params: Vec<Param>) -> Result<Vec<Row>> {
        self.read(Fetch(&stmt.text, &params)).await
    }

    /// Runs a statement on a connection of its own, and hands its rows out in parts.
    pub(crate) async fn stream_json(&self, stmt: Arc<Stmt>, params: Vec<Param>, part: usize) -> Result<Rows> {
        let (sink, rows) = open(&self.0.streams).await?;
        self.0.tally.read();
        stream::start(self.0.options.clone(), stmt, params, Part::of(part), sink);
        Ok(rows)
    }

    async fn read<Q: Question>(&self, question: Q) -> Result<Q::Answer> {
        self.0.tally.read();
        let patience = self.0.options.statement_limit * PATIENCE + Duration::from_secs(1);
        let answer = tokio::time::timeout(patience, self.ask(question)).await;
        let answer = answer.map_err(|_| out_of_time())?.map_err(gone).map_err(refused_read);
        if answer.as_ref().is_err_and(|error| error.code() == Code::Gone) {
            // It may have gone with a change that was cut off.
            journal::settle_soon(Arc::clone(&self.0.changers));
        }
        answer
    }

    /// Asks on a reading connection; once more where it turns out to have ended, or had to give way to a change of the schema.
    async fn ask<Q: Question>(&self, question: Q) -> Result<Q::Answer> {
        let mut lease = self.0.readers.lease().await?;
        let used = lease.connection()?.used;
        let mut answer = question.put(lease.connection()?).await;
        match &answer {
            Err(failure) if failure.crossed => answer = question.put(lease.connection()?).await,
            Err(failure) if used && failure.broken => {
                lease.renew().await?;
                answer = question.put(lease.connection()?).await;
            }
            _ => {}
        }
        lease.give_back();
        answer.map_err(|failure| failure.error)
    }

    /// A reading connection that is known to be alive.
    async fn reader(&self) -> Result<Lease> {
        let mut lease = self.0.readers.lease().await?;
        let asked = lease.connection()?.fetch("select 1", &[]).await;
        if asked.is_err_and(|failure| failure.broken) {
            lease.renew().await?;
        }
        Ok(lease)
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
        self.run(true, f).await
    }

    async fn run<T, F>(&self, ddl: bool, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let pool = if ddl { &self.0.changers } else { &self.0.writers };
        let (lease, tally, options) = (pool.lease().await?, Arc::clone(&self.0.tally), self.0.options.clone());
        // A task of its own: a transaction that has begun runs to its end, even when nobody waits for it any more.
        let task = tokio::spawn(async move {
            let transaction = Transaction::begin(lease, tally, options, ddl).await?;
            let mut tx = Tx::mysql(transaction);
            // Even then there are steps to take back.
            let answer = AssertUnwindSafe(f(&mut tx)).catch_unwind().await;
            let transaction = tx.into_mysql()?;
            match answer.unwrap_or_else(|_| Err(Error::internal("a database job panicked"))) {
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
        let mut lease = self.reader().await?;
        let told = introspect::physical(lease.connection()?, &self.0.options.hidden_tables).await;
        lease.give_back();
        told.map_err(|failure| failure.error)
    }

    /// Which server it is, and so how statements are written.
    pub(crate) fn flavour(&self) -> Flavour {
        self.0.flavour
    }

    /// How many statements have run.
    pub(crate) fn statements(&self) -> Counters {
        self.0.tally.counters()
    }

    /// Lets what is under way finish, then closes every connection.
    pub(crate) async fn close(&self) {
        self.0.streams.close();
        self.0.readers.close().await;
        self.0.writers.close().await;
        self.0.changers.close().await;
    }
}
