//! Terms, taken addresses, and whose password is confirmed.

use aedile_engine::{Code, Json, access::Caller};
use serde_json::json;

use super::lets_through;
use crate::{
    MailKind, Peer,
    fixture::{ADMIN, NOW, PASSWORD, Project, body, code, token_of},
    statement::text,
};
use aedile_platform::email::Email;

impl Project {
    async fn open(change: Json) -> Project {
        let project = Project::new().await;
        let mut settings = json!({ "public_registration": true });
        let own = settings.as_object_mut().unwrap();
        own.extend(body(change));
        project.settings(settings).await;
        project
    }

    async fn register(&self, json: Json) -> aedile_engine::Result<()> {
        let cx = self.cx_of(Caller::Public { ip: None }).await;
        self.auth.register(&cx, &body(json)).await
    }

    async fn verify(&self, token: &str, now: i64) -> aedile_engine::Result<String> {
        self.auth.verify_email(token, &Peer::default(), now).await
    }

    /// Status and role of an address.
    async fn found(&self, email: &str) -> Vec<(Option<String>, Option<String>)> {
        let rows = self
            .rows(
                "select status, role from directus_users where email = {}",
                [email.into()],
            )
            .await;
        rows.iter().map(|row| (text(row, 0), text(row, 1))).collect()
    }
}

fn form(email: &str) -> Json {
    json!({ "email": email, "password": PASSWORD })
}

#[tokio::test]
async fn it_is_off_unless_turned_on() {
    let project = Project::new().await;
    assert_eq!(code(project.register(form("new@example.com")).await), Code::Forbidden);
    assert!(project.found("new@example.com").await.is_empty());
}

#[tokio::test]
async fn without_verification_a_user_is_active_with_the_role_of_the_settings() {
    let project = Project::open(json!({ "public_registration_verify_email": false })).await;
    let role = project.make("directus_roles", json!({ "name": "Members" })).await;
    project.settings(json!({ "public_registration_role": role })).await;
    project.register(form("New@example.com")).await.unwrap();
    let found = project.found("New@example.com").await;
    assert_eq!(found, [(Some("active".into()), Some(role))]);
    project.login(form("new@example.com")).await.unwrap();
    project.mails(0).await;
}

#[tokio::test]
async fn nothing_beyond_names_may_be_given() {
    let project = Project::open(json!({})).await;
    for (key, value) in [
        ("role", json!(null)),
        ("status", json!("active")),
        ("policies", json!([])),
        ("token", json!("x")),
        ("email", json!("not-an-email")),
        ("password", json!("")),
        ("password", json!("x".repeat(2000))),
        ("first_name", json!({ "a": 1 })),
        ("first_name", json!("x".repeat(51))),
        ("verification_url", json!("https://evil.example.com")),
    ] {
        let mut sent = body(form("new@example.com"));
        sent.insert(key.into(), value);
        let refused = project.register(Json::Object(sent)).await;
        assert_eq!(code(refused), Code::InvalidPayload, "{key}");
    }
    assert!(project.found("new@example.com").await.is_empty());
}

#[tokio::test]
async fn a_taken_address_gets_the_same_answer_and_stays_as_it_is() {
    let project = Project::open(json!({ "public_registration_verify_email": false })).await;
    let taken = json!({ "email": "Admin@example.com", "password": "another-pass-2" });
    assert_eq!(project.register(taken).await, Ok(()));
    project.login(form(ADMIN)).await.unwrap();
    let users = project.count("select count(*) from directus_users", []).await;
    assert_eq!(users, 1);
    project.mails(0).await;
}

#[tokio::test]
async fn a_link_confirms_the_address_once() {
    let project = Project::open(json!({})).await;
    project.register(form("new@example.com")).await.unwrap();
    assert_eq!(
        code(project.login(form("new@example.com")).await),
        Code::InvalidCredentials
    );
    let mails = project.mails(1).await;
    assert_eq!(mails[0].kind, MailKind::Verification);
    let token = token_of(&mails[0]);
    let week = 7 * 86_400_000;
    assert_eq!(code(project.verify(&token, NOW + week).await), Code::InvalidToken);
    assert_eq!(code(project.verify("garbage", NOW).await), Code::InvalidToken);
    let admin = project.enter(ADMIN, "json").await;
    assert_eq!(code(project.verify(admin.access.expose(), NOW).await), Code::Forbidden);
    project.verify(&token, NOW).await.unwrap();
    project.login(form("new@example.com")).await.unwrap();
    assert_eq!(code(project.verify(&token, NOW).await), Code::InvalidToken);
}

#[tokio::test]
async fn nobody_confirms_a_password_that_a_stranger_chose() {
    let project = Project::open(json!({})).await;
    let strangers = json!({ "email": "new@example.com", "password": "strangers-pass" });
    project.register(strangers.clone()).await.unwrap();
    project.register(form("new@example.com")).await.unwrap();
    let mails = project.mails(2).await;
    assert_eq!(
        code(project.verify(&token_of(&mails[0]), NOW).await),
        Code::InvalidToken
    );
    project.verify(&token_of(&mails[1]), NOW).await.unwrap();
    project.login(form("new@example.com")).await.unwrap();
    assert_eq!(code(project.login(strangers.clone()).await), Code::InvalidCredentials);
    project.register(strangers.clone()).await.unwrap();
    assert_eq!(
        code(project.login(strangers).await),
        Code::InvalidCredentials,
        "confirmed is taken"
    );
    project.mails(2).await;
}

#[tokio::test]
async fn the_settings_filter_and_policy_hold() {
    let project = Project::open(json!({
        "public_registration_email_filter": { "_and": [{ "email": { "_ends_with": "@good.example.com" } }] },
        "auth_password_policy": "/^.{8,}$/",
    }))
    .await;
    assert_eq!(
        code(project.register(form("new@bad.example.com")).await),
        Code::Forbidden
    );
    let weak = json!({ "email": "new@good.example.com", "password": "short" });
    assert_eq!(code(project.register(weak).await), Code::FailedValidation);
    project.register(form("new@good.example.com")).await.unwrap();
    assert_eq!(project.found("new@good.example.com").await.len(), 1);
}

#[test]
fn a_filter_that_is_not_understood_lets_nobody_through() {
    let email = Email::parse("ann@good.example.com").unwrap();
    let through = |filter: Json| lets_through(Some(&filter), &email);
    assert!(lets_through(None, &email));
    assert!(through(json!(null)));
    assert!(through(json!({ "email": { "_ends_with": "@good.example.com" } })));
    assert!(!through(json!({ "email": { "_ends_with": "@example.com" } })));
    for filter in [
        json!("text"),
        json!(5),
        json!({ "email": { "_like_never_heard": "x" } }),
        json!({ "email": { "_eq": "$NOT_KNOWN" } }),
        json!({ "email": { "_regex": "(" } }),
        json!({ "role": { "name": { "_eq": "x" } } }),
    ] {
        assert!(!through(filter.clone()), "{filter}");
    }
}

/// What a project refuses users for is told of an address that is taken as of one that is not, and nothing is left of either.
#[tokio::test]
async fn what_is_wrong_is_told_of_a_taken_address_as_well() {
    let project = Project::open(json!({})).await;
    let demand = project.auth.bound(
        "create trigger no_bobs before insert on directus_users when new.first_name = 'Bob' \
         begin select raise(abort, 'no Bobs'); end",
        [],
    );
    let made = project
        .auth
        .db()
        .write_ddl(move |tx| Box::pin(async move { tx.execute_ddl(&demand.stmt).await }));
    made.await.unwrap();
    let count = "select (select count(*) from directus_users) + (select count(*) from directus_activity) \
        + (select count(*) from directus_revisions)";
    let before = project.count(count, []).await;
    let mut told = Vec::new();
    for email in ["new@example.com", ADMIN, "ADMIN@example.com"] {
        let mut sent = form(email);
        sent["first_name"] = "Bob".into();
        told.push(project.register(sent).await.unwrap_err());
    }
    assert!(told.iter().all(|error| *error == told[0]), "{told:?}");
    project.register(form(ADMIN)).await.unwrap();
    assert_eq!(
        project.count(count, []).await,
        before,
        "something is left of a registration"
    );
    project.login(form(ADMIN)).await.unwrap();
    project.mails(0).await;
}

/// What is asked next must not take longer after one than after the other.
#[tokio::test]
async fn a_taken_address_leaves_what_a_new_one_leaves_but_its_rows() {
    let project = Project::open(json!({})).await;
    for email in ["new@example.com", ADMIN] {
        let before = project.auth.app().version().await.unwrap();
        project.register(form(email)).await.unwrap();
        assert_eq!(project.auth.app().version().await.unwrap(), before + 1, "{email}");
        assert_eq!(project.auth.app().snapshot().version, before + 1, "{email}");
    }
    assert_eq!(project.count("select count(*) from directus_users", []).await, 2);
}
