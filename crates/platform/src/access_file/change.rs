//! What has to be changed for one state to become the other, in the order in which it can be done. Nothing is said here of
//! what that means for anybody.

use std::collections::BTreeSet;

use super::state::{Holder, Permission, Policy, Role, State};

/// One change.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a file has few changes, each is made once and hardly moved"
)]
pub(crate) enum Change {
    /// A role that is new or changed.
    Role { before: Option<Role>, after: Role },
    /// A policy that is new or changed, its permissions aside.
    Policy { before: Option<Policy>, after: Policy },
    /// A permission of this policy that is new, changed or gone.
    Permission {
        policy: String,
        before: Option<Permission>,
        after: Option<Permission>,
    },
    /// The policies that somebody has, in the order they add up.
    Attached {
        holder: Holder,
        before: Vec<String>,
        after: Vec<String>,
    },
    /// A policy that goes, with its permissions and wherever it is attached.
    PolicyGone(Policy),
    /// A role that goes, with what is attached to it.
    RoleGone(Role),
}

/// Every change: what is pointed at comes before what points at it, and goes after it.
pub(crate) fn changes(before: &State, after: &State) -> Vec<Change> {
    let mut found = Vec::new();
    // Roles are in the order of their tree: above each, everything is final when its turn comes.
    for role in &after.roles {
        let old = before.role(&role.id);
        if old != Some(role) {
            found.push(Change::Role {
                before: old.cloned(),
                after: role.clone(),
            });
        }
    }
    for policy in &after.policies {
        let old = before.policy(&policy.id);
        if old.map(Policy::row) != Some(policy.row()) {
            found.push(Change::Policy {
                before: old.cloned(),
                after: policy.clone(),
            });
        }
        permissions(&mut found, old, policy);
    }
    attached(&mut found, before, after);
    let gone = before
        .policies
        .iter()
        .filter(|policy| after.policy(&policy.id).is_none());
    found.extend(gone.cloned().map(Change::PolicyGone));
    // The lowest first: nothing is left without the one above it for longer than it is there itself.
    let gone = before.roles.iter().rev().filter(|role| after.role(&role.id).is_none());
    found.extend(gone.cloned().map(Change::RoleGone));
    found
}

fn permissions(found: &mut Vec<Change>, old: Option<&Policy>, policy: &Policy) {
    let stored: &[Permission] = old.map(|old| old.permissions.as_slice()).unwrap_or_default();
    let of = |before: Option<&Permission>, after: Option<&Permission>| Change::Permission {
        policy: policy.id.clone(),
        before: before.cloned(),
        after: after.cloned(),
    };
    let kept = |id: Option<i64>| policy.permissions.iter().any(|one| one.id.is_some() && one.id == id);
    for gone in stored.iter().filter(|one| !kept(one.id)) {
        found.push(of(Some(gone), None));
    }
    for wanted in &policy.permissions {
        let before = stored.iter().find(|one| wanted.id.is_some() && one.id == wanted.id);
        if before.is_none_or(|before| !before.same(wanted)) {
            found.push(of(before, Some(wanted)));
        }
    }
}

fn attached(found: &mut Vec<Change>, before: &State, after: &State) {
    let holders: BTreeSet<&Holder> = before.attached.keys().chain(after.attached.keys()).collect();
    for holder in holders {
        let gone = matches!(holder, Holder::Role(id) if after.role(id).is_none());
        let list = |state: &State| state.attached.get(holder).cloned().unwrap_or_default();
        let (before, after) = (list(before), list(after));
        if !gone && before != after {
            found.push(Change::Attached {
                holder: holder.clone(),
                before,
                after,
            });
        }
    }
}
