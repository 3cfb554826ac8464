//! What browsers would make of an answer, and where links lead: nothing that is stored or sent comes back as a page, and
//! no mail leads where the operator did not say. What is not there yet can not be attacked, and is looked for.

use aedile_testkit::fixture::{ADMIN, PUBLIC, Project, id};
use serde_json::{Value, json};
use tempfile::TempDir;

const SCRIPT: &str = "<script>alert(1)</script>";

/// The Studio reads where to go on from its own address; the server leads nowhere by it (the Studio's own part of it is
/// tested beside its router).
#[test]
fn class_rd_ghsa_q75c_4gmv_mg9x_no_page_leads_where_its_address_says() {
    let p = Project::new();
    for page in [
        "/admin/login",
        "/admin/tfa-setup",
        "/admin/setup-2fa",
        "/admin/reset-password",
        "/admin/accept-invite",
        "/users/register/verify-email",
    ] {
        for name in ["redirect", "continue", "to", "next", "return_url"] {
            for target in [
                "https://evil.example",
                "//evil.example",
                "/%5Cevil.example",
                "/%09/evil.example",
            ] {
                let reply = p.get(PUBLIC, &format!("{page}?token=x&{name}={target}"));
                let head = reply.head.to_ascii_lowercase();
                assert!(!head.contains("evil.example"), "{page}: {head}");
                assert!(!reply.text.contains("evil.example"), "{page}: {}", reply.text);
                assert!(!(300..400).contains(&reply.status), "{page}: {head}");
            }
        }
    }
}

#[test]
fn class_xs_nothing_that_is_stored_or_sent_is_a_page() {
    let p = Project::new();
    p.collection("notes", &[("text", "text")]);
    let note = json!({ "text": SCRIPT });
    p.post(ADMIN, "/items/notes", note.clone()).ok();
    p.patch(
        ADMIN,
        "/settings",
        json!({ "project_name": SCRIPT, "project_color": SCRIPT }),
    )
    .ok();
    let comment = json!({ "collection": "notes", "item": "1", "comment": SCRIPT });
    p.post(ADMIN, "/comments", comment).ok();
    let mut shown = 0;
    for (method, target, body) in [
        ("GET", "/items/notes", Value::Null),
        ("GET", "/items/notes/1", Value::Null),
        ("POST", "/items/notes", note.clone()),
        ("GET", "/comments", Value::Null),
        ("GET", "/revisions", Value::Null),
        ("GET", "/settings", Value::Null),
        ("GET", "/server/info", Value::Null),
        ("GET", &format!("/items/notes?fields={SCRIPT}"), Value::Null),
        ("GET", &format!("/items/notes?filter[text][_{SCRIPT}]=1"), Value::Null),
        ("GET", &format!("/items/{SCRIPT}"), Value::Null),
        ("GET", &format!("/{SCRIPT}"), Value::Null),
        ("GET", &format!("/auth/login/{SCRIPT}"), Value::Null),
        ("POST", "/auth/login", json!({ "email": SCRIPT, "password": SCRIPT })),
        ("POST", "/users", json!({ "email": SCRIPT })),
        (
            "POST",
            "/permissions",
            json!({ "collection": SCRIPT, "action": SCRIPT }),
        ),
    ] {
        for headers in ["", "Accept: text/html\r\n"] {
            let told = p.ask_from(ADMIN, headers, method, target, &body);
            shown += usize::from(told.text.contains("<script>"));
            let head = told.head.to_lowercase();
            let kind = head.lines().find(|line| line.starts_with("content-type:"));
            assert_eq!(
                kind,
                Some("content-type: application/json; charset=utf-8"),
                "{method} {target}: {}",
                told.whole()
            );
            assert!(
                head.contains("x-content-type-options: nosniff"),
                "{method} {target}: {head}"
            );
        }
    }
    assert!(shown > 10, "nothing of it was told at all");
}

#[test]
fn class_rd_links_lead_only_where_the_operator_says() {
    let good = "https://good.example.com/reset";
    let p = Project::with(&[
        ("PASSWORD_RESET_URL_ALLOW_LIST", good),
        ("USER_INVITE_URL_ALLOW_LIST", good),
        ("USER_REGISTER_URL_ALLOW_LIST", good),
        ("RATE_LIMITER_REGISTRATION_ENABLED", "false"),
    ]);
    let role = p.role("staff", &[]);
    let settings = json!({ "public_registration": true, "public_registration_role": role });
    p.patch(ADMIN, "/settings", settings).ok();
    let asked = |url: &str| {
        let reset = json!({ "email": "admin@example.com", "reset_url": url });
        let invite = json!({ "email": "new@example.com", "role": role, "invite_url": url });
        let register = json!({ "email": "other@example.com", "password": "long-enough-1", "verification_url": url });
        [
            (PUBLIC, "/auth/password/request", reset),
            (ADMIN, "/users/invite", invite),
            (PUBLIC, "/users/register", register),
        ]
    };
    for url in [
        "https://evil.example.com/reset",
        "https://good.example.com.evil.example/reset",
        "https://good.example.com@evil.example/reset",
        "https://good.example.com:8443/reset",
        "https://evil.example/?x=https://good.example.com/reset",
        "http://good.example.com/reset",
        "https://good.example.com/reset/../other",
        "https://good.example.com\\@evil.example/reset",
        "https://good.example.com/reset\"><a href=\"https://evil.example",
        "//good.example.com/reset",
        "/reset",
        "javascript:alert(1)",
    ] {
        for (token, target, body) in asked(url) {
            let refused = p.denied(token, "POST", target, body);
            assert_eq!(refused.code(), "INVALID_PAYLOAD", "{target} {url}");
        }
    }
    for (token, target, body) in asked(good) {
        p.post(token, target, body).is(204);
    }
    // Nothing that is asked for leads anywhere by itself.
    for target in [
        "/?redirect=https://evil.example",
        "//evil.example",
        "/auth/login?redirect=https://evil.example",
        "/auth/logout?redirect=https://evil.example",
        "/admin?redirect=//evil.example",
    ] {
        for method in ["GET", "POST"] {
            let told = p.ask(PUBLIC, method, target, Value::Null);
            assert!(!told.head.contains("evil.example"), "{method} {target}: {}", told.head);
        }
    }
}

/// Whoever makes one of these has to bring the tests of its class: requests that the server sends for others, and paths
/// of files that it keeps.
#[test]
fn class_ss_class_fs_the_server_fetches_and_keeps_no_files_yet() {
    let p = Project::new();
    let file = json!({ "title": "a", "storage": "local", "filename_download": "a.txt" });
    let file = id(&p.post(ADMIN, "/files", file).ok());
    let url = json!({ "url": "http://127.0.0.1/", "data": {} });
    for (method, target, body) in [
        ("POST", "/files/import", url.clone()),
        ("POST", "/files/tus", Value::Null),
        ("GET", &format!("/assets/{file}"), Value::Null),
        ("POST", &format!("/flows/trigger/{file}"), url),
        ("POST", "/shares/auth", json!({ "share": file })),
        ("GET", "/auth/login/github", Value::Null),
    ] {
        let told = p.ask(ADMIN, method, target, body);
        assert_eq!(
            told.code(),
            "ROUTE_NOT_FOUND",
            "{method} {target}: {} {}",
            told.status,
            told.text
        );
    }
}

/// A file that items are imported from is kept nowhere that has a name, whatever it calls itself, and nothing in it is
/// fetched or looked for.
#[test]
fn class_fs_class_ss_an_import_keeps_no_file_and_follows_nothing() {
    let folder = TempDir::new().unwrap();
    let p = Project::with(&[("TMPDIR", folder.path().to_str().unwrap())]);
    p.collection("notes", &[("text", "text")]);
    // Longer than what is kept in memory.
    let line = "http://127.0.0.1:1/ file:///etc/passwd ../../x ".repeat(20);
    let file = |name: &str| {
        let text = format!("text\n{}", format!("{line}\n").repeat(2_000));
        json!({ "form": { "file": { "name": name, "type": "text/csv", "text": text } } })
    };
    for name in ["x.csv", "../x.csv", "/x.csv", "..\\x.csv"] {
        p.post(ADMIN, "/utils/import/notes", file(name)).is(200);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let told = p.get(ADMIN, "/items/notes?limit=1&aggregate[count]=*").ok();
    assert_eq!(told.at("/0/count"), json!("8000"));
    let first = p.get(ADMIN, "/items/notes/1").ok();
    assert_eq!(first.at("/text"), json!(line), "it is text and nothing else");
}
