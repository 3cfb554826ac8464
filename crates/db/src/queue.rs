//! A bounded queue between tasks and threads. Whoever adds never waits: a full queue refuses.

use std::collections::VecDeque;

use aedile_engine::{Code, Error, Result};
use parking_lot::{Condvar, Mutex};

use crate::fault::overloaded;

/// Jobs that wait for a thread.
pub(crate) struct Queue<J> {
    state: Mutex<State<J>>,
    ready: Condvar,
    limit: usize,
}

struct State<J> {
    jobs: VecDeque<J>,
    closed: bool,
}

impl<J> Queue<J> {
    /// An empty queue that holds at most `limit` jobs.
    pub(crate) fn new(limit: usize) -> Self {
        Queue {
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                closed: false,
            }),
            ready: Condvar::new(),
            limit,
        }
    }

    /// Adds a job at the end.
    pub(crate) fn push(&self, job: J) -> Result<()> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(closed());
        }
        if state.jobs.len() >= self.limit {
            return Err(overloaded());
        }
        state.jobs.push_back(job);
        drop(state);
        self.ready.notify_one();
        Ok(())
    }

    /// Waits for the next job; none once the queue is closed and empty.
    pub(crate) fn pop(&self) -> Option<J> {
        let mut state = self.state.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            self.ready.wait(&mut state);
        }
    }

    /// The next job, if one waits already.
    pub(crate) fn try_pop(&self) -> Option<J> {
        self.state.lock().jobs.pop_front()
    }

    /// Takes no more jobs; those that wait are still handed out.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.ready.notify_all();
    }
}

/// The answer to whoever comes after closing time.
pub(crate) fn closed() -> Error {
    Error::new(Code::ServiceUnavailable, "The database is closed.")
}
