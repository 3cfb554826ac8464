//! Values that have broken servers before: odd texts, numbers at the edges, JSON of every shape.
//! They may be anything but large enough to make the network the test's subject.

use serde_json::{Map, Value, json};

use super::random::Random;

/// How deep made-up JSON may nest on its way.
const DEPTH: usize = 5;

const TEXTS: [&str; 52] = [
    "",
    " ",
    "0",
    "1",
    "-1",
    "00012",
    "1e309",
    "-1e309",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "3.4028236e38",
    "NaN",
    "Infinity",
    "-0",
    "0x10",
    "true",
    "false",
    "null",
    "undefined",
    "[]",
    "{}",
    "[object Object]",
    "a,b,,c",
    "'",
    "\"",
    "`",
    "\\",
    "%",
    "_",
    "%25",
    "';drop table posts;--",
    "1 or 1=1",
    "\") union select null--",
    "${7*7}",
    "{{7*7}}",
    "\u{0}",
    "a\u{0}b",
    "\u{1F469}\u{200D}\u{1F4BB}",
    "\u{202E}abc",
    "ﬀ",
    "İ",
    "ß",
    "\u{FEFF}x",
    "\r\nX-Injected: 1",
    "../../etc/passwd",
    "2020-02-30",
    "2020-01-01T25:00:00Z",
    "+292277-01-01T00:00:00Z",
    "$CURRENT_USER",
    "$NOW(-1 year)",
    "$NOW(-99999999999999 years)",
];

const VARIABLES: [&str; 10] = [
    "$CURRENT_USER",
    "$CURRENT_USER.role.name",
    "$CURRENT_ROLE",
    "$CURRENT_ROLES",
    "$CURRENT_POLICIES",
    "$NOW",
    "$NOW(+1 day)",
    "$CURRENT_USER.",
    "$NOBODY",
    "$CURRENT_USER.policies.policy.permissions",
];

const NUMBERS: [&str; 14] = [
    "0",
    "-0",
    "1",
    "-1",
    "1.5",
    "1e308",
    "1e400",
    "-1e400",
    "9223372036854775807",
    "18446744073709551616",
    "-9223372036854775808",
    "0.1e-400",
    "123456789012345678901234567890",
    "2147483648",
];

/// A text.
pub(crate) fn text(random: &mut Random) -> String {
    match random.below(12) {
        0 => random.pick(&VARIABLES).to_owned(),
        1 => "a".repeat(random.below(2000)),
        2 => noise(random),
        3 => uuid(random),
        4 => random.below(300).to_string(),
        5 => "[".repeat(random.below(300)),
        _ => random.pick(&TEXTS).to_owned(),
    }
}

/// A random UUID, which is nobody's.
pub(crate) fn uuid(random: &mut Random) -> String {
    let (a, b) = (random.next(), random.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

/// Random characters of all planes.
fn noise(random: &mut Random) -> String {
    let length = random.below(40);
    (0..length)
        .filter_map(|_| {
            let top = if random.chance(70) { 0x250 } else { 0x11_0000 };
            char::from_u32(u32::try_from(random.below(top)).unwrap_or(0))
        })
        .collect()
}

/// Any JSON value.
pub(crate) fn json(random: &mut Random) -> Value {
    nested(random, DEPTH)
}

fn nested(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 6 } else { 10 }) {
        0 => Value::Null,
        1 => Value::Bool(random.chance(50)),
        2 | 3 => number(random),
        4 | 5 => Value::String(text(random)),
        6 | 7 => Value::Array((0..random.below(4)).map(|_| nested(random, depth - 1)).collect()),
        8 => {
            let members = (0..random.below(4)).map(|_| (text(random), nested(random, depth - 1)));
            Value::Object(members.collect::<Map<String, Value>>())
        }
        _ => json!({ "type": "Point", "coordinates": [nested(random, 0), nested(random, 0)] }),
    }
}

/// A number; those that no JSON number of ours can hold come as text.
fn number(random: &mut Random) -> Value {
    let digits = random.pick(&NUMBERS);
    serde_json::from_str(digits).unwrap_or_else(|_| Value::String(digits.to_owned()))
}
