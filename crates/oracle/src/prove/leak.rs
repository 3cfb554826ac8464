//! Non-interference: what a caller may not read is changed, and every answer of the server must stay the same, to the
//! byte: status, headers and body. Left alone is what the caller's own rules and their variables look at, and what decides
//! who the caller is.

use std::{collections::HashSet, time::SystemTime};

use aedile_engine::{
    Error,
    query::{Limits, parse},
    schema::{Collection, Field},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value as Json, json};

use super::{
    finding::{self, Finding, Place},
    project::{Asked, Project, Told},
    queries::{Question, Questions, Target},
    random::Random,
    report::{Report, is_empty},
    shrink, worlds,
};
use crate::{
    evaluator::Session,
    world::{Caller, Cell, World, key_text},
};

/// Questions that are asked before and after a change.
const QUESTIONS: usize = 100;
/// Changes that are tried for each caller.
const ROUNDS: usize = 2;
/// Questions in each world, by its two callers.
pub(super) const PER_WORLD: u64 = 400;
/// Of a hundred hidden values, so many are changed.
const CHANGED: usize = 70;
/// Of a hundred questions, so many shall have an answer, if such can be found.
const PICKY: usize = 50;
/// Questions that are thrown away at most for one about a collection in which something changes.
const DRAWS: usize = 4;
/// A file that is no longer than this holds no item.
const EMPTY_FILE: usize = 60;
/// File formats of whole answers.
const EXPORTS: [&str; 5] = ["csv", "json", "csv_utf8", "xml", "yaml"];

/// Asks, changes what is hidden, asks again.
pub(super) fn probe(project: &Project<'_>, place: Place, report: &mut Report) -> Result<(), Error> {
    let mut random = Random::new(place.0 ^ 0x004C_6561_6B73, place.1);
    // The server's clock is the real one.
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let now = i64::try_from(now.as_millis()).unwrap_or_default();
    let (world, callers) = worlds::world(&mut random, project.dialect(), now);
    let server = project.serve(&world)?;
    for caller in callers {
        // Nothing listens here: no request has an address.
        let caller = Caller { ip: None, ..caller };
        let session = Session::new(&world, &caller);
        let hidden = hidden(&world, &session);
        for _ in 0..ROUNDS {
            let after = changed(&world, &hidden, &mut random);
            let cells = differing(&world, &after);
            let near: HashSet<&str> = cells.iter().map(|(collection, ..)| collection.as_str()).collect();
            let mut questions: Vec<(bool, Asked)> = Vec::new();
            for _ in 0..QUESTIONS {
                if let Some(question) = question(&mut random, &world, &session, &near) {
                    let is_near = near.contains(question.collection.as_str());
                    questions.push((is_near, asked(&mut random, &caller, &question)));
                }
            }
            let ask = || -> Result<Vec<Told>, Error> {
                questions
                    .iter()
                    .map(|(_, asked)| project.ask(&server, &caller, asked))
                    .collect()
            };
            let before = ask()?;
            project.change(&after, &cells)?;
            let again = ask()?;
            project.change(&world, &cells)?;
            for (((near, asked), before), again) in questions.iter().zip(&before).zip(&again) {
                let telling = before.status.is_success() && tells(&before.body);
                report.leak += 1;
                report.changed += u64::from(!cells.is_empty());
                report.near += u64::from(*near);
                report.telling += u64::from(telling);
                report.strong += u64::from(*near && telling);
                if !same(before, again) {
                    report
                        .findings
                        .push(smaller(project, place, &world, &after, &caller, asked)?);
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// A question, mostly about a collection in which something changes, and often one that has an answer.
fn question<'w>(
    random: &mut Random,
    world: &'w World,
    session: &'w Session<'w>,
    near: &HashSet<&str>,
) -> Option<Question> {
    let picky = random.chance(PICKY);
    let answered = |question: &Question| {
        let query = parse::parse(&question.raw, &Limits::default()).ok()?;
        let answer = question.answer(session, &query)?;
        Some(!is_empty(answer.get("data")?))
    };
    let mut drawn = None;
    for _ in 0..DRAWS {
        drawn = Questions::new(random, world, session).question();
        let fits = |question: &Question| {
            near.contains(question.collection.as_str()) && (!picky || answered(question) == Some(true))
        };
        if drawn.as_ref().is_some_and(fits) {
            break;
        }
    }
    drawn
}

/// The question as a request: every door that reads.
fn asked(random: &mut Random, caller: &Caller, question: &Question) -> Asked {
    let mut raw = question.raw.clone();
    if random.chance(12) {
        raw.insert("export".to_owned(), random.pick(&EXPORTS).into());
    }
    let root = match question.collection.strip_prefix("directus_") {
        Some(system) => format!("/{system}"),
        None => format!("/items/{}", question.collection),
    };
    let key = match &question.target {
        Target::Item(Json::String(key)) => Some(key.as_str()),
        _ => None,
    };
    let path = match key {
        Some(key) if root == "/users" && caller.user.as_deref() == Some(key) => "/users/me".to_owned(),
        Some(key) => format!("{root}/{}", utf8_percent_encode(key, NON_ALPHANUMERIC)),
        None => root,
    };
    if key.is_none() && random.chance(50) {
        return Asked {
            method: "SEARCH",
            uri: path,
            body: Some(json!({ "query": raw })),
        };
    }
    Asked {
        method: "GET",
        uri: format!("{path}?{}", encoded(&raw)),
        body: None,
    }
}

/// Parameters as they stand in an address.
fn encoded(raw: &Map<String, Json>) -> String {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Array(list) if list.iter().all(Json::is_string) => {
            let names: Vec<&str> = list.iter().filter_map(Json::as_str).collect();
            names.join(",")
        }
        other => other.to_string(),
    };
    let pair = |(name, value): (&String, &Json)| {
        let value = text(value);
        format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC))
    };
    raw.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Whether an answer tells something: files tell what is in them.
fn tells(body: &[u8]) -> bool {
    match serde_json::from_slice::<Json>(body) {
        Ok(Json::Object(answer)) => !is_empty(answer.get("data").unwrap_or(&Json::Null)),
        Ok(data) => !is_empty(&data),
        Err(_) => body.len() > EMPTY_FILE,
    }
}

fn same(before: &Told, again: &Told) -> bool {
    before == again && !before.status.is_server_error()
}

/// The cells the caller may not read and that nothing it is allowed depends on.
fn hidden(world: &World, session: &Session<'_>) -> HashSet<Cell> {
    let mut hidden = HashSet::new();
    if session.admin {
        return hidden;
    }
    let mut readable = HashSet::new();
    for c in world.schema.collections() {
        for item in session.rows(c) {
            // Every rule is asked, also one that grants no field: it shows that there is a row.
            session.visible(item);
            let fields = c
                .fields
                .values()
                .filter(|field| !field.is_concealed() && session.sees(item, &field.name));
            let key = item.row.map(|row| key_text(c, row)).unwrap_or_default();
            readable.extend(fields.map(|field| (c.name.clone(), key.clone(), field.name.clone())));
        }
    }
    let looked_at = session.looked_at.borrow();
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
                .is_some_and(|(one, list)| session.grants(one, "read", list))
        });
    let by_hand = c.sort_field.as_ref() == Some(&field.name)
        || relations.any(|relation| relation.sort_field.as_ref() == Some(&field.name));
    let role = matches!(
        (c.name.as_str(), field.name.as_str()),
        ("directus_users", "role" | "token") | ("directus_roles", "parent")
    );
    field.name == c.key || listed || by_hand || role
}

/// The world with other values in most of the hidden cells. Of a secret it may be known whether there is one.
fn changed(world: &World, hidden: &HashSet<Cell>, random: &mut Random) -> World {
    let mut after = world.clone();
    for c in world.schema.collections() {
        for row in after.rows.get_mut(&c.name).into_iter().flatten() {
            let key = key_text(c, row);
            for field in c
                .fields
                .values()
                .filter(|field| hidden.contains(&(c.name.clone(), key.clone(), field.name.clone())))
            {
                let there = row.get(&field.name).is_some_and(|value| !value.is_null());
                if !random.chance(CHANGED) || (field.is_concealed() && !there) {
                    continue;
                }
                let value = worlds::cell(random, &world.schema, c, field);
                if !(field.is_concealed() && value.is_null()) {
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

/// A smaller leak: the same change of cells, as far as they are still there and still hidden.
fn smaller(
    project: &Project<'_>,
    (seed, number): Place,
    world: &World,
    after: &World,
    caller: &Caller,
    asked: &Asked,
) -> Result<Finding, Error> {
    let counterpart = |small: &World| {
        let hidden = hidden(small, &Session::new(small, caller));
        let mut changed = small.clone();
        for c in small.schema.collections() {
            for row in changed.rows.get_mut(&c.name).into_iter().flatten() {
                let key = key_text(c, row);
                let mut same = after.rows.get(&c.name).into_iter().flatten();
                for (name, value) in same.find(|row| key_text(c, row) == key).into_iter().flatten() {
                    if hidden.contains(&(c.name.clone(), key.clone(), name.clone())) {
                        row.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        changed
    };
    let answers = |small: &World| -> Result<(Told, Told, Vec<Cell>), Error> {
        let changed = counterpart(small);
        let cells = differing(small, &changed);
        let server = project.serve(small)?;
        let before = project.ask(&server, caller, asked)?;
        project.change(&changed, &cells)?;
        Ok((before, project.ask(&server, caller, asked)?, cells))
    };
    let fails = |small: &World| answers(small).is_ok_and(|(before, again, _)| !same(&before, &again));
    let small = shrink::smaller_world(world.clone(), &fails);
    let (before, again, cells) = answers(&small)?;
    let told = |told: &Told| {
        let (status, body) = (told.status.as_u16(), String::from_utf8_lossy(&told.body));
        format!("{status} {body} {:?}", told.headers)
    };
    let mut lines = vec![format!("caller    {caller:?}"), format!("asked     {asked:?}")];
    lines.extend(finding::told_world(&small));
    lines.push(format!("changed   {cells:?}"));
    lines.push(format!("before    {}", told(&before)));
    lines.push(format!("after     {}\n", told(&again)));
    Ok(Finding {
        again: format!("--seed {seed} --world {number}"),
        text: lines.join("\n"),
    })
}
