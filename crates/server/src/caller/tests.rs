//! Callers over the whole router: who is held up until it has a second factor, and whom no token stands for.
use aedile_engine::Json;
use aedile_platform::config::Settings;
use axum::{Router, http::StatusCode};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    fixture::{ADMIN, Told, send, state},
    serve::router,
};

mod hostile;

const PASSWORD: &str = "secret-pass-1";

/// Sends JSON with a bearer token, or as the public with an empty one.
async fn ask(router: &Router, token: &str, method: &str, path: &str, body: &Json) -> Told {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("content-type", "application/json")];
    if !token.is_empty() {
        headers.push(("authorization", &bearer));
    }
    send(router, method, path, &headers, &body.to_string()).await
}

async fn login(router: &Router, email: &str) -> String {
    let form = json!({ "email": email, "password": PASSWORD });
    let told = ask(router, "", "POST", "/auth/login", &form).await;
    told.data()["access_token"].as_str().unwrap().to_owned()
}

/// A project with ann, whose policy grants everything and asks for a second factor she does not have.
async fn strict(settings: Settings) -> (Router, TempDir) {
    let (state, folder) = state(settings).await;
    let router = router(state);
    let policy = json!({ "name": "strict", "admin_access": true, "app_access": true, "enforce_tfa": true });
    let ann = json!({
        "email": "ann@example.com", "password": PASSWORD, "token": "ann-token", "policies": [{ "policy": policy }],
    });
    let made = ask(&router, ADMIN, "POST", "/users", &ann).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    (router, folder)
}

/// Every route there is, by every method it has: whoever is held up gets through to these alone.
#[tokio::test]
async fn who_is_held_up_may_set_a_second_factor_up_and_nothing_else() {
    let (router, _folder) = strict(Settings::default()).await;
    let token = login(&router, "ann@example.com").await;
    let mut let_through = Vec::new();
    for pattern in crate::patterns() {
        let path: Vec<&str> = pattern
            .path
            .split('/')
            .map(|part| if part.starts_with(':') { "1" } else { part })
            .collect();
        let told = ask(&router, &token, pattern.method, &path.join("/"), &json!({})).await;
        if !told.body.contains("two-factor authentication has to be set up first") {
            let_through.push(format!("{} {}", pattern.method, pattern.path));
        } else {
            assert_eq!(
                (told.status, told.code().as_str()),
                (StatusCode::FORBIDDEN, "FORBIDDEN")
            );
        }
    }
    let expected = [
        // Nobody is asked who they are.
        "GET /",
        "GET /admin/*",
        "GET /auth",
        "GET /auth/login/:provider",
        "GET /auth/login/:provider/callback",
        "GET /auth/login/:provider/metadata",
        "GET /policies/me/globals",
        "GET /robots.txt",
        "GET /server/info",
        "GET /server/ping",
        "GET /users/me",
        // What is sent proves itself: the same as without the token.
        "POST /auth/login",
        "POST /auth/login/:provider",
        "POST /auth/logout",
        "POST /auth/password/request",
        "POST /auth/password/reset",
        "POST /auth/refresh",
        "POST /users/me/tfa/enable",
        "POST /users/me/tfa/generate",
    ];
    let_through.sort_unstable();
    assert_eq!(let_through, expected);
}

#[tokio::test]
async fn who_is_held_up_is_told_who_it_is_and_why() {
    let (router, _folder) = strict(Settings::default()).await;
    let token = login(&router, "ann@example.com").await;
    let me = ask(&router, &token, "GET", "/users/me?fields=id,token", &Json::Null)
        .await
        .data();
    let names: Vec<&String> = me.as_object().unwrap().keys().collect();
    assert_eq!(names, ["id"], "what may not be read leaves the id, as always");
    let me = ask(&router, &token, "GET", "/users/me", &Json::Null).await.data();
    let names: Vec<&String> = me.as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "email"]);
    let globals = ask(&router, &token, "GET", "/policies/me/globals", &Json::Null)
        .await
        .data();
    assert_eq!(
        globals,
        json!({ "app_access": true, "admin_access": true, "enforce_tfa": true })
    );
}

#[tokio::test]
async fn a_second_factor_lets_go() {
    let (router, _folder) = strict(Settings::default()).await;
    let token = login(&router, "ann@example.com").await;
    assert_eq!(
        ask(&router, &token, "GET", "/users", &Json::Null).await.status,
        StatusCode::FORBIDDEN
    );
    let form = json!({ "password": PASSWORD });
    let made = ask(&router, &token, "POST", "/users/me/tfa/generate", &form)
        .await
        .data();
    let secret = made["secret"].as_str().unwrap();
    let form = json!({ "secret": secret, "otp": hostile::code(secret) });
    let enabled = ask(&router, &token, "POST", "/users/me/tfa/enable", &form).await;
    assert_eq!(enabled.status, StatusCode::NO_CONTENT, "{}", enabled.body);
    assert_eq!(
        ask(&router, &token, "GET", "/users", &Json::Null).await.status,
        StatusCode::OK
    );
    // What is required is not given up, with whatever code.
    let disabled = ask(
        &router,
        &token,
        "POST",
        "/users/me/tfa/disable",
        &json!({ "otp": "000000" }),
    )
    .await;
    assert_eq!(disabled.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn static_tokens_are_held_up_where_the_settings_say_so() {
    let (open, _folder) = strict(Settings::default()).await;
    assert_eq!(
        ask(&open, "ann-token", "GET", "/users", &Json::Null).await.status,
        StatusCode::OK
    );
    let mut settings = Settings::default();
    settings.tokens.tfa_for_static = true;
    let (closed, _folder) = strict(settings).await;
    let told = ask(&closed, "ann-token", "GET", "/users", &Json::Null).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert_eq!(
        ask(&closed, ADMIN, "GET", "/users", &Json::Null).await.status,
        StatusCode::OK
    );
}

/// An administrator who is held up does not get around it by looking as somebody else.
#[tokio::test]
async fn a_view_is_no_way_around() {
    let (router, _folder) = strict(Settings::default()).await;
    let token = login(&router, "ann@example.com").await;
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("aedile-view", "00000000-0000-4000-8000-000000000000"),
    ];
    let told = send(&router, "GET", "/users", &headers, "").await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
}

/// Where callers become somebody it does not matter what an old cookie was worth: each door answers as without it.
#[tokio::test]
async fn a_stale_cookie_keeps_nobody_out() {
    let mut settings = Settings::default();
    settings.tokens.login_stall = std::time::Duration::ZERO;
    settings.rate_limit_login.enabled = false;
    settings.rate_limit_registration.enabled = false;
    let (router, _folder) = strict(settings).await;
    let form = json!({ "email": "ann@example.com", "password": PASSWORD });
    let mut session_form = form.clone();
    session_form["mode"] = "session".into();
    let told = ask(&router, "", "POST", "/auth/login", &session_form).await;
    let cookie = told.headers["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let headers = [("content-type", "application/json"), ("cookie", cookie.as_str())];
    let left = send(&router, "POST", "/auth/logout", &headers, "{\"mode\":\"session\"}").await;
    assert_eq!(left.status, StatusCode::NO_CONTENT, "{}", left.body);
    let name = cookie.split('=').next().unwrap();
    for stale in [cookie.clone(), format!("{name}=garbage"), format!("{name}=a.b.c")] {
        let headers = [("content-type", "application/json"), ("cookie", stale.as_str())];
        let closed = send(&router, "GET", "/users/me", &headers, "").await;
        assert_ne!(closed.status, StatusCode::OK, "it is worth nothing: {}", closed.body);
        for (method, path, body) in [
            ("POST", "/auth/login", form.clone()),
            (
                "POST",
                "/auth/login",
                json!({ "email": "ann@example.com", "password": "wrong" }),
            ),
            ("POST", "/auth/refresh", json!({ "refresh_token": "x", "mode": "json" })),
            ("POST", "/auth/password/request", json!({ "email": "ann@example.com" })),
            ("POST", "/auth/password/reset", json!({ "token": "x", "password": "y" })),
            ("GET", "/auth", Json::Null),
            ("GET", "/auth/login/nobody", Json::Null),
            ("GET", "/auth/login/nobody/callback", Json::Null),
            ("POST", "/auth/login/nobody/callback", Json::Null),
            (
                "POST",
                "/users/register",
                json!({ "email": "bob@example.com", "password": PASSWORD }),
            ),
            ("GET", "/users/register/verify-email?token=x", Json::Null),
            ("POST", "/users/invite/accept", json!({ "token": "x", "password": "y" })),
        ] {
            let body = if body.is_null() {
                String::new()
            } else {
                body.to_string()
            };
            let with = send(&router, method, path, &headers, &body).await;
            let without = send(&router, method, path, &headers[..1], &body).await;
            assert_eq!(with.status, without.status, "{method} {path}: {}", with.body);
            if without.status != StatusCode::OK {
                assert_eq!(with.body, without.body, "{method} {path}");
            }
        }
    }
}
