//! Policies, roles and permissions as they are stored, and how they add up for one caller.

use std::collections::{HashMap, HashSet};

use indexmap::IndexSet;

use crate::{
    Json, Object,
    access::{Access, Action, Caller, Case, Fields, ip::IpList},
    query::{
        Filter, Limits,
        filter::{self, Context},
    },
    schema::system,
};

/// Longest chain of roles above a role; a longer one (or a loop) is cut here.
const MAX_ROLE_DEPTH: usize = 64;

/// A stored item rule or validation.
#[derive(Clone, Debug)]
pub enum Rule {
    /// All rows (null or `{}`).
    All,
    /// These rows.
    Of(Filter),
    /// Cannot be understood (an unknown variable, a malformed tree): grants nothing.
    Broken,
}

impl Rule {
    /// Reads a stored rule.
    pub fn parse(stored: &Json, context: Context) -> Rule {
        match stored {
            Json::Null => Rule::All,
            Json::Object(object) if object.is_empty() => Rule::All,
            // How an editor saves "nothing to validate"; an item rule of that form grants nothing instead.
            Json::Object(object) if context == Context::Validation && is_empty_and(object) => Rule::All,
            _ => filter::parse(stored, &Limits::default(), context).map_or(Rule::Broken, Rule::Of),
        }
    }
}

fn is_empty_and(object: &Object) -> bool {
    object.len() == 1 && object.get("_and").and_then(Json::as_array).is_some_and(Vec::is_empty)
}

/// A row of `directus_permissions`.
#[derive(Clone, Debug)]
pub struct Permission {
    /// Its collection.
    pub collection: String,
    /// Its action.
    pub action: Action,
    /// Its rows.
    pub rule: Rule,
    /// Its fields.
    pub fields: Fields,
    /// Its presets.
    pub presets: Object,
    /// What payloads must meet.
    pub validation: Rule,
}

impl Permission {
    /// Reads a permission from its stored parts; none when the action is unknown, which grants nothing.
    pub fn parse(
        collection: &str,
        action: &str,
        rule: &Json,
        validation: &Json,
        presets: &Json,
        fields: &Json,
    ) -> Option<Permission> {
        Some(Permission {
            collection: collection.to_owned(),
            action: Action::parse(action)?,
            rule: Rule::parse(rule, Context::Rule),
            fields: parse_fields(fields),
            presets: presets.as_object().cloned().unwrap_or_default(),
            validation: Rule::parse(validation, Context::Validation),
        })
    }

    /// The permission as a case, or none when its rule or validation cannot be understood.
    pub(crate) fn case(&self) -> Option<Case> {
        Some(Case {
            rule: match &self.rule {
                Rule::All => None,
                Rule::Of(filter) => Some(filter.clone()),
                Rule::Broken => return None,
            },
            fields: self.fields.clone(),
            presets: self.presets.clone(),
            validation: match &self.validation {
                Rule::All => None,
                Rule::Of(filter) => Some(filter.clone()),
                Rule::Broken => return None,
            },
        })
    }
}

/// Field lists are stored as text (`id,title`) or told as lists; anything else grants nothing.
fn parse_fields(stored: &Json) -> Fields {
    let names: IndexSet<String> = match stored {
        Json::String(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
        Json::Array(list) => list
            .iter()
            .filter_map(Json::as_str)
            .map(|name| name.trim().to_owned())
            .collect(),
        _ => IndexSet::new(),
    };
    if names.contains("*") {
        Fields::All
    } else {
        Fields::Some(names)
    }
}

/// A row of `directus_policies`, without its texts.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its id.
    pub id: String,
    /// Grants everything.
    pub admin: bool,
    /// Grants the Studio.
    pub app: bool,
    /// Asks for a second factor.
    pub enforce_tfa: bool,
    /// Counts only from these addresses.
    pub ip: Option<IpList>,
    /// Its permissions, in the order of their ids.
    pub permissions: Vec<Permission>,
}

/// Where a policy is attached (`directus_access`): to a user, to a role, or (neither) to the public.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The user.
    pub user: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// The policy.
    pub policy: String,
}

/// Every policy, role and attachment of the project.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    policies: HashMap<String, Policy>,
    parents: HashMap<String, Option<String>>,
    of_user: HashMap<String, Vec<String>>,
    of_role: HashMap<String, Vec<String>>,
    of_public: Vec<String>,
}

impl Policies {
    /// Ties them together. `roles` are ids with their parents; attachments come in the order of `sort`.
    pub fn new(
        policies: impl IntoIterator<Item = Policy>,
        roles: impl IntoIterator<Item = (String, Option<String>)>,
        attachments: impl IntoIterator<Item = Attachment>,
    ) -> Policies {
        let mut this = Policies {
            policies: policies.into_iter().map(|policy| (policy.id.clone(), policy)).collect(),
            parents: roles.into_iter().collect(),
            ..Policies::default()
        };
        for Attachment { user, role, policy } in attachments {
            match (user, role) {
                (None, None) => this.of_public.push(policy),
                (Some(user), None) => this.of_user.entry(user).or_default().push(policy),
                (None, Some(role)) => this.of_role.entry(role).or_default().push(policy),
                (Some(user), Some(role)) => {
                    this.of_user.entry(user).or_default().push(policy.clone());
                    this.of_role.entry(role).or_default().push(policy);
                }
            }
        }
        this
    }

    /// The policy of this id.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.get(id)
    }

    /// Whether any policy is attached to the user itself.
    pub fn has_own(&self, user: &str) -> bool {
        self.of_user.contains_key(user)
    }

    /// A role and its ancestors, the role first; empty for an unknown role.
    pub fn chain(&self, role: Option<&str>) -> Vec<String> {
        let mut chain: Vec<String> = Vec::new();
        let mut next = role;
        while let Some(id) = next {
            let Some(parent) = self.parents.get(id) else { break };
            if chain.len() >= MAX_ROLE_DEPTH || chain.iter().any(|seen| seen == id) {
                break;
            }
            chain.push(id.to_owned());
            next = parent.as_deref();
        }
        chain
    }

    /// The ids of the policies that count for a caller here and now: farthest ancestor first, the user's own last.
    pub fn effective(&self, caller: &Caller, roles: &[String]) -> Vec<String> {
        let mut ids: Vec<&String> = Vec::new();
        if caller.role().is_none() {
            ids.extend(&self.of_public);
        }
        for role in roles.iter().rev() {
            ids.extend(self.of_role.get(role).into_iter().flatten());
        }
        if let Some(user) = caller.user() {
            ids.extend(self.of_user.get(user).into_iter().flatten());
        }
        let mut seen = HashSet::new();
        ids.into_iter()
            .filter(|id| seen.insert(id.as_str()))
            .filter(|id| {
                self.policies
                    .get(*id)
                    .is_some_and(|policy| policy.ip.as_ref().is_none_or(|list| list.has(caller.ip())))
            })
            .cloned()
            .collect()
    }

    /// Adds the policies up.
    pub(crate) fn access(&self, ids: &[String], roles: Vec<String>, caller: &Caller) -> Access {
        let policies: Vec<&Policy> = ids.iter().filter_map(|id| self.policies.get(id)).collect();
        // Only policies of the user or its roles make an administrator or a Studio user: what is attached to the
        // public never does.
        let own: HashSet<&String> = (caller
            .user()
            .and_then(|user| self.of_user.get(user))
            .into_iter()
            .flatten())
        .chain(roles.iter().filter_map(|role| self.of_role.get(role)).flatten())
        .collect();
        let admin = policies.iter().any(|policy| policy.admin && own.contains(&policy.id));
        let mut access = Access {
            admin,
            app: admin || policies.iter().any(|policy| policy.app && own.contains(&policy.id)),
            enforce_tfa: policies.iter().any(|policy| policy.enforce_tfa),
            policies: ids.to_vec(),
            roles,
            ..Access::default()
        };
        for permission in policies.iter().flat_map(|policy| &policy.permissions) {
            access.add(permission);
        }
        if access.app {
            for permission in system::permissions() {
                access.add(permission);
            }
        }
        access
    }
}
