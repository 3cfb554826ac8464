//! Settings are obeyed: each is given to the real binary, and what it is for is then seen from outside. A setting that
//! changes nothing has no place in the table of settings.

use std::{
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use aedile_testkit::fixture::{self, ADMIN, PUBLIC};
use rusqlite::Connection as Database;
use serde_json::{Value, json};

/// What happens after an answer is in the log by then.
const LOGGED: Duration = Duration::from_secs(5);

/// A running project with settings of its own.
struct Project(fixture::Project);

/// An answer, its head in small letters and its body as JSON, or else as text.
struct Reply {
    status: u16,
    head: String,
    body: Value,
}

impl Project {
    fn with(settings: &[(&str, &str)]) -> Project {
        Self::prepared(settings, &|_| {})
    }

    fn prepared(settings: &[(&str, &str)], prepare: &dyn Fn(&Path)) -> Project {
        Project(fixture::Project::prepared(settings, &|folder| {
            prepare(folder);
            Ok(())
        }))
    }

    /// Asks with these headers, as nobody if none of them says otherwise.
    fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: Value) -> Reply {
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let reply = self.0.ask_from(PUBLIC, &headers, method, target, &body);
        Reply {
            status: reply.status,
            head: reply.head.to_ascii_lowercase(),
            body: serde_json::from_str(&reply.text).unwrap_or_else(|_| reply.text.into()),
        }
    }

    fn admin(&self, method: &str, target: &str, body: Value) -> Reply {
        let bearer = format!("Bearer {ADMIN}");
        self.ask(method, target, &[("Authorization", &bearer)], body)
    }

    fn get(&self, target: &str) -> Reply {
        self.admin("GET", target, Value::Null)
    }

    fn log_in(&self, password: &str, mode: &str) -> Reply {
        let form = json!({ "email": "admin@example.com", "password": password, "mode": mode });
        self.ask("POST", "/auth/login", &[], form)
    }

    /// Makes a collection with so many items.
    fn fill(&self, items: usize) {
        let key = json!({ "field": "id", "type": "integer", "schema": { "is_primary_key": true, "has_auto_increment": true } });
        let fields = json!([key, { "field": "title", "type": "string", "schema": {} }, { "field": "facts", "type": "json", "schema": {} }]);
        let made = json!({ "collection": "things", "meta": {}, "schema": {}, "fields": fields });
        assert_eq!(self.admin("POST", "/collections", made).status, 200);
        let items: Vec<Value> = (0..items).map(|i| json!({ "title": i.to_string() })).collect();
        assert_eq!(self.admin("POST", "/items/things", items.into()).status, 200);
    }

    /// Waits until the log has this, which may be after the answer.
    #[track_caller]
    fn logs(&self, text: &str) {
        let end = Instant::now() + LOGGED;
        while !self.0.log().contains(text) {
            assert!(Instant::now() < end, "{text} is not in the log: {}", self.0.log());
            sleep(Duration::from_millis(20));
        }
    }
}

impl Reply {
    fn rows(&self) -> usize {
        self.body["data"].as_array().map_or(0, Vec::len)
    }

    fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
    }

    #[track_caller]
    fn has(&self, line: &str) {
        assert!(self.head.contains(line), "{line}: {}", self.head);
    }
}

#[test]
fn excluded_tables_do_not_exist() {
    let project = Project::prepared(&[("DB_EXCLUDE_TABLES", "Secrets,other")], &|folder| {
        let database = Database::open(folder.join("data.db")).unwrap();
        let tables = "create table secrets (id integer primary key); insert into secrets values (1);
                      create table notes (id integer primary key, secret integer references secrets);";
        database.execute_batch(tables).unwrap();
    });
    let listed = project.get("/collections").body.to_string();
    assert!(listed.contains("\"notes\"") && !listed.contains("secrets"), "{listed}");
    for target in [
        "/items/secrets",
        "/collections/secrets",
        "/fields/secrets",
        "/items/notes?fields=secret.id",
    ] {
        assert!(!project.get(target).body.to_string().contains("secrets\":"), "{target}");
    }
    assert_eq!(project.get("/items/secrets").status, 403);
    let relations = project.get("/relations").body.to_string();
    assert!(!relations.contains("secrets"), "{relations}");
    // The name is taken, as the database knows; nothing of the hidden table is lost over it.
    let made = json!({ "collection": "secrets", "meta": {}, "schema": {} });
    let reply = project.admin("POST", "/collections", made);
    assert!((400..500).contains(&reply.status), "{} {}", reply.status, reply.body);
    let database = Database::open(project.0.folder().join("data.db")).unwrap();
    let rows: i64 = database
        .query_row("select count(*) from secrets", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1);
}

#[test]
fn hashes_are_made_as_they_are_set() {
    let project = Project::with(&[
        ("HASH_TYPE", "1"),
        ("HASH_ASSOCIATED_DATA", "the project"),
        ("HASH_MEMORY_COST", "64"),
        ("HASH_TIME_COST", "2"),
        ("HASH_PARALLELISM", "4"),
        ("HASH_LENGTH", "24"),
    ]);
    let reply = project.admin("POST", "/utils/hash/generate", json!({ "string": "text" }));
    let hash = reply.body["data"].as_str().unwrap();
    assert!(
        hash.starts_with("$argon2i$v=19$m=64,t=2,p=4,data=dGhlIHByb2plY3Q$"),
        "{hash}"
    );
    assert_eq!(hash.rsplit('$').next().unwrap().len(), 32, "24 bytes in base64");
    assert_eq!(project.log_in("password", "json").status, 200);
}

#[test]
fn a_password_policy_that_cannot_be_enforced_is_not_saved() {
    let project = Project::with(&[]);
    let set = |policy: Value| project.admin("PATCH", "/settings", json!({ "auth_password_policy": policy }));
    assert_eq!(set("/^.{8,}$/".into()).status, 200);
    for policy in [json!("/(/"), json!("/(?<=a)b/"), json!("/a/y"), json!(8)] {
        let reply = set(policy.clone());
        assert_eq!((reply.status, reply.code()), (400, "INVALID_PAYLOAD"), "{policy}");
    }
    assert_eq!(
        project.get("/settings").body["data"]["auth_password_policy"],
        "/^.{8,}$/"
    );
    assert_eq!(set(Value::Null).status, 200);
}

#[test]
fn lists_and_batches_are_as_long_as_they_may_be() {
    let project = Project::with(&[("QUERY_LIMIT_DEFAULT", "-1"), ("MAX_BATCH_MUTATION", "150")]);
    project.fill(150);
    assert_eq!(project.get("/items/things").rows(), 150);
    let more: Vec<Value> = (0..151).map(|_| json!({})).collect();
    assert_eq!(project.admin("POST", "/items/things", more.into()).status, 400);

    let project = Project::with(&[("QUERY_LIMIT_DEFAULT", "3"), ("QUERY_LIMIT_MAX", "5")]);
    project.fill(10);
    assert_eq!(project.get("/items/things").rows(), 3);
    assert_eq!(project.get("/items/things?limit=-1").rows(), 5);
    assert_eq!(project.get("/items/things?limit=6").code(), "INVALID_QUERY");
}

#[test]
fn requests_are_as_large_and_deep_as_they_may_be() {
    let project = Project::with(&[
        ("MAX_PAYLOAD_SIZE", "1kb"),
        ("MAX_RELATIONAL_DEPTH", "3"),
        ("MAX_JSON_QUERY_DEPTH", "2"),
        ("QUERYSTRING_MAX_PARSE_DEPTH", "3"),
        ("QUERYSTRING_ARRAY_LIMIT", "2"),
    ]);
    project.fill(1);
    let large = json!({ "title": "x".repeat(2000) });
    assert!((400..500).contains(&project.admin("POST", "/items/things", large).status));
    for (fits, fails) in [
        ("/users?fields=role.users.id", "/users?fields=role.users.role.id"),
        (
            "/items/things?fields=json(facts,a.b)",
            "/items/things?fields=json(facts,a.b.c)",
        ),
        (
            "/users?filter[role][name][_eq]=x",
            "/users?filter[role][users][first_name][_eq]=x",
        ),
    ] {
        assert_eq!(project.get(fits).status, 200, "{fits}");
        assert_eq!(project.get(fails).status, 400, "{fails}");
    }
}

#[test]
fn what_is_said_at_the_door_is_as_set() {
    let project = Project::with(&[
        ("ROOT_REDIRECT", "https://example.com/start"),
        ("ROBOTS_TXT", "User-agent: none"),
        ("LOG_LEVEL", "debug"),
        ("LOG_STYLE", "raw"),
        ("LOG_HTTP_IGNORE_PATHS", "/server/ping,/quiet"),
        ("PUBLIC_URL", "https://cms.example.com/base"),
        ("PASSWORD_RESET_URL_ALLOW_LIST", "https://front.example.com/reset"),
        ("USER_INVITE_URL_ALLOW_LIST", "https://front.example.com/join"),
        ("IP_CUSTOM_HEADER", "X-Client-Address"),
    ]);
    let root = project.get("/");
    assert_eq!(root.status, 302);
    root.has("location: https://example.com/start");
    assert_eq!(project.get("/robots.txt").body, "User-agent: none");

    for target in ["/quiet", "/loud"] {
        project.get(target);
    }
    let log = project.0.log();
    assert!(log.contains("GET /loud") && !log.contains("GET /quiet"), "{log}");
    let line = log.lines().find(|line| line.contains("GET /loud"));
    assert!(line.is_some_and(|line| line.starts_with('{')), "{log}");

    let reset = |url: Value| {
        let body = json!({ "email": "admin@example.com", "reset_url": url });
        project.admin("POST", "/auth/password/request", body).status
    };
    assert_eq!(reset(Value::Null), 204);
    project.logs("https://cms.example.com/base/admin/reset-password?token=");
    assert_eq!(reset("https://front.example.com/reset".into()), 204);
    assert_eq!(reset("https://evil.example.com/reset".into()), 400);
    let role = &project.get("/roles?limit=1").body["data"][0]["id"];
    let invite = |url: &str| {
        let body = json!({ "email": "new@example.com", "role": role, "invite_url": url });
        project.admin("POST", "/users/invite", body).status
    };
    assert_eq!(invite("https://evil.example.com/join"), 400);
    assert_eq!(invite("https://front.example.com/join"), 204);

    let bearer = format!("Bearer {ADMIN}");
    let headers = [("Authorization", bearer.as_str()), ("X-Client-Address", "192.0.2.77")];
    assert_eq!(
        project.ask("POST", "/folders", &headers, json!({ "name": "x" })).status,
        200
    );
    assert_eq!(
        project.get("/activity?sort=-id&limit=1").body["data"][0]["ip"],
        "192.0.2.77"
    );
}

#[test]
fn tokens_and_cookies_live_and_are_called_as_set() {
    let project = Project::with(&[
        ("ACCESS_TOKEN_TTL", "5m"),
        ("REFRESH_TOKEN_TTL", "2h"),
        ("SESSION_COOKIE_TTL", "3h"),
        ("REFRESH_TOKEN_COOKIE_NAME", "again"),
        ("REFRESH_TOKEN_COOKIE_SECURE", "true"),
        ("REFRESH_TOKEN_COOKIE_SAME_SITE", "strict"),
        ("REFRESH_TOKEN_COOKIE_DOMAIN", "example.com"),
        ("SESSION_COOKIE_NAME", "seat"),
        ("SESSION_COOKIE_SECURE", "true"),
        ("SESSION_COOKIE_SAME_SITE", "none"),
        ("SESSION_COOKIE_DOMAIN", "example.org"),
    ]);
    assert_eq!(project.log_in("password", "json").body["data"]["expires"], 300_000);
    let cookie = project.log_in("password", "cookie");
    for part in [
        "set-cookie: again=",
        "max-age=7200",
        "domain=example.com",
        "secure",
        "samesite=strict",
    ] {
        cookie.has(part);
    }
    let session = project.log_in("password", "session");
    for part in [
        "set-cookie: seat=",
        "max-age=10800",
        "domain=example.org",
        "secure",
        "samesite=none",
    ] {
        session.has(part);
    }
}

#[test]
fn who_asks_too_often_or_guesses_has_to_wait() {
    let project = Project::with(&[("LOGIN_STALL_TIME", "400"), ("REGISTER_STALL_TIME", "300")]);
    let timed = |ask: &dyn Fn() -> Reply| {
        let begun = Instant::now();
        ask();
        begun.elapsed()
    };
    assert!(timed(&|| project.log_in("wrong", "json")) >= Duration::from_millis(400));
    let on = json!({ "public_registration": true, "public_registration_verify_email": false });
    assert_eq!(project.admin("PATCH", "/settings", on).status, 200);
    let form = json!({ "email": "admin@example.com", "password": "another-one" });
    let register = || project.ask("POST", "/users/register", &[], form.clone());
    assert!(timed(&register) >= Duration::from_millis(300));

    // Whoever waits for the server to start has spent points already.
    let settings = [("_ENABLED", "true"), ("_POINTS", "20"), ("_DURATION", "600")];
    for limiter in ["RATE_LIMITER", "RATE_LIMITER_GLOBAL"] {
        let names = settings.map(|(end, value)| (format!("{limiter}{end}"), value));
        let settings: Vec<(&str, &str)> = names.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let project = Project::with(&settings);
        let refused = (0..30)
            .map(|_| project.get("/server/ping"))
            .find(|reply| reply.status != 200);
        assert_eq!(refused.map(|reply| reply.status), Some(429), "{limiter}");
    }
    let settings = [
        ("RATE_LIMITER_REGISTRATION_POINTS", "1"),
        ("RATE_LIMITER_REGISTRATION_DURATION", "600"),
    ];
    let project = Project::with(&settings);
    let register = || project.ask("POST", "/users/register", &[], form.clone()).status;
    assert_eq!((register(), register()), (403, 429));
}

#[test]
fn other_origins_are_told_what_is_set() {
    let project = Project::with(&[
        ("CORS_ENABLED", "true"),
        ("CORS_ORIGIN", "https://front.example.com"),
        ("CORS_METHODS", "GET,PATCH"),
        ("CORS_ALLOWED_HEADERS", "X-Mine"),
        ("CORS_EXPOSED_HEADERS", "X-Yours"),
        ("CORS_CREDENTIALS", "true"),
        ("CORS_MAX_AGE", "77"),
    ]);
    let headers = [
        ("Origin", "https://front.example.com"),
        ("Access-Control-Request-Method", "GET"),
    ];
    let preflight = project.ask("OPTIONS", "/items/things", &headers, Value::Null);
    for part in [
        "access-control-allow-origin: https://front.example.com",
        "access-control-allow-methods: get,patch",
        "access-control-allow-headers: x-mine",
        "access-control-allow-credentials: true",
        "access-control-max-age: 77",
    ] {
        preflight.has(part);
    }
    project
        .ask("GET", "/server/ping", &headers, Value::Null)
        .has("access-control-expose-headers: x-yours");
}
