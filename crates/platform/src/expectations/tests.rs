//! Each kind of expectation holds where it does, and fails with its reason where it does not, or shows nothing.

use aedile_engine::query::Query;
use serde_json::json;

use super::*;
use crate::{
    access_file::tests::{Project, WRITING},
    items,
};

async fn report(project: &Project, tests: &str) -> Report {
    let suite = read("t.yaml", &format!("tests:\n{tests}")).unwrap_or_else(|problems| panic!("{}", problems.told("t")));
    judge(&project.operator(), &[suite]).await.unwrap()
}

#[tokio::test]
async fn what_holds_passes_and_changes_nothing() {
    let project = Project::new().await;
    let version = project.app.version().await.unwrap();
    let all = [
        "{as: public, cannot: read, collection: posts}",
        "{as: public, cannot: create, collection: posts, payload: {title: x}}",
        "{as: {user: ADA@example.com}, can: read, collection: posts, where: {status: {_eq: published}}, rows: 3}",
        "{as: {role: Editors}, can: read, collection: posts, at_least: {title: {_eq: a}}, at_most: {status: {_neq: draft}}, item: 1}",
        "{as: {policies: [Writing]}, can: read, collection: posts, fields: [owner]}",
        "{as: {role: Staff}, cannot: read, collection: posts}",
        "{as: {user: ada@example.com}, cannot: read, collection: posts, where: {status: {_eq: draft}}}",
        "{as: {user: ada@example.com}, cannot: read, collection: posts, item: 4}",
        "{as: {user: ada@example.com}, can: update, collection: posts, where: {owner: {_eq: $CURRENT_USER}}, fields: [title], hidden: [owner, id]}",
        "{as: {user: ada@example.com}, can: update, collection: posts, payload: {title: new}}",
        "{as: {user: ada@example.com}, can: update, collection: posts, item: 1, payload: {title: new}}",
        "{as: {user: ada@example.com}, cannot: update, collection: posts, payload: {owner: null}}",
        "{as: {user: ada@example.com}, cannot: update, collection: posts, where: {status: {_eq: draft}}, payload: {title: new}}",
        "{as: {role: Editors}, cannot: update, collection: posts, payload: {owner: null}}",
        "{as: public, cannot: update, collection: posts, payload: {title: new}}",
        "{as: {user: ada@example.com}, cannot: delete, collection: posts}",
        "{as: {user: admin@example.com}, can: delete, collection: posts, where: {}, rows: 5}",
        "{as: {user: admin@example.com}, can: create, collection: posts, payload: {title: x}}",
    ];
    let report = report(&project, &all.map(|one| format!("  - {one}\n")).concat()).await;
    assert_eq!((report.passed, report.failed), (all.len(), 0), "{}", report.text());
    assert!(report.text().ends_with("18 passed, 0 failed\n"));
    assert_eq!(project.app.version().await.unwrap(), version);
    let count = "  - {as: {user: admin@example.com}, can: read, collection: posts, where: {title: {_in: [a, b, c, d, e]}}, rows: 5}";
    assert_eq!(self::report(&project, count).await.failed, 0);
}

#[tokio::test]
async fn what_does_not_hold_says_why() {
    let project = Project::new().await;
    let cases = [
        (
            "{as: public, can: read, collection: posts}",
            "they may not read posts at all",
        ),
        (
            "{as: {role: Editors}, cannot: read, collection: posts}",
            "they may read posts",
        ),
        (
            "{as: {role: Editors}, cannot: read, collection: posts, fields: [owner]}",
            "they may read posts: owner",
        ),
        (
            "{as: {role: Editors}, can: update, collection: posts, fields: [owner]}",
            "not granted on any row: owner",
        ),
        (
            "{as: {role: Editors}, can: read, collection: posts, hidden: [owner]}",
            "not hidden: owner",
        ),
        (
            "{as: {role: Editors}, can: read, collection: posts, rows: 2}",
            "2 rows are expected, and there are 3",
        ),
        (
            "{as: {role: Editors}, can: read, collection: posts, where: {}}",
            "2 of 5 rows missing (id 4, 5)",
        ),
        (
            "{as: {role: Editors}, can: read, collection: posts, where: {title: {_eq: a}}}",
            "2 rows too many, besides 1 expected (id 2, 3)",
        ),
        (
            "{as: {role: Editors}, can: read, collection: posts, at_least: {title: {_eq: d}}}",
            "1 of 1 rows missing (id 4)",
        ),
        (
            "{as: {role: Editors}, can: read, collection: posts, at_most: {title: {_eq: a}}}",
            "2 rows too many, besides 1 expected (id 2, 3)",
        ),
        (
            "{as: {role: Editors}, can: read, collection: posts, item: 4}",
            "1 of 1 rows missing (id 4)",
        ),
        (
            "{as: {role: Editors}, cannot: read, collection: posts, where: {}}",
            "they may read posts on 3 of 5 such rows (id 1, 2, 3)",
        ),
        (
            "{as: {role: Editors}, cannot: read, collection: posts, item: 1}",
            "they may read posts on 1 of 1 such rows (id 1)",
        ),
        (
            "{as: {user: ada@example.com}, cannot: update, collection: posts, payload: {title: x}}",
            "it would be stored on id 1",
        ),
        (
            "{as: {user: ada@example.com}, can: update, collection: posts, payload: {owner: null}}",
            "refused on id 1: ",
        ),
        (
            "{as: {role: Editors}, can: update, collection: posts, payload: {title: x}}",
            "there is no row that they may change",
        ),
        (
            "{as: {user: admin@example.com}, can: create, collection: posts, payload: {id: 1}}",
            "refused: ",
        ),
        (
            "{as: {user: admin@example.com}, cannot: create, collection: posts, payload: {id: 1}}",
            "it fails, but not for want of access: ",
        ),
    ];
    let report = report(&project, &cases.map(|(one, _)| format!("  - {one}\n")).concat()).await;
    assert_eq!(report.failed, cases.len(), "{}", report.text());
    for (outcome, (case, why)) in report.outcomes.iter().zip(cases) {
        assert!(outcome.why[0].starts_with(why), "{case}: {:?}", outcome.why);
        assert!(
            outcome.why[1].starts_with("allowed: ") || outcome.why[1].starts_with("denied: "),
            "{:?}",
            outcome.why
        );
    }
    let told = report.text();
    assert!(
        told.contains("✗ the public can read posts (t.yaml:2)\n    they may not read posts at all\n"),
        "{told}"
    );
    assert!(
        told.contains("policy \"Writing\" (permission 1): rows: status is \"published\"; fields: *"),
        "{told}"
    );
}

#[tokio::test]
async fn what_would_show_nothing_does_not_pass() {
    let project = Project::new().await;
    let cases = [
        (
            "{as: {role: Editors}, cannot: read, collection: posts, where: {title: {_eq: nothing}}}",
            "there is no such row",
        ),
        (
            "{as: {role: Editors}, can: read, collection: posts, where: {title: {_eq: nothing}}}",
            "no row is expected",
        ),
        (
            "{as: {role: Editors}, cannot: read, collection: posts, item: 99}",
            "there is no such row",
        ),
        (
            "{as: {role: Editors}, cannot: update, collection: posts, item: 99, payload: {title: x}}",
            "there is no such row",
        ),
        (
            // Rows of the current user's, and nobody in particular has any.
            "{as: {role: Editors}, cannot: update, collection: posts, payload: {title: x}}",
            "there is no row that they may change",
        ),
        (
            "{as: public, cannot: read, collection: pots}",
            "there is no collection \"pots\"",
        ),
        (
            "{as: public, cannot: read, collection: posts, fields: [titel]}",
            "there is no field \"titel\" in posts",
        ),
        (
            "{as: public, cannot: create, collection: posts, payload: {titel: x}}",
            "there is no field \"titel\" in posts",
        ),
        (
            "{as: public, cannot: read, collection: posts, where: {titel: {_eq: x}}}",
            "where: the field \"titel\"",
        ),
        (
            "{as: {role: Nobody}, cannot: read, collection: posts}",
            "there is no such role",
        ),
        (
            "{as: {user: nobody@example.com}, cannot: read, collection: posts}",
            "there is no such user",
        ),
        (
            "{as: {policies: [Nothing]}, cannot: read, collection: posts}",
            "there is no policy \"Nothing\"",
        ),
        // Refused to an administrator as well: the key is taken.
        (
            "{as: public, cannot: create, collection: posts, payload: {id: 1}}",
            "it is refused, but would be to anybody",
        ),
    ];
    let report = report(&project, &cases.map(|(one, _)| format!("  - {one}\n")).concat()).await;
    for (outcome, (case, why)) in report.outcomes.iter().zip(cases) {
        assert!(
            !outcome.passed && outcome.why[0].starts_with(why),
            "{case}: {:?}",
            outcome.why
        );
    }
}

#[tokio::test]
async fn an_address_is_taken_into_account() {
    let project = Project::new().await;
    let cx = project.operator();
    let policy = json!({"ip_access": ["10.0.0.0/8"]});
    items::update_one(&cx, "directus_policies", WRITING, policy, &Query::default())
        .await
        .unwrap();
    let tests = "  - {as: {role: Editors}, cannot: read, collection: posts}
  - {as: {role: Editors}, ip: 10.1.2.3, can: read, collection: posts, rows: 3}
  - {as: {policies: [Writing]}, ip: 10.1.2.3, can: read, collection: posts, rows: 3}
  - {as: {policies: [Writing]}, ip: 11.1.2.3, cannot: read, collection: posts}\n";
    let report = report(&project, tests).await;
    assert_eq!((report.passed, report.failed), (4, 0), "{}", report.text());
}

#[test]
fn what_is_not_understood_is_told_with_its_line() {
    let cases = [
        ("{can: read, collection: posts}", "t:2: tests[0]: \"as\" is needed"),
        (
            "{as: everybody, can: read, collection: posts}",
            "t:2: tests[0].as: is one of",
        ),
        (
            "{as: {role: A, user: b}, can: read, collection: posts}",
            "t:2: tests[0].as: is one of",
        ),
        (
            "{as: public, collection: posts}",
            "t:2: tests[0]: one of \"can\" and \"cannot\" is needed",
        ),
        (
            "{as: public, can: look, collection: posts}",
            "t:2: tests[0].can: is one of",
        ),
        ("{as: public, can: read}", "t:2: tests[0]: \"collection\" is needed"),
        (
            "{as: public, can: read, collection: posts, were: {}}",
            "t:2: tests[0].were: is not known here",
        ),
        (
            "{as: public, can: read, collection: posts, where: {a: {_is: 1}}}",
            "t:2: tests[0].where: \"_is\" is not an operator here",
        ),
        (
            "{as: public, can: read, collection: posts, where: }",
            "t:2: tests[0].where: has to be a condition",
        ),
        (
            "{as: public, can: read, collection: posts, payload: {}}",
            "t:2: tests[0].payload: is for create and update only",
        ),
        (
            "{as: public, can: create, collection: posts, where: {}}",
            "t:2: tests[0].where: says nothing of new items",
        ),
        (
            "{as: public, can: delete, collection: posts, fields: [a]}",
            "t:2: tests[0].fields: says nothing here",
        ),
        (
            "{as: public, cannot: read, collection: posts, rows: 0}",
            "t:2: tests[0].rows: is for \"can\" only",
        ),
        (
            "{as: public, can: update, collection: posts, rows: 1, payload: {a: 1}}",
            "t:2: tests[0].rows: says nothing beside a payload",
        ),
        (
            "{as: public, can: read, collection: posts, fields: []}",
            "t:2: tests[0].fields: has to be a list of names",
        ),
        (
            "{as: public, can: read, collection: posts, ip: here}",
            "t:2: tests[0].ip: is no address",
        ),
    ];
    for (case, expected) in cases {
        let told = match read("t", &format!("tests:\n  - {case}\n")) {
            Err(problems) => problems.told("t"),
            Ok(_) => panic!("{case}"),
        };
        assert!(
            told.starts_with(expected) && told.lines().count() == 1,
            "{case}: {told}"
        );
    }
    assert!(read("t", "tests: []\n").is_err() && read("t", "").is_err());
}
