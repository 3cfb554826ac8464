//! Lends database servers to many processes of tests, none of which has to start its own then. It keeps them for as long as its
//! input stays open, and must never outlive whoever opened that.

use std::{
    io::{Read as _, stdin},
    process::ExitCode,
    thread,
};

use aedile_testkit::{arguments, mariadb::MariaDb, postgres::Postgres};
use anyhow::{Context, Result};

const USAGE: &str = "\
Starts a server of PostgreSQL and one of MariaDB and says where they are: lines `NAME=VALUE` for the environment of tests, and
an empty one behind them. Where TEST_PG_URL or TEST_MYSQL_URL names a server, that is used and nothing is said.

servers

It ends with its input.";

fn main() -> ExitCode {
    arguments::end(run())
}

fn run() -> Result<bool> {
    arguments::read(USAGE, |_, _| Ok(false))?;
    let mariadb = thread::spawn(MariaDb::start);
    let postgres = Postgres::start()?;
    let mariadb = mariadb.join().ok().context("starting MariaDB")??;
    for (name, folder) in [postgres.lent(), mariadb.lent()].into_iter().flatten() {
        println!("{name}={}", folder.display());
    }
    println!();
    stdin().read_to_end(&mut Vec::new())?;
    Ok(true)
}
