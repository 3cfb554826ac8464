//! One read is one data statement, whatever it nests, and at most one more that says who asks. A count that is asked
//! for may be a second data statement.

use aedile_testkit::workload::{Kind, Sizes, Who, cases};
use serde_json::Value;

use crate::project::Project;

/// The statement that resolves the caller.
const CALLER: u64 = 1;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_is_one_statement_beside_that_for_the_caller() {
    let project = Project::of_workload(Sizes::SMALL).await;
    for who in [Who::Administrator, Who::Reader] {
        for case in cases().into_iter().filter(|case| case.reads()) {
            // The second time, so that what is kept of schema and access is there, and with another page.
            for number in [3, 4] {
                let target = format!(
                    "{}?{}",
                    case.path(number, Sizes::SMALL),
                    case.query(number, Sizes::SMALL)
                );
                let before = project.statements();
                let (status, answer) = project.ask("GET", &target, who.token(), None).await;
                let after = project.statements();
                let place = format!("{} as {}: {answer}", case.name, who.name());
                assert!(status.is_success(), "{place}");
                assert!(!answer["data"].as_array().is_some_and(Vec::is_empty), "{place}");
                let data = if case.kind == Kind::CountedList { 2 } else { 1 };
                assert_eq!(after.reads - before.reads, CALLER + data, "{place}");
                assert_eq!(after.writes, before.writes, "{place}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_restricted_user_sees_what_its_rules_say() {
    let project = Project::of_workload(Sizes::SMALL).await;
    let target = "/items/articles?fields=id,status,author.name,tags.tags_id.name,comments.id&limit=-1";
    let (_, all) = project.ask("GET", target, Who::Administrator.token(), None).await;
    let (_, own) = project.ask("GET", target, Who::Reader.token(), None).await;
    let count = |answer: &Value| answer["data"].as_array().unwrap().len();
    assert_eq!(count(&all), 300);
    assert_eq!(count(&own), 180);
    let rows = own["data"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["status"] == "published"));
    let hidden = |row: &&Value| row["author"].is_null();
    // Every twentieth author is not active, and each has the same number of articles.
    assert!(rows.iter().any(|row| hidden(&row)) && !rows.iter().all(|row| hidden(&row)));
    let comments = |answer: &Value| {
        answer["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["comments"].as_array().unwrap().len())
            .sum::<usize>()
    };
    assert!(comments(&own) > 0 && comments(&own) < comments(&all));
}
