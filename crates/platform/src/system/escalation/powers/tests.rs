//! Powers, compared.
use serde_json::json;

use super::*;

fn permission(collection: &str, action: &str, fields: &str) -> Permission {
    Permission {
        collection: collection.to_owned(),
        action: action.to_owned(),
        rule: Json::Null,
        fields: Fields::stored(fields),
        validation: Json::Null,
        presets: Object::new(),
    }
}

fn everywhere(permission: Permission) -> Power {
    Power {
        grants: Grants::Permission(Arc::new(permission)),
        from: Addresses::Everywhere,
    }
}

fn stands(power: &Power, own: &[Power]) -> bool {
    stands_in(power, std::slice::from_ref(power), own)
}

#[test]
fn fields_may_come_from_several_permissions_of_the_same_rule() {
    let own = ["id,title", "body"].map(|fields| everywhere(permission("articles", "read", fields)));
    for fields in ["id", "title,body", "", "id,title,body"] {
        assert!(
            stands(&everywhere(permission("articles", "read", fields)), &own),
            "{fields}"
        );
    }
    for fields in ["*", "id,secret"] {
        assert!(
            !stands(&everywhere(permission("articles", "read", fields)), &own),
            "{fields}"
        );
    }
    assert!(!stands(&everywhere(permission("articles", "update", "id")), &own));
    assert!(!stands(&everywhere(permission("authors", "read", "id")), &own));
}

#[test]
fn another_rule_is_another_power_even_a_narrower_one() {
    let own = [everywhere(permission("articles", "read", "*"))];
    let narrower = Permission {
        rule: json!({ "secret": { "_eq": 1 } }),
        ..permission("articles", "read", "*")
    };
    assert!(!stands(&everywhere(narrower), &own));
}

#[test]
fn what_counts_from_more_addresses_is_more() {
    let from = |list: &str| Power {
        from: Addresses::stored(Some(list)),
        ..everywhere(permission("a", "read", "*"))
    };
    assert!(stands(&from("10.1.0.0/16"), &[from("10.0.0.0/8")]));
    assert!(!stands(&from("10.0.0.0/8"), &[from("10.1.0.0/16")]));
    assert!(!stands(&from(""), &[from("10.1.0.0/16")]));
}

#[test]
fn an_administrator_has_everything_from_where_it_is_one() {
    let admin = |list: &str| Power {
        grants: Grants::Everything,
        from: Addresses::stored(Some(list)),
    };
    let power = everywhere(permission("a", "read", "*"));
    assert!(stands(&power, &[admin("")]));
    assert!(!stands(&power, &[admin("10.0.0.1")]));
    assert!(!stands(&admin(""), &[power]));
}

#[test]
fn a_limit_has_to_go_along() {
    let validation = json!({ "amount": { "_lt": 100 } });
    let limit = Permission {
        validation,
        ..permission("a", "create", "")
    };
    let (free, limit) = (everywhere(permission("a", "create", "*")), everywhere(limit));
    let own = [free.clone(), limit.clone()];
    assert!(!stands(&free, &own));
    assert!(stands_in(&free, &[free.clone(), limit.clone()], &own));
    assert!(stands(&limit, &own));
    let nearby = Power {
        from: Addresses::stored(Some("10.0.0.1")),
        ..limit
    };
    assert!(!stands_in(&free, &[free.clone(), nearby], &own));
}
