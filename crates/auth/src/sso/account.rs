//! The user of the project that a provider's claims are about: found by provider and identifier, made where the operator
//! lets it, and kept as the provider says. Must never take an address for a proof.

use aedile_db::Row;
use aedile_engine::{Code, Error as Failure, Json, Object, Result, access::Reason, query::Query, value::Param};
use aedile_platform::{Cx, config, email::Email, items};
use serde_json::json;

use crate::{
    Auth, Mode, Pass, Peer,
    auth::Act,
    error::refusal,
    factor::Proof,
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
     from directus_users where provider = {} and external_identifier in ({}, {})";

const ROLES: &str = "select id, name from directus_roles order by name, id";

/// Opens a session, if the user is still who was judged.
const OPEN: &str = "insert into directus_sessions (token, \"user\", expires, ip, user_agent, origin) \
     select {}, id, {}, {}, {}, {} from directus_users \
     where id = {} and status = 'active' and provider = {} and external_identifier = {}";

/// What a provider says of a person, as far as it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who it is there.
    pub identifier: String,
    /// The same as it may be stored as well: names of entries in a directory have no case.
    pub spelling: Option<String>,
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
    pub id: String,
    role: Option<String>,
    identifier: String,
    provider: String,
    tfa_secret: Option<String>,
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
        let name = |path: &str| told(path).map(|name| cut(&name));
        Ok(Person {
            identifier: identifier.and_then(usable).ok_or_else(refusal::credentials)?,
            spelling: None,
            email: address.filter(|_| verified != Some(false)),
            first_name: name(&provider.first_name_key),
            last_name: name(&provider.last_name_key),
            role: (!provider.role_mapping.is_empty()).then(|| role_of(provider, &groups(provider, claims))),
            verified: verified == Some(true),
        })
    }

    /// Reads what a directory tells of an entry.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`: its name is longer than any that can be stored.
    pub fn of_entry(dn: &str, [email, first_name, last_name]: [Option<&str>; 3]) -> Result<Person> {
        let identifier = usable(dn.to_owned()).ok_or_else(refusal::credentials)?;
        Ok(Person {
            spelling: Some(identifier.to_lowercase()),
            identifier,
            email: email.and_then(Email::parse),
            first_name: first_name.map(cut),
            last_name: last_name.map(cut),
            role: None,
            verified: false,
        })
    }

    fn is_called(&self, stored: &str) -> bool {
        stored == self.identifier || self.spelling.as_deref() == Some(stored)
    }
}

/// What can be stored as an identifier.
fn usable(identifier: String) -> Option<String> {
    (!identifier.is_empty() && identifier.chars().count() <= MAX_IDENTIFIER).then_some(identifier)
}

fn cut(name: &str) -> String {
    name.chars().take(MAX_NAME).collect()
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

/// The groups that claims tell of.
fn groups<'c>(provider: &config::Provider, claims: &'c Object) -> Vec<&'c str> {
    match claim(claims, &provider.group_claim) {
        Some(Json::Array(list)) => list.iter().take(MAX_GROUPS).filter_map(Json::as_str).collect(),
        Some(Json::String(one)) => vec![one],
        _ => Vec::new(),
    }
}

/// The role of the first group of the operator's list that the person is in; who is in none has the usual one.
fn role_of(provider: &config::Provider, groups: &[&str]) -> Option<String> {
    let mut mapping = provider.role_mapping.iter();
    let mapped = mapping.find(|(group, _)| groups.contains(&group.as_str()));
    mapped
        .map(|(_, role)| role.clone())
        .or_else(|| provider.default_role.clone())
}

/// What is stored of a user who has come by a provider.
pub struct Stored {
    pub id: String,
    status: String,
    role: Option<String>,
    identifier: String,
    email: Option<String>,
    names: [Option<String>; 2],
    pub tfa_secret: Option<String>,
}

impl Stored {
    /// Whether the user may do anything at all.
    pub fn is_active(&self) -> bool {
        self.status == ACTIVE
    }
}

fn stored(row: &Row) -> Option<Stored> {
    Some(Stored {
        id: text(row, 0)?,
        status: text(row, 1)?,
        role: text(row, 2),
        identifier: text(row, 3)?,
        email: text(row, 4),
        names: [text(row, 5), text(row, 6)],
        tfa_secret: text(row, 7).filter(|secret| !secret.is_empty()),
    })
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
        if !stored.is_active() {
            return Err(refusal::credentials());
        }
        let role = self.update_person(cx, provider, person, &stored).await?;
        Ok(Account {
            id: stored.id,
            role,
            identifier: stored.identifier,
            provider: provider.name.clone(),
            tfa_secret: stored.tfa_secret,
        })
    }

    /// The user that a person has been so far.
    pub(crate) async fn known_person(&self, provider: &config::Provider, person: &Person) -> Result<Option<Stored>> {
        let spelling = person.spelling.as_deref().unwrap_or(&person.identifier);
        let values: [Param; 3] = [
            provider.name.as_str().into(),
            person.identifier.as_str().into(),
            spelling.into(),
        ];
        let rows = self.fetch(self.bound(FIND, values)).await?;
        // Some databases take other texts for the same. The very text comes first.
        let mut found: Vec<Stored> = rows.iter().filter_map(stored).collect();
        found.retain(|stored| person.is_called(&stored.identifier));
        found.sort_by_key(|stored| stored.identifier != person.identifier);
        Ok(found.into_iter().next())
    }

    /// The role that the groups of a directory lead to: by the operator's list, or where there is none the first one that
    /// is called as one of them is; who is in none of these has the usual one.
    pub(crate) async fn role_by_groups(&self, provider: &config::Provider, groups: &[&str]) -> Result<Option<String>> {
        if !provider.role_mapping.is_empty() {
            return Ok(role_of(provider, groups));
        }
        let rows = self.fetch(self.bound(ROLES, [])).await?;
        let mut rows = rows.iter();
        let called = rows.find(|row| text(row, 1).is_some_and(|name| groups.contains(&name.as_str())));
        Ok(called
            .and_then(|row| text(row, 0))
            .or_else(|| provider.default_role.clone()))
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

    /// Opens a session of a user who has come by a provider, and spends the code that was asked for.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS`: it is no longer active; `INVALID_OTP`: the code was spent meanwhile.
    pub(crate) async fn admit(
        &self,
        cx: &Cx,
        user: &Account,
        mode: Mode,
        proof: Option<&Proof>,
        peer: &Peer,
    ) -> Result<Pass> {
        let now = cx.now;
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
        let mut acts = vec![Act::or(guard, refusal::credentials())];
        acts.extend(
            proof
                .into_iter()
                .flat_map(|proof| self.spend(&user.id, proof, refusal::otp())),
        );
        acts.push(Act::any(self.touch(&user.id, now)));
        acts.push(Act::any(self.activity("login", Some(&user.id), &user.id, peer, now)));
        acts.extend(self.sweep(now).map(Act::any));
        self.carry_out(acts).await?;
        // A role that was given just now is in no snapshot that was taken before.
        let snapshot = self.app.snapshot();
        let owner = Owner {
            id: &user.id,
            role: user.role.as_deref(),
            lacks_tfa: user.tfa_secret.is_none(),
        };
        self.pass(&snapshot, &owner, mode, session, peer, now)
    }
}
