//! What is made of a database's tables and metadata.
use aedile_engine::schema::{Column, Link, physical::Index};
use serde_json::json;

use super::*;

fn column(name: &str, data_type: &str) -> Column {
    Column {
        name: Ident::new(name),
        data_type: data_type.to_owned(),
        nullable: true,
        default: None,
        default_now: false,
        max_length: None,
        precision: None,
        scale: None,
        unique: false,
        indexed: false,
        primary: name == "id",
        auto_increment: false,
        generated: false,
    }
}

fn table(name: &str, columns: &[(&str, &str)]) -> Table {
    Table {
        name: name.to_owned(),
        columns: columns
            .iter()
            .map(|(name, data_type)| column(name, data_type))
            .collect(),
        primary_key: vec!["id".to_owned()],
        ..Table::default()
    }
}

fn row(value: Json) -> Object {
    value.as_object().unwrap().clone()
}

fn two_tables() -> Physical {
    let mut articles = table(
        "articles",
        &[
            ("id", "integer"),
            ("author", "integer"),
            ("made", "datetime"),
            ("local", "datetime"),
            ("words", "text"),
        ],
    );
    articles.foreign_keys.push(ForeignKey {
        name: None,
        column: "author".to_owned(),
        table: "authors".to_owned(),
        target: "id".to_owned(),
        on_update: "NO ACTION".to_owned(),
        on_delete: "SET NULL".to_owned(),
    });
    articles.indexes.push(Index {
        name: "articles_author_index".to_owned(),
        columns: vec!["author".to_owned()],
        unique: false,
    });
    Physical {
        tables: vec![articles, table("authors", &[("id", "integer")])],
    }
}

#[test]
fn tables_without_metadata_are_unmanaged_and_their_keys_are_relations() {
    let model = assemble(&two_tables(), Rows::default());
    let articles = model.schema.collection("articles").unwrap();
    assert!(!articles.managed && !articles.system);
    assert_eq!(articles.field("made").unwrap().kind, Kind::DateTime);
    let Some(Link::One { relation, target }) = model.schema.link("articles", "author") else {
        panic!("no link");
    };
    assert_eq!(target.name, "authors");
    assert!(relation.indexed && relation.meta.is_none());
    assert_eq!(relation.constraint.as_ref().unwrap()["on_delete"], "SET NULL");
}

#[test]
fn flags_decide_what_declarations_leave_open() {
    let fields = vec![
        row(json!({"collection": "articles", "field": "made", "special": ["date-created"]})),
        row(json!({"collection": "articles", "field": "local", "special": ["date-updated", "cast-datetime"]})),
        row(json!({"collection": "articles", "field": "words", "special": ["cast-csv"]})),
    ];
    let model = assemble(
        &two_tables(),
        Rows {
            fields,
            ..Rows::default()
        },
    );
    let articles = model.schema.collection("articles").unwrap();
    assert_eq!(articles.field("made").unwrap().kind, Kind::Timestamp);
    assert_eq!(articles.field("local").unwrap().kind, Kind::DateTime);
    assert_eq!(articles.field("words").unwrap().kind, Kind::Csv);
}

#[test]
fn a_described_relation_takes_its_constraint_and_lists_its_alias() {
    let rows = Rows {
        fields: vec![
            row(json!({"id": 1, "collection": "authors", "field": "articles", "special": ["o2m"]})),
            row(json!({"id": 2, "collection": "authors", "field": "lost", "special": null})),
        ],
        relations: vec![row(json!({
            "id": 1, "many_collection": "articles", "many_field": "author", "one_collection": "authors",
            "one_field": "articles", "one_deselect_action": "delete"
        }))],
        ..Rows::default()
    };
    let model = assemble(&two_tables(), rows);
    assert_eq!(model.schema.relations().len(), 1, "the constraint is told once");
    let Some(Link::Many { relation, target }) = model.schema.link("authors", "articles") else {
        panic!("no link");
    };
    assert_eq!(target.name, "articles");
    assert_eq!(relation.deselect, Deselect::Delete);
    assert!(relation.constraint.is_some());
    assert!(model.schema.collection("authors").unwrap().field("lost").is_none());
    assert_eq!(model.strays.len(), 1);
}

#[test]
fn what_cannot_be_used_is_named() {
    let mut physical = two_tables();
    physical.tables.push(Table {
        name: "pairs".to_owned(),
        columns: vec![column("a", "integer"), column("b", "integer")],
        primary_key: vec!["a".to_owned(), "b".to_owned()],
        ..Table::default()
    });
    let collections = vec![row(json!({"collection": "box", "icon": "folder"}))];
    let model = assemble(
        &physical,
        Rows {
            collections,
            ..Rows::default()
        },
    );
    assert!(model.schema.collection("pairs").is_none());
    assert_eq!(model.problems.iter().filter(|p| p.contains("pairs")).count(), 1);
    assert!(model.is_folder("box") && model.schema.collection("box").is_none());
}

#[test]
fn system_fields_keep_their_type_whatever_is_declared() {
    let mut files = table("directus_files", &[("id", "char"), ("tags", "text"), ("own", "text")]);
    files.primary_key = vec!["id".to_owned()];
    let model = assemble(&Physical { tables: vec![files] }, Rows::default());
    let files = model.schema.collection("directus_files").unwrap();
    assert!(files.system && files.managed);
    assert_eq!(files.field("id").unwrap().kind, Kind::Uuid);
    assert_eq!(files.field("tags").unwrap().kind, Kind::Json);
    assert_eq!(files.field("own").unwrap().kind, Kind::Text);
    assert!(files.field("own").unwrap().meta.is_none());
}
