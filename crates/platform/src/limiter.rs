//! Requests per address and window of time. They are counted where several processes share the counts, if they do and while
//! that can be reached; otherwise in memory. The table there is bounded: when it is full, newcomers share one window, so that
//! a flood of addresses costs neither memory nor those who are already known.

pub mod shared;

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::{Duration, Instant},
};

use aedile_engine::{Code, Error, Result, value::time};
use parking_lot::Mutex;

use crate::config::RateLimit;
use shared::Shared;

/// Addresses counted at the same time: about 6 MB.
const MAX_ADDRESSES: usize = 100_000;

/// Bits of an IPv6 address that count: what one customer is given.
const V6_BITS: u32 = 64;

/// A fixed-window counter.
pub struct Limiter {
    name: &'static str,
    limit: RateLimit,
    shared: Option<Arc<dyn Shared>>,
    table: Mutex<Table>,
}

struct Table {
    windows: HashMap<Key, Window>,
    swept: Option<Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Everybody,
    Address(IpAddr),
    /// Of what is done to somebody from an address; the first is a digest of who it is.
    Upon(u64, IpAddr),
}

#[derive(Clone, Copy)]
struct Window {
    began: Instant,
    hits: u32,
}

impl Limiter {
    /// A counter, if the limit is to be applied. Processes share the counts of one name.
    pub fn new(name: &'static str, limit: RateLimit, shared: Option<Arc<dyn Shared>>) -> Option<Limiter> {
        limit.enabled.then(|| Limiter {
            name,
            limit,
            shared,
            table: Mutex::new(Table {
                windows: HashMap::new(),
                swept: None,
            }),
        })
    }

    /// Counts one hit of this address. `now` is the same moment twice: of a clock that only goes on, and in
    /// milliseconds since 1970.
    ///
    /// # Errors
    /// `REQUESTS_EXCEEDED` with the limit and when the window is over.
    pub async fn hit(&self, address: Option<IpAddr>, now: Instant, now_ms: i64) -> Result<()> {
        self.count_shared(Some(counted(address)), now, now_ms).await
    }

    /// Counts one hit of this address upon somebody, in this process alone.
    ///
    /// # Errors
    /// As [`Limiter::hit`].
    pub fn hit_upon(&self, whom: &str, address: Option<IpAddr>, now: Instant, now_ms: i64) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        whom.hash(&mut hasher);
        self.count(Key::Upon(hasher.finish(), counted(address)), now, now_ms)
    }

    /// Takes the last hit of this address back: it was none of those that are limited.
    pub async fn take_back(&self, address: Option<IpAddr>) {
        let address = counted(address);
        if let Some(shared) = &self.shared
            && shared.take_back(self.shared_key(Some(address))).await.is_ok()
        {
            return;
        }
        let mut table = self.table.lock();
        if let Some(window) = table.windows.get_mut(&Key::Address(address)) {
            window.hits = window.hits.saturating_sub(1);
        }
    }

    /// Counts one hit, whoever it is of.
    ///
    /// # Errors
    /// As [`Limiter::hit`].
    pub async fn hit_by_anybody(&self, now: Instant, now_ms: i64) -> Result<()> {
        self.count_shared(None, now, now_ms).await
    }

    /// Counts where all processes count, or here while that is away.
    async fn count_shared(&self, address: Option<IpAddr>, now: Instant, now_ms: i64) -> Result<()> {
        let key = address.map_or(Key::Everybody, Key::Address);
        let Some(shared) = &self.shared else {
            return self.count(key, now, now_ms);
        };
        let RateLimit { points, duration, .. } = self.limit;
        match shared.hit(self.shared_key(address), points, duration).await {
            Ok(None) => Ok(()),
            Ok(Some(left)) => Err(exceeded(points, left, now_ms)),
            Err(shared::Away) => self.count(key, now, now_ms),
        }
    }

    fn shared_key(&self, address: Option<IpAddr>) -> String {
        match address {
            Some(address) => format!("{}:{address}", self.name),
            None => self.name.to_owned(),
        }
    }

    fn count(&self, key: Key, now: Instant, now_ms: i64) -> Result<()> {
        let mut table = self.table.lock();
        let key = table.place(key, now, self.limit.duration);
        let window = table.windows.entry(key).or_insert(Window { began: now, hits: 0 });
        if now.duration_since(window.began) >= self.limit.duration {
            *window = Window { began: now, hits: 0 };
        }
        if window.hits >= self.limit.points {
            let left = self.limit.duration.saturating_sub(now.duration_since(window.began));
            return Err(exceeded(self.limit.points, left, now_ms));
        }
        window.hits += 1;
        Ok(())
    }
}

impl Table {
    /// Where a key is counted. A full table is swept, at most once per window; one that stays full has room for
    /// newcomers in one common window alone.
    fn place(&mut self, key: Key, now: Instant, duration: Duration) -> Key {
        if self.windows.len() < MAX_ADDRESSES || self.windows.contains_key(&key) {
            return key;
        }
        if self.swept.is_none_or(|swept| now.duration_since(swept) >= duration) {
            self.swept = Some(now);
            self.windows
                .retain(|_, window| now.duration_since(window.began) < duration);
        }
        if self.windows.len() < MAX_ADDRESSES {
            key
        } else {
            Key::Everybody
        }
    }
}

/// What a request is counted by; those of unknown origin together.
fn counted(address: Option<IpAddr>) -> IpAddr {
    address.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), network)
}

/// What an address is counted by.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let mask = u128::MAX << (u128::BITS - V6_BITS);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

fn exceeded(points: u32, left: Duration, now_ms: i64) -> Error {
    let left_ms = i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
    let reset = time::format_instant(now_ms.saturating_add(left_ms));
    Error::new(
        Code::RequestsExceeded,
        format!("Too many requests: try again at {reset}."),
    )
    .with("limit", points)
    .with("reset", reset)
}

#[cfg(test)]
mod tests;
