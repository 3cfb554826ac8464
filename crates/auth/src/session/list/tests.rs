//! Whose sessions are told, and ended by whom.

use aedile_engine::{Code, Json, access::Caller};
use aedile_platform::config::Secret;
use serde_json::json;
use std::sync::Arc;

use crate::{
    Mode,
    fixture::{ADMIN_TOKEN, NOW, Project, code},
};

async fn ids(project: &Project, user: &str) -> Vec<String> {
    let told = project.auth.sessions(&project.cx(user).await, None).await.unwrap();
    told.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn ones_own_are_told_without_what_opens_them() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let pass = project.enter("ann@example.com", "json").await;
    let refresh = pass.refresh.unwrap();
    let session = project.enter("ann@example.com", "session").await;
    let own = project.auth.key_claims(&session.access).session.unwrap();
    let mut cx = project.cx(&ann).await;
    cx.origin = Arc::new(aedile_platform::Origin {
        session: Some(Secret::new(own.expose())),
        ..Default::default()
    });
    let told = project.auth.sessions(&cx, None).await.unwrap();
    let text = Json::from(told.clone()).to_string();
    assert_eq!(told.len(), 2);
    assert_eq!(told.iter().filter(|one| one["current"] == true).count(), 1);
    for secret in [refresh.expose(), own.expose(), session.access.expose()] {
        assert!(!text.contains(secret) && !text.contains(&secret[..16]));
    }
    assert_eq!(
        project
            .auth
            .sessions(
                &{
                    let mut cx = cx;
                    cx.now = NOW + 40 * 86_400_000;
                    cx
                },
                None
            )
            .await
            .unwrap()
            .len(),
        0
    );
}

/// Two requests go out together, and one of them renews the session that both came with.
#[tokio::test]
async fn a_session_that_is_being_replaced_is_known_by_the_next() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let session = project.enter("ann@example.com", "session").await;
    let own = project.auth.key_claims(&session.access).session.unwrap();
    project
        .refresh(Mode::Session, session.access.expose(), NOW)
        .await
        .unwrap();
    let mut cx = project.cx(&ann).await;
    cx.origin = Arc::new(aedile_platform::Origin {
        session: Some(Secret::new(own.expose())),
        ..Default::default()
    });
    let told = project.auth.sessions(&cx, None).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["current"], true);
}

#[tokio::test]
async fn one_is_ended_and_the_others_stay() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let one = project.enter("ann@example.com", "json").await.refresh.unwrap();
    let first = ids(&project, &ann).await.remove(0);
    let other = project.enter("ann@example.com", "json").await.refresh.unwrap();
    let bob = project.user("bob@example.com", json!({})).await;
    let cx = project.cx(&bob).await;
    for user in [None, Some(ann.as_str())] {
        assert_eq!(
            code(project.auth.end_session(&cx, user, &first).await),
            Code::Forbidden,
            "it is not bob's"
        );
    }
    let cx = project.cx(&ann).await;
    for unknown in ["", "x", other.expose(), &"0".repeat(32)] {
        assert_eq!(
            code(project.auth.end_session(&cx, None, unknown).await),
            Code::Forbidden
        );
    }
    project.auth.end_session(&cx, None, &first).await.unwrap();
    assert_eq!(
        code(project.refresh(Mode::Json, one.expose(), NOW).await),
        Code::InvalidCredentials
    );
    assert!(project.refresh(Mode::Json, other.expose(), NOW).await.is_ok());
}

#[tokio::test]
async fn all_are_ended_by_oneself_or_an_administrator() {
    let project = Project::new().await;
    let admin = project.caller(ADMIN_TOKEN, NOW).await.unwrap();
    for by_admin in [false, true] {
        let email = format!("ann{by_admin}@example.com");
        let ann = project.user(&email, json!({})).await;
        let bob = project.user(&format!("bob{by_admin}@example.com"), json!({})).await;
        let kept = project
            .enter(&format!("bob{by_admin}@example.com"), "json")
            .await
            .refresh
            .unwrap();
        let session = project.enter(&email, "session").await.access;
        assert!(project.caller(session.expose(), NOW).await.is_ok());
        let others = project.cx(&bob).await;
        assert_eq!(
            code(project.auth.end_all_sessions(&others, Some(&ann)).await),
            Code::Forbidden
        );
        assert_eq!(code(project.auth.sessions(&others, Some(&ann)).await), Code::Forbidden);
        if by_admin {
            let cx = project.cx_of(admin.clone()).await;
            assert_eq!(project.auth.sessions(&cx, Some(&ann)).await.unwrap().len(), 1);
            project.auth.end_all_sessions(&cx, Some(&ann)).await.unwrap();
        } else {
            project
                .auth
                .end_all_sessions(&project.cx(&ann).await, None)
                .await
                .unwrap();
        }
        assert_eq!(
            code(project.caller(session.expose(), NOW).await),
            Code::InvalidCredentials
        );
        assert!(
            project.refresh(Mode::Json, kept.expose(), NOW).await.is_ok(),
            "another user's stays"
        );
    }
}

#[tokio::test]
async fn the_public_has_none() {
    let project = Project::new().await;
    let public = project.cx_of(Caller::Public { ip: None }).await;
    for user in [None, Some("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee")] {
        assert_eq!(
            code(project.auth.sessions(&public, user).await),
            Code::InvalidCredentials
        );
        assert_eq!(
            code(project.auth.end_all_sessions(&public, user).await),
            Code::InvalidCredentials
        );
        assert_eq!(
            code(project.auth.end_session(&public, user, "x").await),
            Code::InvalidCredentials
        );
    }
}
