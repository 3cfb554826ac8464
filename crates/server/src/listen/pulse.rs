//! Whether anything goes on on a connection: requests that are being answered or whose answers are being sent. Must never take
//! a slow answer for silence, nor a client's noise for a request.

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

/// What goes on on one connection.
pub struct Pulse(Mutex<State>);

struct State {
    running: usize,
    /// When the last request ended; at first, when the connection began.
    since: Instant,
}

impl Default for Pulse {
    fn default() -> Self {
        Pulse(Mutex::new(State {
            running: 0,
            since: Instant::now(),
        }))
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

    /// Ends when there was no request for so long.
    pub async fn silent_for(&self, time: Duration) {
        loop {
            let until = {
                let state = self.0.lock();
                let until = state.since + time;
                if state.running > 0 {
                    Instant::now() + time
                } else if until <= Instant::now() {
                    return;
                } else {
                    until
                }
            };
            tokio::time::sleep_until(until).await;
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
        Body::new(Sending { body, _running: self })
    }
}

struct Sending {
    body: Body,
    _running: Running,
}

impl http_body::Body for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
