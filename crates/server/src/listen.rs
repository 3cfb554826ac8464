//! From a listener to requests: how many connections there are, how long each may be silent or leave an answer untaken, what
//! one of HTTP/2 may ask for at once, and how all of them end. Must never wait without an end for anything that a client does or leaves undone.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{body::Body, extract::Request, http::Response};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use crate::{
    State,
    serve::{Answer, Peer, door},
};

mod metered;
mod pulse;
#[cfg(test)]
mod tests;

use metered::Metered;
use pulse::Pulse;

/// Connections served at the same time; more wait in the system's queue.
const MAX_CONNECTIONS: usize = 10_000;

/// Largest head of a request, in bytes: the longest URL, the longest token, and what browsers add.
const MAX_HEAD: usize = 96 * 1024;

/// Requests at the same time on one HTTP/2 connection.
const MAX_STREAMS: u32 = 100;

/// Requests of one HTTP/2 connection that were taken back before they were looked at; one more ends the connection.
const MAX_RESET_STREAMS: usize = 20;

/// Faults of one HTTP/2 connection that are answered; one more ends it.
const MAX_FAULTY_STREAMS: usize = 64;

/// How often a silent HTTP/2 connection is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Pause after the system refused to accept a connection (usually for want of file descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What answers requests.
pub(crate) trait Door: Fn(Request) -> Answer + Clone + Send + Sync + 'static {}

impl<D: Fn(Request) -> Answer + Clone + Send + Sync + 'static> Door for D {}

/// How long clients may be silent, or leave an answer untaken, and running requests last when all has to end.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    pub head: Duration,
    pub taken: Duration,
    pub end: Duration,
}

/// Serves until `shutdown` comes, then lets running requests end within the time the settings allow.
///
/// # Errors
/// When the listener's address cannot be told; a connection that fails is nobody's error but its own.
pub async fn serve(
    state: Arc<State>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let settings = state.settings();
    let patience = Patience {
        head: settings.head_timeout,
        taken: settings.response_timeout,
        end: settings.shutdown_timeout,
    };
    listen(door(state), patience, listener, shutdown).await
}

/// The same for a door of its own.
pub(crate) async fn listen(
    door: impl Door,
    patience: Patience,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    tracing::info!("listening on {}", listener.local_addr()?);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        match accepted {
            Ok((stream, peer, place)) => spawn(&door, &graceful, patience, stream, peer, place),
            Err(error) => {
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(patience.end, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off by the shutdown");
    }
    Ok(())
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, peer, place))
}

fn spawn(
    door: &impl Door,
    graceful: &GracefulShutdown,
    patience: Patience,
    stream: TcpStream,
    peer: SocketAddr,
    place: OwnedSemaphorePermit,
) {
    let pulse = Arc::new(Pulse::default());
    let metered = Metered::new(stream, Arc::clone(&pulse));
    let beats = Arc::clone(&pulse);
    let door = door.clone();
    let service = tower::service_fn(move |request: axum::http::Request<_>| {
        let running = Pulse::begin(&beats);
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        let answer = door(request);
        async move {
            let response: Response<Body> = answer.await?;
            Ok::<_, std::convert::Infallible>(response.map(|body| running.until_sent(body)))
        }
    });
    let connection = builder(patience.head)
        .serve_connection_with_upgrades(TokioIo::new(metered), TowerToHyperService::new(service))
        .into_owned();
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        tokio::select! {
            ended = connection => {
                if let Err(error) = ended {
                    tracing::debug!("a connection ended early: {error}");
                }
            }
            // Before the first byte, between requests, with an answer half taken, and whatever the protocol: silence has an end.
            () = pulse.stopped(patience) => tracing::debug!("a silent connection was closed"),
        }
        drop(place);
    });
}

fn builder(head: Duration) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(MAX_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_pending_accept_reset_streams(MAX_RESET_STREAMS)
        .max_local_error_reset_streams(MAX_FAULTY_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
        .keep_alive_interval(KEEP_ALIVE);
    builder
}
