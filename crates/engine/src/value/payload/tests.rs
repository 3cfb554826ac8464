//! Values sent by clients, as recorded, and what the recordings leave out because the reference failed there.

use serde_json::json;

use super::*;
use crate::{
    schema::Ident,
    value::time::{format_instant, format_wall},
};

const DATES: &str = include_str!("../../../../testkit/scenarios/items/types-dates.json");

/// A field with a column of no particular type.
pub(in crate::value) fn field(name: &str, kind: Kind, special: &[Special]) -> Field {
    let column = Column {
        name: Ident::new(name),
        data_type: String::new(),
        nullable: true,
        default: None,
        default_now: false,
        max_length: None,
        precision: None,
        scale: None,
        unique: false,
        indexed: false,
        primary: false,
        auto_increment: false,
        generated: false,
    };
    Field {
        name: name.to_owned(),
        kind,
        special: special.to_vec(),
        column: Some(column),
        validation: None,
        searchable: true,
        meta: None,
    }
}

fn column(mut field: Field, change: impl FnOnce(&mut Column)) -> Field {
    change(field.column.as_mut().expect("a column"));
    field
}

fn sent(field: &Field, value: &Json) -> Result<Param> {
    payload("things", field, value, &["kids".to_owned()])
}

fn text(text: &str) -> Param {
    Param::from(text)
}

/// How a value is read back.
fn read(param: Param) -> Json {
    match param {
        Param::Text(text) => text.into(),
        Param::Wall(ms) => format_wall(ms).into(),
        Param::Instant(ms) => format_instant(ms).into(),
        Param::Null => Json::Null,
        other => panic!("unexpected {other:?}"),
    }
}

#[test]
fn dates_are_taken_as_recorded() {
    let scenario: Json = serde_json::from_str(DATES).expect("JSON");
    let kinds = [
        ("d", Kind::Date),
        ("t", Kind::Time),
        ("dt", Kind::DateTime),
        ("ts", Kind::Timestamp),
    ];
    let mut judged = 0;
    for (i, step) in scenario["steps"].as_array().expect("steps").iter().enumerate() {
        let Some(body) = step["body"].as_object().filter(|_| step["path"] != "/collections") else {
            continue;
        };
        for (name, kind) in kinds {
            let Some(value) = body.get(name) else {
                continue;
            };
            let found = sent(&field(name, kind, &[]), value);
            match step["expect"]["status"].as_u64() {
                Some(200) => assert_eq!(
                    read(found.expect(name)),
                    step["expect"]["body"]["data"][name],
                    "step {i}: {value}"
                ),
                _ => assert_eq!(
                    found.map_err(|e| e.code()),
                    Err(Code::InvalidPayload),
                    "step {i}: {value}"
                ),
            }
            judged += 1;
        }
    }
    assert!(judged > 30, "{judged} values judged");
}

#[test]
fn every_kind_takes_what_is_its_own() {
    let decimal = column(field("f", Kind::Decimal, &[]), |c| {
        (c.precision, c.scale) = (Some(5), Some(2))
    });
    let kind = |kind| field("f", kind, &[]);
    let csv = field("f", Kind::Csv, &[Special::CastCsv]);
    let flag = field("f", Kind::Integer, &[Special::CastBoolean]);
    let uuid = "aaaaaaaa-0000-4000-8000-00000000000a";
    let cases = [
        (kind(Kind::String), json!("a"), text("a")),
        (kind(Kind::String), json!(""), text("")),
        (kind(Kind::String), json!(12), text("12")),
        (kind(Kind::String), json!(1.0), text("1")),
        (kind(Kind::String), json!(1.5), text("1.5")),
        (kind(Kind::String), json!(true), text("true")),
        (kind(Kind::Text), json!(["a", "b"]), text("[\"a\",\"b\"]")),
        (kind(Kind::Hash), json!("secret"), text("secret")),
        (kind(Kind::Boolean), json!(true), Param::Bool(true)),
        (kind(Kind::Boolean), json!("false"), Param::Bool(false)),
        (kind(Kind::Boolean), json!(1), Param::Bool(true)),
        (kind(Kind::Boolean), json!("0"), Param::Bool(false)),
        (flag.clone(), json!(true), Param::Int(1)),
        (flag.clone(), json!(0), Param::Int(0)),
        (flag, json!(7), Param::Int(7)),
        (kind(Kind::Integer), json!(-3), Param::Int(-3)),
        (kind(Kind::Integer), json!("200"), Param::Int(200)),
        (kind(Kind::Integer), json!(2_147_483_647), Param::Int(2_147_483_647)),
        (
            kind(Kind::BigInteger),
            json!("9007199254740993"),
            Param::Int(9_007_199_254_740_993),
        ),
        (kind(Kind::Float), json!(1), Param::Real(1.0)),
        (kind(Kind::Float), json!("0.5"), Param::Real(0.5)),
        (decimal.clone(), json!(3.25), text("3.25")),
        (decimal.clone(), json!(1), text("1.00")),
        (decimal.clone(), json!("1.005"), text("1.01")),
        (decimal.clone(), json!(1.005), text("1.01")),
        (decimal, json!("-999.99"), text("-999.99")),
        (kind(Kind::Decimal), json!("0.10"), text("0.10")),
        (csv.clone(), json!(["a", "b,c", null, 1]), text("a,b,c,,1")),
        (csv.clone(), json!([]), text("")),
        (csv.clone(), json!("x,y"), text("x,y")),
        (csv, json!(null), Param::Null),
        (kind(Kind::Csv), json!(["a", "b"]), text("[\"a\",\"b\"]")),
        (
            kind(Kind::Json),
            json!({"b": 1, "a": [null]}),
            text("{\"b\":1,\"a\":[null]}"),
        ),
        (kind(Kind::Json), json!("{\"parsed\": true}"), text("{\"parsed\":true}")),
        (kind(Kind::Json), json!("null"), text("null")),
        (kind(Kind::Json), json!("12"), text("12")),
        (kind(Kind::Json), json!(false), text("false")),
        (kind(Kind::Json), json!(null), Param::Null),
        (
            kind(Kind::Uuid),
            json!("AAAAAAAA-0000-4000-8000-00000000000A"),
            text(uuid),
        ),
        (
            kind(Kind::GeometryPoint),
            json!({"type": "Point", "coordinates": [1, 2]}),
            Param::Geometry("{\"type\":\"Point\",\"coordinates\":[1,2]}".to_owned()),
        ),
        (
            kind(Kind::Geometry),
            json!("{\"type\":\"LineString\",\"coordinates\":[[0,0],[1,1]]}"),
            Param::Geometry("{\"type\":\"LineString\",\"coordinates\":[[0,0],[1,1]]}".to_owned()),
        ),
    ];
    for (field, value, expected) in cases {
        assert_eq!(sent(&field, &value), Ok(expected), "{:?} takes {value}", field.kind);
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_code() {
    let decimal = column(field("f", Kind::Decimal, &[]), |c| {
        (c.precision, c.scale) = (Some(5), Some(2))
    });
    let short = column(field("f", Kind::String, &[]), |c| c.max_length = Some(5));
    let small = column(field("f", Kind::Integer, &[]), |c| c.data_type = "smallint".into());
    let unsigned = column(field("f", Kind::Integer, &[]), |c| c.data_type = "int unsigned".into());
    let bytes = column(field("f", Kind::Unknown, &[]), |c| c.data_type = "bytea".into());
    let kind = |kind| field("f", kind, &[]);
    let (bad, range, long) = (Code::InvalidPayload, Code::ValueOutOfRange, Code::ValueTooLong);
    let cases = [
        (kind(Kind::Integer), json!(3_000_000_000_i64), range),
        (kind(Kind::Integer), json!(99_999_999_999_i64), range),
        (kind(Kind::Integer), json!("99999999999999999999999"), range),
        (kind(Kind::Integer), json!(1.5), bad),
        (kind(Kind::Integer), json!("abc"), bad),
        (kind(Kind::Integer), json!(""), bad),
        (kind(Kind::Integer), json!(true), bad),
        (kind(Kind::Integer), json!({"id": 1}), bad),
        (small, json!(40_000), range),
        (unsigned, json!(-1), range),
        (kind(Kind::BigInteger), json!("9223372036854775808"), range),
        (kind(Kind::BigInteger), json!(1e30), range),
        (kind(Kind::Float), json!("NaN"), bad),
        (kind(Kind::Float), json!("1e399"), range),
        (decimal.clone(), json!("1000"), range),
        (decimal.clone(), json!("999.995"), range),
        (decimal, json!("1,5"), bad),
        (kind(Kind::Boolean), json!("yes"), bad),
        (kind(Kind::Boolean), json!(2), bad),
        (kind(Kind::Uuid), json!("not-a-uuid"), bad),
        (kind(Kind::Uuid), json!(""), bad),
        (kind(Kind::Uuid), json!("aaaaaaaa0000400080000000000000aa"), bad),
        (kind(Kind::Date), json!("2020-13-45"), bad),
        (kind(Kind::Date), json!(5), bad),
        (kind(Kind::Time), json!("noon"), bad),
        (kind(Kind::DateTime), json!("nonsense"), bad),
        (kind(Kind::Timestamp), json!(true), bad),
        (kind(Kind::Json), json!("not json"), bad),
        (kind(Kind::Json), json!("\"a\\u0000b\""), bad),
        (kind(Kind::Json), json!([{"a\0": 1}]), bad),
        (kind(Kind::String), json!("a\0b"), bad),
        (short.clone(), json!("123456"), long),
        (short, json!(123_456), long),
        (kind(Kind::Binary), json!("AAAA"), bad),
        (bytes, json!("AAAA"), bad),
        (kind(Kind::Alias), json!("x"), bad),
        (
            kind(Kind::GeometryPoint),
            json!({"type": "Polygon", "coordinates": []}),
            bad,
        ),
        (kind(Kind::Geometry), json!({"type": "Circle", "coordinates": []}), bad),
        (kind(Kind::Geometry), json!("POINT(1 2)"), bad),
    ];
    for (field, value, code) in cases {
        assert_eq!(
            sent(&field, &value).map_err(|e| e.code()),
            Err(code),
            "{:?} takes {value}",
            field.kind
        );
    }
}

#[test]
fn faults_name_the_place() {
    let short = column(field("short", Kind::String, &[]), |c| c.max_length = Some(5));
    let error = sent(&short, &json!("123456")).expect_err("too long");
    let expected = json!({"collection": "things", "field": "short", "value": "123456"});
    assert_eq!(Json::Object(error.faults()[0].extensions.clone()), expected);
    let error = sent(&field("n", Kind::Integer, &[]), &json!("x")).expect_err("no number");
    assert_eq!(
        error.faults()[0].extensions["reason"],
        "\"kids.n\" takes a whole number"
    );
}

#[test]
fn length_is_counted_in_characters() {
    let short = column(field("short", Kind::String, &[]), |c| c.max_length = Some(5));
    assert_eq!(sent(&short, &json!("🙂🙂🙂🙂🙂")), Ok(text("🙂🙂🙂🙂🙂")));
    let secret = column(field("pin", Kind::Hash, &[Special::Hash]), |c| c.max_length = Some(5));
    assert_eq!(sent(&secret, &json!("a long secret")), Ok(text("a long secret")));
}

#[test]
fn moments_in_text_columns_stay_text() {
    let kept = |kind| column(field("f", kind, &[]), |c| c.data_type = "varchar".into());
    assert_eq!(
        sent(&kept(Kind::Timestamp), &json!("2024-01-01T00:00:00Z")),
        Ok(text("2024-01-01T00:00:00.000Z"))
    );
    assert_eq!(
        sent(&kept(Kind::DateTime), &json!("2024-01-01T10:00:00")),
        Ok(text("2024-01-01T10:00:00"))
    );
}
