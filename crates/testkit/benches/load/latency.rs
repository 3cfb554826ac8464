//! How evenly answers come: the slowest hundredth beside the median, for reads as for an answer that needs no database. And
//! what the server does besides reading, by the rate of that answer.

use std::time::Duration;

use aedile_testkit::workload::{Case, Who};
use anyhow::Result;

use crate::{
    ROUNDS, clients,
    figures::{at_least, at_most, median},
    measure::Speed,
    project::Project,
    served_by,
};

/// Connections at a time.
const CONNECTIONS: u32 = 16;
/// The spread of reads may be so many times that of the plain answer.
const SPREAD: f64 = 1.5;
/// On SQLite a read by key has this share of the plain answer's rate.
const SHARE: f64 = 0.4;

const PING: &[u8] = b"GET /server/ping HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Measures and prints; answers whether the budgets hold.
///
/// # Errors
/// When an answer is none.
pub fn compare(project: &Project<'_>, item: &Case, time: Duration) -> Result<bool> {
    let (mut spreads, mut shares) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let ping = clients::speed(project.address(), CONNECTIONS, time, |_| PING.to_vec())?;
        let read = served_by(project, item, Who::Reader, CONNECTIONS, time)?;
        spreads.push(spread(&read) / spread(&ping));
        shares.push(read.per_second / ping.per_second);
        println!(
            "ping {:.0}/s p50 {:.2} p99 {:.2} ms, item {:.0}/s p50 {:.2} p99 {:.2} ms",
            ping.per_second,
            milliseconds(ping.median),
            milliseconds(ping.slowest_hundredth),
            read.per_second,
            milliseconds(read.median),
            milliseconds(read.slowest_hundredth),
        );
    }
    let even = at_most("p99/p50 of item, by that of ping", median(spreads), SPREAD);
    let quick = project.is_server() || at_least("item of ping", median(shares), SHARE);
    Ok(even && quick)
}

fn spread(speed: &Speed) -> f64 {
    speed.slowest_hundredth.as_secs_f64() / speed.median.as_secs_f64()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
