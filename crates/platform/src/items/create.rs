//! A new item, with everything nested in it.

use aedile_db::BoxFuture;
use aedile_engine::{Error, Json, Object, Result, access::Action, plan::write, schema::Collection, value::Param};

use crate::{
    history,
    items::{Writing, keys, nested, payload, specials},
    system,
};

/// Makes one item; answers its key.
pub(crate) fn create<'a>(w: &'a mut Writing<'_>, collection: &'a str, input: Object) -> BoxFuture<'a, Result<Param>> {
    Box::pin(async move {
        let snapshot = w.cx.snapshot.clone();
        let c = snapshot
            .model
            .schema
            .collection(collection)
            .ok_or_else(|| Error::forbidden_collection(collection))?;
        nested::counted(w, 1)?;
        let outer = std::mem::take(&mut w.revisions);
        let input = system::before_create(w, c, input).await?;
        let mut input = payload::check(w, c, Action::Create, input).await?;
        specials::fill(w.cx, c, Action::Create, &mut input);
        payload::fill_hashed(w, c, &mut input)?;
        system::before_store(w, c, &mut input).await?;
        let parts = nested::split(&snapshot.model.schema, c, input)?;
        let values = nested::save_before(w, c, parts.values, parts.ones).await?;
        // A key of the wrong kind belongs to no item, as in a path.
        if let Some(key) = values.get(&c.key).filter(|key| !key.is_null()) {
            keys::from_json(c, key)?;
        }
        let params = nested::fitted(c, &values, &w.path)?;
        let key = insert(w, c, params, &values).await?;
        nested::save_after(w, c, &key, parts.lists).await?;
        w.touched.insert(c.name.clone());
        system::after_create(w, c, &key).await?;
        history::created(w, c, &key, values, outer).await?;
        Ok(key)
    })
}

async fn insert(w: &mut Writing<'_>, c: &Collection, params: Vec<(String, Param)>, values: &Object) -> Result<Param> {
    let plan = write::insert(&w.cx.access, c, params)?;
    let rows = match w.rows(&plan).await {
        Ok(rows) => rows,
        Err(error) => return Err(nested::explained(w, c, values, error).await),
    };
    let cell = rows.into_iter().next().and_then(|row| row.into_iter().next());
    let cell = cell.ok_or_else(|| Error::internal("the database answered no key"))?;
    // The form a key is answered in is the form it is looked up by.
    let told: Json = keys::to_json(&cell);
    Ok(keys::from_json(c, &told).unwrap_or(cell))
}
