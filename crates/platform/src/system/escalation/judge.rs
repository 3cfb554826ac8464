//! The judgement at the end of a transaction: holder by holder, what is new must stand in what was there, in what the
//! caller holds, or in what an administrator fixed. Never told to the caller is whose power it was.

use std::collections::HashSet;

use aedile_engine::{Error, Json, Result, access::Action, value::Param};

use super::{
    Own, USERS, Watch,
    graph::{Attachment, Graph, Holder},
    powers::{Power, stands_in},
    roles_of,
};
use crate::{Cx, items::Writing};

/// Two moments of one transaction.
struct Change<'a> {
    before: &'a Graph,
    after: &'a Graph,
    own: Own,
    /// Policies that grant something else now, or are new.
    altered: HashSet<&'a str>,
    /// New attachments of policies that an administrator fixed.
    fixed: Vec<&'a Attachment>,
}

/// Refuses a transaction after which somebody holds more than may be given.
pub(crate) async fn judge(w: &mut Writing<'_>) -> Result<()> {
    let Some(before) = w.watch.before.take() else {
        return Ok(());
    };
    let after = Graph::seen_by(w).await?;
    let watch = std::mem::take(&mut w.watch);
    let touched: Vec<Param> = watch
        .roles
        .keys()
        .chain(&watch.created)
        .map(|id| id.as_str().into())
        .collect();
    let users = users_now(w, &watch, &after, &touched).await?;
    let change = Change::new(w.cx, &before, &after, &users);
    let fair = change.flags_stay()
        && change.attachments_are_fair()
        && change.everybody_else_is_fair()
        && users.iter().all(|user| change.user_is_fair(w.cx, user));
    if fair { Ok(()) } else { Err(Error::forbidden()) }
}

/// A user whose powers may have changed.
struct User {
    id: String,
    created: bool,
    before: Option<String>,
    now: Option<String>,
}

/// Users with policies of their own, and those that the change touched.
async fn users_now(w: &mut Writing<'_>, watch: &Watch, after: &Graph, touched: &[Param]) -> Result<Vec<User>> {
    let mut now = roles_of(w, touched).await?;
    let untouched = after
        .users
        .iter()
        .filter(|(id, _)| !watch.roles.contains_key(*id) && !watch.created.contains(*id));
    now.extend(untouched.map(|(id, role)| (id.clone(), role.clone())));
    Ok(now
        .into_iter()
        .map(|(id, now)| User {
            created: watch.created.contains(&id),
            before: watch.roles.get(&id).cloned().unwrap_or_else(|| now.clone()),
            now,
            id,
        })
        .collect())
}

/// The values that an administrator fixed for a field by presets of the caller's permissions.
pub(super) fn fixed<'a>(cx: &'a Cx, collection: &str, action: Action, field: &'a str) -> impl Iterator<Item = &'a str> {
    let cases = cx.access.grant(collection, action).cases();
    cases
        .iter()
        .filter_map(move |case| case.presets.get(field).and_then(Json::as_str))
}

fn is_fixed(cx: &Cx, user: &User) -> bool {
    let action = if user.created { Action::Create } else { Action::Update };
    let given = user.created || user.before != user.now;
    given
        && user
            .now
            .as_deref()
            .is_some_and(|role| fixed(cx, USERS, action, "role").any(|fixed| fixed == role))
}

impl<'a> Change<'a> {
    fn new(cx: &Cx, before: &'a Graph, after: &'a Graph, users: &[User]) -> Change<'a> {
        let altered = after
            .policies
            .iter()
            .filter(|(id, policy)| before.policies.get(*id) != Some(policy));
        let moved = |user: &User| user.created && user.now.is_some() || user.before != user.now;
        // What is attached by a preset reaches those that it was attached to, and nobody who joins them meanwhile.
        let steady = before.parents == after.parents && users.iter().all(|user| !moved(user) || is_fixed(cx, user));
        let mut new = Vec::new();
        for row in after
            .attachments
            .iter()
            .filter(|row| steady && !before.attachments.contains(row))
        {
            let known = before.attachments.iter().any(|old| old.id == row.id);
            let action = if known { Action::Update } else { Action::Create };
            if fixed(cx, "directus_access", action, "policy").any(|policy| policy == row.policy) {
                new.push(row);
            }
        }
        Change {
            before,
            after,
            own: Own::of(cx, before),
            altered: altered.map(|(id, _)| id.as_str()).collect(),
            fixed: new,
        }
    }

    /// Whether no policy makes administrators or Studio users, or spares a second factor, that did not.
    fn flags_stay(&self) -> bool {
        self.after.policies.iter().all(|(id, now)| {
            let was = self.before.policies.get(id).cloned().unwrap_or_default();
            let had = |power: &Power| was.standing.iter().any(|old| old.grants == power.grants);
            now.standing.iter().all(had) && (now.enforce_tfa || !was.enforce_tfa)
        })
    }

    /// Whether every policy that was attached anywhere is one whose every power the caller has, or a fixed one: also where
    /// some of it has no effect yet.
    fn attachments_are_fair(&self) -> bool {
        let new = self
            .after
            .attachments
            .iter()
            .filter(|row| !self.before.attachments.contains(row) && !self.fixed.contains(row));
        let mut policies = new.map(|row| Holder::Policy(&row.policy));
        policies.all(|policy| self.own.have(&self.after.powers(policy)))
    }

    fn everybody_else_is_fair(&self) -> bool {
        let policies = self.after.policies.keys().map(|id| Holder::Policy(id));
        let roles = self.after.parents.keys().map(|id| Holder::Role(id));
        let mut all = policies.chain(roles).chain([Holder::Public]);
        all.all(|holder| self.is_fair(holder, self.before.powers(holder), &[]))
    }

    fn user_is_fair(&self, cx: &Cx, user: &User) -> bool {
        let before = if user.created {
            Vec::new()
        } else {
            self.before.powers(Holder::User(&user.id, user.before.as_deref()))
        };
        let role = user.now.as_deref().filter(|_| is_fixed(cx, user));
        let fixed = role
            .map(|role| self.before.powers(Holder::Role(role)))
            .unwrap_or_default();
        self.is_fair(Holder::User(&user.id, user.now.as_deref()), before, &fixed)
    }

    /// Whether what a holder has now stands in what it had, in what the caller has, or in what was fixed.
    fn is_fair(&self, holder: Holder<'_>, had: Vec<Power>, fixed: &[Power]) -> bool {
        if matches!(holder, Holder::Policy(id) if !self.altered.contains(id)) {
            return true;
        }
        let has = self.after.powers(holder);
        if has == had {
            return true;
        }
        let mut given: Vec<Vec<Power>> = vec![fixed.to_vec()];
        for row in self.fixed.iter().filter(|row| self.after.reaches(row, holder)) {
            given.push(self.before.powers(Holder::Policy(&row.policy)));
        }
        has.iter().all(|power| {
            stands_in(power, &has, &had)
                || self.own.has(power, &has)
                || given.iter().any(|given| stands_in(power, &has, given))
        })
    }
}
