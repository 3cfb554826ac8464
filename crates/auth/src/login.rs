//! Logging in with a password. Every refusal takes the same work and the same time, and says the same.

use aedile_engine::{Error as Failure, Json, Object, Result};
use aedile_platform::{Snapshot, email::Email};

use crate::{
    Auth, Error,
    auth::{Act, Peer},
    error::refusal,
    mode::Mode,
    password::Password,
    session::Owner,
    token::Token,
    user::UserRow,
};

#[cfg(test)]
mod tests;

/// Suspends an active user, unless nobody active would be left who is an administrator: who may lock out others must
/// not lock out everybody.
const SUSPEND: &str = "update directus_users set status = 'suspended' where id = {} and status = 'active' \
     and exists (select 1 from (with recursive admin_roles(id) as ( \
       select a.role from directus_access a join directus_policies p on p.id = a.policy \
       where p.admin_access and a.role is not null \
       union select r.id from directus_roles r join admin_roles on r.parent = admin_roles.id), \
     admins(id) as ( \
       select u.id from directus_users u where u.status = 'active' and (u.role in (select id from admin_roles) \
       or u.id in (select a.\"user\" from directus_access a join directus_policies p on p.id = a.policy \
         where p.admin_access and a.\"user\" is not null))) \
     select u.id from directus_users u where u.id = {} \
     and (u.id not in (select id from admins) or exists (select 1 from admins where id <> u.id))) as spared)";

/// What somebody logs in with. It cannot be printed.
#[derive(Clone)]
pub struct LoginForm {
    email: Email,
    password: Password,
    otp: Option<String>,
    mode: Mode,
}

impl LoginForm {
    /// Reads a body. Keys it does not know are let through.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD`: no address, no password, or a code or mode that is none.
    pub fn read(body: &Json) -> Result<LoginForm> {
        let malformed = |what: &str| Failure::invalid_payload(what);
        let body = body.as_object().ok_or_else(|| malformed("an object is needed"))?;
        let email = body.get("email").and_then(Json::as_str);
        let password = body.get("password").and_then(Json::as_str);
        Ok(LoginForm {
            email: email
                .and_then(Email::parse)
                .ok_or_else(|| malformed("\"email\" has to be an e-mail address"))?,
            password: password
                .and_then(|text| Password::new(text).ok())
                .ok_or_else(|| malformed("\"password\" is needed"))?,
            otp: code_of(body)?,
            mode: Mode::of(body)?.unwrap_or(Mode::Json),
        })
    }

    /// How the tokens are to travel.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }
}

/// The one-time code of a body, if there is one.
pub(crate) fn code_of(body: &Object) -> Result<Option<String>> {
    match body.get("otp") {
        None => Ok(None),
        Some(Json::String(code)) if !code.is_empty() => Ok(Some(code.clone())),
        Some(_) => Err(Failure::invalid_payload("\"otp\" has to be a text")),
    }
}

/// The tokens of somebody who logged in or refreshed.
#[derive(Debug, Clone)]
pub struct Pass {
    /// How they travel.
    pub mode: Mode,
    /// The access token; in mode `session` the session token, which belongs into its cookie alone.
    pub access: Token,
    /// The refresh token; none in mode `session`.
    pub refresh: Option<Token>,
    /// How long the access token is good, in milliseconds.
    pub expires: i64,
}

impl Auth {
    /// Logs somebody in at `now` (milliseconds since 1970).
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` for whatever reason, `INVALID_OTP` once the password was right; `REQUESTS_EXCEEDED` where too
    /// many wrong ones came from, before anything is looked at or counted.
    pub async fn login(&self, snapshot: &Snapshot, form: LoginForm, peer: &Peer, now: i64) -> Result<Pass> {
        self.attempts.admit(peer, now).await?;
        let stall = self.stall(self.tokens().login_stall);
        let outcome = self.try_login(snapshot, form, peer, now).await;
        if outcome.is_err() {
            stall.over().await;
        }
        outcome
    }

    async fn try_login(&self, snapshot: &Snapshot, form: LoginForm, peer: &Peer, now: i64) -> Result<Pass> {
        let user = self.user_by_email(form.email.as_str()).await?;
        let user = user.filter(|user| user.is_active() && user.is_local());
        let limit = snapshot.settings.login_attempts;
        let user = user.filter(|user| !self.attempts.comes_to_nothing(&user.id, limit, peer, now));
        let user = self.prove(snapshot, user, form.password, peer, now).await?;
        let proof = match &user.tfa_secret {
            None => None,
            Some(secret) => {
                let Some(code) = form.otp else {
                    self.attempts.take_back(peer).await;
                    return Err(refusal::otp());
                };
                let proof = self.proof(&user.id, secret, &code, now).await?;
                if proof.is_none() {
                    self.count_failure(snapshot, &user.id, peer, now).await?;
                    return Err(refusal::otp());
                }
                proof
            }
        };
        self.attempts.right(&user.id, peer).await;
        let session = Token::random().map_err(Failure::from)?;
        let hash = user.password.as_deref().unwrap_or_default();
        let guard = self.open_session(&user.id, hash, form.mode, &session, peer, now);
        let mut acts = vec![Act::or(guard, refusal::credentials())];
        if let Some(proof) = &proof {
            acts.extend(self.spend(&user.id, proof, refusal::otp()));
        }
        acts.push(Act::any(self.touch(&user.id, now)));
        acts.push(Act::any(self.activity("login", Some(&user.id), &user.id, peer, now)));
        acts.extend(self.sweep(now).map(Act::any));
        self.carry_out(acts).await?;
        let owner = Owner {
            id: &user.id,
            role: user.role.as_deref(),
            lacks_tfa: user.tfa_secret.is_none(),
        };
        self.pass(snapshot, &owner, form.mode, session, peer, now)
    }

    /// Whether `password` is the user's. The work is the same when there is no user.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` when it is not. A wrong password is counted.
    pub(crate) async fn prove(
        &self,
        snapshot: &Snapshot,
        user: Option<UserRow>,
        password: Password,
        peer: &Peer,
        now: i64,
    ) -> Result<UserRow> {
        let stored = user.as_ref().and_then(|user| user.password.as_deref());
        let right = match stored {
            Some(stored) => match self.passwords.verify(password, stored).await {
                Err(Error::UnsupportedHash) => {
                    tracing::warn!("a stored password hash is of a kind that cannot be verified");
                    false
                }
                verdict => verdict?,
            },
            None => self.passwords.verify_nothing(password).await?,
        };
        let user = user.ok_or_else(refusal::credentials)?;
        if right {
            return Ok(user);
        }
        if user.password.is_some() {
            self.count_failure(snapshot, &user.id, peer, now).await?;
        }
        Err(refusal::credentials())
    }

    /// Counts a wrong password or code, and suspends the user when there were too many in a row.
    pub(crate) async fn count_failure(&self, snapshot: &Snapshot, user: &str, peer: &Peer, now: i64) -> Result<()> {
        let Some(limit) = snapshot.settings.login_attempts else {
            return Ok(());
        };
        if self.attempts.failed(user).await <= limit {
            return Ok(());
        }
        let guard = self.bound(SUSPEND, [user.into(), user.into()]);
        let then = vec![self.end_sessions(user), self.activity("update", None, user, peer, now)];
        if self.write_if(guard, then).await? {
            self.attempts.forget(user).await;
            tracing::warn!(user, "suspended after too many wrong passwords or codes");
        }
        Ok(())
    }
}
