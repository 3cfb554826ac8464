//! File formats of an answer.
use aedile_engine::query::Export;
use axum::http::header;
use serde_json::json;

use super::{csv, file, xml, yaml};

#[test]
fn csv_quotes_text_and_nothing_else() {
    let items = json!([
        {"name": "one", "n": 1, "ok": true, "none": null},
        {"name": "with, \"comma\"", "n": 2.5, "ok": false, "none": null},
    ]);
    let expected = "\"name\",\"n\",\"ok\",\"none\"\n\"one\",1,true,\n\"with, \"\"comma\"\"\",2.5,false,";
    assert_eq!(csv::write(&items), expected);
    assert_eq!(csv::write(&json!([])), "");
}

#[test]
fn csv_spreads_objects_and_tells_lists_as_json() {
    let items = json!([{"id": 1, "maker": {"name": "zed"}, "tags": ["a", "b"]}, {"id": 2, "maker": null, "more": 1}]);
    let expected = "\"id\",\"maker.name\",\"tags\",\"maker\",\"more\"\n1,\"zed\",\"[\"\"a\"\",\"\"b\"\"]\",,\n2,,,,1";
    assert_eq!(csv::write(&items), expected);
}

#[test]
fn xml_is_as_recorded() {
    let expected = "<?xml version='1.0'?>\n<data>\n    <data>\n        <name>one again</name>\n    </data>\n</data>";
    assert_eq!(xml::write(&json!([{"name": "one again"}])), expected);
}

#[test]
fn xml_holds_no_markup_of_ours_or_theirs() {
    let written = xml::write(&json!({"a b<": "<&>\u{1}", "1": null, "tags": ["x", "y"], "in": {"n": 1}}));
    for part in [
        "<a_b_>&lt;&amp;></a_b_>",
        "<_1/>",
        "<tags>x</tags>\n    <tags>y</tags>",
        "<n>1</n>",
    ] {
        assert!(written.contains(part), "{part} in {written}");
    }
}

#[test]
fn yaml_is_as_recorded() {
    assert_eq!(yaml::write(&json!([{"name": "one again"}])), "- name: one again\n");
    assert_eq!(yaml::write(&json!([])), "[]\n");
    let nested =
        json!({"version": 1, "collections": [{"collection": "articles", "meta": {"color": null, "tags": []}}]});
    let expected = "version: 1\ncollections:\n  - collection: articles\n    meta:\n      color: null\n      tags: []\n";
    assert_eq!(yaml::write(&nested), expected);
    assert_eq!(yaml::write(&json!([[1, [2]], {}])), "-\n  - 1\n  -\n    - 2\n- {}\n");
}

#[test]
fn yaml_quotes_what_would_be_read_as_something_else() {
    for (text, written) in [
        ("n", "'n'"),
        ("True", "'True'"),
        ("12", "'12'"),
        ("1e3", "'1e3'"),
        ("2024-01-15", "'2024-01-15'"),
        ("", "''"),
        ("it's", "it's"),
        ("'it", "'''it'"),
        ("a: b", "'a: b'"),
        ("- a", "'- a'"),
        ("a #b", "'a #b'"),
        ("two\nlines", "\"two\\nlines\""),
        ("11.17.4", "11.17.4"),
        ("1.5", "'1.5'"),
        ("12 apples", "12 apples"),
        ("*", "'*'"),
    ] {
        assert_eq!(yaml::write(&json!({ "a": text })), format!("a: {written}\n"), "{text}");
    }
}

#[test]
fn a_file_is_named_after_its_collection() {
    let reply = file("art\"icles/ö", Export::CsvUtf8, &json!([{"a": 1}]));
    assert_eq!(
        reply.headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"art_icles__.csv\""
    );
    assert_eq!(reply.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(reply.body.starts_with("\u{feff}\"a\"".as_bytes()));
}
