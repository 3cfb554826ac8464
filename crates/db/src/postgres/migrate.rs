//! Aedile's own tables (`aedile_*`), built by numbered steps that can be taken back: the same steps as on SQLite, in
//! PostgreSQL's types. A step that was ever released must never change; a correction is a new step.

use aedile_engine::Result;

use super::{Connection, Postgres, Transaction, system::HAS_TABLE};
use crate::steps::{Step, after, number, numbered};

static STEPS: [Step; 5] = [
    // `version` grows with every change that other nodes must reload for.
    Step {
        name: "meta",
        up: "create table aedile_meta (key text primary key not null, value bigint);
             insert into aedile_meta (key, value) values ('version', 1);",
        down: "drop table aedile_meta;",
    },
    // Who may look at the project as whom, and until when (milliseconds since 1970). No foreign keys: a view whose owner
    // or user is gone opens nothing, and the next new view sweeps it away.
    Step {
        name: "views",
        up: "create table aedile_views (
                 id text primary key not null,
                 owner uuid not null,
                 expires bigint not null,
                 \"user\" uuid,
                 role uuid,
                 public integer not null,
                 details text not null
             );",
        down: "drop table aedile_views;",
    },
    // What a second factor leaves behind, per user: the last time step whose code was taken, and digests of recovery codes.
    // No foreign keys: what is left of a user who is gone opens nothing.
    Step {
        name: "second-factors",
        up: "create table aedile_totp (
                 \"user\" uuid primary key not null,
                 step bigint not null
             );
             create table aedile_recovery_codes (
                 \"user\" uuid not null,
                 digest text not null,
                 primary key (\"user\", digest)
             );",
        down: "drop table aedile_recovery_codes; drop table aedile_totp;",
    },
    // Indexes for who logs in and what ends with them: addresses whatever their case, sessions by user and by successor.
    Step {
        name: "login-indexes",
        up: "create index if not exists aedile_users_email on directus_users (lower(email));
             create index if not exists aedile_sessions_user on directus_sessions (\"user\");
             create index if not exists aedile_sessions_next on directus_sessions (next_token);
             create index if not exists aedile_sessions_expires on directus_sessions (expires);",
        down: "drop index if exists aedile_users_email;
             drop index if exists aedile_sessions_user;
             drop index if exists aedile_sessions_next;
             drop index if exists aedile_sessions_expires;",
    },
    // Requests and answers of identity providers that were taken, by digests, until when they may not come again
    // (milliseconds since 1970).
    Step {
        name: "spent-answers",
        up: "create table aedile_spent (
                 digest text primary key not null,
                 expires bigint not null
             );",
        down: "drop table aedile_spent;",
    },
];

const RECORD: &str = "create table if not exists aedile_migrations (
    number bigint primary key not null,
    name text not null,
    timestamp timestamp with time zone not null default current_timestamp
);";

const NEWEST: &str = "select coalesce(max(number), 0) from aedile_migrations";

impl Postgres {
    /// The names of the steps that have not been taken.
    pub(crate) async fn pending(&self) -> Result<Vec<&'static str>> {
        let newest = newest(&*self.0.readers.pick(true).await?).await?;
        Ok(after(&STEPS, newest).map(|(_, step)| step.name).collect())
    }

    /// Takes the next steps, `limit` at most; answers their names.
    pub(crate) async fn migrate_up(&self, limit: usize) -> Result<Vec<&'static str>> {
        self.write_ddl(move |tx| Box::pin(async move { up(tx.postgres_mut()?, limit).await }))
            .await
    }

    /// Takes the latest step back; answers its name.
    pub(crate) async fn migrate_down(&self) -> Result<Option<&'static str>> {
        self.write_ddl(|tx| Box::pin(async move { down(tx.postgres_mut()?).await }))
            .await
    }
}

/// The number of the last step this binary knows.
pub(super) fn known() -> i64 {
    numbered(&STEPS).map(|(number, _)| number).last().unwrap_or(0)
}

/// The number of the last step taken; 0 before the first.
pub(super) async fn newest(connection: &Connection) -> Result<i64> {
    if connection
        .ask(HAS_TABLE, &["aedile_migrations".into()])
        .await?
        .is_empty()
    {
        return Ok(0);
    }
    number(&connection.ask(NEWEST, &[]).await?)
}

/// Takes the next steps within a transaction.
pub(super) async fn up(tx: &mut Transaction, limit: usize) -> Result<Vec<&'static str>> {
    tx.script(RECORD).await?;
    let newest = number(&tx.ask(NEWEST, &[]).await?)?;
    let mut names = Vec::new();
    for (number, step) in after(&STEPS, newest).take(limit) {
        tx.script(step.up).await?;
        tx.ask(
            "insert into aedile_migrations (number, name) values ($1, $2)",
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
    tx.ask("delete from aedile_migrations where number = $1", &[number.into()])
        .await?;
    Ok(Some(step.name))
}
