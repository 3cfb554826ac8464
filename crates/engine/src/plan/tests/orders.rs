//! Orders and searches: a value a caller may not see neither orders nor finds its row.

use serde_json::{Value as Json, json};

use super::{editor, invalid, no_collection, no_field, project::*};

fn ordered(who: &Who, collection: &str, query: Json) -> Json {
    let mut query = query;
    query["fields"] = "id".into();
    let found = who.list(collection, &query);
    let Json::Array(rows) = found else { return found };
    rows.into_iter().map(|mut row| row["id"].take()).collect()
}

#[test]
fn rows_come_in_the_order_asked_for() {
    let admin = Who::admin();
    for (sort, expected) in [
        ("", json!([1, 2, 3, 4])),
        ("title", json!([1, 2, 4, 3])),
        ("-title", json!([3, 4, 2, 1])),
        ("price", json!([1, 2, 3, 4])),
        ("-price", json!([4, 3, 2, 1])),
        ("-status,-id", json!([3, 1, 4, 2])),
        // The key decides among equals.
        ("status", json!([2, 4, 1, 3])),
        ("-status", json!([1, 3, 2, 4])),
        ("author.name", json!([1, 3, 2, 4])),
        ("-author.team.region", json!([4, 2, 1, 3])),
        ("day(starts)", json!([2, 1, 3, 4])),
        ("-count(comments)", json!([1, 2, 3, 4])),
        ("count(comments)", json!([4, 2, 3, 1])),
    ] {
        assert_eq!(ordered(&admin, "articles", json!({"sort": sort})), expected, "{sort}");
    }
    // A collection has its own order; what has no place in it comes last.
    assert_eq!(ordered(&admin, "teams", json!({})), json!([2, 1, 3]));
    assert_eq!(ordered(&admin, "teams", json!({"sort": "id"})), json!([1, 2, 3]));
    assert_eq!(ordered(&admin, "teams", json!({"limit": 1, "offset": 1})), json!([1]));
    let blind = Who::reader(&[("teams", json!({}), json!("id"))]);
    assert_eq!(ordered(&blind, "teams", json!({})), json!([2, 1, 3]));
    assert_eq!(
        ordered(&blind, "teams", json!({"sort": "place"})),
        no_field("place", "teams")
    );
}

#[test]
fn an_alias_orders_as_what_it_stands_for() {
    let admin = Who::admin();
    let by = |sort: &str| {
        let alias = json!({"cost": "price", "when": "day(starts)", "title": "likes", "all": "json(extra, a)"});
        ordered(&admin, "articles", json!({"sort": sort, "alias": alias}))
    };
    assert_eq!(by("-cost"), json!([4, 3, 2, 1]));
    assert_eq!(by("-when"), json!([3, 4, 1, 2]));
    assert_eq!(by("-title,-id"), json!([4, 3, 2, 1]));
    assert_eq!(by("author.name"), json!([1, 3, 2, 4]));
    assert_eq!(by("all"), no_field("all", "articles"));
}

#[test]
fn what_has_no_order_is_refused() {
    let admin = Who::admin();
    let unordered = |field: &str| invalid(&format!("field \"{field}\" can not be ordered by"));
    for (sort, expected) in [
        ("secret", unordered("secret")),
        ("extra", unordered("extra")),
        ("comments", no_field("comments", "articles")),
        ("comments.text", no_field("comments", "articles")),
        ("title.name", no_field("title", "articles")),
        ("oops", no_field("oops", "articles")),
        ("author.oops", no_field("oops", "authors")),
        ("author.articles", no_field("articles", "authors")),
        (
            "year(title)",
            invalid("this function does not fit field \"title\" of collection \"articles\""),
        ),
    ] {
        assert_eq!(ordered(&admin, "articles", json!({"sort": sort})), expected, "{sort}");
    }
    use crate::query::{Function, Key, Query, Sort};
    let path = |path: Vec<Key>| {
        admin.asked(|project| {
            let sort = Sort {
                path: path.clone(),
                descending: false,
            };
            let query = Query {
                sort: vec![sort],
                ..Query::default()
            };
            crate::plan::read::list(&project.schema, &admin.access, &project.limits, "articles", &query)
        })
    };
    assert_eq!(path(Vec::new()), invalid("an order needs a field"));
    let name = || Key::Field("name".to_owned());
    assert_eq!(
        path(vec![Key::Call(Function::Year, "day".to_owned()), name()]),
        invalid("this can not be ordered by")
    );
    assert_eq!(
        path(vec![Key::Scoped("item".to_owned(), "pages".to_owned()), name()]),
        invalid("this can not be ordered by")
    );
}

#[test]
fn a_value_that_is_hidden_does_not_order() {
    // Of article 3 she sees no price; author 2 is hidden.
    let editor = editor();
    for (sort, expected) in [
        ("price", json!([1, 2, 3])),
        ("-price", json!([3, 2, 1])),
        ("author.name", json!([1, 3, 2])),
        ("-author.name", json!([2, 1, 3])),
        ("day(starts)", json!([2, 1, 3])),
        ("-day(starts)", json!([3, 1, 2])),
        ("author.active", no_field("active", "authors")),
        ("owner.name", no_collection("directus_users")),
        ("-likes", json!([3, 1, 2])),
    ] {
        assert_eq!(ordered(&editor, "articles", json!({"sort": sort})), expected, "{sort}");
    }
    let who = Who::reader(&[
        ("articles", json!({}), json!("id")),
        ("articles", json!({"id": {"_eq": 3}}), json!("author")),
        ("authors", json!({}), json!("*")),
    ]);
    assert_eq!(
        ordered(&who, "articles", json!({"sort": "author.name"})),
        json!([3, 1, 2, 4])
    );
    assert_eq!(
        ordered(&who, "articles", json!({"sort": "title"})),
        no_field("title", "articles")
    );
}

#[test]
fn rows_that_hide_their_value_come_last_whatever_it_is() {
    // The hidden value would come first.
    let only = |id: i64, field: &str| {
        Who::reader(&[
            ("articles", json!({}), json!("title")),
            ("articles", json!({"id": {"_eq": id}}), json!(field)),
            ("authors", json!({"active": {"_eq": false}}), json!("name")),
        ])
    };
    let titles = |who: &Who, sort: &str| {
        let found = who.list("articles", &json!({"fields": "title", "sort": sort}));
        let titles = found.as_array().unwrap().iter().map(|row| row["title"].clone());
        Json::Array(titles.collect())
    };
    assert_eq!(
        titles(&only(1, "starts"), "day(starts)"),
        json!(["Alpha", "Beta", "gamma", "Delta 3"])
    );
    assert_eq!(titles(&only(3, "id"), "id")[0], "gamma");
    assert_eq!(titles(&only(3, "price"), "price")[0], "gamma");
    // Ben (of article 2) is the only author who is seen.
    let ben = Who::reader(&[
        ("articles", json!({}), json!("title,author")),
        ("authors", json!({"active": {"_eq": false}}), json!("name")),
    ]);
    assert_eq!(titles(&ben, "author.name")[0], "Beta");
    assert_eq!(titles(&only(3, "author"), "author.name")[0], "Alpha");
}

#[test]
fn a_relations_list_has_its_own_order() {
    let admin = Who::admin();
    let lists = |who: &Who, fields: &str, deep: Json| {
        who.list(
            "articles",
            &json!({"fields": fields, "deep": deep, "filter": {"id": {"_eq": 1}}}),
        )
    };
    assert_eq!(lists(&admin, "comments", json!({})), json!([{"comments": [2, 1]}]));
    let told = lists(
        &admin,
        "comments.id",
        json!({"comments": {"_filter": {"id": {"_gt": 0}}}}),
    );
    assert_eq!(told, json!([{"comments": [{"id": 2}, {"id": 1}]}]));
    // Nothing said: the list's collection's own order.
    let teams = admin.list("teams", &json!({"fields": "authors", "filter": {"id": {"_eq": 1}}}));
    assert_eq!(teams, json!([{"authors": [1]}]));
    let parts = lists(&admin, "parts", json!({}));
    assert_eq!(parts, json!([{"parts": [1, 2]}]));
    // It needs no read permission.
    let blind = Who::reader(&[
        ("articles", json!({}), json!("id,comments")),
        ("comments", json!({}), json!("id")),
    ]);
    assert_eq!(lists(&blind, "comments", json!({})), json!([{"comments": [2, 1]}]));
}

#[test]
fn search_looks_where_the_caller_may_look() {
    let admin = Who::admin();
    for (text, expected) in [
        ("alp", json!([1])),
        ("  ALP ", json!([1])),
        ("a", json!([1, 2, 3, 4])),
        // Numbers and uuids as a whole; "Delta 3" is found by its text.
        ("3", json!([1, 2, 3, 4])),
        ("7", json!([3])),
        ("20", json!([2])),
        ("7.5", json!([2])),
        ("2.5", json!([3])),
        (PHOTO, json!([1])),
        (ADA, json!([])),
        // A number that is told as a boolean is found as one.
        ("true", json!([1])),
        // Neither secrets, nor what is not searchable, nor lists, dates, JSON.
        ("hush", json!([])),
        ("needle", json!([])),
        ("red", json!([])),
        ("2024-01-31", json!([])),
        ("Ann", json!([])),
    ] {
        assert_eq!(ordered(&admin, "articles", json!({"search": text})), expected, "{text}");
    }
    // A foreign key is no text of the row.
    assert_eq!(ordered(&admin, "memberships", json!({"search": "3"})), json!([3]));
    // Of article 3 the editor sees the title, not the number of likes.
    let editor = editor();
    assert_eq!(ordered(&editor, "articles", json!({"search": "gamma"})), json!([3]));
    assert_eq!(ordered(&editor, "articles", json!({"search": "7"})), json!([]));
    assert_eq!(ordered(&editor, "articles", json!({"search": "3"})), json!([1, 2, 3]));
    assert_eq!(ordered(&editor, "articles", json!({"search": "delta"})), json!([]));
    let blind = Who::reader(&[("articles", json!({}), json!("id,status"))]);
    assert_eq!(ordered(&blind, "articles", json!({"search": "alp"})), json!([]));
    assert_eq!(ordered(&blind, "articles", json!({"search": "draft"})), json!([2, 4]));
}

#[test]
fn a_search_for_nothing_finds_everything() {
    let admin = Who::admin();
    let told = admin.asked(|project| {
        let query = crate::query::Query {
            search: Some("  ".to_owned()),
            ..crate::query::Query::default()
        };
        crate::plan::read::count(
            &project.schema,
            &admin.access,
            &project.limits,
            "articles",
            Some(&query),
        )
    });
    assert_eq!(told, json!([{"count": 4}]));
}
