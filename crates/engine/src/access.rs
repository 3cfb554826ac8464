//! Who may do what: policies in, one immutable [`Access`] per caller out.
//! Fails closed: an empty set grants nothing, what cannot be understood grants nothing. Never reads a row.

pub mod caller;
pub mod explain;
pub mod ip;
pub mod policy;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use indexmap::IndexSet;
use serde_json::json;

use crate::{Json, Object, query::Filter};
pub use caller::{Caller, Reason};
pub use explain::{Explanation, explain};
pub use policy::{Permission, Policies, Policy, Rule, Via};

/// What can be done to items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the wire names and say what they mean")]
pub enum Action {
    Create,
    Read,
    Update,
    Delete,
    Share,
}

impl Action {
    /// Every action, in the order of the documentation.
    pub const ALL: [Action; 5] = [
        Action::Create,
        Action::Read,
        Action::Update,
        Action::Delete,
        Action::Share,
    ];

    /// The action of this wire name.
    pub fn parse(name: &str) -> Option<Action> {
        Action::ALL.into_iter().find(|action| action.as_str() == name)
    }

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Read => "read",
            Action::Update => "update",
            Action::Delete => "delete",
            Action::Share => "share",
        }
    }
}

/// Fields that a permission names.
#[derive(Clone, Debug, PartialEq)]
pub enum Fields {
    /// `*`
    All,
    /// These; none of them grants nothing.
    Some(IndexSet<String>),
}

impl Fields {
    /// Whether the field is among them.
    pub fn has(&self, field: &str) -> bool {
        match self {
            Fields::All => true,
            Fields::Some(names) => names.contains(field),
        }
    }
}

/// Where a case comes from: told in explanations, never judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The policy; none for what app access grants by itself.
    pub policy: Option<String>,
    /// The permission's row; none for what is not stored.
    pub permission: Option<i64>,
}

/// One permission, ready to judge with.
#[derive(Clone, Debug)]
pub struct Case {
    /// Where it comes from.
    pub source: Source,
    /// The rows; none is all.
    pub rule: Option<Filter>,
    /// The fields.
    pub fields: Fields,
    /// Values filled in on writes.
    pub presets: Object,
    /// What a payload must meet.
    pub validation: Option<Filter>,
}

/// What a caller may do with one collection and action.
#[derive(Clone, Copy, Debug)]
pub enum Grant<'a> {
    /// Nothing.
    None,
    /// Everything (an administrator).
    All,
    /// What some of these cases allow; at least one.
    Cases(&'a [Case]),
}

impl<'a> Grant<'a> {
    /// Whether anything at all is allowed.
    pub fn is_some(self) -> bool {
        !matches!(self, Grant::None)
    }

    /// Whether some case allows the field.
    pub fn has(self, field: &str) -> bool {
        match self {
            Grant::None => false,
            Grant::All => true,
            Grant::Cases(cases) => cases.iter().any(|case| case.fields.has(field)),
        }
    }

    /// The cases; none for nothing and everything.
    pub fn cases(self) -> &'a [Case] {
        match self {
            Grant::Cases(cases) => cases,
            Grant::None | Grant::All => &[],
        }
    }
}

/// Everything a caller may do, for as long as the snapshot it was made from lasts.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// May do everything.
    pub admin: bool,
    /// May use the Studio.
    pub app: bool,
    /// Some policy asks for a second factor.
    pub enforce_tfa: bool,
    /// The policies that count here and now.
    pub policies: Vec<String>,
    /// The role and its ancestors, the role first.
    pub roles: Vec<String>,
    grants: HashMap<String, HashMap<Action, Vec<Case>>>,
}

impl Access {
    /// Everything: for administrators and the system itself.
    pub fn full() -> Access {
        Access {
            admin: true,
            app: true,
            ..Access::default()
        }
    }

    /// What is left to a user who has yet to set up the second factor that its policies ask for, whatever else they
    /// grant: its own id and address. The same for all such users.
    pub fn held_up() -> Arc<Access> {
        static HELD_UP: LazyLock<Arc<Access>> = LazyLock::new(|| {
            let own = json!({ "id": { "_eq": "$CURRENT_USER" } });
            let fields = json!(["id", "email"]);
            let oneself = Permission::parse("directus_users", "read", &own, &Json::Null, &Json::Null, &fields);
            let mut access = Access::default();
            if let Some(oneself) = oneself {
                access.add(&oneself, None);
            }
            Arc::new(access)
        });
        Arc::clone(&HELD_UP)
    }

    /// What the caller may do by the policies of this snapshot.
    pub fn of(policies: &Policies, caller: &Caller) -> Access {
        if matches!(caller, Caller::System(_)) {
            return Access::full();
        }
        let roles = policies.chain(caller.role());
        let ids = policies.effective(caller, &roles);
        policies.access(&ids, roles, caller)
    }

    /// What is allowed with this collection and action.
    pub fn grant(&self, collection: &str, action: Action) -> Grant<'_> {
        if self.admin {
            return Grant::All;
        }
        match self.grants.get(collection).and_then(|actions| actions.get(&action)) {
            Some(cases) => Grant::Cases(cases),
            None => Grant::None,
        }
    }

    /// Collections with any permission at all.
    pub fn collections(&self) -> impl Iterator<Item = &str> {
        self.grants.keys().map(String::as_str)
    }

    pub(crate) fn add(&mut self, permission: &Permission, policy: Option<&str>) {
        let Some(case) = permission.case(policy) else {
            return;
        };
        let cases = self
            .grants
            .entry(permission.collection.clone())
            .or_default()
            .entry(permission.action)
            .or_default();
        cases.push(case);
    }
}

#[cfg(test)]
mod tests;
