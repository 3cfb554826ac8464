//! Prepared reads are shared by callers who may do the same, and by nobody else.

use std::sync::Arc;

use aedile_engine::{Code, Error, Result, access::Caller, plan::read, query::Query, value::Param};
use serde_json::{Value as Json, json};

use super::{Project, parsed};
use crate::{
    Cx, Origin,
    items::{
        self,
        prepared::{Form, Wanted, leads, prepare},
    },
};

const QUESTION: &str = "fields=title,author.name&sort=title";

/// What a caller is told when it asks the question as a request would.
async fn asked(cx: &Cx) -> Result<Json> {
    let query = json!({"fields": "title,author.name", "sort": "title"});
    let read = prepare(cx, Form::List, "articles", Some(QUESTION), || Ok(parsed(&query)))?;
    let answer = read.run(cx, &Param::Null).await?;
    Ok(serde_json::from_slice(&answer.data.unwrap()).unwrap())
}

/// Two users of one role, with a rule on the name of the caller, and one of another that sees titles alone.
async fn shared() -> Project {
    let project = Project::filled(true).await;
    let cx = project.cx().await;
    let policy = |name: &str, permission: Json| json!({"name": name, "permissions": {"create": [permission], "update": [], "delete": []}});
    let reads = |collection: &str, rule: Json, fields: &str| json!({"collection": collection, "action": "read", "permissions": rule, "fields": [fields]});
    let own = policy(
        "own",
        reads("articles", json!({"title": {"_eq": "$CURRENT_USER.first_name"}}), "*"),
    );
    let titles = policy("titles", reads("articles", json!({}), "title"));
    let roles = json!([
        {"name": "owners", "policies": [{"policy": own}], "users": [
            {"email": "a1@example.com", "first_name": "a1"}, {"email": "a2@example.com", "first_name": "a2"}]},
        {"name": "readers", "policies": [{"policy": titles}], "users": [{"email": "r@example.com"}]},
    ]);
    items::create(&cx, "directus_roles", roles, &Query::default())
        .await
        .unwrap();
    project
}

async fn user(project: &Project, email: &str) -> Cx {
    let system = project.cx().await;
    let query = parsed(&json!({"fields": "id,role", "filter": {"email": {"_eq": email}}}));
    let found = items::list(&system, "directus_users", &query).await.unwrap();
    let found: Json = serde_json::from_slice(&found.data.unwrap()).unwrap();
    let caller = Caller::User {
        id: found[0]["id"].as_str().unwrap().to_owned(),
        role: found[0]["role"].as_str().map(str::to_owned),
        ip: None,
    };
    project.app.cx(system.snapshot.clone(), caller, Origin::default(), 0)
}

#[tokio::test]
async fn one_read_serves_each_caller_its_own() {
    let project = shared().await;
    let (one, two) = (
        user(&project, "a1@example.com").await,
        user(&project, "a2@example.com").await,
    );
    assert!(Arc::ptr_eq(&one.access, &two.access), "they may do the same");
    let titles = |rows: Json| {
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["title"].clone())
            .collect::<Vec<_>>()
    };
    for _ in 0..2 {
        assert_eq!(titles(asked(&one).await.unwrap()), ["a1"]);
        assert_eq!(titles(asked(&two).await.unwrap()), ["a2"]);
    }
}

#[tokio::test]
async fn another_access_prepares_anew() {
    let project = shared().await;
    let owner = user(&project, "a1@example.com").await;
    assert_eq!(
        asked(&owner).await.unwrap(),
        json!([{"title": "a1"}]),
        "authors may not be read by owners"
    );
    let system = project.cx().await;
    let everything = asked(&system).await.unwrap();
    assert_eq!(everything.as_array().unwrap().len(), 8);
    assert_eq!(everything[0], json!({"title": "a1", "author": {"name": "ann"}}));
    let reader = user(&project, "r@example.com").await;
    let told = asked(&reader).await.unwrap();
    assert_eq!(told.as_array().unwrap().len(), 8);
    assert_eq!(
        told[0],
        json!({"title": "a1"}),
        "what others were told is nothing to this caller"
    );
    let public = project.app.cx(
        system.snapshot.clone(),
        Caller::Public { ip: None },
        Origin::default(),
        0,
    );
    assert!(asked(&public).await.is_err());
}

#[tokio::test]
async fn a_change_of_policies_is_obeyed_by_the_next_read() {
    let project = shared().await;
    let plain = || async {
        let cx = user(&project, "r@example.com").await;
        let query = json!({"fields": "title"});
        let read = prepare(&cx, Form::List, "articles", Some("fields=title"), || Ok(parsed(&query)))?;
        read.run(&cx, &Param::Null).await
    };
    assert!(plain().await.is_ok());
    let every = parsed(&json!({"fields": "id", "filter": {"policy": {"name": {"_eq": "titles"}}}}));
    let system = project.cx().await;
    let found = items::list(&system, "directus_permissions", &every).await.unwrap();
    let found: Json = serde_json::from_slice(&found.data.unwrap()).unwrap();
    items::delete_one(&system, "directus_permissions", &found[0]["id"].to_string())
        .await
        .unwrap();
    assert!(plain().await.is_err());
}

#[tokio::test]
async fn one_read_serves_every_key() {
    let project = Project::filled(true).await;
    let cx = project.cx().await;
    for key in [1, 5, 2] {
        let read = prepare(&cx, Form::Item, "articles", Some("fields=id"), || {
            Ok(parsed(&json!({"fields": "id"})))
        })
        .unwrap();
        let answer = read.run(&cx, &Param::Int(key)).await.unwrap();
        assert_eq!(answer.data.unwrap(), format!("{{\"id\":{key}}}").into_bytes());
    }
    let read = prepare(&cx, Form::Item, "articles", Some("fields=id"), || Ok(Query::default())).unwrap();
    assert!(
        read.run(&cx, &Param::Null).await.is_err(),
        "without a key there is no item"
    );
}

#[tokio::test]
async fn an_index_leads_to_a_page_by_the_key_or_an_indexed_field_alone() {
    for (indexed, sort, expected) in [
        (true, json!("id"), true),
        (true, json!([]), true),
        (true, json!("-author,title"), true),
        (false, json!("author"), false),
        (true, json!("title,id"), false),
        (true, json!("author.name"), false),
        (true, json!("count(comments)"), false),
    ] {
        let project = Project::filled(indexed).await;
        let cx = project.cx().await;
        let query = parsed(&json!({ "sort": sort, "limit": 5 }));
        let plan = read::list(cx.schema(), &cx.access, cx.limits(), "articles", &query).unwrap();
        let articles = cx.schema().collection("articles").unwrap();
        assert_eq!(
            leads(cx.schema(), articles, &plan),
            expected,
            "{sort}, indexed: {indexed}"
        );
    }
}

/// How many authors there are.
async fn authors(cx: &Cx) -> usize {
    let rows = items::list(cx, "authors", &parsed(&json!({"fields": "id", "limit": -1})))
        .await
        .unwrap();
    let rows: Vec<Json> = serde_json::from_slice(&rows.data.unwrap()).unwrap();
    rows.len()
}

#[tokio::test]
async fn what_a_write_answers_is_understood_once_and_refused_before_anything_is_written() {
    let project = shared().await;
    let cx = project.cx().await;
    let before = authors(&cx).await;
    let unclear = || Err(Error::invalid_query("no"));
    let names = || Ok(parsed(&json!({"fields": "name"})));
    let carl = || json!({"name": "carl"});
    let refused = items::create(&cx, "authors", carl(), Wanted::Text(Some("fields=name"), &unclear)).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidQuery);
    assert_eq!(authors(&cx).await, before, "nothing was written");
    for parse in [&names as &(dyn Fn() -> Result<Query> + Sync), &unclear] {
        let made = items::create(&cx, "authors", carl(), Wanted::Text(Some("fields=name"), parse)).await;
        assert_eq!(made.unwrap().data.unwrap(), br#"{"name":"carl"}"#);
    }
    let reader = user(&project, "r@example.com").await;
    let read = items::create(&reader, "authors", carl(), Wanted::Text(Some("fields=name"), &names)).await;
    assert_eq!(read.unwrap_err().code(), Code::Forbidden, "another access");
    assert_eq!(authors(&cx).await, before + 2);
}
