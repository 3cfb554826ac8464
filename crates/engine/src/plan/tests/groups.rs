//! Groups and aggregates: of the rows and values a caller may see, told as clients expect them.

use serde_json::{Value as Json, json};

use super::{editor, invalid, no_collection, no_field, project::*};

#[test]
fn aggregates_are_told_by_function_and_field() {
    let admin = Who::admin();
    for (aggregate, expected) in [
        (json!({"count": "*"}), json!({"count": "4"})),
        (json!({"countAll": "*"}), json!({"countAll": "4"})),
        (json!({"count": "rating"}), json!({"count": {"rating": "2"}})),
        (
            json!({"count": ["*", "rating"]}),
            json!({"count": {"*": "4", "rating": "2"}}),
        ),
        (
            json!({"countDistinct": ["views", "likes"]}),
            json!({"countDistinct": {"views": "2", "likes": "2"}}),
        ),
        (
            json!({"sum": "views", "max": "likes", "count": "*"}),
            json!({"sum": {"views": "40"}, "max": {"likes": 7}, "count": "4"}),
        ),
        (json!({"sum": "likes"}), json!({"sum": {"likes": "13"}})),
        (json!({"sum": "price"}), json!({"sum": {"price": "21.50"}})),
        (
            json!({"sumDistinct": "price"}),
            json!({"sumDistinct": {"price": "21.50"}}),
        ),
        (json!({"sum": "rating"}), json!({"sum": {"rating": 4.0}})),
        (json!({"sumDistinct": "views"}), json!({"sumDistinct": {"views": "30"}})),
        (json!({"avg": "rating"}), json!({"avg": {"rating": 2.0}})),
        (json!({"avg": "likes"}), json!({"avg": {"likes": 13.0 / 3.0}})),
        (json!({"avgDistinct": "likes"}), json!({"avgDistinct": {"likes": 5.0}})),
        (json!({"min": "price"}), json!({"min": {"price": "5.00"}})),
        (json!({"min": "views"}), json!({"min": {"views": "10"}})),
        (
            json!({"max": "published"}),
            json!({"max": {"published": "2024-02-04T04:05:06.000Z"}}),
        ),
        (json!({"max": "title"}), json!({"max": {"title": "gamma"}})),
        (json!({"max": "secret"}), json!({"max": {"secret": "**********"}})),
        (json!({"max": "year(day)"}), json!({"max": {"day_year": "2024"}})),
        (json!({"sum": "year(day)"}), json!({"sum": {"day_year": "4047"}})),
        (json!({"avg": "month(day)"}), json!({"avg": {"day_month": 6.5}})),
        (
            json!({"max": "count(comments)"}),
            json!({"max": {"comments_count": "2"}}),
        ),
        (json!({"count": "extra"}), json!({"count": {"extra": "2"}})),
    ] {
        let told = admin.list("articles", &json!({"aggregate": aggregate}));
        assert_eq!(told, json!([expected]), "{aggregate}");
    }
}

#[test]
fn aggregates_that_do_not_fit_are_refused() {
    let admin = Who::admin();
    let unfit = |function: &str, field: &str| invalid(&format!("\"{function}\" does not fit field \"{field}\""));
    for (aggregate, expected) in [
        (json!({"sum": "title"}), unfit("sum", "title")),
        (json!({"avg": "day"}), unfit("avg", "day")),
        (json!({"max": "extra"}), unfit("max", "extra")),
        (json!({"min": "spot"}), unfit("min", "spot")),
        (json!({"countDistinct": "secret"}), unfit("countDistinct", "secret")),
        (json!({"sum": "secret"}), unfit("sum", "secret")),
        (json!({"count": "comments"}), unfit("count", "comments")),
        (json!({"count": "oops"}), no_field("oops", "articles")),
        (
            json!({"max": "year(title)"}),
            invalid("this function does not fit field \"title\" of collection \"articles\""),
        ),
    ] {
        let told = admin.list("articles", &json!({"aggregate": aggregate}));
        assert_eq!(told, expected, "{aggregate}");
    }
}

#[test]
fn rows_and_functions_of_nothing_are_only_counted() {
    use crate::query::{Aggregate, Query};
    let of_rows = |function: Aggregate| {
        let who = Who::admin();
        who.asked(|project| {
            let query = Query {
                aggregate: vec![(function, None)],
                ..Query::default()
            };
            crate::plan::read::list(&project.schema, &who.access, &project.limits, "articles", &query)
        })
    };
    assert_eq!(of_rows(Aggregate::Count), json!([{"count": "4"}]));
    assert_eq!(of_rows(Aggregate::Sum), invalid("\"sum\" does not fit field \"*\""));
}

#[test]
fn groups_are_told_with_their_keys() {
    let admin = Who::admin();
    let told = |group: Json, sort: &str| {
        admin.list(
            "articles",
            &json!({"groupBy": group, "aggregate": {"count": "*"}, "sort": sort}),
        )
    };
    assert_eq!(
        told(json!("status"), ""),
        json!([{"status": "draft", "count": "2"}, {"status": "published", "count": "2"}])
    );
    assert_eq!(
        told(json!("views"), "-views"),
        json!([{"views": null, "count": "1"}, {"views": "20", "count": "1"}, {"views": "10", "count": "2"}])
    );
    assert_eq!(
        told(json!("views"), "-count,views"),
        json!([{"views": "10", "count": "2"}, {"views": "20", "count": "1"}, {"views": null, "count": "1"}])
    );
    assert_eq!(
        told(json!("year(day)"), "year(day)"),
        json!([
            {"day_year": "2023", "count": "1"}, {"day_year": "2024", "count": "1"}, {"day_year": null, "count": "2"},
        ])
    );
    assert_eq!(told(json!("year(day)"), "-day_year").as_array().unwrap().len(), 3);
    assert_eq!(
        told(json!("author"), ""),
        json!([{"author": 1, "count": "2"}, {"author": 2, "count": "1"}, {"author": null, "count": "1"}])
    );
    // Of secrets only whether there is one: two differ, all that are set are alike.
    assert_eq!(
        told(json!("secret"), ""),
        json!([{"secret": "**********", "count": "3"}, {"secret": null, "count": "1"}])
    );
    assert_eq!(
        told(json!("count(extra)"), ""),
        json!([{"extra_count": "3", "count": "1"}, {"extra_count": null, "count": "3"}])
    );
    assert_eq!(
        told(json!("count(comments)"), ""),
        invalid("groups can not be made by a count of related items")
    );
    assert_eq!(
        told(json!("extra"), ""),
        invalid("groups can not be made by the JSON field \"extra\"")
    );
    assert_eq!(told(json!("comments"), ""), no_field("comments", "articles"));
    assert_eq!(told(json!("oops"), ""), no_field("oops", "articles"));
}

#[test]
fn groups_without_an_aggregate_and_pages_of_groups() {
    let admin = Who::admin();
    assert_eq!(
        admin.list(
            "articles",
            &json!({"groupBy": ["status", "views"], "sort": "status,-views"})
        ),
        json!([
            {"status": "draft", "views": null}, {"status": "draft", "views": "20"},
            {"status": "published", "views": "10"},
        ])
    );
    assert_eq!(
        admin.list("articles", &json!({"groupBy": "status", "limit": 1, "offset": 1})),
        json!([{"status": "published"}])
    );
    assert_eq!(
        admin.list(
            "articles",
            &json!({"groupBy": "status", "filter": {"id": {"_gt": 3}}, "aggregate": {"count": "*"}})
        ),
        json!([{"status": "draft", "count": "1"}])
    );
    assert_eq!(
        admin.list(
            "articles",
            &json!({"groupBy": "status", "search": "gam", "aggregate": {"count": "*"}})
        ),
        json!([{"status": "published", "count": "1"}])
    );
}

#[test]
fn groups_are_ordered_by_what_they_show() {
    let admin = Who::admin();
    let told = |sort: &str, aggregate: Json| {
        let told = admin.list(
            "articles",
            &json!({"groupBy": "status", "aggregate": aggregate, "sort": sort}),
        );
        let Json::Array(rows) = told else { return told };
        rows.iter().map(|row| row["status"].clone()).collect()
    };
    let refused = invalid("groups are ordered by what they are grouped by, or by an aggregate");
    let sum = || json!({"sum": ["likes", "views"], "count": "*"});
    assert_eq!(told("status", sum()), json!(["draft", "published"]));
    assert_eq!(told("-status", sum()), json!(["published", "draft"]));
    // By the first field of several.
    assert_eq!(told("sum", sum()), json!(["draft", "published"]));
    assert_eq!(told("-sum", sum()), json!(["published", "draft"]));
    assert_eq!(told("sum.likes", sum()), refused);
    assert_eq!(told("-count,-status", sum()), json!(["published", "draft"]));
    assert_eq!(told("title", sum()), refused);
    assert_eq!(told("author.name", sum()), refused);
    assert_eq!(told("oops", sum()), no_field("oops", "articles"));
    // One group needs no order, but what is named must be readable.
    let single = |who: &Who, sort: &str| who.list("articles", &json!({"aggregate": {"count": "*"}, "sort": sort}));
    assert_eq!(single(&admin, "title"), json!([{"count": "4"}]));
    assert_eq!(single(&admin, "count"), json!([{"count": "4"}]));
    assert_eq!(single(&admin, "oops"), no_field("oops", "articles"));
    let blind = Who::reader(&[("articles", json!({}), json!("id"))]);
    assert_eq!(single(&blind, "title"), no_field("title", "articles"));
    assert_eq!(single(&blind, "id"), json!([{"count": "4"}]));
}

#[test]
fn what_is_hidden_is_in_no_group_and_no_sum() {
    // Of article 3 she sees no price and no status, of article 4 nothing.
    let editor = editor();
    for (query, expected) in [
        (json!({"aggregate": {"count": "*"}}), json!([{"count": "3"}])),
        (
            json!({"aggregate": {"count": "price"}}),
            json!([{"count": {"price": "2"}}]),
        ),
        (
            json!({"aggregate": {"max": "price"}}),
            json!([{"max": {"price": "7.50"}}]),
        ),
        (json!({"aggregate": {"max": "likes"}}), json!([{"max": {"likes": 3}}])),
        (
            json!({"aggregate": {"max": "count(comments)"}}),
            json!([{"max": {"comments_count": "1"}}]),
        ),
        (
            json!({"aggregate": {"max": "year(day)"}}),
            json!([{"max": {"day_year": "2024"}}]),
        ),
        (
            json!({"groupBy": "status", "aggregate": {"count": "*"}}),
            json!([
                {"status": "draft", "count": "1"}, {"status": "published", "count": "1"},
                {"status": null, "count": "1"},
            ]),
        ),
        (
            json!({"groupBy": "secret", "aggregate": {"count": "*"}}),
            json!([{"secret": "**********", "count": "2"}, {"secret": null, "count": "1"}]),
        ),
        (
            json!({"groupBy": "year(starts)", "aggregate": {"count": "*"}}),
            json!([{"starts_year": "2024", "count": "2"}, {"starts_year": null, "count": "1"}]),
        ),
    ] {
        assert_eq!(editor.list("articles", &query), expected, "{query}");
    }
    assert_eq!(
        editor.list("authors", &json!({"groupBy": "active"})),
        no_field("active", "authors")
    );
    assert_eq!(
        editor.list("authors", &json!({"aggregate": {"max": "team"}})),
        no_field("team", "authors")
    );
    assert_eq!(
        editor.list("authors", &json!({"groupBy": "count(articles)"})),
        invalid("groups can not be made by a count of related items")
    );
    assert_eq!(
        editor.list("teams", &json!({"aggregate": {"count": "*"}})),
        no_collection("teams")
    );
}

#[test]
fn a_function_of_what_is_hidden_is_in_no_group_and_no_extreme() {
    let only = |id: i64| {
        Who::reader(&[
            ("articles", json!({}), json!("id")),
            ("articles", json!({"id": {"_eq": id}}), json!("starts,extra")),
        ])
    };
    assert_eq!(
        only(1).list(
            "articles",
            &json!({"groupBy": "day(starts)", "aggregate": {"count": "*"}})
        ),
        json!([{"starts_day": "3", "count": "1"}, {"starts_day": null, "count": "3"}])
    );
    let most = |id: i64| {
        only(id).list(
            "articles",
            &json!({"aggregate": {"max": ["day(starts)", "count(extra)"]}}),
        )
    };
    assert_eq!(most(1), json!([{"max": {"starts_day": "3", "extra_count": null}}]));
    assert_eq!(most(2), json!([{"max": {"starts_day": "2", "extra_count": "3"}}]));
    let blind = Who::reader(&[("articles", json!({}), json!("id"))]);
    for query in [
        json!({"groupBy": "day(starts)"}),
        json!({"aggregate": {"max": "day(starts)"}}),
        json!({"groupBy": "id", "sort": "day(starts)"}),
        json!({"aggregate": {"count": "starts"}}),
    ] {
        assert_eq!(
            blind.list("articles", &query),
            no_field("starts", "articles"),
            "{query}"
        );
    }
}

#[test]
fn groups_are_not_ordered_by_secrets() {
    // Of the four articles two hush, one is loud, and one has no secret: that one alone is told apart.
    for (sort, expected) in [("-min", [4, 1, 2, 3]), ("max", [1, 2, 3, 4])] {
        let query = json!({"groupBy": "id", "aggregate": {"min": "secret", "max": "secret"}, "sort": sort});
        let told = Who::admin().list("articles", &query);
        let keys: Vec<Json> = told
            .as_array()
            .unwrap()
            .iter()
            .map(|group| group["id"].clone())
            .collect();
        assert_eq!(json!(keys), json!(expected), "{sort}");
    }
}
