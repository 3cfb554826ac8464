//! Whom credentials belonged to when they were looked up last: to prepare an answer while the database is asked again.
//! Must never be told, nor decide anything: every guess is held against the database before it counts.

use std::hash::{BuildHasher, RandomState};

use aedile_engine::{access::Caller, value::Param};
use moka::sync::Cache;

use super::{Lookup, Way, Who};

/// Credentials that are remembered: about two megabytes.
const KEPT: u64 = 10_000;

/// A user as it was found, without the address, which is each request's own.
#[derive(Clone, PartialEq, Eq)]
struct User {
    id: String,
    role: Option<String>,
    lacks_factor: bool,
}

/// Users by what they were looked up by, of which a number is kept that says nothing to others: where two have the same, a
/// guess is wrong and found to be.
pub(crate) struct Guesses {
    users: Cache<u64, User>,
    hasher: RandomState,
}

impl Default for Guesses {
    fn default() -> Guesses {
        Guesses {
            users: Cache::new(KEPT),
            hasher: RandomState::new(),
        }
    }
}

impl Guesses {
    /// Who it was.
    pub(super) fn who(&self, lookup: &Lookup) -> Option<Who> {
        let ip = lookup.ip;
        if matches!(lookup.way, Way::Public) {
            return Some(Who {
                caller: Caller::Public { ip },
                lacks_factor: false,
            });
        }
        let User { id, role, lacks_factor } = self.users.get(&self.number(lookup))?;
        Some(Who {
            caller: Caller::User { id, role, ip },
            lacks_factor,
        })
    }

    /// Remembers who it is; nobody, where the credentials are refused.
    pub(super) fn learn(&self, lookup: &Lookup, told: Option<&Who>) {
        let Some(who) = told else {
            self.users.invalidate(&self.number(lookup));
            return;
        };
        let Caller::User { id, role, .. } = &who.caller else {
            return;
        };
        let found = User {
            id: id.clone(),
            role: role.clone(),
            lacks_factor: who.lacks_factor,
        };
        let number = self.number(lookup);
        if self.users.get(&number).as_ref() != Some(&found) {
            self.users.insert(number, found);
        }
    }

    fn number(&self, lookup: &Lookup) -> u64 {
        let texts = lookup.params.iter().map(|param| match param {
            Param::Text(text) => text.as_str(),
            _ => "",
        });
        self.hasher
            .hash_one((lookup.first.stmt.text.as_str(), texts.collect::<Vec<_>>()))
    }
}
