//! A mail server of a test: it takes mails, keeps them, and misbehaves where it is told to. It must never send one on.

mod received;
mod session;

use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
    thread::{self, sleep},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use parking_lot::Mutex;
use tokio_rustls::rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use crate::{certificates::Certificates, keeper::Owner};
pub use received::Received;

/// A mail that has not come by then will not.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks whether it has come.
const POLL: Duration = Duration::from_millis(10);

/// How clients are to encrypt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all.
    None,
    /// By `STARTTLS`.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// What a session goes by.
#[derive(Clone)]
struct Rules {
    security: Security,
    tls: Option<Arc<ServerConfig>>,
    /// The answer to every recipient, in place of a friendly one.
    refusal: Option<&'static str>,
    mails: Arc<Mutex<Vec<Received>>>,
}

/// The server, which is known as `localhost` to its clients.
pub struct Sink {
    port: u16,
    mails: Arc<Mutex<Vec<Received>>>,
    certificates: Option<Certificates>,
}

impl Sink {
    /// Starts one.
    ///
    /// # Errors
    /// In one line: what is missing, or what failed.
    pub fn start(security: Security) -> Result<Sink> {
        Self::with(security, None)
    }

    /// Starts one that refuses every recipient with an answer such as `550 nobody`.
    ///
    /// # Errors
    /// As [`Sink::start`].
    pub fn refusing(refusal: &'static str) -> Result<Sink> {
        Self::with(Security::None, Some(refusal))
    }

    fn with(security: Security, refusal: Option<&'static str>) -> Result<Sink> {
        let certificates = match security {
            Security::None => None,
            _ => Some(Certificates::make(&Owner::of_process(&["nobody"])?)?),
        };
        let mails = Arc::new(Mutex::new(Vec::new()));
        let rules = Rules {
            security,
            tls: certificates.as_ref().map(config).transpose()?,
            refusal,
            mails: mails.clone(),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || serve(&listener, &rules));
        Ok(Sink {
            port,
            mails,
            certificates,
        })
    }

    /// Its port on this machine.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The certificate of its authority, in PEM; empty where it does not encrypt.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.certificates.as_ref().map_or("", |made| &made.authority)
    }

    /// The mails that have come.
    #[must_use]
    pub fn mails(&self) -> Vec<Received> {
        self.mails.lock().clone()
    }

    /// The mails, as soon as there are so many.
    ///
    /// # Errors
    /// When they do not come.
    pub fn wait(&self, count: usize) -> Result<Vec<Received>> {
        let end = Instant::now() + PATIENCE;
        while self.mails.lock().len() < count && Instant::now() < end {
            sleep(POLL);
        }
        let mails = self.mails();
        ensure!(mails.len() >= count, "{} mails came, and not {count}", mails.len());
        Ok(mails)
    }
}

fn serve(listener: &TcpListener, rules: &Rules) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { return };
        let rules = rules.clone();
        thread::spawn(move || greet(stream, rules));
    }
}

fn greet(stream: TcpStream, rules: Rules) {
    stream.set_read_timeout(Some(PATIENCE)).ok();
    // Clients that go away are what some tests are about.
    session::run(stream, &rules).ok();
}

fn config(made: &Certificates) -> Result<Arc<ServerConfig>> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(made.certificate())?.collect();
    let key = PrivateKeyDer::from_pem_file(made.key())?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain?, key)
        .context("the certificate of a mail server")?;
    Ok(Arc::new(config))
}
