//! Kills the server, without warning and at random moments, while many clients write: what it had acknowledged must be there
//! afterwards, whole, and nothing by halves. It must never judge by anything but answers that were given before and after.

mod project;
mod seen;
mod writers;

use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use crate::{Server, backend::Backend, fuzz::random::Random};
use project::Client;
use writers::Writer;

/// Clients that write items at the same time; one more changes the schema.
const WRITERS: u64 = 6;
/// How long clients write before the blow, in milliseconds: also right at the start.
const BLOW_MS: (usize, usize) = (5, 700);
/// Of so many blows, one hits the database's own server where it has one.
const DATABASE_EVERY: u64 = 5;
/// After a blow to the database writes must succeed again by then.
const RECOVERY: Duration = Duration::from_secs(30);
/// Between two looks at what writers do.
const POLL: Duration = Duration::from_millis(5);

/// What to do.
pub struct Options<'b> {
    /// The server to start and kill.
    pub binary: PathBuf,
    /// Where its database is.
    pub backend: &'b Backend,
    /// How often it is killed.
    pub times: u64,
    /// When.
    pub seed: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Report {
    /// Blows to the server, and to the database's.
    pub blows: (u64, u64),
    /// Writes that were acknowledged, and those that were under way and may have happened or not.
    pub writes: (u64, u64),
    /// The longest time until the server answered again.
    pub slowest: Duration,
    /// What must not be.
    pub findings: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((server, database), (acknowledged, open)) = (self.blows, self.writes);
        writeln!(
            f,
            "killed     the server {server} times, the database's {database} times"
        )?;
        writeln!(f, "writes     {acknowledged} acknowledged, {open} under way")?;
        writeln!(f, "back after {} ms at most", self.slowest.as_millis())?;
        writeln!(f, "findings   {}", self.findings.len())?;
        self.findings.iter().try_for_each(|finding| writeln!(f, "  {finding}"))
    }
}

/// What each thing that was ever written may look like now: one way after an acknowledged write, two after one whose
/// answer never came.
type Expected = BTreeMap<String, Vec<String>>;

/// What all clients know.
#[derive(Default)]
struct Shared {
    expected: Mutex<Expected>,
    acknowledged: AtomicU64,
    open: AtomicU64,
    stop: AtomicBool,
    findings: Mutex<Vec<String>>,
}

impl Shared {
    /// A thing looks like this, as the server has said.
    fn settled(&self, thing: &str, looks: &str) {
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
        lock(&self.expected).insert(thing.to_owned(), vec![looks.to_owned()]);
    }

    /// A thing may look like this by now, or still as before.
    fn unsettled(&self, thing: &str, looks: &str) {
        self.open.fetch_add(1, Ordering::Relaxed);
        let mut expected = lock(&self.expected);
        let ways = expected
            .entry(thing.to_owned())
            .or_insert_with(|| vec![seen::NOTHING.to_owned()]);
        ways.push(looks.to_owned());
    }

    fn found(&self, finding: String) {
        lock(&self.findings).push(finding);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills as often as wanted, and judges after each time.
///
/// # Errors
/// When the server cannot be started at all, or does not start again.
pub fn run(options: &Options<'_>) -> Result<Report> {
    // Made before the server and dropped after it.
    let own = options.backend.database()?;
    own.keep_commits()?;
    let settings = own.settings().into_iter();
    let env: BTreeMap<String, String> = settings.map(|(name, value)| (name.to_owned(), value)).collect();
    let mut server = Server::start(&options.binary, &env)?;
    project::make(&mut Client::new(server.address()))?;
    let shared = Shared::default();
    let mut report = Report::default();
    for round in 0..options.times {
        let mut random = Random::new(options.seed, round);
        let wait = BLOW_MS.0 + random.below(BLOW_MS.1 - BLOW_MS.0);
        let wait = Duration::from_millis(u64::try_from(wait)?);
        let hits = (round + 1).is_multiple_of(DATABASE_EVERY);
        let crash = Some(options.backend).filter(|backend| hits && backend.is_own());
        let mut begun = Instant::now();
        shared.stop.store(false, Ordering::Relaxed);
        thread::scope(|scope| -> Result<()> {
            for number in 0..=WRITERS {
                let mut writer = Writer::new(&shared, server.address(), (options.seed, round, number));
                scope.spawn(move || writer.run(number == WRITERS));
            }
            thread::sleep(wait);
            begun = Instant::now();
            let outcome = match crash {
                Some(backend) => backend.crash().and_then(|()| recovered(&shared)),
                None => server.kill().map_err(Into::into),
            };
            shared.stop.store(true, Ordering::Relaxed);
            outcome
        })?;
        if crash.is_some() {
            report.blows.1 += 1;
        } else {
            report.blows.0 += 1;
            begun = Instant::now();
            server.restart(&options.binary, &env).context("starting again")?;
        }
        report.slowest = report.slowest.max(begun.elapsed());
        let mut findings = std::mem::take(&mut *lock(&shared.findings));
        judge(
            &mut Client::new(server.address()),
            &mut lock(&shared.expected),
            &mut findings,
        )?;
        let told = findings.into_iter().map(|finding| format!("round {round}: {finding}"));
        report.findings.extend(told);
        if !report.findings.is_empty() {
            break;
        }
    }
    report.writes = (
        shared.acknowledged.load(Ordering::Relaxed),
        shared.open.load(Ordering::Relaxed),
    );
    Ok(report)
}

/// Waits until writes succeed again after the database has gone and come.
fn recovered(shared: &Shared) -> Result<()> {
    // What was answered before the blow may be counted a moment after it.
    thread::sleep(Duration::from_millis(200));
    let before = shared.acknowledged.load(Ordering::Relaxed);
    let end = Instant::now() + RECOVERY;
    while shared.acknowledged.load(Ordering::Relaxed) < before + WRITERS {
        ensure!(Instant::now() < end, "no write succeeds after the database came back");
        thread::sleep(POLL);
    }
    Ok(())
}

/// Compares what there is with what there may be; from then on there is one way for each thing.
fn judge(client: &mut Client, expected: &mut Expected, findings: &mut Vec<String>) -> Result<()> {
    let seen = seen::everything(client)?;
    for (thing, ways) in expected.iter_mut() {
        let looks = seen.get(thing).map_or(seen::NOTHING, String::as_str);
        if !ways.iter().any(|way| way == looks) {
            findings.push(format!("{thing} is {looks:?}, and should be one of {ways:?}"));
        }
        *ways = vec![looks.to_owned()];
    }
    for (thing, looks) in seen.iter().filter(|(thing, _)| !expected.contains_key(*thing)) {
        findings.push(format!("{thing} is {looks:?}, and nobody made it"));
    }
    Ok(())
}
