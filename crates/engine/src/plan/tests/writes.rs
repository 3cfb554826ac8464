//! Writes: they are refused where no permission is for the action at all, and touch the rows with these keys only.

use serde_json::{Value as Json, json};

use super::{no_collection, no_field, project::*};
use crate::{
    Result,
    plan::{Plan, write},
    schema::Schema,
    value::Param,
};

fn values(names: &[&str]) -> Vec<(String, Param)> {
    names
        .iter()
        .map(|&name| (name.to_owned(), Param::from("new")))
        .collect()
}

/// What a write answers, and the titles of all articles after it.
fn written(who: &Who, plan: impl Fn(&Schema) -> Result<Plan>) -> (Json, Json) {
    let project = Project::new(true);
    let answer = match plan(&project.schema) {
        Ok(plan) => project.run(&plan, who),
        Err(error) => told(&error),
    };
    let admin = Who::admin();
    let all = parsed(&json!({"fields": "id,title"}), &project.limits).unwrap();
    let all = crate::plan::read::list(&project.schema, &admin.access, &project.limits, "articles", &all).unwrap();
    let Json::Array(rows) = project.run(&all, &admin) else {
        panic!("a list")
    };
    (answer, rows.iter().map(|row| row["title"].clone()).collect())
}

#[test]
fn each_write_needs_its_own_action() {
    let titles = json!(["Alpha", "Beta", "gamma", "Delta 3"]);
    for (action, allowed) in [
        ("create", [true, false, false]),
        ("update", [false, true, false]),
        ("delete", [false, false, true]),
        ("read", [false, false, false]),
    ] {
        let who = Who::with(ada(), action, &[("articles", json!({}), json!("*"))]);
        let keys = || vec![Param::Int(1), Param::Int(3)];
        let insert = written(&who, |schema| {
            let c = schema.collection("articles").unwrap();
            let mut values = values(&["title"]);
            values.push(("id".to_owned(), Param::Int(7)));
            write::insert(&who.access, c, values)
        });
        let update = written(&who, |schema| {
            let c = schema.collection("articles").unwrap();
            write::update(&who.access, c, keys(), values(&["title"]))
        });
        let delete = written(&who, |schema| {
            let c = schema.collection("articles").unwrap();
            write::delete(&who.access, c, keys())
        });
        let done = [
            (json!([{"id": 7}]), json!(["Alpha", "Beta", "gamma", "Delta 3", "new"])),
            (json!(2), json!(["new", "Beta", "new", "Delta 3"])),
            (json!(2), json!(["Beta", "Delta 3"])),
        ];
        for ((found, done), allowed) in [insert, update, delete].into_iter().zip(done).zip(allowed) {
            let refused = (no_collection("articles"), titles.clone());
            assert_eq!(found, if allowed { done } else { refused }, "{action}");
        }
    }
}

#[test]
fn fields_without_a_column_are_not_written() {
    let admin = Who::admin();
    for name in ["oops", "comments", "divider"] {
        let (answer, _) = written(&admin, |schema| {
            let c = schema.collection("articles").unwrap();
            write::insert(&admin.access, c, values(&[name]))
        });
        assert_eq!(answer, no_field(name, "articles"));
        let (answer, _) = written(&admin, |schema| {
            let c = schema.collection("articles").unwrap();
            write::update(&admin.access, c, vec![Param::Int(1)], values(&["title", name]))
        });
        assert_eq!(answer, no_field(name, "articles"));
    }
}
