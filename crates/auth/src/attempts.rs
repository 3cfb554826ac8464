//! Wrong passwords and codes: how many one address may send, and how many in a row there were upon each user. Kept in memory,
//! and where several processes share counts, there: what is counted upon users only ever leads to a suspension, which is
//! stored. Never counts for addresses of mail that nobody has, so its size is bounded by the number of users; and what is
//! refused for its number is not counted at all.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use aedile_engine::Result;
use aedile_platform::{
    config::RateLimit,
    limiter::{Limiter, shared::Shared},
};
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

/// How long wrong tries are remembered that processes share: far longer than anybody keeps trying in between.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What the limits are called where they are shared.
const PER_ADDRESS: &str = "login";
const IN_A_ROW: &str = "wrong";

/// The counts.
pub struct Attempts {
    shared: Option<Arc<dyn Shared>>,
    /// Those of this process, or what it last saw of those that are shared.
    in_a_row: Mutex<HashMap<String, i64>>,
    per_address: Option<Limiter>,
    slowed: Option<Limiter>,
}

impl Attempts {
    /// Nobody has tried anything. `limit` is of wrong tries per address.
    pub fn new(limit: RateLimit, shared: Option<Arc<dyn Shared>>) -> Attempts {
        Attempts {
            in_a_row: Mutex::default(),
            per_address: Limiter::new(PER_ADDRESS, limit, shared.clone()),
            slowed: Limiter::new("slowed", SLOWED, None),
            shared,
        }
    }

    /// Lets a try through, before anything is looked at.
    ///
    /// # Errors
    /// `REQUESTS_EXCEEDED` when there were too many wrong ones from this address.
    pub async fn admit(&self, peer: &Peer, now: i64) -> Result<()> {
        match &self.per_address {
            Some(limiter) => limiter.hit(peer.ip, Instant::now(), now).await,
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
    pub async fn failed(&self, user: &str) -> i64 {
        let shared = match &self.shared {
            Some(shared) => shared.add(key(user), REMEMBERED).await.ok(),
            None => None,
        };
        let mut counts = self.in_a_row.lock();
        let count = counts.entry(user.to_owned()).or_insert(0);
        *count = shared.unwrap_or_else(|| count.saturating_add(1));
        *count
    }

    /// A right try: begins anew, and does not count for its address.
    pub async fn right(&self, user: &str, peer: &Peer) {
        self.forget(user).await;
        self.take_back(peer).await;
    }

    /// A try that was not wrong, and came to nothing: it does not count for its address.
    pub async fn take_back(&self, peer: &Peer) {
        if let Some(limiter) = &self.per_address {
            limiter.take_back(peer.ip).await;
        }
    }

    /// Begins anew, when a password was set or the count has led to a suspension.
    pub async fn forget(&self, user: &str) {
        self.in_a_row.lock().remove(user);
        if let Some(shared) = &self.shared {
            // One that is away forgets by itself, later.
            shared.forget(key(user)).await.ok();
        }
    }
}

fn key(user: &str) -> String {
    format!("{IN_A_ROW}:{user}")
}
