//! Explanations against the access they explain: where everything comes from, and what was taken away.

use serde_json::json;

use super::*;
use crate::{
    Json,
    access::{
        Permission, Policy,
        ip::IpList,
        policy::{Attachment, Role},
    },
};

fn policy(id: &str, permissions: Vec<Permission>) -> Policy {
    Policy {
        id: id.to_owned(),
        name: format!("The {id}"),
        admin: false,
        app: false,
        enforce_tfa: false,
        ip: None,
        permissions,
    }
}

fn permission(id: i64, collection: &str, rule: &Json) -> Permission {
    let found = Permission::parse(collection, "read", rule, &Json::Null, &Json::Null, &json!("*")).unwrap();
    found.stored_as(Some(id))
}

fn attached(user: Option<&str>, role: Option<&str>, policy: &str) -> Attachment {
    Attachment {
        user: user.map(str::to_owned),
        role: role.map(str::to_owned),
        policy: policy.to_owned(),
    }
}

fn policies() -> Policies {
    let role = |id: &str, parent: Option<&str>| Role {
        id: id.to_owned(),
        name: id.to_uppercase(),
        parent: parent.map(str::to_owned),
    };
    let office = Policy {
        ip: Some(IpList::parse(["10.0.0.0/8", "192.168.1.7"]).unwrap()),
        ..policy("office", vec![permission(3, "articles", &json!({}))])
    };
    let boss = Policy {
        admin: true,
        ..policy("boss", Vec::new())
    };
    let studio = Policy {
        app: true,
        ..policy("studio", Vec::new())
    };
    Policies::new(
        [
            policy(
                "own",
                vec![permission(1, "articles", &json!({"owner": "$CURRENT_USER"}))],
            ),
            policy(
                "team",
                vec![
                    permission(2, "articles", &json!({"id": 1})),
                    permission(9, "articles", &json!({"x": "$OOPS"})),
                ],
            ),
            office,
            boss,
            studio,
            policy("open", vec![permission(4, "pages", &json!({}))]),
        ],
        [
            role("writers", Some("staff")),
            role("staff", None),
            role("bosses", None),
        ],
        [
            attached(Some("ada"), None, "own"),
            attached(None, Some("writers"), "team"),
            attached(None, Some("staff"), "team"),
            attached(None, Some("staff"), "office"),
            attached(None, Some("staff"), "gone"),
            attached(None, Some("writers"), "studio"),
            attached(None, Some("bosses"), "boss"),
            attached(None, None, "open"),
            attached(None, None, "boss"),
        ],
    )
}

fn user(id: &str, role: Option<&str>, ip: &str) -> Caller {
    Caller::User {
        id: id.to_owned(),
        role: role.map(str::to_owned),
        ip: Some(ip.parse().unwrap()),
    }
}

/// The explanation as lines.
fn told(caller: &Caller, collection: &str) -> String {
    let found = explain(&policies(), caller, collection, Action::Read);
    let mut lines = vec![format!("{:?}", found.scope)];
    lines.extend(found.policies.iter().map(|share| {
        let (via, standing) = (&share.via, &share.standing);
        format!(
            "{} {via:?} {standing:?} admin={} app={}",
            share.name, share.admin, share.app
        )
    }));
    lines.extend(
        found
            .cases
            .iter()
            .map(|case| format!("{:?} rule={}", case.source, case.rule.is_some())),
    );
    lines.extend(found.broken.iter().map(|broken| format!("{broken:?}")));
    lines.join("\n")
}

#[test]
fn ways_addresses_and_broken_rules_are_told() {
    insta::assert_snapshot!(told(&user("ada", Some("writers"), "203.0.113.9"), "articles"), @r#"
    Some
    The team [Role { id: "staff", above: 1 }, Role { id: "writers", above: 0 }] Counts admin=false app=false
    The office [Role { id: "staff", above: 1 }] Elsewhere(Some("10.0.0.0/8, 192.168.1.7")) admin=false app=false
     [Role { id: "staff", above: 1 }] Missing admin=false app=false
    The studio [Role { id: "writers", above: 0 }] Counts admin=false app=true
    The own [User] Counts admin=false app=false
    Source { policy: Some("team"), permission: Some(2) } rule=true
    Source { policy: Some("own"), permission: Some(1) } rule=true
    (Source { policy: Some("team"), permission: Some(9) }, Rule)
    "#);
}

#[test]
fn an_address_can_add_a_policy() {
    let inside = explain(
        &policies(),
        &user("ada", Some("writers"), "10.1.2.3"),
        "articles",
        Action::Read,
    );
    assert_eq!(inside.scope, Scope::All);
    assert!(inside.cases.iter().any(|case| case.source.permission == Some(3)));
}

#[test]
fn the_public_is_never_an_administrator() {
    insta::assert_snapshot!(told(&Caller::Public { ip: None }, "pages"), @r#"
    All
    The open [Public] Counts admin=false app=false
    The boss [Public] Counts admin=false app=false
    Source { policy: Some("open"), permission: Some(4) } rule=false
    "#);
    // Neither is a user to whom the same policy comes by way of the public.
    assert_eq!(
        explain(&policies(), &user("eve", None, "10.0.0.1"), "articles", Action::Read).scope,
        Scope::None
    );
}

#[test]
fn administrators_and_what_app_access_brings() {
    insta::assert_snapshot!(told(&user("bob", Some("bosses"), "10.0.0.1"), "articles"), @r#"
    Admin
    The boss [Role { id: "bosses", above: 0 }] Counts admin=true app=true
    "#);
    let found = explain(
        &policies(),
        &user("ada", Some("writers"), "10.0.0.1"),
        "directus_presets",
        Action::Read,
    );
    assert_eq!(found.scope, Scope::Some);
    let nobody = Source {
        policy: None,
        permission: None,
    };
    assert!(found.cases.iter().all(|case| case.source == nobody));
}

#[test]
fn the_verdict_is_the_access_own() {
    let all = policies();
    for role in [None, Some("writers"), Some("staff"), Some("bosses"), Some("none")] {
        for name in ["ada", "bob"] {
            for ip in ["10.0.0.1", "203.0.113.9"] {
                let caller = user(name, role, ip);
                let access = Access::of(&all, &caller);
                for collection in ["articles", "pages", "directus_users", "nowhere"] {
                    for action in Action::ALL {
                        let found = explain(&all, &caller, collection, action);
                        let grant = access.grant(collection, action);
                        assert_eq!(grant.is_some(), found.scope != Scope::None);
                        assert_eq!(grant.cases().len(), found.cases.len());
                    }
                }
            }
        }
    }
}

#[test]
fn drafts_stand_beside_and_in_the_place_of_what_is_stored() {
    let drafts = vec![
        policy("new", vec![permission(7, "drafts", &json!({}))]),
        policy("own", vec![permission(8, "articles", &json!({}))]),
    ];
    let ada = user("ada", None, "10.0.0.1");
    let with = policies().with_drafts(drafts, Some("ada"));
    assert_eq!(explain(&with, &ada, "drafts", Action::Read).scope, Scope::All);
    let articles = explain(&with, &ada, "articles", Action::Read);
    let ids: Vec<Option<i64>> = articles.cases.iter().map(|case| case.source.permission).collect();
    assert_eq!(ids, [Some(8)]);
    assert_eq!(
        explain(&with, &user("bob", None, "10.0.0.1"), "drafts", Action::Read).scope,
        Scope::None
    );
}

#[test]
fn permissions_that_cannot_be_understood_are_told_where_they_would_count() {
    let broken = |id: i64, collection: &str, action: &str, rule: Json, validation: Json| {
        Permission::parse(collection, action, &rule, &validation, &Json::Null, &json!("*"))
            .unwrap()
            .stored_as(Some(id))
    };
    let (fine, oops) = (|| json!({}), || json!({"x": "$OOPS"}));
    let all = Policies::new(
        [
            policy(
                "p",
                vec![
                    broken(1, "articles", "read", oops(), fine()),
                    broken(2, "articles", "read", fine(), oops()),
                    broken(3, "articles", "read", oops(), oops()),
                    broken(4, "articles", "read", fine(), fine()),
                    broken(5, "articles", "create", oops(), fine()),
                    broken(6, "pages", "read", oops(), fine()),
                ],
            ),
            policy("q", vec![broken(7, "articles", "read", oops(), fine())]),
        ],
        [],
        [attached(Some("ada"), None, "p"), attached(Some("bob"), None, "q")],
    );
    let told = |collection: &str, action: Action| {
        let found = explain(&all, &user("ada", None, "10.0.0.1"), collection, action).broken;
        found
            .into_iter()
            .map(|(source, what)| (source.permission.unwrap(), what))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told("articles", Action::Read),
        [(1, Broken::Rule), (2, Broken::Validation), (3, Broken::Rule)]
    );
    assert_eq!(told("articles", Action::Create), [(5, Broken::Rule)]);
    assert_eq!(told("pages", Action::Read), [(6, Broken::Rule)]);
    assert_eq!(told("pages", Action::Create), []);
}
