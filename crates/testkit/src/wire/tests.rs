//! Answers are read to their end and no further.

use super::read;

#[test]
fn a_length_ends_a_body() {
    let mut bytes: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\npongHTTP/1.1";
    let answer = read(&mut bytes, false).unwrap();
    assert_eq!(
        (answer.status, answer.body.as_slice(), answer.closes),
        (200, b"pong".as_slice(), false)
    );
    assert_eq!(answer.content_type, "text/plain");
    assert_eq!(bytes, b"HTTP/1.1");
}

#[test]
fn chunks_are_joined() {
    let mut bytes: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\npo\r\n2\r\nng\r\n0\r\n\r\nrest";
    assert_eq!(read(&mut bytes, false).unwrap().body, b"pong");
    assert_eq!(bytes, b"rest");
}

#[test]
fn answers_without_a_body_have_none() {
    let mut bytes: &[u8] = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
    assert!(read(&mut bytes, false).unwrap().closes);
    let mut bytes: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n";
    assert!(read(&mut bytes, true).unwrap().body.is_empty());
}

#[test]
fn what_breaks_off_is_refused() {
    for text in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npong",
        "SSH-2.0\r\n\r\n",
    ] {
        assert!(read(&mut text.as_bytes(), false).is_err(), "{text}");
    }
}
