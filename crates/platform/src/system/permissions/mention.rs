//! Whether a stored rule looks at a field or collection that is about to go. What then stayed of it would come to life
//! with a namesake; it must never miss a mention that the rules' own grammar would follow.

use aedile_engine::{
    Json,
    schema::{Link, Schema},
};

/// What goes: a field, or a collection as a whole.
#[derive(Clone, Copy)]
pub(crate) struct Gone<'a> {
    pub collection: &'a str,
    pub field: Option<&'a str>,
}

impl Gone<'_> {
    fn is(self, collection: &str, field: &str) -> bool {
        self.collection == collection && self.field.is_none_or(|gone| gone == field)
    }
}

/// Whether a rule or validation on the items of a collection mentions it, at any depth and through any relation.
pub(crate) fn mentions(schema: &Schema, collection: &str, rule: &Json, gone: Gone<'_>) -> bool {
    match rule {
        Json::Object(members) => members
            .iter()
            .any(|(name, inner)| member(schema, collection, name, inner, gone)),
        Json::Array(list) => list.iter().any(|part| mentions(schema, collection, part, gone)),
        Json::String(text) => variable(schema, text, gone),
        _ => false,
    }
}

fn member(schema: &Schema, collection: &str, name: &str, inner: &Json, gone: Gone<'_>) -> bool {
    if let Some(followed) = name.strip_prefix("$FOLLOW(").and_then(|rest| rest.strip_suffix(')')) {
        let (many, field) = followed.split_once(',').unwrap_or((followed, ""));
        let (many, field) = (many.trim(), field.trim());
        return gone.is(many, field) || mentions(schema, many, inner, gone);
    }
    if name.starts_with('_')
        && schema
            .collection(collection)
            .is_none_or(|known| known.field(name).is_none())
    {
        return mentions(schema, collection, inner, gone);
    }
    let (field, scope) = name
        .split_once(':')
        .map_or((name, None), |(field, scope)| (field, Some(scope)));
    let field = field
        .split_once('(')
        .map_or(field, |(_, inside)| inside.trim_end_matches(')').trim());
    if gone.is(collection, field) {
        return true;
    }
    let target = target(schema, collection, field).or(scope);
    match target {
        Some(target) => gone.field.is_none() && target == gone.collection || mentions(schema, target, inner, gone),
        None => mentions(schema, collection, inner, gone),
    }
}

fn target<'s>(schema: &'s Schema, collection: &str, field: &str) -> Option<&'s str> {
    match schema.link(collection, field)? {
        Link::One { target, .. } | Link::Many { target, .. } => Some(target.name.as_str()),
        Link::Any { .. } => None,
    }
}

/// `$CURRENT_USER.team.name` and its kin.
fn variable(schema: &Schema, text: &str, gone: Gone<'_>) -> bool {
    let path = [
        ("$CURRENT_USER.", "directus_users"),
        ("$CURRENT_ROLE.", "directus_roles"),
    ];
    let found = path
        .into_iter()
        .find_map(|(start, of)| Some((text.strip_prefix(start)?, of)));
    let Some((path, mut collection)) = found else {
        return false;
    };
    for step in path.split('.') {
        if gone.is(collection, step) {
            return true;
        }
        match target(schema, collection, step) {
            Some(next) => collection = next,
            None => return false,
        }
        if gone.field.is_none() && collection == gone.collection {
            return true;
        }
    }
    false
}
