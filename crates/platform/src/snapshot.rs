//! Schema, policies and project settings at one version: what every request of that version reads.
//! Everything derived from it is kept inside it, so nothing derived is ever stale.

use std::sync::Arc;

use aedile_db::{Db, Row};
use aedile_engine::{
    Json, Result,
    access::{
        Access, Caller, Permission, Policies, Policy,
        ip::IpList,
        policy::{Attachment, Role},
    },
    sql::{Dialect, Stmt},
    value::Param,
};
use moka::sync::Cache;

use crate::{
    items::prepared::Reads,
    model::{self, Model},
    statement,
};

/// Accesses kept per snapshot: one per set of policies and user or role that uses it.
const ACCESSES: u64 = 10_000;

/// What an access is known by within a snapshot.
#[derive(Clone, PartialEq, Eq, Hash)]
struct AccessKey {
    user: Option<String>,
    role: Option<String>,
    policies: Vec<String>,
}

/// Project settings that verbs obey (`directus_settings`).
#[derive(Clone, Debug, Default)]
pub struct ProjectSettings {
    /// Wrong passwords in a row before a user is suspended; none is no limit.
    pub login_attempts: Option<i64>,
    /// What passwords must look like, as stored.
    pub password_policy: Option<String>,
}

/// Schema, policies and settings at one version.
pub struct Snapshot {
    /// Its version.
    pub version: i64,
    /// The data model.
    pub model: Model,
    /// Policies, roles and attachments.
    pub policies: Policies,
    /// Project settings.
    pub settings: ProjectSettings,
    /// Reads that were asked for already.
    pub(crate) reads: Reads,
    accesses: Cache<AccessKey, Arc<Access>>,
}

impl Snapshot {
    /// Reads it from the database. The version is read first: a change meanwhile makes the next request read again.
    pub async fn load(db: &Db) -> Result<Snapshot> {
        let dialect = db.dialect();
        let version = match db
            .fetch(statement::version(dialect), Vec::new())
            .await?
            .first()
            .and_then(|row| row.first())
        {
            Some(Param::Int(version)) => *version,
            _ => 0,
        };
        let model = model::load(db).await?;
        for problem in &model.problems {
            tracing::warn!("{problem}");
        }
        Ok(Snapshot {
            version,
            policies: load_policies(db).await?,
            settings: load_settings(db).await?,
            model,
            reads: Reads::default(),
            accesses: Cache::new(ACCESSES),
        })
    }

    /// The same with another model: what a transaction goes by that has changed it.
    pub(crate) fn with_model(&self, model: Model) -> Snapshot {
        Snapshot {
            version: self.version,
            model,
            policies: self.policies.clone(),
            settings: self.settings.clone(),
            reads: Reads::default(),
            accesses: Cache::new(ACCESSES),
        }
    }

    /// What a caller may do.
    pub fn access(&self, caller: &Caller) -> Arc<Access> {
        if matches!(caller, Caller::System(_)) {
            return Arc::new(Access::full());
        }
        let roles = self.policies.chain(caller.role());
        let key = AccessKey {
            user: caller
                .user()
                .filter(|user| self.policies.has_own(user))
                .map(str::to_owned),
            role: caller.role().map(str::to_owned),
            policies: self.policies.effective(caller, &roles),
        };
        self.accesses
            .get_with(key, || Arc::new(Access::of(&self.policies, caller)))
    }
}

fn query(dialect: Dialect, text: &'static str) -> Arc<Stmt> {
    Arc::new(statement::fixed(dialect, &[text]).finish(Vec::new()))
}

async fn load_policies(db: &Db) -> Result<Policies> {
    let dialect = db.dialect();
    let permissions = query(
        dialect,
        "select policy, collection, action, permissions, validation, presets, fields, id from directus_permissions order by id",
    );
    let policies = query(
        dialect,
        "select id, admin_access, app_access, enforce_tfa, ip_access, name from directus_policies",
    );
    let roles = query(dialect, "select id, parent, name from directus_roles");
    let attached = query(
        dialect,
        "select \"user\", role, policy from directus_access order by sort, id",
    );
    let permissions = db.fetch(permissions, Vec::new()).await?;
    let policies = db.fetch(policies, Vec::new()).await?;
    let roles = db.fetch(roles, Vec::new()).await?;
    let attached = db.fetch(attached, Vec::new()).await?;
    Ok(Policies::new(
        policies.iter().filter_map(|row| policy(row, &permissions)),
        roles.iter().filter_map(role),
        attached.iter().filter_map(|row| {
            Some(Attachment {
                user: text(row, 0),
                role: text(row, 1),
                policy: text(row, 2)?,
            })
        }),
    ))
}

fn role(row: &Row) -> Option<Role> {
    Some(Role {
        id: text(row, 0)?,
        parent: text(row, 1),
        name: text(row, 2).unwrap_or_default(),
    })
}

/// A policy with its permissions; one whose addresses cannot be read counts from nowhere.
fn policy(row: &Row, permissions: &[Row]) -> Option<Policy> {
    let id = text(row, 0)?;
    let ip = match text(row, 4).as_deref().map(str::trim) {
        None | Some("") => None,
        Some(list) => Some(IpList::parse(list.split(',')).unwrap_or_else(|_| IpList::nowhere())),
    };
    Some(Policy {
        name: text(row, 5).unwrap_or_default(),
        admin: flag(row, 1),
        app: flag(row, 2),
        enforce_tfa: flag(row, 3),
        ip,
        permissions: permissions
            .iter()
            .filter(|row| text(row, 0).as_deref() == Some(&id))
            .filter_map(|row| {
                let fields = text(row, 6).map_or(Json::Null, Json::String);
                let (collection, action) = (text(row, 1)?, text(row, 2)?);
                let found = Permission::parse(
                    &collection,
                    &action,
                    &json(row, 3),
                    &json(row, 4),
                    &json(row, 5),
                    &fields,
                );
                found.map(|permission| permission.stored_as(number(row, 7)))
            })
            .collect(),
        id,
    })
}

async fn load_settings(db: &Db) -> Result<ProjectSettings> {
    let stmt = query(
        db.dialect(),
        "select auth_login_attempts, auth_password_policy from directus_settings order by id limit 1",
    );
    let rows = db.fetch(stmt, Vec::new()).await?;
    let Some(row) = rows.first() else {
        return Ok(ProjectSettings::default());
    };
    Ok(ProjectSettings {
        login_attempts: match row.first() {
            Some(Param::Int(n)) => Some(*n),
            _ => None,
        },
        password_policy: text(row, 1),
    })
}

/// A cell as text.
pub fn text(row: &Row, i: usize) -> Option<String> {
    match row.get(i) {
        Some(Param::Text(text)) => Some(text.clone()),
        Some(Param::Int(n)) => Some(n.to_string()),
        _ => None,
    }
}

fn number(row: &Row, i: usize) -> Option<i64> {
    match row.get(i) {
        Some(Param::Int(n)) => Some(*n),
        _ => None,
    }
}

fn flag(row: &Row, i: usize) -> bool {
    matches!(row.get(i), Some(Param::Int(n)) if *n != 0) || matches!(row.get(i), Some(Param::Bool(true)))
}

/// A cell that holds JSON; what is no JSON is a text, which grants nothing where a rule should stand.
fn json(row: &Row, i: usize) -> Json {
    match text(row, i) {
        None => Json::Null,
        Some(text) => serde_json::from_str(&text).unwrap_or(Json::String(text)),
    }
}
