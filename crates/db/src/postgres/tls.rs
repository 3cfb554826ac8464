//! Connections, plain or encrypted: rustls with aws-lc-rs. The server has to show a certificate for its name, from an authority that
//! is trusted; only an explicit word leaves that out.

use std::{
    fmt, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use aedile_engine::{Code, Error, Result};
use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::{
    CancelToken, Client, Config, NoTls, Socket,
    config::SslMode,
    tls::{ChannelBinding, MakeTlsConnect, TlsConnect},
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{self, CryptoProvider, aws_lc_rs},
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
    },
};

/// How connections are encrypted.
#[derive(Clone)]
pub struct Tls(Arc<ClientConfig>);

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

/// What both sides have to show, in PEM.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trust<'p> {
    /// Certificates of the authorities that are trusted; none for those that browsers trust.
    pub authorities: Option<&'p str>,
    /// Takes any certificate, of anybody: encrypted, but not known with whom.
    pub anybody: bool,
    /// The certificates and the key that the server is shown.
    pub identity: Option<(&'p str, &'p str)>,
}

impl Tls {
    /// Encrypted connections with this trust.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` for texts that hold no certificate or key; nothing of them is told.
    pub fn new(trust: &Trust<'_>) -> Result<Tls> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let building = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|_| Error::internal("the cryptographic library lacks a version of TLS"))?;
        let building = if trust.anybody {
            building
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        } else {
            building.with_root_certificates(roots(trust.authorities)?)
        };
        let config = match trust.identity {
            None => building.with_no_client_auth(),
            Some((certificates, key)) => {
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| unusable("DB_SSL__KEY"))?;
                let shown = building.with_client_auth_cert(parsed(certificates, "DB_SSL__CERT")?, key);
                shown.map_err(|_| unusable("DB_SSL__CERT with DB_SSL__KEY"))?
            }
        };
        Ok(Tls(Arc::new(config)))
    }
}

/// Connects as wanted, and lets the connection run.
pub(super) async fn connect(server: &Config, tls: Option<&Tls>) -> std::result::Result<Client, tokio_postgres::Error> {
    match tls {
        None => Ok(run(server.connect(NoTls).await?)),
        Some(tls) => {
            let mut server = server.clone();
            server.ssl_mode(SslMode::Require);
            Ok(run(server.connect(tls.clone()).await?))
        }
    }
}

fn run<S>((client, driver): (Client, tokio_postgres::Connection<Socket, S>)) -> Client
where
    S: tokio_postgres::tls::TlsStream + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = driver.await {
            tracing::warn!(%error, "a connection to the database has ended");
        }
    });
    client
}

/// Ends what runs on a connection, by another that is made alike.
#[derive(Clone)]
pub(super) struct Canceller {
    token: CancelToken,
    tls: Option<Tls>,
}

impl Canceller {
    pub(super) fn new(client: &Client, tls: Option<&Tls>) -> Self {
        Canceller {
            token: client.cancel_token(),
            tls: tls.cloned(),
        }
    }

    /// Asks the server to end what runs.
    pub(super) async fn cancel(&self) {
        let asked = match &self.tls {
            None => self.token.cancel_query(NoTls).await,
            Some(tls) => self.token.cancel_query(tls.clone()).await,
        };
        if let Err(error) = asked {
            tracing::warn!(%error, "a statement could not be cancelled");
        }
    }
}

fn roots(authorities: Option<&str>) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    match authorities {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(text) => {
            for certificate in parsed(text, "DB_SSL__CA")? {
                roots.add(certificate).map_err(|_| unusable("DB_SSL__CA"))?;
            }
        }
    }
    Ok(roots)
}

fn parsed(text: &str, name: &str) -> Result<Vec<CertificateDer<'static>>> {
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(unusable(name)),
    }
}

fn unusable(name: &str) -> Error {
    let reason = format!("{name} is not usable: text in PEM form is needed, \"-----BEGIN …\" lines included.");
    Error::new(Code::ServiceUnavailable, reason)
}

/// Takes every certificate, and still insists that whoever shows it has its key.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

type Signed = std::result::Result<HandshakeSignatureValid, tokio_rustls::rustls::Error>;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, tokio_rustls::rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(&self, text: &[u8], of: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> Signed {
        crypto::verify_tls12_signature(text, of, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(&self, text: &[u8], of: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> Signed {
        crypto::verify_tls13_signature(text, of, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Encrypted;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Handshake> {
        let name = ServerName::try_from(host.to_owned());
        let name =
            name.map_err(|_| io::Error::other("a certificate is of a name or an address, and the host is none"))?;
        Ok(Handshake(self.0.clone(), name))
    }
}

/// The beginning of an encrypted connection with a host.
pub struct Handshake(Arc<ClientConfig>, ServerName<'static>);

impl TlsConnect<Socket> for Handshake {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Encrypted>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let stream = TlsConnector::from(self.0).connect(self.1, socket).await?;
            Ok(Encrypted(Box::new(stream)))
        })
    }
}

/// An encrypted connection.
pub struct Encrypted(Box<TlsStream<Socket>>);

impl tokio_postgres::tls::TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        // Passwords are proven without it; the certificate is checked already.
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, out)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(cx)
    }
}
