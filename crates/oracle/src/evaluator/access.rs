//! Who has which permissions. Policies add up; what cannot be understood grants nothing.

use std::{
    cell::{Cell as Flag, RefCell},
    collections::{BTreeSet, HashMap},
    net::IpAddr,
};

use aedile_engine::{
    query::{
        Filter, Limits,
        filter::{self, Context},
    },
    schema::{Collection, system},
    value::Param,
};
use indexmap::IndexSet;
use serde_json::Value as Json;

use super::{Answer, Caller, Eyes, Object, Permission, Refusal, Row, Session, World};

/// One permission: these rows, these fields.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// None for all rows.
    pub rule: Option<Filter>,
    /// None for all fields.
    pub fields: Option<BTreeSet<String>>,
    pub presets: Object,
    pub validation: Option<Filter>,
}

impl Case {
    pub fn grants(&self, field: &str) -> bool {
        self.fields.as_ref().is_none_or(|fields| fields.contains(field))
    }
}

impl<'w> Session<'w> {
    /// Collects what a caller may do.
    pub fn new(world: &'w World, caller: &Caller) -> Session<'w> {
        let (user, ip) = match caller {
            Caller::Public { ip } => (None, *ip),
            Caller::User { id, ip } => (Some(id.clone()), *ip),
        };
        let role = user
            .as_deref()
            .and_then(|id| stored(world, "directus_users", id, "role"));
        let roles = ancestors(world, role.clone());
        let from = |list: &Vec<String>| ip.is_some_and(|ip| listed(list, ip));
        let here = |id: &str| {
            let policy = world.policies.iter().find(|policy| policy.id == id);
            policy.is_some_and(|policy| policy.ip.as_ref().is_none_or(from))
        };
        let attached = |user: Option<&String>, role: Option<&String>| -> Vec<String> {
            let to = world.attachments.iter().filter(|a| match (user, role) {
                (None, None) => a.user.is_none() && a.role.is_none(),
                (user, role) => {
                    (user.is_some() && a.user.as_ref() == user) || (role.is_some() && a.role.as_ref() == role)
                }
            });
            to.map(|a| a.policy.clone()).filter(|policy| here(policy)).collect()
        };
        // Without a role one has what the public has; with one, even an empty one, not. Later ones win over earlier ones:
        // nearer roles over those above them, and the user's own policies over all.
        let public = if role.is_none() {
            attached(None, None)
        } else {
            Vec::new()
        };
        let mut own: Vec<String> = roles.iter().rev().flat_map(|role| attached(None, Some(role))).collect();
        own.extend(user.iter().flat_map(|user| attached(Some(user), None)));
        // The public is never an administrator, nor a user of the Studio.
        let mine = || world.policies.iter().filter(|policy| own.contains(&policy.id));
        let (admin, app) = (mine().any(|p| p.admin), mine().any(|p| p.admin || p.app));
        let policies: IndexSet<String> = public.into_iter().chain(own).collect();
        let mut cases: HashMap<(String, String), Vec<Case>> = HashMap::new();
        let given = policies
            .iter()
            .flat_map(|id| world.permissions.iter().filter(move |p| p.policy == *id))
            .cloned();
        for permission in given.chain(minimum().into_iter().filter(|_| app)) {
            let to = (permission.collection.clone(), permission.action.clone());
            cases.entry(to).or_default().extend(case(&permission));
        }
        Session {
            world,
            user,
            admin,
            roles,
            policies: policies.iter().cloned().collect(),
            cases,
            limits: Limits::default(),
            looked_at: RefCell::default(),
            masked: Flag::default(),
        }
    }

    pub(super) fn cases(&self, c: &Collection, action: &str) -> &[Case] {
        self.cases
            .get(&(c.name.clone(), action.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether the caller may do this at all with some row of the collection.
    pub(super) fn may(&self, c: &Collection, action: &str) -> bool {
        self.admin || !self.cases(c, action).is_empty()
    }

    /// Refuses a collection of which the caller may read nothing.
    pub(super) fn readable(&self, c: &Collection, eyes: Eyes) -> Answer<()> {
        if eyes == Eyes::Rule || self.may(c, "read") {
            Ok(())
        } else {
            Err(Refusal::Forbidden)
        }
    }

    /// Whether the caller may read the field in some row at all.
    pub fn grants(&self, c: &Collection, field: &str) -> bool {
        self.admin || self.cases(c, "read").iter().any(|case| case.grants(field))
    }

    /// Whether a permission covers a row. A rule that makes no sense covers none.
    pub(super) fn covers(&self, c: &'w Collection, case: &Case, row: &Row) -> bool {
        case.rule
            .as_ref()
            .is_none_or(|rule| self.holds(c, Some(row), rule, Eyes::Rule).unwrap_or(false))
    }

    /// Whether the caller may see anything of the row.
    pub(super) fn visible(&self, c: &'w Collection, row: &Row, eyes: Eyes) -> bool {
        eyes == Eyes::Rule || self.admin || self.any(self.cases(c, "read"), |case| self.covers(c, case, row))
    }

    /// Whether the caller may see this field of the row.
    pub(super) fn sees(&self, c: &'w Collection, row: &Row, field: &str) -> bool {
        self.admin
            || self.any(self.cases(c, "read"), |case| {
                case.grants(field) && self.covers(c, case, row)
            })
    }

    /// Whether a condition may look at the field of this row; refused when it may in no row. Nothing is hidden in a
    /// row that is not there.
    pub(super) fn opens(&self, c: &'w Collection, row: Option<&Row>, field: &str, eyes: Eyes) -> Answer<bool> {
        if eyes == Eyes::Rule {
            return Ok(true);
        }
        if !self.grants(c, field) {
            return Err(Refusal::Forbidden);
        }
        Ok(row.is_none_or(|row| self.sees(c, row, field)))
    }

    /// Whether one holds. All are asked: what a rule looks at shall not depend on another's outcome.
    pub(super) fn any(&self, cases: &[Case], holds: impl Fn(&Case) -> bool) -> bool {
        cases.iter().filter(|case| holds(case)).count() > 0
    }
}

fn stored(world: &World, collection: &str, id: &str, field: &str) -> Option<String> {
    let is_it = |row: &&Row| row.get("id") == Some(&Param::from(id));
    match world.rows.get(collection)?.iter().find(is_it)?.get(field)? {
        Param::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The role and those above it. An unknown role is none; a loop ends where it began.
fn ancestors(world: &World, role: Option<String>) -> Vec<String> {
    let known = |id: &str| {
        world
            .rows
            .get("directus_roles")
            .is_some_and(|rows| rows.iter().any(|r| r.get("id") == Some(&id.into())))
    };
    let mut chain = Vec::new();
    let mut next = role;
    while let Some(id) = next.filter(|id| known(id) && !chain.contains(id)) {
        next = stored(world, "directus_roles", &id, "parent");
        chain.push(id);
    }
    chain
}

/// A stored permission, or none when its rule or validation cannot be understood.
fn case(stored: &Permission) -> Option<Case> {
    let names: Option<BTreeSet<String>> = match &stored.fields {
        Json::String(text) => Some(text.split(',').map(|name| name.trim().to_owned()).collect()),
        Json::Array(list) => Some(
            list.iter()
                .filter_map(Json::as_str)
                .map(|name| name.trim().to_owned())
                .collect(),
        ),
        _ => Some(BTreeSet::new()),
    };
    Some(Case {
        rule: condition(&stored.rule, Context::Rule)?,
        fields: names.filter(|names| !names.contains("*")),
        presets: stored.presets.as_object().cloned().unwrap_or_default(),
        validation: condition(&stored.validation, Context::Validation)?,
    })
}

/// Nothing and `{}` are no condition; the inner none is "no condition", the outer "not understood".
#[expect(clippy::option_option, reason = "a condition may be absent, or not understood")]
fn condition(stored: &Json, context: Context) -> Option<Option<Filter>> {
    let empty = stored.is_null() || stored.as_object().is_some_and(Object::is_empty);
    // An editor saves "nothing to validate" so.
    let blank = context == Context::Validation && *stored == serde_json::json!({"_and": []});
    if empty || blank {
        Some(None)
    } else {
        filter::parse(stored, &Limits::default(), context).ok().map(Some)
    }
}

/// What every user of the Studio may do besides.
fn minimum() -> Vec<Permission> {
    let text = |row: &Object, key: &str| row.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let part = |row: &Object, key: &str| row.get(key).cloned().unwrap_or_default();
    let rows = system::permission_rows().iter();
    rows.map(|row| Permission {
        policy: String::new(),
        collection: text(row, "collection"),
        action: text(row, "action"),
        rule: part(row, "permissions"),
        validation: part(row, "validation"),
        presets: part(row, "presets"),
        fields: part(row, "fields"),
    })
    .collect()
}

/// Whether an address is on a list of addresses, blocks (`10.0.0.0/8`) and ranges (`a-b`). A list with an entry that is
/// none of these is not understood: nobody is on it.
fn listed(list: &[String], ip: IpAddr) -> bool {
    let entries: Option<Vec<(IpAddr, u128, u128)>> = list.iter().map(|entry| bounds(entry.trim())).collect();
    let ip = ip.to_canonical();
    entries.is_some_and(|entries| {
        entries
            .iter()
            .any(|(kind, from, to)| kind.is_ipv4() == ip.is_ipv4() && (*from..=*to).contains(&number(ip)))
    })
}

/// An entry's first and last address.
fn bounds(entry: &str) -> Option<(IpAddr, u128, u128)> {
    let address = |text: &str| text.trim().parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
    if let Some((from, to)) = entry.split_once('-') {
        let (from, to) = (address(from)?, address(to)?);
        return (from.is_ipv4() == to.is_ipv4() && from <= to).then_some((from, number(from), number(to)));
    }
    let Some((net, bits)) = entry.split_once('/') else {
        return address(entry).map(|ip| (ip, number(ip), number(ip)));
    };
    let (net, bits) = (net.parse::<IpAddr>().ok()?, bits.parse::<u32>().ok()?);
    let free = if net.is_ipv4() { 32_u32 } else { 128 }.checked_sub(bits)?;
    let mask = u128::MAX.checked_shl(free).unwrap_or(0);
    Some((net, number(net) & mask, number(net) & mask | !mask))
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    }
}
