//! Operators and what they compare with. Whether one fits a field's kind is for the planner.
//! It must never guess a missing or malformed operand: `_between` has two values, `_in` a list.

use crate::{
    Json,
    error::{Error, Result},
    query::{Operand, Operands, Part, Test, Var},
    schema::Kind,
    validate::Pattern,
    value::geometry,
};

use super::{Context, Reader, unknown_operator};

/// An operator's meaning.
#[derive(Clone, Copy)]
pub(super) enum Operator {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
    Nin,
    Between,
    Nbetween,
    Match {
        part: Part,
        fold: bool,
        not: bool,
    },
    /// `_nicontains`, which queries do not know.
    Nicontains,
    Meets {
        boxes: bool,
        not: bool,
    },
    Null(bool),
    Empty(bool),
    Regex,
    Submitted,
}

impl Operator {
    /// The operator of a wire name.
    pub(super) fn parse(name: &str) -> Option<Operator> {
        let matching = |part, fold, not| Operator::Match { part, fold, not };
        let meeting = |boxes, not| Operator::Meets { boxes, not };
        Some(match name {
            "_eq" => Operator::Eq,
            "_neq" => Operator::Neq,
            "_lt" => Operator::Lt,
            "_lte" => Operator::Lte,
            "_gt" => Operator::Gt,
            "_gte" => Operator::Gte,
            "_in" => Operator::In,
            "_nin" => Operator::Nin,
            "_between" => Operator::Between,
            "_nbetween" => Operator::Nbetween,
            "_contains" => matching(Part::Anywhere, false, false),
            "_ncontains" => matching(Part::Anywhere, false, true),
            "_icontains" => matching(Part::Anywhere, true, false),
            "_nicontains" => Operator::Nicontains,
            "_starts_with" => matching(Part::Start, false, false),
            "_nstarts_with" => matching(Part::Start, false, true),
            "_istarts_with" => matching(Part::Start, true, false),
            "_nistarts_with" => matching(Part::Start, true, true),
            "_ends_with" => matching(Part::End, false, false),
            "_nends_with" => matching(Part::End, false, true),
            "_iends_with" => matching(Part::End, true, false),
            "_niends_with" => matching(Part::End, true, true),
            "_intersects" => meeting(false, false),
            "_nintersects" => meeting(false, true),
            "_intersects_bbox" => meeting(true, false),
            "_nintersects_bbox" => meeting(true, true),
            "_null" => Operator::Null(true),
            "_nnull" => Operator::Null(false),
            "_empty" => Operator::Empty(true),
            "_nempty" => Operator::Empty(false),
            "_regex" => Operator::Regex,
            "_submitted" => Operator::Submitted,
            _ => return None,
        })
    }
}

impl Reader<'_> {
    /// The test of an operator and its operand; none if (in a rule) it compares with an empty list.
    pub(super) fn test(&mut self, operator: Operator, name: &str, value: &Json) -> Result<Option<Test>> {
        Ok(Some(match operator {
            Operator::Eq => Test::Eq(self.nullable(name, value)?),
            Operator::Neq => Test::Neq(self.nullable(name, value)?),
            Operator::Lt => Test::Lt(self.single(name, value)?),
            Operator::Lte => Test::Lte(self.single(name, value)?),
            Operator::Gt => Test::Gt(self.single(name, value)?),
            Operator::Gte => Test::Gte(self.single(name, value)?),
            Operator::In => match self.operands(name, value)? {
                Some(operands) => Test::In(operands),
                None => return Ok(None),
            },
            Operator::Nin => match self.operands(name, value)? {
                Some(operands) => Test::Nin(operands),
                None => return Ok(None),
            },
            Operator::Between => {
                let (from, to) = self.pair(name, value)?;
                Test::Between(from, to)
            }
            Operator::Nbetween => {
                let (from, to) = self.pair(name, value)?;
                Test::Nbetween(from, to)
            }
            Operator::Match { part, fold, not } => self.matching(name, value, (part, fold, not))?,
            Operator::Nicontains if self.context != Context::Query => {
                self.matching(name, value, (Part::Anywhere, true, true))?
            }
            Operator::Meets { boxes, not } => {
                let (with, _) = geometry::parse(Kind::Geometry, value)
                    .ok_or_else(|| Error::invalid_query(format!("\"{name}\" needs a geometry in GeoJSON")))?;
                Test::Meets { boxes, not, with }
            }
            Operator::Null(null) => Test::Null(flag(name, value)? == null),
            Operator::Empty(empty) => Test::Empty(flag(name, value)? == empty),
            Operator::Regex if self.context == Context::Validation => match value {
                Json::String(pattern) => Test::Regex(Pattern::new(pattern)),
                _ => return Err(Error::invalid_query("\"_regex\" needs a pattern")),
            },
            Operator::Submitted if self.context == Context::Validation => Test::Submitted(flag(name, value)?),
            Operator::Nicontains | Operator::Regex | Operator::Submitted => {
                return Err(unknown_operator(name));
            }
        }))
    }

    fn matching(&mut self, name: &str, value: &Json, (part, fold, not): (Part, bool, bool)) -> Result<Test> {
        // Every text holds the empty one: a rule that compares with it says nothing and is refused too.
        if value.as_str() == Some("") {
            return Err(Error::invalid_query(format!("\"{name}\" needs a value")));
        }
        let text = self.single(name, value)?;
        Ok(Test::Match { part, fold, not, text })
    }

    fn nullable(&mut self, name: &str, value: &Json) -> Result<Operand> {
        match value {
            Json::Null => Ok(Operand::Value(Json::Null)),
            value => self.operand(name, value),
        }
    }

    /// One value: a variable that is always a list is none.
    fn single(&mut self, name: &str, value: &Json) -> Result<Operand> {
        match self.operand(name, value)? {
            Operand::Var(Var::Roles | Var::Policies) => Err(Error::invalid_query(format!(
                "\"{name}\" needs a single value, not a list"
            ))),
            operand => Ok(operand),
        }
    }

    fn pair(&mut self, name: &str, value: &Json) -> Result<(Operand, Operand)> {
        let list = listed(name, value)?;
        match list.as_slice() {
            [from, to] if ![from, to].iter().any(|end| end.as_str() == Some("")) => {
                Ok((self.single(name, from)?, self.single(name, to)?))
            }
            _ => Err(Error::invalid_query(format!("\"{name}\" needs two values"))),
        }
    }

    /// The values of a list; none if it is empty, which only a rule may say.
    fn operands(&mut self, name: &str, value: &Json) -> Result<Option<Operands>> {
        let list = listed(name, value)?;
        if list.is_empty() {
            return match self.context {
                Context::Query => Err(Error::invalid_query(format!("\"{name}\" needs at least one value"))),
                Context::Rule | Context::Validation => Ok(None),
            };
        }
        self.spend(list.len())?;
        let operands: Vec<Operand> = list
            .iter()
            .map(|value| self.nullable(name, value))
            .collect::<Result<_>>()?;
        match operands.as_slice() {
            [Operand::Var(var)] if may_be_list(var) => Ok(Some(Operands::Var(var.clone()))),
            many if many
                .iter()
                .any(|op| matches!(op, Operand::Var(Var::Roles | Var::Policies))) =>
            {
                Err(Error::invalid_query(format!(
                    "in \"{name}\" a variable that is a list has to stand alone"
                )))
            }
            _ => Ok(Some(Operands::List(operands))),
        }
    }
}

/// Whether a variable is a list, or leads along a path that may end in one.
fn may_be_list(var: &Var) -> bool {
    match var {
        Var::Roles | Var::Policies => true,
        Var::User(path) | Var::Role(path) => !path.is_empty(),
        Var::Now { .. } => false,
    }
}

/// A list of values: given as such, or as comma-separated text.
fn listed(name: &str, value: &Json) -> Result<Vec<Json>> {
    match value {
        Json::Array(list) => Ok(list.clone()),
        Json::String(text) if text.is_empty() => Ok(Vec::new()),
        Json::String(text) => Ok(text.split(',').map(Json::from).collect()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {
            Err(Error::invalid_query(format!("\"{name}\" needs a list of values")))
        }
    }
}

/// Yes or no; a parameter without a value says yes.
fn flag(name: &str, value: &Json) -> Result<bool> {
    match value {
        Json::Bool(flag) => Ok(*flag),
        Json::String(text) => match text.as_str() {
            "" | "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(not_flag(name)),
        },
        Json::Number(number) => match number.as_i64() {
            Some(1) => Ok(true),
            Some(0) => Ok(false),
            _ => Err(not_flag(name)),
        },
        Json::Null | Json::Array(_) | Json::Object(_) => Err(not_flag(name)),
    }
}

fn not_flag(name: &str) -> Error {
    Error::invalid_query(format!("\"{name}\" has to be true or false"))
}
