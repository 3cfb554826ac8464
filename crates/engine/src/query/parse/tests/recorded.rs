//! Every recorded query: what was answered, or refused for its names, is well-formed; what was refused as malformed is
//! refused here, unless its fault shows only once the fields' kinds are known.

use std::{fs, path::Path};

use super::*;

/// Where queries on items are asked.
const DOORS: [&str; 5] = ["/items/", "/users", "/roles", "/permissions", "/policies"];

/// Recorded as `INVALID_QUERY` because an operator or function does not fit the field's kind.
const UNFIT: [&str; 43] = [
    "fields=count(name)",
    "fields=hour(d)",
    "fields=id,count(tags)",
    "fields=json(n, k)",
    "fields=nofunc(d)",
    "fields=year(name)",
    "fields=year(t)",
    "groupBy=nofunc(d)",
    "groupBy=year(name)",
    "sort=count(tags)",
    "sort=nofunc(d)",
    "sort=year(name)",
    r#"{"author":{"_some":{"name":{"_eq":"ann"}}}}"#,
    r#"{"author":{"name":{"_some":{"_eq":"ann"}}}}"#,
    r#"{"count(author)":{"_gte":1}}"#,
    r#"{"count(id)":{"_gt":1}}"#,
    r#"{"d":{"_contains":"2024"}}"#,
    r#"{"j":{"_contains":"k"}}"#,
    r#"{"j":{"_empty":true}}"#,
    r#"{"j":{"_eq":1}}"#,
    r#"{"key":{"_eq":"open sesame"}}"#,
    r#"{"n":{"_contains":1}}"#,
    r#"{"n":{"_empty":true}}"#,
    r#"{"n":{"_eq":"nonsense"}}"#,
    r#"{"n":{"_gt":"nonsense"}}"#,
    r#"{"n":{"_in":["1","x"]}}"#,
    r#"{"n":{"_nempty":true}}"#,
    r#"{"name":{"_between":["a","b"]}}"#,
    r#"{"name":{"_gt":"banana"}}"#,
    r#"{"name":{"_gte":"banana"}}"#,
    r#"{"name":{"_lt":"banana"}}"#,
    r#"{"name":{"_lte":"banana"}}"#,
    r#"{"name":{"_nbetween":["a","b"]}}"#,
    r#"{"nofunc(d)":{"_eq":2024}}"#,
    r#"{"ok":{"_gt":true}}"#,
    r#"{"password":{"_starts_with":"$argon"}}"#,
    r#"{"password":{"_starts_with":"$argon2"}}"#,
    r#"{"ref":{"_contains":"2222"}}"#,
    r#"{"ref":{"_empty":true}}"#,
    r#"{"token":{"_eq":"ann-token-1"}}"#,
    r#"{"token":{"_eq":"bob-token-1"}}"#,
    r#"{"token":{"_starts_with":"ann"}}"#,
    r#"{"year(name)":{"_eq":2024}}"#,
];

struct Recorded {
    raw: Object,
    limits: Limits,
    status: u64,
    malformed: bool,
    place: String,
}

fn all() -> Vec<Recorded> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/scenarios");
    let mut found = Vec::new();
    for folder in fs::read_dir(root)
        .unwrap()
        .flatten()
        .filter(|entry| entry.path().is_dir())
    {
        for file in fs::read_dir(folder.path()).unwrap().flatten() {
            let scenario: Json = serde_json::from_str(&fs::read_to_string(file.path()).unwrap()).unwrap();
            let limits = limits(&scenario["env"]);
            let steps = scenario["steps"].as_array().unwrap().iter();
            found.extend(steps.filter_map(|step| recorded(step, &limits)).map(|mut recorded| {
                recorded.place = format!("{}: {}", file.path().display(), Json::Object(recorded.raw.clone()));
                recorded
            }));
        }
    }
    found
}

fn limits(env: &Json) -> Limits {
    let number = |name: &str| env[name].as_str().and_then(|text| text.parse::<u64>().ok());
    let standard = Limits::default();
    Limits {
        relational_depth: number("MAX_RELATIONAL_DEPTH")
            .map_or(standard.relational_depth, |n| usize::try_from(n).unwrap()),
        default_limit: number("QUERY_LIMIT_DEFAULT").unwrap_or(standard.default_limit),
        max_limit: number("QUERY_LIMIT_MAX"),
        ..standard
    }
}

fn recorded(step: &Json, limits: &Limits) -> Option<Recorded> {
    let path = step["path"].as_str()?;
    if !DOORS.iter().any(|door| path.starts_with(door)) {
        return None;
    }
    let raw = match (step["method"].as_str()?, &step["query"], &step["body"]["query"]) {
        ("SEARCH", _, Json::Object(query)) => query.clone(),
        (_, Json::Object(query), _) => from_url(query),
        _ => return None,
    };
    let codes = step["expect"]["body"]["errors"].to_string();
    Some(Recorded {
        raw,
        limits: limits.clone(),
        status: step["expect"]["status"].as_u64()?,
        malformed: codes.contains("INVALID_QUERY"),
        place: String::new(),
    })
}

/// Parameters as they come out of a URL: text, and the few bracket forms that these recordings use.
fn from_url(query: &Object) -> Object {
    let mut raw = Object::new();
    for (name, value) in query {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match name.trim_end_matches(']').split_once('[') {
            None => drop(raw.insert(name.clone(), Json::from(text))),
            Some((outer, inner)) if inner.is_empty() || inner.parse::<u32>().is_ok() => {
                let list = raw.entry(outer).or_insert_with(|| json!([]));
                list.as_array_mut().unwrap().push(Json::from(text));
            }
            Some((outer, inner)) => {
                let object = raw.entry(outer).or_insert_with(|| json!({}));
                object
                    .as_object_mut()
                    .unwrap()
                    .insert(inner.to_owned(), Json::from(text));
            }
        }
    }
    raw
}

/// The part of a well-formed query that can be unfit: its filter, or the first parameter with a function.
fn suspect(raw: &Object) -> String {
    match raw.get("filter") {
        Some(Json::String(text)) => serde_json::from_str::<Json>(text).unwrap().to_string(),
        Some(filter) => filter.to_string(),
        None => raw
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value.as_str()?)))
            .find(|parameter| parameter.contains('('))
            .unwrap_or_else(|| Json::Object(raw.clone()).to_string()),
    }
}

#[test]
fn answered_queries_are_well_formed() {
    let mut seen = 0;
    for recorded in all()
        .iter()
        .filter(|recorded| matches!(recorded.status, 200 | 204 | 403))
    {
        if let Err(error) = parse(&recorded.raw, &recorded.limits) {
            panic!("{}: {error}", recorded.place);
        }
        seen += 1;
    }
    assert!(seen > 700, "{seen} recordings were found");
}

#[test]
fn refused_queries_are_malformed_or_unfit() {
    let mut well_formed: Vec<String> = all()
        .into_iter()
        .filter(|recorded| recorded.malformed && parse(&recorded.raw, &recorded.limits).is_ok())
        .map(|recorded| suspect(&recorded.raw))
        .collect();
    well_formed.sort();
    well_formed.dedup();
    assert_eq!(well_formed, UNFIT);
}
