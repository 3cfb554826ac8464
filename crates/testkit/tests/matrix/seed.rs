//! What is in the project before anybody asks: in every table one row of the app user's and one of the administrator's,
//! secrets that no answer may hold, and the callers. Ids are fixed, so that answers are.

use rusqlite::{Connection as Database, Result, params};

use super::collections;

/// The key of the app user's row, in every table whose keys are UUIDs; the app user's own id too.
pub const ONE: &str = "11111111-1111-4111-8111-111111111111";
/// The key of the administrator's row, and the administrator's own id.
pub const TWO: &str = "22222222-2222-4222-8222-222222222222";
/// A user without a policy.
pub const USER: &str = "33333333-3333-4333-8333-333333333333";

/// How everything begins that no answer to anybody may hold: tokens, hashes, keys of others' services.
pub const SECRET: &str = "PLANTED-";

/// A caller's token.
pub fn token(name: &str) -> String {
    format!("PLANTED-{name}")
}

/// Fills a bootstrapped database.
pub fn fill(database: &Database) -> Result<()> {
    database.execute_batch("pragma foreign_keys = off;")?;
    fixed_administrator(database)?;
    let rows = ROWS.replace("{one}", ONE).replace("{two}", TWO).replace("{user}", USER);
    database.execute_batch(&rows)?;
    for (i, spec) in collections::all().iter().enumerate() {
        narrow(database, spec, i)?;
    }
    Ok(())
}

/// Gives the administrator, their role and their policy the id that answers can be compared by.
fn fixed_administrator(database: &Database) -> Result<()> {
    let policy: String = database.query_row("select id from directus_policies where admin_access = 1", [], |row| {
        row.get(0)
    })?;
    let role: String = database.query_row("select role from directus_users", [], |row| row.get(0))?;
    database.execute(
        "update directus_policies set id = ?1 where id = ?2",
        params![TWO, policy],
    )?;
    database.execute("update directus_roles set id = ?1 where id = ?2", params![TWO, role])?;
    database.execute(
        "update directus_access set id = ?1, policy = ?1, role = ?1 where policy = ?2",
        params![TWO, policy],
    )?;
    database.execute("update directus_users set id = ?1, role = ?1", [TWO])?;
    Ok(())
}

/// A user whose one policy grants everything on one row and two fields of one collection.
fn narrow(database: &Database, spec: &collections::Spec, i: usize) -> Result<()> {
    let id = |kind: char| {
        format!(
            "{0}{0}{0}{0}{0}{0}{0}{0}-{0}{0}{0}{0}-4{0}{0}{0}-8{0}{0}{0}-{i:012}",
            kind
        )
    };
    let (user, policy, access) = (id('4'), id('5'), id('6'));
    let name = format!("narrow-{}", spec.collection);
    database.execute(
        "insert into directus_users (id, email, first_name, token) values (?1, ?2, 'Narrow', ?3)",
        params![user, format!("{name}@example.com"), token(&name)],
    )?;
    database.execute(
        "insert into directus_policies (id, name) values (?1, ?2)",
        params![policy, name],
    )?;
    database.execute(
        "insert into directus_access (id, user, policy) values (?1, ?2, ?3)",
        params![access, user, policy],
    )?;
    let rule = serde_json::json!({ spec.key: { "_eq": spec.one } }).to_string();
    let seen = format!("{},{}", spec.key, spec.field);
    let made: Vec<&str> = spec.create.as_object().unwrap().keys().map(String::as_str).collect();
    let made = made.join(",");
    for (action, rule, fields) in [
        ("read", Some(&rule), seen.as_str()),
        ("create", None, made.as_str()),
        ("update", Some(&rule), spec.field),
        ("delete", Some(&rule), "*"),
    ] {
        database.execute(
            "insert into directus_permissions (policy, collection, action, permissions, fields) values (?1, ?2, ?3, ?4, ?5)",
            params![policy, spec.collection, action, rule, fields],
        )?;
    }
    Ok(())
}

const ROWS: &str = r#"
create table articles (id integer primary key autoincrement not null, title varchar(255), secret varchar(255), sort integer, note integer);
create table notes (id integer primary key autoincrement not null, name varchar(255));
insert into articles (id, title, secret, sort) values (1, 'One', 'PLANTED-article', 1), (2, 'Two', 'PLANTED-article', 2);
insert into notes (id, name) values (1, 'One'), (2, 'Two');
insert into directus_collections (collection, versioning, sort_field) values ('articles', 1, 'sort'), ('notes', 0, null);
insert into directus_fields (id, collection, field, special) values (1, 'articles', 'title', null), (2, 'articles', 'secret', 'conceal');
insert into directus_relations (id, many_collection, many_field, one_collection) values (1, 'articles', 'note', 'notes');

insert into directus_policies (id, name, app_access) values ('{one}', 'App', 1);
insert into directus_roles (id, name) values ('{one}', 'Writers');
insert into directus_access (id, user, policy) values ('{one}', '{one}', '{one}');
insert into directus_permissions (id, policy, collection, action, fields) values
  (1, '{one}', 'notes', 'read', 'id'), (2, '{two}', 'notes', 'read', '*');
insert into directus_users (id, email, first_name, role, token, password, tfa_secret, auth_data, external_identifier) values
  ('{one}', 'app@example.com', 'App', '{one}', 'PLANTED-app', 'PLANTED-hash', null, null, null),
  ('{user}', 'user@example.com', 'User', null, 'PLANTED-user', 'PLANTED-hash', 'PLANTED-tfa', null, null);

insert into directus_activity (id, action, user, collection, item, ip) values
  (1, 'update', '{one}', 'articles', '1', '192.0.2.1'), (2, 'update', '{two}', 'articles', '2', '192.0.2.2');
insert into directus_revisions (id, activity, collection, item, data, delta) values
  (1, 1, 'articles', '1', '{"title":"One"}', '{"title":"One"}'), (2, 2, 'articles', '2', '{"title":"Two"}', '{"title":"Two"}');
insert into directus_comments (id, collection, item, comment, user_created) values
  ('{one}', 'articles', '1', 'One', '{one}'), ('{two}', 'articles', '2', 'Two', '{two}');
insert into directus_folders (id, name) values ('{one}', 'One'), ('{two}', 'Two');
insert into directus_files (id, storage, filename_disk, filename_download, title, type, uploaded_by, folder) values
  ('{one}', 'local', 'one.txt', 'one.txt', 'One', 'text/plain', '{one}', '{one}'),
  ('{two}', 'local', 'two.txt', 'two.txt', 'Two', 'text/plain', '{two}', '{two}');
insert into directus_dashboards (id, name, user_created) values ('{one}', 'One', '{one}'), ('{two}', 'Two', '{two}');
insert into directus_panels (id, dashboard, type, position_x, position_y, width, height, user_created) values
  ('{one}', '{one}', 'label', 1, 1, 1, 1, '{one}'), ('{two}', '{two}', 'label', 1, 1, 1, 1, '{two}');
insert into directus_flows (id, name, user_created) values ('{one}', 'One', '{one}'), ('{two}', 'Two', '{two}');
insert into directus_operations (id, key, type, position_x, position_y, flow, user_created) values
  ('{one}', 'one', 'log', 1, 1, '{one}', '{one}'), ('{two}', 'two', 'log', 1, 1, '{two}', '{two}');
insert into directus_notifications (id, recipient, sender, subject) values (1, '{one}', '{two}', 'One'), (2, '{two}', '{one}', 'Two');
insert into directus_presets (id, user, collection) values (1, '{one}', 'articles'), (2, '{two}', 'articles');
insert into directus_shares (id, name, collection, item, user_created, password) values
  ('{one}', 'One', 'articles', '1', '{one}', 'PLANTED-hash'), ('{two}', 'Two', 'articles', '2', '{two}', 'PLANTED-hash');
insert into directus_versions (id, key, name, collection, item, user_created, delta) values
  ('{one}', 'one', 'One', 'articles', '1', '{one}', '{"title":"Draft"}'), ('{two}', 'two', 'Two', 'articles', '2', '{two}', '{"title":"Draft"}');
insert into directus_translations (id, language, key, value) values ('{one}', 'de-DE', 'one', 'Eins'), ('{two}', 'de-DE', 'two', 'Zwei');
insert into directus_sessions (token, next_token, user, expires) values
  ('session-one', 'PLANTED-session', '{one}', '2999-01-01T00:00:00Z'), ('session-two', 'PLANTED-session', '{two}', '2999-01-01T00:00:00Z');
insert into directus_extensions (id, folder, source) values ('{one}', 'one', 'local'), ('{two}', 'two', 'local');
insert into directus_deployments (id, provider, credentials, webhook_secret) values
  ('{one}', 'one', 'PLANTED-credentials', 'PLANTED-webhook'), ('{two}', 'two', 'PLANTED-credentials', 'PLANTED-webhook');
insert into directus_deployment_projects (id, deployment, external_id, name) values ('{one}', '{one}', 'one', 'One'), ('{two}', '{two}', 'two', 'Two');
insert into directus_deployment_runs (id, project, external_id, target) values ('{one}', '{one}', 'one', 'one'), ('{two}', '{two}', 'two', 'two');
insert or replace into directus_settings (id, project_name, ai_openai_api_key, ai_anthropic_api_key, ai_google_api_key, ai_openai_compatible_api_key) values
  (1, 'Matrix', 'PLANTED-key', 'PLANTED-key', 'PLANTED-key', 'PLANTED-key');
"#;
