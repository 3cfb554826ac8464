//! The benchmark: each case over HTTP, as Aedile's bare statement, and as SQL written by hand, at the same concurrency on
//! the same data, in one run. It must never compare what does not answer the same: that is checked before measuring.

mod bare;
mod ceiling;
mod clients;
mod creates;
mod figures;
mod growth;
mod latency;
mod measure;
mod policies;
mod project;
mod shapes;

use std::{env, path::PathBuf, process::ExitCode, time::Duration};

use aedile_testkit::{
    postgres::Postgres,
    wire::Connection,
    workload::{Case, Sizes, Who, cases},
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use bare::Bare;
use ceiling::Ceiling;
use measure::Speed;
use project::Project;

/// Requests at the same time.
const CONCURRENCY: u32 = 8;

/// How long each measurement takes.
const TIME: Duration = Duration::from_secs(5);

/// The same with `--quick`.
const QUICK: Duration = Duration::from_secs(1);

/// Each comparison is made so many times, turn by turn; the median counts.
pub const ROUNDS: usize = 3;

/// An answer takes no longer than this.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Numbers for which the answers are compared before measuring.
const COMPARED: [u32; 4] = [0, 7, 42, 98];

struct Options {
    binary: PathBuf,
    time: Duration,
    only: String,
    databases: Vec<String>,
    bless: bool,
}

/// One line of the table.
struct Line {
    name: String,
    served: Speed,
    bare: Speed,
    ceiling: Speed,
    /// What the server reaches of the hand-written SQL.
    share: f64,
    budget: f64,
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
        databases: ["sqlite", "pg"].map(str::to_owned).to_vec(),
        bless: false,
    };
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--quick" => options.time = QUICK,
            "--only" => options.only = args.next().context("--only needs the name of a case")?,
            "--database" => options.databases = vec![args.next().context("--database needs `sqlite` or `pg`")?],
            "--bless-plans" => options.bless = true,
            // Given by `cargo bench`.
            "--bench" => {}
            _ => bail!("there is no option `{arg}`: see `cargo xtask bench --help`"),
        }
    }
    Ok(options)
}

/// The least share of the hand-written SQL's speed that a case has to reach on PostgreSQL, for the restricted user. On
/// SQLite there is no way to a server and back, and so nothing to share it with.
fn budget(case: &Case) -> f64 {
    match case.name {
        "item" => 0.45,
        "nested" => 0.7,
        "relational" => 0.8,
        "create" | "update" => 0.5,
        _ => 0.0,
    }
}

/// Measures everything; answers whether all budgets hold.
fn run(options: &Options) -> Result<bool> {
    let mut held = true;
    for database in &options.databases {
        held &= match database.as_str() {
            "sqlite" => on(options, None)?,
            "pg" => on(options, Some(&Postgres::durable()?))?,
            other => bail!("there is no database \"{other}\""),
        };
    }
    Ok(held)
}

/// Everything on one database.
fn on(options: &Options, server: Option<&Postgres>) -> Result<bool> {
    let name = if server.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("\n{name}: preparing {} articles", Sizes::FULL.articles);
    let project = Project::create(&options.binary, server, Sizes::FULL)?;
    let callers = if server.is_some() {
        &[Who::Reader][..]
    } else {
        &[Who::Administrator, Who::Reader]
    };
    let wanted: Vec<(Case, Who)> = cases()
        .into_iter()
        .filter(|case| case.name.contains(&options.only))
        .flat_map(|case| callers.iter().map(move |who| (case, *who)))
        .collect();
    for (case, who) in &wanted {
        let ceiling = Ceiling::read(project.place(), case, *who)?;
        ceiling.plan(options.bless)?;
        if case.reads() {
            compare(&project, case, *who, &ceiling)?;
        }
    }
    let bare = Bare::open(project.place(), Sizes::FULL)?;
    let mut lines = Vec::new();
    for (case, who) in &wanted {
        println!("measuring {} as {}", case.name, who.name());
        lines.push(measure(options, &project, &bare, case, *who)?);
    }
    drop(bare);
    print_table(name, &lines);
    let mut held = server.is_none() || lines.iter().all(|line| line.share >= line.budget);
    for case in cases().iter().filter(|case| case.name.contains(&options.only)) {
        match case.name {
            "item" => held &= latency::compare(&project, case, options.turn())?,
            "create" => held &= creates::compare(&project, case, options.turn())?,
            _ => {}
        }
    }
    let loaded = figures::memory(project.server())?;
    held &= if server.is_none() {
        figures::print(&options.binary, &project.stop()?, loaded)?
    } else {
        drop(project);
        figures::within("memory under load", loaded, figures::LOADED_MEMORY, "MB")
    };
    for (name, compare) in FURTHER {
        if name.contains(&options.only) {
            println!("\nmeasuring {name}");
            // In a project of its own: what it changes is no part of the workload.
            let mut project = Project::create(&options.binary, server, Sizes::FULL)?;
            held &= compare(&mut project, options)?;
        }
    }
    Ok(held)
}

type Compare = fn(&mut Project<'_>, &Options) -> Result<bool>;

/// Comparisons that need another project than the workload's.
const FURTHER: [(&str, Compare); 3] = [
    ("unindexed", |project, options| {
        let nested = cases().into_iter().find(|case| case.name == "nested");
        shapes::compare(project, &nested.context("there is no nested case")?, options.turn())
    }),
    ("growth", |project, options| growth::compare(project, options.turn())),
    ("policies", |project, options| policies::compare(project, options.time)),
];

impl Options {
    /// How long one turn takes.
    fn turn(&self) -> Duration {
        self.time / u32::try_from(ROUNDS).unwrap_or(1)
    }
}

/// The three ways one after the other, so that whatever else the machine does is alike for them; the turn in the middle.
fn measure(options: &Options, project: &Project<'_>, bare: &Bare, case: &Case, who: Who) -> Result<Line> {
    let (ceiling, time) = (Ceiling::read(project.place(), case, who)?, options.turn());
    let mut turns = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let served = served_by(project, case, who, CONCURRENCY, time)?;
        let bare = bare.speed(case, who, CONCURRENCY, time)?;
        let ceiling = ceiling.speed(case, Sizes::FULL, time)?;
        turns.push(Line {
            name: format!("{} ({})", case.name, who.name()),
            share: served.per_second / ceiling.per_second,
            budget: if project.is_server() { budget(case) } else { 0.0 },
            served,
            bare,
            ceiling,
        });
    }
    turns.sort_by(|a, b| a.share.total_cmp(&b.share));
    turns.into_iter().nth(ROUNDS / 2).context("nothing was measured")
}

/// Whether the served answer and that of the hand-written SQL are the same.
fn compare(project: &Project<'_>, case: &Case, who: Who, ceiling: &Ceiling<'_>) -> Result<()> {
    let mut connection = Connection::new(project.address(), TIMEOUT);
    for number in COMPARED {
        let answer = connection.send(&case.request(who, number, Sizes::FULL))?;
        let answer: Value = serde_json::from_slice(&answer.body)?;
        let served = match answer.get("data") {
            Some(Value::Array(rows)) => Value::Array(rows.clone()),
            Some(row) => Value::Array(vec![row.clone()]),
            None => bail!("{} as {}: {answer}", case.name, who.name()),
        };
        let (own, count) = ceiling.data(&case.bound(number, Sizes::FULL))?;
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

/// How often the server does it in a second, for so many clients.
fn served_by(project: &Project<'_>, case: &Case, who: Who, clients: u32, time: Duration) -> Result<Speed> {
    let case = *case;
    clients::speed(project.address(), clients, time, move |number| {
        case.request(who, number, Sizes::FULL)
    })
}

fn print_table(name: &str, lines: &[Line]) {
    println!(
        "\n{:<22}{:>9}{:>8}{:>8}{:>10}{:>10}{:>11}{:>11}",
        name, "served/s", "p50 ms", "p99 ms", "bare/s", "by hand/s", "of ceiling", "bare of it"
    );
    for line in lines {
        let (served, bare, ceiling) = (&line.served, &line.bare, &line.ceiling);
        println!(
            "{:<22}{:>9.0}{:>8.2}{:>8.2}{:>10.0}{:>10.0}{:>10.0}%{:>10.0}%{}",
            line.name,
            served.per_second,
            served.median.as_secs_f64() * 1000.0,
            served.slowest_hundredth.as_secs_f64() * 1000.0,
            bare.per_second,
            ceiling.per_second,
            100.0 * line.share,
            100.0 * bare.per_second / ceiling.per_second,
            told(line),
        );
    }
}

/// A line's budget, where it has one.
fn told(line: &Line) -> String {
    if line.budget == 0.0 {
        return String::new();
    }
    let missed = figures::missed(line.share >= line.budget);
    format!("   budget {:.0}%{missed}", 100.0 * line.budget)
}
