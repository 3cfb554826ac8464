//! The audit on the command line, on real projects: one that violates every line of the checklists, the same kept well, and
//! the demo with what it ships; and what a pipeline goes by.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
    process::Command,
};

use aedile_testkit::fixture::{self, ADMIN, PUBLIC, binary};
use rusqlite::Connection as Database;
use serde_json::{Value, json};
use tempfile::TempDir;

/// More of the demo's findings than these are not to be accepted.
const MOST_ACCEPTED: usize = 8;

/// Checks that no project on a single SQLite file can violate.
const ON_A_SERVER: [&str; 1] = ["database-without-tls"];

/// A folder with a project, gone with it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(TempDir::new().unwrap())
    }

    /// The exit status, standard output and standard error of a command, with these settings and no others.
    fn run(&self, settings: &[(&str, &str)], args: &[&str]) -> (i32, String, String) {
        let output = Command::new(binary())
            .current_dir(self.0.path())
            .env_clear()
            .envs(env::var_os("PATH").map(|path| ("PATH", path)))
            .env("DB_FILENAME", self.0.path().join("data.db"))
            .envs(settings.iter().copied().collect::<BTreeMap<_, _>>())
            .args(args)
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn audit(&self, settings: &[(&str, &str)], args: &[&str]) -> (i32, String, String) {
        self.run(settings, &[&["audit"], args].concat())
    }

    /// What is found: the check and what it is on.
    fn found(&self, settings: &[(&str, &str)], args: &[&str]) -> Vec<(String, String)> {
        let (_, told, log) = self.audit(settings, &[&["--format", "json"], args].concat());
        let report: Value = serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}{log}"));
        let findings = report["findings"].as_array().unwrap();
        let one = |finding: &Value| (finding["check"].as_str().unwrap().to_owned(), finding["on"].to_string());
        findings.iter().map(one).collect()
    }

    fn database(&self) -> Database {
        Database::open(self.0.path().join("data.db")).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Every check there is, as the program lists them.
fn checks(folder: &Folder) -> BTreeSet<String> {
    let table = folder.run(&[], &["audit", "--checks"]).1;
    let rows = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    rows.map(str::to_owned).collect()
}

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo").join(name);
    path.display().to_string()
}

/// What a careful operator sets.
const CAREFUL: [(&str, &str); 8] = [
    ("SECRET", "0b6c1d0f9a2e4f7b8c3d5e6f7a8b9c0d"),
    ("PUBLIC_URL", "https://example.com"),
    ("IP_TRUST_PROXY", "1"),
    ("SESSION_COOKIE_SECURE", "true"),
    ("REFRESH_TOKEN_COOKIE_SECURE", "true"),
    ("RATE_LIMITER_ENABLED", "true"),
    ("HASH_MEMORY_COST", "19456"),
    ("HASH_TIME_COST", "2"),
];

/// What a careless one does; another can not be as careless at the same time about [`CARELESS_BEHIND_TLS`].
const CARELESS: [(&str, &str); 39] = [
    ("SECRET", "a-secret-that-is-short"),
    ("ADMIN_PASSWORD", "changeme"),
    ("ADMIN_EMAIL", "admin@example.com"),
    ("PUBLIC_URL", "http://shop.example.com"),
    ("IP_TRUST_PROXY", "true"),
    ("IP_CUSTOM_HEADER", "x-real-ip"),
    ("SESSION_COOKIE_SAME_SITE", "none"),
    ("CORS_ENABLED", "true"),
    ("CORS_ORIGIN", "true"),
    ("RATE_LIMITER_REGISTRATION_ENABLED", "false"),
    ("LOGIN_STALL_TIME", "0"),
    ("ACCESS_TOKEN_TTL", "30d"),
    ("EMAIL_TRANSPORT", "smtp"),
    ("EMAIL_SMTP_HOST", "mail.example.com"),
    ("EMAIL_SMTP_IGNORE_TLS", "true"),
    ("HASH_MEMORY_COST", "4096"),
    ("HASH_TIME_COST", "3"),
    ("EGRESS_ALLOW_LIST", "10.0.0.0/8"),
    ("IMPORT_IP_DENY_LIST", "10.0.0.0/8"),
    ("PASSWORD_RESET_URL_ALLOW_LIST", "http://shop.example.com/reset"),
    ("FLOWS_ENV_ALLOW_LIST", "SECRET"),
    ("FILES_MIME_TYPE_ALLOW_LIST", "*/*"),
    ("CONTENT_SECURITY_POLICY_DIRECTIVES__SCRIPT_SRC", "'unsafe-inline'"),
    ("CONTENT_SECURITY_POLICY_DIRECTIVES__IMG_SRC", "https:"),
    ("WEBSOCKETS_REST_AUTH", "public"),
    ("AUTH_PROVIDERS", "work,home"),
    ("AUTH_WORK_DRIVER", "openid"),
    ("AUTH_WORK_CLIENT_ID", "shop"),
    ("AUTH_WORK_ISSUER_URL", "http://id.example.com"),
    ("AUTH_WORK_IDENTIFIER_KEY", "email"),
    ("AUTH_WORK_ALLOW_PUBLIC_REGISTRATION", "true"),
    ("AUTH_WORK_REQUIRE_VERIFIED_EMAIL", "false"),
    ("AUTH_WORK_DEFAULT_ROLE_ID", "10000000-0000-4000-8000-000000000002"),
    ("AUTH_WORK_REDIRECT_ALLOW_LIST", "http://shop.example.com/in"),
    ("AUTH_HOME_DRIVER", "openid"),
    ("AUTH_HOME_CLIENT_ID", "shop"),
    ("AUTH_HOME_ISSUER_URL", "https://home.example.com"),
    ("AUTH_HOME_ALLOW_PUBLIC_REGISTRATION", "true"),
    ("AUTH_HOME_DEFAULT_ROLE_ID", "10000000-0000-4000-8000-000000000001"),
];

const CARELESS_BEHIND_TLS: [(&str, &str); 7] = [
    ("SECRET", "a-secret-that-is-short"),
    ("PUBLIC_URL", "https://shop.example.com"),
    ("IP_TRUST_PROXY", "false"),
    ("EMAIL_TRANSPORT", "log"),
    ("SESSION_COOKIE_SECURE", "false"),
    ("HSTS_ENABLED", "false"),
    ("RATE_LIMITER_LOGIN_ENABLED", "false"),
];

/// Rows that violate what rows can: the public and the editors may do everything they should not, and so on.
const VIOLATIONS: &str = r#"
create table articles (id integer primary key, title text, email text, owner char(36));
create table tags (id integer primary key, name text);
create table articles_tags (id integer primary key, articles_id integer references articles(id), tags_id integer references tags(id));
create table vault (id integer primary key, api_key text);
insert into articles (title) values ('a'), ('b');
insert into directus_collections (collection, accountability) values ('articles', 'all'), ('tags', 'all'), ('articles_tags', 'all'), ('vault', null);
insert into directus_relations (many_collection, many_field, one_collection, junction_field) values
  ('articles_tags', 'articles_id', 'articles', 'tags_id'), ('articles_tags', 'tags_id', 'tags', 'articles_id');

update directus_policies set app_access = 1 where id = 'abf8a154-5b1c-4a46-ac9c-7300570f4f17';
insert into directus_permissions (policy, collection, action, fields, permissions) values
  ('abf8a154-5b1c-4a46-ac9c-7300570f4f17', 'articles', 'read', '*', null),
  ('abf8a154-5b1c-4a46-ac9c-7300570f4f17', 'articles', 'read', 'title', '{"owner":{"_eq":"$CURRENT_USER"}}'),
  ('abf8a154-5b1c-4a46-ac9c-7300570f4f17', 'articles', 'create', '*', null),
  ('abf8a154-5b1c-4a46-ac9c-7300570f4f17', 'articles', 'update', '*', null),
  ('abf8a154-5b1c-4a46-ac9c-7300570f4f17', 'articles', 'delete', null, null),
  ('abf8a154-5b1c-4a46-ac9c-7300570f4f17', 'directus_users', 'read', 'id,email', null),
  ('abf8a154-5b1c-4a46-ac9c-7300570f4f17', 'directus_files', 'read', '*', null),
  ('abf8a154-5b1c-4a46-ac9c-7300570f4f17', 'directus_files', 'create', '*', null),
  ('abf8a154-5b1c-4a46-ac9c-7300570f4f17', 'directus_comments', 'update', '*', null);

insert into directus_roles (id, name) values ('10000000-0000-4000-8000-000000000001', 'Editors');
insert into directus_roles (id, name, parent) select '10000000-0000-4000-8000-000000000002', 'Helpers', id from directus_roles where name = 'Administrator';
insert into directus_policies (id, name, app_access) values ('10000000-0000-4000-8000-000000000003', 'Editing', 1);
insert into directus_access (id, role, policy, sort) values ('10000000-0000-4000-8000-000000000004', '10000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-000000000003', 1);
insert into directus_permissions (policy, collection, action, fields, permissions)
  select '10000000-0000-4000-8000-000000000003', value ->> 0, value ->> 1, '*', null from json_each('[
    ["directus_settings","update"], ["directus_flows","create"], ["directus_roles","update"], ["directus_policies","create"],
    ["directus_permissions","create"], ["directus_access","create"], ["directus_extensions","update"], ["directus_fields","create"],
    ["directus_sessions","read"], ["directus_shares","read"], ["directus_activity","read"], ["directus_revisions","read"],
    ["directus_versions","read"], ["directus_operations","read"], ["articles_tags","create"], ["gone","read"],
    ["directus_users","create"], ["directus_users","read"], ["directus_users","update"], ["directus_users","delete"],
    ["directus_files","update"]]');
insert into directus_permissions (policy, collection, action, fields, permissions) values
  ('10000000-0000-4000-8000-000000000003', 'articles', 'read', '*', '{"title":{"_eq":"$NOBODY"}}'),
  ('10000000-0000-4000-8000-000000000003', 'directus_users', 'update', 'first_name,role', '{"id":{"_eq":"$CURRENT_USER"}}');

delete from aedile_meta where "key" = 'token_digests';
update directus_migrations set timestamp = 1577836800000;
update directus_users set token = 'of-the-administrator', last_access = 1577836800000;
insert into directus_users (id, email, role, status, provider)
  select '2000000' || value || '-0000-4000-8000-000000000000', 'admin' || value || '@example.com', r.id, 'active', 'default'
  from json_each('[1,2,3,4,5]'), directus_roles r where r.name = 'Administrator';
insert into directus_users (id, status, token, last_access, provider) values
  ('30000000-0000-4000-8000-000000000001', 'active', 'never', null, 'default'),
  ('30000000-0000-4000-8000-000000000002', 'active', 'long', 1577836800000, 'default'),
  ('30000000-0000-4000-8000-000000000003', 'suspended', 'inactive', null, 'default');

update directus_settings set public_registration = 1, public_registration_verify_email = 0, public_registration_email_filter = null,
  public_registration_role = (select id from directus_roles where name = 'Administrator'),
  auth_login_attempts = null, auth_password_policy = null, mcp_enabled = 1, mcp_allow_deletes = 1, custom_css = 'body {}';

insert into directus_shares (id, collection, item) values ('40000000-0000-4000-8000-000000000001', 'articles', '1');
insert into directus_shares (id, collection, item, role) select '40000000-0000-4000-8000-000000000002', 'articles', '1', id from directus_roles where name = 'Administrator';

insert into directus_flows (id, name, status, "trigger", options) values
  ('50000000-0000-4000-8000-000000000001', 'Orders', 'active', 'webhook', '{"method":"POST","return":"$all"}');
insert into directus_operations (id, "key", type, position_x, position_y, options, flow) values
  ('50000000-0000-4000-8000-000000000002', 'code', 'exec', 1, 1, '{"code":"module.exports = () => 1"}', '50000000-0000-4000-8000-000000000001'),
  ('50000000-0000-4000-8000-000000000003', 'store', 'item-create', 1, 1, '{"permissions":"$full"}', '50000000-0000-4000-8000-000000000001'),
  ('50000000-0000-4000-8000-000000000004', 'ask', 'request', 1, 1, '{"url":"{{$trigger.body.url}}"}', '50000000-0000-4000-8000-000000000001');
update aedile_meta set value = value + 1 where "key" = 'version';
"#;

/// What the first administrator does before anybody else comes in.
const SET_UP: &str = r#"
update directus_policies set enforce_tfa = 1 where admin_access;
update directus_users set tfa_secret = 'made';
update directus_settings set auth_password_policy = '/^.{12,}$/';
update aedile_meta set value = value + 1 where "key" = 'version';
"#;

#[test]
fn everything_is_found_in_a_project_that_violates_everything() {
    let folder = Folder::new();
    let careless = CARELESS.map(|(name, value)| (name, value));
    assert_eq!(folder.run(&careless, &["bootstrap"]).0, 0);
    folder.database().execute_batch(VIOLATIONS).unwrap();
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write("compose.yaml", "environment:\n  SECRET: a-secret-that-is-short\n");
    let mut found: BTreeSet<String> = BTreeSet::new();
    for settings in [&careless[..], &CARELESS_BEHIND_TLS[..]] {
        found.extend(folder.found(settings, &[]).into_iter().map(|(check, _)| check));
    }
    let all = checks(&folder);
    assert!(all.len() >= 50, "{all:?}");
    let missed: Vec<&String> = all
        .difference(&found)
        .filter(|check| !ON_A_SERVER.contains(&check.as_str()))
        .collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
    let (status, told, _) = folder.audit(&careless, &[]);
    assert_eq!(status, 1);
    assert!(told.starts_with("CRITICAL "), "{told}");
    let secrets = ["a-secret-that-is-short", "changeme", "of-the-administrator"];
    assert!(!secrets.iter().any(|secret| told.contains(secret)), "{told}");
}

#[test]
fn nothing_is_found_in_a_project_that_is_kept_well() {
    let folder = Folder::new();
    assert_eq!(folder.run(&CAREFUL, &["bootstrap"]).0, 0);
    folder.database().execute_batch(SET_UP).unwrap();
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write(".gitignore", "data.db*\n.env\n");
    folder.write(".env", "SECRET=0b6c1d0f9a2e4f7b8c3d5e6f7a8b9c0d\n");
    let (status, told, log) = folder.audit(&CAREFUL, &["--fail-on", "low"]);
    assert_eq!(status, 0, "{told}{log}");
    assert!(told.ends_with(" checks: nothing found; 0 accepted\n"), "{told}");
}

#[test]
fn the_demo_is_as_its_baseline_says() {
    let folder = Folder::new();
    assert_eq!(folder.run(&[], &["demo"]).0, 0);
    let baseline = shipped("audit-baseline.yaml");
    let (status, told, log) = folder.audit(&[], &["--format", "json", "--fail-on", "low", "--baseline", &baseline]);
    assert_eq!(status, 0, "{told}{log}");
    let report: Value = serde_json::from_str(&told).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["accepted"].is_string()), "{told}");
    assert!(!findings.is_empty() && findings.len() <= MOST_ACCEPTED, "{told}");
    assert_eq!(report["stale"], json!([]), "{told}");
    // What is let slip later is noticed.
    folder
        .database()
        .execute_batch("update directus_permissions set permissions = null where policy = 'abf8a154-5b1c-4a46-ac9c-7300570f4f17'; update aedile_meta set value = value + 1 where \"key\" = 'version'")
        .unwrap();
    let (status, told, _) = folder.audit(&[], &["--baseline", &baseline]);
    assert_eq!(status, 1);
    assert!(told.starts_with("MEDIUM public-reads-every-row: "), "{told}");
    assert!(told.contains("asked as the public: 120 rows answered"), "{told}");
}

#[test]
fn a_pipeline_goes_by_the_exit_status() {
    let folder = Folder::new();
    assert_eq!(folder.run(&CAREFUL, &["bootstrap"]).0, 0);
    folder.database().execute_batch(SET_UP).unwrap();
    let loose = [&CAREFUL[..], &[("WEBSOCKETS_REST_AUTH", "public")]].concat();
    for (threshold, expected) in [("low", 1), ("medium", 1), ("high", 1), ("critical", 0), ("never", 0)] {
        let (status, told, log) = folder.audit(&loose, &["--fail-on", threshold]);
        assert_eq!(status, expected, "{threshold}: {told}{log}");
    }
    folder.write("accepted.yaml", "version: 1\naccepted:\n  - check: websocket-public\n    on: setting WEBSOCKETS_REST_AUTH\n    reason: Sockets are shut off by the proxy.\n");
    let accepted = ["--baseline", "accepted.yaml"];
    assert_eq!(folder.audit(&loose, &accepted).0, 0);
    let (status, told, _) = folder.audit(&CAREFUL, &accepted);
    assert_eq!(status, 0);
    assert!(
        told.contains("not found any more") && told.contains("websocket-public on setting WEBSOCKETS_REST_AUTH"),
        "{told}"
    );
    let (_, told, _) = folder.audit(&loose, &["--baseline", "accepted.yaml", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["suppressions"][0]["kind"], "external");
    folder.write(
        "broken.yaml",
        "version: 1\naccepted:\n  - check: websocket-public\n    on: x\n",
    );
    let (status, told, log) = folder.audit(&loose, &["--baseline", "broken.yaml"]);
    assert_eq!((status, told.as_str()), (2, ""));
    assert!(
        log.contains("broken.yaml:3: accepted[0]: \"reason\" is needed"),
        "{log}"
    );
    let (status, _, log) = folder.audit(&loose, &["--fix", "no-such-check"]);
    assert!(
        status == 2 && log.contains("there is no check \"no-such-check\""),
        "{log}"
    );
}

#[test]
fn what_is_mended_is_shown_and_agreed_to() {
    let folder = Folder::new();
    assert_eq!(folder.run(&CAREFUL, &["bootstrap"]).0, 0);
    let database = folder.database();
    database.execute_batch(SET_UP).unwrap();
    database
        .execute_batch("update directus_users set token = 'of-the-administrator'; update directus_settings set auth_login_attempts = null; update aedile_meta set value = value + 1 where \"key\" = 'version'")
        .unwrap();
    let state = |sql: &str| {
        database
            .query_row(sql, [], |row| row.get::<_, Option<String>>(0))
            .unwrap()
    };
    // Nobody agrees where there is no terminal.
    let (status, told, log) = folder.audit(&CAREFUL, &["--fix"]);
    assert!(status == 2 && log.contains("--yes"), "{status} {told}{log}");
    assert!(
        told.contains("Would be changed\n") && told.contains("{\"token\":null}"),
        "{told}"
    );
    assert_eq!(
        state("select token from directus_users").as_deref(),
        Some("of-the-administrator")
    );
    let (status, told, log) = folder.audit(&CAREFUL, &["--fix", "login-attempts-unlimited", "--yes"]);
    assert_eq!(status, 0, "{told}{log}");
    assert!(
        told.contains("\nDone\n  PATCH /settings {\"auth_login_attempts\":10}\n"),
        "{told}"
    );
    assert_eq!(
        state("select token from directus_users").as_deref(),
        Some("of-the-administrator"),
        "it was not named"
    );
    let (status, told, log) = folder.audit(&CAREFUL, &["--fix", "--yes"]);
    assert_eq!(status, 0, "{told}{log}");
    assert_eq!(state("select token from directus_users"), None);
    assert_eq!(folder.audit(&CAREFUL, &["--fail-on", "low"]).0, 0);
}

#[test]
fn administrators_are_told_by_the_server_what_it_is_started_with() {
    let project = fixture::Project::with(&[("WEBSOCKETS_REST_AUTH", "public")]);
    let told = project.get(ADMIN, "/utils/audit").ok();
    let found = told.at("/findings").to_string();
    assert!(
        found.contains("\"websocket-public\"") && found.contains("\"secret-default\""),
        "{found}"
    );
    project.refused(PUBLIC, "GET", "/utils/audit", Value::Null);
    project.user_who(
        "narrow",
        json!([{ "collection": "directus_settings", "action": "read", "fields": ["*"] }]),
    );
    project.refused("narrow-token", "GET", "/utils/audit", Value::Null);
    project.user("none", &[]);
    project.refused("none-token", "GET", "/utils/audit", Value::Null);
}

#[test]
fn what_somebody_agreed_to_is_mended_over_the_door_all_of_it_or_nothing() {
    let project = fixture::Project::with(&[]);
    let open = json!({ "auth_login_attempts": null, "auth_password_policy": null });
    project.patch(ADMIN, "/settings", open).ok();
    let found = |check: &str| {
        let report = project.get(ADMIN, "/utils/audit").ok();
        let findings = report.at("/findings").as_array().unwrap().clone();
        findings.into_iter().find(|own| own["check"] == check)
    };
    let attempts = found("login-attempts-unlimited").unwrap();
    let weak = found("password-policy-weak").unwrap();
    let mut altered = weak.clone();
    altered["change"] = "PATCH /settings {\"auth_password_policy\":null}".into();
    let fix = |findings: &[&Value]| project.post(ADMIN, "/utils/audit/fix", json!({ "findings": findings }));
    assert_eq!(fix(&[&attempts, &altered]).status, 422);
    assert!(found("login-attempts-unlimited").is_some(), "nothing was done");
    project.user("none", &[]);
    for (token, findings) in [(PUBLIC, &attempts), ("none-token", &attempts)] {
        project.refused(token, "POST", "/utils/audit/fix", json!({ "findings": [findings] }));
    }
    let told = fix(&[&attempts, &weak]).ok();
    assert_eq!(told.at("/done").as_array().unwrap().len(), 1, "one row, one write");
    assert!(found("login-attempts-unlimited").is_none() && found("password-policy-weak").is_none());
    assert_eq!(fix(&[&attempts]).status, 422, "it is not there any more");
}
