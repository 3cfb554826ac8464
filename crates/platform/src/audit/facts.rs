//! Everything that the checks look at, gathered once: rows of the system through the ordinary plan, and what the public was
//! answered. Never a secret, and never more rows than a named limit: what was left out is said.

mod asked;
mod grants;
mod people;

use std::sync::Arc;

use aedile_engine::{
    Error, Json, Object, Result,
    access::Access,
    plan::read,
    query::{Limits, parse},
    value::time,
};
use serde_json::json;

#[cfg(test)]
pub(super) use asked::Counted;
pub(super) use asked::{Asked, Tried};
pub(super) use grants::Granted;
pub(super) use people::{Person, Power};

use super::{environment::Environment, finding::Subject};
use crate::{
    Cx, Snapshot,
    access_file::{State, Stored},
    config::Settings,
    static_token,
    system::policies::PUBLIC,
};

/// Most rows of one kind that are looked at one by one: more than anybody would read about.
const MOST: usize = 1000;

/// Passwords that a policy should refuse, the shortest first.
const SAMPLES: [&str; 4] = ["a", "12345678", "password", "aaaaaaaaaaa"];

/// What the checks look at.
#[derive(Clone)]
pub(super) struct Facts {
    /// When, in milliseconds since 1970.
    pub now: i64,
    /// The version of the project.
    pub version: i64,
    /// The operator's settings.
    pub settings: Settings,
    /// Where the project stands.
    pub environment: Environment,
    /// Schema and policies.
    pub snapshot: Arc<Snapshot>,
    /// Roles, policies, permissions and who has them.
    pub access: State,
    /// The row of the project's settings.
    pub project: Object,
    /// Passwords that the project's policy takes, of those that it should not.
    pub weak_passwords: Vec<&'static str>,
    /// Active administrators.
    pub administrators: Vec<Person>,
    /// Users with a static token.
    pub tokens: Vec<Person>,
    /// Whether digests are kept of static tokens, and not they themselves.
    pub tokens_are_digests: bool,
    /// Flows that are active.
    pub flows: Vec<Flow>,
    /// Shares that stay open, and those that act as administrators.
    pub shares: Vec<Share>,
    /// What the public was answered.
    pub asked: Asked,
    /// What was not looked at.
    pub notes: Vec<String>,
}

/// A flow with its operations.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub id: String,
    pub name: String,
    pub trigger: String,
    pub options: Json,
    /// The operation it begins with.
    pub first: Option<String>,
    pub operations: Vec<Operation>,
}

/// An operation of a flow.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub id: String,
    pub key: String,
    pub kind: String,
    pub options: Json,
}

/// A share.
#[derive(Clone, Debug)]
pub(super) struct Share {
    pub id: String,
    pub collection: String,
    pub item: String,
    pub role: Option<String>,
    /// Whether nothing limits who uses it, and for how long.
    pub is_open: bool,
}

impl Facts {
    /// Gathers them.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn gather(cx: &Cx, environment: Environment) -> Result<Facts> {
        let stored = Stored::without_users(cx.app.db()).await?;
        let snapshot = cx.app.snapshot_at(stored.version).await?;
        let cx = Cx {
            snapshot: snapshot.clone(),
            ..cx.clone()
        };
        let mut notes = Vec::new();
        let power = Power::of(&stored.state);
        let people = people::gather(&cx, &power, &mut notes).await?;
        let project = rows(&cx, "directus_settings", json!({ "limit": 1 })).await?;
        let accepts = |sample: &&'static str| cx.app.accepts(sample);
        let mut facts = Facts {
            now: cx.now,
            version: stored.version,
            settings: cx.app.settings().clone(),
            environment,
            snapshot,
            access: stored.state,
            project: project.into_iter().next().unwrap_or_default(),
            weak_passwords: SAMPLES.into_iter().filter(accepts).collect(),
            administrators: people.administrators,
            tokens: people.tokens,
            tokens_are_digests: static_token::are_kept(cx.app.db()).await?,
            flows: flows(&cx, &mut notes).await?,
            shares: shares(&cx, &power, &mut notes).await?,
            asked: Asked::default(),
            notes,
        };
        facts.asked = asked::ask(&cx, &facts.access).await?;
        facts.notes.extend(facts.asked.notes.clone());
        Ok(facts)
    }

    /// Who is an administrator.
    pub fn power(&self) -> Power {
        Power::of(&self.access)
    }

    /// A setting of the project.
    pub fn project(&self, name: &str) -> &Json {
        self.project.get(name).unwrap_or(&Json::Null)
    }

    /// A setting of the project that is text and not empty.
    pub fn project_text(&self, name: &str) -> Option<&str> {
        self.project(name).as_str().filter(|text| !text.trim().is_empty())
    }

    /// The key of the row of settings.
    pub fn project_key(&self) -> String {
        self.project("id").to_string()
    }

    /// What people call a policy, with its id where that is not its alone.
    pub fn policy(&self, id: &str) -> String {
        let Some(policy) = self.access.policy(id) else {
            return id.to_owned();
        };
        let alike = self
            .access
            .policies
            .iter()
            .filter(|other| other.called() == policy.called());
        if id != PUBLIC && alike.count() > 1 {
            return format!("\"{}\" ({id})", policy.called());
        }
        format!("\"{}\"", policy.called())
    }

    /// What people call a role, from the root of the tree down.
    pub fn role(&self, id: &str) -> String {
        let path = self.access.path(id);
        if path.is_empty() {
            return id.to_owned();
        }
        format!("\"{}\"", path.join(" / "))
    }
}

/// Rows as the operator reads them, whatever limits requests have.
async fn rows(cx: &Cx, collection: &str, query: Json) -> Result<Vec<Object>> {
    let limits = Limits {
        max_limit: None,
        ..cx.limits().clone()
    };
    let raw = query.as_object().cloned().unwrap_or_default();
    let query = parse::parse(&raw, &limits)?;
    let plan = read::list(cx.schema(), &Access::full(), &limits, collection, &query)?;
    let told = cx.fetch_json(&plan).await?;
    let list = [b"[", told.bytes.as_slice(), b"]"].concat();
    serde_json::from_slice(&list).map_err(|error| Error::internal(error.to_string()))
}

/// The first rows that a query finds, and a note where there are more.
async fn most(
    cx: &Cx,
    collection: &'static str,
    filter: Json,
    fields: &str,
    notes: &mut Vec<String>,
) -> Result<Vec<Object>> {
    let query = json!({ "filter": filter, "fields": fields, "limit": MOST + 1 });
    let mut found = rows(cx, collection, query).await?;
    if found.len() > MOST {
        found.truncate(MOST);
        notes.push(format!(
            "of the rows of {collection} in question, the first {MOST} were looked at"
        ));
    }
    Ok(found)
}

fn text(row: &Object, name: &str) -> Option<String> {
    match row.get(name)? {
        Json::String(text) => Some(text.clone()),
        Json::Null => None,
        other => Some(other.to_string()),
    }
}

fn moment(row: &Object, name: &str) -> Option<i64> {
    row.get(name).and_then(time::instant)
}

async fn flows(cx: &Cx, notes: &mut Vec<String>) -> Result<Vec<Flow>> {
    let active = json!({ "status": { "_eq": "active" } });
    let flows = most(cx, "directus_flows", active, "id,name,trigger,options,operation", notes).await?;
    if flows.is_empty() {
        return Ok(Vec::new());
    }
    let active = json!({ "flow": { "status": { "_eq": "active" } } });
    let operations = most(cx, "directus_operations", active, "id,key,type,options,flow", notes).await?;
    let operations: Vec<(Option<String>, Operation)> = operations
        .iter()
        .map(|row| {
            let operation = Operation {
                id: text(row, "id").unwrap_or_default(),
                key: text(row, "key").unwrap_or_default(),
                kind: text(row, "type").unwrap_or_default(),
                options: row.get("options").cloned().unwrap_or_default(),
            };
            (text(row, "flow"), operation)
        })
        .collect();
    let flow = |row: &Object| {
        let id = text(row, "id");
        let own = operations.iter().filter(|(flow, _)| *flow == id);
        Flow {
            name: text(row, "name").unwrap_or_default(),
            trigger: text(row, "trigger").unwrap_or_default(),
            options: row.get("options").cloned().unwrap_or_default(),
            first: text(row, "operation"),
            operations: own.map(|(_, operation)| operation.clone()).collect(),
            id: id.unwrap_or_default(),
        }
    };
    Ok(flows.iter().map(flow).collect())
}

async fn shares(cx: &Cx, power: &Power, notes: &mut Vec<String>) -> Result<Vec<Share>> {
    let unset = json!({ "_null": true });
    let mut wanted = vec![json!({ "password": unset, "date_end": unset, "max_uses": unset })];
    if !power.roles.is_empty() {
        wanted.push(json!({ "role": { "_in": power.roles } }));
    }
    let fields = "id,collection,item,role,password,date_end,max_uses";
    let found = most(cx, "directus_shares", json!({ "_or": wanted }), fields, notes).await?;
    let share = |row: &Object| Share {
        id: text(row, "id").unwrap_or_default(),
        collection: text(row, "collection").unwrap_or_default(),
        item: text(row, "item").unwrap_or_default(),
        role: text(row, "role"),
        is_open: ["password", "date_end", "max_uses"]
            .iter()
            .all(|name| row.get(*name).is_none_or(Json::is_null)),
    };
    Ok(found.iter().map(share).collect())
}
