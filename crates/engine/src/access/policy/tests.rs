//! Stored rules, field lists and roles as they are read: what cannot be understood grants nothing.

use serde_json::json;

use super::*;

/// How a stored rule is taken: all rows, some, none, or not at all.
fn taken(stored: &Json, context: Context) -> &'static str {
    match Rule::parse(stored, context) {
        Rule::All => "all",
        Rule::Of(Filter::Or(list)) if list.is_empty() => "none",
        Rule::Of(_) => "some",
        Rule::Broken => "broken",
    }
}

#[test]
fn a_rule_covers_all_rows_only_where_it_says_nothing() {
    for (stored, rule, validation) in [
        (json!(null), "all", "all"),
        (json!({}), "all", "all"),
        (json!({"id": {"_eq": 1}}), "some", "some"),
        (json!({"_and": [{"id": {"_eq": 1}}]}), "some", "some"),
        // How an editor saves "nothing to validate".
        (json!({"_and": []}), "none", "all"),
        (json!({"_or": []}), "none", "none"),
        (json!({"_and": [], "id": {"_eq": 1}}), "some", "some"),
        (json!({"id": {"_eq": "$OOPS"}}), "broken", "broken"),
        (json!({"id": {"_oops": 1}}), "broken", "broken"),
        (json!({"_and": {}}), "broken", "broken"),
        (json!({"id": {"_regex": "x"}}), "broken", "some"),
        (json!([]), "broken", "broken"),
        (json!("text"), "broken", "broken"),
        (json!(true), "broken", "broken"),
    ] {
        assert_eq!(taken(&stored, Context::Rule), rule, "{stored}");
        assert_eq!(taken(&stored, Context::Validation), validation, "{stored}");
    }
}

#[test]
fn fields_are_listed_as_text_or_as_a_list() {
    let fields = |stored: &Json| {
        let found = Permission::parse("pages", "read", &json!({}), &json!({}), &json!({}), stored);
        match found.unwrap().fields {
            Fields::All => vec!["all".to_owned()],
            Fields::Some(names) => names.into_iter().collect(),
        }
    };
    for (stored, expected) in [
        (json!("id,title"), vec!["id", "title"]),
        (json!(" id , title"), vec!["id", "title"]),
        (json!(["id", " title"]), vec!["id", "title"]),
        (json!("*"), vec!["all"]),
        (json!("id, *"), vec!["all"]),
        (json!(["id", "*"]), vec!["all"]),
        (json!([]), vec![]),
        (json!([1, "id"]), vec!["id"]),
        (json!(null), vec![]),
        (json!(true), vec![]),
        (json!({"id": true}), vec![]),
    ] {
        assert_eq!(fields(&stored), expected, "{stored}");
    }
    assert!(Permission::parse("pages", "oops", &json!({}), &json!({}), &json!({}), &json!("*")).is_none());
    let parsed = Permission::parse("pages", "share", &json!({}), &json!({}), &json!([1]), &json!("*")).unwrap();
    assert_eq!((parsed.action, parsed.id), (Action::Share, None));
    assert!(parsed.presets.is_empty());
}

#[test]
fn roles_are_followed_upwards_without_end() {
    let role = |id: String, parent: Option<String>| Role {
        id,
        name: String::new(),
        parent,
    };
    let named = |pairs: &[(&str, Option<&str>)]| {
        let roles = pairs
            .iter()
            .map(|(id, parent)| role((*id).to_owned(), parent.map(str::to_owned)));
        Policies::new([], roles.collect::<Vec<_>>(), [])
    };
    let roles = named(&[("a", Some("b")), ("b", Some("c")), ("c", None), ("x", Some("gone"))]);
    assert_eq!(roles.chain(Some("a")), ["a", "b", "c"]);
    assert_eq!(roles.chain(Some("c")), ["c"]);
    assert_eq!(roles.chain(Some("x")), ["x"]);
    assert_eq!(roles.chain(Some("gone")), [""; 0]);
    assert_eq!(roles.chain(None), [""; 0]);
    // Round in a circle, each once.
    let circle = named(&[("a", Some("b")), ("b", Some("a")), ("self", Some("self"))]);
    assert_eq!(circle.chain(Some("a")), ["a", "b"]);
    assert_eq!(circle.chain(Some("b")), ["b", "a"]);
    assert_eq!(circle.chain(Some("self")), ["self"]);
    // A longer chain than anybody makes is cut.
    let many = (0..MAX_ROLE_DEPTH + 5).map(|i| role(i.to_string(), Some((i + 1).to_string())));
    let many = Policies::new([], many.collect::<Vec<_>>(), []);
    assert_eq!(many.chain(Some("0")).len(), MAX_ROLE_DEPTH);
}
