//! Clients of a server, each of which asks again as soon as it was answered. One thread drives them all: a thread for each
//! would spend more of the machine on taking turns than some answers take. Must never leave an answer unread, nor count one
//! that is no success.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::{
    TIMEOUT,
    measure::{Span, Speed},
};

/// What is read at once.
const PART: usize = 64 * 1024;

/// How often so many clients are answered in a second. Each makes its requests of ever other numbers.
///
/// # Errors
/// The first answer that is no success, or comes too late.
pub fn speed(
    server: SocketAddr,
    clients: u32,
    time: Duration,
    request: impl Fn(u32) -> Vec<u8> + Clone + 'static,
) -> Result<Speed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let span = Span::of(time);
    let local = tokio::task::LocalSet::new();
    let took = local.block_on(&runtime, async {
        let mut all = JoinSet::new();
        for number in 0..clients {
            all.spawn_local(client(server, span, (number, clients), request.clone()));
        }
        let patience = time + time + TIMEOUT;
        let all = tokio::time::timeout(patience, all.join_all());
        let all = all.await.context("an answer does not come")?;
        all.into_iter().collect::<Result<Vec<_>>>()
    })?;
    span.speed(took.into_iter().flatten().collect())
}

/// How long each of the requests took that began in the time.
async fn client(
    server: SocketAddr,
    span: Span,
    (mut number, step): (u32, u32),
    request: impl Fn(u32) -> Vec<u8>,
) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (mut took, mut read) = (Vec::new(), vec![0; PART]);
    loop {
        let begun = Instant::now();
        if span.is_over(begun) {
            return Ok(took);
        }
        stream.write_all(&request(number)).await?;
        answered(&mut stream, &mut read).await?;
        if span.counts(begun) {
            took.push(begun.elapsed());
        }
        number = number.wrapping_add(step);
    }
}

/// Reads an answer to its end.
async fn answered(stream: &mut TcpStream, read: &mut Vec<u8>) -> Result<()> {
    let mut filled = 0;
    let whole = loop {
        let more = stream.read(read.get_mut(filled..).unwrap_or_default()).await?;
        ensure!(more > 0, "the connection was closed");
        filled += more;
        if let Some(whole) = whole(read.get(..filled).unwrap_or_default())? {
            break whole;
        }
        ensure!(filled < read.len(), "a head of more than {PART} bytes");
    };
    if read.len() < whole {
        read.resize(whole, 0);
    }
    stream
        .read_exact(read.get_mut(filled..whole).context("more than was asked for")?)
        .await?;
    Ok(())
}

/// How long an answer is whose head has come; none while it has not.
fn whole(read: &[u8]) -> Result<Option<usize>> {
    const END: &[u8] = b"\r\n\r\n";
    let Some(head) = read.windows(END.len()).position(|part| part == END) else {
        return Ok(None);
    };
    let text = str::from_utf8(read.get(..head).unwrap_or_default())?;
    ensure!(text.starts_with("HTTP/1.1 200"), "{}", String::from_utf8_lossy(read));
    for line in text.lines() {
        match line.split_once(": ") {
            Some((name, length)) if name.eq_ignore_ascii_case("content-length") => {
                return Ok(Some(head + END.len() + length.parse::<usize>()?));
            }
            _ => {}
        }
    }
    bail!("an answer without a length:\n{text}")
}
