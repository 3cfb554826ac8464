//! Translations of the interface: one for each key and language. Whether there is one already is told only to who may
//! write such.

use std::collections::HashSet;

use aedile_engine::{
    Error, Json, Object, Result,
    access::Action,
    schema::{Collection, Ident},
    value::Param,
};

use crate::items::Writing;

const KEY: &str = "key";
const LANGUAGE: &str = "language";

/// A new translation must not be one of a key and language that has one.
pub async fn before_create(w: &mut Writing<'_>, c: &Collection, input: Object) -> Result<Object> {
    if may_write(w, c, Action::Create) {
        let place = (text(input.get(KEY)), text(input.get(LANGUAGE)));
        check(w, &place, None).await?;
    }
    Ok(input)
}

/// Nor may a change lead there.
pub async fn before_update(w: &mut Writing<'_>, c: &Collection, keys: &[Param], input: Object) -> Result<Object> {
    if !(input.contains_key(KEY) || input.contains_key(LANGUAGE)) || !may_write(w, c, Action::Update) {
        return Ok(input);
    }
    let mut places = HashSet::new();
    for key in keys {
        let old = w.item(c, key).await?.unwrap_or_default();
        let of = |name: &str| text(input.get(name).or_else(|| old.get(name)));
        let place = (of(KEY), of(LANGUAGE));
        check(w, &place, Some(key)).await?;
        if !places.insert(place) {
            return Err(taken());
        }
    }
    Ok(input)
}

fn may_write(w: &Writing<'_>, c: &Collection, action: Action) -> bool {
    let grant = w.cx.access.grant(&c.name, action);
    grant.has(KEY) && grant.has(LANGUAGE)
}

async fn check(w: &mut Writing<'_>, (key, language): &(String, String), own: Option<&Param>) -> Result<()> {
    let mut sql = w.sql();
    sql.push("select id from directus_translations where ")
        .ident(&Ident::new(KEY))
        .push(" = ")
        .param(key.as_str())
        .push(" and language = ")
        .param(language.as_str());
    let rows = w.fetch(sql.finish(Vec::new())).await?;
    let mut others = rows.iter().filter_map(|row| row.first()).filter(|id| Some(*id) != own);
    if others.next().is_some() { Err(taken()) } else { Ok(()) }
}

fn taken() -> Error {
    Error::invalid_payload("there is a translation of this key and language already")
}

fn text(value: Option<&Json>) -> String {
    value.and_then(Json::as_str).unwrap_or_default().to_owned()
}
