//! Flows: their operations go with them. It knows nothing of what flows do.

use aedile_engine::{Result, sql::Dialect, value::Param};

use crate::items::Writing;

/// A flow's operations point at each other, and MariaDB judges references row by row: they let go of each other first.
pub(super) async fn before_delete(w: &mut Writing<'_>, keys: &[Param]) -> Result<()> {
    let mut sql = w.sql();
    if !matches!(sql.dialect(), Dialect::MySql(_)) {
        return Ok(());
    }
    sql.push("update directus_operations set resolve = null, reject = null where flow in (");
    sql.params(keys.iter().cloned()).push(")");
    w.run(sql.finish(Vec::new())).await.map(drop)
}
