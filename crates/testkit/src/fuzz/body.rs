//! Bodies: JSON that is broken, JSON of the wrong shape, and payloads that are nearly right, nested across relations.

use serde_json::{Map, Value, json};

use super::{names::Names, query, random::Random, values};

/// How deep payloads nest across relations.
const DEPTH: usize = 4;

/// How deep brackets nest that only want to exhaust a parser.
const BRACKETS: usize = 20_000;

/// A body, and the content type it comes with.
pub(crate) fn bytes(names: &Names, collection: &str, method: &str, random: &mut Random) -> (Vec<u8>, &'static str) {
    let kind = match if random.slip(20) { random.below(4) } else { 4 } {
        0 => "text/plain",
        1 => "application/json; charset=latin1",
        2 => "multipart/form-data; boundary=x",
        3 => "",
        _ => "application/json",
    };
    let body = if !random.slip(30) {
        sensible(names, collection, method, random).to_string().into_bytes()
    } else if random.chance(50) {
        broken(random)
    } else {
        values::json(random).to_string().into_bytes()
    };
    (body, kind)
}

fn broken(random: &mut Random) -> Vec<u8> {
    match random.below(8) {
        0 => b"{".to_vec(),
        1 => b"{\"a\":1,}".to_vec(),
        2 => vec![0xff, 0xfe, 0x00, b'{', b'}'],
        3 => "[".repeat(random.below(BRACKETS)).into_bytes(),
        4 => "{\"a\":".repeat(random.below(BRACKETS)).into_bytes(),
        5 => b"{\"a\":1,\"a\":2,\"\\ud800\":1}".to_vec(),
        6 => b"{\"a\":1e999999999999}".to_vec(),
        _ => Vec::new(),
    }
}

/// What a client might send there: an item, several, keys, a query, or the body of some other route.
fn sensible(names: &Names, collection: &str, method: &str, random: &mut Random) -> Value {
    let query = |random: &mut Random| Value::Object(query::object(names, collection, random));
    match (method, random.below(10)) {
        ("SEARCH", _) => json!({ "query": query(random) }),
        ("DELETE", 0..=3) => json!({ "query": query(random) }),
        ("DELETE", 4..=6) => json!({ "keys": keys(names, random) }),
        ("DELETE", _) => Value::Array(keys(names, random)),
        ("PATCH", 0 | 1) => json!({ "keys": keys(names, random), "data": item(names, collection, random, DEPTH) }),
        ("PATCH", 2) => json!({ "query": query(random), "data": item(names, collection, random, DEPTH) }),
        (_, 3) => Value::Array(
            (0..random.below(4))
                .map(|_| item(names, collection, random, DEPTH))
                .collect(),
        ),
        (_, 4) => credentials(random),
        (_, 5) => model(names, random),
        _ => item(names, collection, random, DEPTH),
    }
}

fn keys(names: &Names, random: &mut Random) -> Vec<Value> {
    (0..random.below(5))
        .map(|_| {
            if random.chance(70) {
                Value::String(names.key(random))
            } else {
                values::json(random)
            }
        })
        .collect()
}

/// An item with some of its collection's fields, and items nested in those that are relations.
fn item(names: &Names, collection: &str, random: &mut Random, depth: usize) -> Value {
    let mut out = Map::new();
    for _ in 0..random.below(5) {
        let field = names.field(collection, random);
        let value = match names.target(collection, &field) {
            Some(target) if depth > 0 => related(names, target, random, depth - 1),
            _ => values::json(random),
        };
        out.insert(field, value);
    }
    Value::Object(out)
}

fn related(names: &Names, target: &str, random: &mut Random, depth: usize) -> Value {
    let several = |random: &mut Random| -> Vec<Value> {
        (0..random.below(3))
            .map(|_| item(names, target, random, depth))
            .collect()
    };
    match random.below(6) {
        0 => json!(names.key(random)),
        1 => item(names, target, random, depth),
        2 => Value::Array(several(random)),
        3 => Value::Array(keys(names, random)),
        4 => json!({ "create": several(random), "update": several(random), "delete": keys(names, random) }),
        _ => json!({ "create": values::json(random), "update": values::json(random), "delete": values::json(random) }),
    }
}

fn credentials(random: &mut Random) -> Value {
    json!({
        "email": random.pick(&["nora@example.com", "admin@example.com", "nobody@example.com", "x"]),
        "password": values::json(random),
        "mode": random.pick(&["json", "cookie", "session", "x"]),
        "otp": values::json(random),
        "refresh_token": values::text(random),
        "token": values::text(random),
        "string": values::json(random),
        "hash": values::json(random),
    })
}

/// What changes the model, or nearly.
fn model(names: &Names, random: &mut Random) -> Value {
    let kind = random.pick(&[
        "string",
        "integer",
        "bigInteger",
        "float",
        "decimal",
        "boolean",
        "timestamp",
        "json",
        "csv",
        "uuid",
        "hash",
        "alias",
        "geometry.Point",
        "unknown",
        "nothing",
    ]);
    let field = json!({
        "field": values::text(random),
        "type": kind,
        "meta": values::json(random),
        "schema": { "default_value": values::json(random), "is_nullable": random.chance(50), "is_primary_key": random.chance(20) },
    });
    let collection = names.collection(random);
    match random.below(3) {
        0 => {
            json!({ "collection": values::text(random), "meta": values::json(random), "schema": {}, "fields": [field] })
        }
        1 => json!({
            "collection": collection,
            "field": names.field(&collection, random),
            "related_collection": names.collection(random),
            "meta": values::json(random),
            "schema": values::json(random),
        }),
        _ => field,
    }
}
