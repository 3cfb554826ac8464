//! A comparison as it is told: what would be changed, and who would gain or lose what by it, as text and for programs.
//! The text is for people and must never be parsed.

use std::fmt::Write;

use aedile_engine::schema::Schema;
use serde::Serialize;

use super::{
    change::Change,
    effect::{Affected, Effect, Kind, Rows, Who},
    state::{Holder, Policy, Role, State},
    stored::Stored,
    words::{self, counted, differences},
};

/// A file compared with the database.
#[derive(Clone, Debug, Serialize)]
pub struct Diff {
    /// Whether nothing is different.
    pub same: bool,
    /// What would be changed.
    pub changes: Vec<Changed>,
    /// Who would gain or lose what.
    pub effects: Vec<Affected>,
    /// What would not be done, or should be known before it is.
    pub warnings: Vec<String>,
    /// How the counts are meant.
    pub notes: Vec<String>,
}

/// Something that would be changed.
#[derive(Clone, Debug, Serialize)]
pub struct Changed {
    /// `role`, `policy`, `user` or `public`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its id.
    pub id: Option<String>,
    /// What it is called.
    pub name: Option<String>,
    /// `new`, `changed` or `gone`.
    pub change: &'static str,
    /// What is different about it, in words: added (`+`), removed (`-`), changed (`~`).
    pub details: Vec<Detail>,
}

/// One difference.
#[derive(Clone, Debug, Serialize)]
pub struct Detail {
    /// `+`, `-` or `~`.
    pub sign: char,
    /// In words.
    pub words: String,
}

fn detail(sign: char, words: impl Into<String>) -> Detail {
    Detail {
        sign,
        words: words.into(),
    }
}

/// The changes in words, those of one thing together.
pub(super) fn changed(schema: &Schema, stored: &Stored, after: &State, changes: &[Change]) -> Vec<Changed> {
    let mut found: Vec<Changed> = Vec::new();
    for change in changes {
        let next = one(schema, stored, after, change);
        match found
            .iter_mut()
            .find(|known| known.kind == next.kind && known.id == next.id)
        {
            Some(known) => known.details.extend(next.details),
            None => found.push(next),
        }
    }
    found
}

fn one(schema: &Schema, stored: &Stored, after: &State, change: &Change) -> Changed {
    let now = &stored.state;
    match change {
        Change::Role { before, after: role } => Changed {
            kind: "role",
            id: Some(role.id.clone()),
            name: Some(role.name.clone()),
            change: if before.is_some() { "changed" } else { "new" },
            details: of_role(before.as_ref(), role, now, after),
        },
        Change::RoleGone(role) => Changed {
            kind: "role",
            id: Some(role.id.clone()),
            name: Some(role.name.clone()),
            change: "gone",
            details: suspended(role, stored),
        },
        Change::Policy { before, after: policy } => Changed {
            change: if before.is_some() { "changed" } else { "new" },
            details: of_policy(before.as_ref(), policy),
            ..for_policy(policy)
        },
        Change::PolicyGone(policy) => Changed {
            change: "gone",
            details: policy
                .permissions
                .iter()
                .map(|one| detail('-', words::permission(schema, one)))
                .collect(),
            ..for_policy(policy)
        },
        Change::Permission {
            policy,
            before,
            after: wanted,
        } => {
            let details = match (before, wanted) {
                (Some(before), Some(wanted)) => {
                    let told = differences(schema, before, wanted).join("; ");
                    vec![detail(
                        '~',
                        format!("{} {}: {told}", wanted.action.as_str(), wanted.collection),
                    )]
                }
                (Some(gone), None) => vec![detail('-', words::permission(schema, gone))],
                (None, Some(new)) => vec![detail('+', words::permission(schema, new))],
                (None, None) => Vec::new(),
            };
            let known = after.policy(policy).or_else(|| now.policy(policy));
            Changed {
                details,
                ..known.map(for_policy).unwrap_or_else(|| nameless(policy))
            }
        }
        Change::Attached {
            holder,
            before,
            after: list,
        } => attached(stored, after, holder, before, list),
    }
}

fn for_policy(policy: &Policy) -> Changed {
    Changed {
        name: Some(policy.called().to_owned()),
        ..nameless(&policy.id)
    }
}

fn nameless(policy: &str) -> Changed {
    Changed {
        kind: "policy",
        id: Some(policy.to_owned()),
        name: None,
        change: "changed",
        details: Vec::new(),
    }
}

fn of_role(before: Option<&Role>, role: &Role, now: &State, after: &State) -> Vec<Detail> {
    let below = |state: &State, parent: &Option<String>| {
        let name = parent
            .as_deref()
            .and_then(|id| state.role(id))
            .map(|role| role.name.clone());
        name.map_or_else(|| "on top".to_owned(), |name| format!("below \"{name}\""))
    };
    let mut found = Vec::new();
    let Some(before) = before else {
        if role.parent.is_some() {
            found.push(detail('+', below(after, &role.parent)));
        }
        return found;
    };
    if before.name != role.name {
        found.push(detail('~', format!("name (was: \"{}\")", before.name)));
    }
    if before.parent != role.parent {
        let told = (below(after, &role.parent), below(now, &before.parent));
        found.push(detail('~', format!("{} (was: {})", told.0, told.1)));
    }
    if (&before.icon, &before.description) != (&role.icon, &role.description) {
        found.push(detail('~', "icon or description"));
    }
    found
}

fn suspended(role: &Role, stored: &Stored) -> Vec<Detail> {
    let users = stored
        .users
        .iter()
        .filter(|user| user.role.as_ref() == Some(&role.id))
        .count();
    match users {
        0 => Vec::new(),
        n => vec![detail('-', format!("{}, suspended by this", counted(n, "user")))],
    }
}

fn of_policy(before: Option<&Policy>, policy: &Policy) -> Vec<Detail> {
    let mut found = Vec::new();
    if let Some(before) = before.filter(|before| before.name != policy.name) {
        found.push(detail('~', format!("name (was: \"{}\")", before.called())));
    }
    let was = |of: fn(&Policy) -> bool| before.is_some_and(of);
    for (name, was, is) in [
        ("administrator rights", was(|one| one.admin_access), policy.admin_access),
        ("app access", was(|one| one.app_access), policy.app_access),
        (
            "a second factor is asked for",
            was(|one| one.enforce_tfa),
            policy.enforce_tfa,
        ),
    ] {
        match (was, is) {
            (false, true) => found.push(detail('+', name)),
            (true, false) => found.push(detail('-', name)),
            _ => {}
        }
    }
    let addresses = |list: &[String]| match list {
        [] => "everywhere".to_owned(),
        list => format!("{} only", list.join(", ")),
    };
    let none = Vec::new();
    let old = before.map_or(&none, |before| &before.ip_access);
    if *old != policy.ip_access {
        found.push(detail(
            '~',
            format!("counts from {} (was: {})", addresses(&policy.ip_access), addresses(old)),
        ));
    }
    if before.is_some_and(|before| (&before.icon, &before.description) != (&policy.icon, &policy.description)) {
        found.push(detail('~', "icon or description"));
    }
    found
}

fn attached(stored: &Stored, after: &State, holder: &Holder, before: &[String], list: &[String]) -> Changed {
    let now = &stored.state;
    let (kind, id, name) = match holder {
        Holder::Public => ("public", None, None),
        Holder::Role(id) => ("role", Some(id), after.role(id).map(|role| role.name.clone())),
        Holder::User(id) => {
            let user = stored.users.iter().find(|user| user.id == *id);
            ("user", Some(id), user.map(|user| user.called().to_owned()))
        }
    };
    let called = |id: &String| {
        let policy = after.policy(id).or_else(|| now.policy(id));
        format!("policy \"{}\"", policy.map_or(id.as_str(), Policy::called))
    };
    let new = list
        .iter()
        .filter(|id| !before.contains(id))
        .map(|id| detail('+', called(id)));
    let gone = before
        .iter()
        .filter(|id| !list.contains(id))
        .map(|id| detail('-', called(id)));
    let mut details: Vec<Detail> = new.chain(gone).collect();
    if details.is_empty() {
        details.push(detail('~', "the order of its policies"));
    }
    Changed {
        kind,
        id: id.cloned(),
        name,
        change: "changed",
        details,
    }
}

impl Diff {
    /// As text for a terminal.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string never fails.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        if self.same {
            writeln!(out, "The database is as the file says.")?;
        } else {
            writeln!(out, "Changes")?;
        }
        for changed in &self.changes {
            let called = subject(changed.kind, changed.name.as_deref(), changed.id.as_deref());
            let how = match changed.change {
                "new" => " is new",
                "gone" => " goes",
                _ => "",
            };
            writeln!(out, "  {called}{how}")?;
            for detail in &changed.details {
                writeln!(out, "    {} {}", detail.sign, detail.words)?;
            }
        }
        if !self.same {
            writeln!(out, "\nWho gains and loses what")?;
            if self.effects.is_empty() {
                writeln!(out, "  Nobody gains or loses anything.")?;
            }
        }
        for affected in &self.effects {
            let who: Vec<String> = affected.who.iter().map(person).collect();
            writeln!(out, "  {}", who.join(", "))?;
            for effect in &affected.effects {
                writeln!(out, "    {}", line(effect))?;
            }
        }
        for (title, list) in [("Warnings", &self.warnings), ("Notes", &self.notes)] {
            if !list.is_empty() {
                writeln!(out, "\n{title}")?;
            }
            list.iter().try_for_each(|one| writeln!(out, "  {one}"))?;
        }
        Ok(())
    }
}

fn subject(kind: &str, name: Option<&str>, id: Option<&str>) -> String {
    match (kind, name.or(id)) {
        ("public", _) | (_, None) => "the public".to_owned(),
        ("user", Some(name)) => format!("user {name}"),
        (kind, Some(name)) => format!("{kind} \"{name}\""),
    }
}

fn person(who: &Who) -> String {
    let called = subject(who.kind, who.name.as_deref(), who.id.as_deref());
    match who.users {
        Some(n) => format!("{called} ({})", counted(n, "user")),
        None if who.kind == "public" => format!("{called} (whoever has no role, logged in or not)"),
        None => called,
    }
}

fn line(effect: &Effect) -> String {
    let kind = match effect.kind {
        Kind::Gains => "gains:  ",
        Kind::Loses => "loses:  ",
        Kind::Changes => "changes:",
    };
    match &effect.rows {
        None => format!("{kind} {}", effect.words),
        Some(rows) => format!("{kind} {}: {}", effect.words, row_words(rows)),
    }
}

fn row_words(rows: &Rows) -> String {
    let Rows {
        before,
        after,
        gained,
        lost,
        total,
    } = *rows;
    let of = format!("of {total} row{}", if total == 1 { "" } else { "s" });
    match (gained, lost) {
        (0, 0) => format!("{after} {of}, as before"),
        (_, 0) | (0, _) => format!("{before} → {after} {of}"),
        _ => format!("{before} → {after} {of}, {gained} gained and {lost} lost"),
    }
}
