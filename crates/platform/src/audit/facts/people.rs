//! The users that an audit looks at: administrators, and whoever has a static token. Never everybody, and of activity the
//! newest rows alone.

use std::collections::{BTreeMap, BTreeSet};

use aedile_engine::{Json, Object, Result};
use serde_json::json;

use super::{moment, most, rows, text};
use crate::{
    Cx,
    access_file::{Holder, State},
};

/// So many of the newest rows of activity are looked through for signs of life.
const ACTIVITY: i64 = 100_000;

/// Who is an administrator, by policy.
#[derive(Clone, Debug, Default)]
pub(in crate::audit) struct Power {
    /// Policies that make administrators.
    pub policies: BTreeSet<String>,
    /// Roles that have one of them, or are below one that has.
    pub roles: BTreeSet<String>,
    /// Users who have one of them of their own.
    pub users: BTreeSet<String>,
}

impl Power {
    /// What the attachments of policies say.
    pub fn of(access: &State) -> Power {
        let admin = access.policies.iter().filter(|policy| policy.admin_access);
        let mut power = Power {
            policies: admin.map(|policy| policy.id.clone()).collect(),
            ..Power::default()
        };
        for (holder, policies) in &access.attached {
            let holds = policies.iter().any(|id| power.policies.contains(id));
            match holder {
                Holder::Role(id) if holds => drop(power.roles.insert(id.clone())),
                Holder::User(id) if holds => drop(power.users.insert(id.clone())),
                _ => {}
            }
        }
        // The roles of a state stand in the order of their tree: above each, everything is settled when its turn comes.
        for role in &access.roles {
            if role.parent.as_ref().is_some_and(|parent| power.roles.contains(parent)) {
                power.roles.insert(role.id.clone());
            }
        }
        power
    }

    /// Whether it makes an administrator of this user.
    pub fn has(&self, user: &Person) -> bool {
        self.users.contains(&user.id) || user.role.as_ref().is_some_and(|role| self.roles.contains(role))
    }
}

/// A user, as far as audits look at one.
#[derive(Clone, Debug)]
pub(in crate::audit) struct Person {
    pub id: String,
    pub email: Option<String>,
    pub role: Option<String>,
    pub is_active: bool,
    /// Logs in with a password of the project's own.
    pub has_password: bool,
    pub has_tfa: bool,
    pub has_token: bool,
    /// When they last logged in or were seen to change something; in milliseconds since 1970.
    pub seen: Option<i64>,
    /// When they can first have been there.
    pub since: i64,
}

impl Person {
    /// What people call it: its address, or its id where it has none.
    pub fn called(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.id)
    }

    /// How long there has been no sign of them, in milliseconds.
    pub fn silent_for(&self, now: i64) -> i64 {
        now.saturating_sub(self.seen.unwrap_or(self.since))
    }
}

/// Those that are looked at.
#[derive(Default)]
pub(super) struct People {
    pub administrators: Vec<Person>,
    pub tokens: Vec<Person>,
}

pub(super) async fn gather(cx: &Cx, power: &Power, notes: &mut Vec<String>) -> Result<People> {
    const FIELDS: &str = "id,email,role,status,password,tfa_secret,token,provider,last_access";
    let mut wanted = Vec::new();
    for (field, list) in [("role", &power.roles), ("id", &power.users)] {
        if !list.is_empty() {
            wanted.push(json!({ field: { "_in": list } }));
        }
    }
    let mut found = Vec::new();
    if !wanted.is_empty() {
        let filter = json!({ "_and": [{ "_or": wanted }, { "status": { "_eq": "active" } }] });
        found = most(cx, "directus_users", filter, FIELDS, notes).await?;
    }
    let administrators = found.len();
    let holders = json!({ "token": { "_nnull": true } });
    found.extend(most(cx, "directus_users", holders, FIELDS, notes).await?);
    let ids: BTreeSet<String> = found.iter().filter_map(|row| text(row, "id")).collect();
    let history = History::of(cx, &ids).await?;
    let mut people: Vec<Person> = found.iter().map(|row| history.person(row)).collect();
    let tokens = people.split_off(administrators);
    Ok(People {
        administrators: people,
        tokens,
    })
}

/// What activity says of some users.
struct History {
    /// When the project began.
    begun: i64,
    /// When they last did something that is recorded.
    acted: BTreeMap<String, i64>,
    /// When they were made.
    made: BTreeMap<String, i64>,
}

impl History {
    async fn of(cx: &Cx, ids: &BTreeSet<String>) -> Result<History> {
        let mut history = History {
            begun: begun(cx).await?,
            acted: BTreeMap::new(),
            made: BTreeMap::new(),
        };
        if ids.is_empty() {
            return Ok(history);
        }
        let newest = rows(
            cx,
            "directus_activity",
            json!({ "fields": "id", "sort": "-id", "limit": 1 }),
        )
        .await?;
        let Some(newest) = newest.first().and_then(|row| row.get("id")).and_then(Json::as_i64) else {
            return Ok(history);
        };
        let recent = json!({ "id": { "_gt": newest.saturating_sub(ACTIVITY) } });
        let acted = json!({
            "filter": { "_and": [recent, { "user": { "_in": ids } }] },
            "aggregate": { "max": "timestamp" }, "groupBy": ["user"], "limit": ids.len(),
        });
        for row in rows(cx, "directus_activity", acted).await? {
            let last = row.get("max").and_then(Json::as_object);
            if let (Some(user), Some(at)) = (text(&row, "user"), last.and_then(|last| moment(last, "timestamp"))) {
                history.acted.insert(user, at);
            }
        }
        let made = json!({
            "filter": { "_and": [
                recent, { "collection": { "_eq": "directus_users" } }, { "action": { "_eq": "create" } },
                { "item": { "_in": ids } },
            ] },
            "fields": "item,timestamp", "limit": ids.len(),
        });
        for row in rows(cx, "directus_activity", made).await? {
            if let (Some(user), Some(at)) = (text(&row, "item"), moment(&row, "timestamp")) {
                history.made.insert(user, at);
            }
        }
        Ok(history)
    }

    fn person(&self, row: &Object) -> Person {
        let id = text(row, "id").unwrap_or_default();
        let is_set = |name: &str| row.get(name).is_some_and(|value| !value.is_null());
        Person {
            email: text(row, "email"),
            role: text(row, "role"),
            is_active: text(row, "status").as_deref() == Some("active"),
            has_password: is_set("password") && text(row, "provider").as_deref() == Some("default"),
            has_tfa: is_set("tfa_secret"),
            has_token: is_set("token"),
            seen: moment(row, "last_access").max(self.acted.get(&id).copied()),
            since: self.made.get(&id).copied().unwrap_or(self.begun),
            id,
        }
    }
}

/// When the project's tables were made.
async fn begun(cx: &Cx) -> Result<i64> {
    let query = json!({ "aggregate": { "min": "timestamp" } });
    let found = rows(cx, "directus_migrations", query).await?;
    let first = found.first().and_then(|row| row.get("min")).and_then(Json::as_object);
    Ok(first.and_then(|first| moment(first, "timestamp")).unwrap_or(cx.now))
}
