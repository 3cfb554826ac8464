//! Loads the demo project into a fresh database, as a template whose accounts are given a way in.
//! Never overwrites: a database with collections of its own is refused, unless the operator insists.

use aedile_engine::{Error, Object, Result};

use crate::{
    App, demo,
    template::{self, Refusal},
};

/// An account of the demo, and what opens it: told once.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its e-mail address, or its name where it has none.
    pub name: String,
    /// Its password, or its static token where it has no address.
    pub secret: String,
}

/// Loads everything. `now` is in milliseconds since 1970; `secret` makes a new secret each time it is called.
///
/// # Errors
/// `UNPROCESSABLE_CONTENT` when the database holds collections already and `force` is not set, or when a name is taken.
/// Then nothing is stored.
pub async fn load(app: &App, now: i64, force: bool, secret: &(dyn Fn() -> String + Sync)) -> Result<Vec<Account>> {
    let used = app.snapshot().model.schema.collections().any(|c| !c.system);
    if used && !force {
        return Err(Error::unprocessable(
            "the database holds collections already; --force loads the demo beside them",
        ));
    }
    let mut template = demo::template().map_err(|problems| Error::internal(format!("the demo's files: {problems}")))?;
    let mut accounts = Vec::new();
    for user in template.of_system_mut("directus_users").into_iter().flatten() {
        accounts.push(open(user, secret()));
    }
    match template::apply(app, template, now).await {
        Ok(_) => Ok(accounts),
        Err(Refusal::Template(problems)) => {
            Err(Error::unprocessable(format!("the demo can not be loaded:\n{problems}")))
        }
        Err(Refusal::Failed(error)) => Err(error),
    }
}

/// Gives an account a way in.
fn open(user: &mut Object, secret: String) -> Account {
    let text = |user: &Object, name: &str| user.get(name).and_then(aedile_engine::Json::as_str).map(str::to_owned);
    match text(user, "email") {
        Some(email) => {
            user.insert("password".to_owned(), secret.clone().into());
            Account { name: email, secret }
        }
        None => {
            user.insert("token".to_owned(), secret.clone().into());
            let name = text(user, "first_name").unwrap_or_default();
            Account {
                name: format!("{name} (token)"),
                secret,
            }
        }
    }
}
