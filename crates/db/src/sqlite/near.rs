//! Reads that are run at once, on the thread that asks. Handing a statement to a reading thread and its answer back costs
//! more than most statements do; so each is tried here first, for a moment, and goes to the readers when that is not enough.
//! Must never hold a thread up for longer than that moment: what has proved slow is not tried again.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aedile_engine::{Code, Result, sql::Stmt};
use parking_lot::Mutex;

use super::{
    Tally,
    session::{Role, Session},
    writer::guarded,
};
use crate::Options;

/// How long a statement may run on the thread that asks: about what other requests of that thread wait for it.
const MOMENT: Duration = Duration::from_millis(1);
/// Statements remembered as slow at most; beyond it they are all tried again.
const SLOW_KEPT: usize = 4096;

/// Connections for whoever asks, and what is known to be too slow for them.
pub(super) struct Near {
    /// Those that nobody uses; none once closed.
    sessions: Mutex<Option<Vec<Session>>>,
    /// By the hash of their text: two that share one by chance are only both handed to the readers.
    slow: Mutex<HashSet<u64>>,
    /// How many are slow, to be told without a lock.
    known: AtomicUsize,
    tally: Arc<Tally>,
}

impl Near {
    /// Opens a connection for each core: more threads do not run at the same time.
    pub(super) fn open(options: &Options, tally: &Arc<Tally>) -> Result<Near> {
        let options = Options {
            statement_limit: options.statement_limit.min(MOMENT),
            // Whoever would have to wait for a lock waits among the readers.
            busy_limit: Duration::ZERO,
            ..options.clone()
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let open = |_| Session::open(&options, Role::Reader, Arc::clone(tally));
        Ok(Near {
            sessions: Mutex::new(Some((0..cores).map(open).collect::<Result<_>>()?)),
            slow: Mutex::default(),
            known: AtomicUsize::new(0),
            tally: Arc::clone(tally),
        })
    }

    /// Runs `f` here and now. None if the readers have to: because the statement is known to be slow, or proves to be,
    /// or the database is busy or closed.
    pub(super) fn run<T>(&self, stmt: &Stmt, f: impl FnOnce(&Session) -> Result<T>) -> Option<Result<T>> {
        if self.is_slow(stmt) {
            return None;
        }
        let session = self.sessions.lock().as_mut()?.pop()?;
        let answer = guarded(|| f(&session));
        if let Some(free) = self.sessions.lock().as_mut() {
            free.push(session);
        }
        let undecided = |code| matches!(code, Code::OutOfTime | Code::ServiceUnavailable);
        let Some(code) = answer
            .as_ref()
            .err()
            .map(aedile_engine::Error::code)
            .filter(|code| undecided(*code))
        else {
            return Some(answer);
        };
        // It counts where it is run to its end.
        self.tally.reads.fetch_sub(1, Ordering::Relaxed);
        if code == Code::OutOfTime {
            self.remember(stmt);
        }
        None
    }

    /// Lets go of the connections; from now on nothing is run here.
    pub(super) fn close(&self) {
        *self.sessions.lock() = None;
    }

    fn is_slow(&self, stmt: &Stmt) -> bool {
        self.known.load(Ordering::Relaxed) > 0 && self.slow.lock().contains(&fingerprint(stmt))
    }

    fn remember(&self, stmt: &Stmt) {
        let mut slow = self.slow.lock();
        if slow.len() >= SLOW_KEPT {
            slow.clear();
        }
        slow.insert(fingerprint(stmt));
        self.known.store(slow.len(), Ordering::Relaxed);
    }
}

fn fingerprint(stmt: &Stmt) -> u64 {
    let mut hasher = DefaultHasher::new();
    stmt.text.hash(&mut hasher);
    hasher.finish()
}
