//! Runs scenarios side by side, each on a fresh server of its own: no step can see what another
//! scenario did.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Result;

use crate::backend::Backend;
use crate::ledger::Ledger;
use crate::replay::replay;
use crate::report::{Outcome, Report};
use crate::scenario::{Scenario, load_scenarios, scenario_dir};
use crate::server::Server;

/// Replays this crate's scenarios whose label contains one of `filter` (all if it is empty)
/// against servers of `binary`, `threads` at a time, each on a database of its own.
///
/// # Errors
/// Scenarios that cannot be read. A server that does not start is a failure in the report.
pub fn run_all(binary: &Path, database: &Backend, filter: &[String], threads: usize) -> Result<Report> {
    let scenarios = load_scenarios(&scenario_dir(), filter)?;
    Ok(Report {
        scenarios: run_side_by_side(&scenarios, threads, |scenario| run(binary, database, scenario)),
        whole: filter.is_empty(),
    })
}

/// Runs the scenarios that disagree with the ledger a second time: time and load may fail a
/// step once. A step that agrees in one of the two runs is taken to agree.
///
/// # Errors
/// Scenarios that cannot be read.
pub fn settle(binary: &Path, database: &Backend, ledger: &Ledger, report: &mut Report, threads: usize) -> Result<()> {
    let mut scenarios = load_scenarios(&scenario_dir(), &[])?;
    scenarios.retain(|scenario| {
        let mut outcomes = report.scenarios.iter();
        let outcome = outcomes.find(|outcome| outcome.label == scenario.label);
        outcome.is_some_and(|outcome| !ledger.compare_outcome(outcome).is_empty())
    });
    for again in run_side_by_side(&scenarios, threads, |scenario| run(binary, database, scenario)) {
        let mut outcomes = report.scenarios.iter_mut();
        if let Some(first) = outcomes.find(|outcome| outcome.label == again.label) {
            merge(first, again, ledger);
        }
    }
    Ok(())
}

fn merge(first: &mut Outcome, again: Outcome, ledger: &Ledger) {
    for (step, other) in first.steps.iter_mut().zip(again.steps) {
        if !ledger.agrees(&first.label, step) {
            step.differences = other.differences;
        }
    }
    first.started |= again.started;
    first.trouble = first.trouble.take().and(again.trouble);
}

fn run(binary: &Path, database: &Backend, scenario: &Scenario) -> Outcome {
    // Made before the server and dropped after it.
    let own = match database.database() {
        Ok(own) => own,
        Err(error) => return Outcome::not_started(scenario, format!("{error:#}")),
    };
    let mut env = scenario.env.clone();
    let settings = own.settings().into_iter();
    env.extend(settings.map(|(name, value)| (name.to_owned(), value)));
    let mut server = match Server::start(binary, &env) {
        Ok(server) => server,
        Err(error) => return Outcome::not_started(scenario, format!("{error:#}")),
    };
    let differences = replay(server.address, scenario, 0);
    Outcome::new(scenario, differences, server.obituary())
}

/// Replays a scenario on a server whose database held already what the first steps would have made: these pass.
pub fn resume(server: &mut Server, scenario: &Scenario, taken: usize) -> Outcome {
    let mut differences = vec![Vec::new(); taken];
    differences.extend(replay(server.address, scenario, taken));
    Outcome::new(scenario, differences, server.obituary())
}

fn run_side_by_side(scenarios: &[Scenario], threads: usize, run: impl Fn(&Scenario) -> Outcome + Sync) -> Vec<Outcome> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = run(scenario);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by(|a, b| a.label.cmp(&b.label));
    done
}

#[cfg(test)]
mod tests;
