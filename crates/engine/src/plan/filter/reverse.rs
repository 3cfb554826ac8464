//! The rows that point at a row by their foreign key: whether some do, and how many.
//! Must never look for them row by row where no index leads to them.

use super::{exists, from, key_column};
use crate::{
    error::Result,
    plan::{Cmp, Expr, Pred},
    schema::{Collection, Ident, Kind, Relation},
};

/// The way back along a foreign key.
pub(super) struct Reverse {
    foreign: Ident,
    one: Ident,
    /// Keys are texts.
    text: bool,
    indexed: bool,
    /// The foreign key's field, where there is no alias that grants the list.
    pub read: Option<String>,
}

impl Reverse {
    pub fn of(relation: &Relation, one: &Collection) -> Result<Reverse> {
        Ok(Reverse {
            foreign: Ident::new(&relation.many_field),
            one: key_column(one)?,
            text: one.key_field().is_some_and(|field| field.kind.is_text()),
            indexed: relation.indexed,
            read: None,
        })
    }

    /// The same way where no alias grants the list, so that the foreign key itself is read.
    pub fn reading(self, field: &str) -> Reverse {
        Reverse {
            read: Some(field.to_owned()),
            ..self
        }
    }

    fn link(&self, alias: u32, t: u32) -> Pred {
        Pred::Compare(Expr::Column(t, self.foreign.clone()), Cmp::Eq, self.key(alias))
    }

    fn key(&self, alias: u32) -> Expr {
        let key = Expr::Column(alias, self.one.clone());
        match self.text {
            true => Expr::AsComparable(Box::new(key), Kind::String),
            false => key,
        }
    }

    /// Some row that meets the condition points here: looked up by the index, or listed once (where there is none, or
    /// where the list is wanted first).
    pub fn exists(&self, alias: u32, target: &Collection, t: u32, filter: Pred, first: bool) -> Pred {
        if (self.indexed && !first) || matches!(filter, Pred::False) {
            return exists(target, t, Pred::all([self.link(alias, t), filter]));
        }
        let foreign = Expr::Column(t, self.foreign.clone());
        let pointing = Pred::all([Pred::IsNull(foreign.clone()).negated(), filter]);
        let rows = Box::new(from(target, t, pointing));
        Pred::InRows(self.key(alias), rows, Box::new(foreign))
    }

    /// How many rows that meet the condition point here: counted by the index, or grouped once where there is none.
    pub fn count(&self, alias: u32, target: &Collection, t: u32, filter: Pred) -> Expr {
        if self.indexed {
            return Expr::Count(Box::new(from(target, t, Pred::all([self.link(alias, t), filter]))));
        }
        Expr::Counted {
            rows: Box::new(from(target, t, filter)),
            by: self.foreign.clone(),
            key: Box::new(self.key(alias)),
        }
    }
}
