//! Values for cells and for comparisons. There are few of each kind, so that comparisons meet what is stored.

use aedile_engine::schema::Kind;
use serde_json::Value as Json;

use super::random::Random;
use crate::moment;

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

/// A value of a cell.
pub fn cell(random: &mut Random, kind: Kind) -> Json {
    match kind {
        Kind::DateTime | Kind::Timestamp => {
            let at = random.one(&MOMENTS).copied().unwrap_or(0);
            moment::told(kind, moment::at(at + random.one(&[0, 0, 7]).copied().unwrap_or(0)))
        }
        Kind::Boolean => random.chance(50).into(),
        Kind::BigInteger if random.chance(30) => 9_007_199_254_740_993_i64.into(),
        Kind::Integer | Kind::BigInteger => small(random).into(),
        Kind::Float | Kind::Decimal => quarter(random).into(),
        Kind::Date => random.pick(&DATES).into(),
        Kind::Time => random.pick(&TIMES).into(),
        Kind::Json => serde_json::from_str(random.pick(&JSONS)).unwrap_or_default(),
        Kind::Csv => random.pick(&LISTS).into(),
        Kind::Uuid => uuid(random.between(1, 4)).into(),
        _ => random.pick(&STRINGS).into(),
    }
}

/// A constant to compare with: mostly of the kind, in one of its spellings; sometimes nonsense.
pub fn constant(random: &mut Random, kind: Kind) -> Json {
    const NONSENSE: [&str; 6] = ["\"nonsense\"", "true", "2.5", "\"2024-13-01\"", "-1", "{}"];
    if random.chance(2) {
        return serde_json::from_str(random.pick(&NONSENSE)).unwrap_or_default();
    }
    match cell(random, kind) {
        Json::Bool(b) if random.chance(20) => i64::from(b).into(),
        Json::Number(n) if n.is_i64() && random.chance(20) => n.to_string().into(),
        Json::String(text) if text.is_empty() => "a".into(),
        value => value,
    }
}
