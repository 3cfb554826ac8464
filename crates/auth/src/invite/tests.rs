//! Who may invite whom, and what an invitation opens.

use aedile_engine::{Code, Json, access::Caller};
use aedile_platform::Cx;
use serde_json::json;

use crate::{
    LinkForm, MailKind, Peer,
    fixture::{NOW, PASSWORD, Project, body, code, token_of},
};

const WEEK: i64 = 7 * 86_400_000;

impl Project {
    async fn role(&self) -> String {
        self.make("directus_roles", json!({ "name": "Staff" })).await
    }

    async fn invite(&self, cx: &Cx, json: Json) -> aedile_engine::Result<()> {
        self.auth.invite(cx, &body(json)).await
    }

    async fn accept(&self, token: &str, password: &str, now: i64) -> aedile_engine::Result<()> {
        let form = LinkForm::read(&body(json!({ "token": token, "password": password })))?;
        let snapshot = self.auth.app().snapshot();
        self.auth.accept_invite(&snapshot, form, &Peer::default(), now).await
    }

    async fn users(&self, status: &'static str) -> i64 {
        self.count("select count(*) from directus_users where status = {}", [status.into()])
            .await
    }
}

#[tokio::test]
async fn an_invitation_makes_a_user_who_takes_the_account_once() {
    let project = Project::new().await;
    let role = project.role().await;
    let cx = project.operator();
    project
        .invite(&cx, json!({ "email": "new@example.com", "role": role }))
        .await
        .unwrap();
    project
        .invite(&cx, json!({ "email": "NEW@example.com", "role": role }))
        .await
        .unwrap();
    assert_eq!(project.users("invited").await, 1, "another mail, the same user");
    let mails = project.mails(2).await;
    assert_eq!(mails[0].kind, MailKind::Invite);
    let token = token_of(&mails[0]);
    assert_eq!(
        code(project.accept(&token, PASSWORD, NOW + WEEK).await),
        Code::InvalidToken
    );
    let form = json!({ "email": "new@example.com", "password": PASSWORD });
    assert_eq!(code(project.login(form.clone()).await), Code::InvalidCredentials);
    project.accept(&token, PASSWORD, NOW).await.unwrap();
    project.login(form.clone()).await.unwrap();
    for token in mails.iter().map(token_of) {
        let again = project.accept(&token, "another-pass-2", NOW).await;
        assert_eq!(code(again), Code::InvalidToken);
    }
    project.login(form).await.unwrap();
}

#[tokio::test]
async fn an_invitation_does_not_outlive_its_account() {
    let project = Project::new().await;
    let role = project.role().await;
    let cx = project.operator();
    project
        .invite(&cx, json!({ "email": "new@example.com", "role": role }))
        .await
        .unwrap();
    let token = token_of(&project.mails(1).await[0]);
    for status in ["suspended", "archived", "active"] {
        project
            .execute(
                "update directus_users set status = {} where email = 'new@example.com'",
                [status.into()],
            )
            .await;
        let refused = project.accept(&token, PASSWORD, NOW).await;
        assert_eq!(code(refused), Code::InvalidToken, "{status}");
    }
}

#[tokio::test]
async fn users_are_passed_over_and_malformed_invitations_refused() {
    let project = Project::new().await;
    let role = project.role().await;
    let cx = project.operator();
    project.user("ann@example.com", json!({})).await;
    for body in [
        json!({}),
        json!({ "email": "new@example.com" }),
        json!({ "role": role }),
        json!({ "email": "not-an-email", "role": role }),
        json!({ "email": ["new@example.com", 5], "role": role }),
        json!({ "email": "new@example.com", "role": "not-a-uuid" }),
        json!({ "email": "new@example.com", "role": role, "invite_url": "https://evil.example.com" }),
        json!({ "email": vec!["new@example.com"; 101], "role": role }),
    ] {
        assert_eq!(
            code(project.invite(&cx, body.clone()).await),
            Code::InvalidPayload,
            "{body}"
        );
    }
    project.invite(&cx, json!({ "email": [], "role": role })).await.unwrap();
    project
        .invite(&cx, json!({ "email": "ann@example.com", "role": role }))
        .await
        .unwrap();
    assert_eq!(project.users("invited").await, 0);
    project.mails(0).await;
}

#[tokio::test]
async fn inviting_needs_the_right_to_create_users() {
    let project = Project::new().await;
    let role = project.role().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let body = json!({ "email": "new@example.com", "role": role });
    let public = project.cx_of(Caller::Public { ip: None }).await;
    for cx in [public, project.cx(&ann).await] {
        assert_eq!(code(project.invite(&cx, body.clone()).await), Code::Forbidden);
    }
    let create = |fields: Json| {
        json!({ "name": "Inviter", "permissions": [{
            "collection": "directus_users", "action": "create", "fields": fields,
            "permissions": {}, "validation": {},
        }] })
    };
    let narrow = project
        .user(
            "narrow@example.com",
            json!({ "policies": [{ "policy": create(json!(["email", "status"])) }] }),
        )
        .await;
    let refused = project.invite(&project.cx(&narrow).await, body.clone()).await;
    assert_eq!(code(refused), Code::Forbidden, "the role is not theirs to give");
    assert_eq!(project.users("invited").await, 0);
    project.mails(0).await;
    let wide = project
        .user(
            "wide@example.com",
            json!({ "policies": [{ "policy": create(json!(["email", "status", "role"])) }] }),
        )
        .await;
    project.invite(&project.cx(&wide).await, body).await.unwrap();
    assert_eq!(project.users("invited").await, 1);
}

#[tokio::test]
async fn who_may_not_give_the_role_mails_nobody() {
    let project = Project::new().await;
    let strong = json!({ "name": "Strong", "policies": [{ "policy": { "name": "All", "admin_access": true } }] });
    let strong = project.make("directus_roles", strong).await;
    let weak = project.role().await;
    let operator = project.operator();
    for (email, role) in [("strong@example.com", &strong), ("weak@example.com", &weak)] {
        let body = json!({ "email": email, "role": role });
        project.invite(&operator, body).await.unwrap();
    }
    project.mails(2).await;
    let inviter = |name: &str, fields: Json| {
        json!({ "policies": [{ "policy": { "name": name, "permissions": [{
            "collection": "directus_users", "action": "create", "fields": fields, "permissions": {},
            "validation": { "email": { "_ends_with": "@example.com" } },
        }] } }] })
    };
    let all = json!(["email", "status", "role"]);
    let wide = project.user("wide@example.com", inviter("Wide", all)).await;
    let roleless = json!(["email", "status"]);
    let narrow = project.user("narrow@example.com", inviter("Narrow", roleless)).await;
    for (user, role, emails) in [
        (&wide, &strong, json!("strong@example.com")),
        (&wide, &strong, json!(["strong@example.com", "new@example.com"])),
        (&narrow, &weak, json!("weak@example.com")),
        (&narrow, &weak, json!(["weak@example.com", "new@example.com"])),
    ] {
        let body = json!({ "email": emails, "role": role });
        let refused = project.invite(&project.cx(user).await, body.clone()).await;
        assert_eq!(code(refused), Code::Forbidden, "{body}");
    }
    // One that may not be made makes none.
    let mixed = json!({ "email": ["weak@example.com", "new@example.com", "new@example.org"], "role": weak });
    let refused = project.invite(&project.cx(&wide).await, mixed).await;
    assert_eq!(code(refused), Code::FailedValidation);
    assert_eq!(project.users("invited").await, 2);
    project.mails(2).await;
    let twice = json!({ "email": ["weak@example.com", "new@example.com", "NEW@example.com"], "role": weak });
    project.invite(&project.cx(&wide).await, twice).await.unwrap();
    assert_eq!(project.users("invited").await, 3);
    project.mails(4).await;
}
