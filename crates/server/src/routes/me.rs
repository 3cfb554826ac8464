//! What a caller may learn of its own rights: permissions, policies, roles. Users alone are told; the public learns no
//! more than that it is the public.

use aedile_engine::{Code, Error, Json, Object, Result, schema::Collection, value::Param};
use aedile_platform::{
    Cx,
    items::{self, keys},
    system::my_permissions,
};

use crate::{
    request::Call,
    respond::Reply,
    router::{Entry, routes},
};

const ROLES: &str = "directus_roles";

/// What users are told as well who are held up until they have a second factor.
pub const HELD_UP: &[Entry] = routes![held up: Get "/policies/me/globals" => globals];

/// What is served.
pub const ROUTES: &[Entry] = routes![
    Get "/permissions/me" => permissions,
    Get "/permissions/me/:collection" => rights,
    Get "/permissions/me/:collection/:key" => rights,
    Get "/roles/me" => roles,
];

/// Per collection and action: nothing, some or all rows, and which fields.
async fn permissions(call: Call) -> Result<Reply> {
    known(&call.cx)?;
    Ok(Reply::data(&my_permissions::all(&call.cx).await?.into()))
}

/// Whether one item may be changed, removed, shared.
async fn rights(call: Call) -> Result<Reply> {
    known(&call.cx)?;
    let key = Some(call.param("key")).filter(|key| !key.is_empty());
    Ok(Reply::data(
        &my_permissions::item(&call.cx, call.collection(), key).await?.into(),
    ))
}

/// What the caller's policies say beside permissions.
async fn globals(call: Call) -> Result<Reply> {
    Ok(Reply::data(&globals_of(&call.cx).into()))
}

/// The same, as it is told.
pub(super) fn globals_of(cx: &Cx) -> Object {
    let access = cx.withheld.as_ref().unwrap_or(&cx.access);
    let mut told = Object::new();
    if cx.caller.user().is_none() {
        told.insert("app_access".into(), false.into());
    } else {
        told.insert("app_access".into(), (access.app || access.admin).into());
        told.insert("admin_access".into(), access.admin.into());
        told.insert("enforce_tfa".into(), access.enforce_tfa.into());
    }
    told
}

/// The caller's role and those above it; their ids alone to who may not read roles.
async fn roles(call: Call) -> Result<Reply> {
    known(&call.cx)?;
    let query = call.query()?;
    let found = call.cx.schema().collection(ROLES).ok_or_else(Error::forbidden)?;
    let ids = &call.cx.access.roles;
    match items::keyed(&call.cx, ROLES, &parsed(found, ids)?, &query).await {
        Err(error) if error.code() == Code::Forbidden => {
            let ids = ids
                .iter()
                .rev()
                .map(|id| Json::Object(Object::from_iter([("id".to_owned(), id.as_str().into())])));
            Ok(Reply::data(&ids.collect()))
        }
        other => other.map(Reply::answer),
    }
}

fn parsed(roles: &Collection, ids: &[String]) -> Result<Vec<Param>> {
    ids.iter()
        .map(|id| keys::from_json(roles, &id.as_str().into()))
        .collect()
}

/// Refuses the public.
fn known(cx: &Cx) -> Result<()> {
    if cx.caller.user().is_some() {
        Ok(())
    } else {
        Err(Error::forbidden())
    }
}
