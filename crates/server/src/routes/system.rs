//! The system's collections under their own paths: the same verbs as for items, and the same rules.
//! Must never list a collection here that needs more than its access and the platform's protections.

use crate::{
    router::{Entry, Table, reads, routes},
    routes::items,
};

/// Resources that are read and written like any collection.
const RESOURCES: [(&str, &str); 17] = [
    ("users", "directus_users"),
    ("roles", "directus_roles"),
    ("policies", "directus_policies"),
    ("permissions", "directus_permissions"),
    ("access", "directus_access"),
    ("presets", "directus_presets"),
    ("translations", "directus_translations"),
    ("folders", "directus_folders"),
    ("files", "directus_files"),
    ("dashboards", "directus_dashboards"),
    ("panels", "directus_panels"),
    ("notifications", "directus_notifications"),
    ("comments", "directus_comments"),
    ("flows", "directus_flows"),
    ("operations", "directus_operations"),
    ("shares", "directus_shares"),
    ("versions", "directus_versions"),
];

/// Resources that only Aedile writes.
const HISTORY: [(&str, &str); 2] = [("activity", "directus_activity"), ("revisions", "directus_revisions")];

const READING: &[Entry] = reads![
    Get "" => items::list,
    Get "/:key" => items::item,
];

const SEARCHING: &[Entry] = routes![
    Search "" => items::search,
];

const WRITING: &[Entry] = routes![
    Post "" => items::create,
    Patch "" => items::update_many,
    Delete "" => items::delete_many,
    Patch "/:key" => items::update,
    Delete "/:key" => items::delete,
];

/// The project's settings: one item, which is never made or removed by hand.
const SETTINGS: &[Entry] = reads![
    Get "" => items::list,
];

const SET: &[Entry] = routes![
    Patch "" => items::update_many,
];

/// Adds all of them.
pub fn add(table: &mut Table) {
    for (root, collection) in RESOURCES {
        table.add_resource(root, collection, READING);
        table.add_resource(root, collection, SEARCHING);
        table.add_resource(root, collection, WRITING);
    }
    for (root, collection) in HISTORY {
        table.add_resource(root, collection, READING);
        table.add_resource(root, collection, SEARCHING);
    }
    table.add_resource("settings", "directus_settings", SETTINGS);
    table.add_resource("settings", "directus_settings", SET);
}
