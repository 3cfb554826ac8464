//! Mending: what was shown is done, with history, all of it or nothing; and an administrator stays whatever was found.

use aedile_engine::Code;
use serde_json::json;

use super::{
    project::{MACHINE, NOW, Project, environment},
    *,
};
use crate::system::policies::PUBLIC;

async fn report(project: &Project) -> Report {
    run(&project.operator(), async { Ok(environment()) }, &Baseline::default())
        .await
        .unwrap()
}

async fn mended(project: &Project, chosen: &[&str]) -> Fixed {
    let report = report(project).await;
    let findings = report.open().filter(|finding| chosen.contains(&finding.check));
    fix(&project.operator(), &Repair::of(&report, findings)).await.unwrap()
}

#[tokio::test]
async fn what_was_shown_is_done_with_history() {
    let project = Project::new().await;
    let public = |collection: &str, fields: &[&str]| json!({ "policy": PUBLIC, "collection": collection, "action": "read", "fields": fields });
    project
        .create(
            "directus_permissions",
            json!([public("members", &["*"]), public("directus_users", &["id"])]),
        )
        .await;
    project
        .update("directus_settings", json!({}), json!({ "auth_login_attempts": null }))
        .await;
    let chosen = [
        "public-reads-every-field",
        "public-reads-personal",
        "public-reads-system",
        "login-attempts-unlimited",
    ];
    let report = report(&project).await;
    let findings: Vec<&Finding> = report
        .open()
        .filter(|finding| chosen.contains(&finding.check))
        .collect();
    assert_eq!(findings.len(), chosen.len(), "{}", report.text());
    let repair = Repair::of(&report, findings);
    let shown: Vec<String> = repair.steps().collect();
    let fixed = fix(&project.operator(), &repair).await.unwrap();
    assert_eq!((fixed.done, fixed.left), (shown.clone(), Vec::new()));
    assert_eq!(shown.len(), 3, "one row is changed once: {shown:?}");
    let rows = project
        .rows(
            "directus_permissions",
            json!({ "filter": { "policy": { "_eq": PUBLIC } }, "fields": "collection,fields" }),
        )
        .await;
    assert_eq!(
        rows,
        [json!({ "collection": "members", "fields": ["id", "note"] })],
        "what both keep is kept"
    );
    let settings = project
        .rows("directus_settings", json!({ "fields": "auth_login_attempts" }))
        .await;
    assert_eq!(settings, [json!({ "auth_login_attempts": 10 })]);
    let history = project
        .rows(
            "directus_activity",
            json!({ "fields": "action,collection", "sort": "id" }),
        )
        .await;
    for entry in [
        ("update", "directus_permissions"),
        ("delete", "directus_permissions"),
        ("update", "directus_settings"),
    ] {
        assert!(
            history.contains(&json!({ "action": entry.0, "collection": entry.1 })),
            "{history:?}"
        );
    }
    let again = super::applied::report(&project).await;
    assert!(
        again.open().all(|finding| !chosen.contains(&finding.check)),
        "{}",
        again.text()
    );
}

#[tokio::test]
async fn the_last_administrator_is_left_and_told() {
    let project = Project::new().await;
    let role = project.facts().await.power().roles.into_iter().next().unwrap();
    project
        .create(
            "directus_users",
            json!({ "email": "bea@example.com", "role": role, "status": "active", "tfa_secret": "made" }),
        )
        .await;
    project
        .update(
            "directus_users",
            json!({ "role": { "_eq": role } }),
            json!({ "last_access": "2029-01-01T00:00:00Z" }),
        )
        .await;
    let fixed = mended(&project, &["admin-dormant"]).await;
    assert_eq!((fixed.done.len(), fixed.left.len()), (1, 1), "{fixed:?}");
    assert!(fixed.left[0].ends_with("the last administrator must stay"), "{fixed:?}");
    let active = json!({ "filter": { "role": { "_eq": role }, "status": { "_eq": "active" } }, "fields": "email" });
    assert_eq!(project.rows("directus_users", active).await.len(), 1);
}

#[tokio::test]
async fn a_project_that_was_changed_meanwhile_is_left_alone() {
    let project = Project::new().await;
    project
        .update(
            "directus_users",
            json!({ "id": { "_eq": MACHINE } }),
            json!({ "status": "suspended" }),
        )
        .await;
    let report = report(&project).await;
    let repair = Repair::of(&report, report.open());
    assert_eq!(
        repair.steps().collect::<Vec<_>>(),
        [format!("PATCH /users/{MACHINE} {{\"token\":null}}")]
    );
    // Somebody else is at work.
    project.create("directus_roles", json!({ "name": "New" })).await;
    project.app.reload(project.app.version().await.unwrap()).await.unwrap();
    let error = fix(&project.operator(), &repair).await.unwrap_err();
    assert_eq!(error.code(), Code::UnprocessableContent);
    let machine = json!({ "filter": { "id": { "_eq": MACHINE } }, "fields": "token" });
    assert_eq!(
        project.rows("directus_users", machine.clone()).await,
        [json!({ "token": "**********" })]
    );
    assert_eq!(mended(&project, &["token-of-inactive"]).await.done.len(), 1);
    assert_eq!(
        project.rows("directus_users", machine).await,
        [json!({ "token": null })]
    );
}

#[tokio::test]
async fn what_only_people_can_do_is_told() {
    let project = Project::new().await;
    let mut facts = project.facts().await;
    facts.settings.rate_limit.enabled = false;
    facts.now = NOW;
    let report = judged(&facts);
    let repair = Repair::of(&report, report.open());
    assert_eq!(repair.steps().count(), 0);
    assert_eq!(
        repair.left(),
        ["rate-limit-off on setting RATE_LIMITER_ENABLED: RATE_LIMITER_ENABLED=true"]
    );
    assert_eq!(fix(&project.operator(), &repair).await.unwrap().done, [""; 0]);
}
