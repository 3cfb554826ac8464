//! Patterns of `_regex`: written for JavaScript, run by an engine whose time is linear in the text.
//! Must never match more than the author meant: where the two dialects differ the pattern is rewritten, or refused.

use std::sync::{Arc, OnceLock};

use regex::{Regex, RegexBuilder};

/// The longest pattern, in bytes: no sensible rule is longer.
const MAX_LENGTH: usize = 2_000;
/// Memory of one compiled pattern, in bytes: enough for patterns of people, too little for `(a{1000}){1000}`.
const MAX_SIZE: usize = 1 << 20;

const DIGIT: &str = "0-9";
const WORD: &str = "A-Za-z0-9_";
const SPACE: &str = r"\t\n\x0B\x0C\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}";
const LINE_ENDS: &str = r"\n\r\x{2028}\x{2029}";

/// A pattern as it is stored. It is made ready when it is first needed, once for all copies.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    ready: Arc<OnceLock<Result<Regex, String>>>,
}

impl Pattern {
    /// The pattern of this text, understood or not.
    pub fn new(source: &str) -> Pattern {
        Pattern {
            source: source.to_owned(),
            ready: Arc::default(),
        }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The pattern, ready to match; or why it is refused, as a clause.
    pub(super) fn regex(&self) -> &Result<Regex, String> {
        self.ready.get_or_init(|| compile(&self.source))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.source == other.source
    }
}

/// The pattern, ready to match; or why it is refused, as a clause. `/…/flags` is taken like its inside.
fn compile(source: &str) -> Result<Regex, String> {
    if source.len() > MAX_LENGTH {
        return Err(format!("a pattern has at most {MAX_LENGTH} bytes"));
    }
    let (pattern, flags) = unwrapped(source);
    let every = flags.contains('s');
    let translated = translate(pattern, every)?;
    RegexBuilder::new(&translated)
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(every)
        .size_limit(MAX_SIZE)
        .dfa_size_limit(MAX_SIZE)
        .build()
        .map_err(|e| match e {
            regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
            _ => "the pattern is malformed, or uses what is not supported (such as look-around and back-references)"
                .to_owned(),
        })
}

/// The inside and the flags of a pattern in slashes.
fn unwrapped(source: &str) -> (&str, &str) {
    let inside = source.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    match inside {
        Some((pattern, flags)) if flags.chars().all(|flag| "gimsu".contains(flag)) => (pattern, flags),
        _ => (source, ""),
    }
}

/// The pattern in the engine's own dialect.
fn translate(pattern: &str, every: bool) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern.chars().peekable();
    let mut class = false;
    let mut last = ' ';
    while let Some(c) = rest.next() {
        match c {
            '\\' => escape(&mut out, rest.next().ok_or("the pattern ends with a backslash")?, class),
            '[' if !class => {
                class = true;
                out.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                if rest.peek() == Some(&']') {
                    return Err("the pattern holds an empty class".to_owned());
                }
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            // Inside of a class these would be operators: nested classes, intersections, differences.
            '[' | '&' | '~' if class => {
                out.push('\\');
                out.push(c);
            }
            '-' if class && last == '-' => {
                return Err("a class of the pattern holds \"--\"".to_owned());
            }
            '.' if !class && !every => push_class(&mut out, LINE_ENDS, true),
            _ => out.push(c),
        }
        last = if c == '\\' { ' ' } else { c };
    }
    Ok(out)
}

/// What follows a backslash. Digits, words and spaces are JavaScript's: digits and words know ASCII alone.
fn escape(out: &mut String, c: char, class: bool) {
    match c {
        'd' | 'D' => push_class(out, DIGIT, c == 'D'),
        'w' | 'W' => push_class(out, WORD, c == 'W'),
        's' | 'S' => push_class(out, SPACE, c == 'S'),
        'b' if class => out.push_str("\\x08"),
        'b' => out.push_str("(?-u:\\b)"),
        // In JavaScript these stand for themselves, in the engine for boundaries and control characters.
        '<' | '>' | 'A' | 'z' | 'a' | 'U' => out.push(c),
        _ => {
            out.push('\\');
            out.push(c);
        }
    }
}

/// A class of its own, which may stand inside of another one too.
fn push_class(out: &mut String, of: &str, not: bool) {
    out.push_str(if not { "[^" } else { "[" });
    out.push_str(of);
    out.push(']');
}
