//! Templates in memory: read, judged, applied to an empty project on SQLite, and extracted again.

use aedile_engine::{Json, Object};
use serde_json::json;

use super::{Template, read::parents_first, text};

/// A template of these files.
fn read(files: &[(&str, Json)]) -> Result<Template, String> {
    let texts: Vec<(&str, String)> = files.iter().map(|(path, value)| (*path, value.to_string())).collect();
    Template::read(texts.iter().map(|(path, text)| (*path, text.as_str()))).map_err(|problems| problems.to_string())
}

fn objects(rows: Json) -> Vec<Object> {
    serde_json::from_value(rows).unwrap()
}

#[test]
fn parents_come_first_and_circles_end() {
    let ends = |rows: Json| {
        let key = |row: &Object, name: &str| row.get(name).filter(|value| !value.is_null()).map(Json::to_string);
        let sorted = parents_first(objects(rows), |row| (key(row, "id"), key(row, "up")));
        sorted.iter().map(|row| row["id"].clone()).collect::<Vec<_>>()
    };
    let chain = json!([{"id": 1, "up": 2}, {"id": 2, "up": 3}, {"id": 3, "up": null}]);
    assert_eq!(ends(chain), [3, 2, 1]);
    let circle = json!([{"id": 1, "up": 2}, {"id": 2, "up": 1}, {"id": 3}]);
    assert_eq!(ends(circle), [3, 1, 2]);
}

#[test]
fn what_is_no_template_is_told_with_its_place() {
    let broken = [
        ("collections.json", "[\n{\"collection\": }\n]"),
        ("roles.json", "[1, {}]"),
        ("content/a.json", "x"),
    ];
    let problems = Template::read(broken).unwrap_err().to_string();
    for words in [
        "collections.json:2: this is no JSON",
        "roles.json: entry 1 is no object",
        "content/a.json:1: this",
    ] {
        assert!(problems.contains(words), "{problems}");
    }
    assert!(read(&[]).unwrap_err().contains("this is no template"));
}

#[test]
fn rows_come_after_what_they_point_at() {
    let relation = |many: &str, one: &str| json!({"collection": many, "field": "f", "related_collection": one});
    let template = read(&[
        ("collections.json", json!([])),
        (
            "relations.json",
            json!([
                relation("a", "b"),
                relation("b", "c"),
                relation("c", "c"),
                relation("d", "e"),
                relation("e", "d")
            ]),
        ),
        ("content/a.json", json!([])),
        ("content/b.json", json!([])),
        ("content/c.json", json!([])),
        ("content/d.json", json!([])),
        ("content/e.json", json!({"id": 1})),
    ])
    .unwrap();
    let order: Vec<&str> = template.content.iter().map(|part| part.collection.as_str()).collect();
    assert_eq!(order, ["c", "b", "a", "d", "e"]);
    assert_eq!(template.content[4].rows.len(), 1);
    assert_eq!(text(&objects(json!([{"x": "y"}]))[0], "x"), Some("y"));
}
