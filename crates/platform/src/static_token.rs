//! Static tokens at rest. A project that Aedile made keeps digests of them; an adopted one keeps them as they are, because the
//! reference compares them so, until somebody decides otherwise. A token opens in either form of storage, so that no process
//! has to know which one holds; a digest never opens anything.

use std::{fmt::Write as _, sync::Arc};

use aedile_db::{Db, Tx};
use aedile_engine::{
    Json, Object, Result,
    sql::{Dialect, Sql, Stmt},
    value::Param,
};
use aws_lc_rs::digest::{SHA256, digest};

use crate::{items::Writing, snapshot::text, statement};

/// How a digest begins: what begins so is never compared with what is stored as it is.
const MARK: &str = "sha256:";

/// Whether the project keeps digests: a row of `aedile_meta`.
const KEPT: &str = "select value from aedile_meta where \"key\" = 'token_digests'";

const KEEP: &str = "insert into aedile_meta (\"key\", value) values ('token_digests', 1)";

/// The digest of a token as it is stored.
#[must_use]
pub fn stored(token: &str) -> String {
    let mut text = MARK.to_owned();
    for byte in digest(&SHA256, token.as_bytes()).as_ref() {
        // Writing to a text does not fail.
        write!(text, "{byte:02x}").ok();
    }
    text
}

/// What a stored token may be for a request that brings `token` along: its digest, or itself.
#[must_use]
pub fn forms(token: &str) -> [String; 2] {
    let digest = stored(token);
    let plain = if token.starts_with(MARK) {
        digest.clone()
    } else {
        token.to_owned()
    };
    [digest, plain]
}

/// Replaces a token that is about to be stored by what this project keeps of it.
pub(crate) async fn before_store(w: &mut Writing<'_>, input: &mut Object) -> Result<()> {
    let Some(Json::String(token)) = input.get("token") else {
        return Ok(());
    };
    let digest = stored(token);
    let mut sql = w.sql();
    sql.push(KEPT);
    if !w.fetch(sql.finish(Vec::new())).await?.is_empty() {
        input.insert("token".to_owned(), digest.into());
    }
    Ok(())
}

/// Has a project keep digests from the beginning.
pub(crate) async fn keep(tx: &mut Tx, dialect: Dialect) -> Result<()> {
    let stmt = statement::fixed(dialect, &[KEEP]).finish(Vec::new());
    tx.execute(&stmt, &[]).await.map(drop)
}

/// Whether a project keeps digests.
///
/// # Errors
/// What the database answers; also when Aedile never worked on it.
pub async fn are_kept(db: &Db) -> Result<bool> {
    let stmt = statement::fixed(db.dialect(), &[KEPT]).finish(Vec::new());
    Ok(!db.fetch(Arc::new(stmt), Vec::new()).await?.is_empty())
}

/// Replaces every token by its digest, for good, and keeps digests from then on; answers how many there were.
///
/// # Errors
/// What the database answers; then nothing is changed.
pub async fn upgrade(db: &Db) -> Result<u64> {
    let dialect = db.dialect();
    db.write(move |tx| Box::pin(async move { upgrade_in(tx, dialect).await }))
        .await
}

async fn upgrade_in(tx: &mut Tx, dialect: Dialect) -> Result<u64> {
    let fixed = |text: &'static str| statement::fixed(dialect, &[text]).finish(Vec::new());
    if !tx.fetch(&fixed(KEPT), &[]).await?.is_empty() {
        return Ok(0);
    }
    // First: it holds up every other change of users until this one is done.
    tx.execute(&statement::next_version(dialect), &[]).await?;
    tx.execute(&fixed(KEEP), &[]).await?;
    let rows = tx
        .fetch(
            &fixed("select id, token from directus_users where token is not null"),
            &[],
        )
        .await?;
    let mut count = 0;
    for row in &rows {
        let (Some(id), Some(token)) = (text(row, 0), text(row, 1)) else {
            continue;
        };
        let (stmt, params) = replaced(dialect, &id, &token);
        count += tx.execute(&stmt, &params).await?;
    }
    Ok(count)
}

fn replaced(dialect: Dialect, id: &str, token: &str) -> (Stmt, Vec<Param>) {
    let mut sql = Sql::new(dialect);
    sql.push("update directus_users set token = ").param(stored(token));
    sql.push(" where id = ").param(id);
    (sql.finish(Vec::new()), vec![stored(token).into(), id.into()])
}
