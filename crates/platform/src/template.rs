//! Project templates: a whole project as a folder of JSON files, in the format of the official template CLI. Files become a
//! [`Template`], a template becomes a project and back. Files are read and written elsewhere; nothing is stored before
//! everything is understood.

mod apply;
mod check;
mod extract;
mod read;
mod rows;

use aedile_engine::{Json, Object};

pub use apply::{Applied, Refusal, apply, rehearse};
pub use extract::extract;

/// Most problems that are told at once.
const MOST_TOLD: usize = 30;

/// Folder of the files that hold rows; a file's name is its collection's.
pub const CONTENT: &str = "content/";

/// The one file that every template has.
pub const COLLECTIONS: &str = "collections.json";

/// The system's collections that a template brings rows of, and the file of each, in the order of loading.
pub const SYSTEM: [(&str, &str); 13] = [
    ("folders.json", "directus_folders"),
    ("roles.json", "directus_roles"),
    ("policies.json", "directus_policies"),
    ("users.json", "directus_users"),
    ("access.json", "directus_access"),
    ("permissions.json", "directus_permissions"),
    ("files.json", "directus_files"),
    ("translations.json", "directus_translations"),
    ("presets.json", "directus_presets"),
    ("dashboards.json", "directus_dashboards"),
    ("panels.json", "directus_panels"),
    ("flows.json", "directus_flows"),
    ("operations.json", "directus_operations"),
];

/// A project in files.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// Collections with `meta` and `schema`, each after the folder or collection it is grouped under.
    pub collections: Vec<Object>,
    /// Fields of all collections, aliases (schema null) included, in their order.
    pub fields: Vec<Object>,
    /// Relations.
    pub relations: Vec<Object>,
    /// Rows of the system's collections, by [`SYSTEM`].
    pub system: Vec<Rows>,
    /// The project's settings.
    pub settings: Option<Object>,
    /// Rows of the template's own collections.
    pub content: Vec<Rows>,
    /// What is in the files and not taken over, as sentences.
    pub notes: Vec<String>,
}

/// The rows of one collection.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The collection.
    pub collection: String,
    /// Where they came from.
    pub file: String,
    /// The rows.
    pub rows: Vec<Object>,
}

/// Why files are no template that can be applied: everything that is wrong with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl Problems {
    fn tell(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    fn or<T>(self, value: T) -> Result<T, Problems> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for problem in self.0.iter().take(MOST_TOLD) {
            writeln!(f, "  {problem}")?;
        }
        match self.0.len().saturating_sub(MOST_TOLD) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }
}

impl Template {
    /// The rows of one of the system's collections.
    pub fn of_system(&self, collection: &str) -> &[Object] {
        let found = self.system.iter().find(|part| part.collection == collection);
        found.map_or(&[], |part| part.rows.as_slice())
    }

    /// The same, to be changed.
    pub fn of_system_mut(&mut self, collection: &str) -> Option<&mut Vec<Object>> {
        let found = self.system.iter_mut().find(|part| part.collection == collection);
        found.map(|part| &mut part.rows)
    }

    fn has_collection(&self, name: &str) -> bool {
        self.collections
            .iter()
            .any(|collection| text(collection, "collection") == Some(name))
    }

    fn field(&self, collection: &str, name: &str) -> Option<&Object> {
        let is_it =
            |field: &&Object| text(field, "collection") == Some(collection) && text(field, "field") == Some(name);
        self.fields.iter().find(is_it)
    }
}

/// A member that is text.
fn text<'a>(object: &'a Object, member: &str) -> Option<&'a str> {
    object.get(member).and_then(Json::as_str)
}

/// A member of a member that is text.
fn inner<'a>(object: &'a Object, member: &str, name: &str) -> Option<&'a str> {
    object.get(member)?.get(name)?.as_str()
}

#[cfg(test)]
mod tests;
