//! Makes the database as a file says: every change by the ordinary verbs in one transaction, which the product's own
//! protections judge at its end. All of it is stored or nothing.

use std::sync::Arc;

use aedile_engine::{Code, Error, Object, Result, value::Param};
use parking_lot::Mutex;
use serde_json::json;

use super::{
    change::Change,
    state::{Holder, Policy, Role},
    stored::Attached,
};
use crate::{
    Cx,
    items::{self, Writing, keys},
    snapshot::text,
    statement,
    system::{self, administrators},
};

/// What is to be done.
pub(super) struct Work {
    /// The version of the project that the changes were found at.
    pub version: i64,
    /// What to change, in this order.
    pub changes: Vec<Change>,
    /// The rows that attach policies, as they were found.
    pub rows: Vec<Attached>,
}

/// Carries the changes out; undoes them again if they are only tried.
///
/// # Errors
/// `UNPROCESSABLE_CONTENT` where no administrator would be left, or the project has changed since the changes were found;
/// what the verbs refuse.
pub(super) async fn apply(cx: &Cx, work: Arc<Work>, keep: bool) -> Result<()> {
    let inner = cx.clone();
    let done: Arc<Mutex<bool>> = Arc::default();
    let told = done.clone();
    let result = cx
        .app
        .db()
        .write(move |tx| {
            Box::pin(async move {
                let mut w = Writing::new(&inner, tx);
                carry_out(&mut w, &work).await?;
                *told.lock() = true;
                if keep {
                    Ok(())
                } else {
                    Err(Error::unprocessable("it was only tried"))
                }
            })
        })
        .await;
    if !keep && *done.lock() {
        return Ok(());
    }
    result?;
    cx.app.reload(cx.app.version().await?).await.map(|_| ())
}

async fn carry_out(w: &mut Writing<'_>, work: &Work) -> Result<()> {
    unchanged(w, work.version).await?;
    detach(w, &work.rows, &work.changes).await?;
    for change in &work.changes {
        w.revisions.clear();
        // The limit of one request is not one of a whole file.
        w.count = 0;
        match change {
            Change::Role { before, after } => {
                save(w, "directus_roles", before.as_ref().map(Role::row), after.row()).await?;
            }
            Change::Policy { before, after } => {
                save(w, "directus_policies", before.as_ref().map(Policy::row), after.row()).await?;
            }
            Change::Permission { policy, before, after } => match (before, after) {
                (before, Some(after)) => {
                    let old = before.as_ref().map(|before| before.row(Some(policy)));
                    save(w, "directus_permissions", old, after.row(Some(policy))).await?;
                }
                (Some(gone), None) => {
                    let key = gone.id.map(Param::Int).into_iter().collect();
                    items::delete_in(w, "directus_permissions", key).await?;
                }
                (None, None) => {}
            },
            Change::Attached { holder, after, .. } => attach(w, &work.rows, holder, after).await?,
            Change::PolicyGone(policy) => delete(w, "directus_policies", &policy.id).await?,
            Change::RoleGone(role) => delete(w, "directus_roles", &role.id).await?,
        }
    }
    administrator_remains(w, &work.changes).await?;
    system::finish(w).await.map(|_| ())
}

/// Refuses to leave no administrator: the operator is Aedile itself, whose transactions are not asked this by themselves.
/// Where addresses of administrators are set, one has to get in from everywhere: the operator is at no address.
async fn administrator_remains(w: &mut Writing<'_>, changes: &[Change]) -> Result<()> {
    w.watch.addresses = changes.iter().any(|change| {
        matches!(change, Change::Policy { before, after }
            if after.admin_access && before.as_ref().is_some_and(|before| before.ip_access != after.ip_access))
    });
    let where_from = if w.watch.addresses {
        " who gets in from everywhere"
    } else {
        ""
    };
    administrators::must_remain(w)
        .await
        .map_err(|error| match error.code() {
            Code::UnprocessableContent => Error::unprocessable(format!(
                "no active administrator{where_from} would be left, and one must stay"
            )),
            _ => error,
        })
}

/// Refuses what was found at another version of the project.
async fn unchanged(w: &mut Writing<'_>, version: i64) -> Result<()> {
    let sql = statement::fixed(
        w.cx.app.db().dialect(),
        &["select value from aedile_meta where \"key\" = 'version'"],
    );
    let rows = w.fetch(sql.finish(Vec::new())).await?;
    if text(rows.first().unwrap_or(&Vec::new()), 0) == Some(version.to_string()) {
        return Ok(());
    }
    Err(Error::unprocessable(
        "the project was changed by somebody else meanwhile; compare again",
    ))
}

/// Stores a row under the id it brings along; of one that is known, what is different.
async fn save(w: &mut Writing<'_>, collection: &str, known: Option<Object>, mut row: Object) -> Result<()> {
    let Some(old) = known else {
        return items::create_in(w, collection, row).await.map(|_| ());
    };
    let id = row.shift_remove("id").unwrap_or_default();
    row.retain(|name, value| old.get(name) != Some(value));
    let snapshot = w.cx.snapshot.clone();
    let found = snapshot.model.schema.collection(collection);
    let found = found.ok_or_else(|| Error::forbidden_collection(collection))?;
    let key = keys::from_json(found, &id)?;
    items::update_in(w, collection, vec![key], row).await.map(|_| ())
}

async fn delete(w: &mut Writing<'_>, collection: &str, id: &str) -> Result<()> {
    items::delete_in(w, collection, vec![id.into()]).await
}

/// Attaches what a holder is to have and does not, in this order behind what it has; where that is another order, all of
/// its rows are numbered anew.
async fn attach(w: &mut Writing<'_>, rows: &[Attached], holder: &Holder, wanted: &[String]) -> Result<()> {
    let own: Vec<&Attached> = rows
        .iter()
        .filter(|row| row.holders().contains(holder) && wanted.contains(&row.policy))
        .collect();
    let mut order: Vec<&String> = Vec::new();
    let kept = own.iter().map(|row| &row.policy);
    for policy in kept.chain(wanted) {
        if !order.contains(&policy) {
            order.push(policy);
        }
    }
    let renumber = !order.iter().copied().eq(wanted);
    let mut last = own.iter().filter_map(|row| row.sort).max().unwrap_or_default();
    for (place, policy) in (1_i64..).zip(wanted) {
        let here: Vec<&&Attached> = own.iter().filter(|row| row.policy == *policy).collect();
        let sort = if renumber { place } else { last + 1 };
        if here.is_empty() {
            last = sort;
            let (user, role) = match holder {
                Holder::Public => (None, None),
                Holder::User(id) => (Some(id), None),
                Holder::Role(id) => (None, Some(id)),
            };
            let row = json!({ "user": user, "role": role, "policy": policy, "sort": sort });
            let row = row.as_object().cloned().unwrap_or_default();
            w.revisions.clear();
            items::create_in(w, "directus_access", row).await?;
        }
        for row in here.iter().filter(|row| renumber && row.sort != Some(sort)) {
            let mut change = Object::new();
            change.insert("sort".to_owned(), sort.into());
            w.revisions.clear();
            items::update_in(w, "directus_access", vec![row.id.as_str().into()], change).await?;
        }
    }
    Ok(())
}

/// Takes away what holders are not to have any more. A row that names a user and a role stays for the one that keeps it.
async fn detach(w: &mut Writing<'_>, rows: &[Attached], changes: &[Change]) -> Result<()> {
    let loses = |holder: &Holder, policy: &String| {
        changes.iter().any(|change| {
            matches!(change, Change::Attached { holder: of, before, after }
                if of == holder && before.contains(policy) && !after.contains(policy))
        })
    };
    for row in rows {
        let holders = row.holders();
        let losers: Vec<&Holder> = holders.iter().filter(|holder| loses(holder, &row.policy)).collect();
        w.revisions.clear();
        w.count = 0;
        if losers.is_empty() {
            continue;
        }
        if losers.len() == holders.len() {
            delete(w, "directus_access", &row.id).await?;
            continue;
        }
        let side = if losers.iter().any(|holder| matches!(holder, Holder::User(_))) {
            "user"
        } else {
            "role"
        };
        let mut change = Object::new();
        change.insert(side.to_owned(), aedile_engine::Json::Null);
        items::update_in(w, "directus_access", vec![row.id.as_str().into()], change).await?;
    }
    Ok(())
}
