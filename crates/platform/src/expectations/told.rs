//! Expectations and what decides them, in words.

use aedile_engine::{
    Json, Object, Result,
    access::{Action, explain::words},
    query::Filter,
    schema::Schema,
};

use super::case::{As, Case};
use crate::{Cx, explain};

/// What an expectation says, where it has no name of its own.
pub(super) fn name(schema: &Schema, case: &Case) -> String {
    let condition = |filter: &Filter| match filter {
        Filter::And(list) if list.is_empty() => "any".to_owned(),
        filter => words::condition(schema, &case.collection, filter),
    };
    let mut told = format!(
        "{} {} {} {}",
        who(&case.who),
        if case.can { "can" } else { "cannot" },
        case.action.as_str(),
        case.collection
    );
    if let Some(key) = &case.item {
        told.push_str(&format!(" {key}"));
    }
    if !case.fields.is_empty() {
        told.push_str(&format!(" ({})", case.fields.join(", ")));
    }
    for (word, filter) in [
        (" where ", &case.exactly),
        (" at least where ", &case.at_least),
        (" at most where ", &case.at_most),
    ] {
        if let Some(filter) = filter {
            told.push_str(word);
            told.push_str(&condition(filter));
        }
    }
    if let Some(rows) = case.rows {
        told.push_str(&format!(", {rows} row{}", if rows == 1 { "" } else { "s" }));
    }
    if !case.hidden.is_empty() {
        told.push_str(&format!(", without {}", case.hidden.join(", ")));
    }
    if let Some(payload) = &case.payload {
        told.push_str(&format!(" with {}", Json::Object(payload.clone())));
    }
    told
}

fn who(of: &As) -> String {
    match of {
        As::Public => "the public".to_owned(),
        As::User(word) => word.clone(),
        As::Role(word) => format!("role {word}"),
        As::Policies(words) => format!("whoever has {}", words.join(" and ")),
    }
}

/// What decides: the verdict's reason and the permissions it rests on.
pub(super) async fn why(cx: &Cx, who: &Object, case: &Case) -> Result<Vec<String>> {
    let mut question = who.clone();
    question.insert("collection".to_owned(), case.collection.as_str().into());
    question.insert("action".to_owned(), case.action.as_str().into());
    if let Some(key) = &case.item {
        question.insert("item".to_owned(), key.clone());
    }
    let found = explain::explain(cx, &question).await?;
    let mut told = vec![format!(
        "{}: {}",
        if found.allowed { "allowed" } else { "denied" },
        found.reason
    )];
    for permission in &found.permissions {
        let mut line = permission.called();
        if case.action != Action::Create {
            line.push_str(&format!(": rows: {}", permission.rule.words));
        }
        if matches!(case.action, Action::Create | Action::Read | Action::Update) {
            let fields = permission.fields.join(", ");
            line.push_str(&format!(
                "; fields: {}",
                if fields.is_empty() { "none" } else { &fields }
            ));
        }
        if let Some(validation) = &permission.validation {
            line.push_str(&format!("; has to meet: {validation}"));
        }
        if let Some(problem) = &permission.problem {
            line.push_str(&format!("; {problem}"));
        }
        told.push(line);
    }
    Ok(told)
}
