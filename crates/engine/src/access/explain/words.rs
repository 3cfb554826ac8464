//! Rules, validations and presets in words: `status is "published" and owner is the current user`. The words follow the
//! condition exactly, branch by branch; they are for people alone and must never be judged by or parsed.

use crate::{
    Json,
    query::{Filter, Function, Key, Operand, Operands, Part, Test, Var, filter::variable},
    schema::{Collection, Field, Kind, Link, Schema},
};

/// Longest value that is told in full, in characters.
const MAX_VALUE: usize = 80;
/// Most values of a list that are told.
const MAX_LISTED: usize = 10;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
const YEAR_IN_MONTHS: i64 = 12;

/// A condition on items of a collection, in words. What the schema does not know is told by its bare name.
pub fn condition(schema: &Schema, collection: &str, filter: &Filter) -> String {
    let root = Subject {
        path: String::new(),
        holder: schema.collection(collection),
        field: None,
    };
    Speaker { schema }.say(&root, filter).text
}

/// What a preset fills in, in words.
pub fn preset(value: &Json) -> String {
    match value {
        Json::String(text) => variable(text).map_or_else(|| told(value), |var| var_words(&var)),
        other => told(other),
    }
}

/// A variable as rules write it: `$CURRENT_USER.team`, `$NOW(-1 day)`.
pub fn name(var: &Var) -> String {
    let with_path = |root: &str, path: &[String]| {
        let mut name = root.to_owned();
        for step in path {
            name.push('.');
            name.push_str(step);
        }
        name
    };
    match var {
        Var::User(path) => with_path("$CURRENT_USER", path),
        Var::Role(path) => with_path("$CURRENT_ROLE", path),
        Var::Roles => "$CURRENT_ROLES".to_owned(),
        Var::Policies => "$CURRENT_POLICIES".to_owned(),
        Var::Now { ms: 0, months: 0 } => "$NOW".to_owned(),
        Var::Now { ms, months } => {
            let sign = if ms + months < 0 { '-' } else { '+' };
            format!("$NOW({sign}{})", span(*ms, *months))
        }
    }
}

/// What the words are about at one place of a condition.
struct Subject<'a> {
    /// How it is called; empty for the item itself.
    path: String,
    /// The collection whose fields can follow.
    holder: Option<&'a Collection>,
    /// The field that is compared.
    field: Option<&'a Field>,
}

impl<'a> Subject<'a> {
    /// A name below this one.
    fn at(&self, name: &str) -> String {
        let name = named(name);
        if self.path.is_empty() {
            name
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// How a value compared here is called: an item is compared by its key.
    fn shown(&self) -> &str {
        match self.holder {
            Some(holder) if self.path.is_empty() => &holder.key,
            _ if self.path.is_empty() => "the item",
            _ => &self.path,
        }
    }

    fn is_moment(&self) -> bool {
        let kind = self.field.map(|field| field.kind);
        matches!(kind, Some(Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp))
    }
}

/// Words, and how their parts are joined.
struct Phrase {
    text: String,
    joint: Option<Joint>,
}

#[derive(Clone, Copy, PartialEq)]
enum Joint {
    And,
    Or,
}

impl Phrase {
    fn of(text: impl Into<String>) -> Phrase {
        Phrase {
            text: text.into(),
            joint: None,
        }
    }

    /// The words as a part of others.
    fn inside(self, joint: Option<Joint>) -> String {
        match self.joint {
            Some(own) if Some(own) != joint => format!("({})", self.text),
            _ => self.text,
        }
    }
}

struct Speaker<'a> {
    schema: &'a Schema,
}

impl<'a> Speaker<'a> {
    fn say(&self, subject: &Subject<'a>, filter: &Filter) -> Phrase {
        match filter {
            Filter::And(list) if list.is_empty() => Phrase::of("always"),
            Filter::Or(list) if list.is_empty() => Phrase::of("never"),
            Filter::And(list) => joined(list.iter().map(|part| self.say(subject, part)), Joint::And),
            Filter::Or(list) => joined(list.iter().map(|part| self.say(subject, part)), Joint::Or),
            Filter::At(key, inner) => self.at(subject, key, inner),
            Filter::Some(inner) => self.some(subject.shown(), subject.holder, inner),
            Filter::None(inner) => self.none(subject.shown(), subject.holder, inner),
            Filter::Is(test) => Phrase::of(format!("{} {}", subject.shown(), test_words(test, subject.is_moment()))),
        }
    }

    fn at(&self, subject: &Subject<'a>, key: &Key, inner: &Filter) -> Phrase {
        match key {
            Key::Field(name) => self.at_field(subject, name, inner),
            Key::Scoped(name, target) => {
                let path = format!("{}:{}", subject.at(name), named(target));
                let kind = Phrase::of(format!("{} is an item of {}", subject.at(name), named(target)));
                let holder = self.schema.collection(target);
                let there = Subject {
                    path,
                    holder,
                    field: None,
                };
                joined([kind, self.say(&there, inner)].into_iter(), Joint::And)
            }
            Key::Follow(source, field) => {
                let path = format!("{} (by its {})", named(source), named(field));
                self.list(&path, self.schema.collection(source), inner)
            }
            Key::Call(function, name) => {
                let path = match function {
                    Function::Count => format!("the number of {}", subject.at(name)),
                    other => format!("the {} of {}", other.as_str(), subject.at(name)),
                };
                let number = Subject {
                    path,
                    holder: None,
                    field: None,
                };
                self.say(&number, inner)
            }
        }
    }

    fn at_field(&self, subject: &Subject<'a>, name: &str, inner: &Filter) -> Phrase {
        let path = subject.at(name);
        let field = subject.holder.and_then(|holder| holder.field(name));
        let link = subject.holder.and_then(|holder| self.schema.link(&holder.name, name));
        let holder = match link {
            Some(Link::Many { target, .. }) => return self.list(&path, Some(target), inner),
            Some(Link::One { target, .. }) => Some(target),
            Some(Link::Any { .. }) | None => None,
        };
        self.say(&Subject { path, holder, field }, inner)
    }

    /// A condition on a list of related items: some, unless it says otherwise.
    fn list(&self, path: &str, target: Option<&'a Collection>, inner: &Filter) -> Phrase {
        match inner {
            Filter::Some(inner) => self.some(path, target, inner),
            Filter::None(inner) => self.none(path, target, inner),
            Filter::Is(Test::Null(empty) | Test::Empty(empty)) => {
                Phrase::of(format!("{path} has {} items", if *empty { "no" } else { "some" }))
            }
            Filter::And(list) if list.iter().any(is_about_list) => {
                joined(list.iter().map(|part| self.list(path, target, part)), Joint::And)
            }
            other => self.some(path, target, other),
        }
    }

    fn some(&self, path: &str, target: Option<&'a Collection>, inner: &Filter) -> Phrase {
        Phrase::of(format!("{path} has an item where {}", self.related(target, inner)))
    }

    fn none(&self, path: &str, target: Option<&'a Collection>, inner: &Filter) -> Phrase {
        Phrase::of(format!("{path} has no item where {}", self.related(target, inner)))
    }

    fn related(&self, holder: Option<&'a Collection>, inner: &Filter) -> String {
        let item = Subject {
            path: String::new(),
            holder,
            field: holder.and_then(Collection::key_field),
        };
        self.say(&item, inner).inside(None)
    }
}

fn is_about_list(filter: &Filter) -> bool {
    matches!(filter, Filter::Some(_) | Filter::None(_) | Filter::Is(Test::Null(_)))
}

fn joined(parts: impl Iterator<Item = Phrase>, joint: Joint) -> Phrase {
    let mut parts: Vec<Phrase> = parts.collect();
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            let word = if joint == Joint::And { " and " } else { " or " };
            let words: Vec<String> = parts
                .into_iter()
                .chain(last)
                .map(|part| part.inside(Some(joint)))
                .collect();
            Phrase {
                text: words.join(word),
                joint: Some(joint),
            }
        }
    }
}

/// What a test says of its subject.
fn test_words(test: &Test, moment: bool) -> String {
    let word = |number, time| if moment { time } else { number };
    match test {
        Test::Eq(Operand::Value(Json::Null)) | Test::Null(true) => "has no value".to_owned(),
        Test::Neq(Operand::Value(Json::Null)) | Test::Null(false) => "has a value".to_owned(),
        Test::Eq(a) => format!("is {}", operand(a)),
        Test::Neq(a) => format!("has a value other than {}", operand(a)),
        Test::Lt(a) => format!("is {} {}", word("less than", "before"), operand(a)),
        Test::Lte(a) => format!("is {} {}", word("at most", "not after"), operand(a)),
        Test::Gt(a) => format!("is {} {}", word("more than", "after"), operand(a)),
        Test::Gte(a) => format!("is {} {}", word("at least", "not before"), operand(a)),
        Test::Between(a, b) => format!("is from {} to {}", operand(a), operand(b)),
        Test::Nbetween(a, b) => format!("is outside of {} to {}", operand(a), operand(b)),
        Test::In(of) => format!("is one of {}", operands(of)),
        Test::Nin(of) => format!("has a value that is none of {}", operands(of)),
        Test::Match { part, fold, not, text } => {
            let verb = match (part, not) {
                (Part::Anywhere, false) => "contains",
                (Part::Anywhere, true) => "has a value that does not contain",
                (Part::Start, false) => "begins with",
                (Part::Start, true) => "has a value that does not begin with",
                (Part::End, false) => "ends with",
                (Part::End, true) => "has a value that does not end with",
            };
            let case = if *fold { " in upper or lower case" } else { "" };
            format!("{verb} {}{case}", operand(text))
        }
        Test::Meets { boxes, not, with } => {
            let verb = if *not { "has a value apart from" } else { "meets" };
            let of = if *boxes { "the box around " } else { "" };
            format!("{verb} {of}{}", told(with))
        }
        Test::Empty(true) => "is empty".to_owned(),
        Test::Empty(false) => "is not empty".to_owned(),
        Test::Regex(pattern) => format!("matches the pattern {}", told(&pattern.as_str().into())),
        Test::Submitted(true) => "is sent".to_owned(),
        Test::Submitted(false) => "is not sent".to_owned(),
    }
}

fn operand(op: &Operand) -> String {
    match op {
        Operand::Value(value) => told(value),
        Operand::Var(var) => var_words(var),
    }
}

fn operands(of: &Operands) -> String {
    let list = match of {
        Operands::Var(var) => return var_words(var),
        Operands::List(list) => list,
    };
    let mut words: Vec<String> = list.iter().take(MAX_LISTED).map(operand).collect();
    if list.len() > MAX_LISTED {
        words.push(format!("{} more", list.len() - MAX_LISTED));
    }
    words.join(", ")
}

fn var_words(var: &Var) -> String {
    let along = |who: &str, path: &[String]| match path {
        [] => who.to_owned(),
        path => format!("{who}'s {}", path.join(".")),
    };
    match var {
        Var::User(path) => along("the current user", path),
        Var::Role(path) => along("the current role", path),
        Var::Roles => "the current roles".to_owned(),
        Var::Policies => "the current policies".to_owned(),
        Var::Now { ms: 0, months: 0 } => "now".to_owned(),
        Var::Now { ms, months } if ms + months < 0 => format!("{} ago", span(*ms, *months)),
        Var::Now { ms, months } => format!("{} from now", span(*ms, *months)),
    }
}

/// A span of time in its largest whole unit.
fn span(ms: i64, months: i64) -> String {
    let units = if months == 0 {
        [
            (WEEK, "week"),
            (DAY, "day"),
            (HOUR, "hour"),
            (MINUTE, "minute"),
            (SECOND, "second"),
            (1, "millisecond"),
        ]
        .as_slice()
    } else {
        [(YEAR_IN_MONTHS, "year"), (1, "month")].as_slice()
    };
    let amount = if months == 0 {
        ms.unsigned_abs()
    } else {
        months.unsigned_abs()
    };
    for (unit, word) in units {
        let unit = unit.unsigned_abs();
        if amount.is_multiple_of(unit) {
            let n = amount / unit;
            return format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        }
    }
    String::new()
}

/// A value as JSON, shortened where it is long.
fn told(value: &Json) -> String {
    let text = value.to_string();
    if text.chars().count() <= MAX_VALUE {
        return text;
    }
    let mut short: String = text.chars().take(MAX_VALUE).collect();
    short.push('…');
    short
}

/// A name as it is, or in quotes where it could be taken for words.
fn named(name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { format!("\"{name}\"") }
}

#[cfg(test)]
mod tests;
