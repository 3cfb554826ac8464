//! What will be asked of the database, with every name resolved and every rule of the caller's access built in.
//! Only this module makes a [`Plan`], always from an access; only a plan compiles to SQL.

pub mod aggregate;
pub mod columns;
pub mod filter;
pub mod operand;
pub mod read;
pub mod search;
pub mod select;
pub mod sort;
pub mod write;

use crate::{
    access::{Access, Action, Case, Grant},
    error::{Error, Result},
    query::{Aggregate, Filter, Function, JsonPath, Limits, Part},
    schema::{Collection, Field, Ident, Kind, Schema, Special},
    sql::Bind,
};

/// A statement to be, free of any dialect.
#[derive(Clone, Debug)]
pub enum Plan {
    /// Rows, each an object.
    Rows(Node),
    /// Groups with aggregates.
    Groups(Groups),
    /// How many rows there are.
    Count(From),
    /// One value.
    Value(Expr, Token),
    /// A new row; answers its key.
    Insert(write::Insert),
    /// Changed rows.
    Update(write::Update),
    /// Removed rows.
    Delete(write::Delete),
}

impl Plan {
    /// The same rows, held as they are until the transaction's end: what was judged of them holds when they are written.
    #[must_use]
    pub fn held(mut self) -> Plan {
        if let Plan::Rows(node) = &mut self {
            node.held = true;
        }
        self
    }

    /// The same page, with how many rows there are in all beside it; none where a count of the same query counts others,
    /// or there is nothing it could stand beside.
    #[must_use]
    pub fn counted(&self) -> Option<Plan> {
        let Plan::Rows(node) = self else { return None };
        let fits = node.whole && !node.items.is_empty();
        fits.then(|| {
            let mut node = node.clone();
            node.counted = true;
            Plan::Rows(node)
        })
    }
}

/// Rows of one table that meet a condition.
#[derive(Clone, Debug)]
pub struct From {
    /// The table.
    pub table: Ident,
    /// Its alias in the statement: unique.
    pub alias: u32,
    /// The condition.
    pub filter: Pred,
}

/// Rows of a table, what is wanted of each, in an order.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where from.
    pub from: From,
    /// The primary key's column.
    pub key: Ident,
    /// What of each row.
    pub items: Vec<Item>,
    /// Whether each row is told as its single item instead of an object.
    pub bare: bool,
    /// Whether the rows are held as they are until the transaction's end, where several may be under way at once.
    pub held: bool,
    /// Whether these are the rows that a count of the same query counts, but for paging: no wanted field leaves one out.
    pub whole: bool,
    /// Whether their number is told beside the page.
    pub counted: bool,
    /// The order.
    pub order: Vec<Order>,
    /// At most so many.
    pub limit: Option<u64>,
    /// After so many.
    pub offset: u64,
}

/// One wanted thing of a row.
#[derive(Clone, Debug)]
pub struct Item {
    /// The key in the answer.
    pub name: String,
    /// What it is.
    pub value: Value,
    /// Told as null unless the row meets this.
    pub guard: Option<Pred>,
}

/// What a wanted thing is.
#[derive(Clone, Debug)]
pub enum Value {
    /// A value of the row itself.
    Scalar(Expr, Token),
    /// The row that a foreign key points at, or null.
    One(Box<Node>),
    /// The rows whose foreign key points here.
    Many(Box<Many>),
    /// The row of one of several tables.
    Any {
        /// The column that names the collection.
        collection: Expr,
        /// What to tell of each collection.
        cases: Vec<(String, Node)>,
        /// Readable collections that were not asked for: of those the bare key is told, in this way.
        others: Vec<(String, Token)>,
        /// The key.
        item: Expr,
    },
}

/// The rows whose foreign key points at a row.
#[derive(Clone, Debug)]
pub struct Many {
    /// The rows; its filter does not hold the link.
    pub node: Node,
    /// Their foreign key.
    pub foreign_key: Ident,
    /// The parent's key.
    pub parent: Expr,
    /// Whether an index leads by the foreign key.
    pub indexed: bool,
}

/// One order key.
#[derive(Clone, Debug)]
pub struct Order {
    /// What is compared.
    pub expr: Expr,
    /// Greatest first.
    pub descending: bool,
    /// Can be null (nulls come last, or first when descending).
    pub nullable: bool,
}

/// Groups of rows with aggregates of each.
#[derive(Clone, Debug)]
pub struct Groups {
    /// The rows.
    pub from: From,
    /// What they are grouped by.
    pub keys: Vec<(String, Expr, Token)>,
    /// The aggregates: the function's name, and its results by field (or the one result of `*`).
    pub results: Vec<Group>,
    /// The order.
    pub order: Vec<GroupOrder>,
    /// At most so many.
    pub limit: Option<u64>,
    /// After so many.
    pub offset: u64,
}

/// One aggregate function's results.
#[derive(Clone, Debug)]
pub struct Group {
    /// The key in the answer.
    pub name: String,
    /// Per field; a single unnamed one stands by itself.
    pub fields: Vec<(Option<String>, Measure)>,
}

/// An aggregate of an expression.
#[derive(Clone, Debug)]
pub struct Measure {
    /// The function.
    pub function: Aggregate,
    /// Of what; none for all rows.
    pub of: Option<Expr>,
    /// How the result is told.
    pub token: Token,
}

/// What groups are ordered by.
#[derive(Clone, Debug)]
pub enum GroupOrder {
    /// What groups are made by, by its place among it; greatest first or last.
    Key(usize, bool),
    /// An aggregate.
    Measure(Measure, bool),
}

/// How a value becomes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// As text.
    Text,
    /// As a number.
    Number,
    /// A whole number as text (64 bits do not fit a client's numbers).
    NumberText,
    /// A decimal as text with so many digits after the point.
    Decimal(u32),
    /// As `true` or `false`.
    Boolean,
    /// Already JSON.
    Json,
    /// A geometry, as GeoJSON.
    Geometry,
    /// Text with commas, as a list.
    Csv,
    /// `HH:MM:SS`, and a fraction if there is one.
    Time,
    /// `YYYY-MM-DDTHH:MM:SS`.
    Wall,
    /// `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    Instant,
    /// A mask where there is a value.
    Mask,
}

/// A value in a statement.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A column of a row.
    Column(u32, Ident),
    /// A bound value.
    Bind(Bind),
    /// A value where a condition holds, else null.
    When(Box<Pred>, Box<Expr>),
    /// A part of a date or time.
    Part(Function, Kind, Box<Expr>),
    /// How many elements a JSON list has.
    Elements(Box<Expr>),
    /// A value inside a JSON value, as JSON.
    Inside(Box<Expr>, JsonPath),
    /// A function of a group's rows: of a value of each, or of the rows themselves.
    Aggregate(Aggregate, Option<Box<Expr>>),
    /// How many rows.
    Count(Box<From>),
    /// A value of the first such row.
    First(Box<From>, Box<Expr>),
    /// How many of the rows have this key as their foreign key: all keys are counted once.
    Counted {
        /// The rows.
        rows: Box<From>,
        /// Their foreign key.
        by: Ident,
        /// The key.
        key: Box<Expr>,
    },
    /// The same value as text, to compare keys of different tables.
    AsText(Box<Expr>),
    /// The same value as a whole number; null, or a number that is not written so, where it is none.
    AsWhole(Box<Expr>),
    /// The same value as a uuid; on databases that know uuids, null where it is none.
    AsUuid(Box<Expr>),
    /// A fraction, to be compared with whole numbers; or a decimal number that is bound as text.
    AsFraction(Box<Expr>),
    /// A date as the moment at which it begins, to be compared with moments.
    AsMoment(Box<Expr>),
    /// The same value of a kind in a form that is equal to or less than others of it: some types know neither, and
    /// columns of text may take what is written differently for the same.
    AsComparable(Box<Expr>, Kind),
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cmp {
    /// Equal, null being equal to null.
    Same,
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

/// A condition in a statement.
#[derive(Clone, Debug)]
pub enum Pred {
    /// Always holds.
    True,
    /// Never holds.
    False,
    /// All hold.
    And(Vec<Pred>),
    /// One holds.
    Or(Vec<Pred>),
    /// Does not hold (never applied to what may be unknown).
    Not(Box<Pred>),
    /// Two values compare.
    Compare(Expr, Cmp, Expr),
    /// A value is one of several that are bound.
    In(Expr, Vec<Expr>),
    /// A value is one of a list that is bound as a whole (a JSON list).
    InList(Expr, Bind),
    /// A value is the expression's value in one of the rows.
    InRows(Expr, Box<From>, Box<Expr>),
    /// A bound list holds something.
    NotEmpty(Bind),
    /// A value is null.
    IsNull(Expr),
    /// A text holds, begins or ends with another.
    Match {
        /// The text.
        text: Expr,
        /// Which part of it.
        part: Part,
        /// Whether case is ignored.
        fold: bool,
        /// The other text.
        with: Expr,
    },
    /// Two geometries, or the boxes around them, have a place in common.
    Meets(Expr, bool, Expr),
    /// Some row exists.
    Exists(Box<From>),
}

impl Pred {
    /// All hold, written as short as it can be.
    pub fn all(preds: impl IntoIterator<Item = Pred>) -> Pred {
        let mut list = Vec::new();
        for pred in preds {
            match pred {
                Pred::True => {}
                Pred::False => return Pred::False,
                Pred::And(inner) => list.extend(inner),
                other => list.push(other),
            }
        }
        match list.len() {
            0 => Pred::True,
            1 => list.remove(0),
            _ => Pred::And(list),
        }
    }

    /// One holds, written as short as it can be.
    pub fn any(preds: impl IntoIterator<Item = Pred>) -> Pred {
        let mut list = Vec::new();
        for pred in preds {
            match pred {
                Pred::False => {}
                Pred::True => return Pred::True,
                Pred::Or(inner) => list.extend(inner),
                other => list.push(other),
            }
        }
        match list.len() {
            0 => Pred::False,
            1 => list.remove(0),
            _ => Pred::Or(list),
        }
    }

    /// Does not hold.
    #[must_use]
    pub fn negated(self) -> Pred {
        match self {
            Pred::True => Pred::False,
            Pred::False => Pred::True,
            other => Pred::Not(Box::new(other)),
        }
    }

    /// Whether it is a condition at all.
    pub fn is_true(&self) -> bool {
        matches!(self, Pred::True)
    }
}

/// A field's way of being told.
pub(crate) fn token(field: &Field) -> Token {
    if field.is_concealed() {
        return Token::Mask;
    }
    if field.is(Special::CastBoolean) {
        return Token::Boolean;
    }
    if field.is(Special::CastCsv) {
        return Token::Csv;
    }
    match field.kind {
        Kind::Integer | Kind::Float => Token::Number,
        Kind::BigInteger => Token::NumberText,
        Kind::Decimal => Token::Decimal(field.column.as_ref().and_then(|column| column.scale).unwrap_or(5)),
        Kind::Boolean => Token::Boolean,
        Kind::Json => Token::Json,
        _ if field.is_spatial() => Token::Geometry,
        kind if kind.is_geometry() => Token::Json,
        Kind::Time => Token::Time,
        Kind::DateTime => Token::Wall,
        Kind::Timestamp => Token::Instant,
        _ => Token::Text,
    }
}

/// Whether a rule covers every row that a narrower one covers, because all that it asks for is asked for there too: policies
/// that add up often repeat a rule with something more.
fn includes(wider: &Filter, narrower: &Filter) -> bool {
    fn conditions(of: &Filter) -> &[Filter] {
        match of {
            Filter::And(list) => list,
            single => std::slice::from_ref(single),
        }
    }
    let narrower = conditions(narrower);
    conditions(wider).iter().all(|condition| narrower.contains(condition))
}

/// Whose rules hold while names are resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The caller's: every name is checked, every row and value guarded.
    Caller,
    /// An item rule's: it was written by an administrator and reads what it needs.
    Rule,
}

/// Resolves names against a schema and an access. One per statement: it numbers the aliases.
pub(crate) struct Planner<'a> {
    pub schema: &'a Schema,
    pub access: &'a Access,
    pub limits: &'a Limits,
    /// Whether the rows are picked by their keys.
    pub single: bool,
    next: u32,
}

impl<'a> Planner<'a> {
    pub fn new(schema: &'a Schema, access: &'a Access, limits: &'a Limits) -> Self {
        Planner {
            schema,
            access,
            limits,
            single: false,
            next: 0,
        }
    }

    pub fn alias(&mut self) -> u32 {
        let alias = self.next;
        self.next += 1;
        alias
    }

    /// Refuses a query that has grown beyond what one statement takes.
    pub fn within(&self) -> Result<()> {
        if self.next > self.limits.tables {
            return Err(Error::invalid_query(
                "the query follows too many relations; ask for fewer, or name the fields instead of wildcards",
            ));
        }
        Ok(())
    }

    /// The collection, if the caller may do anything of this action with it.
    pub fn granted(&self, name: &str, action: Action) -> Result<(&'a Collection, Grant<'a>)> {
        let collection = self
            .schema
            .collection(name)
            .ok_or_else(|| Error::forbidden_collection(name))?;
        let grant = self.access.grant(name, action);
        if grant.is_some() {
            Ok((collection, grant))
        } else {
            Err(Error::forbidden_collection(name))
        }
    }

    /// The condition under which a row is covered by one of the cases; a broken rule covers nothing.
    pub fn covered<'c>(
        &mut self,
        collection: &'a Collection,
        alias: u32,
        cases: impl IntoIterator<Item = &'c Case>,
    ) -> Pred {
        let mut rules: Vec<&Filter> = Vec::new();
        for case in cases {
            match &case.rule {
                None => return Pred::True,
                Some(rule) if rules.iter().any(|wider| includes(wider, rule)) => {}
                Some(rule) => {
                    rules.retain(|narrower| !includes(rule, narrower));
                    rules.push(rule);
                }
            }
        }
        let preds: Vec<Pred> = rules
            .into_iter()
            .map(|rule| {
                self.condition(collection, alias, rule, Trust::Rule)
                    .unwrap_or(Pred::False)
            })
            .collect();
        Pred::any(preds)
    }

    /// The condition under which the caller may see the row at all.
    pub fn visible(&mut self, collection: &'a Collection, alias: u32) -> Pred {
        match self.access.grant(&collection.name, Action::Read) {
            Grant::None => Pred::False,
            Grant::All => Pred::True,
            Grant::Cases(cases) => self.covered(collection, alias, cases),
        }
    }

    /// The condition under which the caller may see this field of the row; an error when it may in none.
    pub fn guard(&mut self, collection: &'a Collection, alias: u32, field: &str) -> Result<Pred> {
        match self.access.grant(&collection.name, Action::Read) {
            Grant::All => Ok(Pred::True),
            grant if !grant.has(field) => Err(Error::forbidden_field(field, &collection.name)),
            grant if grant.cases().iter().all(|case| case.fields.has(field)) => Ok(Pred::True),
            grant => Ok(self.covered(
                collection,
                alias,
                grant.cases().iter().filter(|case| case.fields.has(field)),
            )),
        }
    }
}

#[cfg(test)]
mod tests;
