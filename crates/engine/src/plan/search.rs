//! Text search over every field of the collection itself that is searchable, readable, and no secret.

use crate::{
    access::Action,
    error::Result,
    plan::{Cmp, Expr, Planner, Pred, Trust, filter::column},
    query::{Operand, Part},
    schema::{Collection, Kind},
    sql::Bind,
};

impl<'a> Planner<'a> {
    /// The rows in which some field the caller may see holds the text (or, as a number or uuid, is it).
    pub fn search(&mut self, c: &'a Collection, alias: u32, text: &str) -> Result<Pred> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Pred::True);
        }
        let grant = self.access.grant(&c.name, Action::Read);
        let mut preds = Vec::new();
        for field in c.fields.values() {
            if !field.searchable
                || field.is_concealed()
                || !grant.has(&field.name)
                || self.schema.link(&c.name, &field.name).is_some()
            {
                continue;
            }
            let Some(expr) = column(alias, field) else { continue };
            let found = match field.kind {
                Kind::String | Kind::Text => Pred::Match {
                    text: expr,
                    part: Part::Anywhere,
                    fold: true,
                    with: Expr::Bind(Bind::Const(text.into())),
                },
                kind if kind.is_number() || kind == Kind::Uuid => {
                    let said = Operand::Value(crate::Json::from(text));
                    match self.operand(field, &said, Trust::Caller) {
                        Ok(other) => Pred::Compare(expr, Cmp::Eq, other),
                        Err(_) => continue,
                    }
                }
                _ => continue,
            };
            let guard = self.guard(c, alias, &field.name)?;
            preds.push(Pred::all([guard, found]));
        }
        Ok(Pred::any(preds))
    }
}
