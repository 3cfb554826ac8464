//! Mails with links, and whom they are handed to. A link holds a token that opens an account: it must never be printed.

use std::{fmt, time::Instant};

/// What a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// Setting a new password.
    PasswordReset,
    /// Accepting an invitation.
    Invite,
    /// Confirming the address of a registration.
    Verification,
}

/// A mail to be sent.
#[derive(Clone)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// What it is for.
    pub kind: MailKind,
    /// The link with its token.
    pub link: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({:?})", self.kind)
    }
}

/// Takes mails.
pub trait Mailer: Send + Sync {
    /// Takes one to be sent from a moment on, or none to be kept for as long. It goes on at once: how long sending takes,
    /// and whether it succeeds, would tell whoever asked for the mail whether there was anybody to send it to.
    fn post(&self, mail: Option<Mail>, from: Instant);
}
