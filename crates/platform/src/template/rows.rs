//! The rows of a template on their way into the database: what is there already under another key is not made twice, and a
//! row that points at a later one gets its foreign key in the end.

use std::collections::{HashMap, HashSet};

use aedile_engine::{
    Error, Json, Object, Result,
    access::Access,
    plan::read,
    query::{Limits, Query},
    schema::{Collection, Ident, Link, Special, system},
    value::Param,
};

use super::{Rows, Template, apply::Applied, text};
use crate::items::{self, Writing, keys};
pub(super) use crate::system::prepare::MASK;

/// What makes a row of the system the same as one that is there: it is not made twice, and what points at it points there.
const SAME: [(&str, &[&str]); 6] = [
    (
        "directus_policies",
        &[
            "name",
            "icon",
            "description",
            "ip_access",
            "enforce_tfa",
            "admin_access",
            "app_access",
        ],
    ),
    ("directus_roles", &["name", "icon", "description", "parent"]),
    ("directus_users", &["email"]),
    ("directus_access", &["role", "user", "policy"]),
    (
        "directus_permissions",
        &[
            "policy",
            "collection",
            "action",
            "permissions",
            "validation",
            "presets",
            "fields",
        ],
    ),
    (
        "directus_presets",
        &["bookmark", "user", "role", "collection", "layout"],
    ),
];

/// Loads rows, and remembers what became of their keys.
pub(super) struct Loader<'t> {
    template: &'t Template,
    /// Keys of the template that are other keys in the project, by collection and key as text.
    moved: HashMap<(String, String), Json>,
    /// Keys that are stored, by collection.
    stored: HashMap<String, HashSet<String>>,
    /// Foreign keys to be set in the end.
    later: Vec<Later>,
    /// References to nobody, by collection and field.
    lost: HashMap<String, usize>,
    counts: Vec<(String, usize)>,
    known: usize,
}

struct Later {
    file: String,
    collection: String,
    key: Param,
    field: String,
    value: Json,
}

impl<'t> Loader<'t> {
    pub(super) fn new(template: &'t Template) -> Loader<'t> {
        Loader {
            template,
            moved: HashMap::new(),
            stored: HashMap::new(),
            later: Vec::new(),
            lost: HashMap::new(),
            counts: Vec::new(),
            known: 0,
        }
    }

    /// Stores the rows of one collection.
    pub(super) async fn load(&mut self, w: &mut Writing<'_>, part: &Rows) -> Result<()> {
        if part.rows.is_empty() {
            return Ok(());
        }
        let snapshot = w.cx.snapshot.clone();
        let c = snapshot.model.schema.collection(&part.collection);
        let c = c.ok_or_else(|| Error::forbidden_collection(&part.collection))?;
        let mut there = match SAME.iter().find(|(name, _)| *name == c.name) {
            Some((_, fields)) => Some((*fields, stored(w, c).await?)),
            None => None,
        };
        let mut made = 0;
        for (n, row) in (1..).zip(&part.rows) {
            let place = format!("{} entry {n}", part.file);
            let mut row = own_columns(c, row);
            let later = self.settle(w, c, &mut row, &place).await?;
            let known = there.as_ref().and_then(|(fields, rows)| same(c, fields, &row, rows));
            let key = match known {
                Some(key) => {
                    self.known += 1;
                    self.moved(c, &row, &key);
                    keys::from_json(c, &key)?
                }
                None => {
                    made += 1;
                    let key = save(w, c, &row).await.map_err(|error| at(&place, error))?;
                    if let Some((_, rows)) = &mut there {
                        row.insert(c.key.clone(), keys::to_json(&key));
                        rows.push(row);
                    }
                    key
                }
            };
            self.stored
                .entry(c.name.clone())
                .or_default()
                .insert(words(&keys::to_json(&key)));
            self.later.extend(later.into_iter().map(|(field, value)| Later {
                file: place.clone(),
                collection: c.name.clone(),
                key: key.clone(),
                field,
                value,
            }));
        }
        self.counts.push((part.collection.clone(), made));
        Ok(())
    }

    fn moved(&mut self, c: &Collection, row: &Object, key: &Json) {
        if let Some(own) = row.get(&c.key).filter(|own| *own != key) {
            self.moved.insert((c.name.clone(), words(own)), key.clone());
        }
    }

    /// Makes foreign keys point at what is there. What is not there yet is answered, to be set in the end; what will never
    /// be there is left empty where it is a row of the system's.
    pub(super) async fn settle(
        &mut self,
        w: &mut Writing<'_>,
        c: &Collection,
        row: &mut Object,
        place: &str,
    ) -> Result<Vec<(String, Json)>> {
        let snapshot = w.cx.snapshot.clone();
        let mut later = Vec::new();
        for (name, value) in row.iter_mut().filter(|(_, value)| !value.is_null()) {
            let Some(Link::One { target, relation }) = snapshot.model.schema.link(&c.name, name) else {
                continue;
            };
            if let Some(key) = self.moved.get(&(target.name.clone(), words(value))) {
                *value = key.clone();
            }
            if relation.constraint.is_none() || self.is_there(w, target, value).await? {
                continue;
            }
            let nullable = c
                .field(name)
                .and_then(|field| field.column.as_ref())
                .is_some_and(|column| column.nullable);
            if self.is_coming(target, value) && nullable {
                later.push((name.clone(), std::mem::take(value)));
            } else if system::is_system(&target.name) && nullable {
                *self.lost.entry(format!("{}.{name}", c.name)).or_default() += 1;
                *value = Json::Null;
            } else {
                let (target, value) = (&target.name, words(value));
                let why = format!("{place}: \"{name}\" points at {value} of \"{target}\", which is not there");
                return Err(Error::unprocessable(why));
            }
        }
        Ok(later)
    }

    async fn is_there(&mut self, w: &mut Writing<'_>, target: &Collection, value: &Json) -> Result<bool> {
        let known = |loader: &Self| {
            loader
                .stored
                .get(&target.name)
                .is_some_and(|keys| keys.contains(&words(value)))
        };
        if known(self) {
            return Ok(true);
        }
        // What the template makes was not there before.
        if !system::is_system(&target.name) && self.template.has_collection(&target.name) {
            return Ok(false);
        }
        let Ok(key) = keys::from_json(target, value) else {
            return Ok(false);
        };
        let found = !w.existing(target, &[key]).await?.is_empty();
        if found {
            self.stored.entry(target.name.clone()).or_default().insert(words(value));
        }
        Ok(found)
    }

    /// Whether a later row of the template has this key.
    fn is_coming(&self, target: &Collection, value: &Json) -> bool {
        let mut parts = self.template.system.iter().chain(&self.template.content);
        let part = parts.find(|part| part.collection == target.name);
        let wanted = words(value);
        part.is_some_and(|part| {
            part.rows
                .iter()
                .any(|row| row.get(&target.key).is_some_and(|key| words(key) == wanted))
        })
    }

    /// Sets the foreign keys that had to wait.
    pub(super) async fn finish(&mut self, w: &mut Writing<'_>) -> Result<()> {
        let snapshot = w.cx.snapshot.clone();
        for late in std::mem::take(&mut self.later) {
            let (Some(c), Some(Link::One { target, .. })) = (
                snapshot.model.schema.collection(&late.collection),
                snapshot.model.schema.link(&late.collection, &late.field),
            ) else {
                continue;
            };
            let moved = self.moved.get(&(target.name.clone(), words(&late.value)));
            let value = keys::from_json(target, moved.unwrap_or(&late.value))?;
            let mut sql = w.sql();
            sql.push("update ")
                .ident(&c.table)
                .push(" set ")
                .ident(&Ident::new(&late.field));
            sql.push(" = ")
                .param(value)
                .push(" where ")
                .ident(&Ident::new(&c.key))
                .push(" = ")
                .param(late.key);
            w.run(sql.finish(Vec::new()))
                .await
                .map_err(|error| at(&late.file, error))?;
        }
        Ok(())
    }

    /// What was done.
    pub(super) fn told(self) -> Applied {
        let mut notes = Vec::new();
        if self.known > 0 {
            notes.push(format!(
                "{} rows of the system were there already, and were left as they are",
                self.known
            ));
        }
        let mut lost: Vec<(String, usize)> = self.lost.into_iter().collect();
        lost.sort();
        notes.extend(lost.into_iter().map(|(field, n)| {
            format!("\"{field}\" is left empty in {n} rows: what it points at is not in the template")
        }));
        Applied {
            counts: self.counts,
            notes,
        }
    }
}

/// Makes a row, or changes the one with its key.
async fn save(w: &mut Writing<'_>, c: &Collection, row: &Object) -> Result<Param> {
    w.count = 0;
    w.revisions.clear();
    if let Some(key) = row.get(&c.key).filter(|key| !key.is_null()) {
        let key = keys::from_json(c, key)?;
        let known = system::is_system(&c.name) && !w.existing(c, std::slice::from_ref(&key)).await?.is_empty();
        if known {
            let mut row = row.clone();
            row.shift_remove(&c.key);
            items::update_in(w, &c.name, vec![key.clone()], row).await?;
            return Ok(key);
        }
    }
    items::create_in(w, &c.name, row.clone()).await
}

/// Tells where in the template a refusal comes from.
fn at(place: &str, error: Error) -> Error {
    tracing::warn!("{place}: {error}");
    Error::unprocessable(format!("{place}: {error}"))
}

/// What is stored in a row itself: lists belong to the rows they list, and a mask is no secret.
fn own_columns(c: &Collection, row: &Object) -> Object {
    let keeps = |name: &String, value: &Json| {
        let field = c.field(name).filter(|field| field.column.is_some());
        field.is_some_and(|field| !(field.is_concealed() && value.as_str() == Some(MASK)))
    };
    row.iter()
        .filter(|(name, value)| keeps(name, value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The key of a row that is there already, and stays as it is: the same under another key, or a person.
fn same(c: &Collection, fields: &[&str], row: &Object, there: &[Object]) -> Option<Json> {
    let value = |row: &Object, name: &str| row.get(name).filter(|value| !is_nothing(value)).cloned();
    let alike = |other: &Object| {
        fields
            .iter()
            .all(|name| folded(value(row, name)) == folded(value(other, name)))
    };
    let own = row.get(&c.key).map(words);
    let has_own_key = |other: &Object| own.is_some() && other.get(&c.key).map(words) == own;
    let is_person = c.name == "directus_users";
    // A person without an address is nobody else.
    let is_somebody = !is_person || value(row, "email").is_some();
    let is_it = |other: &&Object| match has_own_key(other) {
        true => is_person,
        false => is_somebody && alike(other),
    };
    there.iter().find(is_it).and_then(|other| other.get(&c.key)).cloned()
}

/// Addresses are compared without regard to case.
fn folded(value: Option<Json>) -> Option<String> {
    value.map(|value| words(&value).to_lowercase())
}

/// Null, and what means the same in rules and lists.
fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(list) => list.is_empty(),
        Json::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// A key as text.
fn words(key: &Json) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

/// All rows of a collection, as the API tells them.
async fn stored(w: &mut Writing<'_>, c: &Collection) -> Result<Vec<Object>> {
    let limits = Limits {
        max_limit: None,
        default_limit: u64::from(u32::MAX),
        ..w.cx.limits().clone()
    };
    let plan = read::list(w.cx.schema(), &Access::full(), &limits, &c.name, &Query::default())?;
    let (stmt, params) = w.cx.statement(&plan);
    let rows = w.tx.fetch_json(&stmt, &params).await?;
    let text = [b"[", rows.bytes.as_slice(), b"]"].concat();
    serde_json::from_slice(&text).map_err(|_| Error::internal("rows are told as no JSON"))
}

/// The first value, by entry and field, that would have to be hashed and is not.
pub(super) fn plain_secret<'t>(template: &'t Template, part: &'t Rows) -> Option<(usize, &'t str)> {
    let is_hash = |field: &&Object| {
        let flags = field
            .get("meta")
            .and_then(|meta| meta.get("special"))
            .and_then(Json::as_array);
        let named = |flag: &Json| flag.as_str().and_then(Special::parse) == Some(Special::Hash);
        text(field, "collection") == Some(part.collection.as_str())
            && flags.is_some_and(|flags| flags.iter().any(named))
    };
    let hashes: Vec<&str> = template
        .fields
        .iter()
        .filter(is_hash)
        .filter_map(|field| text(field, "field"))
        .collect();
    let is_plain = |value: &str| !value.is_empty() && value != MASK && !value.starts_with("$argon2");
    (1..).zip(&part.rows).find_map(|(n, row)| {
        let found = hashes.iter().find(|name| text(row, name).is_some_and(is_plain));
        found.map(|name| (n, *name))
    })
}
