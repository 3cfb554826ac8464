//! The demo project: a template like any other, in the files below `demo/src` of the repository, which are built into the
//! binary. They never hold a secret: tokens and passwords are made when the demo is loaded.

use crate::template::{Problems, Template};

pub mod load;

#[cfg(test)]
mod tests;

/// Names each file once, so that a path and its text cannot drift apart.
macro_rules! embedded {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../../demo/src/", $path)))),+]
    };
}

/// Everything of the demo, in the directory layout of a project template.
const FILES: &[(&str, &str)] = embedded![
    "collections.json",
    "fields.json",
    "relations.json",
    "roles.json",
    "policies.json",
    "access.json",
    "permissions.json",
    "users.json",
    "settings.json",
    "presets.json",
    "content/authors.json",
    "content/categories.json",
    "content/tags.json",
    "content/posts.json",
    "content/posts_tags.json",
    "content/comments.json",
    "content/pages.json",
    "content/site_settings.json",
    "content/contact_submissions.json",
    "content/page_analytics.json",
];

/// The embedded files: path relative to the template's source folder, and JSON text.
pub fn files() -> &'static [(&'static str, &'static str)] {
    FILES
}

/// The demo as a template. Users have neither password nor token: one without an e-mail address is a machine account, which is
/// to be given a random token; the others are to be given a random password.
///
/// # Errors
/// When the embedded files are no template.
pub fn template() -> Result<Template, Problems> {
    Template::read(FILES.iter().copied())
}
