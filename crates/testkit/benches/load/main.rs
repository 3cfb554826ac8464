//! The benchmark: each case over HTTP, as Aedile's bare statement, and as SQL written by hand, at the same concurrency on
//! the same data, in one run. It must never compare what does not answer the same: that is checked before measuring.

mod bare;
mod ceiling;
mod figures;
mod measure;
mod policies;
mod project;

use std::{env, path::PathBuf, process::ExitCode, time::Duration};

use aedile_testkit::{
    wire::Connection,
    workload::{Case, Sizes, Who, cases},
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use bare::Bare;
use ceiling::Ceiling;
use measure::{Speed, drive};
use project::Project;

/// Requests at the same time.
const CONCURRENCY: u32 = 8;

/// How long each measurement takes.
const TIME: Duration = Duration::from_secs(5);

/// The same with `--quick`.
const QUICK: Duration = Duration::from_secs(1);

/// An answer takes no longer than this.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Numbers for which the answers are compared before measuring.
const COMPARED: [u32; 4] = [0, 7, 42, 98];

struct Options {
    binary: PathBuf,
    time: Duration,
    only: String,
    bless: bool,
}

/// One line of the table.
struct Line {
    name: String,
    served: Speed,
    bare: Speed,
    ceiling: Speed,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

fn options() -> Result<Options> {
    let binary = env::var_os("AEDILE_BIN").context("AEDILE_BIN names no binary: run `cargo xtask bench`")?;
    let mut options = Options {
        binary: binary.into(),
        time: TIME,
        only: String::new(),
        bless: false,
    };
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--quick" => options.time = QUICK,
            "--only" => options.only = args.next().context("--only needs the name of a case")?,
            "--bless-plans" => options.bless = true,
            // Given by `cargo bench`.
            "--bench" => {}
            _ => bail!("there is no option `{arg}`: see `cargo xtask bench --help`"),
        }
    }
    Ok(options)
}

/// Measures everything; answers whether all budgets hold.
fn run(options: &Options) -> Result<bool> {
    println!("preparing {} articles", Sizes::FULL.articles);
    let project = Project::create(&options.binary, Sizes::FULL)?;
    let wanted: Vec<(Case, Who)> = cases()
        .into_iter()
        .filter(|case| case.name.contains(&options.only))
        .flat_map(|case| [(case, Who::Administrator), (case, Who::Reader)])
        .collect();
    for (case, who) in &wanted {
        let ceiling = Ceiling::read(case, *who)?;
        ceiling.plan(project.database(), options.bless)?;
        if case.reads() {
            compare(&project, case, *who, &ceiling)?;
        }
    }
    let bare = Bare::open(project.database(), Sizes::FULL)?;
    let mut lines = Vec::new();
    for (case, who) in &wanted {
        println!("measuring {} as {}", case.name, who.name());
        lines.push(measure(options, &project, &bare, case, *who)?);
    }
    let loaded = figures::memory(project.server())?;
    drop(bare);
    let project = project.stop()?;
    print_table(&lines);
    let cheap = !"policies".contains(&options.only) || compare_policies(options)?;
    Ok(figures::print(&options.binary, &project, loaded)? && cheap)
}

/// What access control costs, in a project of its own: its collections are no part of the workload.
fn compare_policies(options: &Options) -> Result<bool> {
    println!("\nmeasuring policies");
    let project = Project::create(&options.binary, Sizes::FULL)?;
    policies::compare(&project, options.time)
}

/// The three ways one after the other, so that whatever else the machine does is alike for them.
fn measure(options: &Options, project: &Project, bare: &Bare, case: &Case, who: Who) -> Result<Line> {
    let (ceiling, database) = (Ceiling::read(case, who)?, project.database());
    Ok(Line {
        name: format!("{} ({})", case.name, who.name()),
        served: served(project, case, who, options.time)?,
        bare: bare.speed(case, who, CONCURRENCY, options.time)?,
        ceiling: if case.reads() {
            let readers = Bare::readers(database);
            ceiling.speed(database, case, Sizes::FULL, readers, options.time)?
        } else {
            ceiling.write_speed(database, case, Sizes::FULL, CONCURRENCY, options.time)?
        },
    })
}

/// Whether the served answer and that of the hand-written SQL are the same.
fn compare(project: &Project, case: &Case, who: Who, ceiling: &Ceiling) -> Result<()> {
    let mut connection = Connection::new(project.address(), TIMEOUT);
    for number in COMPARED {
        let answer = connection.send(&case.request(who, number, Sizes::FULL))?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        let served = match answer.get("data") {
            Some(Value::Array(rows)) => Value::Array(rows.clone()),
            Some(row) => Value::Array(vec![row.clone()]),
            None => bail!("{} as {}: {answer}", case.name, who.name()),
        };
        let (own, count) = ceiling.data(project.database(), &case.bound(number, Sizes::FULL))?;
        let place = format!("{} as {}, number {number}", case.name, who.name());
        ensure!(served == own, "{place} differs:\nserved  {served}\nby hand {own}");
        ensure!(
            served.as_array().is_some_and(|rows| !rows.is_empty()),
            "{place} is empty"
        );
        if Ceiling::counts(case) {
            let told = answer.pointer("/meta/filter_count").and_then(Value::as_i64);
            ensure!(told == Some(count), "{place} counts {told:?}, by hand {count}");
        }
    }
    Ok(())
}

fn served(project: &Project, case: &Case, who: Who, time: Duration) -> Result<Speed> {
    drive(CONCURRENCY, time, || {
        let mut connection = Connection::new(project.address(), TIMEOUT);
        Ok(move |number: u32| {
            let answer = connection.send(&case.request(who, number, Sizes::FULL))?;
            ensure!(
                answer.status == 200,
                "{} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
            Ok(())
        })
    })
}

fn print_table(lines: &[Line]) {
    println!(
        "\n{:<22}{:>9}{:>8}{:>8}{:>10}{:>10}{:>11}{:>11}",
        "case", "served/s", "p50 ms", "p99 ms", "bare/s", "by hand/s", "of ceiling", "bare of it"
    );
    for line in lines {
        let (served, bare, ceiling) = (&line.served, &line.bare, &line.ceiling);
        println!(
            "{:<22}{:>9.0}{:>8.2}{:>8.2}{:>10.0}{:>10.0}{:>10.0}%{:>10.0}%",
            line.name,
            served.per_second,
            served.median.as_secs_f64() * 1000.0,
            served.slowest_hundredth.as_secs_f64() * 1000.0,
            bare.per_second,
            ceiling.per_second,
            100.0 * served.per_second / ceiling.per_second,
            100.0 * bare.per_second / ceiling.per_second,
        );
    }
}
