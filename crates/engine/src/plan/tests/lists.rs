//! Conditions on lists of related items: some, none, as a whole, and by the way back along a foreign key.

use serde_json::{Value as Json, json};

use super::{editor, no_collection, no_field, project::*};

#[test]
fn some_none_and_all_there_is() {
    // Comments: 1 and 2 on article 1, 3 on article 2, 4 on article 3; none on article 4.
    let admin = Who::admin();
    for (filter, expected) in [
        (json!({"comments": {"text": {"_eq": "first"}}}), json!([1])),
        (json!({"comments": {"_some": {"text": {"_eq": "first"}}}}), json!([1])),
        (
            json!({"comments": {"_none": {"text": {"_eq": "first"}}}}),
            json!([2, 3, 4]),
        ),
        (
            json!({"comments": {"_none": {"approved": {"_eq": true}}}}),
            json!([3, 4]),
        ),
        (json!({"comments": {"_null": true}}), json!([4])),
        (json!({"comments": {"_null": false}}), json!([1, 2, 3])),
        (json!({"comments": {"_empty": true}}), json!([4])),
        (json!({"comments": {"_eq": null}}), json!([4])),
        (json!({"comments": {"_neq": null}}), json!([1, 2, 3])),
        // A test without a key looks at the related items' keys.
        (json!({"comments": {"_eq": 2}}), json!([1])),
        (json!({"comments": {"_in": [3, 4]}}), json!([2, 3])),
        (json!({"comments": {"_some": {"_gt": 2}}}), json!([2, 3])),
        (json!({"comments": {"_none": {"_gt": 2}}}), json!([1, 4])),
        // An empty list counts as one row of nulls, unless `_some` is said.
        (json!({"comments": {"by": {"_null": true}}}), json!([1, 3, 4])),
        (json!({"comments": {"_some": {"by": {"_null": true}}}}), json!([1, 3])),
        (json!({"comments": {"by": {"name": {"_null": true}}}}), json!([1, 3, 4])),
        (
            json!({"comments": {"_and": [{"by": {"_null": true}}, {"id": {"_gt": 3}}]}}),
            json!([3]),
        ),
        (
            json!({"comments": {"_or": [{"by": {"_null": true}}, {"id": {"_eq": 3}}]}}),
            json!([1, 2, 3, 4]),
        ),
        (
            json!({"comments": {"_or": [{"_eq": 3}, {"by": {"_null": true}}]}}),
            json!([1, 2, 3]),
        ),
        // Conditions on the list as a whole stand beside those on its items.
        (
            json!({"comments": {"_and": [{"_some": {"text": {"_eq": "first"}}}, {"_none": {"text": {"_eq": "third"}}}]}}),
            json!([1]),
        ),
        (
            json!({"comments": {"_or": [{"_null": true}, {"text": {"_eq": "third"}}]}}),
            json!([2, 4]),
        ),
        (
            json!({"comments": {"_and": [{"_neq": null}, {"_none": {"approved": {"_eq": true}}}]}}),
            json!([3]),
        ),
        (
            json!({"comments": {"_or": [{"_eq": null}, {"text": {"_eq": "third"}}]}}),
            json!([2, 4]),
        ),
        (
            json!({"comments": {"_or": [{"_eq": null}, {"_none": {"approved": {"_eq": false}}}]}}),
            json!([2, 4]),
        ),
        // Together, they are about the same item; apart, about any two.
        (
            json!({"comments": {"text": {"_eq": "first"}, "approved": {"_eq": false}}}),
            json!([]),
        ),
        (
            json!({"_and": [{"comments": {"text": {"_eq": "first"}}}, {"comments": {"approved": {"_eq": false}}}]}),
            json!([]),
        ),
        (
            json!({"_and": [
                {"comments": {"_some": {"text": {"_eq": "first"}}}},
                {"comments": {"_some": {"approved": {"_eq": false}}}}
            ]}),
            json!([1]),
        ),
        (
            json!({"_and": [{"comments": {"text": {"_eq": "first"}}}, {"comments": {"_eq": 2}}]}),
            json!([1]),
        ),
        (
            json!({"_and": [{"comments": {"_eq": 1}}, {"comments": {"text": {"_eq": "second"}}}]}),
            json!([1]),
        ),
        (
            json!({"_and": [
                {"comments": {"text": {"_eq": "first"}}},
                {"author": {"name": {"_eq": "Ann"}}},
                {"comments": {"approved": {"_eq": true}}},
                {"id": {"_eq": 1}}
            ]}),
            json!([1]),
        ),
        (
            json!({"_or": [{"comments": {"text": {"_eq": "first"}}}, {"comments": {"text": {"_eq": "third"}}}]}),
            json!([1, 2]),
        ),
        // Through a list and back.
        (json!({"comments": {"article": {"title": {"_eq": "Beta"}}}}), json!([2])),
        (
            json!({"author": {"articles": {"_some": {"comments": {"_some": {"text": {"_eq": "fourth"}}}}}}}),
            json!([1, 3]),
        ),
        (json!({"author": {"articles": {"_null": true}}}), json!([4])),
        (
            json!({"author": {"articles": {"_none": {"id": {"_eq": 1}}}}}),
            json!([2, 4]),
        ),
        (json!({"comments": {"oops": {"_eq": 1}}}), no_field("oops", "comments")),
    ] {
        assert_eq!(admin.ids("articles", &filter), expected, "{filter}");
    }
}

#[test]
fn hidden_items_are_on_no_list() {
    // She may read approved comments (1, 3, 5) and her own or published articles (1, 2, 3).
    let editor = editor();
    for (filter, expected) in [
        (json!({"comments": {"text": {"_null": false}}}), json!([1, 2])),
        (json!({"comments": {"text": {"_eq": "second"}}}), json!([])),
        (json!({"comments": {"text": {"_null": true}}}), json!([3])),
        (
            json!({"comments": {"_none": {"text": {"_eq": "fourth"}}}}),
            json!([1, 2, 3]),
        ),
        (
            json!({"comments": {"_none": {"text": {"_eq": "third"}}}}),
            json!([1, 3]),
        ),
        (json!({"comments": {"_null": true}}), json!([3])),
        (json!({"comments": {"_in": [2, 3, 4]}}), json!([2])),
        (json!({"count(comments)": {"_eq": 1}}), json!([1, 2])),
        (json!({"count(comments)": {"_eq": 0}}), json!([3])),
        (
            json!({"comments": {"approved": {"_eq": true}}}),
            no_field("approved", "comments"),
        ),
        (json!({"parts": {"id": {"_eq": 1}}}), no_collection("parts")),
        (json!({"parts": {"_null": true}}), no_collection("parts")),
        (json!({"parts": {"_none": {"id": {"_eq": 1}}}}), no_collection("parts")),
        (json!({"count(parts)": {"_eq": 0}}), no_collection("parts")),
    ] {
        assert_eq!(editor.ids("articles", &filter), expected, "{filter}");
    }
}

#[test]
fn a_key_that_is_hidden_is_not_compared() {
    let who = |fields: &str| {
        Who::reader(&[
            ("articles", json!({}), json!("*")),
            ("comments", json!({}), json!(fields)),
            ("comments", json!({"id": {"_eq": 3}}), json!("id")),
        ])
    };
    assert_eq!(
        who("text").ids("articles", &json!({"comments": {"_gt": 0}})),
        json!([2])
    );
    assert_eq!(
        who("id").ids("articles", &json!({"comments": {"_gt": 0}})),
        json!([1, 2, 3])
    );
    // Not where the test stands on the items instead.
    assert_eq!(
        who("text").ids("articles", &json!({"comments": {"text": {"_eq": "first"}}})),
        json!([1])
    );
    let without = Who::reader(&[
        ("articles", json!({}), json!("*")),
        ("comments", json!({}), json!("text")),
    ]);
    assert_eq!(
        without.ids("articles", &json!({"comments": {"_gt": 0}})),
        no_field("id", "comments")
    );
    assert_eq!(
        without.ids("articles", &json!({"comments": {"_null": true}})),
        json!([4])
    );
}

#[test]
fn a_foreign_key_is_followed_backwards_where_it_may_be_read() {
    let by = |filter: Json| json!({"$FOLLOW(comments, by)": filter});
    let admin = Who::admin();
    for (filter, expected) in [
        (by(json!({"text": {"_eq": "first"}})), json!([BOB])),
        (by(json!({"_some": {"text": {"_eq": "third"}}})), json!([ADA])),
        (by(json!({"_none": {"text": {"_eq": "third"}}})), json!([BOB])),
        (
            json!({"$FOLLOW(comments, article)": {"id": {"_eq": 1}}}),
            no_field("article", "comments"),
        ),
        (
            json!({"$FOLLOW(comments, text)": {"id": {"_eq": 1}}}),
            no_field("text", "comments"),
        ),
        (json!({"$FOLLOW(oops, by)": {"id": {"_eq": 1}}}), no_field("by", "oops")),
    ] {
        assert_eq!(admin.ids("directus_users", &filter), expected, "{filter}");
    }
    let users = ("directus_users", json!({}), json!("id"));
    let hidden = Who::reader(&[users.clone(), ("comments", json!({}), json!("id,text"))]);
    assert_eq!(
        hidden.ids("directus_users", &by(json!({"text": {"_eq": "first"}}))),
        no_field("by", "comments")
    );
    assert_eq!(
        hidden.ids("directus_users", &by(json!({"_none": {"text": {"_eq": "first"}}}))),
        no_field("by", "comments")
    );
    let some = Who::reader(&[
        users.clone(),
        ("comments", json!({}), json!("id,text")),
        ("comments", json!({"id": {"_eq": 3}}), json!("by")),
    ]);
    assert_eq!(
        some.ids("directus_users", &by(json!({"text": {"_contains": "r"}}))),
        json!([ADA])
    );
    assert_eq!(
        some.ids("directus_users", &by(json!({"text": {"_null": true}}))),
        json!([BOB])
    );
    assert_eq!(
        some.ids("directus_users", &by(json!({"_none": {"text": {"_contains": "r"}}}))),
        json!([BOB])
    );
    assert_eq!(
        Who::reader(&[users]).ids("directus_users", &by(json!({"text": {"_eq": "first"}}))),
        no_collection("comments")
    );
}
