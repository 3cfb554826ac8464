//! What is taken of claims.

use aedile_engine::Json;
use aedile_platform::config::Provider;
use serde_json::json;

use super::Person;

fn provider() -> Provider {
    Provider {
        name: "test".into(),
        identifier_key: "sub".into(),
        email_key: "email".into(),
        first_name_key: "profile.first".into(),
        last_name_key: "family_name".into(),
        group_claim: "groups".into(),
        ..Provider::default()
    }
}

fn person(provider: &Provider, claims: Json) -> Option<Person> {
    Person::read(provider, claims.as_object()?).ok()
}

#[test]
fn somebody_is_who_the_identifier_says() {
    let own = provider();
    let ann = person(
        &own,
        json!({ "sub": "1", "profile": { "first": "Ann" }, "email": "a@b.example" }),
    )
    .unwrap();
    assert_eq!((ann.identifier.as_str(), ann.first_name.as_deref()), ("1", Some("Ann")));
    assert_eq!((ann.role.is_none(), ann.verified), (true, false));
    assert_eq!(person(&own, json!({ "sub": 7 })).unwrap().identifier, "7");
    let long = "x".repeat(256);
    for claims in [
        json!({}),
        json!({ "sub": "" }),
        json!({ "sub": null }),
        json!({ "sub": ["1"] }),
        json!({ "sub": long }),
    ] {
        assert_eq!(person(&own, claims.clone()), None, "{claims}");
    }
    let long = person(&own, json!({ "sub": "1", "family_name": "ä".repeat(80) })).unwrap();
    assert_eq!(long.last_name.unwrap().chars().count(), 50);
}

#[test]
fn an_unverified_address_is_none() {
    let own = provider();
    for (verified, kept, is) in [
        (json!(true), true, true),
        (json!("true"), true, true),
        (json!(null), true, false),
        (json!(1), true, false),
        (json!(false), false, false),
        (json!("false"), false, false),
    ] {
        let claims = json!({ "sub": "1", "email": "a@b.example", "email_verified": verified });
        let read = person(&own, claims).unwrap();
        assert_eq!((read.email.is_some(), read.verified), (kept, is), "{verified}");
    }
    let by_address = Provider {
        identifier_key: "email".into(),
        ..own
    };
    let claims = |verified: bool| json!({ "email": "a@b.example", "email_verified": verified });
    assert!(person(&by_address, claims(true)).is_some());
    assert!(person(&by_address, claims(false)).is_none());
}

#[test]
fn the_first_group_of_the_list_counts() {
    let own = Provider {
        role_mapping: vec![("chiefs".into(), "c".into()), ("staff".into(), "s".into())],
        default_role: Some("d".into()),
        ..provider()
    };
    let role = |groups: Json| {
        person(&own, json!({ "sub": "1", "groups": groups }))
            .unwrap()
            .role
            .unwrap()
            .unwrap()
    };
    assert_eq!(role(json!(["staff", "chiefs"])), "c");
    assert_eq!(role(json!("staff")), "s");
    for other in [json!(["other"]), json!([1]), json!(null), json!({ "staff": true })] {
        assert_eq!(role(other.clone()), "d", "{other}");
    }
}
