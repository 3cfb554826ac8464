//! Changed items, with everything nested in the change.

use aedile_db::BoxFuture;
use aedile_engine::{
    Error, Object, Result,
    access::{Action, Grant},
    plan::{Plan, write},
    schema::Collection,
    value::Param,
};

use crate::{
    history,
    items::{Writing, nested, payload, specials},
    system,
};

/// Changes the items with these keys alike; answers the keys of those that there were.
pub(crate) fn update<'a>(
    w: &'a mut Writing<'_>,
    collection: &'a str,
    keys: Vec<Param>,
    mut input: Object,
) -> BoxFuture<'a, Result<Vec<Param>>> {
    Box::pin(async move {
        let snapshot = w.cx.snapshot.clone();
        let c = snapshot
            .model
            .schema
            .collection(collection)
            .ok_or_else(|| Error::forbidden_collection(collection))?;
        nested::counted(w, keys.len())?;
        let keys = permitted(w, c, keys, &input).await?;
        // A key never changes.
        input.remove(&c.key);
        if keys.is_empty() {
            return Ok(keys);
        }
        let outer = std::mem::take(&mut w.revisions);
        let input = system::before_update(w, c, &keys, input).await?;
        let mut input = payload::check(w, c, Action::Update, input).await?;
        input.remove(&c.key);
        if !input.is_empty() {
            specials::fill(w.cx, c, Action::Update, &mut input);
        }
        system::before_store(w, c, &mut input).await?;
        let parts = nested::split(&snapshot.model.schema, c, input)?;
        let values = nested::save_before(w, c, parts.values, parts.ones).await?;
        let params = nested::fitted(c, &values, &w.path)?;
        let mut whole = None;
        if !params.is_empty() {
            let plan = write::update(&w.cx.access, c, keys.clone(), params)?;
            // What comes after may change the item again only where there is something nested, or the system has its own rules.
            let last = parts.lists.is_empty() && !c.system;
            let written = match keys.as_slice() {
                [key] if last && history::keeps_revisions(w, c) => changed(w, c, &plan, key).await.map(Some),
                _ => w.execute(&plan).await.map(|_| None),
            };
            whole = match written {
                Ok(whole) => whole,
                Err(error) => return Err(nested::explained(w, c, &values, error).await),
            };
        }
        for key in &keys {
            nested::save_after(w, c, key, parts.lists.clone()).await?;
        }
        w.touched.insert(c.name.clone());
        system::after_update(w, c, &keys, &values).await?;
        history::updated(w, c, &keys, (values, whole), outer).await?;
        Ok(keys)
    })
}

/// Changes one item; answers all of it as it is then.
async fn changed(w: &mut Writing<'_>, c: &Collection, plan: &Plan, key: &Param) -> Result<Object> {
    w.execute_later(plan).await?;
    Ok(w.item(c, key).await?.unwrap_or_default())
}

/// The rows that there are, each covered for every field sent; one that is not, or is missing, refuses the whole change
/// to everybody but an administrator, for whom missing ones are passed over.
async fn permitted(w: &mut Writing<'_>, c: &Collection, keys: Vec<Param>, input: &Object) -> Result<Vec<Param>> {
    let grant = w.cx.access.grant(&c.name, Action::Update);
    for name in input.keys() {
        if !grant.has(name) {
            return Err(Error::forbidden_field(name, &c.name));
        }
    }
    let fields: Vec<&str> = input.keys().map(String::as_str).collect();
    let covered = w.covered(c, Action::Update, &keys, &fields).await?;
    complete(grant, keys, covered)
}

/// The covered keys, if they are all of them or the caller is an administrator.
pub(crate) fn complete(grant: Grant<'_>, mut keys: Vec<Param>, covered: Vec<Param>) -> Result<Vec<Param>> {
    keys.retain({
        let mut seen: Vec<Param> = Vec::new();
        move |key| {
            let new = !seen.contains(key);
            seen.push(key.clone());
            new
        }
    });
    if matches!(grant, Grant::All) {
        keys.retain(|key| covered.contains(key));
        return Ok(keys);
    }
    if keys.iter().all(|key| covered.contains(key)) {
        Ok(keys)
    } else {
        Err(Error::forbidden())
    }
}
