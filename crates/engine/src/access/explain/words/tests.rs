//! Rules of every kind, and the sentence each makes.

use serde_json::json;

use super::*;
use crate::{
    query::{
        Limits,
        filter::{Context, parse},
    },
    schema::{Accountability, Column, Deselect, Ident, Relation},
};

fn field(name: &str, kind: Kind) -> Field {
    Field {
        name: name.to_owned(),
        kind,
        special: Vec::new(),
        column: (kind != Kind::Alias).then(|| Column {
            name: Ident::new(name),
            data_type: String::new(),
            nullable: true,
            default: None,
            default_now: false,
            max_length: None,
            precision: None,
            scale: None,
            unique: false,
            indexed: false,
            primary: name == "id",
            auto_increment: false,
            generated: false,
        }),
        validation: None,
        searchable: true,
        meta: None,
    }
}

fn collection(name: &str, fields: &[(&str, Kind)]) -> Collection {
    Collection {
        name: name.to_owned(),
        table: Ident::new(name),
        key: "id".to_owned(),
        fields: fields
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), field(name, *kind)))
            .collect(),
        singleton: false,
        sort_field: None,
        accountability: Accountability::All,
        system: false,
        managed: true,
    }
}

fn schema() -> Schema {
    let relation = |many: &str, many_field: &str, one: &str, one_field: &str| Relation {
        many: many.to_owned(),
        many_field: many_field.to_owned(),
        one: Some(one.to_owned()),
        one_field: Some(one_field.to_owned()),
        one_collection_field: None,
        one_allowed: Vec::new(),
        junction_field: None,
        sort_field: None,
        deselect: Deselect::Nullify,
        indexed: true,
        meta: None,
        constraint: None,
    };
    let text = Kind::String;
    Schema::new(
        [
            collection(
                "articles",
                &[
                    ("id", Kind::Integer),
                    ("status", text),
                    ("owner", Kind::Uuid),
                    ("published", Kind::Timestamp),
                    ("author", Kind::Integer),
                    ("comments", Kind::Alias),
                ],
            ),
            collection(
                "authors",
                &[("id", Kind::Integer), ("name", text), ("articles", Kind::Alias)],
            ),
            collection(
                "comments",
                &[
                    ("id", Kind::Integer),
                    ("approved", Kind::Boolean),
                    ("article", Kind::Integer),
                ],
            ),
        ],
        vec![
            relation("articles", "author", "authors", "articles"),
            relation("comments", "article", "articles", "comments"),
        ],
    )
}

fn said(rule: &Json) -> String {
    let filter = parse(rule, &Limits::default(), Context::Validation).unwrap();
    condition(&schema(), "articles", &filter)
}

#[test]
fn operators_become_words() {
    let words: Vec<String> = [
        json!({"status": {"_eq": "published"}}),
        json!({"status": {"_neq": "draft"}}),
        json!({"status": {"_eq": null}}),
        json!({"status": {"_nnull": true}}),
        json!({"id": {"_lt": 5}}),
        json!({"id": {"_gte": 5}}),
        json!({"published": {"_lte": "$NOW"}}),
        json!({"published": {"_gt": "$NOW(-2 weeks)"}}),
        json!({"published": {"_between": ["2026-01-01", "$NOW(+1 year)"]}}),
        json!({"id": {"_nbetween": [1, 3]}}),
        json!({"status": {"_in": ["a", "b"]}}),
        json!({"status": {"_nin": ["a", "b"]}}),
        json!({"status": {"_icontains": "x"}}),
        json!({"status": {"_nstarts_with": "x"}}),
        json!({"status": {"_ends_with": "x"}}),
        json!({"status": {"_empty": true}}),
        json!({"status": {"_regex": "^a$"}}),
        json!({"status": {"_submitted": true}}),
        json!({"status": {"_in": []}}),
    ]
    .iter()
    .map(said)
    .collect();
    insta::assert_snapshot!(words.join("\n"), @r#"
    status is "published"
    status has a value other than "draft"
    status has no value
    status has a value
    id is less than 5
    id is at least 5
    published is not after now
    published is after 2 weeks ago
    published is from "2026-01-01" to 1 year from now
    id is outside of 1 to 3
    status is one of "a", "b"
    status has a value that is none of "a", "b"
    status contains "x" in upper or lower case
    status has a value that does not begin with "x"
    status ends with "x"
    status is empty
    status matches the pattern "^a$"
    status is sent
    never
    "#);
}

#[test]
fn relations_variables_and_groups_become_words() {
    let words: Vec<String> = [
        json!({"owner": {"_eq": "$CURRENT_USER"}}),
        json!({"owner": {"_in": ["$CURRENT_ROLES"]}}),
        json!({"author": {"_eq": "$CURRENT_USER.team.lead"}}),
        json!({"author": {"name": {"_eq": "x"}, "id": {"_gt": 1}}}),
        json!({"comments": {"approved": {"_eq": true}}}),
        json!({"comments": {"_none": {"_or": [{"approved": {"_eq": false}}, {"id": {"_lt": 3}}]}}}),
        json!({"comments": {"_null": true}}),
        json!({"author": {"articles": {"_some": {"status": {"_eq": "x"}}}}}),
        json!({"$FOLLOW(comments,article)": {"approved": {"_eq": true}}}),
        json!({"year(published)": {"_eq": 2026}}),
        json!({"count(comments)": {"_gte": 3}}),
        json!({"_and": [{"id": 1}, {"_or": [{"status": "a"}, {"_and": [{"status": "b"}, {"id": 2}]}]}]}),
        json!({"_or": []}),
        json!({"gone field": {"deeper": {"_eq": 1}}}),
    ]
    .iter()
    .map(said)
    .collect();
    insta::assert_snapshot!(words.join("\n"), @r#"
    owner is the current user
    owner is one of the current roles
    author is the current user's team.lead
    author.name is "x" and author.id is more than 1
    comments has an item where approved is true
    comments has no item where (approved is false or id is less than 3)
    comments has no items
    author.articles has an item where status is "x"
    comments (by its article) has an item where approved is true
    the year of published is 2026
    the number of comments is at least 3
    id is 1 and (status is "a" or (status is "b" and id is 2))
    never
    "gone field".deeper is 1
    "#);
}

#[test]
fn presets_and_names_of_variables() {
    assert_eq!(preset(&json!("draft")), "\"draft\"");
    assert_eq!(preset(&json!("$CURRENT_ROLE.name")), "the current role's name");
    assert_eq!(preset(&json!("x".repeat(500))).chars().count(), MAX_VALUE + 1);
    for text in [
        "$CURRENT_USER.team.lead",
        "$CURRENT_POLICIES",
        "$NOW",
        "$NOW(-36 hours)",
        "$NOW(+3 months)",
        "$NOW(+1 year)",
    ] {
        let var = variable(text).unwrap();
        // What is told means what was meant.
        assert_eq!(variable(&name(&var)).as_ref(), Some(&var), "{text}");
    }
    let long: Vec<i64> = (0..25).collect();
    assert!(said(&json!({"id": {"_in": long}})).ends_with("8, 9, 15 more"));
}

#[test]
fn spans_of_time_are_told_in_their_largest_whole_unit() {
    for (text, expected) in [
        ("$NOW", "now"),
        ("$NOW(-1 second)", "1 second ago"),
        ("$NOW(+90 seconds)", "90 seconds from now"),
        ("$NOW(-60 seconds)", "1 minute ago"),
        ("$NOW(+60 minutes)", "1 hour from now"),
        ("$NOW(-36 hours)", "36 hours ago"),
        ("$NOW(+24 hours)", "1 day from now"),
        ("$NOW(-6 days)", "6 days ago"),
        ("$NOW(-7 days)", "1 week ago"),
        ("$NOW(-3 months)", "3 months ago"),
        ("$NOW(+18 months)", "18 months from now"),
        ("$NOW(-12 months)", "1 year ago"),
    ] {
        assert_eq!(preset(&json!(text)), expected, "{text}");
        let var = variable(text).unwrap();
        assert_eq!(variable(&name(&var)).as_ref(), Some(&var), "{text}");
    }
    assert_eq!(name(&variable("$NOW(-3 months)").unwrap()), "$NOW(-3 months)");
}

#[test]
fn lists_as_a_whole_are_told_apart_from_their_items() {
    for (rule, expected) in [
        (
            json!({"comments": {"_and": [{"_some": {"id": 1}}, {"_none": {"id": 2}}]}}),
            "comments has an item where id is 1 and comments has no item where id is 2",
        ),
        (
            json!({"comments": {"_and": [{"_null": false}, {"id": 2}]}}),
            "comments has some items and comments has an item where id is 2",
        ),
        (
            json!({"comments": {"_and": [{"id": 1}, {"approved": true}]}}),
            "comments has an item where (id is 1 and approved is true)",
        ),
        (json!({"comments": {"_eq": 3}}), "comments has an item where id is 3"),
        (
            json!({"$FOLLOW(gone,article)": {"_some": {"_gt": 3}}}),
            "gone (by its article) has an item where the item is more than 3",
        ),
        // What is joined alike needs no brackets.
        (
            json!({"author": {"name": "x", "id": 1}, "id": 2}),
            "author.name is \"x\" and author.id is 1 and id is 2",
        ),
        (
            json!({"_or": [{"author": {"name": "x", "id": 1}}, {"id": 2}]}),
            "(author.name is \"x\" and author.id is 1) or id is 2",
        ),
        (json!({}), "always"),
        (json!({"_or": []}), "never"),
        (json!({"gone_field": 1}), "gone_field is 1"),
    ] {
        assert_eq!(said(&rule), expected, "{rule}");
    }
    assert_eq!(named(""), "\"\"");
}

#[test]
fn a_long_list_is_cut_and_says_so() {
    let listed = |n: usize| said(&json!({"id": {"_in": vec![7; n]}}));
    assert_eq!(listed(2), "id is one of 7, 7");
    assert!(listed(MAX_LISTED).ends_with("7, 7"));
    assert!(listed(MAX_LISTED + 1).ends_with("7, 7, 1 more"));
    assert_eq!(told(&json!("x".repeat(MAX_VALUE - 2))).chars().count(), MAX_VALUE);
    assert!(told(&json!("x".repeat(MAX_VALUE - 1))).ends_with('…'));
}
