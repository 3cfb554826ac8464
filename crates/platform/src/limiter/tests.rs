//! Windows, and who shares one.
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use aedile_engine::Code;
use parking_lot::Mutex;

use super::{
    Limiter, MAX_ADDRESSES,
    shared::{Asked, Away, Shared},
};
use crate::config::RateLimit;

const WINDOW: Duration = Duration::from_secs(5);

fn limiter(points: u32) -> Limiter {
    let limit = RateLimit {
        enabled: true,
        points,
        duration: WINDOW,
    };
    Limiter::new("test", limit, None).unwrap()
}

fn ip(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

#[test]
fn a_limit_that_is_off_is_none() {
    let off = RateLimit {
        enabled: false,
        points: 1,
        duration: WINDOW,
    };
    assert!(Limiter::new("test", off, None).is_none());
}

#[tokio::test]
async fn the_window_ends_and_begins_anew() {
    let (limiter, now) = (limiter(2), Instant::now());
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).await.is_ok());
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).await.is_ok());
    let refused = limiter
        .hit(ip("1.1.1.1"), now + Duration::from_secs(2), 2_000)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::RequestsExceeded);
    assert_eq!(refused.faults()[0].extensions["limit"], 2);
    assert_eq!(refused.faults()[0].extensions["reset"], "1970-01-01T00:00:05.000Z");
    assert!(limiter.hit(ip("2.2.2.2"), now, 0).await.is_ok());
    assert!(limiter.hit(ip("1.1.1.1"), now + WINDOW, 5_000).await.is_ok());
}

#[tokio::test]
async fn addresses_of_one_customer_count_together() {
    let (limiter, now) = (limiter(1), Instant::now());
    assert!(limiter.hit(ip("2001:db8:0:1::1"), now, 0).await.is_ok());
    assert!(limiter.hit(ip("2001:db8:0:1:ffff::2"), now, 0).await.is_err());
    assert!(limiter.hit(ip("2001:db8:0:2::1"), now, 0).await.is_ok());
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).await.is_ok());
    assert!(limiter.hit(ip("::ffff:1.1.1.1"), now, 0).await.is_err());
}

#[tokio::test]
async fn a_flood_of_addresses_shares_one_window_and_is_forgotten() {
    let (limiter, now) = (limiter(1), Instant::now());
    for n in 0..u32::try_from(MAX_ADDRESSES).unwrap() {
        assert!(limiter.hit(Some(Ipv4Addr::from_bits(n).into()), now, 0).await.is_ok());
    }
    assert!(limiter.hit(ip("200.0.0.1"), now, 0).await.is_ok());
    assert!(limiter.hit(ip("200.0.0.2"), now, 0).await.is_err());
    assert!(limiter.table.lock().windows.len() <= MAX_ADDRESSES + 1);
    assert!(limiter.hit(ip("200.0.0.2"), now + WINDOW, 5_000).await.is_ok());
    assert!(limiter.table.lock().windows.len() <= 2);
}

#[tokio::test]
async fn a_hit_that_is_taken_back_leaves_room() {
    let (limiter, now) = (limiter(1), Instant::now());
    for _ in 0..3 {
        assert!(limiter.hit(ip("1.1.1.1"), now, 0).await.is_ok());
        limiter.take_back(ip("1.1.1.1")).await;
    }
    limiter.take_back(ip("1.1.1.1")).await;
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).await.is_ok());
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).await.is_err());
}

#[tokio::test]
async fn what_is_done_to_one_does_not_count_for_another() {
    let (limiter, now) = (limiter(1), Instant::now());
    assert!(limiter.hit_upon("ann", ip("1.1.1.1"), now, 0).is_ok());
    assert!(limiter.hit_upon("ann", ip("1.1.1.1"), now, 0).is_err());
    assert!(limiter.hit_upon("bob", ip("1.1.1.1"), now, 0).is_ok());
    assert!(limiter.hit_upon("ann", ip("1.1.1.2"), now, 0).is_ok());
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).await.is_ok());
}

/// Counts of several processes, as long as they can be reached.
#[derive(Default)]
struct Common {
    hits: Mutex<HashMap<String, u32>>,
    away: AtomicBool,
}

impl Shared for Common {
    fn hit(&self, key: String, points: u32, _: Duration) -> Asked<'_, Option<Duration>> {
        Box::pin(async move {
            if self.away.load(Ordering::Relaxed) {
                return Err(Away);
            }
            let mut hits = self.hits.lock();
            let count = hits.entry(key).or_default();
            if *count >= points {
                return Ok(Some(WINDOW));
            }
            *count += 1;
            Ok(None)
        })
    }

    fn take_back(&self, key: String) -> Asked<'_, ()> {
        Box::pin(async move {
            *self.hits.lock().entry(key).or_default() -= 1;
            Ok(())
        })
    }

    fn add(&self, _: String, _: Duration) -> Asked<'_, i64> {
        Box::pin(async { Err(Away) })
    }

    fn forget(&self, _: String) -> Asked<'_, ()> {
        Box::pin(async { Err(Away) })
    }
}

#[tokio::test]
async fn processes_share_counts_while_these_can_be_reached() {
    let common = Arc::new(Common::default());
    let limit = RateLimit {
        enabled: true,
        points: 2,
        duration: WINDOW,
    };
    let process = |name| Limiter::new(name, limit, Some(common.clone())).unwrap();
    let (one, two, other, now) = (process("test"), process("test"), process("other"), Instant::now());
    assert!(one.hit(ip("1.1.1.1"), now, 0).await.is_ok());
    assert!(two.hit(ip("1.1.1.1"), now, 0).await.is_ok());
    let refused = one.hit(ip("1.1.1.1"), now, 0).await.unwrap_err();
    assert_eq!(refused.faults()[0].extensions["reset"], "1970-01-01T00:00:05.000Z");
    assert!(two.hit(ip("1.1.1.2"), now, 0).await.is_ok());
    assert!(other.hit(ip("1.1.1.1"), now, 0).await.is_ok());
    assert!(two.hit_by_anybody(now, 0).await.is_ok());
    two.take_back(ip("1.1.1.1")).await;
    assert!(one.hit(ip("1.1.1.1"), now, 0).await.is_ok());
    // Each process goes by its own counts meanwhile, and still has a limit.
    common.away.store(true, Ordering::Relaxed);
    for process in [&one, &two] {
        for _ in 0..2 {
            assert!(process.hit(ip("1.1.1.1"), now, 0).await.is_ok());
        }
        assert!(process.hit(ip("1.1.1.1"), now, 0).await.is_err());
    }
}
