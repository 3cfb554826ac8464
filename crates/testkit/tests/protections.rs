//! What no permission, policy or setting can switch off: the last administrator, the public policy, the schema's own
//! gatekeeper, and what follows from the end of a role or a field. Each in every way that leads there.

#[cfg(test)]
mod protections {
    use aedile_testkit::fixture::{ADMIN, PUBLIC, Project, id, may, may_where, text};
    use serde_json::{Value, json};

    const PUBLIC_POLICY: &str = "abf8a154-5b1c-4a46-ac9c-7300570f4f17";

    fn changes(name: &str, part: &str, items: Value) -> Value {
        let mut lists = json!({ "create": [], "update": [], "delete": [] });
        lists[part] = items;
        json!({ name: lists })
    }

    #[test]
    fn the_last_administrator_stays_in_every_way() {
        let p = Project::new();
        let [me, role, policy, row] = p.administrator();
        let by_id = |key: &str| json!({ "query": { "filter": { "id": { "_eq": key } } } });
        let (user, of_role) = (format!("/users/{me}"), format!("/roles/{role}"));
        let (of_policy, attached) = (format!("/policies/{policy}"), format!("/access/{row}"));
        let ways = [
            ("DELETE", user.as_str(), Value::Null),
            ("DELETE", "/users", json!([me])),
            ("DELETE", "/users", json!({ "keys": [me] })),
            ("DELETE", "/users", by_id(&me)),
            ("PATCH", &user, json!({ "status": "suspended" })),
            ("PATCH", &user, json!({ "status": "invited" })),
            ("PATCH", &user, json!({ "role": null })),
            ("PATCH", &user, json!({ "role": { "name": "nothing" } })),
            ("PATCH", "/users/me", json!({ "status": "archived" })),
            (
                "PATCH",
                "/users",
                json!({ "keys": [me], "data": { "status": "draft" } }),
            ),
            ("PATCH", "/users", json!([{ "id": me, "role": null }])),
            (
                "PATCH",
                "/users",
                json!({ "query": {}, "data": { "status": "unverified" } }),
            ),
            ("DELETE", &of_role, Value::Null),
            ("DELETE", "/roles", json!([role])),
            ("DELETE", "/roles", by_id(&role)),
            ("PATCH", &of_role, json!({ "users": [] })),
            ("PATCH", &of_role, changes("users", "delete", json!([me]))),
            (
                "PATCH",
                &of_role,
                changes("users", "update", json!([{ "id": me, "status": "suspended" }])),
            ),
            ("PATCH", &of_role, json!({ "policies": [] })),
            ("PATCH", &of_role, changes("policies", "delete", json!([row]))),
            (
                "PATCH",
                &of_role,
                changes(
                    "policies",
                    "update",
                    json!([{ "id": row, "policy": { "id": policy, "admin_access": false } }]),
                ),
            ),
            ("DELETE", &of_policy, Value::Null),
            ("DELETE", "/policies", json!([policy])),
            ("DELETE", "/policies", by_id(&policy)),
            ("PATCH", &of_policy, json!({ "admin_access": false })),
            ("PATCH", &of_policy, json!({ "roles": [] })),
            ("PATCH", "/policies", json!([{ "id": policy, "admin_access": false }])),
            (
                "PATCH",
                "/policies",
                json!({ "keys": [policy], "data": { "admin_access": false } }),
            ),
            ("DELETE", &attached, Value::Null),
            ("DELETE", "/access", json!([row])),
            ("PATCH", &attached, json!({ "role": null })),
            ("PATCH", &attached, json!({ "policy": { "name": "nothing" } })),
            ("PATCH", &attached, json!({ "role": { "name": "nobody's" } })),
        ];
        for (method, target, body) in ways {
            let denied = p.denied(ADMIN, method, target, body.clone());
            assert_eq!(denied.code(), "UNPROCESSABLE_CONTENT", "{method} {target} {body}");
        }
    }

    #[test]
    fn the_last_administrator_below_another_role_stays() {
        let p = Project::new();
        let [me, role, policy, _] = p.administrator();
        let below = id(&p.post(ADMIN, "/roles", json!({ "name": "below", "parent": role })).ok());
        p.patch(ADMIN, &format!("/users/{me}"), json!({ "role": below })).ok();
        for (method, target, body) in [
            ("PATCH", format!("/roles/{below}"), json!({ "parent": null })),
            (
                "PATCH",
                format!("/roles/{below}"),
                json!({ "parent": { "name": "other" } }),
            ),
            ("PATCH", format!("/roles/{role}"), json!({ "children": [] })),
            ("DELETE", format!("/roles/{role}"), Value::Null),
            ("DELETE", format!("/roles/{below}"), Value::Null),
        ] {
            p.denied(ADMIN, method, &target, body).is(422);
        }
        let second = p.user("second", &[&policy]);
        p.delete(ADMIN, &format!("/users/{second}"), Value::Null).ok();
        p.denied(ADMIN, "DELETE", "/users/me", Value::Null);
    }

    #[test]
    fn addresses_can_not_lock_the_last_administrator_out() {
        let p = Project::new();
        let [_, _, policy, _] = p.administrator();
        let target = format!("/policies/{policy}");
        for list in [
            json!(["10.0.0.1"]),
            json!(["10.0.0.0/8", "192.168.0.1-192.168.0.9"]),
            json!(["::2"]),
        ] {
            p.denied(ADMIN, "PATCH", &target, json!({ "ip_access": list })).is(422);
            p.denied(
                ADMIN,
                "PATCH",
                "/policies",
                json!([{ "id": policy, "ip_access": list }]),
            )
            .is(422);
            p.denied(
                ADMIN,
                "PATCH",
                "/policies",
                json!({ "keys": [policy], "data": { "ip_access": list } }),
            )
            .is(422);
            let nested = json!({ "policy": { "id": policy, "ip_access": list } });
            let row = text(
                &p.get(ADMIN, &format!("/access?filter[policy][_eq]={policy}&fields=id"))
                    .at("/0/id"),
            );
            p.denied(ADMIN, "PATCH", &format!("/access/{row}"), nested).is(422);
        }
        p.patch(ADMIN, &target, json!({ "ip_access": ["127.0.0.0/8"] })).ok();
        p.patch(ADMIN, &target, json!({ "ip_access": null })).ok();
        // With a second administrator who gets in, the first may be kept to an address.
        let other = id(&p
            .post(ADMIN, "/policies", json!({ "name": "second", "admin_access": true }))
            .ok());
        p.user("second", &[&other]);
        p.patch(ADMIN, &target, json!({ "ip_access": ["10.0.0.1"] })).ok();
        p.get(ADMIN, "/policies").forbidden();
        p.denied(
            "second-token",
            "PATCH",
            &format!("/policies/{other}"),
            json!({ "ip_access": ["10.0.0.1"] }),
        )
        .is(422);
    }

    #[test]
    fn the_public_policy_stays_but_can_be_emptied() {
        let p = Project::new();
        p.post(
            ADMIN,
            "/permissions",
            json!({ "policy": PUBLIC_POLICY, "collection": "directus_roles", "action": "read", "fields": ["id"] }),
        )
        .ok();
        let row = text(
            &p.get(
                ADMIN,
                "/access?filter[role][_null]=true&filter[user][_null]=true&fields=id",
            )
            .at("/0/id"),
        );
        let query = json!({ "query": { "filter": { "id": { "_eq": PUBLIC_POLICY } } } });
        for (target, body) in [
            (format!("/policies/{PUBLIC_POLICY}"), Value::Null),
            (format!("/policies/{}", PUBLIC_POLICY.to_uppercase()), Value::Null),
            ("/policies".to_owned(), json!([PUBLIC_POLICY])),
            ("/policies".to_owned(), json!({ "keys": [PUBLIC_POLICY] })),
            ("/policies".to_owned(), query),
            (
                "/policies".to_owned(),
                json!({ "query": { "filter": { "admin_access": { "_eq": false } } } }),
            ),
        ] {
            let reply = p.denied(ADMIN, "DELETE", &target, body);
            assert!(
                reply.status == 422 || reply.status == 403,
                "{} {}",
                reply.status,
                reply.text
            );
        }
        p.get(PUBLIC, "/roles?fields=id").ok();
        let permissions = p
            .get(
                ADMIN,
                &format!("/permissions?filter[policy][_eq]={PUBLIC_POLICY}&fields=id"),
            )
            .at("/0/id");
        p.delete(ADMIN, &format!("/permissions/{permissions}"), Value::Null)
            .ok();
        p.get(PUBLIC, "/roles?fields=id").forbidden();
        p.delete(ADMIN, &format!("/access/{row}"), Value::Null).ok();
        assert_eq!(
            p.stored(&format!(
                "select count(*) from directus_policies where id = '{PUBLIC_POLICY}'"
            )),
            "1"
        );
    }

    #[test]
    fn the_end_of_a_role_suspends_its_users() {
        for way in ["one", "many", "query"] {
            let p = Project::new();
            p.collection("articles", &[("title", "string")]);
            let policy = p.policy("reader", json!([may("articles", "read", &["*"])]));
            let role = p.role("readers", &[&policy]);
            let child = id(&p.post(ADMIN, "/roles", json!({ "name": "child", "parent": role })).ok());
            let ann = p.user("ann", &[]);
            p.patch(ADMIN, &format!("/users/{ann}"), json!({ "role": role })).ok();
            p.get("ann-token", "/items/articles").ok();
            match way {
                "one" => p.delete(ADMIN, &format!("/roles/{role}"), Value::Null),
                "many" => p.delete(ADMIN, "/roles", json!([role])),
                _ => p.delete(
                    ADMIN,
                    "/roles",
                    json!({ "query": { "filter": { "name": { "_eq": "readers" } } } }),
                ),
            }
            .is(204);
            p.get("ann-token", "/items/articles").is(401);
            assert_eq!(
                p.stored("select status, role from directus_users where first_name = 'ann'"),
                "suspended|∅"
            );
            assert_eq!(
                p.stored(&format!("select parent from directus_roles where id = '{child}'")),
                "∅"
            );
            assert_eq!(
                p.stored(&format!("select count(*) from directus_access where role = '{role}'")),
                "0"
            );
        }
    }

    #[test]
    fn only_administrators_change_the_schema() {
        let p = Project::new();
        p.collection("articles", &[("title", "string")]);
        p.collection("authors", &[("name", "string")]);
        let collections = [
            "articles",
            "authors",
            "directus_collections",
            "directus_fields",
            "directus_relations",
        ];
        let all = collections.iter().flat_map(|collection| {
            ["create", "read", "update", "delete"].map(|action| may(collection, action, &["*"]))
        });
        p.user_who("builder", all.collect());
        let field = json!({ "field": "more", "type": "string", "meta": {}, "schema": {} });
        let relation = json!({ "collection": "articles", "field": "title", "related_collection": "authors" });
        for (method, target, body) in [
            (
                "POST",
                "/collections",
                json!({ "collection": "mine", "schema": {}, "meta": {} }),
            ),
            (
                "POST",
                "/collections",
                json!([{ "collection": "mine", "schema": {}, "meta": {} }]),
            ),
            ("PATCH", "/collections/articles", json!({ "meta": { "hidden": true } })),
            (
                "PATCH",
                "/collections",
                json!([{ "collection": "articles", "meta": { "hidden": true } }]),
            ),
            ("DELETE", "/collections/articles", Value::Null),
            ("POST", "/fields/articles", field.clone()),
            (
                "PATCH",
                "/fields/articles/title",
                json!({ "meta": { "special": ["conceal"] } }),
            ),
            (
                "PATCH",
                "/fields/articles",
                json!([{ "field": "title", "meta": { "hidden": true } }]),
            ),
            ("DELETE", "/fields/articles/title", Value::Null),
            ("POST", "/relations", relation.clone()),
            ("PATCH", "/relations/articles/title", json!({ "meta": {} })),
            ("DELETE", "/relations/articles/title", Value::Null),
            ("POST", "/schema/apply", json!({})),
            ("POST", "/items/directus_collections", json!({ "collection": "mine" })),
            ("PATCH", "/items/directus_fields/1", json!({ "special": null })),
        ] {
            for token in ["builder-token", PUBLIC] {
                let reply = p.denied(token, method, target, body.clone());
                assert!(
                    matches!(reply.status, 403 | 404),
                    "{method} {target}: {} {}",
                    reply.status,
                    reply.text
                );
            }
        }
    }

    /// GHSA-9x5g-62gj-wqf2: a permission on a field that is gone does not come back with a new field of its name.
    #[test]
    fn ghsa_9x5g_62gj_wqf2_a_permission_on_a_deleted_field_does_not_revive() {
        let p = Project::new();
        let secret = |p: &Project| {
            let field = json!({ "field": "secret", "type": "string", "meta": {}, "schema": {} });
            p.post(ADMIN, "/fields/articles", field).ok();
        };
        p.collection("articles", &[("title", "string")]);
        secret(&p);
        let rule = json!({ "secret": { "_eq": "open" } });
        let negated = json!({ "_or": [{ "secret": { "_null": true } }, { "title": { "_eq": "none" } }] });
        let validation = json!({ "collection": "articles", "action": "create", "fields": ["title"], "validation": { "secret": { "_null": true } } });
        let preset = json!({ "collection": "articles", "action": "create", "fields": ["title"], "presets": { "secret": "preset" } });
        p.user_who("fields", json!([may("articles", "read", &["id", "title", "secret"])]));
        p.user_who("rule", json!([may_where("articles", "read", &["id", "title"], rule)]));
        p.user_who(
            "negated",
            json!([may_where("articles", "read", &["id", "title"], negated)]),
        );
        p.user_who("validated", json!([validation]));
        p.user_who("preset", json!([preset, may("articles", "read", &["*"])]));
        p.post(ADMIN, "/items/articles", json!({ "title": "old", "secret": "open" }))
            .ok();
        assert_eq!(p.get("rule-token", "/items/articles").at("/0/title"), "old");
        p.collection("notes", &[("text", "string")]);
        p.relation("notes", "article", "articles", Some("notes"));
        let through = json!({ "article": { "secret": { "_eq": "open" } } });
        p.user_who("through", json!([may_where("notes", "read", &["*"], through)]));
        p.post(ADMIN, "/items/notes", json!({ "text": "a note", "article": 1 }))
            .ok();
        assert_eq!(p.get("through-token", "/items/notes").at("/0/text"), "a note");
        p.delete(ADMIN, "/fields/articles/secret", Value::Null).ok();
        for again in [false, true] {
            if again {
                secret(&p);
                p.post(ADMIN, "/items/articles", json!({ "title": "new", "secret": "open" }))
                    .ok();
            }
            p.get("fields-token", "/items/articles?fields=secret").forbidden();
            let seen = p.get("fields-token", "/items/articles").ok();
            assert!(!seen.text.contains("secret"), "{}", seen.text);
            assert!(!p.get("through-token", "/items/notes").text.contains("a note"));
            for token in ["rule-token", "negated-token"] {
                let seen = p.get(token, "/items/articles");
                assert!(!seen.text.contains("title"), "{again} {token}: {}", seen.text);
                let counted = p.get(token, "/items/articles?aggregate[count]=*");
                assert!(
                    counted.status == 403 || counted.text.contains(":\"0\"") || counted.text.contains(":0"),
                    "{}",
                    counted.text
                );
            }
            p.denied("validated-token", "POST", "/items/articles", json!({ "title": "x" }));
            p.post("preset-token", "/items/articles", json!({ "title": "by preset" }));
            assert!(
                !p.get(ADMIN, "/items/articles").ok().text.contains("\"preset\""),
                "{again}"
            );
        }
    }

    /// A relation that is made again under the same field does not bring back the rules that went through the old one.
    #[test]
    fn a_rule_through_a_removed_relation_does_not_revive() {
        let p = Project::new();
        p.collection("authors", &[("name", "string")]);
        p.collection("articles", &[("title", "string")]);
        p.relation("articles", "author", "authors", Some("articles"));
        let along = json!({ "author": { "name": { "_eq": "Ann" } } });
        let back = json!({ "articles": { "_none": { "title": { "_eq": "secret" } } } });
        let followed = json!({ "$FOLLOW(articles,author)": { "title": { "_eq": "one" } } });
        let key = json!({ "author": { "_or": [{ "_eq": 1 }, { "_null": true }] } });
        let users = [
            ("along", "articles", along.clone()),
            ("within", "articles", json!({ "_and": [{ "_or": [along] }] })),
            ("back", "authors", back),
            ("counted", "authors", json!({ "count(articles)": { "_gt": 0 } })),
            ("followed", "authors", followed),
            ("key", "articles", key),
        ];
        for (name, collection, rule) in &users {
            p.user_who(name, json!([may_where(collection, "read", &["id"], rule.clone())]));
        }
        let nested = json!({ "collection": "articles", "action": "create", "fields": ["title"], "presets": { "author": { "name": "preset" }, "title": "kept" } });
        p.user_who("preset", json!([nested]));
        p.post(ADMIN, "/items/authors", json!({ "name": "Ann" })).ok();
        p.post(ADMIN, "/items/articles", json!({ "title": "one", "author": 1 }))
            .ok();
        let seen = |name: &str, collection: &str| {
            let seen = p.get(&format!("{name}-token"), &format!("/items/{collection}?fields=id"));
            seen.status == 200 && seen.at("/0/id") == 1
        };
        for (name, collection, _) in &users {
            assert!(seen(name, collection), "{name} sees nothing to begin with");
        }
        p.delete(ADMIN, "/relations/articles/author", Value::Null).ok();
        for again in [false, true] {
            if again {
                let body = json!({ "collection": "articles", "field": "author", "related_collection": "authors", "meta": { "one_field": "articles" }, "schema": {} });
                p.post(ADMIN, "/relations", body).ok();
            }
            for (name, collection, _) in &users {
                assert_eq!(seen(name, collection), *name == "key", "{name}, again: {again}");
            }
            let preset = p.stored("select presets from directus_permissions where presets is not null");
            assert_eq!(preset, json!({ "title": "kept" }).to_string());
        }
    }

    #[test]
    fn a_rule_by_a_way_that_a_relation_lost_does_not_revive() {
        let p = Project::new();
        p.collection("authors", &[("name", "string")]);
        p.collection("articles", &[("title", "string")]);
        p.relation("articles", "author", "authors", Some("articles"));
        p.collection("texts", &[("body", "string")]);
        p.collection("images", &[("body", "string")]);
        p.collection("blocks", &[("item", "string"), ("kind", "string")]);
        let any = json!({ "collection": "blocks", "field": "item", "related_collection": null,
            "meta": { "one_collection_field": "kind", "one_allowed_collections": ["texts", "images"] } });
        p.post(ADMIN, "/relations", any).ok();
        let back = json!({ "articles": { "title": { "_eq": "one" } } });
        p.user_who("back", json!([may_where("authors", "read", &["id"], back)]));
        for target in ["texts", "images"] {
            let rule = json!({ format!("item:{target}"): { "body": { "_eq": "x" } } });
            p.user_who(target, json!([may_where("blocks", "read", &["id"], rule)]));
        }
        p.post(
            ADMIN,
            "/items/articles",
            json!({ "title": "one", "author": { "name": "Ann" } }),
        )
        .ok();
        for target in ["texts", "images"] {
            p.post(ADMIN, &format!("/items/{target}"), json!({ "body": "x" })).ok();
            p.post(ADMIN, "/items/blocks", json!({ "kind": target, "item": "1" }))
                .ok();
        }
        let seen = |name: &str, collection: &str| {
            let seen = p.get(&format!("{name}-token"), &format!("/items/{collection}?fields=id"));
            seen.status == 200 && seen.at("/0/id") != Value::Null
        };
        assert!(seen("back", "authors") && seen("texts", "blocks") && seen("images", "blocks"));
        let author = |meta: Value| {
            p.patch(ADMIN, "/relations/articles/author", json!({ "meta": meta }))
                .ok()
        };
        let item = |meta: Value| p.patch(ADMIN, "/relations/blocks/item", json!({ "meta": meta })).ok();
        // What stays as it was takes nothing away.
        author(json!({ "one_field": "articles", "one_deselect_action": "delete" }));
        item(json!({ "one_allowed_collections": ["images", "texts"] }));
        assert!(seen("back", "authors") && seen("texts", "blocks") && seen("images", "blocks"));
        author(json!({ "one_field": null }));
        item(json!({ "one_allowed_collections": ["texts"] }));
        for again in [false, true] {
            if again {
                author(json!({ "one_field": "articles" }));
                item(json!({ "one_allowed_collections": ["texts", "images"] }));
            }
            let [back, texts, images] = [("back", "authors"), ("texts", "blocks"), ("images", "blocks")]
                .map(|(name, collection)| seen(name, collection));
            assert_eq!((back, texts, images), (false, true, false), "again: {again}");
        }
    }
}
