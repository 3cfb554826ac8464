//! How many data statements a database has run, counted by its connections. It only counts, and decides nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::Counters;

/// Statements run so far.
#[derive(Default)]
pub(crate) struct Tally {
    reads: AtomicU64,
    writes: AtomicU64,
}

impl Tally {
    /// One more outside of transactions.
    pub(crate) fn read(&self) {
        self.reads.fetch_add(1, Ordering::Relaxed);
    }

    /// One that was counted as read is run once more elsewhere, and counts there.
    pub(crate) fn unread(&self) {
        self.reads.fetch_sub(1, Ordering::Relaxed);
    }

    /// One more inside of a transaction.
    pub(crate) fn written(&self) {
        self.writes.fetch_add(1, Ordering::Relaxed);
    }

    /// One that was counted inside of a transaction is run once more outside, and counts there.
    pub(crate) fn unwritten(&self) {
        self.writes.fetch_sub(1, Ordering::Relaxed);
    }

    /// What was counted.
    pub(crate) fn counters(&self) -> Counters {
        Counters {
            reads: self.reads.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
        }
    }
}
