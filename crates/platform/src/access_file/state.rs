//! Who may do what, as a whole: roles, policies with their permissions, and who has them. The same form holds what is stored
//! and what a file wants, so that comparing, counting and telling know one form only. Must never hold a row of content.

use std::collections::BTreeMap;

use aedile_engine::{
    Json, Object,
    access::{Action, Policies, policy},
};
use serde_json::json;

use crate::{
    email, identity,
    system::policies::{self, PUBLIC},
};

/// Longest way up a tree of roles: a longer one is a loop.
const MAX_DEPTH: usize = 64;

/// A role.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Role {
    pub id: String,
    pub name: String,
    pub icon: Option<String>,
    pub description: Option<String>,
    pub parent: Option<String>,
}

/// A policy with its permissions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Policy {
    pub id: String,
    pub name: String,
    pub icon: Option<String>,
    pub description: Option<String>,
    pub admin_access: bool,
    pub app_access: bool,
    pub enforce_tfa: bool,
    pub ip_access: Vec<String>,
    pub permissions: Vec<Permission>,
}

/// What a policy permits. Rules are in their [normal form](normal).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Permission {
    /// Its row; none for one that is not stored yet.
    pub id: Option<i64>,
    pub collection: String,
    pub action: Action,
    /// In the order of the alphabet, `*` alone for all.
    pub fields: Vec<String>,
    pub rule: Json,
    pub validation: Json,
    pub presets: Json,
}

/// Who a policy is attached to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    Public,
    Role(String),
    User(String),
}

/// A user, as far as access looks at one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct User {
    pub id: String,
    pub email: Option<String>,
    pub role: Option<String>,
    pub active: bool,
}

/// Everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    pub roles: Vec<Role>,
    pub policies: Vec<Policy>,
    /// The policies of each holder, in the order they add up.
    pub attached: BTreeMap<Holder, Vec<String>>,
}

impl Role {
    /// The row as verbs take it.
    pub fn row(&self) -> Object {
        let mut row = Object::new();
        row.insert("id".to_owned(), self.id.as_str().into());
        row.insert("name".to_owned(), self.name.as_str().into());
        optional(&mut row, "icon", self.icon.as_deref());
        optional(&mut row, "description", self.description.as_deref());
        row.insert("parent".to_owned(), self.parent.as_deref().into());
        row
    }
}

impl Policy {
    /// What people call it.
    pub fn called(&self) -> &str {
        policies::called(&self.id, &self.name)
    }

    /// The row as verbs take it.
    pub fn row(&self) -> Object {
        let mut row = Object::new();
        row.insert("id".to_owned(), self.id.as_str().into());
        row.insert("name".to_owned(), self.name.as_str().into());
        optional(&mut row, "icon", self.icon.as_deref());
        optional(&mut row, "description", self.description.as_deref());
        row.insert("admin_access".to_owned(), self.admin_access.into());
        row.insert("app_access".to_owned(), self.app_access.into());
        row.insert("enforce_tfa".to_owned(), self.enforce_tfa.into());
        let addresses = (!self.ip_access.is_empty()).then(|| self.ip_access.clone());
        row.insert("ip_access".to_owned(), addresses.into());
        row
    }

    /// The policy with its permissions, as one that is drafted: counting from everywhere, since nobody's address is known.
    pub fn draft(&self) -> Json {
        let permissions: Vec<Json> = self.permissions.iter().map(|one| one.row(None).into()).collect();
        let mut draft = self.row();
        draft.remove("ip_access");
        draft.insert("permissions".to_owned(), permissions.into());
        Json::Object(draft)
    }
}

impl Permission {
    /// The row as verbs take it, of this policy.
    pub fn row(&self, policy: Option<&str>) -> Object {
        let fields = (!self.fields.is_empty()).then(|| self.fields.clone());
        let row = json!({
            "collection": self.collection, "action": self.action.as_str(), "fields": fields,
            "permissions": self.rule, "validation": self.validation, "presets": self.presets,
        });
        let Json::Object(mut row) = row else {
            return Object::new();
        };
        if let Some(id) = self.id {
            row.insert("id".to_owned(), id.into());
        }
        if let Some(policy) = policy {
            row.insert("policy".to_owned(), policy.into());
        }
        row
    }

    /// Whether both permit the same.
    pub fn same(&self, other: &Permission) -> bool {
        let anonymous = |one: &Permission| Permission {
            id: None,
            ..one.clone()
        };
        anonymous(self) == anonymous(other)
    }
}

impl User {
    /// What people call it: its address, or its id where it has none.
    pub fn called(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.id)
    }

    /// Whether a file's word means this user.
    pub fn is(&self, word: &str) -> bool {
        let address = self.email.as_deref().map(email::comparable);
        self.id.eq_ignore_ascii_case(word) || address.is_some_and(|own| own == email::comparable(word))
    }
}

impl State {
    /// The role of this id.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// The policy of this id.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id == id)
    }

    /// The names from the root of the tree down to this role.
    pub fn path(&self, id: &str) -> Vec<&str> {
        let mut path = Vec::new();
        let mut next = self.role(id);
        while let Some(role) = next.filter(|_| path.len() < MAX_DEPTH) {
            path.push(role.name.as_str());
            next = role.parent.as_deref().and_then(|parent| self.role(parent));
        }
        path.reverse();
        path
    }

    /// The same as access is judged by. Policies count from everywhere: nobody's address is known here.
    pub fn policies(&self) -> Policies {
        let drafts: Vec<Json> = self.policies.iter().map(Policy::draft).collect();
        let roles = self.roles.iter().map(|role| policy::Role {
            id: role.id.clone(),
            name: role.name.clone(),
            parent: role.parent.clone(),
        });
        let attached = self.attached.iter().flat_map(|(holder, policies)| {
            policies.iter().map(|policy| policy::Attachment {
                user: match holder {
                    Holder::User(id) => Some(id.clone()),
                    _ => None,
                },
                role: match holder {
                    Holder::Role(id) => Some(id.clone()),
                    _ => None,
                },
                policy: policy.clone(),
            })
        });
        Policies::new(identity::policies_of(&drafts), roles, attached)
    }

    /// Puts everything into the order of files: names first, so that two versions compare well.
    pub fn sort(&mut self) {
        let paths: BTreeMap<String, Vec<String>> = self
            .roles
            .iter()
            .map(|role| {
                (
                    role.id.clone(),
                    self.path(&role.id).into_iter().map(str::to_owned).collect(),
                )
            })
            .collect();
        self.roles
            .sort_by(|a, b| (paths.get(&a.id), &a.id).cmp(&(paths.get(&b.id), &b.id)));
        self.policies.sort_by(|a, b| {
            let first = |policy: &Policy| policy.id != PUBLIC;
            (first(a), a.called(), &a.id).cmp(&(first(b), b.called(), &b.id))
        });
        for policy in &mut self.policies {
            let place = |one: &Permission| Action::ALL.into_iter().position(|action| action == one.action);
            policy
                .permissions
                .sort_by(|a, b| (&a.collection, place(a), a.id).cmp(&(&b.collection, place(b), b.id)));
        }
    }
}

/// A rule, validation or presets in the form by which two are compared: nothing to say is null, and a list of one
/// condition is that condition.
pub(crate) fn normal(rule: &Json) -> Json {
    match rule {
        Json::Object(object) if object.is_empty() => Json::Null,
        Json::Object(object) => match (
            object.len(),
            object.get("_and").and_then(Json::as_array).map(Vec::as_slice),
        ) {
            (1, Some([only @ Json::Object(inner)])) if !inner.is_empty() => normal(only),
            _ => rule.clone(),
        },
        _ => rule.clone(),
    }
}

/// Fields in the form by which two lists are compared.
pub(crate) fn normal_fields(mut fields: Vec<String>) -> Vec<String> {
    fields.retain(|field| !field.is_empty());
    if fields.iter().any(|field| field == "*") {
        return vec!["*".to_owned()];
    }
    fields.sort();
    fields.dedup();
    fields
}

fn optional(row: &mut Object, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        row.insert(name.to_owned(), value.into());
    }
}
