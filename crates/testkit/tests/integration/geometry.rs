//! Geometries on every database: written and read as GeoJSON, asked where they meet, and as far as the caller may.

use aedile_testkit::{
    fixture::{ADMIN, Project, may, may_where},
    mariadb::MariaDb,
};
use serde_json::{Value, json};

use crate::postgres::SERVER as POSTGRES;

/// What is stored, by name; the last has none.
fn stored() -> Vec<(&'static str, Value, Value)> {
    let square = |from: i32, to: i32| json!({"type": "Polygon", "coordinates": [[[from, from], [to, from], [to, to], [from, to], [from, from]]]});
    vec![
        (
            "near",
            json!({"type": "Point", "coordinates": [1.5, 2.25]}),
            square(0, 4),
        ),
        (
            "far",
            json!({"type": "Point", "coordinates": [-70, 40.125]}),
            json!({"type": "LineString", "coordinates": [[-80, 30], [-60, 50]]}),
        ),
        (
            "apart",
            json!({"type": "Point", "coordinates": [10, 10]}),
            json!({"type": "MultiPolygon", "coordinates": [
                square(8, 9)["coordinates"], square(20, 30)["coordinates"],
            ]}),
        ),
        ("none", Value::Null, Value::Null),
    ]
}

fn everything_of_geometries(settings: &[(&str, &str)]) {
    let project = Project::with(settings);
    project.collection(
        "places",
        &[("name", "string"), ("spot", "geometry.Point"), ("area", "geometry")],
    );
    let told = project.get(ADMIN, "/fields/places/spot").ok();
    assert_eq!(told.at("/type"), "geometry.Point");
    let rows: Vec<Value> = stored()
        .into_iter()
        .map(|(name, spot, area)| json!({"name": name, "spot": spot, "area": area}))
        .collect();
    project.post(ADMIN, "/items/places", json!(rows)).is(200);
    let all = project.get(ADMIN, "/items/places?fields=name,spot,area&sort=id").ok();
    assert_eq!(same(&all.at("")), same(&json!(rows)));
    change(&project);
    meeting(&project);
    refused(&project);
    access(&project);
}

/// As numbers are the same however they are written.
fn same(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(list) => list.iter().map(same).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), same(value)))
            .collect(),
        other => other.clone(),
    }
}

fn change(project: &Project) {
    let moved = json!({"type": "Point", "coordinates": [3, 3]});
    project.patch(ADMIN, "/items/places/1", json!({"spot": moved})).is(200);
    let one = project.get(ADMIN, "/items/places/1?fields=spot").ok();
    assert_eq!(same(&one.at("/spot")), same(&moved));
    let revision = project
        .get(
            ADMIN,
            "/revisions?filter[collection]=places&filter[item]=1&sort=-id&limit=1&fields=delta",
        )
        .ok();
    assert_eq!(same(&revision.at("")[0]["delta"]["spot"]), same(&moved));
    project.patch(ADMIN, "/items/places/1", json!({"spot": null})).is(200);
    assert!(
        project
            .get(ADMIN, "/items/places/1?fields=spot")
            .ok()
            .at("/spot")
            .is_null()
    );
    project
        .patch(ADMIN, "/items/places/1", json!({"spot": moved.to_string()}))
        .is(200);
}

fn names(project: &Project, token: &str, filter: Value) -> Vec<String> {
    let query = json!({"query": {"fields": ["name"], "filter": filter, "sort": ["id"]}});
    let told = project.ask(token, "SEARCH", "/items/places", query).ok();
    let rows = told.at("");
    let rows = rows.as_array().unwrap();
    rows.iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

fn meeting(project: &Project) {
    let window = json!({"type": "Polygon", "coordinates": [[[2, 2], [8.5, 2], [8.5, 8.5], [2, 8.5], [2, 2]]]});
    let point = json!({"type": "Point", "coordinates": [15, 15]});
    for (filter, expected) in [
        (json!({"area": {"_intersects": window}}), vec!["near", "apart"]),
        (json!({"area": {"_nintersects": window}}), vec!["far"]),
        (json!({"area": {"_intersects": point}}), vec![]),
        (json!({"area": {"_intersects_bbox": point}}), vec!["apart"]),
        (json!({"area": {"_nintersects_bbox": point}}), vec!["near", "far"]),
        (json!({"spot": {"_intersects": window}}), vec!["near"]),
        (json!({"spot": {"_intersects": window.to_string()}}), vec!["near"]),
        (json!({"spot": {"_null": true}}), vec!["none"]),
        (
            json!({"_and": [{"area": {"_nnull": true}}, {"spot": {"_nintersects": window}}]}),
            vec!["far", "apart"],
        ),
    ] {
        assert_eq!(names(project, ADMIN, filter.clone()), expected, "{filter}");
    }
}

fn refused(project: &Project) {
    for filter in [
        json!({"area": {"_intersects": "here"}}),
        json!({"area": {"_intersects": {"type": "Point", "coordinates": ["1"]}}}),
        json!({"area": {"_eq": {"type": "Point", "coordinates": [1, 2]}}}),
        json!({"name": {"_intersects": {"type": "Point", "coordinates": [1, 2]}}}),
    ] {
        let query = json!({"query": {"filter": filter}});
        let told = project.ask(ADMIN, "SEARCH", "/items/places", query);
        assert_eq!(told.status, 400, "{filter}");
    }
    for spot in [
        json!({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}),
        json!({"type": "Point", "coordinates": [1]}),
        json!({"type": "Point", "coordinates": "1 2"}),
        json!("POINT(1 2)"),
        json!(5),
    ] {
        let told = project.post(ADMIN, "/items/places", json!({"spot": spot}));
        assert_eq!(told.status, 400, "{spot}");
    }
    let count = project.get(ADMIN, "/items/places?aggregate[count]=*").ok();
    assert_eq!(count.at("")[0]["count"].to_string().trim_matches('"'), "4");
}

fn access(project: &Project) {
    let world = json!({"type": "Polygon", "coordinates": [[[-5, -5], [5, -5], [5, 5], [-5, 5], [-5, -5]]]});
    let rule = json!({"area": {"_intersects": world}});
    project.user_who("ann", json!([may_where("places", "read", &["id", "name"], rule)]));
    project.user_who("bob", json!([may("places", "read", &["id", "name"])]));
    project.user_who("cat", json!([]));
    assert_eq!(names(project, "ann-token", json!({})), ["near"]);
    assert_eq!(names(project, "bob-token", json!({})).len(), 4);
    let query = json!({"query": {"filter": {"area": {"_intersects": world}}}});
    for token in ["ann-token", "bob-token", "cat-token", ""] {
        project.ask(token, "SEARCH", "/items/places", query.clone()).is(403);
    }
}

#[test]
fn sqlite_keeps_geometries() {
    everything_of_geometries(&[]);
}

#[test]
fn mariadb_keeps_geometries() {
    let server = MariaDb::start().unwrap();
    for url in [
        server.database().unwrap().url(),
        server.database().unwrap().rehearsal_url(),
    ] {
        everything_of_geometries(&[("DB_CLIENT", "mysql"), ("DB_CONNECTION_STRING", url.as_str())]);
    }
}

#[test]
fn postgres_keeps_geometries_with_postgis_and_says_so_without() {
    let database = POSTGRES.database().unwrap();
    let url = database.url();
    let settings = [("DB_CLIENT", "pg"), ("DB_CONNECTION_STRING", url.as_str())];
    let project = Project::with(&settings);
    project.collection("spots", &[("name", "string")]);
    let field = json!({"field": "spot", "type": "geometry.Point", "schema": {}, "meta": {}});
    let told = project.post(ADMIN, "/fields/spots", field);
    assert_eq!(told.status, 400);
    assert!(told.text.contains("PostGIS"), "{}", told.text);
    assert_eq!(project.get(ADMIN, "/fields/spots/spot").status, 403);
    drop(project);
    // Most machines have no such extension.
    if database.run("create extension postgis").is_ok() {
        everything_of_geometries(&settings);
    }
}
