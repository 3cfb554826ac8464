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
        let addresses = self.addresses(url, trusted).await?;
        let host = || url.host_str().unwrap_or_default().to_owned();
        let mut stream = None;
        for address in addresses.into_iter().take(MAX_TRIED) {
            if let Ok(Ok(made)) = timeout(CONNECT_TIME, TcpStream::connect(address)).await {
                stream = Some(made);
                break;
            }
        }
        let stream = stream.ok_or_else(|| Error::Unreachable { host: host() })?;
        if url.scheme() != "https" {
            return Ok(Stream::Plain(stream));
        }
        let untrusted = || Error::Untrusted { host: host() };
        let name = server_name(url).ok_or_else(untrusted)?;
        let shaken = TlsConnector::from(self.tls.clone()).connect(name, stream).await;
        let stream = shaken.map_err(|error| {
            tracing::debug!(host = host(), %error, "a TLS handshake failed");
            untrusted()
        })?;
        Ok(Stream::Encrypted(Box::new(stream)))
    }

    /// The addresses that may be connected to. One that is refused refuses all: a name that leads inside and outside
    /// is made for that.
    async fn addresses(&self, url: &Url, trusted: &[Origin]) -> Result<Vec<SocketAddr>> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(Error::Target("it names no host"));
        };
        let name = url.host_str().unwrap_or_default();
        let addresses = match host {
            Host::Ipv4(ip) => vec![IpAddr::V4(ip)],
            Host::Ipv6(ip) => vec![IpAddr::V6(ip)],
            Host::Domain(name) => self.resolver.resolve(name).await.unwrap_or_default(),
        };
        if addresses.is_empty() {
            return Err(Error::Unresolved { host: name.to_owned() });
        }
        if !trusted.contains(&url.origin()) {
            let refused = addresses.iter().find_map(|ip| self.guard.refusal(name, port, *ip));
            if let Some(why) = refused {
                tracing::info!(host = name, why, "a request of the server was refused");
                return Err(Error::Refused { host: name.to_owned() });
            }
        }
        Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }
}

/// Whose certificate is asked for.
fn server_name(url: &Url) -> Option<ServerName<'static>> {
    Some(match url.host()? {
        Host::Domain(name) => ServerName::try_from(name.to_owned()).ok()?,
        Host::Ipv4(ip) => ServerName::from(IpAddr::V4(ip)),
        Host::Ipv6(ip) => ServerName::from(IpAddr::V6(ip)),
    })
}
