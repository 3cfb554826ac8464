//! Forms, claims, refusals that are all the same, and suspension.

use aedile_engine::{Code, Json, Result, access::Caller, value::Param};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use crate::{
    LoginForm, Mode,
    fixture::{ADMIN, NOW, PASSWORD, Project, code},
    statement::{int, text},
    token::Token,
};

/// What a token of ours says.
fn claims(token: &Token) -> Json {
    let payload = token.expose().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

#[test]
fn malformed_forms_are_refused_before_anything_else() {
    for body in [
        json!([]),
        json!({}),
        json!({ "email": "ann@example.com" }),
        json!({ "password": "x" }),
        json!({ "email": " ann@example.com ", "password": "x" }),
        json!({ "email": "ann@example.com", "password": "" }),
        json!({ "email": "ann@example.com", "password": ["x"] }),
        json!({ "email": { "_eq": "ann@example.com" }, "password": "x" }),
        json!({ "email": "ann@example.com", "password": "x", "otp": "" }),
        json!({ "email": "ann@example.com", "password": "x", "otp": 123456 }),
        json!({ "email": "ann@example.com", "password": "x", "mode": "other" }),
        json!({ "email": "ann@example.com", "password": "x", "mode": null }),
    ] {
        assert_eq!(code(LoginForm::read(&body)), Code::InvalidPayload, "{body}");
    }
    let form = json!({ "email": "ann@example.com", "password": "x", "extra": 1 });
    assert_eq!(LoginForm::read(&form).unwrap().mode(), Mode::Json);
}

#[tokio::test]
async fn each_mode_gives_what_it_says() {
    let project = Project::new().await;
    let ann = project.user("Ann@Example.com", json!({})).await;
    let plain = project.enter("ann@example.COM", "json").await;
    assert_eq!(plain.expires, 900_000);
    assert!(plain.refresh.is_some());
    assert_eq!(
        claims(&plain.access),
        json!({
            "id": ann, "role": null, "app_access": false, "admin_access": false,
            "iat": NOW / 1000, "exp": NOW / 1000 + 900, "iss": "directus",
        })
    );
    let session = project.enter("ann@example.com", "session").await;
    assert_eq!(session.expires, 86_400_000);
    assert!(session.refresh.is_none());
    let name = claims(&session.access)["session"].as_str().unwrap().to_owned();
    assert_eq!(name.len(), 64);
    let stored = project
        .count(
            "select count(*) from directus_sessions where token = {} and \"user\" = {} and expires = {}",
            [name.into(), ann.into(), Param::Instant(NOW + 86_400_000)],
        )
        .await;
    assert_eq!(stored, 1);
}

#[tokio::test]
async fn claims_tell_of_policies_by_role_and_by_user() {
    let project = Project::new().await;
    let policy = |name: &str, admin: bool| json!({ "name": name, "app_access": true, "admin_access": admin });
    let boss = project.make("directus_policies", policy("Boss", true)).await;
    let role = project
        .make(
            "directus_roles",
            json!({ "name": "Staff", "policies": [{ "policy": policy("App", false) }] }),
        )
        .await;
    project.user("staff@example.com", json!({ "role": role })).await;
    project
        .user(
            "both@example.com",
            json!({ "role": role, "policies": [{ "policy": boss }] }),
        )
        .await;
    let version = project.auth.app().version().await.unwrap();
    project.auth.app().snapshot_at(version).await.unwrap();
    let staff = claims(&project.enter("staff@example.com", "json").await.access);
    assert_eq!(staff["role"], json!(role));
    assert_eq!(
        (&staff["app_access"], &staff["admin_access"]),
        (&json!(true), &json!(false))
    );
    let both = claims(&project.enter("both@example.com", "json").await.access);
    assert_eq!(
        (&both["app_access"], &both["admin_access"]),
        (&json!(true), &json!(true))
    );
}

#[tokio::test]
async fn every_refusal_is_the_same() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    project.user("nopass@example.com", json!({ "password": null })).await;
    for status in ["draft", "invited", "unverified", "suspended", "archived"] {
        let email = format!("{status}@example.com");
        project.user(&email, json!({ "status": status })).await;
    }
    let sso = project.user("sso@example.com", json!({})).await;
    project
        .execute("update directus_users set provider = 'sso' where id = {}", [sso.into()])
        .await;
    let wrong = json!({ "email": "ann@example.com", "password": "wrong" });
    let refusal = project.login(wrong).await.err().unwrap();
    assert_eq!(refusal.code(), Code::InvalidCredentials);
    for (email, password) in [
        ("nobody@example.com", PASSWORD),
        ("%@example.com", PASSWORD),
        ("nopass@example.com", "null"),
        ("draft@example.com", PASSWORD),
        ("invited@example.com", PASSWORD),
        ("unverified@example.com", PASSWORD),
        ("suspended@example.com", PASSWORD),
        ("suspended@example.com", "wrong"),
        ("archived@example.com", PASSWORD),
        ("sso@example.com", PASSWORD),
        ("ann@example.com", &"x".repeat(5000)),
    ] {
        let body = json!({ "email": email, "password": password });
        assert_eq!(project.login(body).await.err().as_ref(), Some(&refusal), "{email}");
    }
}

#[tokio::test]
async fn a_hash_of_an_unknown_kind_lets_nobody_in() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    project
        .execute(
            "update directus_users set password = 'plain' where id = {}",
            [ann.into()],
        )
        .await;
    for password in ["plain", PASSWORD] {
        let body = json!({ "email": "ann@example.com", "password": password });
        assert_eq!(code(project.login(body).await), Code::InvalidCredentials);
    }
}

#[tokio::test]
async fn a_login_leaves_its_traces_and_a_refusal_none() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let accesses = "select count(*) from directus_users where last_access is not null and id = {}";
    let logins = "select count(*) from directus_activity where action = 'login' and \"user\" = {}";
    let wrong = json!({ "email": "ann@example.com", "password": "wrong" });
    assert!(project.login(wrong).await.is_err());
    assert_eq!(project.count(accesses, [ann.as_str().into()]).await, 0);
    project.enter("ann@example.com", "json").await;
    assert_eq!(project.count(accesses, [ann.as_str().into()]).await, 1);
    assert_eq!(project.count(logins, [ann.as_str().into()]).await, 1);
}

#[tokio::test]
async fn too_many_wrong_passwords_in_a_row_suspend() {
    let project = Project::new().await;
    project.settings(json!({ "auth_login_attempts": 2 })).await;
    let ann = project.user("ann@example.com", json!({ "token": "ann-token-1" })).await;
    let session = project.enter("ann@example.com", "session").await;
    let wrong = json!({ "email": "ann@example.com", "password": "wrong" });
    for _ in 0..2 {
        assert_eq!(code(project.login(wrong.clone()).await), Code::InvalidCredentials);
    }
    project.enter("ann@example.com", "json").await;
    for _ in 0..2 {
        assert_eq!(code(project.login(wrong.clone()).await), Code::InvalidCredentials);
    }
    assert_eq!(project.status(&ann).await, "active");
    assert_eq!(code(project.login(wrong).await), Code::InvalidCredentials);
    assert_eq!(project.status(&ann).await, "suspended");
    for token in ["ann-token-1", session.access.expose()] {
        assert_eq!(code(project.caller(token, NOW).await), Code::InvalidCredentials);
    }
    project
        .execute(
            "update directus_users set status = 'active' where id = {}",
            [ann.as_str().into()],
        )
        .await;
    project.enter("ann@example.com", "json").await;
}

#[tokio::test]
async fn without_a_limit_nobody_is_suspended() {
    let project = Project::new().await;
    project.settings(json!({ "auth_login_attempts": null })).await;
    let ann = project.user("ann@example.com", json!({})).await;
    for _ in 0..30 {
        let wrong = json!({ "email": "ann@example.com", "password": "wrong" });
        assert_eq!(code(project.login(wrong).await), Code::InvalidCredentials);
    }
    assert_eq!(project.status(&ann).await, "active");
}

#[tokio::test]
async fn the_last_administrator_is_never_suspended() {
    let project = Project::new().await;
    project.settings(json!({ "auth_login_attempts": 0 })).await;
    let wrong = json!({ "email": ADMIN, "password": "wrong" });
    let id = |caller: Caller| caller.user().unwrap().to_owned();
    let admin = id(project.caller("admin-token-1", NOW).await.unwrap());
    assert!(project.login(wrong.clone()).await.is_err());
    assert_eq!(project.status(&admin).await, "active");
    let boss = json!({ "name": "Boss", "admin_access": true, "app_access": true });
    let second = project
        .user("boss@example.com", json!({ "policies": [{ "policy": boss }] }))
        .await;
    assert!(project.login(wrong).await.is_err());
    assert_eq!(project.status(&admin).await, "suspended");
    let wrong = json!({ "email": "boss@example.com", "password": "wrong" });
    assert!(project.login(wrong).await.is_err());
    assert_eq!(project.status(&second).await, "active", "now it is the last one");
}

#[tokio::test]
async fn a_session_is_not_opened_for_whom_it_was_not_judged() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let rows = project
        .rows(
            "select password from directus_users where id = {}",
            [ann.as_str().into()],
        )
        .await;
    let hash = text(&rows[0], 0).unwrap();
    let token = Token::random().unwrap();
    let peer = crate::Peer::default();
    let open = |hash: &str| project.auth.open_session(&ann, hash, Mode::Json, &token, &peer, NOW);
    assert!(!project.auth.write_if(open("another"), Vec::new()).await.unwrap());
    project
        .execute(
            "update directus_users set status = 'suspended' where id = {}",
            [ann.as_str().into()],
        )
        .await;
    assert!(!project.auth.write_if(open(&hash), Vec::new()).await.unwrap());
    project
        .execute(
            "update directus_users set status = 'active' where id = {}",
            [ann.as_str().into()],
        )
        .await;
    assert!(project.auth.write_if(open(&hash), Vec::new()).await.unwrap());
}

#[tokio::test]
async fn sessions_that_are_over_are_removed_now_and_then() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    project.enter("ann@example.com", "json").await;
    let month = NOW + 30 * 86_400_000;
    let body = json!({ "email": "ann@example.com", "password": PASSWORD });
    project.login_at(body, month).await.unwrap();
    let rows = project.rows("select expires from directus_sessions", []).await;
    assert_eq!(rows.len(), 1);
    assert!(int(&rows[0], 0).unwrap() > month);
}

fn from(ip: &str) -> crate::Peer {
    crate::Peer {
        ip: Some(ip.parse().unwrap()),
        ..Default::default()
    }
}

async fn try_from(project: &Project, ip: &str, email: &str, password: &str) -> Result<crate::Pass> {
    let form = LoginForm::read(&json!({ "email": email, "password": password }))?;
    project
        .auth
        .login(&project.auth.app().snapshot(), form, &from(ip), NOW)
        .await
}

/// What an address tries beyond its measure is neither looked at nor counted, so nobody is suspended from one address in a
/// moment.
#[tokio::test]
async fn tries_beyond_the_throttle_do_not_count() {
    let project = Project::with(|settings| {
        settings.rate_limit_login.enabled = true;
        settings.rate_limit_login.points = 3;
    })
    .await;
    project.settings(json!({ "auth_login_attempts": 5 })).await;
    let ann = project.user("ann@example.com", json!({})).await;
    for n in 0..20 {
        let refused = code(try_from(&project, "1.1.1.1", "ann@example.com", "wrong").await);
        let expected = if n < 3 {
            Code::InvalidCredentials
        } else {
            Code::RequestsExceeded
        };
        assert_eq!(refused, expected, "{n}");
    }
    let unknown = code(try_from(&project, "1.1.1.1", "nobody@example.com", "wrong").await);
    assert_eq!(unknown, Code::RequestsExceeded, "whoever is asked for");
    assert_eq!(
        code(try_from(&project, "1.1.1.1", "ann@example.com", PASSWORD).await),
        Code::RequestsExceeded
    );
    assert_eq!(project.status(&ann).await, "active");
    for _ in 0..3 {
        assert_eq!(
            code(try_from(&project, "2.2.2.2", "ann@example.com", "wrong").await),
            Code::InvalidCredentials
        );
    }
    assert_eq!(project.status(&ann).await, "suspended", "six that did count");
}

/// The last administrator is not suspended but slowed down, for whoever guesses and not for everybody.
#[tokio::test]
async fn the_last_administrator_is_slowed_down_where_guesses_come_from() {
    let project = Project::new().await;
    project.settings(json!({ "auth_login_attempts": 2 })).await;
    for _ in 0..4 {
        assert_eq!(
            code(try_from(&project, "1.1.1.1", ADMIN, "wrong").await),
            Code::InvalidCredentials
        );
    }
    let refused = try_from(&project, "1.1.1.1", ADMIN, PASSWORD).await;
    assert_eq!(
        code(refused),
        Code::InvalidCredentials,
        "right or wrong, and told like any other"
    );
    assert!(try_from(&project, "2.2.2.2", ADMIN, PASSWORD).await.is_ok());
    assert!(
        try_from(&project, "1.1.1.1", ADMIN, PASSWORD).await.is_ok(),
        "a right one begins anew"
    );
}
