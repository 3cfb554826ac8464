//! The whole door, over a real listener.
use aedile_platform::config::{Origins, RateLimit, Settings};
use axum::http::StatusCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    fixture::{ADMIN, Told, send, state},
    listen::{Patience, listen},
    router::{Entry, routes},
};

/// A project with one administrator, as a service.
async fn fresh(settings: Settings) -> (Router, TempDir) {
    let (state, folder) = state(settings).await;
    (router(state), folder)
}

async fn get(router: &Router, path: &str) -> Told {
    send(router, "GET", path, &[], "").await
}

async fn as_admin(router: &Router, method: &str, path: &str, body: &str) -> Told {
    let bearer = format!("Bearer {ADMIN}");
    send(
        router,
        method,
        path,
        &[("authorization", &bearer), ("content-type", "application/json")],
        body,
    )
    .await
}

#[tokio::test]
async fn a_panic_costs_its_request_alone() {
    const PANICKING: &[Entry] = routes![Get "/panics" => panicking];
    async fn panicking(_: Call) -> Result<Reply> {
        panic!("a defect with a secret in it")
    }
    let mut table = routes::table();
    table.add(PANICKING);
    let (state, _folder) = state(Settings::default()).await;
    let door = Arc::new(Door { state, table });
    let router = Router::new().fallback(move |request: Request| answer(door, request));
    let told = get(&router, "/panics").await;
    assert_eq!(
        (told.status, told.code().as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_SERVER_ERROR")
    );
    assert!(!told.body.contains("secret"));
    assert_eq!(get(&router, "/server/ping").await.body, "pong");
}

/// What waits for a client ends with it: its statements are cancelled when the route's future goes.
#[tokio::test]
async fn a_request_ends_with_its_connection() {
    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    struct Running;
    impl Drop for Running {
        fn drop(&mut self) {
            RUNNING.fetch_sub(1, Ordering::SeqCst);
        }
    }
    const ENDLESS: &[Entry] = routes![Get "/endless" => endless];
    async fn endless(_: Call) -> Result<Reply> {
        RUNNING.fetch_add(1, Ordering::SeqCst);
        let _running = Running;
        std::future::pending().await
    }
    let until = async |wanted: usize| {
        let begun = Instant::now();
        while RUNNING.load(Ordering::SeqCst) != wanted {
            assert!(begun.elapsed() < Duration::from_secs(10), "not {wanted} at last");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let mut table = routes::table();
    table.add(ENDLESS);
    let (state, _folder) = state(Settings::default()).await;
    let door = Arc::new(Door { state, table });
    let endless = move |request: Request| -> Answer { Box::pin(answer(Arc::clone(&door), request)) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let patience = Patience {
        head: Duration::from_secs(10),
        taken: Duration::from_secs(10),
        end: Duration::ZERO,
    };
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    tokio::spawn(listen(endless, patience, listener, std::future::pending()));
    client
        .write_all(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    until(1).await;
    drop(client);
    until(0).await;
}

#[tokio::test]
async fn what_all_answers_share_is_there() {
    let (router, _folder) = fresh(Settings::default()).await;
    let info = get(&router, "/server/info").await;
    assert_eq!(info.status, StatusCode::OK);
    assert_eq!(info.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(
        (info.header("cache-control"), info.header("vary")),
        ("no-cache", "Origin, Cache-Control")
    );
    assert!(info.header("content-security-policy").contains("default-src 'none'"));
    assert_eq!(info.header("x-frame-options"), "DENY");
    assert_eq!(info.header("cross-origin-opener-policy"), "same-origin-allow-popups");
    assert!(info.header("x-powered-by").is_empty() && info.header("server").is_empty());
    let again = send(
        &router,
        "GET",
        "/server/info",
        &[("if-none-match", info.header("etag"))],
        "",
    )
    .await;
    assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let head = send(&router, "HEAD", "/server/info", &[], "").await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.header("content-length"), info.body.len().to_string());
    let refused = get(&router, "/users").await;
    assert_eq!(refused.code(), "FORBIDDEN");
    assert!(refused.header("cache-control").is_empty() && refused.header("vary").is_empty());
}

#[tokio::test]
async fn credentials_are_judged_before_the_path_and_after_the_body() {
    let (router, _folder) = fresh(Settings::default()).await;
    let wrong = [("authorization", "Bearer wrong"), ("content-type", "application/json")];
    assert_eq!(
        send(&router, "GET", "/nowhere", &wrong, "").await.code(),
        "INVALID_CREDENTIALS"
    );
    assert_eq!(
        send(&router, "POST", "/items/x", &wrong, "{").await.code(),
        "INVALID_PAYLOAD"
    );
    assert_eq!(send(&router, "GET", "/server/ping", &wrong, "").await.body, "pong");
    let unknown = get(&router, "/nowhere/deep?x=1").await;
    assert_eq!(unknown.json()["errors"][0]["extensions"]["path"], "/nowhere/deep");
}

#[tokio::test]
async fn system_collections_are_no_items_and_history_is_not_written() {
    let (router, _folder) = fresh(Settings::default()).await;
    for method in ["GET", "POST", "PATCH", "DELETE", "SEARCH"] {
        assert_eq!(
            as_admin(&router, method, "/items/directus_users", "{}").await.code(),
            "FORBIDDEN",
            "{method}"
        );
    }
    assert_eq!(
        as_admin(&router, "GET", "/users?fields=email", "").await.json(),
        serde_json::json!({"data": [{"email": "admin@example.com"}]})
    );
    assert_eq!(
        as_admin(&router, "POST", "/activity", "{}").await.code(),
        "ROUTE_NOT_FOUND"
    );
}

#[tokio::test]
async fn a_collection_is_made_filled_and_exported() {
    let (router, _folder) = fresh(Settings::default()).await;
    let notes = r#"{"collection":"notes","schema":{},"fields":[
        {"field":"id","type":"integer","schema":{"is_primary_key":true,"has_auto_increment":true}},
        {"field":"title","type":"string","schema":{}}]}"#;
    assert_eq!(
        send(
            &router,
            "POST",
            "/collections",
            &[("content-type", "application/json")],
            notes
        )
        .await
        .code(),
        "FORBIDDEN"
    );
    assert_eq!(
        as_admin(&router, "POST", "/collections", notes).await.status,
        StatusCode::OK
    );
    let made = as_admin(&router, "POST", "/items/notes", r#"[{"title":"a"},{"title":"b"}]"#).await;
    assert_eq!(made.json()["data"][1], serde_json::json!({"id": 2, "title": "b"}));
    let keyed = as_admin(
        &router,
        "SEARCH",
        "/items/notes",
        r#"{"keys":[2],"query":{"fields":["title"]}}"#,
    )
    .await;
    assert_eq!(keyed.json(), serde_json::json!({"data": [{"title": "b"}]}));
    for malformed in [
        r#"{"fields":["title"]}"#,
        r#"{"keys":1}"#,
        r#"{"query":"text"}"#,
        r#"{"query":null}"#,
    ] {
        assert_eq!(
            as_admin(&router, "SEARCH", "/items/notes", malformed).await.code(),
            "INVALID_PAYLOAD",
            "{malformed}"
        );
    }
    let file = as_admin(&router, "GET", "/items/notes?export=csv&sort=id&fields=title", "").await;
    assert_eq!(
        (file.body.as_str(), file.header("content-disposition")),
        ("\"title\"\n\"a\"\n\"b\"", "attachment; filename=\"notes.csv\"")
    );
    assert_eq!(
        as_admin(&router, "GET", "/items/notes/1%ZZ", "").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn too_many_requests_are_refused_before_anything_else() {
    let rate_limit = RateLimit {
        enabled: true,
        points: 1,
        duration: Duration::from_secs(60),
    };
    let (router, _folder) = fresh(Settings {
        rate_limit,
        ..Settings::default()
    })
    .await;
    assert_eq!(get(&router, "/server/ping").await.status, StatusCode::OK);
    for path in ["/server/ping", "/nowhere", "/users/me"] {
        let told = get(&router, path).await;
        assert_eq!(
            (told.status, told.code().as_str()),
            (StatusCode::TOO_MANY_REQUESTS, "REQUESTS_EXCEEDED"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn other_origins_read_errors_too_when_they_are_let_in() {
    let mut settings = Settings::default();
    settings.cors.enabled = true;
    settings.cors.origin = Origins::Reflect;
    let (router, _folder) = fresh(settings).await;
    let origin = [("origin", "https://app.example.com")];
    let preflight = send(&router, "OPTIONS", "/nowhere", &origin, "").await;
    assert_eq!(
        (preflight.status, preflight.header("access-control-max-age")),
        (StatusCode::NO_CONTENT, "18000")
    );
    let refused = send(&router, "GET", "/users/me", &origin, "").await;
    assert_eq!(
        (refused.header("access-control-allow-origin"), refused.header("vary")),
        ("https://app.example.com", "Origin")
    );
    let told = send(&router, "GET", "/server/info", &origin, "").await;
    assert_eq!(told.header("vary"), "Origin, Cache-Control");
}

#[tokio::test]
async fn a_long_address_is_refused() {
    let (router, _folder) = fresh(Settings::default()).await;
    let told = get(&router, &format!("/server/ping?x={}", "x".repeat(MAX_URL))).await;
    assert_eq!(told.code(), "INVALID_QUERY");
}

#[test]
fn what_may_be_a_token_is_not_logged() {
    assert_eq!(shown("/items/notes/1"), "/items/notes/1");
    assert_eq!(shown(&format!("/users/{}/x", "t".repeat(65))), "/users/…/x");
}
