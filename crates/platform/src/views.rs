//! Views: an administrator looks at the project as somebody else would see it. A view says whose eyes are lent to whom
//! and until when; it is no credential, and reading is all it is for.
//! Must never give more than the administrator who made it has, nor anything to anybody else.

use std::sync::Arc;

use aedile_db::Row;
use aedile_engine::{
    Code, Error, Json, Object, Result,
    access::Access,
    schema::Ident,
    sql::Sql,
    value::{Param, time},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Cx, Origin,
    identity::{self, Identity, Person},
    items::Writing,
    snapshot::text,
};

/// How long a view lasts, in milliseconds: one sitting.
const LIFETIME: i64 = 60 * 60 * 1000;

/// Views of one administrator at the same time: more than anybody has windows open.
const MAX_VIEWS: i64 = 100;

/// The word for a view in the activity.
const ACTION: &str = "view";

/// Stores a view, for an hour; answers its `id` and when it `expires`. The activity tells who looks as whom.
///
/// # Errors
/// `FORBIDDEN` to all but administrators; `INVALID_PAYLOAD` for who is not there or not active, and for drafts that could
/// not be stored; `LIMIT_EXCEEDED` for too many views.
pub async fn create(cx: &Cx, body: &Object) -> Result<Object> {
    let owner = administrator(cx)?.to_owned();
    let who = Identity::read(cx, body).await?;
    if matches!(&who, Identity::User(person) if !person.is_active()) {
        return Err(Error::invalid_payload(
            "the user is not active, so nobody is answered as this user",
        ));
    }
    let ip = identity::address(body)?;
    let drafts = identity::drafts(body)?;
    let view = View {
        id: Uuid::new_v4().to_string(),
        owner,
        expires: cx.now + LIFETIME,
        details: json!({ "ip": ip, "policies": drafts }),
        who,
    };
    let mut told = Object::new();
    told.insert("id".to_owned(), view.id.as_str().into());
    told.insert("expires".to_owned(), time::format_instant(view.expires).into());
    let inner = cx.clone();
    cx.app
        .db()
        .write(move |tx| Box::pin(async move { store(&mut Writing::new(&inner, tx), &view).await }))
        .await?;
    Ok(told)
}

/// Ends a view of the caller's own.
///
/// # Errors
/// `FORBIDDEN` for all others, as for one that is not there.
pub async fn end(cx: &Cx, id: &str) -> Result<()> {
    let (owner, id) = (administrator(cx)?.to_owned(), known(id)?);
    let inner = cx.clone();
    let ended = cx
        .app
        .db()
        .write(move |tx| {
            Box::pin(async move {
                let mut w = Writing::new(&inner, tx);
                let mut sql = w.sql();
                sql.push("delete from aedile_views where id = ")
                    .param(id)
                    .push(" and owner = ")
                    .param(owner);
                w.run(sql.finish(Vec::new())).await
            })
        })
        .await?;
    if ended == 0 { Err(Error::forbidden()) } else { Ok(()) }
}

/// The context of the caller that a view is of, in the place of the administrator who made it and asks now. The viewed
/// user is who the row says now; the address is the administrator's, unless the view names one.
///
/// # Errors
/// `FORBIDDEN` alike for everybody else, for what is past or unknown, and for who is gone or not active any more.
pub async fn enter(cx: &Cx, id: &str) -> Result<Cx> {
    let owner = administrator(cx)?;
    let mut sql = Sql::new(cx.app.db().dialect());
    sql.push(
        "select v.owner, v.expires, v.details, v.\"user\", v.role, u.role, u.status, v.public from aedile_views v",
    );
    sql.push(" left join directus_users u on u.id = v.\"user\" where v.id = ")
        .param(known(id)?);
    let stmt = sql.finish(Vec::new());
    let params = cx.bind(&stmt.binds);
    let rows = cx.app.db().fetch(stmt.into(), params).await?;
    let row = rows.first().ok_or_else(Error::forbidden)?;
    let alive = matches!(row.get(1), Some(Param::Int(expires)) if *expires > cx.now);
    if !alive || text(row, 0).as_deref() != Some(owner) {
        return Err(Error::forbidden());
    }
    let details: Json = text(row, 2)
        .and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(Error::forbidden)?;
    let ip = match details.get("ip") {
        None | Some(Json::Null) => cx.caller.ip(),
        Some(ip) => Some(
            ip.as_str()
                .and_then(|ip| ip.parse().ok())
                .ok_or_else(Error::forbidden)?,
        ),
    };
    let caller = viewed(cx, row)?.caller(ip);
    let drafts = details
        .get("policies")
        .and_then(Json::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let drafted =
        identity::with_drafts(&cx.snapshot.policies, drafts, &caller).map(|policies| Access::of(&policies, &caller));
    let origin = Origin {
        // The administrator's session is nothing of the viewed caller's.
        session: None,
        ..(*cx.origin).clone()
    };
    let mut seen = cx.app.cx(cx.snapshot.clone(), caller, origin, cx.now);
    if let Some(access) = drafted {
        seen.access = Arc::new(access);
    }
    seen.viewer = Some(cx.caller.clone());
    Ok(seen)
}

/// Who a stored view is of, as they are now.
fn viewed(cx: &Cx, row: &Row) -> Result<Identity> {
    if let Some(id) = text(row, 3) {
        let person = Person {
            id,
            email: None,
            role: text(row, 5),
            status: text(row, 6).unwrap_or_default(),
        };
        return if person.is_active() {
            Ok(Identity::User(person))
        } else {
            Err(Error::forbidden())
        };
    }
    if let Some(id) = text(row, 4) {
        let role = cx.snapshot.policies.role(&id).ok_or_else(Error::forbidden)?;
        return Ok(Identity::Role {
            id,
            name: role.name.clone(),
        });
    }
    match row.get(7) {
        Some(Param::Int(1)) => Ok(Identity::Public),
        _ => Ok(Identity::Nobody),
    }
}

struct View {
    id: String,
    owner: String,
    expires: i64,
    details: Json,
    who: Identity,
}

impl View {
    /// The collection that the viewed identity is an item of.
    fn collection(&self) -> &'static str {
        match self.who {
            Identity::User(_) => "directus_users",
            Identity::Role { .. } => "directus_roles",
            Identity::Public | Identity::Nobody => "directus_policies",
        }
    }

    /// The viewed identity, for the record.
    fn told(&self) -> Object {
        let mut told = Object::new();
        match &self.who {
            Identity::User(person) => told.insert("user".to_owned(), person.id.as_str().into()),
            Identity::Role { id, .. } => told.insert("role".to_owned(), id.as_str().into()),
            Identity::Public => told.insert("public".to_owned(), true.into()),
            Identity::Nobody => None,
        };
        if let Json::Object(details) = &self.details {
            told.extend(
                details
                    .clone()
                    .into_iter()
                    .filter(|(_, value)| !value.is_null() && *value != json!([])),
            );
        }
        told.insert("expires".to_owned(), time::format_instant(self.expires).into());
        told
    }
}

async fn store(w: &mut Writing<'_>, view: &View) -> Result<()> {
    let mut sql = w.sql();
    sql.push("delete from aedile_views where expires <= ").param(w.cx.now);
    w.run(sql.finish(Vec::new())).await?;
    let mut sql = w.sql();
    sql.push("select count(*) from aedile_views where owner = ")
        .param(view.owner.as_str());
    let rows = w.fetch(sql.finish(Vec::new())).await?;
    if matches!(rows.first().and_then(|row| row.first()), Some(Param::Int(n)) if *n >= MAX_VIEWS) {
        return Err(Error::new(
            Code::LimitExceeded,
            format!("An administrator has {MAX_VIEWS} views at most."),
        ));
    }
    let (user, role) = match &view.who {
        Identity::User(person) => (Some(person.id.clone()), None),
        Identity::Role { id, .. } => (None, Some(id.clone())),
        Identity::Public | Identity::Nobody => (None, None),
    };
    let mut sql = w.sql();
    sql.push("insert into aedile_views (id, owner, expires, \"user\", role, public, details) values (")
        .param(view.id.as_str());
    sql.push(", ")
        .param(view.owner.as_str())
        .push(", ")
        .param(view.expires)
        .push(", ")
        .param(user)
        .push(", ")
        .param(role);
    sql.push(", ")
        .param(i64::from(view.who == Identity::Public))
        .push(", ")
        .param(view.details.to_string())
        .push(")");
    w.run(sql.finish(Vec::new())).await?;
    record(w, view).await
}

/// One row of activity for the administrator, and its revision for the viewed identity.
async fn record(w: &mut Writing<'_>, view: &View) -> Result<()> {
    let origin = w.cx.origin.clone();
    let ip = w.cx.caller.ip().map(|ip| ip.to_string());
    let mut sql = w.sql();
    sql.push("insert into directus_activity (action, \"user\", timestamp, ip, user_agent, collection, item, origin) values (");
    sql.param(ACTION)
        .push(", ")
        .param(view.owner.as_str())
        .push(", ")
        .param(Param::Instant(w.cx.now))
        .push(", ");
    sql.param(ip)
        .push(", ")
        .param(origin.user_agent.clone())
        .push(", ")
        .param(view.collection())
        .push(", ");
    sql.param(view.id.as_str())
        .push(", ")
        .param(origin.origin.clone())
        .push(")");
    let told = sql.returning(&Ident::new("id"), None);
    let rows = w.fetch(sql.finish(vec![told])).await?;
    let Some(Param::Int(activity)) = rows.first().and_then(|row| row.first()) else {
        return Err(Error::internal("the activity has no id"));
    };
    let told = Json::Object(view.told()).to_string();
    let mut sql = w.sql();
    sql.push("insert into directus_revisions (activity, collection, item, data, delta) values (")
        .param(*activity)
        .push(", ");
    sql.param(view.collection())
        .push(", ")
        .param(view.id.as_str())
        .push(", ")
        .param(told.as_str())
        .push(", ")
        .param(told.as_str());
    sql.push(")");
    w.run(sql.finish(Vec::new())).await.map(|_| ())
}

/// The administrator's id. One who looks as somebody else is none, whoever they look as.
fn administrator(cx: &Cx) -> Result<&str> {
    if !cx.access.admin || cx.viewer.is_some() {
        return Err(Error::forbidden());
    }
    cx.caller.user().ok_or_else(Error::forbidden)
}

/// An id as it is stored; what cannot be one belongs to no view.
fn known(id: &str) -> Result<String> {
    Uuid::parse_str(id)
        .map(|id| id.to_string())
        .map_err(|_| Error::forbidden())
}
