//! Takes a snapshot apart: what it says of collections, fields and relations, by their names. It judges the form and no
//! more; whether the model can become so is found out by planning it.

use aedile_engine::{Error, Json, Object, Result, schema::system, sql::Dialect};
use indexmap::IndexMap;

use super::{VERSION, vendor};
use crate::INTERFACE;

/// Two names: of a collection and a field.
pub(super) type Names = (String, String);

/// What a snapshot says.
#[derive(Clone, Debug)]
pub struct Wanted {
    version: u64,
    directus: String,
    vendor: String,
    pub(super) collections: IndexMap<String, Object>,
    pub(super) fields: IndexMap<Names, Object>,
    pub(super) relations: IndexMap<Names, Object>,
    /// System fields of which it says whether an index leads by them.
    pub(super) system_fields: IndexMap<Names, Object>,
}

impl Wanted {
    /// Reads a snapshot.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for what is none.
    pub fn parse(snapshot: &Json) -> Result<Wanted> {
        let Json::Object(parts) = snapshot else {
            return Err(Error::invalid_payload("a snapshot is an object"));
        };
        let said = |name: &str| {
            let text = parts.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
            text.map(str::to_owned)
                .ok_or_else(|| Error::invalid_payload(format!("\"{name}\" is needed, and has to be text")))
        };
        Ok(Wanted {
            version: parts
                .get("version")
                .and_then(Json::as_u64)
                .ok_or_else(|| Error::invalid_payload("\"version\" is needed, and has to be a number"))?,
            directus: said("directus")?,
            vendor: said("vendor")?,
            collections: named(parts, "collections", |part| name(part, "collection"))?,
            fields: named(parts, "fields", of_field)?,
            relations: named(parts, "relations", of_field)?,
            system_fields: match parts.get("systemFields") {
                None | Some(Json::Null) => IndexMap::new(),
                Some(_) => named(parts, "systemFields", of_field)?,
            },
        }
        .without_the_system())
    }

    /// The system's own parts are not a file's to change.
    fn without_the_system(mut self) -> Wanted {
        self.collections.retain(|name, _| !system::is_system(name));
        let own = |(collection, field): &Names| system::field(collection, field).is_none();
        self.fields.retain(|names, _| own(names));
        self.relations.retain(|names, _| own(names));
        self.system_fields.retain(|names, _| !own(names));
        self
    }

    /// Refuses what was taken from another version or another sort of database.
    pub(super) fn fits(&self, dialect: Dialect) -> Result<()> {
        if self.version != VERSION {
            return Err(Error::invalid_payload(format!(
                "the snapshot has the form {}, and {VERSION} is understood",
                self.version
            )));
        }
        if self.directus != INTERFACE {
            return Err(Error::invalid_payload(format!(
                "the snapshot was taken from version {}, and this is {INTERFACE}; \"force\" takes it all the same",
                self.directus
            )));
        }
        if self.vendor != vendor(dialect) {
            return Err(Error::invalid_payload(format!(
                "the snapshot was taken from a database of the sort \"{}\", and this is \"{}\"; \"force\" takes it all the same",
                self.vendor,
                vendor(dialect)
            )));
        }
        Ok(())
    }
}

/// The parts of one sort by their names.
fn named<N: std::hash::Hash + Eq>(
    parts: &Object,
    sort: &str,
    names: impl Fn(&Object) -> Option<N>,
) -> Result<IndexMap<N, Object>> {
    let list = parts
        .get(sort)
        .and_then(Json::as_array)
        .ok_or_else(|| Error::invalid_payload(format!("\"{sort}\" is needed, and has to be a list")))?;
    let mut found = IndexMap::with_capacity(list.len());
    for (at, part) in list.iter().enumerate() {
        let part = part.as_object();
        let named = part.and_then(|part| Some((names(part)?, part.clone())));
        let Some((name, part)) = named else {
            return Err(Error::invalid_payload(format!("\"{sort}[{at}]\" has no name")));
        };
        if found.insert(name, part).is_some() {
            return Err(Error::invalid_payload(format!("\"{sort}[{at}]\" is there twice")));
        }
    }
    Ok(found)
}

fn of_field(part: &Object) -> Option<Names> {
    Some((name(part, "collection")?, name(part, "field")?))
}

fn name(part: &Object, key: &str) -> Option<String> {
    let name = part.get(key)?.as_str()?;
    (!name.is_empty()).then(|| name.to_owned())
}
