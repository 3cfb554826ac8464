//! On PostgreSQL a read is prepared for whom the caller was last, and sent together with the question who it is now. Whatever
//! has changed since holds at once: nobody is told anything by what they could see before.

use aedile_testkit::{
    fixture::{ADMIN, PUBLIC, Project, may, may_where, text},
    postgres::Database,
};
use serde_json::{Value, json};

use crate::postgres::SERVER;

/// An item, a list, and a list that is counted.
const ITEM: &str = "/items/things/1?fields=id,name";
const LIST: &str = "/items/things?fields=id,name&filter[name][_neq]=x";
const COUNTED: &str = "/items/things?fields=id&filter[name][_neq]=x&meta=filter_count&limit=1";

fn with_things(database: &Database<'_>) -> Project {
    let url = database.url();
    let project = Project::with(&[
        ("DB_CLIENT", "pg"),
        ("DB_CONNECTION_STRING", url.as_str()),
        ("IP_TRUST_PROXY", "true"),
        ("TFA_ENFORCE_STATIC_TOKENS", "true"),
    ]);
    project.collection("things", &[("name", "string"), ("state", "string")]);
    for state in ["open", "open", "shut"] {
        let thing = json!({"name": format!("a thing that is {state}"), "state": state});
        project.post(ADMIN, "/items/things", thing).is(200);
    }
    project
}

/// A user with these permissions; answers its token.
fn reader(project: &Project, name: &str, permissions: Value) -> String {
    project.user_who(name, permissions);
    format!("{name}-token")
}

/// Asks often enough that everything there is to be remembered is.
fn asked(project: &Project, token: &str) -> [u64; 3] {
    [(); 3].map(|()| {
        project.get(token, ITEM).is(200);
        project.get(token, LIST).is(200);
        count(project, token)
    })
}

fn count(project: &Project, token: &str) -> u64 {
    project
        .get(token, COUNTED)
        .is(200)
        .json()
        .pointer("/meta/filter_count")
        .and_then(Value::as_u64)
        .unwrap()
}

/// What somebody else changes: this server learns of it by asking alone.
fn behind_its_back(database: &Database<'_>, change: &str) {
    database.run(change).unwrap();
}

/// A token as a new project keeps it, in the words of PostgreSQL.
fn stored(token: &str) -> String {
    format!("'sha256:' || encode(sha256('{token}'), 'hex')")
}

const NEWER: &str = "; update aedile_meta set value = value + 1 where key = 'version'";

#[test]
fn what_a_policy_takes_away_is_gone_at_the_next_read() {
    let database = SERVER.database().unwrap();
    let project = with_things(&database);
    let reader = self::reader(&project, "reader", json!([may("things", "read", &["id", "name"])]));
    assert_eq!(asked(&project, &reader), [3, 3, 3]);
    let rule = |rule: &str| {
        format!("update directus_permissions set permissions = '{rule}' where collection = 'things'{NEWER}")
    };
    for (narrow, left) in [(r#"{"state":{"_eq":"shut"}}"#, 1), (r#"{"state":{"_eq":"gone"}}"#, 0)] {
        behind_its_back(&database, &rule(narrow));
        project.get(&reader, ITEM).is(403);
        behind_its_back(&database, &rule("{}"));
        asked(&project, &reader);
        behind_its_back(&database, &rule(narrow));
        let rows = project.get(&reader, LIST).is(200).at("");
        assert_eq!(rows.as_array().map(Vec::len), Some(left));
        behind_its_back(&database, &rule("{}"));
        asked(&project, &reader);
        behind_its_back(&database, &rule(narrow));
        assert_eq!(count(&project, &reader), left as u64);
        behind_its_back(&database, &rule("{}"));
        asked(&project, &reader);
    }
    behind_its_back(
        &database,
        &format!("update directus_permissions set fields = 'id' where collection = 'things'{NEWER}"),
    );
    project.get(&reader, ITEM).is(403);
    project.get(&reader, LIST).is(403);
}

#[test]
fn who_somebody_is_now_counts_and_not_who_it_was() {
    let database = SERVER.database().unwrap();
    let project = with_things(&database);
    let reader = self::reader(&project, "reader", json!([may("things", "read", &["id", "name"])]));
    let other = self::reader(
        &project,
        "other",
        json!([may_where(
            "things",
            "read",
            &["id", "name"],
            json!({"state": {"_eq": "shut"}})
        )]),
    );
    for token in [&reader, &other] {
        project.get(token, LIST).is(200);
    }
    asked(&project, &reader);
    // The tokens change owners: the same words now stand for somebody else. The version stays, as nothing of access changed.
    let (of_reader, of_other) = (stored(&reader), stored(&other));
    behind_its_back(
        &database,
        &format!(
            "update directus_users set token = 'nobody' where token = {of_reader}; update directus_users set token = {of_reader} \
             where token = {of_other}; update directus_users set token = {of_other} where token = 'nobody'"
        ),
    );
    project.get(&reader, ITEM).is(403);
    project.get(&reader, "/items/things/3?fields=id,name").is(200);
    assert_eq!((count(&project, &reader), count(&project, &other)), (1, 3));
    project.get(&other, ITEM).is(200);
    asked(&project, &other);
    for status in ["suspended", "active", "archived"] {
        behind_its_back(
            &database,
            &format!("update directus_users set status = '{status}' where token = {of_other}"),
        );
        let expected = if status == "active" { 200 } else { 401 };
        for target in [ITEM, LIST, COUNTED] {
            project.get(&other, target).is(expected);
        }
    }
    project.get(PUBLIC, ITEM).is(403);
    project.get(PUBLIC, LIST).is(403);
}

/// Everything that is remembered of this caller still holds; then it does not any more.
fn turns(project: &Project, token: &str, change: impl Fn(), expected: u16) {
    for target in [ITEM, LIST, COUNTED] {
        for _ in 0..3 {
            project.get(token, target).is(200);
        }
    }
    change();
    for target in [ITEM, LIST, COUNTED] {
        project.get(token, target).is(expected);
    }
}

#[test]
fn a_second_factor_that_goes_away_holds_up_at_the_next_read() {
    let database = SERVER.database().unwrap();
    let project = with_things(&database);
    let policy = project.policy("reads", json!([may("things", "read", &["id", "name"])]));
    let ann = project.user("ann", &[&policy]);
    let set = |secret: &str| {
        behind_its_back(
            &database,
            &format!("update directus_users set tfa_secret = {secret} where id = '{ann}'"),
        );
    };
    // Newly asked for, by somebody else's change of the policy.
    let asks = format!("update directus_policies set enforce_tfa = true where id = '{policy}'{NEWER}");
    turns(&project, "ann-token", || behind_its_back(&database, &asks), 403);
    // Gone, and nothing else: neither version, nor role, nor token tell of it.
    for none in ["null", "''"] {
        set("'JBSWY3DPEHPK3PXP'");
        turns(&project, "ann-token", || set(none), 403);
    }
    set("'JBSWY3DPEHPK3PXP'");
    let elsewhere = format!("update directus_users set provider = 'default', tfa_secret = null where id = '{ann}'");
    behind_its_back(
        &database,
        &format!("update directus_users set provider = 'elsewhere', tfa_secret = null where id = '{ann}'"),
    );
    turns(&project, "ann-token", || behind_its_back(&database, &elsewhere), 403);
}

#[test]
fn another_role_or_none_counts_at_the_next_read() {
    let database = SERVER.database().unwrap();
    let project = with_things(&database);
    let policy = project.policy("reads", json!([may("things", "read", &["id", "name"])]));
    let (readers, others) = (project.role("readers", &[&policy]), project.role("others", &[]));
    let ann = project.user("ann", &[]);
    let set = |role: &str| {
        behind_its_back(
            &database,
            &format!("update directus_users set role = {role} where id = '{ann}'"),
        );
    };
    for other in ["null".to_owned(), format!("'{others}'")] {
        set(&format!("'{readers}'"));
        turns(&project, "ann-token", || set(&other), 403);
    }
}

#[test]
fn what_credentials_stood_for_ends_with_them() {
    let database = SERVER.database().unwrap();
    let project = with_things(&database);
    let policy = project.policy("reads", json!([may("things", "read", &["id", "name"])]));
    let ann = project.user("ann", &[&policy]);
    project
        .patch(ADMIN, &format!("/users/{ann}"), json!({"password": "a long password"}))
        .is(200);
    let enter = |mode: &str| {
        let body = json!({"email": "ann@example.com", "password": "a long password", "mode": mode});
        project.post(PUBLIC, "/auth/login", body).is(200)
    };
    let run = |text: &str| behind_its_back(&database, text);
    let access = text(&enter("json").at("/access_token"));
    turns(
        &project,
        &access,
        || run("update directus_users set status = 'suspended'"),
        401,
    );
    run("update directus_users set status = 'active'");
    let session = enter("session");
    let cookie = session.head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    let session = cookie.and_then(|line| line.split(['=', ';']).nth(1)).unwrap();
    turns(
        &project,
        session,
        || run("update directus_sessions set expires = now() - interval '1 minute'"),
        401,
    );
    run("update directus_sessions set expires = now() + interval '1 hour'");
    turns(&project, session, || run("delete from directus_sessions"), 401);
    turns(
        &project,
        "ann-token",
        || run(&format!("update directus_users set token = null where id = '{ann}'")),
        401,
    );
}

#[test]
fn where_a_request_comes_from_is_its_own() {
    let database = SERVER.database().unwrap();
    let project = with_things(&database);
    let policy = project.policy("reads", json!([may("things", "read", &["id", "name"])]));
    project.user("ann", &[&policy]);
    project
        .patch(
            ADMIN,
            &format!("/policies/{policy}"),
            json!({"ip_access": ["10.0.0.0/8"]}),
        )
        .is(200);
    for _ in 0..3 {
        for (from, expected) in [("10.1.1.1", 200), ("11.1.1.1", 403)] {
            for target in [ITEM, LIST, COUNTED] {
                let from = format!("X-Forwarded-For: {from}\r\n");
                project
                    .ask_from("ann-token", &from, "GET", target, &Value::Null)
                    .is(expected);
            }
        }
    }
}

#[test]
fn counts_beside_the_page_are_those_of_their_own_statement() {
    let database = SERVER.database().unwrap();
    let project = with_things(&database);
    // Only the second case grants the name: rows of the first alone are counted, and not listed where only the name is asked.
    let policies = json!([
        may_where("things", "read", &["id", "state"], json!({"state": {"_eq": "open"}})),
        may_where("things", "read", &["id", "name"], json!({"state": {"_eq": "shut"}})),
    ]);
    let reader = self::reader(&project, "reader", policies);
    let told = |target: &str| -> Vec<(Value, usize)> {
        let ask = |_| {
            let reply = project.get(&reader, target).is(200);
            let rows = reply.at("").as_array().map_or(0, Vec::len);
            (reply.json()["meta"].clone(), rows)
        };
        (0..3).map(ask).collect()
    };
    let same = |target: &str, meta: Value, rows: usize| {
        assert_eq!(told(target), vec![(meta, rows); 3], "{target}");
    };
    same(
        "/items/things?fields=id&limit=1&meta=*",
        json!({"total_count": 3, "filter_count": 3}),
        1,
    );
    same(
        "/items/things?fields=name&meta=filter_count",
        json!({"filter_count": 3}),
        1,
    );
    same(
        "/items/things?fields=id&offset=7&meta=filter_count",
        json!({"filter_count": 3}),
        0,
    );
    same(
        "/items/things?fields=id&limit=0&meta=filter_count",
        json!({"filter_count": 3}),
        0,
    );
    same(
        "/items/things?fields=id&filter[state][_eq]=nothing&meta=*",
        json!({"total_count": 3, "filter_count": 0}),
        0,
    );
}
