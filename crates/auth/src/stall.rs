//! Answers that come at a moment that was fixed when the request began, whatever was done for it in between. Must never
//! answer earlier, and must wake whoever waits in a way that does not depend on what the request did.
//!
//! A runtime's own timers do not do: they end in steps of a millisecond that are counted from when a thread went to sleep
//! last, and so from when the work was done. Here a thread of its own waits for nothing else.
//!
//! What the work leaves in a processor's caches still shows by some microseconds in what comes after the waiting. It drowns
//! in a share of chance in each time.

use std::{
    cmp::Ordering,
    collections::BinaryHeap,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use aedile_engine::{Error, Result};
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

#[cfg(test)]
mod tests;

/// How long after an answer nothing goes on that was left to do for it: what is left may differ.
const REST: Duration = Duration::from_millis(100);

/// How long before its end whoever waits is woken for nothing: what a processor, an allocator and a runtime do on the first
/// steps after a while depends on what they did before it, and is done by then.
const LAP: Duration = Duration::from_millis(10);

/// What chance adds to a time, at most: some hundred times what shows of the work before it, so that some ten thousand
/// answers have to be compared for one address, which limits and throttles do not give.
const SPREAD: Duration = Duration::from_millis(2);

/// The clock of a process, and the thread that watches it.
pub struct Clock(Arc<Shared>);

/// A time that has to pass. It runs from when it was made.
pub struct Stall {
    ends: Instant,
    nearly: oneshot::Receiver<()>,
    over: oneshot::Receiver<()>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: BinaryHeap<Waiting>,
    ended: bool,
}

/// Somebody who waits; the one whose time comes first is the greatest.
struct Waiting {
    ends: Instant,
    over: oneshot::Sender<()>,
}

impl Clock {
    /// A clock, with its thread.
    ///
    /// # Errors
    /// Internal: the system gives no thread.
    pub fn new() -> Result<Clock> {
        let shared = Arc::new(Shared::default());
        let watched = Arc::clone(&shared);
        thread::Builder::new()
            .name("stall".to_owned())
            .spawn(move || watched.watch())
            .map_err(|error| Error::internal(format!("no thread for the clock: {error}")))?;
        Ok(Clock(shared))
    }

    /// A time that runs from now: the least, and what chance adds to it. None at all stays none.
    pub fn stall(&self, least: Duration) -> Stall {
        let time = if least.is_zero() { least } else { least + chance() };
        let begun = Instant::now();
        Stall {
            ends: begun + time,
            nearly: self.at(begun + time.saturating_sub(LAP)),
            over: self.at(begun + time),
        }
    }

    /// What is told at a moment.
    fn at(&self, ends: Instant) -> oneshot::Receiver<()> {
        let (sender, over) = oneshot::channel();
        let mut queue = self.0.queue.lock();
        let is_first = queue.waiting.peek().is_none_or(|first| ends < first.ends);
        queue.waiting.push(Waiting { ends, over: sender });
        drop(queue);
        if is_first {
            self.0.changed.notify_one();
        }
        over
    }
}

/// A part of [`SPREAD`]; none of it while the system has no random numbers, without which nobody gets in anyway.
fn chance() -> Duration {
    let drawn = getrandom::u32().unwrap_or_default();
    SPREAD.mul_f64(f64::from(drawn) / f64::from(u32::MAX))
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.0.queue.lock().ended = true;
        self.0.changed.notify_one();
    }
}

impl Shared {
    fn watch(&self) {
        let mut queue = self.queue.lock();
        while !queue.ended {
            let Some(ends) = queue.waiting.peek().map(|first| first.ends) else {
                self.changed.wait(&mut queue);
                continue;
            };
            if Instant::now() < ends {
                self.changed.wait_until(&mut queue, ends);
                continue;
            }
            if let Some(first) = queue.waiting.pop() {
                // Who has gone in the meantime is not missed.
                first.over.send(()).ok();
            }
        }
    }
}

impl Stall {
    /// From when on what is left of the request may be done.
    pub fn rest(&self) -> Instant {
        self.ends + REST
    }

    /// Keeps something until the answer has gone: letting go of what nobody else holds any more takes its time as well.
    pub fn keep(&self, held: impl Send + 'static) {
        let rest = self.rest();
        tokio::spawn(async move {
            tokio::time::sleep_until(rest.into()).await;
            drop(held);
        });
    }

    /// Waits until the time is over.
    pub async fn over(self) {
        // A clock that has ended says so below.
        self.nearly.await.ok();
        if self.over.await.is_err() {
            // The clock ended with the process.
            tokio::time::sleep_until(self.ends.into()).await;
        }
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Waiting) -> Ordering {
        other.ends.cmp(&self.ends)
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Waiting) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Waiting) -> bool {
        self.ends == other.ends
    }
}

impl Eq for Waiting {}
