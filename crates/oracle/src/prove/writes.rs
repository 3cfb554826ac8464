//! Writes, judged by the evaluator and by the platform's own verbs on a real project: installed tables, stored metadata
//! and permissions, everything read back from the database as a server would.

use std::{path::PathBuf, sync::Arc};

use aedile_db::{Db, Options};
use aedile_engine::{
    Code, Error, Object, Result,
    query::Query,
    schema::{Collection, Ident, Kind},
    sql::{Dialect, Sql, Stmt},
    value::{Param, time},
};
use aedile_platform::{App, Cx, Origin, app::Passwords, config::Settings, items};
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use super::{
    compare,
    finding::{Finding, Place},
    product::{self, insert, table},
    random::Random,
    report::Report,
    stored, values, worlds,
};
use crate::evaluator::{Attachment, Caller, Change, Permission, Policy, Row, Session, Target, World};

/// Writes that each caller of a world tries, one after another.
const WRITES: usize = 25;
/// Writes in each world, by its two callers.
pub(super) const PER_WORLD: u64 = 50;
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

/// An installed project.
pub struct Project {
    runtime: Runtime,
    db: Db,
    path: PathBuf,
}

impl Project {
    /// Installs an empty one. `number` tells several of one process apart.
    pub fn open(number: usize) -> Result<Project> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Error::internal(e.to_string()))?;
        let path = product::place(&format!("w{number}"));
        let mut options = Options::new(&path);
        options.readers = 1;
        let db = runtime.block_on(Db::open(options))?;
        runtime.block_on(db.install())?;
        let project = Project { runtime, db, path };
        let column = |name: &str, kind: &'static str| {
            let mut sql = Sql::new(Dialect::Sqlite);
            sql.push("alter table directus_users add column ")
                .ident(&Ident::new(name))
                .push(kind);
            (sql.finish(Vec::new()), Vec::new())
        };
        project.run(vec![column("level", " integer"), column("boss", " char(36)")])?;
        Ok(project)
    }

    fn run(&self, statements: Vec<(Stmt, Vec<Param>)>) -> Result<()> {
        let all = self.db.write_ddl(move |tx| {
            Box::pin(async move {
                for (stmt, params) in &statements {
                    if params.is_empty() {
                        tx.execute_ddl(stmt).await?
                    } else {
                        tx.execute(stmt, params).await.map(drop)?
                    }
                }
                Ok(())
            })
        });
        self.runtime.block_on(all)
    }

    /// Stores a world, and loads the project that it is.
    fn load(&self, world: &World) -> Result<App> {
        let mut statements = Vec::new();
        for name in EMPTIED {
            let mut sql = Sql::new(Dialect::Sqlite);
            sql.push("delete from ").ident(&Ident::new(name));
            statements.push((sql.finish(Vec::new()), Vec::new()));
        }
        for name in worlds::NAMES.iter().chain(&["junction", "blocks"]) {
            let mut sql = Sql::new(Dialect::Sqlite);
            sql.push("drop table if exists ").ident(&Ident::new(*name));
            statements.push((sql.finish(Vec::new()), Vec::new()));
        }
        statements.extend(
            world
                .schema
                .collections()
                .filter(|c| !c.system)
                .map(|c| (table(c), Vec::new())),
        );
        stored::metadata(&world.schema, &mut statements);
        stored::rights(world, &mut statements);
        let known = ["id", "first_name", "name", "level", "role", "boss", "parent"];
        for c in world.schema.collections() {
            for row in world.rows.get(&c.name).into_iter().flatten() {
                let row: Row = row
                    .iter()
                    .filter(|(name, _)| !c.system || known.contains(&name.as_str()))
                    .map(|(n, v)| (n.clone(), v.clone()))
                    .collect();
                statements.push(insert(c, &row));
            }
        }
        self.run(statements)?;
        let passwords = Passwords {
            hash: Arc::new(|password| Box::pin(async move { Ok(password) })),
            accepts: Arc::new(|_, _| true),
            enforces: Arc::new(|_| Ok(())),
        };
        self.runtime
            .block_on(App::load(self.db.clone(), Settings::default(), passwords))
    }

    fn write(&self, cx: &Cx, c: &Collection, change: &Change) -> Result<()> {
        let keys = |keys: &[Param]| -> Vec<Json> { keys.iter().map(items::keys::to_json).collect() };
        let none = Query::default();
        self.runtime.block_on(async {
            match change {
                Change::Create(sent) => items::create(cx, &c.name, Json::Object(sent.clone()), &none)
                    .await
                    .map(drop),
                Change::Update(of, sent) => {
                    items::update_many(cx, &c.name, json!({"keys": keys(of), "data": sent}), &none)
                        .await
                        .map(drop)
                }
                Change::Delete(of) => items::delete_many(cx, &c.name, json!({"keys": keys(of)})).await,
            }
        })
    }

    /// Everything a collection holds, as an administrator is told.
    fn everything(&self, cx: &Cx, c: &Collection) -> Result<Vec<u8>> {
        let system = cx.as_system(aedile_engine::access::Reason::Bookkeeping);
        let answer = self
            .runtime
            .block_on(items::list(&system, &c.name, &Query::default()))?;
        Ok([b"{\"data\":".to_vec(), answer.data.unwrap_or_default(), b"}".to_vec()].concat())
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.runtime.block_on(self.db.close());
        product::remove(&self.path);
    }
}

/// Writes in one world: verdicts and rows must be alike.
pub(super) fn probe(project: &Project, (seed, number): Place, report: &mut Report) -> Result<()> {
    let mut random = Random::new(seed ^ 0x5772_6974_6573, number);
    let (mut world, callers) = worlds::world(&mut random);
    permissions(&mut random, &mut world);
    // Secrets of users are unique, and hashed.
    for row in world.rows.get_mut("directus_users").into_iter().flatten() {
        row.insert("token".into(), Param::Null);
    }
    let app = project.load(&world)?;
    world.schema = app.snapshot().model.schema.clone();
    for caller in &callers {
        let cx = app.cx(
            app.snapshot(),
            product::known(&world, caller),
            Origin::default(),
            values::NOW,
        );
        for _ in 0..WRITES {
            if let Some((c, change)) = change(&mut random, &world, caller)
                && let Some(text) = one_write(project, &cx, &mut world, caller, &c, &change, report)
            {
                report.findings.push(Finding {
                    again: format!("--seed {seed} --world {number}"),
                    text,
                });
                return Ok(());
            }
        }
    }
    Ok(())
}

/// One write on both sides; what there is to tell if they are not alike.
fn one_write(
    project: &Project,
    cx: &Cx,
    world: &mut World,
    caller: &Caller,
    c: &Collection,
    change: &Change,
    report: &mut Report,
) -> Option<String> {
    let ours = project.write(cx, c, change);
    let theirs = Session::new(world, caller).write(&c.name, change);
    report.writes += 1;
    report.written += u64::from(theirs.is_ok());
    let alike = match (&ours, theirs) {
        (Err(error), Err(_)) => error.code() != Code::Internal,
        (Ok(()), Ok(rows)) => {
            world.rows.insert(c.name.clone(), rows);
            true
        }
        _ => false,
    };
    let stored = project.everything(cx, c);
    let id = worlds::USERS.last().copied().unwrap_or_default().to_owned();
    let all = administered(world, &id);
    let expected = Session::new(&all, &Caller::User { id, ip: None }).read(&c.name, &Target::List, &Query::default());
    if alike && compare::agree(&stored, &Some(expected.clone())) {
        return None;
    }
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let permissions: Vec<_> = world.permissions.iter().filter(|p| p.collection == c.name).collect();
    Some(format!(
        "caller    {caller:?}\nwrite     {} {change:?}\nproduct   {ours:?} {}\nevaluator {}\npermits   {permissions:?}\nattached  {:?}\n",
        c.name,
        stored.as_deref().map_or_else(|e| format!("{e:?}"), told),
        expected.map_or_else(|e| format!("{e:?}"), |json| json.to_string()),
        world.attachments,
    ))
}

/// The world with somebody in it who may read everything.
fn administered(world: &World, user: &str) -> World {
    let mut world = world.clone();
    world.policies.push(Policy {
        id: "all".into(),
        admin: true,
        app: false,
        ip: None,
    });
    world.attachments.push(Attachment {
        user: Some(user.to_owned()),
        role: None,
        policy: "all".into(),
    });
    world
}

/// A random write that has a chance of being allowed.
fn change(random: &mut Random, world: &World, caller: &Caller) -> Option<(Collection, Change)> {
    let session = Session::new(world, caller);
    let collections: Vec<&Collection> = world
        .schema
        .collections()
        .filter(|c| !c.system && worlds::is_made(&c.name))
        .collect();
    let action = random.pick(&["create", "update", "update", "delete"]);
    let open: Vec<&Collection> = collections
        .iter()
        .copied()
        .filter(|c| session.allows(c, action))
        .collect();
    let from = if open.is_empty() || random.chance(5) {
        &collections
    } else {
        &open
    };
    let c = *random.one(from)?;
    let rows = world.rows.get(&c.name).map_or(&[][..], Vec::as_slice);
    let mut keys: Vec<Param> = Vec::new();
    for _ in 0..random.between(1, 2) {
        keys.extend(
            random
                .one(rows)
                .and_then(|row| row.get(&c.key).cloned())
                .filter(|key| !keys.contains(key)),
        );
    }
    let key = c.key_field().map_or(Kind::Integer, |field| field.kind);
    if random.chance(3) || keys.is_empty() {
        keys.push(worlds::key(key, 9_000));
    }
    let mut sent = sent(random, world, &session, c, action);
    if action == "create" && (key != Kind::Integer || random.chance(10)) {
        sent.insert(
            c.key.clone(),
            items::keys::to_json(&worlds::key(key, random.between(1, 60))),
        );
    }
    if random.chance(3) {
        sent.insert("unheard_of".into(), 1.into());
    }
    Some((
        c.clone(),
        match action {
            "create" => Change::Create(sent),
            "update" => Change::Update(keys, sent),
            _ => Change::Delete(keys),
        },
    ))
}

/// Values for some fields, mostly such as may be written.
fn sent(random: &mut Random, world: &World, session: &Session<'_>, c: &Collection, action: &str) -> Object {
    let mut sent = Object::new();
    let others = c
        .fields
        .values()
        .filter(|field| field.column.is_some() && field.name != c.key);
    for field in others.filter(|field| field.kind != Kind::Hash) {
        let often = match (session.writes(c, action, &field.name), action) {
            (false, _) => 2,
            (true, "create") => 80,
            (true, _) => 35,
        };
        if random.chance(often) {
            sent.insert(field.name.clone(), payload(random, world, c, field));
        }
    }
    sent
}

/// A value as a client would send it.
fn payload(random: &mut Random, world: &World, c: &Collection, field: &aedile_engine::schema::Field) -> Json {
    match worlds::cell(random, &world.schema, c, field) {
        Param::Bool(b) => b.into(),
        Param::Int(n) => n.into(),
        Param::Real(n) => n.into(),
        Param::Instant(ms) => time::format_instant(ms).into(),
        Param::Wall(ms) => time::format_wall(ms).into(),
        Param::Text(text) if field.kind == Kind::Json => serde_json::from_str(&text).unwrap_or_default(),
        Param::Text(text) if field.kind == Kind::Csv => text.split(',').filter(|part| !part.is_empty()).collect(),
        Param::Text(text) => text.into(),
        Param::Null | Param::Bytes(_) => Json::Null,
    }
}

/// Permissions to write, with presets and validations.
fn permissions(random: &mut Random, world: &mut World) {
    for policy in world.policies.clone() {
        let names: Vec<String> = world
            .schema
            .collections()
            .filter(|c| !c.system)
            .map(|c| c.name.clone())
            .collect();
        for (name, action) in names
            .iter()
            .flat_map(|name| ["create", "update", "delete"].map(|action| (name, action)))
        {
            while random.chance(55) {
                let mut permission = worlds::permission(random, world, &policy.id, name);
                action.clone_into(&mut permission.action);
                if let Some(c) = world.schema.collection(name) {
                    decorate(random, world, c, &mut permission);
                }
                world.permissions.push(permission);
            }
        }
    }
}

fn decorate(random: &mut Random, world: &World, c: &Collection, permission: &mut Permission) {
    let simple: Vec<_> = c
        .fields
        .values()
        .filter(|f| matches!(f.name.as_str(), "title" | "n" | "sort" | "flt" | "ref"))
        .collect();
    let Some(field) = random.one(&simple) else { return };
    if random.chance(30) {
        let preset = match field.kind {
            Kind::Uuid if random.chance(60) => "$CURRENT_USER".into(),
            Kind::String if random.chance(40) => "$CURRENT_USER.first_name".into(),
            _ => payload(random, world, c, field),
        };
        permission.presets = json!({ field.name.clone(): preset });
    }
    let Some(field) = random.one(&simple).filter(|field| field.kind != Kind::Uuid) else {
        return;
    };
    if random.chance(30) {
        let number = field.kind.is_number();
        let operator = random.pick(if number {
            &["_gt", "_lte", "_eq", "_nnull"]
        } else {
            &["_eq", "_contains", "_starts_with", "_nnull", "_nempty"]
        });
        let value = if operator.starts_with("_n") {
            true.into()
        } else {
            values::constant(random, field.kind)
        };
        let whole = value.is_number() || !number || value.is_boolean() && operator == "_nnull";
        if whole {
            permission.validation = json!({ field.name.clone(): { operator: value } });
        }
    }
}
