//! Wanted fields: wildcards, names, aliases, functions and paths become items of a node.
//! What is missing and what is forbidden answer alike; what may be seen on some rows only is guarded.

use indexmap::IndexMap;

use crate::{
    access::Action,
    error::{Error, Result},
    plan::{
        Expr, Item, Many, Node, Planner, Pred, Token, Trust, Value,
        filter::{any_link, column, exact, key_column, link},
        token,
    },
    query::{Alias, Function, Key, Leaf, Path, Query, Step},
    schema::{Collection, Field, Ident, Kind, Link, Relation},
    sql::Bind,
};

/// What is wanted of each row.
#[derive(Clone, Copy)]
pub struct Wanted<'q> {
    /// Paths, the steps that led here cut off.
    paths: &'q [Path],
    /// Other names for fields.
    alias: &'q [Alias],
}

impl<'q> Wanted<'q> {
    /// What a query asks for.
    pub fn of(query: &'q Query) -> Self {
        Wanted {
            paths: &query.fields,
            alias: &query.alias,
        }
    }
}

/// The items, and the fields of the collection that they show.
pub struct Selected {
    /// What is told of each row, and the field that has to be granted for it.
    pub items: Vec<(Item, String)>,
    /// Fields that decide which rows are shown.
    pub fields: Vec<String>,
}

/// What is wanted under one key of the answer.
#[derive(Default)]
struct Entry {
    /// Told by itself (a value, a key, a list of keys).
    plain: Option<Leaf>,
    /// Told as related items, with these paths of each.
    nested: Vec<Path>,
    /// Told as items of one of several collections, with these paths of each.
    scoped: IndexMap<String, Vec<Path>>,
    /// Asked for by name: errors are told instead of leaving it out.
    named: bool,
}

impl<'a> Planner<'a> {
    /// Resolves what is wanted of the rows of a collection.
    pub fn select(
        &mut self,
        c: &'a Collection,
        alias: u32,
        wanted: Wanted<'_>,
        deep: &[(String, Query)],
        depth: usize,
    ) -> Result<Selected> {
        let entries = self.entries(c, wanted)?;
        let mut selected = Selected {
            items: Vec::with_capacity(entries.len()),
            fields: Vec::new(),
        };
        for (name, entry) in entries {
            let target = wanted.alias.iter().find(|a| a.name == name).map(|a| a.target.clone());
            let item = self.entry(c, alias, &name, entry, target, deep, depth, &mut selected.fields)?;
            selected.items.extend(item);
        }
        Ok(selected)
    }

    /// Groups paths by the key of the answer, wildcards spread out.
    fn entries(&self, c: &'a Collection, wanted: Wanted<'_>) -> Result<IndexMap<String, Entry>> {
        let mut entries: IndexMap<String, Entry> = IndexMap::new();
        let everything = [Path {
            steps: Vec::new(),
            leaf: Leaf::Every,
        }];
        let paths = if wanted.paths.is_empty() {
            &everything[..]
        } else {
            wanted.paths
        };
        for path in paths {
            match path.steps.split_first() {
                None => self.leaf_entries(c, wanted, &path.leaf, &mut entries),
                Some((first, rest)) => {
                    let rest = Path {
                        steps: rest.to_vec(),
                        leaf: path.leaf.clone(),
                    };
                    self.step_entries(c, first, rest, &mut entries);
                }
            }
        }
        Ok(entries)
    }

    fn leaf_entries(&self, c: &'a Collection, wanted: Wanted<'_>, leaf: &Leaf, entries: &mut IndexMap<String, Entry>) {
        match leaf {
            Leaf::Every => {
                let grant = self.access.grant(&c.name, Action::Read);
                for field in c.fields.values().filter(|f| f.is_readable() && grant.has(&f.name)) {
                    let entry = entries.entry(field.name.clone()).or_default();
                    entry.plain.get_or_insert_with(|| Leaf::Field(field.name.clone()));
                }
                for alias in wanted.alias {
                    let entry = entries.entry(alias.name.clone()).or_default();
                    entry.plain = Some(alias.target.clone());
                }
            }
            leaf => {
                let entry = entries.entry(answer_key(leaf)).or_default();
                entry.plain = Some(leaf.clone());
                entry.named = true;
            }
        }
    }

    fn step_entries(&self, c: &'a Collection, first: &Step, rest: Path, entries: &mut IndexMap<String, Entry>) {
        match first {
            Step::Field(name) => {
                let entry = entries.entry(name.clone()).or_default();
                entry.nested.push(rest);
                entry.named = true;
            }
            Step::Scoped(name, target) => {
                let entry = entries.entry(name.clone()).or_default();
                entry.scoped.entry(target.clone()).or_default().push(rest);
                entry.named = true;
            }
            Step::Every => {
                let grant = self.access.grant(&c.name, Action::Read);
                for field in c.fields.values().filter(|f| f.is_readable() && grant.has(&f.name)) {
                    let entry = entries.entry(field.name.clone()).or_default();
                    match self.schema.link(&c.name, &field.name) {
                        Some(Link::Any { relation }) => {
                            for target in &relation.one_allowed {
                                entry.scoped.entry(target.clone()).or_default().push(rest.clone());
                            }
                        }
                        Some(_) => entry.nested.push(rest.clone()),
                        None => {
                            entry.plain.get_or_insert_with(|| Leaf::Field(field.name.clone()));
                        }
                    }
                }
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one key of the answer, with everything that was asked of it"
    )]
    fn entry(
        &mut self,
        c: &'a Collection,
        alias: u32,
        name: &str,
        entry: Entry,
        target: Option<Leaf>,
        deep: &[(String, Query)],
        depth: usize,
        fields: &mut Vec<String>,
    ) -> Result<Option<(Item, String)>> {
        let real = match &target {
            Some(Leaf::Field(field)) => field.clone(),
            _ => name.to_owned(),
        };
        if entry.nested.is_empty() && entry.scoped.is_empty() {
            let leaf = match (target, entry.plain) {
                (Some(target), _) => target,
                (None, Some(plain)) => plain,
                (None, None) => return Ok(None),
            };
            return self.plain(c, alias, name, &leaf, deep, depth, fields);
        }
        if real.contains('(') {
            // A function leads nowhere.
            return Err(Error::forbidden_field(&real, &c.name));
        }
        let link = self.schema.link(&c.name, &real).filter(|link| !self.leads_out(*link));
        let (Some(field), Some(link)) = (c.field(&real), link) else {
            // A path that leads nowhere is left out, as a path into what may not be read is; what was asked for beside
            // it is not.
            return match entry.plain {
                Some(plain) => self.plain(c, alias, name, &plain, deep, depth, fields),
                None => Ok(None),
            };
        };
        self.granted_field(c, &real)?;
        fields.push(field.name.clone());
        let value = self.related_value(c, alias, field, link, name, &entry, deep, depth)?;
        Ok(value.map(|value| {
            (
                Item {
                    name: name.to_owned(),
                    value,
                    guard: None,
                },
                real,
            )
        }))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a relation, with everything that was asked of it"
    )]
    fn related_value(
        &mut self,
        c: &'a Collection,
        alias: u32,
        field: &'a Field,
        link: Link<'a>,
        name: &str,
        entry: &Entry,
        deep: &[(String, Query)],
        depth: usize,
    ) -> Result<Option<Value>> {
        match link {
            Link::One { .. } | Link::Many { .. } if entry.nested.is_empty() => Ok(None),
            Link::One { target, .. } => {
                let query = deep_query(deep, name);
                let wanted = Wanted {
                    paths: &entry.nested,
                    alias: query.map_or(&[], |q| &q.alias),
                };
                let node = self.one_node(alias, field, target, query, wanted, depth)?;
                Ok(Some(Value::One(Box::new(node))))
            }
            Link::Many { relation, target } => {
                let query = deep_query(deep, name);
                let wanted = Wanted {
                    paths: &entry.nested,
                    alias: query.map_or(&[], |q| &q.alias),
                };
                let many = self.many_node(c, alias, relation, target, query, Some(wanted), depth)?;
                Ok(Some(Value::Many(Box::new(many))))
            }
            Link::Any { relation } => self
                .any_value(c, alias, field, relation, name, entry, deep, depth)
                .map(Some),
        }
    }

    fn one_node(
        &mut self,
        alias: u32,
        field: &'a Field,
        target: &'a Collection,
        query: Option<&Query>,
        wanted: Wanted<'_>,
        depth: usize,
    ) -> Result<Node> {
        let none = Query::default();
        let query = query.unwrap_or(&none);
        let mut node = self.node(target, query, wanted, depth + 1)?;
        let foreign = column(alias, field).ok_or_else(Error::forbidden)?;
        let link = link(target, node.from.alias, foreign)?;
        node.from.filter = Pred::all([link, node.from.filter]);
        node.order = Vec::new();
        node.limit = None;
        node.offset = 0;
        Ok(node)
    }

    /// A list of related rows; without `wanted`, a list of their keys.
    #[expect(clippy::too_many_arguments, reason = "both ends of the link and what is wanted")]
    fn many_node(
        &mut self,
        c: &'a Collection,
        alias: u32,
        relation: &'a Relation,
        target: &'a Collection,
        query: Option<&Query>,
        wanted: Option<Wanted<'_>>,
        depth: usize,
    ) -> Result<Many> {
        let mut own = query.cloned().unwrap_or_else(|| {
            let mut query = Query::default();
            query.page.limit = Some(self.limits.default_limit);
            query
        });
        if own.sort.is_empty() {
            own.sort.extend(
                relation
                    .sort_field
                    .iter()
                    .filter(|f| target.field(f).is_some())
                    .map(|field| crate::query::Sort {
                        path: vec![Key::Field(field.clone())],
                        descending: false,
                    }),
            );
        }
        // A list's own order field need not be readable to order the list.
        let by_relation = query.is_none_or(|q| q.sort.is_empty());
        let keys = [Path {
            steps: Vec::new(),
            leaf: Leaf::Field(target.key.clone()),
        }];
        let bare = wanted.is_none();
        let wanted = wanted.unwrap_or(Wanted {
            paths: &keys,
            alias: &[],
        });
        let sort = if by_relation {
            std::mem::take(&mut own.sort)
        } else {
            Vec::new()
        };
        let mut node = self.node(target, &own, wanted, depth + 1)?;
        if by_relation {
            node.order = self.relation_order(target, node.from.alias, &sort)?;
        }
        node.bare = bare;
        Ok(Many {
            node,
            foreign_key: Ident::new(&relation.many_field),
            parent: exact(c.key_field(), Expr::Column(alias, key_column(c)?)),
            indexed: relation.indexed,
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a relation to any, with everything that was asked of it"
    )]
    fn any_value(
        &mut self,
        c: &'a Collection,
        alias: u32,
        field: &'a Field,
        relation: &'a Relation,
        name: &str,
        entry: &Entry,
        deep: &[(String, Query)],
        depth: usize,
    ) -> Result<Value> {
        // A wildcard means every collection; a bare name would not say which one's.
        if entry
            .nested
            .iter()
            .any(|path| !path.steps.is_empty() || path.leaf != Leaf::Every)
        {
            return Err(Error::forbidden_field(name, &c.name));
        }
        let mut scoped = entry.scoped.clone();
        if !entry.nested.is_empty() {
            for target in &relation.one_allowed {
                scoped
                    .entry(target.clone())
                    .or_default()
                    .extend(entry.nested.iter().cloned());
            }
        }
        let which = relation
            .one_collection_field
            .as_deref()
            .and_then(|name| c.field(name))
            .ok_or_else(Error::forbidden)?;
        let item = column(alias, field).ok_or_else(Error::forbidden)?;
        let mut cases = Vec::new();
        for (target, paths) in &scoped {
            let Some(target) = self
                .schema
                .collection(target)
                .filter(|t| relation.one_allowed.contains(&t.name))
            else {
                continue;
            };
            if !self.access.grant(&target.name, Action::Read).is_some() {
                continue;
            }
            let query = deep_query(deep, &format!("{name}:{}", target.name));
            let none = Query::default();
            let wanted = Wanted {
                paths,
                alias: query.map_or(&[], |q| &q.alias),
            };
            let mut node = self.node(target, query.unwrap_or(&none), wanted, depth + 1)?;
            let link = any_link(target, node.from.alias, item.clone())?;
            node.from.filter = Pred::all([link, node.from.filter]);
            node.order = Vec::new();
            node.limit = None;
            node.offset = 0;
            cases.push((target.name.clone(), node));
        }
        let others = self.others(relation, &cases);
        // Which collection an item is of is told only where its name may be read.
        let known = column(alias, which).ok_or_else(Error::forbidden)?;
        let collection = match self.guard(c, alias, &which.name) {
            Ok(guard) if guard.is_true() => known,
            Ok(guard) => Expr::When(Box::new(guard), Box::new(known)),
            Err(_) => Expr::Bind(Bind::Const(crate::value::Param::Null)),
        };
        Ok(Value::Any {
            collection,
            cases,
            others,
            item,
        })
    }

    /// Collections of a relation to any that were not asked for, and whose keys the caller may read.
    fn others(&self, relation: &Relation, cases: &[(String, Node)]) -> Vec<(String, Token)> {
        let asked = |name: &str| cases.iter().any(|(case, _)| case == name);
        let others = relation.one_allowed.iter().filter(|name| !asked(name));
        others
            .filter_map(|name| self.schema.collection(name))
            .filter(|target| matches!(self.access.grant(&target.name, Action::Read), crate::access::Grant::All))
            .filter_map(|target| Some((target.name.clone(), token(target.key_field()?))))
            .collect()
    }

    /// Whether a relation leads to a collection that the caller may not read at all.
    fn leads_out(&self, link: Link<'_>) -> bool {
        match link {
            Link::One { target, .. } | Link::Many { target, .. } => {
                !self.access.grant(&target.name, Action::Read).is_some()
            }
            Link::Any { .. } => false,
        }
    }

    /// Refuses a field that may be seen on no row.
    fn granted_field(&self, c: &Collection, name: &str) -> Result<()> {
        if self.access.grant(&c.name, Action::Read).has(name) {
            Ok(())
        } else {
            Err(Error::forbidden_field(name, &c.name))
        }
    }

    /// A field, function or JSON value of the row itself.
    #[expect(
        clippy::too_many_arguments,
        reason = "one key of the answer, with everything that was asked of it"
    )]
    fn plain(
        &mut self,
        c: &'a Collection,
        alias: u32,
        name: &str,
        leaf: &Leaf,
        deep: &[(String, Query)],
        depth: usize,
        fields: &mut Vec<String>,
    ) -> Result<Option<(Item, String)>> {
        let (value, owner) = match leaf {
            Leaf::Every => return Ok(None),
            Leaf::Field(field_name) => {
                let field = c
                    .field(field_name)
                    .filter(|f| f.is_readable())
                    .ok_or_else(|| Error::forbidden_field(field_name, &c.name))?;
                // What is left out is left out for those who may know of it: to others it is missing.
                self.granted_field(c, field_name)?;
                let list = match self.schema.link(&c.name, field_name) {
                    Some(link @ Link::Many { .. }) if self.leads_out(link) => return Ok(None),
                    Some(Link::Many { relation, target }) => Some((relation, target)),
                    _ => None,
                };
                fields.push(field_name.clone());
                if let Some((relation, target)) = list {
                    // A list of keys shows keys: where they may not be read, there is no list.
                    if !self.access.grant(&target.name, Action::Read).has(&target.key) {
                        return Ok(None);
                    }
                    let many = self.many_node(c, alias, relation, target, deep_query(deep, name), None, depth)?;
                    (Value::Many(Box::new(many)), field_name)
                } else {
                    let Some(expr) = column(alias, field) else {
                        return Ok(None);
                    };
                    (Value::Scalar(expr, token(field)), field_name)
                }
            }
            Leaf::Call(function, field_name) => {
                let (expr, _) = self.call(c, alias, *function, field_name, Trust::Caller)?;
                fields.push(field_name.clone());
                // Counts of a JSON list are numbers, everything else the database computes is told as text.
                let list = *function == Function::Count && c.field(field_name).is_some_and(|f| f.column.is_some());
                (
                    Value::Scalar(expr, if list { Token::Number } else { Token::NumberText }),
                    field_name,
                )
            }
            Leaf::Json(field_name, path) => {
                let field = c
                    .field(field_name)
                    .ok_or_else(|| Error::forbidden_field(field_name, &c.name))?;
                self.granted_field(c, field_name)?;
                let expr = column(alias, field)
                    .filter(|_| field.kind == Kind::Json && !field.is_concealed())
                    .ok_or_else(|| Error::invalid_query(format!("\"{field_name}\" is not a JSON field")))?;
                fields.push(field_name.clone());
                (
                    Value::Scalar(Expr::Inside(Box::new(expr), path.clone()), Token::Json),
                    field_name,
                )
            }
        };
        Ok(Some((
            Item {
                name: name.to_owned(),
                value,
                guard: None,
            },
            owner.clone(),
        )))
    }
}

/// The key under which a wanted leaf is answered.
pub(crate) fn answer_key(leaf: &Leaf) -> String {
    match leaf {
        Leaf::Every => "*".to_owned(),
        Leaf::Field(name) => name.clone(),
        Leaf::Call(function, name) => format!("{name}_{}", function.as_str()),
        Leaf::Json(name, path) => format!("{name}_{}_json", path.as_key()),
    }
}

fn deep_query<'q>(deep: &'q [(String, Query)], name: &str) -> Option<&'q Query> {
    deep.iter().find(|(key, _)| key == name).map(|(_, query)| query)
}
