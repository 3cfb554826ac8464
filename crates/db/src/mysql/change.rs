//! A transaction that changes the schema. MariaDB commits each such change by itself, and what was written before with it;
//! so what is written is noted, taken back before a change and written again after it: it is committed once, at the end.
//! Must never leave a change of a table standing where the rest has failed, if there is a way back.

use std::sync::Arc;

use aedile_engine::{Error, Result, ddl::Step, value::Param};

use super::{connection::Connection, fault::Failure, journal, transaction::Transaction};
use crate::{Row, fault::lost};

/// What has been done so far.
#[derive(Default)]
pub(super) struct Change {
    /// Writes, and where nested parts begin.
    done: Vec<Done>,
    /// The newest number in the journal before this change, and with it; none before a step is written down.
    journal: Option<(i64, i64)>,
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
    journal: Option<(i64, i64)>,
}

impl Transaction {
    /// Waits until nobody else changes the schema.
    pub(super) async fn begin_change(&mut self) -> Result<()> {
        let used = self.lease.connection()?.used;
        let mut alone = journal::alone(self.lease.connection()?).await;
        if used && alone.as_ref().is_err_and(|failure| failure.broken) {
            self.lease.renew().await?;
            alone = journal::alone(self.lease.connection()?).await;
        }
        if !alone.map_err(|failure| failure.error)? {
            return Err(lost());
        }
        self.change = Some(Change::default());
        Ok(())
    }

    /// Changes the schema by a step.
    pub(crate) async fn execute_step(&mut self, step: &Step) -> Result<()> {
        self.ready()?;
        let Some(change) = self.change.as_mut() else {
            return Err(Error::internal("a change of the schema within an ordinary transaction"));
        };
        change.behind = true;
        let taken = take(self.lease.connection()?, &mut change.journal, step).await;
        if taken.is_err() {
            self.fail();
        }
        taken.map_err(|failure| failure.error)
    }

    /// Runs several statements that stand in our source code and may be run again.
    pub(super) async fn script(&mut self, text: &'static str) -> Result<()> {
        self.ready()?;
        if let Some(change) = self.change.as_mut() {
            change.behind = true;
        }
        let said = script(self.lease.connection()?, text).await;
        if said.is_err() {
            self.fail();
        }
        said.map_err(|failure| failure.error)
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
                journal: change.journal,
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
        self.rollback().await?;
        self.take_back(mark.journal).await
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
        if let Err(error) = self.keep().await {
            self.undo_change().await;
            return Err(error);
        }
        if self.has_journal()
            && let Err(failure) = journal::finish(self.lease.connection()?).await
        {
            // It is kept, and nobody sees what should have gone.
            tracing::warn!(error = %failure.error, "what was dropped is still there");
            journal::settle_soon(Arc::clone(&self.lease.pool));
        }
        self.end_change().await;
        Ok(())
    }

    fn has_journal(&self) -> bool {
        self.change.as_ref().is_some_and(|change| change.journal.is_some())
    }

    /// Commits what was written, and with it that there is no way back.
    async fn keep(&mut self) -> Result<()> {
        self.catch_up().await?;
        if self.has_journal() {
            let kept = journal::keep(self.lease.connection()?).await;
            kept.map_err(|failure| failure.error)?;
        }
        self.lease.connection()?.control("commit").await
    }

    /// Undoes everything.
    pub(super) async fn undo_change(mut self) {
        let undone = match self.rollback().await {
            Ok(()) => self.take_back(None).await,
            Err(error) => Err(error),
        };
        match undone {
            Ok(()) => self.end_change().await,
            Err(error) => {
                tracing::warn!(%error, "a change of the schema can not be taken back yet");
                let changers = Arc::clone(&self.lease.pool);
                // With its connection the lock goes.
                drop(self);
                journal::settle_soon(changers);
            }
        }
    }

    async fn end_change(mut self) {
        let Ok(connection) = self.lease.connection() else {
            return;
        };
        // Otherwise the connection goes, and the lock with it.
        if journal::no_more_alone(connection).await.is_ok() {
            self.lease.give_back();
        }
    }

    /// Takes the steps back that were taken since the journal was at this place, the last one first.
    async fn take_back(&mut self, place: Option<(i64, i64)>) -> Result<()> {
        let Some(journal) = self.change.as_mut().and_then(|change| change.journal.as_mut()) else {
            return Ok(());
        };
        let place = place.map_or(journal.0, |(_, newest)| newest);
        let taken = journal::take_back(self.lease.connection()?, place).await;
        taken.map_err(|failure| failure.error)?;
        journal.1 = place;
        Ok(())
    }
}

/// Says statements that may have been said before, one by one. Of indexes that are there already, or gone, MySQL has no
/// words to say so.
async fn script(connection: &mut Connection, text: &str) -> Result<(), Failure> {
    connection.say("rollback").await?;
    for statement in text.split(";\n").filter(|statement| !statement.trim().is_empty()) {
        let said = connection.say(statement).await;
        let of_index = statement.contains(" index ");
        said.or_else(|failure| {
            if of_index && failure.already {
                Ok(())
            } else {
                Err(failure)
            }
        })?;
    }
    Ok(())
}

/// Takes a step, after writing down how it is taken back.
async fn take(connection: &mut Connection, journal: &mut Option<(i64, i64)>, step: &Step) -> Result<(), Failure> {
    // What was written would be committed; and it may hold the table that is to be changed.
    connection.say("rollback").await?;
    if step.back.is_empty() {
        return connection.say(&step.stmt.text).await.or_else(unless_nothing);
    }
    let (first, before) = match *journal {
        Some(place) => place,
        None => journal::open(connection).await.map(|newest| (newest, newest))?,
    };
    *journal = Some((first, before));
    let newest = journal::note(connection, before, step).await?;
    let taken = connection.say(&step.stmt.text).await.or_else(unless_nothing);
    if taken.as_ref().is_err_and(|failure| failure.answered) {
        // Its way back may lead away from what was there before.
        journal::forget(connection, before).await?;
    } else {
        *journal = Some((first, newest));
    }
    taken
}

/// An index may have gone by itself: the database drops one that it made for a foreign key when another serves that.
fn unless_nothing(failure: Failure) -> Result<(), Failure> {
    if failure.nothing { Ok(()) } else { Err(failure) }
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
