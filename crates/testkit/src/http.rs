//! A small blocking HTTP/1.1 client: one connection for each request. It sends method, path and
//! headers exactly as given (no redirects, no cookies, no rewriting), because scenarios test
//! what a server makes of odd ones. It must never be lenient about a broken answer.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

use crate::text::{self, plain};

/// No answer may take longer than this between two bytes.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A line of a response's head or of its chunks is at most this long; only a broken server's is
/// longer.
const MAX_LINE: u64 = 64 * 1024;

/// Separates the parts of a form; no recorded upload contains it.
const BOUNDARY: &str = "----conformance7d93b1";

/// What is sent.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    /// Path and query as they stand in the request line.
    pub(crate) target: &'a str,
    pub(crate) headers: &'a Map<String, Value>,
    pub(crate) body: Option<&'a [u8]>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header by its name in lower case: the last of several, all lines of `set-cookie`.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let mut values = self
            .headers
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value);
        if name != "set-cookie" {
            return values.next_back().cloned();
        }
        let lines: Vec<&str> = values.map(String::as_str).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// Sends a request and reads the whole answer. A connection that the server closed before it
/// answered is tried once more, as browsers do.
pub(crate) fn send(server: SocketAddr, request: &Request<'_>) -> Result<Answer> {
    let head = head(server, request)?;
    let body = request.body.unwrap_or_default();
    match exchange(server, request.method, &head, body) {
        Err(error) if was_dropped(&error) => exchange(server, request.method, &head, body),
        other => other,
    }
}

fn was_dropped(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| {
        let dropped = [
            ErrorKind::ConnectionReset,
            ErrorKind::ConnectionAborted,
            ErrorKind::BrokenPipe,
        ];
        dropped.contains(&error.kind())
    })
}

fn head(server: SocketAddr, request: &Request<'_>) -> Result<Vec<u8>> {
    let clean = request.target.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    ensure!(clean, "`{}` cannot stand in a request line", request.target);
    let mut lines = vec![
        format!("{} {} HTTP/1.1", request.method, request.target),
        format!("Host: {server}"),
        "Accept-Encoding: identity".to_owned(),
        "Connection: close".to_owned(),
    ];
    let given = |name: &str| request.headers.keys().any(|key| key.eq_ignore_ascii_case(name));
    lines.retain(|line| !line.split_once(": ").is_some_and(|(name, _)| given(name)));
    let measured = given("content-length") || given("transfer-encoding");
    match request.body {
        Some(body) if !measured => lines.push(format!("Content-Length: {}", body.len())),
        None if !measured && ["POST", "PUT", "PATCH"].contains(&request.method) => {
            lines.push("Content-Length: 0".to_owned());
        }
        _ => {}
    }
    for (name, value) in request.headers {
        lines.push(format!("{name}: {}", plain(value)));
    }
    let text = lines.join("\r\n") + "\r\n\r\n";
    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
    bytes.context("a header outside of Latin-1")
}

fn exchange(server: SocketAddr, method: &str, head: &[u8], body: &[u8]) -> Result<Answer> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.set_nodelay(true)?;
    // A server may answer and close before it has read a body it refuses: then the answer counts.
    let sent = stream.write_all(&[head, body].concat());
    let answer = read_answer(&mut BufReader::new(stream), method);
    match (answer, sent) {
        (Err(_), Err(error)) => Err(error.into()),
        (answer, _) => answer,
    }
}

fn read_answer(from: &mut impl BufRead, method: &str) -> Result<Answer> {
    let (status, headers) = loop {
        let line = read_line(from)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse::<u16>().ok());
        let status = status.with_context(|| format!("`{line}` is no status line"))?;
        let headers = read_headers(from)?;
        if status >= 200 {
            break (status, headers);
        }
    };
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    if method == "HEAD" || status == 204 || status == 304 {
        return Ok(answer);
    }
    let encoding = answer.header("transfer-encoding").unwrap_or_default();
    if encoding.eq_ignore_ascii_case("chunked") {
        answer.body = read_chunks(from)?;
    } else if let Some(length) = answer.header("content-length") {
        read_exact(from, length.parse().context("content-length")?, &mut answer.body)?;
    } else {
        from.read_to_end(&mut answer.body)?;
    }
    Ok(answer)
}

fn read_line(from: &mut impl BufRead) -> Result<String> {
    let mut line = Vec::new();
    from.take(MAX_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Err(io::Error::new(ErrorKind::ConnectionReset, "closed without an answer").into());
    }
    ensure!(line.pop() == Some(b'\n'), "a line of the answer has no end");
    line.pop_if(|byte| *byte == b'\r');
    Ok(line.into_iter().map(char::from).collect())
}

fn read_headers(from: &mut impl BufRead) -> Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let line = read_line(from)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let Some((name, value)) = line.split_once(':') else {
            bail!("`{line}` is no header");
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
}

fn read_exact(from: &mut impl BufRead, length: u64, into: &mut Vec<u8>) -> Result<()> {
    let read = from.take(length).read_to_end(into)?;
    ensure!(
        u64::try_from(read)? == length,
        "the body ended after {read} of {length} bytes"
    );
    Ok(())
}

fn read_chunks(from: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(from)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).with_context(|| format!("chunk `{line}`"))?;
        if size == 0 {
            read_headers(from)?;
            return Ok(body);
        }
        read_exact(from, size, &mut body)?;
        ensure!(read_line(from)?.is_empty(), "a chunk is longer than it says");
    }
}

/// `path` with a query appended: texts as they are, other values as JSON.
pub(crate) fn target(path: &str, query: Option<&Map<String, Value>>) -> String {
    let mut out = path.to_owned();
    for (at, (key, value)) in query.into_iter().flatten().enumerate() {
        let first = at == 0 && !path.contains('?');
        out.push(if first { '?' } else { '&' });
        quote(key, &mut out);
        out.push('=');
        match value {
            Value::String(text) => quote(text, &mut out),
            other => quote(&text::json(other), &mut out),
        }
    }
    out
}

fn quote(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b if b.is_ascii_alphanumeric() || b"_.-~*,:$()[]{}".contains(&b) => {
                out.push(char::from(b));
            }
            b => *out += &format!("%{b:02X}"),
        }
    }
}

/// A body's bytes: `{"__raw": text}` and `{"__base64": text}` as they say, all else as JSON.
pub(crate) fn body(value: &Value) -> Result<Vec<u8>> {
    let special = |key| value.get(key).and_then(Value::as_str);
    if let Some(raw) = special("__raw") {
        return Ok(raw.as_bytes().to_vec());
    }
    if let Some(coded) = special("__base64") {
        return Ok(BASE64_STANDARD.decode(coded)?);
    }
    Ok(text::json(value).into_bytes())
}

/// A multipart form: its fields, its file, then its parts in order; content type and bytes.
pub(crate) fn form(form: &Value) -> Result<(String, Vec<u8>)> {
    let mut out = Vec::new();
    for (name, value) in form.get("fields").and_then(Value::as_object).into_iter().flatten() {
        write_field(&mut out, name, &plain(value));
    }
    let parts = form.get("parts").and_then(Value::as_array);
    for part in form.get("file").into_iter().chain(parts.into_iter().flatten()) {
        match part.as_array().map(Vec::as_slice) {
            Some([name, value]) => write_field(&mut out, &plain(name), &plain(value)),
            Some(_) => bail!("a field of a form is a name and a value"),
            None => write_file(&mut out, part)?,
        }
    }
    out.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    Ok((format!("multipart/form-data; boundary={BOUNDARY}"), out))
}

fn write_field(out: &mut Vec<u8>, name: &str, value: &str) {
    let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
    out.extend(head.into_bytes());
    out.extend(value.as_bytes());
    out.extend(b"\r\n");
}

fn write_file(out: &mut Vec<u8>, file: &Value) -> Result<()> {
    let text = |key: &str, default: &str| file.get(key).map_or_else(|| default.to_owned(), plain);
    let content = match file.get("base64").and_then(Value::as_str) {
        Some(coded) => BASE64_STANDARD.decode(coded)?,
        None => text("text", "").into_bytes(),
    };
    let (field, kind) = (text("field", "file"), text("type", "application/octet-stream"));
    let name = file.get("name").map(plain).context("a file of a form has a name")?;
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
         Content-Type: {kind}\r\n\r\n"
    );
    out.extend(head.into_bytes());
    out.extend(content);
    out.extend(b"\r\n");
    Ok(())
}

#[cfg(test)]
mod tests;
