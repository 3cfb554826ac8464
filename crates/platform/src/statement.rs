//! Statements on Aedile's own and the system's tables that no caller's query stands behind.
//! Fixed text, bound values; nothing here may depend on what a caller sent but by binding it.

use std::sync::Arc;

use aedile_engine::sql::{Dialect, Sql, Stmt};

/// A statement of fixed text that answers rows.
pub fn fixed(dialect: Dialect, parts: &[&'static str]) -> Sql {
    let mut sql = Sql::new(dialect);
    for part in parts {
        sql.push(part);
    }
    sql
}

/// What tells the version of schema and policies.
pub const VERSION: &str = "select value from aedile_meta where \"key\" = 'version'";

/// The version of schema and policies.
pub fn version(dialect: Dialect) -> Arc<Stmt> {
    Arc::new(fixed(dialect, &[VERSION]).finish(Vec::new()))
}

/// Moves the version on: in the same transaction as every change of schema, policies or settings.
pub fn next_version(dialect: Dialect) -> Stmt {
    fixed(
        dialect,
        &["update aedile_meta set value = value + 1 where \"key\" = 'version'"],
    )
    .finish(Vec::new())
}
