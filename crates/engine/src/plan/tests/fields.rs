//! Wanted fields: what is told of each row, what is null on it, and what is refused.

use serde_json::{Value as Json, json};

use super::{editor, invalid, no_field, project::*};
use crate::plan::{Token, token};

/// What is told of the first row.
fn first(who: &Who, collection: &str, query: &Json) -> Json {
    match who.list(collection, query) {
        Json::Array(mut rows) => rows.remove(0),
        refused => refused,
    }
}

#[test]
fn every_kind_is_told_in_its_way() {
    let told = first(
        &Who::admin(),
        "articles",
        &json!({"fields": "*", "filter": {"id": {"_eq": 1}}}),
    );
    assert_eq!(
        told,
        json!({
            "id": 1, "title": "Alpha", "status": "published", "price": "5.00", "rating": 1.5, "views": "10",
            "likes": 3, "live": true, "pinned": true, "day": "2024-01-31", "hour": "10:20:30",
            "starts": "2024-02-03T04:05:06", "published": "2024-02-02T04:05:06.000Z", "extra": {"a": [1, 2]},
            "vault": "**********", "tags": ["red", "blue"], "spot": {"type": "Point", "coordinates": [1, 2]},
            "token": PHOTO, "secret": "**********", "unlisted": "needle", "odd": null, "owner": ADA, "author": 1,
            "comments": [2, 1], "parts": [1, 2]
        })
    );
}

#[test]
fn a_geometry_is_told_by_what_its_column_holds() {
    let project = Project::new(true);
    let mut spot = project.schema.collection("articles").unwrap().fields["spot"].clone();
    for (data_type, told) in [
        ("geometry", Token::Geometry),
        ("point", Token::Geometry),
        ("text", Token::Json),
    ] {
        spot.column.as_mut().unwrap().data_type = data_type.to_owned();
        assert_eq!(token(&spot), told, "{data_type}");
    }
}

#[test]
fn a_value_is_null_on_rows_where_it_is_hidden() {
    let told = editor().list("articles", &json!({"fields": "id,title,price", "sort": "id"}));
    assert_eq!(
        told,
        json!([
            {"id": 1, "title": "Alpha", "price": "5.00"},
            {"id": 2, "title": "Beta", "price": "7.50"},
            {"id": 3, "title": "gamma", "price": null},
        ])
    );
    // Where nothing that was asked for may be seen, there is no row.
    let told = editor().list("articles", &json!({"fields": "price", "sort": "id"}));
    assert_eq!(told, json!([{"price": "5.00"}, {"price": "7.50"}]));
    // Every case that shows a row of these grants its title; the status only one.
    let told = editor().list("articles", &json!({"fields": "status,year(day),extra", "sort": "-id"}));
    assert_eq!(
        told,
        json!([
            {"status": "draft", "day_year": "2023", "extra": [1, 2, 3]},
            {"status": "published", "day_year": "2024", "extra": {"a": [1, 2]}},
        ])
    );
}

#[test]
fn wildcards_tell_what_may_be_read() {
    let told = first(&editor(), "authors", &json!({"fields": "*", "sort": "id"}));
    assert_eq!(told, json!({"id": 1, "name": "Ann", "articles": [1, 3]}));
    let told = first(&editor(), "authors", &json!({"sort": "id"}));
    assert_eq!(told, json!({"id": 1, "name": "Ann", "articles": [1, 3]}));
    let told = first(&editor(), "comments", &json!({"fields": "*.*", "sort": "id"}));
    assert_eq!(told["article"]["title"], "Alpha");
    assert_eq!(told["text"], "first");
    assert_eq!(told.as_object().unwrap().len(), 3);
    // The divider holds no data; teams and owners may not be read at all.
    let told = first(&editor(), "articles", &json!({"fields": "*.*", "sort": "id"}));
    assert!(told.get("divider").is_none() && told.get("team").is_none());
    assert_eq!(told["owner"], Json::Null);
    assert_eq!(told["author"], json!({"id": 1, "name": "Ann", "articles": [1, 3]}));
    assert_eq!(told["comments"], json!([{"id": 1, "text": "first", "article": 1}]));
    assert_eq!(told["title"], "Alpha");
}

#[test]
fn related_items_are_told_as_their_own_permissions_say() {
    let told = editor().list(
        "articles",
        &json!({"fields": "id,author.name,comments.text,comments.id", "sort": "id"}),
    );
    assert_eq!(
        told,
        json!([
            {"id": 1, "author": {"name": "Ann"}, "comments": [{"text": "first", "id": 1}]},
            {"id": 2, "author": null, "comments": [{"text": "third", "id": 3}]},
            {"id": 3, "author": {"name": "Ann"}, "comments": []},
        ])
    );
    // A bare key is the row's own value.
    let told = editor().list("articles", &json!({"fields": "author,comments", "sort": "id"}));
    assert_eq!(
        told,
        json!([
            {"author": 1, "comments": [1]},
            {"author": 2, "comments": [3]},
            {"author": 1, "comments": []},
        ])
    );
}

#[test]
fn a_path_into_what_may_not_be_read_is_left_out() {
    let told = |fields: &str| first(&editor(), "articles", &json!({"fields": fields, "sort": "id"}));
    assert_eq!(told("id,owner.name"), json!({"id": 1}));
    assert_eq!(told("id,owner,owner.name"), json!({"id": 1, "owner": ADA}));
    assert_eq!(told("id,parts"), json!({"id": 1}));
    assert_eq!(told("id,parts.id"), json!({"id": 1}));
    assert_eq!(told("id,title.name"), json!({"id": 1}));
    assert_eq!(told("id,title,title.name"), json!({"id": 1, "title": "Alpha"}));
    assert_eq!(told("id,oops.name"), json!({"id": 1}));
    assert_eq!(told("id,oops"), no_field("oops", "articles"));
    assert_eq!(told("id,divider"), no_field("divider", "articles"));
    assert_eq!(told("id,author.active"), no_field("active", "authors"));
    assert_eq!(told("id,author.oops"), no_field("oops", "authors"));
    assert_eq!(told("id,year(day).name"), no_field("year(day)", "articles"));
    let author = |fields: &str| first(&editor(), "authors", &json!({"fields": fields, "sort": "id"}));
    assert_eq!(author("id,team"), no_field("team", "authors"));
    assert_eq!(author("id,active"), no_field("active", "authors"));
    // Teams are hidden altogether, so the path is left out before its field is judged.
    assert_eq!(author("id,team.name"), json!({"id": 1}));
    let teams = Who::reader(&[
        ("authors", json!({}), json!("id,name")),
        ("teams", json!({}), json!("*")),
    ]);
    assert_eq!(
        first(&teams, "authors", &json!({"fields": "id,team.name"})),
        no_field("team", "authors")
    );
    assert_eq!(
        first(&teams, "authors", &json!({"fields": "id,articles.id"})),
        json!({"id": 1})
    );
}

#[test]
fn a_list_that_is_not_granted_is_missing_wherever_it_leads() {
    let keys = Who::reader(&[("articles", json!({}), json!("id"))]);
    for field in ["comments", "parts", "oops"] {
        let fields = json!({"fields": format!("id,{field}")});
        assert_eq!(first(&keys, "articles", &fields), no_field(field, "articles"));
    }
}

#[test]
fn a_list_of_keys_needs_the_keys() {
    let who = |fields: &str| {
        let who = Who::reader(&[
            ("articles", json!({}), json!("id,comments")),
            ("comments", json!({}), json!(fields)),
            ("comments", json!({"id": {"_eq": 1}}), json!("place")),
        ]);
        first(&who, "articles", &json!({"fields": "id,comments", "sort": "id"}))
    };
    assert_eq!(who("id"), json!({"id": 1, "comments": [2, 1]}));
    assert_eq!(who("text"), json!({"id": 1}));
}

#[test]
fn whatever_is_asked_for_shows_the_rows_it_may_be_seen_on() {
    for (field, wanted, row) in [
        ("title", "title", json!({"id": null, "title": "Beta"})),
        ("author", "author.name", json!({"id": null, "author": {"name": "Ben"}})),
        (
            "comments",
            "comments.text",
            json!({"id": null, "comments": [{"text": "third"}]}),
        ),
        ("comments", "comments", json!({"id": null, "comments": [3]})),
        ("starts", "day(starts)", json!({"id": null, "starts_day": "2"})),
        ("extra", "json(extra, [0])", json!({"id": null, "extra_0_json": 1})),
    ] {
        let who = Who::reader(&[
            ("articles", json!({"id": {"_eq": 1}}), json!("id")),
            ("articles", json!({"id": {"_eq": 2}}), json!(field)),
            ("authors", json!({}), json!("name")),
            ("comments", json!({}), json!("id,text")),
        ]);
        let told = who.list("articles", &json!({"fields": ["id", wanted]}));
        let rows = told.as_array().unwrap_or_else(|| panic!("{wanted}: {told}"));
        assert_eq!(rows.len(), 2, "{wanted}");
        assert_eq!(rows[0]["id"], 1);
        assert_eq!(rows[1], row);
    }
}

#[test]
fn an_alias_is_masked_as_the_field_it_stands_for() {
    let who = Who::reader(&[
        ("articles", json!({}), json!("id")),
        ("articles", json!({"id": {"_eq": 1}}), json!("author,starts")),
        ("authors", json!({}), json!("name")),
    ]);
    let told = who.list(
        "articles",
        &json!({"fields": "id,writer.name,when", "alias": {"writer": "author", "when": "day(starts)"}, "limit": 2}),
    );
    assert_eq!(
        told,
        json!([
            {"id": 1, "writer": {"name": "Ann"}, "when": "3"},
            {"id": 2, "writer": null, "when": null},
        ])
    );
    // Neither is it one of the field whose name it bears.
    let told = who.list(
        "articles",
        &json!({"fields": "id,id2.name", "alias": {"id2": "author"}, "filter": {"id": {"_eq": 2}}}),
    );
    assert_eq!(told, json!([{"id": 2, "id2": null}]));
}

#[test]
fn a_list_that_is_left_out_shows_no_row() {
    let who = Who::reader(&[
        ("articles", json!({"id": {"_eq": 1}}), json!("id")),
        ("articles", json!({"id": {"_eq": 2}}), json!("comments")),
    ]);
    assert_eq!(
        who.list("articles", &json!({"fields": "id,comments"})),
        json!([{"id": 1}])
    );
}

#[test]
fn a_collections_name_narrows_nothing_but_a_relation_to_several() {
    let admin = Who::admin();
    for field in ["author:authors.name", "comments:comments.text"] {
        let told = first(&admin, "articles", &json!({"fields": ["id", field], "sort": "id"}));
        assert_eq!(told, json!({"id": 1}), "{field}");
    }
}

#[test]
fn functions_and_json_values() {
    let admin = Who::admin();
    let told = first(
        &admin,
        "articles",
        &json!({"fields": "year(day),hour(starts),count(comments),count(extra),json(extra, a[1])", "sort": "-id", "filter": {"id": {"_lt": 3}}}),
    );
    assert_eq!(
        told,
        json!({
            "day_year": "2023", "starts_hour": "4", "comments_count": "1", "extra_count": 3,
            "extra_a_1_json": null
        })
    );
    let told = first(
        &admin,
        "articles",
        &json!({"fields": "json(extra, a[1])", "sort": "id"}),
    );
    assert_eq!(told, json!({"extra_a_1_json": 2}));
    let refused = |fields: &str| first(&admin, "articles", &json!({"fields": fields}));
    assert_eq!(refused("json(title, a)"), invalid("\"title\" is not a JSON field"));
    assert_eq!(refused("json(vault, a)"), invalid("\"vault\" is not a JSON field"));
    assert_eq!(refused("json(oops, a)"), no_field("oops", "articles"));
    let editor = editor();
    assert_eq!(
        editor.list(
            "articles",
            &json!({"fields": "id,count(comments),json(extra, a[0])", "sort": "id"})
        ),
        json!([
            {"id": 1, "comments_count": "1", "extra_a_0_json": 1},
            {"id": 2, "comments_count": "1", "extra_a_0_json": null},
            {"id": 3, "comments_count": "0", "extra_a_0_json": null},
        ])
    );
    let blind = Who::reader(&[("articles", json!({}), json!("id"))]);
    assert_eq!(
        first(&blind, "articles", &json!({"fields": "json(extra, a)"})),
        no_field("extra", "articles")
    );
    assert_eq!(
        first(&blind, "articles", &json!({"fields": "year(day)"})),
        no_field("day", "articles")
    );
}

#[test]
fn aliases_rename_and_reveal_nothing() {
    let admin = Who::admin();
    let told = |fields: &str, alias: Json| {
        first(
            &admin,
            "articles",
            &json!({"fields": fields, "alias": alias, "sort": "id"}),
        )
    };
    assert_eq!(
        told("name,id", json!({"name": "title", "other": "status"})),
        json!({"name": "Alpha", "id": 1})
    );
    assert_eq!(
        told("writer.name,author", json!({"writer": "author"})),
        json!({"writer": {"name": "Ann"}, "author": 1})
    );
    assert_eq!(told("y", json!({"y": "year(day)"})), json!({"y": "2024"}));
    assert_eq!(told("y.name", json!({"y": "year(day)"})), json!({}));
    assert_eq!(told("talk", json!({"talk": "comments"})), json!({"talk": [2, 1]}));
    let all = told("*", json!({"name": "title"}));
    assert_eq!(all["name"], "Alpha");
    assert_eq!(all["title"], "Alpha");
    assert_eq!(
        first(&editor(), "authors", &json!({"fields": "x", "alias": {"x": "active"}})),
        no_field("active", "authors")
    );
    // A name that is aliased stands for the other field, and is masked as that one.
    assert_eq!(
        editor().list(
            "articles",
            &json!({"fields": "id,title", "alias": {"title": "price"}, "sort": "id"})
        ),
        json!([
            {"id": 1, "title": "5.00"},
            {"id": 2, "title": "7.50"},
            {"id": 3, "title": null},
        ])
    );
}

#[test]
fn items_of_several_collections_are_told_by_their_own_permissions() {
    let who = |parts: &str| {
        Who::reader(&[
            ("parts", json!({}), json!(parts)),
            ("pages", json!({"id": {"_eq": 1}}), json!("id,heading")),
            ("images", json!({}), json!("id")),
            ("attic", json!({}), json!("*")),
        ])
    };
    let told = |parts: &str, fields: &str| who(parts).list("parts", &json!({"fields": fields, "sort": "id"}));
    let items = |rows: Json| {
        let items: Vec<Json> = rows.as_array().unwrap().iter().map(|row| row["item"].clone()).collect();
        Json::from(items)
    };
    // Page 2 is hidden, "01" is no key of a page, the attic is not part of the relation.
    assert_eq!(
        items(told("*", "item:pages.heading")),
        json!([{"heading": "One"}, null, null, null, null])
    );
    assert_eq!(
        items(told("*", "item:pages.heading,item:images.id")),
        json!([{"heading": "One"}, {"id": PHOTO}, null, null, null])
    );
    assert_eq!(
        items(told("*", "item.*")),
        json!([{"id": 1, "heading": "One"}, {"id": PHOTO}, null, null, null])
    );
    assert_eq!(
        items(told("*", "*.*")),
        json!([{"id": 1, "heading": "One"}, {"id": PHOTO}, null, null, null])
    );
    assert_eq!(items(told("*", "item")), json!(["1", PHOTO, "2", "1", "01"]));
    assert_eq!(
        items(told("*", "item:attic.heading")),
        json!([null, null, null, null, null])
    );
    assert_eq!(told("*", "item.heading"), no_field("item", "parts"));
    assert_eq!(told("*", "item.item.*"), no_field("item", "parts"));
    assert_eq!(told("*", "item:images.alt"), no_field("alt", "images"));
    assert_eq!(told("id,collection", "item:pages.heading"), no_field("item", "parts"));
    // Images may not be read at all.
    let without = Who::reader(&[("parts", json!({}), json!("*")), ("pages", json!({}), json!("*"))]);
    for fields in ["item:images.alt", "item:images.oops", "item:oops.id"] {
        let told = without.list("parts", &json!({"fields": fields}));
        assert_eq!(items(told), json!([null, null, null, null, null]), "{fields}");
    }
    assert_eq!(
        told("*", "id,article:pages.id"),
        json!([{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}, {"id": 5}])
    );
    // Where the collection's name may not be read, nothing is told by it.
    assert_eq!(
        items(told("id,item", "item:pages.heading")),
        json!([null, null, null, null, null])
    );
    let some = Who::reader(&[
        ("parts", json!({}), json!("id,item")),
        ("parts", json!({"id": {"_eq": 1}}), json!("collection")),
        ("pages", json!({}), json!("*")),
    ]);
    assert_eq!(
        items(some.list("parts", &json!({"fields": "item:pages.heading", "sort": "id"}))),
        json!([{"heading": "One"}, null, null, null, null])
    );
}

#[test]
fn an_administrator_is_told_the_keys_of_what_was_not_asked_for() {
    let told = Who::admin().list("parts", &json!({"fields": "item:pages.heading", "sort": "id"}));
    assert_eq!(
        told,
        json!([
            {"item": {"heading": "One"}}, {"item": PHOTO}, {"item": {"heading": "Two"}}, {"item": null},
            {"item": null},
        ])
    );
    let told = Who::admin().list("parts", &json!({"fields": "item:images.alt", "sort": "id"}));
    assert_eq!(
        told,
        json!([{"item": 1}, {"item": {"alt": "Photo"}}, {"item": 2}, {"item": null}, {"item": "01"}])
    );
    let others = Who::reader(&[
        ("parts", json!({}), json!("*")),
        ("pages", json!({}), json!("*")),
        ("images", json!({}), json!("*")),
    ]);
    assert_eq!(
        others.list(
            "parts",
            &json!({"fields": "item:pages.heading", "sort": "id", "limit": 2})
        ),
        json!([{"item": {"heading": "One"}}, {"item": null}])
    );
}

#[test]
fn deep_queries_shape_related_lists() {
    let admin = Who::admin();
    let told = |fields: &str, deep: Json| {
        first(
            &admin,
            "articles",
            &json!({"fields": fields, "deep": deep, "sort": "id", "alias": {"talk": "comments"}}),
        )
    };
    assert_eq!(
        told(
            "comments.id",
            json!({"comments": {"_filter": {"approved": {"_eq": true}}}})
        ),
        json!({"comments": [{"id": 1}]})
    );
    assert_eq!(
        told("comments.id", json!({"comments": {"_sort": "id"}})),
        json!({"comments": [{"id": 1}, {"id": 2}]})
    );
    assert_eq!(
        told("comments.id", json!({"comments": {"_limit": 1}})),
        json!({"comments": [{"id": 2}]})
    );
    assert_eq!(
        told("comments.id,talk.id", json!({"talk": {"_limit": 1, "_offset": 1}})),
        json!({"comments": [{"id": 2}, {"id": 1}], "talk": [{"id": 1}]})
    );
    assert_eq!(
        told("comments", json!({"comments": {"_limit": 1}})),
        json!({"comments": [2]})
    );
    assert_eq!(
        told(
            "comments.said",
            json!({"comments": {"_alias": {"said": "text"}, "_sort": "id"}})
        ),
        json!({"comments": [{"said": "first"}, {"said": "second"}]})
    );
    assert_eq!(
        told("author.called", json!({"author": {"_alias": {"called": "name"}}})),
        json!({"author": {"called": "Ann"}})
    );
    assert_eq!(
        told("author.name", json!({"author": {"_filter": {"name": {"_eq": "Ben"}}}})),
        json!({"author": null})
    );
    assert_eq!(
        told(
            "parts.item:pages.*",
            json!({"parts": {"item:pages": {"_filter": {"heading": {"_eq": "Two"}}}, "_sort": "id"}})
        ),
        json!({"parts": [{"item": null}, {"item": PHOTO}]})
    );
    assert_eq!(
        told(
            "parts.item:pages.h",
            json!({"parts": {"item:pages": {"_alias": {"h": "heading"}}, "_limit": 1, "_sort": "id"}})
        ),
        json!({"parts": [{"item": {"h": "One"}}]})
    );
    // A list's own order field need not be readable; one that is asked for has to be.
    let editor = editor();
    assert_eq!(
        first(
            &editor,
            "articles",
            &json!({"fields": "comments.id", "deep": {"comments": {"_sort": "place"}}})
        ),
        no_field("place", "comments")
    );
    assert_eq!(
        first(
            &editor,
            "articles",
            &json!({"fields": "comments.id", "deep": {"comments": {"_filter": {"approved": {"_eq": true}}}}})
        ),
        no_field("approved", "comments")
    );
}

#[test]
fn what_goes_too_deep_or_too_wide_is_refused() {
    let ask = |depth: usize, tables: u32, fields: &str| {
        let who = Who::admin();
        who.asked(|project| {
            let limits = crate::query::Limits {
                relational_depth: depth,
                tables,
                ..project.limits.clone()
            };
            let query = parsed(
                &json!({"fields": fields, "filter": {"id": {"_eq": 1}}}),
                &project.limits,
            )?;
            crate::plan::read::list(&project.schema, &who.access, &limits, "articles", &query)
        })
    };
    let deep = invalid("the query follows relations too deep");
    assert_eq!(
        ask(2, 9, "author.team.name"),
        json!([{"author": {"team": {"name": "North"}}}])
    );
    assert_eq!(ask(1, 9, "author.team.name"), deep);
    assert_eq!(ask(1, 9, "author.name"), json!([{"author": {"name": "Ann"}}]));
    assert_eq!(ask(0, 9, "author.name"), deep);
    assert_eq!(ask(1, 9, "comments.by.name"), deep);
    assert_eq!(
        ask(2, 9, "comments.article.title"),
        json!([{"comments": [{"article": {"title": "Alpha"}}, {"article": {"title": "Alpha"}}]}])
    );
    assert_eq!(
        ask(2, 9, "parts.item:images.alt"),
        json!([{"parts": [{"item": 1}, {"item": {"alt": "Photo"}}]}])
    );
    assert_eq!(ask(1, 9, "parts.item:images.alt"), deep);
    let wide = invalid("the query follows too many relations; ask for fewer, or name the fields instead of wildcards");
    assert_eq!(
        ask(9, 3, "author.team.name"),
        json!([{"author": {"team": {"name": "North"}}}])
    );
    assert_eq!(ask(9, 2, "author.team.name"), wide);
    assert_eq!(ask(9, 1, "id"), json!([{"id": 1}]));
    assert_eq!(ask(9, 0, "id"), wide);
}
