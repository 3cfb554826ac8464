//! Counts that several processes share. Here is only what the limits and the counter of wrong tries ask; who keeps the
//! counts, and how it is reached, whoever starts the server decides.

use std::time::Duration;

use futures_util::future::BoxFuture;

/// The counts cannot be reached: each process goes by its own until they can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away;

/// What comes of asking.
pub type Asked<'a, T> = BoxFuture<'a, Result<T, Away>>;

/// Who keeps counts for several processes. To say that it is [`Away`] may never take it long.
pub trait Shared: Send + Sync {
    /// Counts one hit in a window of time that begins with the first one, unless it has `points` of them already: then
    /// answers how long it still lasts.
    fn hit(&self, key: String, points: u32, window: Duration) -> Asked<'_, Option<Duration>>;

    /// Takes a hit back, if there is one.
    fn take_back(&self, key: String) -> Asked<'_, ()>;

    /// Adds one to a count that is forgotten `kept` after the last time; answers the sum.
    fn add(&self, key: String, kept: Duration) -> Asked<'_, i64>;

    /// Begins a count anew.
    fn forget(&self, key: String) -> Asked<'_, ()>;
}
