//! Whether anything goes on on a connection: requests that are being answered, answers that are being taken. Must never take
//! a slow answer for silence, a client's noise for a request, nor a trickle for taking.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::Patience;

/// What a client takes of answers, in bytes, before what it has been waited for is forgotten. Less than that within the time is
/// holding on to an answer: no network that people read by is so slow.
const LEAST_TAKEN: usize = 64 * 1024;

/// What goes on on one connection.
pub struct Pulse(Mutex<State>);

struct State {
    /// Requests that are being answered.
    running: usize,
    /// When the last request ended, or the client took something; at first, when the connection began.
    since: Instant,
    /// Answers of which a part was handed over, and nothing was asked for since.
    untaken: usize,
    /// The system takes no more bytes for the client.
    blocked: bool,
    /// Since when the client is waited for.
    waiting: Option<Instant>,
    /// How long it was waited for before that.
    waited: Duration,
    /// Bytes it took since that began.
    taken: usize,
}

impl Default for Pulse {
    fn default() -> Self {
        Pulse(Mutex::new(State {
            running: 0,
            since: Instant::now(),
            untaken: 0,
            blocked: false,
            waiting: None,
            waited: Duration::ZERO,
            taken: 0,
        }))
    }
}

impl State {
    /// Notes whether the client is waited for, after anything that decides it has changed.
    fn waits(&mut self) {
        let waits = self.blocked || self.untaken > 0;
        match self.waiting {
            None if waits => self.waiting = Some(Instant::now()),
            Some(from) if !waits => {
                self.since = Instant::now();
                self.waited += self.since - from;
                self.waiting = None;
            }
            _ => {}
        }
    }

    /// Until when it may stay as it is now; without an end while an answer is being made.
    fn until(&self, patience: Patience) -> Option<Instant> {
        match self.waiting {
            Some(from) => Some(from + patience.taken.saturating_sub(self.waited)),
            None if self.running > 0 => None,
            None => Some(self.since + patience.head),
        }
    }
}

/// A request that runs until this is dropped.
pub struct Running(Arc<Pulse>);

impl Pulse {
    /// Notes that a request has begun.
    pub fn begin(pulse: &Arc<Pulse>) -> Running {
        pulse.0.lock().running += 1;
        Running(Arc::clone(pulse))
    }

    /// Notes that the system took bytes for the client.
    pub fn took(&self, bytes: usize) {
        let mut state = self.0.lock();
        state.blocked = false;
        state.waits();
        state.taken = state.taken.saturating_add(bytes);
        if state.taken >= LEAST_TAKEN {
            let now = Instant::now();
            state.since = now;
            state.waiting = state.waiting.map(|_| now);
            (state.taken, state.waited) = (0, Duration::ZERO);
        }
    }

    /// Notes that the system takes no more for now.
    pub fn blocks(&self) {
        let mut state = self.0.lock();
        state.blocked = true;
        state.waits();
    }

    /// Ends when there was neither a request nor anybody who took an answer for too long.
    pub async fn stopped(&self, patience: Patience) {
        let often = patience.head.min(patience.taken);
        loop {
            let (now, until) = (Instant::now(), self.0.lock().until(patience));
            if until.is_some_and(|until| until <= now) {
                return;
            }
            // What is waited for may change in the meantime, and so may for how long.
            let soon = now + often;
            tokio::time::sleep_until(until.map_or(soon, |until| until.min(soon))).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        state.running = state.running.saturating_sub(1);
        state.since = Instant::now();
    }
}

impl Running {
    /// A body whose request runs until it is sent or let go of.
    pub fn until_sent(self, body: Body) -> Body {
        Body::new(Sending {
            body,
            untaken: false,
            running: self,
        })
    }
}

struct Sending {
    body: Body,
    /// A part was handed over, and nothing was asked for since.
    untaken: bool,
    running: Running,
}

impl Sending {
    fn is_untaken(&mut self, untaken: bool) {
        if self.untaken != untaken {
            self.untaken = untaken;
            let mut state = self.running.0.0.lock();
            state.untaken = match untaken {
                true => state.untaken + 1,
                false => state.untaken.saturating_sub(1),
            };
            state.waits();
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.is_untaken(false);
    }
}

impl http_body::Body for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let part = Pin::new(&mut self.body).poll_frame(cx);
        // Asked for more: what was handed over is taken. Between two parts that are ready at once nobody waits.
        self.is_untaken(false);
        self.is_untaken(matches!(part, Poll::Ready(Some(Ok(_)))));
        part
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
