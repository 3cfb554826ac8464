//! What a second factor rests on beside its secret: that no code is taken twice, and codes for when the telephone is lost.
//! Both stand in the database, so that they hold for every process and after every start. A code is spent in the very
//! transaction that it opens something in.

use aedile_engine::{Error as Failure, Json, Object, Result, value::Param};
use aedile_platform::Cx;
use aws_lc_rs::digest::{SHA256, digest};

use crate::{
    Auth,
    auth::Act,
    stall::Stall,
    tfa::peer,
    token::{hex, random_bytes},
    totp::{TotpSecret, base32},
    user::UserRow,
};

#[cfg(test)]
mod tests;

/// Recovery codes that are given out at once, as is usual.
const CODES: usize = 10;

/// Random bytes of a recovery code: 80 bits, 16 characters of base32. Nobody tries them all, so a plain digest hides them.
const CODE_BYTES: usize = 10;

/// Characters between two dashes of a recovery code.
const GROUP: usize = 4;

/// Longest code that is looked at, in bytes: a recovery code with room for how people write it.
const MAX_CODE: usize = 64;

const FORGET_STEP: &str = "delete from aedile_totp where \"user\" = {}";

const FORGET_OLDER: &str = "delete from aedile_totp where \"user\" = {} and step < {}";

/// Takes a step, unless it or a later one was taken: then its row is still there.
const TAKE_STEP: &str = "insert into aedile_totp (\"user\", step) select u.id, {} + 0 from directus_users u \
     where u.id = {} and not exists (select 1 from aedile_totp t where t.\"user\" = u.id)";

const FORGET_CODES: &str = "delete from aedile_recovery_codes where \"user\" = {}";

const SPEND_CODE: &str = "delete from aedile_recovery_codes where \"user\" = {} and digest = {}";

const KEEP_CODE: &str = "insert into aedile_recovery_codes (\"user\", digest) values ({}, {})";

const FIND_CODE: &str = "select 1 from aedile_recovery_codes where \"user\" = {} and digest = {}";

const COUNT_CODES: &str = "select count(*) from aedile_recovery_codes where \"user\" = {}";

const LAST_STEP: &str = "select step from aedile_totp where \"user\" = {}";

/// A code that is right, and not yet spent.
pub(crate) enum Proof {
    /// The code of this time step.
    Step(i64),
    /// The recovery code with this digest.
    Recovery(String),
}

impl Auth {
    /// What a code proves for this secret's user at `now` (milliseconds since 1970); none for one that is wrong or spent.
    pub(crate) async fn proof(&self, user: &str, secret: &str, code: &str, now: i64) -> Result<Option<Proof>> {
        let used = self.fetch(self.bound(LAST_STEP, [user.into()])).await?;
        let used = used.first().and_then(|row| crate::statement::int(row, 0));
        let step = TotpSecret::parse(secret)
            .ok()
            .and_then(|secret| secret.verify(code, now.div_euclid(1000), used));
        if let Some(step) = step {
            return Ok(Some(Proof::Step(step)));
        }
        let digest = digest_of(code);
        let found = self.bound(FIND_CODE, [user.into(), digest.as_str().into()]);
        Ok((!self.fetch(found).await?.is_empty()).then_some(Proof::Recovery(digest)))
    }

    /// Spends a code. `refusal` is for who comes second with it.
    pub(crate) fn spend(&self, user: &str, proof: &Proof, refusal: Failure) -> Vec<Act> {
        match proof {
            Proof::Step(step) => vec![
                Act::any(self.bound(FORGET_OLDER, [user.into(), Param::Int(*step)])),
                Act::or(self.bound(TAKE_STEP, [Param::Int(*step), user.into()]), refusal),
            ],
            Proof::Recovery(digest) => vec![Act::or(
                self.bound(SPEND_CODE, [user.into(), digest.as_str().into()]),
                refusal,
            )],
        }
    }

    /// Forgets everything about a user's second factor, but its secret.
    pub(crate) fn forget_factor(&self, user: &str) -> [Act; 2] {
        [
            Act::any(self.bound(FORGET_STEP, [user.into()])),
            Act::any(self.bound(FORGET_CODES, [user.into()])),
        ]
    }

    /// New recovery codes against a present code, in the place of all earlier ones. They are told only now.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` for the public; `INVALID_PAYLOAD` for a wrong code, which is counted, or without a second
    /// factor.
    pub async fn recovery_codes(&self, cx: &Cx, body: &Object) -> Result<Vec<String>> {
        let stall = self.stall(self.tokens().login_stall);
        let (user, secret) = self.enrolled(cx).await?;
        let proof = self.proven_again(cx, &user, &secret, body, stall).await?;
        let mut acts = self.spend(&user.id, &proof, wrong_code());
        let codes = self.give_codes(&user.id, &mut acts)?;
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

    /// New recovery codes, which `acts` put in the place of all earlier ones.
    pub(crate) fn give_codes(&self, user: &str, acts: &mut Vec<Act>) -> Result<Vec<String>> {
        acts.push(Act::any(self.bound(FORGET_CODES, [user.into()])));
        let mut codes = Vec::with_capacity(CODES);
        for _ in 0..CODES {
            let code = grouped(&base32(&random_bytes::<CODE_BYTES>()?));
            acts.push(Act::any(self.bound(KEEP_CODE, [user.into(), digest_of(&code).into()])));
            codes.push(code);
        }
        Ok(codes)
    }

    /// How many recovery codes the caller has left.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` for the public.
    pub async fn recovery_codes_left(&self, cx: &Cx) -> Result<i64> {
        let user = self.oneself(cx).await?;
        let rows = self.fetch(self.bound(COUNT_CODES, [user.id.as_str().into()])).await?;
        Ok(rows.first().and_then(|row| crate::statement::int(row, 0)).unwrap_or(0))
    }

    /// The caller and its secret.
    pub(crate) async fn enrolled(&self, cx: &Cx) -> Result<(UserRow, String)> {
        let mut user = self.oneself(cx).await?;
        match user.tfa_secret.take() {
            Some(secret) => Ok((user, secret)),
            None => Err(Failure::invalid_payload("two-factor authentication is not in use")),
        }
    }

    /// What the `otp` of a body proves of a caller who is logged in. A wrong one is counted like a wrong password, and
    /// answered as slowly.
    pub(crate) async fn proven_again(
        &self,
        cx: &Cx,
        user: &UserRow,
        secret: &str,
        body: &Object,
        stall: Stall,
    ) -> Result<Proof> {
        let code = body.get("otp").and_then(Json::as_str);
        let code = code.ok_or_else(|| Failure::invalid_payload("\"otp\" is needed"))?;
        let peer = peer(cx);
        self.attempts.admit(&peer, cx.now).await?;
        let limit = cx.snapshot.settings.login_attempts;
        let in_vain = self.attempts.comes_to_nothing(&user.id, limit, &peer, cx.now);
        match self.proof(&user.id, secret, code, cx.now).await? {
            Some(proof) if !in_vain => {
                self.attempts.right(&user.id, &peer).await;
                Ok(proof)
            }
            _ => {
                self.count_failure(&cx.snapshot, &user.id, &peer, cx.now).await?;
                stall.over().await;
                Err(wrong_code())
            }
        }
    }
}

pub(crate) fn wrong_code() -> Failure {
    Failure::invalid_payload("\"otp\" is wrong")
}

/// The digest of a recovery code, however people write it: without regard to case, dashes and spaces.
fn digest_of(code: &str) -> String {
    let plain: String = code
        .chars()
        .take(MAX_CODE)
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    hex(digest(&SHA256, plain.as_bytes()).as_ref())
}

/// In groups, as people read it.
fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-")
}
