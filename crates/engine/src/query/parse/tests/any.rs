//! No input makes the parser panic or exceed its limits.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const WORDS: [&str; 46] = [
    "_and",
    "_or",
    "_some",
    "_none",
    "_eq",
    "_in",
    "_nin",
    "_between",
    "_contains",
    "_null",
    "_empty",
    "_regex",
    "_submitted",
    "_filter",
    "_sort",
    "_limit",
    "_page",
    "_alias",
    "_foo",
    "__proto__",
    "id",
    "author",
    "author.name",
    "*",
    "*.*",
    "item:pages",
    "year(d)",
    "json(j, a[0].b)",
    "json(",
    "count(*)",
    "$FOLLOW(a, b)",
    "$CURRENT_USER.x",
    "$CURRENT_ROLES",
    "$NOW(-1 day)",
    "$NOPE",
    "",
    " ",
    "-",
    "-1",
    "1,2",
    "true",
    "{\"a\":1}",
    "[]",
    "\u{1f642}",
    "(",
    "a,(b,c).d)",
];

const PARAMETERS: [&str; 14] = [
    "fields",
    "filter",
    "search",
    "sort",
    "limit",
    "offset",
    "page",
    "aggregate",
    "groupBy",
    "deep",
    "alias",
    "meta",
    "export",
    "x",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned),
        2 => prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..5).prop_map(|words| words.join(",")),
        1 => prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..5).prop_map(|words| words.concat()),
        2 => "[a-z_$.,:()\\[\\]{}\"*\\- 0-9é🙂]{0,24}",
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(|n| json!(n)),
        text().prop_map(Json::from),
    ];
    leaf.prop_recursive(6, 48, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((text(), inner), 0..5).prop_map(|pairs| Json::Object(pairs.into_iter().collect())),
        ]
    })
}

fn deepest(filter: &Filter) -> usize {
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().map(deepest).max().unwrap_or(0),
        Filter::At(_, inner) => 1 + deepest(inner),
        Filter::Some(inner) | Filter::None(inner) => deepest(inner),
        Filter::Is(_) => 0,
    }
}

proptest! {
    #[test]
    fn queries_parse_or_are_refused(pairs in prop::collection::vec((prop::sample::select(PARAMETERS.to_vec()), any_json()), 0..6)) {
        let limits = Limits { relational_depth: 3, max_limit: Some(50), ..Limits::default() };
        let raw: Object = pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        match parse(&raw, &limits) {
            Ok(query) => {
                prop_assert!(query.page.limit.is_some_and(|limit| limit <= 50));
                prop_assert!(query.fields.iter().all(|path| path.steps.len() < 3));
                prop_assert!(query.filter.as_ref().is_none_or(|filter| deepest(filter) <= 3));
            }
            Err(error) => prop_assert_eq!(error.code(), crate::Code::InvalidQuery),
        }
    }

    #[test]
    fn filters_parse_or_are_refused(json in any_json()) {
        for context in [Context::Query, Context::Rule, Context::Validation] {
            if let Err(error) = filter::parse(&json, &Limits::default(), context) {
                prop_assert_eq!(error.code(), crate::Code::InvalidQuery);
            }
        }
    }

    #[test]
    fn texts_parse_or_are_refused(name in prop::sample::select(PARAMETERS.to_vec()), text in ".{0,200}") {
        let raw: Object = std::iter::once((name.to_owned(), Json::from(text))).collect();
        if let Err(error) = parse(&raw, &Limits::default()) {
            prop_assert_eq!(error.code(), crate::Code::InvalidQuery);
        }
    }
}
