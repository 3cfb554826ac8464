//! A connection that stays open, for many requests one after the other: bytes out, an answer in. It takes requests as
//! raw bytes, malformed ones too, and must never rewrite them nor be lenient about a broken answer.

use std::{
    io::{self, BufRead, BufReader, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// An answer has no line longer than this.
const MAX_LINE: u64 = 64 * 1024;

/// An answer has no body larger than this.
const MAX_BODY: u64 = 512 << 20;

/// What came back.
#[derive(Debug, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The content type, empty without one.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
    /// The status line and the headers, a line each, as they came.
    pub head: String,
    /// The server closes the connection after it.
    pub(crate) closes: bool,
}

/// A connection to a server; it is opened when needed, and opened again when the server has closed it.
pub struct Connection {
    server: SocketAddr,
    timeout: Duration,
    stream: Option<BufReader<TcpStream>>,
}

impl Connection {
    /// A connection to `server`, on which nothing may take longer than `timeout` between two bytes.
    #[must_use]
    pub fn new(server: SocketAddr, timeout: Duration) -> Self {
        Self {
            server,
            timeout,
            stream: None,
        }
    }

    /// Sends a request and reads its answer. A connection that was open before and turns out to be closed is opened
    /// again, once.
    ///
    /// # Errors
    /// What the network says, and answers that are no HTTP.
    pub fn send(&mut self, request: &[u8]) -> io::Result<Answer> {
        let reused = self.stream.is_some();
        match self.exchange(request) {
            Err(error) if reused && error.kind() != ErrorKind::WouldBlock => self.exchange(request),
            other => other,
        }
    }

    /// Ends the connection, so that the next request gets a new one.
    pub fn close(&mut self) {
        self.stream = None;
    }

    fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.open()?,
        };
        let sent = stream.get_mut().write_all(request);
        // A server may refuse and close before it has read everything: then its answer counts.
        let answer = match (read(&mut stream, request.starts_with(b"HEAD ")), sent) {
            (Ok(answer), _) => answer,
            (Err(_), Err(error)) | (Err(error), _) => return Err(error),
        };
        if !answer.closes {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    fn open(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(self.server)?;
        stream.set_read_timeout(Some(self.timeout))?;
        stream.set_write_timeout(Some(self.timeout))?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(stream))
    }
}

fn read(stream: &mut impl BufRead, is_head: bool) -> io::Result<Answer> {
    let start = line(stream)?;
    let status = start.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5));
    let status = status
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| broken("no status line"))?;
    let mut answer = Answer {
        status,
        closes: start.starts_with("HTTP/1.0"),
        head: start + "\r\n",
        ..Answer::default()
    };
    let (mut length, mut chunked) = (None, false);
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        answer.head.push_str(&line);
        answer.head.push_str("\r\n");
        let (name, value) = line.split_once(':').ok_or_else(|| broken("a header without a colon"))?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = Some(value.parse().map_err(|_| broken("a length that is none"))?),
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "content-type" => value.clone_into(&mut answer.content_type),
            "connection" => answer.closes = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    if is_head || status == 204 || status == 304 {
        return Ok(answer);
    }
    match (chunked, length) {
        (true, _) => chunks(stream, &mut answer.body)?,
        (false, Some(length)) => exactly(stream, length, &mut answer.body)?,
        (false, None) => {
            answer.closes = true;
            stream.take(MAX_BODY).read_to_end(&mut answer.body)?;
        }
    }
    Ok(answer)
}

fn chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let size = line(stream)?;
        let size = u64::from_str_radix(size.trim(), 16).map_err(|_| broken("a chunk without a size"))?;
        exactly(stream, size, body)?;
        line(stream)?;
        if size == 0 {
            return Ok(());
        }
    }
}

fn exactly(stream: &mut impl BufRead, length: u64, body: &mut Vec<u8>) -> io::Result<()> {
    if length > MAX_BODY {
        return Err(broken("a body that is too large"));
    }
    let read = stream.take(length).read_to_end(body)?;
    if (read as u64) < length {
        return Err(broken("a body that breaks off"));
    }
    Ok(())
}

/// A line without its end.
fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    stream.take(MAX_LINE).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "the connection was closed"));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    // Headers are Latin-1; what is looked at here is ASCII.
    Ok(line.into_iter().map(char::from).collect())
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests;
