//! What a caller may do, told to the caller: per collection and action for the Studio's buttons, and for one item.
//! It tells what the access says and decides nothing; must never tell more of an item than a write would.

use std::collections::BTreeSet;

use aedile_engine::{
    Json, Object, Result,
    access::{Action, Fields, Grant},
    plan::read,
    query::{Leaf, Path, Query},
    value::Param,
};

use indexmap::IndexSet;

use crate::{
    Cx,
    items::{keys, preset_variables, resolved},
};

/// The actions on one item that can be asked about.
const ON_ITEMS: [Action; 3] = [Action::Update, Action::Delete, Action::Share];

/// Every collection with any permission: for each action whether on no, some (`partial`) or all rows (`full`), on which
/// fields, and with which presets.
///
/// # Errors
/// What the database answers.
pub async fn all(cx: &Cx) -> Result<Object> {
    let names: BTreeSet<&str> = if cx.access.admin {
        cx.schema()
            .collections()
            .map(|collection| collection.name.as_str())
            .collect()
    } else {
        cx.access.collections().collect()
    };
    let mut told = Object::new();
    for name in names {
        let mut actions = Object::new();
        for action in Action::ALL {
            actions.insert(action.as_str().to_owned(), Json::Object(grant(cx, name, action).await?));
        }
        told.insert(name.to_owned(), actions.into());
    }
    Ok(told)
}

/// Whether the item with this key may be updated, deleted, shared; without a key, the only item of a singleton. What is
/// missing may not, like what is forbidden.
///
/// # Errors
/// What the database answers.
pub async fn item(cx: &Cx, collection: &str, key: Option<&str>) -> Result<Object> {
    let singleton = cx.schema().collection(collection).is_some_and(|found| found.singleton);
    let key = match key {
        Some(text) => keys::from_path(cx.schema(), collection, text).ok(),
        None if singleton => only_key(cx, collection).await?,
        None => None,
    };
    let mut told = Object::new();
    for action in ON_ITEMS {
        let allowed = match &key {
            Some(key) => covers(cx, collection, action, key).await?,
            None => false,
        };
        let mut entry = Object::new();
        entry.insert("access".to_owned(), allowed.into());
        if singleton && action == Action::Update && allowed {
            let mut more = grant(cx, collection, action).await?;
            for name in ["presets", "fields"] {
                if let Some(value) = more.remove(name) {
                    entry.insert(name.to_owned(), value);
                }
            }
        }
        told.insert(action.as_str().to_owned(), entry.into());
    }
    Ok(told)
}

/// What an action on a collection is granted.
async fn grant(cx: &Cx, collection: &str, action: Action) -> Result<Object> {
    let mut told = Object::new();
    let grant = cx.access.grant(collection, action);
    let access = match grant {
        Grant::None => "none",
        // A new item has no row that a rule could judge.
        Grant::Cases(cases) if action != Action::Create && cases.iter().all(|case| case.rule.is_some()) => "partial",
        Grant::All | Grant::Cases(_) => "full",
    };
    told.insert("access".to_owned(), access.into());
    if grant.is_some() {
        told.insert("fields".to_owned(), fields(grant).into());
    }
    let mut variables = Vec::new();
    for value in grant.cases().iter().flat_map(|case| case.presets.values()) {
        preset_variables(value, &mut variables);
    }
    let paths = cx.paths(variables).await?;
    let mut presets = Object::new();
    for (name, value) in grant.cases().iter().flat_map(|case| &case.presets) {
        // A preset that cannot be known beforehand is not told; writing says what is wrong with it.
        if let Ok(value) = resolved(&|var| cx.value(var).or_else(|| paths.get(var).cloned()), value) {
            presets.insert(name.clone(), value);
        }
    }
    if !presets.is_empty() {
        told.insert("presets".to_owned(), presets.into());
    }
    Ok(told)
}

/// Every field that some case grants, in the order they are named.
fn fields(grant: Grant<'_>) -> Vec<String> {
    let mut names: IndexSet<String> = IndexSet::new();
    for case in grant.cases() {
        match &case.fields {
            Fields::All => return vec!["*".to_owned()],
            Fields::Some(granted) => names.extend(granted.iter().cloned()),
        }
    }
    if matches!(grant, Grant::All) {
        return vec!["*".to_owned()];
    }
    names.into_iter().collect()
}

/// Whether the item is there and covered by a rule of the action.
async fn covers(cx: &Cx, collection: &str, action: Action, key: &Param) -> Result<bool> {
    if cx.schema().collection(collection).is_none() || !cx.access.grant(collection, action).is_some() {
        return Ok(false);
    }
    let plan = read::covered(
        cx.schema(),
        &cx.access,
        cx.limits(),
        collection,
        action,
        std::slice::from_ref(key),
        &[],
    )?;
    let (stmt, params) = cx.statement(&plan);
    Ok(!cx.app.db().fetch(stmt, params).await?.is_empty())
}

/// The key of a singleton's item, if there is one. The caller is told nothing of it.
async fn only_key(cx: &Cx, collection: &str) -> Result<Option<Param>> {
    let Some(found) = cx.schema().collection(collection) else {
        return Ok(None);
    };
    let mut query = Query {
        fields: vec![Path {
            steps: Vec::new(),
            leaf: Leaf::Field(found.key.clone()),
        }],
        ..Query::default()
    };
    query.page.limit = Some(1);
    let plan = read::keys(cx.schema(), &cx.access, cx.limits(), collection, &query)?;
    let (stmt, params) = cx.statement(&plan);
    let rows = cx.app.db().fetch(stmt, params).await?;
    let cell = rows.into_iter().next().and_then(|row| row.into_iter().next());
    Ok(cell.and_then(|cell| keys::from_json(found, &keys::to_json(&cell)).ok()))
}
