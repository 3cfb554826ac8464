//! Snapshots, differences and applying them, over a real file.
use aedile_engine::sql::Dialect;

use super::*;
use crate::model::snapshot::{Application, Difference, Wanted};

impl Project {
    async fn snapshot(&self) -> Json {
        snapshot::take(&self.model().await, Dialect::Sqlite).unwrap()
    }

    async fn compare(&self, wanted: &Json) -> Result<Option<Difference>> {
        snapshot::compare::compare(&self.model().await, Dialect::Sqlite, &Wanted::parse(wanted)?)
    }

    async fn difference(&self, wanted: &Json) -> Difference {
        self.compare(wanted).await.unwrap().unwrap()
    }

    async fn apply(&self, found: &Difference) -> Result<()> {
        let body = json!({"hash": found.hash, "diff": found.diff});
        self.ask(Request::Apply(Application::parse(&body, false)?))
            .await
            .map(drop)
    }

    /// Makes the model as a snapshot says, and makes sure that it is.
    async fn become_as(&self, wanted: &Json) {
        self.apply(&self.difference(wanted).await).await.unwrap();
        let left = self.compare(wanted).await.unwrap();
        assert!(left.is_none(), "{:#}", left.unwrap().diff);
    }
}

/// The entry of a list with these names.
fn part<'p>(snapshot: &'p mut Json, list: &str, names: &[(&str, &str)]) -> &'p mut Json {
    let parts = snapshot[list].as_array_mut().unwrap().iter_mut();
    let fits = |part: &&mut Json| names.iter().all(|(name, value)| part[*name] == *value);
    parts.filter(|part| fits(part)).last().unwrap()
}

fn without(snapshot: &mut Json, list: &str, name: &str, value: &str) {
    snapshot[list]
        .as_array_mut()
        .unwrap()
        .retain(|part| part[name] != value);
}

#[tokio::test]
async fn a_model_goes_over_to_another_project_and_back() {
    let project = Project::blog().await;
    let full = project.snapshot().await;
    assert!(project.compare(&full).await.unwrap().is_none());
    let other = Project::new().await;
    let empty = other.snapshot().await;
    other.become_as(&full).await;
    assert_eq!(other.snapshot().await, full);
    let tables = "select sql from sqlite_schema where name in ('articles', 'authors', 'aedile_articles_author_index', 'articles_rank_index') order by name";
    assert_eq!(other.rows(tables).await, project.rows(tables).await);
    other.become_as(&empty).await;
    assert_eq!(other.snapshot().await, empty);
    assert_eq!(
        other
            .count("select count(*) from sqlite_schema where name like '%articles%'")
            .await,
        0
    );
}

#[tokio::test]
async fn every_part_changes_by_a_file_and_nothing_else_does() {
    let project = Project::blog().await;
    project
        .make(json!([{"collection": "box", "meta": {}}, {"collection": "old", "schema": {}, "meta": {}}]))
        .await
        .unwrap();
    project
        .change(
            "articles",
            "title",
            json!({"meta": {"options": {"a": 1, "choices": [1, 2, 3]}}}),
        )
        .await
        .unwrap();
    let mut wanted = project.snapshot().await;
    *part(&mut wanted, "collections", &[("collection", "articles")])
        .pointer_mut("/meta/group")
        .unwrap() = json!("fresh");
    without(&mut wanted, "collections", "collection", "old");
    without(&mut wanted, "fields", "collection", "old");
    wanted["collections"]
        .as_array_mut()
        .unwrap()
        .push(json!({"collection": "fresh", "meta": {"icon": "x", "group": "box"}}));
    let title = part(&mut wanted, "fields", &[("collection", "articles"), ("field", "title")]);
    title["meta"]["options"] = json!({"choices": [1], "b": 2});
    title["type"] = json!("text");
    title["schema"]["is_nullable"] = json!(false);
    title["schema"]["data_type"] = json!("text");
    let mut subtitle = title.clone();
    subtitle["field"] = json!("subtitle");
    subtitle["schema"]["is_nullable"] = json!(true);
    wanted["fields"].as_array_mut().unwrap().push(subtitle);
    without(&mut wanted, "fields", "field", "rank");
    *part(&mut wanted, "collections", &[("collection", "articles")])
        .pointer_mut("/meta/sort_field")
        .unwrap() = Json::Null;
    part(&mut wanted, "relations", &[("field", "author")])["schema"]["on_delete"] = json!("CASCADE");
    let found = project.difference(&wanted).await;
    let kinds: Vec<&str> = found.diff["collections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["diff"][0]["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["E", "D", "N"]);
    let of_title = &found.diff["fields"][0]["diff"];
    let kinds: Vec<&str> = of_title
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["E", "D", "A", "A", "N", "E", "E"], "{of_title:#}");
    assert_eq!(
        of_title[1],
        json!({"kind": "D", "path": ["meta", "options", "a"], "lhs": 1})
    );
    let authors = project.rows("select * from authors").await;
    project.become_as(&wanted).await;
    assert_eq!(project.rows("select * from authors").await, authors);
    let rows = project
        .rows("select id, title, author, subtitle from articles order by id")
        .await;
    assert_eq!(rows[0], [Param::Int(1), Param::from("one"), Param::Int(1), Param::Null]);
    assert_eq!(
        project
            .count("select count(*) from directus_collections where \"group\" is not null")
            .await,
        2
    );
}

#[tokio::test]
async fn own_indexes_and_what_has_no_metadata_stay_out_of_files_and_untouched() {
    let project = Project::blog().await;
    project
        .sql(&[
            "create table bare (id integer primary key, a text)",
            "alter table articles add column bare text",
        ])
        .await;
    let taken = project.snapshot().await;
    assert!(!taken.to_string().contains("aedile_"), "{taken:#}");
    assert!(
        taken["collections"]
            .as_array()
            .unwrap()
            .iter()
            .all(|part| part["collection"] != "bare")
    );
    let mut wanted = taken.clone();
    wanted["fields"]
        .as_array_mut()
        .unwrap()
        .retain(|part| part["field"] != "bare");
    assert!(
        project.compare(&wanted).await.unwrap().is_none(),
        "a column without metadata does not go"
    );
    let title = part(&mut wanted, "fields", &[("collection", "articles"), ("field", "title")]);
    title["schema"]["is_nullable"] = json!(false);
    project.become_as(&wanted).await;
    let there = "select count(*) from sqlite_schema where name in ('bare', 'aedile_articles_author_index')";
    assert_eq!(
        project.count(there).await,
        2,
        "the table was made anew with its own indexes"
    );
    assert_eq!(
        project
            .count("select count(*) from pragma_table_info('articles') where name = 'bare'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_file_says_no_more_than_it_says() {
    let project = Project::blog().await;
    let mut wanted = project.snapshot().await;
    for part in wanted["fields"].as_array_mut().unwrap() {
        if let Some(meta) = part["meta"].as_object_mut() {
            meta.retain(|name, _| name != "note" && name != "searchable");
            meta.insert("id".to_owned(), json!(77));
            meta.insert("of_another_version".to_owned(), json!(true));
        }
        if let Some(schema) = part["schema"].as_object_mut() {
            schema.retain(|name, _| name != "is_indexed");
            schema.insert("comment".to_owned(), json!("x"));
        }
    }
    wanted.as_object_mut().unwrap().shift_remove("systemFields");
    let found = project.compare(&wanted).await.unwrap();
    assert!(found.is_none(), "{:#}", found.unwrap().diff);
}

#[tokio::test]
async fn indexes_of_system_fields_come_and_go_by_name_alone() {
    let project = Project::new().await;
    let mut wanted = project.snapshot().await;
    let told = wanted["systemFields"].clone();
    let names: Vec<&str> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["field"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["timestamp", "activity", "parent"]);
    wanted["systemFields"] = json!([]);
    assert!(project.compare(&wanted).await.unwrap().is_none());
    let users =
        |on: bool| json!([{"collection": "directus_users", "field": "last_name", "schema": {"is_indexed": on}}]);
    wanted["systemFields"] = users(true);
    project.become_as(&wanted).await;
    let there = "select count(*) from sqlite_schema where name = 'directus_users_last_name_index'";
    assert_eq!(project.count(there).await, 1);
    wanted["systemFields"] = users(false);
    project.become_as(&wanted).await;
    assert_eq!(project.count(there).await, 0);
}

#[tokio::test]
async fn all_of_a_file_is_applied_or_nothing() {
    let project = Project::blog().await;
    let mut wanted = project.snapshot().await;
    wanted["collections"]
        .as_array_mut()
        .unwrap()
        .push(json!({"collection": "fresh", "meta": {}}));
    let rank = part(&mut wanted, "fields", &[("collection", "articles"), ("field", "rank")]);
    rank["schema"]["is_nullable"] = json!(false);
    let before = project.everything().await;
    let refused = project.apply(&project.difference(&wanted).await).await.unwrap_err();
    assert_eq!(
        (refused.code(), extension(&refused, "keys")),
        (Code::ContainsNullValues, json!([2]))
    );
    assert_eq!(project.everything().await, before);
}

#[tokio::test]
async fn a_difference_fits_the_model_it_was_made_for_alone() {
    let project = Project::blog().await;
    let empty = Project::new().await.snapshot().await;
    let found = project.difference(&empty).await;
    project
        .add("articles", json!({"field": "late", "type": "string", "meta": {}}))
        .await
        .unwrap();
    let before = project.everything().await;
    assert_eq!(code(project.apply(&found).await), Code::InvalidPayload);
    assert_eq!(project.everything().await, before);
    let body = json!({"hash": found.hash, "diff": found.diff});
    project
        .ask(Request::Apply(Application::parse(&body, true).unwrap()))
        .await
        .unwrap();
    assert!(
        project.compare(&empty).await.unwrap().is_none(),
        "forced, it is followed all the same"
    );
}

#[tokio::test]
async fn the_systems_own_parts_are_out_of_reach() {
    let project = Project::blog().await;
    let before = project.everything().await;
    let taken = project.snapshot().await;
    let mut wanted = taken.clone();
    wanted["collections"]
        .as_array_mut()
        .unwrap()
        .push(json!({"collection": "directus_users", "meta": {"note": "x"}}));
    wanted["fields"]
        .as_array_mut()
        .unwrap()
        .push(json!({"collection": "directus_users", "field": "email", "type": "integer"}));
    assert!(project.compare(&wanted).await.unwrap().is_none());
    let one = |list: &str, part: Json| {
        let mut diff = json!({"collections": [], "fields": [], "systemFields": [], "relations": []});
        diff[list] = json!([part]);
        json!({"hash": "x", "diff": diff})
    };
    let gone = json!([{"kind": "D", "lhs": {}}]);
    let new = |part: Json| json!([{"kind": "N", "rhs": part}]);
    let user = ("collection", "directus_users");
    for body in [
        one("collections", json!({user.0: user.1, "diff": gone})),
        one("collections", json!({"collection": "aedile_meta", "diff": gone})),
        one(
            "collections",
            json!({"collection": "directus_more", "diff": new(json!({"collection": "directus_more", "meta": {}, "schema": {}}))}),
        ),
        one(
            "collections",
            json!({"collection": "harmless", "diff": new(json!({"collection": "aedile_more", "meta": {}, "schema": {}}))}),
        ),
        one("fields", json!({user.0: user.1, "field": "email", "diff": gone})),
        one(
            "fields",
            json!({"collection": "aedile_meta", "field": "x", "diff": new(json!({"field": "x", "type": "string"}))}),
        ),
        one("relations", json!({user.0: user.1, "field": "role", "diff": gone})),
        one(
            "systemFields",
            json!({"collection": "articles", "field": "title", "diff": new(json!({"schema": {"is_indexed": true}}))}),
        ),
        one(
            "systemFields",
            json!({"collection": "aedile_meta", "field": "value", "diff": new(json!({"schema": {"is_indexed": true}}))}),
        ),
    ] {
        let refused = match Application::parse(&body, true) {
            Ok(application) => project.ask(Request::Apply(application)).await.map(drop),
            Err(error) => Err(error),
        };
        assert!(refused.is_err(), "{body}");
        assert_eq!(project.everything().await, before, "{body}");
    }
}

#[tokio::test]
async fn what_is_no_snapshot_and_no_difference_is_refused() {
    let fine = json!({"version": 1, "directus": "11.17.4", "vendor": "sqlite", "collections": [], "fields": [], "relations": []});
    assert!(Wanted::parse(&fine).is_ok());
    for (name, value) in [
        ("version", json!("one")),
        ("directus", json!("")),
        ("vendor", Json::Null),
        ("collections", json!({})),
        ("collections", json!([{}])),
        ("collections", json!([{"collection": "a"}, {"collection": "a"}])),
        ("fields", json!(["a"])),
        ("fields", json!([{"collection": "a", "field": 7}])),
        ("relations", Json::Null),
        ("systemFields", json!("x")),
    ] {
        let mut wrong = fine.clone();
        wrong[name] = value;
        assert_eq!(code(Wanted::parse(&wrong)), Code::InvalidPayload, "{wrong}");
    }
    for wrong in [
        json!([]),
        json!({"hash": "x"}),
        json!({"hash": "", "diff": {"collections": [], "fields": [], "relations": []}}),
        json!({"hash": "x", "diff": {}}),
        json!({"hash": "x", "diff": {"collections": [{"collection": "a"}], "fields": [], "relations": []}}),
        json!({"hash": "x", "diff": {"collections": [{"collection": "a", "diff": []}], "fields": [], "relations": []}}),
    ] {
        assert_eq!(code(Application::parse(&wrong, false)), Code::InvalidPayload, "{wrong}");
    }
}
