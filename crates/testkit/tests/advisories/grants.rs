//! Nobody can grant more than they have, by way of policies, permissions and attachments: the same class, where what is
//! granted is written down.

use aedile_testkit::fixture::{ADMIN, Project, id, may};
use serde_json::{Value, json};

use super::office::{CLERK, clerk_permissions, office};

#[test]
fn a_policy_that_holds_more_can_not_be_attached() {
    let o = office();
    let p = &o.project;
    let role = id(&p
        .post(CLERK, "/roles", json!({ "name": "mine", "users": [o.clerk] }))
        .ok());
    let parent = id(&p.post(CLERK, "/roles", json!({ "name": "above" })).ok());
    p.patch(CLERK, &format!("/roles/{role}"), json!({ "parent": parent }))
        .ok();
    for policy in [&o.boss_policy, &o.admin[2]] {
        p.refused(CLERK, "POST", "/access", json!({ "policy": policy }));
        p.refused(
            CLERK,
            "POST",
            "/access",
            json!([{ "user": o.victim, "policy": o.clerk_policy }, { "user": o.victim, "policy": policy }]),
        );
        for holder in [
            json!({ "user": o.clerk }),
            json!({ "user": o.victim }),
            json!({ "role": role }),
            json!({ "role": parent }),
        ] {
            let mut row = holder;
            row["policy"] = json!(policy);
            p.refused(CLERK, "POST", "/access", row);
        }
        p.refused(
            CLERK,
            "PATCH",
            "/users/me",
            json!({ "policies": { "create": [{ "policy": policy }], "update": [], "delete": [] } }),
        );
        p.refused(
            CLERK,
            "PATCH",
            &format!("/users/{}", o.victim),
            json!({ "policies": [{ "policy": policy }] }),
        );
        p.refused(
            CLERK,
            "PATCH",
            &format!("/roles/{role}"),
            json!({ "policies": [{ "policy": policy }] }),
        );
        p.refused(
            CLERK,
            "POST",
            "/users",
            json!({ "email": "x@example.com", "policies": [{ "policy": policy }] }),
        );
        p.refused(
            CLERK,
            "POST",
            "/users",
            json!({ "email": "x@example.com", "role": { "name": "r", "policies": [{ "policy": policy }] } }),
        );
        p.refused(
            CLERK,
            "PATCH",
            &format!("/policies/{policy}"),
            json!({ "users": [{ "user": o.clerk }] }),
        );
        p.refused(
            CLERK,
            "PATCH",
            &format!("/policies/{policy}"),
            json!({ "roles": [{ "role": role }] }),
        );
    }
}

#[test]
fn an_attachment_can_not_be_turned_into_more() {
    let o = office();
    let p = &o.project;
    let own = p
        .get(ADMIN, &format!("/access?filter[user][_eq]={}&fields=id", o.clerk))
        .ok()
        .at("/0/id");
    let own = format!("/access/{}", own.as_str().unwrap());
    p.refused(CLERK, "PATCH", &own, json!({ "policy": o.boss_policy }));
    p.refused(
        CLERK,
        "PATCH",
        &own,
        json!({ "policy": { "id": o.admin[2], "name": "same" }, "sort": 1 }),
    );
    let bosses = p
        .get(ADMIN, &format!("/access?filter[role][_eq]={}&fields=id", o.bosses))
        .ok()
        .at("/0/id");
    let bosses = format!("/access/{}", bosses.as_str().unwrap());
    for change in [
        json!({ "user": o.clerk }),
        json!({ "role": null }),
        json!({ "role": null, "user": o.clerk }),
    ] {
        p.refused(CLERK, "PATCH", &bosses, change);
    }
    p.refused(
        CLERK,
        "PATCH",
        &format!("/access/{}", o.admin[3]),
        json!({ "role": null, "user": o.clerk }),
    );
}

#[test]
fn a_permission_can_not_be_widened() {
    let o = office();
    let p = &o.project;
    let policy = &o.clerk_policy;
    for permission in [
        json!({ "collection": "ledger", "action": "read", "fields": ["*"] }),
        json!({ "collection": "ledger", "action": "read", "fields": ["amount"], "permissions": { "id": { "_eq": 1 } } }),
        json!({ "collection": "directus_settings", "action": "update", "fields": ["*"] }),
        json!({ "collection": "directus_users", "action": "share", "fields": ["*"] }),
        json!({ "collection": "directus_users", "action": "create", "fields": ["email"], "presets": { "role": o.admin[1] } }),
        json!({ "collection": "directus_access", "action": "create", "fields": ["user"], "presets": { "policy": o.admin[2] } }),
    ] {
        let mut row = permission.clone();
        row["policy"] = json!(policy);
        p.refused(CLERK, "POST", "/permissions", row.clone());
        p.refused(CLERK, "POST", "/permissions", json!([row]));
        p.refused(
            CLERK,
            "POST",
            "/policies",
            json!({ "name": "new", "permissions": [permission] }),
        );
        p.refused(
            CLERK,
            "PATCH",
            &format!("/policies/{policy}"),
            json!({ "permissions": { "create": [permission], "update": [], "delete": [] } }),
        );
        p.refused(CLERK, "PATCH", "/users/me", json!({ "policies": { "create": [{ "policy": { "name": "n", "permissions": [permission] } }], "update": [], "delete": [] } }));
        p.refused(
            CLERK,
            "POST",
            "/roles",
            json!({ "name": "n", "policies": [{ "policy": { "name": "n", "permissions": [permission] } }] }),
        );
    }
    let theirs = p
        .get(
            ADMIN,
            &format!("/permissions?filter[policy][_eq]={}&fields=id", o.boss_policy),
        )
        .ok()
        .at("/0/id");
    p.refused(
        CLERK,
        "PATCH",
        &format!("/permissions/{theirs}"),
        json!({ "policy": policy }),
    );
    p.refused(
        CLERK,
        "PATCH",
        &format!("/permissions/{theirs}"),
        json!({ "action": "update" }),
    );
    let own = p
        .get(ADMIN, &format!("/permissions?filter[policy][_eq]={policy}&fields=id"))
        .ok()
        .at("/0/id");
    p.refused(
        CLERK,
        "PATCH",
        &format!("/permissions/{own}"),
        json!({ "collection": "ledger" }),
    );
    p.refused(
        CLERK,
        "PATCH",
        &format!("/permissions/{own}"),
        json!({ "collection": "ledger", "action": "read", "policy": { "name": "moved" } }),
    );
}

#[test]
fn nobody_but_an_administrator_makes_administrators_or_studio_users() {
    let o = office();
    let p = &o.project;
    for flag in ["admin_access", "app_access"] {
        p.refused(
            CLERK,
            "PATCH",
            &format!("/policies/{}", o.clerk_policy),
            json!({ flag: true }),
        );
        p.refused(
            CLERK,
            "PATCH",
            "/policies",
            json!({ "keys": [o.clerk_policy], "data": { flag: true } }),
        );
        p.refused(
            CLERK,
            "PATCH",
            "/policies",
            json!([{ "id": o.boss_policy, flag: true }]),
        );
        p.refused(CLERK, "POST", "/policies", json!({ "name": "new", flag: true }));
        p.refused(
            CLERK,
            "POST",
            "/access",
            json!({ "user": o.clerk, "policy": { "name": "new", flag: true } }),
        );
    }
    // Where it counts from is what a policy grants, too.
    let body = json!({ "name": "near", "ip_access": ["10.0.0.0/8"], "permissions": [may("ledger", "read", &["*"])] });
    let near = id(&p.post(ADMIN, "/policies", body).ok());
    p.refused(
        CLERK,
        "PATCH",
        &format!("/policies/{near}"),
        json!({ "ip_access": null }),
    );
    p.refused(
        CLERK,
        "PATCH",
        &format!("/policies/{near}"),
        json!({ "ip_access": ["10.0.0.0/8", "127.0.0.1"] }),
    );
    p.patch(
        CLERK,
        &format!("/policies/{near}"),
        json!({ "ip_access": ["10.1.0.0/16"] }),
    )
    .ok();
    p.patch(
        ADMIN,
        &format!("/policies/{}", o.boss_policy),
        json!({ "enforce_tfa": true }),
    )
    .ok();
    p.refused(
        CLERK,
        "PATCH",
        &format!("/policies/{}", o.boss_policy),
        json!({ "enforce_tfa": false }),
    );
}

#[test]
fn what_limits_a_permission_can_not_be_taken_away() {
    let p = Project::new();
    p.collection("ledger", &[("amount", "integer"), ("by", "string")]);
    let limit = json!({ "amount": { "_lt": 100 } });
    let small = json!({ "collection": "ledger", "action": "create", "fields": ["amount"], "validation": limit, "presets": { "by": "teller" } });
    let mut permissions = clerk_permissions();
    permissions.as_array_mut().unwrap().push(small.clone());
    p.user_who("clerk", permissions);
    let victim = p.user("victim", &[]);
    let free = |change: Value| {
        let mut permission = small.clone();
        permission
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        json!({ "user": victim, "policy": { "name": "given", "permissions": [permission] } })
    };
    for change in [
        json!({ "validation": null }),
        json!({ "validation": { "amount": { "_lt": 1000 } } }),
        json!({ "presets": null }),
        json!({ "presets": { "by": "somebody" } }),
        json!({ "presets": { "by": "teller", "id": 7 } }),
        json!({ "fields": ["amount", "by"] }),
        json!({ "fields": ["*"] }),
    ] {
        p.refused(CLERK, "POST", "/access", free(change));
    }
    let row = p
        .get(ADMIN, "/permissions?filter[collection][_eq]=ledger&fields=id")
        .ok()
        .at("/0/id");
    p.refused(
        CLERK,
        "PATCH",
        &format!("/permissions/{row}"),
        json!({ "validation": {} }),
    );
    p.post(CLERK, "/access", free(json!({}))).ok();
    p.post(CLERK, "/access", free(json!({ "fields": [] }))).ok();
}

#[test]
fn a_validation_beside_others_can_not_be_taken_away() {
    let p = Project::new();
    p.collection("ledger", &[("amount", "integer")]);
    p.user_who("clerk", clerk_permissions());
    let free = p.policy("free", json!([may("ledger", "create", &["*"])]));
    let limit =
        json!({ "collection": "ledger", "action": "create", "fields": [], "validation": { "amount": { "_lt": 100 } } });
    let limited = p.policy("limited", json!([limit]));
    let teller = p.user("teller", &[&free, &limited]);
    p.denied("teller-token", "POST", "/items/ledger", json!({ "amount": 1000 }))
        .is(400);
    let row = p
        .get(ADMIN, &format!("/access?filter[policy][_eq]={limited}&fields=id"))
        .ok()
        .at("/0/id");
    p.refused(
        CLERK,
        "DELETE",
        &format!("/access/{}", row.as_str().unwrap()),
        Value::Null,
    );
    p.refused(CLERK, "DELETE", &format!("/policies/{limited}"), Value::Null);
    p.refused(
        CLERK,
        "PATCH",
        &format!("/users/{teller}"),
        json!({ "policies": { "create": [], "update": [], "delete": [row] } }),
    );
    let permission = p
        .get(ADMIN, &format!("/permissions?filter[policy][_eq]={limited}&fields=id"))
        .ok()
        .at("/0/id");
    p.refused(CLERK, "DELETE", &format!("/permissions/{permission}"), Value::Null);
}

#[test]
fn what_an_administrator_fixed_by_a_preset_can_be_given_and_nothing_else() {
    let o = office();
    let p = &o.project;
    let make = json!({ "collection": "directus_users", "action": "create", "fields": ["email", "status"], "presets": { "role": o.bosses } });
    let tie = json!({ "collection": "directus_access", "action": "create", "fields": ["user"], "presets": { "policy": o.boss_policy } });
    p.user_who("porter", json!([make, tie, may("directus_users", "read", &["*"])]));
    let new = p
        .post("porter-token", "/users", json!({ "email": "new@example.com" }))
        .ok();
    assert_eq!(new.at("/role"), json!(o.bosses));
    p.post("porter-token", "/access", json!({ "user": o.victim })).is(204);
    p.refused(
        "porter-token",
        "POST",
        "/users",
        json!({ "email": "x@example.com", "role": o.admin[1] }),
    );
    p.refused(
        "porter-token",
        "POST",
        "/access",
        json!({ "user": o.victim, "policy": o.admin[2] }),
    );
    // The value that is fixed may be sent, too; another one may not, whatever the fields say.
    let make =
        json!({ "collection": "directus_users", "action": "create", "fields": ["*"], "presets": { "role": o.bosses } });
    p.user_who(
        "usher",
        json!([
            make,
            may("directus_users", "read", &["*"]),
            may("directus_users", "update", &["role"])
        ]),
    );
    p.post(
        "usher-token",
        "/users",
        json!({ "email": "two@example.com", "role": o.bosses }),
    )
    .ok();
    p.refused(
        "usher-token",
        "POST",
        "/users",
        json!({ "email": "x@example.com", "role": o.admin[1] }),
    );
    p.refused(
        "usher-token",
        "PATCH",
        &format!("/users/{}", o.victim),
        json!({ "role": o.bosses }),
    );
    p.refused("usher-token", "PATCH", "/users/me", json!({ "role": o.bosses }));
    p.post(
        "usher-token",
        "/users/invite",
        json!({ "email": "three@example.com", "role": o.bosses }),
    )
    .is(204);
    p.refused(
        "usher-token",
        "POST",
        "/users/invite",
        json!({ "email": "four@example.com", "role": o.admin[1] }),
    );
}
