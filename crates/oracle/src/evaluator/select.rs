//! What is told of a row: the fields, functions and related items that were asked for.

use aedile_engine::{
    query::{Alias, Function, Leaf, Page, Path, Query, Step},
    schema::{Collection, Kind, Link, Relation},
};
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{Answer, Eyes, Refusal, Row, Session, read::number_text, value};

/// One thing told of each row.
pub(super) struct Column {
    pub name: String,
    /// The field that has to be granted for it.
    pub field: String,
    /// Not told, though asked for: a list of keys that may not be read.
    pub left_out: bool,
    pub what: What,
}

/// What is asked for under one name.
#[derive(Clone, Default)]
pub(super) struct What {
    leaf: Option<Leaf>,
    nested: Vec<Path>,
    scoped: IndexMap<String, Vec<Path>>,
}

impl<'w> Session<'w> {
    /// The things to tell of each row: wildcards spread out, paths gathered by their first step. Relations into what may
    /// not be read at all, and paths that lead nowhere, are left out; what is named and may not be read is refused.
    pub(super) fn columns(&self, c: &'w Collection, paths: &[Path], alias: &[Alias]) -> Answer<Vec<Column>> {
        let mut asked: IndexMap<String, What> = IndexMap::new();
        let everything = [Path {
            steps: Vec::new(),
            leaf: Leaf::Every,
        }];
        let granted = || c.fields.values().filter(|f| f.is_readable() && self.grants(c, &f.name));
        for path in if paths.is_empty() { &everything[..] } else { paths } {
            let rest = Path {
                steps: path.steps.iter().skip(1).cloned().collect(),
                leaf: path.leaf.clone(),
            };
            match (path.steps.first(), &path.leaf) {
                (None, Leaf::Every) => {
                    for field in granted() {
                        asked
                            .entry(field.name.clone())
                            .or_default()
                            .leaf
                            .get_or_insert(Leaf::Field(field.name.clone()));
                    }
                    for alias in alias {
                        asked.entry(alias.name.clone()).or_default().leaf = Some(alias.target.clone());
                    }
                }
                (None, leaf) => asked.entry(name_of(leaf)).or_default().leaf = Some(leaf.clone()),
                (Some(Step::Field(name)), _) => asked.entry(name.clone()).or_default().nested.push(rest),
                (Some(Step::Scoped(name, target)), _) => {
                    asked
                        .entry(name.clone())
                        .or_default()
                        .scoped
                        .entry(target.clone())
                        .or_default()
                        .push(rest);
                }
                (Some(Step::Every), _) => {
                    for field in granted() {
                        let what = asked.entry(field.name.clone()).or_default();
                        match self.world.schema.link(&c.name, &field.name) {
                            Some(Link::Any { relation }) => {
                                for target in &relation.one_allowed {
                                    what.scoped.entry(target.clone()).or_default().push(rest.clone());
                                }
                            }
                            Some(_) => what.nested.push(rest.clone()),
                            None => drop(what.leaf.get_or_insert(Leaf::Field(field.name.clone()))),
                        }
                    }
                }
            }
        }
        let columns = asked
            .into_iter()
            .map(|(name, what)| self.column(c, name, what, alias))
            .collect::<Answer<Vec<_>>>()?;
        Ok(columns.into_iter().flatten().collect())
    }

    fn column(&self, c: &'w Collection, name: String, mut what: What, alias: &[Alias]) -> Answer<Option<Column>> {
        let target = alias.iter().find(|alias| alias.name == name).map(|alias| &alias.target);
        if what.nested.is_empty() && what.scoped.is_empty() {
            what.leaf = target.cloned().or(what.leaf);
            return self.plain_column(c, name, what);
        }
        let field = match target {
            Some(Leaf::Field(field)) => field.clone(),
            _ => name.clone(),
        };
        if field.contains('(') {
            return Err(Refusal::Forbidden);
        }
        let any = match self.world.schema.link(&c.name, &field) {
            Some(Link::One { target, .. } | Link::Many { target, .. }) if self.may(target, "read") => false,
            Some(Link::Any { .. }) => true,
            // What was asked for beside a path that leads nowhere is told all the same.
            _ => return self.plain_column(c, name, what),
        };
        self.opens(c, None, &field, Eyes::Caller)?;
        // One of several collections cannot be named by a bare step, nor one collection where there is no choice.
        let bare = |path: &Path| !path.steps.is_empty() || path.leaf != Leaf::Every;
        if any && what.nested.iter().any(bare) {
            return Err(Refusal::Forbidden);
        }
        if !any && what.nested.is_empty() {
            return Ok(None);
        }
        what.leaf = None;
        Ok(Some(Column {
            name,
            field,
            left_out: false,
            what,
        }))
    }

    /// A field, function or JSON value of the row itself.
    fn plain_column(&self, c: &'w Collection, name: String, what: What) -> Answer<Option<Column>> {
        let field = match &what.leaf {
            None | Some(Leaf::Every) => return Ok(None),
            Some(Leaf::Field(name) | Leaf::Call(_, name) | Leaf::Json(name, _)) => name.clone(),
        };
        let what = What {
            leaf: what.leaf,
            ..What::default()
        };
        let known = c
            .field(&field)
            .filter(|field| field.is_readable())
            .ok_or(Refusal::Forbidden)?;
        let list = match self.world.schema.link(&c.name, &field) {
            Some(Link::Many { target, .. }) if matches!(what.leaf, Some(Leaf::Field(_))) => Some(target),
            _ => None,
        };
        if list.is_some_and(|target| !self.may(target, "read")) {
            return Ok(None);
        }
        self.opens(c, None, &field, Eyes::Caller)?;
        // A bare list shows keys: where they may not be read, there is none. A bare name without a value shows nothing.
        let keys = list.is_none_or(|target| self.grants(target, &target.key));
        let shows = known.column.is_some() || list.is_some() || matches!(what.leaf, Some(Leaf::Call(..)));
        let json = known.kind == Kind::Json && !known.is_concealed();
        if matches!(what.leaf, Some(Leaf::Json(..))) && !json {
            return Err(Refusal::Invalid);
        }
        Ok(shows.then_some(Column {
            name,
            field,
            left_out: !keys,
            what,
        }))
    }

    /// What is told of a row under one name.
    pub(super) fn tell(&self, c: &'w Collection, row: Option<&Row>, column: &Column, query: &Query) -> Answer<Json> {
        let deep = |name: &str| {
            query
                .deep
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, query)| query.clone())
        };
        let field = c.field(&column.field).ok_or(Refusal::Forbidden)?;
        let link = self.world.schema.link(&c.name, &field.name);
        let what = &column.what;
        let own = deep(&column.name);
        match (&what.leaf, link) {
            (Some(Leaf::Call(function, name)), _) => {
                let result = self.call(c, row, *function, name, Eyes::Caller)?;
                let list = *function == Function::Count && field.column.is_some();
                Ok(if list {
                    value::told(&value::whole_number(), &result)
                } else {
                    number_text(&result)
                })
            }
            (Some(Leaf::Json(_, path)), _) => Ok(value::inside(&self.cell(c, row, &field.name, Eyes::Caller), path)),
            (leaf, Some(Link::Many { relation, target })) => {
                let mut told = self.items_told(c, row, relation, target, own, leaf.is_some(), &what.nested)?;
                if leaf.is_some() {
                    told = told
                        .iter()
                        .map(|item| item.get(&target.key).cloned().unwrap_or_default())
                        .collect();
                }
                Ok(told.into())
            }
            (None, Some(Link::One { target, .. })) => {
                let found: Vec<&Row> = self
                    .related(c, row, &field.name, target, Eyes::Caller)
                    .into_iter()
                    .collect();
                let query = Query {
                    fields: what.nested.clone(),
                    page: Page::default(),
                    ..own.unwrap_or_default()
                };
                Ok(self
                    .list(target, &found, &query, &[])?
                    .into_iter()
                    .next()
                    .unwrap_or_default())
            }
            (None, Some(Link::Any { relation })) => self.any_told(c, row, relation, column, query),
            _ => Ok(value::told(field, &self.cell(c, row, &field.name, Eyes::Caller))),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "both ends of a link, and what is wanted of it")]
    fn items_told(
        &self,
        c: &'w Collection,
        row: Option<&Row>,
        relation: &Relation,
        target: &'w Collection,
        own: Option<Query>,
        bare: bool,
        paths: &[Path],
    ) -> Answer<Vec<Json>> {
        let items = self.items(c, row, relation, target, Eyes::Caller)?;
        let usual = Query {
            page: Page {
                limit: Some(self.limits.default_limit),
                offset: 0,
            },
            ..Query::default()
        };
        let mut query = own.unwrap_or(usual);
        query.fields = paths.to_vec();
        if bare {
            query.fields = vec![Path {
                steps: Vec::new(),
                leaf: Leaf::Field(target.key.clone()),
            }];
            query.alias.retain(|alias| alias.name != target.key);
        }
        let by: Vec<&str> = relation
            .sort_field
            .as_deref()
            .filter(|name| target.field(name).is_some())
            .into_iter()
            .collect();
        self.list(target, &items, &query, &by)
    }

    /// The row of one of several collections: null where it is hidden, gone, or of a collection that was not asked for.
    fn any_told(
        &self,
        c: &'w Collection,
        row: Option<&Row>,
        relation: &Relation,
        column: &Column,
        query: &Query,
    ) -> Answer<Json> {
        let mut scoped = column.what.scoped.clone();
        for target in relation.one_allowed.iter().filter(|_| !column.what.nested.is_empty()) {
            scoped
                .entry(target.clone())
                .or_default()
                .extend(column.what.nested.iter().cloned());
        }
        let which = relation.one_collection_field.as_deref().unwrap_or_default();
        let known = self.admin || row.is_none_or(|row| self.sees(c, row, which));
        let mut told = Json::Null;
        for name in &relation.one_allowed {
            let Some(target) = self
                .world
                .schema
                .collection(name)
                .filter(|target| self.may(target, "read"))
            else {
                continue;
            };
            let found = self.any_of(c, row, &column.field, which, target, Eyes::Caller);
            match scoped.get(name) {
                Some(paths) => {
                    let deep = query
                        .deep
                        .iter()
                        .find(|(key, _)| *key == format!("{}:{name}", column.name));
                    let own = deep.map_or_else(Query::default, |(_, query)| query.clone());
                    let own = Query {
                        fields: paths.clone(),
                        page: Page::default(),
                        ..own
                    };
                    let rows: Vec<&Row> = found.into_iter().filter(|_| known).collect();
                    if let Some(row) = self.list(target, &rows, &own, &[])?.into_iter().next() {
                        told = row;
                    }
                }
                // An administrator is told the bare key of what was not asked for.
                None if self.admin && row.is_some_and(|row| row.get(which) == Some(&name.as_str().into())) => {
                    let key = self.cell(c, row, &column.field, Eyes::Caller);
                    let number = target.key_field().is_some_and(|field| field.kind == Kind::Integer);
                    let number = value::text(&key).parse::<i64>().ok().filter(|_| number);
                    told = number.map_or_else(|| value::told(&value::some_text(), &key), Json::from);
                }
                None => {}
            }
        }
        Ok(told)
    }
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
