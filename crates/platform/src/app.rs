//! The running project: its database, its settings, and the snapshot of schema and policies that requests read.
//! A snapshot is replaced as a whole, never changed: a request sees one from its beginning to its end.

use std::{future::Future, pin::Pin, sync::Arc};

use aedile_db::Db;
use aedile_engine::{Error, Result, access::Caller, query, value::Param};
use arc_swap::ArcSwap;
use tokio::sync::{Mutex, Semaphore};

use crate::{
    changes::Changes,
    config::Settings,
    cx::{Cx, Origin},
    snapshot::Snapshot,
    statement,
    system::Finished,
};

/// More rows than any table holds, and still a whole number in every dialect and in JSON.
const UNLIMITED: u64 = (1 << 53) - 1;

/// Turns a password into its hash, off the threads that serve requests. Given by the crate that knows how.
pub type Hasher = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = Result<String>> + Send>> + Send + Sync>;

/// Judges a password (second) by the project's policy (first): whether it will do.
pub type Judge = Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

/// Says why a password policy cannot be enforced, if it cannot.
pub type Enforcer = Arc<dyn Fn(&str) -> std::result::Result<(), String> + Send + Sync>;

/// What is known of passwords elsewhere.
#[derive(Clone)]
pub struct Passwords {
    /// Hashes them.
    pub hash: Hasher,
    /// Judges them.
    pub accepts: Judge,
    /// Knows which policies can be enforced.
    pub enforces: Enforcer,
}

/// The running project. Clones share it.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    db: Db,
    settings: Settings,
    limits: query::Limits,
    passwords: Passwords,
    snapshot: ArcSwap<Snapshot>,
    loading: Mutex<()>,
    imports: Arc<Semaphore>,
    changes: Changes,
}

impl App {
    /// Loads the project from an installed database.
    ///
    /// # Errors
    /// What the database answers; a schema that cannot be understood is served as far as it can be.
    pub async fn load(db: Db, settings: Settings, passwords: Passwords) -> Result<App> {
        let snapshot = Snapshot::load(&db).await?;
        let limits = query::Limits {
            relational_depth: settings.limits.relational_depth,
            default_limit: settings.limits.query_limit_default.map_or(UNLIMITED, u64::from),
            max_limit: settings.limits.query_limit_max.map(u64::from),
            json_depth: settings.limits.json_depth,
            ..query::Limits::default()
        };
        Ok(App(Arc::new(Inner {
            imports: Arc::new(Semaphore::new(settings.limits.import.at_once)),
            db,
            settings,
            limits,
            passwords,
            snapshot: ArcSwap::from_pointee(snapshot),
            loading: Mutex::new(()),
            changes: Changes::default(),
        })))
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The operator's settings.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Limits of queries.
    pub fn limits(&self) -> &query::Limits {
        &self.0.limits
    }

    /// Places for imports.
    pub(crate) fn imports(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.imports)
    }

    /// The newest snapshot this process knows.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshot.load_full()
    }

    /// A snapshot at least as new as the version that the database told with the caller.
    pub async fn snapshot_at(&self, version: i64) -> Result<Arc<Snapshot>> {
        let snapshot = self.snapshot();
        if snapshot.version >= version {
            return Ok(snapshot);
        }
        self.reload(version).await
    }

    /// Loads the schema and the policies again, unless another request has done so meanwhile.
    pub async fn reload(&self, version: i64) -> Result<Arc<Snapshot>> {
        let _one_at_a_time = self.0.loading.lock().await;
        let snapshot = self.snapshot();
        if snapshot.version >= version {
            return Ok(snapshot);
        }
        let fresh = Arc::new(Snapshot::load(&self.0.db).await?);
        self.0.snapshot.store(fresh.clone());
        Ok(fresh)
    }

    /// The version that the database holds now.
    pub async fn version(&self) -> Result<i64> {
        let rows = self
            .0
            .db
            .fetch(statement::version(self.0.db.dialect()), Vec::new())
            .await?;
        match rows.first().and_then(|row| row.first()) {
            Some(Param::Int(version)) => Ok(*version),
            _ => Err(Error::internal("the database holds no version")),
        }
    }

    /// What was written since the process began.
    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }

    /// What is left to be done when a transaction is committed: what was derived from it is fresh afterwards.
    pub(crate) async fn settle(&self, done: Finished) -> Result<()> {
        self.0.changes.note(&done.touched);
        if done.stale {
            let version = self.version().await?;
            self.reload(version).await?;
        }
        Ok(())
    }

    /// Hashes a password.
    pub async fn hash(&self, password: String) -> Result<String> {
        (self.0.passwords.hash)(password).await
    }

    /// Whether the project's password policy, if there is one, takes a password.
    pub fn accepts(&self, password: &str) -> bool {
        let snapshot = self.snapshot();
        let policy = snapshot
            .settings
            .password_policy
            .as_deref()
            .filter(|policy| !policy.is_empty());
        policy.is_none_or(|policy| (self.0.passwords.accepts)(policy, password))
    }

    /// Refuses a password policy that could not be enforced: nobody could set a password any more.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD`, with the reason.
    pub fn check_policy(&self, policy: &str) -> Result<()> {
        (self.0.passwords.enforces)(policy).map_err(Error::invalid_payload)
    }

    /// The context of one request of this caller. `now` is in milliseconds since 1970.
    pub fn cx(&self, snapshot: Arc<Snapshot>, caller: Caller, origin: Origin, now: i64) -> Cx {
        let access = snapshot.access(&caller);
        Cx {
            app: self.clone(),
            snapshot,
            caller: Arc::new(caller),
            access,
            origin: Arc::new(origin),
            now,
            viewer: None,
            withheld: None,
        }
    }
}
