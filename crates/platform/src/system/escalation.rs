//! Nobody can grant more than they have. Whatever a caller who is no administrator changes of users, roles, policies,
//! attachments and permissions, nobody may hold more afterwards than before, but for what the caller holds too or what
//! an administrator fixed by a preset. Judged on the rows as they stand at the end of the transaction, whatever led to
//! them; it must never be asked of the payload alone, and never before the change is complete.

mod addresses;
mod graph;
mod judge;
mod powers;

use std::collections::{HashMap, HashSet};

use aedile_engine::{
    Error, Json, Object, Result,
    access::{Action, Caller},
    schema::Collection,
    value::Param,
};

use crate::{
    Cx,
    items::{Writing, keys_text},
    snapshot::text,
};
use graph::{Graph, Holder};
pub(crate) use judge::judge;
use powers::{Power, stands_in};

pub(super) use addresses::Addresses;

/// Collections that decide who holds what.
const GRANTING: [&str; 4] = [
    "directus_access",
    "directus_permissions",
    "directus_policies",
    "directus_roles",
];

const USERS: &str = "directus_users";

/// What makes its owner of a user: whoever sets one of these can be that user, or keep it from being itself.
const IDENTITY: [&str; 9] = [
    "auth_data",
    "email",
    "external_identifier",
    "password",
    "provider",
    "role",
    "status",
    "tfa_secret",
    "token",
];

/// What a running change is judged by at its end.
#[derive(Default)]
pub(crate) struct Watch {
    /// Who held what before the change; none as long as nothing that grants was touched.
    before: Option<Box<Graph>>,
    /// The roles that changed users had before.
    roles: HashMap<String, Option<String>>,
    /// New users.
    created: HashSet<String>,
    /// Whether addresses of a policy were set.
    pub(crate) addresses: bool,
}

/// What the caller itself holds here and now, and what everybody holds.
struct Own {
    caller: Vec<Power>,
    public: Vec<Power>,
}

impl Own {
    fn of(cx: &Cx, graph: &Graph) -> Own {
        let public = graph.powers(Holder::Public);
        let caller = match cx.caller.user() {
            Some(id) => graph.powers_at(Holder::User(id, cx.caller.role()), cx.caller.ip()),
            None => Vec::new(),
        };
        Own { caller, public }
    }

    /// Whether the caller holds all of these.
    fn have(&self, powers: &[Power]) -> bool {
        powers.iter().all(|power| self.has(power, powers))
    }

    fn has(&self, power: &Power, all: &[Power]) -> bool {
        stands_in(power, all, &self.caller) || stands_in(power, all, &self.public)
    }
}

/// Whether the caller's changes are judged: everybody's but an administrator's and Aedile's own.
fn is_judged(cx: &Cx) -> bool {
    !cx.access.admin && !matches!(*cx.caller, Caller::System(_))
}

/// Whether the caller may give somebody this role: it holds everything that the role does, or an administrator fixed
/// the role by a preset of its permission to create users. An unknown role holds nothing.
///
/// # Errors
/// What the database answers.
pub async fn may_assign(cx: &Cx, role: &str) -> Result<bool> {
    if !is_judged(cx) {
        return Ok(true);
    }
    let graph = Graph::stored(cx).await?;
    let fixed = judge::fixed(cx, USERS, Action::Create, "role").any(|fixed| fixed == role);
    Ok(fixed || Own::of(cx, &graph).have(&graph.powers(Holder::Role(role))))
}

/// Remembers who held what, once, before anything that grants is touched.
async fn begin(w: &mut Writing<'_>) -> Result<()> {
    if w.watch.before.is_none() {
        w.watch.before = Some(Box::new(Graph::seen_by(w).await?));
    }
    Ok(())
}

fn is_granting(c: &Collection) -> bool {
    GRANTING.contains(&c.name.as_str())
}

/// Before a new item is made.
pub(crate) async fn before_create(w: &mut Writing<'_>, c: &Collection, input: &Object) -> Result<()> {
    w.watch.addresses |= c.name == "directus_policies" && input.contains_key("ip_access");
    // Who may make none at all is refused in the same words as ever.
    if !is_judged(w.cx) || !w.cx.access.grant(&c.name, Action::Create).is_some() {
        return Ok(());
    }
    if is_granting(c) || c.name == USERS {
        begin(w).await?;
    }
    Ok(())
}

/// After a new item is stored.
pub(crate) async fn after_create(w: &mut Writing<'_>, c: &Collection, key: &Param) -> Result<()> {
    if !is_judged(w.cx) {
        return Ok(());
    }
    match c.name.as_str() {
        USERS => {
            w.watch.created.insert(keys_text(key));
            Ok(())
        }
        "directus_presets" => check_scope(w, c, std::slice::from_ref(key)).await,
        _ => Ok(()),
    }
}

/// Before items are changed.
pub(crate) async fn before_update(w: &mut Writing<'_>, c: &Collection, keys: &[Param], input: &Object) -> Result<()> {
    w.watch.addresses |= c.name == "directus_policies" && input.contains_key("ip_access");
    if !is_judged(w.cx) {
        return Ok(());
    }
    if is_granting(c) {
        return begin(w).await;
    }
    if c.name == USERS {
        let preset =
            w.cx.access
                .grant(USERS, Action::Update)
                .cases()
                .iter()
                .any(|case| case.presets.contains_key("role"));
        let identity = IDENTITY.iter().any(|name| input.contains_key(*name));
        if identity || preset {
            begin(w).await?;
            remember_roles(w, keys).await?;
        }
        if identity {
            check_targets(w, keys).await?;
        }
    }
    Ok(())
}

/// After items are changed; `values` is what was stored.
pub(crate) async fn after_update(w: &mut Writing<'_>, c: &Collection, keys: &[Param], values: &Object) -> Result<()> {
    if !is_judged(w.cx) {
        return Ok(());
    }
    match c.name.as_str() {
        "directus_presets" => check_scope(w, c, keys).await,
        "directus_settings" => check_registration(w, values).await,
        _ => Ok(()),
    }
}

/// Before items go.
pub(crate) async fn before_delete(w: &mut Writing<'_>, c: &Collection, keys: &[Param]) -> Result<()> {
    if !is_judged(w.cx) {
        return Ok(());
    }
    if is_granting(c) {
        begin(w).await?;
    }
    match c.name.as_str() {
        USERS => {
            begin(w).await?;
            remember_roles(w, keys).await?;
            check_targets(w, keys).await
        }
        // Its users are suspended.
        "directus_roles" => {
            let mut sql = w.sql();
            sql.push("select id from directus_users where role in (").params(keys);
            sql.push(")");
            let rows = w.fetch(sql.finish(Vec::new())).await?;
            let users: Vec<Param> = rows.into_iter().filter_map(|row| row.into_iter().next()).collect();
            remember_roles(w, &users).await?;
            check_targets(w, &users).await
        }
        _ => Ok(()),
    }
}

/// Remembers the roles of users as they were before the transaction touched them.
async fn remember_roles(w: &mut Writing<'_>, keys: &[Param]) -> Result<()> {
    for (id, role) in roles_of(w, keys).await? {
        if !w.watch.created.contains(&id) {
            w.watch.roles.entry(id).or_insert(role);
        }
    }
    Ok(())
}

async fn roles_of(w: &mut Writing<'_>, keys: &[Param]) -> Result<Vec<(String, Option<String>)>> {
    let mut sql = w.sql();
    sql.push("select id, role from directus_users where id in (")
        .params(keys);
    sql.push(")");
    let rows = w.fetch(sql.finish(Vec::new())).await?;
    Ok(rows
        .iter()
        .filter_map(|row| Some((text(row, 0)?, text(row, 1))))
        .collect())
}

/// Refuses to touch the identity of users who hold more than the caller, itself left aside.
async fn check_targets(w: &mut Writing<'_>, keys: &[Param]) -> Result<()> {
    let Some(before) = &w.watch.before else { return Ok(()) };
    let own = Own::of(w.cx, before);
    for id in keys
        .iter()
        .map(keys_text)
        .filter(|id| w.cx.caller.user() != Some(id.as_str()))
    {
        let role = w.watch.roles.get(&id).and_then(Option::as_deref);
        if !own.have(&before.powers(Holder::User(&id, role))) {
            return Err(Error::forbidden());
        }
    }
    Ok(())
}

/// A stored view is its caller's own, or one that the caller may change by a permission that says so: none is put
/// before others by who could not take it away again.
async fn check_scope(w: &mut Writing<'_>, c: &Collection, keys: &[Param]) -> Result<()> {
    let mut sql = w.sql();
    sql.push("select id from directus_presets where \"user\" = ")
        .param(w.cx.caller.user().map(str::to_owned));
    sql.push(" and role is null and id in (").params(keys);
    sql.push(")");
    let rows = w.fetch(sql.finish(Vec::new())).await?;
    let own: Vec<String> = rows.iter().filter_map(|row| text(row, 0)).collect();
    let others: Vec<Param> = keys
        .iter()
        .filter(|key| !own.contains(&keys_text(key)))
        .cloned()
        .collect();
    if others.is_empty() || w.covered(c, Action::Update, &others, &["user", "role"]).await?.len() == others.len() {
        return Ok(());
    }
    Err(Error::forbidden())
}

/// Whoever registers gets the role of the settings: to choose it is to give it.
async fn check_registration(w: &mut Writing<'_>, values: &Object) -> Result<()> {
    let Some(Json::String(role)) = values.get("public_registration_role") else {
        return Ok(());
    };
    let graph = Graph::seen_by(w).await?;
    if Own::of(w.cx, &graph).have(&graph.powers(Holder::Role(role))) {
        return Ok(());
    }
    Err(Error::forbidden())
}
