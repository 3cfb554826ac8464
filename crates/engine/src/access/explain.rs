//! Why a caller may or may not do something: what its [`Access`] says of one collection and action, with the policies and
//! permissions it was made from. It tells the verdict of that very access and must never come to one of its own.

pub mod words;

use serde::Serialize;

use crate::access::{Access, Action, Caller, Case, Grant, Policies, Rule, Source, Via};

/// A policy that comes to the caller, whether or not it counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// The policy.
    pub id: String,
    /// Its name; empty for one that is gone.
    pub name: String,
    /// Every way it comes to the caller.
    pub via: Vec<Via>,
    /// Whether it counts.
    pub standing: Standing,
    /// Makes the caller an administrator.
    pub admin: bool,
    /// Lets the caller use the Studio, and brings what that needs.
    pub app: bool,
}

/// Whether a policy counts for the caller.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// It does.
    Counts,
    /// It does not: it counts from other addresses, these. None where the list could not be read.
    Elsewhere(Option<String>),
    /// It does not: there is no such policy.
    Missing,
}

/// Why a stored permission grants nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// Its item rule cannot be understood.
    Rule,
    /// Its validation cannot be understood.
    Validation,
}

/// How much of a collection an action may be done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Nothing.
    None,
    /// What the permissions' rules cover.
    Some,
    /// Every row, some case has no rule (but for which fields, the cases say).
    All,
    /// Everything: no rule is looked at.
    Admin,
}

/// Why a caller may or may not do something.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The policies that come to the caller, in the order they add up.
    pub policies: Vec<Share>,
    /// How much is allowed.
    pub scope: Scope,
    /// The permissions that allow it, as they are judged by.
    pub cases: Vec<Case>,
    /// Permissions of policies that count, which grant nothing because they cannot be understood.
    pub broken: Vec<(Source, Broken)>,
    /// The access that says so.
    pub access: Access,
}

/// Why this caller may or may not do this with the collection.
pub fn explain(policies: &Policies, caller: &Caller, collection: &str, action: Action) -> Explanation {
    let access = Access::of(policies, caller);
    let grant = access.grant(collection, action);
    Explanation {
        policies: shares(policies, caller, &access),
        scope: scope(grant),
        cases: grant.cases().to_vec(),
        broken: broken(policies, &access, collection, action),
        access,
    }
}

fn scope(grant: Grant<'_>) -> Scope {
    match grant {
        Grant::None => Scope::None,
        Grant::All => Scope::Admin,
        Grant::Cases(cases) if cases.iter().any(|case| case.rule.is_none()) => Scope::All,
        Grant::Cases(_) => Scope::Some,
    }
}

fn shares(policies: &Policies, caller: &Caller, access: &Access) -> Vec<Share> {
    if matches!(caller, Caller::System(_)) {
        return Vec::new();
    }
    let mut found: Vec<Share> = Vec::new();
    for (id, via) in policies.attached(caller, &access.roles) {
        match found.iter_mut().find(|share| share.id == id) {
            Some(share) => share.via.push(via),
            None => found.push(share(policies, access, id, via)),
        }
    }
    for share in &mut found {
        // What is attached to the public alone never makes anybody more than a member of the public.
        let own = share.standing == Standing::Counts && share.via.iter().any(|via| *via != Via::Public);
        share.admin &= own;
        share.app &= own;
    }
    found
}

fn share(policies: &Policies, access: &Access, id: &str, via: Via) -> Share {
    let policy = policies.policy(id);
    let standing = match policy {
        None => Standing::Missing,
        Some(_) if access.policies.iter().any(|counting| counting == id) => Standing::Counts,
        Some(policy) => {
            let addresses = policy.ip.as_ref().map(ToString::to_string);
            Standing::Elsewhere(addresses.filter(|addresses| !addresses.is_empty()))
        }
    };
    Share {
        id: id.to_owned(),
        name: policy.map(|policy| policy.name.clone()).unwrap_or_default(),
        via: vec![via],
        standing,
        admin: policy.is_some_and(|policy| policy.admin),
        app: policy.is_some_and(|policy| policy.app || policy.admin),
    }
}

fn broken(policies: &Policies, access: &Access, collection: &str, action: Action) -> Vec<(Source, Broken)> {
    let mut found = Vec::new();
    for policy in access.policies.iter().filter_map(|id| policies.policy(id)) {
        for permission in &policy.permissions {
            if permission.collection != collection || permission.action != action {
                continue;
            }
            let what = match (&permission.rule, &permission.validation) {
                (Rule::Broken, _) => Broken::Rule,
                (_, Rule::Broken) => Broken::Validation,
                _ => continue,
            };
            found.push((permission.source(Some(&policy.id)), what));
        }
    }
    found
}

#[cfg(test)]
mod tests;
