//! An installed project in a database of its own, with one world at a time: stored as a server would find it, loaded
//! by the platform, and asked through the server's own door.

use std::{collections::HashMap, sync::Arc};

use aedile_auth::password::{Hashing, Passwords};
use aedile_db::Db;
use aedile_engine::{
    Error, Result,
    ddl::{self, Change, types},
    schema::{Ident, Kind},
    sql::{Dialect, Sql},
};
use aedile_platform::{App, app, config::Settings};
use aedile_server::State;
use aedile_testkit::backend::Backend;
use axum::{
    Router,
    body::{self, Body},
    http::{HeaderMap, Request, StatusCode},
};
use serde_json::Value as Json;
use tokio::runtime::Runtime;
use tower::ServiceExt;

use super::{
    ground::{self, Statements, Store},
    product::{insert, stored},
    stored, worlds,
};
use crate::world::{Caller, Cell, Row, World, key_text};

/// Tables whose rows belong to a world, in an order in which they can be emptied.
const EMPTIED: [&str; 8] = [
    "directus_permissions",
    "directus_access",
    "directus_policies",
    "directus_users",
    "directus_roles",
    "directus_relations",
    "directus_fields",
    "directus_collections",
];
/// Columns of users and roles that worlds have rows of.
const KNOWN: [&str; 8] = ["id", "first_name", "name", "level", "role", "boss", "parent", "token"];
/// Longest answer that is read, in bytes; answers of such small worlds never come near it.
const ANSWER_LIMIT: usize = 64 << 20;

/// The project.
pub struct Project<'b> {
    pub(super) runtime: Runtime,
    store: Store<'b>,
    passwords: Arc<Passwords>,
}

/// A world's own server: not listening anywhere, but otherwise whole.
pub struct Server {
    router: Router,
}

/// All of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, mostly JSON.
    pub body: body::Bytes,
}

/// A request: method, path and query, body.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: &'static str,
    /// The path and query, encoded.
    pub uri: String,
    /// The body; none for a `GET`.
    pub body: Option<Json>,
}

impl<'b> Project<'b> {
    /// Installs an empty one. `number` tells several of one process apart.
    pub(super) fn open(backend: &'b Backend, number: usize) -> Result<Project<'b>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Error::internal(e.to_string()))?;
        let store = Store::open(backend, &runtime, &format!("w{number}"))?;
        runtime.block_on(store.db.install())?;
        // Nobody logs in here; hashes are as cheap as they can be.
        let hashing = Hashing {
            memory_kib: 8,
            time: 1,
            parallelism: 1,
            ..Hashing::default()
        };
        let project = Project {
            runtime,
            store,
            passwords: Arc::new(Passwords::new(&hashing)?),
        };
        let mut physical = project.runtime.block_on(project.db().introspect())?;
        let column = |name: &str, kind| {
            let column = types::column(project.dialect(), name, kind)?;
            let table = "directus_users".to_owned();
            Some(Change::AddColumn { table, column })
        };
        let added = [column("level", Kind::Integer), column("boss", Kind::Uuid)];
        let added = added.into_iter().flatten().collect();
        let made = ddl::compile(project.dialect(), &mut physical, added)?;
        project.run(Statements {
            changes: made.steps.into_iter().map(|step| step.stmt).collect(),
            ..Statements::default()
        })?;
        Ok(project)
    }

    /// How the database writes SQL.
    pub(super) fn dialect(&self) -> Dialect {
        self.db().dialect()
    }

    pub(super) fn db(&self) -> &Db {
        &self.store.db
    }

    pub(super) fn run(&self, statements: Statements) -> Result<()> {
        ground::run(&self.runtime, self.db(), statements)
    }

    /// Stores a world, and loads the project that it is.
    pub fn load(&self, world: &World) -> Result<App> {
        let (dialect, mut statements) = (self.dialect(), Statements::default());
        // Where references are judged row by row, a role and its parent cannot go together.
        let mut orphaned = Sql::new(dialect);
        orphaned.push("update directus_roles set parent = null");
        statements.writes.push((orphaned.finish(Vec::new()), Vec::new()));
        for name in EMPTIED {
            let mut sql = Sql::new(dialect);
            sql.push("delete from ").ident(&Ident::new(name));
            statements.writes.push((sql.finish(Vec::new()), Vec::new()));
        }
        for name in worlds::NAMES.iter().chain(&["junction", "blocks"]) {
            statements.changes.push(ground::gone(dialect, &Ident::new(*name)));
        }
        for c in world.schema.collections().filter(|c| !c.system) {
            statements
                .changes
                .extend(ground::table(dialect, c, world.schema.relations())?);
        }
        // Roles before users, and both before what points at them.
        let mut all: Vec<_> = world.schema.collections().collect();
        all.sort_by_key(|c| (!c.system, c.name != "directus_roles"));
        for c in all {
            for row in world.rows.get(&c.name).into_iter().flatten() {
                let known = |(name, _): &(&String, &Json)| !c.system || KNOWN.contains(&name.as_str());
                let row: Row = row.iter().filter(known).map(|(n, v)| (n.clone(), v.clone())).collect();
                statements.writes.push(insert(dialect, c, &row));
            }
        }
        stored::metadata(dialect, &world.schema, &mut statements);
        stored::rights(dialect, world, &mut statements);
        self.run(statements)?;
        let passwords = app::Passwords {
            hash: Arc::new(|password| Box::pin(async move { Ok(password) })),
            accepts: Arc::new(|_, _| true),
            enforces: Arc::new(|_| Ok(())),
        };
        self.runtime
            .block_on(App::load(self.db().clone(), Settings::default(), passwords))
    }

    /// The same, as a server.
    pub fn serve(&self, world: &World) -> Result<Server> {
        let state = State::new(self.load(world)?, self.passwords.clone())?;
        Ok(Server {
            router: aedile_server::router(Arc::new(state)),
        })
    }

    /// Gives the cells the values that they have in `world`.
    pub fn change(&self, world: &World, cells: &[Cell]) -> Result<()> {
        let mut rows: HashMap<(&str, String), &Row> = HashMap::new();
        for c in world.schema.collections() {
            let own = world.rows.get(&c.name).into_iter().flatten();
            rows.extend(own.map(|row| ((c.name.as_str(), key_text(c, row)), row)));
        }
        let update = |(collection, key, field): &Cell| {
            let c = world.schema.collection(collection)?;
            let row = rows.get(&(collection.as_str(), key.clone()))?;
            let mut sql = Sql::new(self.dialect());
            let param = |name: &str| stored(c, name, row.get(name).unwrap_or(&Json::Null));
            sql.push("update ").ident(&c.table).push(" set ");
            sql.ident(&Ident::new(field)).push(" = ").param(param(field));
            sql.push(" where ")
                .ident(&Ident::new(&c.key))
                .push(" = ")
                .param(param(&c.key));
            Some(ground::bound(sql))
        };
        self.run(Statements {
            writes: cells.iter().filter_map(update).collect(),
            ..Statements::default()
        })
    }

    /// Everything a server says to a request of this caller.
    ///
    /// # Errors
    /// When the request cannot be made: that is no answer.
    pub fn ask(&self, server: &Server, caller: &Caller, asked: &Asked) -> Result<Told> {
        let broken = |error: &dyn std::fmt::Display| Error::internal(error.to_string());
        let mut request = Request::builder().method(asked.method).uri(&asked.uri);
        if let Some(user) = &caller.user {
            request = request.header("authorization", format!("Bearer {}", worlds::token(user)));
        }
        let body = match &asked.body {
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        let request = request.body(body).map_err(|error| broken(&error))?;
        self.runtime.block_on(async {
            let response = server.router.clone().oneshot(request).await;
            let (parts, body) = response.map_err(|error| broken(&error))?.into_parts();
            let body = body::to_bytes(body, ANSWER_LIMIT).await;
            Ok(Told {
                status: parts.status,
                headers: parts.headers,
                body: body.map_err(|error| broken(&error))?,
            })
        })
    }
}

impl Drop for Project<'_> {
    fn drop(&mut self) {
        self.runtime.block_on(self.db().close());
    }
}
