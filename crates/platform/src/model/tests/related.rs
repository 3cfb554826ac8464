//! Relations, over a real file.
use super::*;

#[tokio::test]
async fn rows_that_point_at_nothing_refuse_a_relation() {
    let project = Project::blog().await;
    project.sql(&["update articles set rank = 77 where id = 1"]).await;
    let relation = json!({"collection": "articles", "field": "rank", "related_collection": "authors"});
    let error = project.relate(relation.clone()).await.unwrap_err();
    assert_eq!(
        (error.code(), extension(&error, "value")),
        (Code::InvalidForeignKey, json!(77))
    );
    assert_eq!(extension(&error, "field"), "rank");
    project.sql(&["update articles set rank = 2"]).await;
    project.relate(relation).await.unwrap();
}

#[tokio::test]
async fn keys_of_another_sort_refuse_a_relation() {
    let project = Project::blog().await;
    let users = json!({"collection": "articles", "field": "rank", "related_collection": "directus_users"});
    assert_eq!(code(project.relate(users).await), Code::InvalidPayload);
    let taken = json!({"collection": "articles", "field": "rank", "related_collection": "authors", "meta": {"one_field": "articles"}});
    assert_eq!(code(project.relate(taken).await), Code::InvalidPayload);
    let column = json!({"collection": "articles", "field": "rank", "related_collection": "authors", "meta": {"one_field": "name"}});
    assert_eq!(code(project.relate(column).await), Code::InvalidPayload);
    let system = json!({"collection": "directus_users", "field": "title", "related_collection": "authors"});
    assert_eq!(code(project.relate(system).await), Code::InvalidPayload);
}

#[tokio::test]
async fn a_bare_foreign_key_can_be_described() {
    let project = Project::new().await;
    project
        .sql(&[
            "create table a (id integer primary key)",
            "create table b (id integer primary key, a integer references a (id) on delete cascade)",
        ])
        .await;
    let told = relations::one(&project.model().await, &Everything, "b", "a").unwrap();
    assert_eq!((&told["meta"], &told["related_collection"]), (&Json::Null, &json!("a")));
    let told = project
        .ask(Request::UpdateRelation {
            collection: "b".to_owned(),
            field: "a".to_owned(),
            input: json!({"meta": {"one_field": "bs"}}),
        })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (&told["meta"]["one_field"], &told["schema"]["on_delete"]),
        (&json!("bs"), &json!("CASCADE"))
    );
}

#[tokio::test]
async fn relations_of_the_system_stay() {
    let project = Project::new().await;
    let deleted = project
        .ask(Request::DeleteRelation {
            collection: "directus_users".to_owned(),
            field: "role".to_owned(),
        })
        .await;
    assert_eq!(code(deleted), Code::Forbidden);
}

struct Only(&'static [(&'static str, &'static [&'static str])]);

impl Visible for Only {
    fn collection(&self, collection: &str) -> bool {
        self.0.iter().any(|(name, _)| *name == collection)
    }

    fn field(&self, collection: &str, field: &str) -> bool {
        self.0
            .iter()
            .any(|(name, fields)| *name == collection && fields.contains(&field))
    }
}

#[tokio::test]
async fn readers_see_what_they_may_and_no_name_beyond() {
    let project = Project::blog().await;
    project.make(json!({"collection": "box", "meta": {}})).await.unwrap();
    let model = project.model().await;
    let half = Only(&[("articles", &["id", "author"])]);
    assert_eq!(collections::list(&model, &half).as_array().unwrap().len(), 1);
    assert_eq!(code(collections::one(&model, &half, "box")), Code::Forbidden);
    assert!(collections::one(&model, &Everything, "box").is_ok());
    assert_eq!(
        fields::list(&model, &half, Some("articles"))
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(code(fields::one(&model, &half, "articles", "title")), Code::Forbidden);
    let author = fields::one(&model, &half, "articles", "author").unwrap();
    assert_eq!(author["schema"]["foreign_key_table"], Json::Null);
    assert_eq!(
        code(relations::one(&model, &half, "articles", "author")),
        Code::Forbidden
    );
    assert_eq!(relations::list(&model, &half, None).unwrap(), json!([]));
    let both = Only(&[("articles", &["author"]), ("authors", &["id"])]);
    let relation = relations::one(&model, &both, "articles", "author").unwrap();
    assert_eq!(
        relation["meta"]["one_field"],
        Json::Null,
        "the way back is not theirs to know"
    );
}
