//! Two-factor authentication: making a secret, taking it into use, and giving it up.

use aedile_engine::{
    Error as Failure, Json, Object, Result,
    access::{Action as Right, Caller},
    plan::read,
    value::Param,
};
use aedile_platform::Cx;

use crate::{
    Auth,
    auth::{Act, Peer},
    error::refusal,
    factor::{Proof, wrong_code},
    invite::USERS,
    password::Password,
    statement::text,
    totp::TotpSecret,
    user::{UserRow, uuid},
};

#[cfg(test)]
mod tests;

/// What authenticator apps show when the project has no name.
const NO_NAME: &str = "Aedile";

const FIELD: &str = "tfa_secret";

const PROJECT_NAME: &str = "select project_name from directus_settings order by id limit 1";

const ENABLE: &str = "update directus_users set tfa_secret = {} where id = {} and tfa_secret is null";

const DISABLE: &str = "update directus_users set tfa_secret = null where id = {} and tfa_secret = {}";

const REMOVE: &str = "update directus_users set tfa_secret = null where id = {}";

/// A secret to be shown once, to its owner.
pub struct NewSecret {
    /// In base32.
    pub secret: String,
    /// What authenticator apps read from a QR code.
    pub otpauth_url: String,
}

impl Auth {
    /// A fresh secret for a user who has none in use, against the password. Nothing is stored.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`, also for the public; `INVALID_PAYLOAD` without a password or with a secret in use.
    pub async fn generate_tfa(&self, cx: &Cx, body: &Object) -> Result<NewSecret> {
        let user = self.oneself(cx).await?;
        let password = body.get("password").and_then(Json::as_str);
        let password = Password::new(password.unwrap_or_default())?;
        let peer = peer(cx);
        self.attempts.admit(&peer, cx.now).await?;
        let stall = self.stall(self.tokens().login_stall);
        let limit = cx.snapshot.settings.login_attempts;
        let user = Some(user).filter(|user| !self.attempts.comes_to_nothing(&user.id, limit, &peer, cx.now));
        let proof = self.prove(&cx.snapshot, user, password, &peer, cx.now).await;
        let user = match proof {
            Ok(user) => user,
            Err(error) => {
                stall.over().await;
                return Err(error);
            }
        };
        self.attempts.right(&user.id, &peer).await;
        if user.tfa_secret.is_some() {
            return Err(in_use());
        }
        let rows = self.fetch(self.bound(PROJECT_NAME, [])).await?;
        let issuer = rows.first().and_then(|row| text(row, 0));
        let secret = TotpSecret::random()?;
        let account = user.email.as_deref().unwrap_or(&user.id);
        Ok(NewSecret {
            secret: secret.expose().to_owned(),
            otpauth_url: secret.otpauth_url(issuer.as_deref().unwrap_or(NO_NAME), account),
        })
    }

    /// Takes a secret into use, against one of its codes, which is spent by that. Needs the right to change one's own
    /// `tfa_secret`, unless a policy asks for a second factor. Answers recovery codes where `recovery_codes` asks for them,
    /// which would take another code later.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for a wrong code or a secret in use, `FORBIDDEN` without that right.
    pub async fn enable_tfa(&self, cx: &Cx, body: &Object) -> Result<Vec<String>> {
        let user = self.oneself(cx).await?;
        let text = |name: &str| body.get(name).and_then(Json::as_str);
        let (Some(secret), Some(code)) = (text("secret"), text("otp")) else {
            return Err(Failure::invalid_payload("\"secret\" and \"otp\" are needed"));
        };
        if user.tfa_secret.is_some() {
            return Err(in_use());
        }
        let secret = TotpSecret::parse(secret)?;
        let step = secret
            .verify(code, cx.now.div_euclid(1000), None)
            .ok_or_else(wrong_code)?;
        if cx.withheld.is_none() {
            self.may_change(cx, &user.id).await?;
        }
        let enable = self.bound(ENABLE, [secret.expose().into(), user.id.as_str().into()]);
        let mut acts = vec![Act::or(enable, in_use())];
        acts.extend(self.forget_factor(&user.id));
        acts.extend(self.spend(&user.id, &Proof::Step(step), wrong_code()));
        let codes = match body.get("recovery_codes") {
            Some(Json::Bool(true)) => self.give_codes(&user.id, &mut acts)?,
            _ => Vec::new(),
        };
        acts.push(Act::any(self.activity(
            "update",
            Some(&user.id),
            &user.id,
            &peer(cx),
            cx.now,
        )));
        self.carry_out(acts).await?;
        Ok(codes)
    }

    /// Gives one's secret up, against one of its codes. Wrong ones are counted like wrong passwords.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for a wrong code, or when there is no secret; `FORBIDDEN` while a policy asks for a second factor,
    /// from whatever address.
    pub async fn disable_tfa(&self, cx: &Cx, body: &Object) -> Result<()> {
        let stall = self.stall(self.tokens().login_stall);
        if cx.snapshot.policies.ask_for_second_factor(&cx.caller) {
            return Err(Failure::forbidden());
        }
        let (user, secret) = self.enrolled(cx).await?;
        let proof = self.proven_again(cx, &user, &secret, body, stall).await?;
        let mut acts = self.spend(&user.id, &proof, wrong_code());
        acts.push(Act::any(self.bound(DISABLE, [user.id.as_str().into(), secret.into()])));
        acts.extend(self.forget_factor(&user.id));
        acts.push(Act::any(self.activity(
            "update",
            Some(&user.id),
            &user.id,
            &peer(cx),
            cx.now,
        )));
        self.carry_out(acts).await
    }

    /// Takes a user's secret away: for administrators, when somebody has lost theirs.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` for the public, `FORBIDDEN` for everybody else, and for unknown users.
    pub async fn remove_tfa(&self, cx: &Cx, id: &str) -> Result<()> {
        let admin = cx.caller.user().ok_or_else(refusal::credentials)?;
        if !cx.access.admin {
            return Err(Failure::forbidden());
        }
        let id = uuid(id).ok_or_else(Failure::forbidden)?;
        let remove = self.bound(REMOVE, [id.as_str().into()]);
        let mut acts = vec![Act::or(remove, Failure::forbidden())];
        acts.extend(self.forget_factor(&id));
        acts.push(Act::any(self.activity("update", Some(admin), &id, &peer(cx), cx.now)));
        self.carry_out(acts).await
    }

    /// The caller's own row.
    pub(crate) async fn oneself(&self, cx: &Cx) -> Result<UserRow> {
        let id = cx.caller.user().ok_or_else(refusal::credentials)?;
        let user = self.user_by_id(id).await?;
        user.filter(UserRow::is_active).ok_or_else(refusal::credentials)
    }

    /// Whether the caller may change its own secret, by the same plan that judges every change.
    async fn may_change(&self, cx: &Cx, id: &str) -> Result<()> {
        let keys = [Param::Text(id.to_owned())];
        let plan = read::covered(
            cx.schema(),
            &cx.access,
            cx.limits(),
            USERS,
            Right::Update,
            &keys,
            &[FIELD],
        )?;
        let (stmt, params) = cx.statement(&plan);
        if self.db().fetch(stmt, params).await?.is_empty() {
            return Err(Failure::forbidden());
        }
        Ok(())
    }
}

fn in_use() -> Failure {
    Failure::invalid_payload("two-factor authentication is in use already")
}

/// Where the request of a context comes from.
pub(crate) fn peer(cx: &Cx) -> Peer {
    Peer {
        ip: match &*cx.caller {
            Caller::System(_) => None,
            caller => caller.ip(),
        },
        user_agent: cx.origin.user_agent.clone(),
        origin: cx.origin.origin.clone(),
    }
}
