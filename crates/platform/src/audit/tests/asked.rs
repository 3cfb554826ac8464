//! What is gathered from the database: answers to the public, writes tried and undone, signs of life; and who may ask for it.

use std::sync::Arc;

use aedile_engine::{Code, access::Caller};
use serde_json::json;

use super::{
    project::{ADA, MACHINE, NOW, Project, environment},
    *,
};
use crate::{audit::facts::Tried, system::policies::PUBLIC};

async fn report(project: &Project) -> Report {
    run(&project.operator(), async { Ok(environment()) }, &Baseline::default())
        .await
        .unwrap()
}

fn one<'r>(report: &'r Report, check: &str) -> &'r Finding {
    let found = report.findings.iter().find(|finding| finding.check == check);
    found.unwrap_or_else(|| panic!("{check}: {}", report.text()))
}

#[tokio::test]
async fn the_public_is_really_asked_and_nothing_stays() {
    let project = Project::new().await;
    let permission = |collection: &str, action: &str, fields: &[&str], rule: aedile_engine::Json| json!({ "policy": PUBLIC, "collection": collection, "action": action, "fields": fields, "permissions": rule });
    project
        .create(
            "directus_permissions",
            json!([
                permission(
                    "articles",
                    "read",
                    &["title"],
                    json!({ "status": { "_eq": "published" } })
                ),
                permission("articles", "create", &["title"], json!(null)),
                permission(
                    "articles",
                    "update",
                    &["title"],
                    json!({ "owner": { "_eq": "$CURRENT_USER" } })
                ),
                permission("articles", "delete", &[], json!({ "status": { "_eq": "nothing" } })),
            ]),
        )
        .await;
    let before = project.rows("articles", json!({ "fields": "*" })).await;
    let version = project.app.version().await.unwrap();
    let report = report(&project).await;
    assert!(
        one(&report, "public-reads")
            .evidence
            .ends_with("asked as the public: 2 rows answered"),
        "{}",
        report.text()
    );
    let done = "tried as the public, and undone: it would have been done";
    assert!(
        one(&report, "public-creates").evidence.ends_with(done),
        "{}",
        report.text()
    );
    assert!(
        one(&report, "public-updates").evidence.ends_with(done),
        "{}",
        report.text()
    );
    assert!(
        !one(&report, "public-deletes").evidence.contains("tried"),
        "no row is covered"
    );
    let ownerless = one(&report, "public-reads-ownerless");
    assert!(
        ownerless.evidence.contains("covered for the public now: 2 rows"),
        "{}",
        report.text()
    );
    assert_eq!(project.rows("articles", json!({ "fields": "*" })).await, before);
    assert_eq!(
        project
            .rows(
                "directus_activity",
                json!({ "filter": { "collection": { "_eq": "articles" } } })
            )
            .await,
        [(); 0].map(|()| json!(null))
    );
    assert_eq!(project.app.version().await.unwrap(), version);
}

#[tokio::test]
async fn an_answer_that_no_policy_grants_is_a_finding() {
    let mut facts = Project::new().await.facts().await;
    facts.asked.reads.insert("members".to_owned(), facts::Counted(3));
    let report = judged(&facts);
    assert!(
        one(&report, "public-reads").evidence.contains("which no policy grants"),
        "{}",
        report.text()
    );
    facts
        .asked
        .writes
        .insert(("articles".to_owned(), "create"), Tried::Stored);
    assert_eq!(
        judged(&facts).findings.len(),
        1,
        "a write is told with the permission that grants it"
    );
}

#[tokio::test]
async fn signs_of_life_are_found_in_logins_and_in_activity() {
    let project = Project::new().await;
    let facts = project.facts().await;
    let machine = &facts.tokens[0];
    assert_eq!(
        (machine.id.as_str(), machine.is_active, machine.has_tfa),
        (MACHINE, true, false)
    );
    assert!(machine.seen.is_some_and(|seen| seen < NOW) && machine.has_token);
    let admin = &facts.administrators[0];
    assert!(admin.has_password && admin.has_tfa && !admin.has_token && facts.administrators.len() == 1);
    // Somebody who only ever changed things has been there.
    project
        .update(
            "directus_users",
            json!({ "id": { "_eq": MACHINE } }),
            json!({ "last_access": null }),
        )
        .await;
    assert!(
        found(&project.facts().await).contains("token-never-used"),
        "the project is years old by then"
    );
    let own = project.app.cx(
        project.app.snapshot(),
        Caller::User {
            id: MACHINE.to_owned(),
            role: Some(super::project::EDITORS.to_owned()),
            ip: None,
        },
        crate::Origin::default(),
        NOW - 1000,
    );
    let body = json!({ "articles_id": 1, "tags_id": 1 });
    project.create("tags", json!({ "name": "x" })).await;
    crate::items::create(&own, "articles_tags", body, &aedile_engine::query::Query::default())
        .await
        .unwrap();
    let facts = project.facts().await;
    assert!(facts.tokens[0].seen.is_some(), "{:?}", facts.tokens);
    assert!(!found(&facts).contains("token-never-used"));
}

#[tokio::test]
async fn nobody_but_administrators_may_ask() {
    let project = Project::new().await;
    let callers = [
        Caller::Public { ip: None },
        Caller::User {
            id: ADA.to_owned(),
            role: None,
            ip: None,
        },
        Caller::User {
            id: ADA.to_owned(),
            role: Some(super::project::EDITORS.to_owned()),
            ip: None,
        },
    ];
    for caller in callers {
        let cx = project
            .app
            .cx(project.app.snapshot(), caller.clone(), crate::Origin::default(), NOW);
        let survey = async { panic!("nothing is looked at for {caller:?}") };
        let error = run(&cx, survey, &Baseline::default()).await.unwrap_err();
        assert_eq!(error.code(), Code::Forbidden);
        let repair = Repair::of(&judged(&project.facts().await), []);
        assert_eq!(fix(&cx, &repair).await.unwrap_err().code(), Code::Forbidden);
    }
    // Nor does an administrator who looks at the project as somebody else.
    let mut cx = project.operator();
    cx.viewer = Some(Arc::new(Caller::Public { ip: None }));
    let error = run(&cx, async { Ok(environment()) }, &Baseline::default())
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::Forbidden);
}
