//! Values of different sorts beside each other, as a database that knows types is told of them.

use serde_json::{Value as Json, json};

use super::project::*;
use crate::{
    access::Action,
    plan::{Cmp, Expr, Pred, read},
    sql::Bind,
    value::Param,
};

/// A value, as short as it can be said: `?` is bound, `<name>` stands at the end of a path.
fn value(of: &Expr) -> String {
    match of {
        Expr::Column(0, name) => name.as_str().to_owned(),
        Expr::Column(_, name) => format!(".{}", name.as_str()),
        Expr::Bind(Bind::Const(Param::Real(n))) => n.to_string(),
        Expr::Bind(Bind::Const(Param::Int(n))) => n.to_string(),
        Expr::Bind(_) => "?".to_owned(),
        Expr::First(_, of) => format!("<{}>", value(of).trim_start_matches('.')),
        Expr::AsText(of) => format!("text({})", value(of)),
        Expr::AsUuid(of) => format!("uuid({})", value(of)),
        Expr::AsWhole(of) => format!("whole({})", value(of)),
        Expr::AsMoment(of) => format!("moment({})", value(of)),
        Expr::AsComparable(of, _) => value(of),
        Expr::AsFraction(of) => format!("fraction({})", value(of)),
        other => format!("{other:?}"),
    }
}

fn condition(of: &Pred) -> String {
    let joined = |list: &[Pred], by: &str| list.iter().map(condition).collect::<Vec<_>>().join(by);
    match of {
        Pred::And(list) => joined(list, " and "),
        Pred::Or(list) => joined(list, " or "),
        Pred::Not(of) if matches!(**of, Pred::And(_)) => format!("not ({})", condition(of)),
        Pred::Not(of) => format!("not {}", condition(of)),
        Pred::Compare(left, cmp, right) => {
            let cmp = match cmp {
                Cmp::Same => "is",
                Cmp::Eq => "=",
                Cmp::Lt => "<",
                Cmp::Gt => ">",
                Cmp::Ne => "<>",
                Cmp::Le | Cmp::Ge => "?",
            };
            format!("{} {cmp} {}", value(left), value(right))
        }
        Pred::In(left, list) => {
            let list: Vec<String> = list.iter().map(value).collect();
            format!("{} in {}", value(left), list.join(", "))
        }
        Pred::False => "never".to_owned(),
        Pred::InList(left, _) => format!("{} in ?", value(left)),
        Pred::InRows(left, rows, of) => format!("{} in {} {}", value(left), rows.table.as_str(), value(of)),
        Pred::IsNull(of) => format!("{} null", value(of)),
        Pred::Match { text, with, .. } => format!("{} has {}", value(text), value(with)),
        Pred::Exists(rows) => format!("some {}: {}", rows.table.as_str(), condition(&rows.filter)),
        other => format!("{other:?}"),
    }
}

/// The condition that a rule becomes.
fn said(collection: &str, rule: &Json) -> String {
    let who = Who::reader(&[(collection, rule.clone(), json!("id"))]);
    let project = Project::new(true);
    let cases = who.access.grant(collection, Action::Read).cases();
    let (schema, limits) = (&project.schema, &project.limits);
    condition(&read::rule(schema, &who.access, limits, collection, cases).unwrap())
}

#[test]
fn a_variable_is_made_like_the_field_it_is_compared_with() {
    let user = |path: &str| format!("$CURRENT_USER{path}");
    for (rule, expected) in [
        // A bound variable takes the type of a text or uuid by itself.
        (
            json!({"title": {"_neq": user("")}}),
            "not title null and not title is ?",
        ),
        (json!({"title": {"_eq": "$NOW"}}), "title is ?"),
        (json!({"token": {"_eq": user("")}}), "token is ?"),
        (json!({"likes": {"_eq": user("")}}), "text(likes) is text(?)"),
        (json!({"likes": {"_eq": "$NOW"}}), "text(likes) is text(?)"),
        (json!({"starts": {"_lt": "$NOW"}}), "starts < ?"),
        (json!({"hour": {"_lt": "$NOW"}}), "hour < ?"),
        // One of the same sort stays what it is.
        (json!({"title": {"_eq": user(".name")}}), "title is <name>"),
        (json!({"tags": {"_eq": user(".name")}}), "tags is <name>"),
        (json!({"likes": {"_eq": user(".level")}}), "likes is <level>"),
        (json!({"views": {"_gt": user(".level")}}), "views > <level>"),
        (json!({"rating": {"_gt": user(".level")}}), "rating > <level>"),
        (json!({"price": {"_gt": user(".level")}}), "price > <level>"),
        (json!({"token": {"_eq": user(".role")}}), "token is <role>"),
        (json!({"token": {"_eq": "$CURRENT_ROLE.parent"}}), "token is <parent>"),
        (json!({"starts": {"_lt": user(".team.until")}}), "starts < <until>"),
        (json!({"day": {"_lt": user(".team.until")}}), "moment(day) < <until>"),
        (
            json!({"starts": {"_lt": user(".team.since")}}),
            "starts < moment(<since>)",
        ),
        (
            json!({"published": {"_lt": user(".team.since")}}),
            "published < moment(<since>)",
        ),
        (json!({"day": {"_lt": user(".team.since")}}), "day < <since>"),
        // One of another sort becomes text, beside a text alone; else both do.
        (json!({"title": {"_eq": user(".level")}}), "title is text(<level>)"),
        (json!({"title": {"_eq": user(".role")}}), "title is text(<role>)"),
        (json!({"likes": {"_eq": user(".name")}}), "text(likes) is text(<name>)"),
        (json!({"live": {"_eq": user(".level")}}), "text(live) is text(<level>)"),
        (
            json!({"token": {"_eq": user(".level")}}),
            "text(token) is text(<level>)",
        ),
        // Of what a database alone knows nothing is said.
        (json!({"odd": {"_eq": user(".level")}}), "odd is <level>"),
        (json!({"odd": {"_eq": user(".team.until")}}), "odd is <until>"),
        (
            json!({"title": {"_contains": user("")}}),
            "not title null and title has ?",
        ),
        (
            json!({"title": {"_contains": user(".level")}}),
            "not title null and title has text(<level>)",
        ),
    ] {
        assert_eq!(said("articles", &rule), expected, "{rule}");
    }
}

#[test]
fn a_moment_is_never_what_is_no_moment() {
    let user = |path: &str| format!("$CURRENT_USER{path}");
    for (rule, expected) in [
        (
            json!({"starts": {"_eq": user(".level")}}),
            "starts null and text(<level>) null",
        ),
        (
            json!({"starts": {"_neq": user(".level")}}),
            "not starts null and not (starts null and text(<level>) null)",
        ),
        (
            json!({"starts": {"_lt": user(".level")}}),
            "text(<level>) <> text(<level>)",
        ),
        (
            json!({"starts": {"_in": user(".name")}}),
            "text(<name>) <> text(<name>)",
        ),
        (json!({"day": {"_in": [user("")]}}), "text(?) <> text(?)"),
        (
            json!({"title": {"_in": user(".team.until")}}),
            "text(<until>) <> text(<until>)",
        ),
        (
            json!({"hour": {"_lt": user(".team.until")}}),
            "text(<until>) <> text(<until>)",
        ),
        (json!({"starts": {"_in": "$CURRENT_ROLES"}}), "never"),
        (json!({"starts": {"_in": user(".memberships.team")}}), "never"),
        // A list that is empty or holds a null grants nothing, also where nothing shall be on it.
        (
            json!({"starts": {"_nin": user(".memberships.team")}}),
            "not starts null and some memberships: .user in directus_users .id \
             and not some memberships: .user in directus_users .id and .team null",
        ),
    ] {
        assert_eq!(said("articles", &rule), expected, "{rule}");
    }
}

#[test]
fn lists_are_made_like_the_field_they_are_compared_with() {
    for (rule, expected) in [
        (json!({"title": {"_in": "$CURRENT_ROLES"}}), "title in ?"),
        (json!({"token": {"_in": "$CURRENT_ROLES"}}), "token in ?"),
        (json!({"likes": {"_in": "$CURRENT_ROLES"}}), "text(likes) in ?"),
        (
            json!({"likes": {"_in": "$CURRENT_USER.memberships"}}),
            "likes in memberships .id",
        ),
        (
            json!({"likes": {"_in": "$CURRENT_USER.memberships.team"}}),
            "likes in memberships .team",
        ),
        (
            json!({"title": {"_in": "$CURRENT_USER.memberships.team"}}),
            "title in memberships text(.team)",
        ),
        (
            json!({"token": {"_in": "$CURRENT_ROLE.users"}}),
            "token in directus_users .id",
        ),
        (
            json!({"likes": {"_in": "$CURRENT_ROLE.users.name"}}),
            "text(likes) in directus_users text(.name)",
        ),
        (json!({"likes": {"_in": [3, 4]}}), "likes in 3, 4"),
        (
            json!({"likes": {"_in": [3, "$CURRENT_USER"]}}),
            "likes in 3 or text(likes) = text(?)",
        ),
        (
            json!({"likes": {"_in": [3, "$CURRENT_USER.level"]}}),
            "likes in 3 or likes = <level>",
        ),
        (json!({"title": {"_in": ["a", "$CURRENT_USER"]}}), "title in ?, ?"),
        (
            json!({"token": {"_in": ["$CURRENT_USER.name"]}}),
            "text(token) = text(<name>)",
        ),
    ] {
        assert_eq!(said("articles", &rule), expected, "{rule}");
    }
}

#[test]
fn numbers_and_keys_are_compared_as_what_they_are() {
    for (rule, expected) in [
        (json!({"likes": {"_gt": 3}}), "likes > 3"),
        // A fraction beside whole numbers says so: it would be rounded.
        (json!({"likes": {"_gt": 2.5}}), "likes > fraction(2.5)"),
        (json!({"views": {"_gt": 2.5}}), "views > fraction(2.5)"),
        (json!({"rating": {"_gt": 2.5}}), "rating > 2.5"),
    ] {
        assert_eq!(said("articles", &rule), expected, "{rule}");
    }
    assert_eq!(
        said("parts", &json!({"item:pages": {"heading": "x"}})),
        "collection = ? and some pages: .id = whole(item) and text(.id) = text(item) and .heading = ?"
    );
    assert_eq!(
        said("parts", &json!({"item:images": {"alt": "x"}})),
        "collection = ? and some images: .id = uuid(text(item)) and .alt = ?"
    );
}
