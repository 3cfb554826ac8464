//! Plans are shown without being made, and are what is made, over a real file.
use super::*;

fn text(name: &str) -> String {
    name.to_owned()
}

/// Changes of the blog, one of each sort.
fn requests() -> Vec<Request> {
    let field = |collection: &str, field: &str, input: Json| Request::UpdateField {
        collection: text(collection),
        field: text(field),
        input,
    };
    vec![
        Request::CreateCollections {
            input: json!({"collection": "tags", "schema": {}, "meta": {"icon": "tag"}, "fields": [{"field": "name", "type": "string", "meta": {}}]}),
        },
        Request::UpdateCollection {
            collection: text("articles"),
            input: json!({"meta": {"note": "x"}}),
        },
        Request::CreateField {
            collection: text("articles"),
            input: json!({"field": "live", "type": "boolean", "meta": {}, "schema": {"is_nullable": false, "default_value": true}}),
        },
        field(
            "articles",
            "title",
            json!({"type": "text", "schema": {"is_nullable": false}, "meta": {"note": "y"}}),
        ),
        field("articles", "author", json!({"schema": {"is_indexed": true}})),
        Request::DeleteField {
            collection: text("articles"),
            field: text("rank"),
        },
        Request::UpdateRelation {
            collection: text("articles"),
            field: text("author"),
            input: json!({"schema": {"on_delete": "CASCADE"}, "meta": {"sort_field": null}}),
        },
        Request::DeleteRelation {
            collection: text("articles"),
            field: text("author"),
        },
        Request::DeleteCollection {
            collection: text("authors"),
        },
    ]
}

#[tokio::test]
async fn what_is_shown_is_not_done_and_what_is_done_was_shown() {
    let project = Project::blog().await;
    let rights = "insert into directus_permissions (collection, action, fields, permissions, policy) values
        ('articles', 'read', 'id,rank', '{\"rank\": {\"_gt\": 1}}', 'p')";
    project
        .sql(&["insert into directus_policies (id, name) values ('p', 'p')", rights])
        .await;
    for request in requests() {
        let before = project.everything().await;
        let plan = project.show(request.clone()).await.unwrap();
        assert_eq!(project.everything().await, before, "{request:?}");
        let words = plan["changes"].as_array().unwrap();
        assert!(!words.is_empty(), "{request:?}");
        project.ask(request.clone()).await.unwrap();
        assert_ne!(project.everything().await, before, "{request:?}");
        let again = project.show(request.clone()).await;
        // Made once, nothing of it is left to do: it changes nothing any more, or cannot be done again.
        let left = again.map_or(0, |plan| plan["changes"].as_array().unwrap().len());
        assert_eq!(left, 0, "{request:?}");
    }
}

#[tokio::test]
async fn what_goes_with_a_change_is_counted() {
    let project = Project::blog().await;
    project
        .sql(&[
            "insert into directus_activity (action, timestamp, collection, item) values ('create', 0, 'articles', '1')",
            "insert into directus_presets (collection) values ('articles'), ('articles')",
        ])
        .await;
    let collection = text("articles");
    let plan = project.show(Request::DeleteCollection { collection }).await.unwrap();
    let words = plan["changes"].as_array().unwrap();
    for sentence in [
        "Table articles goes, and 2 rows with it.",
        "1 row of directus_activity that speak of articles go.",
        "2 rows of directus_presets that speak of articles go.",
        "Field articles.title goes.",
        "Relation articles.author goes.",
        "Collection articles goes.",
    ] {
        assert!(words.contains(&json!(sentence)), "{sentence}\n{words:#?}");
    }
    assert_eq!(
        plan["tables"][0],
        json!({"action": "drop_table", "table": "articles", "rows": 2})
    );
    assert_eq!(
        plan["swept"][1],
        json!({"action": "delete", "table": "directus_presets", "column": null, "rows": 2})
    );
    let (collection, field) = (text("articles"), text("rank"));
    let plan = project.show(Request::DeleteField { collection, field }).await.unwrap();
    assert_eq!(plan["changes"][0], "Column articles.rank goes, and 1 value with it.");
    assert_eq!(plan["tables"][0]["column"]["data_type"], "integer");
}

#[tokio::test]
async fn a_plan_tells_rows_as_they_are_and_as_they_will_be() {
    let project = Project::blog().await;
    let plan = project
        .show(Request::UpdateField {
            collection: text("articles"),
            field: text("title"),
            input: json!({"schema": {"max_length": 40, "default_value": "none"}, "meta": {"note": "new", "hidden": false}}),
        })
        .await
        .unwrap();
    assert_eq!(
        plan["rows"],
        json!([{"action": "update", "table": "directus_fields", "key": {"collection": "articles", "field": "title"},
            "before": {"note": null}, "after": {"note": "new"}}]),
        "what stays as it is is no change"
    );
    assert_eq!(
        plan["changes"],
        json!([
            "Column articles.title becomes varchar(40), may be null, by default \"none\"; it was varchar(255), may be null.",
            "Field articles.title changes: note.",
        ])
    );
    assert_eq!(
        (
            &plan["tables"][0]["before"]["max_length"],
            &plan["tables"][0]["after"]["max_length"]
        ),
        (&json!(255), &json!(40))
    );
}

#[tokio::test]
async fn what_is_refused_is_refused_when_it_is_shown() {
    let project = Project::blog().await;
    let before = project.everything().await;
    let rank = |schema: Json| Request::UpdateField {
        collection: text("articles"),
        field: text("rank"),
        input: json!({"schema": schema}),
    };
    let null = project.show(rank(json!({"is_nullable": false}))).await.unwrap_err();
    assert_eq!(null.code(), Code::ContainsNullValues);
    assert_eq!(
        (extension(&null, "rows"), extension(&null, "keys")),
        (json!(1), json!([2]))
    );
    assert!(
        null.to_string().ends_with("That are 1 row: the one with the key 2."),
        "{null}"
    );
    let table = Request::DeleteCollection {
        collection: text("directus_users"),
    };
    assert_eq!(code(project.show(table).await), Code::Forbidden);
    project
        .sql(&["create trigger w after insert on articles begin select 1; end"])
        .await;
    let rebuilt = project.show(rank(json!({"default_value": 1}))).await;
    assert_eq!(code(rebuilt), Code::UnprocessableContent);
    project.sql(&["drop trigger w"]).await;
    assert_eq!(project.everything().await, before);
}

#[tokio::test]
async fn a_foreign_key_has_an_index_of_its_own_unless_somebody_asked_for_one() {
    let project = Project::blog().await;
    let indexes =
        "select name from sqlite_schema where type = 'index' and tbl_name = 'articles' and sql like '%author%'";
    let own = vec![vec![Param::from("aedile_articles_author_index")]];
    let asked = vec![vec![Param::from("articles_author_index")]];
    assert_eq!(project.rows(indexes).await, own);
    let told =
        |model: Model| fields::one(&model, &Everything, "articles", "author").unwrap()["schema"]["is_indexed"].clone();
    assert_eq!(told(project.model().await), false, "nobody asked for it");
    let index = |on: bool| json!({"schema": {"is_indexed": on}});
    project.change("articles", "author", index(true)).await.unwrap();
    assert_eq!(
        (project.rows(indexes).await, told(project.model().await)),
        (asked, json!(true))
    );
    project.change("articles", "author", index(false)).await.unwrap();
    assert_eq!(
        (project.rows(indexes).await, told(project.model().await)),
        (own, json!(false))
    );
    assert!(
        project
            .model()
            .await
            .schema
            .relation("articles", "author")
            .unwrap()
            .indexed
    );
    let (collection, field) = (text("articles"), text("author"));
    project
        .ask(Request::DeleteRelation { collection, field })
        .await
        .unwrap();
    assert_eq!(project.rows(indexes).await, Vec::<Row>::new(), "it goes with its key");
}
