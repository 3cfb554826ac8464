//! The system tables: creating them in an empty database, refusing those of an older version.
//! An existing project's tables are never altered here.

use aedile_engine::{Error, Result, value::Param};

use super::{Connection, Postgres, Transaction, migrate};
use crate::history::{self, HISTORY, SUPPORTED};

/// Every system table.
const TABLES: &str = include_str!("system.sql");

const HAS_SYSTEM_TABLES: &str = r"select 1 from pg_class
    where relnamespace = cast(current_schema() as regnamespace) and relkind = 'r' and relname like 'directus\_%' limit 1";

/// Asks whether there is a table of this name.
pub(super) const HAS_TABLE: &str = "select 1 from pg_class
    where relnamespace = cast(current_schema() as regnamespace) and relkind = 'r' and relname = $1";

impl Postgres {
    /// Creates the system tables and Aedile's own, when there is no system table yet. Answers whether it did.
    pub(crate) async fn install(&self) -> Result<bool> {
        self.write_ddl(|tx| {
            Box::pin(async move {
                let tx = tx.postgres_mut()?;
                if !tx.ask(HAS_SYSTEM_TABLES, &[]).await?.is_empty() {
                    return Ok(false);
                }
                tx.script(TABLES).await?;
                for line in HISTORY.lines() {
                    record(tx, line).await?;
                }
                migrate::up(tx, usize::MAX).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn record(tx: &mut Transaction, line: &str) -> Result<()> {
    let (version, name) = line
        .split_once('|')
        .ok_or_else(|| Error::internal("the embedded list of migrations is damaged"))?;
    tx.ask(
        "insert into directus_migrations (version, name) values ($1, $2)",
        &[version.into(), name.into()],
    )
    .await?;
    Ok(())
}

/// What is to be said of servers that speak as PostgreSQL does and are something else. One that does not tell what it is, is
/// taken for PostgreSQL.
pub(super) async fn untested(connection: &Connection) -> Option<&'static str> {
    let told = connection.ask("select version()", &[]).await.ok()?;
    match told.first()?.first()? {
        Param::Text(version) => note_on(version),
        _ => None,
    }
}

fn note_on(version: &str) -> Option<&'static str> {
    version.contains("CockroachDB").then_some(
        "The server is CockroachDB, on which Aedile is not tested: its changes of tables are not kept or taken back as a whole.",
    )
}

/// Refuses a project that is older than the supported version, or that a newer Aedile has changed.
pub(super) async fn check_version(connection: &Connection) -> Result<()> {
    let installed = !connection.ask(HAS_SYSTEM_TABLES, &[]).await?.is_empty();
    if installed && !has_migration(connection, SUPPORTED).await? {
        return Err(history::too_old());
    }
    check_own(connection).await
}

/// Refuses a project that a newer Aedile has changed.
pub(super) async fn check_own(connection: &Connection) -> Result<()> {
    let newest = migrate::newest(connection).await?;
    if newest > migrate::known() {
        return Err(history::too_new(newest));
    }
    Ok(())
}

async fn has_migration(connection: &Connection, version: &str) -> Result<bool> {
    if connection
        .ask(HAS_TABLE, &["directus_migrations".into()])
        .await?
        .is_empty()
    {
        return Ok(false);
    }
    // Projects add migrations of their own to the same table: the highest version there says nothing.
    let found = connection
        .ask(
            "select 1 from directus_migrations where version = $1",
            &[Param::from(version)],
        )
        .await?;
    Ok(!found.is_empty())
}

#[cfg(test)]
mod tests;
