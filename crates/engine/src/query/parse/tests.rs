//! Whole queries: each parameter, what is malformed, and every recorded query.

mod any;
mod recorded;

use serde_json::json;

use super::*;
use crate::query::{Function, Leaf, Page};

fn query(json: Json) -> Result<Query> {
    parse_with(json, &Limits::default())
}

fn parse_with(json: Json, limits: &Limits) -> Result<Query> {
    let Json::Object(raw) = json else {
        panic!("parameters are an object")
    };
    parse(&raw, limits)
}

fn page(json: Json) -> Page {
    query(json).unwrap().page
}

fn at_most(limit: u64, offset: u64) -> Page {
    Page {
        limit: Some(limit),
        offset,
    }
}

#[test]
fn nothing_asked_is_the_first_page() {
    let expected = Query {
        page: at_most(100, 0),
        ..Query::default()
    };
    assert_eq!(query(json!({})).unwrap(), expected);
    assert_eq!(
        query(json!({"nonsense": 1, "_": "123", "FIELDS": "x", "version": ""})).unwrap(),
        expected
    );
    let empty = json!({"fields": "", "filter": "", "search": " ", "sort": "", "offset": "", "meta": "", "deep": {}, "alias": ""});
    assert_eq!(query(empty).unwrap(), expected);
}

#[test]
fn pages() {
    let all = |offset| Page { limit: None, offset };
    assert_eq!(page(json!({"limit": "2"})), at_most(2, 0));
    assert_eq!(page(json!({"limit": " 2 "})), at_most(2, 0));
    assert_eq!(page(json!({"limit": 0})), at_most(0, 0));
    assert_eq!(page(json!({"limit": "-1"})), all(0));
    assert_eq!(page(json!({"limit": -1, "offset": 118})), all(118));
    assert_eq!(page(json!({"offset": 115})), at_most(100, 115));
    assert_eq!(page(json!({"page": 2})), at_most(100, 100));
    assert_eq!(page(json!({"page": "3", "limit": "2"})), at_most(2, 4));
    assert_eq!(page(json!({"page": "0", "limit": "2"})), at_most(2, 0));
    assert_eq!(page(json!({"page": 2, "limit": -1})), all(0));
    assert_eq!(page(json!({"page": 2, "offset": 1, "limit": 2})), at_most(2, 2));
    assert_eq!(page(json!({"page": 2, "limit": 0})), at_most(0, 0));
    assert_eq!(
        page(json!({"page": "9007199254740991", "limit": "9007199254740991"})),
        at_most((1 << 53) - 1, (1 << 53) - 1)
    );
}

#[test]
fn the_operators_limit_holds() {
    let limits = Limits {
        default_limit: 7,
        max_limit: Some(20),
        ..Limits::default()
    };
    let page = |json| parse_with(json, &limits).map(|query| query.page);
    assert_eq!(page(json!({})).unwrap(), at_most(7, 0));
    assert_eq!(page(json!({"limit": 20})).unwrap(), at_most(20, 0));
    assert_eq!(page(json!({"limit": -1})).unwrap(), at_most(20, 0));
    assert_eq!(page(json!({"limit": -1, "page": 2})).unwrap(), at_most(20, 20));
    assert!(page(json!({"limit": 21})).is_err());
    let tight = Limits {
        default_limit: 100,
        max_limit: Some(20),
        ..Limits::default()
    };
    assert_eq!(parse_with(json!({}), &tight).unwrap().page, at_most(20, 0));
    let deep = parse_with(
        json!({"deep": {"downs": {"_limit": 50}, "ups": {"_limit": -1}}}),
        &limits,
    )
    .unwrap()
    .deep;
    assert_eq!(deep[0].1.page, at_most(20, 0));
    assert_eq!(deep[1].1.page, at_most(20, 0));
}

#[test]
fn malformed() {
    let cases = [
        json!({"limit": "2.5"}),
        json!({"limit": 2.5}),
        json!({"limit": "abc"}),
        json!({"limit": "-2"}),
        json!({"limit": "99999999999999999999"}),
        json!({"limit": "1;drop"}),
        json!({"limit": "2abc"}),
        json!({"limit": "null"}),
        json!({"limit": ["1", "2"]}),
        json!({"limit": true}),
        json!({"offset": -1}),
        json!({"offset": "abc"}),
        json!({"offset": "1.5"}),
        json!({"page": -1}),
        json!({"page": "abc"}),
        json!({"page": "1.5"}),
        json!({"meta": ["*"]}),
        json!({"meta": "nonsense"}),
        json!({"meta": "total_count,nonsense"}),
        json!({"export": "nonsense"}),
        json!({"export": ["csv"]}),
        json!({"alias": "nonsense"}),
        json!({"alias": {"x": 5}}),
        json!({"alias": {"x": "author.name"}}),
        json!({"alias": {"x": "json(author.j, k)"}}),
        json!({"alias": {"x.y": "title"}}),
        json!({"alias": {"": "title"}}),
        json!({"alias": ["title"]}),
        json!({"aggregate": ["count"]}),
        json!({"aggregate": "count"}),
        json!({"aggregate": {"nonsense": "n"}}),
        json!({"aggregate": {"sum": "*"}}),
        json!({"aggregate": {"count": 5}}),
        json!({"aggregate": {"count": "id,,n"}}),
        json!({"groupBy": {"a": "b"}}),
        json!({"groupBy": "year(d"}),
        json!({"sort": "year(d"}),
        json!({"sort": ["id", 5]}),
        json!({"search": "x".repeat(1001)}),
        json!({"filter": null}),
        json!({"deep": "{bad"}),
        json!({"deep": {"a": {"_filter": "nonsense"}}}),
        json!({"deep": {"a": {"_filter": null}}}),
        json!({"deep": {"a": {"b": {"_filter": {"_eq": 1}}}}}),
        json!({"deep": {"a": {"_limit": "x"}}}),
        json!({"deep": {"a": {"_limit": -2}}}),
        json!({"deep": {"a": {"_sort": 5}}}),
        json!({"deep": {"a": {"_alias": {"x": 5}}}}),
        json!({"deep": {"a": {"_aggregate": {"count": "*"}}}}),
        json!({"deep": {"a": {"_groupBy": "x"}}}),
    ];
    for json in cases {
        assert!(query(json.clone()).is_err(), "{json}");
    }
}

#[test]
fn aggregates() {
    let wanted = |json: Json| query(json).unwrap().aggregate;
    let id = || Some(Key::Field("id".into()));
    assert_eq!(wanted(json!({"aggregate": {"count": "*"}})), [(Aggregate::Count, None)]);
    assert_eq!(
        wanted(json!({"aggregate": "{\"count\": [\"*\"]}"})),
        [(Aggregate::Count, None)]
    );
    assert_eq!(
        wanted(json!({"aggregate": {"countDistinct": "id,n", "max": ["id"]}})),
        [
            (Aggregate::CountDistinct, id()),
            (Aggregate::CountDistinct, Some(Key::Field("n".into()))),
            (Aggregate::Max, id()),
        ]
    );
    assert_eq!(
        wanted(json!({"aggregate": {"count": ""}})),
        [(Aggregate::Count, Some(Key::Field(String::new())))]
    );
    assert_eq!(
        query(json!({"groupBy": "year(d),author.salary"})).unwrap().group,
        [
            Key::Call(Function::Year, "d".into()),
            Key::Field("author.salary".into())
        ]
    );
}

#[test]
fn aliases_stand_for_one_thing() {
    let alias = |json: Json| query(json!({"alias": json})).unwrap().alias;
    let made = alias(json!({"t": "title", "y": "count(comments)", "j": "json(j, o.p)", "__proto__": "*"}));
    let targets: Vec<&Leaf> = made.iter().map(|alias| &alias.target).collect();
    assert_eq!(made[0].name, "t");
    assert_eq!(targets[0], &Leaf::Field("title".into()));
    assert_eq!(targets[1], &Leaf::Call(Function::Count, "comments".into()));
    assert!(matches!(targets[2], Leaf::Json(name, path) if name == "j" && path.0.len() == 2));
    assert_eq!(targets[3], &Leaf::Field("*".into()));
    assert_eq!(alias(json!("{\"t\": \"title\"}")).len(), 1);
}

#[test]
fn deep_queries() {
    let deep = query(json!({"deep": {
        "comments": {"_limit": 5, "_page": 2, "_sort": "-id", "_search": "x", "_filter": "{\"a\": 1}", "_fields": "id", "post": {"_limit": 1}},
        "item:pages": {},
        "wrong": 5,
        "list": [1],
        "_limit": 3,
        "__proto__": {"_limit": 1},
    }}))
    .unwrap()
    .deep;
    let names: Vec<&str> = deep.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["comments", "item:pages"]);
    let comments = &deep[0].1;
    assert_eq!(comments.page, at_most(5, 5));
    assert!(comments.filter.is_some() && comments.search.is_some() && comments.sort.len() == 1);
    assert!(comments.fields.is_empty());
    assert_eq!(comments.deep[0].0, "post");
    assert_eq!(deep[1].1.page, at_most(100, 0));
    for wrong in [json!(5), json!([]), json!(true), json!("5"), json!("[]")] {
        assert_eq!(query(json!({"deep": wrong})).unwrap().deep, []);
    }
}

#[test]
fn depth_and_number_are_limited() {
    let limits = Limits {
        relational_depth: 3,
        names: 4,
        ..Limits::default()
    };
    let ok = |json: Json| parse_with(json, &limits).is_ok();
    assert!(ok(json!({"fields": "up.up.n", "sort": "up.up.n"})));
    assert!(!ok(json!({"fields": "up.up.up.n"})));
    assert!(!ok(json!({"fields": "*.*.*.*"})));
    assert!(!ok(json!({"sort": "up.up.up.up.n"})));
    assert!(ok(json!({"deep": {"up": {"up": {"_limit": 1}}}})));
    assert!(!ok(json!({"deep": {"up": {"up": {"up": {"up": {"_limit": 1}}}}}})));
    assert!(ok(json!({"fields": "a,b,c,d"})));
    assert!(!ok(json!({"fields": "a,b,c", "sort": "d", "groupBy": "e"})));
    assert!(!ok(json!({"fields": "a,b", "deep": {"x": {"_sort": "a,b"}}})));
}
