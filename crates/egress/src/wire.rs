//! Connections to a host that the operator has named, for what is spoken there instead of HTTP. Names and certificates are
//! treated as for requests; the guard is not asked, so must never be opened to a host that came in any other way.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;
use url::Host;

use crate::{Client, Error, Result, connect};

/// A connection, encrypted or not.
pub struct Wire {
    host: Host,
    stream: Stream,
}

enum Stream {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
}

impl Client {
    /// A connection to a host that the operator has named, not encrypted yet.
    ///
    /// # Errors
    /// `Target` for a host that is none, `Unresolved` and `Unreachable`.
    pub async fn open(&self, host: &str, port: u16) -> Result<Wire> {
        let host = Host::parse(host).map_err(|_| Error::Target("it names no host"))?;
        let addresses = connect::addresses(&*self.resolver, &host, port).await?;
        Ok(Wire {
            stream: Stream::Plain(connect::dial(&host, addresses).await?),
            host,
        })
    }

    /// The same connection, encrypted: the other side has to show a certificate for the host.
    ///
    /// # Errors
    /// `Untrusted`.
    pub async fn encrypt(&self, wire: Wire) -> Result<Wire> {
        let Stream::Plain(stream) = wire.stream else {
            return Ok(wire);
        };
        let stream = connect::encrypt(&self.tls, &wire.host, stream).await?;
        Ok(Wire {
            stream: Stream::Encrypted(Box::new(stream)),
            host: wire.host,
        })
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, out),
            Stream::Encrypted(stream) => Pin::new(&mut **stream).poll_read(cx, out),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Encrypted(stream) => Pin::new(&mut **stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Encrypted(stream) => Pin::new(&mut **stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Encrypted(stream) => Pin::new(&mut **stream).poll_shutdown(cx),
        }
    }
}
