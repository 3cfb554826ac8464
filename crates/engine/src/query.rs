//! What a caller asks for, as a typed tree. A `Query` names things; whether they exist and may be seen is not known here.
//! It cannot be compiled to SQL: only a plan can, and only with an access does a query become one.

pub mod fields;
pub mod filter;
pub mod limits;
pub mod parse;

use crate::{Json, validate::Pattern, value::Param};
pub use limits::Limits;

/// One step of a path into the data.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A field.
    Field(String),
    /// A relation to any, narrowed to one collection: `item:pages`.
    Scoped(String, String),
    /// The reverse of a foreign key that has no alias field: `$FOLLOW(collection, field)`.
    Follow(String, String),
    /// A function of a field: `year(date)`, `count(comments)`.
    Call(Function, String),
}

/// A function on a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the wire names and say what they mean")]
pub enum Function {
    Year,
    Month,
    Week,
    Day,
    Weekday,
    Hour,
    Minute,
    Second,
    Count,
    /// None of them: refused, but only once its field is known to be readable (an unreadable field is told first).
    Unknown,
}

/// A wanted field: a path, and what is wanted at its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The steps before the last, each a relation, `*` for every relation.
    pub steps: Vec<Step>,
    /// What is wanted there.
    pub leaf: Leaf,
}

/// A step of a wanted path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A relation, or an alias of one.
    Field(String),
    /// A relation to any, narrowed to one collection.
    Scoped(String, String),
    /// Every relation.
    Every,
}

/// The end of a wanted path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Leaf {
    /// Every readable field.
    Every,
    /// A field or alias.
    Field(String),
    /// A function of a field; told as `field_function`.
    Call(Function, String),
    /// A value inside a JSON field; told as `field_path_json`.
    Json(String, JsonPath),
}

/// A path inside a JSON value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JsonPath(pub Vec<JsonStep>);

/// A step inside a JSON value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum JsonStep {
    /// An object's member.
    Member(String),
    /// A list's element, counted from zero.
    Element(u32),
}

/// A condition on items.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All hold; an empty list holds.
    And(Vec<Filter>),
    /// One holds.
    Or(Vec<Filter>),
    /// The condition holds for the value, or for a related item, at this key.
    At(Key, Box<Filter>),
    /// Some related item meets it.
    Some(Box<Filter>),
    /// No related item meets it.
    None(Box<Filter>),
    /// The value at the enclosing key compares.
    Is(Test),
}

impl Filter {
    /// Collects the variables it looks at.
    pub fn variables(&self, found: &mut Vec<Var>) {
        match self {
            Filter::And(list) | Filter::Or(list) => list.iter().for_each(|filter| filter.variables(found)),
            Filter::At(_, inner) | Filter::Some(inner) | Filter::None(inner) => inner.variables(found),
            Filter::Is(test) => test.variables(found),
        }
    }
}

impl Test {
    fn variables(&self, found: &mut Vec<Var>) {
        let mut one = |operand: &Operand| {
            if let Operand::Var(var) = operand {
                found.push(var.clone());
            }
        };
        match self {
            Test::Eq(a) | Test::Neq(a) | Test::Lt(a) | Test::Lte(a) | Test::Gt(a) | Test::Gte(a) => one(a),
            Test::Between(a, b) | Test::Nbetween(a, b) => {
                one(a);
                one(b);
            }
            Test::Match { text, .. } => one(text),
            Test::In(Operands::List(list)) | Test::Nin(Operands::List(list)) => list.iter().for_each(one),
            Test::In(Operands::Var(var)) | Test::Nin(Operands::Var(var)) => found.push(var.clone()),
            Test::Meets { .. } | Test::Null(_) | Test::Empty(_) | Test::Regex(_) | Test::Submitted(_) => {}
        }
    }
}

/// A comparison of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Equal to; with null: is null.
    Eq(Operand),
    /// Not equal to, and not null; with null: is not null.
    Neq(Operand),
    /// Less than.
    Lt(Operand),
    /// Less than or equal.
    Lte(Operand),
    /// Greater than.
    Gt(Operand),
    /// Greater than or equal.
    Gte(Operand),
    /// One of; an empty list matches nothing.
    In(Operands),
    /// None of, and not null.
    Nin(Operands),
    /// From the first to the second, both included.
    Between(Operand, Operand),
    /// Outside of the first to the second.
    Nbetween(Operand, Operand),
    /// Text that holds, begins or ends with another.
    Match {
        /// Which part.
        part: Part,
        /// Whether case counts.
        fold: bool,
        /// Whether it must not (and the value is not null).
        not: bool,
        /// The other text.
        text: Operand,
    },
    /// A geometry that has a place in common with another.
    Meets {
        /// Whether the boxes around them are compared.
        boxes: bool,
        /// Whether it must not (and the value is not null).
        not: bool,
        /// The other geometry, in GeoJSON.
        with: Json,
    },
    /// Is null (true) or is not (false).
    Null(bool),
    /// Is null or empty (true) or is not (false).
    Empty(bool),
    /// Matches a regular expression: in validation only.
    Regex(Pattern),
    /// Was sent: in validation only.
    Submitted(bool),
}

/// Which part of a text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Any.
    Anywhere,
    /// Its beginning.
    Start,
    /// Its end.
    End,
}

/// The other side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A JSON value, not yet fitted to the field's kind.
    Value(Json),
    /// A variable.
    Var(Var),
}

/// The other side of `_in`.
#[derive(Clone, Debug, PartialEq)]
pub enum Operands {
    /// Listed values.
    List(Vec<Operand>),
    /// A variable that is a list (`$CURRENT_ROLES`).
    Var(Var),
}

/// What is filled in for each caller and moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Var {
    /// The caller's id, or what a path from the caller's row leads to. Null for the public.
    User(Vec<String>),
    /// The caller's role, or what a path from the role's row leads to.
    Role(Vec<String>),
    /// The caller's role and its ancestors.
    Roles,
    /// The caller's policies.
    Policies,
    /// Now, moved by milliseconds and by whole months (years are twelve).
    Now {
        /// Milliseconds.
        ms: i64,
        /// Months.
        months: i64,
    },
}

/// One order key.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// The path: relations to one row, and a field, function or alias at the end.
    pub path: Vec<Key>,
    /// Greatest first.
    pub descending: bool,
}

/// How much of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Page {
    /// At most so many; none is all.
    pub limit: Option<u64>,
    /// After so many.
    pub offset: u64,
}

/// An aggregate function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the wire names and say what they mean")]
pub enum Aggregate {
    Count,
    CountDistinct,
    CountAll,
    Sum,
    SumDistinct,
    Avg,
    AvgDistinct,
    Min,
    Max,
}

/// Which counts are told beside the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Meta {
    /// Every item the caller may read.
    pub total_count: bool,
    /// Those of them that the filter and search leave.
    pub filter_count: bool,
}

/// A file format for a whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the wire names and say what they mean")]
pub enum Export {
    Csv,
    CsvUtf8,
    Json,
    Xml,
    Yaml,
}

/// What an alias stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// The name used in `fields` and in the answer.
    pub name: String,
    /// The field, function or JSON value it stands for.
    pub target: Leaf,
}

/// A list of items: which, how many, in what order, with what of each.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Query {
    /// Wanted fields; none asked for means all readable ones of the item itself.
    pub fields: Vec<Path>,
    /// The condition.
    pub filter: Option<Filter>,
    /// Text to look for in every searchable field.
    pub search: Option<String>,
    /// The order; empty is the collection's own.
    pub sort: Vec<Sort>,
    /// How much of the list.
    pub page: Page,
    /// Aggregates: each function with `*` (none) or a field.
    pub aggregate: Vec<(Aggregate, Option<Key>)>,
    /// What aggregates are grouped by.
    pub group: Vec<Key>,
    /// Other names for fields.
    pub alias: Vec<Alias>,
    /// Queries on related lists, by field, alias or `item:collection`.
    pub deep: Vec<(String, Query)>,
    /// Counts to tell beside the data.
    pub meta: Meta,
    /// A file instead of the envelope.
    pub export: Option<Export>,
    /// A version of the item instead of the item itself.
    pub version: Option<String>,
}

/// Values of the variables for one caller at one moment.
pub trait Variables {
    /// The value of a variable that has no path (paths are read in SQL). Lists answer several.
    fn values(&self, var: &Var) -> Vec<Param>;
}

impl Function {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Function::Year => "year",
            Function::Month => "month",
            Function::Week => "week",
            Function::Day => "day",
            Function::Weekday => "weekday",
            Function::Hour => "hour",
            Function::Minute => "minute",
            Function::Second => "second",
            Function::Count => "count",
            Function::Unknown => "unknown",
        }
    }
}

impl JsonPath {
    /// The path as it stands in the answer's key: steps joined by `_`.
    pub fn as_key(&self) -> String {
        let steps: Vec<String> = self
            .0
            .iter()
            .map(|step| match step {
                JsonStep::Member(name) => name.clone(),
                JsonStep::Element(n) => n.to_string(),
            })
            .collect();
        steps.join("_")
    }
}

impl Aggregate {
    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Aggregate::Count => "count",
            Aggregate::CountDistinct => "countDistinct",
            Aggregate::CountAll => "countAll",
            Aggregate::Sum => "sum",
            Aggregate::SumDistinct => "sumDistinct",
            Aggregate::Avg => "avg",
            Aggregate::AvgDistinct => "avgDistinct",
            Aggregate::Min => "min",
            Aggregate::Max => "max",
        }
    }
}
