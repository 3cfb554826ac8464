//! SQL text, and the only way to build it: [`Sql`]. Values never enter the text; names enter through [`Ident`] alone.
//! There is no way to push a run-time string: injection does not compile.

pub mod compile;
pub mod dialect;
pub mod expr;
pub mod groups;
mod literal;
mod object;
pub mod rows;
pub mod token;

use crate::{query::Var, schema::Ident, value::Param};
pub use compile::{compile, condition};
pub use dialect::{Dialect, Flavour};

/// What a statement binds at one place.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    /// A constant of the query, the rule or the write.
    Const(Param),
    /// A variable that is filled in for each caller and moment (`$CURRENT_USER`, `$NOW`), so that the text stays the same.
    Var(Var, Shape),
    /// The key of the item that the request names, in the value of its column: a number, or told as text.
    Key(Shape),
}

/// How an output column becomes JSON, or a variable becomes a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A JSON string: escape the text.
    Text,
    /// Already a JSON token (number, `true`, object, list): copy it.
    Raw,
    /// A moment in UTC (variables only).
    Instant,
    /// A date and time without zone (variables only).
    Wall,
    /// A date (variables only).
    Date,
    /// A time of day (variables only).
    Time,
    /// How many rows there are beyond the page: told beside the answer, not in it (outputs only).
    Count,
    /// The key of an inserted row, which the statement itself cannot answer: what is bound at this place, or the number that
    /// the database has given (outputs only).
    Inserted(Option<usize>),
}

/// An output column.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The key in the answer's objects.
    pub name: String,
    /// How it is written.
    pub shape: Shape,
}

/// A compiled statement: stable text, what it binds, and what it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// SQL in the dialect's own placeholders.
    pub text: String,
    /// What is bound, in order.
    pub binds: Vec<Bind>,
    /// What it answers, in order; empty for writes.
    pub outputs: Vec<Output>,
}

impl Stmt {
    /// The rows of this statement behind the one row of another one that is asked first: its cells, then whether there is a
    /// row, then the row. Where the first answers none, nothing is answered; an order of several rows is not kept. What is
    /// bound first is bound last. For databases whose placeholders have numbers.
    #[must_use]
    pub fn behind(&self, first: Sql) -> Stmt {
        let first = first.finish_after(self.binds.len(), Vec::new());
        let text = [
            "select a.*, d.* from (",
            &first.text,
            ") a left join (select true, r.* from (",
            &self.text,
            ") r) d on true",
        ];
        Stmt {
            text: text.concat(),
            binds: self.binds.iter().cloned().chain(first.binds).collect(),
            outputs: self.outputs.clone(),
        }
    }
}

/// A statement under construction.
#[derive(Clone, Debug)]
pub struct Sql {
    dialect: Dialect,
    text: String,
    /// Bound values, each with the place in the text where its placeholder will stand.
    binds: Vec<(usize, Bind)>,
}

impl Sql {
    /// An empty statement.
    pub fn new(dialect: Dialect) -> Self {
        Sql {
            dialect,
            text: String::with_capacity(512),
            binds: Vec::new(),
        }
    }

    /// The dialect it is written in.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Text that stands in our source code.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// A quoted name.
    pub fn ident(&mut self, name: &Ident) -> &mut Self {
        let quote = self.dialect.quote();
        self.text.push(quote);
        for c in name.as_str().chars() {
            if c == quote {
                self.text.push(quote);
            }
            self.text.push(c);
        }
        self.text.push(quote);
        self
    }

    /// A table alias: `t0`, `t1` ...
    pub fn alias(&mut self, alias: u32) -> &mut Self {
        self.text.push('t');
        self.number(i64::from(alias))
    }

    /// `t0."column"`.
    pub fn column(&mut self, alias: u32, name: &Ident) -> &mut Self {
        self.alias(alias).push(".").ident(name)
    }

    /// A whole number we computed (a limit, an offset): digits only.
    pub fn number(&mut self, n: i64) -> &mut Self {
        self.text.push_str(&n.to_string());
        self
    }

    /// A key of a JSON object: a literal where its letters are harmless in every dialect, else bound.
    pub fn key(&mut self, name: &str) -> &mut Self {
        if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            self.text.push('\'');
            self.text.push_str(name);
            self.text.push('\'');
            self
        } else {
            let (open, close) = self.dialect.text();
            self.push(open).param(name).push(close)
        }
    }

    /// A bound value.
    pub fn bind(&mut self, bind: Bind) -> &mut Self {
        self.binds.push((self.text.len(), bind));
        self
    }

    /// A bound constant.
    pub fn param(&mut self, param: impl Into<Param>) -> &mut Self {
        self.bind(Bind::Const(param.into()))
    }

    /// Bound values with commas between, for `in (..)`: of none it is null, which nothing equals.
    pub fn params<P: Into<Param>>(&mut self, values: impl IntoIterator<Item = P>) -> &mut Self {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return self.push("null");
        }
        self.list(values, |sql, value| {
            sql.param(value);
        })
    }

    /// Appends what was built apart.
    pub fn append(&mut self, other: Sql) -> &mut Self {
        let at = self.text.len();
        self.text.push_str(&other.text);
        self.binds
            .extend(other.binds.into_iter().map(|(offset, bind)| (at + offset, bind)));
        self
    }

    /// Ends an insertion so that the key of its row is answered; `given` is the place where that is bound.
    pub fn returning(&mut self, key: &Ident, given: Option<usize>) -> Output {
        let name = key.as_str().to_owned();
        if !self.dialect.returns() {
            let shape = Shape::Inserted(given);
            return Output { name, shape };
        }
        self.push(" returning ").ident(key);
        let shape = Shape::Raw;
        Output { name, shape }
    }

    /// Separates a list: runs `each` with a comma between.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) -> &mut Self {
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            each(self, item);
        }
        self
    }

    /// The finished statement: placeholders are written now, numbered by their order in the text.
    pub fn finish(self, outputs: Vec<Output>) -> Stmt {
        self.finish_after(0, outputs)
    }

    /// The same, where so many values are bound before its own.
    fn finish_after(self, bound: usize, outputs: Vec<Output>) -> Stmt {
        let mut text = String::with_capacity(self.text.len() + 4 * self.binds.len());
        let mut from = 0;
        for (n, (at, bind)) in self.binds.iter().enumerate() {
            text.push_str(self.text.get(from..*at).unwrap_or_default());
            self.dialect.placeholder(&mut text, bound + n + 1, bind);
            from = *at;
        }
        text.push_str(self.text.get(from..).unwrap_or_default());
        Stmt {
            text,
            binds: self.binds.into_iter().map(|(_, bind)| bind).collect(),
            outputs,
        }
    }
}

#[cfg(test)]
mod tests;
