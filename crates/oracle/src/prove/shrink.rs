//! Makes findings small: parameters, permissions and rows are left out as long as the finding stays.

use aedile_engine::Error;
use serde_json::{Value as Json, json};

use super::{
    both, compare,
    finding::{Finding, Place, describe},
    product::Product,
    queries::Question,
};
use crate::{
    evaluator::Session,
    world::{Caller, World},
};

/// A smaller disagreement.
pub(super) fn disagreement(
    product: &Product<'_>,
    place: Place,
    world: &World,
    caller: &Caller,
    question: &Question,
) -> Result<Finding, Error> {
    let fails = |world: &World, question: &Question| {
        if product.load(world).is_err() {
            return false;
        }
        let (ours, theirs) = both(product, world, caller, &Session::new(world, caller), question);
        !compare::agree(&ours, &theirs)
    };
    let (world, question) = smaller(world.clone(), question.clone(), &fails);
    product.load(&world)?;
    let (ours, theirs) = both(product, &world, caller, &Session::new(&world, caller), &question);
    Ok(describe(product, place, &world, caller, &question, &ours, &theirs))
}

/// Leaves out what is not needed for `fails` to hold.
fn smaller(mut world: World, mut question: Question, fails: &dyn Fn(&World, &Question) -> bool) -> (World, Question) {
    loop {
        let before = size(&world) + Json::Object(question.raw.clone()).to_string().len();
        let raw = without(&Json::Object(question.raw.clone()), &mut |raw| {
            let Json::Object(raw) = raw else { return false };
            let mut tried = question.clone();
            tried.raw = raw.clone();
            fails(&world, &tried)
        });
        if let Json::Object(raw) = raw {
            question.raw = raw;
        }
        world = smaller_world(world, &|world| fails(world, &question));
        if size(&world) + Json::Object(question.raw.clone()).to_string().len() >= before {
            return (world, question);
        }
    }
}

/// Leaves out of the world what is not needed for `fails` to hold.
pub(super) fn smaller_world(mut world: World, fails: &dyn Fn(&World) -> bool) -> World {
    leave_out(&mut world, |world| &mut world.permissions, fails);
    leave_out(&mut world, |world| &mut world.attachments, fails);
    simplify(&mut world, fails);
    let names: Vec<String> = world.schema.collections().map(|c| c.name.clone()).collect();
    for name in names {
        leave_out(&mut world, |world| world.rows.entry(name.clone()).or_default(), fails);
    }
    world
}

fn size(world: &World) -> usize {
    let permissions: usize = world
        .permissions
        .iter()
        .map(|p| 20 + p.rule.to_string().len() + p.fields.to_string().len())
        .sum();
    let rows: usize = world.rows.values().map(Vec::len).sum();
    permissions + rows + world.attachments.len()
}

fn leave_out<T: Clone>(world: &mut World, list: impl Fn(&mut World) -> &mut Vec<T>, fails: &dyn Fn(&World) -> bool) {
    let mut i = 0;
    while i < list(world).len() {
        let removed = list(world).remove(i);
        if !fails(world) {
            list(world).insert(i, removed);
            i += 1;
        }
    }
}

/// Rules without their parts, and fields as few as it takes.
fn simplify(world: &mut World, fails: &dyn Fn(&World) -> bool) {
    for i in 0..world.permissions.len() {
        let Some(permission) = world.permissions.get(i).cloned() else {
            return;
        };
        let try_with = |rule: &Json, fields: &Json| {
            let mut tried = world.clone();
            if let Some(permission) = tried.permissions.get_mut(i) {
                (permission.rule, permission.fields) = (rule.clone(), fields.clone());
            }
            fails(&tried)
        };
        let rule = if try_with(&Json::Null, &permission.fields) {
            Json::Null
        } else {
            without(&permission.rule, &mut |rule| try_with(rule, &permission.fields))
        };
        let fields = if try_with(&rule, &json!(["*"])) {
            json!(["*"])
        } else {
            without(&permission.fields, &mut |fields| try_with(&rule, fields))
        };
        if let Some(permission) = world.permissions.get_mut(i) {
            (permission.rule, permission.fields) = (rule, fields);
        }
    }
}

/// The value without those of its members and elements that are not needed.
fn without(json: &Json, fails: &mut dyn FnMut(&Json) -> bool) -> Json {
    let mut json = json.clone();
    let places: Vec<String> = match &json {
        Json::Object(object) => object.keys().cloned().collect(),
        Json::Array(list) => (0..list.len()).rev().map(|i| i.to_string()).collect(),
        _ => return json,
    };
    for place in places {
        let mut shorter = json.clone();
        match &mut shorter {
            Json::Object(object) => drop(object.remove(&place)),
            Json::Array(list) => drop(place.parse().ok().map(|i: usize| list.remove(i))),
            _ => {}
        }
        if fails(&shorter) {
            json = shorter;
            continue;
        }
        let pointer = format!("/{}", place.replace('~', "~0").replace('/', "~1"));
        let Some(inner) = json.pointer(&pointer).cloned() else {
            continue;
        };
        let smaller = without(&inner, &mut |inner| {
            let mut tried = json.clone();
            if let Some(place) = tried.pointer_mut(&pointer) {
                *place = inner.clone();
            }
            fails(&tried)
        });
        if let Some(place) = json.pointer_mut(&pointer) {
            *place = smaller;
        }
    }
    json
}
