//! Whether the demo's files fit together. They judge the data alone and never a database.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::*;
use crate::template::Rows;

fn values(rows: &[aedile_engine::Object]) -> Vec<Value> {
    rows.iter().cloned().map(Value::Object).collect()
}

fn demo() -> Template {
    template().unwrap()
}

fn system(collection: &str) -> Vec<Value> {
    values(demo().of_system(collection))
}

/// The rows of every collection. A singleton has one row.
fn content() -> BTreeMap<String, Vec<Value>> {
    let parts = demo().content;
    parts
        .into_iter()
        .map(|Rows { collection, rows, .. }| (collection, values(&rows)))
        .collect()
}

/// The policy of callers who are not logged in.
const PUBLIC: &str = "abf8a154-5b1c-4a46-ac9c-7300570f4f17";

/// Upper bound of all files together in bytes: they are part of every binary.
const SIZE: usize = 800_000;

fn str_of<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("{pointer} of {value}"))
}

/// Collection to its fields, aliases included.
fn fields_by_collection() -> BTreeMap<String, BTreeSet<String>> {
    let mut map = BTreeMap::<_, BTreeSet<_>>::new();
    for field in values(&demo().fields) {
        let known = map.entry(str_of(&field, "/collection").to_owned()).or_default();
        assert!(known.insert(str_of(&field, "/field").to_owned()), "twice: {field}");
    }
    map
}

/// Keys of a list of rows, as JSON text.
fn keys(rows: &[Value]) -> BTreeSet<String> {
    let keys = rows.iter().map(|row| row["id"].to_string()).collect::<BTreeSet<_>>();
    assert_eq!(keys.len(), rows.len(), "a key occurs twice");
    keys
}

/// Names of the fields that a rule mentions, with the collection they are looked up in.
fn mentioned(rule: &Value, collection: &str, relations: &[Value], into: &mut Vec<(String, String)>) {
    let Some(members) = rule.as_object() else {
        return;
    };
    for (name, inner) in members {
        if let Some(list) = inner.as_array().filter(|_| name == "_and" || name == "_or") {
            list.iter()
                .for_each(|part| mentioned(part, collection, relations, into));
        } else if !name.starts_with('_') {
            into.push((collection.to_owned(), name.clone()));
            let onward = relations
                .iter()
                .find(|relation| relation["collection"] == collection && relation["field"] == name.as_str());
            if let Some(relation) = onward {
                mentioned(inner, str_of(relation, "/related_collection"), relations, into);
            }
        }
    }
}

#[test]
fn every_file_is_json_and_small_enough() {
    for (path, text) in files() {
        serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    assert!(files().iter().map(|(_, text)| text.len()).sum::<usize>() < SIZE);
}

#[test]
fn every_file_on_disk_is_embedded() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo/src");
    let mut found = BTreeSet::new();
    for folder in ["", "content"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                found.insert(path.strip_prefix(&root).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    assert_eq!(found, files().iter().map(|(path, _)| (*path).to_owned()).collect());
}

#[test]
fn collections_follow_their_folder() {
    let mut seen = vec![Value::Null];
    for collection in values(&demo().collections) {
        assert!(seen.contains(&collection["meta"]["group"]), "{collection}");
        assert_eq!(collection["collection"], collection["meta"]["collection"]);
        seen.push(collection["collection"].clone());
    }
    let folders = values(&demo().collections)
        .into_iter()
        .filter(|c| c["schema"].is_null())
        .count();
    assert_eq!((seen.len() - 1, folders), (12, 2));
}

#[test]
fn fields_belong_to_collections_and_collections_name_existing_fields() {
    let known = fields_by_collection();
    let collections = values(&demo().collections);
    let tables = collections
        .iter()
        .filter(|c| !c["schema"].is_null())
        .map(|c| str_of(c, "/collection"));
    assert_eq!(
        tables.collect::<BTreeSet<_>>(),
        known.keys().map(String::as_str).collect()
    );
    for collection in &collections {
        for pointer in ["/meta/archive_field", "/meta/sort_field"] {
            if let Some(field) = collection.pointer(pointer).and_then(Value::as_str) {
                assert!(known[str_of(collection, "/collection")].contains(field), "{collection}");
            }
        }
    }
    for field in values(&demo().fields) {
        assert_eq!(field["collection"], field["meta"]["collection"]);
        assert_eq!(field["field"], field["meta"]["field"]);
        assert_eq!(field["type"] == "alias", field["schema"].is_null(), "{field}");
    }
}

#[test]
fn relations_name_existing_fields() {
    let known = fields_by_collection();
    for relation in values(&demo().relations) {
        let many = &known[str_of(&relation, "/collection")];
        assert!(many.contains(str_of(&relation, "/field")), "{relation}");
        for pointer in ["/meta/junction_field", "/meta/sort_field"] {
            if let Some(field) = relation.pointer(pointer).and_then(Value::as_str) {
                assert!(many.contains(field), "{relation}");
            }
        }
        let one = str_of(&relation, "/related_collection");
        match relation["meta"]["one_field"].as_str() {
            Some(alias) => assert!(known[one].contains(alias), "{relation}"),
            None => assert!(one.starts_with("directus_") || known.contains_key(one), "{relation}"),
        }
    }
}

#[test]
fn every_alias_and_foreign_key_has_its_relation() {
    let relations = values(&demo().relations);
    for field in values(&demo().fields) {
        let (collection, name) = (&field["collection"], &field["field"]);
        if field["type"] == "alias" {
            let ends = |r: &&Value| &r["related_collection"] == collection && &r["meta"]["one_field"] == name;
            assert_eq!(relations.iter().filter(ends).count(), 1, "{field}");
        }
        if !field["schema"]["foreign_key_table"].is_null() {
            let starts = |r: &&Value| {
                &r["collection"] == collection
                    && &r["field"] == name
                    && r["related_collection"] == field["schema"]["foreign_key_table"]
            };
            assert_eq!(relations.iter().filter(starts).count(), 1, "{field}");
        }
    }
}

#[test]
fn content_has_known_columns_and_resolves_every_foreign_key() {
    let aliases = values(&demo().fields)
        .into_iter()
        .filter(|f| f["type"] == "alias")
        .collect::<Vec<_>>();
    let known = fields_by_collection();
    let relations = values(&demo().relations);
    let mut stored: BTreeMap<String, BTreeSet<String>> = content()
        .into_iter()
        .map(|(collection, rows)| (collection, keys(&rows)))
        .collect();
    stored.insert("directus_users".to_owned(), keys(&system("directus_users")));
    for (collection, rows) in content() {
        for row in rows {
            for column in row.as_object().unwrap().keys() {
                assert!(known[&collection].contains(column), "{collection}.{column}");
                let is_it = |f: &Value| f["collection"] == collection.as_str() && f["field"] == column.as_str();
                assert!(!aliases.iter().any(is_it));
            }
            for relation in relations.iter().filter(|r| r["collection"] == collection.as_str()) {
                let value = &row[str_of(relation, "/field")];
                let there = &stored[str_of(relation, "/related_collection")];
                assert!(
                    value.is_null() || there.contains(&value.to_string()),
                    "{collection}: {relation} {value}"
                );
            }
        }
    }
    assert_eq!(stored.len(), known.len() + 1);
}

#[test]
fn rows_that_must_have_a_value_have_one() {
    let content = content();
    for field in values(&demo().fields) {
        if field["schema"]["is_nullable"] == json!(false) {
            for row in &content[str_of(&field, "/collection")] {
                assert!(!row[str_of(&field, "/field")].is_null(), "{field} {row}");
            }
        }
    }
}

#[test]
fn choices_allow_every_stored_value() {
    let content = content();
    for field in values(&demo().fields)
        .iter()
        .filter(|field| field["meta"]["interface"] == "select-dropdown")
    {
        let choices = field["meta"]["options"]["choices"].as_array().unwrap();
        for row in &content[str_of(field, "/collection")] {
            let value = &row[str_of(field, "/field")];
            assert!(
                choices.iter().any(|choice| &choice["value"] == value),
                "{field} {value}"
            );
        }
    }
}

#[test]
fn slugs_are_unique_and_well_formed() {
    for (collection, rows) in content() {
        let mut seen = BTreeSet::new();
        for slug in rows.iter().filter_map(|row| row.get("slug")) {
            let slug = slug.as_str().unwrap();
            assert!(seen.insert(slug), "{collection}: {slug}");
            assert!(
                slug.split('-').all(|part| {
                    !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
                }),
                "{slug}"
            );
        }
    }
}

#[test]
fn permissions_name_existing_policies_collections_and_fields() {
    // System collections have no field files; these are the fields the demo speaks of.
    let mut known = fields_by_collection();
    let user = ["id", "first_name", "last_name", "status"].map(str::to_owned);
    known.insert("directus_users".to_owned(), BTreeSet::from(user));
    let relations = values(&demo().relations);
    let policies = keys(&system("directus_policies"));
    for permission in system("directus_permissions") {
        let collection = str_of(&permission, "/collection");
        let there = known.get(collection).unwrap_or_else(|| panic!("{permission}"));
        assert!(policies.contains(&permission["policy"].to_string()), "{permission}");
        assert!(["create", "read", "update", "delete"].contains(&str_of(&permission, "/action")));
        for field in permission["fields"].as_array().unwrap() {
            assert!(
                field == "*" || there.contains(field.as_str().unwrap()),
                "{field} in {permission}"
            );
        }
        for field in permission["presets"].as_object().into_iter().flatten() {
            assert!(there.contains(field.0), "{permission}");
        }
        let mut named = Vec::new();
        mentioned(&permission["permissions"], collection, &relations, &mut named);
        mentioned(&permission["validation"], collection, &relations, &mut named);
        for (collection, field) in named {
            assert!(
                known[&collection].contains(&field),
                "{collection}.{field} in {permission}"
            );
        }
    }
}

#[test]
fn the_public_reads_published_posts_and_nothing_else() {
    let permissions = system("directus_permissions");
    let public = permissions.iter().filter(|p| p["policy"] == PUBLIC).collect::<Vec<_>>();
    let [only] = public[..] else { panic!("{public:?}") };
    assert_eq!(
        (only["collection"].as_str(), only["action"].as_str()),
        (Some("posts"), Some("read"))
    );
    assert_eq!(only["permissions"], json!({"_and": [{"status": {"_eq": "published"}}]}));
    let fields = only["fields"].as_array().unwrap();
    assert!(!fields.is_empty() && fields.iter().all(|field| field != "*" && field != "review_note"));
}

#[test]
fn approval_takes_two_people() {
    let policies = system("directus_policies");
    let policy = |start: &str| {
        policies
            .iter()
            .find(|p| str_of(p, "/name").starts_with(start))
            .map(|p| p["id"].clone())
            .unwrap()
    };
    let (guest, manager) = (policy("Guest Author"), policy("Content Manager"));
    let mut guest_writes = Vec::new();
    for permission in system("directus_permissions") {
        let writes = ["create", "update", "delete"].contains(&str_of(&permission, "/action"));
        if permission["policy"] == guest && writes {
            guest_writes.push(str_of(&permission, "/action").to_owned());
            assert_eq!(permission["collection"], "posts");
            assert_eq!(
                permission["validation"],
                json!({"_and": [{"status": {"_in": ["draft", "review"]}}]})
            );
            assert!(
                !permission["fields"]
                    .as_array()
                    .unwrap()
                    .contains(&json!("user_created"))
            );
        }
        if permission["policy"] == manager {
            assert_ne!(permission["collection"], "page_analytics");
        }
    }
    assert_eq!(guest_writes, ["create", "update"]);
}

#[test]
fn accounts_have_roles_and_no_secrets() {
    let role_rows = system("directus_roles");
    let roles = keys(&role_rows);
    let policies = keys(&system("directus_policies"));
    let access = system("directus_access");
    for row in &access {
        assert!(row["role"].is_null() || roles.contains(&row["role"].to_string()));
        assert!(policies.contains(&row["policy"].to_string()));
    }
    assert_eq!(access.iter().filter(|row| row["role"].is_null()).count(), 1);
    let users = system("directus_users");
    for user in &users {
        assert!(roles.contains(&user["role"].to_string()));
        assert!(user["password"].is_null() && user["token"].is_null(), "{user}");
        assert!(
            user["email"]
                .as_str()
                .is_none_or(|email| email.ends_with("@example.com"))
        );
    }
    assert_eq!(users.iter().filter(|user| user["email"].is_null()).count(), 1);
    for role in &role_rows {
        assert!(users.iter().any(|user| user["role"] == role["id"]), "{role}");
    }
    for preset in system("directus_presets") {
        assert!(fields_by_collection().contains_key(str_of(&preset, "/collection")));
    }
    assert!(demo().settings.is_some());
}
