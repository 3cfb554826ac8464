//! Non-interference: what a caller may not read is changed, and every answer must stay the same, to the byte.
//! Left alone is what the caller's own rules and their variables look at, and what decides who the caller is.

use std::collections::BTreeSet;

use aedile_engine::{
    Error,
    query::{Limits, parse},
    schema::{Collection, Field},
    value::Param,
};
use serde_json::Value as Json;

use super::{
    Ours,
    finding::{Finding, Place, Sides, describe},
    is_refusal,
    product::Product,
    queries::{Question, Questions},
    random::Random,
    report::{Report, is_empty},
    shrink, worlds,
};
use crate::evaluator::{Caller, Cell, Session, World, key_text};

/// Questions that are asked before and after.
const QUESTIONS: usize = 100;
/// Of a hundred hidden values, so many are changed.
const CHANGED: usize = 70;

/// Asks, changes what is hidden, asks again.
pub(super) fn probe(
    product: &Product,
    place: Place,
    world: &World,
    caller: &Caller,
    random: &mut Random,
    report: &mut Report,
) -> Result<(), Error> {
    let session = Session::new(world, caller);
    let hidden = hidden(world, &session);
    let after = changed(world, &hidden, random);
    let cells = differing(world, &after);
    let questions: Vec<Question> = (0..QUESTIONS)
        .filter_map(|_| Questions::new(random, world, &session).question())
        .collect();
    let before: Vec<Ours> = questions
        .iter()
        .map(|question| ask(product, world, caller, question))
        .collect();
    product.change(&changes(world, &after, &cells))?;
    let again: Vec<Ours> = questions
        .iter()
        .map(|question| ask(product, &after, caller, question))
        .collect();
    product.change(&changes(&after, world, &cells))?;
    let mut bad = None;
    for ((question, before), again) in questions.iter().zip(&before).zip(&again) {
        let near = cells.iter().any(|(collection, ..)| *collection == question.collection);
        let telling = before.as_ref().is_ok_and(|bytes| tells(bytes));
        report.leak += 1;
        report.changed += u64::from(!cells.is_empty());
        report.near += u64::from(near);
        report.telling += u64::from(telling);
        report.strong += u64::from(near && telling);
        if !same(before, again) {
            bad = Some(question);
            break;
        }
    }
    if let Some(question) = bad {
        report
            .findings
            .push(smaller(product, place, world, &after, caller, question)?);
        product.load(world)?;
    }
    Ok(())
}

fn ask(product: &Product, world: &World, caller: &Caller, question: &Question) -> Ours {
    let query = parse::parse(&question.raw, &Limits::default())?;
    product.read(world, &Product::asking(world, caller), question, &query)
}

fn tells(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Json>(bytes).is_ok_and(|answer| !is_empty(answer.get("data").unwrap_or(&Json::Null)))
}

fn same(before: &Ours, again: &Ours) -> bool {
    match (before, again) {
        (Ok(before), Ok(again)) => before == again,
        (Err(before), Err(again)) => is_refusal(before) && before == again,
        _ => false,
    }
}

/// The cells the caller may not read and that nothing it is allowed depends on.
fn hidden(world: &World, session: &Session<'_>) -> BTreeSet<Cell> {
    let mut hidden = BTreeSet::new();
    if session.is_admin() {
        return hidden;
    }
    let readable = session.readable_cells();
    let looked_at = session.looked_at();
    for c in world.schema.collections() {
        for field in c
            .fields
            .values()
            .filter(|field| field.column.is_some() && !is_open(world, session, c, field))
        {
            for row in world.rows.get(&c.name).into_iter().flatten() {
                let cell = (c.name.clone(), key_text(c, row), field.name.clone());
                if !readable.contains(&cell) && !looked_at.contains(&cell) {
                    hidden.insert(cell);
                }
            }
        }
    }
    hidden
}

/// Whether a field decides more than its own value: keys, the order made by hand, who has which role; and a foreign key
/// whose list on the other side the caller was granted.
fn is_open(world: &World, session: &Session<'_>, c: &Collection, field: &Field) -> bool {
    let mut relations = world
        .schema
        .relations()
        .iter()
        .filter(|relation| relation.many == c.name);
    let listed = relations
        .clone()
        .filter(|relation| relation.many_field == field.name)
        .any(|relation| {
            let one = relation.one.as_deref().and_then(|one| world.schema.collection(one));
            one.zip(relation.one_field.as_deref())
                .is_some_and(|(one, list)| session.grants(one, list))
        });
    let by_hand = c.sort_field.as_ref() == Some(&field.name)
        || relations.any(|relation| relation.sort_field.as_ref() == Some(&field.name));
    let role = matches!(
        (c.name.as_str(), field.name.as_str()),
        ("directus_users", "role") | ("directus_roles", "parent")
    );
    field.name == c.key || listed || by_hand || role
}

/// The world with other values in most of the hidden cells. Of a secret it may be known whether there is one.
fn changed(world: &World, hidden: &BTreeSet<Cell>, random: &mut Random) -> World {
    let mut after = world.clone();
    for c in world.schema.collections() {
        for row in after.rows.get_mut(&c.name).into_iter().flatten() {
            let key = key_text(c, row);
            for field in c
                .fields
                .values()
                .filter(|field| hidden.contains(&(c.name.clone(), key.clone(), field.name.clone())))
            {
                let there = row.get(&field.name).is_some_and(|value| *value != Param::Null);
                if !random.chance(CHANGED) || (field.is_concealed() && !there) {
                    continue;
                }
                let value = worlds::cell(random, &world.schema, c, field);
                if !(field.is_concealed() && value == Param::Null) {
                    row.insert(field.name.clone(), value);
                }
            }
        }
    }
    after
}

fn differing(before: &World, after: &World) -> Vec<Cell> {
    let mut cells = Vec::new();
    for c in before.schema.collections() {
        let rows = |world: &'_ World| world.rows.get(&c.name).cloned().unwrap_or_default();
        for (old, new) in rows(before).iter().zip(&rows(after)) {
            let fields = old.iter().filter(|(name, value)| new.get(*name) != Some(value));
            cells.extend(fields.map(|(name, _)| (c.name.clone(), key_text(c, old), name.clone())));
        }
    }
    cells
}

/// The cells' values in the second world, as changes of the first.
fn changes<'a>(
    from: &'a World,
    to: &'a World,
    cells: &'a [Cell],
) -> Vec<(&'a Collection, &'a crate::evaluator::Row, &'a str, Param)> {
    let row = |world: &'a World, c: &Collection, key: &str| {
        world.rows.get(&c.name)?.iter().find(|row| key_text(c, row) == key)
    };
    let change = |(collection, key, field): &'a Cell| {
        let c = from.schema.collection(collection)?;
        let value = row(to, c, key)?.get(field)?.clone();
        Some((c, row(from, c, key)?, field.as_str(), value))
    };
    cells.iter().filter_map(change).collect()
}

/// A smaller leak: the same change of cells, as far as they are still there and still hidden.
fn smaller(
    product: &Product,
    place: Place,
    world: &World,
    after: &World,
    caller: &Caller,
    question: &Question,
) -> Result<Finding, Error> {
    let counterpart = |small: &World| {
        let hidden = hidden(small, &Session::new(small, caller));
        let mut changed = small.clone();
        for c in small.schema.collections() {
            for row in changed.rows.get_mut(&c.name).into_iter().flatten() {
                let key = key_text(c, row);
                let new = after
                    .rows
                    .get(&c.name)
                    .and_then(|rows| rows.iter().find(|row| key_text(c, row) == key));
                for (name, value) in new.into_iter().flatten() {
                    if hidden.contains(&(c.name.clone(), key.clone(), name.clone())) {
                        row.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        changed
    };
    let answers = |small: &World, question: &Question| -> Result<(Ours, Ours, Vec<Cell>), Error> {
        let changed = counterpart(small);
        product.load(small)?;
        let before = ask(product, small, caller, question);
        product.load(&changed)?;
        Ok((
            before,
            ask(product, &changed, caller, question),
            differing(small, &changed),
        ))
    };
    let fails = |small: &World, question: &Question| {
        answers(small, question).is_ok_and(|(before, again, _)| !same(&before, &again))
    };
    let (small, question) = shrink::smaller(world.clone(), question.clone(), &fails);
    let (before, again, cells) = answers(&small, &question)?;
    Ok(describe(
        product,
        place,
        &small,
        caller,
        &question,
        &Sides::Leak(&before, &again, &cells),
    ))
}
