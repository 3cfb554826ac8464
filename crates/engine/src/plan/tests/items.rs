//! Items by their keys, counts, batches, verdicts: judged by the same rules as lists.

use serde_json::{Value as Json, json};

use super::{editor, no_collection, no_field, project::*};
use crate::{access::Action, plan::read, query::Query, value::Param};

#[test]
fn items_are_read_by_key_where_the_key_may_be_read() {
    let editor = editor();
    let one = |key: i64, fields: &str| editor.items("articles", &[Param::Int(key)], &json!({"fields": fields}));
    assert_eq!(one(1, "title,price"), json!([{"title": "Alpha", "price": "5.00"}]));
    assert_eq!(one(3, "title,price"), json!([{"title": "gamma", "price": null}]));
    assert_eq!(one(4, "title"), json!([]));
    assert_eq!(one(9, "title"), json!([]));
    assert_eq!(one(1, "oops"), no_field("oops", "articles"));
    let several = |keys: &[i64]| {
        let keys: Vec<Param> = keys.iter().copied().map(Param::Int).collect();
        editor.items("articles", &keys, &json!({"fields": "id", "sort": "-id"}))
    };
    assert_eq!(several(&[]), json!([]));
    assert_eq!(several(&[1, 3, 4]), json!([{"id": 3}, {"id": 1}]));
    // A condition is asked of a single item as it is of a list.
    let with = |filter: Json| {
        editor.items(
            "articles",
            &[Param::Int(1), Param::Int(2), Param::Int(3)],
            &json!({"fields": "id", "filter": filter, "sort": "id"}),
        )
    };
    assert_eq!(
        with(json!({"author": {"name": {"_eq": "Ann"}}})),
        json!([{"id": 1}, {"id": 3}])
    );
    assert_eq!(with(json!({"author": {"name": {"_null": true}}})), json!([{"id": 2}]));
    assert_eq!(
        with(json!({"comments": {"text": {"_eq": "third"}}})),
        json!([{"id": 2}])
    );
    assert_eq!(with(json!({"price": {"_gt": 6}})), json!([{"id": 2}]));
    assert_eq!(
        editor.items("teams", &[Param::Int(1)], &json!({})),
        no_collection("teams")
    );
    let keyless = Who::reader(&[("articles", json!({}), json!("title"))]);
    assert_eq!(
        keyless.items("articles", &[Param::Int(1)], &json!({"fields": "title"})),
        no_field("id", "articles")
    );
    let some = Who::reader(&[
        ("articles", json!({}), json!("title")),
        ("articles", json!({"id": {"_eq": 2}}), json!("id")),
    ]);
    assert_eq!(
        some.items("articles", &[Param::Int(1)], &json!({"fields": "title"})),
        json!([])
    );
    assert_eq!(
        some.items("articles", &[Param::Int(2)], &json!({"fields": "title"})),
        json!([{"title": "Beta"}])
    );
    let single = editor.asked(|project| {
        let query = Query::default();
        read::item(
            &project.schema,
            &editor.access,
            &project.limits,
            "comments",
            &Param::Int(3),
            &query,
        )
    });
    assert_eq!(single, json!([{"id": 3, "text": "third", "article": 2}]));
}

#[test]
fn an_item_that_the_request_names_is_read_as_one_of_a_constant_key() {
    let named = |who: &Who, collection: &str, query: &Json| {
        who.asked(|project| {
            let query = parsed(query, &project.limits)?;
            read::named(&project.schema, &who.access, &project.limits, collection, &query)
        })
    };
    let editor = editor();
    for (collection, query, expected) in [
        (
            "articles",
            json!({"fields": "title,price"}),
            json!([{"title": "gamma", "price": null}]),
        ),
        ("articles", json!({"fields": "price"}), json!([])),
        ("comments", json!({"fields": "text"}), json!([{"text": "third"}])),
        ("teams", json!({}), no_collection("teams")),
    ] {
        assert_eq!(named(&editor, collection, &query), expected);
        assert_eq!(editor.items(collection, &[NAMED], &query), expected);
    }
    let hidden = Who::reader(&[("articles", json!({"id": {"_eq": 1}}), json!("*"))]);
    assert_eq!(named(&hidden, "articles", &json!({"fields": "id"})), json!([]));
    let keyless = Who::reader(&[("articles", json!({}), json!("title"))]);
    assert_eq!(
        named(&keyless, "articles", &json!({"fields": "title"})),
        no_field("id", "articles")
    );
}

#[test]
fn counts_are_of_rows_that_may_be_seen() {
    let count = |who: &Who, collection: &str, query: Option<Json>| {
        who.asked(|project| {
            let query = query.as_ref().map(|query| parsed(query, &project.limits)).transpose()?;
            read::count(
                &project.schema,
                &who.access,
                &project.limits,
                collection,
                query.as_ref(),
            )
        })
    };
    let of = |n: i64| json!([{ "count": n }]);
    let editor = editor();
    assert_eq!(count(&Who::admin(), "articles", None), of(4));
    assert_eq!(count(&editor, "articles", None), of(3));
    assert_eq!(
        count(&editor, "articles", Some(json!({"filter": {"price": {"_gt": 0}}}))),
        of(2)
    );
    assert_eq!(count(&editor, "articles", Some(json!({"search": "gam"}))), of(1));
    assert_eq!(
        count(
            &editor,
            "articles",
            Some(json!({"search": "a", "filter": {"price": {"_gt": 6}}}))
        ),
        of(1)
    );
    assert_eq!(count(&editor, "teams", None), no_collection("teams"));
}

#[test]
fn a_batch_by_query_finds_what_may_be_read() {
    let keys = |who: &Who, collection: &str, query: Json| {
        who.asked(|project| {
            let query = parsed(&query, &project.limits)?;
            read::keys(&project.schema, &who.access, &project.limits, collection, &query)
        })
    };
    let editor = editor();
    assert_eq!(
        keys(&editor, "articles", json!({"sort": "-id"})),
        json!([{"id": 3}, {"id": 2}, {"id": 1}])
    );
    assert_eq!(
        keys(
            &editor,
            "articles",
            json!({"filter": {"price": {"_gt": 0}}, "limit": 1, "offset": 1, "sort": "id"})
        ),
        json!([{"id": 2}])
    );
    assert_eq!(
        keys(&editor, "articles", json!({"filter": {"id": {"_eq": 3}}})),
        json!([{"id": 3}])
    );
    assert_eq!(
        keys(&editor, "articles", json!({"filter": {"id": {"_eq": 4}}})),
        json!([])
    );
    assert_eq!(keys(&editor, "articles", json!({"search": "gam"})), json!([{"id": 3}]));
    // What may not be read at all is not found, though the collection is there.
    assert_eq!(keys(&editor, "teams", json!({})), json!([]));
    assert_eq!(keys(&editor, "nothing", json!({})), no_collection("nothing"));
}

#[test]
fn a_row_is_covered_field_by_field() {
    let who = Who::with(
        ada(),
        "update",
        &[
            (
                "articles",
                json!({"owner": {"_eq": "$CURRENT_USER"}}),
                json!("title,status"),
            ),
            (
                "articles",
                json!({"status": {"_eq": "published"}}),
                json!("title,price"),
            ),
            ("pages", json!({}), json!("")),
        ],
    );
    let covered = |fields: &[&str]| who.covered("articles", Action::Update, &[1, 2, 3, 4, 9], fields);
    let ids = |ids: &[i64]| Json::from(ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>());
    assert_eq!(covered(&[]), ids(&[1, 2, 3]));
    assert_eq!(covered(&["title"]), ids(&[1, 2, 3]));
    assert_eq!(covered(&["status"]), ids(&[1, 2]));
    assert_eq!(covered(&["price"]), ids(&[1, 3]));
    assert_eq!(covered(&["status", "price"]), ids(&[1]));
    assert_eq!(covered(&["title", "oops"]), no_field("oops", "articles"));
    assert_eq!(who.covered("articles", Action::Update, &[], &[]), json!([]));
    assert_eq!(who.covered("articles", Action::Update, &[2], &["price"]), json!([]));
    assert_eq!(
        who.covered("articles", Action::Delete, &[1], &[]),
        no_collection("articles")
    );
    assert_eq!(
        who.covered("articles", Action::Read, &[1], &[]),
        no_collection("articles")
    );
    // Permission for no field is permission for the rows, and for none of their fields.
    assert_eq!(who.covered("pages", Action::Update, &[1], &[]), ids(&[1]));
    assert_eq!(
        who.covered("pages", Action::Update, &[1], &["heading"]),
        no_field("heading", "pages")
    );
    let admin = Who::admin();
    assert_eq!(
        admin.covered("articles", Action::Delete, &[4, 9], &["title"]),
        ids(&[4])
    );
    assert_eq!(
        admin.covered("nothing", Action::Delete, &[4], &[]),
        no_collection("nothing")
    );
}

#[test]
fn verdicts_are_those_of_each_case() {
    let who = Who::reader(&[
        ("articles", json!({"owner": {"_eq": "$CURRENT_USER"}}), json!("*")),
        ("articles", json!({"status": {"_eq": "published"}}), json!("id")),
        ("articles", json!({"oops": {"_eq": 1}}), json!("id")),
        ("articles", json!({}), json!("id")),
    ]);
    let verdicts = |key: i64| {
        who.asked(|project| {
            let key = Param::Int(key);
            let (schema, limits) = (&project.schema, &project.limits);
            read::verdicts(schema, &who.access, limits, "articles", Action::Read, &key)
        })
    };
    assert_eq!(
        verdicts(1),
        json!([{"id": 1, "case_1": 1, "case_2": 1, "case_3": null, "case_4": 1}])
    );
    assert_eq!(
        verdicts(4),
        json!([{"id": 4, "case_1": null, "case_2": null, "case_3": null, "case_4": 1}])
    );
    assert_eq!(verdicts(9), json!([]));
    let project = Project::new(true);
    let (schema, limits) = (&project.schema, &project.limits);
    let cases = who.access.grant("articles", Action::Read).cases();
    let misfit = |i: usize| read::misfit(schema, &who.access, limits, "articles", &cases[i]).map(|error| told(&error));
    assert_eq!(misfit(0), None);
    assert_eq!(misfit(2), Some(no_field("oops", "articles")));
    assert_eq!(misfit(3), None);
    // A rule reads what its caller may not.
    let blind = Who::reader(&[("articles", json!({"author": {"name": {"_eq": "x"}}}), json!("id"))]);
    let case = &blind.access.grant("articles", Action::Read).cases()[0];
    assert!(read::misfit(schema, &blind.access, limits, "articles", case).is_none());
    assert!(read::misfit(schema, &who.access, limits, "nothing", &cases[2]).is_none());
    let rule = |cases: &[crate::access::Case], collection: &str| {
        let found = read::rule(schema, &who.access, limits, collection, cases);
        found.map(|pred| crate::sql::condition(crate::sql::Dialect::Sqlite, &pred).text)
    };
    assert_eq!(rule(&cases[..1], "articles").unwrap(), "t0.\"owner\" is ?");
    assert_eq!(rule(cases, "articles").unwrap(), "1 = 1");
    assert_eq!(rule(&cases[2..3], "articles").unwrap(), "1 = 0");
    assert!(rule(cases, "nothing").is_err());
}

#[test]
fn a_statement_of_too_many_tables_is_refused_whatever_it_is_for() {
    let admin = Who::admin();
    let refused =
        super::invalid("the query follows too many relations; ask for fewer, or name the fields instead of wildcards");
    let query = |extra: Json| {
        let mut query = json!({"filter": {"author": {"team": {"name": {"_eq": "North"}}}}});
        query
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        query
    };
    type Plan = Box<dyn Fn(&Project, &crate::query::Limits) -> crate::Result<crate::plan::Plan>>;
    let access = || crate::access::Access::full();
    let list = move |extra: Json| -> Plan {
        Box::new(move |project, limits| {
            let query = parsed(&query(extra.clone()), &project.limits)?;
            read::list(&project.schema, &access(), limits, "articles", &query)
        })
    };
    let of = move |project: &Project| parsed(&query(json!({"fields": "id"})), &project.limits);
    let plans: [Plan; 6] = [
        list(json!({"fields": "id"})),
        list(json!({"aggregate": {"count": "*"}})),
        list(json!({"groupBy": "status"})),
        Box::new(move |project, limits| {
            read::items(&project.schema, &access(), limits, "articles", &[NAMED], &of(project)?)
        }),
        Box::new(move |project, limits| {
            read::count(&project.schema, &access(), limits, "articles", Some(&of(project)?))
        }),
        Box::new(move |project, limits| read::keys(&project.schema, &access(), limits, "articles", &of(project)?)),
    ];
    for (i, plan) in plans.iter().enumerate() {
        let with = |tables: u32| {
            admin.asked(|project| {
                let limits = crate::query::Limits {
                    tables,
                    ..project.limits.clone()
                };
                plan(project, &limits)
            })
        };
        assert!(with(3).is_array(), "{i}");
        assert_eq!(with(2), refused, "{i}");
    }
}
