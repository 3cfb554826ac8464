//! The demo's files sent over HTTP, in the order in which the official CLI sends a template's.

use std::{collections::BTreeMap, fs, path::Path};

use aedile_testkit::fixture::{ADMIN, Project};
use serde_json::{Value, json};

use super::{Place, SQLITE, files};

/// The demo's files, as the official CLI would send them.
fn demo(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/src").join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_same_files_over_http_make_the_same_project() {
    let by_hand = Place::new(SQLITE);
    send(&by_hand.start());
    let at_once = Place::new(SQLITE);
    at_once.must(&["demo"]);
    for place in [&by_hand, &at_once] {
        place.must(&["template", "extract", "t"]);
    }
    let (mut one, mut other) = (
        files(&by_hand.folder.path().join("t")),
        files(&at_once.folder.path().join("t")),
    );
    for files in [&mut one, &mut other] {
        forget_who_and_when(files);
    }
    for (name, rows) in &one {
        assert_eq!(Some(rows), other.get(name), "{name}");
    }
}

/// Over HTTP, the server says who made what and when.
fn forget_who_and_when(files: &mut BTreeMap<String, Value>) {
    let fields = files["src/fields.json"].as_array().unwrap().clone();
    for (file, rows) in files.iter_mut() {
        let Some(name) = file
            .strip_prefix("src/content/")
            .and_then(|name| name.strip_suffix(".json"))
        else {
            continue;
        };
        let set = |field: &&Value| {
            let special = field["meta"]["special"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            field["collection"] == name
                && special
                    .into_iter()
                    .any(|flag| flag.ends_with("-created") || flag.ends_with("-updated"))
        };
        for field in fields.iter().filter(set) {
            for row in rows.as_array_mut().into_iter().flatten() {
                row.as_object_mut().unwrap().remove(field["field"].as_str().unwrap());
            }
        }
    }
}

/// Schema, access, accounts, settings; then each row by its key alone where it points elsewhere, and whole in the end.
fn send(project: &Project) {
    const PUBLIC: &str = "abf8a154-5b1c-4a46-ac9c-7300570f4f17";
    let (collections, fields, relations) = (demo("collections.json"), demo("fields.json"), demo("relations.json"));
    let folders = collections.as_array().unwrap().iter().filter(|c| c["schema"].is_null());
    let tables = collections
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| !c["schema"].is_null());
    for collection in folders.chain(tables) {
        let mut body = collection.clone();
        let own: Vec<&Value> = fields
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| f["collection"] == body["collection"])
            .collect();
        body["fields"] = json!(own);
        body["meta"]["group"] = Value::Null;
        project.post(ADMIN, "/collections", body).is(200);
    }
    for collection in collections.as_array().unwrap() {
        let target = format!("/collections/{}", collection["collection"].as_str().unwrap());
        project
            .patch(ADMIN, &target, json!({"meta": {"group": collection["meta"]["group"]}}))
            .is(200);
    }
    for relation in relations.as_array().unwrap() {
        project.post(ADMIN, "/relations", relation.clone()).is(200);
    }
    let without_lists = |file: &str, lists: &[&str]| -> Value {
        let mut rows = demo(file).as_array().unwrap().clone();
        rows.retain(|row| row["id"] != PUBLIC && row["policy"] != PUBLIC || file == "permissions.json");
        for row in &mut rows {
            let row = row.as_object_mut().unwrap();
            row.retain(|name, _| !lists.contains(&name.as_str()));
        }
        rows.into()
    };
    project
        .post(
            ADMIN,
            "/roles",
            without_lists("roles.json", &["policies", "users", "children"]),
        )
        .is(200);
    project
        .post(ADMIN, "/policies", without_lists("policies.json", &[]))
        .is(200);
    project
        .post(ADMIN, "/permissions", without_lists("permissions.json", &[]))
        .is(200);
    project
        .post(
            ADMIN,
            "/users",
            without_lists("users.json", &["policies", "password", "token"]),
        )
        .is(200);
    project
        .post(ADMIN, "/access", without_lists("access.json", &[]))
        .is(200);
    let mut settings = demo("settings.json");
    settings.as_object_mut().unwrap().remove("id");
    project.patch(ADMIN, "/settings", settings).is(200);
    project.post(ADMIN, "/presets", demo("presets.json")).is(200);
    send_rows(project, &relations);
}

fn send_rows(project: &Project, relations: &Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/src/content");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let points = |name: &str, field: &str| {
        relations
            .as_array()
            .unwrap()
            .iter()
            .any(|r| r["collection"] == name && r["field"] == field)
    };
    let fields = demo("fields.json");
    let is_required = |name: &str, field: &str| {
        let mut fields = fields.as_array().unwrap().iter();
        fields.any(|f| f["collection"] == name && f["field"] == field && f["meta"]["required"] == true)
    };
    // What has to point somewhere comes after it.
    names.sort_by_key(|name| {
        let mut relations = relations.as_array().unwrap().iter();
        relations.any(|r| r["collection"] == name.as_str() && is_required(name, r["field"].as_str().unwrap()))
    });
    for whole in [false, true] {
        for name in &names {
            let rows = demo(&format!("content/{name}.json"));
            let Some(rows) = rows.as_array() else {
                if whole {
                    project.patch(ADMIN, &format!("/items/{name}"), rows).is(200);
                }
                continue;
            };
            let mut sent = rows.clone();
            for row in sent.iter_mut().filter(|_| !whole) {
                row.as_object_mut()
                    .unwrap()
                    .retain(|field, _| !points(name, field) || is_required(name, field));
            }
            let target = format!("/items/{name}?fields=id&limit=1");
            match whole {
                false => project.post(ADMIN, &target, sent.into()).is(200),
                true => project.patch(ADMIN, &target, sent.into()).is(200),
            };
        }
    }
}
