//! Paths, methods, and what leads nowhere.
use aedile_engine::Code;
use axum::http::Method;

use super::{Run, Table};
use crate::routes;

/// The variable segments of what serves a request; none when nothing does.
fn find(method: &str, path: &str) -> Option<Vec<String>> {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let found = routes::table().find(&method, path).unwrap()?;
    Some(found.params.into_iter().map(|(_, value)| value).collect())
}

fn served(method: &str, path: &str) -> bool {
    find(method, path).is_some()
}

#[test]
fn fixed_parts_are_not_case_sensitive_and_a_last_slash_is_passed_over() {
    for path in [
        "/items/notes",
        "/items/notes/",
        "/ITEMS/notes",
        "/Users",
        "/users/ME/",
        "/robots.txt",
        "/",
    ] {
        assert!(served("GET", path), "{path}");
    }
    assert_eq!(find("GET", "/Items/Notes").unwrap(), ["Notes"]);
}

#[test]
fn what_is_no_route_is_not_served() {
    for path in [
        "",
        "items/notes",
        "*",
        "/items",
        "/items/",
        "//items//notes",
        "/items/notes//",
        "/items//1",
        "/items/notes/1/name",
        "/nowhere",
    ] {
        assert!(!served("GET", path), "{path}");
    }
}

#[test]
fn an_open_end_takes_whatever_follows() {
    for path in [
        "/admin",
        "/admin/",
        "/ADMIN/assets/x.js",
        "/admin//",
        "/admin/content/posts/1/%zz",
    ] {
        assert!(served("GET", path), "{path}");
        assert!(!served("POST", path), "{path}");
    }
    assert!(!served("GET", "/administrator"));
}

#[test]
fn methods_are_part_of_a_route() {
    for (method, path) in [
        ("PUT", "/items/notes"),
        ("POST", "/items/notes/1"),
        ("SEARCH", "/items/notes/1"),
        ("TRACE", "/items/notes"),
        ("POST", "/server/ping"),
        ("GET", "/auth/login"),
        ("POST", "/settings"),
        ("POST", "/activity"),
        ("PATCH", "/revisions/1"),
        ("DELETE", "/settings"),
        ("GET", "/settings/1"),
        ("DELETE", "/auth/login/default"),
    ] {
        assert!(!served(method, path), "{method} {path}");
    }
    for (method, path) in [
        ("HEAD", "/items/notes"),
        ("SEARCH", "/items/notes"),
        ("PATCH", "/settings"),
        ("SEARCH", "/activity"),
        ("POST", "/auth/login/directory"),
    ] {
        assert!(served(method, path), "{method} {path}");
    }
}

#[test]
fn every_resource_has_its_seven() {
    for root in [
        "users",
        "roles",
        "policies",
        "permissions",
        "access",
        "presets",
        "versions",
        "files",
        "shares",
        "operations",
    ] {
        for method in ["GET", "SEARCH", "POST", "PATCH", "DELETE"] {
            assert!(served(method, &format!("/{root}")), "{method} {root}");
        }
        for method in ["GET", "PATCH", "DELETE"] {
            assert_eq!(find(method, &format!("/{root}/7")).unwrap(), ["7"], "{method} {root}");
        }
    }
}

#[test]
fn what_is_fixed_comes_before_what_a_key_may_stand_for() {
    for path in ["/users/me", "/permissions/me", "/roles/me"] {
        assert_eq!(find("GET", path).unwrap(), Vec::<String>::new(), "{path}");
    }
    assert_eq!(find("DELETE", "/users/me").unwrap(), ["me"]);
}

#[test]
fn variable_parts_are_decoded_once_and_malformed_ones_refused() {
    assert_eq!(
        find("GET", "/items/notes/%2e%2e%2fnotes").unwrap(),
        ["notes", "../notes"]
    );
    assert_eq!(find("GET", "/items/a%2541").unwrap(), ["a%41"]);
    assert_eq!(find("GET", "/items/%00").unwrap(), ["\0"]);
    for path in ["/items/notes/1%ZZ", "/items/%", "/items/%4", "/items/%ff"] {
        let refused = routes::table().find(&Method::GET, path).err().unwrap();
        assert_eq!(refused.code(), Code::InvalidQuery, "{path}");
    }
}

#[test]
fn options_tell_the_methods_of_a_path() {
    let table = routes::table();
    assert_eq!(
        table.methods("/items/notes").unwrap(),
        "POST,SEARCH,GET,HEAD,PATCH,DELETE"
    );
    assert_eq!(table.methods("/server/ping").unwrap(), "GET,HEAD");
    assert!(table.methods("/nowhere").is_none());
}

#[test]
fn only_what_needs_no_caller_is_open() {
    let table: Table = routes::table();
    let open = |path: &str| matches!(table.find(&Method::GET, path).unwrap().unwrap().run, Run::Open(_));
    assert!(open("/") && open("/robots.txt") && open("/server/ping") && open("/admin"));
    assert!(!open("/studio/boot") && !open("/studio/changes"));
    assert!(!open("/server/info") && !open("/server/health") && !open("/auth"));
    let count = table
        .0
        .values()
        .flatten()
        .filter(|route| matches!(route.run, Run::Open(_)))
        .count();
    assert_eq!(count, 4);
}

#[test]
fn every_route_is_told() {
    let told: Vec<String> = routes::table()
        .patterns()
        .into_iter()
        .map(|route| format!("{} {} {}", route.method, route.path, route.collection.unwrap_or("-")))
        .collect();
    for expected in [
        "GET / -",
        "GET /items/:collection/:key -",
        "SEARCH /items/:collection -",
        "PATCH /users/:key directus_users",
        "GET /users/me -",
    ] {
        assert!(told.iter().any(|line| line == expected), "{expected}");
    }
    let all: usize = routes::table().0.values().map(Vec::len).sum();
    assert_eq!(told.len(), all);
}
