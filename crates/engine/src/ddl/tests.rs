//! Changes of tables as SQL.
use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::{schema::Kind, sql::Flavour};

fn column(name: &str, kind: Kind) -> Column {
    types::column(Dialect::Sqlite, name, kind).unwrap()
}

fn key(name: &str) -> Column {
    Column {
        primary: true,
        nullable: false,
        auto_increment: true,
        ..column(name, Kind::Integer)
    }
}

fn table(name: &str, columns: Vec<Column>) -> Table {
    Table {
        name: name.to_owned(),
        columns,
        primary_key: vec!["id".to_owned()],
        ..Table::default()
    }
}

fn refers(column: &str, table: &str) -> ForeignKey {
    ForeignKey {
        name: None,
        column: column.to_owned(),
        table: table.to_owned(),
        target: "id".to_owned(),
        on_update: "NO ACTION".to_owned(),
        on_delete: "SET NULL".to_owned(),
    }
}

fn blog() -> Physical {
    Physical {
        tables: vec![
            table("authors", vec![key("id")]),
            table(
                "articles",
                vec![
                    key("id"),
                    column("title", Kind::String),
                    column("author", Kind::Integer),
                ],
            ),
        ],
    }
}

fn text(physical: &mut Physical, changes: Vec<Change>) -> String {
    let compiled = compile(Dialect::Sqlite, physical, changes).unwrap();
    compiled
        .steps
        .into_iter()
        .map(|step| step.stmt.text)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_table_is_made_with_its_keys_and_indexes() {
    let mut articles = table(
        "arti\"cles",
        vec![
            key("id"),
            Column {
                nullable: false,
                default: Some(json!("it's")),
                max_length: Some(30),
                ..column("title", Kind::String)
            },
            column("price", Kind::Decimal),
            Column {
                default_now: true,
                ..column("made", Kind::Timestamp)
            },
            column("place", Kind::GeometryPoint),
            column("owner", Kind::Uuid),
        ],
    );
    articles.foreign_keys.push(refers("owner", "users"));
    articles.indexes.push(Index {
        name: index_name("articles", "title", true),
        columns: vec!["title".to_owned()],
        unique: true,
    });
    assert_snapshot!(text(&mut Physical::default(), vec![Change::CreateTable(articles)]), @r#"
    create table "arti""cles" ("id" integer not null primary key autoincrement, "title" varchar(30) not null default 'it''s', "price" decimal(10, 5), "made" timestamp default current_timestamp, "place" point, "owner" char(36), foreign key ("owner") references "users" ("id") on update no action on delete set null)
    create unique index "articles_title_unique" on "arti""cles" ("title")
    create index "aedile_arti""cles_owner_index" on "arti""cles" ("owner")
    "#);
}

#[test]
fn columns_that_sqlite_can_add_are_added_directly() {
    let change = |column| Change::AddColumn {
        table: "articles".to_owned(),
        column,
    };
    let with_default = Column {
        nullable: false,
        default: Some(json!(true)),
        ..column("live", Kind::Boolean)
    };
    assert_snapshot!(text(&mut blog(), vec![change(column("body", Kind::Text)), change(with_default)]), @r#"
    alter table "articles" add column "body" text
    alter table "articles" add column "live" boolean not null default 1
    "#);
}

#[test]
fn a_column_that_needs_more_than_sqlite_can_add_comes_with_a_rebuild() {
    let column = Column {
        nullable: false,
        ..column("must", Kind::String)
    };
    let change = Change::AddColumn {
        table: "articles".to_owned(),
        column,
    };
    assert_snapshot!(text(&mut blog(), vec![change]), @r#"
    pragma legacy_alter_table = on
    create table "aedile_anew" ("id" integer not null primary key autoincrement, "title" varchar(255), "author" integer, "must" varchar(255) not null)
    insert into "aedile_anew" ("id", "title", "author") select "id", "title", "author" from "articles"
    delete from sqlite_sequence where name = 'aedile_anew' and exists (select 1 from sqlite_sequence where name = 'articles')
    insert into sqlite_sequence (name, seq) select 'aedile_anew', seq from sqlite_sequence where name = 'articles'
    drop table "articles"
    alter table "aedile_anew" rename to "articles"
    pragma legacy_alter_table = off
    "#);
}

#[test]
fn a_foreign_key_brings_its_index_and_keeps_what_is_there() {
    let mut physical = blog();
    let articles = find_mut(&mut physical, "articles").unwrap();
    articles.indexes.push(Index {
        name: "sqlite_autoindex_articles_1".to_owned(),
        columns: vec!["title".to_owned()],
        unique: true,
    });
    let change = Change::AddForeignKey {
        table: "articles".to_owned(),
        key: refers("author", "authors"),
    };
    assert_snapshot!(text(&mut physical, vec![change]), @r#"
    pragma legacy_alter_table = on
    create table "aedile_anew" ("id" integer not null primary key autoincrement, "title" varchar(255), "author" integer, unique ("title"), foreign key ("author") references "authors" ("id") on update no action on delete set null)
    insert into "aedile_anew" ("id", "title", "author") select "id", "title", "author" from "articles"
    delete from sqlite_sequence where name = 'aedile_anew' and exists (select 1 from sqlite_sequence where name = 'articles')
    insert into sqlite_sequence (name, seq) select 'aedile_anew', seq from sqlite_sequence where name = 'articles'
    drop table "articles"
    alter table "aedile_anew" rename to "articles"
    pragma legacy_alter_table = off
    create index "aedile_articles_author_index" on "articles" ("author")
    "#);
    assert!(is_indexed(find(&physical, "articles").unwrap(), "author"));
}

#[test]
fn several_changes_of_one_table_cost_one_rebuild() {
    let mut physical = blog();
    let changes = vec![
        Change::AlterColumn {
            table: "articles".to_owned(),
            column: Column {
                nullable: false,
                ..column("title", Kind::Text)
            },
        },
        Change::DropColumn {
            table: "articles".to_owned(),
            column: "author".to_owned(),
        },
    ];
    let compiled = compile(Dialect::Sqlite, &mut physical, changes).unwrap();
    let articles = Rebuilt {
        table: "articles".to_owned(),
        column: None,
    };
    assert_eq!(compiled.rebuilt, [articles]);
    assert_eq!(
        compiled
            .steps
            .iter()
            .filter(|step| step.stmt.text.starts_with("create table"))
            .count(),
        1
    );
    assert!(!compiled.steps.iter().any(|step| step.stmt.text.contains("author\"")));
}

#[test]
fn a_dropped_column_takes_its_indexes_along() {
    let mut physical = blog();
    let articles = find_mut(&mut physical, "articles").unwrap();
    articles.indexes.push(Index {
        name: "both".to_owned(),
        columns: vec!["title".to_owned(), "author".to_owned()],
        unique: false,
    });
    let change = Change::DropColumn {
        table: "articles".to_owned(),
        column: "author".to_owned(),
    };
    assert_snapshot!(text(&mut physical, vec![change]), @r#"
    drop index "both"
    alter table "articles" drop column "author"
    "#);
}

#[test]
fn what_cannot_be_written_again_is_refused() {
    let mut physical = blog();
    let articles = find_mut(&mut physical, "articles").unwrap();
    articles.columns.push(Column {
        data_type: "x) ; drop table y".to_owned(),
        ..column("odd", Kind::Text)
    });
    let change = Change::DropForeignKey {
        table: "articles".to_owned(),
        column: "author".to_owned(),
    };
    assert!(compile(Dialect::Sqlite, &mut physical, vec![change]).is_err());
    let change = Change::AddForeignKey {
        table: "articles".to_owned(),
        key: ForeignKey {
            on_delete: "EXPLODE".to_owned(),
            ..refers("author", "authors")
        },
    };
    assert!(compile(Dialect::Sqlite, &mut blog(), vec![change]).is_err());
}

#[test]
fn index_names_fit_and_do_not_collide() {
    let long = index_name(&"t".repeat(60), &"ü".repeat(20), true);
    assert!(long.len() <= Ident::MAX_BYTES && long.ends_with("_unique"));
    let mut physical = blog();
    let first = index_on(&physical, "articles", "author", false);
    assert_eq!(first.name, "articles_author_index");
    find_mut(&mut physical, "authors").unwrap().indexes.push(first);
    assert_eq!(
        index_on(&physical, "articles", "author", false).name,
        "articles_author_index_2"
    );
}

fn mariadb(physical: &mut Physical, changes: Vec<Change>) -> String {
    let compiled = compile(Dialect::MySql(Flavour::MariaDb), physical, changes).unwrap();
    let mut out = String::new();
    for step in compiled.steps {
        out.push_str(&step.stmt.text);
        for back in step.back {
            out.push_str("\n    back: ");
            out.push_str(&back.text);
        }
        if let Some(last) = step.last {
            out.push_str("\n    last: ");
            out.push_str(&last.text);
        }
        out.push('\n');
    }
    for anew in compiled.rebuilt {
        out.push_str(&format!("anew: {}.{}\n", anew.table, anew.column.unwrap_or_default()));
    }
    out
}

#[test]
fn every_kind_has_a_column_on_mariadb() {
    let mut columns = vec![key("id")];
    let kinds = [
        Kind::String,
        Kind::Text,
        Kind::Boolean,
        Kind::Integer,
        Kind::BigInteger,
        Kind::Float,
        Kind::Decimal,
        Kind::Date,
        Kind::Time,
        Kind::DateTime,
        Kind::Timestamp,
        Kind::Json,
        Kind::Csv,
        Kind::Uuid,
        Kind::Hash,
        Kind::Binary,
        Kind::Geometry,
    ];
    for kind in kinds {
        columns.extend(types::column(Dialect::MySql(Flavour::MariaDb), kind.as_str(), kind));
    }
    let mut physical = Physical::default();
    assert_snapshot!(mariadb(
        &mut physical,
        vec![Change::CreateTable(table("kinds", columns))]
    ));
}

#[test]
fn what_mariadb_changes_can_be_taken_back() {
    let mut physical = blog();
    let on_title = index_on(&physical, "articles", "title", true);
    let changes = vec![
        Change::AddForeignKey {
            table: "articles".to_owned(),
            key: refers("author", "authors"),
        },
        Change::CreateIndex {
            table: "articles".to_owned(),
            index: on_title,
        },
        Change::AlterColumn {
            table: "articles".to_owned(),
            column: Column {
                nullable: false,
                default: Some(json!("it's")),
                ..column("title", Kind::Text)
            },
        },
        // Its foreign key cannot be without an index.
        Change::DropIndex {
            table: "articles".to_owned(),
            index: "aedile_articles_author_index".to_owned(),
        },
        Change::DropColumn {
            table: "articles".to_owned(),
            column: "title".to_owned(),
        },
        Change::DropTable {
            table: "authors".to_owned(),
        },
    ];
    assert_snapshot!(mariadb(&mut physical, changes));
    assert!(physical.tables.iter().all(|table| table.foreign_keys.is_empty()));
}

#[test]
fn a_number_that_points_is_made_as_long_as_the_key() {
    let mut physical = blog();
    if let Some(authors) = physical.tables.first_mut() {
        authors.columns = vec![Column {
            data_type: "int unsigned".to_owned(),
            ..key("id")
        }];
    }
    let changes = vec![Change::AddForeignKey {
        table: "articles".to_owned(),
        key: refers("author", "authors"),
    }];
    assert_snapshot!(mariadb(&mut physical, changes));
}
