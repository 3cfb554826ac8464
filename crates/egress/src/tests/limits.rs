//! What takes too much is ended.

use std::time::Duration;

use super::{
    Names, client,
    server::{Server, ok},
    text,
};
use crate::{Error, Method, Request, Result};

async fn told(answer: String, limit: impl Fn(&mut Request)) -> Result<String> {
    let server = Server::start("127.0.0.1", 0, move |_| answer.clone()).await;
    let client = client(&["127.0.0.1"], &Names::leading(&[&[]]));
    let mut request = Request::new(Method::GET, &format!("http://127.0.0.1:{}/", server.port)).unwrap();
    limit(&mut request);
    text(&client, request).await
}

#[tokio::test]
async fn a_large_answer_is_not_taken() {
    let small = |request: &mut Request| request.limits.bytes = 10;
    assert_eq!(told(ok("0123456789"), small).await.as_deref(), Ok("0123456789"));
    assert_eq!(told(ok("0123456789a"), small).await, Err(Error::TooLarge));
    // Announced as endless, and sent.
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n8\r\n01234567\r\n".to_owned();
    assert_eq!(told(chunked, small).await, Err(Error::TooLarge));
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_owned();
    assert_eq!(told(announced, |_| ()).await, Err(Error::TooLarge));
}

#[tokio::test]
async fn a_slow_answer_is_not_waited_for() {
    let short = |request: &mut Request| request.limits.time = Duration::from_millis(200);
    assert_eq!(told(String::new(), short).await, Err(Error::OutOfTime));
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234".to_owned();
    assert_eq!(told(half, short).await, Err(Error::OutOfTime));
}

#[tokio::test]
async fn what_is_no_http_is_none() {
    for answer in [
        "SSH-2.0-x\r\n\r\n",
        "220 mail.example ESMTP\r\n",
        "HTTP/1.1 abc\r\n\r\n",
    ] {
        assert_eq!(told(answer.to_owned(), |_| ()).await, Err(Error::Malformed), "{answer}");
    }
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(1_000_000));
    assert_eq!(told(endless, |_| ()).await, Err(Error::Malformed));
}

#[tokio::test]
async fn nobody_there_is_told() {
    let port = {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap().port()
    };
    let client = client(&["127.0.0.1"], &Names::leading(&[&[]]));
    let of = |host: &str| Request::new(Method::GET, &format!("http://{host}:{port}/")).unwrap();
    assert!(matches!(
        text(&client, of("127.0.0.1")).await,
        Err(Error::Unreachable { .. })
    ));
    assert!(matches!(
        text(&client, of("nobody.example")).await,
        Err(Error::Unresolved { .. })
    ));
    for method in [Method::CONNECT, Method::TRACE] {
        let mut request = of("127.0.0.1");
        request.method = method;
        assert!(matches!(text(&client, request).await, Err(Error::Request(_))));
    }
}
