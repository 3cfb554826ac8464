//! Links by mail: for whom, where to, and how often.

use aedile_engine::{Code, Json};
use serde_json::json;

use crate::{
    LinkForm, MailKind, Mode, Peer,
    fixture::{NOW, PASSWORD, Project, body, code, token_of},
    jwt::{Action, Scope, sign_action},
};

const DAY: i64 = 86_400_000;

const NEW: &str = "another-pass-2";

impl Project {
    async fn ask(&self, json: Json) -> aedile_engine::Result<()> {
        self.auth.request_reset(&body(json), &crate::Peer::default(), NOW).await
    }

    async fn reset(&self, token: &str, password: &str, now: i64) -> aedile_engine::Result<()> {
        let form = LinkForm::read(&body(json!({ "token": token, "password": password })))?;
        let snapshot = self.auth.app().snapshot();
        self.auth.reset(&snapshot, form, &Peer::default(), now).await
    }

    async fn enters_with(&self, password: &str) -> bool {
        let form = json!({ "email": "ann@example.com", "password": password });
        self.login(form).await.is_ok()
    }
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_ends_sessions() {
    let project = Project::with(|settings| settings.public_url = "https://cms.example".into()).await;
    project.user("ann@example.com", json!({})).await;
    let session = project.enter("ann@example.com", "session").await;
    let refresh = project.enter("ann@example.com", "json").await.refresh.unwrap();
    project.ask(json!({ "email": "ANN@example.com" })).await.unwrap();
    let mails = project.mails(1).await;
    assert_eq!(
        (mails[0].to.as_str(), mails[0].kind),
        ("ann@example.com", MailKind::PasswordReset)
    );
    assert!(
        mails[0]
            .link
            .starts_with("https://cms.example/admin/reset-password?token=")
    );
    let token = token_of(&mails[0]);
    project.reset(&token, NEW, NOW).await.unwrap();
    assert!(!project.enters_with(PASSWORD).await);
    assert!(project.enters_with(NEW).await);
    let caller = project.caller(session.access.expose(), NOW).await;
    assert_eq!(code(caller), Code::InvalidCredentials);
    let refreshed = project.refresh(Mode::Json, refresh.expose(), NOW).await;
    assert_eq!(code(refreshed), Code::InvalidCredentials);
    assert_eq!(
        code(project.reset(&token, "third-pass-3", NOW).await),
        Code::InvalidToken
    );
}

#[tokio::test]
async fn nobody_learns_whose_address_is_known() {
    let project = Project::new().await;
    project.user("ann@example.com", json!({})).await;
    project.user("sus@example.com", json!({ "status": "suspended" })).await;
    for email in [
        "nobody@example.com",
        "sus@example.com",
        "not-an-email",
        "",
        "ann@example.com",
    ] {
        assert_eq!(project.ask(json!({ "email": email })).await, Ok(()), "{email}");
    }
    project.mails(1).await;
    for email in [json!(null), json!(5), json!(["ann@example.com"])] {
        assert_eq!(code(project.ask(json!({ "email": email })).await), Code::InvalidPayload);
    }
    for email in ["ann@example.com", "nobody@example.com"] {
        let asked = project.ask(json!({ "email": email, "reset_url": "https://evil.example" }));
        assert_eq!(code(asked.await), Code::InvalidPayload);
    }
    project.mails(1).await;
}

#[tokio::test]
async fn a_link_leads_where_the_operator_lets_it() {
    let listed = "https://app.example.com/reset";
    let project = Project::with(|settings| {
        settings.allow_lists.password_reset = vec![listed.to_owned()];
    })
    .await;
    project.user("ann@example.com", json!({})).await;
    let url = format!("{listed}?x=1");
    project
        .ask(json!({ "email": "ann@example.com", "reset_url": url }))
        .await
        .unwrap();
    let mails = project.mails(1).await;
    assert!(mails[0].link.starts_with("https://app.example.com/reset?x=1&token="));
}

#[tokio::test]
async fn what_is_no_link_for_this_sets_nothing() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let pass = project.enter("ann@example.com", "json").await;
    project.ask(json!({ "email": "ann@example.com" })).await.unwrap();
    let token = token_of(&project.mails(1).await[0]);
    assert_eq!(
        code(project.reset(pass.access.expose(), NEW, NOW).await),
        Code::Forbidden
    );
    for forged in ["", "garbage", &format!("{token}x"), pass.refresh.unwrap().expose()] {
        assert_eq!(code(project.reset(forged, NEW, NOW).await), Code::InvalidToken);
    }
    assert_eq!(code(project.reset(&token, NEW, NOW + DAY).await), Code::InvalidToken);
    assert_eq!(code(project.reset(&token, "", NOW).await), Code::InvalidPayload);
    let unbound = Action {
        email: "ann@example.com".into(),
        hash: None,
    };
    let unbound = sign_action(&unbound, Scope::PasswordReset, &project.auth.key, NOW / 1000, 60).unwrap();
    assert_eq!(
        code(project.reset(unbound.expose(), NEW, NOW).await),
        Code::InvalidToken
    );
    project
        .execute(
            "update directus_users set status = 'suspended' where id = {}",
            [ann.as_str().into()],
        )
        .await;
    assert_eq!(code(project.reset(&token, NEW, NOW).await), Code::InvalidToken);
    project
        .execute(
            "update directus_users set status = 'active' where id = {}",
            [ann.into()],
        )
        .await;
    assert!(project.enters_with(PASSWORD).await, "the password is still the old one");
}

#[tokio::test]
async fn the_policy_holds_and_its_refusal_tells_no_password() {
    let project = Project::new().await;
    project.settings(json!({ "auth_password_policy": "/^.{8,}$/" })).await;
    project.user("ann@example.com", json!({})).await;
    project.ask(json!({ "email": "ann@example.com" })).await.unwrap();
    let token = token_of(&project.mails(1).await[0]);
    let refusal = project.reset(&token, "short", NOW).await.err().unwrap();
    assert_eq!(refusal.code(), Code::FailedValidation);
    assert!(!format!("{refusal:?}").contains("short"));
    project.reset(&token, NEW, NOW).await.unwrap();
}
