//! Groups of rows and their aggregates: over the rows the caller may see, of the values it may see of them.

use std::cmp::Ordering;

use aedile_engine::{
    query::{Aggregate, Function, Key, Query},
    schema::{Collection, Field, Kind, Link},
    value::Param,
};
use serde_json::{Value as Json, json};

use super::{
    Answer, Eyes, Object, Refusal, Row, Session,
    read::{Keys, in_order, number_text, page},
    value,
};

impl<'w> Session<'w> {
    /// The groups a query asks for, each with its aggregates.
    pub(super) fn groups(&self, c: &'w Collection, rows: &[&'w Row], query: &Query) -> Answer<Vec<Json>> {
        self.wanted(c, None, query)?;
        let mut found = Vec::new();
        for row in rows.iter().filter(|row| self.visible(c, row, Eyes::Caller)) {
            if self.wanted(c, Some(row), query)? {
                found.push(*row);
            }
        }
        let mut groups: Vec<(Vec<Param>, Vec<&Row>)> = Vec::new();
        if query.group.is_empty() {
            groups.push((Vec::new(), Vec::new()));
        }
        self.group_keys(c, None, query)?;
        for row in found {
            let keys = self.group_keys(c, Some(row), query)?;
            match groups.iter_mut().find(|(other, _)| *other == keys) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((keys, vec![row])),
            }
        }
        self.measures(c, &[], query)?;
        let mut told: Vec<(Keys, Json)> = Vec::new();
        for (keys, rows) in groups {
            let mut object = Object::new();
            for (key, value) in query.group.iter().zip(&keys) {
                let told = match key {
                    Key::Field(name) if c.field(name).is_some_and(|f| !f.is_concealed()) => {
                        c.field(name).map(|f| value::told(f, value))
                    }
                    Key::Field(_) => Some(value::told(&value::some_text(), value)),
                    _ => Some(number_text(value)),
                };
                object.insert(key_name(key), told.unwrap_or_default());
            }
            let measures = self.measures(c, &rows, query)?;
            let order = self.group_order(c, query, &keys, &measures)?;
            for (function, of, _, result) in measures {
                match of {
                    None if query.aggregate.iter().filter(|(other, _)| *other == function).count() == 1 => {
                        drop(object.insert(function.as_str().to_owned(), result))
                    }
                    of => {
                        object.entry(function.as_str()).or_insert_with(|| json!({}))
                            [of.unwrap_or_else(|| "*".to_owned())] = result
                    }
                }
            }
            told.push((order, object.into()));
        }
        self.group_order(
            c,
            query,
            &query.group.iter().map(|_| Param::Null).collect::<Vec<_>>(),
            &self.measures(c, &[], query)?,
        )?;
        told.sort_by(|(a, _), (b, _)| in_order(a, b));
        Ok(page(told, &query.page).into_iter().map(|(_, told)| told).collect())
    }

    fn group_keys(&self, c: &'w Collection, row: Option<&Row>, query: &Query) -> Answer<Vec<Param>> {
        let keys = query.group.iter().map(|key| {
            if matches!(key, Key::Field(name) if c.field(name).is_some_and(|field| field.kind == Kind::Json)) {
                return Err(Refusal::Invalid);
            }
            if let Key::Call(Function::Count, name) = key
                && matches!(self.world.schema.link(&c.name, name), Some(Link::Many { .. }))
            {
                return Err(Refusal::Invalid);
            }
            let (found, secret) = self.seen(c, row, key)?;
            Ok(if secret && found != Param::Null {
                value::MASK.into()
            } else {
                found
            })
        });
        keys.collect()
    }

    /// The value of a field or function that may be seen of a row, and whether it is a secret.
    fn seen(&self, c: &'w Collection, row: Option<&Row>, key: &Key) -> Answer<(Param, bool)> {
        let (name, found) = match key {
            Key::Field(name) => (name, self.cell(c, row, name, Eyes::Caller)),
            Key::Call(function, name) => (name, self.call(c, row, *function, name, Eyes::Caller)?),
            Key::Scoped(..) | Key::Follow(..) => return Err(Refusal::Forbidden),
        };
        let open = self.opens(c, row, name, Eyes::Caller)?;
        let field = c.field(name).ok_or(Refusal::Forbidden)?;
        if field.column.is_none() && matches!(key, Key::Field(_)) {
            return Err(Refusal::Forbidden);
        }
        Ok((if open { found } else { Param::Null }, field.is_concealed()))
    }

    /// Every aggregate of a group: its function, what it is of, its value to order by, and as it is told.
    #[expect(
        clippy::type_complexity,
        reason = "four plain things, told apart where they are used"
    )]
    fn measures(
        &self,
        c: &'w Collection,
        rows: &[&Row],
        query: &Query,
    ) -> Answer<Vec<(Aggregate, Option<String>, Param, Json)>> {
        let measure = |(function, of): &(Aggregate, Option<Key>)| {
            let Some(key) = of else {
                if !matches!(function, Aggregate::Count | Aggregate::CountAll) {
                    return Err(Refusal::Invalid);
                }
                let n = Param::Int(i64::try_from(rows.len()).unwrap_or(i64::MAX));
                return Ok((*function, None, n.clone(), number_text(&n)));
            };
            self.seen(c, None, key)?;
            let field = match key {
                Key::Field(name) => c.field(name).cloned().ok_or(Refusal::Forbidden)?,
                _ => value::whole_number(),
            };
            let mut held = rows
                .iter()
                .map(|row| Ok(self.seen(c, Some(row), key)?.0))
                .collect::<Answer<Vec<Param>>>()?;
            held.retain(|value| *value != Param::Null);
            let (value, told) = measured(*function, &field, held, matches!(key, Key::Call(..)))?;
            Ok((*function, Some(key_name(key)), value, told))
        };
        query.aggregate.iter().map(measure).collect()
    }

    /// Groups are ordered by what they are grouped by, or by an aggregate.
    fn group_order(
        &self,
        c: &'w Collection,
        query: &Query,
        keys: &[Param],
        measures: &[(Aggregate, Option<String>, Param, Json)],
    ) -> Answer<Keys> {
        let mut order = Keys::new();
        for sort in &query.sort {
            let [key] = sort.path.as_slice() else {
                return Err(Refusal::Invalid);
            };
            let name = key_name(key);
            let group = query
                .group
                .iter()
                .position(|group| key_name(group) == name)
                .and_then(|i| keys.get(i));
            let measure = measures
                .iter()
                .find(|(function, ..)| function.as_str() == name)
                .map(|(_, _, value, _)| value);
            match group.or(measure) {
                Some(value) => order.push((value.clone(), sort.descending)),
                None => {
                    self.sort_value(c, None, &sort.path)?;
                    if !query.group.is_empty() {
                        return Err(Refusal::Invalid);
                    }
                }
            }
        }
        // The keys decide among equals.
        order.extend(keys.iter().map(|key| (key.clone(), false)));
        Ok(order)
    }
}

/// An aggregate of values that are there; its value, and as it is told.
fn measured(function: Aggregate, field: &Field, mut held: Vec<Param>, part: bool) -> Answer<(Param, Json)> {
    let numbers = matches!(
        function,
        Aggregate::Sum | Aggregate::SumDistinct | Aggregate::Avg | Aggregate::AvgDistinct
    );
    let extreme = matches!(function, Aggregate::Min | Aggregate::Max);
    let secret = field.is_concealed() && (numbers || function == Aggregate::CountDistinct);
    if secret || (numbers && !field.kind.is_number()) || (extreme && field.kind == Kind::Json) {
        return Err(Refusal::Invalid);
    }
    if matches!(
        function,
        Aggregate::CountDistinct | Aggregate::SumDistinct | Aggregate::AvgDistinct
    ) {
        let mut seen: Vec<Param> = Vec::new();
        held.retain(|value| {
            !seen.iter().any(|other| value::same(value, other)) && {
                seen.push(value.clone());
                true
            }
        });
    }
    let count = i64::try_from(held.len()).unwrap_or(i64::MAX);
    let all_whole = held.iter().all(|value| value::whole(value).is_some());
    let sum: f64 = held.iter().filter_map(value::fraction).sum();
    let whole_sum = held.iter().filter_map(value::whole).fold(0_i64, i64::wrapping_add);
    let order = |a: &Param, b: &Param| value::compare(a, b).unwrap_or(Ordering::Equal);
    let found = match function {
        Aggregate::Count | Aggregate::CountDistinct | Aggregate::CountAll => Param::Int(count),
        _ if held.is_empty() => Param::Null,
        Aggregate::Sum | Aggregate::SumDistinct => {
            if all_whole {
                Param::Int(whole_sum)
            } else {
                Param::Real(sum)
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "an average is a fraction")]
        Aggregate::Avg | Aggregate::AvgDistinct => Param::Real(sum / count as f64),
        Aggregate::Min => held.into_iter().min_by(order).unwrap_or(Param::Null),
        Aggregate::Max => held.into_iter().max_by(order).unwrap_or(Param::Null),
    };
    let told = match (function, field.kind, &found) {
        (_, _, Param::Null) => Json::Null,
        (Aggregate::Min | Aggregate::Max, ..) if !part => value::told(field, &found),
        (Aggregate::Sum | Aggregate::SumDistinct, Kind::Decimal, _) => value::decimal(field, sum),
        (Aggregate::Avg | Aggregate::AvgDistinct, ..) | (Aggregate::Sum | Aggregate::SumDistinct, Kind::Float, _) => {
            value::fraction(&found).map_or(Json::Null, Json::from)
        }
        _ => number_text(&found),
    };
    Ok((found, told))
}

/// What a field or function is called in the answer.
fn key_name(key: &Key) -> String {
    match key {
        Key::Field(name) => name.clone(),
        Key::Call(function, name) => format!("{name}_{}", function.as_str()),
        Key::Scoped(name, target) => format!("{name}:{target}"),
        Key::Follow(source, field) => format!("$FOLLOW({source}, {field})"),
    }
}
