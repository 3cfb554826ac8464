//! Loads the demo project into a fresh database: the model in one change, then who may do what, then the rows.
//! Never overwrites: a database with collections of its own is refused, unless the operator insists.

use aedile_engine::{
    Error, Json, Object, Result,
    access::{Caller, Reason},
    query::Query,
};

use crate::{App, Cx, Origin, demo, items, model, system::policies::PUBLIC};

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
/// `UNPROCESSABLE_CONTENT` when the database holds collections already and `force` is not set; then, or when a name is
/// taken, nothing of the model is stored.
pub async fn load(app: &App, now: i64, force: bool, secret: &(dyn Fn() -> String + Sync)) -> Result<Vec<Account>> {
    let used = app.snapshot().model.schema.collections().any(|c| !c.system);
    if used && !force {
        return Err(Error::unprocessable(
            "the database holds collections already; --force loads the demo beside them",
        ));
    }
    load_model(app).await?;
    let cx = app.cx(app.snapshot(), Caller::system(Reason::Loading), Origin::default(), now);
    let accounts = load_access(&cx, secret).await?;
    for (collection, rows) in read(demo::content())? {
        if cx.schema().collection(collection).is_some_and(|c| c.singleton) {
            if let Some(row) = rows.into_iter().next() {
                items::save_singleton(&cx, collection, row, &Query::default()).await?;
            }
        } else {
            items::create(&cx, collection, Json::Array(rows), &only_key(&cx, collection)).await?;
        }
    }
    Ok(accounts)
}

fn read<T>(files: serde_json::Result<T>) -> Result<T> {
    files.map_err(|error| Error::internal(format!("the demo's files: {error}")))
}

/// Nothing but keys is read back of what was written.
fn only_key(cx: &Cx, collection: &str) -> Query {
    let key = cx.schema().collection(collection).map_or("id", |c| c.key.as_str());
    let mut query = Query {
        fields: vec![aedile_engine::query::Path {
            steps: Vec::new(),
            leaf: aedile_engine::query::Leaf::Field(key.to_owned()),
        }],
        ..Query::default()
    };
    query.page.limit = Some(1);
    query
}

async fn load_model(app: &App) -> Result<()> {
    let fields = read(demo::fields())?;
    let mut collections = read(demo::collections())?;
    for collection in &mut collections {
        let Some(object) = collection.as_object_mut() else {
            continue;
        };
        let own: Vec<Json> = fields
            .iter()
            .filter(|field| field.get("collection") == object.get("collection"))
            .cloned()
            .collect();
        if !own.is_empty() {
            object.insert("fields".to_owned(), own.into());
        }
    }
    let relations = read(demo::relations())?;
    app.db()
        .write_ddl(move |tx| {
            Box::pin(async move {
                model::collections::create(tx, &Json::Array(collections)).await?;
                for relation in &relations {
                    model::relations::create(tx, relation).await?;
                }
                Ok(())
            })
        })
        .await?;
    app.reload(app.version().await?).await.map(|_| ())
}

/// Roles, policies, who has them, and the accounts.
async fn load_access(cx: &Cx, secret: &(dyn Fn() -> String + Sync)) -> Result<Vec<Account>> {
    let is_public = |row: &Json, key: &str| row.get(key).and_then(Json::as_str) == Some(PUBLIC);
    create(cx, "directus_roles", read(demo::roles())?).await?;
    let policies = read(demo::policies())?
        .into_iter()
        .filter(|row| !is_public(row, "id"))
        .collect();
    create(cx, "directus_policies", policies).await?;
    create(cx, "directus_permissions", read(demo::permissions())?).await?;
    let mut accounts = Vec::new();
    let mut users = Vec::new();
    for user in read(demo::users())? {
        let Json::Object(mut user) = user else { continue };
        accounts.push(open(&mut user, secret()));
        users.push(Json::Object(user));
    }
    create(cx, "directus_users", users).await?;
    // The public policy is attached to the public in every project.
    let access = read(demo::access())?
        .into_iter()
        .filter(|row| !is_public(row, "policy"))
        .collect();
    create(cx, "directus_access", access).await?;
    create(cx, "directus_presets", read(demo::presets())?).await?;
    let mut settings = read(demo::settings())?;
    if let Some(object) = settings.as_object_mut() {
        object.remove("id");
    }
    items::save_singleton(cx, "directus_settings", settings, &Query::default()).await?;
    Ok(accounts)
}

/// Gives an account a way in.
fn open(user: &mut Object, secret: String) -> Account {
    let text = |user: &Object, name: &str| user.get(name).and_then(Json::as_str).map(str::to_owned);
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

async fn create(cx: &Cx, collection: &str, rows: Vec<Json>) -> Result<()> {
    items::create(cx, collection, Json::Array(rows), &only_key(cx, collection))
        .await
        .map(|_| ())
}
