//! The reading threads. Each has its own connection; they share one queue.

use std::sync::{Arc, Weak};

use aedile_engine::{Error, Result};
use tokio::sync::oneshot;

use super::{
    Tally,
    session::{Role, Session},
    spawn,
    writer::guarded,
};
use crate::{Options, queue::Queue};

/// Something to run on a reading connection.
pub(super) struct Job {
    caller: Weak<()>,
    run: Box<dyn FnOnce(&Session) + Send>,
}

impl Job {
    /// A job that is worth running as long as `waiting` lives.
    pub(super) fn new<T, F>(waiting: &Arc<()>, f: F, reply: oneshot::Sender<Result<T>>) -> Self
    where
        T: Send + 'static,
        F: FnOnce(&Session) -> Result<T> + Send + 'static,
    {
        let run = move |session: &Session| {
            // Nobody may listen any more; then the answer is of no use.
            reply.send(guarded(|| f(session))).ok();
        };
        Job {
            caller: Arc::downgrade(waiting),
            run: Box::new(run),
        }
    }
}

/// Starts one reader.
pub(super) async fn start(
    number: usize,
    options: Options,
    tally: Arc<Tally>,
    queue: Arc<Queue<Job>>,
) -> Result<oneshot::Receiver<()>, Error> {
    let open = move || Session::open(&options, Role::Reader, tally);
    let serve = move |session: Session| {
        while let Some(job) = queue.pop() {
            if job.caller.strong_count() == 0 {
                continue;
            }
            session.serve(Some(job.caller));
            (job.run)(&session);
            session.serve(None);
        }
    };
    spawn(format!("db-read-{number}"), open, serve).await
}
