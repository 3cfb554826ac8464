//! Wrong passwords and codes: how many one address may send, and how many in a row there were upon each user. Kept in memory:
//! what is counted upon users only ever leads to a suspension, which is stored. Never counts for addresses of mail that
//! nobody has, so its size is bounded by the number of users; and what is refused for its number is not counted at all.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use aedile_engine::Result;
use aedile_platform::{config::RateLimit, limiter::Limiter};
use parking_lot::Mutex;

use crate::auth::Peer;

#[cfg(test)]
mod tests;

/// Tries that one address has upon a user who would be suspended but for being the last administrator.
const SLOWED: RateLimit = RateLimit {
    enabled: true,
    points: 1,
    duration: Duration::from_secs(60),
};

/// The counts of one process.
pub struct Attempts {
    in_a_row: Mutex<HashMap<String, i64>>,
    per_address: Option<Limiter>,
    slowed: Option<Limiter>,
}

impl Attempts {
    /// Nobody has tried anything. `limit` is of wrong tries per address.
    pub fn new(limit: RateLimit) -> Attempts {
        Attempts {
            in_a_row: Mutex::default(),
            per_address: Limiter::new(limit),
            slowed: Limiter::new(SLOWED),
        }
    }

    /// Lets a try through, before anything is looked at.
    ///
    /// # Errors
    /// `REQUESTS_EXCEEDED` when there were too many wrong ones from this address.
    pub fn admit(&self, peer: &Peer, now: i64) -> Result<()> {
        match &self.per_address {
            Some(limiter) => limiter.hit(peer.ip, Instant::now(), now),
            None => Ok(()),
        }
    }

    /// Whether a try upon a user comes to nothing, right or wrong: beyond the `limit` of wrong ones in a row each address
    /// has one a minute. Only of use for who is not suspended then; all the others are no more.
    pub fn comes_to_nothing(&self, user: &str, limit: Option<i64>, peer: &Peer, now: i64) -> bool {
        let count = self.in_a_row.lock().get(user).copied().unwrap_or(0);
        if limit.is_none_or(|limit| count <= limit) {
            return false;
        }
        let slowed = self.slowed.as_ref();
        slowed.is_some_and(|slowed| slowed.hit_upon(user, peer.ip, Instant::now(), now).is_err())
    }

    /// Counts a wrong try; answers how many there are now.
    pub fn failed(&self, user: &str) -> i64 {
        let mut counts = self.in_a_row.lock();
        let count = counts.entry(user.to_owned()).or_insert(0);
        *count = count.saturating_add(1);
        *count
    }

    /// A right try: begins anew, and does not count for its address.
    pub fn right(&self, user: &str, peer: &Peer) {
        self.forget(user);
        self.take_back(peer);
    }

    /// A try that was not wrong, and came to nothing: it does not count for its address.
    pub fn take_back(&self, peer: &Peer) {
        if let Some(limiter) = &self.per_address {
            limiter.take_back(peer.ip);
        }
    }

    /// Begins anew, when a password was set or the count has led to a suspension.
    pub fn forget(&self, user: &str) {
        self.in_a_row.lock().remove(user);
    }
}
