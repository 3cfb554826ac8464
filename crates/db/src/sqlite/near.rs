//! Reads that are run at once, on the thread that asks. Handing a statement to a reading thread and its answer back costs
//! more than most statements do; so each is tried here first, for a moment, and goes to the readers when that is not enough.
//! Must never hold a thread up for longer than that moment: what has proved long is not tried again.

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

/// Steps of SQLite's machine that a statement may do on the thread that asks: a millisecond or two. Counted instead of
/// measured, so that a busy machine does not make every statement a long one.
const MOMENT: i32 = 256 * 1024;
/// How long it may take in any case: a cold disk is slow without a step being done.
const LONGEST: Duration = Duration::from_millis(20);
/// Statements remembered as long at most; beyond it they are all tried again.
const LONG_KEPT: usize = 4096;

/// Connections for whoever asks, and what is known to be too slow for them.
pub(super) struct Near {
    /// Those that nobody uses; none once closed.
    sessions: Mutex<Option<Vec<Session>>>,
    /// By the hash of their text: two that share one by chance are only both handed to the readers.
    long: Mutex<HashSet<u64>>,
    /// How many are long, to be told without a lock.
    known: AtomicUsize,
    tally: Arc<Tally>,
}

impl Near {
    /// Opens a connection for each core: more threads do not run at the same time.
    pub(super) fn open(options: &Options, tally: &Arc<Tally>) -> Result<Near> {
        let options = Options {
            // Whoever would have to wait for a lock waits among the readers.
            busy_limit: Duration::ZERO,
            ..options.clone()
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let open = |_| {
            let session = Session::open(&options, Role::Reader, Arc::clone(tally))?;
            session.allow(Some((MOMENT, LONGEST)));
            Ok(session)
        };
        Ok(Near {
            sessions: Mutex::new(Some((0..cores).map(open).collect::<Result<_>>()?)),
            long: Mutex::default(),
            known: AtomicUsize::new(0),
            tally: Arc::clone(tally),
        })
    }

    /// Runs `f` here and now. None if the readers have to: because the statement is known to be long, or proves to be,
    /// or the database is busy or closed.
    pub(super) fn run<T>(&self, stmt: &Stmt, f: impl FnOnce(&Session) -> Result<T>) -> Option<Result<T>> {
        if self.is_long(stmt) {
            return None;
        }
        let session = self.sessions.lock().as_mut()?.pop()?;
        let answer = guarded(|| f(&session));
        if let Some(free) = self.sessions.lock().as_mut() {
            free.push(session);
        }
        self.decided(stmt, answer, Tally::unread)
    }

    /// The same on the writer's connection, inside its transaction: what was just written is at hand there.
    pub(super) fn run_on<T>(
        &self,
        writer: &Session,
        stmt: &Stmt,
        f: impl FnOnce(&Session) -> Result<T>,
    ) -> Option<Result<T>> {
        if self.is_long(stmt) {
            return None;
        }
        writer.allow(Some((MOMENT, LONGEST)));
        let answer = guarded(|| f(writer));
        writer.allow(None);
        self.decided(stmt, answer, Tally::unwritten)
    }

    /// The answer, if it is one to stay. It counts where it is run to its end.
    fn decided<T>(&self, stmt: &Stmt, answer: Result<T>, uncount: fn(&Tally)) -> Option<Result<T>> {
        let undecided = |code| matches!(code, Code::OutOfTime | Code::ServiceUnavailable);
        let Some(code) = answer
            .as_ref()
            .err()
            .map(aedile_engine::Error::code)
            .filter(|code| undecided(*code))
        else {
            return Some(answer);
        };
        uncount(&self.tally);
        if code == Code::OutOfTime {
            self.remember(stmt);
        }
        None
    }

    /// Lets go of the connections; from now on nothing is run here.
    pub(super) fn close(&self) {
        *self.sessions.lock() = None;
    }

    fn is_long(&self, stmt: &Stmt) -> bool {
        self.known.load(Ordering::Relaxed) > 0 && self.long.lock().contains(&fingerprint(stmt))
    }

    fn remember(&self, stmt: &Stmt) {
        let mut long = self.long.lock();
        if long.len() >= LONG_KEPT {
            long.clear();
        }
        long.insert(fingerprint(stmt));
        self.known.store(long.len(), Ordering::Relaxed);
    }
}

fn fingerprint(stmt: &Stmt) -> u64 {
    let mut hasher = DefaultHasher::new();
    stmt.text.hash(&mut hasher);
    hasher.finish()
}
