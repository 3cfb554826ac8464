//! A project inside this process, asked through the same door as over the network, so that its statements can be
//! counted. It is in a folder of its own, which goes with it.

use std::sync::Arc;

use aedile_auth::password::{Hashing, Passwords};
use aedile_db::{Counters, Db, Options};
use aedile_platform::{
    App,
    bootstrap::{self, FirstAdministrator},
    config::{MailTransport, Secret, Settings},
};
use aedile_server::State;
use aedile_testkit::{
    ADMIN_TOKEN,
    workload::{FILL, Sizes, model},
};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// The project of the workload.
pub struct Project {
    db: Db,
    router: Router,
    folder: TempDir,
}

impl Project {
    /// Installs it, makes the model over the API, and fills it.
    pub async fn of_workload(sizes: Sizes) -> Project {
        let project = Project::empty().await;
        for (path, body) in model() {
            let (status, answer) = project.ask("POST", path, ADMIN_TOKEN, Some(body)).await;
            assert!(status.is_success(), "{path}: {answer}");
        }
        let connection = rusqlite::Connection::open(project.folder.path().join("data.db")).unwrap();
        let Sizes {
            articles,
            authors,
            tags,
            comments,
        } = sizes;
        connection
            .execute_batch("create temp table size (articles, authors, tags, comments)")
            .unwrap();
        connection
            .execute(
                "insert into temp.size values (?1, ?2, ?3, ?4)",
                [articles, authors, tags, comments],
            )
            .unwrap();
        connection.execute_batch(FILL).unwrap();
        project
    }

    async fn empty() -> Project {
        let folder = TempDir::new().unwrap();
        let db = Db::open(Options::new(folder.path().join("data.db"))).await.unwrap();
        db.install().await.unwrap();
        db.migrate_latest().await.unwrap();
        let first = FirstAdministrator {
            email: "admin@example.com".to_owned(),
            password_hash: "none".to_owned(),
            token: Some(ADMIN_TOKEN.to_owned()),
        };
        bootstrap::seed(&db, Some(first)).await.unwrap();
        let mut settings = Settings::default();
        settings.mail.transport = MailTransport::Log;
        settings.tokens.secret = Secret::new("the-secret-of-servers-under-test");
        let passwords = Arc::new(Passwords::new(&Hashing::default()).unwrap());
        let known = aedile_platform::app::Passwords {
            hash: aedile_auth::hasher(passwords.clone()),
            accepts: Arc::new(aedile_auth::policy::accepts),
            enforces: Arc::new(aedile_auth::policy::enforces),
        };
        let app = App::load(db.clone(), settings, known).await.unwrap();
        let router = aedile_server::router(Arc::new(State::new(app, passwords).unwrap()));
        Project { db, router, folder }
    }

    /// Asks, and answers status and JSON.
    pub async fn ask(&self, method: &str, target: &str, token: &str, body: Option<Value>) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// Data statements so far.
    pub fn statements(&self) -> Counters {
        self.db.statements()
    }
}
