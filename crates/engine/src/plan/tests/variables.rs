//! Variables in rules: what they stand for on each row, lists of values, and paths from the caller's own row.

use serde_json::{Value as Json, json};

use super::{invalid, no_field, project::*};
use crate::{access::Caller, plan::read, query::Var};

/// The articles, or other rows, that a rule shows.
fn shown_to(caller: Caller, collection: &str, rule: &Json) -> Json {
    Who::with(caller, "read", &[(collection, rule.clone(), json!("id"))]).ids(collection, &json!({}))
}

fn shown(collection: &str, rule: &Json) -> Json {
    shown_to(ada(), collection, rule)
}

#[test]
fn the_caller_and_its_roles() {
    for (rule, expected) in [
        (json!({"owner": {"_eq": "$CURRENT_USER"}}), json!([1, 2])),
        (json!({"owner": "$CURRENT_USER"}), json!([1, 2])),
        (json!({"owner": {"_neq": "$CURRENT_USER"}}), json!([3, 4])),
        (json!({"owner": {"_in": ["$CURRENT_USER"]}}), json!([1, 2])),
        (json!({"owner": {"_in": ["$CURRENT_USER", BOB]}}), json!([1, 2, 3, 4])),
        (json!({"owner": {"_nin": ["$CURRENT_USER"]}}), json!([3, 4])),
        (json!({"id": {"_in": []}}), json!([])),
        (json!({"id": {"_nin": []}}), json!([])),
        (
            json!({"published": {"_between": ["$NOW(-2 days)", "$NOW"]}}),
            json!([1]),
        ),
        (
            json!({"published": {"_nbetween": ["$NOW(-2 days)", "$NOW"]}}),
            json!([2]),
        ),
        (json!({"year(published)": {"_eq": 2024}}), json!([1, 2])),
    ] {
        assert_eq!(shown("articles", &rule), expected, "{rule}");
    }
    for (rule, expected) in [
        (json!({"id": {"_eq": "$CURRENT_ROLE"}}), json!([WRITERS])),
        (json!({"id": {"_in": "$CURRENT_ROLES"}}), json!([WRITERS, STAFF])),
        (json!({"id": {"_eq": "$CURRENT_ROLES"}}), json!([WRITERS, STAFF])),
        (json!({"id": {"_nin": "$CURRENT_ROLES"}}), json!([])),
        (json!({"id": {"_neq": "$CURRENT_ROLES"}}), json!([])),
        (json!({"name": {"_nin": "$CURRENT_ROLES"}}), json!([WRITERS, STAFF])),
        (json!({"id": {"_in": "$CURRENT_POLICIES"}}), json!([])),
        (json!({"id": {"_nin": "$CURRENT_POLICIES"}}), json!([WRITERS, STAFF])),
        (json!({"parent": {"_nin": "$CURRENT_POLICIES"}}), json!([WRITERS])),
    ] {
        assert_eq!(shown("directus_roles", &rule), expected, "{rule}");
    }
}

#[test]
fn moments_beside_other_values() {
    let until = "$CURRENT_USER.team.until";
    for (rule, expected) in [
        // A date is the moment at which it begins.
        (json!({"day": {"_lt": until}}), json!([1, 2])),
        (json!({"day": {"_gt": until}}), json!([])),
        (json!({"day": {"_eq": until}}), json!([])),
        (json!({"day": {"_neq": until}}), json!([1, 2])),
        (json!({"starts": {"_gt": "$CURRENT_USER.team.since"}}), json!([1])),
        (json!({"starts": {"_lt": "$CURRENT_USER.team.since"}}), json!([2])),
        (json!({"starts": {"_neq": "$CURRENT_USER.team.since"}}), json!([1, 2])),
        // What is no moment is neither the same, nor before, nor after.
        (json!({"starts": {"_in": "$CURRENT_USER.level"}}), json!([])),
        (json!({"starts": {"_lt": "$CURRENT_USER.level"}}), json!([])),
        (json!({"starts": {"_gt": "$CURRENT_USER.level"}}), json!([])),
        (json!({"starts": {"_neq": "$CURRENT_USER.level"}}), json!([1, 2])),
        (json!({"starts": {"_in": "$CURRENT_USER.memberships.team"}}), json!([])),
    ] {
        assert_eq!(shown("articles", &rule), expected, "{rule}");
    }
}

#[test]
fn the_public_is_nobody_and_owns_nothing() {
    let public = || Caller::Public { ip: None };
    for (rule, expected) in [
        // Nobody's rows are those that name nobody.
        (json!({"by": {"_eq": "$CURRENT_USER"}}), json!([2, 4, 5])),
        (json!({"by": {"_neq": "$CURRENT_USER"}}), json!([1, 3])),
        // In a list, nobody is nothing.
        (json!({"by": {"_in": ["$CURRENT_USER"]}}), json!([])),
        (json!({"by": {"_in": "$CURRENT_ROLES"}}), json!([])),
        // An empty list grants nothing, either way.
        (json!({"by": {"_nin": "$CURRENT_ROLES"}}), json!([])),
        (json!({"by": {"_neq": "$CURRENT_ROLES"}}), json!([])),
        (json!({"by": {"_in": "$CURRENT_USER.memberships.team"}}), json!([])),
        (json!({"id": {"_nin": "$CURRENT_USER.memberships.team"}}), json!([])),
    ] {
        assert_eq!(shown_to(public(), "comments", &rule), expected, "{rule}");
    }
}

#[test]
fn paths_from_the_callers_row() {
    for (rule, expected) in [
        (json!({"id": {"_eq": "$CURRENT_USER.team"}}), json!([1])),
        (json!({"region": {"_eq": "$CURRENT_USER.team.region"}}), json!([1])),
        (json!({"region": {"_neq": "$CURRENT_USER.team.region"}}), json!([2])),
        (json!({"region": {"_in": ["$CURRENT_USER.team.region"]}}), json!([1])),
        (
            json!({"region": {"_contains": "$CURRENT_USER.team.region"}}),
            json!([1]),
        ),
        (json!({"until": {"_lte": "$CURRENT_USER.team.until"}}), json!([1, 2])),
        (json!({"id": {"_in": "$CURRENT_USER.team"}}), json!([1])),
        (json!({"id": {"_nin": "$CURRENT_USER.team"}}), json!([2, 3])),
        // Lists: each of Ada's teams.
        (json!({"id": {"_in": "$CURRENT_USER.memberships.team"}}), json!([1, 3])),
        (json!({"id": {"_eq": "$CURRENT_USER.memberships.team"}}), json!([1, 3])),
        (json!({"id": {"_nin": "$CURRENT_USER.memberships.team"}}), json!([2])),
        (json!({"id": {"_neq": "$CURRENT_USER.memberships.team"}}), json!([2])),
        (
            json!({"region": {"_in": "$CURRENT_USER.memberships.team.region"}}),
            json!([1]),
        ),
        (
            json!({"id": {"_in": "$CURRENT_USER.memberships.team.id"}}),
            json!([1, 3]),
        ),
        (json!({"id": {"_in": "$CURRENT_USER.memberships"}}), json!([1, 2])),
        (json!({"id": {"_in": "$CURRENT_USER.team.authors"}}), json!([1])),
        // From the role: its users' teams.
        (json!({"id": {"_in": "$CURRENT_ROLE.users.team"}}), json!([1])),
        (json!({"id": {"_nin": "$CURRENT_ROLE.users.team"}}), json!([2, 3])),
        (json!({"name": {"_neq": "$CURRENT_ROLE.name"}}), json!([1, 2, 3])),
        // Secrets and what leads nowhere grant nothing.
        (json!({"name": {"_neq": "$CURRENT_USER.password"}}), json!([])),
        (json!({"name": {"_nin": "$CURRENT_ROLE.users.password"}}), json!([])),
        (json!({"name": {"_neq": "$CURRENT_USER.oops"}}), json!([])),
        (json!({"name": {"_neq": "$CURRENT_USER.name.oops"}}), json!([])),
        (json!({"name": {"_neq": "$CURRENT_USER.memberships.oops"}}), json!([])),
        (
            json!({"name": {"_nin": "$CURRENT_USER.memberships.team.name.oops"}}),
            json!([]),
        ),
        (
            json!({"name": {"_nin": "$CURRENT_USER.memberships.team.oops"}}),
            json!([]),
        ),
    ] {
        assert_eq!(shown("teams", &rule), expected, "{rule}");
    }
    assert_eq!(
        shown("directus_roles", &json!({"id": {"_eq": "$CURRENT_ROLE.parent"}})),
        json!([STAFF])
    );
    assert_eq!(
        shown("directus_roles", &json!({"name": {"_eq": "$CURRENT_ROLE.parent.name"}})),
        json!([STAFF])
    );
    assert_eq!(
        shown("directus_users", &json!({"name": {"_contains": "$CURRENT_USER.name"}})),
        json!([ADA])
    );
    assert_eq!(
        shown("directus_users", &json!({"level": {"_gt": "$CURRENT_USER.team"}})),
        json!([ADA])
    );
    // A foreign key at the end is the value itself, whether or not its row is there.
    assert_eq!(
        shown_to(
            user(BOB, None),
            "articles",
            &json!({"likes": {"_in": "$CURRENT_USER.memberships.team"}})
        ),
        json!([3])
    );
    // Bob has no team: nothing is his, and what he must not be is not known either.
    for (rule, expected) in [
        (json!({"id": {"_in": "$CURRENT_USER.team"}}), json!([])),
        (json!({"id": {"_nin": "$CURRENT_USER.team"}}), json!([])),
        (json!({"region": {"_eq": "$CURRENT_USER.team.region"}}), json!([3])),
    ] {
        let bob = user(BOB, Some(STAFF));
        assert_eq!(shown_to(bob, "teams", &rule), expected, "{rule}");
    }
}

#[test]
fn a_callers_own_query_follows_no_path() {
    let reader = Who::reader(&[("teams", json!({}), json!("*"))]);
    let refused = invalid("variables with a path belong in permissions");
    for filter in [
        json!({"id": {"_eq": "$CURRENT_USER.team"}}),
        json!({"id": {"_in": ["$CURRENT_USER.team"]}}),
        json!({"id": {"_in": "$CURRENT_USER.memberships.team"}}),
        json!({"id": {"_eq": "$CURRENT_ROLE.users.team"}}),
        json!({"name": {"_contains": "$CURRENT_USER.name"}}),
        json!({"name": {"_eq": "$CURRENT_ROLE.name"}}),
    ] {
        assert_eq!(reader.ids("teams", &filter), refused, "{filter}");
        assert!(Who::admin().ids("teams", &filter).is_array(), "{filter}");
    }
    for filter in [
        json!({"name": {"_neq": "$CURRENT_USER"}}),
        json!({"name": {"_neq": "$CURRENT_ROLE"}}),
        json!({"name": {"_nin": "$CURRENT_ROLES"}}),
    ] {
        assert_eq!(reader.ids("teams", &filter), json!([1, 2, 3]), "{filter}");
    }
    // Who may follow a path is told where it does not lead on.
    let nowhere = invalid("\"name\" does not lead to one item");
    for path in ["$CURRENT_USER.name.oops", "$CURRENT_ROLE.name.oops"] {
        for filter in [json!({"id": {"_eq": path}}), json!({"id": {"_in": path}})] {
            assert_eq!(Who::admin().ids("teams", &filter), nowhere, "{filter}");
        }
    }
    // The rule of the same caller follows all the same.
    let ruled = Who::reader(&[("teams", json!({"id": {"_eq": "$CURRENT_USER.team"}}), json!("*"))]);
    assert_eq!(ruled.ids("teams", &json!({})), json!([1]));
}

#[test]
fn a_variables_value_is_told() {
    let who = Who::admin();
    let value = |var: Var| {
        let told = who.asked(|project| read::variable(&project.schema, &project.limits, &var));
        match told {
            Json::Array(rows) => rows[0]["value"].clone(),
            refused => refused,
        }
    };
    let path = |path: &[&str]| path.iter().map(|&step| step.to_owned()).collect::<Vec<_>>();
    let of_user = |steps: &[&str]| value(Var::User(path(steps)));
    assert_eq!(of_user(&[]), json!(ADA));
    assert_eq!(of_user(&["name"]), json!("Ada"));
    assert_eq!(of_user(&["level"]), json!(8));
    assert_eq!(of_user(&["team"]), json!(1));
    assert_eq!(of_user(&["team", "region"]), json!("EU"));
    assert_eq!(of_user(&["team", "until"]), json!("2024-02-04T04:05:06.000Z"));
    assert_eq!(of_user(&["role", "parent", "name"]), json!("Staff"));
    assert_eq!(value(Var::Role(path(&["parent"]))), json!(STAFF));
    assert_eq!(value(Var::Role(path(&["parent", "name"]))), json!("Staff"));
    assert_eq!(value(Var::Now { ms: 0, months: 0 }), json!("2024-02-03T04:05:06.000Z"));
    assert_eq!(of_user(&["password"]), no_field("password", "directus_users"));
    assert_eq!(of_user(&["oops"]), no_field("oops", "directus_users"));
    assert_eq!(of_user(&["memberships"]), no_field("memberships", "directus_users"));
    assert_eq!(
        of_user(&["memberships", "team"]),
        invalid("\"memberships\" does not lead to one item")
    );
    assert_eq!(
        of_user(&["name", "oops"]),
        invalid("\"name\" does not lead to one item")
    );
}

#[test]
fn who_asks_is_known_without_a_look_at_any_table() {
    let project = Project::new(true);
    let alone = crate::schema::Schema::new([project.schema.collection("articles").unwrap().clone()], Vec::new());
    let (one, several) = (" is ?", " in (select value from json_each(?))");
    for (field, variable, expected) in [
        ("title", "$CURRENT_USER", one),
        ("title", "$CURRENT_ROLE", one),
        ("title", "$CURRENT_ROLES", several),
        ("title", "$CURRENT_POLICIES", several),
        ("starts", "$NOW", one),
    ] {
        let who = Who::reader(&[("articles", json!({ field: {"_eq": variable} }), json!("id"))]);
        let query = crate::query::Query::default();
        let plan = read::list(&alone, &who.access, &project.limits, "articles", &query).unwrap();
        let text = crate::sql::compile(crate::sql::Dialect::Sqlite, &plan).text;
        let condition = format!("where t0.\"{field}\"{expected} order by");
        assert!(text.contains(&condition), "{text}");
    }
}
