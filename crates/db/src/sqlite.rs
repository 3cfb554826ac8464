//! SQLite: several reading connections and one writing connection, each on a thread of its own, and connections for reads
//! that are over in a moment. Tasks talk to the threads through queues, and are never held up by a connection for longer.

mod fault;
mod introspect;
mod migrate;
mod near;
mod readers;
mod session;
mod stream;
mod system;
mod writer;

use std::sync::Arc;

use aedile_engine::{Error, Result, sql::Stmt, value::Param};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, oneshot};

use crate::{
    Asked, BoxFuture, Counters, JsonRows, Options, Row, Tx,
    queue::{Queue, closed},
    stream::{AT_ONCE, Part, Rows, open},
    tally::Tally,
};
pub(crate) use session::Session;

/// An open SQLite file. Clones share its connections.
#[derive(Clone)]
pub struct Sqlite(Arc<Inner>);

struct Inner {
    near: Arc<near::Near>,
    reads: Arc<Queue<readers::Job>>,
    writes: Arc<Queue<writer::Job>>,
    tally: Arc<Tally>,
    options: Options,
    streams: Arc<Semaphore>,
    readers: Mutex<Vec<oneshot::Receiver<()>>>,
    writer: Mutex<Option<oneshot::Receiver<()>>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.reads.close();
        self.writes.close();
    }
}

impl Sqlite {
    /// Opens the file. The writer comes first: it creates what is missing and sets the journal, which readers need. Who only
    /// looks has no writer.
    pub(crate) async fn open(options: Options) -> Result<Self> {
        let tally = Arc::new(Tally::default());
        let reads = Arc::new(Queue::new(options.queue_limit));
        let writes = Arc::new(Queue::new(options.queue_limit));
        let writer = if options.look_only {
            writes.close();
            None
        } else {
            Some(writer::start(options.clone(), Arc::clone(&tally), Arc::clone(&writes)).await?)
        };
        let db = Sqlite(Arc::new(Inner {
            near: Arc::new(near::Near::open(&options, &tally)?),
            reads: Arc::clone(&reads),
            writes,
            tally: Arc::clone(&tally),
            streams: Arc::new(Semaphore::new(AT_ONCE)),
            options: options.clone(),
            readers: Mutex::new(Vec::new()),
            writer: Mutex::new(writer),
        }));
        for number in 0..options.readers.max(1) {
            let ended = readers::start(number, options.clone(), Arc::clone(&tally), Arc::clone(&reads)).await?;
            db.0.readers.lock().push(ended);
        }
        if options.look_only {
            db.read(system::check_own).await?;
        }
        Ok(db)
    }

    /// Runs a reading statement and writes its rows as JSON.
    pub(crate) async fn fetch_json(&self, stmt: Arc<Stmt>, params: Vec<Param>) -> Result<JsonRows> {
        match self.0.near.run(&stmt, |session| session.fetch_json(&stmt, &params)) {
            Some(answer) => answer,
            None => self.read(move |session| session.fetch_json(&stmt, &params)).await,
        }
    }

    /// Runs a reading statement and answers its rows.
    pub(crate) async fn fetch(&self, stmt: Arc<Stmt>, params: Vec<Param>) -> Result<Vec<Row>> {
        match self.0.near.run(&stmt, |session| session.fetch(&stmt, &params)) {
            Some(answer) => answer,
            None => self.read(move |session| session.fetch(&stmt, &params)).await,
        }
    }

    /// Runs a reading statement on a connection and a thread of its own, and hands its rows out in parts.
    pub(crate) async fn stream_json(&self, stmt: Arc<Stmt>, params: Vec<Param>, part: usize) -> Result<Rows> {
        let (sink, rows) = open(&self.0.streams).await?;
        stream::start(
            self.0.options.clone(),
            Arc::clone(&self.0.tally),
            sink,
            move |session, give| session.stream_json(&stmt, &params, Part::of(part), give),
        )?;
        Ok(rows)
    }

    /// Runs `f` on a reader. When the returned future is dropped, `f` is not begun, or its statement stopped.
    pub(crate) async fn read<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Session) -> Result<T> + Send + 'static,
    {
        let waiting = Arc::new(());
        let (reply, answer) = oneshot::channel();
        self.0.reads.push(readers::Job::new(&waiting, f, reply))?;
        let answer = answer.await.map_err(|_| closed())?;
        drop(waiting);
        answer
    }

    /// Runs `f` in a transaction.
    pub(crate) async fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        self.submit(false, f).await
    }

    /// As [`Sqlite::write`], with what is read after it: inside the transaction, where that takes but a moment.
    pub(crate) async fn write_then<T, F, R>(&self, f: F, then: R) -> Result<(T, Option<Result<JsonRows>>)>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
        R: FnOnce(&T) -> Option<Asked> + Send + 'static,
    {
        let near = Arc::clone(&self.0.near);
        let write = self.submit(false, move |tx| {
            Box::pin(async move {
                let value = f(tx).await?;
                let Some((stmt, params)) = then(&value) else {
                    return Ok((value, None));
                };
                let told = near.run_on(tx.session()?, &stmt, |session| session.fetch_json(&stmt, &params));
                Ok((value, Some(told.ok_or((stmt, params)))))
            })
        });
        let (value, told) = write.await?;
        let rows = match told {
            Some(Ok(rows)) => Some(rows),
            Some(Err((stmt, params))) => Some(self.fetch_json(stmt, params).await),
            None => None,
        };
        Ok((value, rows))
    }

    /// Runs `f` in a transaction of its own that may rebuild tables.
    pub(crate) async fn write_ddl<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        self.submit(true, f).await
    }

    async fn submit<T, F>(&self, ddl: bool, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.0.writes.push(writer::Job::new(ddl, f, reply))?;
        answer.await.map_err(|_| closed())?
    }

    /// How many statements have run.
    pub(crate) fn statements(&self) -> Counters {
        self.0.tally.counters()
    }

    /// Closes readers before the writer: the last connection to leave folds the journal into the file.
    pub(crate) async fn close(&self) {
        self.0.streams.close();
        self.0.near.close();
        self.0.reads.close();
        let readers = std::mem::take(&mut *self.0.readers.lock());
        for ended in readers {
            ended.await.ok();
        }
        self.0.writes.close();
        let writer = self.0.writer.lock().take();
        if let Some(ended) = writer {
            ended.await.ok();
        }
    }
}

/// Starts a thread that first opens a connection, then serves until its queue closes.
/// The receiver it answers is told when the thread has let go of the connection.
async fn spawn<C, O, S>(name: String, open: O, serve: S) -> Result<oneshot::Receiver<()>>
where
    C: 'static,
    O: FnOnce() -> Result<C> + Send + 'static,
    S: FnOnce(C) + Send + 'static,
{
    let (opened, ready) = oneshot::channel();
    let (ended, end) = oneshot::channel();
    let body = move || {
        match open() {
            Ok(connection) => {
                opened.send(Ok(())).ok();
                serve(connection);
            }
            Err(error) => {
                opened.send(Err(error)).ok();
            }
        }
        ended.send(()).ok();
    };
    std::thread::Builder::new()
        .name(name)
        .spawn(body)
        .map_err(|error| Error::internal(format!("cannot start a database thread: {error}")))?;
    ready.await.map_err(|_| closed())??;
    Ok(end)
}
