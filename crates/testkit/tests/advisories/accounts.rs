//! Accounts and sessions (GHSA-56p6-qw3c-fq2g, GHSA-g65h-35f3-x2w3, GHSA-qw9g-7549-7wg5, GHSA-8xp8-xrh2-88vr,
//! GHSA-jgf4-vwc3-r46v, GHSA-jr94-gj3h-c8rf, GHSA-cph6-524f-3hgr): what a token once meant ends with what it rested on,
//! and nobody learns who is there.

use aedile_testkit::fixture::{ADMIN, PUBLIC, Project, Reply, id, may, text};
use serde_json::{Value, json};

/// Somebody with a password and a policy that makes an administrator, so that losing it shows.
fn deputy(p: &Project) -> (String, String) {
    let policy = id(&p
        .post(ADMIN, "/policies", json!({ "name": "deputy", "admin_access": true }))
        .ok());
    let user = p.user("deputy", &[&policy]);
    p.patch(
        ADMIN,
        &format!("/users/{user}"),
        json!({ "password": "secret-pass-1", "email": "Deputy@example.com" }),
    )
    .ok();
    (user, policy)
}

fn login(p: &Project, email: &str, password: &str) -> Reply {
    p.post(PUBLIC, "/auth/login", json!({ "email": email, "password": password }))
}

fn access_token(p: &Project) -> String {
    text(&login(p, "deputy@example.com", "secret-pass-1").ok().at("/access_token"))
}

#[test]
fn class_au_ghsa_56p6_qw3c_fq2g_a_token_ends_with_its_user() {
    for change in [
        json!({ "status": "suspended" }),
        json!({ "status": "archived" }),
        json!({ "status": "draft" }),
    ] {
        let p = Project::new();
        let (user, _) = deputy(&p);
        let told = login(&p, "deputy@example.com", "secret-pass-1").ok();
        let (token, refresh) = (text(&told.at("/access_token")), text(&told.at("/refresh_token")));
        p.get(&token, "/users").ok();
        p.patch(ADMIN, &format!("/users/{user}"), change).ok();
        for token in [token.as_str(), "deputy-token"] {
            p.get(token, "/users").is(401);
            p.denied(token, "PATCH", "/users/me", json!({ "first_name": "x" }))
                .is(401);
        }
        p.post(
            PUBLIC,
            "/auth/refresh",
            json!({ "refresh_token": refresh, "mode": "json" }),
        )
        .is(401);
        login(&p, "deputy@example.com", "secret-pass-1").is(401);
    }
}

#[test]
fn a_token_of_a_deleted_user_is_nobodys() {
    let p = Project::new();
    let (user, _) = deputy(&p);
    let token = access_token(&p);
    p.delete(ADMIN, &format!("/users/{user}"), Value::Null).ok();
    p.get(&token, "/users/me").is(401);
    p.get(&token, "/users").is(401);
}

/// What an older token says of its owner does not count: the database says who is an administrator.
#[test]
fn a_token_outlives_no_right() {
    let p = Project::new();
    let (user, policy) = deputy(&p);
    let role = p.role("deputies", &[&policy]);
    p.patch(
        ADMIN,
        &format!("/users/{user}"),
        json!({ "role": role, "policies": [] }),
    )
    .ok();
    let token = access_token(&p);
    p.get(&token, "/policies").ok();
    p.patch(ADMIN, &format!("/users/{user}"), json!({ "role": null })).ok();
    p.get(&token, "/policies").forbidden();
    p.patch(ADMIN, &format!("/users/{user}"), json!({ "role": role })).ok();
    p.get(&token, "/policies").ok();
    p.patch(ADMIN, &format!("/policies/{policy}"), json!({ "admin_access": false }))
        .ok();
    p.get(&token, "/policies").forbidden();
}

#[test]
fn ghsa_g65h_35f3_x2w3_a_session_ends_with_its_logout() {
    let p = Project::new();
    deputy(&p);
    let form = json!({ "email": "deputy@example.com", "password": "secret-pass-1", "mode": "session" });
    let told = p.post(PUBLIC, "/auth/login", form).ok();
    let cookie = told
        .head
        .split("directus_session_token=")
        .nth(1)
        .and_then(|rest| rest.split(';').next())
        .unwrap()
        .to_owned();
    let header = format!("Cookie: directus_session_token={cookie}\r\n");
    p.ask_from("", &header, "GET", "/policies", &Value::Null).ok();
    p.get(&cookie, "/policies").ok();
    p.ask_from("", &header, "POST", "/auth/logout", &json!({ "mode": "session" }))
        .ok();
    p.get(&cookie, "/policies").is(401);
    assert_ne!(p.ask_from("", &header, "GET", "/policies", &Value::Null).status, 200);
}

#[test]
fn a_session_ends_with_its_password() {
    let p = Project::new();
    let (user, _) = deputy(&p);
    let refresh = text(
        &login(&p, "deputy@example.com", "secret-pass-1")
            .ok()
            .at("/refresh_token"),
    );
    p.patch(ADMIN, &format!("/users/{user}"), json!({ "password": "secret-pass-2" }))
        .ok();
    p.post(
        PUBLIC,
        "/auth/refresh",
        json!({ "refresh_token": refresh, "mode": "json" }),
    )
    .is(401);
}

/// An address that only looks the same is another; one that differs in case alone is the same.
#[test]
fn ghsa_qw9g_7549_7wg5_ghsa_8xp8_xrh2_88vr_an_address_is_its_own() {
    let p = Project::new();
    deputy(&p);
    login(&p, "DEPUTY@EXAMPLE.COM", "secret-pass-1").ok();
    for other in [
        "dépụty@example.com",
        "deputy@exämple.com",
        "ｄeputy@example.com",
        "deputy@example.com\u{0}",
        "%deputy@example.com",
        "deputy_@example.com",
    ] {
        let reply = login(&p, other, "secret-pass-1");
        assert!(matches!(reply.status, 400 | 401), "{other}: {}", reply.status);
    }
    p.denied(ADMIN, "POST", "/users", json!({ "email": "DEPUTY@example.com" }))
        .is(400);
    p.denied(ADMIN, "PATCH", "/users/me", json!({ "email": "dePUty@example.com" }))
        .is(400);
}

/// Every refusal of a login is the same refusal.
#[test]
fn ghsa_jgf4_vwc3_r46v_a_login_does_not_tell_who_is_there() {
    let p = Project::new();
    deputy(&p);
    for (name, change) in [
        ("sso", json!({ "provider": "github", "external_identifier": "x" })),
        ("gone", json!({ "status": "suspended" })),
        ("bare", json!({})),
    ] {
        let user = p.user(name, &[]);
        p.patch(ADMIN, &format!("/users/{user}"), change).ok();
    }
    let told: Vec<(u16, String)> = ["deputy", "nobody", "sso", "gone", "bare"]
        .map(|name| login(&p, &format!("{name}@example.com"), "wrong-pass"))
        .map(|reply| (reply.status, reply.text))
        .to_vec();
    assert_eq!(told[0].0, 401);
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
}

#[test]
fn ghsa_jr94_gj3h_c8rf_a_forgotten_password_does_not_tell_who_is_there() {
    let p = Project::new();
    deputy(&p);
    for body in [
        json!({}),
        json!({ "reset_url": "https://evil.example.com" }),
        json!({ "reset_url": "https://user@localhost/x" }),
    ] {
        let told: Vec<(u16, String)> = ["deputy@example.com", "nobody@example.com"]
            .map(|email| {
                let mut body = body.clone();
                body["email"] = json!(email);
                p.post(PUBLIC, "/auth/password/request", body)
            })
            .map(|reply| (reply.status, reply.text))
            .to_vec();
        assert_eq!(told[0], told[1], "{body}");
    }
}

/// Registration tells as little: an address that is taken is answered like one that is not.
#[test]
fn a_registration_does_not_tell_who_is_there() {
    let p = Project::with(&[("REGISTER_STALL_TIME", "0")]);
    deputy(&p);
    p.patch(
        ADMIN,
        "/settings",
        json!({ "public_registration": true, "public_registration_verify_email": true }),
    )
    .ok();
    let told = ["deputy@example.com", "new@example.com"]
        .map(|email| {
            p.post(
                PUBLIC,
                "/users/register",
                json!({ "email": email, "password": "secret-pass-1" }),
            )
        })
        .map(|reply| (reply.status, reply.text));
    assert_eq!(told[0], told[1]);
}

/// What is missing and what is forbidden answer alike.
#[test]
fn class_en_ghsa_cph6_524f_3hgr_what_is_missing_answers_like_what_is_forbidden() {
    let p = Project::new();
    p.collection("closed", &[("secret", "string")]);
    p.collection("open", &[("title", "string"), ("secret", "string")]);
    p.post(ADMIN, "/items/open", json!({ "title": "one" })).ok();
    p.post(ADMIN, "/items/closed", json!({ "secret": "one" })).ok();
    p.user_who(
        "ann",
        json!([
            may("open", "read", &["id", "title"]),
            may("open", "update", &["title"]),
            may("open", "create", &["title"])
        ]),
    );
    let pairs = [
        ("/items/closed", "/items/absent"),
        ("/items/closed/1", "/items/absent/1"),
        ("/items/closed/1", "/items/closed/2"),
        ("/items/open?fields=secret", "/items/open?fields=absent"),
        ("/items/open?filter[secret][_eq]=1", "/items/open?filter[absent][_eq]=1"),
        ("/items/open?sort=secret", "/items/open?sort=absent"),
        ("/items/open?aggregate[max]=secret", "/items/open?aggregate[max]=absent"),
        ("/items/open?groupBy=secret", "/items/open?groupBy=absent"),
        ("/collections/closed", "/collections/absent"),
        ("/fields/closed", "/fields/absent"),
        ("/fields/open/secret", "/fields/open/absent"),
        ("/relations/closed/secret", "/relations/absent/secret"),
    ];
    let plain = |text: &str| {
        ["closed", "secret"]
            .iter()
            .fold(text.to_owned(), |text, name| text.replace(name, "absent"))
            .replace("\"2\"", "\"1\"")
    };
    for token in ["ann-token", PUBLIC] {
        for (one, other) in pairs {
            let (one_is, other_is) = (p.get(token, one), p.get(token, other));
            assert_eq!(
                (one_is.status, plain(&one_is.text)),
                (other_is.status, plain(&other_is.text)),
                "{one} {other}"
            );
        }
        for (method, body) in [
            ("POST", json!({ "secret": "x" })),
            ("PATCH", json!({ "keys": [1], "data": { "secret": "x" } })),
            ("DELETE", json!([1])),
        ] {
            let told = ["/items/closed", "/items/absent"].map(|target| p.denied(token, method, target, body.clone()));
            assert_eq!(plain(&told[0].text), plain(&told[1].text), "{method}");
        }
        for field in ["secret", "absent"] {
            let told = ["/items/open", "/items/open/1"].map(|target| {
                let method = if target.ends_with('1') { "PATCH" } else { "POST" };
                p.denied(token, method, target, json!({ field: "x" }))
            });
            assert!(told.iter().all(|reply| reply.status == 403), "{field}");
        }
    }
}

/// Whether an address is taken is told to nobody who may not write one.
#[test]
fn an_address_that_is_taken_is_not_told_to_who_may_write_none() {
    let p = Project::new();
    deputy(&p);
    p.user_who(
        "ann",
        json!([
            may("directus_users", "create", &["first_name"]),
            may("directus_users", "update", &["first_name"])
        ]),
    );
    for email in ["deputy@example.com", "nobody@example.com"] {
        p.refused("ann-token", "POST", "/users", json!({ "email": email }));
        p.refused("ann-token", "PATCH", "/users/me", json!({ "email": email }));
    }
}

/// A window that another site has opened has no hold on ours.
#[test]
fn ghsa_8m32_p958_jg99_no_other_site_holds_our_windows() {
    let p = Project::new();
    for path in ["/auth", "/auth/login", "/auth/login/github", "/server/info", "/nowhere"] {
        let head = p.get(PUBLIC, path).head.to_lowercase();
        assert!(
            head.contains("cross-origin-opener-policy: same-origin"),
            "{path}: {head}"
        );
        assert!(head.contains("x-content-type-options: nosniff"), "{path}");
    }
}

/// The answer to a login is for whoever logged in, and is given to nobody else without asking again.
#[test]
fn ghsa_cff8_x7jv_4fm8_the_answer_to_a_login_is_not_kept() {
    let p = Project::new();
    deputy(&p);
    for mode in ["json", "cookie", "session"] {
        let form = json!({ "email": "deputy@example.com", "password": "secret-pass-1", "mode": mode });
        let told = p.post(PUBLIC, "/auth/login", form).ok();
        assert!(
            told.head.to_lowercase().contains("cache-control: no-cache"),
            "{mode}: {}",
            told.head
        );
    }
    let refresh = text(
        &login(&p, "deputy@example.com", "secret-pass-1")
            .ok()
            .at("/refresh_token"),
    );
    let form = json!({ "refresh_token": refresh, "mode": "json" });
    let told = p.post(PUBLIC, "/auth/refresh", form).ok();
    assert!(told.head.to_lowercase().contains("cache-control: no-cache"));
    p.get(PUBLIC, "/users/me").is(401);
}

/// Whether a server is well is told in a word, whoever asks how often: nothing is tried out for it that costs others.
#[test]
fn ghsa_6q22_g298_grjh_the_state_of_health_costs_nothing() {
    let p = Project::new();
    for _ in 0..20 {
        assert_eq!(p.get(PUBLIC, "/server/health").ok().text, "{\"status\":\"ok\"}");
    }
}
