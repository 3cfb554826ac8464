//! The client against a listener in this process that answers with set bytes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{JoinHandle, spawn};

use serde_json::{Map, Value, json};

use super::{Answer, Request, body, form, send, target};

/// Answers one connection for each of `answers`; gives back what was asked.
fn listen(answers: Vec<&'static [u8]>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).unwrap();
            asked.push(String::from_utf8_lossy(&buffer[..read]).into_owned());
            stream.write_all(answer).unwrap();
        }
        asked
    };
    (address, spawn(serve))
}

fn ask(method: &str, answer: &'static [u8]) -> anyhow::Result<Answer> {
    let (address, listener) = listen(vec![answer]);
    let request = Request {
        method,
        target: "/",
        headers: &Map::new(),
        body: None,
    };
    let answer = send(address, &request);
    listener.join().unwrap();
    answer
}

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

#[test]
fn requests_are_sent_as_given() {
    let (address, listener) = listen(vec![b"HTTP/1.1 204 No Content\r\n\r\n"]);
    let headers = map(json!({"X-Odd": "é", "connection": "keep-alive"}));
    let target = "/items/../a%2Fb?x=[1]";
    let request = Request {
        method: "SEARCH",
        target,
        headers: &headers,
        body: Some(b"{}"),
    };
    assert_eq!(send(address, &request).unwrap().status, 204);
    let expected = format!(
        "SEARCH /items/../a%2Fb?x=[1] HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: identity\r\n\
         Content-Length: 2\r\nX-Odd: \u{fffd}\r\nconnection: keep-alive\r\n\r\n{{}}"
    );
    assert_eq!(listener.join().unwrap(), [expected]);
}

#[test]
fn a_post_without_body_says_so() {
    let (address, listener) = listen(vec![b"HTTP/1.1 204 No Content\r\n\r\n"]);
    let request = Request {
        method: "POST",
        target: "/",
        headers: &Map::new(),
        body: None,
    };
    send(address, &request).unwrap();
    assert!(listener.join().unwrap()[0].contains("\r\nContent-Length: 0\r\n"));
}

#[test]
fn spaces_and_line_ends_never_reach_the_request_line() {
    let address = SocketAddr::from(([127, 0, 0, 1], 9));
    for target in ["/a b", "/a\r\nX: y", "/é"] {
        let request = Request {
            method: "GET",
            target,
            headers: &Map::new(),
            body: None,
        };
        let error = send(address, &request).unwrap_err().to_string();
        assert!(error.contains("cannot stand"), "{error}");
    }
}

#[test]
fn bodies_by_length_by_chunks_and_by_end() {
    let answer = ask("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc").unwrap();
    assert_eq!(answer.body, b"ab");
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                    3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nTrailer: x\r\n\r\n";
    assert_eq!(ask("GET", chunked).unwrap().body, b"abcd");
    let closed = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc";
    assert_eq!(ask("GET", closed).unwrap().body, b"abc");
}

#[test]
fn answers_without_a_body() {
    let answer = ask("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n").unwrap();
    assert_eq!(answer.header("content-length").as_deref(), Some("99"));
    assert!(answer.body.is_empty());
    let answer = ask("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n").unwrap();
    assert_eq!((answer.status, answer.body.len()), (304, 0));
}

#[test]
fn headers_by_name() {
    let answer = b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=1\r\nVary: x\r\nset-cookie:b=2\r\nvary:  y \r\n\r\n";
    let answer = ask("GET", answer).unwrap();
    assert_eq!(answer.header("set-cookie").as_deref(), Some("a=1\nb=2"));
    assert_eq!(answer.header("vary").as_deref(), Some("y"));
    assert_eq!(answer.header("etag"), None);
}

#[test]
fn broken_answers_are_errors() {
    let broken: [&[u8]; 4] = [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
    ];
    for answer in broken {
        assert!(ask("GET", answer).is_err(), "{}", String::from_utf8_lossy(answer));
    }
}

#[test]
fn a_dropped_connection_is_tried_once_more() {
    let (address, listener) = listen(vec![b"", b"HTTP/1.1 200 OK\r\n\r\n"]);
    let request = Request {
        method: "GET",
        target: "/",
        headers: &Map::new(),
        body: None,
    };
    assert_eq!(send(address, &request).unwrap().status, 200);
    assert_eq!(listener.join().unwrap().len(), 2);
}

#[test]
fn queries_in_the_recorded_coding() {
    let query = map(json!({"filter[a]": {"a b": "é+&"}, "x y": "~*"}));
    let coded = "filter[a]={%22a+b%22:+%22%5Cu00e9%2B%26%22}&x+y=~*";
    assert_eq!(target("/p", Some(&query)), format!("/p?{coded}"));
    assert_eq!(target("/p?q=1", Some(&query)), format!("/p?q=1&{coded}"));
    assert_eq!(target("/p", Some(&map(json!({"q": "é"})))), "/p?q=%C3%A9");
    assert_eq!(target("/p", Some(&Map::new())), "/p");
}

#[test]
fn bodies_as_sent() {
    assert_eq!(body(&json!({"a": [1]})).unwrap(), b"{\"a\": [1]}");
    assert_eq!(body(&json!({"__raw": "{oops"})).unwrap(), b"{oops");
    assert_eq!(body(&json!({"__base64": "AAE="})).unwrap(), [0, 1]);
}

#[test]
fn forms_as_sent() {
    let value = json!({
        "fields": {"title": "T"},
        "file": {"name": "a.txt", "type": "text/plain", "text": "hi"},
        "parts": [["n", 5], {"field": "f", "name": "b", "base64": "AAE="}],
    });
    let (kind, bytes) = form(&value).unwrap();
    assert_eq!(kind, "multipart/form-data; boundary=----conformance7d93b1");
    let edge = "------conformance7d93b1";
    let head = "Content-Disposition: form-data; name=";
    let expected = format!(
        "{edge}\r\n{head}\"title\"\r\n\r\nT\r\n\
         {edge}\r\n{head}\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhi\r\n\
         {edge}\r\n{head}\"n\"\r\n\r\n5\r\n\
         {edge}\r\n{head}\"f\"; filename=\"b\"\r\nContent-Type: application/octet-stream\r\n\r\n\0\u{1}\r\n\
         {edge}--\r\n"
    );
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}
