//! Sessions: rows of `directus_sessions` and the tokens that go with them. A row is a refresh token (modes `json` and
//! `cookie`) or what a session cookie names (mode `session`).
//!
//! Sessions of a user end, all but the one that made the change, when its password or address is set or its status
//! ceases to be active: whoever writes users does so in the same transaction, as [`ALL_BUT_ONE`] says.

mod list;

use aedile_engine::{Result, access::Caller, value::Param};
use aedile_platform::Snapshot;

use crate::{
    Auth,
    auth::Peer,
    jwt::{self, Claims},
    login::Pass,
    mode::Mode,
    statement::Bound,
    token::Token,
};

/// The end of a user's sessions: bind the user's id, and the session that stays or an empty text.
pub const ALL_BUT_ONE: &str = "delete from directus_sessions where \"user\" = {} and token <> {}";

/// Opens a session, if the user is still who was judged.
const OPEN: &str = "insert into directus_sessions (token, \"user\", expires, ip, user_agent, origin) \
     select {}, id, {}, {}, {}, {} from directus_users where id = {} and status = 'active' and password = {}";

const LAST_ACCESS: &str = "update directus_users set last_access = {} where id = {}";

/// Whose tokens are made, and for how long.
pub(crate) struct Owner<'a> {
    pub id: &'a str,
    pub role: Option<&'a str>,
    /// Whether to tell that a second factor is asked for and missing.
    pub lacks_tfa: bool,
}

impl Auth {
    /// The tokens of a session that has just been stored under `session`.
    pub(crate) fn pass(
        &self,
        snapshot: &Snapshot,
        owner: &Owner<'_>,
        mode: Mode,
        session: Token,
        peer: &Peer,
        now: i64,
    ) -> Result<Pass> {
        let lifetime = match mode {
            Mode::Json | Mode::Cookie => self.tokens().access_ttl,
            Mode::Session => self.tokens().session_ttl,
        };
        let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        let caller = Caller::User {
            id: owner.id.to_owned(),
            role: owner.role.map(str::to_owned),
            ip: peer.ip,
        };
        let access = snapshot.access(&caller);
        let mut claims = Claims::of_user(owner.id, owner.role, now.div_euclid(1000), seconds);
        claims.app_access = access.app;
        claims.admin_access = access.admin;
        claims.enforce_tfa = access.enforce_tfa && owner.lacks_tfa;
        let refresh = match mode {
            Mode::Json | Mode::Cookie => Some(session),
            Mode::Session => {
                claims.session = Some(session);
                None
            }
        };
        Ok(Pass {
            mode,
            access: jwt::sign(&claims, &self.key)?,
            refresh,
            expires: i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX),
        })
    }

    /// When a session of this mode that begins now is over.
    pub(crate) fn session_end(&self, mode: Mode, now: i64) -> Param {
        let lifetime = match mode {
            Mode::Json | Mode::Cookie => self.tokens().refresh_ttl,
            Mode::Session => self.tokens().session_ttl,
        };
        Param::Instant(now.saturating_add(i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Opens a session for an active user whose stored password is still `hash`.
    pub(crate) fn open_session(
        &self,
        user: &str,
        hash: &str,
        mode: Mode,
        token: &Token,
        peer: &Peer,
        now: i64,
    ) -> Bound {
        self.bound(
            OPEN,
            [
                token.expose().into(),
                self.session_end(mode, now),
                peer.ip_param(),
                peer.user_agent_param(),
                peer.origin_param(),
                user.into(),
                hash.into(),
            ],
        )
    }

    /// Notes that the user was here.
    pub(crate) fn touch(&self, user: &str, now: i64) -> Bound {
        self.bound(LAST_ACCESS, [Param::Instant(now), user.into()])
    }

    /// Ends every session of a user.
    pub(crate) fn end_sessions(&self, user: &str) -> Bound {
        self.bound(ALL_BUT_ONE, [user.into(), "".into()])
    }
}
