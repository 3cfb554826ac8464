//! Removed items.

use aedile_engine::{Code, Error, Json, Result, access::Action, plan::write, value::Param};

use crate::{
    history,
    items::{Writing, nested, update},
    system,
};

/// Removes the items with these keys. What hangs on them goes by the database's own rules, and needs no permission.
pub(crate) async fn delete(w: &mut Writing<'_>, collection: &str, keys: Vec<Param>) -> Result<()> {
    let snapshot = w.cx.snapshot.clone();
    let c = snapshot
        .model
        .schema
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    nested::counted(w, keys.len())?;
    let grant = w.cx.access.grant(&c.name, Action::Delete);
    let covered = w.covered(c, Action::Delete, &keys, &[]).await?;
    let keys = update::complete(grant, keys, covered)?;
    if keys.is_empty() {
        return Ok(());
    }
    system::before_delete(w, c, &keys).await?;
    let plan = write::delete(&w.cx.access, c, keys.clone())?;
    if let Err(error) = w.execute(&plan).await {
        return Err(match error.code() {
            Code::InvalidForeignKey => Error::constraint(Code::InvalidForeignKey, &c.name, None, Json::Null),
            _ => error,
        });
    }
    w.touched.insert(c.name.clone());
    history::deleted(w, c, &keys).await
}
