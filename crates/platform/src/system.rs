//! What the system itself insists on, whoever writes and through whatever door: protections of its own collections,
//! secrets hashed before they are stored, and what follows from a change in the same transaction.

pub mod administrators;
mod attached;
pub mod escalation;
mod flows;
pub mod my_permissions;
pub mod permissions;
pub mod policies;
pub mod prepare;
pub mod roles;
pub mod settings;
mod translations;
pub mod users;

use std::collections::HashSet;

use aedile_engine::{
    Error, Object, Result,
    access::{Action, Caller},
    schema::Collection,
    value::Param,
};

use crate::{items::Writing, statement, static_token};
pub(crate) use prepare::{Hashes, prepare};

/// System collections that no item verb writes to: they have doors of their own, or none.
const CLOSED: [&str; 8] = [
    "directus_activity",
    "directus_collections",
    "directus_extensions",
    "directus_fields",
    "directus_migrations",
    "directus_relations",
    "directus_revisions",
    "directus_sessions",
];

/// Collections that the snapshot is made of: a change makes the next request read them again.
const IN_SNAPSHOT: [&str; 6] = [
    "directus_access",
    "directus_permissions",
    "directus_policies",
    "directus_roles",
    "directus_settings",
    "directus_users",
];

/// Collections that decide who is an administrator.
const WHO_IS_ADMIN: [&str; 4] = [
    "directus_access",
    "directus_policies",
    "directus_roles",
    "directus_users",
];

/// Whether no item verb writes to a collection, whoever asks.
pub(crate) fn is_closed(collection: &str) -> bool {
    CLOSED.contains(&collection)
}

fn open(c: &Collection) -> Result<()> {
    if is_closed(&c.name) {
        return Err(Error::forbidden_collection(&c.name));
    }
    Ok(())
}

/// Before a new item is checked: what is sent for it must be well-formed.
pub(crate) async fn before_create(w: &mut Writing<'_>, c: &Collection, input: Object) -> Result<Object> {
    open(c)?;
    escalation::before_create(w, c, &input).await?;
    match c.name.as_str() {
        "directus_users" => users::before_write(w, input, None).await,
        "directus_policies" => policies::before_write(input),
        "directus_permissions" => permissions::before_write(input),
        "directus_settings" => settings::before_write(&w.cx.app, input),
        "directus_translations" => translations::before_create(w, c, input).await,
        "directus_comments" | "directus_versions" => attached::before_write(w, input, Action::Read).await,
        "directus_shares" => attached::before_write(w, input, Action::Share).await,
        _ => Ok(input),
    }
}

/// Before checked values are stored: what is kept of them in another form.
pub(crate) async fn before_store(w: &mut Writing<'_>, c: &Collection, values: &mut Object) -> Result<()> {
    match c.name.as_str() {
        "directus_users" => static_token::before_store(w, values).await,
        _ => Ok(()),
    }
}

/// After a new item is stored.
pub(crate) async fn after_create(w: &mut Writing<'_>, c: &Collection, key: &Param) -> Result<()> {
    escalation::after_create(w, c, key).await?;
    match c.name.as_str() {
        "directus_roles" => roles::check_parents(w, std::slice::from_ref(key)).await,
        _ => Ok(()),
    }
}

/// Before items that the caller may change are checked.
pub(crate) async fn before_update(
    w: &mut Writing<'_>,
    c: &Collection,
    keys: &[Param],
    input: Object,
) -> Result<Object> {
    open(c)?;
    escalation::before_update(w, c, keys, &input).await?;
    match c.name.as_str() {
        "directus_users" => users::before_write(w, input, Some(keys)).await,
        "directus_policies" => policies::before_write(input),
        "directus_permissions" => permissions::before_write(input),
        "directus_settings" => settings::before_write(&w.cx.app, input),
        "directus_translations" => translations::before_update(w, c, keys, input).await,
        "directus_comments" | "directus_versions" => attached::before_write(w, input, Action::Read).await,
        "directus_shares" => attached::before_write(w, input, Action::Share).await,
        _ => Ok(input),
    }
}

/// After items are changed; `values` is what was stored.
pub(crate) async fn after_update(w: &mut Writing<'_>, c: &Collection, keys: &[Param], values: &Object) -> Result<()> {
    escalation::after_update(w, c, keys, values).await?;
    match c.name.as_str() {
        "directus_users" => users::after_update(w, keys, values).await,
        "directus_roles" => roles::check_parents(w, keys).await,
        _ => Ok(()),
    }
}

/// Before items that the caller may remove go.
pub(crate) async fn before_delete(w: &mut Writing<'_>, c: &Collection, keys: &[Param]) -> Result<()> {
    open(c)?;
    escalation::before_delete(w, c, keys).await?;
    match c.name.as_str() {
        "directus_users" => users::before_delete(w, keys).await,
        "directus_roles" => roles::before_delete(w, keys).await,
        "directus_policies" => policies::before_delete(keys),
        "directus_flows" => flows::before_delete(w, keys).await,
        _ => Ok(()),
    }
}

/// What a transaction leaves behind when it is committed.
pub(crate) struct Finished {
    /// Whether the snapshot is of the past now.
    pub stale: bool,
    /// Collections that were written to.
    pub touched: HashSet<String>,
}

/// At the end of a transaction: what must hold of the whole.
pub(crate) async fn finish(w: &mut Writing<'_>) -> Result<Finished> {
    let stale = IN_SNAPSHOT.iter().any(|name| w.touched.contains(*name));
    if stale {
        // First: it holds up every other such transaction, so that what is judged now is still so at the end.
        let next = statement::next_version(w.cx.app.db().dialect());
        w.run(next).await?;
    }
    let loading = matches!(*w.cx.caller, Caller::System(_));
    if !loading && WHO_IS_ADMIN.iter().any(|name| w.touched.contains(*name)) {
        administrators::must_remain(w).await?;
    }
    escalation::judge(w).await?;
    Ok(Finished {
        stale,
        touched: std::mem::take(&mut w.touched),
    })
}
