//! A transaction on a connection of its own. One that is dropped on its way is undone with its connection.
//! INVARIANT: what failed outside of a nested part is never committed: PostgreSQL would undo it and call that a success.

use std::{sync::Arc, time::Duration};

use aedile_engine::{Result, schema::physical::Physical, sql::Stmt, value::Param};
use futures_util::future::{join, join_all, join3};

use super::{
    PostgresOptions, Tally,
    connection::{Connection, Prepared},
    fault::Failure,
    introspect,
    pool::Lease,
};
use crate::{
    Asked, JsonRows, Row,
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
    /// Statements whose answers nobody waits for: they go together with what comes next.
    waiting: Vec<(Arc<Prepared>, Vec<Param>)>,
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
            waiting: Vec::new(),
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

    /// Keeps everything, or nothing where something failed; then, where it is kept, answers what is asked at once, as it is
    /// outside of the transaction.
    pub(super) async fn commit(mut self, then: Option<Asked>) -> Result<Option<Result<JsonRows>>> {
        if self.failed {
            self.undo().await;
            return Err(lost());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let connection = self.lease.connection()?;
        let read = async {
            let (stmt, params) = then?;
            let limit = self.options.answer_limit;
            let answer = async {
                connection
                    .write_json(&*connection.prepare(&stmt.text).await?, &stmt, &params, limit)
                    .await
            };
            Some(answer.await.map_err(|failure| gone(failure.error)))
        };
        // What waited is answered first: where it failed, PostgreSQL undoes everything and calls that a success.
        let commit = async {
            match self.begun {
                true => connection.control("commit").await,
                false => Ok(()),
            }
        };
        let (before, committed, read) = join3(sent(connection, &waiting), commit, read).await;
        if committed.is_ok() {
            self.lease.give_back();
        }
        before.and(committed).map(|()| read)
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

    /// Runs a statement whose answer nobody waits for, together with what comes next, which it fails where it fails itself.
    pub(crate) async fn later(&mut self, stmt: &Stmt, params: Vec<Param>) -> Result<()> {
        self.under_way().await?;
        self.tally.written();
        let prepared = self.lease.connection()?.prepare(&stmt.text).await;
        self.failed |= prepared.is_err();
        self.waiting
            .push((prepared.map_err(|failure| gone(failure.error))?, params));
        Ok(())
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
        if !kept {
            // What waits is of this part: whatever was before went with its beginning.
            self.waiting.clear();
        }
        let kept_so_far = self.caught_up().await;
        let connection = self.lease.connection()?;
        if kept && !self.failed {
            return connection.control("release part").await;
        }
        connection.control("rollback to part; release part").await?;
        self.failed = false;
        if kept { kept_so_far.and(Err(lost())) } else { Ok(()) }
    }

    async fn under_way(&mut self) -> Result<()> {
        if self.failed {
            return Err(lost());
        }
        if !self.begun {
            self.lease.connection()?.control("begin").await?;
            self.begun = true;
        }
        Ok(())
    }

    /// Under way, and nothing waits.
    async fn ready(&mut self) -> Result<()> {
        self.under_way().await?;
        self.caught_up().await
    }

    /// Runs what waits.
    async fn caught_up(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let answer = sent(self.lease.connection()?, &waiting).await;
        self.failed |= answer.is_err();
        answer
    }

    async fn run<T>(
        &mut self,
        text: &str,
        run: impl AsyncFnOnce(&Connection, &Prepared) -> Result<T, Failure>,
    ) -> Result<T> {
        if self.failed {
            return Err(lost());
        }
        self.tally.written();
        let answer = self.in_time(text, run).await;
        self.failed |= answer.is_err();
        answer.map_err(gone)
    }

    async fn in_time<T>(
        &mut self,
        text: &str,
        run: impl AsyncFnOnce(&Connection, &Prepared) -> Result<T, Failure>,
    ) -> Result<T> {
        let waiting = std::mem::take(&mut self.waiting);
        let connection = self.lease.connection()?;
        let begun = self.begun;
        let work = async {
            let prepared = connection.prepare(text).await.map_err(|failure| failure.error)?;
            let before = async {
                match begun {
                    true => sent(connection, &waiting).await,
                    false => connection.control("begin").await,
                }
            };
            // Both are sent before either is answered.
            let (before, answer) = join(before, run(connection, &prepared)).await;
            before?;
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

/// Sends statements together; answers the first that fails.
async fn sent(connection: &Connection, waiting: &[(Arc<Prepared>, Vec<Param>)]) -> Result<()> {
    let sent = waiting
        .iter()
        .map(|(prepared, params)| connection.execute(prepared, params));
    for answer in join_all(sent).await {
        answer.map_err(|failure| gone(failure.error))?;
    }
    Ok(())
}
