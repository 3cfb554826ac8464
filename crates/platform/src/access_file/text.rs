//! The file itself: who may do what as YAML, sorted, so that the same state is always the same text.

use std::collections::BTreeMap;

use aedile_engine::{Json, Object};

use super::{
    state::{Holder, Permission, Policy, Role, State, User},
    stored::Stored,
};
use crate::document::write;

/// What every file begins with.
const HEAD: &str = "\
# Who may do what in this project: roles, policies with their permissions, and who has them.
#   aedile access diff FILE     what it would change, and who would gain or lose what
#   aedile access apply FILE    makes the database so
";

/// The version of the form.
pub(super) const VERSION: i64 = 1;

/// The file of what is stored; the section of users only if it is wanted.
pub(super) fn text(stored: &Stored, with_users: bool) -> String {
    let state = &stored.state;
    let mut out = HEAD.to_owned();
    let mut top = Object::new();
    top.insert("version".to_owned(), VERSION.into());
    write::members(&mut out, &top, 0);
    let public: Vec<Json> = refs(state, state.attached.get(&Holder::Public));
    out.push_str("\n# The policies of everybody who is not logged in.\n");
    write::members(&mut out, &object([("public", public.into())]), 0);
    let roles: Vec<Object> = state.roles.iter().map(|one| role(state, one)).collect();
    section(
        &mut out,
        "\n# Roles; what is left out here is deleted by applying, and users of a deleted role are suspended.\n",
        "roles",
        &roles,
    );
    if with_users {
        let users: Vec<Object> = stored.users.iter().filter_map(|one| user(state, one)).collect();
        section(
            &mut out,
            "\n# Policies that users have of their own, besides those of their roles.\n",
            "users",
            &users,
        );
    }
    out.push_str("\npolicies:\n");
    for (i, one) in state.policies.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        write::elements(&mut out, &[policy(one)], 2);
        permissions(&mut out, one);
    }
    out
}

/// A policy's permissions: a line at least for each collection and action, so that a change is a change of its own line.
fn permissions(out: &mut String, policy: &Policy) {
    let collections = collections(policy);
    if !collections.is_empty() {
        out.push_str("    permissions:\n");
    }
    for (collection, actions) in &collections {
        write::block(out, collection, actions, 6);
    }
}

fn section(out: &mut String, comment: &str, name: &str, list: &[Object]) {
    out.push_str(comment);
    out.push_str(name);
    if list.is_empty() {
        out.push_str(": []\n");
        return;
    }
    out.push_str(":\n");
    write::elements(out, list, 2);
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Object {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Policies by their names; by its id where a name is not one policy's alone.
fn refs(state: &State, policies: Option<&Vec<String>>) -> Vec<Json> {
    let known = policies.into_iter().flatten().filter_map(|id| state.policy(id));
    known
        .map(|policy| {
            let same = state.policies.iter().filter(|other| other.called() == policy.called());
            if same.count() == 1 { policy.called() } else { &policy.id }.into()
        })
        .collect()
}

fn role(state: &State, role: &Role) -> Object {
    let mut told = object([("name", role.name.as_str().into()), ("id", role.id.as_str().into())]);
    looks(&mut told, role.icon.as_deref(), role.description.as_deref());
    if let Some(parent) = role.parent.as_deref().and_then(|id| state.role(id)) {
        let same = state.roles.iter().filter(|other| other.name == parent.name).count();
        let shown = if same == 1 { &parent.name } else { &parent.id };
        told.insert("parent".to_owned(), shown.as_str().into());
    }
    let policies = refs(state, state.attached.get(&Holder::Role(role.id.clone())));
    told.insert("policies".to_owned(), policies.into());
    told
}

/// A user with policies of their own.
fn user(state: &State, user: &User) -> Option<Object> {
    let policies = state.attached.get(&Holder::User(user.id.clone()))?;
    let policies = refs(state, Some(policies));
    Some(object([("user", user.called().into()), ("policies", policies.into())]))
}

fn policy(policy: &Policy) -> Object {
    let mut told = object([("name", policy.called().into()), ("id", policy.id.as_str().into())]);
    looks(&mut told, policy.icon.as_deref(), policy.description.as_deref());
    for (name, set) in [
        ("admin_access", policy.admin_access),
        ("app_access", policy.app_access),
        ("enforce_tfa", policy.enforce_tfa),
    ] {
        if set {
            told.insert(name.to_owned(), true.into());
        }
    }
    if !policy.ip_access.is_empty() {
        told.insert("ip_access".to_owned(), policy.ip_access.clone().into());
    }
    told
}

/// Permissions by collection and action; several for the same are a list.
fn collections(policy: &Policy) -> BTreeMap<&str, Object> {
    let mut found: BTreeMap<&str, Object> = BTreeMap::new();
    for one in &policy.permissions {
        let actions = found.entry(&one.collection).or_default();
        let told = Json::Object(permission(one));
        match actions.get_mut(one.action.as_str()) {
            None => {
                actions.insert(one.action.as_str().to_owned(), told);
            }
            Some(Json::Array(list)) => list.push(told),
            Some(first) => {
                let list = vec![first.take(), told];
                *first = list.into();
            }
        }
    }
    found
}

/// Icon and description, but for those that stand for words of each language.
fn looks(told: &mut Object, icon: Option<&str>, description: Option<&str>) {
    for (name, value) in [("icon", icon), ("description", description)] {
        if let Some(value) = value.filter(|value| !value.is_empty() && !value.starts_with("$t:")) {
            told.insert(name.to_owned(), value.into());
        }
    }
}

fn permission(permission: &Permission) -> Object {
    let fields = match permission.fields.as_slice() {
        [all] if all == "*" => Json::from("*"),
        fields => fields.to_vec().into(),
    };
    let mut told = object([("fields", fields)]);
    for (name, value) in [
        ("where", &permission.rule),
        ("presets", &permission.presets),
        ("validation", &permission.validation),
    ] {
        if !value.is_null() {
            told.insert(name.to_owned(), value.clone());
        }
    }
    told
}
