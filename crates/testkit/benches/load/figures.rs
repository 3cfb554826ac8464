//! What is no speed: memory, the time to start, the size of the binary, each with its budget.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use aedile_testkit::Server;
use anyhow::{Context, Result};

use crate::project::Stopped;

/// Resident memory under load, in MB.
pub const LOADED_MEMORY: f64 = 150.0;

/// Resident memory after the start, in MB.
const IDLE_MEMORY: f64 = 40.0;

/// Time from the start of the process to its first answer, on a database that is there.
const START: Duration = Duration::from_millis(300);

/// Size of the binary, in MB.
const BINARY: f64 = 40.0;

/// Starts that are timed; the quickest counts, since what else runs only makes them longer.
const STARTS: u32 = 5;

/// How long a server is left alone before its idle memory is read.
const SETTLED: Duration = Duration::from_secs(1);

const MB: f64 = 1024.0 * 1024.0;

/// Resident memory of a server, in MB.
///
/// # Errors
/// Where the system does not tell it.
pub fn memory(server: &Server) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", server.process()))
        .context("the system tells no memory of processes")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    Ok(kib.context("the system tells no resident memory")? / 1024.0)
}

/// Measures and prints them; answers whether all are within their budgets.
///
/// # Errors
/// When the server does not start.
pub fn print(binary: &Path, project: &Stopped, loaded: f64) -> Result<bool> {
    let (mut quickest, mut idle) = (Duration::MAX, 0.0);
    for _ in 0..STARTS {
        let began = std::cell::Cell::new(Instant::now());
        let server = Server::start_prepared(binary, &BTreeMap::new(), &|folder| {
            for entry in fs::read_dir(project.folder())? {
                let entry = entry?;
                if entry.file_name().to_string_lossy().starts_with("data.db") {
                    fs::copy(entry.path(), folder.join(entry.file_name()))?;
                }
            }
            began.set(Instant::now());
            Ok(())
        })?;
        quickest = quickest.min(began.get().elapsed());
        // The allocator gives back what the start needed a moment after it.
        std::thread::sleep(SETTLED);
        idle = memory(&server)?;
    }
    let size = bytes(binary)? / MB;
    println!();
    let held = [
        within("memory under load", loaded, LOADED_MEMORY, "MB"),
        within("memory after start", idle, IDLE_MEMORY, "MB"),
        within(
            "start",
            quickest.as_secs_f64() * 1000.0,
            START.as_secs_f64() * 1000.0,
            "ms",
        ),
        within("binary", size, BINARY, "MB"),
    ];
    Ok(held.into_iter().all(|held| held))
}

#[expect(clippy::cast_precision_loss, reason = "a file's size in MB, to one digit")]
fn bytes(binary: &Path) -> Result<f64> {
    Ok(fs::metadata(binary)?.len() as f64)
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Prints a ratio with its budget; answers whether it is reached.
pub fn at_least(name: &str, value: f64, least: f64) -> bool {
    let held = value >= least;
    println!("{name:<34} {value:>6.2}   at least {least}{}", missed(held));
    held
}

/// Prints a ratio with its budget; answers whether it is kept.
pub fn at_most(name: &str, value: f64, most: f64) -> bool {
    let held = value <= most;
    println!("{name:<34} {value:>6.2}   at most {most}{}", missed(held));
    held
}

/// What is printed after a budget.
pub fn missed(held: bool) -> &'static str {
    if held { "" } else { "   MISSED" }
}

/// Prints a figure with its budget; answers whether it is kept.
pub fn within(name: &str, value: f64, budget: f64, unit: &str) -> bool {
    let held = value <= budget;
    println!(
        "{name:<22} {value:>7.1} {unit}   budget {budget:.0} {unit}{}",
        missed(held)
    );
    held
}
