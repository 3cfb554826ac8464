//! Malformed requests by the thousand, against a server of the demo project: none may bring a 5xx, end the server, take
//! long, or show what its sender may not read. It must never let a finding pass because the server was slow to fail:
//! a request without an answer is a finding.

mod body;
mod findings;
mod names;
mod project;
mod query;
pub(crate) mod random;
mod request;
mod routes;
mod values;

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::Result;

use findings::Judge;
pub use findings::Report;
use project::Project;
pub use request::Sender;
use request::{Kit, Tokens};

use crate::{Server, wire::Connection};

/// Requests to one server. Then a fresh one is started, since what an administrator's malformed requests may do (delete
/// every user) leaves ever less to try.
const ROUND: u64 = 2000;

/// The longest that one answer may take, on a busy machine and in a build that is not optimised.
const LATENCY: Duration = Duration::from_secs(8);

/// A request without an answer by then has none.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What to send.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server to start.
    pub binary: PathBuf,
    /// How many requests.
    pub requests: u64,
    /// Names the requests.
    pub seed: u64,
    /// Connections at a time.
    pub threads: usize,
}

/// Sends all requests and says what came of them.
///
/// # Errors
/// When no server can be started, or the route table cannot be read.
pub fn run(options: &Options) -> Result<Report> {
    let kit = kit()?;
    let project = Project::prepare(&options.binary)?;
    let mut report = Report::new(options.seed);
    let mut from = 0;
    while from < options.requests && !report.is_enough() {
        let to = options.requests.min(from + ROUND);
        round(options, &kit, &project, from..to, &mut report)?;
        from = to;
    }
    Ok(report)
}

/// The bytes of one request, as far as they can be shown.
///
/// # Errors
/// When the route table cannot be read.
pub fn show(seed: u64, number: u64) -> Result<String> {
    let tokens = Tokens {
        administrator: "<administrator's token>".to_owned(),
        website: "<website's token>".to_owned(),
        author: "<author's token>".to_owned(),
    };
    let request = kit()?.request(seed, number, &tokens, is_harmless(number));
    Ok(String::from_utf8_lossy(&request.bytes).into_owned())
}

/// Sends one request alone, and answers status and body.
///
/// # Errors
/// When no server can be started, or no answer comes.
pub fn send_one(binary: &Path, seed: u64, number: u64) -> Result<String> {
    let project = Project::prepare(binary)?;
    let server = project.start()?;
    let request = kit()?.request(seed, number, project.tokens(), is_harmless(number));
    let answer = Connection::new(server.address(), TIMEOUT).send(&request.bytes)?;
    Ok(format!(
        "{} {}\n{}",
        answer.status,
        answer.content_type,
        String::from_utf8_lossy(&answer.body)
    ))
}

fn kit() -> Result<Kit> {
    Ok(Kit {
        names: names::Names::of_demo()?,
        routes: routes::routes()?,
    })
}

/// In every second round the administrator changes nothing, so that whatever others see beyond their rights is a leak.
fn is_harmless(number: u64) -> bool {
    (number / ROUND) % 2 == 1
}

fn round(
    options: &Options,
    kit: &Kit,
    project: &Project,
    numbers: std::ops::Range<u64>,
    report: &mut Report,
) -> Result<()> {
    let mut server = project.start()?;
    let (harmless, known) = (is_harmless(numbers.start), report.count());
    let judge = Judge::new(project.canaries(), harmless, LATENCY);
    let (next, shared) = (AtomicU64::new(numbers.start), Mutex::new(std::mem::take(report)));
    thread::scope(|scope| {
        for _ in 0..options.threads.max(1) {
            scope.spawn(|| {
                let mut connection = Connection::new(server.address(), TIMEOUT);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end {
                        break;
                    }
                    let request = kit.request(options.seed, number, project.tokens(), harmless);
                    let begun = Instant::now();
                    let answer = connection.send(&request.bytes);
                    let verdict = judge.judge(&request, &answer, begun.elapsed());
                    let mut report = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    report.add(number, &request, answer.as_ref().ok(), begun.elapsed(), verdict);
                    if report.is_enough() {
                        break;
                    }
                }
            });
        }
    });
    *report = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if report.count() > known {
        report.words_of_server(&server.last_lines());
    }
    if let Some(end) = server.obituary() {
        report.end_of_server(&numbers, &end);
    } else if !is_alive(&server) {
        report.end_of_server(&numbers, "the server no longer answers");
    }
    Ok(())
}

fn is_alive(server: &Server) -> bool {
    let ping = b"GET /server/ping HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = Connection::new(server.address(), TIMEOUT).send(ping);
    answer.is_ok_and(|answer| answer.status == 200 && answer.body == b"pong")
}
