//! Lets Aedile work on a database: its own tables, and the indexes on foreign keys that are missing. Nothing of the system
//! tables is ever changed here, so that the project still opens where it came from.

use aedile_db::Db;
use aedile_engine::Result;

use super::{Standing, Step, examine};
use crate::model;

/// Does what [`examine`] says would be done; answers what was done. Without `indexes`, foreign keys stay as they are.
///
/// # Errors
/// `SERVICE_UNAVAILABLE` for a database that is not of the served version; what the database answers. Aedile's own tables
/// are made first: when an index can not be made, it is missing afterwards, and doing it again goes on there.
pub async fn adopt(db: &Db, indexes: bool) -> Result<Vec<Step>> {
    let report = examine(db).await?;
    if !matches!(report.standing, Standing::Untouched { .. }) {
        report.standing.check()?;
    }
    if !report.standing.is_supported() {
        return Ok(Vec::new());
    }
    db.migrate_latest().await?;
    let mut done = report.steps;
    if !indexes {
        done.retain(|step| matches!(step, Step::Migration { .. }));
        return Ok(done);
    }
    if done.iter().any(|step| matches!(step, Step::Index { .. })) {
        db.write_ddl(|tx| Box::pin(model::indexes::add_missing(tx))).await?;
    }
    Ok(done)
}
