//! Invitations: users made for others, and the link by which they take their account. Making them is a creation of
//! users like any other: it goes through the inviter's own permissions.

use aedile_engine::{Code, Error as Failure, Json, Object, Result, access::Action as Right, query::Query};
use aedile_platform::{Cx, Snapshot, email::Email, items, system::escalation};
use serde_json::json;

use crate::{
    Auth,
    auth::Peer,
    error::refusal,
    jwt::{Action, Scope, sign_action},
    link,
    mail::{Mail, MailKind},
    reset::LinkForm,
    stall::Stall,
    user::uuid,
};

#[cfg(test)]
mod tests;

/// The collection of users.
pub(crate) const USERS: &str = "directus_users";

/// The status of users who have not yet taken their account.
const INVITED: &str = "invited";

/// What is written of an invited user.
const WRITTEN: [&str; 3] = ["email", "role", "status"];

/// Addresses in one invitation: each is a user and a mail.
const MAX_ADDRESSES: usize = 100;

/// Takes an account, if it still waits for that.
const ACCEPT: &str = "update directus_users set password = {}, status = 'active' \
     where id = {} and status = 'invited' and password is not distinct from {}";

impl Auth {
    /// Invites the addresses of a body to a role: makes users of them as the caller may, and mails each a link. Whoever
    /// is a user already is passed over, and mailed again while still invited.
    ///
    /// # Errors
    /// `FORBIDDEN`, `INVALID_PAYLOAD`, and whatever the creation of a user is refused with.
    pub async fn invite(&self, cx: &Cx, body: &Object) -> Result<()> {
        let stall = self.stall(self.tokens().register_stall);
        if !cx.access.grant(USERS, Right::Create).is_some() {
            return Err(Failure::forbidden());
        }
        let emails = addresses(body.get("email"))?;
        let role = body.get("role").and_then(Json::as_str);
        let role = role
            .and_then(uuid)
            .ok_or_else(|| Failure::invalid_payload("\"role\" has to be a UUID"))?;
        let url = self.links.invite.chosen(body, "invite_url")?;
        let url = url.unwrap_or_else(|| self.own_url("/admin/accept-invite"));
        // Whoever may not make such a user mails none again, either.
        let grant = cx.access.grant(USERS, Right::Create);
        if let Some(field) = WRITTEN.into_iter().find(|field| !grant.has(field)) {
            return Err(Failure::forbidden_field(field, USERS));
        }
        if !escalation::may_assign(cx, &role).await? {
            return Err(Failure::forbidden());
        }
        for email in self.make_all(cx, &emails, &role).await? {
            self.mail_invitation(&email, &url, cx.now, &stall)?;
        }
        // Who is passed over is not told, by the time neither.
        stall.over().await;
        Ok(())
    }

    /// Makes invited users of those that are none yet, as the caller may, all or none; answers who waits for a mail.
    async fn make_all(&self, cx: &Cx, emails: &[Email], role: &str) -> Result<Vec<Email>> {
        let (waiting, new) = self.sorted(emails).await?;
        match make(cx, new, role).await {
            // Somebody else was quicker: a user already, to be passed over.
            Err(error) if error.code() == Code::RecordNotUnique => {
                let (waiting, new) = self.sorted(emails).await?;
                make(cx, new, role).await.map(|()| waiting)
            }
            done => done.map(|()| waiting),
        }
    }

    /// Who is to be mailed, and who of them is no user yet; nobody twice.
    async fn sorted(&self, emails: &[Email]) -> Result<(Vec<Email>, Vec<Email>)> {
        let (mut waiting, mut new): (Vec<Email>, Vec<Email>) = Default::default();
        for email in emails {
            if waiting.iter().any(|other| other.comparable() == email.comparable()) {
                continue;
            }
            let found = self.user_by_email(email.as_str()).await?;
            if found.is_none() {
                new.push(email.clone());
                waiting.push(email.clone());
            }
            // To the address that is stored: what was sent now may only look the same.
            let invited = found.filter(|user| user.status == INVITED && user.is_local());
            waiting.extend(invited.and_then(|user| Email::parse(user.email.as_deref()?)));
        }
        Ok((waiting, new))
    }

    fn mail_invitation(&self, email: &Email, url: &str, now: i64, stall: &Stall) -> Result<()> {
        let action = Action {
            email: email.as_str().to_owned(),
            hash: None,
        };
        let seconds = i64::try_from(self.tokens().invite_ttl.as_secs()).unwrap_or(i64::MAX);
        let token = sign_action(&action, Scope::Invite, &self.key, now.div_euclid(1000), seconds)?;
        let mail = Mail {
            to: action.email,
            kind: MailKind::Invite,
            link: link::with_token(url, &token),
        };
        self.post(Some(mail), stall);
        Ok(())
    }

    /// Takes an invited account with the password that came with the link.
    ///
    /// # Errors
    /// `INVALID_TOKEN` also when the account does not wait for that, `FORBIDDEN` for another scope,
    /// `FAILED_VALIDATION`.
    pub async fn accept_invite(&self, snapshot: &Snapshot, form: LinkForm, peer: &Peer, now: i64) -> Result<()> {
        let action = self.opened(&form.token, Scope::Invite, now)?;
        let user = self.user_by_email(&action.email).await?;
        let user = user.filter(|user| user.status == INVITED && user.is_local());
        let user = user.ok_or_else(refusal::token)?;
        let hash = self.new_hash(snapshot, form.password).await?;
        let guard = self.bound(ACCEPT, [hash.into(), user.id.as_str().into(), user.password.into()]);
        let then = vec![self.activity("update", Some(&user.id), &user.id, peer, now)];
        if !self.write_if(guard, then).await? {
            return Err(refusal::token());
        }
        Ok(())
    }
}

/// Makes invited users, as the caller may.
async fn make(cx: &Cx, emails: Vec<Email>, role: &str) -> Result<()> {
    let user = |email: &Email| json!({ "email": email.as_str(), "role": role, "status": INVITED });
    let users: Vec<Json> = emails.iter().map(user).collect();
    if users.is_empty() {
        return Ok(());
    }
    items::create(cx, USERS, Json::Array(users), &Query::default())
        .await
        .map(drop)
}

/// One address or a list of them.
fn addresses(value: Option<&Json>) -> Result<Vec<Email>> {
    let malformed = || Failure::invalid_payload("\"email\" has to be an e-mail address or a list");
    let texts: Vec<&Json> = match value {
        Some(Json::Array(list)) => list.iter().collect(),
        Some(one) => vec![one],
        None => return Err(malformed()),
    };
    if texts.len() > MAX_ADDRESSES {
        return Err(Failure::invalid_payload(format!(
            "more than {MAX_ADDRESSES} addresses at once"
        )));
    }
    let parse = |text: &Json| text.as_str().and_then(Email::parse);
    texts
        .into_iter()
        .map(|text| parse(text).ok_or_else(malformed))
        .collect()
}
