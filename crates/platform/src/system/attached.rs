//! What hangs on an item without a foreign key (comments, shares, versions names it by collection and key): whoever
//! makes it must be allowed to do so much with the item itself.

use aedile_engine::{Error, Json, Object, Result, access::Action};

use crate::items::{Writing, keys};

/// Refuses what is sent for something attached to an item that the caller may not `action`. A change that names no
/// item keeps the one it had.
pub(crate) async fn before_write(w: &mut Writing<'_>, input: Object, action: Action) -> Result<Object> {
    if w.cx.access.admin || !(input.contains_key("collection") || input.contains_key("item")) {
        return Ok(input);
    }
    let text = |name: &str| input.get(name).and_then(Json::as_str);
    let (Some(collection), Some(item)) = (text("collection"), text("item")) else {
        // Half a name could be completed by the row's other half to an item that nobody judged.
        return Err(Error::forbidden());
    };
    let snapshot = w.cx.snapshot.clone();
    let schema = &snapshot.model.schema;
    let found = schema
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    let key = keys::from_path(schema, collection, item)?;
    if w.covered(found, action, &[key], &[]).await?.is_empty() {
        return Err(Error::forbidden());
    }
    Ok(input)
}
