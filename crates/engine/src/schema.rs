//! What the project's data looks like: collections, fields, relations, as one immutable value.
//! Built once per schema change; must never be changed while requests read it, and never hold rows.

pub mod field;
pub mod physical;
pub mod system;

use std::collections::HashMap;

use indexmap::IndexMap;

use crate::Json;
pub use field::{Column, Field, Kind, Special};

/// A name that stands for a table, column, index or constraint. Quoted wherever it is written, so any text is safe;
/// made only while a schema is loaded or a change to it is planned.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ident(String);

impl Ident {
    /// The longest name a database takes (PostgreSQL's limit is the shortest of the three).
    pub const MAX_BYTES: usize = 63;

    /// Takes a name over from the database or from a validated change.
    pub fn new(name: impl Into<String>) -> Self {
        Ident(name.into())
    }

    /// The bare name, unquoted.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether changes to a collection's items are written to the activity and revision tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accountability {
    /// Activity and revisions.
    All,
    /// Activity only.
    Activity,
    /// Neither.
    None,
}

/// A table (or a singleton, a folder is none) with its metadata.
#[derive(Clone, Debug)]
pub struct Collection {
    /// The name callers use; also the table's.
    pub name: String,
    /// The table.
    pub table: Ident,
    /// The primary key's field.
    pub key: String,
    /// Every field, those without a column (aliases) included, in the order of creation.
    pub fields: IndexMap<String, Field>,
    /// At most one row, read and written without a key.
    pub singleton: bool,
    /// The field that orders items by hand.
    pub sort_field: Option<String>,
    /// What is recorded of changes.
    pub accountability: Accountability,
    /// A `directus_*` collection: never reachable through `/items`.
    pub system: bool,
    /// Has a row in `directus_collections` (or is a system collection).
    pub managed: bool,
}

impl Collection {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }

    /// The primary key's field.
    pub fn key_field(&self) -> Option<&Field> {
        self.fields.get(&self.key)
    }
}

/// What happens to the many side's row when it is left out of the one side's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deselect {
    /// Its foreign key is set to null.
    Nullify,
    /// It is deleted.
    Delete,
}

/// A foreign key (or its like without a constraint): `many.field -> one.key`.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The collection that holds the foreign key.
    pub many: String,
    /// The foreign key's field.
    pub many_field: String,
    /// The collection it points at; none for a relation to any of several collections.
    pub one: Option<String>,
    /// The alias field on the one side that lists the many side.
    pub one_field: Option<String>,
    /// For a relation to any: the field that names the collection.
    pub one_collection_field: Option<String>,
    /// For a relation to any: the collections it may point at.
    pub one_allowed: Vec<String>,
    /// In a junction: the other foreign key.
    pub junction_field: Option<String>,
    /// The many side's field that orders the list.
    pub sort_field: Option<String>,
    /// See [`Deselect`].
    pub deselect: Deselect,
    /// Whether an index leads by the foreign key: decides between correlated and set-based plans.
    pub indexed: bool,
    /// The row in `directus_relations`, as the API tells it; none for a bare foreign key.
    pub meta: Option<Json>,
    /// The constraint, as the API tells it; none without one.
    pub constraint: Option<Json>,
}

/// What a relational field leads to.
#[derive(Clone, Copy, Debug)]
pub enum Link<'a> {
    /// A foreign key: one row of `target`.
    One {
        /// The relation.
        relation: &'a Relation,
        /// Where it leads.
        target: &'a Collection,
    },
    /// An alias: the rows of `target` whose foreign key points here.
    Many {
        /// The relation.
        relation: &'a Relation,
        /// Where it leads (the many side).
        target: &'a Collection,
    },
    /// A key into one of several collections.
    Any {
        /// The relation.
        relation: &'a Relation,
    },
}

/// All collections and relations.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    collections: IndexMap<String, Collection>,
    relations: Vec<Relation>,
    by_many: HashMap<String, HashMap<String, usize>>,
    by_one: HashMap<String, HashMap<String, usize>>,
}

impl Schema {
    /// Ties collections and relations together.
    pub fn new(collections: impl IntoIterator<Item = Collection>, relations: Vec<Relation>) -> Self {
        let mut by_many: HashMap<String, HashMap<String, usize>> = HashMap::new();
        let mut by_one: HashMap<String, HashMap<String, usize>> = HashMap::new();
        for (i, relation) in relations.iter().enumerate() {
            by_many
                .entry(relation.many.clone())
                .or_default()
                .insert(relation.many_field.clone(), i);
            if let (Some(one), Some(field)) = (&relation.one, &relation.one_field) {
                by_one.entry(one.clone()).or_default().insert(field.clone(), i);
            }
        }
        Schema {
            collections: collections.into_iter().map(|c| (c.name.clone(), c)).collect(),
            relations,
            by_many,
            by_one,
        }
    }

    /// The collection of this name.
    pub fn collection(&self, name: &str) -> Option<&Collection> {
        self.collections.get(name)
    }

    /// Every collection, in the order of loading.
    pub fn collections(&self) -> impl Iterator<Item = &Collection> {
        self.collections.values()
    }

    /// Every relation, in the order of loading.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// The relation whose foreign key this field is.
    pub fn relation(&self, many: &str, field: &str) -> Option<&Relation> {
        self.relations.get(*self.by_many.get(many)?.get(field)?)
    }

    /// The relation that this alias field lists.
    pub fn reverse(&self, one: &str, field: &str) -> Option<&Relation> {
        self.relations.get(*self.by_one.get(one)?.get(field)?)
    }

    /// What a field leads to; none when it is not relational, or leads to a collection that is gone.
    pub fn link(&self, collection: &str, field: &str) -> Option<Link<'_>> {
        if let Some(relation) = self.relation(collection, field) {
            return match &relation.one {
                Some(one) => Some(Link::One {
                    relation,
                    target: self.collection(one)?,
                }),
                None if relation.one_collection_field.is_some() => Some(Link::Any { relation }),
                None => None,
            };
        }
        let relation = self.reverse(collection, field)?;
        Some(Link::Many {
            relation,
            target: self.collection(&relation.many)?,
        })
    }
}
