//! An explanation as text for a terminal: the verdict first, then who and what decides it.
//! It leaves nothing of the verdict out, and must never be parsed: that is what the JSON is for.

use std::fmt::Write;

use super::told::{Condition, Explained, Granted, Item, Permission, Policy, Removed, Value, Way};

/// The whole explanation, with a line end.
pub fn text(of: &Explained) -> String {
    let mut out = String::new();
    // Writing to a string never fails.
    let _ = write(&mut out, of);
    out
}

fn write(out: &mut String, of: &Explained) -> std::fmt::Result {
    let verdict = if of.allowed { "ALLOWED" } else { "DENIED" };
    writeln!(out, "{verdict}: {} {} {}", caller(of), of.action, of.collection)?;
    writeln!(out, "  because: {}", of.reason)?;
    if let Some(rows) = &of.rows {
        condition(out, "  rows:    ", rows)?;
    }
    writeln!(out, "\nPolicies")?;
    if of.policies.is_empty() {
        writeln!(out, "  none")?;
    }
    for policy in &of.policies {
        line_of_policy(out, policy)?;
    }
    if of.permissions.is_empty() {
        writeln!(
            out,
            "\nPermissions\n  none {}",
            if of.caller.admin_access {
                "is looked at"
            } else {
                "applies"
            }
        )?;
    } else {
        writeln!(out, "\nPermissions")?;
    }
    for permission in &of.permissions {
        lines_of_permission(out, permission, of.rows.is_some())?;
    }
    if let Some(item) = &of.item {
        lines_of_item(out, item)?;
    } else if !of.fields.is_empty() {
        writeln!(out, "\nFields")?;
        for (granted, word) in [
            (Granted::Always, "always"),
            (Granted::Sometimes, "sometimes"),
            (Granted::Never, "never"),
        ] {
            let names: Vec<&str> = of
                .fields
                .iter()
                .filter(|f| f.granted == granted)
                .map(|f| f.field.as_str())
                .collect();
            if !names.is_empty() {
                writeln!(out, "  {word:<9} {}", names.join(", "))?;
            }
        }
    }
    if !of.notes.is_empty() {
        writeln!(out, "\nNotes")?;
    }
    of.notes.iter().try_for_each(|note| writeln!(out, "  {note}"))
}

fn caller(of: &Explained) -> String {
    let who = &of.caller;
    let name = who.name.as_deref().or(who.id.as_deref()).unwrap_or_default();
    let named = match who.kind {
        "public" => "the public".to_owned(),
        "nobody" => "a user without a role".to_owned(),
        kind => format!("{kind} {name}"),
    };
    match &who.ip {
        Some(ip) => format!("{named} from {ip}:"),
        None => format!("{named}:"),
    }
}

fn condition(out: &mut String, title: &str, of: &Condition) -> std::fmt::Result {
    writeln!(out, "{title}{}", of.words)?;
    let Some(sql) = &of.sql else { return Ok(()) };
    let pad = " ".repeat(title.len());
    writeln!(out, "{pad}{}", sql.text)?;
    if sql.binds.is_empty() {
        return Ok(());
    }
    let binds: Vec<String> = sql
        .binds
        .iter()
        .map(|bind| match bind {
            Value::Value(value) => value.to_string(),
            Value::Variable(name) => name.clone(),
        })
        .collect();
    writeln!(out, "{pad}with {}", binds.join(", "))
}

fn line_of_policy(out: &mut String, policy: &Policy) -> std::fmt::Result {
    let ways: Vec<String> = policy
        .via
        .iter()
        .map(|way| match way {
            Way::Public => "public".to_owned(),
            Way::User => "the user".to_owned(),
            Way::Role { name, above: 0, .. } => format!("role \"{name}\""),
            Way::Role { name, above, .. } => format!("role \"{name}\", {above} above"),
        })
        .collect();
    let mark = if policy.counts { "+" } else { "-" };
    write!(out, "  {mark} {} ({})", policy.called(), ways.join("; "))?;
    match &policy.removed {
        None => {}
        Some(Removed::Missing) => write!(out, ": there is no such policy")?,
        Some(Removed::Address { addresses: Some(list) }) => write!(out, ": counts only from {list}")?,
        Some(Removed::Address { addresses: None }) => write!(out, ": its addresses cannot be read")?,
    }
    if policy.admin_access {
        write!(out, ": administrator")?;
    } else if policy.app_access {
        write!(out, ": app access")?;
    }
    writeln!(out)
}

/// A permission; its rule only where there are rows it is about.
fn lines_of_permission(out: &mut String, permission: &Permission, has_rows: bool) -> std::fmt::Result {
    writeln!(out, "  {}", permission.called())?;
    if let Some(problem) = &permission.problem {
        writeln!(out, "    {problem}")?;
    }
    // What cannot be understood has nothing more to tell.
    if permission.rule.sql.is_none() {
        return Ok(());
    }
    if has_rows {
        condition(out, "    rule:       ", &permission.rule)?;
    }
    let fields = permission.fields.join(", ");
    writeln!(
        out,
        "    fields:     {}",
        if fields.is_empty() { "none" } else { &fields }
    )?;
    for preset in &permission.presets {
        writeln!(out, "    preset:     {} is {}", preset.field, preset.words)?;
    }
    match &permission.validation {
        Some(words) => writeln!(out, "    validation: {words}"),
        None => Ok(()),
    }
}

fn lines_of_item(out: &mut String, item: &Item) -> std::fmt::Result {
    let standing = match (item.exists, item.covered) {
        (false, _) => "is not there",
        (true, false) => "is covered by no rule",
        (true, true) => "is covered",
    };
    writeln!(out, "\nItem {} {standing}", item.key)?;
    for field in &item.fields {
        match &field.why {
            None => writeln!(out, "  + {}", field.field)?,
            Some(why) => writeln!(out, "  - {}: {why}", field.field)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
