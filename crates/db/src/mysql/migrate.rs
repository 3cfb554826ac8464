//! Aedile's own tables (`aedile_*`), built by numbered steps that can be taken back: the same steps as on SQLite, in
//! its types. A step that was ever released must never change; a correction is a new step. Each can be run again where it was cut
//! off: a change of a table is committed by itself.

use aedile_engine::Result;

use super::{
    Connection, Failure, MySql, Transaction,
    system::{self, HAS_TABLE},
};
use crate::steps::{Step, after, number, numbered};

static STEPS: [Step; 5] = [
    // `version` grows with every change that other nodes must reload for.
    Step {
        name: "meta",
        up: "create table if not exists aedile_meta (\"key\" varchar(255) primary key not null, value bigint) engine = InnoDB;
             insert ignore into aedile_meta (\"key\", value) values ('version', 1);
             commit;",
        down: "drop table if exists aedile_meta;",
    },
    // Who may look at the project as whom, and until when (milliseconds since 1970). No foreign keys: a view whose owner
    // or user is gone opens nothing, and the next new view sweeps it away.
    Step {
        name: "views",
        up: "create table if not exists aedile_views (
                 id varchar(255) primary key not null,
                 owner char(36) not null,
                 expires bigint not null,
                 \"user\" char(36),
                 role char(36),
                 public integer not null,
                 details longtext not null
             ) engine = InnoDB;",
        down: "drop table if exists aedile_views;",
    },
    // What a second factor leaves behind, per user: the last time step whose code was taken, and digests of recovery codes.
    // No foreign keys: what is left of a user who is gone opens nothing.
    Step {
        name: "second-factors",
        up: "create table if not exists aedile_totp (
                 \"user\" char(36) primary key not null,
                 step bigint not null
             ) engine = InnoDB;
             create table if not exists aedile_recovery_codes (
                 \"user\" char(36) not null,
                 digest char(64) not null,
                 primary key (\"user\", digest)
             ) engine = InnoDB;",
        down: "drop table if exists aedile_recovery_codes; drop table if exists aedile_totp;",
    },
    // Indexes for what ends with a session. Its user has an index of its foreign key; an address in lower case can have
    // none here.
    Step {
        name: "login-indexes",
        up: "create index aedile_sessions_next on directus_sessions (next_token);
             create index aedile_sessions_expires on directus_sessions (expires);",
        down: "drop index aedile_sessions_next on directus_sessions;
             drop index aedile_sessions_expires on directus_sessions;",
    },
    // Requests and answers of identity providers that were taken, by digests, until when they may not come again
    // (milliseconds since 1970).
    Step {
        name: "spent-answers",
        up: "create table if not exists aedile_spent (
                 digest char(64) primary key not null,
                 expires bigint not null
             ) engine = InnoDB;",
        down: "drop table if exists aedile_spent;",
    },
];

const RECORD: &str = "create table if not exists aedile_migrations (
    number bigint primary key not null,
    name varchar(255) not null,
    timestamp timestamp not null default current_timestamp
) engine = InnoDB;";

const NEWEST: &str = "select coalesce(max(number), 0) from aedile_migrations";

impl MySql {
    /// Whether an installation was cut off.
    pub(crate) async fn is_unfinished(&self) -> Result<bool> {
        let mut lease = self.reader().await?;
        let unfinished = system::is_unfinished(lease.connection()?).await;
        lease.give_back();
        unfinished.map_err(|failure| failure.error)
    }

    /// The names of the steps that have not been taken.
    pub(crate) async fn pending(&self) -> Result<Vec<&'static str>> {
        let mut lease = self.reader().await?;
        let newest = newest(lease.connection()?).await;
        lease.give_back();
        let newest = newest.map_err(|failure| failure.error)?;
        Ok(after(&STEPS, newest).map(|(_, step)| step.name).collect())
    }

    /// Takes the next steps, `limit` at most; answers their names.
    pub(crate) async fn migrate_up(&self, limit: usize) -> Result<Vec<&'static str>> {
        self.write_ddl(move |tx| Box::pin(async move { up(tx.mysql_mut()?, limit).await }))
            .await
    }

    /// Takes the latest step back; answers its name.
    pub(crate) async fn migrate_down(&self) -> Result<Option<&'static str>> {
        self.write_ddl(|tx| Box::pin(async move { down(tx.mysql_mut()?).await }))
            .await
    }
}

/// The number of the last step this binary knows.
pub(super) fn known() -> i64 {
    numbered(&STEPS).map(|(number, _)| number).last().unwrap_or(0)
}

/// The number of the last step taken; 0 before the first.
pub(super) async fn newest(connection: &mut Connection) -> Result<i64, Failure> {
    if connection
        .fetch(HAS_TABLE, &["aedile_migrations".into()])
        .await?
        .is_empty()
    {
        return Ok(0);
    }
    Ok(number(&connection.fetch(NEWEST, &[]).await?)?)
}

/// Takes the next steps within a transaction.
pub(super) async fn up(tx: &mut Transaction, limit: usize) -> Result<Vec<&'static str>> {
    tx.script(RECORD).await?;
    let newest = number(&tx.ask(NEWEST, &[]).await?)?;
    let mut names = Vec::new();
    for (number, step) in after(&STEPS, newest).take(limit) {
        tx.script(step.up).await?;
        tx.ask(
            "insert into aedile_migrations (number, name) values (?, ?)",
            &[number.into(), step.name.into()],
        )
        .await?;
        names.push(step.name);
    }
    Ok(names)
}

async fn down(tx: &mut Transaction) -> Result<Option<&'static str>> {
    tx.script(RECORD).await?;
    let newest = number(&tx.ask(NEWEST, &[]).await?)?;
    let Some((number, step)) = numbered(&STEPS).find(|(number, _)| *number == newest) else {
        return Ok(None);
    };
    tx.script(step.down).await?;
    tx.ask("delete from aedile_migrations where number = ?", &[number.into()])
        .await?;
    Ok(Some(step.name))
}
