//! Nobody can grant more than they have, by way of users and roles: GHSA-pmf4-v838-29hg, GHSA-7h45-q5jx-7r87,
//! GHSA-3fff-gqw3-vj86 and their class (checks of what is sent instead of what then stands there).

use aedile_testkit::fixture::{ADMIN, PUBLIC, Project, id, may, may_where};
use serde_json::{Value, json};

use super::office::{CLERK, GRANTING, office};

#[test]
fn what_the_caller_holds_itself_can_be_given() {
    let o = office();
    let p = &o.project;
    p.post(CLERK, "/access", json!({ "user": o.victim, "policy": o.clerk_policy }))
        .ok();
    let role = id(&p
        .post(
            CLERK,
            "/roles",
            json!({ "name": "clerks", "policies": [{ "policy": o.clerk_policy }] }),
        )
        .ok());
    let new = json!({ "email": "new@example.com", "role": role, "password": "secret-1", "status": "active" });
    let new = id(&p.post(CLERK, "/users", new).ok());
    p.patch(
        CLERK,
        &format!("/users/{new}"),
        json!({ "password": "secret-2", "status": "suspended" }),
    )
    .ok();
    let narrower = json!({ "name": "reader", "permissions": [may("directus_users", "read", &["id", "email"])] });
    let reader = id(&p.post(CLERK, "/policies", narrower).ok());
    p.post(CLERK, "/access", json!({ "user": new, "policy": reader })).ok();
    p.post(CLERK, "/users", json!({ "email": "plain@example.com" })).ok();
    p.delete(CLERK, &format!("/users/{new}"), Value::Null).ok();
    p.delete(CLERK, &format!("/roles/{role}"), Value::Null).ok();
}

#[test]
fn ghsa_pmf4_v838_29hg_a_role_that_holds_more_can_not_be_given() {
    let o = office();
    let p = &o.project;
    for role in [&o.bosses, &o.admin[1]] {
        for body in [
            json!({ "email": "x@example.com", "role": role }),
            json!({ "email": "x@example.com", "role": { "id": role } }),
            json!([{ "email": "y@example.com" }, { "email": "x@example.com", "role": role }]),
            json!({ "email": "x@example.com", "role": { "name": "below", "parent": role } }),
            json!({ "email": "x@example.com", "role": { "name": "below", "parent": { "name": "between", "parent": role } } }),
        ] {
            p.refused(CLERK, "POST", "/users", body);
        }
        for user in [&o.victim, &o.clerk] {
            let target = format!("/users/{user}");
            p.refused(CLERK, "PATCH", &target, json!({ "role": role }));
            p.refused(CLERK, "PATCH", &target, json!({ "role": { "id": role } }));
            p.refused(
                CLERK,
                "PATCH",
                "/users",
                json!({ "keys": [user], "data": { "role": role } }),
            );
            p.refused(CLERK, "PATCH", "/users", json!([{ "id": user, "role": role }]));
            p.refused(
                CLERK,
                "PATCH",
                "/users",
                json!({ "query": { "filter": { "id": { "_eq": user } } }, "data": { "role": role } }),
            );
            p.refused(
                CLERK,
                "PATCH",
                &format!("/roles/{role}"),
                json!({ "users": { "create": [], "update": [{ "id": user }], "delete": [] } }),
            );
            p.refused(
                CLERK,
                "POST",
                "/roles",
                json!({ "name": "below", "parent": role, "users": [user] }),
            );
        }
        p.refused(CLERK, "PATCH", "/users/me", json!({ "role": role }));
        p.refused(
            CLERK,
            "POST",
            "/users/invite",
            json!({ "email": "x@example.com", "role": role }),
        );
        p.refused(
            CLERK,
            "POST",
            "/users/invite",
            json!({ "email": ["x@example.com", "y@example.com"], "role": role }),
        );
    }
}

#[test]
fn a_role_can_not_be_put_below_one_that_holds_more() {
    let o = office();
    let p = &o.project;
    let mine = id(&p
        .post(CLERK, "/roles", json!({ "name": "mine", "users": [o.clerk] }))
        .ok());
    for parent in [&o.bosses, &o.admin[1]] {
        p.refused(CLERK, "PATCH", &format!("/roles/{mine}"), json!({ "parent": parent }));
        p.refused(
            CLERK,
            "PATCH",
            &format!("/roles/{mine}"),
            json!({ "parent": { "name": "between", "parent": parent } }),
        );
        p.refused(
            CLERK,
            "PATCH",
            &format!("/roles/{parent}"),
            json!({ "children": { "create": [], "update": [{ "id": mine }], "delete": [] } }),
        );
        p.refused(CLERK, "PATCH", "/roles", json!([{ "id": mine, "parent": parent }]));
    }
}

#[test]
fn ghsa_99vm_5v2h_h6r6_the_account_of_who_holds_more_can_not_be_taken() {
    let o = office();
    let p = &o.project;
    for user in [&o.boss, &o.admin[0]] {
        for (field, value) in [
            ("password", json!("taken-1")),
            ("email", json!("taken@example.com")),
            ("token", json!("taken-token")),
            ("token", Value::Null),
            ("status", json!("suspended")),
            ("provider", json!("other")),
            ("external_identifier", json!("me")),
            ("role", Value::Null),
        ] {
            p.refused(CLERK, "PATCH", &format!("/users/{user}"), json!({ field: value }));
            p.refused(
                CLERK,
                "PATCH",
                "/users",
                json!({ "keys": [o.victim, user], "data": { field: value } }),
            );
            p.refused(
                CLERK,
                "PATCH",
                "/users",
                json!([{ "id": o.victim, "first_name": "V" }, { "id": user, field: value }]),
            );
        }
        p.refused(CLERK, "DELETE", &format!("/users/{user}"), Value::Null);
        p.refused(CLERK, "DELETE", "/users", json!([o.victim, user]));
        p.refused(
            CLERK,
            "DELETE",
            "/users",
            json!({ "query": { "filter": { "id": { "_eq": user } } } }),
        );
        p.refused(
            CLERK,
            "POST",
            "/roles",
            json!({ "name": "trap", "users": [{ "id": user, "password": "taken-1" }] }),
        );
        p.refused(CLERK, "POST", "/roles", json!({ "name": "trap", "users": [user] }));
        p.patch(CLERK, &format!("/users/{user}"), json!({ "title": "Dr." }))
            .ok();
    }
    p.refused(CLERK, "DELETE", &format!("/roles/{}", o.bosses), Value::Null);
    p.patch(
        CLERK,
        &format!("/users/{}", o.victim),
        json!({ "password": "given-1", "token": "given-token" }),
    )
    .ok();
    p.patch(
        CLERK,
        "/users/me",
        json!({ "password": "own-1", "email": "clerk2@example.com" }),
    )
    .ok();
}

#[test]
fn an_administrator_from_elsewhere_is_none_here() {
    let o = office();
    let p = &o.project;
    let body = json!({ "name": "far", "admin_access": true, "ip_access": ["10.0.0.0/8"] });
    let far = id(&p.post(ADMIN, "/policies", body).ok());
    p.post(ADMIN, "/access", json!({ "user": o.clerk, "policy": far })).ok();
    p.refused(CLERK, "POST", "/access", json!({ "user": o.victim, "policy": far }));
    p.refused(
        CLERK,
        "PATCH",
        &format!("/policies/{far}"),
        json!({ "ip_access": null }),
    );
    p.refused(
        CLERK,
        "POST",
        "/access",
        json!({ "user": o.clerk, "policy": o.boss_policy }),
    );
    p.post(CLERK, "/access", json!({ "user": o.victim, "policy": o.clerk_policy }))
        .ok();
}

#[test]
fn the_role_of_registration_can_not_be_chosen_beyond_ones_own() {
    let o = office();
    let p = &o.project;
    let settings = json!([
        may("directus_settings", "update", &["*"]),
        may("directus_settings", "read", &["*"])
    ]);
    p.user_who("host", settings);
    for role in [&o.bosses, &o.admin[1]] {
        p.refused(
            "host-token",
            "PATCH",
            "/settings",
            json!({ "public_registration_role": role, "public_registration": true }),
        );
    }
    let empty = p.role("guests", &[]);
    p.patch("host-token", "/settings", json!({ "public_registration_role": empty }))
        .ok();
}

#[test]
fn leak_11_ghsa_3fff_gqw3_vj86_a_stored_view_stays_with_its_owner() {
    let p = Project::new();
    let policy = id(&p
        .post(ADMIN, "/policies", json!({ "name": "app", "app_access": true }))
        .ok());
    let ann = p.user("ann", &[&policy]);
    let bob = p.user("bob", &[&policy]);
    let role = p.role("all", &[]);
    let own = p
        .post(
            "ann-token",
            "/presets",
            json!({ "collection": "articles", "user": ann }),
        )
        .ok();
    let own = format!("/presets/{}", own.at("/id"));
    for scope in [
        json!({ "user": bob }),
        json!({ "user": null }),
        json!({ "user": null, "role": role }),
    ] {
        p.denied("ann-token", "PATCH", &own, scope.clone());
        let mut new = scope;
        new["collection"] = json!("articles");
        p.denied("ann-token", "POST", "/presets", new);
    }
    p.denied("ann-token", "POST", "/presets", json!({ "collection": "articles" }));
    p.denied(PUBLIC, "POST", "/presets", json!({ "collection": "articles" }));
    p.patch("ann-token", &own, json!({ "layout": "cards" })).ok();
    // Who may change everybody's views by a permission of its own may make them, too.
    let all = ["create", "read", "update"].map(|action| may("directus_presets", action, &["*"]));
    p.user_who("curator", json!(all));
    p.post(
        "curator-token",
        "/presets",
        json!({ "collection": "articles", "role": role }),
    )
    .ok();
}

#[test]
fn somebody_who_may_only_see_some_grants_nothing() {
    let o = office();
    let p = &o.project;
    let own = json!({ "id": { "_eq": "$CURRENT_USER" } });
    p.user_who(
        "self",
        json!([
            may_where("directus_users", "update", &["*"], own),
            may("directus_users", "read", &["*"])
        ]),
    );
    for change in [
        json!({ "role": o.bosses }),
        json!({ "role": o.admin[1] }),
        json!({ "policies": [{ "policy": o.boss_policy }] }),
    ] {
        p.refused("self-token", "PATCH", "/users/me", change);
    }
    p.refused(
        "self-token",
        "PATCH",
        &format!("/users/{}", o.boss),
        json!({ "first_name": "B" }),
    );
    for collection in GRANTING {
        let path = format!("/{}", collection.trim_start_matches("directus_"));
        p.denied(PUBLIC, "POST", &path, json!({ "name": "x", "email": "x@example.com" }));
    }
}
