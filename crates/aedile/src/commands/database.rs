//! Opening the configured database: to look at it, or to work on it. It is looked at first, so that nothing is changed of
//! one that Aedile must not work on, or was never let to.

use std::time::Duration;

use aedile_db::{Db, Options};
use aedile_platform::doctor;
use anyhow::Context;

use crate::config::{Database, DbClient};

/// Longest run of one statement when a project is adopted: an index on a large table takes its time.
const LONG: Duration = Duration::from_hours(6);

/// Opens it to work on it.
///
/// # Errors
/// For a project of another version, and for one that nobody has let Aedile work on.
pub async fn open(database: &Database) -> anyhow::Result<Db> {
    if let Some(db) = look(database).await? {
        let standing = doctor::standing(&db).await;
        db.close().await;
        standing?.check()?;
    }
    connect(database, For::Working).await
}

/// Opens it to look at it; none when there is no such file yet.
pub async fn look(database: &Database) -> anyhow::Result<Option<Db>> {
    let is_there = database.client != DbClient::Sqlite || database.filename.is_file();
    if !is_there || database.is_in_memory() {
        return Ok(None);
    }
    connect(database, For::Looking).await.map(Some)
}

/// Opens it to let Aedile work on it from now on.
pub async fn open_to_adopt(database: &Database) -> anyhow::Result<Db> {
    connect(database, For::Adopting).await
}

/// What it is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    Looking,
    Adopting,
    Working,
}

async fn connect(database: &Database, purpose: For) -> anyhow::Result<Db> {
    let look_only = purpose == For::Looking;
    let limit = |usual: Duration| if purpose == For::Adopting { LONG } else { usual };
    match database.client {
        DbClient::Sqlite => {}
        DbClient::Postgres | DbClient::CockroachDb => {
            let mut options = database.postgres()?;
            (options.look_only, options.statement_limit) = (look_only, limit(options.statement_limit));
            return Ok(Db::open_postgres(options).await?);
        }
        DbClient::MySql | DbClient::MariaDb => {
            let mut options = database.mysql()?;
            (options.look_only, options.statement_limit) = (look_only, limit(options.statement_limit));
            return Ok(Db::open_mysql(options).await?);
        }
    }
    let folder = database.filename.parent();
    if let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {} can not be made", folder.display()))?;
    }
    let mut options = Options::new(database.filename.clone());
    options.hidden_tables.clone_from(&database.exclude_tables);
    (options.look_only, options.statement_limit) = (look_only, limit(database.statement_limit));
    Ok(Db::open(options).await?)
}
