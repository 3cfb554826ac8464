//! What the change of the schema that is under way has done so far, in a table: MariaDB commits each step by itself, and
//! whoever takes them may be killed between two. Must only be touched by who holds the lock of those who change.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use aedile_engine::{Result, ddl::Step, value::Param};

use super::{
    MySqlOptions,
    connection::{Connection, Role},
    fault::Failure,
    pool::Pool,
    system::HAS_TABLE,
};
use crate::steps::number;

/// Ways back, until what was changed is committed with the rest; and what is to be done last, from then on.
const NAME: &str = "aedile_unfinished";
const TABLE: &str = "create table if not exists aedile_unfinished (number bigint primary key not null, \
    last boolean not null, text longtext not null) engine = InnoDB character set utf8mb4 collate utf8mb4_bin";
const NEWEST: &str = "select coalesce(max(number), 0) from aedile_unfinished";
const NOTE: &str = "insert into aedile_unfinished (number, last, text) values (?, ?, ?)";
const BACK: &str = "select number, last, text from aedile_unfinished where number > ? order by number desc";
const LAST: &str = "select number, last, text from aedile_unfinished where last order by number";
const DONE: &str = "delete from aedile_unfinished where number = ?";
/// The place before the first way back: what is to be done last for changes before that one stands before it.
const BEGUN: &str = "select min(number) - 1 from aedile_unfinished where not last";
/// Committed with everything else: from then on there is no way back.
const KEPT: &str = "delete from aedile_unfinished where not last";

/// Changes of the schema run one after the other, on all nodes: the name is the database's alone.
const ALONE: &str = "select get_lock(concat('aedile ', md5(database())), ?)";
const NO_MORE_ALONE: &str = "do release_lock(concat('aedile ', md5(database())))";

/// Longest wait for somebody else's change of the schema, in seconds.
const PATIENCE: i64 = 3600;
/// How often, and after what time each, it is tried again to finish what was left unfinished.
const ATTEMPTS: usize = 120;
const PAUSE: Duration = Duration::from_millis(500);

/// Waits until nobody else changes the schema, and finishes what somebody has left. False when that takes too long.
pub(super) async fn alone(connection: &mut Connection) -> Result<bool, Failure> {
    if !lock(connection, PATIENCE).await? {
        return Ok(false);
    }
    settle(connection).await?;
    Ok(true)
}

async fn lock(connection: &mut Connection, seconds: i64) -> Result<bool, Failure> {
    Ok(connection.fetch(ALONE, &[seconds.into()]).await? == [[Param::Int(1)]])
}

/// Lets others change the schema. Where it fails the connection has to go, and the lock with it.
pub(super) async fn no_more_alone(connection: &mut Connection) -> Result<()> {
    connection.control(NO_MORE_ALONE).await?;
    connection.control("commit").await
}

/// Whether somebody is changing the schema, or was when he was cut off.
pub(super) async fn is_open(connection: &mut Connection) -> Result<bool, Failure> {
    Ok(is_there(connection).await? && number(&connection.fetch(NEWEST, &[]).await?)? > 0)
}

async fn is_there(connection: &mut Connection) -> Result<bool, Failure> {
    Ok(!connection.fetch(HAS_TABLE, &[NAME.into()]).await?.is_empty())
}

/// Opens the journal; answers its newest number.
pub(super) async fn open(connection: &mut Connection) -> Result<i64, Failure> {
    connection.say(TABLE).await?;
    Ok(number(&connection.fetch(NEWEST, &[]).await?)?)
}

/// Writes down how a step is taken back, and what is to be done for it last. Answers the newest number.
pub(super) async fn note(connection: &mut Connection, newest: i64, step: &Step) -> Result<i64, Failure> {
    let back = step.back.iter().rev().map(|stmt| (false, stmt));
    let last = step.last.iter().map(|stmt| (true, stmt));
    let mut number = newest;
    for (last, stmt) in back.chain(last) {
        number += 1;
        let row = [number.into(), last.into(), stmt.text.as_str().into()];
        connection.fetch(NOTE, &row).await?;
    }
    connection.say("commit").await?;
    Ok(number)
}

/// Takes notes back, of a step that was refused.
pub(super) async fn forget(connection: &mut Connection, after: i64) -> Result<(), Failure> {
    for row in connection.fetch(BACK, &[after.into()]).await? {
        connection.fetch(DONE, row.get(..1).unwrap_or_default()).await?;
    }
    connection.say("commit").await
}

/// Leaves no way back, as soon as it is committed.
pub(super) async fn keep(connection: &mut Connection) -> Result<(), Failure> {
    connection.fetch(KEPT, &[]).await.map(drop)
}

/// Takes the steps after a number back, the last one first.
pub(super) async fn take_back(connection: &mut Connection, after: i64) -> Result<(), Failure> {
    for row in connection.fetch(BACK, &[after.into()]).await? {
        let [number, Param::Bool(last), Param::Text(text)] = row.as_slice() else {
            continue;
        };
        if !last {
            // Whoever was cut off may not have taken the step any more, or have taken it back.
            connection.say(text).await.or_else(unless_already)?;
        }
        connection.fetch(DONE, std::slice::from_ref(number)).await?;
        connection.say("commit").await?;
    }
    Ok(())
}

/// Does what was left for last by changes that are kept.
pub(super) async fn finish(connection: &mut Connection) -> Result<(), Failure> {
    for row in connection.fetch(LAST, &[]).await? {
        let [number, _, Param::Text(text)] = row.as_slice() else {
            continue;
        };
        connection.say(text).await.or_else(unless_already)?;
        connection.fetch(DONE, std::slice::from_ref(number)).await?;
        connection.say("commit").await?;
    }
    connection.say("commit").await
}

fn unless_already(failure: Failure) -> Result<(), Failure> {
    if failure.already { Ok(()) } else { Err(failure) }
}

/// Finishes what somebody has left: what was not kept is taken back.
async fn settle(connection: &mut Connection) -> Result<(), Failure> {
    if !is_there(connection).await? {
        return Ok(());
    }
    let begun = connection.fetch(BEGUN, &[]).await?;
    if let Some(Param::Int(after)) = begun.first().and_then(|row| row.first()) {
        tracing::warn!("a change of the schema was cut off: it is taken back");
        take_back(connection, *after).await?;
    }
    if let Err(failure) = finish(connection).await {
        // Nobody misses what is in the way: it is tried again by the next change.
        if !failure.answered {
            return Err(failure);
        }
        tracing::warn!(error = %failure.error, "what was dropped is still there");
    }
    Ok(())
}

/// Finishes what somebody has left, unless that somebody is still at it. In the background: the database may be away.
pub(super) fn settle_soon(changers: Arc<Pool>) {
    if changers.settling.swap(true, Ordering::Relaxed) {
        return;
    }
    tokio::spawn(async move {
        let mut attempts = 0..ATTEMPTS;
        while let Err(error) = attempt(&changers.options).await {
            tracing::debug!(%error, "what a change of the schema has left cannot be finished yet");
            if attempts.next().is_none() {
                tracing::error!("what a change of the schema has left is not finished: the next change tries again");
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        changers.settling.store(false, Ordering::Relaxed);
    });
}

async fn attempt(options: &MySqlOptions) -> Result<()> {
    let mut connection = Connection::open(options, Role::Changer).await?;
    let settled = async {
        if is_open(&mut connection).await? && lock(&mut connection, 0).await? {
            settle(&mut connection).await?;
        }
        Ok(())
    };
    settled.await.map_err(|failure: Failure| failure.error)
}
