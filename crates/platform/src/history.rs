//! Activity and revisions: who changed what, written in the same transaction as the change.
//! Secrets are masked before they get here, and again on the way in: history never holds one.

pub mod model;

use aedile_engine::{
    Json, Object, Result,
    access::{Action, Caller, Reason},
    schema::{Accountability, Collection},
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
    if let Some(activity) = activity(w, c, Action::Create, key).await? {
        let data = masked(c, values);
        if let Some(revision) = revision(w, c, activity, key, data.clone(), data).await? {
            adopt(w, revision, nested).await?;
        }
    }
    Ok(())
}

/// Records changed items. `values` is what was sent for each.
pub(crate) async fn updated(
    w: &mut Writing<'_>,
    c: &Collection,
    keys: &[Param],
    values: Object,
    outer: Vec<i64>,
) -> Result<()> {
    let mut nested = std::mem::replace(&mut w.revisions, outer);
    let delta = masked(c, values);
    for key in keys {
        let Some(activity) = activity(w, c, Action::Update, key).await? else {
            continue;
        };
        if c.accountability != Accountability::All {
            continue;
        }
        let whole = masked(c, w.item(c, key).await?.unwrap_or_default());
        if let Some(revision) = revision(w, c, activity, key, whole, delta.clone()).await? {
            adopt(w, revision, std::mem::take(&mut nested)).await?;
        }
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

/// Writes an activity row, if the collection keeps any.
async fn activity(w: &mut Writing<'_>, c: &Collection, action: Action, key: &Param) -> Result<Option<i64>> {
    let loading = matches!(&*w.cx.caller, Caller::System(internal) if internal.reason() == Reason::Loading);
    if loading || c.accountability == Accountability::None {
        return Ok(None);
    }
    let (cx, origin) = (w.cx, w.cx.origin.clone());
    let mut sql = w.sql();
    sql.push("insert into directus_activity (action, \"user\", timestamp, ip, user_agent, collection, item, origin) values (");
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
        .push(") returning id");
    id(w.fetch(sql.finish(Vec::new())).await?)
}

/// Writes a revision row, if the collection keeps any.
async fn revision(
    w: &mut Writing<'_>,
    c: &Collection,
    activity: i64,
    key: &Param,
    data: Object,
    delta: Object,
) -> Result<Option<i64>> {
    if c.accountability != Accountability::All {
        return Ok(None);
    }
    let mut sql = w.sql();
    sql.push("insert into directus_revisions (activity, collection, item, data, delta) values (");
    sql.param(activity)
        .push(", ")
        .param(c.name.as_str())
        .push(", ")
        .param(keys_text(key))
        .push(", ");
    sql.param(Json::Object(data).to_string())
        .push(", ")
        .param(Json::Object(delta).to_string())
        .push(") returning id");
    let id = id(w.fetch(sql.finish(Vec::new())).await?)?;
    w.revisions.extend(id);
    Ok(id)
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

fn id(rows: Vec<aedile_db::Row>) -> Result<Option<i64>> {
    Ok(match rows.first().and_then(|row| row.first()) {
        Some(Param::Int(id)) => Some(*id),
        _ => None,
    })
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
