//! The other side of comparisons: constants fitted to the field's kind, and variables.
//! A variable becomes a bound parameter, so that the text is the same for every caller; one with a path becomes a
//! sub-select on the caller's own row, so that it is always fresh.

use crate::{
    error::{Error, Result},
    plan::{
        Cmp, Expr, From, Planner, Pred, Token, Trust,
        filter::{column, from, key_column, link},
        token,
    },
    query::{Operand, Var},
    schema::{Collection, Field, Ident, Kind, Link},
    sql::{Bind, Shape},
    value::{Param, operand},
};

impl<'a> Planner<'a> {
    /// A comparison of a field's value. Both sides are of one sort, as databases that know types insist.
    pub fn compared(&mut self, expr: &Expr, cmp: Cmp, field: &Field, op: &Operand, trust: Trust) -> Result<Pred> {
        let right = self.operand(field, op, trust)?;
        let Operand::Var(var) = op else {
            return Ok(Pred::Compare(expr.clone(), cmp, right));
        };
        let kind = self.kind_of(var, field.kind);
        if apart(field.kind, kind) {
            return Ok(strangers(expr.clone(), cmp, right));
        }
        let (left, right) = alike((field.kind, expr.clone()), (kind, right));
        Ok(Pred::Compare(left, cmp, right))
    }

    /// The other side of a comparison with a field.
    pub fn operand(&mut self, field: &Field, op: &Operand, trust: Trust) -> Result<Expr> {
        match op {
            Operand::Value(value) => {
                let param = operand::operand(field, value)?;
                let fraction = match field.kind {
                    Kind::Integer | Kind::BigInteger => matches!(param, Param::Real(_)),
                    kind => kind == Kind::Decimal,
                };
                let bound = Expr::Bind(Bind::Const(param));
                Ok(if fraction {
                    Expr::AsFraction(Box::new(bound))
                } else {
                    bound
                })
            }
            Operand::Var(var) => self.variable_operand(var, shape(field.kind), trust),
        }
    }

    /// The kind of a variable's value, beside a field of `beside`.
    fn kind_of(&self, var: &Var, beside: Kind) -> Kind {
        let (root, path) = match var {
            Var::User(path) => ("directus_users", path),
            Var::Role(path) => ("directus_roles", path),
            Var::Roles | Var::Policies => return Kind::Uuid,
            Var::Now { .. } if beside.is_temporal() => return beside,
            Var::Now { .. } => return Kind::Text,
        };
        self.kind_at(root, path).unwrap_or(Kind::Uuid)
    }

    /// The kind of the value at the end of a path; none for a path of no steps.
    fn kind_at(&self, root: &str, path: &[String]) -> Option<Kind> {
        let mut at = self.schema.collection(root)?;
        let mut kind = None;
        for step in path {
            match self.schema.link(&at.name, step) {
                Some(Link::Many { target, .. }) => {
                    kind = target.key_field().map(|field| field.kind);
                    at = target;
                }
                link => {
                    kind = at.field(step).map(|field| field.kind);
                    if let Some(Link::One { target, .. }) = link {
                        at = target;
                    }
                }
            }
        }
        kind
    }

    /// A variable, bound as it is, or read along its path.
    pub fn variable_operand(&mut self, var: &Var, shape: Shape, trust: Trust) -> Result<Expr> {
        self.followed(var, trust)?;
        match var {
            Var::User(path) if !path.is_empty() => self.path_of("directus_users", Var::User(Vec::new()), path),
            Var::Role(path) if !path.is_empty() => self.path_of("directus_roles", Var::Role(Vec::new()), path),
            var => Ok(Expr::Bind(Bind::Var(var.clone(), shape))),
        }
    }

    /// Refuses a path in a caller's own query: it would compare with values of rows that no permission was asked for.
    fn followed(&self, var: &Var, trust: Trust) -> Result<()> {
        let path = matches!(var, Var::User(path) | Var::Role(path) if !path.is_empty());
        if path && trust == Trust::Caller && !self.access.admin {
            return Err(Error::invalid_query("variables with a path belong in permissions"));
        }
        Ok(())
    }

    /// A variable's value and how it is told.
    pub fn variable(&mut self, var: &Var) -> Result<(Expr, Token)> {
        let (root, start, path) = match var {
            Var::User(path) => ("directus_users", Var::User(Vec::new()), path),
            Var::Role(path) => ("directus_roles", Var::Role(Vec::new()), path),
            other => return Ok((Expr::Bind(Bind::Var(other.clone(), Shape::Text)), Token::Text)),
        };
        let mut at = self.schema.collection(root).ok_or_else(Error::forbidden)?;
        let mut told = Token::Text;
        for step in path {
            told = at.field(step).map_or(Token::Text, token);
            if let Some(Link::One { target, .. }) = self.schema.link(&at.name, step) {
                at = target;
            }
        }
        Ok((self.path_of(root, start, path)?, told))
    }

    /// Whether a variable stands for several values.
    pub fn is_list(&self, var: &Var) -> bool {
        match var {
            Var::Roles | Var::Policies => true,
            Var::User(path) => self.leads_to_many("directus_users", path),
            Var::Role(path) => self.leads_to_many("directus_roles", path),
            Var::Now { .. } => false,
        }
    }

    fn leads_to_many(&self, root: &str, path: &[String]) -> bool {
        let mut collection = root.to_owned();
        for step in path {
            match self.schema.link(&collection, step) {
                Some(Link::Many { .. }) => return true,
                Some(Link::One { target, .. }) => collection.clone_from(&target.name),
                Some(Link::Any { .. }) | None => return false,
            }
        }
        false
    }

    /// Whether a value is (or is not) among a variable's values. An empty list grants nothing, either way.
    pub fn in_var(&mut self, expr: &Expr, var: &Var, field: &Field, not: bool, trust: Trust) -> Result<Pred> {
        self.followed(var, trust)?;
        let (found, filled) = match var {
            Var::Roles | Var::Policies => {
                let bind = Bind::Var(var.clone(), Shape::Raw);
                let (left, _) = alike((field.kind, expr.clone()), (Kind::Uuid, Expr::Bind(bind.clone())));
                let found = if apart(field.kind, Kind::Uuid) {
                    Pred::False
                } else {
                    Pred::InList(left, bind.clone())
                };
                (found, Pred::NotEmpty(bind))
            }
            Var::User(path) if self.leads_to_many("directus_users", path) => {
                self.among((expr, field, not), "directus_users", Var::User(Vec::new()), path)?
            }
            Var::Role(path) if self.leads_to_many("directus_roles", path) => {
                self.among((expr, field, not), "directus_roles", Var::Role(Vec::new()), path)?
            }
            other => {
                let op = Operand::Var(other.clone());
                (self.compared(expr, Cmp::Eq, field, &op, trust)?, Pred::True)
            }
        };
        if !not {
            return Ok(found);
        }
        Ok(Pred::all([
            Pred::IsNull(expr.clone()).negated(),
            filled,
            found.negated(),
        ]))
    }

    /// `$CURRENT_USER.team.region`: the value at the end of foreign keys from the caller's row.
    fn path_of(&mut self, root: &str, var: Var, path: &[String]) -> Result<Expr> {
        let mut collection = self.schema.collection(root).ok_or_else(Error::forbidden)?;
        let mut key = Expr::Bind(Bind::Var(var, Shape::Text));
        let Some((last, steps)) = path.split_last() else {
            return Ok(key);
        };
        for step in steps {
            let Some(Link::One { target, .. }) = self.schema.link(&collection.name, step) else {
                return Err(Error::invalid_query(format!("\"{step}\" does not lead to one item")));
            };
            key = self.value_at(collection, step, key)?;
            collection = target;
        }
        self.value_at(collection, last, key)
    }

    /// A field of the row with this key.
    fn value_at(&mut self, collection: &'a Collection, name: &str, key: Expr) -> Result<Expr> {
        let field = collection
            .field(name)
            .filter(|field| !field.is_concealed())
            .ok_or_else(|| Error::forbidden_field(name, &collection.name))?;
        let t = self.alias();
        let value = column(t, field).ok_or_else(|| Error::forbidden_field(name, &collection.name))?;
        let link = link(collection, t, key)?;
        Ok(Expr::First(Box::new(from(collection, t, link)), Box::new(value)))
    }

    /// `$CURRENT_USER.teams.teams_id`: whether a value is among those at the end of a path with lists, and whether there
    /// are any. A null among them may be anything: nothing is known not to be there then.
    fn among(
        &mut self,
        (expr, field, not): (&Expr, &Field, bool),
        root: &str,
        var: Var,
        path: &[String],
    ) -> Result<(Pred, Pred)> {
        let kind = self.kind_at(root, path).unwrap_or(Kind::Uuid);
        let root = self.schema.collection(root).ok_or_else(Error::forbidden)?;
        let t = self.alias();
        let me = Pred::Compare(
            Expr::Column(t, key_column(root)?),
            Cmp::Eq,
            Expr::Bind(Bind::Var(var, Shape::Text)),
        );
        let (rows, value) = self.rows_at(root, from(root, t, me), path)?;
        let filled = Pred::Exists(Box::new(rows.clone()));
        let found = if !apart(field.kind, kind) {
            let (left, value) = alike((field.kind, expr.clone()), (kind, value));
            Pred::InRows(left, Box::new(rows), Box::new(value))
        } else if not {
            let unknown = Pred::all([rows.filter.clone(), Pred::IsNull(value)]);
            Pred::Exists(Box::new(From {
                filter: unknown,
                ..rows
            }))
        } else {
            Pred::False
        };
        Ok((found, filled))
    }

    /// The rows at the end of a path with lists, and the value that counts of each.
    fn rows_at(&mut self, at: &'a Collection, rows: From, path: &[String]) -> Result<(From, Expr)> {
        let t = rows.alias;
        let Some((step, rest)) = path.split_first() else {
            return Ok((rows, Expr::Column(t, key_column(at)?)));
        };
        let (target, near, far) = match self.schema.link(&at.name, step) {
            Some(Link::Many { relation, target }) => (target, key_column(at)?, Ident::new(&relation.many_field)),
            Some(Link::One { relation, target }) if !rest.is_empty() => {
                (target, Ident::new(&relation.many_field), key_column(target)?)
            }
            _ => {
                let field = at
                    .field(step)
                    .filter(|field| !field.is_concealed())
                    .ok_or_else(Error::forbidden)?;
                let value = column(t, field)
                    .filter(|_| rest.is_empty())
                    .ok_or_else(Error::forbidden)?;
                return Ok((rows, value));
            }
        };
        let next = self.alias();
        let link = Pred::InRows(Expr::Column(next, far), Box::new(rows), Box::new(Expr::Column(t, near)));
        self.rows_at(target, from(target, next, link), rest)
    }
}

/// Sorts of values that can be compared with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Text,
    Number,
    Uuid,
    Boolean,
    Moment,
    Time,
    Other,
}

fn sort(kind: Kind) -> Sort {
    match kind {
        Kind::Integer | Kind::BigInteger | Kind::Float | Kind::Decimal => Sort::Number,
        Kind::Uuid => Sort::Uuid,
        Kind::Boolean => Sort::Boolean,
        Kind::Date | Kind::DateTime | Kind::Timestamp => Sort::Moment,
        Kind::Time => Sort::Time,
        kind if kind.is_text() => Sort::Text,
        _ => Sort::Other,
    }
}

/// Whether one of two values is a moment and the other is none. They are never the same, though databases may hold a
/// moment as a number or tell it as a text that the other could hold too. Of a field of an unknown kind nothing is said.
fn apart(left: Kind, right: Kind) -> bool {
    let (left, right) = (sort(left), sort(right));
    left != Sort::Other && left != right && (left == Sort::Moment || right == Sort::Moment)
}

/// A comparison of values that are never the same, nor one less than the other: unknown where the right one is null, as
/// comparisons are. Nothing is the same as nothing all the same.
fn strangers(left: Expr, cmp: Cmp, right: Expr) -> Pred {
    // A variable that is bound has no type by itself.
    let right = Expr::AsText(Box::new(right));
    match cmp {
        Cmp::Same => Pred::all([Pred::IsNull(left), Pred::IsNull(right)]),
        Cmp::Ne => Pred::all([Pred::IsNull(left).negated(), Pred::IsNull(right).negated()]),
        Cmp::Eq | Cmp::Lt | Cmp::Gt | Cmp::Le | Cmp::Ge => Pred::Compare(right.clone(), Cmp::Ne, right),
    }
}

/// Two values of different sorts, made alike; the left one is left as it is where it can be, as an index may lead by it.
/// A variable that is bound takes the left one's type by itself, where it can be told in it. A text that is no uuid must not
/// become null on the way: null is the same as null, and a rule would let rows through that have no value.
fn alike((left_kind, left): (Kind, Expr), (right_kind, right): (Kind, Expr)) -> (Expr, Expr) {
    let bound = matches!(right, Expr::Bind(_));
    match (left_kind, right_kind) {
        (Kind::Date, Kind::DateTime | Kind::Timestamp) => return (Expr::AsMoment(Box::new(left)), right),
        (Kind::DateTime | Kind::Timestamp, Kind::Date) => return (left, Expr::AsMoment(Box::new(right))),
        _ => {}
    }
    match (sort(left_kind), sort(right_kind)) {
        (Sort::Text | Sort::Uuid, Sort::Uuid | Sort::Text) if bound => (left, right),
        (Sort::Text, Sort::Text) => (left, Expr::AsComparable(Box::new(right), right_kind)),
        (a, b) if a == b || a == Sort::Other => (left, right),
        (Sort::Text, _) => (left, Expr::AsText(Box::new(right))),
        _ => (Expr::AsText(Box::new(left)), Expr::AsText(Box::new(right))),
    }
}

/// How a variable is bound against a field of this kind.
fn shape(kind: Kind) -> Shape {
    match kind {
        Kind::Timestamp => Shape::Instant,
        Kind::DateTime => Shape::Wall,
        Kind::Date => Shape::Date,
        Kind::Time => Shape::Time,
        _ => Shape::Text,
    }
}
