//! A transaction on a connection of its own. One that is dropped on its way is undone with its connection.
//! INVARIANT: what failed outside of a nested part is never committed: PostgreSQL would undo it and call that a success.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use aedile_engine::{Result, schema::physical::Physical, sql::Stmt, value::Param};
use futures_util::future::join;

use super::{
    PostgresOptions, Tally,
    connection::{Connection, Prepared},
    fault::Failure,
    introspect,
    pool::Lease,
};
use crate::{
    JsonRows, Row,
    fault::{gone, lost, out_of_time},
};

/// Changes of the schema run one after the other, on all nodes: the number is theirs alone.
const ALONE: &str = "begin; select pg_advisory_xact_lock(7205947521300414561); set local statement_timeout = 0";

/// How much longer than a statement may run its answer is waited for.
const GRACE: Duration = Duration::from_secs(5);

/// A running transaction.
pub(crate) struct Transaction {
    lease: Lease,
    tally: Arc<Tally>,
    options: PostgresOptions,
    ddl: bool,
    begun: bool,
    /// A statement has failed: until a nested part is undone, nothing more can be done.
    failed: bool,
}

impl Transaction {
    pub(super) fn new(lease: Lease, tally: Arc<Tally>, options: PostgresOptions, ddl: bool) -> Self {
        Transaction {
            lease,
            tally,
            options,
            ddl,
            begun: false,
            failed: false,
        }
    }

    /// Begins. An ordinary transaction begins together with its first statement, which saves a way to the server.
    pub(super) async fn begin(&mut self) -> Result<()> {
        if self.ddl {
            self.lease.connection()?.control(ALONE).await?;
            self.begun = true;
        }
        Ok(())
    }

    /// Keeps everything, or nothing where something failed.
    pub(super) async fn commit(self) -> Result<()> {
        if !self.begun {
            self.lease.give_back();
            return Ok(());
        }
        if self.failed {
            self.undo().await;
            return Err(lost());
        }
        let committed = self.lease.connection()?.control("commit").await;
        if committed.is_ok() {
            self.lease.give_back();
        }
        committed
    }

    /// Undoes everything.
    pub(super) async fn undo(self) {
        if !self.begun {
            self.lease.give_back();
            return;
        }
        let Ok(connection) = self.lease.connection() else {
            return;
        };
        // Otherwise the connection goes, and the transaction with it.
        if connection.control("rollback").await.is_ok() {
            self.lease.give_back();
        }
    }

    /// Runs a statement and answers its rows.
    pub(crate) async fn fetch(&mut self, stmt: &Stmt, params: &[Param]) -> Result<Vec<Row>> {
        self.run(&stmt.text, async |connection, prepared| {
            connection.collect(prepared, params).await
        })
        .await
    }

    /// Runs a statement and writes its rows as JSON objects.
    pub(crate) async fn fetch_json(&mut self, stmt: &Stmt, params: &[Param]) -> Result<JsonRows> {
        let limit = self.options.answer_limit;
        self.run(&stmt.text, async |connection, prepared| {
            connection.write_json(prepared, stmt, params, limit).await
        })
        .await
    }

    /// Runs a statement that answers no rows; tells how many it matched.
    pub(crate) async fn execute(&mut self, stmt: &Stmt, params: &[Param]) -> Result<u64> {
        self.run(&stmt.text, async |connection, prepared| {
            connection.execute(prepared, params).await
        })
        .await
    }

    /// Runs one statement that changes the schema.
    pub(crate) async fn execute_ddl(&mut self, text: &str) -> Result<()> {
        self.script(text).await
    }

    /// Runs several statements that bind nothing.
    pub(super) async fn script(&mut self, text: &str) -> Result<()> {
        self.ready().await?;
        let connection = self.lease.connection()?;
        let answer = connection.control(text).await;
        connection.forget_all();
        self.failed |= answer.is_err();
        answer
    }

    /// Runs a question of our own that is not counted.
    pub(super) async fn ask(&mut self, text: &'static str, params: &[Param]) -> Result<Vec<Row>> {
        self.ready().await?;
        let answer = self.lease.connection()?.ask(text, params).await;
        self.failed |= answer.is_err();
        answer
    }

    /// What the database says of its tables, changes of this transaction included.
    pub(crate) async fn introspect(&mut self) -> Result<Physical> {
        self.ready().await?;
        introspect::physical(self.lease.connection()?, &self.options.hidden_tables).await
    }

    /// Begins a part that may fail by itself.
    pub(crate) async fn begin_part(&mut self) -> Result<()> {
        self.ready().await?;
        self.lease.connection()?.control("savepoint part").await
    }

    /// Ends the part that was begun last: keeps it, or undoes it.
    pub(crate) async fn end_part(&mut self, kept: bool) -> Result<()> {
        let connection = self.lease.connection()?;
        if kept && !self.failed {
            return connection.control("release part").await;
        }
        connection.control("rollback to part; release part").await?;
        self.failed = false;
        if kept { Err(lost()) } else { Ok(()) }
    }

    async fn ready(&mut self) -> Result<()> {
        if self.failed {
            return Err(lost());
        }
        if !self.begun {
            self.lease.connection()?.control("begin").await?;
            self.begun = true;
        }
        Ok(())
    }

    async fn run<T>(
        &mut self,
        text: &str,
        run: impl AsyncFnOnce(&Connection, &Prepared) -> Result<T, Failure>,
    ) -> Result<T> {
        if self.failed {
            return Err(lost());
        }
        self.tally.writes.fetch_add(1, Ordering::Relaxed);
        let answer = self.in_time(text, run).await;
        self.failed |= answer.is_err();
        answer.map_err(gone)
    }

    async fn in_time<T>(
        &mut self,
        text: &str,
        run: impl AsyncFnOnce(&Connection, &Prepared) -> Result<T, Failure>,
    ) -> Result<T> {
        let connection = self.lease.connection()?;
        let begun = self.begun;
        let work = async {
            let prepared = connection.prepare(text).await.map_err(|failure| failure.error)?;
            if begun {
                return run(connection, &prepared).await.map_err(|failure| failure.error);
            }
            // Both are sent before either is answered.
            let (began, answer) = join(connection.control("begin"), run(connection, &prepared)).await;
            began?;
            answer.map_err(|failure| failure.error)
        };
        self.begun = true;
        if self.ddl {
            return work.await;
        }
        let limit = self.options.statement_limit + GRACE;
        match tokio::time::timeout(limit, work).await {
            Ok(answer) => answer,
            Err(_) => Err(out_of_time()),
        }
    }
}
