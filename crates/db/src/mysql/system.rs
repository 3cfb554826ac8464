//! The system tables: creating them in an empty database, refusing those of an older version.
//! An existing project's tables are never altered here.

use aedile_engine::{Error, Result, sql::Flavour, value::Param};

use super::{Connection, Failure, MySql, Transaction, migrate};
use crate::history::{self, HISTORY, SUPPORTED};

/// Every system table.
const TABLES: &str = include_str!("system.sql");

/// Asks whether there is a table of this name.
pub(super) const HAS_TABLE: &str = "select 1 from information_schema.tables \
    where table_schema = database() and table_type = 'BASE TABLE' and table_name = ?";

const HAS_SYSTEM_TABLES: &str = "select 1 from information_schema.tables \
    where table_schema = database() and table_type = 'BASE TABLE' and left(table_name, 9) = 'directus_' limit 1";

/// An installation begins with this mark and ends without it: one that was cut off is begun again.
const UNFINISHED: &str = "aedile_installing";
const MARK: &str = "create table if not exists aedile_installing (begun integer) engine = InnoDB";
const UNMARK: &str = "drop table if exists aedile_installing";

/// New tables hold every letter, and order texts by their bytes, as on the other databases. Of MariaDB's collations it is the
/// one that its JSON has, and the only one that mixes with it; of MySQL's the one that texts are compared by.
fn letters(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::MariaDb | Flavour::Rehearsal => "alter database character set utf8mb4 collate utf8mb4_bin",
        Flavour::MySql => "alter database character set utf8mb4 collate utf8mb4_0900_bin",
    }
}

const RECORD: &str = "insert into directus_migrations (version, name) values (?, ?) \
    on duplicate key update version = version";

impl MySql {
    /// Creates the system tables and Aedile's own, when there is no system table yet. Answers whether it did.
    pub(crate) async fn install(&self) -> Result<bool> {
        self.write_ddl(|tx| {
            Box::pin(async move {
                let tx = tx.mysql_mut()?;
                let begun = !tx.ask(HAS_TABLE, &[UNFINISHED.into()]).await?.is_empty();
                if !begun && !tx.ask(HAS_SYSTEM_TABLES, &[]).await?.is_empty() {
                    return Ok(false);
                }
                tx.script(MARK).await?;
                tx.script(letters(tx.flavour())).await?;
                tx.script(TABLES).await?;
                migrate::up(tx, usize::MAX).await?;
                for line in HISTORY.lines() {
                    record(tx, line).await?;
                }
                tx.script(UNMARK).await?;
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
    tx.ask(RECORD, &[version.into(), name.into()]).await?;
    Ok(())
}

/// Whether an installation was cut off.
pub(super) async fn is_unfinished(connection: &mut Connection) -> Result<bool, Failure> {
    Ok(!connection.fetch(HAS_TABLE, &[UNFINISHED.into()]).await?.is_empty())
}

/// Refuses a project that is older than the supported version, or that a newer Aedile has changed.
pub(super) async fn check_version(connection: &mut Connection) -> Result<(), Failure> {
    let unfinished = is_unfinished(connection).await?;
    let installed = !unfinished && !connection.fetch(HAS_SYSTEM_TABLES, &[]).await?.is_empty();
    if installed && !has_migration(connection, SUPPORTED).await? {
        return Err(history::too_old().into());
    }
    check_own(connection).await
}

/// Refuses a project that a newer Aedile has changed.
pub(super) async fn check_own(connection: &mut Connection) -> Result<(), Failure> {
    let newest = migrate::newest(connection).await?;
    if newest > migrate::known() {
        return Err(history::too_new(newest).into());
    }
    Ok(())
}

async fn has_migration(connection: &mut Connection, version: &str) -> Result<bool, Failure> {
    if connection
        .fetch(HAS_TABLE, &["directus_migrations".into()])
        .await?
        .is_empty()
    {
        return Ok(false);
    }
    // Projects add migrations of their own to the same table: the highest version there says nothing.
    let found = connection
        .fetch(
            "select 1 from directus_migrations where version = ?",
            &[Param::from(version)],
        )
        .await?;
    Ok(!found.is_empty())
}
