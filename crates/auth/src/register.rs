//! Public registration: off unless the project's settings turn it on. Its answers never tell whether an address is
//! taken: the work, the time and the words are the same.
//!
//! Whoever registers an address has not shown that it is theirs. Until they do by the link in the mail, a later
//! registration of the same address replaces the password of an earlier one, and each link is bound to the password it
//! was sent for: nobody can have a stranger confirm a password that the stranger did not choose.

use aedile_engine::{
    Code, Error as Failure, Json, Object, Result,
    access::Reason,
    query::{Filter, Key, Limits, Query, filter},
    validate::validate,
};
use aedile_platform::{Cx, email::Email, items, system::users};

use crate::{
    Auth,
    auth::Peer,
    error::refusal,
    invite::USERS,
    jwt::{Action, Scope, sign_action},
    link,
    mail::{Mail, MailKind},
    password::Password,
    policy,
    stall::Stall,
    statement::{int, text},
    token::Token,
    user::{ACTIVE, UserRow},
};

#[cfg(test)]
mod tests;

/// The status of users who have not shown that their address is theirs.
const UNVERIFIED: &str = "unverified";

/// Longest name, in characters: what the columns hold.
const MAX_NAME: usize = 50;

/// What a registration may say.
const KEYS: [&str; 5] = ["email", "password", "first_name", "last_name", "verification_url"];

const SETTINGS: &str = "select public_registration, public_registration_verify_email, \
     public_registration_role, public_registration_email_filter from directus_settings order by id limit 1";

/// Replaces the password of a registration that was not confirmed.
const REPLACE: &str = "update directus_users set password = {} where id = {} and status = 'unverified'";

/// Confirms an address, for the password that the link was sent for.
const VERIFY: &str = "update directus_users set status = 'active' \
     where id = {} and status = 'unverified' and password is not distinct from {}";

/// What somebody registers with.
#[derive(Debug, Clone)]
struct Registration {
    email: Email,
    password: Password,
    first_name: Option<String>,
    last_name: Option<String>,
    verification_url: Option<String>,
}

/// What the project's settings say of registration.
struct Terms {
    verify: bool,
    role: Option<String>,
    filter: Option<Json>,
}

impl Registration {
    /// Reads a body. Unlike elsewhere, a key it does not know is refused: somebody hoped for more.
    fn read(body: &Object) -> Result<Registration> {
        if let Some(key) = body.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(Failure::invalid_payload(format!("{key:?} is not allowed here")));
        }
        let email = body.get("email").and_then(Json::as_str);
        let password = body.get("password").and_then(Json::as_str);
        Ok(Registration {
            email: email
                .and_then(Email::parse)
                .ok_or_else(|| Failure::invalid_payload("\"email\" has to be an e-mail address"))?,
            password: password
                .and_then(|text| Password::new(text).ok())
                .filter(|password| !password.is_too_long())
                .ok_or_else(|| Failure::invalid_payload("\"password\" is needed"))?,
            first_name: name(body, "first_name")?,
            last_name: name(body, "last_name")?,
            verification_url: None,
        })
    }

    /// The user that it makes.
    fn user(&self, status: &str, role: Option<String>) -> Object {
        [
            ("email", self.email.as_str().into()),
            ("password", self.password.expose().into()),
            ("first_name", self.first_name.clone().into()),
            ("last_name", self.last_name.clone().into()),
            ("status", status.into()),
            ("role", role.into()),
        ]
        .into_iter()
        .map(|(name, value): (&str, Json)| (name.to_owned(), value))
        .collect()
    }
}

fn name(body: &Object, key: &str) -> Result<Option<String>> {
    match body.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(name)) if name.chars().count() <= MAX_NAME => Ok(Some(name.clone())),
        Some(_) => Err(Failure::invalid_payload(format!(
            "{key:?} has to be a text of at most {MAX_NAME} characters"
        ))),
    }
}

impl Auth {
    /// Registers somebody, if the project lets the public do so.
    ///
    /// # Errors
    /// `FORBIDDEN` when it does not, or not with this address; `INVALID_PAYLOAD`, `FAILED_VALIDATION`. An address that
    /// is taken is none. How often somebody may try is for the caller to limit.
    pub async fn register(&self, cx: &Cx, body: &Object) -> Result<()> {
        let stall = self.stall(self.tokens().register_stall);
        let terms = self.terms().await?.ok_or_else(Failure::forbidden)?;
        let mut registration = Registration::read(body)?;
        registration.verification_url = self.links.register.chosen(body, "verification_url")?;
        if !lets_through(terms.filter.as_ref(), &registration.email) {
            return Err(Failure::forbidden());
        }
        let setting = cx.snapshot.settings.password_policy.as_deref();
        policy::judge(setting, registration.password.expose())?;
        // A new user makes a new snapshot, and this request may be the last that holds the old one.
        stall.keep(cx.snapshot.clone());
        let outcome = self.try_register(cx, &terms, &registration, &stall).await;
        stall.over().await;
        outcome
    }

    async fn try_register(&self, cx: &Cx, terms: &Terms, form: &Registration, stall: &Stall) -> Result<()> {
        let system = cx.as_system(Reason::Authentication);
        let status = if terms.verify { UNVERIFIED } else { ACTIVE };
        let new = form.user(status, terms.role.clone());
        let waiting = match self.user_by_email(form.email.as_str()).await? {
            None => self.make_user(&system, new, &form.email).await?,
            Some(user) => {
                // The same work, and what is wrong with it is told of an address that is taken as well.
                users::rehearse(&system, new).await?;
                let waits = terms.verify && user.status == UNVERIFIED && user.is_local();
                match waits {
                    true => self.replace_password(user, form).await?,
                    false => None,
                }
            }
        };
        let mail = match &waiting {
            Some(user) if terms.verify => Some(self.verification(user, form, cx.now)?),
            _ => None,
        };
        self.post(mail, stall);
        Ok(())
    }

    /// Makes the user; none when somebody else was quicker.
    async fn make_user(&self, system: &Cx, user: Object, email: &Email) -> Result<Option<UserRow>> {
        match items::create(system, USERS, Json::Object(user), &Query::default()).await {
            Ok(_) => self.user_by_email(email.as_str()).await,
            Err(error) if error.code() == Code::RecordNotUnique => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn replace_password(&self, mut user: UserRow, form: &Registration) -> Result<Option<UserRow>> {
        let hash = self.passwords.hash(form.password.clone()).await?;
        let guard = self.bound(REPLACE, [hash.as_str().into(), user.id.as_str().into()]);
        let replaced = self.write_if(guard, Vec::new()).await?;
        user.password = Some(hash);
        Ok(replaced.then_some(user))
    }

    fn verification(&self, user: &UserRow, form: &Registration, now: i64) -> Result<Mail> {
        let action = Action {
            // To the address that is stored: what was sent now may only look the same.
            email: user.email.clone().unwrap_or_default(),
            hash: Some(self.key.fingerprint(user.password.as_deref())),
        };
        let lifetime = self.tokens().email_verification_ttl.as_secs();
        let token = sign_action(
            &action,
            Scope::PendingRegistration,
            &self.key,
            now.div_euclid(1000),
            i64::try_from(lifetime).unwrap_or(i64::MAX),
        )?;
        let url = form.verification_url.clone();
        let url = url.unwrap_or_else(|| self.own_url("/users/register/verify-email"));
        Ok(Mail {
            to: action.email,
            kind: MailKind::Verification,
            link: link::with_token(&url, &token),
        })
    }

    /// Confirms the address of a registration; answers the user's id.
    ///
    /// # Errors
    /// `INVALID_TOKEN` also when there is nothing to confirm, `FORBIDDEN` for another scope.
    pub async fn verify_email(&self, token: &str, peer: &Peer, now: i64) -> Result<String> {
        let action = self.opened(token, Scope::PendingRegistration, now)?;
        let user = self.user_by_email(&action.email).await?;
        let user = user.filter(|user| user.status == UNVERIFIED && user.is_local());
        let user = user.ok_or_else(refusal::token)?;
        let fingerprint = self.key.fingerprint(user.password.as_deref());
        let made_for = action.hash.map(Token::new).transpose()?;
        if !made_for.is_some_and(|hash| hash.matches(&fingerprint)) {
            return Err(refusal::token());
        }
        let guard = self.bound(VERIFY, [user.id.as_str().into(), user.password.into()]);
        let then = vec![self.activity("update", Some(&user.id), &user.id, peer, now)];
        if !self.write_if(guard, then).await? {
            return Err(refusal::token());
        }
        Ok(user.id)
    }

    /// What the settings say; none when registration is off.
    async fn terms(&self) -> Result<Option<Terms>> {
        let rows = self.fetch(self.bound(SETTINGS, [])).await?;
        Ok(rows.first().filter(|row| int(row, 0) == Some(1)).map(|row| Terms {
            verify: int(row, 1) != Some(0),
            role: text(row, 2),
            filter: text(row, 3).map(|text| serde_json::from_str(&text).unwrap_or(Json::String(text))),
        }))
    }
}

/// Whether the settings' filter holds for an address. One that is not understood lets nobody through.
fn lets_through(stored: Option<&Json>, email: &Email) -> bool {
    let Some(json) = stored.filter(|json| !json.is_null()) else {
        return true;
    };
    let rule = filter::parse(json, &Limits::default(), filter::Context::Validation);
    let Some(rule) = rule.ok().filter(is_of_email) else {
        return false;
    };
    let mut payload = Object::new();
    payload.insert("email".into(), email.as_str().into());
    validate(&rule, &payload, &|_| None, &[]).is_empty()
}

/// Whether a filter looks at the address alone. What it said of anything else would hold for lack of it.
fn is_of_email(rule: &Filter) -> bool {
    match rule {
        Filter::And(list) | Filter::Or(list) => list.iter().all(is_of_email),
        Filter::At(Key::Field(field), _) => field == "email",
        Filter::At(..) | Filter::Some(_) | Filter::None(_) | Filter::Is(_) => false,
    }
}
