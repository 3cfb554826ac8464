//! Who gains and loses what: the access of the public, of each role and of each user with policies of their own, before and
//! after, field by field and counted on the rows there are now. It compares the accesses that requests would be judged by
//! and must never come to a verdict of its own.

mod cell;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use aedile_engine::{
    Result,
    access::{Access, Action, Caller, Case, Policies},
    query::Var,
};
use serde::Serialize;

use super::{
    state::{Holder, State},
    stored::Stored,
};
use crate::{Cx, identity::NOBODY};

/// Whether somebody may do more or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// More.
    Gains,
    /// Less.
    Loses,
    /// Something else: the rows there are decide whether that is more or less.
    Changes,
}

/// Rows of a collection, counted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// Covered as it is.
    pub before: u64,
    /// Covered as the file wants it.
    pub after: u64,
    /// Covered then, and not now.
    pub gained: u64,
    /// Covered now, and not then.
    pub lost: u64,
    /// All that there are.
    pub total: u64,
}

/// One thing that somebody gains or loses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Effect {
    /// Which of both.
    pub kind: Kind,
    /// The collection; none for what is about everything.
    pub collection: Option<String>,
    /// The action.
    pub action: Option<&'static str>,
    /// The fields it is about; `*` where it is about all of them, none where fields do not matter.
    pub fields: Vec<String>,
    /// In words.
    pub words: String,
    /// How many rows; none for new items.
    pub rows: Option<Rows>,
}

/// Who gains or loses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Who {
    /// `public`, `role` or `user`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The role or user.
    pub id: Option<String>,
    /// The role's name or the user's address.
    pub name: Option<String>,
    /// How many users have the role.
    pub users: Option<usize>,
}

/// Some who gain and lose the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Affected {
    /// Who.
    pub who: Vec<Who>,
    /// What.
    pub effects: Vec<Effect>,
}

/// The same caller before and after.
struct Pair {
    before: Cx,
    after: Cx,
}

/// Everybody who gains or loses something; and whether rows of each user's own could not be counted.
pub(super) async fn affected(cx: &Cx, stored: &Stored, after: &State) -> Result<(Vec<Affected>, bool)> {
    let policies = (stored.state.policies(), after.policies());
    let mut totals = HashMap::new();
    let mut found: Vec<Affected> = Vec::new();
    let mut of_users = false;
    for holder in holders(&stored.state, after) {
        let Some(caller) = caller(&holder, stored) else {
            continue;
        };
        let pair = Pair::of(cx, &policies.0, &policies.1, &caller);
        let effects = match &holder {
            Holder::Role(id) if after.role(id).is_none() => {
                vec![everything(Kind::Loses, "everything that the role has")]
            }
            _ => effects(&pair, &mut totals).await?,
        };
        if effects.is_empty() {
            continue;
        }
        of_users |= matches!(holder, Holder::Role(_)) && pair.looks_at_user(&effects);
        let who = who(&holder, stored, after);
        match found
            .iter_mut()
            .find(|other| other.effects == effects && who.kind == "role")
        {
            Some(other) => other.who.push(who),
            None => found.push(Affected {
                who: vec![who],
                effects,
            }),
        }
    }
    Ok((found, of_users))
}

/// The public, every role, and every user with policies of their own, before or after.
fn holders(before: &State, after: &State) -> Vec<Holder> {
    let mut found = vec![Holder::Public];
    for role in after
        .roles
        .iter()
        .chain(before.roles.iter().filter(|role| after.role(&role.id).is_none()))
    {
        found.push(Holder::Role(role.id.clone()));
    }
    let attached = before.attached.keys().chain(after.attached.keys());
    let users: BTreeSet<&Holder> = attached.filter(|holder| matches!(holder, Holder::User(_))).collect();
    found.extend(users.into_iter().cloned());
    found
}

fn caller(holder: &Holder, stored: &Stored) -> Option<Caller> {
    let user = |id: &str, role: Option<String>| Caller::User {
        id: id.to_owned(),
        role,
        ip: None,
    };
    Some(match holder {
        Holder::Public => Caller::Public { ip: None },
        Holder::Role(id) => user(NOBODY, Some(id.clone())),
        Holder::User(id) => {
            let found = stored.users.iter().find(|user| user.id == *id)?;
            user(id, found.role.clone())
        }
    })
}

fn who(holder: &Holder, stored: &Stored, after: &State) -> Who {
    match holder {
        Holder::Public => Who {
            kind: "public",
            id: None,
            name: None,
            users: None,
        },
        Holder::Role(id) => Who {
            kind: "role",
            id: Some(id.clone()),
            name: after
                .role(id)
                .or_else(|| stored.state.role(id))
                .map(|role| role.name.clone()),
            users: Some(
                stored
                    .users
                    .iter()
                    .filter(|user| user.role.as_ref() == Some(id))
                    .count(),
            ),
        },
        Holder::User(id) => Who {
            kind: "user",
            id: Some(id.clone()),
            name: stored
                .users
                .iter()
                .find(|user| user.id == *id)
                .map(|user| user.called().to_owned()),
            users: None,
        },
    }
}

fn everything(kind: Kind, words: &str) -> Effect {
    Effect {
        kind,
        collection: None,
        action: None,
        fields: Vec::new(),
        words: words.to_owned(),
        rows: None,
    }
}

impl Pair {
    fn of(cx: &Cx, before: &Policies, after: &Policies, caller: &Caller) -> Pair {
        let with = |policies: &Policies| Cx {
            caller: Arc::new(caller.clone()),
            access: Arc::new(Access::of(policies, caller)),
            ..cx.clone()
        };
        Pair {
            before: with(before),
            after: with(after),
        }
    }

    /// Every collection that either access says anything about, and that is there.
    fn collections(&self) -> BTreeSet<String> {
        let named = self.before.access.collections().chain(self.after.access.collections());
        let known = named.filter(|name| self.after.schema().collection(name).is_some());
        known.map(str::to_owned).collect()
    }

    /// Whether one of these effects rests on who the current user is.
    fn looks_at_user(&self, effects: &[Effect]) -> bool {
        effects.iter().any(|effect| {
            let action = effect.action.and_then(Action::parse);
            let (Some(collection), Some(action)) = (&effect.collection, action) else {
                return false;
            };
            let mut found = Vec::new();
            for access in [&self.before.access, &self.after.access] {
                let rules = access
                    .grant(collection, action)
                    .cases()
                    .iter()
                    .filter_map(|case| case.rule.as_ref());
                rules.for_each(|rule| rule.variables(&mut found));
            }
            found.iter().any(|var| matches!(var, Var::User(_)))
        })
    }
}

/// What one caller gains and loses.
async fn effects(pair: &Pair, totals: &mut HashMap<String, u64>) -> Result<Vec<Effect>> {
    let (before, after) = (&pair.before.access, &pair.after.access);
    match (before.admin, after.admin) {
        (true, true) => return Ok(Vec::new()),
        (false, true) => return Ok(vec![everything(Kind::Gains, "everything, as an administrator")]),
        (true, false) => {
            let left = if pair.collections().is_empty() {
                "everything, as no administrator any more"
            } else {
                "everything but what the policies permit, as no administrator any more"
            };
            return Ok(vec![everything(Kind::Loses, left)]);
        }
        (false, false) => {}
    }
    let mut found = Vec::new();
    if before.app != after.app {
        let kind = if after.app { Kind::Gains } else { Kind::Loses };
        found.push(everything(kind, "the Studio (app access), with what that needs"));
    }
    for collection in pair.collections() {
        for action in Action::ALL {
            found.extend(cell::effects(pair, &collection, action, totals).await?);
        }
    }
    Ok(found)
}

/// The cases of an action that policies permit by name: what app access brings is told once, as app access.
fn cases<'a>(access: &'a Access, collection: &str, action: Action) -> impl Iterator<Item = &'a Case> + Clone {
    let cases = access.grant(collection, action).cases().iter();
    cases.filter(|case| case.source.policy.is_some())
}
