//! The table is found in the sources as they are.

use super::{Route, in_source, routes};

fn route(method: &str, path: &str) -> Route {
    Route {
        method: method.to_owned(),
        path: path.to_owned(),
    }
}

#[test]
fn lines_stand_alone_or_below_roots() {
    let text = r#"const R: X = [("users", "directus_users")]; routes![ Get "" => list, Patch "/:key" => update, Post "/auth/login" => login, ]"#;
    let expected = [
        route("GET", "/users"),
        route("PATCH", "/users/:key"),
        route("POST", "/auth/login"),
    ];
    assert_eq!(in_source(text).unwrap(), expected);
}

#[test]
fn the_servers_own_table_is_read() {
    let routes = routes().unwrap();
    for expected in [
        route("GET", "/items/:collection"),
        route("DELETE", "/users/:key"),
        route("GET", "/server/info"),
    ] {
        assert!(routes.contains(&expected), "{expected:?}");
    }
}
