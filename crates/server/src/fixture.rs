//! What this crate's tests begin with: a project on a fresh database with one administrator, and requests to a router.
//! It must never be part of the server.

use std::sync::Arc;

use aedile_auth::password::{Hashing, Passwords};
use aedile_db::{Db, Options};
use aedile_engine::Json;
use aedile_platform::{
    App, app,
    bootstrap::{self, FirstAdministrator},
    config::{MailTransport, Settings},
};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, StatusCode},
};
use http_body_util::BodyExt;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    State,
    respond::{Content, Reply},
};

/// The administrator's token.
pub const ADMIN: &str = "admin-static-token";

/// A project on a fresh database, with one administrator; the database goes with its folder.
pub async fn state(mut settings: Settings) -> (Arc<State>, TempDir) {
    settings.mail.transport = MailTransport::Log;
    let folder = TempDir::new().unwrap();
    let db = Db::open(Options::new(folder.path().join("test.db"))).await.unwrap();
    db.install().await.unwrap();
    let administrator = FirstAdministrator {
        email: "admin@example.com".into(),
        password_hash: "none".into(),
        token: Some(ADMIN.into()),
    };
    bootstrap::seed(&db, Some(administrator)).await.unwrap();
    let cheap = Hashing {
        memory_kib: 8,
        time: 1,
        parallelism: 1,
        ..Hashing::default()
    };
    let passwords = Arc::new(Passwords::new(&cheap).unwrap());
    let known = app::Passwords {
        hash: aedile_auth::hasher(passwords.clone()),
        accepts: Arc::new(aedile_auth::policy::accepts),
        enforces: Arc::new(aedile_auth::policy::enforces),
    };
    let app = App::load(db, settings, known).await.unwrap();
    (Arc::new(State::new(app, passwords).unwrap()), folder)
}

/// What came back.
pub struct Told {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Told {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub fn data(&self) -> Json {
        self.json()["data"].clone()
    }

    pub fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends a request to a router, as it is.
pub async fn send(router: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Told {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Told {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

/// The body of a reply that is not sent as it comes.
pub fn body(reply: &Reply) -> &[u8] {
    match &reply.body {
        Content::Whole(bytes) => bytes,
        Content::Flowing(_) => panic!("a body that flows"),
    }
}
