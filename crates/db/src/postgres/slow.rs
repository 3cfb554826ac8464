//! Statements that were found to be slow, known by a number of their text. Must never decide anything but which way a statement
//! goes: two texts may have the same number.

use std::{
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
    sync::atomic::{AtomicBool, Ordering},
};

use parking_lot::Mutex;

/// Statements that are remembered; beyond it they are found anew.
const KEPT: usize = 1_000;

/// Statements that are slow.
#[derive(Default)]
pub(super) struct Slow {
    /// Whether there is any: mostly there is none, and then nothing has to be looked up.
    any: AtomicBool,
    texts: Mutex<HashSet<u64>>,
    hasher: RandomState,
}

impl Slow {
    /// Remembers one.
    pub(super) fn note(&self, text: &str) {
        let mut texts = self.texts.lock();
        if texts.len() >= KEPT {
            texts.clear();
        }
        texts.insert(self.hasher.hash_one(text));
        self.any.store(true, Ordering::Relaxed);
    }

    /// Whether it is one of them.
    pub(super) fn holds(&self, text: &str) -> bool {
        self.any.load(Ordering::Relaxed) && self.texts.lock().contains(&self.hasher.hash_one(text))
    }
}
