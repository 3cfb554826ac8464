//! Clients that are slow, silent or greedy, over a real listener.
use std::time::Instant;

use aedile_platform::config::Settings;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::oneshot,
    task::JoinHandle,
};
use tower::ServiceExt;

use super::*;
use crate::{fixture::state, router};

/// How long clients may be silent here.
const SHORT: Duration = Duration::from_millis(300);

/// How long they may leave an answer untaken.
const TAKEN: Duration = Duration::from_millis(600);

/// Larger than what systems keep for a connection, in bytes.
const LARGE: usize = 32 << 20;

/// By then everything has ended that is going to.
const LONG: Duration = Duration::from_secs(5);

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Empty settings of an HTTP/2 client.
const NO_SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<io::Result<()>>,
    _folder: TempDir,
}

async fn running(extra: Option<(&'static str, Duration)>) -> Running {
    let settings = Settings {
        head_timeout: SHORT,
        body_timeout: SHORT,
        response_timeout: TAKEN,
        ..Settings::default()
    };
    let (state, folder) = state(settings).await;
    let mut router = router(state);
    if let Some((path, time)) = extra {
        let slow = move || async move {
            tokio::time::sleep(time).await;
            "done"
        };
        router = router.route(path, axum::routing::get(slow));
    }
    router = router
        .route("/whole", axum::routing::get(|| async { vec![b'x'; LARGE] }))
        .route("/parts", axum::routing::get(parts));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let patience = Patience {
        head: SHORT,
        taken: TAKEN,
        end: LONG,
    };
    let door = move |request| -> Answer { Box::pin(router.clone().oneshot(request)) };
    let ended = tokio::spawn(listen(door, patience, listener, async move {
        let _ = stopped.await;
    }));
    Running {
        address,
        stop,
        ended,
        _folder: folder,
    }
}

/// Everything that comes until the server closes.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut bytes)).await;
    assert!(read.is_ok(), "the server keeps the connection open");
    bytes
}

async fn sent(running: &Running, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

async fn answers(running: &Running) {
    let mut stream = sent(
        running,
        b"GET /server/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(rest(&mut stream).await.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn who_sends_no_whole_head_is_not_waited_for() {
    let running = running(None).await;
    for part in [
        &b""[..],
        b"G",
        b"GET /server/ping HTTP/1.1\r\nHost: x\r\n",
        b"PRI * HT",
        PREFACE,
    ] {
        let begun = Instant::now();
        let mut stream = sent(&running, part).await;
        rest(&mut stream).await;
        assert!(begun.elapsed() >= SHORT / 2, "{part:?} was closed at once");
    }
    answers(&running).await;
}

#[tokio::test]
async fn who_drips_a_head_is_not_waited_for() {
    let running = running(None).await;
    let mut stream = sent(&running, b"GET /server/ping HTTP/1.1\r\n").await;
    let begun = Instant::now();
    // Each line comes soon enough, the head never does.
    while begun.elapsed() < LONG {
        if stream.write_all(b"X-Drip: x\r\n").await.is_err() {
            break;
        }
        tokio::time::sleep(SHORT / 5).await;
    }
    assert!(begun.elapsed() < LONG, "the head was waited for");
}

#[tokio::test]
async fn who_sends_no_whole_body_is_refused() {
    let running = running(None).await;
    let head = b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"email\"";
    let mut stream = sent(&running, head).await;
    let told = String::from_utf8(rest(&mut stream).await).unwrap();
    assert!(
        told.starts_with("HTTP/1.1 400") && told.contains("INVALID_PAYLOAD"),
        "{told}"
    );
}

#[tokio::test]
async fn an_open_connection_that_asks_nothing_more_is_closed() {
    let running = running(None).await;
    let mut stream = sent(&running, b"GET /server/ping HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(rest(&mut stream).await.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_slow_answer_is_no_silence() {
    let running = running(Some(("/slow", 3 * SHORT))).await;
    let mut stream = sent(&running, b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(String::from_utf8(rest(&mut stream).await).unwrap().ends_with("done"));
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_the_end() {
    let running = running(Some(("/slow", 2 * SHORT))).await;
    let mut stream = sent(&running, b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    tokio::time::sleep(SHORT / 3).await;
    running.stop.send(()).unwrap();
    assert!(String::from_utf8(rest(&mut stream).await).unwrap().ends_with("done"));
    tokio::time::timeout(LONG, running.ended)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn an_http2_connection_is_told_its_limits() {
    let running = running(None).await;
    let mut stream = sent(&running, &[PREFACE, &NO_SETTINGS].concat()).await;
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "settings come first");
    let mut settings = vec![0; usize::from(head[1]) * 256 + usize::from(head[2])];
    stream.read_exact(&mut settings).await.unwrap();
    let told = |id: u8| {
        let found = settings.chunks(6).find(|entry| entry[1] == id);
        found.map(|entry| u32::from_be_bytes([entry[2], entry[3], entry[4], entry[5]]))
    };
    assert_eq!(told(3), Some(MAX_STREAMS));
    assert_eq!(told(6), u32::try_from(MAX_HEAD).ok());
}

/// Requests that are taken back at once cost the client its connection, and nobody else anything.
#[tokio::test]
async fn requests_that_are_taken_back_at_once_end_their_connection() {
    let running = running(None).await;
    let mut flood = [PREFACE, &NO_SETTINGS].concat();
    for stream in (1..20_000_u32).step_by(2) {
        let id = stream.to_be_bytes();
        // GET / of the host x: entries 2, 6 and 4 of the static table, and a literal name.
        flood.extend([0, 0, 6, 1, 5]);
        flood.extend(id);
        flood.extend([0x82, 0x86, 0x84, 0x41, 1, b'x']);
        flood.extend([0, 0, 4, 3, 0]);
        flood.extend(id);
        flood.extend([0, 0, 0, 8]);
    }
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    // The server may have closed before all of it was sent.
    stream.write_all(&flood).await.ok();
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut bytes)).await;
    assert!(read.is_ok(), "the server goes on with it");
    let answers = bytes.windows(3).filter(|bytes| bytes == b"404").count();
    assert!(answers < 1000, "{answers} were answered");
    self::answers(&running).await;
}

/// A large answer in many parts.
async fn parts() -> Body {
    const PART: usize = 16 * 1024;
    let part = || Ok::<_, io::Error>(axum::body::Bytes::from(vec![b'x'; PART]));
    Body::from_stream(futures_util::stream::iter((0..LARGE / PART).map(move |_| part())))
}

/// Asks for something large, and takes a few bytes of it now and then for some time, and then whatever comes; answers how many
/// there were.
async fn taken(running: &Running, path: &str, at_once: usize, pause: Duration, time: Duration) -> usize {
    let mut stream = sent(running, format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await;
    let (mut part, mut count, begun) = (vec![0; at_once], 0, Instant::now());
    while begun.elapsed() < time {
        tokio::time::sleep(pause).await;
        match stream.read(&mut part).await {
            Ok(0) | Err(_) => break,
            Ok(bytes) => count += bytes,
        }
    }
    let mut rest = Vec::new();
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "{path}: the server goes on with it");
    count + rest.len()
}

#[tokio::test]
async fn who_takes_no_answer_is_cut_off() {
    let running = running(None).await;
    for path in ["/whole", "/parts"] {
        let taken = taken(&running, path, 1, 4 * TAKEN, TAKEN).await;
        assert!(taken < LARGE, "{path}: all of it was kept for the client");
    }
    answers(&running).await;
}

#[tokio::test]
async fn who_takes_a_trickle_is_cut_off() {
    let running = running(None).await;
    for path in ["/whole", "/parts"] {
        let taken = taken(&running, path, 64, TAKEN / 20, 4 * TAKEN).await;
        assert!(taken < LARGE, "{path}: a trickle was enough");
    }
    answers(&running).await;
}

/// Slower than the silence that is let pass, and longer than the time for an answer: all of it comes.
#[tokio::test]
async fn who_takes_an_answer_slowly_gets_all_of_it() {
    let running = running(None).await;
    for path in ["/whole", "/parts"] {
        let taken = taken(&running, path, 1 << 20, TAKEN / 10, 4 * TAKEN).await;
        assert!(taken >= LARGE, "{path}: cut off after {taken} bytes");
    }
}

/// An HTTP/2 client whose window stays shut takes nothing, however often it says that it is there.
#[tokio::test]
async fn who_opens_no_window_is_cut_off() {
    let running = running(None).await;
    for path in [&b"/whole"[..], b"/parts"] {
        let mut ask = [PREFACE, &NO_SETTINGS].concat();
        // GET of the host x: entries 2 and 6 of the static table, and literals for the path and the host.
        let mut head = vec![0x82, 0x86, 0x04, 6];
        head.extend(path);
        head.extend([0x41, 1, b'x']);
        ask.extend([0, 0, u8::try_from(head.len()).unwrap(), 1, 5, 0, 0, 0, 1]);
        ask.extend(head);
        let mut stream = sent(&running, &ask).await;
        let (mut part, mut count, begun) = (vec![0; 64 * 1024], 0, Instant::now());
        loop {
            assert!(begun.elapsed() < LONG, "the server is still patient");
            match tokio::time::timeout(SHORT / 3, stream.read(&mut part)).await {
                Ok(Ok(0) | Err(_)) => break,
                Ok(Ok(bytes)) => count += bytes,
                // A ping, with eight bytes of its own.
                Err(_) => drop(
                    stream
                        .write_all(&[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
                        .await,
                ),
            }
        }
        assert!(count < LARGE / 2, "nobody opened a window for so much");
    }
    answers(&running).await;
}
