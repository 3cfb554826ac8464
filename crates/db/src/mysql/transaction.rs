//! A transaction and the connection it has for itself. A failed statement ends it, as on the other databases: whoever goes
//! on regardless is not committed.

use std::{sync::Arc, time::Duration};

use aedile_engine::{
    Code, Error, Json, Result,
    schema::physical::Physical,
    sql::{Flavour, Output, Shape, Stmt},
    value::Param,
};

use super::{
    MySqlOptions, Tally,
    change::Change,
    connection::{Execute, Fetch, FetchJson, Insert, Question},
    fault::{Failure, Place},
    introspect,
    pool::Lease,
};
use crate::{
    JsonRows, Row,
    fault::{gone, lost, out_of_time},
};

/// The columns of an index.
const COLUMNS: &str = "select column_name from information_schema.statistics \
    where table_schema = database() and table_name = ? and index_name = ? order by seq_in_index";

/// How much longer than a statement may run its answer is waited for.
const GRACE: Duration = Duration::from_secs(5);

/// A running transaction.
pub(crate) struct Transaction {
    pub(super) lease: Lease,
    tally: Arc<Tally>,
    pub(super) options: MySqlOptions,
    /// Something has been sent: there is something to undo.
    begun: bool,
    /// A statement has failed: until a nested part is undone, nothing more can be done.
    failed: bool,
    /// Nested parts that are open.
    parts: usize,
    /// What has been done to the schema, where that may be changed.
    pub(super) change: Option<Change>,
}

impl Transaction {
    /// Begins; a session of ours begins a transaction by itself with its first statement.
    pub(super) async fn begin(lease: Lease, tally: Arc<Tally>, options: MySqlOptions, ddl: bool) -> Result<Self> {
        let mut transaction = Transaction {
            lease,
            tally,
            options,
            begun: false,
            failed: false,
            parts: 0,
            change: None,
        };
        if ddl {
            transaction.begin_change().await?;
        }
        Ok(transaction)
    }

    /// Keeps everything, or nothing where something failed.
    pub(super) async fn commit(mut self) -> Result<()> {
        if self.change.is_some() {
            return self.commit_change().await;
        }
        if self.failed {
            self.undo().await;
            return Err(lost());
        }
        if self.begun {
            self.lease.connection()?.control("commit").await?;
        }
        self.lease.give_back();
        Ok(())
    }

    /// Undoes everything.
    pub(super) async fn undo(mut self) {
        if self.change.is_some() {
            return self.undo_change().await;
        }
        // Otherwise the connection goes, and the transaction with it.
        if !self.begun || self.rollback().await.is_ok() {
            self.lease.give_back();
        }
    }

    /// Undoes what is not committed; the connection stays.
    pub(super) async fn rollback(&mut self) -> Result<()> {
        self.lease.connection()?.control("rollback").await
    }

    /// Which server it is, and so how statements are written.
    pub(crate) fn flavour(&self) -> Flavour {
        self.lease.flavour()
    }

    /// Whether a statement has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    /// A statement has failed.
    pub(super) fn fail(&mut self) {
        self.failed = true;
    }

    /// Runs a statement and answers its rows.
    pub(crate) async fn fetch(&mut self, stmt: &Stmt, params: &[Param]) -> Result<Vec<Row>> {
        match stmt.outputs.as_slice() {
            [
                Output {
                    shape: Shape::Inserted(given),
                    ..
                },
            ] => self.insert(stmt, params, *given).await,
            _ => self.run(Fetch(&stmt.text, params)).await,
        }
    }

    /// Inserts a row; answers its key, where the statement cannot.
    async fn insert(&mut self, stmt: &Stmt, params: &[Param], given: Option<usize>) -> Result<Vec<Row>> {
        let number = self.run(Insert(&stmt.text, params)).await?;
        let key = match given {
            Some(place) => params.get(place).cloned(),
            None => number.and_then(|number| i64::try_from(number).ok()).map(Param::Int),
        };
        match key {
            Some(key) => Ok(vec![vec![key]]),
            None => {
                self.failed = true;
                Err(Error::invalid_payload(
                    "the key has to be given: the database does not tell what its default has made",
                ))
            }
        }
    }

    /// Runs a statement and writes its rows as JSON objects.
    pub(crate) async fn fetch_json(&mut self, stmt: &Stmt, params: &[Param]) -> Result<JsonRows> {
        self.run(FetchJson(stmt, params, self.options.answer_limit)).await
    }

    /// Runs a statement that answers no rows; tells how many it matched.
    pub(crate) async fn execute(&mut self, stmt: &Stmt, params: &[Param]) -> Result<u64> {
        self.run(Execute(&stmt.text, params)).await
    }

    /// What the database says of its tables, changes of this transaction included.
    pub(crate) async fn introspect(&mut self) -> Result<Physical> {
        self.ready()?;
        let (connection, hidden) = (self.lease.connection()?, &self.options.hidden_tables);
        introspect::physical(connection, hidden)
            .await
            .map_err(|failure| failure.error)
    }

    /// Begins a part that may fail by itself.
    pub(crate) async fn begin_part(&mut self) -> Result<()> {
        self.ready()?;
        self.catch_up().await?;
        self.begun = true;
        self.parts += 1;
        self.note_part();
        // A second one of the same name would take the place of the first.
        let text = format!("savepoint part{}", self.parts);
        self.lease.connection()?.control(&text).await
    }

    /// Ends the part that was begun last: keeps it, or undoes it.
    pub(crate) async fn end_part(&mut self, kept: bool) -> Result<()> {
        let part = self.parts;
        self.parts = self.parts.saturating_sub(1);
        let keep = kept && !self.failed;
        if self.change.is_some() {
            self.end_part_of_change(part, keep).await?;
        } else if keep {
            return self.savepoint("release savepoint", part).await;
        } else {
            // A deadlock has undone everything, this savepoint too: then this fails, and so does the whole.
            self.savepoint("rollback to savepoint", part).await?;
        }
        if !keep {
            self.failed = false;
        }
        if kept && !keep { Err(lost()) } else { Ok(()) }
    }

    /// Runs a statement on the savepoint of a part.
    pub(super) async fn savepoint(&mut self, verb: &'static str, part: usize) -> Result<()> {
        self.lease.connection()?.control(&format!("{verb} part{part}")).await
    }

    pub(super) fn ready(&self) -> Result<()> {
        if self.failed { Err(lost()) } else { Ok(()) }
    }

    async fn run<Q: Question>(&mut self, question: Q) -> Result<Q::Answer> {
        self.ready()?;
        self.catch_up().await?;
        self.tally.written();
        let mut answer = self.in_time(&question).await;
        if !self.begun
            && self.change.is_none()
            && let Err(failure) = &answer
        {
            // Nothing was answered yet: what was in the way of this statement, or had ended, may be tried anew.
            if failure.crossed {
                self.rollback().await?;
                answer = self.in_time(&question).await;
            } else if failure.broken && self.lease.connection()?.used {
                self.lease.renew().await?;
                answer = self.in_time(&question).await;
            }
        }
        self.begun = true;
        match answer {
            Ok(value) => {
                let (text, params) = question.said();
                self.note(text, params).await?;
                Ok(value)
            }
            Err(failure) => {
                self.failed = true;
                let error = self.explained(failure).await;
                Err(gone(error))
            }
        }
    }

    async fn in_time<Q: Question>(&mut self, question: &Q) -> Result<Q::Answer, Failure> {
        let work = question.put(self.lease.connection()?);
        if self.change.is_some() {
            return work.await;
        }
        let limit = self.options.statement_limit + GRACE;
        tokio::time::timeout(limit, work)
            .await
            .unwrap_or_else(|_| Err(out_of_time().into()))
    }

    /// What failed; of a double with the column, if it is one alone.
    async fn explained(&mut self, failure: Failure) -> Error {
        let Some(Place { table, index }) = failure.index else {
            return failure.error;
        };
        let Ok(connection) = self.lease.connection() else {
            return failure.error;
        };
        let asked = connection
            .fetch(COLUMNS, &[table.as_str().into(), index.into()])
            .await
            .unwrap_or_default();
        match asked.as_slice() {
            [column] => match column.first() {
                Some(Param::Text(column)) => Error::constraint(Code::RecordNotUnique, &table, Some(column), Json::Null),
                _ => failure.error,
            },
            _ => failure.error,
        }
    }
}
