//! From the regular expressions of JavaScript to those of the `regex` crate, and from look-aheads to single conditions.
//!
//! Pure text to text; what the other side cannot express is refused. Must never pass a construct on unread: the same
//! characters may mean something else there (`&&`, `[` in a class, `\<`, Unicode digits).

use super::{Flags, Result, refuse};

/// One condition: a pattern that must, or must not, match at a position.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) pattern: String,
    pub(super) wanted: bool,
}

/// The conditions whose conjunction a pattern is: each look-ahead at its start, and the rest.
pub(super) fn translate(pattern: &str, flags: Flags) -> Result<Vec<Part>> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut parts = Vec::new();
    let mut rest = chars.as_slice();
    let mut looked = false;
    loop {
        if let Some(after) = rest.strip_prefix(&['^']) {
            parts.push(Part {
                pattern: "^".to_owned(),
                wanted: true,
            });
            rest = after;
        } else if let Some((wanted, body, after)) = look_ahead(rest)? {
            parts.push(Part {
                pattern: condition(body, flags)?,
                wanted,
            });
            rest = after;
            looked = true;
        } else {
            break;
        }
    }
    if !looked {
        return Ok(vec![Part {
            pattern: condition(&chars, flags)?,
            wanted: true,
        }]);
    }
    if has_alternatives(rest) {
        return Err(refuse(
            "look-aheads cannot be combined with alternatives (`|`) outside of a group",
        ));
    }
    if !rest.is_empty() {
        parts.push(Part {
            pattern: condition(rest, flags)?,
            wanted: true,
        });
    }
    Ok(parts)
}

/// A look-ahead at the start: whether it is a positive one, its inside, and what follows it.
#[expect(clippy::type_complexity, reason = "three pieces of one slice, used in one place")]
fn look_ahead(chars: &[char]) -> Result<Option<(bool, &[char], &[char])>> {
    let (wanted, inside) = match chars {
        ['(', '?', '=', inside @ ..] => (true, inside),
        ['(', '?', '!', inside @ ..] => (false, inside),
        _ => return Ok(None),
    };
    let Some(end) = positions(inside)
        .find(|at| at.depth == 0 && at.char == ')')
        .map(|at| at.index)
    else {
        return Err(refuse("a parenthesis is not closed"));
    };
    let (body, after) = inside.split_at(end);
    let after = after.get(1..).unwrap_or_default();
    if matches!(after.first(), Some('*' | '+' | '?' | '{')) {
        return Err(refuse("a look-ahead cannot be repeated"));
    }
    Ok(Some((wanted, body, after)))
}

fn has_alternatives(chars: &[char]) -> bool {
    positions(chars).any(|at| at.depth == 0 && at.char == '|')
}

/// A character that is neither escaped nor in a class, and how many parentheses are open before it.
struct Position {
    index: usize,
    char: char,
    depth: usize,
}

fn positions(chars: &[char]) -> impl Iterator<Item = Position> + '_ {
    let (mut escaped, mut in_class, mut depth) = (false, false, 0_usize);
    chars.iter().copied().enumerate().filter_map(move |(index, char)| {
        let position = Position { index, char, depth };
        if escaped {
            escaped = false;
            return None;
        }
        match char {
            '\\' => escaped = true,
            ']' if in_class => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            '(' => depth += 1,
            ')' => {
                depth = depth.saturating_sub(1);
                return Some(position);
            }
            _ => return Some(position),
        }
        None
    })
}

/// Translates a pattern without look-around.
fn condition(chars: &[char], flags: Flags) -> Result<String> {
    let mut reader = Reader { chars, at: 0, flags };
    let mut out = String::with_capacity(chars.len() * 2);
    while let Some(char) = reader.next() {
        match char {
            '\\' => out.push_str(&reader.escape(Place::Outside)?.text),
            '[' => reader.class(&mut out)?,
            '(' => reader.group(&mut out)?,
            '{' => reader.braces(&mut out),
            '.' if flags.dot_all => out.push_str("(?s:.)"),
            '.' => out.push_str(r"[^\n\r\x{2028}\x{2029}]"),
            ')' | '|' | '^' | '$' | '*' | '+' | '?' => out.push(char),
            _ => push_literal(&mut out, char),
        }
    }
    Ok(out)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Class,
}

/// One member of a class, or one escape.
struct Atom {
    text: String,
    /// Whether it is a single character, so that it may begin or end a range.
    single: bool,
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    flags: Flags,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += 1;
        Some(char)
    }

    fn rest(&self) -> &[char] {
        self.chars.get(self.at..).unwrap_or_default()
    }

    /// After `(`: groups become groups without a name, for nothing refers to them.
    fn group(&mut self, out: &mut String) -> Result<()> {
        let skipped = match self.rest() {
            ['?', '=' | '!', ..] => {
                return Err(refuse("look-aheads are only supported at the start"));
            }
            ['?', '<', '=' | '!', ..] => return Err(refuse("look-behinds are not supported")),
            ['?', ':', ..] => 2,
            ['?', '<', name @ ..] => match name.iter().position(|char| *char == '>') {
                Some(end) => end + 3,
                None => return Err(refuse("the name of a group does not end")),
            },
            ['?', ..] => return Err(refuse("a group of an unknown kind")),
            _ => 0,
        };
        self.at += skipped;
        out.push_str("(?:");
        Ok(())
    }

    /// After `{`: a repetition, or the character itself.
    fn braces(&mut self, out: &mut String) {
        let end = self.rest().iter().position(|char| *char == '}');
        let inside: String = self.rest().iter().take(end.unwrap_or_default()).collect();
        let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
        let is_count = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if least.is_empty() || !is_count(least) || !is_count(most) {
            out.push_str(r"\{");
            return;
        }
        self.at += inside.chars().count() + 1;
        out.push('{');
        out.push_str(&inside);
        out.push('}');
    }

    /// After `[`: member by member, for `[`, `&&`, `--` and `~~` mean more on the other side.
    fn class(&mut self, out: &mut String) -> Result<()> {
        let negated = self.peek() == Some('^');
        if negated {
            self.at += 1;
        }
        let mut members = String::new();
        loop {
            match self.next() {
                None => return Err(refuse("a class is not closed")),
                Some(']') => break,
                Some(char) => self.member(char, &mut members)?,
            }
        }
        match (members.is_empty(), negated) {
            // `[]` matches nothing and `[^]` anything.
            (true, false) => out.push_str(r"[^\s\S]"),
            (true, true) => out.push_str(r"[\s\S]"),
            (false, false) => out.push_str(&format!("[{members}]")),
            (false, true) => out.push_str(&format!("[^{members}]")),
        }
        Ok(())
    }

    fn member(&mut self, first: char, members: &mut String) -> Result<()> {
        let low = self.atom(first)?;
        members.push_str(&low.text);
        let is_range = matches!(self.rest(), ['-', end, ..] if *end != ']');
        if !is_range {
            return Ok(());
        }
        self.at += 1;
        let Some(last) = self.next() else {
            return Err(refuse("a class is not closed"));
        };
        let high = self.atom(last)?;
        // A set at either end makes the dash a dash.
        members.push_str(if low.single && high.single { "-" } else { r"\-" });
        members.push_str(&high.text);
        Ok(())
    }

    fn atom(&mut self, char: char) -> Result<Atom> {
        if char == '\\' {
            return self.escape(Place::Class);
        }
        let mut text = String::new();
        push_literal(&mut text, char);
        Ok(Atom { text, single: true })
    }

    /// After a backslash.
    fn escape(&mut self, place: Place) -> Result<Atom> {
        let Some(char) = self.next() else {
            return Err(refuse("it ends in a backslash"));
        };
        let set = |text: &str| {
            Ok(Atom {
                text: text.to_owned(),
                single: false,
            })
        };
        let single = |text: &str| {
            Ok(Atom {
                text: text.to_owned(),
                single: true,
            })
        };
        match (char, place) {
            // ASCII only, unlike on the other side.
            ('d', _) => set("[0-9]"),
            ('D', _) => set("[^0-9]"),
            ('w', _) => set("[A-Za-z0-9_]"),
            ('W', _) => set("[^A-Za-z0-9_]"),
            ('s', _) => set(r"[\s\x{feff}]"),
            ('S', _) => set(r"[^\s\x{feff}]"),
            ('b', Place::Outside) => set(r"(?-u:\b)"),
            ('b', Place::Class) => single(r"\x08"),
            ('n' | 'r' | 't' | 'v' | 'f', _) => single(&format!(r"\{char}")),
            ('x', _) => self.code_point(2),
            ('u', _) if self.flags.unicode && self.peek() == Some('{') => self.braced_code_point(),
            ('u', _) => self.code_point(4),
            ('p' | 'P', _) if self.flags.unicode => self.property(char),
            ('1'..='9' | 'k', _) => Err(refuse("references back to groups are not supported")),
            _ if char.is_ascii_alphanumeric() => Err(super::Error::Policy(format!(r"the escape `\{char}` is unknown"))),
            _ => self.atom_of(char),
        }
    }

    fn atom_of(&self, char: char) -> Result<Atom> {
        let mut text = String::new();
        push_literal(&mut text, char);
        Ok(Atom { text, single: true })
    }

    fn code_point(&mut self, digits: usize) -> Result<Atom> {
        let text: String = self.rest().iter().take(digits).collect();
        self.at += text.chars().count();
        hexadecimal(&text, digits..=digits)
    }

    fn braced_code_point(&mut self) -> Result<Atom> {
        let text: String = self.rest().iter().skip(1).take_while(|char| **char != '}').collect();
        self.at += text.chars().count() + 2;
        hexadecimal(&text, 1..=6)
    }

    fn property(&mut self, letter: char) -> Result<Atom> {
        let name: String = self.rest().iter().skip(1).take_while(|char| **char != '}').collect();
        let proper = name
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "_=".contains(char));
        if self.peek() != Some('{') || name.is_empty() || !proper {
            return Err(refuse("a character property is malformed"));
        }
        self.at += name.chars().count() + 2;
        Ok(Atom {
            text: format!(r"\{letter}{{{name}}}"),
            single: false,
        })
    }
}

fn hexadecimal(text: &str, digits: std::ops::RangeInclusive<usize>) -> Result<Atom> {
    if !digits.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(refuse("a character's number is malformed"));
    }
    Ok(Atom {
        text: format!(r"\x{{{text}}}"),
        single: true,
    })
}

/// A character that stands for itself, in a class or outside.
fn push_literal(out: &mut String, char: char) {
    if char.is_ascii_punctuation() && !matches!(char, '<' | '>') {
        out.push('\\');
    }
    out.push(char);
}
