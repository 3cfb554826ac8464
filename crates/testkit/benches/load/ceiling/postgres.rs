//! The ceiling on PostgreSQL: prepared statements in one process, each thread with a connection of its own. A write is a
//! transaction of a few statements, one after the other.

use std::time::Duration;

use aedile_testkit::workload::{Case, Kind, Sizes};
use anyhow::{Context, Result};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, NoTls, Row, Statement,
    types::{ToSql, Type},
};

use crate::{
    CONCURRENCY,
    measure::{Speed, drive},
};

/// A connection with everything prepared.
pub struct Postgres {
    runtime: Runtime,
    client: Client,
    statements: Vec<Statement>,
}

/// What a statement binds.
type Bound = Box<dyn ToSql + Sync>;

impl Postgres {
    /// Connects and prepares.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub fn open(url: &str, text: &str) -> Result<Postgres> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (client, statements) = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute("set jit = off").await?;
            let mut statements = Vec::new();
            for text in text.split(";\n").filter(|text| !text.trim().is_empty()) {
                statements.push(client.prepare(text).await?);
            }
            anyhow::Ok((client, statements))
        })?;
        Ok(Postgres {
            runtime,
            client,
            statements,
        })
    }

    /// The rows as JSON, and what is counted beside them.
    ///
    /// # Errors
    /// What PostgreSQL says.
    pub fn data(&self, key: &Value) -> Result<(Vec<u8>, i64)> {
        let statement = self.statements.first().context("no statement")?;
        let bound: Vec<Bound> = statement.params().iter().map(|ty| bound(ty, key)).collect();
        let bound: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|bound| &**bound).collect();
        let found = self.runtime.block_on(self.client.query(statement, &bound))?;
        let mut out = Vec::new();
        let count = rows(&found, &mut out)?;
        Ok((out, count))
    }

    /// All statements of a write in one transaction; the last reads back what was kept.
    fn write(&self, key: &Value, body: &Value) -> Result<()> {
        self.runtime.block_on(async {
            let Some((last, writes)) = self.statements.split_last() else {
                return Ok(());
            };
            self.client.batch_execute("begin").await?;
            for statement in writes {
                self.run(statement, key, body).await?;
            }
            self.client.batch_execute("commit").await?;
            self.run(last, key, body).await
        })
    }

    async fn run(&self, statement: &Statement, key: &Value, body: &Value) -> Result<()> {
        // Text is the body, a number the key.
        let value = |ty: &Type| {
            if *ty == Type::TEXT {
                bound(ty, &body.to_string().into())
            } else {
                bound(ty, key)
            }
        };
        let bound: Vec<Bound> = statement.params().iter().map(value).collect();
        let bound: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|bound| &**bound).collect();
        self.client.query(statement, &bound).await?;
        Ok(())
    }
}

/// How often the text runs in a second.
///
/// # Errors
/// What PostgreSQL says.
pub fn speed(url: &str, text: &str, case: &Case, sizes: Sizes, time: Duration) -> Result<Speed> {
    drive(CONCURRENCY, time, || {
        let connection = Postgres::open(url, text)?;
        Ok(move |number: u32| {
            let key = case.bound(number, sizes);
            match case.kind {
                Kind::Create | Kind::Update => connection.write(&key, &case.body(number, sizes).unwrap_or_default()),
                Kind::Item | Kind::List | Kind::CountedList => connection.data(&key).map(drop),
            }
        })
    })
}

fn bound(ty: &Type, value: &Value) -> Bound {
    let number = value.as_i64().unwrap_or_default();
    match *ty {
        Type::INT4 => Box::new(i32::try_from(number).unwrap_or_default()),
        Type::INT8 => Box::new(number),
        _ => Box::new(value.as_str().unwrap_or_default().to_owned()),
    }
}

/// Writes rows as JSON, as [`super::sqlite`] does: a column whose name ends with `:json` is JSON already, `:count` the
/// count that is answered.
fn rows(found: &[Row], out: &mut Vec<u8>) -> Result<i64> {
    let mut count = 0;
    for row in found {
        out.extend(if out.is_empty() {
            b"{".as_slice()
        } else {
            b",{".as_slice()
        });
        let mut first = true;
        for (at, column) in row.columns().iter().enumerate() {
            if column.name() == ":count" {
                count = row.get(at);
                continue;
            }
            out.extend(if first { b"\"".as_slice() } else { b",\"".as_slice() });
            first = false;
            let plain = column.name().strip_suffix(":json");
            out.extend(plain.unwrap_or(column.name()).as_bytes());
            out.extend(b"\":");
            match *column.type_() {
                Type::INT4 => serde_json::to_writer(&mut *out, &row.get::<_, Option<i32>>(at))?,
                Type::INT8 => serde_json::to_writer(&mut *out, &row.get::<_, Option<i64>>(at))?,
                _ => match row.get::<_, Option<&str>>(at) {
                    Some(text) if plain.is_some() => out.extend(text.as_bytes()),
                    text => serde_json::to_writer(&mut *out, &text)?,
                },
            }
        }
        out.push(b'}');
    }
    Ok(count)
}
