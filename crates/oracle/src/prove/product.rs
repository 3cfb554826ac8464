//! The product's side: a real database file with a world's tables and rows, questions answered through plan and statement.

use std::sync::Arc;

use aedile_db::{Db, JsonRows};
use aedile_engine::{
    Error, Json, Result,
    access::{self, Access, Policies, ip::IpList, policy},
    plan::{Plan, read},
    query::{Limits, Query, Var},
    schema::{Collection, Ident, Kind},
    sql::{self, Dialect, Shape, Sql, Stmt},
    value::{Param, operand, time},
};
use aedile_testkit::backend::Backend;
use serde_json::json;
use tokio::runtime::Runtime;

use super::{
    ground::{self, Statements, Store, bound},
    queries::{Question, Target},
};
use crate::{
    moment,
    world::{self, Caller, Row, World},
};

/// A database for one world at a time.
pub struct Product<'b> {
    runtime: Runtime,
    store: Store<'b>,
    limits: Limits,
}

/// What the product knows of a caller.
pub struct Asking {
    caller: access::Caller,
    access: Access,
}

/// Tables in one statement. The evaluator knows no such limit, and wildcards under many rules through relations go beyond
/// the product's own; SQLite takes about a thousand.
const TABLES: u32 = 900;

impl<'b> Product<'b> {
    /// Opens an empty database. `number` tells several of one process apart.
    pub(super) fn open(backend: &'b Backend, number: usize) -> Result<Product<'b>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Error::internal(e.to_string()))?;
        let store = Store::open(backend, &runtime, &number.to_string())?;
        Ok(Product {
            runtime,
            store,
            limits: Limits {
                tables: TABLES,
                ..Limits::default()
            },
        })
    }

    /// How the database writes SQL.
    pub(super) fn dialect(&self) -> Dialect {
        self.db().dialect()
    }

    fn db(&self) -> &Db {
        &self.store.db
    }

    /// Replaces all tables by a world's.
    pub fn load(&self, world: &World) -> Result<()> {
        let (dialect, mut statements) = (self.dialect(), Statements::default());
        for c in world.schema.collections() {
            statements
                .changes
                .extend(ground::table(dialect, c, world.schema.relations())?);
        }
        for c in world.schema.collections() {
            let rows = world.rows.get(&c.name).into_iter().flatten();
            statements.writes.extend(rows.map(|row| insert(dialect, c, row)));
        }
        ground::run(&self.runtime, self.db(), statements)
    }

    /// What the product takes a caller for.
    pub fn asking(world: &World, caller: &Caller) -> Asking {
        let rows = |name: &str| world.rows.get(name).map_or(&[][..], Vec::as_slice);
        let roles = rows("directus_roles").iter().filter_map(|row| {
            Some(policy::Role {
                id: text(row, "id")?,
                name: String::new(),
                parent: text(row, "parent"),
            })
        });
        let attachments = world.attachments.iter().cloned();
        let attachments = attachments.map(|a| policy::Attachment {
            user: a.user,
            role: a.role,
            policy: a.policy,
        });
        let policies = Policies::new(
            world.policies.iter().map(|p| stored_policy(world, p)),
            roles,
            attachments,
        );
        let caller = known(world, caller);
        Asking {
            access: Access::of(&policies, &caller),
            caller,
        }
    }

    /// The answer's bytes, as the server would send them.
    pub fn read(&self, world: &World, asking: &Asking, question: &Question, query: &Query) -> Result<Vec<u8>> {
        let collection = &question.collection;
        let mut query = query.clone();
        let (schema, access) = (&world.schema, &asking.access);
        let plan = match &question.target {
            Target::Item(key) => {
                (query.filter, query.sort) = (None, Vec::new());
                let c = schema.collection(collection).ok_or_else(Error::forbidden)?;
                let text = key.as_str().unwrap_or_default();
                let key = c
                    .key_field()
                    .and_then(|field| operand::key(field, text))
                    .ok_or_else(Error::forbidden)?;
                read::item(schema, access, &self.limits, collection, &key, &query)?
            }
            Target::Singleton => {
                query.page.limit = Some(1);
                read::list(schema, access, &self.limits, collection, &query)?
            }
            Target::List => read::list(schema, access, &self.limits, collection, &query)?,
        };
        let single = matches!(question.target, Target::Item(_));
        let mut counts = Vec::new();
        if query.meta.total_count && !single {
            counts.push((
                "total_count",
                read::count(schema, access, &self.limits, collection, None)?,
            ));
        }
        if query.meta.filter_count && !single {
            counts.push((
                "filter_count",
                read::count(schema, access, &self.limits, collection, Some(&query))?,
            ));
        }
        let rows = self.fetch(world, asking, &plan)?;
        let data = match &question.target {
            Target::Item(_) if rows.count == 0 => return Err(Error::forbidden()),
            Target::Singleton if rows.count == 0 => {
                defaults(schema.collection(collection), &plan).to_string().into_bytes()
            }
            Target::Item(_) | Target::Singleton => rows.bytes,
            Target::List => [b"[".to_vec(), rows.bytes, b"]".to_vec()].concat(),
        };
        let mut answer = [b"{\"data\":".to_vec(), data].concat();
        for (name, plan) in counts {
            answer.extend(format!(",\"{name}\":{}", self.count(world, asking, &plan)?).into_bytes());
        }
        answer.push(b'}');
        Ok(answer)
    }

    /// The statement of a question, to be shown with a finding.
    pub fn statement(&self, world: &World, asking: &Asking, question: &Question, query: &Query) -> String {
        match read::list(&world.schema, &asking.access, &self.limits, &question.collection, query) {
            Ok(plan) => {
                let stmt = sql::compile(self.db().dialect(), &plan);
                format!("{}\n{:?}", stmt.text, stmt.binds)
            }
            Err(error) => format!("{error:?}"),
        }
    }

    fn fetch(&self, world: &World, asking: &Asking, plan: &Plan) -> Result<JsonRows> {
        let (stmt, params) = self.compiled(world, asking, plan);
        self.runtime.block_on(self.db().fetch_json(stmt, params))
    }

    fn count(&self, world: &World, asking: &Asking, plan: &Plan) -> Result<i64> {
        let (stmt, params) = self.compiled(world, asking, plan);
        match self
            .runtime
            .block_on(self.db().fetch(stmt, params))?
            .first()
            .and_then(|row| row.first())
        {
            Some(Param::Int(n)) => Ok(*n),
            _ => Err(Error::internal("a count is no number")),
        }
    }

    fn compiled(&self, world: &World, asking: &Asking, plan: &Plan) -> (Arc<Stmt>, Vec<Param>) {
        let stmt = sql::compile(self.db().dialect(), plan);
        let params = sql::rows::fill(&stmt.binds, &mut |var, shape| variable(world.now, asking, var, shape));
        (Arc::new(stmt), params)
    }
}

impl Drop for Product<'_> {
    fn drop(&mut self) {
        self.runtime.block_on(self.db().close());
    }
}

fn text(row: &Row, field: &str) -> Option<String> {
    match row.get(field) {
        Some(Json::String(text)) => Some(text.clone()),
        _ => None,
    }
}

/// The caller as the server would know it.
pub(super) fn known(world: &World, caller: &Caller) -> access::Caller {
    let Some(id) = caller.user.clone() else {
        return access::Caller::Public { ip: caller.ip };
    };
    let mut users = world.rows.get("directus_users").into_iter().flatten();
    let row = users.find(|row| text(row, "id").as_ref() == Some(&id));
    access::Caller::User {
        id,
        role: row.and_then(|row| text(row, "role")),
        ip: caller.ip,
    }
}

fn stored_policy(world: &World, stored: &world::Policy) -> policy::Policy {
    let permissions = world.permissions.iter().filter(|p| p.policy == stored.id);
    policy::Policy {
        id: stored.id.clone(),
        name: String::new(),
        admin: stored.admin,
        app: stored.app,
        enforce_tfa: false,
        ip: stored
            .ip
            .as_ref()
            .map(|list| IpList::parse(list.iter().map(String::as_str)).unwrap_or_else(|_| IpList::nowhere())),
        permissions: permissions
            .filter_map(|p| {
                policy::Permission::parse(&p.collection, &p.action, &p.rule, &p.validation, &p.presets, &p.fields)
            })
            .collect(),
    }
}

/// A variable as the server binds it.
fn variable(now: i64, asking: &Asking, var: &Var, shape: Shape) -> Param {
    match var {
        Var::User(_) => asking.caller.user().map(str::to_owned).into(),
        Var::Role(_) => asking.caller.role().map(str::to_owned).into(),
        Var::Roles => Json::from(asking.access.roles.clone()).to_string().into(),
        Var::Policies => Json::from(asking.access.policies.clone()).to_string().into(),
        Var::Now { ms, months } => {
            let at = time::shift(now, *ms, *months);
            match shape {
                Shape::Instant => Param::Instant(at),
                Shape::Wall => Param::Wall(at),
                Shape::Date => time::format_date(at).into(),
                Shape::Time => time::format_time(at).into(),
                Shape::Text | Shape::Raw | Shape::Count | Shape::Inserted(_) => time::format_instant(at).into(),
            }
        }
    }
}

/// A singleton's item when there is none: its fields' defaults, of which these worlds have none, and no key.
fn defaults(c: Option<&Collection>, plan: &Plan) -> Json {
    let key = c.map(|c| c.key.as_str()).unwrap_or_default();
    match plan {
        Plan::Rows(node) if node.items.iter().any(|item| item.name == key) => json!({ key: null }),
        _ => json!({}),
    }
}

/// A value as the product stores it.
pub(super) fn stored(c: &Collection, field: &str, value: &Json) -> Param {
    let kind = c.field(field).map_or(Kind::Unknown, |field| field.kind);
    match value {
        Json::Null => Param::Null,
        value if kind == Kind::Json => value.to_string().into(),
        Json::Bool(flag) => Param::Bool(*flag),
        Json::Number(n) if kind == Kind::Decimal => format!("{:.5}", n.as_f64().unwrap_or_default()).into(),
        Json::Number(n) => n
            .as_i64()
            .map(Param::Int)
            .or(n.as_f64().map(Param::Real))
            .unwrap_or(Param::Null),
        Json::String(text) => match (kind, moment::since_epoch(text)) {
            (Kind::DateTime, Some(ms)) => Param::Wall(ms),
            (Kind::Timestamp, Some(ms)) => Param::Instant(ms),
            _ => text.as_str().into(),
        },
        Json::Array(_) | Json::Object(_) => value.to_string().into(),
    }
}

pub(super) fn insert(dialect: Dialect, c: &Collection, row: &Row) -> (Stmt, Vec<Param>) {
    let mut sql = Sql::new(dialect);
    sql.push("insert into ")
        .ident(&c.table)
        .push(" (")
        .list(row.keys(), |sql, name| {
            sql.ident(&Ident::new(name));
        });
    sql.push(") values (").list(row, |sql, (name, value)| {
        sql.param(stored(c, name, value));
    });
    sql.push(")");
    bound(sql)
}
