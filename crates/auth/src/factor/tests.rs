//! Codes that are taken once, and those for when the telephone is lost.

use aedile_engine::{Code, Result};
use serde_json::json;

use crate::{
    Pass,
    fixture::{NOW, PASSWORD, Project, body, code},
    totp::{TotpSecret, code_at},
};

/// The code of a secret, so many steps from now.
fn shown(secret: &str, steps: i64) -> String {
    code_at(&TotpSecret::parse(secret).unwrap(), NOW / 1000 + 30 * steps)
}

impl Project {
    /// A user whose second factor is in use, and its secret. The code of the step before the present one is spent.
    async fn enrolled(&self) -> (String, String) {
        let own = json!({ "name": "Own secret", "permissions": [{
            "collection": "directus_users", "action": "update", "fields": ["tfa_secret"],
            "permissions": { "id": { "_eq": "$CURRENT_USER" } },
        }] });
        let ann = self
            .user("ann@example.com", json!({ "policies": [{ "policy": own }] }))
            .await;
        let cx = self.cx(&ann).await;
        let secret = self
            .auth
            .generate_tfa(&cx, &body(json!({ "password": PASSWORD })))
            .await
            .unwrap()
            .secret;
        let form = body(json!({ "secret": secret, "otp": shown(&secret, -1) }));
        self.auth.enable_tfa(&cx, &form).await.unwrap();
        (ann, secret)
    }

    async fn with_code(&self, otp: &str, steps: i64) -> Result<Pass> {
        let form = json!({ "email": "ann@example.com", "password": PASSWORD, "otp": otp });
        self.login_at(form, NOW + 30_000 * steps).await
    }

    async fn codes(&self, ann: &str, otp: &str) -> Result<Vec<String>> {
        self.auth
            .recovery_codes(&self.cx(ann).await, &body(json!({ "otp": otp })))
            .await
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_none_before_it_is_any_more() {
    let project = Project::new().await;
    let (_, secret) = project.enrolled().await;
    assert_eq!(
        code(project.with_code(&shown(&secret, -1), 0).await),
        Code::InvalidOtp,
        "spent by enabling"
    );
    assert!(project.with_code(&shown(&secret, 1), 0).await.is_ok());
    assert_eq!(
        code(project.with_code(&shown(&secret, 1), 0).await),
        Code::InvalidOtp,
        "spent"
    );
    assert_eq!(
        code(project.with_code(&shown(&secret, 0), 0).await),
        Code::InvalidOtp,
        "older than a spent one"
    );
    assert_eq!(
        code(project.with_code(&shown(&secret, 1), 1).await),
        Code::InvalidOtp,
        "still spent"
    );
    assert!(project.with_code(&shown(&secret, 2), 2).await.is_ok());
}

#[tokio::test]
async fn of_two_at_once_one_is_let_in() {
    let project = Project::new().await;
    let (_, secret) = project.enrolled().await;
    let otp = shown(&secret, 0);
    let both = futures(&project, &otp).await;
    assert_eq!(both.iter().filter(|in_| **in_).count(), 1, "{both:?}");
}

async fn futures(project: &Project, otp: &str) -> [bool; 2] {
    let (one, other) = tokio::join!(project.with_code(otp, 0), project.with_code(otp, 0));
    [one.is_ok(), other.is_ok()]
}

/// A password that is wrong spends no code.
#[tokio::test]
async fn what_fails_spends_nothing() {
    let project = Project::new().await;
    let (_, secret) = project.enrolled().await;
    let wrong = json!({ "email": "ann@example.com", "password": "wrong", "otp": shown(&secret, 0) });
    assert_eq!(code(project.login(wrong).await), Code::InvalidCredentials);
    assert!(project.with_code(&shown(&secret, 0), 0).await.is_ok());
}

#[tokio::test]
async fn a_recovery_code_stands_for_a_code_once() {
    let project = Project::new().await;
    let (ann, secret) = project.enrolled().await;
    assert_eq!(code(project.codes(&ann, "000000").await), Code::InvalidPayload);
    let codes = project.codes(&ann, &shown(&secret, 0)).await.unwrap();
    let distinct: std::collections::HashSet<&String> = codes.iter().collect();
    assert_eq!((codes.len(), distinct.len()), (10, 10));
    assert!(
        codes
            .iter()
            .all(|code| code.len() == 19 && code.split('-').count() == 4),
        "{codes:?}"
    );
    assert!(project.with_code(&codes[0], 0).await.is_ok());
    assert_eq!(code(project.with_code(&codes[0], 0).await), Code::InvalidOtp, "spent");
    assert!(
        project
            .with_code(&codes[1].replace('-', " ").to_lowercase(), 0)
            .await
            .is_ok()
    );
    for wrong in ["", "----", &codes[2][..18], "AAAA-AAAA-AAAA-AAAA"] {
        assert!(project.with_code(wrong, 0).await.is_err(), "{wrong}");
    }
    assert_eq!(
        code(project.codes(&ann, &shown(&secret, 0)).await),
        Code::InvalidPayload,
        "the code was spent"
    );
    let later = project.codes(&ann, &shown(&secret, 1)).await.unwrap();
    assert_eq!(
        code(project.with_code(&codes[3], 0).await),
        Code::InvalidOtp,
        "replaced"
    );
    let cx = project.cx(&ann).await;
    project
        .auth
        .disable_tfa(&cx, &body(json!({ "otp": later[0] })))
        .await
        .unwrap();
    let left = "select count(*) from aedile_recovery_codes";
    assert_eq!(project.count(left, []).await, 0, "they go with what they stood for");
}

#[tokio::test]
async fn whoever_sets_a_second_factor_up_gets_recovery_codes_with_it_and_is_told_how_many_are_left() {
    let project = Project::new().await;
    let (ann, secret) = project.enrolled().await;
    let cx = project.cx(&ann).await;
    assert_eq!(project.auth.recovery_codes_left(&cx).await.unwrap(), 0);
    let disable = body(json!({ "otp": shown(&secret, 0) }));
    project.auth.disable_tfa(&cx, &disable).await.unwrap();
    let form = |otp: String| body(json!({ "secret": secret, "otp": otp, "recovery_codes": true }));
    assert!(project.auth.enable_tfa(&cx, &form("000000".into())).await.is_err());
    assert_eq!(project.auth.recovery_codes_left(&cx).await.unwrap(), 0);
    let codes = project.auth.enable_tfa(&cx, &form(shown(&secret, 1))).await.unwrap();
    assert_eq!(codes.len(), 10);
    assert!(project.with_code(&codes[0], 0).await.is_ok());
    assert_eq!(project.auth.recovery_codes_left(&cx).await.unwrap(), 9);
}

#[tokio::test]
async fn recovery_codes_are_not_stored_as_they_are() {
    let project = Project::new().await;
    let (ann, secret) = project.enrolled().await;
    let codes = project.codes(&ann, &shown(&secret, 0)).await.unwrap();
    let rows = project.rows("select digest from aedile_recovery_codes", []).await;
    assert_eq!(rows.len(), 10);
    for row in &rows {
        let stored = crate::statement::text(row, 0).unwrap();
        assert!(stored.len() == 64 && !codes.iter().any(|code| stored.contains(&code.replace('-', ""))));
    }
}
