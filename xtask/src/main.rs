//! The tasks of development, each one command: start, test, tidy, fuzz, kill, timing, bench. It only runs what is elsewhere and says
//! how it went; must never hold a check that could not be run by hand as well.

mod bench;
mod check;
mod fuzz;
mod kill;
mod lent;
mod mutants;
mod node;
mod prove;
mod sdk;
mod shell;
mod start;
mod studio;
mod tally;
mod tidy;
mod timing;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask TASK

  start   build the optimised binary, load the demo on the first run, serve it
  test    run every check there is
  tidy    check the rules of the house that no compiler checks
  fuzz    send malformed requests to a server of the demo project
  kill    kill the server while clients write, and see that nothing is lost
  timing  measure whether answers tell by their time who is known
  prove   compare the product with the reference evaluator on random worlds
  mutants break access control in small ways and see whether the tests notice
  studio  build the Studio, and take pictures of its pages
  bench   measure requests a second beside what hand-written SQL reaches, and the Studio in a browser

`cargo xtask TASK --help` says more of each.";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let task = args.next().unwrap_or_default();
    match run(&task, &args.collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &str, args: &[String]) -> Result<ExitCode> {
    let help = match task {
        "start" => start::HELP,
        "test" => check::HELP,
        "tidy" => tidy::HELP,
        "fuzz" => fuzz::HELP,
        "kill" => kill::HELP,
        "timing" => timing::HELP,
        "prove" => prove::HELP,
        "mutants" => mutants::HELP,
        "studio" => studio::HELP,
        "bench" => bench::HELP,
        // Started by `start`, not by people.
        start::ANNOUNCE => return start::announce(),
        "" | "help" | "-h" | "--help" => USAGE,
        _ => bail!("there is no task `{task}`\n\n{USAGE}"),
    };
    let asks_help = args.iter().any(|arg| arg == "--help" || arg == "-h");
    if help == USAGE || asks_help {
        println!("{help}");
        return Ok(ExitCode::SUCCESS);
    }
    match task {
        "start" => start::run(args),
        "test" => check::run(args),
        "tidy" => tidy::run(args),
        "fuzz" => fuzz::run(args),
        "kill" => kill::run(args),
        "timing" => timing::run(args),
        "prove" => prove::run(args),
        "mutants" => mutants::run(args),
        "studio" => studio::run(args),
        _ => bench::run(args),
    }
}
