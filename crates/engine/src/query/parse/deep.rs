//! Queries on related lists. As recorded, a value of the wrong kind where a relation's query belongs is no query on it;
//! a malformed parameter of a relation's query is refused like that of the whole query, never ignored.

use crate::{
    Json, Object,
    error::{Error, Result},
    query::{Limits, Query, fields},
};

use super::{Names, Source, items, page};

/// Parameters that only a whole query has: their effect would be lost on a relation.
const WHOLE_ONLY: [&str; 2] = ["aggregate", "groupBy"];

pub(super) fn parse(json: &Json, limits: &Limits, names: &mut Names) -> Result<Vec<(String, Query)>> {
    let parsed: Json;
    let json = match json {
        Json::String(text) if !text.is_empty() => {
            parsed = serde_json::from_str(text).map_err(|_| Error::invalid_query("\"deep\" is not valid JSON"))?;
            &parsed
        }
        json => json,
    };
    match json {
        Json::Object(object) => relations(object, limits, names, 1),
        _ => Ok(Vec::new()),
    }
}

/// The queries by relation; parameters of the enclosing query begin with `_` and are not among them.
fn relations(object: &Object, limits: &Limits, names: &mut Names, level: usize) -> Result<Vec<(String, Query)>> {
    let mut found = Vec::new();
    for (name, value) in object {
        let Json::Object(inner) = value else { continue };
        if name.starts_with('_') {
            continue;
        }
        if level > limits.relational_depth {
            return Err(fields::too_deep(limits));
        }
        names.spend(1)?;
        found.push((name.clone(), relation(inner, limits, names, level)?));
    }
    Ok(found)
}

fn relation(object: &Object, limits: &Limits, names: &mut Names, level: usize) -> Result<Query> {
    let source = Source {
        raw: object,
        prefix: "_",
    };
    if let Some(name) = WHOLE_ONLY.iter().find(|name| source.has(name)) {
        return Err(Error::invalid_query(format!("\"_{name}\" can't be used in \"deep\"")));
    }
    Ok(Query {
        page: page::parse(&source, limits, page::Excess::Lowered)?,
        deep: relations(object, limits, names, level + 1)?,
        ..items(&source, limits, names)?
    })
}
