//! The client: a request goes to where the guard lets it, each redirect of it anew. HTTP/1.1, one connection for each
//! request, no cookies, no compression, no proxy.

use std::{sync::Arc, time::Duration};

use aedile_engine::access::ip::IpList;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};
use tokio_rustls::rustls::ClientConfig;
use url::{Origin, Url};

use crate::{
    AllowList, Body, Error, Guard, Resolve, Result, System,
    body::Connection,
    connect::{Connector, Stream},
    redirect, target, tls,
};

/// Bytes of an answer's head: several times what servers send.
const HEAD_BYTES: usize = 64 * 1024;

/// Headers of an answer.
const MAX_HEADERS: usize = 200;

/// Headers that belong to the connection, or decide where a request ends: the client writes them itself.
const OWN: [HeaderName; 9] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// How much a request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the look-up of the name to the last byte, redirects included.
    pub time: Duration,
    /// Bytes of the answer's body.
    pub bytes: usize,
    /// Redirects that are followed.
    pub redirects: usize,
}

impl Default for Limits {
    /// For answers that are read at once by machines.
    fn default() -> Self {
        Limits {
            time: Duration::from_secs(10),
            bytes: 1024 * 1024,
            redirects: 5,
        }
    }
}

/// What is to be sent.
#[derive(Clone)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers. Those that belong to a connection are the client's own, and left out.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
    /// How much it may take.
    pub limits: Limits,
    /// Origins that the operator has named for what this request is for: they may be asked wherever they are.
    pub trusted: Vec<Origin>,
}

impl Request {
    /// A request without headers, body or trust.
    ///
    /// # Errors
    /// As [`target::parse`].
    pub fn new(method: Method, url: &str) -> Result<Request> {
        Ok(Request {
            method,
            url: target::parse(url)?,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            limits: Limits::default(),
            trusted: Vec::new(),
        })
    }
}

/// An answer, whose body is still on its way.
pub struct Answer {
    /// Its status; redirects that were followed are not told.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Who answered, after all redirects.
    pub url: Url,
    /// Its body.
    pub body: Body,
}

/// Sends requests.
#[derive(Clone)]
pub struct Client {
    guard: Guard,
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) tls: Arc<ClientConfig>,
}

impl Client {
    /// A client with the guard that the operator's lists make, which trusts the authorities that browsers trust and
    /// those of `authorities`, in PEM.
    ///
    /// # Errors
    /// `Setup` for a list or authorities that cannot be read.
    pub fn new(allow: &[String], deny: &[String], authorities: Option<&str>) -> Result<Client> {
        let unread =
            |list: &str, entry: String| Error::Setup(format!("{list} has {entry:?} in it, which is no address"));
        let allow = AllowList::parse(allow.iter().map(String::as_str));
        let deny = IpList::parse(deny.iter().map(String::as_str));
        let guard = Guard::new(
            allow.map_err(|entry| unread("EGRESS_ALLOW_LIST", entry))?,
            deny.map_err(|entry| unread("IMPORT_IP_DENY_LIST", entry))?,
        );
        Client::with(guard, Arc::new(System), authorities)
    }

    /// A client with a guard and a resolver of one's own.
    ///
    /// # Errors
    /// `Setup` for authorities that cannot be read.
    pub fn with(guard: Guard, resolver: Arc<dyn Resolve>, authorities: Option<&str>) -> Result<Client> {
        Ok(Client {
            guard,
            resolver,
            tls: tls::config(authorities)?,
        })
    }

    /// Sends a request, and follows where its answers lead.
    ///
    /// # Errors
    /// Whatever kept it from being sent or answered. An answer of any status is none.
    pub async fn send(&self, request: Request) -> Result<Answer> {
        if matches!(request.method, Method::CONNECT | Method::TRACE) {
            return Err(Error::Request("this method is not sent"));
        }
        let deadline = Instant::now() + request.limits.time;
        let answered = timeout_at(deadline, self.follow(request, deadline)).await;
        answered.unwrap_or(Err(Error::OutOfTime))
    }

    async fn follow(&self, mut request: Request, deadline: Instant) -> Result<Answer> {
        let mut left = request.limits.redirects;
        loop {
            request.url = target::judge(request.url)?;
            let answer = self.ask(&request, deadline).await?;
            let Some(next) = redirect::next(&request, answer.status, &answer.headers)? else {
                return Ok(answer);
            };
            left = left.checked_sub(1).ok_or(Error::Redirect("there are too many"))?;
            request = next;
        }
    }

    /// Sends a request to one place.
    async fn ask(&self, request: &Request, deadline: Instant) -> Result<Answer> {
        let connector = Connector {
            guard: &self.guard,
            resolver: &*self.resolver,
            tls: &self.tls,
        };
        let message = message(request)?;
        let (answer, connection) = match connector.connect(&request.url, &request.trusted).await? {
            Stream::Plain(stream) => exchange(stream, message, &request.url).await?,
            Stream::Encrypted(stream) => exchange(*stream, message, &request.url).await?,
        };
        let (head, incoming) = answer.into_parts();
        let announced = hyper::body::Body::size_hint(&incoming).lower();
        if usize::try_from(announced).map_or(true, |bytes| bytes > request.limits.bytes) {
            return Err(Error::TooLarge);
        }
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            url: request.url.clone(),
            body: Body::new(incoming, request.limits.bytes, deadline, connection),
        })
    }
}

/// A request as it goes over the wire.
fn message(request: &Request) -> Result<http::Request<Full<Bytes>>> {
    let malformed = |_| Error::Request("it is malformed");
    let url = &request.url;
    let path = url
        .query()
        .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let mut message = http::Request::builder()
        .method(request.method.clone())
        .uri(path)
        .body(Full::new(request.body.clone()))
        .map_err(malformed)?;
    let headers = message.headers_mut();
    *headers = request.headers.clone();
    for name in OWN {
        headers.remove(name);
    }
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    headers.insert(
        header::HOST,
        HeaderValue::try_from(host).map_err(|_| Error::Request("it is malformed"))?,
    );
    Ok(message)
}

/// Sends a message over a new connection and waits for the head of its answer.
async fn exchange<S>(
    stream: S,
    message: http::Request<Full<Bytes>>,
    url: &Url,
) -> Result<(http::Response<Incoming>, Connection)>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let failed = |error: &hyper::Error| {
        if error.is_parse() || error.is_parse_too_large() {
            return Error::Malformed;
        }
        Error::Unreachable {
            host: url.host_str().unwrap_or_default().to_owned(),
        }
    };
    let shaken = http1::Builder::new()
        .max_buf_size(HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .handshake(TokioIo::new(stream))
        .await;
    let (mut sender, driver) = shaken.map_err(|error| failed(&error))?;
    let connection = Connection(tokio::spawn(async move {
        if let Err(error) = driver.await {
            tracing::debug!(%error, "a connection of the server ended early");
        }
    }));
    let answer = sender.send_request(message).await.map_err(|error| failed(&error))?;
    Ok((answer, connection))
}
