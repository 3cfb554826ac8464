//! Whose turn it is where connections are lent out, each to one at a time. Nobody waits in a queue that is full, and nobody is
//! counted as waiting who has given up.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use aedile_engine::Result;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{fault::overloaded, queue::closed};

/// The turns of some connections.
pub(crate) struct Turns {
    permits: Arc<Semaphore>,
    size: usize,
    waiting: AtomicUsize,
    /// How many may wait.
    limit: usize,
}

impl Turns {
    /// So many at once, one at least; of those who wait no more than `limit`.
    pub(crate) fn new(size: usize, limit: usize) -> Turns {
        let size = size.max(1);
        Turns {
            permits: Arc::new(Semaphore::new(size)),
            size,
            waiting: AtomicUsize::new(0),
            limit,
        }
    }

    /// A turn, as soon as there is one; it ends with its value.
    pub(crate) async fn wait(&self) -> Result<OwnedSemaphorePermit> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        // From here on: who waits may give up.
        let _waits = Waits(&self.waiting);
        if before >= self.limit {
            return Err(overloaded());
        }
        Arc::clone(&self.permits).acquire_owned().await.map_err(|_| closed())
    }

    /// Gives no more turns, and waits for the end of those that were given.
    pub(crate) async fn close(&self) {
        let all = u32::try_from(self.size).unwrap_or(u32::MAX);
        // Closed already: then there is nothing to wait for.
        let everything = self.permits.acquire_many(all).await;
        self.permits.close();
        drop(everything);
    }
}

/// Counts somebody as waiting for as long as it lives.
struct Waits<'w>(&'w AtomicUsize);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
