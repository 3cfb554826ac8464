//! Reads beside two hundred logins at once: how long they take, and how much memory the server takes for it.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{Finding, PASSWORD, Part, TIMEOUT, address, request, statistics::quantile};
use crate::server::{ADMIN_TOKEN, Server};
use crate::wire::Connection;

/// Logins at the same time.
const LOGINS: usize = 200;

/// How much longer the slowest of a hundred reads may take beside them.
const LONGER: f64 = 5.0;

/// What the server may take at most, in KiB.
const MOST_MEMORY: u64 = 300 * 1024;

/// How long reads are measured by themselves.
const ALONE: Duration = Duration::from_secs(5);

/// Between two reads: others read as well, but not as fast as they can.
const PAUSE: Duration = Duration::from_millis(1);

/// Measures them.
///
/// # Errors
/// When a read or a login fails.
pub(super) fn beside_reads(server: &Server) -> Result<Finding> {
    let mut line = Connection::new(server.address(), TIMEOUT);
    let begun = Instant::now();
    let alone = reads(&mut line, || begun.elapsed() < ALONE)?;
    let left = AtomicUsize::new(LOGINS);
    let (beside, entered) = thread::scope(|scope| {
        let threads: Vec<_> = (0..LOGINS).map(|_| scope.spawn(|| login(server, &left))).collect();
        let beside = reads(&mut line, || left.load(Ordering::Relaxed) > 0);
        let entered = threads
            .into_iter()
            .filter_map(|one| one.join().ok())
            .filter(|status| *status == 200);
        (beside, entered.count())
    });
    let beside = beside?;
    ensure!(entered == LOGINS, "{entered} of {LOGINS} logins succeeded");
    let memory = peak(server)?;
    let (normal, slow) = (quantile(&alone, 0.99), quantile(&beside, 0.99));
    Ok(Finding {
        part: Part::Load,
        text: format!(
            "p99 of reads {:.2} ms alone, {:.2} ms beside {LOGINS} logins ({:.1} times; {} and {} reads), {} MB at most",
            normal * 1000.0,
            slow * 1000.0,
            slow / normal,
            alone.len(),
            beside.len(),
            memory / 1024
        ),
        holds: slow < normal * LONGER && memory < MOST_MEMORY,
    })
}

fn reads(line: &mut Connection, go_on: impl Fn() -> bool) -> Result<Vec<f64>> {
    let bytes = request(ADMIN_TOKEN, "GET", "/users?limit=10", &Value::Null);
    let mut took = Vec::new();
    while go_on() {
        let begun = Instant::now();
        let answer = line.send(&bytes)?;
        took.push(begun.elapsed().as_secs_f64());
        ensure!(answer.status == 200, "a read: {}", answer.status);
        thread::sleep(PAUSE);
    }
    Ok(took)
}

/// Logs in; answers the status, 0 for none.
fn login(server: &Server, left: &AtomicUsize) -> u16 {
    let form = json!({ "email": address(true, 0), "password": PASSWORD });
    let bytes = request("", "POST", "/auth/login", &form);
    let answer = Connection::new(server.address(), TIMEOUT).send(&bytes);
    left.fetch_sub(1, Ordering::Relaxed);
    answer.map_or(0, |answer| answer.status)
}

/// The most memory that the server had, in KiB.
fn peak(server: &Server) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", server.process())).context("the server's memory")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.context("the server's memory is not told")
}
