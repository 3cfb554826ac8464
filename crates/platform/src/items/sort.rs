//! Sorting by hand: one item takes another's place, and those between make room.
//! Every row whose number changes has to be one that the caller may change; otherwise nothing changes.

use aedile_engine::{
    Error, Json, Object, Result,
    access::{Access, Action},
    plan::{read, write},
    query::{Key, Leaf, Path, Query, Sort},
    schema::{Collection, Ident},
    value::Param,
};

use crate::{
    Cx,
    items::{Writing, keys, read as reading},
    system,
};

/// Most items that are sorted by hand: each is looked at, in the one transaction that may write.
const MOST_ITEMS: usize = 100_000;

/// Moves `item` to the place of `to` (both keys). All items are numbered from 1 on, in the order they had.
///
/// # Errors
/// `INVALID_PAYLOAD` when a key is missing or the collection has no sort field; `FORBIDDEN` when the caller may not
/// change that field of every row whose number changes, or one of the items is missing.
pub async fn sort(cx: &Cx, collection: &str, body: &Object) -> Result<()> {
    let c = reading::allowed(cx, collection, Action::Update)?;
    let named = |name: &str| match body.get(name) {
        Some(key @ (Json::String(_) | Json::Number(_))) => Ok(key),
        _ => Err(Error::invalid_payload(format!(
            "\"{name}\" has to be the key of an item"
        ))),
    };
    let (item, to) = (named("item")?, named("to")?);
    let Some(field) = c.sort_field.clone() else {
        return Err(Error::invalid_payload("the collection has no sort field"));
    };
    if !cx.access.grant(collection, Action::Update).has(&field) {
        return Err(Error::forbidden_field(&field, collection));
    }
    let (item, to) = (keys::from_json(c, item)?, keys::from_json(c, to)?);
    let (inner, name) = (cx.clone(), c.name.clone());
    let done = cx
        .app
        .db()
        .write(move |tx| {
            Box::pin(async move {
                let mut w = Writing::new(&inner, tx);
                let c = inner
                    .schema()
                    .collection(&name)
                    .ok_or_else(|| Error::forbidden_collection(&name))?;
                renumber(&mut w, c, &field, &item, &to).await?;
                system::finish(&mut w).await
            })
        })
        .await?;
    cx.app.settle(done).await
}

async fn renumber(w: &mut Writing<'_>, c: &Collection, field: &str, item: &Param, to: &Param) -> Result<()> {
    let column = c
        .field(field)
        .and_then(|field| field.column.as_ref())
        .map(|column| column.name.clone());
    let column: Ident = column.ok_or_else(|| Error::forbidden_field(field, &c.name))?;
    let before = numbers(w, c, field).await?;
    let place = |key: &Param| {
        before
            .iter()
            .position(|(own, _)| own == key)
            .ok_or_else(Error::forbidden)
    };
    let (from, aim) = (place(item)?, place(to)?);
    let mut after: Vec<&(Param, Option<i64>)> = before.iter().collect();
    let moved = after.remove(from);
    after.insert(aim, moved);
    let changed: Vec<(Param, i64)> = (1..)
        .zip(after)
        .filter(|(number, (_, had))| *had != Some(*number))
        .map(|(number, (key, _))| (key.clone(), number))
        .collect();
    let these: Vec<Param> = changed.iter().map(|(key, _)| key.clone()).collect();
    if w.covered(c, Action::Update, &these, &[field]).await?.len() != these.len() {
        return Err(Error::forbidden());
    }
    for (key, number) in changed {
        let plan = write::update(
            &w.cx.access,
            c,
            vec![key],
            vec![(column.as_str().to_owned(), Param::Int(number))],
        )?;
        w.execute(&plan).await?;
    }
    w.touched.insert(c.name.clone());
    Ok(())
}

/// Every item with its number, in their order; those without one come last, in the order of their keys.
async fn numbers(w: &mut Writing<'_>, c: &Collection, field: &str) -> Result<Vec<(Param, Option<i64>)>> {
    let full = Access::full();
    let asked = |name: &str| Path {
        steps: Vec::new(),
        leaf: Leaf::Field(name.to_owned()),
    };
    let by = |name: &str| Sort {
        path: vec![Key::Field(name.to_owned())],
        descending: false,
    };
    let mut query = Query {
        fields: vec![asked(&c.key), asked(field)],
        sort: vec![by(field), by(&c.key)],
        ..Query::default()
    };
    query.page.limit = u64::try_from(MOST_ITEMS + 1).ok();
    let plan = read::list(w.cx.schema(), &full, w.cx.limits(), &c.name, &query)?;
    let rows = w.rows(&plan).await?;
    if rows.len() > MOST_ITEMS {
        return Err(Error::unprocessable(format!(
            "at most {MOST_ITEMS} items can be sorted by hand"
        )));
    }
    let mut numbers = Vec::with_capacity(rows.len());
    for row in rows {
        let mut cells = row.into_iter();
        let key = cells.next().ok_or_else(|| Error::internal("a row without a key"))?;
        let number = match cells.next() {
            Some(Param::Int(number)) => Some(number),
            Some(Param::Text(text)) => text.parse().ok(),
            _ => None,
        };
        numbers.push((keys::from_json(c, &keys::to_json(&key))?, number));
    }
    numbers.sort_by_key(|(_, number)| number.is_none());
    Ok(numbers)
}
