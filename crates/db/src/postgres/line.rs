//! Who waits for which statement of a shared connection. Statements are answered one after the other; one that nobody waits
//! for any more is cancelled when its turn has come. A cancellation can only be meant for a connection, so one that comes
//! late may hit the next statement: that one is asked again (`Failure::cancelled`).

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::runtime::Handle;

use super::tls::Canceller;
use crate::BoxFuture;

/// One statement, as those know it who wait for it.
#[derive(Clone, Default)]
pub(super) struct Turn(Arc<State>);

#[derive(Default)]
struct State {
    abandoned: AtomicBool,
    /// What it took, in microseconds.
    took: AtomicU64,
}

impl Turn {
    /// Whether nobody waits for it any more.
    pub(super) fn is_abandoned(&self) -> bool {
        self.0.abandoned.load(Ordering::Acquire)
    }

    /// Notes what it took by itself, those before it not counted.
    pub(super) fn ended(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.0.took.store(took, Ordering::Relaxed);
    }

    /// What it took by itself.
    pub(super) fn took(&self) -> Duration {
        Duration::from_micros(self.0.took.load(Ordering::Relaxed))
    }

    fn is(&self, other: &Turn) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The statements that were sent and not answered yet, in their order.
pub(super) struct Line {
    turns: Mutex<VecDeque<Turn>>,
    server: Canceller,
}

/// A place in the line, for as long as it lives.
pub(super) struct Place<'l> {
    line: &'l Line,
    turn: Turn,
}

impl Line {
    pub(super) fn new(server: Canceller) -> Line {
        Line {
            turns: Mutex::default(),
            server,
        }
    }

    /// Where what runs can be ended.
    pub(super) fn server(&self) -> &Canceller {
        &self.server
    }

    /// Takes the last place, just before the statement is sent.
    pub(super) fn enter(&self, turn: Turn) -> Place<'_> {
        self.turns.lock().push_back(turn.clone());
        Place { line: self, turn }
    }

    /// Nobody waits for the statement any more.
    fn abandon(&self, turn: &Turn) {
        turn.0.abandoned.store(true, Ordering::Release);
        let running = self.turns.lock().front().is_some_and(|first| first.is(turn));
        if running {
            self.cancel();
        }
    }

    fn leave(&self, turn: &Turn) {
        let mut turns = self.turns.lock();
        turns.retain(|other| !other.is(turn));
        let next = turns.front().is_some_and(Turn::is_abandoned);
        drop(turns);
        if next {
            self.cancel();
        }
    }

    fn cancel(&self) {
        let server = self.server.clone();
        // Without a runtime there is no connection either.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { server.cancel().await });
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.line.leave(&self.turn);
    }
}

/// A statement that somebody waits for: dropped before it is answered, it is cancelled, and listened to until its end.
pub(super) struct Waiting<T: Send + 'static> {
    work: Option<BoxFuture<'static, T>>,
    line: Arc<Line>,
    turn: Turn,
}

impl<T: Send + 'static> Waiting<T> {
    /// `work` takes the turn's place in this line.
    pub(super) fn new(line: Arc<Line>, turn: Turn, work: impl Future<Output = T> + Send + 'static) -> Self {
        Waiting {
            work: Some(Box::pin(work)),
            line,
            turn,
        }
    }
}

impl<T: Send + 'static> Future for Waiting<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = self.work.as_mut() else {
            return Poll::Pending;
        };
        let answer = work.as_mut().poll(context);
        if answer.is_ready() {
            self.work = None;
        }
        answer
    }
}

impl<T: Send + 'static> Drop for Waiting<T> {
    fn drop(&mut self) {
        let Some(work) = self.work.take() else { return };
        self.line.abandon(&self.turn);
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(work);
        }
    }
}
