//! The writing thread: runs transactions one after the other, and commits those that wait together in one go.
//! A job that fails or panics is undone alone. Nobody is told of success before the disk has it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use aedile_engine::{Error, Result};
use futures_util::FutureExt as _;
use tokio::sync::oneshot;

use super::{
    Tally,
    fault::foreign_key,
    session::{Role, Session},
    spawn, system,
};
use crate::{
    BoxFuture, Options, Tx,
    queue::{Queue, closed},
};

/// Jobs that share a commit at most: the first of them waits for all the others. The pages that they share are written, and
/// written through to the disk, once for all.
const GROUP_LIMIT: usize = 256;

/// Runs a job on a transaction, or tells its caller why there is none.
type Run = Box<dyn FnOnce(Result<&mut Tx>) -> Ran + Send>;

/// A transaction to run.
pub(super) struct Job {
    ddl: bool,
    run: Run,
}

/// A job that has run, but whose caller does not know yet.
pub(super) struct Ran {
    kept: bool,
    finish: Box<dyn FnOnce(Result<()>) + Send>,
}

impl Job {
    /// A job for a closure.
    pub(super) fn new<T, F>(ddl: bool, f: F, reply: oneshot::Sender<Result<T>>) -> Self
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let run = move |tx: Result<&mut Tx>| {
            let result = match tx {
                // Whoever asked has left before it began.
                Ok(_) if reply.is_closed() => Err(closed()),
                tx => tx.and_then(|tx| guarded(|| drive(f(tx)))),
            };
            Ran {
                kept: result.is_ok(),
                finish: Box::new(move |committed| {
                    // Nobody may listen any more; the change stands all the same.
                    reply.send(result.and_then(|value| committed.map(|()| value))).ok();
                }),
            }
        };
        Job {
            ddl,
            run: Box::new(run),
        }
    }

    /// Tells the caller that it is not run.
    fn refuse(self, error: Error) {
        ((self.run)(Err(error)).finish)(Ok(()));
    }
}

/// Runs a future that awaits nothing but this connection, and therefore never has to wait.
fn drive<T>(future: BoxFuture<'_, Result<T>>) -> Result<T> {
    // INVARIANT: whoever waits for something else inside a transaction holds up every other writer: refused.
    let waited = || {
        Err(Error::internal(
            "a transaction waited for something other than the database",
        ))
    };
    future.now_or_never().unwrap_or_else(waited)
}

/// Turns a panic into an error, so that the thread lives on. The panic hook has reported it already.
pub(super) fn guarded<T>(f: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|_| Err(Error::internal("a database job panicked")))
}

/// Starts the writer; refuses a file that holds tables of an older version.
pub(super) async fn start(
    options: Options,
    tally: Arc<Tally>,
    queue: Arc<Queue<Job>>,
) -> Result<oneshot::Receiver<()>> {
    let older = {
        let (options, tally) = (options.clone(), Arc::clone(&tally));
        move || Session::open(&options, Role::Reader, Arc::clone(&tally))
    };
    let open = move || {
        let session = Session::open(&options, Role::Writer, tally)?;
        system::check_version(&session)?;
        Ok(Tx::sqlite(session))
    };
    let serve = move |mut tx: Tx| {
        let mut next = None;
        while let Some(job) = next.take().or_else(|| queue.pop()) {
            if job.ddl {
                alone(&mut tx, job, &older);
            } else {
                next = group(&mut tx, job, &queue);
            }
        }
        if let Err(error) = tx.session().and_then(|session| session.control("PRAGMA optimize")) {
            tracing::warn!(%error, "the database was closed without being tuned");
        }
    };
    spawn("db-write".to_owned(), open, serve).await
}

/// Runs jobs in one transaction, as long as some wait; answers a job that must run alone, if it met one.
fn group(tx: &mut Tx, first: Job, queue: &Queue<Job>) -> Option<Job> {
    if let Err(error) = tx.session().and_then(|session| session.mark("BEGIN IMMEDIATE")) {
        first.refuse(error);
        return None;
    }
    let mut done = Vec::new();
    let mut next = Some(first);
    while let Some(job) = next.take() {
        if job.ddl {
            next = Some(job);
            break;
        }
        done.push(step(tx, job));
        if done.len() == GROUP_LIMIT || tx.session().and_then(Session::in_transaction).is_err() {
            break;
        }
        next = queue.try_pop();
    }
    let committed = tx.session().and_then(commit);
    for ran in done {
        (ran.finish)(committed.clone());
    }
    next
}

/// Runs a job inside a savepoint of the group's transaction.
fn step(tx: &mut Tx, job: Job) -> Ran {
    if let Err(error) = tx.session().and_then(|session| session.mark("SAVEPOINT job")) {
        return (job.run)(Err(error));
    }
    let ran = (job.run)(Ok(tx));
    let Ok(session) = tx.session() else {
        return ran;
    };
    // When SQLite has undone the whole transaction there is no savepoint left to end.
    if session.in_transaction().is_ok()
        && let Err(error) = end(session, ran.kept)
    {
        tracing::error!(%error, "a savepoint could not be ended");
        undo(session);
    }
    ran
}

/// Ends a job's savepoint.
fn end(session: &Session, kept: bool) -> Result<()> {
    if !kept {
        session.mark("ROLLBACK TO job")?;
    }
    session.mark("RELEASE job")
}

/// Runs a job in its own transaction, with references unchecked until its end.
fn alone(tx: &mut Tx, job: Job, older: &impl Fn() -> Result<Session>) {
    let begun = tx
        .session()
        .and_then(|session| session.control("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE"));
    if let Err(error) = begun {
        job.refuse(error);
    } else {
        let ran = (job.run)(Ok(tx));
        let committed = tx.session().and_then(|session| {
            let committed = if ran.kept {
                check_references(session, older).and_then(|()| commit(session))
            } else {
                Ok(())
            };
            undo(session);
            committed
        });
        (ran.finish)(committed);
    }
    if let Err(error) = tx
        .session()
        .and_then(|session| session.control("PRAGMA foreign_keys = ON"))
    {
        tracing::error!(%error, "references between tables are not enforced any more");
    }
}

/// Fails when references lead nowhere that led somewhere before: what an adopted database had broken already is no
/// reason to refuse a change.
fn check_references(session: &Session, older: &impl Fn() -> Result<Session>) -> Result<()> {
    session.in_transaction()?;
    let broken = session.dangling()?;
    if broken > 0 && broken > older()?.dangling()? {
        return Err(foreign_key());
    }
    Ok(())
}

fn commit(session: &Session) -> Result<()> {
    session.in_transaction()?;
    let committed = session.mark("COMMIT");
    undo(session);
    committed
}

/// Undoes the transaction, if there is one still.
fn undo(session: &Session) {
    if session.in_transaction().is_ok()
        && let Err(error) = session.control("ROLLBACK")
    {
        tracing::error!(%error, "a transaction could not be undone");
    }
}
