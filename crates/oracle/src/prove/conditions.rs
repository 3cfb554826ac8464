//! Random conditions: for permissions' rules and for callers' filters, every operator, relational or not, and malformed.

use aedile_engine::schema::{Collection, Field, Kind, Link};
use serde_json::{Map, Value as Json, json};

use super::{random::Random, values};
use crate::{evaluator::Session, world::World};

/// Deepest nesting of a random condition.
const DEPTH: usize = 3;

/// What a condition is for.
#[derive(Clone, Copy)]
pub enum Use<'s> {
    /// A permission's rule.
    Rule,
    /// A caller's filter: mostly about fields the caller may read somewhere.
    Filter(&'s Session<'s>),
}

/// Makes conditions on the rows of a world.
pub struct Conditions<'r, 'w> {
    random: &'r mut Random,
    world: &'w World,
    purpose: Use<'w>,
}

fn one(name: impl Into<String>, value: Json) -> Json {
    Json::Object(Map::from_iter([(name.into(), value)]))
}

impl<'r, 'w> Conditions<'r, 'w> {
    /// For this world and purpose.
    pub fn new(random: &'r mut Random, world: &'w World, purpose: Use<'w>) -> Self {
        Conditions { random, world, purpose }
    }

    /// A condition on rows of a collection.
    pub fn filter(&mut self, c: &'w Collection, depth: usize) -> Json {
        match self.random.below(20) {
            0..3 if depth < DEPTH => {
                let name = self.random.pick(&["_and", "_or"]);
                let most = if self.random.chance(4) { 0 } else { 3 };
                let parts: Vec<Json> = (0..self.random.between(most.min(1), most))
                    .map(|_| self.filter(c, depth + 1))
                    .collect();
                one(name, parts.into())
            }
            3 if depth < DEPTH => {
                let mut both = self.filter(c, depth + 1);
                let more = self.filter(c, depth + 1);
                if let (Json::Object(both), Json::Object(more)) = (&mut both, more) {
                    both.extend(more);
                }
                both
            }
            4 if self.random.chance(10) => json!({}),
            5 if depth < DEPTH && self.random.chance(40) => self.follow(c, depth),
            _ => match self.any_field(c) {
                Some(field) => self.on_field(c, field, depth),
                None => one("nothing", json!({"_eq": 1})),
            },
        }
    }

    /// A field the condition is on: for a caller's filter mostly one it may read.
    pub fn any_field(&mut self, c: &'w Collection) -> Option<&'w Field> {
        let readable: Vec<&Field> = match self.purpose {
            Use::Rule => c.fields.values().collect(),
            Use::Filter(_) if self.random.chance(3) => c.fields.values().collect(),
            Use::Filter(session) => c
                .fields
                .values()
                .filter(|f| session.grants(c, "read", &f.name) && self.leads_somewhere(session, c, f))
                .collect(),
        };
        self.random.one(&readable).copied()
    }

    /// Whether a field is no list of what the caller may not read at all.
    fn leads_somewhere(&self, session: &Session<'_>, c: &Collection, field: &Field) -> bool {
        !matches!(self.world.schema.link(&c.name, &field.name), Some(Link::Many { target, .. }) if !session.may(target, "read"))
    }

    /// Whether a condition may go on into a collection: now and then also where it may not.
    fn may_enter(&mut self, target: &Collection) -> bool {
        match self.purpose {
            Use::Rule => true,
            Use::Filter(session) => session.may(target, "read") || self.random.chance(2),
        }
    }

    fn on_field(&mut self, c: &'w Collection, field: &'w Field, depth: usize) -> Json {
        let name = field.name.clone();
        match self.world.schema.link(&c.name, &field.name) {
            _ if self.random.chance(1) => one("nothing", json!({"_null": true})),
            Some(Link::One { target, .. }) if depth < DEPTH && self.random.chance(60) && self.may_enter(target) => {
                one(name, self.filter(target, depth + 1))
            }
            Some(Link::Many { target, .. }) => {
                if self.random.chance(12) {
                    return one(format!("count({name})"), self.tests(&number(), 2));
                }
                one(name, self.on_list(target, depth))
            }
            Some(Link::Any { relation }) if depth < DEPTH && self.random.chance(60) => {
                let target = self
                    .random
                    .one(&relation.one_allowed)
                    .and_then(|name| self.world.schema.collection(name));
                match target.filter(|target| self.may_enter(target)) {
                    Some(target) => one(format!("{name}:{}", target.name), self.filter(target, depth + 1)),
                    None => one(name, json!({"_nnull": true})),
                }
            }
            Some(Link::One { target, .. }) => {
                // A foreign key is compared as a key of where it leads.
                let key = target.key_field().unwrap_or(field);
                one(name, self.tests(key, depth))
            }
            _ => match functions(field.kind) {
                [] => one(name, self.tests(field, depth)),
                _ if self.random.chance(75) => one(name, self.tests(field, depth)),
                fits => {
                    let function = if self.random.chance(96) {
                        self.random.pick(fits)
                    } else {
                        self.random.pick(&["year", "hour", "count", "nonsense"])
                    };
                    one(format!("{function}({name})"), self.tests(&number(), 2))
                }
            },
        }
    }

    fn may_look(&mut self, c: &Collection, field: &Field) -> bool {
        match self.purpose {
            Use::Rule => true,
            Use::Filter(session) => session.grants(c, "read", &field.name) || self.random.chance(2),
        }
    }

    fn on_list(&mut self, target: &'w Collection, depth: usize) -> Json {
        if depth >= DEPTH {
            return json!({"_null": self.random.chance(50)});
        }
        match self.random.below(10) {
            0 => json!({"_null": self.random.chance(50)}),
            1 => match target.key_field() {
                Some(key) if self.may_look(target, key) => self.test(key),
                _ => json!({"_nnull": true}),
            },
            2..4 => one("_some", self.filter(target, depth + 1)),
            4..6 => one("_none", self.filter(target, depth + 1)),
            _ => self.filter(target, depth + 1),
        }
    }

    /// Over a foreign key backwards.
    fn follow(&mut self, c: &'w Collection, depth: usize) -> Json {
        let relations: Vec<_> = self
            .world
            .schema
            .relations()
            .iter()
            .filter(|r| r.one.as_deref() == Some(&c.name))
            .collect();
        let found = self
            .random
            .one(&relations)
            .and_then(|r| Some((r, self.world.schema.collection(&r.many)?)));
        let found = found.filter(|(relation, source)| {
            self.may_enter(source)
                && source
                    .field(&relation.many_field)
                    .is_some_and(|f| self.may_look(source, f))
        });
        match found {
            Some((relation, source)) => one(
                format!("$FOLLOW({},{})", relation.many, relation.many_field),
                self.on_list(source, depth + 1),
            ),
            None => json!({}),
        }
    }

    /// Tests of one value: mostly a single one.
    fn tests(&mut self, field: &Field, depth: usize) -> Json {
        if depth < DEPTH && self.random.chance(5) {
            let parts: Vec<Json> = (0..2).map(|_| self.test(field)).collect();
            return one(self.random.pick(&["_and", "_or"]), parts.into());
        }
        let mut tests = self.test(field);
        if self.random.chance(8) {
            let more = self.test(field);
            if let (Json::Object(tests), Json::Object(more)) = (&mut tests, more) {
                tests.extend(more);
            }
        }
        tests
    }

    fn test(&mut self, field: &Field) -> Json {
        let operator = self.operator(field);
        let value = match operator {
            "_null" | "_nnull" | "_empty" | "_nempty" => json!(self.random.chance(75)),
            "_in" | "_nin" => {
                if self.random.chance(15) {
                    return one(operator, self.list_variable().into());
                }
                let least = usize::from(!self.random.chance(2));
                (0..self.random.between(least, 3))
                    .map(|_| self.operand(field))
                    .collect()
            }
            "_between" | "_nbetween" => (0..2).map(|_| self.operand(field)).collect(),
            "_eq" | "_neq" if self.random.chance(6) => Json::Null,
            _ => self.operand(field),
        };
        one(operator, value)
    }

    fn operator(&mut self, field: &Field) -> &'static str {
        const ALL: [&str; 23] = [
            "_eq",
            "_neq",
            "_in",
            "_nin",
            "_null",
            "_nnull",
            "_empty",
            "_nempty",
            "_contains",
            "_ncontains",
            "_icontains",
            "_starts_with",
            "_nstarts_with",
            "_istarts_with",
            "_ends_with",
            "_niends_with",
            "_lt",
            "_lte",
            "_gt",
            "_gte",
            "_between",
            "_nbetween",
            "_regex",
        ];
        let fits: &[&str] = match field.kind {
            _ if field.is_concealed() => ALL.get(4..8).unwrap_or_default(),
            kind if kind.is_text() => ALL.get(..16).unwrap_or_default(),
            kind if kind.is_number() || kind.is_temporal() => &[
                "_eq",
                "_neq",
                "_in",
                "_nin",
                "_null",
                "_nnull",
                "_lt",
                "_lte",
                "_gt",
                "_gte",
                "_between",
                "_nbetween",
            ],
            Kind::Boolean => &["_eq", "_neq", "_null", "_nnull"],
            Kind::Uuid => &["_eq", "_neq", "_in", "_nin", "_null", "_nnull"],
            _ => &["_null", "_nnull"],
        };
        let name = if self.random.chance(99) {
            self.random.pick(fits)
        } else {
            self.random.pick(&ALL)
        };
        ALL.into_iter().find(|known| *known == name).unwrap_or("_eq")
    }

    fn operand(&mut self, field: &Field) -> Json {
        let share = match self.purpose {
            Use::Rule => 22,
            Use::Filter(_) => 6,
        };
        if !self.random.chance(share) {
            return values::constant(self.random, field.kind);
        }
        let random = &mut *self.random;
        match field.kind {
            Kind::Uuid => random
                .pick(&[
                    "$CURRENT_USER",
                    "$CURRENT_USER",
                    "$CURRENT_ROLE",
                    "$CURRENT_USER.boss",
                    "$CURRENT_USER.boss.role",
                ])
                .into(),
            kind if kind.is_text() => random
                .pick(&[
                    "$CURRENT_USER.first_name",
                    "$CURRENT_USER.boss.first_name",
                    "$CURRENT_ROLE.name",
                    "$CURRENT_USER",
                    "$NOBODY",
                    "$CURRENT_USER.token",
                ])
                .into(),
            Kind::Integer | Kind::BigInteger => random
                .pick(&["$CURRENT_USER.level", "$CURRENT_USER.boss.level", "$CURRENT_USER.staff"])
                .into(),
            // Where the clock is real, a time of day could pass while questions are asked.
            Kind::Time if self.world.now != values::NOW => values::constant(random, Kind::Time),
            Kind::Time => "$NOW(-12 hours)".into(),
            // A moment and a number have nothing in common.
            kind if kind.is_temporal() => random
                .pick(&[
                    "$NOW",
                    "$NOW(-1 day)",
                    "$NOW(+1 month)",
                    "$NOW(-12 hours)",
                    "$CURRENT_USER.level",
                ])
                .into(),
            kind => values::constant(random, kind),
        }
    }

    fn list_variable(&mut self) -> &'static str {
        self.random.pick(&[
            "$CURRENT_ROLES",
            "$CURRENT_POLICIES",
            "$CURRENT_USER.staff",
            "$CURRENT_USER.staff.level",
            "$CURRENT_ROLE.users",
            "$CURRENT_USER.level",
            "$CURRENT_USER",
        ])
    }
}

fn number() -> Field {
    Field {
        name: "number".into(),
        kind: Kind::Integer,
        special: Vec::new(),
        column: None,
        validation: None,
        searchable: false,
        meta: None,
    }
}

/// Functions that fit a kind.
pub fn functions(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Date => &["year", "month", "week", "day", "weekday"],
        Kind::Time => &["hour", "minute", "second"],
        Kind::DateTime | Kind::Timestamp => &["year", "month", "week", "day", "weekday", "hour", "minute", "second"],
        Kind::Json => &["count"],
        _ => &[],
    }
}
