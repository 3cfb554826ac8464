//! Values for cells and for comparisons. There are few of each kind, so that comparisons meet what is stored.

use aedile_engine::{schema::Kind, value::Param};
use serde_json::{Value as Json, json};

use super::random::Random;

const STRINGS: [&str; 9] = ["a", "b", "B", "ab", "abc", "x y", "", "Äb", "5"];
const DATES: [&str; 5] = ["2023-12-31", "2024-01-01", "2024-02-29", "2024-12-30", "2025-06-15"];
const TIMES: [&str; 4] = ["00:00:00", "07:05:09", "12:30:00", "23:59:59"];
const JSONS: [&str; 8] = [
    "[1,2]",
    "[]",
    "{\"a\":{\"b\":[1,2]}}",
    "{\"a\":1}",
    "\"x\"",
    "[5]",
    "true",
    "[[1],{\"a\":\"y\"}]",
];
const LISTS: [&str; 4] = ["", "a", "a,b", "b,c,a"];
/// Moments, in milliseconds since 1970: some around the worlds' now.
pub const MOMENTS: [i64; 6] = [
    0,
    1_704_067_199_000,
    1_704_067_200_000,
    1_709_208_000_000,
    1_735_516_800_000,
    1_749_988_800_000,
];
/// The moment of every request.
pub const NOW: i64 = 1_735_516_800_000;

/// The `n`-th uuid.
pub fn uuid(n: usize) -> String {
    format!("{n:08x}-0000-4000-8000-00000000000{}", n % 10)
}

fn quarter(random: &mut Random) -> f64 {
    f64::from(i32::try_from(random.between(0, 20)).unwrap_or_default() - 8) / 4.0
}

fn small(random: &mut Random) -> i64 {
    i64::try_from(random.between(0, 6)).unwrap_or_default() - 2
}

/// A value of a cell, as the evaluator holds it.
pub fn cell(random: &mut Random, kind: Kind) -> Param {
    match kind {
        Kind::Boolean => Param::Bool(random.chance(50)),
        Kind::Integer => Param::Int(small(random)),
        Kind::BigInteger if random.chance(30) => Param::Int(9_007_199_254_740_993),
        Kind::BigInteger => Param::Int(small(random)),
        Kind::Float | Kind::Decimal => Param::Real(quarter(random)),
        Kind::Date => random.pick(&DATES).into(),
        Kind::Time => random.pick(&TIMES).into(),
        Kind::DateTime => Param::Wall(random.one(&MOMENTS).copied().unwrap_or(0)),
        Kind::Timestamp => Param::Instant(
            random.one(&MOMENTS).copied().unwrap_or(0) + [0, 0, 7].get(random.below(3)).copied().unwrap_or(0),
        ),
        Kind::Json => random.pick(&JSONS).into(),
        Kind::Csv => random.pick(&LISTS).into(),
        Kind::Uuid => uuid(random.between(1, 4)).into(),
        _ => random.pick(&STRINGS).into(),
    }
}

/// A constant to compare with: mostly of the kind, sometimes nonsense.
pub fn constant(random: &mut Random, kind: Kind) -> Json {
    if random.chance(2) {
        return random
            .one(&[
                json!("nonsense"),
                json!(true),
                json!(2.5),
                json!("2024-13-01"),
                json!(-1),
            ])
            .cloned()
            .unwrap_or_default();
    }
    match cell(random, kind) {
        Param::Bool(b) => {
            if random.chance(80) {
                b.into()
            } else {
                i64::from(b).into()
            }
        }
        Param::Int(n) => {
            if random.chance(80) {
                n.into()
            } else {
                n.to_string().into()
            }
        }
        Param::Real(n) => n.into(),
        Param::Instant(ms) => aedile_engine::value::time::format_instant(ms).into(),
        Param::Wall(ms) => aedile_engine::value::time::format_wall(ms).into(),
        Param::Text(text) if text.is_empty() => "a".into(),
        Param::Text(text) => text.into(),
        Param::Null | Param::Bytes(_) => Json::Null,
    }
}
