//! A scenario against a server in this process that answers from a list.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{JoinHandle, spawn};

use serde_json::{Value, json};

use super::{local, replay};
use crate::scenario::Scenario;

/// Answers each connection with the next of `answers`; gives back what was asked.
fn listen(answers: Vec<String>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).unwrap();
            asked.push(String::from_utf8_lossy(&buffer[..read]).into_owned());
            stream.write_all(answer.as_bytes()).unwrap();
        }
        asked
    };
    (address, spawn(serve))
}

fn answer(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\n{headers}\r\n{body}")
}

fn scenario(steps: Value) -> Scenario {
    serde_json::from_value(json!({"name": "n", "about": "a", "steps": steps})).unwrap()
}

const JSON: &str = "Content-Type: application/json; charset=utf-8\r\n";
const A: &str = "0123abcd-0000-4000-8000-00000000000a";
const B: &str = "0123abcd-0000-4000-8000-00000000000b";

#[test]
fn what_is_saved_is_sent_and_compared() {
    let cookie = "Set-Cookie: st=eyJhIjogMX0.eyJpYXQiOiAxMCwgImV4cCI6IDcwfQ.c; Path=/\r\n";
    let (address, listener) = listen(vec![
        answer(200, JSON, &format!(r#"{{"data": {{"id": "{A}", "other": "{B}"}}}}"#)),
        answer(
            200,
            &format!("{JSON}{cookie}"),
            &format!(r#"{{"data": [{{"id": "{B}"}}, 2, 1]}}"#),
        ),
        answer(
            403,
            JSON,
            r#"{"errors": [{"message": "x", "extensions": {"code": "FORBIDDEN"}}]}"#,
        ),
    ]);
    let scenario = scenario(json!([
        {
            "method": "POST", "path": "/items/a", "body": {"x": 1}, "save": {"id": "data.id"},
            "expect": {"status": 200, "body": {"data": {"id": "uuid#7", "other": "uuid#8"}}}
        },
        {
            "method": "GET", "path": "/items/a/{{id}}", "query": {"limit": 1}, "as": "{{id}}",
            "unordered": ["data"], "check_headers": ["set-cookie", "etag"], "decode": ["cookie:st"],
            "expect": {
                "status": 200,
                "body": {"data": [1, 2, {"id": "uuid#8"}]},
                "headers": {"set-cookie": "st=<jwt>; path=/", "etag": ""},
                "decoded": {"cookie:st": {"header": {"a": 1}, "payload": {"exp": "iat+60"}}}
            }
        },
        {
            "method": "GET", "path": "/items/a", "as": "public",
            "expect": {"status": 403, "body": {"errors": [{"extensions": {"code": "OTHER"}}]}}
        },
    ]));
    let differences = replay(address, &scenario, 0);
    let asked = listener.join().unwrap();
    assert_eq!(differences[..2], [Vec::<String>::new(), vec![]]);
    let code = r#"body.errors.0.extensions.code: expected "OTHER", got "FORBIDDEN""#;
    assert_eq!(differences[2], [code]);
    assert!(asked[0].contains("\r\nAuthorization: Bearer admin-static-token\r\n"));
    assert!(
        asked[0].ends_with("Content-Type: application/json\r\n\r\n{\"x\": 1}"),
        "{}",
        asked[0]
    );
    assert!(asked[1].starts_with(&format!("GET /items/a/{A}?limit=1 HTTP/1.1\r\n")));
    assert!(asked[1].contains(&format!("\r\nAuthorization: Bearer {A}\r\n")));
    assert!(!asked[2].contains("Authorization"));
}

#[test]
fn bodies_that_are_no_json() {
    let (address, listener) = listen(vec![
        answer(200, "", "pong"),
        answer(200, "", "GIF89a\u{5}\0\u{6}\0"),
        answer(200, JSON, "{"),
        answer(200, JSON, ""),
    ]);
    let step = |expect: Value| json!({"method": "GET", "path": "/x", "expect": expect});
    let scenario = scenario(json!([
        step(json!({"status": 200, "body": "pong"})),
        step(json!({"status": 200, "body": null, "image": ["gif", 5, 6]})),
        step(json!({"status": 200})),
        step(json!({"status": 200, "body": null})),
    ]));
    let differences = replay(address, &scenario, 0);
    listener.join().unwrap();
    let counts: Vec<_> = differences.iter().map(Vec::len).collect();
    assert_eq!(counts, [0, 0, 1, 0], "{differences:?}");
    assert!(differences[2][0].starts_with("the body is not JSON"), "{differences:?}");
}

#[test]
fn picks_and_ignored_places() {
    let body = r#"{"data": {"a": {"max": 5, "x": 1}, "b": {"max": 6}}, "t": 8}"#;
    let (address, listener) = listen(vec![answer(200, JSON, body); 2]);
    let scenario = scenario(json!([
        {
            "method": "GET", "path": "/x", "pick": ["data.*.max", "data.c"],
            "expect": {"status": 200, "body": {"data.*.max": [5, 6], "data.c": "<none>"}}
        },
        {
            "method": "GET", "path": "/x", "ignore": ["t", "-data.a"],
            "expect": {"status": 200, "body": {"data": {"b": {"max": 6}}, "t": "<any>"}}
        },
    ]));
    let differences = replay(address, &scenario, 0);
    listener.join().unwrap();
    assert_eq!(differences, [Vec::<String>::new(), vec![]]);
}

#[test]
fn sockets_are_not_sent_and_silence_is_a_difference() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let scenario = scenario(json!([
        {"method": "WS", "path": "/websocket", "ws": {}, "expect": {"status": 101}},
        {"method": "GET", "path": "/x", "expect": {"status": 200}},
    ]));
    let differences = replay(address, &scenario, 0);
    assert_eq!(differences[0], ["WebSocket steps are not replayed"]);
    assert_eq!(differences[1].len(), 1);
}

#[test]
fn locations_lose_their_host() {
    let cases = [
        ("/files/tus/1?x", "/files/tus/1?x"),
        ("http://127.0.0.1:8055/files/tus/1?x", "/files/tus/1"),
        ("https://a.b", ""),
        ("httpd", "httpd"),
    ];
    for (path, expected) in cases {
        assert_eq!(local(path), expected, "{path}");
    }
}
