//! A project in a temporary database, with an administrator and whoever a test adds. For tests alone.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use aedile_db::{Db, Options, Row};
use aedile_egress::Client;
use aedile_engine::{Code, Error, Json, Object, Result, access::Caller, query::Query, value::Param};
use aedile_platform::{
    App, Cx, Origin,
    app::Passwords as Known,
    bootstrap::{self, FirstAdministrator},
    config::Settings,
    items,
};
use parking_lot::Mutex;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    Auth, LoginForm, Mail, Mailer, Mode, Pass, Peer, Sso,
    caller::Credentials,
    hasher,
    password::{Hashing, Passwords},
    policy,
};

/// The time of most tests, in milliseconds since 1970.
pub const NOW: i64 = 1_800_000_000_000;

/// The password of whoever a test adds.
pub const PASSWORD: &str = "secret-pass-1";

/// The administrator that is there from the beginning.
pub const ADMIN: &str = "admin@example.com";

/// Its static token.
pub const ADMIN_TOKEN: &str = "admin-token-1";

/// Mails that would have been sent.
#[derive(Default)]
pub struct Outbox(Mutex<Vec<Mail>>);

impl Mailer for Outbox {
    fn post(&self, mail: Option<Mail>, _: Instant) {
        self.0.lock().extend(mail);
    }
}

pub struct Project {
    pub auth: Auth,
    outbox: Arc<Outbox>,
    _folder: TempDir,
}

impl Project {
    pub async fn new() -> Project {
        Self::with(|_| {}).await
    }

    /// A project whose settings a test changes. Nothing stalls, and hashing is as cheap as it gets.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Project {
        let folder = TempDir::new().unwrap();
        let db = Db::open(Options {
            readers: 2,
            ..Options::new(folder.path().join("data.db"))
        })
        .await
        .unwrap();
        db.install().await.unwrap();
        db.migrate_latest().await.unwrap();
        let passwords = Arc::new(
            Passwords::new(&Hashing {
                memory_kib: 8,
                time: 1,
                parallelism: 1,
                ..Hashing::default()
            })
            .unwrap(),
        );
        let hash = hasher(Arc::clone(&passwords));
        let first = FirstAdministrator {
            email: ADMIN.into(),
            password_hash: hash(PASSWORD.into()).await.unwrap(),
            token: Some(ADMIN_TOKEN.into()),
        };
        bootstrap::seed(&db, Some(first)).await.unwrap();
        let mut settings = Settings::default();
        settings.tokens.login_stall = Duration::ZERO;
        settings.tokens.register_stall = Duration::ZERO;
        settings.rate_limit_login.enabled = false;
        change(&mut settings);
        let known = Known {
            hash,
            accepts: Arc::new(policy::accepts),
            enforces: Arc::new(policy::enforces),
        };
        let app = App::load(db, settings, known).await.unwrap();
        let outbox = Arc::new(Outbox::default());
        let auth = Auth::new(app, passwords, outbox.clone(), None).unwrap();
        Project {
            auth,
            outbox,
            _folder: folder,
        }
    }

    /// Everything, as the operator.
    pub fn operator(&self) -> Cx {
        bootstrap::operator(self.auth.app(), NOW)
    }

    /// Makes an item as the operator; answers its key.
    pub async fn make(&self, collection: &str, item: Json) -> String {
        let made = items::create(&self.operator(), collection, item, &Query::default())
            .await
            .unwrap();
        let made: Json = serde_json::from_slice(&made.data.unwrap()).unwrap();
        made["id"].as_str().unwrap().to_owned()
    }

    /// An active user with the usual password and these fields; answers its id.
    pub async fn user(&self, email: &str, fields: Json) -> String {
        let mut user = json!({ "email": email, "password": PASSWORD, "status": "active" });
        let own = user.as_object_mut().unwrap();
        own.extend(fields.as_object().unwrap().clone());
        self.make("directus_users", user).await
    }

    /// Changes the project's settings.
    pub async fn settings(&self, change: Json) {
        items::save_singleton(&self.operator(), "directus_settings", change, &Query::default())
            .await
            .unwrap();
        let version = self.auth.app().version().await.unwrap();
        self.auth.app().snapshot_at(version).await.unwrap();
    }

    /// Changes rows behind the platform's back.
    pub async fn execute(&self, text: &'static str, values: impl IntoIterator<Item = Param>) {
        let changed = self.auth.write_if(self.auth.bound(text, values), Vec::new());
        assert!(changed.await.unwrap(), "nothing was changed by {text}");
    }

    /// Rows of a statement.
    pub async fn rows(&self, text: &'static str, values: impl IntoIterator<Item = Param>) -> Vec<Row> {
        self.auth.fetch(self.auth.bound(text, values)).await.unwrap()
    }

    /// How many rows a count tells.
    pub async fn count(&self, text: &'static str, values: impl IntoIterator<Item = Param>) -> i64 {
        match self.rows(text, values).await[0][0] {
            Param::Int(n) => n,
            ref other => panic!("{other:?} is no count"),
        }
    }

    pub async fn status(&self, id: &str) -> String {
        let rows = self
            .rows("select status from directus_users where id = {}", [id.into()])
            .await;
        crate::statement::text(&rows[0], 0).unwrap()
    }

    pub async fn login(&self, body: Json) -> Result<Pass> {
        self.login_at(body, NOW).await
    }

    pub async fn login_at(&self, body: Json, now: i64) -> Result<Pass> {
        let snapshot = self.auth.app().snapshot();
        let form = LoginForm::read(&body)?;
        self.auth.login(&snapshot, form, &Peer::default(), now).await
    }

    /// Logs a user in that is expected to be let in.
    pub async fn enter(&self, email: &str, mode: &str) -> Pass {
        self.login(json!({ "email": email, "password": PASSWORD, "mode": mode }))
            .await
            .unwrap()
    }

    pub async fn refresh(&self, mode: Mode, token: &str, now: i64) -> Result<Pass> {
        let mut body = Object::new();
        body.insert("mode".into(), name(mode).into());
        body.insert("refresh_token".into(), token.into());
        let ticket = self.auth.ticket(&body, Some(token), Some(token), now)?;
        let snapshot = self.auth.app().snapshot();
        let sso = Sso::new(self.auth.app().settings(), Client::new(&[], &[], None).unwrap()).unwrap();
        self.auth.refresh(&sso, &snapshot, ticket, &Peer::default(), now).await
    }

    /// Who asks with these credentials.
    pub async fn known(&self, credentials: &Credentials<'_>, now: i64) -> Result<crate::Known> {
        self.auth.known(self.auth.lookup(credentials, None, now)?, now).await
    }

    /// Who a bearer token stands for.
    pub async fn caller(&self, token: &str, now: i64) -> Result<Caller> {
        let header = format!("Bearer {token}");
        let credentials = Credentials {
            header: Some(header.as_bytes()),
            ..Credentials::default()
        };
        Ok(self.known(&credentials, now).await?.caller)
    }

    /// The context of a user.
    pub async fn cx(&self, id: &str) -> Cx {
        let rows = self
            .rows("select role from directus_users where id = {}", [id.into()])
            .await;
        let caller = Caller::User {
            id: id.to_owned(),
            role: crate::statement::text(&rows[0], 0),
            ip: None,
        };
        self.cx_of(caller).await
    }

    /// The context of a caller.
    pub async fn cx_of(&self, caller: Caller) -> Cx {
        let app = self.auth.app();
        let version = app.version().await.unwrap();
        let snapshot = app.snapshot_at(version).await.unwrap();
        app.cx(snapshot, caller, Origin::default(), NOW)
    }

    /// The mails so far, once there are so many.
    pub async fn mails(&self, expected: usize) -> Vec<Mail> {
        for _ in 0..1000 {
            if self.outbox.0.lock().len() >= expected {
                break;
            }
            tokio::task::yield_now().await;
        }
        // One too many would come now.
        tokio::time::sleep(Duration::from_millis(5)).await;
        let mails = self.outbox.0.lock().clone();
        assert_eq!(mails.len(), expected, "mails");
        mails
    }
}

/// A mode's wire name.
pub fn name(mode: Mode) -> &'static str {
    match mode {
        Mode::Json => "json",
        Mode::Cookie => "cookie",
        Mode::Session => "session",
    }
}

/// The token in a mail's link.
pub fn token_of(mail: &Mail) -> String {
    mail.link.split_once("token=").unwrap().1.to_owned()
}

/// A body.
pub fn body(json: Json) -> Object {
    json.as_object().unwrap().clone()
}

/// The code of a refusal.
pub fn code<T>(outcome: Result<T>) -> Code {
    outcome.err().as_ref().map(Error::code).expect("a refusal")
}

impl Auth {
    /// What a token of ours says, whatever its age.
    pub fn key_claims(&self, token: &crate::token::Token) -> crate::jwt::Claims {
        match crate::jwt::classify(token, &self.key, NOW / 1000) {
            crate::jwt::Bearer::Valid(claims) => claims,
            other => panic!("{other:?} is no token of ours"),
        }
    }
}
