//! Connections: a name is resolved once, all its addresses are judged, and one of those is connected to. Must never
//! hand a name to anything that would resolve it again.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, pki_types::ServerName},
};
use url::{Host, Origin, Url};

use crate::{Error, Guard, Result};

/// How long one address may take to answer; the next one is tried then.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// How many addresses of a name are tried. All of them are judged.
const MAX_TRIED: usize = 4;

/// Turns names into addresses.
pub trait Resolve: Send + Sync {
    /// The addresses of a name, in the order in which they are to be tried.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// Asks the system.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Resolve for System {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A connection, encrypted or not.
pub enum Stream {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

/// Whom the connections are made for and with.
pub struct Connector<'c> {
    pub guard: &'c Guard,
    pub resolver: &'c dyn Resolve,
    pub tls: &'c Arc<ClientConfig>,
}

impl Connector<'_> {
    /// A connection to where the URL leads.
    pub async fn connect(&self, url: &Url, trusted: &[Origin]) -> Result<Stream> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(Error::Target("it names no host"));
        };
        let host = host.to_owned();
        let addresses = addresses(self.resolver, &host, port).await?;
        if !trusted.contains(&url.origin()) {
            self.judge(&host, &addresses)?;
        }
        let stream = dial(&host, addresses).await?;
        if url.scheme() != "https" {
            return Ok(Stream::Plain(stream));
        }
        let stream = encrypt(self.tls, &host, stream).await?;
        Ok(Stream::Encrypted(Box::new(stream)))
    }

    /// Whether these may be connected to. One that is refused refuses all: a name that leads inside and outside is made
    /// for that.
    fn judge(&self, host: &Host, addresses: &[SocketAddr]) -> Result<()> {
        let name = name_of(host);
        let refused = addresses
            .iter()
            .find_map(|address| self.guard.refusal(&name, address.port(), address.ip()));
        match refused {
            None => Ok(()),
            Some(why) => {
                tracing::info!(host = name, why, "a request of the server was refused");
                Err(Error::Refused { host: name })
            }
        }
    }
}

/// The addresses of a host.
pub async fn addresses(resolver: &dyn Resolve, host: &Host, port: u16) -> Result<Vec<SocketAddr>> {
    let addresses = match host {
        Host::Ipv4(ip) => vec![IpAddr::V4(*ip)],
        Host::Ipv6(ip) => vec![IpAddr::V6(*ip)],
        Host::Domain(name) => resolver.resolve(name).await.unwrap_or_default(),
    };
    if addresses.is_empty() {
        return Err(Error::Unresolved { host: name_of(host) });
    }
    Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
}

/// A connection to the first address that takes one.
pub async fn dial(host: &Host, addresses: Vec<SocketAddr>) -> Result<TcpStream> {
    for address in addresses.into_iter().take(MAX_TRIED) {
        if let Ok(Ok(made)) = timeout(CONNECT_TIME, TcpStream::connect(address)).await {
            return Ok(made);
        }
    }
    Err(Error::Unreachable { host: name_of(host) })
}

/// The same connection, encrypted, with a host that has shown that it is the one.
pub async fn encrypt(tls: &Arc<ClientConfig>, host: &Host, stream: TcpStream) -> Result<TlsStream<TcpStream>> {
    let untrusted = || Error::Untrusted { host: name_of(host) };
    let name = match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| untrusted())?,
        Host::Ipv4(ip) => ServerName::from(IpAddr::V4(*ip)),
        Host::Ipv6(ip) => ServerName::from(IpAddr::V6(*ip)),
    };
    let shaken = TlsConnector::from(tls.clone()).connect(name, stream).await;
    shaken.map_err(|error| {
        tracing::debug!(host = name_of(host), %error, "a TLS handshake failed");
        untrusted()
    })
}

/// A host as it is told, and as the operator's list writes it.
fn name_of(host: &Host) -> String {
    host.to_string()
}
