//! What somebody holds, and whether all of it stands in what somebody else holds. Judged by what is written in the
//! permissions, never by rows: a rule covers the same rule alone. What is in doubt is not covered.

use std::{collections::BTreeSet, sync::Arc};

use aedile_engine::{Json, Object};

use super::addresses::Addresses;

/// One thing that a policy grants, and where it counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Power {
    pub grants: Grants,
    pub from: Addresses,
}

/// What is granted.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Grants {
    /// Everything.
    Everything,
    /// The Studio.
    Studio,
    /// A permission.
    Permission(Arc<Permission>),
}

/// A permission as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Permission {
    pub collection: String,
    pub action: String,
    /// The item rule; null for all rows.
    pub rule: Json,
    pub fields: Fields,
    /// What payloads must meet; null for nothing.
    pub validation: Json,
    pub presets: Object,
}

/// The fields that a permission names.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fields {
    All,
    Some(BTreeSet<String>),
}

impl Fields {
    /// Reads a list as it is stored.
    pub fn stored(text: &str) -> Fields {
        let names: BTreeSet<String> = text
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect();
        if names.contains("*") {
            Fields::All
        } else {
            Fields::Some(names)
        }
    }
}

impl Permission {
    fn same_but_for_fields(&self, other: &Permission) -> bool {
        self.is_beside(other)
            && self.rule == other.rule
            && self.validation == other.validation
            && self.presets == other.presets
    }

    /// Whether both speak of the same collection and action, so that they add up.
    fn is_beside(&self, other: &Permission) -> bool {
        self.collection == other.collection && self.action == other.action
    }

    /// Whether it limits what may be written. Such limits hold beside every other permission of the same action, so
    /// that less of them is more.
    fn limits(&self) -> bool {
        !self.validation.is_null() || !self.presets.is_empty()
    }
}

/// Whether a power, held together with `all`, stands in `own`.
pub(super) fn stands_in(power: &Power, all: &[Power], own: &[Power]) -> bool {
    if own
        .iter()
        .any(|mine| mine.grants == Grants::Everything && power.from.within(&mine.from))
    {
        return true;
    }
    match &power.grants {
        Grants::Permission(permission) => {
            fields_stand(permission, &power.from, own) && limits_stand(permission, all, own)
        }
        other => own
            .iter()
            .any(|mine| mine.grants == *other && power.from.within(&mine.from)),
    }
}

fn fields_stand(permission: &Permission, from: &Addresses, own: &[Power]) -> bool {
    let mut granted: Vec<&Fields> = Vec::new();
    for mine in own {
        if let Grants::Permission(mine_is) = &mine.grants
            && mine_is.same_but_for_fields(permission)
            && from.within(&mine.from)
        {
            granted.push(&mine_is.fields);
        }
    }
    let has = |name: &String| {
        granted
            .iter()
            .any(|fields| matches!(fields, Fields::Some(names) if names.contains(name)))
    };
    match &permission.fields {
        _ if granted.contains(&&Fields::All) => true,
        Fields::All => false,
        Fields::Some(names) => !granted.is_empty() && names.iter().all(has),
    }
}

/// Whether what limits the own permission of this action limits the other one as well.
fn limits_stand(permission: &Permission, all: &[Power], own: &[Power]) -> bool {
    own.iter().all(|mine| match &mine.grants {
        Grants::Permission(limit) if limit.limits() && limit.is_beside(permission) => all.iter().any(|held| {
            matches!(&held.grants, Grants::Permission(same)
                if same.is_beside(limit) && same.validation == limit.validation && same.presets == limit.presets)
                && mine.from.within(&held.from)
        }),
        _ => true,
    })
}

#[cfg(test)]
mod tests;
