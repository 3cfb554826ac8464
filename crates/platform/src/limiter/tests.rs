//! Windows, and who shares one.
use std::{
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use aedile_engine::Code;

use super::{Limiter, MAX_ADDRESSES};
use crate::config::RateLimit;

const WINDOW: Duration = Duration::from_secs(5);

fn limiter(points: u32) -> Limiter {
    let limit = RateLimit {
        enabled: true,
        points,
        duration: WINDOW,
    };
    Limiter::new(limit).unwrap()
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
    assert!(Limiter::new(off).is_none());
}

#[test]
fn the_window_ends_and_begins_anew() {
    let (limiter, now) = (limiter(2), Instant::now());
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).is_ok());
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).is_ok());
    let refused = limiter
        .hit(ip("1.1.1.1"), now + Duration::from_secs(2), 2_000)
        .unwrap_err();
    assert_eq!(refused.code(), Code::RequestsExceeded);
    assert_eq!(refused.faults()[0].extensions["limit"], 2);
    assert_eq!(refused.faults()[0].extensions["reset"], "1970-01-01T00:00:05.000Z");
    assert!(limiter.hit(ip("2.2.2.2"), now, 0).is_ok());
    assert!(limiter.hit(ip("1.1.1.1"), now + WINDOW, 5_000).is_ok());
}

#[test]
fn addresses_of_one_customer_count_together() {
    let (limiter, now) = (limiter(1), Instant::now());
    assert!(limiter.hit(ip("2001:db8:0:1::1"), now, 0).is_ok());
    assert!(limiter.hit(ip("2001:db8:0:1:ffff::2"), now, 0).is_err());
    assert!(limiter.hit(ip("2001:db8:0:2::1"), now, 0).is_ok());
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).is_ok());
    assert!(limiter.hit(ip("::ffff:1.1.1.1"), now, 0).is_err());
}

#[test]
fn a_flood_of_addresses_shares_one_window_and_is_forgotten() {
    let (limiter, now) = (limiter(1), Instant::now());
    for n in 0..u32::try_from(MAX_ADDRESSES).unwrap() {
        assert!(limiter.hit(Some(Ipv4Addr::from_bits(n).into()), now, 0).is_ok());
    }
    assert!(limiter.hit(ip("200.0.0.1"), now, 0).is_ok());
    assert!(limiter.hit(ip("200.0.0.2"), now, 0).is_err());
    assert!(limiter.table.lock().windows.len() <= MAX_ADDRESSES + 1);
    assert!(limiter.hit(ip("200.0.0.2"), now + WINDOW, 5_000).is_ok());
    assert!(limiter.table.lock().windows.len() <= 2);
}

#[test]
fn a_hit_that_is_taken_back_leaves_room() {
    let (limiter, now) = (limiter(1), Instant::now());
    for _ in 0..3 {
        assert!(limiter.hit(ip("1.1.1.1"), now, 0).is_ok());
        limiter.take_back(ip("1.1.1.1"));
    }
    limiter.take_back(ip("1.1.1.1"));
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).is_ok());
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).is_err());
}

#[test]
fn what_is_done_to_one_does_not_count_for_another() {
    let (limiter, now) = (limiter(1), Instant::now());
    assert!(limiter.hit_upon("ann", ip("1.1.1.1"), now, 0).is_ok());
    assert!(limiter.hit_upon("ann", ip("1.1.1.1"), now, 0).is_err());
    assert!(limiter.hit_upon("bob", ip("1.1.1.1"), now, 0).is_ok());
    assert!(limiter.hit_upon("ann", ip("1.1.1.2"), now, 0).is_ok());
    assert!(limiter.hit(ip("1.1.1.1"), now, 0).is_ok());
}
