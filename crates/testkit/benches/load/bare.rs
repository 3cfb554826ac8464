//! Aedile's own statements without the server around them: planned and compiled once by the same code, then run through
//! the same driver. Writes are the whole verb, since a write is many statements.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use aedile_auth::{
    Auth, Credentials, Mail, Mailer,
    password::{Hashing, Passwords},
};
use aedile_db::{Db, Options, PostgresOptions, Server};
use aedile_engine::{
    Error,
    plan::{Plan, read},
    query::{Query, parse::parse},
    sql::Stmt,
    value::Param,
};
use aedile_platform::{
    App, Cx, Origin,
    config::{Secret, Settings},
    items::{self, prepared::Wanted},
};
use aedile_server::querystring::{self, QueryStringLimits};
use aedile_testkit::workload::{Case, Kind, Sizes, Who};
use anyhow::{Result, anyhow};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::{
    measure::{Speed, drive},
    project::Place,
};

/// Different requests that are planned beforehand.
const VARIANTS: u32 = 200;

/// A project in this process, on the benchmark's database.
pub struct Bare {
    runtime: Runtime,
    app: App,
    auth: Auth,
    sizes: Sizes,
}

/// A statement with everything bound.
type Bound = (Arc<Stmt>, Vec<Param>);

/// Sends no mails: none of these cases asks for one.
struct Nobody;

impl Mailer for Nobody {
    fn post(&self, _: Option<Mail>, _: Instant) {}
}

impl Bare {
    /// Opens the database.
    ///
    /// # Errors
    /// What the database says.
    pub fn open(place: &Place<'_>, sizes: Sizes) -> Result<Bare> {
        let runtime = Runtime::new()?;
        let mut settings = Settings::default();
        settings.tokens.secret = Secret::new("the-secret-of-servers-under-test");
        let passwords = Arc::new(Passwords::new(&Hashing::default()).map_err(|error| anyhow!("{error}"))?);
        let known = aedile_platform::app::Passwords {
            hash: aedile_auth::hasher(passwords.clone()),
            accepts: Arc::new(aedile_auth::policy::accepts),
            enforces: Arc::new(aedile_auth::policy::enforces),
        };
        let app = runtime.block_on(async {
            let db = match place {
                Place::File(database) => Db::open(Options::new(database)).await?,
                Place::Server(database) => {
                    Db::open_postgres(PostgresOptions::new(Server::parse(&database.url())?)).await?
                }
            };
            App::load(db, settings, known).await
        })?;
        let auth = Auth::new(app.clone(), passwords, Arc::new(Nobody), None)?;
        Ok(Bare {
            runtime,
            app,
            auth,
            sizes,
        })
    }

    /// How often a case's statements run in a second.
    ///
    /// # Errors
    /// What planning or the database says.
    pub fn speed(&self, case: &Case, who: Who, threads: u32, time: Duration) -> Result<Speed> {
        let cx = self.cx(who)?;
        if !case.reads() {
            return drive(threads, time, || Ok(|number| self.write(&cx, case, number)));
        }
        let variants = (0..VARIANTS)
            .map(|number| self.statements(&cx, case, number))
            .collect::<Result<Vec<_>>>()?;
        drive(threads, time, || {
            Ok(|number: u32| {
                let variant = variants.get((number % VARIANTS) as usize).into_iter().flatten();
                for (stmt, params) in variant.cloned() {
                    self.runtime.block_on(self.app.db().fetch_json(stmt, params))?;
                }
                Ok(())
            })
        })
    }

    fn cx(&self, who: Who) -> Result<Cx> {
        let header = ["Bearer ", who.token()].concat();
        let credentials = Credentials {
            header: Some(header.as_bytes()),
            ..Credentials::default()
        };
        let lookup = self.auth.lookup(&credentials, None, 0)?;
        let known = self.runtime.block_on(self.auth.known(lookup, 0))?;
        Ok(self.app.cx(known.snapshot, known.caller, Origin::default(), 0))
    }

    fn query(&self, cx: &Cx, case: &Case, number: u32) -> Result<Query> {
        let raw = querystring::parse(&case.query(number, self.sizes), &QueryStringLimits::default())?;
        Ok(parse(&raw, cx.limits())?)
    }

    fn statements(&self, cx: &Cx, case: &Case, number: u32) -> Result<Vec<Bound>> {
        let query = self.query(cx, case, number)?;
        let (schema, access, limits) = (cx.schema(), &*cx.access, cx.limits());
        let plans: Vec<Plan> = match case.kind {
            Kind::Item => {
                let key = Param::Int(case.bound(number, self.sizes).as_i64().unwrap_or_default());
                vec![read::item(schema, access, limits, "articles", &key, &query)?]
            }
            Kind::CountedList => vec![
                read::list(schema, access, limits, "articles", &query)?,
                read::count(schema, access, limits, "articles", Some(&query))?,
            ],
            Kind::List | Kind::Create | Kind::Update => vec![read::list(schema, access, limits, "articles", &query)?],
        };
        Ok(plans.iter().map(|plan| cx.statement(plan)).collect())
    }

    fn write(&self, cx: &Cx, case: &Case, number: u32) -> Result<()> {
        let text = case.query(number, self.sizes);
        let parse = || {
            self.query(cx, case, number)
                .map_err(|error| Error::internal(error.to_string()))
        };
        let wanted = Wanted::Text(Some(&text), &parse);
        let body = case.body(number, self.sizes).unwrap_or_default();
        let key = match case.bound(number, self.sizes) {
            Value::Number(key) => key.to_string(),
            _ => String::new(),
        };
        self.runtime.block_on(async {
            match case.kind {
                Kind::Create => items::create(cx, "articles", body, wanted).await,
                _ => items::update_one(cx, "articles", &key, body, wanted).await,
            }
        })?;
        Ok(())
    }

    /// Threads that read at the same time.
    #[must_use]
    pub fn readers(database: &Path) -> u32 {
        u32::try_from(Options::new(database).readers).unwrap_or(1)
    }
}
