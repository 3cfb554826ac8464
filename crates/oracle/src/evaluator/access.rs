//! Who has which permissions. Policies add up; what cannot be understood grants nothing.

use std::{collections::HashMap, net::IpAddr};

use aedile_engine::{
    query::{
        Filter, Limits,
        filter::{self, Context},
    },
    schema::Collection,
};
use indexmap::IndexSet;
use ipnet::IpNet;
use serde_json::Value as Json;

use super::{Attachment, Caller, Item, Permission, Policy, Row, Session, World};

/// One permission: this action, these rows, these fields.
pub(super) struct Case {
    action: String,
    rule: Filter,
    fields: Vec<String>,
    pub presets: Row,
    pub validation: Filter,
}

impl Case {
    pub fn grants(&self, field: &str) -> bool {
        self.fields.iter().any(|granted| granted == "*" || granted == field)
    }
}

impl<'w> Session<'w> {
    /// Collects what a caller may do.
    pub fn new(world: &'w World, caller: &Caller) -> Session<'w> {
        let row = |of: &str, id: &Json| world.rows.get(of)?.iter().find(|row| row.get("id") == Some(id));
        let user = Json::from(caller.user.clone());
        let get = |row: Option<&Row>, field: &str| row.and_then(|row| row.get(field)).cloned().unwrap_or_default();
        let role = get(row("directus_users", &user), "role");
        // An unknown role is none; a loop ends where it began.
        let (mut roles, mut next) = (Vec::new(), role.clone());
        while let Some(found) = row("directus_roles", &next).filter(|_| !roles.contains(&next)) {
            roles.push(std::mem::replace(&mut next, get(Some(found), "parent")));
        }
        let from = |list: &Vec<String>| caller.ip.is_some_and(|ip| listed(list, ip));
        // Later ones win over earlier ones: nearer roles over those above them, and the user's own over all. Without a
        // role one has what the public has; with one, even an empty one, not.
        let rank = |a: &Attachment| match (&a.user, &a.role) {
            (Some(_), _) if a.user == caller.user => Some(roles.len() + 1),
            (None, None) if role.is_null() => Some(0),
            (_, Some(to)) => roles
                .iter()
                .position(|role| role == to)
                .map(|above| roles.len() - above),
            _ => None,
        };
        let attached = |a: &Attachment| -> Option<(usize, &Policy)> {
            let policy = world.policies.iter().find(|policy| policy.id == a.policy)?;
            let here = policy.ip.as_ref().is_none_or(from);
            Some((rank(a).filter(|_| here)?, policy))
        };
        let mut held: Vec<(usize, &Policy)> = world.attachments.iter().filter_map(attached).collect();
        held.sort_by_key(|(rank, _)| *rank);
        // What is attached to the public makes nobody an administrator, nor a user of the Studio.
        let own = |such: fn(&Policy) -> bool| held.iter().any(|(rank, policy)| *rank > 0 && such(policy));
        let (admin, studio) = (own(|policy| policy.admin), own(|policy| policy.admin || policy.app));
        let ids: IndexSet<&str> = held.iter().map(|(_, policy)| policy.id.as_str()).collect();
        let place = |stored: &Permission| ids.get_index_of(stored.policy.as_str());
        let mut given: Vec<&Permission> = world.permissions.iter().filter(|p| place(p).is_some()).collect();
        given.sort_by_key(|stored| place(stored));
        given.extend(world.minimum.iter().filter(|_| studio));
        let mut cases: HashMap<String, Vec<Case>> = HashMap::new();
        for stored in given {
            cases.entry(stored.collection.clone()).or_default().extend(case(stored));
        }
        Session {
            world,
            user,
            role,
            admin,
            roles,
            policies: ids.into_iter().map(Json::from).collect(),
            cases,
            ruling: Default::default(),
            refused: Default::default(),
            masked: Default::default(),
            covered: Default::default(),
            looked_at: Default::default(),
        }
    }

    pub(super) fn cases(&self, of: &Collection, action: &str) -> impl Iterator<Item = &Case> {
        let all = self.cases.get(&of.name).into_iter().flatten();
        all.filter(move |case| case.action == action)
    }

    /// Whether the caller may do this at all with some row of the collection.
    pub fn may(&self, of: &Collection, action: &str) -> bool {
        self.admin || self.cases(of, action).next().is_some()
    }

    /// Whether some permission to do this grants the field.
    pub fn grants(&self, of: &Collection, action: &str, field: &str) -> bool {
        self.admin || self.cases(of, action).any(|case| case.grants(field))
    }

    /// Refuses a collection of which the caller may read nothing.
    pub(super) fn enter(&self, of: &Collection) {
        if !self.ruling.get() && !self.may(of, "read") {
            self.refuse()
        }
    }

    /// Whether a permission covers a row. A rule that makes no sense covers none, and is no part of the question.
    pub(super) fn covers(&self, case: &Case, item: Item<'w>) -> bool {
        let Some(row) = item.row else { return false };
        let known = (std::ptr::from_ref(case), std::ptr::from_ref(row));
        if let Some(covers) = self.covered.borrow().get(&known) {
            return *covers;
        }
        let (ruling, refused) = (self.ruling.replace(true), self.refused.replace(false));
        let holds = self.holds(item, &case.rule);
        let covers = !self.refused.replace(refused) && holds;
        self.ruling.set(ruling);
        self.covered.borrow_mut().insert(known, covers);
        covers
    }

    /// Whether a permission that `fits` covers the row. All are asked: what rules look at shall not depend on others.
    pub(super) fn covered(&self, item: Item<'w>, action: &str, fits: impl Fn(&Case) -> bool) -> bool {
        let covers = |case: &&Case| self.covers(case, item) & fits(case);
        self.admin || self.cases(item.of, action).filter(covers).count() > 0
    }

    /// Whether the caller may see anything of the row.
    pub fn visible(&self, item: Item<'w>) -> bool {
        item.row.is_some() && (self.ruling.get() || self.covered(item, "read", |_| true))
    }

    /// Whether the caller may see this field of the row.
    pub fn sees(&self, item: Item<'w>, field: &str) -> bool {
        self.ruling.get() || self.covered(item, "read", |case| case.grants(field))
    }

    /// Whether the field may be looked at; refused when it may in no row. Nothing is hidden in a row that is not there.
    pub(super) fn opens(&self, item: Item<'w>, field: &str) -> bool {
        if item.of.field(field).is_none() || !(self.ruling.get() || self.grants(item.of, "read", field)) {
            return self.refuse();
        }
        item.row.is_none() || self.sees(item, field)
    }
}

/// A stored permission, or none when its rule or validation cannot be understood.
fn case(stored: &Permission) -> Option<Case> {
    let list = stored.fields.as_array().into_iter().flatten().filter_map(Json::as_str);
    let names = list.chain(stored.fields.as_str().into_iter().flat_map(|text| text.split(',')));
    Some(Case {
        action: stored.action.clone(),
        rule: condition(&stored.rule, Context::Rule)?,
        fields: names.map(|name| name.trim().to_owned()).collect(),
        presets: stored.presets.as_object().cloned().unwrap_or_default(),
        validation: condition(&stored.validation, Context::Validation)?,
    })
}

/// A stored condition; nothing and `{}` hold for everything.
fn condition(stored: &Json, context: Context) -> Option<Filter> {
    let empty = stored.is_null() || stored.as_object().is_some_and(Row::is_empty);
    // An editor saves "nothing to validate" so.
    let blank = context == Context::Validation && *stored == serde_json::json!({"_and": []});
    match filter::parse(stored, &Limits::default(), context) {
        _ if empty || blank => Some(Filter::And(Vec::new())),
        parsed => parsed.ok(),
    }
}

/// Whether an address is on a list of addresses, blocks (`10.0.0.0/8`) and ranges (`a-b`). A list with an entry that is
/// none of these is not understood: nobody is on it.
fn listed(list: &[String], ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    let address = |text: &str| text.trim().parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
    let holds = |entry: &String| -> Option<bool> {
        if entry.contains('/') {
            return Some(entry.trim().parse::<IpNet>().ok()?.contains(&ip));
        }
        let (from, to) = entry.split_once('-').unwrap_or((entry, entry));
        let (from, to) = (address(from)?, address(to)?);
        (from.is_ipv4() == to.is_ipv4() && from <= to).then_some((from..=to).contains(&ip))
    };
    let held: Option<Vec<bool>> = list.iter().map(holds).collect();
    held.is_some_and(|held| held.contains(&true))
}
