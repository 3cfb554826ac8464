//! Judges whether a stored definition says nothing beyond what introspection tells, so that a table or column can be
//! made anew without loss. Must rather refuse too much than let a constraint vanish in silence.

use super::Rebuilt;
use crate::sql::{Dialect, Output, Shape, Sql, Stmt};

/// What is told in place of a kind where the database itself has been asked what would be lost.
const LOSS: &str = "lost";

/// Words that, outside of names and strings, mean more than introspection tells.
const BEYOND: [&str; 11] = [
    "AS",
    "CHECK",
    "COLLATE",
    "CONFLICT",
    "DEFERRABLE",
    "DESC",
    "GENERATED",
    "MATCH",
    "STRICT",
    "WHERE",
    "WITHOUT",
];

/// What of a column MariaDB would forget that is declared anew.
const LOST: [(&str, &str); 5] = [
    // But for the one that says which moments are in UTC.
    ("column_comment not in ('', 'timestamp')", "a comment"),
    ("extra like '%on update%'", "a moment that follows every update"),
    (
        "extra like '%invisible%' or column_type like '%zerofill%'",
        "an attribute of the column",
    ),
    (
        "data_type <> 'longtext' and collation_name <> (select t.table_collation from information_schema.tables t \
         where t.table_schema = c.table_schema and t.table_name = c.table_name)",
        "a collation of its own",
    ),
    (
        "exists (select 1 from information_schema.check_constraints k where k.constraint_schema = c.table_schema \
         and k.table_name = c.table_name and k.level = 'Column' and k.constraint_name = c.column_name \
         and k.check_clause not like 'json_valid(%')",
        "a check",
    ),
];

/// Asks for the stored definitions of what is made anew and of what hangs on it: `type`, `sql`. Of a column, each row
/// is what would be lost.
pub fn stored(dialect: Dialect, of: &Rebuilt) -> Stmt {
    let mut sql = Sql::new(dialect);
    match &of.column {
        None => {
            // Aedile's own index over an expression is made again with the table.
            sql.push("select type, sql from sqlite_schema where sql is not null and name <> 'aedile_users_email' and tbl_name = ")
                .param(of.table.as_str());
        }
        Some(column) => {
            for (i, (condition, lost)) in LOST.iter().enumerate() {
                sql.push(if i > 0 { " union all select '" } else { "select '" })
                    .push(LOSS)
                    .push("', '")
                    .push(lost);
                sql.push("' from information_schema.columns c where table_schema = database() and table_name = ")
                    .param(of.table.as_str());
                sql.push(" and column_name = ")
                    .param(column.as_str())
                    .push(" and (")
                    .push(condition)
                    .push(")");
            }
        }
    }
    let output = |name: &str| Output {
        name: name.to_owned(),
        shape: Shape::Text,
    };
    sql.finish(vec![output("type"), output("sql")])
}

/// What a definition holds that would be lost, as words for a sentence; none when it can be made anew.
pub fn judge(kind: &str, definition: &str) -> Option<&'static str> {
    if kind == LOSS {
        return LOST.iter().map(|(_, lost)| *lost).find(|lost| *lost == definition);
    }
    if kind == "trigger" {
        return Some("a trigger");
    }
    let words = words(definition);
    if let Some(beyond) = BEYOND.iter().find(|beyond| words.iter().any(|word| word == *beyond)) {
        return Some(beyond);
    }
    if !defaults_are_plain(&words) {
        return Some("a computed default");
    }
    let mut rest = words.as_slice();
    while let Some(at) = rest.iter().position(|word| word == "FOREIGN") {
        rest = rest.get(at + 1..).unwrap_or_default();
        // FOREIGN KEY ( name ) has one column; anything else before the parenthesis closes has several.
        if !matches!(rest, [_, open, _, close, ..] if open == "(" && close == ")") {
            return Some("a foreign key of several columns");
        }
    }
    if kind == "index" && words.iter().filter(|word| *word == "(").count() > 1 {
        return Some("an index of an expression");
    }
    None
}

/// Whether every default is a string, a number, a keyword for a constant, or the current time.
fn defaults_are_plain(words: &[String]) -> bool {
    let plain = |word: &str| {
        matches!(word, "?" | "-" | "+" | "NULL" | "TRUE" | "FALSE")
            || word.starts_with("CURRENT_")
            || word.starts_with(|c: char| c.is_ascii_digit())
    };
    words
        .iter()
        .enumerate()
        .filter(|(_, word)| *word == "DEFAULT")
        // `on delete set default` gives none.
        .filter(|(at, _)| {
            at.checked_sub(1)
                .and_then(|before| words.get(before))
                .is_none_or(|word| word != "SET")
        })
        .all(|(at, _)| words.get(at + 1).is_some_and(|word| plain(word)))
}

/// The words and signs of a definition: keywords in capitals; names in quotes and strings as `?`; comments left out.
fn words(definition: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chars = definition.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '-' if chars.peek() == Some(&'-') => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'*') => skip_comment(&mut chars),
            '"' | '\'' | '`' | '[' => {
                skip_quoted(&mut chars, if c == '[' { ']' } else { c });
                words.push("?".to_owned());
            }
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = c.to_uppercase().collect::<String>();
                while let Some(next) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.extend(next.to_uppercase());
                }
                words.push(word);
            }
            c if c.is_whitespace() => {}
            other => words.push(other.to_string()),
        }
    }
    words
}

fn skip_comment(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let mut last = ' ';
    // The star that opens the comment does not close it.
    chars.next();
    for c in chars.by_ref() {
        if last == '*' && c == '/' {
            break;
        }
        last = c;
    }
}

/// A doubled quote ends one part and begins the next, which comes to the same.
fn skip_quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, end: char) {
    while let Some(c) = chars.next() {
        if c == end && chars.next_if(|next| *next == end && end != ']').is_none() {
            break;
        }
    }
}

#[cfg(test)]
mod tests;
