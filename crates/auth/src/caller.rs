//! Who asks: credentials of a request become a caller, by exactly one keyed statement that also tells the version of
//! schema and policies. A token says who somebody was; the row says who they are: status and role come from the
//! database, at every request. Only active users are anybody.

use std::{net::IpAddr, sync::Arc};

use aedile_db::Row;
use aedile_engine::{Code, Error, Result, access::Caller, sql::Dialect, value::Param};
use aedile_platform::{Snapshot, items::prepared::First, statement::VERSION, static_token};

use crate::{
    Auth,
    error::refusal,
    jwt::{self, Bearer, Claims},
    statement::{begun, int, text},
    token::{self, Token},
};

mod guesses;
#[cfg(test)]
mod tests;

pub(crate) use guesses::Guesses;

/// By either form in which a token may be stored.
const BY_TOKEN: &str = "select u.id, u.role, (select value from aedile_meta where \"key\" = 'version'), \
     case when u.provider = 'default' and (u.tfa_secret is null or u.tfa_secret = '') then 1 else 0 end \
     from directus_users u where u.token in ({}, {}) and u.status = 'active'";

const BY_ID: &str = "select u.id, u.role, (select value from aedile_meta where \"key\" = 'version'), \
     case when u.provider = 'default' and (u.tfa_secret is null or u.tfa_secret = '') then 1 else 0 end \
     from directus_users u where u.id = {} and u.status = 'active'";

const BY_SESSION: &str = "select u.id, u.role, (select value from aedile_meta where \"key\" = 'version'), \
     case when u.provider = 'default' and (u.tfa_secret is null or u.tfa_secret = '') then 1 else 0 end, s.expires \
     from directus_sessions s join directus_users u on u.id = s.\"user\" \
     where s.token = {} and s.\"user\" = {} and s.share is null and u.status = 'active'";

/// What a request brings along.
#[derive(Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// The `Authorization` header.
    pub header: Option<&'a [u8]>,
    /// `access_token` in the query.
    pub query: Option<&'a str>,
    /// The session cookie.
    pub cookie: Option<&'a str>,
}

impl Credentials<'_> {
    /// Whether a refusal means that the session cookie is worth nothing, and is to be taken back. One that is merely
    /// past is left: it goes by itself, and a client may learn from it what happened.
    #[must_use]
    pub fn is_stale_cookie(&self, refusal: &Error) -> bool {
        let refused = matches!(refusal.code(), Code::InvalidCredentials | Code::InvalidToken);
        let without_cookie = Credentials { cookie: None, ..*self };
        let has_cookie = self.cookie.is_some_and(|cookie| !cookie.is_empty());
        refused && has_cookie && matches!(pick(&without_cookie), Ok(None))
    }
}

/// A caller, with what was learnt along with it.
#[derive(Clone)]
pub struct Known {
    /// Who asks.
    pub caller: Caller,
    /// Schema and policies, at least as new as when the caller was looked up.
    pub snapshot: Arc<Snapshot>,
    /// The session, when the credentials are one's.
    pub session: Option<Token>,
    /// Whether the credentials stand for less than a second factor does, so that policies that ask for one hold the caller
    /// up. Users of another provider are its own to judge, and static tokens count as enough unless the settings say not.
    pub lacks_factor: bool,
}

/// The statements of every request, compiled once.
pub(crate) struct Lookups {
    token: Arc<First>,
    id: Arc<First>,
    session: Arc<First>,
    version: Arc<First>,
}

impl Lookups {
    pub(crate) fn new(dialect: Dialect) -> Lookups {
        // Every place of theirs is for a text, and has to be written as one: some databases compare others more freely.
        let lookup = |text, cells| {
            let sql = begun(dialect, text, std::iter::repeat(Param::from("")));
            let stmt = Arc::new(sql.clone().finish(Vec::new()));
            Arc::new(First { stmt, sql, cells })
        };
        Lookups {
            token: lookup(BY_TOKEN, 4),
            id: lookup(BY_ID, 4),
            session: lookup(BY_SESSION, 5),
            version: lookup(VERSION, 1),
        }
    }
}

/// The one credential of a request that counts.
enum Credential {
    /// Of the header or the query.
    Bearer(Token),
    /// Of the session cookie.
    Cookie(Token),
}

/// The question that tells whose credentials these are. Must never be answered by another question's rows.
pub struct Lookup {
    first: Arc<First>,
    params: Vec<Param>,
    way: Way,
    ip: Option<IpAddr>,
}

/// What credentials are looked up by.
enum Way {
    /// Nothing: it is the public that asks.
    Public,
    /// A static token.
    Static {
        /// Whether it counts for less than a second factor.
        needs_factor: bool,
    },
    /// The id that a token of ours names.
    User,
    /// A session.
    Session(Token),
}

impl Lookup {
    /// The statement that answers it, and what it binds.
    #[must_use]
    pub fn asked(&self) -> (&Arc<First>, Vec<Param>) {
        (&self.first, self.params.clone())
    }
}

impl Auth {
    /// What has to be asked to know who asks at `now` (milliseconds since 1970).
    ///
    /// Header and query exclude each other; the cookie counts when both are absent. A refused credential is never
    /// replaced by another one, nor by the public.
    ///
    /// # Errors
    /// For credentials that are refused as they are.
    pub fn lookup(&self, credentials: &Credentials<'_>, ip: Option<IpAddr>, now: i64) -> Result<Lookup> {
        let of = |first: &Arc<First>, params, way| Lookup {
            first: Arc::clone(first),
            params,
            way,
            ip,
        };
        let claims = match pick(credentials)? {
            None => return Ok(of(&self.lookups.version, Vec::new(), Way::Public)),
            Some(Credential::Bearer(token)) => match self.claims(&token, now)? {
                Some(claims) => claims,
                None => {
                    let forms = static_token::forms(token.expose()).map(Param::Text);
                    let needs_factor = self.tokens().tfa_for_static;
                    return Ok(of(&self.lookups.token, forms.to_vec(), Way::Static { needs_factor }));
                }
            },
            // A cookie is sent along by browsers without being asked: only what was issued as a session counts there.
            Some(Credential::Cookie(token)) => self
                .claims(&token, now)?
                .filter(|claims| claims.session.is_some())
                .ok_or_else(refusal::credentials)?,
        };
        let id = Param::Text(claims.id.ok_or_else(refusal::credentials)?);
        Ok(match claims.session {
            None => of(&self.lookups.id, vec![id], Way::User),
            Some(session) => {
                let token = Param::Text(session.expose().to_owned());
                of(&self.lookups.session, vec![token, id], Way::Session(session))
            }
        })
    }

    /// The session that a session cookie stands for, whether or not it is still alive.
    ///
    /// # Errors
    /// `TOKEN_EXPIRED`, `INVALID_TOKEN`, `INVALID_CREDENTIALS`.
    pub fn session_of(&self, cookie: &str, now: i64) -> Result<Token> {
        let token = Token::new(cookie).map_err(Error::from)?;
        let claims = self.claims(&token, now)?;
        claims
            .and_then(|claims| claims.session)
            .ok_or_else(refusal::credentials)
    }

    /// What a token of ours says; nothing for tokens that are none of ours.
    fn claims(&self, token: &Token, now: i64) -> Result<Option<Claims>> {
        match jwt::classify(token, &self.key, now.div_euclid(1000)) {
            Bearer::Valid(claims) => Ok(Some(claims)),
            Bearer::Expired => Err(refusal::expired()),
            Bearer::Forged => Err(refusal::token()),
            Bearer::Opaque => Ok(None),
        }
    }

    /// Asks the database.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` for whom it does not know, or not any more.
    pub async fn known(&self, lookup: Lookup, now: i64) -> Result<Known> {
        let (first, params) = lookup.asked();
        let rows = self.db().fetch(Arc::clone(&first.stmt), params).await?;
        let told = lookup.told(rows.first(), now);
        self.guesses.learn(&lookup, told.as_ref().ok().map(|told| &told.who));
        let Told { who, version } = told?;
        Ok(lookup.known(who, self.app.snapshot_at(version).await?))
    }

    /// Whom the credentials belonged to when they were looked up last, with schema and policies as far as they are known.
    /// It may not be so any more: nothing may be told by it before [`Guess::holds`] says that it is. None where asking first
    /// costs nothing.
    #[must_use]
    pub fn guess(&self, lookup: &Lookup) -> Option<Guess> {
        if !self.db().is_pipelined() {
            return None;
        }
        let (who, snapshot) = (self.guesses.who(lookup)?, self.app.snapshot());
        Some(Guess {
            version: snapshot.version,
            known: lookup.known(who.clone(), snapshot),
            who,
        })
    }
}

/// Who asks, as far as one can know before the database says so.
pub struct Guess {
    /// What would be known if it holds.
    pub known: Known,
    who: Who,
    version: i64,
}

impl Guess {
    /// Whether it is what the database says now, by the row of the lookup: the very same in everything, and nothing newer than
    /// its schema and policies.
    #[must_use]
    pub fn holds(&self, lookup: &Lookup, row: Option<&Row>, now: i64) -> bool {
        let told = lookup.told(row, now);
        told.is_ok_and(|told| told.who == self.who && told.version <= self.version)
    }
}

/// Everything of a caller that access can depend on, but for what the version stands for. Whatever is added here is held
/// against every guess.
#[derive(Clone, Debug, PartialEq)]
struct Who {
    caller: Caller,
    lacks_factor: bool,
}

/// What the row of a lookup says.
struct Told {
    who: Who,
    /// The version of schema and policies.
    version: i64,
}

impl Lookup {
    fn known(&self, Who { caller, lacks_factor }: Who, snapshot: Arc<Snapshot>) -> Known {
        let session = match &self.way {
            Way::Session(token) => Some(token.clone()),
            Way::Public | Way::Static { .. } | Way::User => None,
        };
        Known {
            caller,
            snapshot,
            session,
            lacks_factor,
        }
    }

    fn told(&self, row: Option<&Row>, now: i64) -> Result<Told> {
        let (who, version) = match self.way {
            Way::Public => {
                let caller = Caller::Public { ip: self.ip };
                let lacks_factor = false;
                (Who { caller, lacks_factor }, row.and_then(|row| int(row, 0)))
            }
            Way::Static { .. } | Way::User | Way::Session(_) => {
                let row = row.ok_or_else(refusal::credentials)?;
                (self.user(row, now)?, int(row, 2))
            }
        };
        let version = version.ok_or_else(|| Error::internal("the database holds no version"))?;
        Ok(Told { who, version })
    }

    fn user(&self, row: &Row, now: i64) -> Result<Who> {
        if matches!(self.way, Way::Session(_)) && int(row, 4).is_none_or(|expires| expires <= now) {
            return Err(refusal::credentials());
        }
        let lacks_factor = int(row, 3) != Some(0);
        Ok(Who {
            caller: Caller::User {
                id: text(row, 0).ok_or_else(refusal::credentials)?,
                role: text(row, 1),
                ip: self.ip,
            },
            lacks_factor: match self.way {
                Way::Static { needs_factor } => lacks_factor && needs_factor,
                Way::Public | Way::User | Way::Session(_) => lacks_factor,
            },
        })
    }
}

/// Picks the credential that counts; none for the public.
fn pick(credentials: &Credentials<'_>) -> Result<Option<Credential>> {
    let header = credentials.header.map(token::from_header).transpose()?;
    let some = |token: Option<&str>| -> Result<Option<Token>> {
        let token = token.filter(|token| !token.is_empty());
        Ok(token.map(Token::new).transpose()?)
    };
    match (header.flatten(), some(credentials.query)?) {
        (Some(_), Some(_)) => Err(Error::invalid_payload(
            "the token came both in the header and in the query",
        )),
        (Some(token), None) | (None, Some(token)) => Ok(Some(Credential::Bearer(token))),
        (None, None) => Ok(some(credentials.cookie)?.map(Credential::Cookie)),
    }
}
