//! Who may do what, as the database holds it now. Read only: changes go through the verbs.

use std::{collections::BTreeMap, sync::Arc};

use aedile_db::{Db, Row};
use aedile_engine::{Json, Result, access::Action, value::Param};

use super::state::{Holder, Permission, Policy, Role, State, User, normal, normal_fields};
use crate::{snapshot::text, statement};

/// What is stored, with what changes of it need to know besides.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// The version of the project that it was read at.
    pub version: i64,
    /// Who may do what.
    pub state: State,
    /// Every user.
    pub users: Vec<User>,
    /// The rows that attach policies, in the order they add up.
    pub rows: Vec<Attached>,
}

/// A row of `directus_access`.
#[derive(Clone, Debug)]
pub(crate) struct Attached {
    pub id: String,
    pub user: Option<String>,
    pub role: Option<String>,
    pub policy: String,
    pub sort: Option<i64>,
}

impl Attached {
    /// Who the policy is attached to: a row can name a user and a role.
    pub fn holders(&self) -> Vec<Holder> {
        let user = self.user.clone().map(Holder::User);
        let role = self.role.clone().map(Holder::Role);
        if user.is_none() && role.is_none() {
            return vec![Holder::Public];
        }
        user.into_iter().chain(role).collect()
    }
}

impl Stored {
    /// Reads it.
    pub async fn load(db: &Db) -> Result<Stored> {
        let granted = Stored::without_users(db).await?;
        let users = fetch(
            db,
            "select id, email, role, status from directus_users order by email, id",
        )
        .await?;
        Ok(Stored {
            users: users.iter().filter_map(user).collect(),
            ..granted
        })
    }

    /// Reads it but for the users, of whom there may be many. The version comes first: what changes meanwhile makes
    /// applying refuse, not go wrong.
    pub async fn without_users(db: &Db) -> Result<Stored> {
        let rows = db.fetch(statement::version(db.dialect()), Vec::new()).await?;
        let version = rows.first().and_then(|row| number(row, 0)).unwrap_or_default();
        let roles = fetch(
            db,
            "select id, name, icon, description, parent from directus_roles order by id",
        )
        .await?;
        let permissions = fetch(
            db,
            "select id, policy, collection, action, fields, permissions, validation, presets from directus_permissions order by id",
        )
        .await?;
        let policies = fetch(
            db,
            "select id, name, icon, description, admin_access, app_access, enforce_tfa, ip_access from directus_policies order by id",
        )
        .await?;
        let rows = fetch(
            db,
            "select id, \"user\", role, policy, sort from directus_access order by sort, id",
        )
        .await?;
        let rows: Vec<Attached> = rows.iter().filter_map(attached).collect();
        let mut state = State {
            roles: roles.iter().filter_map(role).collect(),
            policies: policies.iter().filter_map(|row| policy(row, &permissions)).collect(),
            attached: of_holders(&rows),
        };
        state.sort();
        Ok(Stored {
            version,
            state,
            users: Vec::new(),
            rows,
        })
    }

    /// The user that a file's word means.
    pub fn user(&self, word: &str) -> Option<&User> {
        self.users.iter().find(|user| user.is(word))
    }
}

async fn fetch(db: &Db, query: &'static str) -> Result<Vec<Row>> {
    let stmt = statement::fixed(db.dialect(), &[query]).finish(Vec::new());
    db.fetch(Arc::new(stmt), Vec::new()).await
}

fn of_holders(rows: &[Attached]) -> BTreeMap<Holder, Vec<String>> {
    let mut found: BTreeMap<Holder, Vec<String>> = BTreeMap::new();
    for row in rows {
        for holder in row.holders() {
            let policies = found.entry(holder).or_default();
            if !policies.contains(&row.policy) {
                policies.push(row.policy.clone());
            }
        }
    }
    found
}

fn role(row: &Row) -> Option<Role> {
    Some(Role {
        id: text(row, 0)?,
        name: text(row, 1).unwrap_or_default(),
        icon: text(row, 2),
        description: text(row, 3),
        parent: text(row, 4),
    })
}

fn policy(row: &Row, permissions: &[Row]) -> Option<Policy> {
    let id = text(row, 0)?;
    let flag = |i| number(row, i).is_some_and(|n| n != 0);
    let addresses = text(row, 7).unwrap_or_default();
    Some(Policy {
        name: text(row, 1).unwrap_or_default(),
        icon: text(row, 2),
        description: text(row, 3),
        admin_access: flag(4),
        app_access: flag(5),
        enforce_tfa: flag(6),
        ip_access: listed(&addresses),
        permissions: permissions
            .iter()
            .filter(|row| text(row, 1).as_deref() == Some(&id))
            .filter_map(permission)
            .collect(),
        id,
    })
}

/// A permission; one whose action nobody knows grants nothing and is left alone.
fn permission(row: &Row) -> Option<Permission> {
    Some(Permission {
        id: number(row, 0),
        collection: text(row, 2)?,
        action: Action::parse(&text(row, 3)?)?,
        fields: normal_fields(listed(&text(row, 4).unwrap_or_default())),
        rule: normal(&json(row, 5)),
        validation: normal(&json(row, 6)),
        presets: normal(&json(row, 7)),
    })
}

fn attached(row: &Row) -> Option<Attached> {
    Some(Attached {
        id: text(row, 0)?,
        user: text(row, 1),
        role: text(row, 2),
        policy: text(row, 3)?,
        sort: number(row, 4),
    })
}

fn user(row: &Row) -> Option<User> {
    Some(User {
        id: text(row, 0)?,
        email: text(row, 1),
        role: text(row, 2),
        active: text(row, 3).as_deref() == Some("active"),
    })
}

fn listed(text: &str) -> Vec<String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn number(row: &Row, i: usize) -> Option<i64> {
    match row.get(i) {
        Some(Param::Int(n)) => Some(*n),
        Some(Param::Bool(yes)) => Some(i64::from(*yes)),
        _ => None,
    }
}

/// A cell that holds JSON; what is none stays a text, which no rule can be.
fn json(row: &Row, i: usize) -> Json {
    match text(row, i) {
        None => Json::Null,
        Some(text) => serde_json::from_str(&text).unwrap_or(Json::String(text)),
    }
}
