//! Tables made and dropped, over a real file.
use super::*;

#[tokio::test]
async fn every_change_moves_the_version_on_and_a_failed_one_leaves_nothing() {
    let project = Project::blog().await;
    let version = "select value from aedile_meta where key = 'version'";
    let before = project.count(version).await;
    project
        .add("articles", json!({"field": "x", "type": "string"}))
        .await
        .unwrap();
    assert!(project.count(version).await > before);
    let before = project.count(version).await;
    let half = json!([
        {"collection": "fine", "schema": {}, "meta": {}},
        {"collection": "wrong", "schema": {}, "meta": {"group": "nothere"}}
    ]);
    assert_eq!(code(project.make(half).await), Code::InvalidForeignKey);
    assert_eq!(project.count(version).await, before);
    let model = project.model().await;
    assert!(model.schema.collection("fine").is_none() && !model.collections.contains_key("fine"));
}

#[tokio::test]
async fn names_that_differ_by_case_alone_are_taken() {
    let project = Project::blog().await;
    assert_eq!(
        code(project.make(json!({"collection": "Articles", "schema": {}})).await),
        Code::InvalidPayload
    );
    assert_eq!(
        code(
            project
                .add("articles", json!({"field": "TITLE", "type": "string"}))
                .await
        ),
        Code::InvalidPayload
    );
    let twice = json!({"collection": "t", "schema": {}, "fields": [
        {"field": "a", "type": "string"}, {"field": "A", "type": "string"}
    ]});
    assert_eq!(code(project.make(twice).await), Code::InvalidPayload);
}

#[tokio::test]
async fn a_collection_that_others_point_at_can_be_dropped() {
    let project = Project::blog().await;
    project
        .sql(&[
            "insert into directus_policies (id, name) values ('p', 'p')",
            "insert into directus_permissions (collection, action, fields, policy) values ('authors', 'read', '*', 'p')",
            "insert into directus_presets (collection) values ('authors'), ('articles')",
            "insert into directus_activity (id, action, timestamp, collection, item) values
                (1, 'create', 0, 'authors', '1'), (2, 'create', 0, 'articles', '1')",
            "insert into directus_revisions (id, activity, collection, item) values (1, 1, 'authors', '1')",
            "insert into directus_revisions (id, activity, collection, item, parent) values (2, 2, 'articles', '1', 1)",
            "insert into directus_shares (id, collection, item) values ('s', 'authors', '1')",
            "insert into directus_sessions (token, expires, share) values ('t', 0, 's')",
            "insert into directus_versions (id, key, collection, item) values ('v', 'k', 'authors', '1')",
        ])
        .await;
    project.drop_collection("authors").await.unwrap();
    for left in [
        "directus_permissions",
        "directus_shares",
        "directus_sessions",
        "directus_versions",
        "directus_relations",
        "sqlite_schema where name = 'authors'",
        "directus_fields where collection = 'authors'",
        "directus_collections where collection = 'authors'",
        "directus_presets where collection = 'authors'",
        "directus_activity where collection = 'authors'",
        "directus_revisions where collection = 'authors' or parent is not null",
    ] {
        assert_eq!(
            project.count(&format!("select count(*) from {left}")).await,
            0,
            "{left}"
        );
    }
    assert_eq!(
        project
            .count("select count(*) from articles where author is not null")
            .await,
        2,
        "rows stay"
    );
    let model = project.model().await;
    assert!(model.schema.relation("articles", "author").is_none());
    assert!(model.schema.collection("articles").unwrap().field("author").is_some());
    assert_eq!(code(project.drop_collection("authors").await), Code::Forbidden);
    assert_eq!(
        code(project.drop_collection("directus_settings").await),
        Code::Forbidden
    );
}

#[tokio::test]
async fn what_a_rebuild_would_lose_refuses_it() {
    let project = Project::new().await;
    project
        .sql(&[
            "create table checked (id integer primary key, a text check (a <> ''))",
            "create table watched (id integer primary key, a text)",
            "create trigger w after insert on watched begin select 1; end",
            "create table seen (id integer primary key, a text)",
            "create view v as select a from seen",
        ])
        .await;
    let narrow = json!({"schema": {"is_nullable": false}});
    for table in ["checked", "watched"] {
        assert_eq!(
            code(project.change(table, "a", narrow.clone()).await),
            Code::UnprocessableContent,
            "{table}"
        );
    }
    project.change("seen", "a", narrow).await.unwrap();
    assert_eq!(project.count("select count(*) from v").await, 0, "the view still works");
    assert_eq!(code(project.drop_field("seen", "a").await), Code::UnprocessableContent);
    let told = project
        .add("checked", json!({"field": "b", "type": "string"}))
        .await
        .unwrap();
    assert!(told.is_some(), "what needs no rebuild goes on");
}

#[tokio::test]
async fn big_keys_count_by_themselves_and_are_told_as_big() {
    let project = Project::new().await;
    let key =
        json!({"field": "id", "type": "bigInteger", "schema": {"is_primary_key": true, "has_auto_increment": true}});
    project
        .make(json!({"collection": "big", "schema": {}, "fields": [key]}))
        .await
        .unwrap();
    project.sql(&["insert into big default values"]).await;
    assert_eq!(project.count("select id from big").await, 1);
    let told = fields::one(&project.model().await, &Everything, "big", "id").unwrap();
    assert_eq!(
        (&told["type"], &told["schema"]["has_auto_increment"]),
        (&json!("bigInteger"), &json!(true))
    );
}

#[tokio::test]
async fn a_fresh_project_loads_without_problems() {
    let model = Project::new().await.model().await;
    assert_eq!(model.problems, Vec::<String>::new());
    assert_eq!(model.schema.collections().count(), 29);
    assert_eq!(model.schema.relations().len(), 54);
    let fields = fields::list(&model, &Everything, None).unwrap();
    assert_eq!(fields.as_array().unwrap().len(), 404);
}
