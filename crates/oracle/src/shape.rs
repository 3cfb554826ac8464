//! A question spelt out: wildcards spread, aliases resolved, paths gathered by their first step, queries of related items
//! put together. It knows the data model and no rights: what it names may still be forbidden.

use aedile_engine::{
    query::{Filter, Function, JsonPath, Key, Leaf, Operand, Operands, Page, Path, Query, Sort, Step, Test},
    schema::{Collection, Field, Kind, Link, Schema},
};
use indexmap::IndexMap;
use regex::Regex;
use serde_json::{Map, Value as Json};

use crate::moment;

/// Something wanted of each row, under one name.
pub struct Want {
    /// The name in the answer.
    pub name: String,
    /// What is wanted of the items that a field leads to.
    pub related: Option<Part>,
    /// What is wanted of a field itself: beside the former, it counts where that leads nowhere.
    pub plain: Option<Part>,
}

/// A field, and what is wanted of it.
pub struct Part {
    /// The field.
    pub field: String,
    /// What is wanted.
    pub what: What,
    /// Asked for by name, not by a wildcard alone.
    pub named: bool,
}

/// What is wanted of a field.
pub enum What {
    /// Its value.
    Value,
    /// The result of a function.
    Call(Function),
    /// A part of a JSON value.
    Inside(JsonPath),
    /// The keys of a list.
    Keys(Query),
    /// The item that a foreign key points at.
    One(Query),
    /// The items of a list.
    Many(Query),
    /// The item of one of several collections.
    Any(Vec<(String, Query)>),
    /// Something that is not there.
    Nonsense,
}

/// What is asked for under one name.
#[derive(Default)]
struct Wish {
    leaf: Option<Leaf>,
    leaf_named: bool,
    /// Each perhaps of one collection only.
    paths: Vec<(Option<String>, Path)>,
    paths_named: bool,
}

/// Everything a query wants of each row.
pub fn wants(schema: &Schema, of: &Collection, query: &Query) -> Vec<Want> {
    let everything = [path_to(Leaf::Every)];
    let mut wishes: IndexMap<String, Wish> = IndexMap::new();
    for path in if query.fields.is_empty() {
        &everything[..]
    } else {
        &query.fields
    } {
        gather(schema, of, query, path, &mut wishes);
    }
    let want = |(name, wish)| want(schema, of, query, name, wish);
    wishes.into_iter().map(want).collect()
}

/// The order a query asks for: an alias stands for its field or function.
pub fn order(query: &Query) -> Vec<Sort> {
    let mut order = query.sort.clone();
    for sort in &mut order {
        let [Key::Field(name)] = sort.path.as_slice() else {
            continue;
        };
        match query
            .alias
            .iter()
            .find(|alias| alias.name == *name)
            .map(|alias| &alias.target)
        {
            Some(Leaf::Field(field)) => sort.path = vec![Key::Field(field.clone())],
            Some(Leaf::Call(function, field)) => sort.path = vec![Key::Call(*function, field.clone())],
            _ => {}
        }
    }
    order
}

fn gather(schema: &Schema, of: &Collection, query: &Query, path: &Path, wishes: &mut IndexMap<String, Wish>) {
    let rest = Path {
        steps: path.steps.iter().skip(1).cloned().collect(),
        leaf: path.leaf.clone(),
    };
    let mut wish = |name: &str, named: bool, leaf: Option<Leaf>, to: Option<&String>| {
        let wish = wishes.entry(name.to_owned()).or_default();
        match leaf {
            Some(leaf) if named => (wish.leaf, wish.leaf_named) = (Some(leaf), true),
            Some(leaf) => drop(wish.leaf.get_or_insert(leaf)),
            None => {
                wish.paths.push((to.cloned(), rest.clone()));
                wish.paths_named |= named;
            }
        }
    };
    let itself = |field: &Field| Some(Leaf::Field(field.name.clone()));
    let fields = of.fields.values().filter(|field| field.is_readable());
    match (path.steps.first(), &path.leaf) {
        (None, Leaf::Every) => {
            fields.for_each(|field| wish(&field.name, false, itself(field), None));
            let aliases = query.alias.iter();
            aliases.for_each(|alias| wish(&alias.name, true, Some(alias.target.clone()), None));
        }
        (None, leaf) => wish(&name_of(leaf), true, Some(leaf.clone()), None),
        (Some(Step::Field(name)), _) => wish(name, true, None, None),
        (Some(Step::Scoped(name, target)), _) => wish(name, true, None, Some(target)),
        (Some(Step::Every), _) => fields.for_each(|field| match schema.link(&of.name, &field.name) {
            Some(Link::Any { relation }) => {
                let targets = relation.one_allowed.iter();
                targets.for_each(|target| wish(&field.name, false, None, Some(target)));
            }
            Some(_) => wish(&field.name, false, None, None),
            None => wish(&field.name, false, itself(field), None),
        }),
    }
}

fn want(schema: &Schema, of: &Collection, query: &Query, name: String, wish: Wish) -> Want {
    let alias = query.alias.iter().find(|alias| alias.name == name);
    let target = alias.map(|alias| alias.target.clone());
    let field = match &target {
        Some(Leaf::Field(field)) => field.clone(),
        _ => name.clone(),
    };
    let related = match schema.link(&of.name, &field) {
        _ if wish.paths.is_empty() => None,
        _ if field.contains('(') => Some(What::Nonsense),
        link => link.map(|link| related(query, &name, link, &wish.paths)),
    };
    let leaf = if wish.paths.is_empty() {
        target.or(wish.leaf)
    } else {
        wish.leaf
    };
    Want {
        related: related.map(|what| Part {
            field,
            what,
            named: wish.paths_named,
        }),
        plain: leaf.map(|leaf| plain(schema, of, query, &name, leaf, wish.leaf_named)),
        name,
    }
}

/// What is wanted of the items that a field leads to.
fn related(query: &Query, name: &str, link: Link<'_>, paths: &[(Option<String>, Path)]) -> What {
    let of = |target: Option<&String>| -> Vec<Path> {
        let fits = |to: &Option<String>| to.is_none() || to.as_ref() == target;
        paths
            .iter()
            .filter(|(to, _)| fits(to))
            .map(|(_, path)| path.clone())
            .collect()
    };
    let single = |fields: Vec<Path>, name: &str| Query {
        fields,
        page: Page::default(),
        ..deep(query, name)
    };
    let bare = |(to, path): &(Option<String>, Path)| to.is_none() && *path != path_to(Leaf::Every);
    match link {
        Link::One { .. } => What::One(single(of(None), name)),
        Link::Many { .. } => What::Many(Query {
            fields: of(None),
            ..deep(query, name)
        }),
        // One of several collections cannot be named by a bare step.
        Link::Any { .. } if paths.iter().any(bare) => What::Nonsense,
        Link::Any { relation } => {
            let asked = relation.one_allowed.iter().map(|target| (target, of(Some(target))));
            let asked = asked.filter(|(_, fields)| !fields.is_empty());
            let query =
                |(target, fields): (&String, Vec<Path>)| (target.clone(), single(fields, &format!("{name}:{target}")));
            What::Any(asked.map(query).collect())
        }
    }
}

/// What is wanted of a field itself.
fn plain(schema: &Schema, of: &Collection, query: &Query, name: &str, leaf: Leaf, named: bool) -> Part {
    let (field, what) = match leaf {
        Leaf::Every => (String::new(), What::Nonsense),
        Leaf::Call(function, field) => (field, What::Call(function)),
        Leaf::Json(field, path) => (field, What::Inside(path)),
        Leaf::Field(field) => match schema.link(&of.name, &field) {
            Some(Link::Many { target, .. }) => {
                let mut own = deep(query, name);
                own.fields = vec![path_to(Leaf::Field(target.key.clone()))];
                own.alias.retain(|alias| alias.name != target.key);
                (field, What::Keys(own))
            }
            _ => (field, What::Value),
        },
    };
    let json = |field: &Field| field.kind == Kind::Json && !field.is_concealed();
    let sense = |field: &&Field| match &what {
        What::Inside(_) => json(field),
        What::Value => field.column.is_some(),
        _ => field.is_readable(),
    };
    let what = if of.field(&field).filter(sense).is_some() {
        what
    } else {
        What::Nonsense
    };
    Part { field, what, named }
}

fn path_to(leaf: Leaf) -> Path {
    Path {
        steps: Vec::new(),
        leaf,
    }
}

/// The query on a related list.
fn deep(query: &Query, name: &str) -> Query {
    let found = query.deep.iter().find(|(key, _)| key == name);
    found.map(|(_, query)| query.clone()).unwrap_or_default()
}

/// The name a wanted thing is told by.
fn name_of(leaf: &Leaf) -> String {
    match leaf {
        Leaf::Every => "*".to_owned(),
        Leaf::Field(name) => name.clone(),
        Leaf::Call(function, name) => format!("{name}_{}", function.as_str()),
        Leaf::Json(name, path) => format!("{name}_{}_json", path.as_key()),
    }
}

/// What a field or function is called in the answer.
pub fn key_name(key: &Key) -> String {
    match key {
        Key::Field(name) => name.clone(),
        Key::Call(function, name) => format!("{name}_{}", function.as_str()),
        Key::Scoped(name, target) => format!("{name}:{target}"),
        Key::Follow(source, field) => format!("$FOLLOW({source}, {field})"),
    }
}

/// Whether a test asks for null (true) or for anything else (false); none if it is not about that.
pub fn about_null(test: &Test) -> Option<bool> {
    match test {
        Test::Null(wanted) | Test::Empty(wanted) => Some(*wanted),
        Test::Eq(Operand::Value(Json::Null)) => Some(true),
        Test::Neq(Operand::Value(Json::Null)) => Some(false),
        _ => None,
    }
}

/// Whether some part of a condition that is about the same thing is such a one.
fn has(filter: &Filter, such: &dyn Fn(&Filter) -> bool) -> bool {
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().any(|f| has(f, such)),
        part => such(part),
    }
}

/// Whether a condition goes on to fields of a related row.
pub fn leads_on(filter: &Filter) -> bool {
    has(filter, &|part| matches!(part, Filter::At(..)))
}

/// Whether a condition tests the value at hand.
pub fn tests(filter: &Filter) -> bool {
    has(filter, &|part| matches!(part, Filter::Is(_)))
}

/// Whether a condition is about a list as a whole.
pub fn on_the_list(filter: &Filter) -> bool {
    has(filter, &|part| match part {
        Filter::Is(test) => about_null(test).is_some(),
        part => matches!(part, Filter::Some(_) | Filter::None(_)),
    })
}

/// Conditions that stand side by side and lead into the same list speak of the same item.
pub fn together(list: &[Filter]) -> Vec<Filter> {
    let mut joined: Vec<Filter> = Vec::new();
    for filter in list {
        let same = joined.iter_mut().find_map(|other| match (other, filter) {
            (Filter::At(k, held), Filter::At(key, inner)) if k == key && leads_on(held) && leads_on(inner) => {
                Some((held, inner))
            }
            _ => None,
        });
        match same {
            Some((held, inner)) => **held = Filter::And(vec![(**held).clone(), (**inner).clone()]),
            None => joined.push(filter.clone()),
        }
    }
    joined
}

/// A validation as it is judged of what was sent: what was not sent breaks none, unless it had to be sent; null is none of
/// what a validation forbids; and a moment that is forbidden is forbidden with every fraction of a second.
pub fn judged(rule: &Filter, sent: &Map<String, Json>) -> Filter {
    let (always, never) = (Filter::And(Vec::new()), Filter::Or(Vec::new()));
    let known = |holds: bool| if holds { always.clone() } else { never.clone() };
    match rule {
        Filter::And(list) => Filter::And(list.iter().map(|rule| judged(rule, sent)).collect()),
        Filter::Or(list) => Filter::Or(list.iter().map(|rule| judged(rule, sent)).collect()),
        Filter::At(Key::Field(name), inner) => match (&**inner, sent.get(name)) {
            (Filter::Is(Test::Submitted(wanted)), value) => known(value.is_some() == *wanted),
            (Filter::Is(Test::Regex(pattern)), Some(value)) => {
                let matches = |text| Regex::new(pattern.as_str()).is_ok_and(|pattern| pattern.is_match(text));
                known(value.as_str().is_some_and(matches))
            }
            (_, None) | (Filter::Is(Test::Neq(_) | Test::Nin(_)), Some(Json::Null)) => known(true),
            (Filter::Is(Test::Neq(Operand::Value(no))), Some(value)) if same_second(value, no) => known(false),
            (Filter::Is(Test::Nin(Operands::List(list))), Some(value)) => {
                let same = |op: &Operand| matches!(op, Operand::Value(no) if same_second(value, no));
                if list.iter().any(same) {
                    known(false)
                } else {
                    rule.clone()
                }
            }
            _ => rule.clone(),
        },
        _ => rule.clone(),
    }
}

/// Whether a moment is a forbidden one, once its fraction of a second is cut off: a validation does not know which
/// columns keep it.
fn same_second(value: &Json, forbidden: &Json) -> bool {
    let ms = |value: &Json| moment::since_epoch(value.as_str()?);
    ms(value).is_some_and(|at| ms(forbidden) == Some(at - at.rem_euclid(1000)))
}
