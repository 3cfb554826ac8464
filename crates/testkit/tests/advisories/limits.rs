//! Work without an end and text taken for code (GHSA-632p-p495-25m5, GHSA-gwvv-rr68-cmv6, GHSA-xw72-c69j-h2rj,
//! GHSA-chfm-g7r3-vv42, GHSA-g27j-74fp-xfpr): what is malformed or too much is refused, and the next request is served.

use aedile_testkit::fixture::{ADMIN, PUBLIC, Project};
use serde_json::{Value, json};

#[test]
fn ghsa_632p_p495_25m5_a_random_string_has_a_length() {
    let p = Project::new();
    for length in ["foo", "-1", "0", "501", "1e9", "NaN", "", "99999999999999999999"] {
        p.get(PUBLIC, &format!("/utils/random/string?length={length}")).is(400);
    }
    assert_eq!(
        p.get(PUBLIC, "/utils/random/string?length=500")
            .ok()
            .at("")
            .as_str()
            .map(str::len),
        Some(500)
    );
    p.post(
        PUBLIC,
        "/auth/login",
        json!({ "email": "admin@example.com", "password": "password" }),
    )
    .ok();
}

#[test]
fn ghsa_gwvv_rr68_cmv6_names_of_other_languages_are_names() {
    let p = Project::new();
    p.collection("notes", &[("text", "string")]);
    p.post(ADMIN, "/items/notes", json!({ "text": "one" })).ok();
    for name in ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"] {
        for query in [
            format!("deep[{name}][_limit]=1"),
            format!("filter[{name}][_eq]=1"),
            format!("alias[{name}]=text"),
            format!("fields={name}"),
            format!("deep[{name}][{name}][_filter][x][_eq]=1"),
        ] {
            assert!(p.get(ADMIN, &format!("/items/notes?{query}")).status < 500, "{query}");
        }
        assert!(p.post(ADMIN, "/items/notes", json!({ name: { "x": 1 } })).status < 500);
        assert_eq!(p.get(ADMIN, "/items/notes/1").ok().at("/text"), "one");
    }
}

#[test]
fn class_do_what_is_nested_or_repeated_too_much_is_refused() {
    let p = Project::new();
    p.collection("notes", &[("text", "string")]);
    let deep = |depth: usize, inner: Value| (0..depth).fold(inner, |inner, _| json!({ "_and": [inner] }));
    let leaf = json!({ "text": { "_eq": "x" } });
    for depth in [20, 100, 500] {
        let reply = p.ask(
            ADMIN,
            "SEARCH",
            "/items/notes",
            json!({ "query": { "filter": deep(depth, leaf.clone()) } }),
        );
        assert!(
            reply.status == 400 || depth < 500 && reply.status == 200,
            "{depth}: {}",
            reply.status
        );
    }
    let wide = Value::Array(
        (0..20_000)
            .map(|n| json!({ "text": { "_eq": n.to_string() } }))
            .collect(),
    );
    let told = p.ask(
        ADMIN,
        "SEARCH",
        "/items/notes",
        json!({ "query": { "filter": { "_or": wide } } }),
    );
    assert!(told.status < 500, "{} {}", told.status, told.text);
    let nested = (0..200).fold(json!(1), |inner, _| json!([inner]));
    p.denied(ADMIN, "POST", "/items/notes", nested);
    let fields = vec!["text"; 20_000].join(",");
    assert!(
        p.ask(
            ADMIN,
            "SEARCH",
            "/items/notes",
            json!({ "query": { "fields": fields } })
        )
        .status
            < 500
    );
    p.get(ADMIN, "/items/notes").ok();
}

#[test]
fn ghsa_xw72_c69j_h2rj_a_hash_has_a_price_that_others_do_not_set() {
    let p = Project::new();
    let dear = "$argon2id$v=19$m=4194304,t=64,p=8$c29tZXNhbHRzb21lc2FsdA$4fQ8e3O0o3o0mZk2p0o3o0mZk2p0o3o0mZk2p0o3o0k";
    let started = std::time::Instant::now();
    let told = p.post(PUBLIC, "/utils/hash/verify", json!({ "string": "x", "hash": dear }));
    assert!(
        told.status == 400 || told.at("") == json!(false),
        "{} {}",
        told.status,
        told.text
    );
    p.post(
        PUBLIC,
        "/utils/hash/generate",
        json!({ "string": "x".repeat(1_000_000) }),
    )
    .is(400);
    assert!(started.elapsed().as_secs() < 5);
}

/// Names, types and values are never text of a statement.
#[test]
fn class_sq_ghsa_chfm_g7r3_vv42_nothing_that_is_sent_is_a_statement() {
    let p = Project::new();
    p.collection("notes", &[("text", "string")]);
    p.post(ADMIN, "/items/notes", json!({ "text": "one" })).ok();
    for hostile in [
        "x\"; drop table notes; --",
        "x'); delete from notes; --",
        "x` or 1=1",
        "geometry.Point); drop table notes; --",
        "text\" = \"text",
        "\u{0}",
    ] {
        for (method, target, body) in [
            (
                "POST",
                "/collections",
                json!({ "collection": hostile, "schema": {}, "meta": {} }),
            ),
            (
                "POST",
                "/collections",
                json!({ "collection": "other", "schema": {}, "meta": {}, "fields": [{ "field": hostile, "type": "string", "schema": {} }] }),
            ),
            (
                "POST",
                "/fields/notes",
                json!({ "field": hostile, "type": "string", "schema": {} }),
            ),
            (
                "POST",
                "/fields/notes",
                json!({ "field": "other", "type": hostile, "schema": {} }),
            ),
            (
                "POST",
                "/fields/notes",
                json!({ "field": "other", "type": "string", "schema": { "data_type": hostile, "max_length": hostile } }),
            ),
            (
                "POST",
                "/relations",
                json!({ "collection": "notes", "field": hostile, "related_collection": "notes" }),
            ),
        ] {
            let reply = p.ask(ADMIN, method, target, body.clone());
            assert!(reply.status < 500, "{method} {target} {body}: {}", reply.text);
            assert_eq!(p.stored("select count(*) from notes"), "1", "{body}");
        }
        for query in ["fields", "sort", "groupBy", "search", "aggregate[count]", "alias[x]"] {
            assert!(
                p.get(ADMIN, &format!("/items/notes?{query}={hostile}")).status < 500,
                "{query}={hostile}"
            );
            assert!(
                p.get(ADMIN, &format!("/items/notes?filter[text][_contains]={hostile}"))
                    .status
                    < 500
            );
            assert!(p.get(ADMIN, &format!("/items/notes?filter[{hostile}][_eq]=1")).status < 500);
        }
    }
    assert_eq!(p.get(ADMIN, "/items/notes/1?fields=text").ok().at("/text"), "one");
}

/// Other sites may not read answers unless the operator names them.
#[test]
fn class_cf_ghsa_g27j_74fp_xfpr_other_origins_are_closed() {
    let p = Project::new();
    for method in ["GET", "OPTIONS", "POST"] {
        let headers = "Origin: https://evil.example.com\r\nAccess-Control-Request-Method: POST\r\n";
        let told = p.ask_from(PUBLIC, headers, method, "/users", &Value::Null).whole();
        assert!(
            !told.to_lowercase().contains("access-control-allow-origin"),
            "{method}: {told}"
        );
    }
}
