//! Values and the types that their column may become, over a real file.
use super::*;

/// A table with one column of this type, a value in each row, and what making it another type comes to.
async fn become_other(from: Json, values: &[&str], to: Json) -> Result<Json> {
    let project = Project::new().await;
    let key = json!({"field": "id", "type": "integer", "schema": {"is_primary_key": true, "has_auto_increment": true}});
    let mut field = from;
    field["field"] = json!("a");
    let fields = json!([key, field]);
    project
        .make(json!({"collection": "t", "schema": {}, "meta": {}, "fields": fields}))
        .await
        .unwrap();
    for value in values {
        project.sql(&[&format!("insert into t (a) values ({value})")]).await;
    }
    let before = project.everything().await;
    let changed = project.change("t", "a", to).await;
    if changed.is_err() {
        assert_eq!(project.everything().await, before, "what is refused changes nothing");
    }
    changed
}

fn of(kind: &str) -> Json {
    json!({"type": kind, "schema": {}})
}

fn decimal(digits: u32, scale: u32) -> Json {
    json!({"type": "decimal", "schema": {"numeric_precision": digits, "numeric_scale": scale}})
}

#[tokio::test]
async fn values_that_survive_are_converted() {
    let fine: [(Json, &[&str], Json); 12] = [
        (of("string"), &["'12'", "'-7'", "null"], of("integer")),
        (of("string"), &["'1.5'", "'-0.25'"], of("float")),
        (of("string"), &["'123.45'"], decimal(5, 2)),
        (of("text"), &["'[1]'", "'\"x\"'"], of("json")),
        (of("string"), &["'6f1b2c8e-6a40-4f0e-9c53-0f3f0c1f2a11'"], of("uuid")),
        (of("bigInteger"), &["2147483647"], of("integer")),
        (of("integer"), &["0", "1", "null"], of("boolean")),
        (of("float"), &["2.0"], of("integer")),
        (of("integer"), &["999"], decimal(5, 2)),
        (decimal(10, 5), &["1.25"], decimal(6, 2)),
        (
            of("integer"),
            &["12345"],
            json!({"type": "string", "schema": {"max_length": 5}}),
        ),
        (of("timestamp"), &["null"], of("integer")),
    ];
    for (from, values, to) in fine {
        let told = become_other(from.clone(), values, to.clone()).await;
        assert_eq!(
            told.unwrap_or_else(|error| panic!("{from} {values:?} {to}: {error}"))["type"],
            to["type"]
        );
    }
}

#[tokio::test]
async fn values_that_would_be_lost_cut_or_rounded_are_refused() {
    let lossy: [(Json, &[&str], Json); 16] = [
        (of("string"), &["'12'", "'x'"], of("integer")),
        (of("string"), &["' 12'"], of("integer")),
        (of("string"), &["'1.5'"], of("integer")),
        (of("string"), &["'2147483648'"], of("integer")),
        (of("string"), &["'1.23456789012345678'"], of("float")),
        (of("string"), &["'1234.5'"], decimal(5, 2)),
        (of("string"), &["'1.234'"], decimal(5, 2)),
        (of("text"), &["'{'"], of("json")),
        (of("string"), &["'6f1b2c8e'"], of("uuid")),
        (of("bigInteger"), &["2147483648"], of("integer")),
        (of("integer"), &["2"], of("boolean")),
        (of("float"), &["2.5"], of("integer")),
        (of("integer"), &["1000"], decimal(5, 2)),
        (decimal(10, 5), &["1.255"], decimal(6, 2)),
        (
            of("integer"),
            &["123456"],
            json!({"type": "string", "schema": {"max_length": 5}}),
        ),
        (of("timestamp"), &["1"], of("integer")),
    ];
    for (from, values, to) in lossy {
        let refused = become_other(from.clone(), values, to.clone()).await;
        let error = refused.err().unwrap_or_else(|| panic!("{from} {values:?} {to}"));
        assert!(
            [Code::InvalidPayload, Code::ValueTooLong].contains(&error.code()),
            "{error}"
        );
        let place = json!([values.len()]);
        assert_eq!(
            (extension(&error, "rows"), extension(&error, "keys")),
            (json!(1), place),
            "{error}"
        );
    }
}

#[tokio::test]
async fn many_rows_in_the_way_are_counted_and_the_first_are_named() {
    let values: Vec<String> = (0..2_500)
        .map(|n| {
            if n % 2 == 0 {
                format!("'{n}'")
            } else {
                format!("'x{n}'")
            }
        })
        .collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let refused = become_other(of("string"), &values, of("integer")).await.unwrap_err();
    assert_eq!(
        (extension(&refused, "rows"), extension(&refused, "keys")),
        (json!(1_250), json!([2, 4, 6, 8, 10]))
    );
    assert!(
        refused
            .to_string()
            .contains("1250 rows: those with the keys 2, 4, 6, 8, 10 and others"),
        "{refused}"
    );
    let same = ["'a'", "'a'", "'b'", "'b'", "'c'"];
    let unique = json!({"schema": {"is_unique": true}});
    let refused = become_other(of("string"), &same, unique).await.unwrap_err();
    assert_eq!(refused.code(), Code::RecordNotUnique);
    assert_eq!(
        (extension(&refused, "rows"), extension(&refused, "keys")),
        (json!(4), json!([1, 2, 3, 4]))
    );
}

#[tokio::test]
async fn a_secret_in_the_way_is_not_told() {
    let secret = json!({"type": "string", "meta": {"special": ["conceal"]}, "schema": {}});
    let refused = become_other(
        secret,
        &["'sesame'", "'sesame'"],
        json!({"schema": {"is_unique": true}}),
    )
    .await
    .unwrap_err();
    assert!(!format!("{refused:?}").contains("sesame"), "{refused:?}");
    assert_eq!(extension(&refused, "keys"), json!([1, 2]));
}
