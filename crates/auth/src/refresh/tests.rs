//! Rotation, parallel requests, and the end of sessions.

use aedile_engine::Code;
use serde_json::json;

use crate::{
    Mode,
    fixture::{NOW, PASSWORD, Project, body, code},
    login::Pass,
};

const DAY: i64 = 86_400_000;

fn refresh_token(pass: &Pass) -> &str {
    pass.refresh.as_ref().unwrap().expose()
}

#[tokio::test]
async fn a_refresh_token_is_used_up_by_its_use() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    let first = project.enter("ann@example.com", "json").await;
    let second = project.refresh(Mode::Json, refresh_token(&first), NOW).await.unwrap();
    assert_ne!(refresh_token(&first), refresh_token(&second));
    assert!(project.caller(second.access.expose(), NOW).await.is_ok());
    let again = project.refresh(Mode::Json, refresh_token(&first), NOW).await;
    assert_eq!(code(again), Code::InvalidCredentials);
    let third = project.refresh(Mode::Cookie, refresh_token(&second), NOW).await;
    assert!(third.is_ok(), "the reuse did no harm, and the token serves either mode");
}

#[tokio::test]
async fn of_two_at_once_one_gets_through() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    let first = project.enter("ann@example.com", "json").await;
    let token = refresh_token(&first);
    let both = tokio::join!(
        project.refresh(Mode::Json, token, NOW),
        project.refresh(Mode::Json, token, NOW)
    );
    let through = [both.0.is_ok(), both.1.is_ok()];
    assert_eq!(through.iter().filter(|ok| **ok).count(), 1);
    assert_eq!(project.count("select count(*) from directus_sessions", []).await, 1);
}

#[tokio::test]
async fn refresh_tokens_end_with_time_and_with_their_user() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let pass = project.enter("ann@example.com", "json").await;
    let token = refresh_token(&pass);
    let late = project.refresh(Mode::Json, token, NOW + 7 * DAY).await;
    assert_eq!(code(late), Code::InvalidCredentials);
    project
        .execute(
            "update directus_users set status = 'suspended' where id = {}",
            [ann.as_str().into()],
        )
        .await;
    let suspended = project.refresh(Mode::Json, token, NOW).await;
    assert_eq!(code(suspended), Code::InvalidCredentials);
    project
        .execute("delete from directus_users where id = {}", [ann.into()])
        .await;
    let deleted = project.refresh(Mode::Json, token, NOW).await;
    assert_eq!(code(deleted), Code::InvalidCredentials);
    for unknown in ["garbage", pass.access.expose()] {
        let refused = project.refresh(Mode::Json, unknown, NOW).await;
        assert_eq!(code(refused), Code::InvalidCredentials);
    }
}

#[tokio::test]
async fn a_refresh_brings_the_claims_up_to_date() {
    let project = Project::new().await;
    let role = project.make("directus_roles", json!({ "name": "Staff" })).await;
    let ann = project.user("ann@example.com", json!({})).await;
    let pass = project.enter("ann@example.com", "json").await;
    project
        .execute(
            "update directus_users set role = {} where id = {}",
            [role.as_str().into(), ann.into()],
        )
        .await;
    let pass = project.refresh(Mode::Json, refresh_token(&pass), NOW).await.unwrap();
    let claims = project.auth.key_claims(&pass.access);
    assert_eq!(claims.role.as_deref(), Some(role.as_str()));
}

#[tokio::test]
async fn a_replaced_session_stays_good_for_a_moment() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    let old = project.enter("ann@example.com", "session").await;
    let old = old.access.expose();
    let new = project.refresh(Mode::Session, old, NOW).await.unwrap();
    let new = new.access.expose();
    assert!(project.caller(old, NOW + 9_000).await.is_ok());
    assert!(project.caller(new, NOW + 9_000).await.is_ok());
    let parallel = project.refresh(Mode::Session, old, NOW + 5_000).await.unwrap();
    let session = |token: &crate::token::Token| project.auth.key_claims(token).session.unwrap();
    let new_token = crate::token::Token::new(new).unwrap();
    assert!(
        session(&parallel.access).matches(session(&new_token).expose()),
        "a parallel refresh leads to the same session"
    );
    assert_eq!(project.count("select count(*) from directus_sessions", []).await, 2);
    assert_eq!(code(project.caller(old, NOW + 10_000).await), Code::InvalidCredentials);
    let late = project.refresh(Mode::Session, old, NOW + 10_000).await;
    assert_eq!(code(late), Code::InvalidCredentials);
    assert!(project.caller(new, NOW + 10_000).await.is_ok());
}

#[tokio::test]
async fn a_session_that_ended_is_not_brought_back_by_the_one_it_replaced() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    let old = project.enter("ann@example.com", "session").await;
    let new = project.refresh(Mode::Session, old.access.expose(), NOW).await.unwrap();
    let cookie = Some(new.access.expose());
    let ticket = project
        .auth
        .ticket(&body(json!({ "mode": "session" })), None, cookie, NOW)
        .unwrap();
    project.auth.logout(ticket).await.unwrap();
    for token in [old.access.expose(), new.access.expose()] {
        assert_eq!(code(project.caller(token, NOW).await), Code::InvalidCredentials);
        let refused = project.refresh(Mode::Session, token, NOW).await;
        assert_eq!(code(refused), Code::InvalidCredentials);
    }
    assert_eq!(project.count("select count(*) from directus_sessions", []).await, 0);
}

#[tokio::test]
async fn a_replaced_session_is_no_refresh_token() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    let old = project.enter("ann@example.com", "session").await;
    project.refresh(Mode::Session, old.access.expose(), NOW).await.unwrap();
    let name = project.auth.key_claims(&old.access).session.unwrap();
    let refused = project.refresh(Mode::Json, name.expose(), NOW).await;
    assert_eq!(code(refused), Code::InvalidCredentials);
}

#[tokio::test]
async fn the_token_is_looked_for_where_the_mode_says() {
    let project = Project::new().await;
    let ticket = |json, refresh, session| project.auth.ticket(&body(json), refresh, session, NOW);
    for (json, refresh, session) in [
        (json!({}), None, Some("x")),
        (json!({ "mode": "json" }), Some("x"), None),
        (json!({ "mode": "json", "refresh_token": "" }), None, None),
        (json!({ "mode": "json", "refresh_token": null }), None, None),
        (json!({ "mode": "json", "refresh_token": 5 }), None, None),
        (json!({ "refresh_token": 5 }), Some("x"), None),
        (json!({ "mode": "cookie" }), Some(""), None),
        (json!({ "mode": "cookie", "refresh_token": "x" }), None, Some("x")),
        (json!({ "mode": "session", "refresh_token": "x" }), Some("x"), None),
        (json!({ "mode": "nonsense", "refresh_token": "x" }), None, None),
    ] {
        assert_eq!(
            code(ticket(json.clone(), refresh, session)),
            Code::InvalidPayload,
            "{json}"
        );
    }
    let mode = |json, refresh| ticket(json, refresh, None).unwrap().mode();
    assert_eq!(mode(json!({ "refresh_token": "x" }), Some("y")), Mode::Json);
    assert_eq!(mode(json!({}), Some("y")), Mode::Cookie);
    assert_eq!(
        mode(json!({ "mode": "cookie", "refresh_token": 5 }), Some("y")),
        Mode::Cookie
    );
    let forged = ticket(json!({ "mode": "session" }), None, Some("garbage"));
    assert_eq!(code(forged), Code::InvalidCredentials);
}

#[tokio::test]
async fn logging_out_ends_one_session_and_never_fails() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    let one = project.enter("ann@example.com", "json").await;
    let other = project.enter("ann@example.com", "json").await;
    for _ in 0..2 {
        let json = json!({ "refresh_token": refresh_token(&one) });
        let ticket = project.auth.ticket(&body(json), None, None, NOW).unwrap();
        project.auth.logout(ticket).await.unwrap();
    }
    let ended = project.refresh(Mode::Json, refresh_token(&one), NOW).await;
    assert_eq!(code(ended), Code::InvalidCredentials);
    assert!(project.refresh(Mode::Json, refresh_token(&other), NOW).await.is_ok());
    assert!(
        project
            .login(json!({ "email": "ann@example.com", "password": PASSWORD }))
            .await
            .is_ok()
    );
}
