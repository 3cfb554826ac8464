//! Secrets where nobody looks for them (GHSA-mvv8-v4jj-g47j, GHSA-r9xq-xp38-j4j3, GHSA-vw58-ph65-6rxp,
//! GHSA-rmjh-cf9q-pv7q, GHSA-8vg2-wf3q-mwv7): history, settings, logs, errors, versions.

use aedile_testkit::fixture::{ADMIN, PUBLIC, Project, id, may};
use serde_json::{Value, json};

#[test]
fn class_ex_ghsa_mvv8_v4jj_g47j_history_holds_no_secret() {
    let p = Project::new();
    p.collection("notes", &[("text", "string")]);
    p.post(
        ADMIN,
        "/fields/notes",
        json!({ "field": "pin", "type": "string", "meta": { "special": ["conceal"] }, "schema": {} }),
    )
    .ok();
    p.post(
        ADMIN,
        "/fields/notes",
        json!({ "field": "code", "type": "hash", "meta": { "special": ["hash"] }, "schema": {} }),
    )
    .ok();
    p.relation("notes", "by", "directus_users", Some("notes"));
    let secrets =
        json!({ "password": "planted-password", "token": "planted-token", "auth_data": { "refresh": "planted-auth" } });
    let mut new = secrets.clone();
    new["email"] = json!("a@example.com");
    new["notes"] = json!([{ "text": "t", "pin": "planted-pin", "code": "planted-code" }]);
    let user = id(&p.post(ADMIN, "/users", new).ok());
    p.patch(ADMIN, &format!("/users/{user}"), secrets.clone()).ok();
    p.patch(
        ADMIN,
        "/users",
        json!({ "keys": [user], "data": { "token": "planted-second" } }),
    )
    .ok();
    p.patch(
        ADMIN,
        "/items/notes/1",
        json!({ "pin": "planted-pin-2", "code": "planted-code-2" }),
    )
    .ok();
    for field in ["ai_openai_api_key", "ai_anthropic_api_key"] {
        p.patch(ADMIN, "/settings", json!({ field: "planted-key" }));
    }
    p.post(
        PUBLIC,
        "/auth/login",
        json!({ "email": "a@example.com", "password": "planted-wrong" }),
    )
    .is(401);
    for table in ["directus_revisions", "directus_activity"] {
        let rows = p.contents().remove(table).unwrap().join("\n");
        assert!(!rows.contains("planted") && !rows.contains("argon2"), "{table}: {rows}");
    }
    for target in [
        "/revisions?fields=*&limit=-1",
        "/activity?fields=*.*&limit=-1",
        "/settings?fields=*",
        "/items/notes?fields=*",
    ] {
        let told = p.get(ADMIN, target).ok();
        assert!(
            !told.text.contains("planted") && !told.text.contains("argon2"),
            "{target}: {}",
            told.text
        );
    }
}

#[test]
fn ghsa_r9xq_xp38_j4j3_keys_of_the_settings_are_masked() {
    let p = Project::new();
    let app = id(&p
        .post(ADMIN, "/policies", json!({ "name": "app", "app_access": true }))
        .ok());
    p.user("ann", &[&app]);
    let names = p.get(ADMIN, "/fields/directus_settings").ok();
    let keys: Vec<String> = names
        .at("")
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|field| field["field"].as_str().map(str::to_owned))
        .filter(|name| name.ends_with("_api_key") || name.ends_with("_secret") || name.ends_with("_token"))
        .collect();
    assert!(!keys.is_empty(), "the settings hold no key that could leak");
    for key in &keys {
        p.patch(ADMIN, "/settings", json!({ key: "planted-key" }));
    }
    for token in ["ann-token", ADMIN, PUBLIC] {
        for query in ["", "fields=*", "search=planted-key", "export=json"] {
            assert!(
                !p.get(token, &format!("/settings?{query}")).text.contains("planted"),
                "{query}"
            );
        }
        assert!(!p.get(token, "/server/info").text.contains("planted"));
    }
}

#[test]
fn ghsa_vw58_ph65_6rxp_ghsa_8vg2_wf3q_mwv7_logs_hold_no_token() {
    let p = Project::with(&[("LOG_LEVEL", "trace")]);
    p.user("ann", &[]);
    let own = p.get(ADMIN, "/users/me?fields=id").ok().at("/id");
    p.patch(
        ADMIN,
        &format!("/users/{}", own.as_str().unwrap()),
        json!({ "token": "planted-token" }),
    )
    .ok();
    p.get("", "/users?access_token=planted-token&filter[token][_eq]=planted-token")
        .is(400);
    p.get("planted-token", "/users").ok();
    p.post(
        PUBLIC,
        "/auth/login",
        json!({ "email": "admin@example.com", "password": "planted-password" }),
    )
    .is(401);
    p.post(
        PUBLIC,
        "/auth/refresh",
        json!({ "refresh_token": "planted-refresh", "mode": "json" }),
    )
    .is(401);
    p.patch("planted-token", "/users/me", json!({ "password": "planted-new" }))
        .ok();
    p.ask_from(
        "",
        "Cookie: directus_session_token=planted-cookie\r\n",
        "GET",
        "/users",
        &Value::Null,
    );
    let log = p.log();
    assert!(log.contains("/users"), "nothing is logged at all");
    assert!(
        !log.contains("planted"),
        "{}",
        log.lines().find(|line| line.contains("planted")).unwrap_or_default()
    );
}

/// The program's own version is told to administrators alone; that of the interface it speaks, to nobody unknown.
#[test]
fn ghsa_rmjh_cf9q_pv7q_the_version_is_not_told_to_everybody() {
    let p = Project::new();
    p.user("ann", &[]);
    let interface = p.get(ADMIN, "/server/info").ok().at("/version").to_string();
    let own = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    for target in [
        "/server/info",
        "/server/health",
        "/server/ping",
        "/server/specs/oas",
        "/",
        "/nowhere",
    ] {
        for token in [PUBLIC, "ann-token"] {
            let told = p.get(token, target).whole();
            assert!(!told.contains(&own), "{target}: {told}");
            assert!(!told.to_lowercase().contains("x-powered-by"), "{target}: {told}");
        }
        let told = p.get(PUBLIC, target).whole();
        assert!(!told.contains(&interface), "{target}: {told}");
    }
}

#[test]
fn errors_repeat_no_secret() {
    let p = Project::new();
    p.collection("notes", &[("text", "string")]);
    let pin = json!({ "field": "pin", "type": "string", "meta": { "special": ["conceal"] }, "schema": { "is_unique": true, "max_length": 20 } });
    p.post(ADMIN, "/fields/notes", pin).ok();
    p.user_who(
        "ann",
        json!([may("notes", "create", &["*"]), may("notes", "read", &["*"])]),
    );
    p.post(ADMIN, "/items/notes", json!({ "pin": "planted-pin" })).ok();
    let twice = p.denied("ann-token", "POST", "/items/notes", json!({ "pin": "planted-pin" }));
    assert_eq!(twice.code(), "RECORD_NOT_UNIQUE");
    assert!(!twice.text.contains("planted"), "{}", twice.text);
    p.patch(ADMIN, "/settings", json!({ "auth_password_policy": "/^.{30,}$/" }))
        .ok();
    for (token, target, body) in [
        (
            ADMIN,
            "/users",
            json!({ "email": "x@example.com", "password": "planted" }),
        ),
        (
            ADMIN,
            "/users",
            json!([{ "email": "x@example.com", "password": "planted" }]),
        ),
    ] {
        let told = p.denied(token, "POST", target, body);
        assert!(
            told.code() == "FAILED_VALIDATION" && !told.text.contains("planted"),
            "{}",
            told.text
        );
    }
    let told = p.denied(ADMIN, "PATCH", "/users/me", json!({ "password": "planted" }));
    assert!(!told.text.contains("planted"), "{}", told.text);
    p.denied(ADMIN, "PATCH", "/users/me", json!({ "password": "" }));
}

/// A client that writes back what it read changes no secret.
#[test]
fn leak_10_a_mask_sent_back_changes_nothing() {
    let p = Project::new();
    let user = p.user("ann", &[]);
    p.patch(ADMIN, &format!("/users/{user}"), json!({ "password": "secret-pass-1" }))
        .ok();
    let sql = "select password || token from directus_users where first_name = 'ann'";
    let before = p.stored(sql);
    let read = p.get(ADMIN, &format!("/users/{user}")).ok().at("");
    let mask = json!({ "token": read["token"], "password": read["password"], "tfa_secret": "**********" });
    p.patch(ADMIN, &format!("/users/{user}"), mask).ok();
    assert_eq!(p.stored(sql), before);
    p.get("ann-token", "/users/me").ok();
    p.get("**********", "/users/me").is(401);
}
