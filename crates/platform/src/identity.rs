//! Callers that an administrator names instead of being them: a user, anybody of a role, the public, each with policies
//! that are drafted only. Everything else follows from the ordinary caller and access made of them here.

use std::net::IpAddr;

use aedile_engine::{
    Error, Json, Object, Result,
    access::{Caller, Permission, Policies, Policy, ip::IpList},
    sql::Sql,
};
use uuid::Uuid;

use crate::{
    Cx, email,
    snapshot::text,
    system::{permissions, policies},
};

/// The id of a user who is no particular one: no row has it, so nothing is theirs.
pub const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// Most policies that are drafted at once: more than anybody overlooks.
const MAX_DRAFTS: usize = 20;
/// Most permissions of a drafted policy: every action on every collection of a large project.
const MAX_PERMISSIONS: usize = 1000;

/// Who is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Identity {
    /// A user, as their row says now.
    User(Person),
    /// A user of this role who is no particular one.
    Role {
        /// The role's id.
        id: String,
        /// Its name.
        name: String,
    },
    /// Nobody known.
    Public,
    /// A user without a role who is no particular one.
    Nobody,
}

/// A user's row.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The id.
    pub id: String,
    /// The address.
    pub email: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// `active`, or something by which every credential is refused.
    pub status: String,
}

impl Person {
    /// Whether credentials of this user are taken at all.
    pub fn is_active(&self) -> bool {
        self.status == "active"
    }
}

impl Identity {
    /// The caller it is, from this address.
    pub fn caller(&self, ip: Option<IpAddr>) -> Caller {
        let user = |id: &str, role: Option<&String>| Caller::User {
            id: id.to_owned(),
            role: role.cloned(),
            ip,
        };
        match self {
            Identity::User(person) => user(&person.id, person.role.as_ref()),
            Identity::Role { id, .. } => user(NOBODY, Some(id)),
            Identity::Public => Caller::Public { ip },
            Identity::Nobody => user(NOBODY, None),
        }
    }

    /// Who a body means: exactly one of `user` (id or address), `role` (id or name) and `public`; none of them, where
    /// policies are drafted, is a user without a role.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for anything else, and for who is not there.
    pub async fn read(cx: &Cx, body: &Object) -> Result<Identity> {
        let named = |name: &str| body.get(name).filter(|value| !value.is_null());
        let text = |value: &Json, name: &str| {
            let text = value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
            text.ok_or_else(|| Error::invalid_payload(format!("\"{name}\" has to be text")))
        };
        match (named("user"), named("role"), named("public")) {
            (Some(user), None, None) => Self::user(cx, &text(user, "user")?).await,
            (None, Some(role), None) => Self::role(cx, &text(role, "role")?).await,
            (None, None, Some(Json::Bool(true))) => Ok(Identity::Public),
            (None, None, None) if named("policies").is_some() => Ok(Identity::Nobody),
            _ => Err(Error::invalid_payload(
                "one of \"user\", \"role\" and \"public\": true is needed",
            )),
        }
    }

    /// The user of this id or address.
    async fn user(cx: &Cx, name: &str) -> Result<Identity> {
        let mut sql = Sql::new(cx.app.db().dialect());
        sql.push("select id, email, role, status from directus_users where cast(id as text) = ")
            .param(name.to_ascii_lowercase());
        sql.push(" or lower(email) = ")
            .param(email::comparable(name))
            .push(" limit 1");
        let stmt = sql.finish(Vec::new());
        let params = cx.bind(&stmt.binds);
        let rows = cx.app.db().fetch(stmt.into(), params).await?;
        let row = rows
            .first()
            .ok_or_else(|| Error::invalid_payload("there is no such user"))?;
        Ok(Identity::User(Person {
            id: self::text(row, 0).unwrap_or_default(),
            email: self::text(row, 1),
            role: self::text(row, 2),
            status: self::text(row, 3).unwrap_or_default(),
        }))
    }

    /// The role of this id or, where only one has it, this name.
    async fn role(cx: &Cx, name: &str) -> Result<Identity> {
        let mut sql = Sql::new(cx.app.db().dialect());
        sql.push("select id, name from directus_roles where cast(id as text) = ")
            .param(name.to_ascii_lowercase());
        sql.push(" or name = ").param(name).push(" order by id limit 2");
        let stmt = sql.finish(Vec::new());
        let params = cx.bind(&stmt.binds);
        let rows = cx.app.db().fetch(stmt.into(), params).await?;
        match rows.as_slice() {
            [] => Err(Error::invalid_payload("there is no such role")),
            [row] => Ok(Identity::Role {
                id: self::text(row, 0).unwrap_or_default(),
                name: self::text(row, 1).unwrap_or_default(),
            }),
            _ => Err(Error::invalid_payload("several roles have this name: tell the id")),
        }
    }
}

/// The address a body says the caller comes from.
///
/// # Errors
/// `INVALID_PAYLOAD` for what is no address.
pub fn address(body: &Object) -> Result<Option<IpAddr>> {
    match body.get("ip") {
        None | Some(Json::Null) => Ok(None),
        Some(value) => {
            let ip = value.as_str().and_then(|text| text.trim().parse().ok());
            ip.map(Some)
                .ok_or_else(|| Error::invalid_payload("\"ip\" has to be an address"))
        }
    }
}

/// The drafts of a body as they are kept: checked as stored policies are, each with an id and a name.
///
/// # Errors
/// `INVALID_PAYLOAD` for what could not be stored either.
pub fn drafts(body: &Object) -> Result<Vec<Json>> {
    let list = match body.get("policies") {
        None | Some(Json::Null) => return Ok(Vec::new()),
        Some(Json::Array(list)) if list.len() <= MAX_DRAFTS => list,
        Some(_) => {
            return Err(Error::invalid_payload(format!(
                "\"policies\" has to be a list of at most {MAX_DRAFTS}"
            )));
        }
    };
    list.iter().map(draft).collect()
}

fn draft(raw: &Json) -> Result<Json> {
    let Json::Object(policy) = raw else {
        return Err(Error::invalid_payload("a policy has to be an object"));
    };
    let mut policy = policies::before_write(policy.clone())?;
    let id = match policy.get("id") {
        None | Some(Json::Null) => Uuid::new_v4().to_string(),
        Some(id) => match id.as_str().and_then(|id| Uuid::parse_str(id).ok()) {
            Some(id) => id.to_string(),
            None => return Err(Error::invalid_payload("the \"id\" of a policy has to be a UUID")),
        },
    };
    let rows = match policy.get("permissions") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(rows)) if rows.len() <= MAX_PERMISSIONS => rows.clone(),
        Some(_) => {
            let most = format!("the \"permissions\" of a policy have to be a list of at most {MAX_PERMISSIONS}");
            return Err(Error::invalid_payload(most));
        }
    };
    let rows: Result<Vec<Json>> = rows.into_iter().map(permission).collect();
    policy.insert("id".to_owned(), id.into());
    policy.insert("permissions".to_owned(), rows?.into());
    Ok(Json::Object(policy))
}

fn permission(raw: Json) -> Result<Json> {
    let Json::Object(row) = raw else {
        return Err(Error::invalid_payload("a permission has to be an object"));
    };
    let mut row = permissions::before_write(row)?;
    for name in ["collection", "action"] {
        if !row.get(name).is_some_and(Json::is_string) {
            return Err(Error::invalid_payload(format!("a permission needs \"{name}\"")));
        }
    }
    for name in ["permissions", "validation", "presets"] {
        // Rules may come as JSON text, as everywhere.
        if let Some(Json::String(text)) = row.get(name) {
            let parsed =
                serde_json::from_str(text).map_err(|_| Error::invalid_payload(format!("\"{name}\" is no JSON")))?;
            row.insert(name.to_owned(), parsed);
        }
    }
    Ok(Json::Object(row))
}

/// Kept drafts as policies. What cannot be understood grants nothing.
pub fn policies_of(drafts: &[Json]) -> Vec<Policy> {
    let null = Json::Null;
    let flag = |draft: &Json, name: &str| draft.get(name).and_then(Json::as_bool).unwrap_or(false);
    let part = |row: &Json, name: &str| row.get(name).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for draft in drafts {
        let Some(id) = draft.get("id").and_then(Json::as_str) else {
            continue;
        };
        let ip = draft
            .get("ip_access")
            .and_then(Json::as_array)
            .filter(|list| !list.is_empty());
        let rows = draft.get("permissions").and_then(Json::as_array);
        let read = |row: &Json| {
            let word = |name| row.get(name).and_then(Json::as_str);
            let parts = (part(row, "permissions"), part(row, "validation"), part(row, "presets"));
            let fields = row.get("fields").unwrap_or(&null);
            let found = Permission::parse(
                word("collection")?,
                word("action")?,
                &parts.0,
                &parts.1,
                &parts.2,
                fields,
            );
            found.map(|permission| permission.stored_as(row.get("id").and_then(Json::as_i64)))
        };
        found.push(Policy {
            id: id.to_owned(),
            name: draft.get("name").and_then(Json::as_str).unwrap_or("draft").to_owned(),
            admin: flag(draft, "admin_access"),
            app: flag(draft, "app_access"),
            enforce_tfa: flag(draft, "enforce_tfa"),
            ip: ip.map(|list| {
                let entries = list.iter().map(|entry| entry.as_str().unwrap_or_default());
                IpList::parse(entries).unwrap_or_else(|_| IpList::nowhere())
            }),
            permissions: rows.into_iter().flatten().filter_map(read).collect(),
        });
    }
    found
}

/// The project's policies with drafts attached to a caller; none where there are no drafts.
pub fn with_drafts(policies: &Policies, drafts: &[Json], caller: &Caller) -> Option<Policies> {
    (!drafts.is_empty()).then(|| policies.with_drafts(policies_of(drafts), caller.user()))
}
