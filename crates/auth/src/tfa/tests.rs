//! From the making of a secret to its end.

use aedile_engine::{Code, Json, access::Caller};
use serde_json::json;

use crate::{
    fixture::{ADMIN, NOW, PASSWORD, Project, body, code},
    totp::{TotpSecret, code_at},
};

/// A policy that lets users change their own secret.
fn policy() -> Json {
    json!({ "name": "Own secret", "app_access": true, "permissions": [{
        "collection": "directus_users", "action": "update", "fields": ["tfa_secret"],
        "permissions": { "id": { "_eq": "$CURRENT_USER" } },
    }] })
}

/// The present code of a secret.
fn present(secret: &str) -> String {
    code_at(&TotpSecret::parse(secret).unwrap(), NOW / 1000)
}

/// The code that is shown next, and taken already.
fn next(secret: &str) -> String {
    code_at(&TotpSecret::parse(secret).unwrap(), NOW / 1000 + 30)
}

/// A code that is not the present one, nor one of those beside it.
fn wrong(secret: &str) -> String {
    let secret = TotpSecret::parse(secret).unwrap();
    let near: Vec<String> = (-1..=1).map(|step| code_at(&secret, NOW / 1000 + 30 * step)).collect();
    let others = (0..10).map(|n| format!("{n:06}"));
    others.into_iter().find(|code| !near.contains(code)).unwrap()
}

impl Project {
    async fn secret(&self, id: &str) -> String {
        let cx = self.cx(id).await;
        let form = body(json!({ "password": PASSWORD }));
        self.auth.generate_tfa(&cx, &form).await.unwrap().secret
    }

    async fn enable(&self, id: &str, secret: &str, otp: &str) -> aedile_engine::Result<()> {
        let form = body(json!({ "secret": secret, "otp": otp }));
        self.auth.enable_tfa(&self.cx(id).await, &form).await.map(drop)
    }

    async fn enter_with(&self, otp: Option<&str>) -> aedile_engine::Result<crate::Pass> {
        let mut form = json!({ "email": "ann@example.com", "password": PASSWORD });
        if let Some(otp) = otp {
            form["otp"] = otp.into();
        }
        self.login(form).await
    }

    /// A user whose second factor is in use, and its secret.
    async fn protected(&self) -> (String, String) {
        let ann = self
            .user("ann@example.com", json!({ "policies": [{ "policy": policy() }] }))
            .await;
        let secret = self.secret(&ann).await;
        self.enable(&ann, &secret, &present(&secret)).await.unwrap();
        (ann, secret)
    }
}

#[tokio::test]
async fn a_secret_is_made_against_the_password_and_not_stored() {
    let project = Project::new().await;
    let ann = project.user("ann@example.com", json!({})).await;
    let cx = project.cx(&ann).await;
    let generate = async |json| project.auth.generate_tfa(&cx, &body(json)).await;
    for missing in [json!({}), json!({ "password": "" }), json!({ "password": null })] {
        assert_eq!(code(generate(missing).await), Code::InvalidPayload);
    }
    let refused = generate(json!({ "password": "wrong" })).await;
    assert_eq!(code(refused), Code::InvalidCredentials);
    let made = generate(json!({ "password": PASSWORD })).await.unwrap();
    let url = format!("otpauth://totp/Directus:ann%40example.com?secret={}&", made.secret);
    assert!(made.otpauth_url.starts_with(&url));
    let stored = "select count(*) from directus_users where tfa_secret is not null";
    assert_eq!(project.count(stored, []).await, 0);
    let public = project.cx_of(Caller::Public { ip: None }).await;
    let form = body(json!({ "password": PASSWORD }));
    assert_eq!(
        code(project.auth.generate_tfa(&public, &form).await),
        Code::InvalidCredentials
    );
}

#[tokio::test]
async fn it_is_enabled_by_a_code_and_with_the_right_to_it() {
    let project = Project::new().await;
    let bob = project.user("bob@example.com", json!({})).await;
    let secret = project.secret(&bob).await;
    let refused = project.enable(&bob, &secret, &present(&secret)).await;
    assert_eq!(code(refused), Code::Forbidden, "it is not theirs to change");
    let ann = project
        .user("ann@example.com", json!({ "policies": [{ "policy": policy() }] }))
        .await;
    for (own, otp) in [
        (secret.as_str(), wrong(&secret)),
        (&secret, String::new()),
        ("", present(&secret)),
    ] {
        assert_eq!(code(project.enable(&ann, own, &otp).await), Code::InvalidPayload);
    }
    project.enable(&ann, &secret, &present(&secret)).await.unwrap();
    let again = project.enable(&ann, &secret, &present(&secret)).await;
    assert_eq!(code(again), Code::InvalidPayload, "in use already");
}

#[tokio::test]
async fn a_login_needs_the_code_once_the_password_is_right() {
    let project = Project::new().await;
    let (_, secret) = project.protected().await;
    let wrong_password = json!({ "email": "ann@example.com", "password": "wrong", "otp": present(&secret) });
    assert_eq!(code(project.login(wrong_password).await), Code::InvalidCredentials);
    assert_eq!(code(project.enter_with(None).await), Code::InvalidOtp);
    assert_eq!(code(project.enter_with(Some(&wrong(&secret))).await), Code::InvalidOtp);
    assert!(project.enter_with(Some(&next(&secret))).await.is_ok());
}

#[tokio::test]
async fn wrong_codes_are_counted_like_wrong_passwords() {
    let project = Project::new().await;
    let (ann, secret) = project.protected().await;
    project.settings(json!({ "auth_login_attempts": 2 })).await;
    for _ in 0..5 {
        assert_eq!(
            code(project.enter_with(None).await),
            Code::InvalidOtp,
            "asking is no attempt"
        );
    }
    for _ in 0..3 {
        assert_eq!(project.status(&ann).await, "active");
        assert_eq!(code(project.enter_with(Some(&wrong(&secret))).await), Code::InvalidOtp);
    }
    assert_eq!(project.status(&ann).await, "suspended");
}

#[tokio::test]
async fn it_is_given_up_by_a_code() {
    let project = Project::new().await;
    let (ann, secret) = project.protected().await;
    let cx = project.cx(&ann).await;
    let disable = async |json| project.auth.disable_tfa(&cx, &body(json)).await;
    for refused in [json!({}), json!({ "otp": 5 }), json!({ "otp": wrong(&secret) })] {
        assert_eq!(code(disable(refused).await), Code::InvalidPayload);
    }
    disable(json!({ "otp": next(&secret) })).await.unwrap();
    assert!(project.enter_with(None).await.is_ok());
    let again = disable(json!({ "otp": present(&secret) })).await;
    assert_eq!(code(again), Code::InvalidPayload, "there is none");
}

#[tokio::test]
async fn administrators_alone_take_it_away_from_others() {
    let project = Project::new().await;
    let (ann, _) = project.protected().await;
    let public = project.cx_of(Caller::Public { ip: None }).await;
    let own = project.cx(&ann).await;
    assert_eq!(
        code(project.auth.remove_tfa(&public, &ann).await),
        Code::InvalidCredentials
    );
    assert_eq!(code(project.auth.remove_tfa(&own, &ann).await), Code::Forbidden);
    let rows = project
        .rows("select id from directus_users where email = {}", [ADMIN.into()])
        .await;
    let admin = project.cx(&crate::statement::text(&rows[0], 0).unwrap()).await;
    for unknown in ["aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", "nonsense"] {
        assert_eq!(code(project.auth.remove_tfa(&admin, unknown).await), Code::Forbidden);
    }
    project.auth.remove_tfa(&admin, &ann).await.unwrap();
    assert!(project.enter_with(None).await.is_ok());
}

#[tokio::test]
async fn a_login_tells_that_a_factor_is_asked_for_and_missing() {
    let project = Project::new().await;
    let mut strict = policy();
    strict["enforce_tfa"] = true.into();
    let ann = project
        .user("ann@example.com", json!({ "policies": [{ "policy": strict }] }))
        .await;
    let cx = project.cx(&ann).await;
    let pass = project.enter_with(None).await.unwrap();
    assert!(project.auth.key_claims(&pass.access).enforce_tfa);
    let made = project
        .auth
        .generate_tfa(&cx, &body(json!({ "password": PASSWORD })))
        .await
        .unwrap();
    project
        .enable(&ann, &made.secret, &present(&made.secret))
        .await
        .unwrap();
    let pass = project.enter_with(Some(&next(&made.secret))).await.unwrap();
    assert!(!project.auth.key_claims(&pass.access).enforce_tfa);
}

/// What a policy asks for is not given up, not even from where the policy does not count.
#[tokio::test]
async fn it_is_not_given_up_while_a_policy_asks_for_it() {
    for ip_access in [json!(null), json!(["10.0.0.0/8"])] {
        let project = Project::new().await;
        let (ann, secret) = project.protected().await;
        let strict =
            json!({ "name": "Strict", "enforce_tfa": true, "ip_access": ip_access, "users": [{ "user": ann }] });
        project.make("directus_policies", strict).await;
        let form = body(json!({ "otp": next(&secret) }));
        let refused = project.auth.disable_tfa(&project.cx(&ann).await, &form).await;
        assert_eq!(code(refused), Code::Forbidden);
        assert_eq!(code(project.enter_with(None).await), Code::InvalidOtp);
        assert!(
            project.enter_with(Some(&next(&secret))).await.is_ok(),
            "the refusal spent no code"
        );
    }
}

/// Whoever is held up enables it without a permission.
#[tokio::test]
async fn who_is_held_up_needs_no_permission() {
    let project = Project::new().await;
    let strict = json!({ "name": "Strict", "enforce_tfa": true });
    let bob = project
        .user("bob@example.com", json!({ "policies": [{ "policy": strict }] }))
        .await;
    let cx = project.cx(&bob).await.without_second_factor();
    let made = project
        .auth
        .generate_tfa(&cx, &body(json!({ "password": PASSWORD })))
        .await
        .unwrap();
    let form = body(json!({ "secret": made.secret, "otp": present(&made.secret) }));
    project.auth.enable_tfa(&cx, &form).await.unwrap();
}
