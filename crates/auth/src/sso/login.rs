//! Logging in with a name and a password that a directory judges. A refusal says the same and takes the same time for
//! whatever reason, as with passwords of our own, and is counted alike. Nothing is stored before the directory has said yes.

use aedile_engine::{Error as Failure, Json, Result};
use aedile_platform::Cx;

use super::{
    Sso,
    account::{Person, Stored},
    ldap::{Directory, is_disabled},
};
use crate::{Auth, Mode, Pass, Peer, error::refusal, factor::Proof, login::code_of, password::Password};

/// Longest name that somebody may have, in bytes: what directories call people by is far shorter.
const MAX_NAME: usize = 255;

/// What somebody logs in with whom a directory knows. It cannot be printed.
#[derive(Clone)]
pub struct DirectoryForm {
    name: String,
    password: Password,
    otp: Option<String>,
    mode: Mode,
}

impl DirectoryForm {
    /// Reads a body. Keys it does not know are let through.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD`: no name, no password, or a code or mode that is none.
    pub fn read(body: &Json) -> Result<DirectoryForm> {
        let malformed = |what: &str| Failure::invalid_payload(what);
        let body = body.as_object().ok_or_else(|| malformed("an object is needed"))?;
        let name = body.get("identifier").and_then(Json::as_str);
        let password = body.get("password").and_then(Json::as_str);
        Ok(DirectoryForm {
            name: name
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| malformed("\"identifier\" is needed"))?,
            password: password
                .and_then(|text| Password::new(text).ok())
                .ok_or_else(|| malformed("\"password\" is needed"))?,
            otp: code_of(body)?,
            mode: Mode::of(body)?.unwrap_or(Mode::Json),
        })
    }

    /// Whether it can be anybody's: what is longer, or holds what ends a text elsewhere, is asked of no directory.
    fn is_possible(&self) -> bool {
        self.name.len() <= MAX_NAME && !self.name.contains('\0') && !self.password.is_too_long()
    }
}

impl Sso {
    /// Logs somebody in whom a directory knows. None when there is no such directory.
    ///
    /// # Errors
    /// As [`Auth::login`], and `SERVICE_UNAVAILABLE` where the directory does not answer.
    pub async fn login(
        &self,
        auth: &Auth,
        cx: &Cx,
        name: &str,
        form: impl FnOnce() -> Result<DirectoryForm>,
        peer: &Peer,
    ) -> Option<Result<Pass>> {
        let directory = self.directory(name)?;
        let outcome = async {
            let form = form()?;
            auth.attempts.admit(peer, cx.now).await?;
            let stall = auth.stall(auth.tokens().login_stall);
            let outcome = self.try_login(auth, cx, directory, form, peer).await;
            if outcome.is_err() {
                stall.over().await;
            }
            outcome
        };
        Some(outcome.await)
    }

    async fn try_login(
        &self,
        auth: &Auth,
        cx: &Cx,
        directory: &Directory,
        form: DirectoryForm,
        peer: &Peer,
    ) -> Result<Pass> {
        if !form.is_possible() {
            return Err(refusal::credentials());
        }
        let provider = &directory.provider;
        let (person, stored) = self.prove(auth, cx, directory, &form, peer).await?;
        let proof = match &stored {
            Some(stored) => second_factor(auth, cx, stored, form.otp.as_deref(), peer).await?,
            None => None,
        };
        let user = auth.account(cx, provider, &person).await?;
        auth.attempts.right(&user.id, peer).await;
        auth.admit(cx, &user, form.mode, proof.as_ref(), peer).await
    }

    /// Who it is, as the directory says, and the user that has been so far.
    async fn prove(
        &self,
        auth: &Auth,
        cx: &Cx,
        directory: &Directory,
        form: &DirectoryForm,
        peer: &Peer,
    ) -> Result<(Person, Option<Stored>)> {
        let provider = &directory.provider;
        let mut visit = directory.visit(&self.client).await?;
        let entry = visit.find(&form.name).await?.ok_or_else(refusal::credentials)?;
        let mut person = Person::of_entry(&entry.dn, directory.told(&entry))?;
        let stored = auth.known_person(provider, &person).await?;
        let limit = cx.snapshot.settings.login_attempts;
        let in_vain =
            |user: &Stored| !user.is_active() || auth.attempts.comes_to_nothing(&user.id, limit, peer, cx.now);
        if stored.as_ref().is_some_and(in_vain) {
            return Err(refusal::credentials());
        }
        if !visit.proves(&entry, &form.password).await? {
            if let Some(user) = &stored {
                auth.count_failure(&cx.snapshot, &user.id, peer, cx.now).await?;
            }
            return Err(refusal::credentials());
        }
        if is_disabled(&entry) {
            tracing::info!(
                provider = provider.name,
                "the account of a person is disabled in the directory"
            );
            return Err(refusal::credentials());
        }
        if directory.has_groups() {
            let groups = visit.groups(&entry).await?;
            let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
            person.role = Some(auth.role_by_groups(provider, &groups).await?);
        }
        Ok((person, stored))
    }

    /// Whether the directory of a user still knows it, as an account that may be used. Users of anybody else are theirs to
    /// judge when they log in.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` where it does not, `SERVICE_UNAVAILABLE` where it does not answer.
    pub(crate) async fn still_knows(&self, provider: &str, identifier: Option<&str>) -> Result<()> {
        let Some(directory) = self.directory(provider) else {
            return Ok(());
        };
        let dn = identifier.ok_or_else(refusal::credentials)?;
        let mut visit = directory.visit(&self.client).await?;
        match visit.read(dn).await? {
            Some(entry) if !is_disabled(&entry) => Ok(()),
            _ => Err(refusal::credentials()),
        }
    }

    fn directory(&self, name: &str) -> Option<&Directory> {
        let mut directories = self.directories.iter();
        directories.find(|directory| directory.provider.name == name)
    }
}

/// What a code proves that a user has to show who has a second factor here.
async fn second_factor(auth: &Auth, cx: &Cx, user: &Stored, code: Option<&str>, peer: &Peer) -> Result<Option<Proof>> {
    let Some(secret) = &user.tfa_secret else {
        return Ok(None);
    };
    let Some(code) = code else {
        auth.attempts.take_back(peer).await;
        return Err(refusal::otp());
    };
    let proof = auth.proof(&user.id, secret, code, cx.now).await?;
    if proof.is_none() {
        auth.count_failure(&cx.snapshot, &user.id, peer, cx.now).await?;
        return Err(refusal::otp());
    }
    Ok(proof)
}
