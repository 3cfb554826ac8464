//! Query strings: what each form spells, what is refused, and that nothing panics.

use aedile_engine::query::{self, Limits};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn spelled(query: &str) -> Json {
    Json::Object(parse(query, &QueryStringLimits::default()).unwrap())
}

#[test]
fn forms() {
    let cases = [
        ("", json!({})),
        ("&&a=1&", json!({"a": "1"})),
        ("a", json!({"a": ""})),
        ("=x&[]=y", json!({})),
        ("a=1=2", json!({"a": "1=2"})),
        ("a=1&a=2&a=3", json!({"a": ["1", "2", "3"]})),
        ("a[]=1&a[]=2", json!({"a": ["1", "2"]})),
        ("a[1]=y&a[0]=x&a[7]=z", json!({"a": ["x", "y", "z"]})),
        ("a=1&a[]=2&a[0]=3", json!({"a": [["1", "3"], "2"]})),
        ("a.b=1", json!({"a.b": "1"})),
        ("a[b.c]=1", json!({"a": {"b.c": "1"}})),
        ("[a][b]=1", json!({"a": {"b": "1"}})),
        ("a[b]x[c]=1", json!({"a": {"b": {"c": "1"}}})),
        ("a]b[c]=1", json!({"a]b": {"c": "1"}})),
        ("a[01]=1", json!({"a": {"01": "1"}})),
        ("a[x]=1&a[0]=2", json!({"a": {"x": "1", "0": "2"}})),
        ("z=1&b=2&a=3", json!({"z": "1", "b": "2", "a": "3"})),
        ("__proto__[x]=1", json!({"__proto__": {"x": "1"}})),
        ("filter[kind][_eq=a", json!({"filter": {"kind": "a"}})),
        ("filter[ref][_nnull]", json!({"filter": {"ref": {"_nnull": ""}}})),
        ("filter%5Bkind%5D%5B_eq%5D=a", json!({"filter": {"kind": {"_eq": "a"}}})),
        ("n[_gt]=5&n[_lt]=20", json!({"n": {"_gt": "5", "_lt": "20"}})),
        (
            "_and[0][a]=1&_and[0][b]=2&_and[1][c]=3",
            json!({"_and": [{"a": "1", "b": "2"}, {"c": "3"}]}),
        ),
        ("_in[]=10&_in[]=5", json!({"_in": ["10", "5"]})),
        ("a=al+pha%2B%26%3d", json!({"a": "al pha+&="})),
        ("a=%F0%9F%99%82+100%25", json!({"a": "🙂 100%"})),
        ("a=%ZZ+x%20", json!({"a": "%ZZ x%20"})),
        ("a=%", json!({"a": "%"})),
        ("a=%4é", json!({"a": "%4é"})),
    ];
    for (query, expected) in cases {
        let found = spelled(query);
        assert_eq!(found, expected, "{query}");
        // Equality of objects does not look at the order.
        assert_eq!(found.to_string(), expected.to_string(), "{query}");
    }
}

#[test]
fn refused() {
    let limits = QueryStringLimits {
        depth: 3,
        array: 3,
        pairs: 5,
    };
    let ok = |query: &str| parse(query, &limits).is_ok();
    assert!(ok("a[b][c][d]=1"));
    assert!(!ok("a[b][c][d][e]=1"));
    assert!(ok("a[2]=1") && ok("a[]=1&a[]=2&a[]=3") && ok("a=1&a=2&a=3"));
    assert!(!ok("a[3]=1"));
    assert!(!ok("a[18446744073709551615]=1"));
    assert!(!ok("a[]=1&a[]=2&a[]=3&a[]=4"));
    assert!(!ok("a=1&a=2&a=3&a=4"));
    assert!(!ok("a[2]=1&a[]=2"));
    assert!(ok("a&b&c&d&e"));
    assert!(!ok("a&b&c&d&e&f"));
    for query in [
        "a=1&a[b]=2",
        "a[b]=1&a=2",
        "a[]=1&a[b]=2",
        "a[b]=1&a[]=2",
        "a=%FF",
        "%FF=a",
    ] {
        assert!(!ok(query), "{query}");
    }
}

/// The recorded URLs with brackets, and whether they were answered.
#[test]
fn recorded_urls() {
    let answered = [
        "filter[kind][_eq]=a&fields=id&sort=id",
        "filter[_and][0][kind][_eq]=a&filter[_and][1][n][_gt]=10&fields[]=id&fields[]=name&sort[]=id",
        "filter[_or][0][n][_eq]=10&filter[_or][1][n][_eq]=5&fields[0]=id&sort=id",
        "filter[n][_in]=10,20&fields=id&sort=id",
        "filter[n][_in][]=10&filter[n][_in][]=5&fields=id&sort=id",
        "filter[n][_in][0]=10&filter[n][_in][1]=5&fields=id&sort=id",
        "filter[n][_between]=5,10&fields=id&sort=id",
        "filter[n][_between][]=5&filter[n][_between][]=10&fields=id&sort=id",
        "filter[ref][_nnull]&fields=id&sort=id",
        "filter[kind]=a&fields=id&sort=id",
        "filter[year(d)][_eq]=2024&fields=id&sort=id",
        "filter[note][_contains]=100%25&fields=id&sort=id",
        "filter[name][_eq]=al+pha&fields=id&sort=id",
        "filter[n][_gt]=5&filter[n][_lt]=20&fields=id&sort=id",
        "fields=id,name&fields=n&sort=id&limit=1",
        "fields=id&sort=id&limit=1&nonsense=1&_=123",
        "filter[kind][_eq=a&fields=id&sort=id",
        "filter[name][_eq]=%ZZ&fields=id",
        "alias[t]=title&fields=t",
        "search[]=alpha",
        "aggregate[count]=*&aggregate[sum]=n&groupBy[]=kind",
    ];
    let refused = ["limit=1&limit=2", "fields[title]=1", "filter={bad", "aggregate[]=count"];
    let parsed =
        |text: &str| query::parse::parse(&parse(text, &QueryStringLimits::default()).unwrap(), &Limits::default());
    for text in answered {
        assert!(parsed(text).is_ok(), "{text}");
    }
    for text in refused {
        assert!(parsed(text).is_err(), "{text}");
    }
    assert_eq!(parsed("fields=id,name&fields=n").unwrap().fields.len(), 3);
}

proptest! {
    #[test]
    fn any_text_is_spelled_or_refused(text in "[ab01=&\\[\\]%+F.é]{0,80}") {
        let limits = QueryStringLimits { depth: 3, array: 4, pairs: 20 };
        match parse(&text, &limits) {
            Ok(parameters) => prop_assert!(depth(&Json::Object(parameters)) <= 4 + 1),
            Err(error) => prop_assert_eq!(error.code(), aedile_engine::Code::InvalidQuery),
        }
    }

    #[test]
    fn values_survive_their_encoding(name in "[a-z]{1,8}", value in any::<String>()) {
        let encoded = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
        prop_assert_eq!(spelled(&format!("{name}={encoded}")), json!({name: value}));
    }
}

fn depth(json: &Json) -> usize {
    match json {
        Json::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Json::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
