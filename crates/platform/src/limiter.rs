//! Requests per address and window of time, counted in memory. The table is bounded: when it is full, newcomers share
//! one window, so that a flood of addresses costs neither memory nor those who are already known.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    net::{IpAddr, Ipv6Addr},
    time::{Duration, Instant},
};

use aedile_engine::{Code, Error, Result, value::time};
use parking_lot::Mutex;

use crate::config::RateLimit;

/// Addresses counted at the same time: about 6 MB.
const MAX_ADDRESSES: usize = 100_000;

/// Bits of an IPv6 address that count: what one customer is given.
const V6_BITS: u32 = 64;

/// A fixed-window counter.
pub struct Limiter {
    limit: RateLimit,
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
    /// A counter, if the limit is to be applied.
    pub fn new(limit: RateLimit) -> Option<Limiter> {
        limit.enabled.then(|| Limiter {
            limit,
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
    pub fn hit(&self, address: Option<IpAddr>, now: Instant, now_ms: i64) -> Result<()> {
        self.count(Key::Address(counted(address)), now, now_ms)
    }

    /// Counts one hit of this address upon somebody.
    ///
    /// # Errors
    /// As [`Limiter::hit`].
    pub fn hit_upon(&self, whom: &str, address: Option<IpAddr>, now: Instant, now_ms: i64) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        whom.hash(&mut hasher);
        self.count(Key::Upon(hasher.finish(), counted(address)), now, now_ms)
    }

    /// Takes the last hit of this address back: it was none of those that are limited.
    pub fn take_back(&self, address: Option<IpAddr>) {
        let mut table = self.table.lock();
        let window = table.windows.get_mut(&Key::Address(counted(address)));
        if let Some(window) = window {
            window.hits = window.hits.saturating_sub(1);
        }
    }

    /// Counts one hit, whoever it is of.
    ///
    /// # Errors
    /// As [`Limiter::hit`].
    pub fn hit_by_anybody(&self, now: Instant, now_ms: i64) -> Result<()> {
        self.count(Key::Everybody, now, now_ms)
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
