//! The ceiling on SQLite: SQL run on the same file with nothing around it, by as many threads as Aedile has readers. Beside
//! each text is the plan that SQLite makes of it, so that it can not sink unnoticed.

use std::{fmt::Write as _, fs, path::Path, sync::mpsc, thread, time::Duration};

use aedile_testkit::workload::{Case, Sizes};
use anyhow::{Result, ensure};
use rusqlite::{Connection, OpenFlags, Statement, types::ValueRef};
use serde_json::Value;

use crate::measure::{Speed, drive};

/// What each connection may keep of the file in memory: as much as Aedile's.
const CACHE_KIB: i32 = 16 * 1024;

/// Longest wait for a lock: the server of the run has the file open as well.
const BUSY: Duration = Duration::from_secs(5);

/// A text on a file.
pub struct Sqlite<'c> {
    pub database: &'c Path,
    pub file: &'c Path,
    pub text: &'c str,
}

impl Sqlite<'_> {
    /// The data it answers for a number, and what it counts beside.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn data(&self, key: &Value) -> Result<(Vec<u8>, i64)> {
        let connection = reader(self.database)?;
        let mut out = Vec::new();
        let count = rows(&mut connection.prepare(self.text)?, key, None, &mut out)?;
        Ok((out, count))
    }

    /// How often it runs in a second.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn speed(&self, case: &Case, sizes: Sizes, threads: u32, time: Duration) -> Result<Speed> {
        drive(threads, time, || {
            let connection = reader(self.database)?;
            let mut out = Vec::new();
            Ok(move |number: u32| {
                out.clear();
                let mut statement = connection.prepare_cached(self.text)?;
                rows(&mut statement, &case.bound(number, sizes), None, &mut out).map(|_| ())
            })
        })
    }

    /// Compares the plan with the one beside the file, or writes it there.
    ///
    /// # Errors
    /// When SQLite now plans otherwise.
    pub fn plan(&self, bless: bool) -> Result<()> {
        let connection = reader(self.database)?;
        let mut out = String::new();
        for text in self.text.split(";\n").filter(|text| !text.trim().is_empty()) {
            let mut statement = connection.prepare(&["explain query plan ", text].concat())?;
            let mut details = statement.raw_query();
            while let Some(detail) = details.next()? {
                writeln!(out, "{}", detail.get::<_, String>(3)?)?;
            }
        }
        let file = self.file.with_extension("plan");
        if bless {
            fs::write(&file, out)?;
            return Ok(());
        }
        let known = fs::read_to_string(&file).unwrap_or_default();
        ensure!(
            known == out,
            "SQLite plans {} otherwise now (--bless-plans takes it over):\n{out}",
            self.file.display()
        );
        Ok(())
    }

    /// How often the statements of a write run in a second, when one thread writes for all and those who wait share a
    /// transaction. Who waits has made the body, and is handed the answer.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn write_speed(&self, case: &Case, sizes: Sizes, threads: u32, time: Duration) -> Result<Speed> {
        let (send, receive) = mpsc::channel::<Job>();
        thread::scope(|scope| {
            let writer = scope.spawn(move || self.write(threads, &receive));
            let speed = drive(threads, time, || {
                let send = send.clone();
                Ok(move |number: u32| {
                    let (done, wait) = mpsc::channel();
                    send.send(Job {
                        key: case.bound(number, sizes),
                        body: case.body(number, sizes).unwrap_or_default().to_string(),
                        done,
                    })?;
                    ensure!(wait.recv()?.starts_with(b"{"), "a write answered no row");
                    Ok(())
                })
            });
            drop(send);
            writer.join().map_err(|_| anyhow::anyhow!("the writer panicked"))??;
            speed
        })
    }

    fn write(&self, threads: u32, jobs: &mpsc::Receiver<Job>) -> Result<()> {
        let connection = Connection::open(self.database)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        while let Ok(first) = jobs.recv() {
            let group: Vec<_> = std::iter::once(first)
                .chain(jobs.try_iter().take(threads as usize - 1))
                .collect();
            connection.execute_batch("begin immediate")?;
            let mut answers = Vec::with_capacity(group.len());
            for job in &group {
                let mut out = Vec::new();
                for text in self.text.split(";\n").filter(|text| !text.trim().is_empty()) {
                    let mut statement = connection.prepare_cached(text)?;
                    rows(&mut statement, &job.key, Some(&job.body), &mut out)?;
                }
                answers.push(out);
            }
            connection.execute_batch("commit")?;
            for (job, answer) in group.into_iter().zip(answers) {
                job.done.send(answer).ok();
            }
        }
        Ok(())
    }
}

/// A write that somebody waits for.
struct Job {
    key: Value,
    body: String,
    done: mpsc::Sender<Vec<u8>>,
}

fn reader(database: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

fn bind(statement: &mut Statement<'_>, key: &Value, body: Option<&str>) -> Result<()> {
    for (name, text) in [(":key", Some(key)), (":body", None)] {
        let Some(at) = statement.parameter_index(name)? else {
            continue;
        };
        match text {
            Some(Value::String(text)) => statement.raw_bind_parameter(at, text)?,
            Some(number) => statement.raw_bind_parameter(at, number.as_i64())?,
            None => statement.raw_bind_parameter(at, body)?,
        }
    }
    Ok(())
}

/// Runs a statement and writes its rows as JSON, the quickest way there is: straight into bytes. A column whose name
/// ends with `:json` is JSON already; `:count` is no part of the row, but the count that is answered.
fn rows(statement: &mut Statement<'_>, key: &Value, body: Option<&str>, out: &mut Vec<u8>) -> Result<i64> {
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    bind(statement, key, body)?;
    let (mut rows, mut count) = (statement.raw_query(), 0);
    while let Some(row) = rows.next()? {
        out.extend(if out.is_empty() {
            b"{".as_slice()
        } else {
            b",{".as_slice()
        });
        let mut first = true;
        for (at, name) in names.iter().enumerate() {
            let value = row.get_ref(at)?;
            if name == ":count" {
                count = value.as_i64()?;
                continue;
            }
            out.extend(if first { b"\"".as_slice() } else { b",\"".as_slice() });
            first = false;
            let plain = name.strip_suffix(":json");
            out.extend(plain.unwrap_or(name).as_bytes());
            out.extend(b"\":");
            write(value, plain.is_some(), out)?;
        }
        out.push(b'}');
    }
    Ok(count)
}

fn write(value: ValueRef<'_>, raw: bool, out: &mut Vec<u8>) -> Result<()> {
    match value {
        ValueRef::Text(text) if raw => out.extend(text),
        ValueRef::Text(text) => serde_json::to_writer(out, std::str::from_utf8(text)?)?,
        ValueRef::Integer(number) => serde_json::to_writer(out, &number)?,
        ValueRef::Real(number) => serde_json::to_writer(out, &number)?,
        ValueRef::Null | ValueRef::Blob(_) => out.extend(b"null"),
    }
    Ok(())
}
