//! Mails with links: the trait every transport implements, and one that only writes them down.
//! A link holds a token that opens an account: it must never be printed, nor logged where operators usually look.

use std::{fmt, io::Write as _, path::PathBuf, pin::Pin};

use aedile_engine::{Error, Result};

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

/// Sends mails.
pub trait Mailer: Send + Sync {
    /// Sends one. Nobody who asked for it learns whether this succeeded: failures go to the log.
    fn send(&self, mail: Mail) -> Pin<Box<dyn Future<Output = Result<()>> + Send + '_>>;
}

/// Sends nothing: writes mails to a file, or to the log at the level for debugging.
#[derive(Debug, Clone, Default)]
pub struct LogMailer {
    /// The file to append to, one line of JSON per mail.
    pub file: Option<PathBuf>,
}

impl LogMailer {
    fn write(&self, mail: &Mail) -> Result<()> {
        let kind = format!("{:?}", mail.kind);
        let Some(path) = &self.file else {
            tracing::info!(kind, "no mail transport is set up: a mail was not sent");
            tracing::debug!(kind, to = mail.to, link = mail.link, "the mail");
            return Ok(());
        };
        let line = serde_json::json!({ "to": mail.to, "kind": kind, "link": mail.link });
        open(path)
            .and_then(|mut file| writeln!(file, "{line}"))
            .map_err(|error| Error::internal(format!("a mail could not be written: {error}")))
    }
}

impl Mailer for LogMailer {
    fn send(&self, mail: Mail) -> Pin<Box<dyn Future<Output = Result<()>> + Send + '_>> {
        Box::pin(async move { self.write(&mail) })
    }
}

/// Opens the file for its owner alone: what is in it opens accounts.
fn open(path: &PathBuf) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
