//! Refreshing and ending sessions. A refresh token is used up by its use. A session cookie that was refreshed stays good
//! for a short while, for requests that were on their way with it, and leads to the very session that replaced it.

use aedile_engine::{Error as Failure, Json, Object, Result, value::Param};
use aedile_platform::Snapshot;

use crate::{
    Auth, Sso,
    auth::Peer,
    error::refusal,
    login::Pass,
    mode::Mode,
    session::Owner,
    statement::{Bound, int, text},
    token::Token,
};

#[cfg(test)]
mod tests;

/// Times a refresh is tried when another one of the same session comes first: it finds the new session then.
const TRIES: usize = 2;

const FIND: &str = "select u.id, u.role, s.expires, s.next_token, u.provider, u.external_identifier from directus_sessions s \
     join directus_users u on u.id = s.\"user\" \
     where s.token = {} and s.share is null and u.status = 'active'";

/// A refresh token becomes another one, unless it was used meanwhile or its user is no longer active.
const ROTATE: &str = "update directus_sessions set token = {}, expires = {} \
     where token = {} and next_token is null \
     and \"user\" in (select id from directus_users where id = {} and status = 'active')";

/// A session is replaced: it names its successor and is over soon.
const REPLACE: &str = "update directus_sessions set next_token = {}, expires = case when expires < {} then expires else {} end \
     where token = {} and next_token is null \
     and \"user\" in (select id from directus_users where id = {} and status = 'active')";

const SUCCEED: &str = "insert into directus_sessions (token, \"user\", expires, ip, user_agent, origin) \
     select {}, \"user\", {}, {}, {}, {} from directus_sessions where token = {}";

/// The successor is used again by a request that only knew its predecessor.
const PROLONG: &str = "update directus_sessions set expires = {} where token = {} and next_token is null \
     and \"user\" in (select id from directus_users where id = {} and status = 'active')";

/// A session with the one it replaced and the one that replaced it.
const END: &str = "delete from directus_sessions where token = {} or next_token = {} \
     or token = (select next_token from directus_sessions where token = {})";

/// The token that a refresh or a logout is about, and how it came.
#[derive(Debug, Clone)]
pub struct Ticket {
    mode: Mode,
    token: Token,
}

impl Ticket {
    /// How tokens travel.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }
}

struct Found {
    user: String,
    role: Option<String>,
    expires: i64,
    next: Option<String>,
    provider: String,
    identifier: Option<String>,
}

impl Auth {
    /// Finds the token that a refresh or a logout is about: in the body, or in the cookie of its mode.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` when there is none; what a session cookie is refused with.
    pub fn ticket(
        &self,
        body: &Object,
        refresh_cookie: Option<&str>,
        session_cookie: Option<&str>,
        now: i64,
    ) -> Result<Ticket> {
        let missing = || Failure::invalid_payload("there is no token to refresh or to end");
        let some = |token: Option<&str>| {
            let token = token.filter(|token| !token.is_empty());
            token.map(str::to_owned).ok_or_else(missing)
        };
        // What the mode does not look at may be anything.
        let given = body.get("refresh_token").and_then(Json::as_str);
        let mode = match Mode::of(body)? {
            Some(mode) => mode,
            None if body.get("refresh_token").is_some_and(|token| !token.is_null()) => Mode::Json,
            None => Mode::Cookie,
        };
        let token = match mode {
            Mode::Json => Token::new(some(given)?)?,
            Mode::Cookie => Token::new(some(refresh_cookie)?)?,
            Mode::Session => self.session_of(&some(session_cookie)?, now)?,
        };
        Ok(Ticket { mode, token })
    }

    /// New tokens for a session that is alive, at `now` (milliseconds since 1970). Where its user comes from a directory,
    /// that is asked whether it still knows it.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` when it is not; `SERVICE_UNAVAILABLE` where a directory does not answer: the session stays.
    pub async fn refresh(&self, sso: &Sso, snapshot: &Snapshot, ticket: Ticket, peer: &Peer, now: i64) -> Result<Pass> {
        for _ in 0..TRIES {
            let found = self.session_row(&ticket.token, now).await?;
            sso.still_knows(&found.provider, found.identifier.as_deref()).await?;
            let renewed = match ticket.mode {
                Mode::Json | Mode::Cookie => self.rotate(&ticket, &found, now).await?,
                Mode::Session => self.succeed(&ticket.token, &found, peer, now).await?,
            };
            if let Some(session) = renewed {
                let owner = Owner {
                    id: &found.user,
                    role: found.role.as_deref(),
                    lacks_tfa: false,
                };
                return self.pass(snapshot, &owner, ticket.mode, session, peer, now);
            }
        }
        Err(refusal::credentials())
    }

    /// Ends a session. One that is unknown has ended already.
    pub async fn logout(&self, ticket: Ticket) -> Result<()> {
        let token = Param::Text(ticket.token.expose().to_owned());
        let end = self.bound(END, [token.clone(), token.clone(), token]);
        self.write_if(end, Vec::new()).await.map(|_| ())
    }

    async fn session_row(&self, token: &Token, now: i64) -> Result<Found> {
        let rows = self.fetch(self.bound(FIND, [token.expose().into()])).await?;
        let found = rows.first().and_then(|row| {
            Some(Found {
                user: text(row, 0)?,
                role: text(row, 1),
                expires: int(row, 2)?,
                next: text(row, 3),
                provider: text(row, 4)?,
                identifier: text(row, 5),
            })
        });
        found
            .filter(|found| found.expires > now)
            .ok_or_else(refusal::credentials)
    }

    /// The refresh token that takes the place of a used one; none when that was used meanwhile.
    async fn rotate(&self, ticket: &Ticket, found: &Found, now: i64) -> Result<Option<Token>> {
        let fresh = Token::random()?;
        let guard = self.bound(
            ROTATE,
            [
                fresh.expose().into(),
                self.session_end(ticket.mode, now),
                ticket.token.expose().into(),
                found.user.as_str().into(),
            ],
        );
        Ok(self.renew(guard, None, &found.user, now).await?.then_some(fresh))
    }

    /// The session that replaces one: a new one, or the one that did so already; none when either came to nothing.
    async fn succeed(&self, token: &Token, found: &Found, peer: &Peer, now: i64) -> Result<Option<Token>> {
        let user = Param::Text(found.user.clone());
        let end = self.session_end(Mode::Session, now);
        if let Some(next) = &found.next {
            let next = Token::new(next.as_str())?;
            let guard = self.bound(PROLONG, [end, next.expose().into(), user]);
            return Ok(self.renew(guard, None, &found.user, now).await?.then_some(next));
        }
        let fresh = Token::random()?;
        let grace = i64::try_from(self.tokens().refresh_grace.as_millis()).unwrap_or(0);
        let guard = self.bound(
            REPLACE,
            [
                fresh.expose().into(),
                Param::Instant(now.saturating_add(grace)),
                Param::Instant(now.saturating_add(grace)),
                token.expose().into(),
                user,
            ],
        );
        let successor = self.bound(
            SUCCEED,
            [
                fresh.expose().into(),
                end,
                peer.ip_param(),
                peer.user_agent_param(),
                peer.origin_param(),
                token.expose().into(),
            ],
        );
        Ok(self
            .renew(guard, Some(successor), &found.user, now)
            .await?
            .then_some(fresh))
    }

    async fn renew(&self, guard: Bound, insert: Option<Bound>, user: &str, now: i64) -> Result<bool> {
        let mut then: Vec<Bound> = insert.into_iter().collect();
        then.push(self.touch(user, now));
        then.extend(self.sweep(now));
        self.write_if(guard, then).await
    }
}
