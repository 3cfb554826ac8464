//! Whether a template fits together, and onto the project it is to be applied to: everything that can be known before
//! anything is written. What only the database can judge is left to the transaction.

use std::collections::HashSet;

use aedile_engine::{
    Json, Object,
    schema::{Kind, system},
};

use super::{Problems, Template, inner, rows, text};
use crate::{Snapshot, system::permissions};

/// Looks for everything that is wrong.
///
/// # Errors
/// All that was found.
pub(super) fn check(template: &Template, project: &Snapshot) -> Result<(), Problems> {
    let mut check = Check {
        template,
        project,
        problems: Problems::default(),
    };
    check.collections();
    check.fields();
    check.relations();
    check.access();
    check.users();
    check.content();
    check.problems.or(())
}

struct Check<'a> {
    template: &'a Template,
    project: &'a Snapshot,
    problems: Problems,
}

impl Check<'_> {
    fn tell(&mut self, problem: impl Into<String>) {
        self.problems.tell(problem);
    }

    /// Whether there is such a collection, or will be.
    fn is_collection(&self, name: &str) -> bool {
        let model = &self.project.model;
        self.template.has_collection(name)
            || model.collections.contains_key(name)
            || model.schema.collection(name).is_some()
    }

    /// Whether there is such a field, or will be. A collection without a key gets a counting `id`.
    fn is_field(&self, collection: &str, name: &str) -> bool {
        let there = self
            .project
            .model
            .schema
            .collection(collection)
            .and_then(|c| c.field(name));
        there.is_some() || name == "id" || self.template.field(collection, name).is_some()
    }

    fn collections(&mut self) {
        let mut seen = HashSet::new();
        for collection in &self.template.collections {
            let Some(name) = text(collection, "collection") else {
                self.tell("collections.json: an entry has no \"collection\"");
                continue;
            };
            if !seen.insert(name) {
                self.tell(format!("collections.json: \"{name}\" is there twice"));
            }
            let model = &self.project.model;
            if model.schema.collection(name).is_some() || model.collections.contains_key(name) {
                self.tell(format!(
                    "collections.json: the project has a collection \"{name}\" already"
                ));
            } else if system::is_system(name) {
                self.tell(format!(
                    "collections.json: the name \"{name}\" is reserved for the system"
                ));
            }
            if let Some(group) = inner(collection, "meta", "group").filter(|group| !self.is_collection(group)) {
                self.tell(format!(
                    "collections.json: \"{name}\" is grouped under \"{group}\", which is not there"
                ));
            }
        }
    }

    fn fields(&mut self) {
        let mut seen = HashSet::new();
        for field in &self.template.fields {
            let (Some(of), Some(name)) = (text(field, "collection"), text(field, "field")) else {
                self.tell("fields.json: an entry has no \"collection\" or no \"field\"");
                continue;
            };
            if !seen.insert((of, name)) {
                self.tell(format!("fields.json: \"{of}.{name}\" is there twice"));
            }
            if !self.is_collection(of) {
                self.tell(format!(
                    "fields.json: \"{of}.{name}\" belongs to a collection that is not there"
                ));
            }
            let kind = text(field, "type").and_then(Kind::parse);
            if kind.is_none_or(|kind| kind == Kind::Unknown) {
                let said = field.get("type").cloned().unwrap_or_default();
                self.tell(format!(
                    "fields.json: the type of \"{of}.{name}\" is {said}, which is none that can be made"
                ));
            }
        }
    }

    fn relations(&mut self) {
        for relation in &self.template.relations {
            let (Some(many), Some(field)) = (text(relation, "collection"), text(relation, "field")) else {
                self.tell("relations.json: an entry has no \"collection\" or no \"field\"");
                continue;
            };
            if !self.is_field(many, field) {
                self.tell(format!("relations.json: there is no field \"{many}.{field}\""));
            }
            let Some(one) = text(relation, "related_collection") else {
                continue;
            };
            if !self.is_collection(one) {
                self.tell(format!(
                    "relations.json: \"{many}.{field}\" leads to \"{one}\", which is not there"
                ));
            }
            let list = inner(relation, "meta", "one_field").filter(|list| !self.is_field(one, list));
            if let Some(list) = list {
                self.tell(format!(
                    "relations.json: \"{many}.{field}\" is listed by \"{one}.{list}\", which is not there"
                ));
            }
        }
    }

    /// Rules that would be refused, and rows that tie what is not there.
    fn access(&mut self) {
        let ids = |collection| -> HashSet<&str> {
            self.template
                .of_system(collection)
                .iter()
                .filter_map(|row| text(row, "id"))
                .collect()
        };
        let (policies, roles) = (ids("directus_policies"), ids("directus_roles"));
        let policy = |id: &str| policies.contains(id) || self.project.policies.policy(id).is_some();
        let role = |id: &str| roles.contains(id) || self.project.policies.role(id).is_some();
        let mut wrong = Vec::new();
        for (n, row) in (1..).zip(self.template.of_system("directus_access")) {
            if text(row, "policy").is_none_or(|id| !policy(id)) {
                wrong.push(format!("access.json: entry {n} attaches a policy that is not there"));
            }
            if text(row, "role").is_some_and(|id| !role(id)) {
                wrong.push(format!(
                    "access.json: entry {n} attaches a policy to a role that is not there"
                ));
            }
        }
        for (n, row) in (1..).zip(self.template.of_system("directus_permissions")) {
            let words = |name| text(row, name).unwrap_or_default();
            let named = format!(
                "permissions.json: entry {n} ({} on \"{}\")",
                words("action"),
                words("collection")
            );
            if text(row, "policy").is_none_or(|id| !policy(id)) {
                wrong.push(format!("{named} belongs to a policy that is not there"));
            }
            if let Err(error) = permissions::before_write(row.clone()) {
                wrong.push(format!("{named} is refused: {error}"));
            }
        }
        for row in self.template.of_system("directus_users") {
            if let Some(id) = text(row, "role").filter(|id| !role(id)) {
                wrong.push(format!(
                    "users.json: {} has the role {id}, which is not there",
                    named(row)
                ));
            }
        }
        wrong.into_iter().for_each(|problem| self.tell(problem));
    }

    fn users(&mut self) {
        let mut seen = HashSet::new();
        for row in self.template.of_system("directus_users") {
            if text(row, "email").is_some_and(|email| !seen.insert(email.to_lowercase())) {
                self.tell(format!("users.json: {} is there twice", named(row)));
            }
        }
    }

    fn content(&mut self) {
        for part in &self.template.content {
            let (file, name) = (&part.file, part.collection.as_str());
            let folder = self.template.collections.iter().any(|collection| {
                text(collection, "collection") == Some(name) && collection.get("schema").is_none_or(Json::is_null)
            });
            if system::is_system(name) || folder || !self.is_collection(name) {
                self.tell(format!("{file}: there is no collection \"{name}\" that holds rows"));
                continue;
            }
            let mut unknown: Vec<&str> = part.rows.iter().flat_map(Object::keys).map(String::as_str).collect();
            unknown.sort_unstable();
            unknown.dedup();
            unknown.retain(|field| !self.is_field(name, field));
            for field in unknown {
                self.tell(format!("{file}: there is no field \"{name}.{field}\""));
            }
            if let Some((n, field)) = rows::plain_secret(self.template, part) {
                self.tell(format!(
                    "{file}: \"{field}\" of entry {n} is to be stored as a hash: give it as one, or leave it out"
                ));
            }
        }
    }
}

/// A user as it is spoken of.
fn named(user: &Object) -> String {
    let words = text(user, "email")
        .or_else(|| text(user, "first_name"))
        .or_else(|| text(user, "id"));
    format!("\"{}\"", words.unwrap_or_default())
}
