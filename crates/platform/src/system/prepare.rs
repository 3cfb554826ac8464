//! Before a transaction begins: passwords and other hashed fields are judged and hashed, at any depth of the body.
//! Hashing takes long on purpose, so it never happens while the database waits.

use aedile_db::BoxFuture;
use aedile_engine::{
    Error, Json, Object, Result,
    schema::{Collection, Link, Special},
};

use crate::Cx;

/// Hashes in one body: each costs tens of milliseconds and megabytes.
const MAX_HASHES: usize = 200;

/// What readers see in the place of a secret. Sent back, it means that nothing changes.
pub(crate) const MASK: &str = "**********";

/// Gets one item of a body ready to be stored.
pub(crate) async fn prepare(cx: &Cx, collection: &str, item: &mut Object) -> Result<()> {
    let mut left = MAX_HASHES;
    walk(cx, collection, item, &mut Vec::new(), &mut left).await
}

fn walk<'a>(
    cx: &'a Cx,
    collection: &'a str,
    item: &'a mut Object,
    path: &'a mut Vec<String>,
    left: &'a mut usize,
) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        let Some(c) = cx.schema().collection(collection) else {
            return Ok(());
        };
        let concealed = |name: &str| c.field(name).is_some_and(aedile_engine::schema::Field::is_concealed);
        item.retain(|name, value| !(concealed(name) && value.as_str() == Some(MASK)));
        let names: Vec<String> = item.keys().cloned().collect();
        for name in names {
            let Some(field) = c.field(&name) else { continue };
            if field.is(Special::Hash) {
                hash(cx, c, item, &name, path, left).await?;
                continue;
            }
            let target = match cx.schema().link(&c.name, &name) {
                Some(Link::One { target, .. } | Link::Many { target, .. }) => target.name.clone(),
                Some(Link::Any { relation }) => {
                    let which = relation
                        .one_collection_field
                        .as_ref()
                        .and_then(|f| item.get(f))
                        .and_then(Json::as_str);
                    let Some(which) = which else { continue };
                    which.to_owned()
                }
                None => continue,
            };
            path.push(name.clone());
            if let Some(value) = item.get_mut(&name) {
                nested(cx, &target, value, path, left).await?;
            }
            path.pop();
        }
        Ok(())
    })
}

async fn nested(cx: &Cx, target: &str, value: &mut Json, path: &mut Vec<String>, left: &mut usize) -> Result<()> {
    let mut lists: Vec<&mut Vec<Json>> = Vec::new();
    match value {
        Json::Object(object) if is_changes(object) => {
            lists.extend(
                object
                    .iter_mut()
                    .filter(|(name, _)| *name != "delete")
                    .filter_map(|(_, list)| list.as_array_mut()),
            );
        }
        Json::Object(object) => return walk(cx, target, object, path, left).await,
        Json::Array(list) => lists.push(list),
        _ => {}
    }
    for item in lists.into_iter().flatten().filter_map(Json::as_object_mut) {
        walk(cx, target, item, path, left).await?;
    }
    Ok(())
}

/// `{create, update, delete}` rather than an item.
fn is_changes(object: &Object) -> bool {
    !object.is_empty()
        && object.iter().all(|(name, value)| {
            matches!(name.as_str(), "create" | "update" | "delete") && (value.is_array() || value.is_null())
        })
}

async fn hash(cx: &Cx, c: &Collection, item: &mut Object, name: &str, path: &[String], left: &mut usize) -> Result<()> {
    let Some(Json::String(secret)) = item.get(name) else {
        return Ok(());
    };
    let secret = secret.clone();
    if c.name == "directus_users" && name == "password" && !cx.app.accepts(&secret) {
        // What was sent is not repeated: errors end up in logs.
        return Err(Error::validation(name, path, "regex"));
    }
    if secret.is_empty() {
        return Ok(());
    }
    *left = left
        .checked_sub(1)
        .ok_or_else(|| Error::invalid_payload("too many values to hash at once"))?;
    let hashed = cx.app.hash(secret).await?;
    item.insert(name.to_owned(), hashed.into());
    Ok(())
}
