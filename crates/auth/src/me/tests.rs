//! What is noted, and what is not.

use aedile_engine::{Code, access::Caller};
use serde_json::json;

use crate::{
    fixture::{Project, body, code},
    statement::text,
};

#[tokio::test]
async fn the_page_is_noted_and_nothing_else() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let cx = project.cx(&ann).await;
    let track = async |json| project.auth.track_page(&cx, &body(json)).await;
    track(json!({ "last_page": 7 })).await.unwrap();
    track(json!({ "last_page": "/x", "email": "evil@example.com" }))
        .await
        .unwrap();
    for refused in [
        json!({}),
        json!({ "last_page": "" }),
        json!({ "last_page": null }),
        json!({ "last_page": "x".repeat(300) }),
    ] {
        assert_eq!(code(track(refused).await), Code::InvalidPayload);
    }
    let rows = project
        .rows(
            "select last_page, email from directus_users where id = {}",
            [ann.into()],
        )
        .await;
    assert_eq!(text(&rows[0], 0).as_deref(), Some("/x"));
    assert_eq!(text(&rows[0], 1).as_deref(), Some("ann@example.com"));
    let public = project.cx_of(Caller::Public { ip: None }).await;
    let refused = project
        .auth
        .track_page(&public, &body(json!({ "last_page": "/x" })))
        .await;
    assert_eq!(code(refused), Code::InvalidCredentials);
}
