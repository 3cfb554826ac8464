//! A transaction that changes the schema. MariaDB commits each such change by itself, and what was written before with it;
//! so what is written is noted, taken back before a change and written again after it: it is committed once, at the end.
//! Must never leave a change of a table standing where the rest has failed, if there is a way back.

use aedile_engine::{Error, Result, sql::Stmt, value::Param};

use super::{connection::Connection, fault::Failure, transaction::Transaction};
use crate::{Row, fault::lost};

/// Changes of the schema run one after the other, on all nodes: the name is the database's alone.
const ALONE: &str = "select get_lock(concat('aedile ', md5(database())), 3600)";
const NO_MORE_ALONE: &str = "do release_lock(concat('aedile ', md5(database())))";

/// What has been done so far.
#[derive(Default)]
pub(super) struct Change {
    /// Writes, and where nested parts begin.
    done: Vec<Done>,
    /// How to take changes of the schema back, in the order in which they were made.
    back: Vec<Stmt>,
    /// The open parts.
    parts: Vec<Mark>,
    /// What was written has been taken back for a change of the schema, and not yet written again.
    behind: bool,
}

enum Done {
    Write(Write),
    /// The part of this number begins.
    Part(usize),
}

struct Write {
    text: String,
    params: Vec<Param>,
    /// The number that its first row got by itself, to get it again: somebody may have been told.
    number: Option<i64>,
}

/// How far things were when a part began.
struct Mark {
    done: usize,
    back: usize,
}

impl Transaction {
    /// Waits until nobody else changes the schema.
    pub(super) async fn begin_change(&mut self) -> Result<()> {
        let answer = self.ask(ALONE, &[]).await?;
        if answer != [[Param::Int(1)]] {
            return Err(lost());
        }
        self.change = Some(Change::default());
        Ok(())
    }

    /// Changes the schema by one statement; `back` would take it back, in order.
    pub(crate) async fn execute_ddl(&mut self, stmt: &Stmt, back: &[Stmt]) -> Result<()> {
        self.ready()?;
        let Some(change) = self.change.as_mut() else {
            return Err(Error::internal("a change of the schema within an ordinary transaction"));
        };
        change.behind = true;
        // It would be committed; and it may hold the table that is to be changed.
        self.rollback().await?;
        if let Err(error) = self.lease.connection()?.control(&stmt.text).await {
            self.fail();
            return Err(error);
        }
        if let Some(change) = self.change.as_mut() {
            change.back.extend(back.iter().rev().cloned());
        }
        Ok(())
    }

    /// Runs several statements that stand in our source code and may be run again.
    pub(super) async fn script(&mut self, text: &'static str) -> Result<()> {
        let stmt = Stmt {
            text: text.to_owned(),
            binds: Vec::new(),
            outputs: Vec::new(),
        };
        self.execute_ddl(&stmt, &[]).await
    }

    /// Runs a question or a write of our own that is not counted.
    pub(super) async fn ask(&mut self, text: &'static str, params: &[Param]) -> Result<Vec<Row>> {
        self.ready()?;
        self.catch_up().await?;
        match self.lease.connection()?.fetch(text, params).await {
            Ok(rows) => {
                self.note(text, params).await?;
                Ok(rows)
            }
            Err(failure) => {
                self.fail();
                Err(failure.error)
            }
        }
    }

    /// Notes a write that has been done.
    pub(super) async fn note(&mut self, text: &str, params: &[Param]) -> Result<()> {
        let Some(change) = self.change.as_mut() else {
            return Ok(());
        };
        if text.starts_with("select") {
            return Ok(());
        }
        let number = match text.starts_with("insert") {
            true => last_number(self.lease.connection()?).await?,
            false => None,
        };
        change.done.push(Done::Write(Write {
            text: text.to_owned(),
            params: params.to_vec(),
            number,
        }));
        Ok(())
    }

    /// Notes that a part begins.
    pub(super) fn note_part(&mut self) {
        if let Some(change) = self.change.as_mut() {
            change.parts.push(Mark {
                done: change.done.len(),
                back: change.back.len(),
            });
            change.done.push(Done::Part(change.parts.len()));
        }
    }

    /// Ends a part: keeps it, or undoes it with its changes of the schema.
    pub(super) async fn end_part_of_change(&mut self, part: usize, keep: bool) -> Result<()> {
        let Some(change) = self.change.as_mut() else {
            return Ok(());
        };
        let Some(mark) = change.parts.pop() else {
            return Ok(());
        };
        if keep {
            // Written again, it is no longer a part.
            change.done.remove(mark.done);
            return match change.behind {
                true => Ok(()),
                false => self.savepoint("release savepoint", part).await,
            };
        }
        change.done.truncate(mark.done);
        change.behind = true;
        let back = change.back.split_off(mark.back);
        self.rollback().await?;
        self.take_back(back).await
    }

    /// Writes again what was taken back for a change of the schema.
    pub(super) async fn catch_up(&mut self) -> Result<()> {
        let Some(change) = self.change.as_mut().filter(|change| change.behind) else {
            return Ok(());
        };
        let connection = self.lease.connection()?;
        for done in &change.done {
            let again = match done {
                Done::Part(part) => connection.control(&format!("savepoint part{part}")).await,
                Done::Write(write) => write.again(connection).await.map_err(|failure| failure.error),
            };
            if let Err(error) = again {
                tracing::error!(%error, "what a change of the schema had written can not be written again");
                self.fail();
                return Err(lost());
            }
        }
        change.behind = false;
        Ok(())
    }

    /// Keeps everything, or nothing where something failed.
    pub(super) async fn commit_change(mut self) -> Result<()> {
        if self.has_failed() {
            self.undo_change().await;
            return Err(lost());
        }
        let committed = match self.catch_up().await {
            Ok(()) => self.lease.connection()?.control("commit").await,
            Err(error) => Err(error),
        };
        if let Err(error) = committed {
            self.undo_change().await;
            return Err(error);
        }
        self.end_change().await;
        Ok(())
    }

    /// Undoes everything.
    pub(super) async fn undo_change(mut self) {
        let back = self.change.as_mut().map(|change| std::mem::take(&mut change.back));
        let undone = match self.rollback().await {
            Ok(()) => self.take_back(back.unwrap_or_default()).await,
            Err(error) => Err(error),
        };
        match undone {
            Ok(()) => self.end_change().await,
            Err(error) => tracing::error!(%error, "a change of the schema can not be taken back"),
        }
    }

    async fn end_change(mut self) {
        let Ok(connection) = self.lease.connection() else {
            return;
        };
        // Otherwise the connection goes, and the lock with it.
        if connection.control(NO_MORE_ALONE).await.is_ok() && connection.control("commit").await.is_ok() {
            self.lease.give_back();
        }
    }

    /// Takes changes of the schema back, the last one first.
    async fn take_back(&mut self, back: Vec<Stmt>) -> Result<()> {
        for stmt in back.into_iter().rev() {
            self.lease.connection()?.control(&stmt.text).await?;
        }
        Ok(())
    }
}

impl Write {
    async fn again(&self, connection: &mut Connection) -> Result<(), Failure> {
        if let Some(number) = self.number {
            connection.control(&format!("set insert_id = {number}")).await?;
        }
        connection.fetch(&self.text, &self.params).await.map(drop)
    }
}

/// The number that the last insert got by itself, if it did: one that does not leaves the number of an earlier one there.
async fn last_number(connection: &mut Connection) -> Result<Option<i64>> {
    let rows = connection
        .fetch("select last_insert_id()", &[])
        .await
        .map_err(|failure| failure.error)?;
    match rows.first().and_then(|row| row.first()) {
        Some(Param::Int(number)) if *number > 0 => {
            connection.control("do last_insert_id(0)").await?;
            Ok(Some(*number))
        }
        _ => Ok(None),
    }
}
