//! A finding, with all that is needed to see it: where it came from, who asked what, under which permissions, of which rows.

use std::fmt;

use aedile_engine::query::{Limits, parse};
use serde_json::Value as Json;

use super::{Ours, product::Product, queries::Question};
use crate::world::{Caller, World};

/// Something that must not be.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The command line that finds it again.
    pub again: String,
    /// All there is to say of it.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "=== {}", self.again)?;
        f.write_str(&self.text)
    }
}

/// Where a world came from: the seed, and its number.
pub(super) type Place = (u64, u64);

/// Writes a finding down.
pub(super) fn describe(
    product: &Product<'_>,
    (seed, number): Place,
    world: &World,
    caller: &Caller,
    question: &Question,
    ours: &Ours,
    theirs: &Option<Json>,
) -> Finding {
    let raw = Json::Object(question.raw.clone());
    let mut lines = vec![
        format!("caller    {caller:?}"),
        format!("question  {} {:?} {raw}", question.collection, question.target),
    ];
    lines.extend(told_world(world));
    lines.push(format!("product   {}", told(ours)));
    lines.push(match theirs {
        Some(json) => format!("evaluator {json}"),
        None => "evaluator refused".to_owned(),
    });
    if let Ok(query) = parse::parse(&question.raw, &Limits::default()) {
        let asking = Product::asking(world, caller);
        lines.push(format!(
            "statement {}",
            product.statement(world, &asking, question, &query)
        ));
    }
    lines.push(String::new());
    Finding {
        again: format!("--seed {seed} --world {number}"),
        text: lines.join("\n"),
    }
}

/// What is stored of rights, and the rows.
pub(super) fn told_world(world: &World) -> Vec<String> {
    let mut lines = rights(world);
    lines.extend(data(world));
    lines
}

/// Policies, where they are attached, and permissions.
fn rights(world: &World) -> Vec<String> {
    let attached = world
        .attachments
        .iter()
        .map(|attachment| format!("attached  {attachment:?}"));
    let special = world.policies.iter().filter(|p| p.admin || p.app || p.ip.is_some());
    let policies = special.map(|policy| format!("policy    {policy:?}"));
    let permissions = world.permissions.iter().map(|p| {
        let (policy, action, collection) = (&p.policy, &p.action, &p.collection);
        format!(
            "permits   {policy} {action} {collection} rule={} fields={}",
            p.rule, p.fields
        )
    });
    attached.chain(policies).chain(permissions).collect()
}

/// Relations of what has rows, and the rows.
fn data(world: &World) -> Vec<String> {
    let held = |name: &str| world.rows.get(name).is_some_and(|rows| !rows.is_empty());
    let relations = world.schema.relations().iter();
    let relations = relations
        .filter(|r| held(&r.many) || r.one.as_deref().is_some_and(held))
        .map(|r| {
            let one = format!("{:?}.{:?} any={:?}", r.one, r.one_field, r.one_allowed);
            format!(
                "relation  {}.{} -> {one} indexed={} sort={:?}",
                r.many, r.many_field, r.indexed, r.sort_field
            )
        });
    let rows = world.schema.collections().flat_map(|c| {
        world.rows.get(&c.name).into_iter().flatten().map(|row| {
            let cells: Vec<String> = row.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
            format!("row       {} {}", c.name, cells.join(" "))
        })
    });
    relations.chain(rows).collect()
}

fn told(answer: &Ours) -> String {
    match answer {
        Ok(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Err(error) => format!("{:?} {error}", error.code()),
    }
}
