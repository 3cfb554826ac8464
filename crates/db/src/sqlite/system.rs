//! The system tables: creating them in an empty database, refusing those of an older version.
//! An existing project's tables are never altered here.

use aedile_engine::{Error, Result, value::Param};

use super::{Session, Sqlite, migrate};
use crate::history::{self, HISTORY, SUPPORTED};

/// Every system table.
const TABLES: &str = include_str!("system.sql");

impl Sqlite {
    /// Creates the system tables and Aedile's own, when there is no system table yet. Answers whether it did.
    pub(crate) async fn install(&self) -> Result<bool> {
        self.write_ddl(|tx| {
            Box::pin(async move {
                let session = tx.session()?;
                if has_system_tables(session)? {
                    return Ok(false);
                }
                session.script(TABLES)?;
                for line in HISTORY.lines() {
                    record(session, line)?;
                }
                migrate::up(session, usize::MAX)?;
                Ok(true)
            })
        })
        .await
    }
}

fn record(session: &Session, line: &str) -> Result<()> {
    let (version, name) = line
        .split_once('|')
        .ok_or_else(|| Error::internal("the embedded list of migrations is damaged"))?;
    session.ask(
        r#"INSERT INTO "directus_migrations" ("version", "name") VALUES (?, ?)"#,
        &[version.into(), name.into()],
    )?;
    Ok(())
}

fn has_system_tables(session: &Session) -> Result<bool> {
    let found = session.ask(
        r"SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name LIKE 'directus\_%' ESCAPE '\' LIMIT 1",
        &[],
    )?;
    Ok(!found.is_empty())
}

/// Whether there is a table of this name.
pub(super) fn has_table(session: &Session, name: &str) -> Result<bool> {
    let found = session.ask(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?",
        &[name.into()],
    )?;
    Ok(!found.is_empty())
}

/// Refuses a project that is older than the supported version, or that a newer Aedile has changed.
pub(super) fn check_version(session: &Session) -> Result<()> {
    let installed = has_system_tables(session)?;
    if installed && !has_migration(session, SUPPORTED)? {
        return Err(history::too_old());
    }
    check_own(session)
}

/// Refuses a project that a newer Aedile has changed.
pub(super) fn check_own(session: &Session) -> Result<()> {
    let newest = migrate::newest(session)?;
    if newest > migrate::known() {
        return Err(history::too_new(newest));
    }
    Ok(())
}

fn has_migration(session: &Session, version: &str) -> Result<bool> {
    // Projects add migrations of their own to the same table: the highest version there says nothing.
    Ok(has_table(session, "directus_migrations")?
        && !session
            .ask(
                r#"SELECT 1 FROM "directus_migrations" WHERE "version" = ?"#,
                &[Param::from(version)],
            )?
            .is_empty())
}
