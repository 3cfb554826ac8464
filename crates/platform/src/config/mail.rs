//! How mails are sent, as plain data.

use std::path::PathBuf;

use super::Secret;

/// Mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// How they leave.
    pub transport: MailTransport,
    /// The address they come from.
    pub from: String,
    /// The folder of a project's own templates; it may not be there.
    pub templates: PathBuf,
    /// Whether it is looked at the start whether they can leave.
    pub verify: bool,
    /// The folder that [`MailTransport::File`] writes to.
    pub folder: PathBuf,
    /// The program of [`MailTransport::Sendmail`].
    pub sendmail: Sendmail,
    /// The server of [`MailTransport::Smtp`].
    pub smtp: Smtp,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            transport: MailTransport::default(),
            from: "no-reply@example.com".into(),
            templates: "./templates".into(),
            verify: true,
            folder: "./mails".into(),
            sendmail: Sendmail::default(),
            smtp: Smtp::default(),
        }
    }
}

/// How mails leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailTransport {
    /// By a mail server.
    Smtp,
    /// By the system's program.
    #[default]
    Sendmail,
    /// Into files, for development.
    File,
    /// Into the log, for development.
    Log,
}

/// The program that sends mails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sendmail {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it wants lines to end as on the wire.
    pub crlf: bool,
}

impl Default for Sendmail {
    fn default() -> Self {
        Self {
            path: "/usr/sbin/sendmail".into(),
            crlf: false,
        }
    }
}

/// A mail server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Smtp {
    /// Its name.
    pub host: Option<String>,
    /// Its port; none for the usual one.
    pub port: Option<u16>,
    /// Who we are to it.
    pub user: Option<String>,
    /// The password; may be empty.
    pub password: Secret,
    /// Whether the connection is encrypted from its first byte.
    pub secure: bool,
    /// Whether it is never encrypted.
    pub ignore_tls: bool,
    /// What we call ourselves.
    pub name: Option<String>,
    /// A certificate of an authority that is trusted beside the usual ones, in PEM.
    pub authorities: Option<String>,
}
