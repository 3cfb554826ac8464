//! The schema's routes: formats, forms, flags, and who is let in.
use aedile_platform::config::Settings;
use axum::{Router, http::StatusCode};
use tempfile::TempDir;

use super::*;
use crate::fixture::{ADMIN, Told, send, state};

struct Project {
    router: Router,
    _folder: TempDir,
}

impl Project {
    async fn new() -> Project {
        Project::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Project {
        let (state, folder) = state(settings).await;
        let project = Project {
            router: crate::router(state),
            _folder: folder,
        };
        let articles = json!({"collection": "articles", "schema": {}, "meta": {"icon": "x"}, "fields": [
            {"field": "title", "type": "string", "meta": {"note": "yes"}, "schema": {"default_value": "1.5"}},
        ]});
        let made = project.json("POST", "/collections", &articles).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.body);
        project
    }

    async fn json(&self, method: &str, path: &str, body: &Json) -> Told {
        let token = format!("Bearer {ADMIN}");
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        send(&self.router, method, path, &headers, &body.to_string()).await
    }

    async fn get(&self, path: &str) -> Told {
        self.json("GET", path, &Json::Null).await
    }

    /// Sends a file as forms of browsers and command lines do.
    async fn file(&self, token: &str, path: &str, name: &str, text: &str) -> Told {
        let token = format!("Bearer {token}");
        let headers = [
            ("authorization", token.as_str()),
            ("content-type", "multipart/form-data; boundary=line"),
        ];
        let form = format!(
            "--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: text/plain\r\n\r\n{text}\r\n--line--\r\n"
        );
        send(&self.router, "POST", path, &headers, &form).await
    }
}

#[tokio::test]
async fn a_snapshot_comes_in_every_format_and_goes_back_as_a_file() {
    let project = Project::new().await;
    let told = project.get("/schema/snapshot").await;
    let snapshot = told.data();
    assert_eq!(snapshot["vendor"], "sqlite");
    for (format, content_type, begins) in [
        ("json", "application/json; charset=utf-8", "{\"version\":1,"),
        (
            "yaml",
            "text/yaml; charset=utf-8",
            "version: 1\ndirectus: 11.17.4\nvendor: sqlite\ncollections:\n",
        ),
        ("csv", "text/csv; charset=utf-8", "\"version\","),
        ("xml", "text/xml; charset=utf-8", "<?xml"),
    ] {
        let file = project.get(&format!("/schema/snapshot?export={format}")).await;
        assert_eq!(file.header("content-type"), content_type);
        assert!(file.body.starts_with(begins), "{format}: {}", file.body);
        if ["json", "yaml"].contains(&format) {
            let same = project.file(ADMIN, "/schema/diff", "schema", &file.body).await;
            assert_eq!(same.status, StatusCode::NO_CONTENT, "{}", same.body);
            let changed = file
                .body
                .replace("icon: x", "icon: y")
                .replace("\"icon\":\"x\"", "\"icon\":\"y\"");
            let diff = project.file(ADMIN, "/schema/diff", "schema", &changed).await.data();
            let entries = json!([{"kind": "E", "path": ["meta", "icon"], "lhs": "x", "rhs": "y"}]);
            assert_eq!(
                diff["diff"]["collections"],
                json!([{"collection": "articles", "diff": entries}])
            );
        }
    }
    let unknown = project.get("/schema/snapshot?export=docx").await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (StatusCode::BAD_REQUEST, "INVALID_QUERY")
    );
}

#[tokio::test]
async fn a_difference_is_applied_as_a_file_as_well() {
    let project = Project::new().await;
    let mut wanted = project.get("/schema/snapshot").await.data();
    wanted["collections"][0]["meta"]["icon"] = json!("y");
    let diff = project.json("POST", "/schema/diff", &wanted).await.data();
    let shown = project
        .file(ADMIN, "/schema/apply?dry_run", "diff.json", &diff.to_string())
        .await;
    assert_eq!(shown.data()["changes"], json!(["Collection articles changes: icon."]));
    assert_eq!(project.get("/collections/articles").await.data()["meta"]["icon"], "x");
    let applied = project
        .file(ADMIN, "/schema/apply", "diff.json", &diff.to_string())
        .await;
    assert_eq!(applied.status, StatusCode::NO_CONTENT, "{}", applied.body);
    assert_eq!(project.get("/collections/articles").await.data()["meta"]["icon"], "y");
    assert_eq!(
        project.json("POST", "/schema/diff", &wanted).await.status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn a_flag_is_understood_or_refused() {
    let project = Project::new().await;
    let made = json!({"collection": "made", "meta": {}});
    for flag in ["dry_run", "dry_run=", "dry_run=true", "dry_run=1"] {
        let told = project.json("POST", &format!("/collections?{flag}"), &made).await;
        assert_eq!(
            told.data()["changes"],
            json!(["Collection made is described."]),
            "{flag}"
        );
    }
    for flag in [
        "dry_run=yes",
        "dry_run[]=1",
        "dry_run=true&dry_run=false",
        "dry_run=TRUE",
    ] {
        let told = project.json("POST", &format!("/collections?{flag}"), &made).await;
        assert_eq!(told.code(), "INVALID_QUERY", "{flag}");
    }
    assert_eq!(
        project.get("/collections/made").await.status,
        StatusCode::FORBIDDEN,
        "nothing was made"
    );
    let told = project.json("POST", "/collections?dry_run=false", &made).await;
    assert_eq!(told.data()["collection"], "made");
}

#[tokio::test]
async fn nobody_but_administrators_is_let_in_whatever_they_send() {
    let project = Project::new().await;
    for path in ["/schema/diff", "/schema/apply", "/schema/apply?force&dry_run"] {
        for text in [
            "{}",
            "hello",
            "{\"hash\":\"x\",\"diff\":{\"collections\":[],\"fields\":[],\"relations\":[]}}",
        ] {
            let headers = [("content-type", "application/json")];
            let told = send(&project.router, "POST", path, &headers, text).await;
            assert_eq!(told.status, StatusCode::FORBIDDEN, "{path} {text}: {}", told.body);
            let headers = [("content-type", "multipart/form-data; boundary=line")];
            let told = send(&project.router, "POST", path, &headers, text).await;
            assert_eq!(told.status, StatusCode::FORBIDDEN, "{path} {text}: {}", told.body);
        }
    }
    assert_eq!(
        send(&project.router, "GET", "/schema/snapshot", &[], "").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn files_that_cannot_be_read_are_refused_with_their_reason() {
    let mut settings = Settings::default();
    settings.limits.import.file_bytes = 1000;
    let project = Project::with(settings).await;
    for (text, reason) in [
        ("hello", "a snapshot is an object"),
        ("{\"version\": 1}", "\\\"directus\\\" is needed"),
        ("{\"version\": ", "not valid JSON"),
        ("version: 1\nversion: 2\n", "file:"),
    ] {
        let told = project.file(ADMIN, "/schema/diff", "s.yaml", text).await;
        assert_eq!(
            (told.status, told.code().as_str()),
            (StatusCode::BAD_REQUEST, "INVALID_PAYLOAD")
        );
        assert!(told.body.contains(reason), "{reason}: {}", told.body);
    }
    let large = project
        .file(ADMIN, "/schema/diff", "s.yaml", &"x".repeat(100_000))
        .await;
    assert_eq!(
        (large.status.as_u16(), large.code().as_str()),
        (413, "CONTENT_TOO_LARGE")
    );
}
