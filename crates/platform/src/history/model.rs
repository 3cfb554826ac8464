//! History of the data model: what became of the metadata of collections, fields and relations, whichever verb led to it.
//! Written in the change's own transaction. Tables without metadata leave no trace here.

use aedile_db::{BoxFuture, Tx};
use aedile_engine::{
    Error, Json, Object, Result,
    access::Action,
    query::{Leaf, Path, Query},
    schema::Collection,
    value::Param,
};

use super::{activity, entry};
use crate::{
    Cx,
    items::{Writing, keys},
};

/// Where the model's metadata is.
const TABLES: [&str; 3] = ["directus_collections", "directus_fields", "directus_relations"];

/// Changes the model in a transaction, and records what became of its metadata.
///
/// # Errors
/// Those of the change.
pub async fn recorded<T, F>(cx: &Cx, tx: &mut Tx, change: F) -> Result<T>
where
    T: Send,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send,
{
    let before = rows(cx, tx).await?;
    let told = change(tx).await?;
    let after = rows(cx, tx).await?;
    let mut w = Writing::new(cx, tx);
    for (name, (before, after)) in TABLES.into_iter().zip(before.into_iter().zip(after)) {
        let c = cx
            .schema()
            .collection(name)
            .ok_or_else(|| Error::forbidden_collection(name))?;
        table(&mut w, c, &before, &after).await?;
    }
    Ok(told)
}

/// The rows of all tables.
async fn rows(cx: &Cx, tx: &mut Tx) -> Result<Vec<Vec<Object>>> {
    let mut found = Vec::new();
    for name in TABLES {
        let query = Query {
            fields: vec![Path {
                steps: Vec::new(),
                leaf: Leaf::Every,
            }],
            ..Query::default()
        };
        found.push(Writing::new(cx, tx).list(name, query).await?);
    }
    Ok(found)
}

async fn table(w: &mut Writing<'_>, c: &Collection, before: &[Object], after: &[Object]) -> Result<()> {
    for row in after {
        let key = key(c, row)?;
        match before.iter().find(|old| old.get(&c.key) == row.get(&c.key)) {
            None => entry(w, c, (Action::Create, &key), (row, row), Vec::new()).await?,
            Some(old) if old == row => {}
            Some(old) => {
                let changed = row.iter().filter(|(name, value)| old.get(*name) != Some(*value));
                let delta = changed
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect::<Object>();
                entry(w, c, (Action::Update, &key), (row, &delta), Vec::new()).await?;
            }
        }
    }
    for row in before {
        if !after.iter().any(|new| new.get(&c.key) == row.get(&c.key)) {
            activity(w, c, Action::Delete, &key(c, row)?).await?;
        }
    }
    Ok(())
}

fn key(c: &Collection, row: &Object) -> Result<Param> {
    keys::from_json(c, row.get(&c.key).unwrap_or(&Json::Null))
}
