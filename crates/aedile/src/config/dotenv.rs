//! Reads the `.env` format: `NAME=value` lines, comments, three kinds of quotes.
//! It never guesses and never repeats a value in its complaints, for any of them may be a secret.

/// One assignment.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// The variable.
    pub name: String,
    /// Its value, without quotes.
    pub value: String,
    /// Where it stands, counted from 1.
    pub number: usize,
}

/// What is wrong with a line, and which one.
pub type Complaint = (usize, &'static str);

/// Reads a whole file; every bad line yields its own complaint.
pub fn parse(text: &str) -> (Vec<Line>, Vec<Complaint>) {
    let mut lines = Vec::new();
    let mut complaints = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut number = 1;
    while !rest.is_empty() {
        let (outcome, after) = assignment(rest);
        match outcome {
            Ok(Some((name, value))) => lines.push(Line { name, value, number }),
            Ok(None) => {}
            Err(why) => complaints.push((number, why)),
        }
        let consumed = rest.len().saturating_sub(after.len());
        number += rest.bytes().take(consumed).filter(|byte| *byte == b'\n').count();
        rest = after;
    }
    (lines, complaints)
}

type Outcome = Result<Option<(String, String)>, &'static str>;

/// Reads one assignment (several lines when a quoted value has line ends) and returns what follows it.
fn assignment(text: &str) -> (Outcome, &str) {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    let trimmed = line.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return (Ok(None), after);
    }
    let Some((left, _)) = line.split_once('=') else {
        return (Err("a line is `NAME=value`, a comment after `#`, or empty"), after);
    };
    let name = left.trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.' || c == '-';
    if name.is_empty() || !name.chars().all(letter) {
        return (Err("the name before `=` has characters that no variable has"), after);
    }
    let value = text.get(left.len() + 1..).unwrap_or_default();
    let start = value.trim_start_matches([' ', '\t']);
    match start.chars().next() {
        Some(quote @ ('"' | '\'' | '`')) => {
            let (value, after) = quoted(start, quote, after);
            (value.map(|value| Some((name.to_owned(), value))), after)
        }
        _ => (unquoted(start).map(|value| Some((name.to_owned(), value))), after),
    }
}

fn unquoted(start: &str) -> Result<String, &'static str> {
    let line = start.lines().next().unwrap_or_default();
    let comment = line.char_indices().find(|(_, c)| *c == '#').map(|(at, _)| at);
    let Some(at) = comment else {
        return Ok(line.trim().to_owned());
    };
    let before = line.get(..at).unwrap_or_default();
    if before.is_empty() || before.ends_with(char::is_whitespace) {
        Ok(before.trim().to_owned())
    } else {
        // Some readers of this format cut here, others do not: a password must not depend on which.
        Err("the value has a `#` in it; put the value in quotes, or a space before the comment")
    }
}

/// Reads a quoted value; `next_line` is where reading goes on when the quote never closes.
fn quoted<'a>(start: &'a str, quote: char, next_line: &'a str) -> (Result<String, &'static str>, &'a str) {
    let mut value = String::new();
    let mut chars = start.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == quote {
            let tail = start.get(at + 1..).unwrap_or_default();
            let (line, after) = tail.split_once('\n').unwrap_or((tail, ""));
            let line = line.trim();
            let clean = line.is_empty() || line.starts_with('#');
            return (
                if clean {
                    Ok(value)
                } else {
                    Err("there is text after the closing quote")
                },
                after,
            );
        }
        match c {
            '\\' if quote == '"' => match chars.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, 't')) => value.push('\t'),
                Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                Some((_, other)) => value.extend(['\\', other]),
                None => {}
            },
            '\r' if start.get(at + 1..).is_some_and(|tail| tail.starts_with('\n')) => {}
            _ => value.push(c),
        }
    }
    (Err("the quote is never closed"), next_line)
}
