//! A file as it stands: names and forms only. Whether what it names is there is for others to see.

use aedile_engine::{Json, access::Action};
use uuid::Uuid;

use super::{
    state::{Permission, normal, normal_fields},
    text::VERSION,
};
use crate::document::{
    Place,
    reader::{Node, Reader},
};

/// Something named in a file: a policy or role by its name or id, a user by address or id.
#[derive(Clone, Debug)]
pub(crate) struct Ref {
    pub word: String,
    pub place: Place,
}

/// A file. A section that it does not have is none: what it is about stays as it is.
#[derive(Debug, Default)]
pub(crate) struct File {
    pub public: Option<Vec<Ref>>,
    pub roles: Option<Vec<RoleEntry>>,
    pub users: Option<Vec<UserEntry>>,
    pub policies: Option<Vec<PolicyEntry>>,
}

/// A role of a file.
#[derive(Debug)]
pub(crate) struct RoleEntry {
    pub place: Place,
    pub id: Option<String>,
    pub name: String,
    pub icon: Option<String>,
    pub description: Option<String>,
    pub parent: Option<Ref>,
    pub policies: Vec<Ref>,
}

/// A user of a file.
#[derive(Debug)]
pub(crate) struct UserEntry {
    pub user: Ref,
    pub policies: Vec<Ref>,
}

/// A policy of a file.
#[derive(Debug)]
pub(crate) struct PolicyEntry {
    pub place: Place,
    pub id: Option<String>,
    pub name: String,
    pub icon: Option<String>,
    pub description: Option<String>,
    pub admin_access: bool,
    pub app_access: bool,
    pub enforce_tfa: bool,
    pub ip_access: Vec<String>,
    pub permissions: Vec<PermissionEntry>,
}

/// A permission of a file.
#[derive(Debug)]
pub(crate) struct PermissionEntry {
    pub place: Place,
    pub permission: Permission,
}

/// Reads a file's form.
pub(super) fn file(reader: &mut Reader<'_>, root: &Json) -> File {
    let Some(node) = reader.object(root, Place::default()) else {
        return File::default();
    };
    reader.only(&node, &["version", "public", "roles", "users", "policies"]);
    if node.members.get("version").and_then(Json::as_i64) != Some(VERSION) {
        let place = node.place.member("version");
        reader.wrong(
            &place,
            format!("\"version: {VERSION}\" is needed: the form this program reads"),
        );
    }
    File {
        public: refs(reader, &node, "public"),
        roles: section(reader, &node, "roles", role),
        users: section(reader, &node, "users", user),
        policies: section(reader, &node, "policies", policy),
    }
}

fn section<T>(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    name: &str,
    read: fn(&mut Reader<'_>, &Node<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let list = reader.list(node, name)?;
    let mut found = Vec::with_capacity(list.len());
    for (value, place) in list {
        found.extend(reader.object(value, place).and_then(|node| read(reader, &node)));
    }
    Some(found)
}

fn refs(reader: &mut Reader<'_>, node: &Node<'_>, name: &str) -> Option<Vec<Ref>> {
    let texts = reader.texts(node, name)?;
    Some(texts.into_iter().map(|(word, place)| Ref { word, place }).collect())
}

/// An id, in the form it is stored in.
fn id(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<String> {
    let text = reader.text(node, "id")?;
    match Uuid::parse_str(&text) {
        Ok(id) => Some(id.to_string()),
        Err(_) => {
            reader.wrong(&node.place.member("id"), "is no UUID; leave it out to find by name");
            None
        }
    }
}

fn role(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<RoleEntry> {
    reader.only(node, &["name", "id", "icon", "description", "parent", "policies"]);
    let parent = reader.text(node, "parent").map(|word| Ref {
        word,
        place: node.place.member("parent"),
    });
    Some(RoleEntry {
        place: node.place.clone(),
        id: id(reader, node),
        name: reader.needed(node, "name")?,
        icon: reader.text(node, "icon"),
        description: reader.text(node, "description"),
        parent,
        policies: refs(reader, node, "policies").unwrap_or_default(),
    })
}

fn user(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<UserEntry> {
    reader.only(node, &["user", "policies"]);
    Some(UserEntry {
        user: Ref {
            word: reader.needed(node, "user")?,
            place: node.place.member("user"),
        },
        policies: refs(reader, node, "policies").unwrap_or_default(),
    })
}

fn policy(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<PolicyEntry> {
    const KNOWN: [&str; 9] = [
        "name",
        "id",
        "icon",
        "description",
        "admin_access",
        "app_access",
        "enforce_tfa",
        "ip_access",
        "permissions",
    ];
    reader.only(node, &KNOWN);
    let addresses = reader.texts(node, "ip_access").unwrap_or_default();
    for (address, place) in &addresses {
        if aedile_engine::access::ip::IpList::parse([address.as_str()]).is_err() {
            reader.wrong(place, "is no address, CIDR block or range a-b");
        }
    }
    Some(PolicyEntry {
        place: node.place.clone(),
        id: id(reader, node),
        name: reader.needed(node, "name")?,
        icon: reader.text(node, "icon"),
        description: reader.text(node, "description"),
        admin_access: reader.flag(node, "admin_access"),
        app_access: reader.flag(node, "app_access"),
        enforce_tfa: reader.flag(node, "enforce_tfa"),
        ip_access: addresses.into_iter().map(|(address, _)| address).collect(),
        permissions: permissions(reader, node),
    })
}

/// `permissions: {collection: {action: one or a list}}`.
fn permissions(reader: &mut Reader<'_>, node: &Node<'_>) -> Vec<PermissionEntry> {
    let mut found = Vec::new();
    let place = node.place.member("permissions");
    let Some(value) = node.members.get("permissions").filter(|value| !value.is_null()) else {
        return found;
    };
    let Some(collections) = reader.object(value, place) else {
        return found;
    };
    for (collection, value) in collections.members {
        let Some(actions) = reader.object(value, collections.place.member(collection)) else {
            continue;
        };
        for (name, value) in actions.members {
            let place = actions.place.member(name);
            let Some(action) = Action::parse(name) else {
                reader.wrong(&place, "is no action; there are create, read, update, delete and share");
                continue;
            };
            let list = match value {
                Json::Array(list) => list
                    .iter()
                    .enumerate()
                    .map(|(n, one)| (one, place.element(n)))
                    .collect(),
                one => vec![(one, place)],
            };
            for (value, place) in list {
                let node = reader.object(value, place);
                found.extend(node.and_then(|node| permission(reader, &node, collection, action)));
            }
        }
    }
    found
}

fn permission(reader: &mut Reader<'_>, node: &Node<'_>, collection: &str, action: Action) -> Option<PermissionEntry> {
    reader.only(node, &["fields", "where", "presets", "validation"]);
    if node.members.get("fields").is_none_or(Json::is_null) {
        reader.wrong(&node.place, "\"fields\" is needed: a list of names, or '*' for all");
        return None;
    }
    let fields = reader.texts(node, "fields").unwrap_or_default();
    let mut part = |name: &str| match node.members.get(name) {
        None => Json::Null,
        Some(value @ Json::Object(members)) if !members.is_empty() => normal(value),
        // A rule whose conditions went missing must never be taken for one that lets everything through.
        Some(_) => {
            reader.wrong(
                &node.place.member(name),
                "has to be members with names and values; without any, leave it out",
            );
            Json::Null
        }
    };
    Some(PermissionEntry {
        permission: Permission {
            id: None,
            collection: collection.to_owned(),
            action,
            rule: part("where"),
            presets: part("presets"),
            validation: part("validation"),
            fields: normal_fields(fields.into_iter().map(|(name, _)| name).collect()),
        },
        place: node.place.clone(),
    })
}
