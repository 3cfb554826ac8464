//! A project with articles of two users, a role below another, a policy of an office; and who asks there.

use std::sync::Arc;

use aedile_engine::{Json, sql::Sql};
use aedile_platform::config::Settings;
use axum::{Router, http::StatusCode};
use serde_json::json;
use tempfile::TempDir;

pub use crate::fixture::ADMIN;
use crate::{
    State,
    fixture::{self, Told},
};

pub const OTHER_ADMIN: &str = "other-admin-token";
pub const WRITER: &str = "writer-static-token";
pub const READER: &str = "reader-static-token";
pub const LONER: &str = "loner-static-token";

/// Everybody who asks, by token; none is the public.
pub const EVERYBODY: [Option<&str>; 5] = [Some(ADMIN), Some(WRITER), Some(READER), Some(LONER), None];

/// A project with articles of two users, a role below another, and a policy of an office.
pub struct Project {
    state: Arc<State>,
    router: Router,
    _folder: TempDir,
    pub writer: String,
    pub reader: String,
    pub loner: String,
    pub writers: String,
}

impl Project {
    pub async fn new() -> Project {
        let (state, folder) = fixture::state(Settings::default()).await;
        let mut project = Project {
            router: crate::router(state.clone()),
            state,
            _folder: folder,
            writer: String::new(),
            reader: String::new(),
            loner: String::new(),
            writers: String::new(),
        };
        project.tables().await;
        project.people().await;
        project.rows().await;
        project
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Json) -> Told {
        let (headers, body) = if body.is_null() {
            (headers.to_vec(), String::new())
        } else {
            (
                [headers, &[("content-type", "application/json")]].concat(),
                body.to_string(),
            )
        };
        fixture::send(&self.router, method, path, &headers, &body).await
    }

    /// As the owner of a token, or the public.
    pub async fn ask(&self, token: Option<&str>, method: &str, path: &str, body: &Json) -> Told {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        self.send(method, path, &headers, body).await
    }

    /// As the owner of a token, in a view.
    pub async fn seen(&self, token: &str, view: &str, method: &str, path: &str, body: &Json) -> Told {
        let bearer = format!("Bearer {token}");
        self.send(method, path, &[("authorization", &bearer), ("aedile-view", view)], body)
            .await
    }

    /// What an administrator makes; answers its key.
    async fn make(&self, path: &str, body: Json) -> Json {
        let told = self.ask(Some(ADMIN), "POST", path, &body).await;
        assert!(told.status.is_success(), "{path}: {}", told.body);
        told.data()["id"].clone()
    }

    async fn made(&self, path: &str, body: Json) -> String {
        self.make(path, body).await.as_str().unwrap().to_owned()
    }

    pub async fn explained(&self, question: &Json) -> Json {
        let told = self.ask(Some(ADMIN), "POST", "/access/explain", question).await;
        assert_eq!(told.status, StatusCode::OK, "{question}: {}", told.body);
        told.data()
    }

    /// The id of a new view of the administrator's.
    pub async fn view(&self, body: &Json) -> String {
        let told = self.ask(Some(ADMIN), "POST", "/access/views", body).await;
        assert_eq!(told.status, StatusCode::OK, "{body}: {}", told.body);
        told.data()["id"].as_str().unwrap().to_owned()
    }

    async fn tables(&self) {
        let column = |name: &str, kind: &str| json!({ "field": name, "type": kind });
        for (name, mut fields) in [
            ("authors", vec![column("name", "string")]),
            (
                "articles",
                vec![
                    column("title", "string"),
                    column("status", "string"),
                    column("price", "integer"),
                    column("owner", "uuid"),
                ],
            ),
        ] {
            fields.insert(0, json!({ "field": "id", "type": "integer", "schema": { "is_primary_key": true, "has_auto_increment": true } }));
            let body = json!({ "collection": name, "schema": {}, "meta": {}, "fields": fields });
            let told = self.ask(Some(ADMIN), "POST", "/collections", &body).await;
            assert!(told.status.is_success(), "{}", told.body);
        }
    }

    async fn policy(&self, name: &str, more: Json) -> String {
        let mut policy = json!({ "name": name });
        policy
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.made("/policies", policy).await
    }

    async fn people(&mut self) {
        let permission = |action: &str, rule: Json, fields: Json| json!({ "collection": "articles", "action": action, "permissions": rule, "fields": fields });
        let published = json!({ "status": { "_eq": "published" } });
        let own = json!({ "owner": { "_eq": "$CURRENT_USER" } });
        let mut creating = permission("create", json!({}), json!(["title", "price"]));
        creating["presets"] = json!({ "owner": "$CURRENT_USER", "status": "draft" });
        creating["validation"] = json!({ "title": { "_nnull": true } });
        let staff = self
            .policy(
                "Staff",
                json!({ "permissions": [permission("read", published.clone(), json!(["id", "title", "status"]))] }),
            )
            .await;
        let office = json!({ "ip_access": ["10.0.0.0/8"], "permissions": [{ "collection": "authors", "action": "read", "permissions": {}, "fields": ["*"] }] });
        let office = self.policy("Office", office).await;
        let writing = json!({ "permissions": [
            permission("read", own.clone(), json!(["*"])),
            permission("update", own.clone(), json!(["*"])),
            permission("update", published, json!(["price"])),
            permission("delete", own, json!([])),
            creating,
        ] });
        let writing = self.policy("Writing", writing).await;
        let studio = self.policy("Studio", json!({ "app_access": true })).await;
        let attached = |policies: &[&String]| -> Json { policies.iter().map(|id| json!({ "policy": id })).collect() };
        let above = self
            .made(
                "/roles",
                json!({ "name": "Staff", "policies": attached(&[&staff, &office]) }),
            )
            .await;
        let role = json!({ "name": "Writers", "parent": above, "policies": attached(&[&writing, &studio]) });
        self.writers = self.made("/roles", role).await;
        let admins = self
            .ask(Some(ADMIN), "GET", "/users/me?fields=role", &Json::Null)
            .await
            .data()["role"]
            .clone();
        let user = |name: &str, token: &str, role: Json| json!({ "email": format!("{name}@example.com"), "token": token, "role": role, "status": "active" });
        self.writer = self.made("/users", user("writer", WRITER, json!(self.writers))).await;
        self.reader = self.made("/users", user("reader", READER, json!(above))).await;
        self.loner = self.made("/users", user("loner", LONER, Json::Null)).await;
        self.made("/users", user("other", OTHER_ADMIN, admins)).await;
        let public = "abf8a154-5b1c-4a46-ac9c-7300570f4f17";
        let open = json!({ "policy": public, "collection": "authors", "action": "read", "permissions": { "name": { "_neq": "Hidden" } }, "fields": ["name"] });
        self.make("/permissions", open).await;
    }

    async fn rows(&self) {
        for (title, status, owner) in [
            ("one", "published", &self.writer),
            ("two", "draft", &self.writer),
            ("three", "published", &self.reader),
            ("four", "draft", &self.reader),
        ] {
            let body = json!({ "title": title, "status": status, "price": 5, "owner": owner });
            self.make("/items/articles", body).await;
        }
        for name in ["Ada", "Hidden"] {
            self.make("/items/authors", json!({ "name": name })).await;
        }
    }

    /// How an explanation names the owner of a token.
    pub fn who(&self, token: Option<&str>) -> Json {
        match token {
            Some(ADMIN) => json!({ "user": "ADMIN@example.com" }),
            Some(WRITER) => json!({ "user": self.writer }),
            Some(READER) => json!({ "user": "reader@example.com" }),
            Some(LONER) => json!({ "user": self.loner }),
            _ => json!({ "public": true }),
        }
    }

    pub fn question(&self, token: Option<&str>, more: Json) -> Json {
        let mut question = self.who(token);
        question
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        question
    }

    /// Runs a statement behind the platform's back.
    pub async fn execute(&self, text: &'static str) {
        let db = self.state.app.db();
        let mut sql = Sql::new(db.dialect());
        sql.push(text);
        let stmt = sql.finish(Vec::new());
        db.write(move |tx| Box::pin(async move { tx.execute(&stmt, &[]).await }))
            .await
            .unwrap();
    }
}
