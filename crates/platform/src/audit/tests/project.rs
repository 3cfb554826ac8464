//! A project that is kept well, on a file of its own: editors who write, a machine that reads, a flow behind a secret.

use std::{sync::Arc, time::Duration};

use aedile_db::{Db, Options};
use aedile_engine::{
    access::{Caller, Reason},
    query::Query,
};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::{
    App, Cx, Origin,
    app::Passwords,
    audit::{ConfiguredSecret, Environment, facts::Facts},
    bootstrap::{self, FirstAdministrator},
    config::{Secret, Settings, TrustProxy},
    items, model,
};

/// When it is audited: the first moment of 2030.
pub(super) const NOW: i64 = 1_893_456_000_000;

pub(super) const EDITORS: &str = "0d1f6a52-6f0a-4e63-9d3c-1d7a1a2b3c01";
pub(super) const EDITING: &str = "0d1f6a52-6f0a-4e63-9d3c-1d7a1a2b3c02";
pub(super) const ADA: &str = "0d1f6a52-6f0a-4e63-9d3c-1d7a1a2b3c03";
pub(super) const MACHINE: &str = "0d1f6a52-6f0a-4e63-9d3c-1d7a1a2b3c04";
pub(super) const FLOW: &str = "0d1f6a52-6f0a-4e63-9d3c-1d7a1a2b3c05";
pub(super) const FIRST: &str = "0d1f6a52-6f0a-4e63-9d3c-1d7a1a2b3c06";

pub(super) struct Project {
    pub app: App,
    _folder: TempDir,
}

impl Project {
    pub async fn new() -> Project {
        let folder = TempDir::new().unwrap();
        let db = Db::open(Options::new(folder.path().join("data.db"))).await.unwrap();
        db.install().await.unwrap();
        db.migrate_latest().await.unwrap();
        let first = FirstAdministrator {
            email: "admin@example.com".to_owned(),
            password_hash: "none".to_owned(),
            token: None,
        };
        bootstrap::seed(&db, Some(first)).await.unwrap();
        let passwords = Passwords {
            hash: Arc::new(|password| Box::pin(async move { Ok(format!("hashed {password}")) })),
            accepts: Arc::new(|_, password| password.len() >= 12),
            enforces: Arc::new(|_| Ok(())),
        };
        let app = App::load(db, settings(), passwords).await.unwrap();
        let project = Project { app, _folder: folder };
        project.fill().await;
        project
    }

    /// What the checks look at.
    pub async fn facts(&self) -> Facts {
        Facts::gather(&self.operator(), environment()).await.unwrap()
    }

    pub fn operator(&self) -> Cx {
        bootstrap::operator(&self.app, NOW)
    }

    pub fn loader(&self) -> Cx {
        let caller = Caller::system(Reason::Loading);
        self.app.cx(self.app.snapshot(), caller, Origin::default(), NOW)
    }

    pub async fn create(&self, collection: &str, rows: Json) {
        let cx = self.loader();
        items::create(&cx, collection, rows, &Query::default()).await.unwrap();
    }

    pub async fn update(&self, collection: &str, filter: Json, data: Json) {
        let body = json!({ "query": { "filter": filter, "limit": -1 }, "data": data });
        items::update_many(&self.loader(), collection, body, &Query::default())
            .await
            .unwrap();
    }

    /// Rows as an administrator reads them.
    pub async fn rows(&self, collection: &str, query: Json) -> Vec<Json> {
        let query = aedile_engine::query::parse::parse(query.as_object().unwrap(), self.operator().limits()).unwrap();
        let answer = items::list(&self.operator(), collection, &query).await.unwrap();
        serde_json::from_slice(&answer.data.unwrap()).unwrap()
    }

    async fn fill(&self) {
        let collections = collections();
        let junction = |field: &str, one: &str, other: &str| json!({ "collection": "articles_tags", "field": field, "related_collection": one, "meta": { "junction_field": other } });
        let relations = [
            junction("articles_id", "articles", "tags_id"),
            junction("tags_id", "tags", "articles_id"),
        ];
        self.app
            .db()
            .write_ddl(move |tx| {
                Box::pin(async move {
                    let made = model::Request::CreateCollections { input: collections };
                    model::change::carry_out(tx, &made).await?;
                    for input in relations {
                        model::change::carry_out(tx, &model::Request::CreateRelation { input }).await?;
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
        self.app.reload(self.app.version().await.unwrap()).await.unwrap();
        self.people().await;
        self.create(
            "articles",
            json!([
                { "title": "a", "status": "published", "owner": ADA },
                { "title": "b", "status": "published" },
                { "title": "c", "status": "draft" },
            ]),
        )
        .await;
        self.create("directus_flows", json!({ "id": FLOW, "name": "Orders", "trigger": "webhook", "options": { "method": "POST", "return": "$last" }, "operations": [
            { "id": FIRST, "key": "secret", "type": "condition", "position_x": 1, "position_y": 1,
              "options": { "filter": { "$trigger": { "headers": { "x-secret": { "_eq": "long and random" } } } } } },
        ] }))
        .await;
        self.update("directus_flows", json!({}), json!({ "operation": FIRST }))
            .await;
        self.create(
            "directus_shares",
            json!({ "collection": "articles", "item": "1", "date_end": "2030-02-01T00:00:00Z" }),
        )
        .await;
        let settings = json!({ "auth_login_attempts": 10, "auth_password_policy": "/^.{12,}$/" });
        self.update("directus_settings", json!({}), settings).await;
    }

    async fn people(&self) {
        let lately = "2029-12-20T00:00:00Z";
        self.update(
            "directus_policies",
            json!({ "admin_access": { "_eq": true } }),
            json!({ "enforce_tfa": true }),
        )
        .await;
        self.update(
            "directus_users",
            json!({}),
            json!({ "tfa_secret": "made", "last_access": lately }),
        )
        .await;
        self.create("directus_roles", json!({ "id": EDITORS, "name": "Editors" }))
            .await;
        self.create("directus_users", json!([
            { "id": ADA, "email": "ada@example.com", "role": EDITORS, "status": "active" },
            { "id": MACHINE, "role": EDITORS, "status": "active", "token": "of-the-machine", "last_access": lately },
        ]))
        .await;
        let own = json!({ "id": { "_eq": "$CURRENT_USER" } });
        self.create("directus_policies", json!({ "id": EDITING, "name": "Editing", "app_access": true, "permissions": [
            { "collection": "articles", "action": "read", "fields": ["*"], "permissions": { "status": { "_eq": "published" } } },
            { "collection": "articles", "action": "update", "fields": ["title"], "permissions": { "owner": { "_eq": "$CURRENT_USER" } } },
            { "collection": "articles_tags", "action": "create", "fields": ["*"], "validation": { "tags_id": { "_in": [1, 2] } } },
            { "collection": "directus_users", "action": "update", "fields": ["first_name", "password"], "permissions": own },
            { "collection": "directus_users", "action": "read", "fields": ["id", "first_name"] },
            { "collection": "directus_activity", "action": "read", "fields": ["*"], "permissions": { "user": { "_eq": "$CURRENT_USER" } } },
            { "collection": "directus_files", "action": "create", "fields": ["title", "type", "storage", "filename_download"] },
            { "collection": "directus_files", "action": "update", "fields": ["title"] },
        ] }))
        .await;
        self.create(
            "directus_access",
            json!({ "role": EDITORS, "policy": EDITING, "sort": 1 }),
        )
        .await;
    }
}

fn collections() -> Json {
    let key = json!({"field": "id", "type": "integer", "schema": {"is_primary_key": true, "has_auto_increment": true}});
    let text = |name: &str| json!({"field": name, "type": "string"});
    json!([
        {"collection": "articles", "schema": {}, "meta": {}, "fields": [key, text("title"), text("status"), {"field": "owner", "type": "uuid"}]},
        {"collection": "members", "schema": {}, "meta": {}, "fields": [key, text("email"), text("note")]},
        {"collection": "tags", "schema": {}, "meta": {}, "fields": [key, text("name")]},
        {"collection": "articles_tags", "schema": {}, "meta": {}, "fields": [
            key, {"field": "articles_id", "type": "integer"}, {"field": "tags_id", "type": "integer"},
        ]},
    ])
}

/// What a careful operator sets.
fn settings() -> Settings {
    let mut settings = Settings {
        public_url: "https://example.com".to_owned(),
        trust_proxy: TrustProxy::Hops(1),
        ..Settings::default()
    };
    settings.rate_limit.enabled = true;
    settings.hsts = true;
    settings.session_cookie.secure = true;
    settings.refresh_cookie.secure = true;
    settings.hashing.memory_kib = 19 * 1024;
    settings.hashing.time = 2;
    settings.tokens.access_ttl = Duration::from_mins(15);
    settings
}

pub(super) fn environment() -> Environment {
    let variables = [
        ("FILES_MIME_TYPE_ALLOW_LIST", "image/png,image/jpeg"),
        ("FILES_MAX_UPLOAD_SIZE", "10mb"),
        ("FLOWS_ENV_ALLOW_LIST", "PUBLIC_URL"),
        (
            "CONTENT_SECURITY_POLICY_DIRECTIVES__IMG_SRC",
            "'self',https://pictures.example.com",
        ),
    ];
    let secret = Secret::new("5f1c0f5be2a94b0db0c2f6c1f2b7e4d95f1c0f5be2a94b0db0c2f6c1f2b7e4d9");
    Environment {
        variables: variables
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        secrets: vec![ConfiguredSecret::of("SECRET", &secret, Vec::new())],
        database: None,
    }
}
