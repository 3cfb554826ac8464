//! Files taken apart, kept for a while, and stored as a whole or not at all.

use std::io::Cursor;

use aedile_engine::{Code, Error, Json, Result, query::Query};
use serde_json::json;

use super::{Format, Import, faults::Faults, rows, spool::Spool};
use crate::{Cx, items, items::tests::Project};

/// The items of a file for a collection.
fn read(cx: &Cx, collection: &str, format: Format, text: &str) -> Result<Vec<Json>> {
    let c = cx.schema().collection(collection).unwrap();
    let found = rows::read(
        format,
        cx.schema(),
        c,
        2,
        Box::new(Cursor::new(text.to_owned().into_bytes())),
    )?;
    found.map(|item| item.map(Json::Object)).collect()
}

#[tokio::test]
async fn cells_are_read_by_their_fields() {
    let project = Project::filled(true).await;
    let cx = project.cx().await;
    let users = |text: &str| read(&cx, "directus_users", Format::Csv, text).unwrap();
    assert_eq!(
        users(
            "\u{feff}first_name,email_notifications,tags,policies\r\n12,true,\"[\"\"a\"\",1]\",\"[{\"\"policy\"\":1}]\"\r\n\"a,\nb\",1,,\r\n"
        ),
        [
            json!({"first_name": "12", "email_notifications": true, "tags": ["a", 1], "policies": [{"policy": 1}]}),
            json!({"first_name": "a,\nb", "email_notifications": 1}),
        ]
    );
    assert_eq!(
        users("first_name;title\n\"a;b\";[1]"),
        [json!({"first_name": "a;b", "title": "[1]"})]
    );
    assert_eq!(users("email\tnothing\na\tb\n"), [json!({"email": "a", "nothing": "b"})]);
    assert_eq!(users(""), [] as [Json; 0]);
    let articles = |text: &str| read(&cx, "articles", Format::Csv, text);
    assert_eq!(
        articles("title,author.name,author.id,author\nx,Ann,7,\ny,,,3").unwrap(),
        [
            json!({"title": "x", "author": {"name": "Ann", "id": 7}}),
            json!({"title": "y", "author": 3})
        ]
    );
    for (text, part) in [
        ("title,title\na,b", "there twice"),
        ("title\na,b", "line 2 has more cells"),
        ("author.a.b.c\n1", "too many relations"),
    ] {
        let error = articles(text).unwrap_err();
        assert_eq!(error.code(), Code::InvalidPayload);
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[tokio::test]
async fn lists_are_read_item_by_item() {
    let project = Project::filled(true).await;
    let cx = project.cx().await;
    let articles = |text: &str| read(&cx, "articles", Format::Json, text);
    assert_eq!(articles(" [ ] ").unwrap(), [] as [Json; 0]);
    assert_eq!(
        articles("[{\"a\":\"]}\"} ,\n{}, {\"b\":{\"c\":[1]}}]\n").unwrap(),
        [json!({"a": "]}"}), json!({}), json!({"b": {"c": [1]}})]
    );
    let deep = format!("[{{\"a\":{}1{}}}]", "[".repeat(5000), "]".repeat(5000));
    for text in [
        "",
        "{}",
        "not json",
        "[1]",
        "[{}",
        "[{} {}]",
        "[{},]",
        "[{\"a\":}]",
        "[{}] x",
        "[{}]]",
        &deep,
    ] {
        assert_eq!(articles(text).unwrap_err().code(), Code::InvalidPayload, "{text:.20}");
    }
}

#[test]
fn a_spool_gives_back_what_it_took() {
    for size in [0, 10, 3 << 20] {
        let mut spool = Spool::default();
        let bytes: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
        for part in bytes.chunks(100_000) {
            spool.write(part).unwrap();
        }
        assert_eq!(matches!(spool, Spool::File(_)), size > 1 << 20);
        let mut back = Vec::new();
        spool.read().unwrap().read_to_end(&mut back).unwrap();
        assert!(back == bytes);
    }
}

#[test]
fn the_same_failure_is_told_once_with_its_rows() {
    let bad = |field: &str| Error::validation(field, &[], "lt");
    let mut faults = Faults::new(4);
    faults.add(2, bad("n")).unwrap();
    faults.add(5, bad("m")).unwrap();
    faults.add(9, bad("n")).unwrap();
    let all = faults.add(10, bad("o")).unwrap_err();
    let rows: Vec<&Json> = all
        .faults()
        .iter()
        .map(|fault| &fault.extensions["rows"][0]["rows"])
        .collect();
    assert_eq!(rows, [&json!([2, 9]), &json!([5]), &json!([10])]);
    let mut faults = Faults::new(4);
    assert!(faults.none().is_ok());
    let other = faults.add(3, Error::invalid_payload("no")).unwrap_err();
    assert_eq!(other.faults()[0].extensions["rows"][0]["rows"], json!([3]));
    let secret = faults.add(3, Error::forbidden()).unwrap_err();
    assert!(!secret.faults()[0].extensions.contains_key("rows"));
}

#[tokio::test]
async fn an_import_that_nobody_waits_for_leaves_nothing() {
    let project = Project::filled(true).await;
    let cx = project.cx().await;
    let all = async || {
        let answer = items::list(&cx, "authors", &Query::default()).await.unwrap();
        String::from_utf8(answer.data.unwrap()).unwrap()
    };
    let before = all().await;
    let mut import = Import::begin(&cx, "authors").unwrap();
    import.take(b"name\n").unwrap();
    for _ in 0..20_000 {
        import.take(b"somebody\n").unwrap();
    }
    let waited = tokio::time::timeout(std::time::Duration::from_millis(400), import.run(Format::Csv)).await;
    assert!(waited.is_err(), "it is too short to be left");
    assert_eq!(all().await, before);
    // The writer is free again, and what follows is stored.
    let mut import = Import::begin(&cx, "authors").unwrap();
    import.take(b"name\nNew\n").unwrap();
    import.run(Format::Csv).await.unwrap();
    assert!(all().await.contains("New") && !all().await.contains("somebody"));
}
