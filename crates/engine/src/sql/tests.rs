//! From a request to SQL: what a query becomes for an administrator and for an editor under rules.

mod side_by_side;

use serde_json::{Value as Json, json};

use crate::{
    Result,
    access::{Access, Caller, Permission, Policies, Policy, policy::Attachment},
    plan::read,
    query::{Limits, parse},
    schema::{Accountability, Collection, Column, Deselect, Field, Ident, Kind, Relation, Schema, Special},
    sql::{Dialect, Flavour, compile},
};

fn field(name: &str, kind: Kind, special: &[Special]) -> Field {
    Field {
        name: name.to_owned(),
        kind,
        special: special.to_vec(),
        column: (kind != Kind::Alias).then(|| Column {
            name: Ident::new(name),
            data_type: String::new(),
            nullable: name != "id",
            default: None,
            default_now: false,
            max_length: None,
            precision: None,
            scale: Some(2),
            unique: name == "id",
            indexed: false,
            primary: name == "id",
            auto_increment: name == "id",
            generated: false,
        }),
        validation: None,
        searchable: true,
        meta: None,
    }
}

fn collection(name: &str, fields: Vec<Field>) -> Collection {
    Collection {
        name: name.to_owned(),
        table: Ident::new(name),
        key: "id".to_owned(),
        fields: fields.into_iter().map(|f| (f.name.clone(), f)).collect(),
        singleton: false,
        sort_field: None,
        accountability: Accountability::All,
        system: false,
        managed: true,
    }
}

fn relation(many: &str, many_field: &str, one: &str, one_field: &str, indexed: bool) -> Relation {
    Relation {
        many: many.to_owned(),
        many_field: many_field.to_owned(),
        one: Some(one.to_owned()),
        one_field: Some(one_field.to_owned()),
        one_collection_field: None,
        one_allowed: Vec::new(),
        junction_field: None,
        sort_field: None,
        deselect: Deselect::Nullify,
        indexed,
        meta: None,
        constraint: None,
    }
}

fn schema(indexed: bool) -> Schema {
    let id = || field("id", Kind::Integer, &[]);
    let articles = collection(
        "articles",
        vec![
            id(),
            field("title", Kind::String, &[]),
            field("status", Kind::String, &[]),
            field("price", Kind::Decimal, &[]),
            field("published", Kind::Timestamp, &[]),
            field("secret", Kind::Hash, &[Special::Hash]),
            field("owner", Kind::Uuid, &[]),
            field("author", Kind::Integer, &[Special::M2o]),
            field("comments", Kind::Alias, &[Special::O2m]),
        ],
    );
    let authors = collection(
        "authors",
        vec![
            id(),
            field("name", Kind::String, &[]),
            field("active", Kind::Boolean, &[]),
            field("articles", Kind::Alias, &[Special::O2m]),
        ],
    );
    let comments = collection(
        "comments",
        vec![
            id(),
            field("text", Kind::Text, &[]),
            field("approved", Kind::Boolean, &[]),
            field("article", Kind::Integer, &[Special::M2o]),
        ],
    );
    Schema::new(
        [articles, authors, comments],
        vec![
            relation("articles", "author", "authors", "articles", indexed),
            relation("comments", "article", "articles", "comments", indexed),
        ],
    )
}

fn permission(collection: &str, rule: &Json, fields: &Json) -> Permission {
    Permission::parse(collection, "read", rule, &Json::Null, &Json::Null, fields).unwrap()
}

/// Reads everything of her own articles, titles of published ones, active authors, approved comments.
fn editor() -> (Policies, Caller) {
    with(editor_policy())
}

fn editor_policy() -> Policy {
    Policy {
        id: "p".to_owned(),
        name: "Editors".to_owned(),
        admin: false,
        app: false,
        enforce_tfa: false,
        ip: None,
        permissions: vec![
            permission("articles", &json!({"owner": {"_eq": "$CURRENT_USER"}}), &json!(["*"])),
            permission(
                "articles",
                &json!({"status": {"_eq": "published"}}),
                &json!(["id", "title", "author", "comments"]),
            ),
            permission(
                "authors",
                &json!({"active": {"_eq": true}}),
                &json!(["id", "name", "articles"]),
            ),
            permission(
                "comments",
                &json!({"approved": {"_eq": true}}),
                &json!(["id", "text", "article"]),
            ),
        ],
    }
}

/// A user with one policy of its own.
fn with(policy: Policy) -> (Policies, Caller) {
    let attached = Attachment {
        user: Some("u".to_owned()),
        role: None,
        policy: "p".to_owned(),
    };
    let caller = Caller::User {
        id: "u".to_owned(),
        role: None,
        ip: None,
    };
    (Policies::new([policy], [], [attached]), caller)
}

fn sql(schema: &Schema, access: &Access, query: &Json) -> Result<String> {
    let limits = Limits::default();
    let query = parse::parse(query.as_object().unwrap(), &limits)?;
    let plan = read::list(schema, access, &limits, "articles", &query)?;
    Ok(compile(Dialect::Sqlite, &plan).text)
}

fn as_admin(query: &Json) -> String {
    sql(&schema(true), &Access::full(), query).unwrap_or_else(|error| error.to_string())
}

fn as_editor(query: &Json) -> String {
    let (policies, caller) = editor();
    sql(&schema(true), &Access::of(&policies, &caller), query).unwrap_or_else(|error| error.to_string())
}

#[test]
fn an_administrator_reads_plainly() {
    insta::assert_snapshot!(as_admin(&json!({"fields": "id,title", "limit": 25})));
    insta::assert_snapshot!(as_admin(&json!({"fields": "id,price,published,secret"})));
}

#[test]
fn the_page_comes_before_its_relations() {
    insta::assert_snapshot!(as_admin(
        &json!({"fields": "id,author.name,comments.text", "limit": 25, "offset": 100, "sort": "-published"})
    ));
}

#[test]
fn lists_without_an_index_are_grouped_once() {
    let query = json!({"fields": "id,author.articles.title,comments.text", "limit": 25});
    insta::assert_snapshot!(sql(&schema(false), &Access::full(), &query).unwrap());
}

#[test]
fn rules_choose_rows_and_mask_values() {
    insta::assert_snapshot!(as_editor(&json!({"fields": "id,title,price"})));
    insta::assert_snapshot!(as_editor(&json!({"fields": "price"})));
    insta::assert_snapshot!(as_editor(
        &json!({"fields": "id,author.name,comments.text", "limit": 25})
    ));
}

#[test]
fn a_rule_that_another_includes_is_not_asked_for() {
    let shown = json!({"status": {"_eq": "published"}});
    let and_more = json!({"_and": [shown, {"owner": {"_eq": "$CURRENT_USER"}}]});
    let other = json!({"_and": [{"status": {"_eq": "draft"}}, {"owner": {"_eq": "$CURRENT_USER"}}]});
    let conditions = |rules: &[&Json]| {
        let mut policy = editor_policy();
        let rules = rules.iter().map(|rule| permission("articles", rule, &json!(["id"])));
        policy.permissions = rules.collect();
        let (policies, caller) = with(policy);
        let text = sql(&schema(true), &Access::of(&policies, &caller), &json!({"fields": "id"})).unwrap();
        text.split_once(" where ")
            .map_or(String::new(), |(_, conditions)| conditions.to_owned())
    };
    let (alone, both) = (conditions(&[&shown]), conditions(&[&shown, &other]));
    for rules in [[&shown, &and_more], [&and_more, &shown]] {
        assert_eq!(conditions(&rules), alone);
    }
    for rules in [[&shown, &other, &and_more], [&and_more, &shown, &other]] {
        assert_eq!(conditions(&rules), both);
    }
    assert_eq!(conditions(&[&json!({}), &other, &json!({"_and": []})]), "");
    assert!(both.contains(" or ") && conditions(&[&and_more, &other]).contains(" or "));
}

#[test]
fn masks_are_looked_at_on_the_page_alone_where_skipped_rows_are_told() {
    let mut policy = editor_policy();
    let rules = [
        (json!({"author": {"active": {"_eq": true}}}), "published"),
        (json!({"count(comments)": {"_gt": 2}}), "owner"),
    ];
    let related = rules.map(|(rule, field)| permission("articles", &rule, &json!([field])));
    policy.permissions.extend(related);
    let (policies, caller) = with(policy);
    let access = Access::of(&policies, &caller);
    let limits = Limits::default();
    let page_first = |dialect, masked: &str, offset: u64| {
        let query = json!({"fields": ["id", "title", masked], "limit": 25, "offset": offset});
        let query = parse::parse(query.as_object().unwrap(), &limits).unwrap();
        let plan = read::list(&schema(true), &access, &limits, "articles", &query).unwrap();
        compile(dialect, &plan).text.contains(" from (select ")
    };
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql(Flavour::MariaDb)] {
        let told = dialect == Dialect::Postgres;
        assert_eq!(page_first(dialect, "price", 25), told, "{dialect:?}: some are skipped");
        assert!(!page_first(dialect, "price", 0), "{dialect:?}: none are skipped");
        for by_other_rows in ["published", "owner"] {
            assert_eq!(
                page_first(dialect, by_other_rows, 0),
                told,
                "{dialect:?}: {by_other_rows}"
            );
        }
    }
}

#[test]
fn rows_are_counted_beside_a_page_where_it_leaves_none_of_them_out() {
    let (policies, caller) = editor();
    let access = Access::of(&policies, &caller);
    let limits = Limits::default();
    let planned = |query: &Json| {
        let query = parse::parse(query.as_object().unwrap(), &limits).unwrap();
        read::list(&schema(true), &access, &limits, "articles", &query).unwrap()
    };
    let counted = |query: &Json| {
        planned(query)
            .counted()
            .map(|plan| compile(Dialect::Postgres, &plan).text)
    };
    let beside = counted(&json!({"fields": "id,price", "limit": 5})).unwrap();
    assert!(beside.contains("count(*) over ()"), "{beside}");
    // Published articles without an owner are counted, and not shown.
    assert_eq!(counted(&json!({"fields": "price", "limit": 5})), None);
    // There is nothing that it could stand beside.
    assert_eq!(counted(&json!({"fields": "title.x", "limit": 5})), None);
    assert_eq!(counted(&json!({"aggregate": {"count": "*"}})), None);
    // The item with a key is not what its collection's rows are counted for.
    let query = parse::parse(&serde_json::Map::new(), &limits).unwrap();
    let item = read::named(&schema(true), &access, &limits, "articles", &query).unwrap();
    assert!(item.counted().is_none());
}

#[test]
fn hidden_values_decide_nothing() {
    insta::assert_snapshot!(as_editor(&json!({"fields": "id", "filter": {"price": {"_gt": 3}}})));
    insta::assert_snapshot!(as_editor(
        &json!({"fields": "id", "filter": {"author": {"name": {"_null": true}}}})
    ));
    insta::assert_snapshot!(as_editor(
        &json!({"fields": "id", "filter": {"comments": {"_none": {"text": {"_contains": "x"}}}}})
    ));
    insta::assert_snapshot!(as_editor(&json!({"fields": "id", "sort": "-price"})));
    insta::assert_snapshot!(as_editor(&json!({"aggregate": {"max": "price", "count": "*"}})));
    insta::assert_snapshot!(as_editor(&json!({"fields": "id", "search": "x"})));
}

#[test]
fn what_is_forbidden_or_missing_is_refused_alike() {
    for query in [
        json!({"fields": "nothing"}),
        json!({"filter": {"nothing": {"_eq": 1}}}),
        json!({"filter": {"author": {"active": {"_eq": true}}}}),
        json!({"sort": "author.active"}),
        json!({"fields": "author.active"}),
        json!({"groupBy": ["nothing"], "aggregate": {"count": "*"}}),
    ] {
        let text = as_editor(&query);
        assert!(
            text.contains("does not exist or may not be accessed"),
            "{query} became {text}"
        );
    }
}

#[test]
fn secrets_are_masked_and_can_not_be_probed() {
    for query in [
        json!({"filter": {"secret": {"_eq": "x"}}}),
        json!({"filter": {"secret": {"_starts_with": "x"}}}),
        json!({"sort": "secret"}),
    ] {
        assert!(!as_admin(&query).starts_with("select"), "{query}");
    }
    let greatest = as_admin(&json!({"aggregate": {"max": "secret"}}));
    assert!(
        greatest.contains(r#"case when not (t0."secret" is null) then ? end"#),
        "{greatest}"
    );
    assert!(!as_admin(&json!({"search": "abc"})).contains("secret\")"));
}

#[test]
fn lists_without_an_index_are_looked_up_once() {
    let query = json!({"fields": "id,count(comments)", "filter": {"comments": {"_none": {"approved": {"_eq": true}}}}});
    let text = sql(&schema(false), &Access::full(), &query).unwrap();
    assert!(!text.contains("exists"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_callers_own_query_follows_no_variable() {
    let query = json!({"filter": {"price": {"_gt": "$CURRENT_USER.salary"}}});
    assert!(as_editor(&query).contains("belong in permissions"));
    let query = json!({"filter": {"title": {"_contains": "$CURRENT_USER.name"}}});
    assert!(as_editor(&query).contains("belong in permissions"));
}

#[test]
fn following_a_foreign_key_backwards_reads_it_on_each_row() {
    let policy = Policy {
        permissions: vec![
            permission("articles", &Json::Null, &json!(["id"])),
            permission("comments", &Json::Null, &json!(["id", "text"])),
            permission("comments", &json!({"approved": {"_eq": true}}), &json!(["article"])),
        ],
        ..editor_policy()
    };
    let (policies, caller) = with(policy);
    let query = json!({"fields": "id", "filter": {"$FOLLOW(comments, article)": {"text": {"_eq": "x"}}}});
    let text = sql(&schema(true), &Access::of(&policies, &caller), &query).unwrap();
    assert!(text.contains("t1.\"approved\" = ?"), "{text}");
}

#[test]
fn how_many_secrets_differ_is_not_told() {
    assert!(!as_admin(&json!({"aggregate": {"countDistinct": "secret"}})).starts_with("select"));
}

#[test]
fn names_are_quoted_and_values_bound() {
    let text = as_admin(&json!({
        "filter": {"title": {"_eq": "'; drop table articles; --"}},
        "alias": {"x'); --": "title"},
        "fields": "x'); --",
    }));
    assert!(!text.contains("drop table") && !text.contains("--"), "{text}");
}
