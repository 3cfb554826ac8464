//! File formats of an answer, as a whole and in parts.

use aedile_engine::{Json, query::Export};
use serde_json::json;

use super::{Writer, csv, whole, xml, yaml};

/// A list written in parts of so many rows.
fn in_parts(format: Export, columns: &[&str], rows: &[Json], part: usize) -> String {
    let columns = columns
        .iter()
        .map(|column| column.split('.').map(str::to_owned).collect())
        .collect();
    let mut writer = Writer::new(format, columns);
    let mut text = Vec::new();
    for rows in rows.chunks(part) {
        let told: Vec<String> = rows.iter().map(Json::to_string).collect();
        text.extend(writer.rows(told.join(",").as_bytes()).unwrap());
    }
    text.extend(writer.end());
    String::from_utf8(text).unwrap()
}

#[test]
fn parts_make_the_same_file_as_the_whole() {
    let rows: Vec<Json> = (0..7)
        .map(|n| json!({"id": n, "name": format!("a \"{n}\", <b>\n"), "tags": ["x", n], "none": null}))
        .collect();
    for format in [Export::Csv, Export::CsvUtf8, Export::Json, Export::Xml, Export::Yaml] {
        for rows in [&rows[..], &rows[..1], &[]] {
            let expected = whole(format, &json!(rows));
            for part in [1, 2, 7] {
                let columns = ["id", "name", "tags", "none"];
                assert_eq!(in_parts(format, &columns, rows, part), expected, "{format:?} by {part}");
            }
        }
    }
}

#[test]
fn columns_are_those_of_the_question_whatever_the_rows_hold() {
    let rows = [
        json!({"id": 1, "maker": null, "data": {"a": [1]}}),
        json!({"id": 2, "maker": {"name": "zed", "home": {"town": "A"}}, "data": null}),
        json!({"id": 3, "maker": 7, "data": "=1+1"}),
    ];
    let columns = ["id", "maker", "maker.name", "maker.home.town", "data"];
    let expected = "\"id\",\"maker\",\"maker.name\",\"maker.home.town\",\"data\"\n\
                    1,,,,\"{\"\"a\"\":[1]}\"\n2,,\"zed\",\"A\",\n3,7,,,\"=1+1\"";
    assert_eq!(in_parts(Export::Csv, &columns, &rows, 2), expected);
}

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
