//! Which credential counts, and whom it stands for now.

use aedile_engine::{Code, access::Caller, value::Param};
use aedile_platform::static_token;
use serde_json::json;

use crate::{
    caller::{Credentials, Known},
    fixture::{ADMIN_TOKEN, NOW, Project, code},
    jwt::{Claims, sign},
    statement::text,
};

const MINUTE: i64 = 60_000;

fn id_of(caller: &Caller) -> &str {
    caller.user().unwrap()
}

#[tokio::test]
async fn nobody_is_the_public_and_learns_the_version() {
    let project = Project::new().await;
    let known = project.known(&Credentials::default(), NOW).await.unwrap();
    assert_eq!(known.caller, Caller::Public { ip: None });
    assert_eq!(known.snapshot.version, project.auth.app().version().await.unwrap());
}

#[tokio::test]
async fn a_static_token_opens_for_active_users_alone() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({ "token": "ann-token-1" })).await;
    let caller = project.caller("ann-token-1", NOW).await.unwrap();
    assert_eq!(id_of(&caller), ann);
    for token in ["ANN-TOKEN-1", "ann-token-", "ann-token-1x", "%", "null"] {
        assert_eq!(
            code(project.caller(token, NOW).await),
            Code::InvalidCredentials,
            "{token}"
        );
    }
    for status in ["draft", "invited", "unverified", "suspended", "archived", "odd"] {
        project
            .execute(
                "update directus_users set status = {} where id = {}",
                [status.into(), ann.as_str().into()],
            )
            .await;
        let refused = project.caller("ann-token-1", NOW).await;
        assert_eq!(code(refused), Code::InvalidCredentials, "{status}");
    }
}

#[tokio::test]
async fn an_empty_token_is_nobodys_even_if_it_is_stored() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    project
        .execute("update directus_users set token = '' where id = {}", [ann.into()])
        .await;
    for credentials in [
        Credentials {
            query: Some(""),
            ..Credentials::default()
        },
        Credentials {
            header: Some(b"Bearer "),
            ..Credentials::default()
        },
        Credentials {
            cookie: Some(""),
            ..Credentials::default()
        },
    ] {
        let known = project.known(&credentials, NOW).await.unwrap();
        assert_eq!(known.caller, Caller::Public { ip: None });
    }
}

#[tokio::test]
async fn an_access_token_is_judged_anew_at_every_request() {
    let project = Project::new().await;
    let role = project.make("directus_roles", json!({ "name": "Staff" })).await;
    let ann = project.user("ann@example.com", json!({})).await;
    let pass = project.enter("ann@example.com", "json").await;
    let token = pass.access.expose();
    project
        .execute(
            "update directus_users set role = {} where id = {}",
            [role.as_str().into(), ann.as_str().into()],
        )
        .await;
    let caller = project.caller(token, NOW).await.unwrap();
    assert_eq!(
        caller.role(),
        Some(role.as_str()),
        "the role is the row's, not the claim's"
    );
    project
        .execute(
            "update directus_users set status = 'suspended' where id = {}",
            [ann.as_str().into()],
        )
        .await;
    assert_eq!(code(project.caller(token, NOW).await), Code::InvalidCredentials);
    project
        .execute("delete from directus_users where id = {}", [ann.into()])
        .await;
    assert_eq!(code(project.caller(token, NOW).await), Code::InvalidCredentials);
}

#[tokio::test]
async fn forged_and_past_tokens_are_told_apart() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    let pass = project.enter("ann@example.com", "json").await;
    let token = pass.access.expose();
    let longer = format!("{token}x");
    assert_eq!(code(project.caller(&longer, NOW).await), Code::InvalidToken);
    let past = project.caller(token, NOW + 15 * MINUTE).await;
    assert_eq!(code(past), Code::TokenExpired);
    let refresh = pass.refresh.unwrap();
    assert_eq!(
        code(project.caller(refresh.expose(), NOW).await),
        Code::InvalidCredentials,
        "a refresh token opens nothing"
    );
}

#[tokio::test]
async fn a_session_token_needs_its_session_and_its_user() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let bob = project.user("bob@example.com", json!({})).await;
    let pass = project.enter("ann@example.com", "session").await;
    let token = pass.access.expose();
    assert_eq!(id_of(&project.caller(token, NOW).await.unwrap()), ann);
    project
        .execute("update directus_sessions set \"user\" = {}", [bob.into()])
        .await;
    assert_eq!(
        code(project.caller(token, NOW).await),
        Code::InvalidCredentials,
        "the session is another user's"
    );
    project
        .execute(
            "update directus_sessions set \"user\" = {}, expires = {}",
            [ann.into(), Param::Instant(NOW)],
        )
        .await;
    assert_eq!(
        code(project.caller(token, NOW).await),
        Code::InvalidCredentials,
        "the session is over"
    );
    project.execute("delete from directus_sessions", []).await;
    assert_eq!(code(project.caller(token, NOW).await), Code::InvalidCredentials);
}

#[tokio::test]
async fn what_browsers_send_by_themselves_has_to_be_a_session() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    let plain = project.enter("ann@example.com", "json").await;
    let session = project.enter("ann@example.com", "session").await;
    let with = |cookie| Credentials {
        cookie: Some(cookie),
        ..Credentials::default()
    };
    for cookie in [plain.access.expose(), ADMIN_TOKEN, "garbage"] {
        let credentials = with(cookie);
        let refusal = project.known(&credentials, NOW).await;
        let refusal = refusal.err().unwrap();
        assert_eq!(refusal.code(), Code::InvalidCredentials);
        assert!(credentials.is_stale_cookie(&refusal));
    }
    let credentials = with(session.access.expose());
    let known: Known = project.known(&credentials, NOW).await.unwrap();
    assert!(known.caller.user().is_some());
    assert!(known.session.is_some());
    let past = project.known(&credentials, NOW + 25 * 60 * MINUTE).await;
    let past = past.err().unwrap();
    assert_eq!(past.code(), Code::TokenExpired);
    assert!(!credentials.is_stale_cookie(&past), "it goes by itself");
}

#[tokio::test]
async fn no_credential_stands_in_for_another() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    let session = project.enter("ann@example.com", "session").await;
    let both = Credentials {
        header: Some(b"Bearer admin-token-1"),
        query: Some(ADMIN_TOKEN),
        cookie: None,
    };
    let refused = project.known(&both, NOW).await;
    assert_eq!(code(refused), Code::InvalidPayload);
    let bad_header = Credentials {
        header: Some(b"Bearer garbage"),
        query: None,
        cookie: Some(session.access.expose()),
    };
    let refusal = project.known(&bad_header, NOW).await;
    let refusal = refusal.err().unwrap();
    assert_eq!(refusal.code(), Code::InvalidCredentials);
    assert!(!bad_header.is_stale_cookie(&refusal), "the header was bad");
    let bad_cookie = Credentials {
        header: Some(b"Bearer admin-token-1"),
        query: None,
        cookie: Some("garbage"),
    };
    assert!(project.known(&bad_cookie, NOW).await.is_ok());
    let no_scheme = Credentials {
        header: Some(b"admin-token-1"),
        ..Credentials::default()
    };
    let known = project.known(&no_scheme, NOW).await.unwrap();
    assert_eq!(known.caller.user(), None);
}

#[tokio::test]
async fn tokens_of_shares_open_nothing_here() {
    let project = Project::new().await;
    let share = Claims::of_share("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", NOW / 1000, 900);
    let token = sign(&share, &project.auth.key).unwrap();
    assert_eq!(
        code(project.caller(token.expose(), NOW).await),
        Code::InvalidCredentials
    );
}

#[tokio::test]
async fn one_statement_tells_all() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({ "token": "ann-token-1" })).await;
    let plain = project.enter("ann@example.com", "json").await;
    let session = project.enter("ann@example.com", "session").await;
    let db = project.auth.app().db().clone();
    let tokens = [
        "ann-token-1",
        "unknown-token",
        plain.access.expose(),
        session.access.expose(),
    ];
    for token in tokens {
        let before = db.statements().reads;
        let _ = project.caller(token, NOW).await;
        assert_eq!(db.statements().reads - before, 1);
    }
    let before = db.statements().reads;
    let public = Credentials::default();
    project.known(&public, NOW).await.unwrap();
    assert_eq!(db.statements().reads - before, 1);
}

/// A project that Aedile made keeps digests; they open nothing, and tokens are none of others' business any more.
#[tokio::test]
async fn static_tokens_are_stored_as_digests() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({ "token": "ann-token-1" })).await;
    let rows = project
        .rows(
            "select token from directus_users where token is not null order by token",
            [],
        )
        .await;
    let stored: Vec<String> = rows.iter().map(|row| text(row, 0).unwrap()).collect();
    assert_eq!(stored.len(), 2);
    for stored in &stored {
        assert!(stored.starts_with("sha256:") && stored.len() == 71, "{stored}");
        assert_eq!(code(project.caller(stored, NOW).await), Code::InvalidCredentials);
        assert_eq!(code(project.caller(&stored[7..], NOW).await), Code::InvalidCredentials);
    }
    assert!(project.caller(ADMIN_TOKEN, NOW).await.is_ok());
    assert_eq!(id_of(&project.caller("ann-token-1", NOW).await.unwrap()), ann);
}

/// An adopted project keeps them as they are, until somebody has them replaced.
#[tokio::test]
async fn adopted_tokens_stay_until_they_are_upgraded() {
    let project = Project::new().await;
    project
        .execute("delete from aedile_meta where \"key\" = 'token_digests'", [])
        .await;
    let ann = project.user("ann@example.com", json!({ "token": "ann-token-1" })).await;
    let plain = "select count(*) from directus_users where token = 'ann-token-1'";
    assert_eq!(project.count(plain, []).await, 1);
    assert_eq!(id_of(&project.caller("ann-token-1", NOW).await.unwrap()), ann);
    // One of the two is a digest already in this test; in an adopted project none is.
    project
        .execute(
            "update directus_users set token = 'admin-token-1' where email = 'admin@example.com'",
            [],
        )
        .await;
    let db = project.auth.app().db();
    assert!(!static_token::are_kept(db).await.unwrap());
    assert_eq!(static_token::upgrade(db).await.unwrap(), 2);
    assert_eq!(static_token::upgrade(db).await.unwrap(), 0, "once is enough");
    assert_eq!(project.count(plain, []).await, 0);
    assert_eq!(id_of(&project.caller("ann-token-1", NOW).await.unwrap()), ann);
    assert!(project.caller(ADMIN_TOKEN, NOW).await.is_ok());
    project.user("bob@example.com", json!({ "token": "bob-token-1" })).await;
    assert_eq!(
        project
            .count("select count(*) from directus_users where token = 'bob-token-1'", [])
            .await,
        0
    );
}
