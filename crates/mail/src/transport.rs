//! How a mail leaves: by a mail server, by the system's `sendmail`, or, for development, into a file or the log. Must
//! never send a password over a connection that anybody could read, unless the operator says so.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use aedile_engine::{Code, Error, Result};
use aedile_platform::config::{self, MailTransport};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
        extension::ClientId,
    },
};
use tokio::{io::AsyncWriteExt as _, process::Command, time::timeout};

use crate::{Letter, message::Ready};

#[cfg(test)]
mod tests;

/// How long a mail server may take for one command, and `sendmail` for one mail.
const TIME: Duration = Duration::from_secs(30);

/// Ports of mail servers that take mails from clients: encrypted from the first byte, and by `STARTTLS`.
const PORTS: (u16, u16) = (465, 587);

/// How a certificate in PEM form begins.
const PEM: &str = "-----BEGIN CERTIFICATE-----";

/// A way out.
pub enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Sendmail { path: PathBuf, crlf: bool },
    File(PathBuf),
    Log,
}

/// Why a mail did not leave.
#[derive(Debug)]
pub struct Failure {
    pub why: String,
    /// Whether it makes sense to try again.
    pub passing: bool,
}

impl Failure {
    fn passing(why: impl ToString) -> Failure {
        Failure {
            why: why.to_string(),
            passing: true,
        }
    }
}

impl Transport {
    /// The one that is set up.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`: a mail server without a host, or authorities that are none.
    pub fn new(settings: &config::Mail) -> Result<Transport> {
        Ok(match settings.transport {
            MailTransport::Smtp => Transport::Smtp(smtp(&settings.smtp)?),
            MailTransport::Sendmail => Transport::Sendmail {
                path: settings.sendmail.path.clone(),
                crlf: settings.sendmail.crlf,
            },
            MailTransport::File => Transport::File(settings.folder.clone()),
            MailTransport::Log => Transport::Log,
        })
    }

    /// Sends a mail.
    pub async fn send(&self, letter: &Letter, mail: &Ready) -> std::result::Result<(), Failure> {
        match self {
            Transport::Smtp(server) => {
                let sent = server.send_raw(&mail.envelope, &mail.bytes).await;
                sent.map(drop).map_err(|error| Failure {
                    why: error.to_string(),
                    passing: !error.is_permanent(),
                })
            }
            Transport::Sendmail { path, crlf } => sendmail(path, *crlf, mail).await,
            Transport::File(folder) => write(folder, &mail.bytes).map_err(Failure::passing),
            Transport::Log => {
                let kind = letter.kind.name();
                tracing::info!(kind, "a mail was not sent: EMAIL_TRANSPORT is `log`");
                tracing::debug!(kind, to = letter.to, link = letter.url, "the mail");
                Ok(())
            }
        }
    }

    /// Whether mails can leave as far as that can be told without one.
    pub async fn check(&self) -> std::result::Result<(), String> {
        match self {
            Transport::Smtp(server) => match server.test_connection().await {
                Ok(true) => Ok(()),
                Ok(false) => Err("the mail server takes no commands".to_owned()),
                Err(error) => Err(error.to_string()),
            },
            Transport::Sendmail { path, .. } if !path.is_file() => Err(format!("{} is not there", path.display())),
            Transport::File(folder) => fs::create_dir_all(folder).map_err(|error| error.to_string()),
            Transport::Sendmail { .. } | Transport::Log => Ok(()),
        }
    }
}

fn smtp(said: &config::Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let unusable = |why: &str| Error::new(Code::ServiceUnavailable, why);
    let host = said
        .host
        .as_deref()
        .ok_or_else(|| unusable("EMAIL_TRANSPORT is smtp: set EMAIL_SMTP_HOST as well."))?;
    let mut parameters = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(authority) = &said.authorities {
        let read = Certificate::from_pem(authority.as_bytes());
        // A text without any certificate is read as none.
        let read = read.ok().filter(|_| authority.contains(PEM));
        parameters = parameters.add_root_certificate(read.ok_or_else(|| {
            unusable(
                "EMAIL_SMTP_CA is not usable: a certificate in PEM form is needed, \"-----BEGIN …\" lines included.",
            )
        })?);
    }
    let parameters = parameters
        .build_rustls()
        .map_err(|error| unusable(&error.to_string()))?;
    let has_password = said.user.is_some() && !said.password.is_empty();
    let tls = match (said.secure, said.ignore_tls) {
        (true, _) => Tls::Wrapper(parameters),
        (false, true) => Tls::None,
        // Whoever stands between could leave STARTTLS out, and read the password.
        (false, false) if has_password => Tls::Required(parameters),
        (false, false) => Tls::Opportunistic(parameters),
    };
    let usual = if said.secure { PORTS.0 } else { PORTS.1 };
    let mut building = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(said.port.unwrap_or(usual))
        .timeout(Some(TIME))
        .tls(tls);
    if let Some(name) = &said.name {
        building = building.hello_name(ClientId::Domain(name.clone()));
    }
    if let Some(user) = said.user.as_ref().filter(|_| has_password) {
        building = building.credentials(Credentials::new(user.clone(), said.password.expose().to_owned()));
    }
    Ok(building.build())
}

async fn sendmail(path: &Path, crlf: bool, mail: &Ready) -> std::result::Result<(), Failure> {
    let from = mail.envelope.from().map(ToString::to_string).unwrap_or_default();
    let to = mail.envelope.to().iter().map(ToString::to_string);
    let mut command = Command::new(path);
    // A dot alone ends nothing, and no address is taken for an option.
    command.args(["-i", "-f", &from, "--"]).args(to);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let told = async {
        let mut child = command.spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(&lines(&mail.bytes, crlf)).await?;
        }
        child.wait().await
    };
    match timeout(TIME, told).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(Failure::passing(format!("sendmail ended with {status}"))),
        Ok(Err(error)) => Err(Failure::passing(format!("sendmail: {error}"))),
        Err(_) => Err(Failure::passing("sendmail took too long")),
    }
}

/// The mail with line ends as the program wants them.
fn lines(bytes: &[u8], crlf: bool) -> Vec<u8> {
    if crlf {
        return bytes.to_vec();
    }
    let is_end = |at: usize| bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
    let kept = bytes.iter().enumerate().filter(|(at, _)| !is_end(*at));
    kept.map(|(_, byte)| *byte).collect()
}

/// Writes a file for its owner alone: what is in it opens accounts.
fn write(folder: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // Version 7 would sort them by time, but the date is in each of them anyway.
    let mut file = options.open(folder.join(format!("{}.eml", uuid::Uuid::new_v4())))?;
    io::Write::write_all(&mut file, bytes)
}
