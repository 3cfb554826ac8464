//! Policies, roles and permissions as they are stored, and how they add up for one caller.

use std::collections::{HashMap, HashSet};

use indexmap::IndexSet;

use crate::{
    Json, Object,
    access::{Access, Action, Caller, Case, Fields, Source, ip::IpList},
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
    /// Its row's id; none for what is not stored.
    pub id: Option<i64>,
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
            id: None,
            collection: collection.to_owned(),
            action: Action::parse(action)?,
            rule: Rule::parse(rule, Context::Rule),
            fields: parse_fields(fields),
            presets: presets.as_object().cloned().unwrap_or_default(),
            validation: Rule::parse(validation, Context::Validation),
        })
    }

    /// The same permission, known by its row's id.
    #[must_use]
    pub fn stored_as(self, id: Option<i64>) -> Permission {
        Permission { id, ..self }
    }

    /// The permission of a policy (none: of app access) as a case, or none when its rule or validation cannot be
    /// understood.
    pub(crate) fn case(&self, policy: Option<&str>) -> Option<Case> {
        Some(Case {
            source: self.source(policy),
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

impl Permission {
    /// Where what it grants comes from.
    pub(crate) fn source(&self, policy: Option<&str>) -> Source {
        Source {
            policy: policy.map(str::to_owned),
            permission: self.id,
        }
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

/// A row of `directus_policies`.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its id.
    pub id: String,
    /// Its name, for explanations alone.
    pub name: String,
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

/// A row of `directus_roles`.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its id.
    pub id: String,
    /// Its name, for explanations alone.
    pub name: String,
    /// The role above it.
    pub parent: Option<String>,
}

/// How a policy comes to a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// It is the public's, which counts for everybody without a role.
    Public,
    /// It is a role's.
    Role {
        /// The role.
        id: String,
        /// How far above the caller's own role it is: 0 for that role itself.
        above: usize,
    },
    /// It is the user's own.
    User,
}

/// Every policy, role and attachment of the project.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    policies: HashMap<String, Policy>,
    roles: HashMap<String, Role>,
    of_user: HashMap<String, Vec<String>>,
    of_role: HashMap<String, Vec<String>>,
    of_public: Vec<String>,
}

impl Policies {
    /// Ties them together. Attachments come in the order of `sort`.
    pub fn new(
        policies: impl IntoIterator<Item = Policy>,
        roles: impl IntoIterator<Item = Role>,
        attachments: impl IntoIterator<Item = Attachment>,
    ) -> Policies {
        let mut this = Policies {
            policies: policies.into_iter().map(|policy| (policy.id.clone(), policy)).collect(),
            roles: roles.into_iter().map(|role| (role.id.clone(), role)).collect(),
            ..Policies::default()
        };
        for attachment in attachments {
            this.attach(attachment);
        }
        this
    }

    fn attach(&mut self, Attachment { user, role, policy }: Attachment) {
        if user.is_none() && role.is_none() {
            self.of_public.push(policy);
            return;
        }
        if let Some(user) = user {
            self.of_user.entry(user).or_default().push(policy.clone());
        }
        if let Some(role) = role {
            self.of_role.entry(role).or_default().push(policy);
        }
    }

    /// The same with further policies, attached to a user or (none) to the public; one whose id is known already
    /// stands in its place.
    #[must_use]
    pub fn with_drafts(&self, drafts: Vec<Policy>, user: Option<&str>) -> Policies {
        let mut this = self.clone();
        for draft in drafts {
            this.attach(Attachment {
                user: user.map(str::to_owned),
                role: None,
                policy: draft.id.clone(),
            });
            this.policies.insert(draft.id.clone(), draft);
        }
        this
    }

    /// The policy of this id.
    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.get(id)
    }

    /// The role of this id.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.get(id)
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
            let Some(role) = self.roles.get(id) else { break };
            if chain.len() >= MAX_ROLE_DEPTH || chain.iter().any(|seen| seen == id) {
                break;
            }
            chain.push(id.to_owned());
            next = role.parent.as_deref();
        }
        chain
    }

    /// The policies that come to a caller, and how: the public's, then those of the farthest ancestor, the user's own
    /// last. One that comes in several ways is told as often.
    pub(crate) fn attached(&self, caller: &Caller, roles: &[String]) -> Vec<(&str, Via)> {
        let mut found = Vec::new();
        if caller.role().is_none() {
            found.extend(self.of_public.iter().map(|id| (id.as_str(), Via::Public)));
        }
        for (above, role) in roles.iter().enumerate().rev() {
            let via = Via::Role {
                id: role.clone(),
                above,
            };
            let own = self.of_role.get(role).into_iter().flatten();
            found.extend(own.map(|id| (id.as_str(), via.clone())));
        }
        if let Some(user) = caller.user() {
            let own = self.of_user.get(user).into_iter().flatten();
            found.extend(own.map(|id| (id.as_str(), Via::User)));
        }
        found
    }

    /// Whether a policy counts for a caller, wherever it is attached: from here, and if it is there at all.
    pub(crate) fn counts(&self, policy: &str, caller: &Caller) -> bool {
        self.policies
            .get(policy)
            .is_some_and(|policy| policy.ip.as_ref().is_none_or(|list| list.has(caller.ip())))
    }

    /// The ids of the policies that count for a caller here and now: farthest ancestor first, the user's own last.
    pub fn effective(&self, caller: &Caller, roles: &[String]) -> Vec<String> {
        let mut seen = HashSet::new();
        self.attached(caller, roles)
            .into_iter()
            .map(|(id, _)| id)
            .filter(|id| seen.insert(*id) && self.counts(id, caller))
            .map(str::to_owned)
            .collect()
    }

    /// Whether any policy of a caller asks for a second factor, whether or not it counts from here.
    pub fn ask_for_second_factor(&self, caller: &Caller) -> bool {
        let roles = self.chain(caller.role());
        let mut ids = self.attached(caller, &roles).into_iter();
        ids.any(|(id, _)| self.policies.get(id).is_some_and(|policy| policy.enforce_tfa))
    }

    /// Adds the policies up.
    pub(crate) fn access(&self, ids: &[String], roles: Vec<String>, caller: &Caller) -> Access {
        let policies: Vec<&Policy> = ids.iter().filter_map(|id| self.policies.get(id)).collect();
        // Only policies of the user or its roles make an administrator or a Studio user: what is attached to the
        // public never does.
        let own: HashSet<&str> = self
            .attached(caller, &roles)
            .into_iter()
            .filter(|(_, via)| *via != Via::Public)
            .map(|(id, _)| id)
            .collect();
        let admin = policies
            .iter()
            .any(|policy| policy.admin && own.contains(policy.id.as_str()));
        let mut access = Access {
            admin,
            app: admin
                || policies
                    .iter()
                    .any(|policy| policy.app && own.contains(policy.id.as_str())),
            enforce_tfa: policies.iter().any(|policy| policy.enforce_tfa),
            policies: ids.to_vec(),
            roles,
            ..Access::default()
        };
        for policy in policies {
            for permission in &policy.permissions {
                access.add(permission, Some(&policy.id));
            }
        }
        if access.app {
            for permission in system::permissions() {
                access.add(permission, None);
            }
        }
        access
    }
}

#[cfg(test)]
mod tests;
