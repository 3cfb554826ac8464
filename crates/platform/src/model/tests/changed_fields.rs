//! Changed fields, over a real file.
use aedile_engine::schema::Kind;

use super::*;

#[tokio::test]
async fn a_rebuild_keeps_rows_indexes_keys_and_the_count() {
    let project = Project::blog().await;
    project.sql(&["delete from articles where id = 2"]).await;
    let told = project
        .change(
            "articles",
            "title",
            json!({"type": "text", "schema": {"is_nullable": false}}),
        )
        .await
        .unwrap();
    assert_eq!(
        (told["type"].as_str(), &told["schema"]["is_nullable"]),
        (Some("text"), &json!(false))
    );
    let rows = project.rows("select id, title, rank, author from articles").await;
    assert_eq!(
        rows,
        [vec![Param::Int(1), Param::from("one"), Param::Int(1), Param::Int(1)]]
    );
    let model = project.model().await;
    let articles = model.schema.collection("articles").unwrap();
    assert_eq!(
        articles.fields.keys().collect::<Vec<_>>(),
        ["id", "title", "rank", "author"]
    );
    assert!(articles.field("rank").unwrap().column.as_ref().unwrap().indexed);
    let relation = model.schema.relation("articles", "author").unwrap();
    assert!(relation.indexed);
    assert_eq!(relation.constraint.as_ref().unwrap()["on_delete"], "SET NULL");
    project.sql(&["insert into articles (title) values ('three')"]).await;
    assert_eq!(
        project.count("select max(id) from articles").await,
        3,
        "a key that was given once is not given again"
    );
}

#[tokio::test]
async fn what_points_at_a_rebuilt_table_still_does() {
    let project = Project::blog().await;
    project
        .change("authors", "name", json!({"schema": {"max_length": 40}}))
        .await
        .unwrap();
    project
        .db
        .write(|tx| Box::pin(async move { tx.execute(&raw("delete from authors where id = 1"), &[]).await }))
        .await
        .unwrap();
    assert_eq!(
        project
            .count("select count(*) from articles where author is null")
            .await,
        1
    );
}

#[tokio::test]
async fn stored_values_that_do_not_fit_are_named() {
    let project = Project::blog().await;
    let error = project
        .change("articles", "rank", json!({"schema": {"is_nullable": false}}))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::ContainsNullValues);
    assert_eq!(
        (extension(&error, "collection"), extension(&error, "field")),
        (json!("articles"), json!("rank"))
    );
    project.sql(&["update articles set title = 'same'"]).await;
    let error = project
        .change("articles", "title", json!({"schema": {"is_unique": true}}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), extension(&error, "value")),
        (Code::RecordNotUnique, json!("same"))
    );
    let shorter = project
        .change("articles", "title", json!({"schema": {"max_length": 2}}))
        .await;
    assert_eq!(code(shorter), Code::ValueTooLong);
    let number = project
        .change("articles", "title", json!({"type": "integer", "schema": {}}))
        .await;
    assert_eq!(code(number), Code::InvalidPayload);
    let pointer = project
        .change("articles", "author", json!({"type": "string", "schema": {}}))
        .await;
    assert_eq!(code(pointer), Code::InvalidPayload);
    project.sql(&["update articles set title = '12'"]).await;
    project
        .change("articles", "title", json!({"type": "integer", "schema": {}}))
        .await
        .unwrap();
    assert_eq!(
        project.rows("select title from articles limit 1").await,
        [[Param::Int(12)]]
    );
}

#[tokio::test]
async fn a_field_that_needs_a_value_needs_a_default_where_there_are_rows() {
    let project = Project::blog().await;
    let must = json!({"field": "must", "type": "string", "schema": {"is_nullable": false}});
    assert_eq!(
        code(project.add("articles", must.clone()).await),
        Code::ContainsNullValues
    );
    let with_default =
        json!({"field": "must", "type": "string", "schema": {"is_nullable": false, "default_value": "it's"}});
    project.add("articles", with_default).await.unwrap();
    assert_eq!(
        project
            .count("select count(*) from articles where must = 'it''s'")
            .await,
        2
    );
    let now = json!({"field": "seen", "type": "timestamp", "schema": {"is_nullable": false, "default_value": "now()"}});
    project.add("articles", now).await.unwrap();
    assert_eq!(
        project
            .count("select count(*) from articles where seen is not null")
            .await,
        2
    );
    project.sql(&["delete from articles"]).await;
    let must = json!({"field": "later", "type": "string", "schema": {"is_nullable": false}});
    let told = project.add("articles", must).await.unwrap().unwrap();
    assert_eq!(told["schema"]["is_nullable"], false);
}

#[tokio::test]
async fn unique_and_index_come_and_go() {
    let project = Project::blog().await;
    let told = project
        .change(
            "articles",
            "title",
            json!({"schema": {"is_unique": true, "is_indexed": true}}),
        )
        .await
        .unwrap();
    assert_eq!(
        (&told["schema"]["is_unique"], &told["schema"]["is_indexed"]),
        (&json!(true), &json!(true))
    );
    let told = project
        .change(
            "articles",
            "title",
            json!({"schema": {"is_unique": false, "is_indexed": false}}),
        )
        .await
        .unwrap();
    assert_eq!(
        (&told["schema"]["is_unique"], &told["schema"]["is_indexed"]),
        (&json!(false), &json!(false))
    );
    project
        .change("articles", "author", json!({"schema": {"is_indexed": false}}))
        .await
        .unwrap();
    assert!(
        project
            .model()
            .await
            .schema
            .relation("articles", "author")
            .unwrap()
            .indexed,
        "a relation keeps its index"
    );
}

#[tokio::test]
async fn a_deleted_field_leaves_no_trace() {
    let project = Project::blog().await;
    project
        .sql(&[
            "insert into directus_policies (id, name) values ('p', 'p')",
            "insert into directus_permissions (collection, action, fields, policy) values
                ('articles', 'read', 'id,title,rank', 'p'), ('articles', 'update', 'title', 'p'), ('authors', 'read', 'title', 'p')",
        ])
        .await;
    project.drop_field("articles", "title").await.unwrap();
    let lists = project
        .rows("select fields from directus_permissions order by id")
        .await;
    assert_eq!(lists, [[Param::from("id,rank")], [Param::Null], [Param::from("title")]]);
    let model = project.model().await;
    assert!(model.schema.collection("articles").unwrap().field("title").is_none());
    let meta = &model.collections["articles"];
    assert_eq!(
        (&meta["archive_field"], &meta["archive_value"], &meta["sort_field"]),
        (&Json::Null, &Json::Null, &json!("rank"))
    );
    project.drop_field("articles", "author").await.unwrap();
    let model = project.model().await;
    assert!(model.schema.relation("articles", "author").is_none());
    assert!(model.schema.collection("authors").unwrap().field("articles").is_some());
    assert_eq!(code(project.drop_field("articles", "id").await), Code::InvalidPayload);
    assert_eq!(
        code(project.drop_field("directus_users", "password").await),
        Code::Forbidden
    );
    project.drop_field("articles", "nothing").await.unwrap();
}

#[tokio::test]
async fn a_moment_without_zone_stays_one_though_the_server_fills_it_in() {
    let project = Project::blog().await;
    let field = json!({"field": "changed", "type": "dateTime", "meta": {"special": ["date-updated"]}});
    let told = project.add("articles", field).await.unwrap().unwrap();
    assert_eq!(told["type"], "dateTime");
    let field =
        json!({"field": "plain", "type": "dateTime", "meta": {}, "schema": {"default_value": "2020-01-02T03:04:05"}});
    let told = project.add("articles", field).await.unwrap().unwrap();
    assert_eq!(told["schema"]["default_value"], "2020-01-02T03:04:05");
    assert_eq!(
        project.rows("select distinct typeof(plain) from articles").await,
        [[Param::from("integer")]]
    );
    let told = project
        .change("articles", "plain", json!({"meta": {"special": ["date-created"]}}))
        .await
        .unwrap();
    assert_eq!(told["type"], "dateTime");
}

#[tokio::test]
async fn every_type_can_be_made_changed_and_read_back() {
    let project = Project::blog().await;
    for name in [
        "string",
        "text",
        "boolean",
        "integer",
        "bigInteger",
        "float",
        "decimal",
        "date",
        "time",
        "dateTime",
        "timestamp",
        "json",
        "uuid",
        "binary",
        "geometry",
        "geometry.Point",
        "geometry.LineString",
        "geometry.Polygon",
        "geometry.MultiPoint",
        "geometry.MultiLineString",
        "geometry.MultiPolygon",
    ] {
        let field = json!({"field": "f", "type": name, "meta": {}, "schema": {}});
        let told = project.add("articles", field).await.unwrap().unwrap();
        assert_eq!(told["type"], name);
        project
            .change(
                "articles",
                "f",
                json!({"schema": {"is_nullable": true, "is_indexed": true}}),
            )
            .await
            .unwrap();
        project
            .change("articles", "title", json!({"schema": {"max_length": 100 + name.len()}}))
            .await
            .unwrap();
        let model = project.model().await;
        assert_eq!(
            model.schema.collection("articles").unwrap().field("f").map(|f| f.kind),
            Kind::parse(name)
        );
        project.drop_field("articles", "f").await.unwrap();
    }
}
