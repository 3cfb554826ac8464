//! Many who write at once on SQLite share transactions: their rate beside that of one transaction for each, where writing
//! through to the disk takes its time; elsewhere beside that of bare inserts that share transactions.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use aedile_testkit::workload::{Case, Sizes, Who};
use anyhow::Result;

use crate::{
    ROUNDS,
    ceiling::Ceiling,
    figures::{at_least, median},
    measure::drive,
    project::{Place, Project},
    served_by,
};

/// Clients that write at the same time.
const CLIENTS: u32 = 256;
/// A disk that is written through in less time than this makes single transactions cheap.
const SLOW: Duration = Duration::from_micros(500);
/// Budget where it takes longer: so many times one transaction each.
const TIMES: f64 = 10.0;
/// Budget elsewhere: this share of bare inserts.
const SHARE: f64 = 0.5;
/// How often the disk is written through to learn how long it takes.
const PROBES: u32 = 50;

/// Measures and prints; answers whether the budget holds.
///
/// # Errors
/// What the server or SQLite says.
pub fn compare(project: &Project<'_>, create: &Case, time: Duration) -> Result<bool> {
    let Place::File(database) = project.place() else {
        return Ok(true);
    };
    let fsync = fsync(database)?;
    println!("one fsync takes {:.2} ms", fsync.as_secs_f64() * 1000.0);
    let ceiling = Ceiling::read(project.place(), create, Who::Reader)?;
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let served = served_by(project, create, Who::Reader, CLIENTS, time)?;
        let beside = if fsync > SLOW {
            single(database, time)?
        } else {
            ceiling
                .shared_speed(database, create, Sizes::FULL, CLIENTS, time)?
                .per_second
        };
        println!(
            "{CLIENTS} clients create {:.0}/s, beside {beside:.0}/s",
            served.per_second
        );
        ratios.push(served.per_second / beside);
    }
    Ok(if fsync > SLOW {
        at_least("creates by one transaction each", median(ratios), TIMES)
    } else {
        at_least("creates by bare inserts", median(ratios), SHARE)
    })
}

/// The middle time of writing a page through to the disk that the database is on.
fn fsync(database: &Path) -> Result<Duration> {
    let path = database.with_extension("fsync");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..PROBES {
        file.write_all(&[0; 4096])?;
        let begun = Instant::now();
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    std::fs::remove_file(path)?;
    times.sort_unstable();
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}

/// Bare inserts of one row, each in a transaction of its own that is kept for good.
fn single(database: &Path, time: Duration) -> Result<f64> {
    let path = database.with_extension("single");
    let speed = drive(1, time, || {
        let connection = rusqlite::Connection::open(&path)?;
        connection.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; create table if not exists t (text text)",
        )?;
        Ok(move |number: u32| {
            let mut insert = connection.prepare_cached("insert into t (text) values (?1)")?;
            insert.execute([number])?;
            Ok(())
        })
    });
    Ok(speed?.per_second)
}
