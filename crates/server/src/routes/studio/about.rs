//! What this server is, for administrators: its version, its database, and the limits that it was started with. It must
//! never tell a secret, nor where anything is stored.

use std::sync::Arc;

use aedile_engine::{
    Json, Result,
    sql::{Dialect, Flavour, Sql},
    value::Param,
};
use aedile_platform::{Cx, INTERFACE, config::RateLimit, model::change::admitted};
use serde_json::json;

use crate::{request::Call, respond::Reply};

/// Tells it, in parts.
pub(super) async fn about(call: Call) -> Result<Reply> {
    admitted(&call.cx)?;
    let settings = call.state.settings();
    let limits = &settings.limits;
    let (points, seconds) = rate(settings.rate_limit);
    Ok(Reply::data(&json!({
        "server": {
            "version": env!("CARGO_PKG_VERSION"),
            "interface": INTERFACE,
            "address": settings.public_url,
        },
        "database": {
            "kind": kind(call.cx.app.db().dialect()),
            "version": database_version(&call.cx).await?,
        },
        "limits": {
            "query_default": limits.query_limit_default,
            "query_max": limits.query_limit_max,
            "batch": limits.batch_mutation,
            "depth": limits.relational_depth,
            "payload": limits.payload_bytes,
            "import": limits.import.file_bytes,
            "rate_points": points,
            "rate_seconds": seconds,
        },
    })))
}

/// What a database is called by people.
fn kind(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "SQLite",
        Dialect::Postgres => "PostgreSQL",
        Dialect::MySql(Flavour::MySql) => "MySQL",
        Dialect::MySql(_) => "MariaDB",
    }
}

/// As the database tells it.
async fn database_version(cx: &Cx) -> Result<Json> {
    let db = cx.app.db();
    let mut sql = Sql::new(db.dialect());
    sql.push(match db.dialect() {
        Dialect::Sqlite => "select sqlite_version()",
        Dialect::Postgres => "select current_setting('server_version')",
        Dialect::MySql(_) => "select version()",
    });
    let rows = db.fetch(Arc::new(sql.finish(Vec::new())), Vec::new()).await?;
    Ok(match rows.first().and_then(|row| row.first()) {
        Some(Param::Text(version)) => version.as_str().into(),
        _ => Json::Null,
    })
}

/// Requests, and the seconds in which so many are let in; none where there is no limit.
fn rate(limit: RateLimit) -> (Option<Json>, Option<Json>) {
    limit
        .enabled
        .then(|| (Json::from(limit.points), Json::from(limit.duration.as_secs())))
        .unzip()
}
