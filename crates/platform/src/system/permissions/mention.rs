//! Whether a stored rule looks at what is about to go: a field, a collection, a relation. What then stayed of it would
//! come to life with a namesake; it must never miss a mention that the rules' own grammar would follow.

use aedile_engine::{
    Json,
    schema::{Link, Relation, Schema},
};

/// What goes.
#[derive(Clone, Copy)]
pub(crate) enum Gone<'a> {
    /// A field of a collection.
    Field(&'a str, &'a str),
    /// A collection as a whole.
    Collection(&'a str),
    /// A relation: the way along its foreign key, and the way back. Both fields may stay.
    Relation(&'a Relation),
    /// The way along a relation to any collection, to this one.
    Target(&'a Relation, &'a str),
}

impl Gone<'_> {
    /// Whether whatever speaks of this field speaks of what goes.
    fn is(self, collection: &str, field: &str) -> bool {
        match self {
            Gone::Field(of, gone) => of == collection && gone == field,
            Gone::Collection(gone) => gone == collection,
            Gone::Relation(relation) => {
                relation.one.as_deref() == Some(collection) && relation.one_field.as_deref() == Some(field)
            }
            Gone::Target(..) => false,
        }
    }

    /// Whether what speaks of the item behind this field speaks of what goes.
    fn is_behind(self, collection: &str, field: &str, scope: Option<&str>) -> bool {
        let along = |relation: &Relation| relation.many == collection && relation.many_field == field;
        match self {
            Gone::Field(..) | Gone::Collection(_) => false,
            Gone::Relation(relation) => along(relation),
            Gone::Target(relation, gone) => along(relation) && scope.is_none_or(|scope| scope == gone),
        }
    }

    fn is_whole(self, collection: &str) -> bool {
        matches!(self, Gone::Collection(gone) if gone == collection)
    }

    /// Whether a preset of this field would be of what goes.
    pub fn is_preset(self, collection: &str, field: &str, value: &Json) -> bool {
        let nested = value.is_object() || value.is_array();
        self.is(collection, field) || nested && self.is_behind(collection, field, None)
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
        return gone.is(many, field) || gone.is_behind(many, field, None) || mentions(schema, many, inner, gone);
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
    let beyond = scope.is_some() || looks_beyond(inner);
    if gone.is(collection, field) || beyond && gone.is_behind(collection, field, scope) {
        return true;
    }
    let target = target(schema, collection, field).or(scope);
    match target {
        Some(target) => gone.is_whole(target) || mentions(schema, target, inner, gone),
        None => mentions(schema, collection, inner, gone),
    }
}

/// Whether a condition on a foreign key looks at the item it points to, and not at the key alone.
fn looks_beyond(condition: &Json) -> bool {
    match condition {
        Json::Object(members) => members.iter().any(|(name, inner)| match name.as_str() {
            "_and" | "_or" => looks_beyond(inner),
            "_some" | "_none" => true,
            name => !name.starts_with('_') || inner.is_object(),
        }),
        Json::Array(list) => list.iter().any(looks_beyond),
        _ => false,
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
    let mut steps = path.split('.').peekable();
    while let Some(step) = steps.next() {
        let beyond = steps.peek().is_some();
        if gone.is(collection, step) || beyond && gone.is_behind(collection, step, None) {
            return true;
        }
        match target(schema, collection, step) {
            Some(next) => collection = next,
            None => return false,
        }
        if gone.is_whole(collection) {
            return true;
        }
    }
    false
}
