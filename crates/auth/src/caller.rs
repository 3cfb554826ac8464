//! Who asks: credentials of a request become a caller, by exactly one keyed statement that also tells the version of
//! schema and policies. A token says who somebody was; the row says who they are: status and role come from the
//! database, at every request. Only active users are anybody.

use std::{net::IpAddr, sync::Arc};

use aedile_db::Row;
use aedile_engine::{
    Code, Error, Result,
    access::Caller,
    sql::{Dialect, Stmt},
    value::Param,
};
use aedile_platform::{Snapshot, statement::version, static_token};

use crate::{
    Auth,
    error::refusal,
    jwt::{self, Bearer, Claims},
    statement::{bound, int, text},
    token::{self, Token},
};

#[cfg(test)]
mod tests;

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
    token: Arc<Stmt>,
    id: Arc<Stmt>,
    session: Arc<Stmt>,
    version: Arc<Stmt>,
}

impl Lookups {
    pub(crate) fn new(dialect: Dialect) -> Lookups {
        // Every place of theirs is for a text, and has to be written as one: some databases compare others more freely.
        let lookup = |text| Arc::new(bound(dialect, text, std::iter::repeat(Param::from(""))).stmt);
        Lookups {
            token: lookup(BY_TOKEN),
            id: lookup(BY_ID),
            session: lookup(BY_SESSION),
            version: version(dialect),
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

impl Auth {
    /// Who asks at `now` (milliseconds since 1970).
    ///
    /// Header and query exclude each other; the cookie counts when both are absent. A refused credential is never
    /// replaced by another one, nor by the public.
    pub async fn resolve(&self, credentials: &Credentials<'_>, ip: Option<IpAddr>, now: i64) -> Result<Known> {
        match pick(credentials)? {
            None => {
                let rows = self.db().fetch(Arc::clone(&self.lookups.version), Vec::new()).await?;
                let version = rows.first().and_then(|row| int(row, 0));
                self.known(Caller::Public { ip }, version, None).await
            }
            Some(Credential::Bearer(token)) => self.of_bearer(&token, ip, now).await,
            Some(Credential::Cookie(token)) => self.of_cookie(&token, ip, now).await,
        }
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

    async fn of_bearer(&self, token: &Token, ip: Option<IpAddr>, now: i64) -> Result<Known> {
        match self.claims(token, now)? {
            Some(claims) => self.of_claims(claims, ip, now).await,
            None => {
                let stmt = Arc::clone(&self.lookups.token);
                let forms = static_token::forms(token.expose()).map(Param::Text);
                let rows = self.db().fetch(stmt, forms.to_vec()).await?;
                let row = rows.first().ok_or_else(refusal::credentials)?;
                let mut known = self.user_of(row, ip, None).await?;
                known.lacks_factor &= self.tokens().tfa_for_static;
                Ok(known)
            }
        }
    }

    /// A cookie is sent along by browsers without being asked: only what was issued as a session counts there.
    async fn of_cookie(&self, token: &Token, ip: Option<IpAddr>, now: i64) -> Result<Known> {
        match self.claims(token, now)? {
            Some(claims) if claims.session.is_some() => self.of_claims(claims, ip, now).await,
            _ => Err(refusal::credentials()),
        }
    }

    async fn of_claims(&self, claims: Claims, ip: Option<IpAddr>, now: i64) -> Result<Known> {
        let id = Param::Text(claims.id.ok_or_else(refusal::credentials)?);
        let Some(session) = claims.session else {
            let rows = self.db().fetch(Arc::clone(&self.lookups.id), vec![id]).await?;
            let row = rows.first().ok_or_else(refusal::credentials)?;
            return self.user_of(row, ip, None).await;
        };
        let params = vec![Param::Text(session.expose().to_owned()), id];
        let rows = self.db().fetch(Arc::clone(&self.lookups.session), params).await?;
        let row = rows
            .first()
            .filter(|row| int(row, 4).is_some_and(|expires| expires > now))
            .ok_or_else(refusal::credentials)?;
        self.user_of(row, ip, Some(session)).await
    }

    async fn user_of(&self, row: &Row, ip: Option<IpAddr>, session: Option<Token>) -> Result<Known> {
        let caller = Caller::User {
            id: text(row, 0).ok_or_else(refusal::credentials)?,
            role: text(row, 1),
            ip,
        };
        let mut known = self.known(caller, int(row, 2), session).await?;
        known.lacks_factor = int(row, 3) != Some(0);
        Ok(known)
    }

    async fn known(&self, caller: Caller, version: Option<i64>, session: Option<Token>) -> Result<Known> {
        let version = version.ok_or_else(|| Error::internal("the database holds no version"))?;
        Ok(Known {
            caller,
            snapshot: self.app.snapshot_at(version).await?,
            session,
            lacks_factor: false,
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
