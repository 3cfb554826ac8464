//! The user of the project that a provider's claims are about: found by provider and identifier, made where the operator
//! lets it, and kept as the provider says. Must never take an address for a proof.

use aedile_engine::{Code, Error as Failure, Json, Object, Result, access::Reason, query::Query, value::Param};
use aedile_platform::{Cx, config, email::Email, items};
use serde_json::json;

use crate::{
    Auth, Mode, Pass, Peer,
    error::refusal,
    invite::USERS,
    session::Owner,
    statement::text,
    token::Token,
    user::{ACTIVE, uuid},
};

#[cfg(test)]
mod tests;

/// Longest identifier, in characters: what its column holds.
const MAX_IDENTIFIER: usize = 255;

/// Longest name, in characters: what the columns hold.
const MAX_NAME: usize = 50;

/// How deep a claim may be nested, and how many groups are looked at.
const MAX_STEPS: usize = 8;
const MAX_GROUPS: usize = 1_000;

const FIND: &str = "select id, status, role, external_identifier, email, first_name, last_name, tfa_secret \
     from directus_users where provider = {} and external_identifier = {}";

/// Opens a session, if the user is still who was judged.
const OPEN: &str = "insert into directus_sessions (token, \"user\", expires, ip, user_agent, origin) \
     select {}, id, {}, {}, {}, {} from directus_users \
     where id = {} and status = 'active' and provider = {} and external_identifier = {}";

/// What a provider says of a person, as far as it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who it is there.
    pub identifier: String,
    /// The address, unless the provider says that it was not verified.
    pub email: Option<Email>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// The role that the groups lead to; none where roles do not follow from groups.
    pub role: Option<Option<String>>,
    /// Whether the provider says that the address was verified.
    pub verified: bool,
}

/// A user of the project who has come by a provider.
pub struct Account {
    id: String,
    role: Option<String>,
    identifier: String,
    provider: String,
    lacks_tfa: bool,
}

impl Person {
    /// Reads claims.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`: they do not say who it is.
    pub fn read(provider: &config::Provider, claims: &Object) -> Result<Person> {
        let told = |path: &str| claim(claims, path).and_then(one);
        let verified = match claims.get("email_verified") {
            Some(Json::Bool(verified)) => Some(*verified),
            // Some providers write it as a text.
            Some(Json::String(text)) => Some(text == "true"),
            _ => None,
        };
        let address = told(&provider.email_key).and_then(|text| Email::parse(&text));
        let is_address = provider.identifier_key == provider.email_key;
        let identifier = if is_address && verified == Some(false) {
            None
        } else {
            told(&provider.identifier_key)
        };
        let identifier = identifier.filter(|text| !text.is_empty() && text.chars().count() <= MAX_IDENTIFIER);
        let name = |path: &str| told(path).map(|name| name.chars().take(MAX_NAME).collect());
        Ok(Person {
            identifier: identifier.ok_or_else(refusal::credentials)?,
            email: address.filter(|_| verified != Some(false)),
            first_name: name(&provider.first_name_key),
            last_name: name(&provider.last_name_key),
            role: (!provider.role_mapping.is_empty()).then(|| role(provider, claims)),
            verified: verified == Some(true),
        })
    }
}

/// A claim by its name, or by steps into it: `a.b` is `b` within `a` where there is no `a.b`.
fn claim<'c>(claims: &'c Object, path: &str) -> Option<&'c Json> {
    if let Some(found) = claims.get(path) {
        return Some(found);
    }
    let mut steps = path.splitn(MAX_STEPS, '.');
    let first = claims.get(steps.next()?)?;
    steps.try_fold(first, |json, step| json.get(step))
}

fn one(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The role of the first group of the operator's list that the person is in; who is in none has the usual one.
fn role(provider: &config::Provider, claims: &Object) -> Option<String> {
    let groups: Vec<&str> = match claim(claims, &provider.group_claim) {
        Some(Json::Array(list)) => list.iter().take(MAX_GROUPS).filter_map(Json::as_str).collect(),
        Some(Json::String(one)) => vec![one],
        _ => Vec::new(),
    };
    let mapped = provider
        .role_mapping
        .iter()
        .find(|(group, _)| groups.contains(&group.as_str()));
    mapped
        .map(|(_, role)| role.clone())
        .or_else(|| provider.default_role.clone())
}

/// What is stored of a user who has come by a provider.
struct Stored {
    id: String,
    status: String,
    role: Option<String>,
    email: Option<String>,
    names: [Option<String>; 2],
    lacks_tfa: bool,
}

impl Auth {
    /// The user that claims are about; made, or brought up to date, as the operator says.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` where there is none and none is made, or none that is active.
    pub(crate) async fn account(&self, cx: &Cx, provider: &config::Provider, person: &Person) -> Result<Account> {
        let stored = match self.known_person(provider, person).await? {
            Some(stored) => stored,
            None => {
                self.make_person(cx, provider, person).await?;
                self.known_person(provider, person)
                    .await?
                    .ok_or_else(refusal::credentials)?
            }
        };
        if stored.status != ACTIVE {
            return Err(refusal::credentials());
        }
        let role = self.update_person(cx, provider, person, &stored).await?;
        Ok(Account {
            id: stored.id,
            role,
            identifier: person.identifier.clone(),
            provider: provider.name.clone(),
            lacks_tfa: stored.lacks_tfa,
        })
    }

    async fn known_person(&self, provider: &config::Provider, person: &Person) -> Result<Option<Stored>> {
        let values: [Param; 2] = [provider.name.as_str().into(), person.identifier.as_str().into()];
        let rows = self.fetch(self.bound(FIND, values)).await?;
        // Some databases take other texts for the same.
        let mut rows = rows
            .iter()
            .filter(|row| text(row, 3).as_deref() == Some(&person.identifier));
        Ok(rows.next().and_then(|row| {
            Some(Stored {
                id: text(row, 0)?,
                status: text(row, 1)?,
                role: text(row, 2),
                email: text(row, 4),
                names: [text(row, 5), text(row, 6)],
                lacks_tfa: text(row, 7).is_none_or(|secret| secret.is_empty()),
            })
        }))
    }

    /// Makes a user of somebody who has none. An address that is taken is somebody else's: it is not handed over.
    async fn make_person(&self, cx: &Cx, provider: &config::Provider, person: &Person) -> Result<()> {
        if !provider.public_registration || (provider.require_verified_email && !person.verified) {
            return Err(refusal::credentials());
        }
        if provider.require_verified_email && person.email.is_none() {
            return Err(refusal::credentials());
        }
        let role = person.role.clone().unwrap_or_else(|| provider.default_role.clone());
        let user = json!({
            "provider": provider.name,
            "external_identifier": person.identifier,
            "email": person.email.as_ref().map(Email::as_str),
            "first_name": person.first_name,
            "last_name": person.last_name,
            "role": role.as_deref().and_then(uuid),
            "status": ACTIVE,
        });
        let system = cx.as_system(Reason::Authentication);
        match items::create(&system, USERS, user, &Query::default()).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Code::RecordNotUnique => {
                tracing::warn!(
                    provider = provider.name,
                    "the address of a person is another user's: no account was made"
                );
                Err(refusal::credentials())
            }
            Err(error) => Err(self.unmade(provider, &error)),
        }
    }

    /// Brings a user up to date; answers the role that it has then.
    async fn update_person(
        &self,
        cx: &Cx,
        provider: &config::Provider,
        person: &Person,
        stored: &Stored,
    ) -> Result<Option<String>> {
        let mut change = Object::new();
        if let Some(role) = &person.role {
            let role = role.as_deref().and_then(uuid);
            if role != stored.role {
                change.insert("role".into(), json!(role));
            }
        }
        if provider.sync_user_info {
            let [first, last] = &stored.names;
            let told = [
                ("first_name", &person.first_name, first),
                ("last_name", &person.last_name, last),
                (
                    "email",
                    &person.email.as_ref().map(|email| email.as_str().to_owned()),
                    &stored.email,
                ),
            ];
            for (field, told, stored) in told {
                // What the provider does not say is not taken away.
                if told.is_some() && told != stored {
                    change.insert(field.into(), json!(told));
                }
            }
        }
        let role = match change.get("role") {
            Some(role) => role.as_str().map(str::to_owned),
            None => stored.role.clone(),
        };
        if !change.is_empty() {
            let system = cx.as_system(Reason::Authentication);
            let updated = items::update_one(&system, USERS, &stored.id, Json::Object(change), &Query::default()).await;
            updated.map_err(|error| self.unmade(provider, &error))?;
        }
        Ok(role)
    }

    /// What is wrong with the settings is for the operator; whoever comes is refused.
    fn unmade(&self, provider: &config::Provider, error: &Failure) -> Failure {
        tracing::warn!(
            provider = provider.name,
            "a user could not be stored as the provider says: {error}"
        );
        refusal::credentials()
    }

    /// Opens a session of a user who has come by a provider.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`: it is no longer active.
    pub(crate) async fn admit(&self, cx: &Cx, user: &Account, mode: config::SsoMode, peer: &Peer) -> Result<Pass> {
        let (mode, now) = (Mode::from(mode), cx.now);
        let session = Token::random()?;
        let guard = self.bound(
            OPEN,
            [
                session.expose().into(),
                self.session_end(mode, now),
                peer.ip_param(),
                peer.user_agent_param(),
                peer.origin_param(),
                user.id.as_str().into(),
                user.provider.as_str().into(),
                user.identifier.as_str().into(),
            ],
        );
        let mut then = vec![
            self.touch(&user.id, now),
            self.activity("login", Some(&user.id), &user.id, peer, now),
        ];
        then.extend(self.sweep(now));
        if !self.write_if(guard, then).await? {
            return Err(refusal::credentials());
        }
        // A role that was given just now is in no snapshot that was taken before.
        let snapshot = self.app.snapshot();
        let owner = Owner {
            id: &user.id,
            role: user.role.as_deref(),
            lacks_tfa: user.lacks_tfa,
        };
        self.pass(&snapshot, &owner, mode, session, peer, now)
    }
}
