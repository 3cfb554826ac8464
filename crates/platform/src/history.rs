//! Activity and revisions: who changed what, written in the same transaction as the change.
//! Secrets are masked before they get here, and again on the way in: history never holds one.

pub mod model;

use aedile_engine::{
    Error, Object, Result,
    access::{Action, Caller, Reason},
    schema::{Accountability, Collection, Ident},
    sql::{Dialect, Sql},
    value::Param,
};

use crate::items::{Writing, keys_text};

/// What stands in history in the place of a secret.
const MASK: &str = "**********";

/// Records a new item. `values` is what was stored; `outer` are revisions of the item that holds this one so far.
pub(crate) async fn created(
    w: &mut Writing<'_>,
    c: &Collection,
    key: &Param,
    values: Object,
    outer: Vec<i64>,
) -> Result<()> {
    let nested = std::mem::replace(&mut w.revisions, outer);
    let data = masked(c, values);
    entry(w, c, (Action::Create, key), (&data, &data), nested).await
}

/// Whether a revision of each change is kept, which holds the whole item as it is then.
pub(crate) fn keeps_revisions(w: &Writing<'_>, c: &Collection) -> bool {
    c.accountability == Accountability::All && is_kept(w, c)
}

/// Records changed items. `values` is what was sent for each, `whole` the single item as it is now, where that is known.
pub(crate) async fn updated(
    w: &mut Writing<'_>,
    c: &Collection,
    keys: &[Param],
    (values, mut whole): (Object, Option<Object>),
    outer: Vec<i64>,
) -> Result<()> {
    let mut nested = std::mem::replace(&mut w.revisions, outer);
    let delta = masked(c, values);
    for key in keys {
        if !keeps_revisions(w, c) {
            activity(w, c, Action::Update, key).await?;
            continue;
        }
        let whole = match whole.take() {
            Some(whole) => whole,
            None => w.item(c, key).await?.unwrap_or_default(),
        };
        let whole = masked(c, whole);
        let nested = std::mem::take(&mut nested);
        revised(w, c, (Action::Update, key), (&whole, &delta), nested).await?;
    }
    Ok(())
}

/// Records removed items.
pub(crate) async fn deleted(w: &mut Writing<'_>, c: &Collection, keys: &[Param]) -> Result<()> {
    for key in keys {
        activity(w, c, Action::Delete, key).await?;
    }
    Ok(())
}

/// Whether the collection keeps any history, and this change is one to be kept.
fn is_kept(w: &Writing<'_>, c: &Collection) -> bool {
    let loading = matches!(&*w.cx.caller, Caller::System(internal) if internal.reason() == Reason::Loading);
    !loading && c.accountability != Accountability::None
}

/// Writes an activity row, if any is kept.
async fn activity(w: &mut Writing<'_>, c: &Collection, action: Action, key: &Param) -> Result<()> {
    if is_kept(w, c) {
        let mut sql = w.sql();
        insert_activity(&mut sql, w, c, action, key);
        w.later(sql.finish(Vec::new())).await?;
    }
    Ok(())
}

/// Writes down what became of an item, as far as the collection keeps that.
async fn entry(
    w: &mut Writing<'_>,
    c: &Collection,
    (action, key): (Action, &Param),
    (data, delta): (&Object, &Object),
    nested: Vec<i64>,
) -> Result<()> {
    match keeps_revisions(w, c) {
        true => revised(w, c, (action, key), (data, delta), nested).await,
        false => activity(w, c, action, key).await,
    }
}

/// Writes an activity row and its revision, which becomes the parent of those of nested items.
async fn revised(
    w: &mut Writing<'_>,
    c: &Collection,
    (action, key): (Action, &Param),
    (data, delta): (&Object, &Object),
    nested: Vec<i64>,
) -> Result<()> {
    let mut sql = w.sql();
    let dialect = sql.dialect();
    let mut known = None;
    if dialect.inserts_within() {
        sql.push("with act as (");
        insert_activity(&mut sql, w, c, action, key);
        sql.push(" returning id) ");
    } else {
        let mut first = w.sql();
        insert_activity(&mut first, w, c, action, key);
        if dialect == Dialect::Sqlite {
            w.later(first.finish(Vec::new())).await?;
        } else {
            let told = first.returning(&Ident::new("id"), None);
            known = Some(id(w.fetch(first.finish(vec![told])).await?)?);
        }
    }
    sql.push("insert into directus_revisions (activity, collection, item, data, delta) values (");
    match (known, dialect) {
        (Some(activity), _) => sql.param(activity),
        // The same connection has just written it; to have it answered costs SQLite more than the row itself.
        (None, Dialect::Sqlite) => sql.push("last_insert_rowid()"),
        (None, _) => sql.push("(select id from act)"),
    };
    let (data, delta) = texts(data, delta)?;
    sql.push(", ").param(c.name.as_str());
    sql.push(", ").param(keys_text(key));
    sql.push(", ").param(data);
    sql.push(", ").param(delta).push(")");
    if nested.is_empty() && w.path.is_empty() {
        // Nobody asks for its number.
        return w.later(sql.finish(Vec::new())).await;
    }
    let told = sql.returning(&Ident::new("id"), None);
    let revision = id(w.fetch(sql.finish(vec![told])).await?)?;
    w.revisions.push(revision);
    adopt(w, revision, nested).await
}

/// An item and what changed of it, as JSON; of a new one that is all the same.
fn texts(data: &Object, delta: &Object) -> Result<(String, String)> {
    let text = |object: &Object| serde_json::to_string(object).map_err(|error| Error::internal(error.to_string()));
    let whole = text(data)?;
    let changed = if std::ptr::eq(data, delta) {
        whole.clone()
    } else {
        text(delta)?
    };
    Ok((whole, changed))
}

fn insert_activity(sql: &mut Sql, w: &Writing<'_>, c: &Collection, action: Action, key: &Param) {
    let (cx, origin) = (w.cx, &w.cx.origin);
    sql.push("insert into directus_activity (action, ")
        .ident(&Ident::new("user"))
        .push(", timestamp, ip, user_agent, collection, item, origin) values (");
    sql.param(action.as_str())
        .push(", ")
        .param(cx.caller.user().map(str::to_owned))
        .push(", ");
    sql.param(Param::Instant(cx.now))
        .push(", ")
        .param(cx.caller.ip().map(|ip| ip.to_string()))
        .push(", ");
    sql.param(origin.user_agent.clone())
        .push(", ")
        .param(c.name.as_str())
        .push(", ");
    sql.param(keys_text(key))
        .push(", ")
        .param(origin.origin.clone())
        .push(")");
}

/// Makes a revision the parent of those of the items that were nested in it.
async fn adopt(w: &mut Writing<'_>, parent: i64, nested: Vec<i64>) -> Result<()> {
    if nested.is_empty() {
        return Ok(());
    }
    let mut sql = w.sql();
    sql.push("update directus_revisions set parent = ")
        .param(parent)
        .push(" where id in (");
    sql.params(nested);
    sql.push(")");
    w.run(sql.finish(Vec::new())).await.map(|_| ())
}

fn id(rows: Vec<aedile_db::Row>) -> Result<i64> {
    match rows.first().and_then(|row| row.first()) {
        Some(Param::Int(id)) => Ok(*id),
        _ => Err(Error::internal("the database answered no key")),
    }
}

/// The values with secrets masked, and nothing that is no field of the collection.
fn masked(c: &Collection, values: Object) -> Object {
    values
        .into_iter()
        .filter_map(|(name, value)| {
            let secret = (c.field(&name)?.is_concealed() || is_of_provider(c, &name)) && !value.is_null();
            Some((name, if secret { MASK.into() } else { value }))
        })
        .collect()
}

/// What a provider of logins told of a user: it may hold tokens.
fn is_of_provider(c: &Collection, field: &str) -> bool {
    c.name == "directus_users" && field == "auth_data"
}
