//! What a write may do, and the rows it leaves behind. Nothing is stored unless all of it may be.

use aedile_engine::{
    query::{Filter, Key, Operand, Test, Var, filter},
    schema::Collection,
    value::Param,
};
use serde_json::Value as Json;

use super::{Answer, Eyes, Object, Refusal, Row, Session, value};

/// A write on one collection.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new item.
    Create(Object),
    /// New values for the items with these keys.
    Update(Vec<Param>, Object),
    /// The end of the items with these keys.
    Delete(Vec<Param>),
}

impl<'w> Session<'w> {
    /// The collection's rows after the write.
    pub fn write(&self, collection: &str, change: &Change) -> Answer<Vec<Row>> {
        let c = self.collection(collection)?;
        let mut rows = self.rows(c).to_vec();
        match change {
            Change::Create(sent) => {
                let mut row = self.payload(c, "create", sent, &[])?;
                let next = rows
                    .iter()
                    .filter_map(|row| value::whole(row.get(&c.key)?))
                    .max()
                    .unwrap_or(0)
                    + 1;
                let key = row.entry(c.key.clone()).or_insert(Param::Int(next)).clone();
                if self.by_key(c, &key).is_some() {
                    return Err(Refusal::Failed);
                }
                rows.push(row);
            }
            Change::Update(keys, sent) => {
                let found = self.permitted(c, "update", keys, sent)?;
                let mut new = self.payload(c, "update", sent, &found)?;
                // A key never changes.
                new.remove(&c.key);
                let keys: Vec<&Param> = found.iter().filter_map(|row| row.get(&c.key)).collect();
                for row in rows
                    .iter_mut()
                    .filter(|row| row.get(&c.key).is_some_and(|key| keys.contains(&key)))
                {
                    row.extend(new.clone());
                }
            }
            Change::Delete(keys) => {
                let found = self.permitted(c, "delete", keys, &Object::new())?;
                rows.retain(|row| !found.contains(&row));
            }
        }
        Ok(rows)
    }

    /// The rows with these keys. Each must be covered, and covered for every field that is sent, by some permission; what
    /// is missing is forbidden, but for an administrator it is passed over.
    fn permitted(&self, c: &'w Collection, action: &str, keys: &[Param], sent: &Object) -> Answer<Vec<&'w Row>> {
        let cases = self.cases(c, action);
        let covered = |row: &Row| {
            let by = |field: Option<&String>| {
                cases
                    .iter()
                    .any(|case| field.is_none_or(|f| case.grants(f)) && self.covers(c, case, row))
            };
            self.admin || (by(None) && sent.keys().all(|field| by(Some(field))))
        };
        if !self.may(c, action) {
            return Err(Refusal::Forbidden);
        }
        let found = keys.iter().map(|key| self.by_key(c, key).filter(|row| covered(row)));
        if self.admin {
            return Ok(found.flatten().collect());
        }
        found.map(|row| row.ok_or(Refusal::Forbidden)).collect()
    }

    /// What is stored of what was sent: only fields that may be written; with presets where nothing was sent; and no
    /// validation broken. `found` are the rows to be changed: none of them, nothing to judge.
    fn payload(&self, c: &'w Collection, action: &str, sent: &Object, found: &[&Row]) -> Answer<Row> {
        if action == "update" && found.is_empty() {
            return Ok(Row::new());
        }
        let cases = self.cases(c, action);
        if !self.may(c, action) || !(self.admin || sent.keys().all(|name| cases.iter().any(|case| case.grants(name)))) {
            return Err(Refusal::Forbidden);
        }
        let mut all = Object::new();
        // A later permission's preset wins; what was sent wins over all of them, null too.
        for (name, preset) in cases.iter().filter(|_| !self.admin).flat_map(|case| &case.presets) {
            all.insert(name.clone(), self.preset(preset)?);
        }
        all.extend(sent.clone());
        if action == "update" {
            all.remove(&c.key);
        }
        for case in cases.iter().filter(|_| !self.admin) {
            if let Some(rule) = &case.validation {
                self.validated(c, &all, rule)?.then_some(()).ok_or(Refusal::Failed)?;
            }
        }
        let mut row = Row::new();
        for (field, column) in c
            .fields
            .values()
            .filter_map(|field| Some((field, field.column.as_ref()?)))
        {
            let value = match all.get(&field.name) {
                Some(sent) => value::stored(field, sent).ok_or(Refusal::Failed)?,
                None if action == "create" && !column.auto_increment => Param::Null,
                None => continue,
            };
            if value == Param::Null && !column.nullable {
                return Err(Refusal::Failed);
            }
            row.insert(field.name.clone(), value);
        }
        Ok(row)
    }

    /// A preset's value; a text that names a variable is that variable.
    fn preset(&self, preset: &Json) -> Answer<Json> {
        let var: Option<Var> = preset.as_str().and_then(filter::variable);
        let Some(var) = var else { return Ok(preset.clone()) };
        Ok(
            match self.single(&value::some_text(), &Operand::Var(var), Eyes::Rule)? {
                Param::Text(text) => text.into(),
                other => value::whole(&other).map_or(Json::Null, Json::from),
            },
        )
    }

    /// Whether what was sent meets a validation. What was not sent breaks none, unless it had to be sent.
    fn validated(&self, c: &'w Collection, sent: &Object, rule: &Filter) -> Answer<bool> {
        match rule {
            Filter::And(list) => list
                .iter()
                .try_fold(true, |so_far, rule| Ok(self.validated(c, sent, rule)? && so_far)),
            Filter::Or(list) => list
                .iter()
                .try_fold(false, |so_far, rule| Ok(self.validated(c, sent, rule)? || so_far)),
            Filter::At(Key::Field(name), inner) => match (&**inner, sent.get(name), c.field(name)) {
                (Filter::Is(Test::Submitted(wanted)), value, _) => Ok(value.is_some() == *wanted),
                (_, None, _) => Ok(true),
                (Filter::Is(test), Some(value), Some(field)) => {
                    let value = value::fit(field, value).ok_or(Refusal::Failed)?;
                    self.passes(field, &value, false, test, Eyes::Rule)
                }
                _ => Err(Refusal::Invalid),
            },
            _ => Err(Refusal::Invalid),
        }
    }
}
