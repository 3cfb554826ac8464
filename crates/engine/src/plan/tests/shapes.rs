//! What a plan is made of where answers alone do not show it: short conditions, and lists that come first.

use serde_json::{Value as Json, json};

use super::{editor, project::*};
use crate::{
    plan::{Cmp, Expr, Plan, Pred, read},
    schema::Ident,
    sql::{Dialect, compile},
    value::Param,
};

fn column(name: &str) -> Pred {
    Pred::IsNull(Expr::Column(0, Ident::new(name)))
}

fn text(pred: &Pred) -> String {
    crate::sql::condition(Dialect::Sqlite, pred).text
}

#[test]
fn conditions_are_as_short_as_they_can_be() {
    let (a, b) = (|| column("a"), || column("b"));
    for (pred, expected) in [
        (Pred::all([]), "1 = 1"),
        (Pred::any([]), "1 = 0"),
        (Pred::all([Pred::True, a()]), "t0.\"a\" is null"),
        (Pred::any([Pred::False, a()]), "t0.\"a\" is null"),
        (Pred::all([a(), Pred::False, b()]), "1 = 0"),
        (Pred::any([a(), Pred::True, b()]), "1 = 1"),
        (
            Pred::all([a(), Pred::all([b(), a()])]),
            "(t0.\"a\" is null and t0.\"b\" is null and t0.\"a\" is null)",
        ),
        (
            Pred::any([a(), Pred::any([b(), a()])]),
            "(t0.\"a\" is null or t0.\"b\" is null or t0.\"a\" is null)",
        ),
        (
            Pred::all([a(), Pred::any([b(), a()])]),
            "(t0.\"a\" is null and (t0.\"b\" is null or t0.\"a\" is null))",
        ),
        (Pred::True.negated(), "1 = 0"),
        (Pred::False.negated(), "1 = 1"),
        (a().negated(), "not (t0.\"a\" is null)"),
    ] {
        assert_eq!(text(&pred), expected);
    }
    assert!(Pred::True.is_true());
    assert!(!Pred::False.is_true() && !a().is_true());
    assert!(matches!(Cmp::Eq, Cmp::Eq));
}

/// The statement for a list, or for one item.
fn statement(who: &Who, indexed: bool, single: bool, query: &Json) -> String {
    let project = Project::new(indexed);
    let query = parsed(query, &project.limits).unwrap();
    let (schema, limits) = (&project.schema, &project.limits);
    let plan: Plan = if single {
        read::item(schema, &who.access, limits, "articles", &Param::Int(1), &query).unwrap()
    } else {
        read::list(schema, &who.access, limits, "articles", &query).unwrap()
    };
    compile(Dialect::Sqlite, &plan).text
}

#[test]
fn a_callers_filter_lists_related_rows_first_and_a_rule_looks_them_up() {
    let admin = Who::admin();
    let author = json!({"fields": "id", "filter": {"author": {"name": {"_eq": "Ann"}}}});
    let comment = json!({"fields": "id", "filter": {"comments": {"text": {"_eq": "first"}}}});
    let nothing = json!({"fields": "id", "filter": {"comments": {"_none": {"text": {"_eq": "first"}}}}});
    for query in [&author, &comment] {
        let list = statement(&admin, true, false, query);
        assert!(list.contains(" in (select ") && !list.contains("exists"), "{list}");
        let item = statement(&admin, true, true, query);
        assert!(item.contains("exists (") && !item.contains(" in (select "), "{item}");
    }
    // Without an index nothing is looked up row by row.
    for (query, single) in [(&comment, false), (&comment, true), (&nothing, false), (&nothing, true)] {
        let text = statement(&admin, false, single, query);
        assert!(text.contains(" in (select ") && !text.contains("exists"), "{text}");
    }
    let none = statement(&admin, true, false, &nothing);
    assert!(
        none.contains("not (exists (") && !none.contains(" in (select "),
        "{none}"
    );
    for rule in [
        json!({"author": {"name": {"_eq": "Ann"}}}),
        json!({"comments": {"text": {"_eq": "first"}}}),
    ] {
        let who = Who::reader(&[("articles", rule, json!("id"))]);
        let text = statement(&who, true, false, &json!({"fields": "id"}));
        assert!(text.contains("exists (") && !text.contains(" in (select "), "{text}");
    }
}

#[test]
fn nothing_is_looked_for_that_cannot_be_there() {
    let text = statement(
        &Who::admin(),
        true,
        false,
        &json!({"fields": "id", "filter": {"author": {"_or": [{"id": {"_in": [1]}}, {"name": {"_eq": "x"}}]}}}),
    );
    assert!(text.contains("\"authors\""), "{text}");
    // The rules of comments cover nothing: none is looked for.
    let who = Who::reader(&[
        ("articles", json!({}), json!("*")),
        ("comments", json!({"oops": {"_eq": 1}}), json!("*")),
        ("authors", json!({"oops": {"_eq": 1}}), json!("*")),
    ]);
    for indexed in [true, false] {
        for filter in [
            json!({"comments": {"text": {"_eq": "x"}}}),
            json!({"author": {"name": {"_eq": "x"}}}),
        ] {
            let text = statement(&who, indexed, false, &json!({"fields": "id", "filter": filter}));
            assert!(
                !text.contains("\"comments\"") && !text.contains("\"authors\""),
                "{text}"
            );
        }
    }
}

#[test]
fn conditions_on_one_related_row_look_it_up_once() {
    for joint in ["_and", "_or"] {
        let filter = json!({"author": {joint: [{"name": {"_eq": "Ann"}}, {"active": {"_eq": true}}]}});
        let text = statement(&Who::admin(), true, false, &json!({"fields": "id", "filter": filter}));
        assert_eq!(text.matches("\"authors\"").count(), 1, "{text}");
    }
}

#[test]
fn counts_use_the_index_or_are_made_once() {
    let query = json!({"fields": "count(comments)"});
    let by_index = statement(&Who::admin(), true, false, &query);
    assert!(
        by_index.contains("(select count(*) from") && !by_index.contains("group by"),
        "{by_index}"
    );
    let once = statement(&Who::admin(), false, false, &query);
    assert!(once.contains("group by"), "{once}");
}

#[test]
fn a_rule_that_several_cases_share_stands_once_and_a_value_all_may_see_has_no_guard() {
    let mine = json!({"owner": {"_eq": "$CURRENT_USER"}});
    let who = Who::reader(&[
        ("articles", mine.clone(), json!("id,title")),
        ("articles", mine, json!("id,title,price")),
    ]);
    let text = statement(&who, true, false, &json!({"fields": "id"}));
    assert_eq!(text.matches("\"owner\"").count(), 1, "{text}");
    let text = statement(
        &who,
        true,
        false,
        &json!({"fields": "id,title", "filter": {"title": {"_eq": "x"}}, "sort": "title"}),
    );
    assert!(!text.contains("case when"), "{text}");
    assert_eq!(text.matches("\"owner\"").count(), 1, "{text}");
    let text = statement(
        &Who::admin(),
        true,
        false,
        &json!({"fields": "parts.item:pages.heading"}),
    );
    assert!(!text.contains("1 = 1"), "{text}");
    // The key decides among equals, in related lists too.
    let text = statement(&Who::admin(), true, false, &json!({"fields": "comments.text"}));
    assert!(text.contains("t1.\"place\" nulls last, t1.\"id\""), "{text}");
    // A value that is there on every row it is shown on sorts without a word about nulls.
    let text = statement(&editor(), true, false, &json!({"fields": "id", "sort": "id"}));
    assert!(!text.contains("nulls"), "{text}");
    let text = statement(&editor(), true, false, &json!({"fields": "id", "sort": "title"}));
    assert!(text.contains("nulls last"), "{text}");
}

#[test]
fn columns_follow_the_question() {
    let project = Project::new(true);
    let of = |collection: &str, who: &Who, query: Json| {
        let query = parsed(&query, &project.limits).unwrap();
        let plan = read::list(&project.schema, &who.access, &project.limits, collection, &query).unwrap();
        let told: Vec<String> = plan.columns().iter().map(|column| column.join(".")).collect();
        (told.join(" "), plan.most_rows())
    };
    let columns = |who: &Who, query: Json| of("articles", who, query);
    let nested = json!({"fields": "id,author.name,author.articles.id,comments.text,parts.item:authors.name,parts.item:comments.*", "limit": 3});
    assert_eq!(
        columns(&Who::admin(), nested.clone()),
        ("id author.name author.articles comments parts".to_owned(), Some(3))
    );
    assert_eq!(
        columns(&Who::admin(), json!({"fields": "title,author"})).0,
        "title author"
    );
    let groups = json!({"groupBy": "status", "aggregate": {"count": "*", "max": "id,title"}, "limit": 7});
    assert_eq!(
        columns(&Who::admin(), groups),
        ("status count max.id max.title".to_owned(), Some(7))
    );
    // An item of a collection that was not asked for is told by its key.
    let parts = |fields: &str| of("parts", &Who::admin(), json!({"fields": fields})).0;
    assert_eq!(parts("item"), "item");
    assert_eq!(parts("item:pages.heading"), "item item.heading");
    assert_eq!(parts("item:pages.heading,item:images.alt"), "item.heading item.alt");
    // What a caller may not read has no column.
    assert_eq!(
        columns(&editor(), json!({"fields": "author.*"})).0,
        "author.id author.name author.articles"
    );
}
