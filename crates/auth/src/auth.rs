//! Authentication over a running project: what the verbs of this crate share.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use crate::{
    attempts::Attempts,
    caller::{Guesses, Lookups},
    jwt::SigningKey,
    link::AllowList,
    mail::{Mail, Mailer},
    password::Passwords,
    stall::{Clock, Stall},
    statement::{Bound, bound},
};
use aedile_db::Db;
use aedile_engine::{
    Code, Error, Result,
    sql::{Dialect, Stmt},
    value::Param,
};
use aedile_platform::{App, config::Tokens, limiter::shared::Shared};

/// Milliseconds between two removals of what is over: it is refused anyway, this only keeps the tables small.
const SWEEP_EVERY: i64 = 5 * 60 * 1000;

/// Longest `User-Agent` that is kept, in characters: real ones are far shorter.
const MAX_USER_AGENT: usize = 512;

/// Longest `Origin` that is kept, in characters: what the column holds.
const MAX_ORIGIN: usize = 255;

const SWEEP: &str = "delete from directus_sessions where expires < {}";

const SWEEP_SPENT: &str = "delete from aedile_spent where expires < {}";

const ACTIVITY: &str = "insert into directus_activity \
     (action, \"user\", timestamp, ip, user_agent, collection, item, origin) \
     values ({}, {}, {}, {}, {}, 'directus_users', {}, {})";

/// Authentication of one project. One per process: it counts wrong passwords and bounds the work of hashing.
pub struct Auth {
    pub(crate) app: App,
    pub(crate) key: SigningKey,
    pub(crate) passwords: Arc<Passwords>,
    pub(crate) attempts: Attempts,
    pub(crate) lookups: Lookups,
    pub(crate) guesses: Guesses,
    pub(crate) links: AllowLists,
    mailer: Arc<dyn Mailer>,
    clock: Clock,
    swept: AtomicI64,
}

/// One change of several that stand or fall together.
pub(crate) struct Act {
    bound: Bound,
    or: Option<Error>,
}

impl Act {
    /// A change that may find nothing.
    pub(crate) fn any(bound: Bound) -> Act {
        Act { bound, or: None }
    }

    /// A change that has to find something, or else all of them are refused.
    pub(crate) fn or(bound: Bound, refusal: Error) -> Act {
        Act {
            bound,
            or: Some(refusal),
        }
    }
}

/// Which addresses mails may lead to.
pub(crate) struct AllowLists {
    pub reset: AllowList,
    pub invite: AllowList,
    pub register: AllowList,
}

/// Where a request comes from, for the records.
#[derive(Debug, Clone, Default)]
pub struct Peer {
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The client's own words for itself.
    pub user_agent: Option<String>,
    /// The `Origin` header.
    pub origin: Option<String>,
}

impl Peer {
    pub(crate) fn ip_param(&self) -> Param {
        self.ip.map(|ip| ip.to_string()).into()
    }

    pub(crate) fn user_agent_param(&self) -> Param {
        cut(self.user_agent.as_deref(), MAX_USER_AGENT)
    }

    pub(crate) fn origin_param(&self) -> Param {
        cut(self.origin.as_deref(), MAX_ORIGIN)
    }
}

fn cut(text: Option<&str>, chars: usize) -> Param {
    text.map(|text| text.chars().take(chars).collect::<String>()).into()
}

impl Auth {
    /// Authentication for a project, whose counts of wrong tries other processes may share.
    ///
    /// # Errors
    /// Internal: the signing secret is empty, or the system gives no thread.
    pub fn new(
        app: App,
        passwords: Arc<Passwords>,
        mailer: Arc<dyn Mailer>,
        shared: Option<Arc<dyn Shared>>,
    ) -> Result<Auth> {
        let settings = app.settings();
        Ok(Auth {
            key: SigningKey::new(settings.tokens.secret.expose())?,
            attempts: Attempts::new(settings.rate_limit_login, shared),
            lookups: Lookups::new(app.db().dialect()),
            guesses: Guesses::default(),
            links: AllowLists {
                reset: AllowList::new(&settings.allow_lists.password_reset),
                invite: AllowList::new(&settings.allow_lists.invite),
                register: AllowList::new(&settings.allow_lists.register),
            },
            passwords,
            mailer,
            clock: Clock::new()?,
            swept: AtomicI64::new(i64::MIN),
            app,
        })
    }

    /// The project.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The workers that hash and verify passwords; one for the whole process.
    pub fn passwords(&self) -> &Arc<Passwords> {
        &self.passwords
    }

    pub(crate) fn db(&self) -> &Db {
        self.app.db()
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.app.db().dialect()
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.app.settings().tokens
    }

    /// A statement of this project's database.
    pub(crate) fn bound(&self, text: &'static str, values: impl IntoIterator<Item = Param>) -> Bound {
        bound(self.dialect(), text, values)
    }

    /// Changes that depend on `guard`: unless it matches a row nothing is changed, and the answer is no.
    ///
    /// INVARIANT: what was judged before the transaction stands in the guard's condition, so that it still holds.
    pub(crate) async fn write_if(&self, guard: Bound, then: Vec<Bound>) -> Result<bool> {
        self.db()
            .write(move |tx| {
                Box::pin(async move {
                    if tx.execute(&guard.stmt, &guard.params).await? == 0 {
                        return Ok(false);
                    }
                    for Bound { stmt, params } in then {
                        tx.execute(&stmt, &params).await?;
                    }
                    Ok(true)
                })
            })
            .await
    }

    /// Carries out all of these changes, or none: one that changes nothing refuses the whole where it says so.
    pub(crate) async fn carry_out(&self, acts: Vec<Act>) -> Result<()> {
        self.db()
            .write(move |tx| {
                Box::pin(async move {
                    for Act { bound, or } in acts {
                        let changed = tx.execute(&bound.stmt, &bound.params).await;
                        match (changed, or) {
                            (Ok(0), Some(refusal)) => return Err(refusal),
                            // Two at once: the second finds the first's row where neither saw one.
                            (Err(error), Some(refusal)) if error.code() == Code::RecordNotUnique => {
                                return Err(refusal);
                            }
                            (changed, _) => changed.map(drop)?,
                        }
                    }
                    Ok(())
                })
            })
            .await
    }

    /// A row of the activity: `action` was done to user `item` by `user`, if known.
    pub(crate) fn activity(
        &self,
        action: &'static str,
        user: Option<&str>,
        item: &str,
        peer: &Peer,
        now: i64,
    ) -> Bound {
        self.bound(
            ACTIVITY,
            [
                action.into(),
                user.map(str::to_owned).into(),
                Param::Instant(now),
                peer.ip_param(),
                peer.user_agent_param(),
                item.into(),
                peer.origin_param(),
            ],
        )
    }

    /// The removal of sessions that are over and of answers that could not come again anyway, when it is time for it.
    pub(crate) fn sweep(&self, now: i64) -> impl Iterator<Item = Bound> {
        let last = self.swept.load(Ordering::Relaxed);
        let is_time = last <= now.saturating_sub(SWEEP_EVERY)
            && self
                .swept
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        let sweeps = [(SWEEP, Param::Instant(now)), (SWEEP_SPENT, Param::Int(now))];
        let sweeps = sweeps.into_iter().filter(move |_| is_time);
        sweeps.map(|(text, now)| self.bound(text, [now]))
    }

    /// A time that the answer to a request takes at least; it runs from now.
    pub(crate) fn stall(&self, least: Duration) -> Stall {
        self.clock.stall(least)
    }

    /// Hands a mail over, or nobody's mail, to go once the answer has: whether there is one must not show before.
    pub(crate) fn post(&self, mail: Option<Mail>, stall: &Stall) {
        self.mailer.post(mail, stall.rest());
    }

    /// Rows of a fixed statement.
    pub(crate) async fn fetch(&self, Bound { stmt, params }: Bound) -> Result<Vec<aedile_db::Row>> {
        self.db().fetch(Arc::<Stmt>::new(stmt), params).await
    }
}
