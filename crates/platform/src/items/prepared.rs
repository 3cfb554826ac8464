//! Reads that are ready to run: parsed, authorised, planned and compiled. The same question of callers with the same access
//! is prepared once per snapshot; only variables, the moment and the key are filled in anew.
//! Must never hold a value of a caller, nor outlive the snapshot and the access it was prepared under.

use std::{
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use aedile_db::{Asked, JsonRows, Row, Rows};
use aedile_engine::{
    Error, Json, Object, Result,
    access::Access,
    plan::{Expr, Plan, columns::Column, read},
    query::{Export, Leaf, Meta, Path, Query},
    schema::{Collection, Field, Ident, Kind, Schema, Special},
    sql::{self, Stmt},
    value::Param,
};
use moka::sync::Cache;
use parking_lot::Mutex;

use super::{Answer, read::bracketed};
use crate::Cx;

/// What the prepared reads of a snapshot may take of the memory, in bytes, more or less.
const KEPT: u64 = 8 << 20;
/// Longest question that is kept, in bytes: longer ones are hardly asked twice.
const LONGEST: usize = 4096;
/// What an entry takes beside its texts, in bytes: measured on reads of a few dozen fields.
const ENTRY: usize = 512;
/// So many rows are counted beside a page at most that an index finds: of more, a count alone is quicker than to fetch all.
const FEW: i64 = 1_000;
/// So many rows are counted beside a page at most that is found by looking at all of them anyway: of more, the database would
/// keep too much until it is told.
const MANY: i64 = 10_000;
/// The count that a page can tell beside its rows.
const FILTER_COUNT: &str = "filter_count";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A list of items.
    List,
    /// The item of a singleton, or its defaults when there is none (or none that may be read).
    Singleton,
    /// The item whose key the request names.
    Item,
    /// The item that was just written, under the whole of the query that came with the body.
    Written,
}

/// A read that is ready to run.
pub struct Prepared {
    form: Form,
    data: Arc<Stmt>,
    counts: Vec<(&'static str, Arc<Stmt>)>,
    beside: Option<Beside>,
    /// The item behind what was asked before it, by the address of that.
    behind: Mutex<Vec<(Arc<First>, Arc<Stmt>)>>,
    /// What a singleton without an item answers.
    blank: Vec<u8>,
    /// The file that the answer is to become.
    pub export: Option<Export>,
    /// The columns of such a file.
    pub(crate) columns: Vec<Column>,
    /// How many rows there are at most, if that is known.
    pub(crate) most_rows: Option<u64>,
}

/// A statement of one row that is asked before a read, and answered with it.
pub struct First {
    /// Alone.
    pub stmt: Arc<Stmt>,
    /// To be put before another one.
    pub sql: sql::Sql,
    /// The cells of its row.
    pub cells: usize,
}

/// The page with its `filter_count` beside it, which saves a statement; many rows are counted quicker by a plan of their own.
struct Beside {
    data: Arc<Stmt>,
    /// How many rows are counted so at most.
    most: i64,
    /// Whether there were no more when they were counted last. It decides how they are counted next, and nothing else.
    fits: AtomicBool,
}

/// The prepared reads of a snapshot.
pub(crate) struct Reads {
    kept: Cache<Question, Arc<Prepared>>,
    /// Who may read everything: history is written under it.
    full: Arc<Access>,
}

/// A question as it came, and under which access.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Question {
    access: Held,
    form: Form,
    collection: String,
    text: String,
}

/// An access, known by where it lies. That it is held here keeps another one from ever lying there.
#[derive(Clone)]
struct Held(Arc<Access>);

impl PartialEq for Held {
    fn eq(&self, other: &Held) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Held {}

impl Hash for Held {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).hash(state);
    }
}

impl Default for Reads {
    fn default() -> Reads {
        let weigh = |question: &Question, read: &Arc<Prepared>| {
            let columns: usize = read.columns.iter().flatten().map(String::len).sum();
            let texts = question.text.len() + read.data.text.len() + read.blank.len() + columns;
            let counts: usize = read.counts.iter().map(|(_, stmt)| stmt.text.len()).sum();
            let binds = read.data.binds.len() * size_of::<sql::Bind>();
            u32::try_from(ENTRY + texts + counts + binds).unwrap_or(u32::MAX)
        };
        Reads {
            kept: Cache::builder().weigher(weigh).max_capacity(KEPT).build(),
            full: Arc::new(Access::full()),
        }
    }
}

/// The read that a question asks for. `text` is the whole question as it came and `parse` what it means; without a text
/// it is prepared for this once.
///
/// # Errors
/// `FORBIDDEN` for whatever is missing or may not be read, `INVALID_QUERY` for what does not fit.
pub fn prepare(
    cx: &Cx,
    form: Form,
    collection: &str,
    text: Option<&str>,
    parse: impl FnOnce() -> Result<Query>,
) -> Result<Arc<Prepared>> {
    // A view may be of policies that are not stored; nobody asks through it often.
    let Some(text) = text.filter(|text| text.len() <= LONGEST && cx.viewer.is_none()) else {
        return Prepared::of(cx, form, collection, &parse()?).map(Arc::new);
    };
    kept(cx, &cx.access, form, collection, text.to_owned(), || {
        Prepared::of(cx, form, collection, &parse()?)
    })
}

/// What is to be told of what was written.
#[derive(Clone, Copy)]
pub enum Wanted<'q> {
    /// What a query asks for.
    Query(&'q Query),
    /// What a query string asks for: the text, by which the read is kept if there is one, and what it means.
    Text(Option<&'q str>, &'q (dyn Fn() -> Result<Query> + Sync)),
}

impl<'q> From<&'q Query> for Wanted<'q> {
    fn from(query: &'q Query) -> Self {
        Wanted::Query(query)
    }
}

impl Wanted<'_> {
    /// The query.
    ///
    /// # Errors
    /// `INVALID_QUERY`.
    pub fn query(self) -> Result<Query> {
        match self {
            Wanted::Query(query) => Ok(query.clone()),
            Wanted::Text(_, parse) => parse(),
        }
    }
}

/// The read of an item that is about to be written. What the caller may not read keeps nobody from writing: that is told
/// inside.
///
/// # Errors
/// `INVALID_QUERY`, before anything is written.
pub(crate) fn written(cx: &Cx, collection: &str, wanted: Wanted<'_>) -> Result<Result<Arc<Prepared>>> {
    let made = |query: &Query| Prepared::of(cx, Form::Written, collection, query);
    match wanted {
        Wanted::Text(Some(text), parse) if text.len() <= LONGEST && cx.viewer.is_none() => {
            let mut invalid = None;
            let read = kept(cx, &cx.access, Form::Written, collection, text.to_owned(), || {
                let query = parse().inspect_err(|error| invalid = Some(error.clone()))?;
                made(&query)
            });
            invalid.map_or(Ok(read), Err)
        }
        wanted => Ok(made(&wanted.query()?).map(Arc::new)),
    }
}

/// The read of a row's own columns, whoever asks: for history.
///
/// # Errors
/// As [`prepare`].
pub(crate) fn whole(cx: &Cx, c: &Collection) -> Result<Arc<Prepared>> {
    let full = &cx.snapshot.reads.full;
    kept(cx, full, Form::Item, &c.name, String::new(), || {
        let fields = c.fields.values().filter(|field| field.column.is_some());
        let path = |field: &Field| Path {
            steps: Vec::new(),
            leaf: Leaf::Field(field.name.clone()),
        };
        let query = Query {
            fields: fields.map(path).collect(),
            ..Query::default()
        };
        let plan = read::named(cx.schema(), full, cx.limits(), &c.name, &query)?;
        Prepared::planned(cx, Form::Item, &c.name, &query, &plan)
    })
}

/// What is kept for a question, or else made and kept.
fn kept(
    cx: &Cx,
    access: &Arc<Access>,
    form: Form,
    collection: &str,
    text: String,
    make: impl FnOnce() -> Result<Prepared>,
) -> Result<Arc<Prepared>> {
    let question = Question {
        access: Held(access.clone()),
        form,
        collection: collection.to_owned(),
        text,
    };
    let reads = &cx.snapshot.reads.kept;
    if let Some(read) = reads.get(&question) {
        return Ok(read);
    }
    let read = Arc::new(make()?);
    reads.insert(question, read.clone());
    Ok(read)
}

impl Prepared {
    /// Prepares what a query asks for.
    pub fn of(cx: &Cx, form: Form, collection: &str, query: &Query) -> Result<Prepared> {
        let plan = match form {
            Form::List => read::list(cx.schema(), &cx.access, cx.limits(), collection, query)?,
            Form::Singleton => {
                let mut query = query.clone();
                query.page.limit = Some(1);
                read::list(cx.schema(), &cx.access, cx.limits(), collection, &query)?
            }
            Form::Item => read::named(cx.schema(), &cx.access, cx.limits(), collection, &alone(query)?)?,
            Form::Written => read::named(cx.schema(), &cx.access, cx.limits(), collection, query)?,
        };
        Prepared::planned(cx, form, collection, query, &plan)
    }

    /// Prepares a list of the items with these keys.
    ///
    /// # Errors
    /// As [`prepare`].
    pub fn keyed(cx: &Cx, collection: &str, keys: &[Param], query: &Query) -> Result<Prepared> {
        let plan = read::items(cx.schema(), &cx.access, cx.limits(), collection, keys, query)?;
        let uncounted = Query {
            meta: Meta::default(),
            ..query.clone()
        };
        Prepared::planned(cx, Form::List, collection, &uncounted, &plan)
    }

    fn planned(cx: &Cx, form: Form, collection: &str, query: &Query, plan: &Plan) -> Result<Prepared> {
        let found = cx.schema().collection(collection);
        let found = found.ok_or_else(|| Error::forbidden_collection(collection))?;
        let dialect = cx.app.db().dialect();
        let compiled = |plan: &Plan| Arc::new(sql::compile(dialect, plan));
        Ok(Prepared {
            form,
            data: compiled(plan),
            counts: match form {
                Form::Item | Form::Written => Vec::new(),
                Form::List | Form::Singleton => counts(cx, collection, query)?
                    .into_iter()
                    .map(|(name, plan)| (name, compiled(&plan)))
                    .collect(),
            },
            behind: Mutex::default(),
            beside: match form {
                Form::List if query.meta.filter_count && dialect.counts_beside() => {
                    plan.counted().as_ref().map(|counted| Beside {
                        data: compiled(counted),
                        most: if leads(cx.schema(), found, plan) { FEW } else { MANY },
                        fits: AtomicBool::new(false),
                    })
                }
                _ => None,
            },
            blank: match form {
                Form::Singleton => Json::Object(defaults(found, plan)).to_string().into_bytes(),
                Form::List | Form::Item | Form::Written => Vec::new(),
            },
            export: query.export,
            columns: query.export.map(|_| plan.columns()).unwrap_or_default(),
            most_rows: plan.most_rows(),
        })
    }

    /// The statement, with the key of the item that is asked for.
    pub(crate) fn of_item(&self, cx: &Cx, key: &Param) -> (Arc<Stmt>, Vec<Param>) {
        (self.data.clone(), cx.bind_keyed(&self.data.binds, key))
    }

    /// The answer that the rows of an item are.
    ///
    /// # Errors
    /// `FORBIDDEN` where there are none.
    pub(crate) fn item(&self, rows: JsonRows) -> Result<Answer> {
        match rows.count {
            0 => Err(Error::forbidden()),
            _ => Ok(Answer::data(rows.bytes)),
        }
    }

    /// The rows of a list.
    pub(crate) async fn rows(&self, cx: &Cx) -> Result<JsonRows> {
        let params = cx.bind(&self.data.binds);
        cx.app.db().fetch_json(self.data.clone(), params).await
    }

    /// The rows of a list, in parts of so many.
    pub(crate) async fn stream(&self, cx: &Cx, part: usize) -> Result<Rows> {
        let params = cx.bind(&self.data.binds);
        cx.app.db().stream_json(self.data.clone(), params, part).await
    }

    /// Runs it. The key is that of [`Form::Item`].
    ///
    /// # Errors
    /// `FORBIDDEN` for an item that is missing or may not be read, and what the database says.
    pub async fn run(&self, cx: &Cx, key: &Param) -> Result<Answer> {
        let (_, answer) = self.asked(None, cx, key).await?;
        answer
    }

    /// Runs it together with another statement: answers that one's row, if there is one, and beside it the answer, which
    /// may be a refusal. For databases that are [pipelined](aedile_db::Db::is_pipelined).
    ///
    /// # Errors
    /// What the database says of any of them.
    pub async fn run_after(
        &self,
        (first, params): (&Arc<First>, Vec<Param>),
        cx: &Cx,
        key: &Param,
    ) -> Result<(Option<Row>, Result<Answer>)> {
        if self.form != Form::Item {
            let (told, answer) = self.asked(Some((first.stmt.clone(), params)), cx, key).await?;
            return Ok((told.into_iter().next(), answer));
        }
        let stmt = self.item_behind(first);
        let mut binds = cx.bind_keyed(&self.data.binds, key);
        binds.extend(params);
        let (told, rows) = cx.app.db().fetch_behind((stmt, binds), first.cells).await?;
        Ok((told, self.item(rows)))
    }

    fn item_behind(&self, first: &Arc<First>) -> Arc<Stmt> {
        let mut known = self.behind.lock();
        if let Some((_, stmt)) = known.iter().find(|(own, _)| Arc::ptr_eq(own, first)) {
            return stmt.clone();
        }
        let stmt = Arc::new(self.data.behind(first.sql.clone()));
        known.push((first.clone(), stmt.clone()));
        stmt
    }

    /// The rows of the list that is asked first, if there is one, and the answer.
    async fn asked(&self, first: Option<Asked>, cx: &Cx, key: &Param) -> Result<(Vec<Row>, Result<Answer>)> {
        let beside = self
            .beside
            .as_ref()
            .filter(|beside| beside.fits.load(Ordering::Relaxed));
        let data = beside.map_or(&self.data, |beside| &beside.data);
        let apart = self
            .counts
            .iter()
            .filter(|(name, _)| beside.is_none() || *name != FILTER_COUNT)
            .map(|(_, stmt)| (stmt.clone(), cx.bind(&stmt.binds)));
        let is_after = first.is_some();
        let asked = first.into_iter().chain(apart).collect();
        let last = (data.clone(), cx.bind_keyed(&data.binds, key));
        let (told, rows) = cx.app.db().fetch_together(asked, last).await?;
        let mut told = told.into_iter();
        let first = if is_after { told.next() } else { None };
        let meta = self.meta(cx, beside.map(|_| rows.counted), told).await?;
        let answer = match self.form {
            Form::List => Ok(bracketed(&rows.bytes)),
            Form::Item | Form::Written => self.item(rows).map(|answer| answer.data.unwrap_or_default()),
            Form::Singleton if rows.count == 0 => Ok(self.blank.clone()),
            Form::Singleton => Ok(rows.bytes),
        };
        let answer = answer.map(|data| Answer { data: Some(data), meta });
        Ok((first.unwrap_or_default(), answer))
    }

    /// The counts that are asked for: those of statements of their own, and what was told beside the page. A page without
    /// rows tells nothing.
    async fn meta(
        &self,
        cx: &Cx,
        beside: Option<Option<i64>>,
        mut counts: impl Iterator<Item = Vec<Row>>,
    ) -> Result<Option<Object>> {
        if self.counts.is_empty() {
            return Ok(None);
        }
        let mut meta = Object::new();
        for (name, stmt) in &self.counts {
            let n = match beside {
                Some(Some(n)) if *name == FILTER_COUNT => n,
                Some(None) if *name == FILTER_COUNT => {
                    number(&cx.app.db().fetch(stmt.clone(), cx.bind(&stmt.binds)).await?)
                }
                _ => number(&counts.next().unwrap_or_default()),
            };
            if let (Some(beside), true) = (&self.beside, *name == FILTER_COUNT) {
                beside.fits.store(n <= beside.most, Ordering::Relaxed);
            }
            meta.insert((*name).to_owned(), n.into());
        }
        Ok(Some(meta))
    }
}

/// The number that a count answers.
fn number(rows: &[Row]) -> i64 {
    match rows.first().and_then(|row| row.first()) {
        Some(Param::Int(n)) => *n,
        _ => 0,
    }
}

/// Whether an index leads to the rows of a page in their order.
pub(super) fn leads(schema: &Schema, collection: &Collection, plan: &Plan) -> bool {
    let Plan::Rows(node) = plan else { return false };
    let points = |column: &Ident| schema.relation(&collection.name, column.as_str());
    let indexed = |column: &Ident| {
        let columns = collection.fields.values().filter_map(|field| field.column.as_ref());
        let mut own = columns.filter(|own| own.name == *column);
        own.any(|own| own.primary || own.unique || own.indexed) || points(column).is_some_and(|to| to.indexed)
    };
    match node.order.first().map(|first| &first.expr) {
        None => true,
        Some(Expr::Column(alias, column)) => *alias == node.from.alias && indexed(column),
        Some(_) => false,
    }
}

/// A query as it counts for a single item.
fn alone(query: &Query) -> Result<Query> {
    // No item has another version yet; the item itself is also known by these names.
    if query
        .version
        .as_deref()
        .is_some_and(|version| !matches!(version, "main" | "published"))
    {
        return Err(Error::forbidden());
    }
    // A single item has no filter and no order; what pages it away makes it missing.
    let mut query = query.clone();
    query.filter = None;
    query.sort = Vec::new();
    Ok(query)
}

fn counts(cx: &Cx, collection: &str, query: &Query) -> Result<Vec<(&'static str, Plan)>> {
    let Meta {
        total_count,
        filter_count,
    } = query.meta;
    let count = |query| read::count(cx.schema(), &cx.access, cx.limits(), collection, query);
    let mut plans = Vec::new();
    if total_count {
        plans.push(("total_count", count(None)?));
    }
    if filter_count {
        plans.push((FILTER_COUNT, count(Some(query))?));
    }
    Ok(plans)
}

/// The defaults of the asked fields that have one, and a key that is null.
fn defaults(collection: &Collection, plan: &Plan) -> Object {
    let Plan::Rows(node) = plan else { return Object::new() };
    node.items
        .iter()
        .filter_map(|item| {
            let field = collection.field(&item.name)?;
            if field.name == collection.key {
                return Some((item.name.clone(), Json::Null));
            }
            let default = field.column.as_ref()?.default.clone()?;
            let told = match (field.kind, default) {
                (kind, Json::String(text)) if kind == Kind::Json || field.is(Special::CastJson) => {
                    serde_json::from_str(&text).unwrap_or(Json::String(text))
                }
                (_, default) => default,
            };
            Some((item.name.clone(), told))
        })
        .collect()
}
