//! Users, roles, policies and their attachments at one moment of a transaction, and what each of them holds.
//! Reads rows and nothing else: what a caller's access was made from before is not asked.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, LazyLock},
};

use aedile_db::Row;
use aedile_engine::{Json, Object, Result, schema::system, sql::Stmt, value::Param};

use super::{
    addresses::Addresses,
    powers::{Fields, Grants, Permission, Power},
};
use crate::{Cx, items::Writing, snapshot::text, statement};

/// Longest chain of roles above a role; a longer one (or a loop) is cut here, as it is where access is made.
const MAX_ROLE_DEPTH: usize = 64;

/// What the Studio's users hold beyond stored permissions.
static OF_STUDIO: LazyLock<Vec<Arc<Permission>>> = LazyLock::new(|| {
    system::permission_rows()
        .iter()
        .map(|row| Arc::new(of_studio(row)))
        .collect()
});

/// A row of `directus_access`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Attachment {
    pub id: String,
    pub user: Option<String>,
    pub role: Option<String>,
    pub policy: String,
}

/// A policy and what it grants.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Policy {
    pub enforce_tfa: bool,
    /// What it grants wherever it is attached.
    pub permissions: Vec<Power>,
    /// What it grants where it is attached to a user or a role: to the public it makes nobody an administrator.
    pub standing: Vec<Power>,
}

/// Who holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder<'a> {
    /// A policy by itself, attached or not.
    Policy(&'a str),
    /// Whoever has this role.
    Role(&'a str),
    /// A user, with this role.
    User(&'a str, Option<&'a str>),
    /// Everybody who is not logged in.
    Public,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub policies: HashMap<String, Policy>,
    pub parents: HashMap<String, Option<String>>,
    pub attachments: Vec<Attachment>,
    /// The roles of users with policies of their own.
    pub users: HashMap<String, Option<String>>,
}

impl Graph {
    /// As the transaction sees it now.
    pub async fn seen_by(w: &mut Writing<'_>) -> Result<Graph> {
        let mut tables = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            let stmt: Stmt = statement::fixed(w.cx.app.db().dialect(), &[table]).finish(Vec::new());
            tables.push(w.fetch(stmt).await?);
        }
        Ok(Graph::of(&tables))
    }

    /// As it is stored, outside of any transaction.
    pub async fn stored(cx: &Cx) -> Result<Graph> {
        let db = cx.app.db();
        let mut tables = Vec::with_capacity(TABLES.len());
        for table in TABLES {
            let stmt = statement::fixed(db.dialect(), &[table]).finish(Vec::new());
            tables.push(db.fetch(Arc::new(stmt), Vec::new()).await?);
        }
        Ok(Graph::of(&tables))
    }

    fn of(tables: &[Vec<Row>]) -> Graph {
        let mut graph = Graph::default();
        let [policies, permissions, roles, attachments, users] = tables else {
            return graph;
        };
        let mut from: HashMap<String, Addresses> = HashMap::new();
        for row in policies {
            let Some(id) = text(row, 0) else { continue };
            let addresses = Addresses::stored(text(row, 4).as_deref());
            let flags = [(1, Grants::Everything), (2, Grants::Studio)];
            let standing = flags
                .into_iter()
                .filter(|(i, _)| flag(row, *i))
                .map(|(_, grants)| Power {
                    grants,
                    from: addresses.clone(),
                });
            let policy = Policy {
                enforce_tfa: flag(row, 3),
                permissions: Vec::new(),
                standing: standing.collect(),
            };
            graph.policies.insert(id.clone(), policy);
            from.insert(id, addresses);
        }
        for row in permissions {
            let Some(id) = text(row, 0) else { continue };
            let (Some(policy), Some(from), Some(permission)) =
                (graph.policies.get_mut(&id), from.get(&id), permission(row))
            else {
                continue;
            };
            policy.permissions.push(Power {
                grants: Grants::Permission(permission.into()),
                from: from.clone(),
            });
        }
        graph.parents = roles
            .iter()
            .filter_map(|row| Some((text(row, 0)?, text(row, 1))))
            .collect();
        graph.users = users
            .iter()
            .filter_map(|row| Some((text(row, 0)?, text(row, 1))))
            .collect();
        graph.attachments = attachments.iter().filter_map(attachment).collect();
        graph
    }

    /// The role and its ancestors.
    fn chain<'a>(&'a self, role: &'a str) -> Vec<&'a str> {
        let mut chain = Vec::new();
        let mut next = Some(role);
        while let Some(id) = next.filter(|id| chain.len() < MAX_ROLE_DEPTH && !chain.contains(id)) {
            let Some(parent) = self.parents.get(id) else { break };
            chain.push(id);
            next = parent.as_deref();
        }
        chain
    }

    /// Whether an attachment counts for a holder.
    pub fn reaches(&self, row: &Attachment, holder: Holder<'_>) -> bool {
        let (user, role) = match holder {
            Holder::Policy(_) => return false,
            Holder::Role(role) => (None, Some(role)),
            Holder::User(user, role) => (Some(user), role),
            Holder::Public => (None, None),
        };
        match (row.user.as_deref(), row.role.as_deref()) {
            (None, None) => role.is_none(),
            (of_user, of_role) => {
                let inherited = || {
                    of_role
                        .zip(role)
                        .is_some_and(|(of, role)| self.chain(role).contains(&of))
                };
                of_user.is_some() && of_user == user || inherited()
            }
        }
    }

    /// The policies of a holder, each once; whether each is held by a user or a role, rather than as the public.
    fn held(&self, holder: Holder<'_>) -> Vec<(&str, bool)> {
        if let Holder::Policy(id) = holder {
            return self
                .policies
                .get_key_value(id)
                .map(|(id, _)| (id.as_str(), true))
                .into_iter()
                .collect();
        }
        let mut held: Vec<(&str, bool)> = Vec::new();
        for row in self.attachments.iter().filter(|row| self.reaches(row, holder)) {
            let standing = row.user.is_some() || row.role.is_some();
            if !held.contains(&(row.policy.as_str(), standing)) {
                held.push((&row.policy, standing));
            }
        }
        held
    }

    /// What a holder has, counting policies from wherever they count.
    pub fn powers(&self, holder: Holder<'_>) -> Vec<Power> {
        self.sum(self.held(holder))
    }

    /// What a holder has at one address.
    pub fn powers_at(&self, holder: Holder<'_>, ip: Option<IpAddr>) -> Vec<Power> {
        let mut powers = self.powers(holder);
        powers.retain(|power| power.from.has(ip));
        powers
    }

    fn sum(&self, held: Vec<(&str, bool)>) -> Vec<Power> {
        let mut powers = Vec::new();
        for (id, standing) in held {
            let Some(policy) = self.policies.get(id) else { continue };
            powers.extend(policy.permissions.iter().cloned());
            if !standing {
                continue;
            }
            for power in &policy.standing {
                powers.push(power.clone());
                if power.grants == Grants::Studio {
                    let of_studio = OF_STUDIO.iter().cloned().map(|permission| Power {
                        grants: Grants::Permission(permission),
                        from: power.from.clone(),
                    });
                    powers.extend(of_studio);
                }
            }
        }
        powers
    }
}

/// The tables of the graph, in the order in which it is read.
const TABLES: [&str; 5] = [
    "select id, admin_access, app_access, enforce_tfa, ip_access from directus_policies",
    "select policy, collection, action, permissions, validation, presets, fields from directus_permissions order by id",
    "select id, parent from directus_roles",
    "select id, \"user\", role, policy from directus_access order by id",
    "select id, role from directus_users where id in (select \"user\" from directus_access)",
];

fn attachment(row: &Row) -> Option<Attachment> {
    Some(Attachment {
        id: text(row, 0)?,
        user: text(row, 1),
        role: text(row, 2),
        policy: text(row, 3)?,
    })
}

fn permission(row: &Row) -> Option<Permission> {
    Some(Permission {
        collection: text(row, 1)?,
        action: text(row, 2)?,
        rule: condition(parsed(row, 3)),
        validation: condition(parsed(row, 4)),
        presets: parsed(row, 5).as_object().cloned().unwrap_or_default(),
        fields: Fields::stored(&text(row, 6).unwrap_or_default()),
    })
}

fn of_studio(row: &Object) -> Permission {
    let get = |name: &str| row.get(name).cloned().unwrap_or_default();
    let told = |name: &str| get(name).as_str().unwrap_or_default().to_owned();
    let fields: Vec<String> = get("fields")
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect();
    Permission {
        collection: told("collection"),
        action: told("action"),
        rule: condition(get("permissions")),
        validation: condition(get("validation")),
        presets: get("presets").as_object().cloned().unwrap_or_default(),
        fields: Fields::stored(&fields.join(",")),
    }
}

/// A stored rule or validation, with one way to say that there is none.
fn condition(stored: Json) -> Json {
    match stored {
        Json::Object(object) if object.is_empty() => Json::Null,
        other => other,
    }
}

fn parsed(row: &Row, i: usize) -> Json {
    text(row, i).map_or(Json::Null, |text| {
        serde_json::from_str(&text).unwrap_or(Json::String(text))
    })
}

fn flag(row: &Row, i: usize) -> bool {
    matches!(row.get(i), Some(Param::Int(n)) if *n != 0) || matches!(row.get(i), Some(Param::Bool(true)))
}
