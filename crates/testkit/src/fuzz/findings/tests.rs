//! Each kind of finding is found, and what is fine is left alone.

use std::{io, time::Duration};

use super::{Judge, Report};
use crate::{
    fuzz::request::{Request, Sender},
    wire::Answer,
};

const LATENCY: Duration = Duration::from_secs(1);

fn request(sender: Sender, text: &str) -> Request {
    Request {
        sender,
        bytes: text.as_bytes().to_vec(),
    }
}

fn answer(status: u16, body: &str) -> io::Result<Answer> {
    Ok(Answer {
        status,
        content_type: "application/json; charset=utf-8".to_owned(),
        body: body.as_bytes().to_vec(),
        ..Answer::default()
    })
}

fn verdict(sender: Sender, answer: &io::Result<Answer>, took: Duration) -> Option<String> {
    let canaries = ["maren@x".to_owned()];
    Judge::new(&canaries, true, LATENCY).judge(&request(sender, "GET / HTTP/1.1\r\n\r\n"), answer, took)
}

#[test]
fn failures_of_the_server_are_found() {
    let quick = Duration::ZERO;
    let error = r#"{"errors":[{"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#;
    assert!(
        verdict(Sender::Public, &answer(500, error), quick)
            .unwrap()
            .contains("status 500")
    );
    assert!(
        verdict(Sender::Public, &Err(io::Error::other("gone")), quick)
            .unwrap()
            .contains("gone")
    );
    assert!(
        verdict(Sender::Public, &answer(200, "{}"), 2 * LATENCY)
            .unwrap()
            .contains("2000 ms")
    );
    assert!(
        verdict(Sender::Public, &answer(200, "{\"data\":"), quick)
            .unwrap()
            .contains("malformed")
    );
    assert!(
        verdict(Sender::Public, &answer(403, "{}"), quick)
            .unwrap()
            .contains("without a code")
    );
}

#[test]
fn leaks_are_found_and_what_is_theirs_is_not() {
    let leak = answer(200, r#"{"data":[{"email":"maren@x"}]}"#);
    assert!(
        verdict(Sender::Website, &leak, Duration::ZERO)
            .unwrap()
            .contains("maren@x")
    );
    assert_eq!(verdict(Sender::Administrator, &leak, Duration::ZERO), None);
    assert_eq!(verdict(Sender::Website, &answer(200, "{}"), Duration::ZERO), None);
}

#[test]
fn a_report_tells_what_was_found() {
    let mut report = Report::new(3);
    assert!(report.is_clean());
    report.add(
        7,
        &request(Sender::Public, "GET /x"),
        None,
        Duration::ZERO,
        Some("no answer".to_owned()),
    );
    assert!(!report.is_clean());
    let text = report.to_string();
    assert!(
        text.contains("request 7 by Public: no answer") && text.contains("--seed 3"),
        "{text}"
    );
}
