//! Queries: parameters that are nearly right, with operators, functions and paths where they do not belong.

use serde_json::{Map, Value, json};

use super::{names::Names, random::Random, values};

/// How deep filters and paths go; a little beyond what the server allows.
const DEPTH: usize = 12;

const OPERATORS: [&str; 34] = [
    "_eq",
    "_neq",
    "_lt",
    "_lte",
    "_gt",
    "_gte",
    "_in",
    "_nin",
    "_between",
    "_nbetween",
    "_contains",
    "_ncontains",
    "_icontains",
    "_nicontains",
    "_starts_with",
    "_nstarts_with",
    "_istarts_with",
    "_nistarts_with",
    "_ends_with",
    "_nends_with",
    "_iends_with",
    "_niends_with",
    "_null",
    "_nnull",
    "_empty",
    "_nempty",
    "_regex",
    "_submitted",
    "_intersects",
    "_nintersects",
    "_intersects_bbox",
    "_some",
    "_none",
    "_json",
];

const FUNCTIONS: [&str; 11] = [
    "year", "month", "week", "day", "weekday", "hour", "minute", "second", "count", "json", "nothing",
];

const AGGREGATES: [&str; 9] = [
    "count",
    "countDistinct",
    "countAll",
    "sum",
    "sumDistinct",
    "avg",
    "avgDistinct",
    "min",
    "max",
];

const PARAMETERS: [&str; 18] = [
    "fields",
    "filter",
    "sort",
    "limit",
    "offset",
    "page",
    "search",
    "deep",
    "alias",
    "aggregate",
    "groupBy",
    "meta",
    "export",
    "version",
    "backlink",
    "access_token",
    "mode",
    "limit",
];

/// A query as an object, as `SEARCH` takes it.
pub(crate) fn object(names: &Names, collection: &str, random: &mut Random) -> Map<String, Value> {
    let mut out = Map::new();
    for _ in 0..random.below(5) {
        let name = random.pick(&PARAMETERS);
        let value = if random.slip(20) {
            values::json(random)
        } else {
            value(names, collection, name, random)
        };
        out.insert(name.to_owned(), value);
    }
    out
}

fn value(names: &Names, collection: &str, name: &str, random: &mut Random) -> Value {
    match name {
        "fields" | "groupBy" => (0..random.below(5)).map(|_| path(names, collection, random)).collect(),
        "filter" => filter(names, collection, random, DEPTH),
        "sort" => (0..random.below(4))
            .map(|_| {
                format!(
                    "{}{}",
                    random.pick_unless_slip(&["", "-"], 20, &["+", "--"]),
                    path(names, collection, random)
                )
            })
            .collect(),
        "limit" | "offset" | "page" => json!(random.pick_unless_slip(
            &["0", "1", "-1", "5", "25", "100"],
            40,
            &["999999999999", "1.5", "x", "", "-2"]
        )),
        "search" => Value::String(values::text(random)),
        "deep" => deep(names, collection, random, 3),
        "alias" => {
            json!({ values::text(random): names.field(collection, random), "shown": path(names, collection, random) })
        }
        "aggregate" => {
            let members = (0..random.below(3)).map(|_| {
                (
                    random.pick(&AGGREGATES).to_owned(),
                    json!([path(names, collection, random)]),
                )
            });
            Value::Object(members.collect::<Map<String, Value>>())
        }
        "meta" => json!(random.pick(&["*", "total_count", "filter_count"])),
        "export" => json!(random.pick(&["json", "csv", "xml", "yaml", "csv_utf8", "pdf"])),
        "mode" => json!(random.pick(&["json", "cookie", "session", "x"])),
        _ => Value::String(values::text(random)),
    }
}

/// A path to a field, across relations, with wildcards and functions.
fn path(names: &Names, collection: &str, random: &mut Random) -> String {
    let (mut at, mut out) = (collection.to_owned(), Vec::new());
    for _ in 0..DEPTH {
        let field = if random.chance(15) {
            "*".to_owned()
        } else {
            names.field(&at, random)
        };
        let target = names.target(&at, &field).map(str::to_owned);
        out.push(field);
        match target {
            Some(target) if random.chance(70) => at = target,
            _ if random.slip(6) => {}
            _ => break,
        }
    }
    let path = out.join(".");
    match if random.slip(25) { random.below(3) } else { 3 } {
        0 => format!("{}({path})", random.pick(&FUNCTIONS)),
        1 => format!("{path}:{}", values::text(random)),
        2 => format!("{}({}(", path, random.pick(&FUNCTIONS)),
        _ => path,
    }
}

fn filter(names: &Names, collection: &str, random: &mut Random, depth: usize) -> Value {
    if depth == 0 {
        return values::json(random);
    }
    match random.below(14) {
        0 | 1 => {
            let parts: Vec<Value> = (0..random.below(4))
                .map(|_| filter(names, collection, random, depth - 1))
                .collect();
            json!({ random.pick(&["_and", "_or"]): parts })
        }
        2 if random.slip(50) => {
            json!({ random.pick(&["_some", "_none"]): filter(names, collection, random, depth - 1) })
        }
        _ => {
            let field = names.field(collection, random);
            let inner = match names.target(collection, &field) {
                Some(target) if random.chance(60) => filter(names, target, random, depth - 1),
                _ => test(random),
            };
            let key = if random.slip(15) {
                format!("{}({field})", random.pick(&FUNCTIONS))
            } else {
                field
            };
            json!({ key: inner })
        }
    }
}

fn test(random: &mut Random) -> Value {
    if !random.slip(60) {
        return match random.below(4) {
            0 => json!({ random.pick(&["_null", "_nnull", "_empty", "_nempty"]): random.chance(80) }),
            1 => json!({ random.pick(&["_in", "_nin"]): [random.below(300), random.below(300)] }),
            _ => {
                json!({ random.pick(&["_eq", "_neq", "_lt", "_gte"]): random.pick(&["0", "1", "17", "2026-03-01", "$NOW"]) })
            }
        };
    }
    let value = match random.below(4) {
        0 => values::json(random),
        1 => Value::Array(
            (0..random.below(5))
                .map(|_| Value::String(values::text(random)))
                .collect(),
        ),
        _ => Value::String(values::text(random)),
    };
    json!({ random.pick(&OPERATORS): value })
}

fn deep(names: &Names, collection: &str, random: &mut Random, depth: usize) -> Value {
    let mut out = Map::new();
    let field = names.field(collection, random);
    let target = names.target(collection, &field).unwrap_or("posts").to_owned();
    let name = random.pick(&[
        "filter",
        "sort",
        "limit",
        "page",
        "search",
        "alias",
        "aggregate",
        "fields",
    ]);
    let mut inner = Map::new();
    inner.insert(format!("_{name}"), value(names, &target, name, random));
    if depth > 0 && random.chance(40) {
        let below = names.field(&target, random);
        inner.insert(below, deep(names, &target, random, depth - 1));
    }
    out.insert(field, Value::Object(inner));
    Value::Object(out)
}

/// The query as a query string: some parameters as JSON, some with brackets, some broken.
pub(crate) fn string(names: &Names, collection: &str, random: &mut Random) -> String {
    let mut pairs = Vec::new();
    for (name, value) in object(names, collection, random) {
        match (&value, random.below(4)) {
            (Value::Object(_) | Value::Array(_), 0 | 1) => brackets(&name, &value, &mut pairs),
            (Value::Array(list), 2) => {
                let texts: Vec<String> = list.iter().map(plain).collect();
                pairs.push(format!("{}={}", escape(&name), escape(&texts.join(","))));
            }
            _ => pairs.push(format!("{}={}", escape(&name), escape(&plain(&value)))),
        }
    }
    if random.slip(12) {
        pairs.push(broken(random));
    }
    pairs.join("&")
}

fn brackets(prefix: &str, value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                brackets(&format!("{prefix}[{name}]"), value, out);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                brackets(&format!("{prefix}[{at}]"), value, out);
            }
        }
        other => out.push(format!("{}={}", escape(prefix), escape(&plain(other)))),
    }
}

/// A pair that no client would send.
fn broken(random: &mut Random) -> String {
    match random.below(8) {
        0 => format!("filter{}=1", "[a]".repeat(random.below(40))),
        1 => "filter[a]=1&filter=2&filter[a][b]=3".to_owned(),
        2 => "fields[]=a&fields[5]=b&fields[x]=c&fields[999999999999]=d".to_owned(),
        3 => "a=%&b=%zz&c=%C3%28&d=%00".to_owned(),
        4 => "filter[__proto__][constructor]=1&filter[[]]=]&]=[".to_owned(),
        5 => "limit=1&limit=2&limit[]=3".to_owned(),
        6 => format!("fields={}", "a,".repeat(random.below(3000))),
        _ => "x=1&".repeat(random.below(1200)),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Percent-escapes what cannot stand in a request line.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_.-~*,:$()[]{}'!@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(u32::from(digit), 16));
            }
        }
    }
    out
}
