//! Who asks. There is no caller that is nobody: the public is one, and the system is named with its reason.

use std::net::IpAddr;

/// Why Aedile itself acts without a caller. Every use can be found by these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The operator's command line: users, roles, passwords.
    CommandLine,
    /// A project is loaded as a whole: its rows keep the values they bring along, and leave no history.
    Loading,
    /// Reading the row a write is about to change or has changed, for revisions and protections.
    Bookkeeping,
    /// Judging a login, a token or a refresh.
    Authentication,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    /// Nobody known.
    Public {
        /// Where the request came from.
        ip: Option<IpAddr>,
    },
    /// A known, active user.
    User {
        /// The user's id.
        id: String,
        /// The user's role.
        role: Option<String>,
        /// Where the request came from.
        ip: Option<IpAddr>,
    },
    /// Aedile itself.
    System(Internal),
}

/// Proof that [`Caller::system`] was called with a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Internal(Reason);

impl Internal {
    /// The reason.
    pub fn reason(self) -> Reason {
        self.0
    }
}

impl Caller {
    /// Aedile itself, for a reason.
    pub fn system(reason: Reason) -> Caller {
        Caller::System(Internal(reason))
    }

    /// The user's id.
    pub fn user(&self) -> Option<&str> {
        match self {
            Caller::User { id, .. } => Some(id),
            Caller::Public { .. } | Caller::System(_) => None,
        }
    }

    /// The user's role.
    pub fn role(&self) -> Option<&str> {
        match self {
            Caller::User { role, .. } => role.as_deref(),
            Caller::Public { .. } | Caller::System(_) => None,
        }
    }

    /// Where the request came from.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Caller::Public { ip } | Caller::User { ip, .. } => *ip,
            Caller::System(_) => None,
        }
    }
}
