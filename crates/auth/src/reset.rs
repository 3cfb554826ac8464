//! Forgotten passwords: a link by mail, and what it opens. Nobody learns from it which addresses are known.

use aedile_engine::{Error as Failure, Json, Object, Result};
use aedile_platform::Snapshot;

use crate::{
    Auth,
    auth::Peer,
    error::refusal,
    jwt::{Action, ActionVerdict, Scope, sign_action, verify_action},
    link,
    mail::{Mail, MailKind},
    password::Password,
    policy,
    token::Token,
};

#[cfg(test)]
mod tests;

/// Seconds that a link to set a new password is good.
const LIFETIME: i64 = 24 * 60 * 60;

/// Sets a password, if the user is still active and its password is still the one the link was made for.
const SET: &str =
    "update directus_users set password = {} where id = {} and status = 'active' and password is not distinct from {}";

/// The body of a link's form: its token, and the password that was chosen. Both are secret: it cannot be printed.
#[derive(Clone)]
pub struct LinkForm {
    pub(crate) token: String,
    pub(crate) password: String,
}

impl LinkForm {
    /// Reads a body.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` unless both are texts.
    pub fn read(body: &Object) -> Result<LinkForm> {
        let text = |name: &str| {
            let text = body.get(name).and_then(Json::as_str);
            text.map(str::to_owned)
                .ok_or_else(|| Failure::invalid_payload(format!("\"{name}\" is needed")))
        };
        Ok(LinkForm {
            token: text("token")?,
            password: text("password")?,
        })
    }
}

impl Auth {
    /// Mails a link to set a new password to `email`, if it is the address of an active user. The answer is the same
    /// for everybody.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD`: the address is no text, or `reset_url` is not listed. `REQUESTS_EXCEEDED`.
    pub async fn request_reset(&self, body: &Object, peer: &Peer, now: i64) -> Result<()> {
        self.attempts.admit(peer, now).await?;
        let stall = self.stall(self.tokens().login_stall);
        let email = body.get("email").and_then(Json::as_str);
        let email = email.ok_or_else(|| Failure::invalid_payload("\"email\" is needed"))?;
        let url = self.links.reset.chosen(body, "reset_url")?;
        let user = self.user_by_email(email).await?;
        let user = user.filter(|user| user.is_active() && user.is_local());
        let password = user.as_ref().and_then(|user| user.password.as_deref());
        // Nobody's link is made as well, and goes nowhere.
        let action = Action {
            hash: Some(self.key.fingerprint(password)),
            email: user.as_ref().and_then(|user| user.email.clone()).unwrap_or_default(),
        };
        let token = sign_action(&action, Scope::PasswordReset, &self.key, now.div_euclid(1000), LIFETIME)?;
        let url = url.unwrap_or_else(|| self.own_url("/admin/reset-password"));
        let mail = Mail {
            to: action.email,
            kind: MailKind::PasswordReset,
            link: link::with_token(&url, &token),
        };
        self.post(Some(mail).filter(|mail| !mail.to.is_empty()), &stall);
        stall.over().await;
        Ok(())
    }

    /// Sets the password that came with a link, and ends the user's sessions. A link is good once.
    ///
    /// # Errors
    /// `INVALID_TOKEN`, `FORBIDDEN` for a token of ours that is for something else, `FAILED_VALIDATION`.
    pub async fn reset(&self, snapshot: &Snapshot, form: LinkForm, peer: &Peer, now: i64) -> Result<()> {
        let action = self.opened(&form.token, Scope::PasswordReset, now)?;
        let user = self.user_by_email(&action.email).await?;
        let user = user.filter(|user| user.is_active() && user.is_local());
        let user = user.ok_or_else(refusal::token)?;
        let fingerprint = self.key.fingerprint(user.password.as_deref());
        let made_for = action.hash.map(Token::new).transpose()?;
        if !made_for.is_some_and(|hash| hash.matches(&fingerprint)) {
            return Err(refusal::token());
        }
        let hash = self.new_hash(snapshot, form.password).await?;
        let guard = self.bound(SET, [hash.into(), user.id.as_str().into(), user.password.into()]);
        let then = vec![
            self.end_sessions(&user.id),
            self.activity("update", Some(&user.id), &user.id, peer, now),
        ];
        if !self.write_if(guard, then).await? {
            return Err(refusal::token());
        }
        self.attempts.forget(&user.id).await;
        Ok(())
    }

    /// What a link's token says.
    pub(crate) fn opened(&self, token: &str, scope: Scope, now: i64) -> Result<Action> {
        let token = Token::new(token).map_err(|_| refusal::token())?;
        match verify_action(&token, scope, &self.key, now.div_euclid(1000)) {
            ActionVerdict::Ok(action) => Ok(action),
            ActionVerdict::Invalid => Err(refusal::token()),
            ActionVerdict::WrongScope => Err(Failure::forbidden()),
        }
    }

    /// The hash of a password that somebody chose, if the project's policy lets it.
    pub(crate) async fn new_hash(&self, snapshot: &Snapshot, password: String) -> Result<String> {
        policy::judge(snapshot.settings.password_policy.as_deref(), &password)?;
        Ok(self.passwords.hash(Password::new(password)?).await?)
    }

    /// An address on this server.
    pub(crate) fn own_url(&self, path: &str) -> String {
        link::own(&self.app.settings().public_url, path)
    }
}
