//! One explanation with everything in it, as it stands in a terminal.

use aedile_engine::access::explain::Scope;
use serde_json::json;

use super::*;
use crate::{
    explain::told::{Field, FieldOfItem, Named, Preset, Sql, Who},
    system::policies,
};

fn named(id: &str, name: &str) -> Named {
    Named {
        id: id.to_owned(),
        name: name.to_owned(),
    }
}

fn policy(name: &str, way: Way, removed: Option<Removed>) -> Policy {
    Policy {
        id: name.to_lowercase(),
        name: name.to_owned(),
        via: vec![way],
        counts: removed.is_none(),
        removed,
        admin_access: false,
        app_access: name == "Studio",
    }
}

fn permission(rule: Condition, problem: Option<&str>) -> Permission {
    Permission {
        id: Some(12),
        policy: Some(named("w", "Writing")),
        rule,
        fields: vec!["id".to_owned(), "title".to_owned()],
        presets: vec![Preset {
            field: "owner".to_owned(),
            value: json!("$CURRENT_USER"),
            words: "the current user".to_owned(),
        }],
        validation: Some("title has a value".to_owned()),
        problem: problem.map(str::to_owned),
    }
}

fn whole() -> Explained {
    let rule = Condition {
        words: "owner is the current user and id is 1".to_owned(),
        sql: Some(Sql {
            text: "(t0.\"owner\" is ? and t0.\"id\" = ?)".to_owned(),
            binds: vec![Value::Variable("$CURRENT_USER".to_owned()), Value::Value(json!(1))],
        }),
    };
    let broken = Condition {
        words: "no row".to_owned(),
        sql: None,
    };
    let above = Way::Role {
        id: "s".to_owned(),
        name: "Staff".to_owned(),
        above: 1,
    };
    let elsewhere = Removed::Address {
        addresses: Some("10.0.0.0/8".to_owned()),
    };
    Explained {
        caller: Who {
            kind: "user",
            id: Some("u".to_owned()),
            name: Some("ada@example.com".to_owned()),
            roles: vec![named("s", "Staff")],
            ip: Some("203.0.113.9".to_owned()),
            admin_access: false,
            app_access: true,
        },
        collection: "articles".to_owned(),
        action: "update",
        allowed: false,
        reason: "not every field may be changed on this row: price".to_owned(),
        scope: Scope::Some,
        rows: Some(rule.clone()),
        policies: vec![
            policy("Writing", Way::User, None),
            policy("Office", above, Some(elsewhere)),
            policy("Gone", Way::Public, Some(Removed::Missing)),
            policy("Studio", Way::User, None),
        ],
        permissions: vec![permission(rule, None), permission(broken, Some("it is broken"))],
        fields: vec![Field {
            field: "price".to_owned(),
            granted: Granted::Never,
            masked: false,
            by: Vec::new(),
        }],
        notes: vec!["A note.".to_owned()],
        item: None,
    }
}

const HEAD: &str = r#"DENIED: user ada@example.com from 203.0.113.9: update articles
  because: not every field may be changed on this row: price
  rows:    owner is the current user and id is 1
           (t0."owner" is ? and t0."id" = ?)
           with $CURRENT_USER, 1

Policies
  + policy "Writing" (the user)
  - policy "Office" (role "Staff", 1 above): counts only from 10.0.0.0/8
  - policy "Gone" (public): there is no such policy
  + policy "Studio" (the user): app access

Permissions
  policy "Writing" (permission 12)
    rule:       owner is the current user and id is 1
                (t0."owner" is ? and t0."id" = ?)
                with $CURRENT_USER, 1
    fields:     id, title
    preset:     owner is the current user
    validation: title has a value
  policy "Writing" (permission 12)
    it is broken

"#;

#[test]
fn everything_is_told() {
    let tail = "Fields\n  never     price\n\nNotes\n  A note.\n";
    assert_eq!(text(&whole()), format!("{HEAD}{tail}"));
}

#[test]
fn an_item_stands_in_the_place_of_the_fields() {
    let field = |name: &str, why: Option<&str>| FieldOfItem {
        field: name.to_owned(),
        allowed: why.is_none(),
        by: Vec::new(),
        why: why.map(str::to_owned),
    };
    let mut of = whole();
    of.item = Some(Item {
        key: json!(1),
        exists: true,
        covered: true,
        allowed: false,
        by: vec![0],
        fields: vec![field("title", None), field("price", Some("no policy grants the field"))],
    });
    let tail = "Item 1 is covered\n  + title\n  - price: no policy grants the field\n\nNotes\n  A note.\n";
    assert_eq!(text(&of), format!("{HEAD}{tail}"));
}

#[test]
fn rules_are_told_of_rows_alone() {
    let mut of = whole();
    (of.action, of.rows) = ("create", None);
    let told = text(&of);
    assert!(!told.contains("rule:") && told.contains("preset:"), "{told}");
}

#[test]
fn the_public_policy_is_called_by_a_name() {
    let public = named(policies::PUBLIC, "$t:public_label");
    let mut of = whole();
    of.policies = vec![Policy {
        id: public.id.clone(),
        ..policy(&public.name, Way::Public, None)
    }];
    for permission in &mut of.permissions {
        permission.policy = Some(public.clone());
    }
    let told = text(&of);
    assert!(!told.contains("$t:"), "{told}");
    assert!(told.contains("  + policy \"Public\" (public)\n"), "{told}");
    assert!(told.contains("  policy \"Public\" (permission 12)\n"), "{told}");
    // A label that somebody stored for another policy is that policy's name.
    assert_eq!(policies::called("w", "$t:public_label"), "$t:public_label");
    assert_eq!(policies::called("w", ""), "w");
}
