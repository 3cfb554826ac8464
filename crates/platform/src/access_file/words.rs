//! Permissions and rules in words, for people who review a change. The words follow what is stored; they are never judged by.

use aedile_engine::{
    Json,
    access::{Action, Rule, explain::words},
    query::filter::Context,
    schema::Schema,
};

use super::state::Permission;

/// What a permission permits: `read posts (id, title) where status is "published"`.
pub(crate) fn permission(schema: &Schema, of: &Permission) -> String {
    let mut told = format!("{} {}", of.action.as_str(), of.collection);
    if of.action != Action::Delete && of.action != Action::Share {
        told.push_str(&fields(&of.fields));
    }
    if !of.rule.is_null() && of.action != Action::Create {
        told.push_str(" where ");
        told.push_str(&rule(schema, &of.collection, &of.rule, Context::Rule));
    }
    if !of.validation.is_null() {
        told.push_str(", if ");
        told.push_str(&rule(schema, &of.collection, &of.validation, Context::Validation));
    }
    if !of.presets.is_null() {
        told.push_str(", with ");
        told.push_str(&presets(&of.presets));
    }
    told
}

/// Fields behind a collection's name; nothing where all are meant.
pub(crate) fn fields(names: &[String]) -> String {
    match names {
        [all] if all == "*" => String::new(),
        [] => " (no field)".to_owned(),
        names => format!(" ({})", names.join(", ")),
    }
}

/// A stored rule or validation in words.
pub(crate) fn rule(schema: &Schema, collection: &str, stored: &Json, context: Context) -> String {
    match Rule::parse(stored, context) {
        Rule::All => match context {
            Context::Validation => "anything".to_owned(),
            _ => "every row".to_owned(),
        },
        Rule::Of(filter) => words::condition(schema, collection, &filter),
        Rule::Broken => format!("never, since {stored} is not understood"),
    }
}

/// Presets in words: `status = "draft"`.
pub(crate) fn presets(stored: &Json) -> String {
    let Some(values) = stored.as_object().filter(|values| !values.is_empty()) else {
        return "nothing".to_owned();
    };
    let parts: Vec<String> = values
        .iter()
        .map(|(field, value)| format!("{field} = {}", words::preset(value)))
        .collect();
    parts.join(" and ")
}

/// What is different between two permissions for the same, a clause for each part.
pub(crate) fn differences(schema: &Schema, before: &Permission, after: &Permission) -> Vec<String> {
    let mut found = Vec::new();
    let of = &after.collection;
    if before.rule != after.rule {
        let told = |stored: &Json| rule(schema, of, stored, Context::Rule);
        found.push(format!("rows: {} (was: {})", told(&after.rule), told(&before.rule)));
    }
    if before.fields != after.fields {
        found.push(format!("fields: {}", moved_fields(&before.fields, &after.fields)));
    }
    if before.validation != after.validation {
        let told = |stored: &Json| rule(schema, of, stored, Context::Validation);
        found.push(format!(
            "has to meet: {} (was: {})",
            told(&after.validation),
            told(&before.validation)
        ));
    }
    if before.presets != after.presets {
        found.push(format!(
            "fills in: {} (was: {})",
            presets(&after.presets),
            presets(&before.presets)
        ));
    }
    found
}

/// What came to a list of fields and what went from it.
fn moved_fields(before: &[String], after: &[String]) -> String {
    let all = |fields: &[String]| fields.iter().any(|field| field == "*");
    let told = |fields: &[String]| match fields {
        [] => "none".to_owned(),
        fields if all(fields) => "all".to_owned(),
        fields => fields.join(", "),
    };
    if all(before) || all(after) {
        return format!("{} (was: {})", told(after), told(before));
    }
    let only = |these: &[String], those: &[String], sign: &str| -> Vec<String> {
        let these = these.iter().filter(|one| !those.contains(one));
        these.map(|one| format!("{sign}{one}")).collect()
    };
    let mut parts = only(after, before, "+");
    parts.extend(only(before, after, "-"));
    parts.join(" ")
}

/// `1 user`, `2 users`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
