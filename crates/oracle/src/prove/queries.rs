//! Random questions: parameters as a client would send them, well-formed or not.

use aedile_engine::{
    query::Query,
    schema::{Collection, Kind, Link},
};
use serde_json::{Map, Value as Json, json};

use super::{
    conditions::{Conditions, Use, functions},
    random::Random,
};
use crate::{evaluator::Session, world::World};

/// Of a hundred questions, so many are broken on purpose.
const MALFORMED: usize = 6;
/// Parameters that no query can have.
const BROKEN: [(&str, &str); 24] = [
    ("fields", "{\"a\":1}"),
    ("fields", "[\"year(day\"]"),
    ("fields", "[[\"id\"]]"),
    ("fields", "[\"a..b\"]"),
    ("sort", "{\"id\":1}"),
    ("sort", "[7]"),
    ("filter", "null"),
    ("filter", "\"{\""),
    ("filter", "[1]"),
    ("filter", "{\"_and\":{\"id\":{\"_eq\":1}}}"),
    ("filter", "{\"id\":{\"_like\":1}}"),
    ("filter", "{\"id\":7}"),
    ("filter", "{\"id\":{\"_in\":{\"a\":1}}}"),
    ("filter", "{\"id\":{\"_between\":[1]}}"),
    ("filter", "{\"id\":{\"_null\":\"perhaps\"}}"),
    ("filter", "{\"_eq\":1}"),
    ("limit", "-5"),
    ("limit", "\"many\""),
    ("offset", "-1"),
    ("page", "0.5"),
    ("aggregate", "{\"median\":[\"id\"]}"),
    ("groupBy", "{\"id\":true}"),
    ("alias", "{\"x\":[\"id\"]}"),
    ("deep", "[1]"),
];
/// Deepest path of a random field.
const DEPTH: usize = 3;

/// What is read of a collection.
#[derive(Clone, Debug)]
pub enum Target {
    /// The list.
    List,
    /// The item with this key.
    Item(Json),
    /// The one item of a singleton.
    Singleton,
}

/// A question: which collection, what of it, and the parameters.
#[derive(Clone, Debug)]
pub struct Question {
    /// The collection.
    pub collection: String,
    /// The list, an item, or the singleton.
    pub target: Target,
    /// Parameters by name, as they would come in a URL or a body.
    pub raw: Map<String, Json>,
}

impl Question {
    /// The evaluator's answer to it, in the envelope of the product.
    pub fn answer(&self, session: &Session<'_>, query: &Query) -> Option<Json> {
        let mut answer = Map::new();
        let data = match &self.target {
            Target::Item(key) => session.read_item(&self.collection, key, query)?,
            target => {
                let mut query = query.clone();
                let single = matches!(target, Target::Singleton);
                query.page.limit = if single { Some(1) } else { query.page.limit };
                let mut told = session.read(&self.collection, &query)?;
                if query.meta.total_count {
                    let count = session.count(&self.collection, &Query::default())?;
                    answer.insert("total_count".to_owned(), count.into());
                }
                if query.meta.filter_count {
                    let count = session.count(&self.collection, &query)?;
                    answer.insert("filter_count".to_owned(), count.into());
                }
                if single {
                    told.pop().unwrap_or_default()
                } else {
                    told.into()
                }
            }
        };
        answer.insert("data".to_owned(), data);
        Some(answer.into())
    }
}

/// Makes questions of one caller.
pub struct Questions<'r, 'w> {
    random: &'r mut Random,
    world: &'w World,
    session: &'w Session<'w>,
}

impl<'r, 'w> Questions<'r, 'w> {
    /// For this caller.
    pub fn new(random: &'r mut Random, world: &'w World, session: &'w Session<'w>) -> Self {
        Questions { random, world, session }
    }

    /// One question.
    pub fn question(&mut self) -> Option<Question> {
        let all: Vec<&Collection> = self
            .world
            .schema
            .collections()
            .filter(|c| !c.system || self.random.chance(20))
            .collect();
        let some: Vec<&Collection> = all
            .iter()
            .copied()
            .filter(|c| c.fields.keys().any(|name| self.session.grants(c, "read", name)))
            .collect();
        let from = if self.random.chance(95) && !some.is_empty() {
            &some
        } else {
            &all
        };
        let c = *self.random.one(from)?;
        let target = match self.random.below(100) {
            _ if c.singleton && self.random.chance(50) => Target::Singleton,
            0..10 if self.session.grants(c, "read", &c.key) || self.random.chance(10) => Target::Item(self.key(c)),
            _ => Target::List,
        };
        let mut raw = self.parameters(c, "", 0);
        if self.random.chance(14) {
            self.aggregate(c, &mut raw);
        }
        if self.random.chance(15) {
            raw.insert(
                "meta".into(),
                self.random.pick(&["*", "total_count", "filter_count"]).into(),
            );
        }
        if self.random.chance(MALFORMED) {
            self.break_one(&mut raw);
        }
        let collection = if self.random.chance(1) {
            "nowhere".to_owned()
        } else {
            c.name.clone()
        };
        Some(Question {
            collection,
            target,
            raw,
        })
    }

    /// Makes a question one that cannot be understood.
    fn break_one(&mut self, raw: &mut Map<String, Json>) {
        if let Some((name, value)) = self.random.one(&BROKEN) {
            raw.insert((*name).to_owned(), serde_json::from_str(value).unwrap_or_default());
        }
    }

    fn key(&mut self, c: &Collection) -> Json {
        let rows = self.world.rows.get(&c.name).map_or(&[][..], Vec::as_slice);
        let key = self.random.one(rows).and_then(|row| row.get(&c.key));
        match key {
            Some(Json::Number(n)) if self.random.chance(95) => n.to_string().into(),
            Some(Json::String(text)) if self.random.chance(95) => text.as_str().into(),
            _ => self.random.pick(&["99", "abc"]).into(),
        }
    }

    /// Parameters of a list, or (with a prefix) of a related one.
    fn parameters(&mut self, c: &'w Collection, prefix: &str, depth: usize) -> Map<String, Json> {
        let mut raw = Map::new();
        let mut aliases = Vec::new();
        if self.random.chance(if depth == 0 { 12 } else { 8 })
            && let Some(target) = self.own(c, true)
        {
            let name = if self.random.chance(80) {
                "other".to_owned()
            } else {
                target.clone()
            };
            aliases.push(name.clone());
            raw.insert(format!("{prefix}alias"), json!({ name: target }));
        }
        if depth == 0 && self.random.chance(80) {
            let mut fields: Vec<Json> = (0..self.random.between(1, 4)).map(|_| self.path(c, 0).into()).collect();
            fields.extend(aliases.iter().map(|name| Json::from(name.as_str())));
            raw.insert("fields".into(), fields.into());
        }
        if self.random.chance(35) {
            let filter = Conditions::new(self.random, self.world, Use::Filter(self.session)).filter(c, depth);
            raw.insert(format!("{prefix}filter"), filter);
        }
        if self.random.chance(if depth == 0 { 35 } else { 20 }) {
            let keys: Vec<Json> = (0..self.random.between(1, 2))
                .map(|_| self.sort(c, &aliases).into())
                .collect();
            raw.insert(format!("{prefix}sort"), keys.into());
        }
        self.part(prefix, &mut raw);
        if depth < DEPTH && self.random.chance(if depth == 0 { 25 } else { 20 }) {
            let deep = self.deep(c, depth);
            if depth == 0 {
                raw.insert("deep".into(), deep.into());
            } else {
                raw.extend(deep);
            }
        }
        raw
    }

    /// Which part of a list: by search and page.
    fn part(&mut self, prefix: &str, raw: &mut Map<String, Json>) {
        const TEXTS: [&str; 10] = [
            "a",
            "B",
            "äb",
            "5",
            "1",
            "-1.5",
            "zzz",
            " x ",
            "",
            "00000001-0000-4000-8000-000000000001",
        ];
        if self.random.chance(14) {
            raw.insert(format!("{prefix}search"), self.random.pick(&TEXTS).into());
        }
        if self.random.chance(20) {
            let limit = *self.random.one(&[1, 2, 3, 4, -1, 0]).unwrap_or(&1);
            raw.insert(format!("{prefix}limit"), json!(limit));
        }
        if self.random.chance(6) {
            let name = self.random.pick(&["offset", "page"]);
            raw.insert(format!("{prefix}{name}"), json!(self.random.between(0, 2)));
        }
    }

    fn deep(&mut self, c: &'w Collection, depth: usize) -> Map<String, Json> {
        let mut deep = Map::new();
        for name in c.fields.keys() {
            let found = match self.world.schema.link(&c.name, name) {
                Some(Link::One { target, .. } | Link::Many { target, .. }) => Some((name.clone(), target)),
                Some(Link::Any { relation }) => {
                    let target = self
                        .random
                        .one(&relation.one_allowed)
                        .and_then(|name| self.world.schema.collection(name));
                    target.map(|target| (format!("{name}:{}", target.name), target))
                }
                None => None,
            };
            let likely = found
                .as_ref()
                .is_some_and(|(_, target)| self.session.may(target, "read"));
            if let Some((name, target)) = found.filter(|_| self.random.chance(if likely { 60 } else { 3 })) {
                deep.insert(name, self.parameters(target, "_", depth + 1).into());
            }
        }
        deep
    }

    /// A field of the collection itself, or a function of one.
    fn own(&mut self, c: &'w Collection, may_call: bool) -> Option<String> {
        let mut conditions = Conditions::new(self.random, self.world, Use::Filter(self.session));
        let field = conditions.any_field(c)?;
        let many = matches!(self.world.schema.link(&c.name, &field.name), Some(Link::Many { .. }));
        let fits = if many { &["count"][..] } else { functions(field.kind) };
        if may_call && !fits.is_empty() && self.random.chance(30) {
            return Some(format!("{}({})", self.random.pick(fits), field.name));
        }
        if may_call && field.kind == Kind::Json && self.random.chance(30) {
            return Some(format!(
                "json({}, {})",
                field.name,
                self.random.pick(&["a", "a.b", "a.b[1]", "[0]", "[1].a"])
            ));
        }
        Some(field.name.clone())
    }

    fn path(&mut self, c: &'w Collection, depth: usize) -> String {
        if self.random.chance(12) {
            return "*".into();
        }
        if self.random.chance(1) {
            return self
                .random
                .pick(&["nothing", "year(n)", "id.x", "nothing.x"])
                .to_owned();
        }
        if depth == 0 && self.random.chance(4) {
            return format!("*.{}", self.random.pick(&["*", "id"]));
        }
        let links: Vec<&str> = c
            .fields
            .values()
            .filter(|f| self.world.schema.link(&c.name, &f.name).is_some())
            .map(|f| f.name.as_str())
            .collect();
        if depth >= DEPTH || links.is_empty() || self.random.chance(50) {
            return self.own(c, true).unwrap_or_else(|| "*".into());
        }
        let readable: Vec<&str> = links
            .iter()
            .copied()
            .filter(|name| self.session.grants(c, "read", name))
            .collect();
        if readable.is_empty() && self.random.chance(90) {
            return self.own(c, true).unwrap_or_else(|| "*".into());
        }
        let from = if readable.is_empty() || self.random.chance(5) {
            &links
        } else {
            &readable
        };
        let name = self.random.pick(from).to_owned();
        match self.world.schema.link(&c.name, &name) {
            Some(Link::One { target, .. } | Link::Many { target, .. }) => {
                format!("{name}.{}", self.path(target, depth + 1))
            }
            Some(Link::Any { relation }) if self.random.chance(80) => {
                match self
                    .random
                    .one(&relation.one_allowed)
                    .and_then(|name| self.world.schema.collection(name))
                {
                    Some(target) => format!("{name}:{}.{}", target.name, self.path(target, depth + 1)),
                    None => format!("{name}.*"),
                }
            }
            _ => format!("{name}.*"),
        }
    }

    fn sort(&mut self, c: &'w Collection, aliases: &[String]) -> String {
        let mut path = Vec::new();
        let mut at = c;
        while path.len() < 2 && self.random.chance(25) {
            let links = at
                .fields
                .keys()
                .filter_map(|name| match self.world.schema.link(&at.name, name) {
                    Some(Link::One { target, .. })
                        if self.session.grants(at, "read", name) && self.session.may(target, "read") =>
                    {
                        Some((name.clone(), target))
                    }
                    _ => None,
                });
            let links: Vec<_> = links.collect();
            let Some((name, target)) = self.random.one(&links).cloned() else {
                break;
            };
            path.push(name);
            at = target;
        }
        let last = match self
            .random
            .one(aliases)
            .cloned()
            .filter(|_| path.is_empty() && self.random.chance(50))
        {
            Some(alias) => alias,
            None => loop {
                let Some(name) = self.own(at, true) else {
                    break "id".to_owned();
                };
                let field = at.field(&name);
                if self.random.chance(3)
                    || field.is_none_or(|f| f.column.is_some() && !f.is_concealed() && f.kind != Kind::Json)
                {
                    break name;
                }
                if self.random.chance(20) {
                    break "id".to_owned();
                }
            },
        };
        path.push(last);
        format!("{}{}", if self.random.chance(40) { "-" } else { "" }, path.join("."))
    }

    fn aggregate(&mut self, c: &'w Collection, raw: &mut Map<String, Json>) {
        raw.remove("sort");
        let mut aggregates = Map::new();
        for _ in 0..self.random.between(0, 2) {
            let function = self.random.pick(&[
                "count",
                "count",
                "countDistinct",
                "sum",
                "avg",
                "min",
                "max",
                "sumDistinct",
                "avgDistinct",
                "countAll",
            ]);
            let mut fields: Vec<Json> = Vec::new();
            for _ in 0..self.random.between(1, 2) {
                let name = match function {
                    "countAll" => Some("*".to_owned()),
                    "count" if self.random.chance(40) => Some("*".to_owned()),
                    _ => self.measured(c, function),
                };
                fields.extend(name.map(Json::from).filter(|name| !fields.contains(name)));
            }
            aggregates.insert(function.to_owned(), fields.into());
        }
        let mut groups: Vec<Json> = Vec::new();
        if self.random.chance(65) || aggregates.is_empty() {
            for _ in 0..self.random.between(1, 2) {
                let name = self
                    .own(c, true)
                    .filter(|name| c.field(name).is_none_or(|f| f.column.is_some() && f.kind != Kind::Json));
                groups.extend(name.map(Json::from).filter(|name| !groups.contains(name)));
            }
        }
        if self.random.chance(30) {
            let mut sort: Vec<Json> = aggregates
                .keys()
                .map(|name| format!("-{name}").into())
                .take(1)
                .collect();
            sort.extend(groups.iter().filter(|_| self.random.chance(50)).cloned());
            if !groups.is_empty() {
                raw.insert("sort".into(), sort.into());
            }
        }
        raw.insert("aggregate".into(), aggregates.into());
        raw.insert("groupBy".into(), groups.into());
    }

    fn measured(&mut self, c: &'w Collection, function: &str) -> Option<String> {
        for _ in 0..6 {
            let name = self.own(c, true)?;
            let fits = match c.field(&name) {
                Some(field) if field.column.is_none() => false,
                Some(field) if function.starts_with("sum") || function.starts_with("avg") => field.kind.is_number(),
                Some(field) => !(field.is_concealed() || matches!(function, "min" | "max") && field.kind == Kind::Json),
                None => !name.starts_with("json("),
            };
            if fits || self.random.chance(3) {
                return Some(name);
            }
        }
        None
    }
}
