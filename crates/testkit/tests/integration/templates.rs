//! Templates with the real binary: a project that is extracted and applied is the same project, what does not fit leaves
//! nothing behind, and the same files sent over HTTP make the same.

mod over_http;

use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

use aedile_testkit::{
    backend::{Backend, Own},
    command,
    fixture::{self, ADMIN, Project, contents},
};
use regex::Regex;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The databases by the names that they have on command lines; their servers end with this process.
const SQLITE: usize = 0;
const MARIADB: usize = 2;
static BACKENDS: [LazyLock<Backend>; 3] = [
    LazyLock::new(|| Backend::start("sqlite").unwrap().unwrap()),
    LazyLock::new(|| Backend::start("pg").unwrap().unwrap()),
    LazyLock::new(|| Backend::start("mysql").unwrap().unwrap()),
];

/// A folder with a database, and room for templates.
struct Place {
    folder: TempDir,
    settings: BTreeMap<String, String>,
    /// Gone with the place.
    _database: Own<'static>,
}

impl Place {
    fn new(backend: usize) -> Place {
        let folder = TempDir::new().unwrap();
        let database = BACKENDS[backend].database().unwrap();
        let mut said = database.settings();
        if backend == SQLITE {
            said.push((
                "DB_FILENAME",
                folder.path().join("data.db").to_str().unwrap().to_owned(),
            ));
        }
        let said: Vec<(&str, &str)> = said.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let settings = fixture::settings(&said);
        Place {
            folder,
            settings,
            _database: database,
        }
    }

    fn aedile(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = command(fixture::binary(), self.folder.path(), &self.settings);
        let output = command.args(arguments).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), told)
    }

    #[track_caller]
    fn must(&self, arguments: &[&str]) -> String {
        let (code, told) = self.aedile(arguments);
        assert_eq!(code, 0, "{arguments:?} {told}");
        told
    }

    fn start(&self) -> Project {
        let settings: Vec<(&str, &str)> = self.settings.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        Project::with(&settings)
    }

    fn contents(&self) -> fixture::Contents {
        contents(&Connection::open(self.folder.path().join("data.db")).unwrap())
    }
}

/// The files of a template, with what every project has of its own under a fixed name.
fn files(template: &Path) -> BTreeMap<String, Value> {
    let mut files: BTreeMap<String, Value> = BTreeMap::new();
    for folder in ["", "content", "schema"] {
        for entry in fs::read_dir(template.join("src").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(template).unwrap().to_str().unwrap().to_owned();
                files.insert(name, serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap());
            }
        }
    }
    let mut text = serde_json::to_string(&files).unwrap();
    for (file, name, is) in [
        ("src/roles.json", "ROLE", ("name", "Administrator")),
        ("src/policies.json", "POLICY", ("name", "Administrator")),
        ("src/users.json", "USER", ("email", "admin@example.com")),
    ] {
        let row = files[file]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row[is.0] == is.1)
            .unwrap();
        text = text.replace(row["id"].as_str().unwrap(), name);
    }
    let mut files: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    for (file, rows) in &mut files {
        let Some(rows) = rows.as_array_mut() else { continue };
        for schema in rows.iter_mut().filter_map(|row| row.get_mut("schema")?.as_object_mut()) {
            // SQLite keeps no names of constraints.
            schema.remove("constraint_name");
        }
        if file == "src/access.json" {
            // The public's row and the administrators' have keys of their own everywhere.
            for row in rows
                .iter_mut()
                .filter(|row| row["role"].is_null() || row["role"] == "ROLE")
            {
                row["id"] = Value::Null;
            }
        }
        rows.sort_by_key(Value::to_string);
    }
    files
}

/// A project that uses what templates can hold.
fn garden(project: &Project) {
    let uuid = |n: u32| format!("00000000-0000-4000-8000-{n:012}");
    project.collection(
        "beds",
        &[
            ("name", "string"),
            ("seen", "timestamp"),
            ("facts", "json"),
            ("share", "decimal"),
        ],
    );
    project.collection("plants", &[("name", "string"), ("tags", "csv"), ("big", "bigInteger")]);
    project.relation("plants", "bed", "beds", Some("plants"));
    project.relation("plants", "parent", "plants", Some("children"));
    project.relation("beds", "best", "plants", None);
    project.relation("beds", "keeper", "directus_users", None);
    project
        .post(
            ADMIN,
            "/fields/directus_users",
            json!({"field": "boots", "type": "integer", "meta": {}, "schema": {}}),
        )
        .is(200);
    project
        .post(
            ADMIN,
            "/collections",
            json!({"collection": "outside", "meta": {"icon": "park"}, "schema": null}),
        )
        .is(200);
    project
        .patch(
            ADMIN,
            "/collections/beds",
            json!({"meta": {"group": "outside", "note": "Soil"}}),
        )
        .is(200);
    let policy = project.policy("Weed", json!([
        fixture::may_where("plants", "read", &["*"], json!({"bed": {"keeper": {"_eq": "$CURRENT_USER"}}})),
        {"collection": "plants", "action": "create", "fields": ["name"], "presets": {"big": 7}, "validation": {"name": {"_nnull": true}}},
    ]));
    let role = project.role("Gardeners", &[&policy]);
    let child = json!({"name": "Trainees", "parent": role});
    project.post(ADMIN, "/roles", child).is(200);
    let keeper = project.user("kim", &[]);
    project
        .patch(ADMIN, &format!("/users/{keeper}"), json!({"role": role, "boots": 43}))
        .is(200);
    let beds = json!([
        {"name": "north", "seen": "2024-02-03T04:05:06Z", "facts": {"a": [1, null]}, "share": "0.5", "keeper": keeper},
        {"name": "", "facts": null},
    ]);
    project.post(ADMIN, "/items/beds", beds).is(200);
    let plants = json!([
        {"name": "it's \"tall\" \\ ünï", "tags": ["x", "y"], "big": "9007199254740993", "bed": 1},
        {"name": "small", "bed": 2, "parent": 1},
    ]);
    project.post(ADMIN, "/items/plants", plants).is(200);
    project.patch(ADMIN, "/items/plants/1", json!({"parent": 2})).is(200);
    project.patch(ADMIN, "/items/beds/1", json!({"best": 2})).is(200);
    let id = uuid(1);
    project.post(ADMIN, "/dashboards", json!({"id": id, "name": "Harvest", "panels": [{"id": uuid(2), "type": "label", "position_x": 1, "position_y": 1, "width": 2, "height": 2}]})).is(200);
    project
        .post(
            ADMIN,
            "/translations",
            json!({"id": uuid(3), "language": "en-US", "key": "soil", "value": "Soil"}),
        )
        .is(200);
    project
        .post(
            ADMIN,
            "/presets",
            json!({"collection": "beds", "role": role, "layout": "cards"}),
        )
        .is(200);
    project
        .patch(
            ADMIN,
            "/settings",
            json!({"project_name": "Garden", "public_registration_role": role}),
        )
        .is(200);
}

#[test]
fn extracted_and_applied_it_is_the_same_project() {
    for own in 0..BACKENDS.len() {
        let there = Place::new(own);
        garden(&there.start());
        there.must(&["template", "extract", "garden"]);
        let template = there.folder.path().join("garden");
        let text = fs::read_to_string(template.join("src/users.json")).unwrap();
        assert!(
            !text.contains("argon2") && !text.contains("token\": \"") && !text.contains("****"),
            "{text}"
        );
        // On the same database and on another: the files say nothing of where they come from.
        for other in [own, (own + 1) % BACKENDS.len()] {
            let here = Place::new(other);
            here.must(&["bootstrap"]);
            let told = here.must(&["template", "apply", template.to_str().unwrap()]);
            assert!(told.ends_with("Applied.\n") && told.contains("2 plants"), "{told}");
            here.must(&["template", "extract", "again"]);
            let (before, after) = (files(&template), files(&here.folder.path().join("again")));
            for (name, rows) in &before {
                // Types have other names in each database.
                if other == own || !(name.ends_with("fields.json") || name.ends_with("schema/snapshot.json")) {
                    let after = after.get(name).map(|rows| kept(rows, name, other));
                    assert_eq!(Some(kept(rows, name, other)), after, "{name}");
                }
            }
            assert_eq!(before.len(), after.len());
            applied_project_works(&here.start());
        }
    }
}

/// Rows as a database keeps them: MariaDB's own moments of the system end at the second.
fn kept(rows: &Value, file: &str, backend: usize) -> String {
    let rows = serde_json::to_string_pretty(rows).unwrap();
    if backend != MARIADB || file.starts_with("src/content/") {
        return rows;
    }
    let fraction = Regex::new(r"(\d\d:\d\d:\d\d)\.\d{3}Z").unwrap();
    fraction.replace_all(&rows, "$1Z").into_owned()
}

/// Keys that counted go on counting, and relations lead both ways.
fn applied_project_works(project: &Project) {
    let beds = project
        .get(
            ADMIN,
            "/items/beds?fields=name,best.name,plants.parent.name,keeper.boots&sort=id",
        )
        .ok();
    assert_eq!(beds.at("/0/best/name"), "small");
    assert_eq!(beds.at("/0/keeper/boots"), 43);
    assert_eq!(beds.at("/0/plants/0/parent/name"), "small");
    let new = project.post(ADMIN, "/items/plants", json!({"name": "new"})).ok();
    assert_eq!(new.at("/id"), 3);
    let settings = project
        .get(ADMIN, "/settings?fields=project_name,public_registration_role.name")
        .ok();
    assert_eq!(settings.at("/public_registration_role/name"), "Gardeners");
}

/// A small template that fits, to be broken.
fn small() -> BTreeMap<&'static str, Value> {
    let id = json!({"is_primary_key": true, "has_auto_increment": true});
    BTreeMap::from([
        (
            "collections.json",
            json!([{"collection": "a", "meta": {}, "schema": {}}]),
        ),
        (
            "fields.json",
            json!([
                {"collection": "a", "field": "id", "type": "integer", "meta": {}, "schema": id},
                {"collection": "a", "field": "name", "type": "string", "meta": {}, "schema": {"is_nullable": false}},
                {"collection": "a", "field": "up", "type": "integer", "meta": {}, "schema": {}},
                {"collection": "a", "field": "secret", "type": "hash", "meta": {"special": ["hash", "conceal"]}, "schema": {}},
            ]),
        ),
        (
            "relations.json",
            json!([{"collection": "a", "field": "up", "related_collection": "a", "meta": {}, "schema": {}}]),
        ),
        (
            "content/a.json",
            json!([{"id": 1, "name": "x", "up": 2}, {"id": 2, "name": "y", "up": null}]),
        ),
    ])
}

fn write(folder: &Path, files: &BTreeMap<&str, Value>) {
    fs::remove_dir_all(folder).ok();
    fs::create_dir_all(folder.join("src/content")).unwrap();
    for (path, value) in files {
        fs::write(folder.join("src").join(path), value.to_string()).unwrap();
    }
}

#[test]
fn what_does_not_fit_leaves_nothing_behind() {
    let place = Place::new(SQLITE);
    place.must(&["bootstrap"]);
    let before = place.contents();
    let nobody = "00000000-0000-4000-8000-000000000001";
    let cases: [(&str, Value, i32, &str); 13] = [
        (
            "content/a.json",
            json!([{"id": 1, "name": "x", "colour": 1}]),
            2,
            "there is no field \"a.colour\"",
        ),
        ("content/b.json", json!([]), 2, "there is no collection \"b\""),
        (
            "content/directus_users.json",
            json!([]),
            2,
            "there is no collection \"directus_users\" that holds rows",
        ),
        (
            "content/a.json",
            json!([{"id": 1, "name": "x", "secret": "plain"}]),
            2,
            "is to be stored as a hash",
        ),
        (
            "content/a.json",
            json!([{"id": 1, "name": null}]),
            1,
            "content/a.json entry 1",
        ),
        (
            "content/a.json",
            json!([{"id": 1, "name": "x", "up": 7}]),
            1,
            "points at 7 of \"a\", which is not there",
        ),
        (
            "content/a.json",
            json!([{"id": 1, "name": "x"}, {"id": 1, "name": "y"}]),
            1,
            "content/a.json entry 2",
        ),
        (
            "relations.json",
            json!([{"collection": "a", "field": "up", "related_collection": "z"}]),
            2,
            "leads to \"z\"",
        ),
        (
            "collections.json",
            json!([{"collection": "directus_x", "schema": {}}]),
            2,
            "is reserved for the system",
        ),
        (
            "access.json",
            json!([{"policy": nobody}]),
            2,
            "a policy that is not there",
        ),
        (
            "users.json",
            json!([{"email": "x@example.com", "role": nobody}]),
            2,
            "which is not there",
        ),
        ("users.json", json!([{"email": "nonsense"}]), 1, "users.json entry 1"),
        (
            "permissions.json",
            json!([{"policy": "abf8a154-5b1c-4a46-ac9c-7300570f4f17", "collection": "a", "action": "read", "permissions": {"name": {"_eq": "$NOBODY"}}}]),
            2,
            "permissions.json: entry 1 (read on \"a\") is refused",
        ),
    ];
    for (file, value, status, words) in cases {
        let mut files = small();
        files.insert(file, value);
        write(&place.folder.path().join("t"), &files);
        let (code, told) = place.aedile(&["template", "apply", "t"]);
        assert!(
            code == status && told.contains(words) && told.contains("nothing was stored"),
            "{words}\n{code} {told}"
        );
        assert_eq!(before, place.contents(), "{words}");
    }
    write(&place.folder.path().join("t"), &small());
    let told = place.must(&["template", "apply", "--dry-run", "t"]);
    assert!(
        told.contains("Tried and undone") && before == place.contents(),
        "{told}"
    );
    let (code, told) = place.aedile(&["template", "apply", "nowhere"]);
    assert!(code == 2 && told.contains("nowhere is no template"), "{told}");
    place.must(&["template", "apply", "t"]);
    let (code, told) = place.aedile(&["template", "apply", "t"]);
    assert!(
        code == 2 && told.contains("the project has a collection \"a\" already"),
        "{told}"
    );
    let (code, told) = place.aedile(&["template", "extract", "t"]);
    assert!(code == 2 && told.contains("--force"), "{told}");
    fs::write(place.folder.path().join("t/src/content/gone.json"), "[]").unwrap();
    place.must(&["template", "extract", "--force", "t"]);
    assert!(!place.folder.path().join("t/src/content/gone.json").exists());
}

#[test]
fn references_to_people_who_are_elsewhere_are_left_empty() {
    let place = Place::new(SQLITE);
    place.must(&["bootstrap"]);
    let mut files = small();
    let of = |id: u32| format!("00000000-0000-4000-8000-{id:012}");
    let mut fields = files["fields.json"].as_array().unwrap().clone();
    fields.push(
        json!({"collection": "a", "field": "by", "type": "uuid", "meta": {"special": ["user-created"]}, "schema": {}}),
    );
    files.insert("fields.json", fields.into());
    files.insert(
        "relations.json",
        json!([{"collection": "a", "field": "by", "related_collection": "directus_users", "schema": {}}]),
    );
    files.insert(
        "users.json",
        json!([{"id": of(1), "email": "ADMIN@example.com", "password": "**********"}]),
    );
    files.insert(
        "content/a.json",
        json!([{"id": 1, "name": "x", "by": of(1)}, {"id": 2, "name": "y", "by": of(2)}]),
    );
    write(&place.folder.path().join("t"), &files);
    let told = place.must(&["template", "apply", "t"]);
    assert!(
        told.contains("\"a.by\" is left empty in 1 rows") && told.contains("1 rows of the system were there"),
        "{told}"
    );
    let rows = place.start().get(ADMIN, "/items/a?fields=by.email&sort=id").ok();
    assert_eq!(
        rows.at(""),
        json!([{"by": {"email": "admin@example.com"}}, {"by": null}])
    );
}
