//! Incomplete evaluation of rules (GHSA-hxgm-ghmv-xjjm, GHSA-99vm-5v2h-h6r6), second doors to the same rows, callers
//! taken for somebody else (GHSA-97xr-jchp-xm3c, GHSA-849r-qrwj-8rv4), and answers kept for others (GHSA-c6w9-5g5j-jh2p).

use aedile_testkit::fixture::{ADMIN, PUBLIC, Project, id, may, may_where};
use serde_json::{Value, json};

fn notes() -> Project {
    let p = Project::new();
    p.collection("notes", &[("text", "string"), ("state", "string"), ("owner", "uuid")]);
    let rows = json!([{ "text": "one", "state": "open" }, { "text": "two", "state": "closed" }]);
    p.post(ADMIN, "/items/notes", rows).ok();
    p
}

/// An empty list holds for nothing, negated or not.
#[test]
fn class_in_ghsa_hxgm_ghmv_xjjm_an_empty_list_grants_nothing() {
    let p = notes();
    let rules = [
        json!({ "state": { "_in": [] } }),
        json!({ "state": { "_nin": [] } }),
        json!({ "state": { "_in": "$CURRENT_ROLES" } }),
        json!({ "state": { "_nin": "$CURRENT_ROLES" } }),
        json!({ "_and": [] }),
        json!({ "_or": [] }),
        json!({ "_and": [{ "_or": [] }] }),
        json!({ "id": { "_in": "$CURRENT_ROLES" } }),
        json!({ "_and": [{ "state": { "_in": [] } }, { "text": { "_nnull": true } }] }),
    ];
    for (i, rule) in rules.into_iter().enumerate() {
        let every = ["read", "update", "delete"].map(|action| may_where("notes", action, &["*"], rule.clone()));
        let made = p.post(ADMIN, "/policies", json!({ "name": "p", "permissions": every }));
        if made.status == 400 {
            continue;
        }
        let name = format!("user{i}");
        p.user(&name, &[&id(&made.ok())]);
        let token = format!("{name}-token");
        let seen = p.get(&token, "/items/notes");
        assert!(seen.status == 403 || seen.at("") == json!([]), "{rule}: {}", seen.text);
        p.denied(&token, "PATCH", "/items/notes/1", json!({ "text": "x" }));
        p.denied(&token, "DELETE", "/items/notes/1", Value::Null);
        p.patch(&token, "/items/notes", json!({ "query": {}, "data": { "text": "x" } }));
        p.delete(&token, "/items/notes", json!({ "query": {} }));
        assert_eq!(p.stored("select group_concat(text) from notes"), "one,two", "{rule}");
    }
}

#[test]
fn a_rule_that_can_not_be_understood_is_refused() {
    let p = notes();
    let policy = p.policy("p", json!([]));
    for rule in [
        json!({ "owner": { "_eq": "$CURENT_USER" } }),
        json!({ "owner": { "_eq": "$CURRENT_USERS" } }),
        json!({ "state": { "_equals": "open" } }),
        json!({ "_and": { "state": { "_eq": "open" } } }),
        json!("{\"state\": "),
        json!(["state"]),
        json!(7),
    ] {
        for part in ["permissions", "validation"] {
            let mut row = json!({ "policy": policy, "collection": "notes", "action": "read", "fields": ["*"] });
            row[part] = rule.clone();
            p.denied(ADMIN, "POST", "/permissions", row).is(400);
        }
    }
    for pattern in ["(", "(?=a)", "(a)\\1", "a\\"] {
        let validation = json!({ "_and": [{ "state": { "_regex": pattern } }] });
        let row = json!({ "policy": policy, "collection": "notes", "action": "create", "fields": ["*"], "validation": validation });
        p.denied(ADMIN, "POST", "/permissions", row).is(400);
    }
    let unknown = json!({ "policy": policy, "collection": "notes", "action": "everything", "fields": ["*"] });
    p.denied(ADMIN, "POST", "/permissions", unknown).is(400);
    p.denied(ADMIN, "PATCH", "/users/me", json!({ "status": "whatever" }))
        .is(400);
}

/// What two permissions allow is not allowed by both together: each field for the rows of its own rule.
#[test]
fn ghsa_99vm_5v2h_h6r6_fields_are_granted_row_by_row() {
    let p = notes();
    let state = |state: &str| json!({ "state": { "_eq": state } });
    p.user_who(
        "ann",
        json!([
            may("notes", "read", &["*"]),
            may_where("notes", "update", &["text"], state("open")),
            may_where("notes", "update", &["owner"], state("closed")),
        ]),
    );
    let owner = "00000000-0000-0000-0000-000000000001";
    p.refused("ann-token", "PATCH", "/items/notes/1", json!({ "owner": owner }));
    p.refused("ann-token", "PATCH", "/items/notes/2", json!({ "text": "x" }));
    p.refused(
        "ann-token",
        "PATCH",
        "/items/notes/1",
        json!({ "text": "x", "owner": owner }),
    );
    p.refused(
        "ann-token",
        "PATCH",
        "/items/notes",
        json!({ "keys": [1, 2], "data": { "text": "x" } }),
    );
    p.refused(
        "ann-token",
        "PATCH",
        "/items/notes",
        json!([{ "id": 1, "text": "x" }, { "id": 2, "text": "x" }]),
    );
    p.refused(
        "ann-token",
        "PATCH",
        "/items/notes",
        json!({ "query": {}, "data": { "text": "x" } }),
    );
    p.patch("ann-token", "/items/notes/1", json!({ "text": "mine" })).ok();
}

/// The same act has the same verdict through every door (GHSA-qqmv-5p3g-px89, GHSA-7p53-c7p5-8j2j).
#[test]
fn class_pb_every_door_has_the_same_verdict() {
    let p = notes();
    p.relation("notes", "of", "directus_users", Some("notes"));
    p.user_who(
        "ann",
        json!([
            may_where("notes", "read", &["*"], json!({ "state": { "_eq": "open" } })),
            may_where("notes", "update", &["*"], json!({ "state": { "_eq": "open" } })),
            may_where("notes", "delete", &["*"], json!({ "state": { "_eq": "open" } })),
            may("notes", "create", &["*"]),
            may("directus_revisions", "read", &["*"]),
            may("directus_users", "update", &["*"]),
            may("directus_users", "read", &["id"]),
        ]),
    );
    p.patch(ADMIN, "/items/notes/2", json!({ "text": "x" })).ok();
    let revision = p.get("ann-token", "/revisions?filter[item][_eq]=2&limit=1").at("/0/id");
    assert!(revision.is_number());
    p.refused("ann-token", "POST", &format!("/utils/revert/{revision}"), Value::Null);
    for text in ["id,text\n2,x\n", "id,text\n,new\n2,x\n", "id,of.first_name\n2,x\n"] {
        let file = json!({ "form": { "file": { "name": "a.csv", "type": "text/csv", "text": text } } });
        p.refused("ann-token", "POST", "/utils/import/notes", file);
    }
    let second = json!({ "filter": { "id": { "_eq": 2 } } });
    p.get("ann-token", "/items/notes/2").forbidden();
    assert_eq!(p.get("ann-token", "/items/notes?filter[id][_eq]=2").at(""), json!([]));
    assert_eq!(
        p.ask("ann-token", "SEARCH", "/items/notes", json!({ "query": second }))
            .at(""),
        json!([])
    );
    p.refused("ann-token", "PATCH", "/items/notes/2", json!({ "text": "x" }));
    p.refused(
        "ann-token",
        "PATCH",
        "/items/notes",
        json!({ "keys": [2], "data": { "text": "x" } }),
    );
    p.refused("ann-token", "PATCH", "/items/notes", json!([{ "id": 2, "text": "x" }]));
    for change in [
        json!([{ "id": 2, "text": "x" }]),
        json!([2]),
        json!({ "update": [{ "id": 2, "text": "x" }], "create": [], "delete": [] }),
    ] {
        p.refused("ann-token", "PATCH", "/users/me", json!({ "notes": change }));
    }
    p.refused("ann-token", "DELETE", "/items/notes/2", Value::Null);
    p.refused("ann-token", "DELETE", "/items/notes", json!([1, 2]));
    p.refused("ann-token", "DELETE", "/items/notes", json!({ "keys": [2] }));
    for token in ["ann-token", ADMIN, PUBLIC] {
        for collection in [
            "directus_users",
            "directus_permissions",
            "directus_settings",
            "aedile_meta",
            "sqlite_schema",
        ] {
            p.get(token, &format!("/items/{collection}")).forbidden();
            p.refused(token, "POST", &format!("/items/{collection}"), json!({ "id": 1 }));
            p.refused(token, "PATCH", &format!("/items/{collection}/1"), json!({ "id": 1 }));
            p.refused(token, "DELETE", &format!("/items/{collection}/1"), Value::Null);
        }
    }
}

/// A caller who can not be known is nobody, and never everybody.
#[test]
fn class_na_ghsa_97xr_jchp_xm3c_ghsa_849r_qrwj_8rv4_an_unknown_caller_is_refused() {
    let p = notes();
    let policy = "abf8a154-5b1c-4a46-ac9c-7300570f4f17";
    p.post(
        ADMIN,
        "/permissions",
        json!({ "policy": policy, "collection": "notes", "action": "read", "fields": ["id"] }),
    )
    .ok();
    p.get(PUBLIC, "/items/notes").ok();
    for token in [
        "nobodys-token",
        "null",
        "undefined",
        "eyJhbGciOiJub25lIn0.e30.",
        "a.b.c",
    ] {
        assert!(matches!(p.get(token, "/items/notes").status, 401 | 403), "{token}");
        assert_eq!(
            p.get("", &format!("/items/notes?access_token={token}")).status / 100,
            4,
            "{token}"
        );
        assert!(matches!(
            p.denied(token, "POST", "/items/notes", json!({ "text": "x" })).status,
            401 | 403
        ));
    }
    for headers in [
        "Authorization: Bearer \r\n",
        "Authorization: Basic YWRtaW46YWRtaW4=\r\n",
        "Authorization: admin\r\n",
        "Cookie: directus_session_token=x\r\n",
    ] {
        let told = p.ask_from("", headers, "GET", "/users", &Value::Null);
        assert!(matches!(told.status, 400..=403), "{headers}: {}", told.text);
    }
    // What is granted to the public makes nobody an administrator.
    p.patch(
        ADMIN,
        &format!("/policies/{policy}"),
        json!({ "admin_access": true, "app_access": true }),
    )
    .ok();
    p.get(PUBLIC, "/users").forbidden();
    assert!(!p.get(PUBLIC, "/items/notes").ok().text.contains("text"));
}

/// Answers are never those of somebody else who asked for the same, from wherever they asked.
#[test]
fn class_ck_ghsa_c6w9_5g5j_jh2p_answers_are_everybodys_own() {
    let p = Project::with(&[("CACHE_ENABLED", "true"), ("CACHE_STORE", "memory")]);
    p.collection("notes", &[("text", "string"), ("state", "string")]);
    p.post(
        ADMIN,
        "/items/notes",
        json!([{ "text": "one", "state": "a" }, { "text": "two", "state": "b" }]),
    )
    .ok();
    for state in ["a", "b"] {
        let rule = json!({ "state": { "_eq": state } });
        p.user_who(
            &format!("user-{state}"),
            json!([may_where("notes", "read", &["*"], rule)]),
        );
    }
    let tokens = [ADMIN, "user-a-token", "user-b-token", PUBLIC];
    let told: Vec<String> = tokens
        .map(|token| p.get(token, "/items/notes?fields=text").text)
        .to_vec();
    for one in 0..tokens.len() {
        for other in 0..tokens.len() {
            p.get(tokens[one], "/items/notes?fields=text");
            assert_eq!(
                p.get(tokens[other], "/items/notes?fields=text").text,
                told[other],
                "{one} then {other}"
            );
            assert!(one == other || told[one] != told[other]);
        }
    }
}

/// Where a request says it comes from does not matter unless the operator trusts who says so.
#[test]
fn a_policy_bound_to_addresses_counts_from_there_alone() {
    let p = notes();
    let body = json!({ "name": "near", "ip_access": ["10.1.2.3"], "admin_access": true });
    let near = id(&p.post(ADMIN, "/policies", body).ok());
    p.user("ann", &[&near]);
    for header in [
        "",
        "X-Forwarded-For: 10.1.2.3\r\n",
        "X-Real-IP: 10.1.2.3\r\n",
        "Forwarded: for=10.1.2.3\r\n",
        "CF-Connecting-IP: 10.1.2.3\r\n",
    ] {
        p.ask_from("ann-token", header, "GET", "/items/notes", &Value::Null)
            .forbidden();
    }
    let p = Project::with(&[("IP_TRUST_PROXY", "true")]);
    let near = id(&p
        .post(
            ADMIN,
            "/policies",
            json!({ "name": "near", "ip_access": ["10.1.2.3"], "admin_access": true }),
        )
        .ok());
    p.user("ann", &[&near]);
    p.ask_from("ann-token", "", "GET", "/policies", &Value::Null)
        .forbidden();
    p.ask_from(
        "ann-token",
        "X-Forwarded-For: 10.1.2.3\r\n",
        "GET",
        "/policies",
        &Value::Null,
    )
    .ok();
    p.ask_from(
        "ann-token",
        "X-Forwarded-For: 10.1.2.4\r\n",
        "GET",
        "/policies",
        &Value::Null,
    )
    .forbidden();
    p.ask_from("ann-token", "", "GET", "/policies", &Value::Null)
        .forbidden();
}
