//! Redirects from the outside (127.0.0.2, which the list opens) to the inside (127.0.0.1).

use http::HeaderValue;
use url::Url;

use super::{
    Names, client, get, is_refused,
    server::{Server, ok, redirect},
    text,
};
use crate::{Error, Method, Request};

#[tokio::test]
async fn no_redirect_leads_inside() {
    let inside = Server::saying("127.0.0.1", 0, "inside").await;
    let names = Names::leading(&[&["127.0.0.1"]]);
    let client = client(&["127.0.0.2"], &names);
    for status in [301, 302, 303, 307, 308] {
        for host in [
            "127.0.0.1",
            "0x7f.1",
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "0",
            "user@127.0.0.1",
            "2130706433",
        ] {
            let to = format!("//{host}:{}/", inside.port);
            let outside = Server::start("127.0.0.2", 0, move |_| redirect(status, &to)).await;
            let told = get(&client, &format!("http://127.0.0.2:{}/", outside.port)).await;
            assert!(is_refused(&told), "{status} {host}: {told:?}");
            assert_eq!(outside.seen().len(), 1);
        }
    }
    assert_eq!(inside.seen(), [] as [String; 0]);
}

/// Each of a chain is judged, not its first alone.
#[tokio::test]
async fn the_last_of_a_chain_counts() {
    let inside = Server::saying("127.0.0.1", 0, "inside").await;
    let port = inside.port;
    let outside = Server::start("127.0.0.2", 0, move |request| {
        let step = request.chars().nth("GET /".len()).unwrap_or('0');
        match step {
            '0' => redirect(302, "/1"),
            '1' => redirect(307, "/2"),
            _ => redirect(302, &format!("http://127.0.0.1:{port}/")),
        }
    })
    .await;
    let client = client(&["127.0.0.2"], &Names::leading(&[&["127.0.0.1"]]));
    let told = get(&client, &format!("http://127.0.0.2:{}/0", outside.port)).await;
    assert!(is_refused(&told), "{told:?}");
    assert_eq!((outside.seen().len(), inside.seen().len()), (3, 0));
}

#[tokio::test]
async fn redirects_are_counted() {
    let server = Server::start("127.0.0.2", 0, |_| redirect(302, "/again")).await;
    let client = client(&["127.0.0.2"], &Names::leading(&[&[]]));
    let url = format!("http://127.0.0.2:{}/", server.port);
    let mut request = Request::new(Method::GET, &url).unwrap();
    request.limits.redirects = 3;
    assert!(matches!(text(&client, request.clone()).await, Err(Error::Redirect(_))));
    assert_eq!(server.seen().len(), 4);
    request.limits.redirects = 0;
    assert!(matches!(text(&client, request).await, Err(Error::Redirect(_))));
}

#[tokio::test]
async fn credentials_stay_with_their_origin() {
    let other = Server::saying("127.0.0.2", 0, "other").await;
    let port = other.port;
    let first = Server::start("127.0.0.2", 0, move |request| {
        if request.starts_with("GET /stay") {
            ok("stayed")
        } else if request.starts_with("GET /near") {
            redirect(302, "/stay")
        } else {
            redirect(302, &format!("http://127.0.0.2:{port}/"))
        }
    })
    .await;
    let client = client(&["127.0.0.2"], &Names::leading(&[&[]]));
    let mut request = Request::new(Method::GET, &format!("http://127.0.0.2:{}/near", first.port)).unwrap();
    for name in ["authorization", "cookie", "x-secret", "proxy-authorization"] {
        request.headers.insert(name, HeaderValue::from_static("hush"));
    }
    assert_eq!(text(&client, request.clone()).await.as_deref(), Ok("stayed"));
    assert!(first.seen()[1].contains("authorization: hush"));
    assert!(!first.seen()[1].contains("proxy-"));
    request.url = Url::parse(&format!("http://127.0.0.2:{}/far", first.port)).unwrap();
    assert_eq!(text(&client, request).await.as_deref(), Ok("other"));
    assert!(!other.seen()[0].contains("hush"), "{}", other.seen()[0]);
}
