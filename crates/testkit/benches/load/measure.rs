//! How often something can be done in a second, by several threads at once, and how long it takes each time.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

/// The share of the time that is spent before measuring begins: caches fill, connections open.
const WARM_UP: u32 = 5;

/// What was measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Speed {
    /// Times a second, by all threads together.
    pub per_second: f64,
    /// Half of them took less than this.
    pub median: Duration,
    /// One in a hundred took longer.
    pub slowest_hundredth: Duration,
}

/// The time in which is measured, after one in which caches fill and connections open.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    begin: Instant,
    end: Instant,
}

impl Span {
    /// A span of this length, which begins soon.
    pub fn of(time: Duration) -> Span {
        let begin = Instant::now() + time / WARM_UP;
        Span {
            begin,
            end: begin + time,
        }
    }

    /// Whether it is over at a moment.
    pub fn is_over(self, moment: Instant) -> bool {
        moment >= self.end
    }

    /// Whether what began at a moment counts.
    pub fn counts(self, begun: Instant) -> bool {
        begun >= self.begin
    }

    /// What these times say, of what was done in it.
    ///
    /// # Errors
    /// Nothing was done.
    pub fn speed(self, mut took: Vec<Duration>) -> Result<Speed> {
        took.sort_unstable();
        let at = |share: usize| {
            took.get(took.len() * share / 100)
                .copied()
                .context("nothing was done in the time")
        };
        Ok(Speed {
            per_second: f64::from(u32::try_from(took.len())?) / (self.end - self.begin).as_secs_f64(),
            median: at(50)?,
            slowest_hundredth: at(99)?,
        })
    }
}

/// Does `make`'s work with `threads` threads for `time`. Each thread gets its own worker, which is called with ever
/// other numbers.
///
/// # Errors
/// The first that a worker has.
pub fn drive<W>(threads: u32, time: Duration, make: impl Fn() -> Result<W> + Sync) -> Result<Speed>
where
    W: FnMut(u32) -> Result<()>,
{
    let span = Span::of(time);
    let run = |thread: u32| -> Result<Vec<Duration>> {
        let mut worker = make()?;
        let (mut took, mut number) = (Vec::new(), thread);
        loop {
            let started = Instant::now();
            if span.is_over(started) {
                return Ok(took);
            }
            worker(number)?;
            if span.counts(started) {
                took.push(started.elapsed());
            }
            number = number.wrapping_add(threads);
        }
    };
    let results: Vec<Result<Vec<Duration>>> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| anyhow::bail!("a worker panicked")))
            .collect()
    });
    let took: Result<Vec<Vec<Duration>>> = results.into_iter().collect();
    span.speed(took?.into_iter().flatten().collect())
}
