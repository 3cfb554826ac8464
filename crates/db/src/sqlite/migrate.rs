//! Aedile's own tables (`aedile_*`), built by numbered steps that can be taken back.
//! A step that was ever released must never change; a correction is a new step.

use aedile_engine::Result;

use super::{Session, Sqlite, system::has_table};
use crate::steps::{Step, after, number, numbered};

static STEPS: [Step; 5] = [
    // `version` grows with every change that other nodes must reload for.
    Step {
        name: "meta",
        up: "CREATE TABLE aedile_meta (key text PRIMARY KEY NOT NULL, value);
             INSERT INTO aedile_meta (key, value) VALUES ('version', 1);",
        down: "DROP TABLE aedile_meta;",
    },
    // Who may look at the project as whom, and until when (milliseconds since 1970). No foreign keys: a view whose owner
    // or user is gone opens nothing, and the next new view sweeps it away.
    Step {
        name: "views",
        up: "CREATE TABLE aedile_views (
                 id text PRIMARY KEY NOT NULL,
                 owner text NOT NULL,
                 expires integer NOT NULL,
                 \"user\" text,
                 role text,
                 public integer NOT NULL,
                 details text NOT NULL
             );",
        down: "DROP TABLE aedile_views;",
    },
    // What a second factor leaves behind, per user: the last time step whose code was taken, and digests of recovery codes.
    // No foreign keys: what is left of a user who is gone opens nothing.
    Step {
        name: "second-factors",
        up: "CREATE TABLE aedile_totp (
                 \"user\" text PRIMARY KEY NOT NULL,
                 step integer NOT NULL
             );
             CREATE TABLE aedile_recovery_codes (
                 \"user\" text NOT NULL,
                 digest text NOT NULL,
                 PRIMARY KEY (\"user\", digest)
             );",
        down: "DROP TABLE aedile_recovery_codes; DROP TABLE aedile_totp;",
    },
    // Indexes for who logs in and what ends with them: addresses whatever their case, sessions by user and by successor.
    Step {
        name: "login-indexes",
        up: "CREATE INDEX IF NOT EXISTS aedile_users_email ON directus_users (lower(email));
             CREATE INDEX IF NOT EXISTS aedile_sessions_user ON directus_sessions (\"user\");
             CREATE INDEX IF NOT EXISTS aedile_sessions_next ON directus_sessions (next_token);
             CREATE INDEX IF NOT EXISTS aedile_sessions_expires ON directus_sessions (expires);",
        down: "DROP INDEX IF EXISTS aedile_users_email;
             DROP INDEX IF EXISTS aedile_sessions_user;
             DROP INDEX IF EXISTS aedile_sessions_next;
             DROP INDEX IF EXISTS aedile_sessions_expires;",
    },
    // Requests and answers of identity providers that were taken, by digests, until when they may not come again
    // (milliseconds since 1970).
    Step {
        name: "spent-answers",
        up: "CREATE TABLE aedile_spent (
                 digest text PRIMARY KEY NOT NULL,
                 expires integer NOT NULL
             );",
        down: "DROP TABLE aedile_spent;",
    },
];

const RECORD: &str = "CREATE TABLE IF NOT EXISTS aedile_migrations (
    number integer PRIMARY KEY NOT NULL,
    name text NOT NULL,
    timestamp text NOT NULL DEFAULT CURRENT_TIMESTAMP
);";

impl Sqlite {
    /// The names of the steps that have not been taken.
    pub(crate) async fn pending(&self) -> Result<Vec<&'static str>> {
        self.read(|session| {
            let newest = newest(session)?;
            Ok(after(&STEPS, newest).map(|(_, step)| step.name).collect())
        })
        .await
    }

    /// Takes the next steps, `limit` at most; answers their names.
    pub(crate) async fn migrate_up(&self, limit: usize) -> Result<Vec<&'static str>> {
        self.write_ddl(move |tx| Box::pin(async move { up(tx.session()?, limit) }))
            .await
    }

    /// Takes the latest step back; answers its name.
    pub(crate) async fn migrate_down(&self) -> Result<Option<&'static str>> {
        self.write_ddl(|tx| Box::pin(async move { down(tx.session()?) })).await
    }
}

/// The number of the last step this binary knows.
pub(super) fn known() -> i64 {
    numbered(&STEPS).map(|(number, _)| number).last().unwrap_or(0)
}

/// The number of the last step taken; 0 before the first.
pub(super) fn newest(session: &Session) -> Result<i64> {
    if !has_table(session, "aedile_migrations")? {
        return Ok(0);
    }
    number(&session.ask("SELECT coalesce(max(number), 0) FROM aedile_migrations", &[])?)
}

/// Takes the next steps within a transaction.
pub(super) fn up(session: &Session, limit: usize) -> Result<Vec<&'static str>> {
    session.script(RECORD)?;
    let newest = newest(session)?;
    let mut names = Vec::new();
    for (number, step) in after(&STEPS, newest).take(limit) {
        session.script(step.up)?;
        session.ask(
            "INSERT INTO aedile_migrations (number, name) VALUES (?, ?)",
            &[number.into(), step.name.into()],
        )?;
        names.push(step.name);
    }
    Ok(names)
}

fn down(session: &Session) -> Result<Option<&'static str>> {
    let newest = newest(session)?;
    let Some((number, step)) = numbered(&STEPS).find(|(number, _)| *number == newest) else {
        return Ok(None);
    };
    session.script(step.down)?;
    session.ask("DELETE FROM aedile_migrations WHERE number = ?", &[number.into()])?;
    Ok(Some(step.name))
}
