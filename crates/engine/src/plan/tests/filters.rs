//! Conditions: operators on values of every kind, and on what a caller may see on some rows only.

use serde_json::json;

use super::{editor, invalid, no_collection, no_field, project::*};

#[test]
fn operators_on_values() {
    let admin = Who::admin();
    for (filter, expected) in [
        (json!({}), json!([1, 2, 3, 4])),
        (json!({"title": {"_eq": "Alpha"}}), json!([1])),
        (json!({"title": {"_eq": "alpha"}}), json!([])),
        (json!({"title": {"_neq": "Alpha"}}), json!([2, 3, 4])),
        (json!({"rating": {"_eq": null}}), json!([2, 4])),
        (json!({"rating": {"_neq": null}}), json!([1, 3])),
        (json!({"rating": {"_neq": 1.5}}), json!([3])),
        (json!({"price": {"_lt": 7.5}}), json!([1])),
        (json!({"price": {"_lte": 7.5}}), json!([1, 2])),
        (json!({"price": {"_gt": 7.5}}), json!([3])),
        (json!({"price": {"_gte": 7.5}}), json!([2, 3])),
        (json!({"price": {"_between": [5, 7.5]}}), json!([1, 2])),
        (json!({"price": {"_nbetween": [5, 7.5]}}), json!([3])),
        (json!({"price": {"_nbetween": [6, 8]}}), json!([1, 3])),
        (json!({"views": {"_in": [20, 30]}}), json!([2])),
        (json!({"views": {"_nin": [20, 30]}}), json!([1, 3])),
        (json!({"title": {"_contains": "ta"}}), json!([2, 4])),
        (json!({"title": {"_ncontains": "ta"}}), json!([1, 3])),
        (json!({"title": {"_icontains": "GAM"}}), json!([3])),
        (json!({"title": {"_contains": "GAM"}}), json!([])),
        (json!({"title": {"_starts_with": "Be"}}), json!([2])),
        (json!({"title": {"_nends_with": "a"}}), json!([4])),
        (json!({"title": {"_contains": 3}}), json!([4])),
        (json!({"title": {"_contains": true}}), json!([])),
        (json!({"rating": {"_null": true}}), json!([2, 4])),
        (json!({"rating": {"_null": false}}), json!([1, 3])),
        (json!({"unlisted": {"_empty": true}}), json!([2, 3, 4])),
        (json!({"unlisted": {"_empty": false}}), json!([1])),
        (json!({"unlisted": {"_nempty": true}}), json!([1])),
        (json!({"live": {"_eq": true}}), json!([1])),
        (json!({"published": {"_lt": "$NOW"}}), json!([1])),
        (json!({"published": {"_gt": "$NOW"}}), json!([2])),
        (json!({"starts": {"_lte": "$NOW"}}), json!([1, 2])),
        (json!({"starts": {"_lt": "$NOW"}}), json!([2])),
        (json!({"day": {"_gt": "$NOW(-4 days)"}}), json!([1])),
        (json!({"day": {"_eq": "$NOW(-3 days)"}}), json!([1])),
        (json!({"hour": {"_gt": "$NOW"}}), json!([1, 2])),
        (json!({"hour": {"_gt": "$NOW(+10 hours)"}}), json!([2])),
        (
            json!({"_or": [{"id": {"_eq": 1}}, {"title": {"_eq": "Beta"}}]}),
            json!([1, 2]),
        ),
        (
            json!({"_and": [{"id": {"_gt": 1}}, {"status": {"_eq": "draft"}}]}),
            json!([2, 4]),
        ),
        (json!({"year(day)": {"_eq": 2024}}), json!([1])),
        (json!({"month(day)": {"_eq": 12}}), json!([2])),
        (json!({"hour(hour)": {"_gte": 23}}), json!([2])),
        (json!({"minute(starts)": {"_eq": 5}}), json!([1, 2])),
        (json!({"day(published)": {"_in": [2, 9]}}), json!([1])),
        (json!({"count(extra)": {"_eq": 3}}), json!([2])),
        (json!({"count(comments)": {"_gt": 1}}), json!([1])),
        (json!({"count(comments)": {"_eq": 0}}), json!([4])),
    ] {
        assert_eq!(admin.ids("articles", &filter), expected, "{filter}");
    }
}

#[test]
fn operators_that_do_not_fit_are_refused() {
    let admin = Who::admin();
    let operator = |field: &str| invalid(&format!("this operator does not fit field \"{field}\""));
    let function = |field: &str| {
        invalid(&format!(
            "this function does not fit field \"{field}\" of collection \"articles\""
        ))
    };
    for (filter, expected) in [
        (json!({"title": {"_gt": "a"}}), operator("title")),
        (json!({"price": {"_contains": 1}}), operator("price")),
        (json!({"secret": {"_eq": "hush"}}), operator("secret")),
        (json!({"secret": {"_in": ["hush"]}}), operator("secret")),
        (json!({"extra": {"_eq": 1}}), operator("extra")),
        (json!({"year(hour)": {"_eq": 1}}), function("hour")),
        (json!({"hour(day)": {"_eq": 1}}), function("day")),
        (json!({"year(title)": {"_eq": 1}}), function("title")),
        (json!({"count(title)": {"_eq": 1}}), function("title")),
        (json!({"count(vault)": {"_eq": 3}}), function("vault")),
        (json!({"oops(day)": {"_eq": 3}}), function("day")),
        (json!({"year(day)": {"_contains": 3}}), operator("number")),
        (json!({"year(day)": {"id": {"_eq": 3}}}), no_field("day", "articles")),
        (json!({"title": {"id": {"_eq": 3}}}), no_field("title", "articles")),
        (
            json!({"title": {"_and": [{"id": {"_eq": 3}}]}}),
            no_field("title", "articles"),
        ),
        (
            json!({"parts": {"item": {"heading": {"_eq": "One"}}}}),
            no_field("item", "parts"),
        ),
        (json!({"divider": {"_null": true}}), no_field("divider", "articles")),
        (
            json!({"author": {"_some": {"name": {"_eq": "Ann"}}}}),
            invalid("\"author\" leads to one item: \"_some\" and \"_none\" belong on a list"),
        ),
        (
            json!({"author": {"_none": {"oops": {"_eq": "Ann"}}}}),
            no_field("oops", "authors"),
        ),
        (
            json!({"title": {"_some": {"name": {"_eq": "Ann"}}}}),
            invalid("\"_some\" and \"_none\" belong on a list of related items"),
        ),
    ] {
        assert_eq!(admin.ids("articles", &filter), expected, "{filter}");
    }
}

#[test]
fn secrets_tell_only_whether_they_are_set() {
    let admin = Who::admin();
    assert_eq!(
        admin.ids("articles", &json!({"secret": {"_null": false}})),
        json!([1, 2, 3])
    );
    assert_eq!(admin.ids("articles", &json!({"secret": {"_empty": true}})), json!([4]));
}

#[test]
fn a_value_that_is_hidden_decides_nothing() {
    // Of article 3 she may not see the price.
    let editor = editor();
    for (filter, expected) in [
        (json!({}), json!([1, 2, 3])),
        (json!({"price": {"_gt": 0}}), json!([1, 2])),
        (json!({"price": {"_null": true}}), json!([])),
        (json!({"price": {"_nbetween": [0, 1]}}), json!([1, 2])),
        (
            json!({"_or": [{"price": {"_gt": 0}}, {"title": {"_eq": "gamma"}}]}),
            json!([1, 2, 3]),
        ),
        (json!({"year(day)": {"_null": true}}), json!([])),
        (json!({"count(extra)": {"_null": true}}), json!([1])),
        (json!({"rating": {"_null": true}}), json!([2])),
        // Article 4 she may not see at all.
        (json!({"title": {"_contains": "Delta"}}), json!([])),
    ] {
        assert_eq!(editor.ids("articles", &filter), expected, "{filter}");
    }
}

#[test]
fn a_related_row_that_is_hidden_is_a_row_of_nulls() {
    // Author 2 of article 2 is not active, which hides him.
    let editor = editor();
    for (filter, expected) in [
        (json!({"author": {"name": {"_eq": "Ann"}}}), json!([1, 3])),
        (json!({"author": {"name": {"_eq": "Ben"}}}), json!([])),
        (json!({"author": {"name": {"_null": true}}}), json!([2])),
        (json!({"author": {"name": {"_eq": null}}}), json!([2])),
        (json!({"author": {"name": {"_empty": true}}}), json!([2])),
        (json!({"author": {"name": {"_null": false}}}), json!([1, 3])),
        (
            json!({"author": {"_and": [{"name": {"_null": true}}, {"id": {"_null": true}}]}}),
            json!([2]),
        ),
        (
            json!({"author": {"_and": [{"name": {"_null": true}}, {"id": {"_eq": 1}}]}}),
            json!([]),
        ),
        (
            json!({"author": {"_or": [{"name": {"_null": true}}, {"id": {"_eq": 1}}]}}),
            json!([1, 2, 3]),
        ),
        // The key itself is the article's own value.
        (json!({"author": {"_eq": 2}}), json!([2])),
        (json!({"author": {"_in": [1, 2]}}), json!([1, 2, 3])),
        (
            json!({"author": {"_and": [{"_eq": 1}, {"name": {"_eq": "Ann"}}]}}),
            json!([1, 3]),
        ),
        (
            json!({"author": {"_or": [{"_eq": 2}, {"name": {"_eq": "Ann"}}]}}),
            json!([1, 2, 3]),
        ),
        (json!({"author": {"_or": [{"_eq": 1}, {"_eq": 3}]}}), json!([1, 3])),
        (
            json!({"author": {"active": {"_eq": true}}}),
            no_field("active", "authors"),
        ),
        (json!({"author": {"oops": {"_eq": true}}}), no_field("oops", "authors")),
        (
            json!({"owner": {"name": {"_eq": "Ada"}}}),
            no_collection("directus_users"),
        ),
        (
            json!({"author": {"articles": {"title": {"_eq": "gamma"}}}}),
            json!([1, 3]),
        ),
        // Articles of authors she may see, of which article 4 is none.
        (
            json!({"author": {"articles": {"title": {"_starts_with": "Delta"}}}}),
            json!([]),
        ),
    ] {
        assert_eq!(editor.ids("articles", &filter), expected, "{filter}");
    }
}

#[test]
fn a_foreign_key_that_is_hidden_leads_nowhere() {
    let who = Who::reader(&[
        ("articles", json!({}), json!("id,title")),
        ("articles", json!({"id": {"_eq": 3}}), json!("author,comments")),
        ("authors", json!({}), json!("*")),
        ("comments", json!({}), json!("*")),
    ]);
    for (filter, expected) in [
        (json!({"author": {"name": {"_eq": "Ann"}}}), json!([3])),
        (json!({"author": {"name": {"_null": true}}}), json!([])),
        (json!({"author": {"_null": true}}), json!([])),
        (json!({"comments": {"text": {"_contains": "r"}}}), json!([3])),
        (json!({"comments": {"_none": {"text": {"_eq": "x"}}}}), json!([3])),
        (json!({"count(comments)": {"_gte": 0}}), json!([3])),
    ] {
        assert_eq!(who.ids("articles", &filter), expected, "{filter}");
    }
}

#[test]
fn items_of_several_collections() {
    let who = Who::reader(&[
        ("parts", json!({}), json!("id,item,collection")),
        ("pages", json!({"id": {"_eq": 1}}), json!("id,heading")),
        ("attic", json!({}), json!("*")),
    ]);
    for (filter, expected) in [
        (json!({"item:pages": {"heading": {"_eq": "One"}}}), json!([1])),
        // Page 2 is hidden; "01" is no page's key; the attic is not part of the relation.
        (json!({"item:pages": {"heading": {"_null": false}}}), json!([1])),
        (json!({"item:attic": {"heading": {"_eq": "Dust"}}}), json!([])),
        (
            json!({"item:images": {"alt": {"_eq": "Photo"}}}),
            no_collection("images"),
        ),
        (
            json!({"item:nothing": {"alt": {"_eq": "Photo"}}}),
            no_collection("nothing"),
        ),
        (
            json!({"id:pages": {"heading": {"_eq": "Photo"}}}),
            invalid("\"id\" does not lead to several collections"),
        ),
        (
            json!({"oops:pages": {"heading": {"_eq": "Photo"}}}),
            no_field("oops", "parts"),
        ),
    ] {
        assert_eq!(who.ids("parts", &filter), expected, "{filter}");
    }
    let admin = Who::admin();
    assert_eq!(
        admin.ids("parts", &json!({"item:images": {"alt": {"_eq": "Photo"}}})),
        json!([2])
    );
    // Where the collection's name may not be read, which one it is decides nothing.
    let blind = Who::reader(&[
        ("parts", json!({}), json!("id,item")),
        ("parts", json!({"id": {"_eq": 3}}), json!("collection")),
        ("pages", json!({}), json!("*")),
    ]);
    assert_eq!(
        blind.ids("parts", &json!({"item:pages": {"heading": {"_null": false}}})),
        json!([3])
    );
    let blinder = Who::reader(&[("parts", json!({}), json!("id,item")), ("pages", json!({}), json!("*"))]);
    assert_eq!(
        blinder.ids("parts", &json!({"item:pages": {"heading": {"_null": false}}})),
        no_field("collection", "parts")
    );
}

#[test]
fn a_rule_reads_what_it_needs() {
    // Nothing of authors, teams and comments is granted: rules look at them all the same.
    for (rule, expected) in [
        (json!({"author": {"team": {"region": {"_eq": "EU"}}}}), json!([1, 3])),
        (json!({"author": {"name": {"_null": true}}}), json!([4])),
        (json!({"comments": {"approved": {"_eq": true}}}), json!([1, 2])),
        (
            json!({"comments": {"_none": {"approved": {"_eq": true}}}}),
            json!([3, 4]),
        ),
        (json!({"count(comments)": {"_eq": 2}}), json!([1])),
        (json!({"price": {"_gt": 6}}), json!([2, 3])),
        (
            json!({"parts": {"item:pages": {"heading": {"_eq": "Two"}}}}),
            json!([2]),
        ),
        // A rule that does not fit the schema covers nothing.
        (json!({"oops": {"_eq": 1}}), json!([])),
        (json!({"title": {"_gt": 1}}), json!([])),
        (json!({"_and": []}), json!([])),
        (json!({"_or": []}), json!([])),
        (json!({"price": {"_eq": "$OOPS"}}), no_collection("articles")),
    ] {
        let who = Who::reader(&[("articles", rule.clone(), json!("id"))]);
        assert_eq!(who.ids("articles", &json!({})), expected, "{rule}");
    }
}

#[test]
fn rules_add_up() {
    let who = |rules: &[serde_json::Value]| {
        let permissions: Vec<_> = rules
            .iter()
            .map(|rule| ("articles", rule.clone(), json!("id")))
            .collect();
        Who::reader(&permissions).ids("articles", &json!({}))
    };
    let one = json!({"id": {"_eq": 1}});
    let two = json!({"id": {"_eq": 2}});
    assert_eq!(who(std::slice::from_ref(&one)), json!([1]));
    assert_eq!(who(&[one.clone(), one.clone()]), json!([1]));
    assert_eq!(who(&[one.clone(), two.clone()]), json!([1, 2]));
    assert_eq!(who(&[one.clone(), json!({})]), json!([1, 2, 3, 4]));
    assert_eq!(who(&[one, json!({"oops": {"_eq": 1}})]), json!([1]));
    assert_eq!(who(&[]), no_collection("articles"));
}

#[test]
fn a_list_of_nothing_grants_nothing_either_way() {
    use crate::query::{Filter, Key, Operands, Test};
    let admin = Who::admin();
    for test in [
        Test::In(Operands::List(Vec::new())),
        Test::Nin(Operands::List(Vec::new())),
    ] {
        let told = admin.asked(|project| {
            let query = crate::query::Query {
                filter: Some(Filter::At(
                    Key::Field("id".to_owned()),
                    Box::new(Filter::Is(test.clone())),
                )),
                ..crate::query::Query::default()
            };
            crate::plan::read::list(&project.schema, &admin.access, &project.limits, "articles", &query)
        });
        assert_eq!(told, json!([]), "{test:?}");
    }
}
