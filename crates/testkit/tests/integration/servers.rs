//! What holds of the real binary on every database server: it is asked there what it is asked on SQLite.

use std::fs;

use aedile_testkit::fixture::{self, ADMIN, PUBLIC, Project};
use serde_json::json;
use tempfile::TempDir;

/// Runs the binary to its end, in an empty folder of its own.
fn run(arguments: &[&str], settings: &[(&str, &str)]) -> (i32, String, String) {
    let folder = TempDir::new().unwrap();
    let ended = fixture::run(folder.path(), settings, arguments);
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "nothing is written beside the database");
    ended
}

/// What is asked of the demo, on every database.
const QUESTIONS: [&str; 8] = [
    "/items/posts?fields=id,title,author.name,category.name,tags.tags_id.name&sort=title&limit=-1",
    "/items/posts?fields=title&search=the&sort=-published_at,title",
    "/items/posts?fields=title,year(published_at),count(comments)&filter[published_at][_gte]=2025-01-01&sort=title",
    "/items/posts?fields=title,comments.body&filter[tags][tags_id][name][_icontains]=a&deep[comments][_limit]=2&sort=title",
    "/items/posts?aggregate[count]=*&groupBy=status",
    "/items/categories?fields=name,posts.title&sort=name",
    "/items/page_analytics?aggregate[sum]=views&aggregate[count]=*",
    "/items/pages?fields=*&sort=id",
];

/// The demo project on the database of these settings, and on SQLite.
pub fn the_demo_answers_as_on_sqlite(settings: &[(&str, &str)]) {
    let loaded = run(&["demo"], settings);
    assert_eq!(loaded.0, 0, "{}", loaded.2);
    let here = Project::with(settings);
    let there = Project::prepared(&[], &|folder| {
        assert_eq!(fixture::run(folder, &[], &["demo"]).0, 0);
        Ok(())
    });
    let mut told = 0;
    for token in [ADMIN, PUBLIC] {
        for question in QUESTIONS {
            let (one, other) = (here.get(token, question), there.get(token, question));
            assert_eq!((one.status, one.at("")), (other.status, other.at("")), "{question}");
            told += one.at("").as_array().map_or(0, Vec::len);
        }
    }
    assert!(told > 100, "{told} rows");
}

/// What the audit finds on the database of these settings, and on SQLite, in a project that has something of every sort that
/// is asked of the database: answers to the public, tries, users, activity, flows, shares and settings.
pub fn the_audit_finds_the_same_as_on_sqlite(settings: &[(&str, &str)]) {
    let (here, there) = (audited(settings), audited(&[]));
    assert_eq!(here, there);
    let found = here.join("\n");
    for part in [
        "public-reads-ownerless on {\"policy\":\"\\\"Public\\\"\",\"collection\":\"notes\"}",
        "covered for the public now: 2 rows",
        "asked as the public: 3 rows answered",
        "tried as the public, and undone: it would have been done",
        "flow-webhook-open",
        "flow-script",
        "share-open-ended",
        "token-of-administrator",
        "token-of-inactive",
        "login-attempts-unlimited",
        "registration-unverified",
    ] {
        assert!(found.contains(part), "{part} is not in\n{found}");
    }
}

/// Every finding as a line.
fn audited(settings: &[(&str, &str)]) -> Vec<String> {
    const PUBLIC_POLICY: &str = "/policies/abf8a154-5b1c-4a46-ac9c-7300570f4f17";
    let project = Project::with(settings);
    project.collection("notes", &[("title", "string"), ("owner", "uuid")]);
    let [me, ..] = project.administrator();
    let rows = json!([{ "title": "a", "owner": me }, { "title": "b" }, { "title": "c" }]);
    project.post(ADMIN, "/items/notes", rows).ok();
    let ownerless = json!({ "owner": { "_eq": "$CURRENT_USER" } });
    let granted = json!({ "permissions": { "create": [
        fixture::may("notes", "read", &["title"]), fixture::may("notes", "create", &["title"]),
        fixture::may_where("notes", "update", &["title"], ownerless.clone()), fixture::may_where("notes", "delete", &[], ownerless),
    ] } });
    project.patch(ADMIN, PUBLIC_POLICY, granted).ok();
    let id = |n: usize| format!("7a3c0000-0000-4000-8000-00000000000{n}");
    let flow = json!({ "id": id(1), "name": "Orders", "trigger": "webhook", "options": { "return": "$all" }, "operations": [
        { "id": id(2), "key": "code", "type": "exec", "position_x": 1, "position_y": 1, "options": {} },
    ] });
    project.post(ADMIN, "/flows", flow).ok();
    let share = json!({ "id": id(3), "collection": "notes", "item": "1" });
    project.post(ADMIN, "/shares", share).ok();
    let gone = json!({ "id": id(4), "email": "gone@example.com", "status": "suspended", "token": "of-who-is-gone" });
    project.post(ADMIN, "/users", gone).ok();
    let open =
        json!({ "auth_login_attempts": null, "public_registration": true, "public_registration_verify_email": false });
    project.patch(ADMIN, "/settings", open).ok();
    let report = project.get(ADMIN, "/utils/audit").ok();
    assert_eq!(report.at("/notes"), json!([]));
    let findings = report.at("/findings");
    let line = |finding: &serde_json::Value| {
        let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        format!("{} on {}: {}", text("check"), finding["on"], text("evidence"))
    };
    findings.as_array().unwrap().iter().map(line).collect()
}

/// A start with these settings fails with this word, and tells no password.
pub fn refused(settings: &[(&str, &str)], word: &str) {
    let (code, _, told) = run(&["start"], settings);
    assert!(code != 0 && told.contains(word), "{told}");
    assert!(!told.contains("the-password"), "{told}");
}
