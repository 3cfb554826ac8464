//! What is opened, or trusted, is asked.

use bytes::Bytes;
use url::Url;

use super::{
    Names, client, get, is_refused,
    server::{Server, redirect},
    text,
};
use crate::{Client, Error, Method, Request};

#[tokio::test]
async fn what_the_list_opens_is_reached() {
    let server = Server::saying("127.0.0.1", 0, "inside").await;
    let port = server.port;
    let names = Names::leading(&[&["127.0.0.1"]]);
    let exact = format!("inner:{port}");
    for (entry, host) in [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.0/8", "any.example"),
        ("127.0.0.1-127.0.0.9", "127.1"),
        ("inner", "inner"),
        (exact.as_str(), "INNER."),
    ] {
        let told = get(&client(&[entry], &names), &format!("http://{host}:{port}/")).await;
        assert_eq!(told.as_deref(), Ok("inside"), "{entry}");
    }
    let told = get(&client(&["inner:1"], &names), &format!("http://inner:{port}/")).await;
    assert!(is_refused(&told), "{told:?}");
}

/// The lists as they come from the configuration, and the system's own resolver.
#[tokio::test]
async fn the_lists_of_the_operator_count() {
    let server = Server::saying("127.0.0.1", 0, "inside").await;
    let url = format!("http://127.0.0.1:{}/a?b=c", server.port);
    let list = ["127.0.0.1".to_owned()];
    assert!(is_refused(&get(&Client::new(&[], &[], None).unwrap(), &url).await));
    assert!(is_refused(&get(&Client::new(&list, &list, None).unwrap(), &url).await));
    assert_eq!(server.seen().len(), 0);
    assert_eq!(
        get(&Client::new(&list, &[], None).unwrap(), &url).await.as_deref(),
        Ok("inside")
    );
    let seen = server.seen().concat().to_ascii_lowercase();
    assert!(seen.starts_with("get /a?b=c http/1.1\r\n"), "{seen}");
    assert!(seen.contains(&format!("host: 127.0.0.1:{}\r\n", server.port)), "{seen}");
    for (allow, deny) in [(["a b"], ["1.1.1.1"]), (["1.1.1.1"], ["name"])] {
        let (allow, deny) = (allow.map(str::to_owned), deny.map(str::to_owned));
        assert!(matches!(Client::new(&allow, &deny, None), Err(Error::Setup(_))));
    }
    assert!(matches!(
        Client::new(&[], &[], Some("no certificate")),
        Err(Error::Setup(_))
    ));
}

/// Trust is of one origin and one purpose: it goes no further by a redirect, nor to another port.
#[tokio::test]
async fn what_is_trusted_is_trusted_by_origin() {
    let other = Server::saying("127.0.0.1", 0, "other").await;
    let to = format!("http://127.0.0.1:{}/", other.port);
    let trusted = Server::start("127.0.0.1", 0, move |request| {
        if request.contains("/go") {
            redirect(302, &to)
        } else {
            super::server::ok("trusted")
        }
    })
    .await;
    let client = client(&[], &Names::leading(&[&["127.0.0.1"]]));
    let origin = Url::parse(&format!("http://127.0.0.1:{}", trusted.port))
        .unwrap()
        .origin();
    let asked = |url: String| {
        let mut request = Request::new(Method::GET, &url).unwrap();
        request.trusted = vec![origin.clone()];
        request
    };
    let here = |path: &str| format!("http://127.0.0.1:{}{path}", trusted.port);
    assert_eq!(text(&client, asked(here("/"))).await.as_deref(), Ok("trusted"));
    for url in [
        here("/go"),
        format!("http://127.0.0.1:{}/", other.port),
        format!("http://localhost:{}/", trusted.port),
        format!("https://127.0.0.1:{}/", trusted.port),
    ] {
        let told = text(&client, asked(url.clone())).await;
        assert!(is_refused(&told), "{url}: {told:?}");
    }
    assert!(is_refused(&get(&client, &here("/")).await));
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test]
async fn a_body_is_sent_as_it_is() {
    let server = Server::saying("127.0.0.1", 0, "taken").await;
    let client = client(&["127.0.0.1"], &Names::leading(&[&[]]));
    let mut request = Request::new(Method::POST, &format!("http://127.0.0.1:{}/", server.port)).unwrap();
    request.body = Bytes::from_static(b"one and two");
    request.headers.insert("content-length", 3.into());
    request
        .headers
        .insert("transfer-encoding", http::HeaderValue::from_static("chunked"));
    request
        .headers
        .insert("host", http::HeaderValue::from_static("other.example"));
    assert_eq!(text(&client, request).await.as_deref(), Ok("taken"));
    let seen = server.seen().concat();
    assert!(
        seen.contains("content-length: 11") && seen.ends_with("one and two"),
        "{seen}"
    );
    assert!(!seen.contains("chunked") && !seen.contains("other.example"), "{seen}");
}
