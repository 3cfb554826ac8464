//! A file against what is stored: which role, policy and permission of the file is which stored one, by id or else by name,
//! and what everything would be like. It decides nothing about who may do what, and changes nothing.

use std::collections::{BTreeMap, HashSet};

use uuid::Uuid;

use super::{
    check::{self, Rules},
    parse::{File, PermissionEntry, PolicyEntry, Ref, RoleEntry},
    state::{Holder, Permission, Policy, Role, State},
    stored::Stored,
};
use crate::{
    document::{Place, reader::Reader},
    system::policies::PUBLIC,
};

/// What a file wants.
pub(super) struct Target {
    /// Everything as it would be.
    pub state: State,
    /// What is not done, and why.
    pub warnings: Vec<String>,
}

/// Everything as the file wants it.
pub(super) fn target(reader: &mut Reader<'_>, file: &File, stored: &Stored, rules: &Rules<'_>) -> Target {
    let now = &stored.state;
    let mut warnings = Vec::new();
    let mut state = State {
        policies: match &file.policies {
            Some(entries) => policies(reader, entries, now, rules),
            None => now.policies.clone(),
        },
        ..State::default()
    };
    let role_ids = match &file.roles {
        Some(entries) => roles(reader, entries, now, &mut state),
        None => {
            state.roles.clone_from(&now.roles);
            Vec::new()
        }
    };
    let mut attached: BTreeMap<Holder, Vec<String>> = BTreeMap::new();
    match &file.public {
        Some(words) => keep(&mut attached, Holder::Public, refs(reader, words, &state)),
        None => keep_stored(&mut attached, now, |holder| *holder == Holder::Public),
    }
    match &file.roles {
        Some(entries) => {
            for (entry, id) in entries.iter().zip(role_ids) {
                keep(&mut attached, Holder::Role(id), refs(reader, &entry.policies, &state));
            }
        }
        None => keep_stored(&mut attached, now, |holder| matches!(holder, Holder::Role(_))),
    }
    match &file.users {
        Some(entries) => {
            let mut seen = HashSet::new();
            for entry in entries {
                let policies = refs(reader, &entry.policies, &state);
                let Some(user) = stored.user(&entry.user.word) else {
                    warnings.push(format!(
                        "{} is no user of this database: what the file attaches there is left out",
                        entry.user.word
                    ));
                    continue;
                };
                if !seen.insert(&user.id) {
                    reader.wrong(&entry.user.place, "stands here for the second time");
                }
                keep(&mut attached, Holder::User(user.id.clone()), policies);
            }
        }
        None => keep_stored(&mut attached, now, |holder| matches!(holder, Holder::User(_))),
    }
    // What is attached goes with its policy.
    for policies in attached.values_mut() {
        policies.retain(|id| state.policies.iter().any(|policy| policy.id == *id));
    }
    attached.retain(|_, policies| !policies.is_empty());
    state.attached = attached;
    state.sort();
    Target { state, warnings }
}

fn keep(attached: &mut BTreeMap<Holder, Vec<String>>, holder: Holder, policies: Vec<String>) {
    let own = attached.entry(holder).or_default();
    for policy in policies {
        if !own.contains(&policy) {
            own.push(policy);
        }
    }
}

fn keep_stored(attached: &mut BTreeMap<Holder, Vec<String>>, now: &State, of: fn(&Holder) -> bool) {
    let stored = now.attached.iter().filter(|(holder, _)| of(holder));
    attached.extend(stored.map(|(holder, policies)| (holder.clone(), policies.clone())));
}

/// The ids of the policies that words mean.
fn refs(reader: &mut Reader<'_>, words: &[Ref], state: &State) -> Vec<String> {
    let mut found = Vec::new();
    for word in words {
        let named: Vec<&Policy> = state.policies.iter().filter(|one| one.called() == word.word).collect();
        let by_id = state
            .policies
            .iter()
            .find(|one| one.id.eq_ignore_ascii_case(&word.word));
        match (by_id, named.as_slice()) {
            (Some(policy), _) => found.push(policy.id.clone()),
            (None, [policy]) => found.push(policy.id.clone()),
            (None, []) => reader.wrong(&word.place, format!("there is no policy \"{}\"", word.word)),
            (None, _) => reader.wrong(
                &word.place,
                format!("several policies are called \"{}\": write the id of the one", word.word),
            ),
        }
    }
    found
}

/// What an entry is known by.
struct Known<'a> {
    id: Option<&'a str>,
    /// Its name, after the names above it.
    path: Vec<&'a str>,
    place: &'a Place,
}

/// Which stored one each entry is: by id, else by its path of names, else by its name where that is not ambiguous.
fn pair(
    reader: &mut Reader<'_>,
    what: &str,
    entries: &[Known<'_>],
    stored: &[(&str, Vec<&str>)],
) -> Vec<Option<String>> {
    let mut found: Vec<Option<String>> = vec![None; entries.len()];
    let mut taken: HashSet<&str> = HashSet::new();
    for (entry, found) in entries.iter().zip(&mut found) {
        let Some(id) = entry.id else { continue };
        if let Some((id, _)) = stored.iter().find(|(known, _)| *known == id) {
            if !taken.insert(id) {
                reader.wrong(entry.place, "has the id of another one above");
            }
            *found = Some((*id).to_owned());
        }
    }
    for whole in [true, false] {
        for (i, entry) in entries.iter().enumerate() {
            if found.get(i).is_some_and(Option::is_some) {
                continue;
            }
            let alike = |path: &[&str]| {
                if whole {
                    path == entry.path
                } else {
                    path.last() == entry.path.last()
                }
            };
            let rivals = entries
                .iter()
                .zip(&found)
                .filter(|(other, found)| found.is_none() && alike(&other.path))
                .count();
            let free: Vec<&str> = stored
                .iter()
                .filter(|(id, path)| !taken.contains(id) && alike(path))
                .map(|(id, _)| *id)
                .collect();
            match free.as_slice() {
                [only] if rivals == 1 => {
                    taken.insert(only);
                    if let Some(found) = found.get_mut(i) {
                        *found = Some((*only).to_owned());
                    }
                }
                [] => {}
                _ if whole && entry.id.is_none() => reader.wrong(
                    entry.place,
                    format!("several {what} are called \"{}\": give the id", entry.path.join(" / ")),
                ),
                _ => {}
            }
        }
    }
    found
}

/// The id of a new row: the file's own, if it has one, so that the same file gives every project the same ids.
fn new_id(given: Option<&String>) -> String {
    given.cloned().unwrap_or_else(|| Uuid::new_v4().to_string())
}

fn policies(reader: &mut Reader<'_>, entries: &[PolicyEntry], now: &State, rules: &Rules<'_>) -> Vec<Policy> {
    let known: Vec<Known<'_>> = entries
        .iter()
        .map(|entry| Known {
            id: entry.id.as_deref(),
            path: vec![entry.name.as_str()],
            place: &entry.place,
        })
        .collect();
    let stored: Vec<(&str, Vec<&str>)> = now
        .policies
        .iter()
        .map(|one| (one.id.as_str(), vec![one.called()]))
        .collect();
    let paired = pair(reader, "policies", &known, &stored);
    let mut found = Vec::with_capacity(entries.len());
    for (entry, paired) in entries.iter().zip(paired) {
        let old = paired.as_deref().and_then(|id| now.policy(id));
        let id = old.map_or_else(|| new_id(entry.id.as_ref()), |old| old.id.clone());
        if id == PUBLIC && entry.admin_access {
            reader.wrong(
                &entry.place,
                "is the public policy, which makes nobody an administrator",
            );
        }
        found.push(Policy {
            name: old
                .filter(|old| old.called() == entry.name)
                .map_or(&entry.name, |old| &old.name)
                .clone(),
            icon: entry.icon.clone().or_else(|| old?.icon.clone()),
            description: entry.description.clone().or_else(|| old?.description.clone()),
            admin_access: entry.admin_access,
            app_access: entry.app_access,
            enforce_tfa: entry.enforce_tfa,
            ip_access: entry.ip_access.clone(),
            permissions: permissions(reader, &entry.permissions, old, rules),
            id,
        });
    }
    twice(reader, "policy", &known, found.iter().map(|policy| policy.id.as_str()));
    if now.policy(PUBLIC).is_some() && !found.iter().any(|policy| policy.id == PUBLIC) {
        reader.wrong(
            &Place::default().member("policies"),
            "the public policy has to stay: write \"- name: Public\", without permissions if it is to grant nothing",
        );
    }
    found
}

/// Notes ids that two entries would have.
fn twice<'a>(reader: &mut Reader<'_>, what: &str, known: &[Known<'_>], ids: impl Iterator<Item = &'a str>) {
    let mut seen = HashSet::new();
    for (entry, id) in known.iter().zip(ids) {
        if !seen.insert(id) {
            reader.wrong(entry.place, format!("is the same {what} as another one above"));
        }
    }
}

/// Permissions with the rows that they are: the same, or else by their rule, by their fields, in their order. What is not
/// stored yet is checked.
fn permissions(
    reader: &mut Reader<'_>,
    entries: &[PermissionEntry],
    old: Option<&Policy>,
    rules: &Rules<'_>,
) -> Vec<Permission> {
    const LIKENESS: [fn(&Permission, &Permission) -> bool; 4] = [
        Permission::same,
        |one, other| one.rule == other.rule,
        |one, other| one.fields == other.fields,
        |_, _| true,
    ];
    let mut free: Vec<&Permission> = old.map(|old| old.permissions.iter().collect()).unwrap_or_default();
    let mut ids: Vec<Option<i64>> = vec![None; entries.len()];
    for (pass, alike) in LIKENESS.into_iter().enumerate() {
        for (entry, id) in entries.iter().zip(&mut ids).filter(|(_, id)| id.is_none()) {
            let wanted = &entry.permission;
            let fits = |one: &&Permission| {
                one.collection == wanted.collection && one.action == wanted.action && alike(one, wanted)
            };
            if let Some(at) = free.iter().position(fits) {
                *id = free.remove(at).id;
            }
            if pass == 0 && id.is_none() {
                check::permission(reader, entry, rules);
            }
        }
    }
    let found = entries.iter().zip(ids);
    found
        .map(|(entry, id)| Permission {
            id,
            ..entry.permission.clone()
        })
        .collect()
}

/// The roles of a file, put into the state; answers their ids in the order of the entries.
fn roles(reader: &mut Reader<'_>, entries: &[RoleEntry], now: &State, state: &mut State) -> Vec<String> {
    let parents: Vec<Option<usize>> = entries.iter().map(|entry| parent(reader, entries, entry)).collect();
    let path = |start: usize| {
        let mut path = Vec::new();
        let mut next = Some(start);
        while let Some((i, entry)) = next
            .and_then(|i| Some((i, entries.get(i)?)))
            .filter(|_| path.len() <= entries.len())
        {
            path.push(entry.name.as_str());
            next = parents.get(i).copied().flatten();
        }
        path.reverse();
        path
    };
    let known: Vec<Known<'_>> = entries
        .iter()
        .enumerate()
        .map(|(i, entry)| Known {
            id: entry.id.as_deref(),
            path: path(i),
            place: &entry.place,
        })
        .collect();
    for entry in known.iter().filter(|entry| entry.path.len() > entries.len()) {
        reader.wrong(entry.place, "is a role among its own ancestors");
    }
    let stored: Vec<(&str, Vec<&str>)> = now
        .roles
        .iter()
        .map(|one| (one.id.as_str(), now.path(&one.id)))
        .collect();
    let paired = pair(reader, "roles", &known, &stored);
    let ids: Vec<String> = entries
        .iter()
        .zip(paired)
        .map(|(entry, paired)| paired.unwrap_or_else(|| new_id(entry.id.as_ref())))
        .collect();
    twice(reader, "role", &known, ids.iter().map(String::as_str));
    for ((entry, parent), id) in entries.iter().zip(&parents).zip(&ids) {
        let old = now.role(id);
        state.roles.push(Role {
            id: id.clone(),
            name: entry.name.clone(),
            icon: entry.icon.clone().or_else(|| old?.icon.clone()),
            description: entry.description.clone().or_else(|| old?.description.clone()),
            parent: parent.and_then(|i| ids.get(i).cloned()),
        });
    }
    ids
}

/// The entry that a role names as the one above it.
fn parent(reader: &mut Reader<'_>, entries: &[RoleEntry], entry: &RoleEntry) -> Option<usize> {
    let parent = entry.parent.as_ref()?;
    let is = |other: &RoleEntry| {
        let id = other.id.as_deref();
        other.name == parent.word || id.is_some_and(|id| id.eq_ignore_ascii_case(&parent.word))
    };
    let found: Vec<usize> = entries
        .iter()
        .enumerate()
        .filter(|(_, other)| is(other))
        .map(|(i, _)| i)
        .collect();
    match found.as_slice() {
        [only] => Some(*only),
        [] => {
            reader.wrong(
                &parent.place,
                format!("there is no role \"{}\" in this file", parent.word),
            );
            None
        }
        _ => {
            reader.wrong(
                &parent.place,
                format!("several roles are called \"{}\": write the id of the one", parent.word),
            );
            None
        }
    }
}
