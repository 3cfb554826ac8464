//! The rows that every fresh project begins with: the public policy, the administrators' policy and role, the first
//! administrator, the settings. Never touches a project that holds any of them.

use aedile_db::{Db, Tx};
use aedile_engine::{
    Code, Error, Json, Object, Result,
    access::{Caller, Reason},
    sql::Sql,
    value::Param,
};
use uuid::Uuid;

use crate::{App, Cx, Origin, email, items, statement, static_token, system::policies::PUBLIC};

/// The first administrator.
#[derive(Clone)]
pub struct FirstAdministrator {
    /// Its address.
    pub email: String,
    /// The hash of its password.
    pub password_hash: String,
    /// Its static token, if it has one.
    pub token: Option<String>,
}

/// Whether the project has its first rows.
pub async fn is_seeded(db: &Db) -> Result<bool> {
    let sql = statement::fixed(db.dialect(), &["select 1 from directus_policies limit 1"]);
    let rows = db
        .fetch(std::sync::Arc::new(sql.finish(Vec::new())), Vec::new())
        .await?;
    Ok(!rows.is_empty())
}

/// Writes the first rows of a fresh project. `now` is in milliseconds since 1970.
///
/// # Errors
/// `INVALID_PAYLOAD` for an address that is none; what the database answers.
pub async fn seed(db: &Db, administrator: Option<FirstAdministrator>) -> Result<()> {
    if let Some(first) = &administrator
        && email::Email::parse(&first.email).is_none()
    {
        return Err(Error::invalid_payload(format!(
            "\"{}\" is no e-mail address",
            first.email
        )));
    }
    let dialect = db.dialect();
    db.write(move |tx| Box::pin(async move { seed_in(tx, dialect, administrator).await }))
        .await
}

async fn seed_in(tx: &mut Tx, dialect: aedile_engine::sql::Dialect, first: Option<FirstAdministrator>) -> Result<()> {
    let (policy, role) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
    let new = || Sql::new(dialect);
    let mut sql = new();
    sql.push("insert into directus_policies (id, name, icon, description, admin_access, app_access) values (")
        .param(PUBLIC);
    sql.push(", '$t:public_label', 'public', '$t:public_description', false, false), (")
        .param(policy.as_str());
    sql.push(", 'Administrator', 'verified', '$t:admin_description', true, true)");
    run(tx, sql).await?;
    let mut sql = new();
    sql.push("insert into directus_roles (id, name, icon, description) values (")
        .param(role.as_str());
    sql.push(", 'Administrator', 'verified', '$t:admin_description')");
    run(tx, sql).await?;
    let mut sql = new();
    sql.push("insert into directus_access (id, role, policy, sort) values (")
        .param(Uuid::new_v4().to_string());
    sql.push(", null, ")
        .param(PUBLIC)
        .push(", 1), (")
        .param(Uuid::new_v4().to_string());
    sql.push(", ")
        .param(role.as_str())
        .push(", ")
        .param(policy)
        .push(", 1)");
    run(tx, sql).await?;
    let mut sql = new();
    sql.push("insert into directus_settings (id, project_id) values (1, ")
        .param(Uuid::new_v4().to_string())
        .push(")");
    run(tx, sql).await?;
    static_token::keep(tx, dialect).await?;
    if let Some(first) = first {
        let mut sql = new();
        sql.push(
            "insert into directus_users (id, first_name, last_name, email, password, token, role, status) values (",
        );
        sql.param(Uuid::new_v4().to_string())
            .push(", 'Admin', 'User', ")
            .param(first.email)
            .push(", ");
        sql.param(first.password_hash)
            .push(", ")
            .param(first.token.as_deref().map(static_token::stored))
            .push(", ")
            .param(role)
            .push(", 'active')");
        run(tx, sql).await?;
    }
    run(
        tx,
        statement::fixed(
            dialect,
            &["update aedile_meta set value = value + 1 where \"key\" = 'version'"],
        ),
    )
    .await
}

async fn run(tx: &mut Tx, sql: Sql) -> Result<()> {
    let stmt = sql.finish(Vec::new());
    let params: Vec<Param> = stmt
        .binds
        .iter()
        .map(|bind| match bind {
            aedile_engine::sql::Bind::Const(param) => param.clone(),
            aedile_engine::sql::Bind::Var(..) | aedile_engine::sql::Bind::Key(_) => Param::Null,
        })
        .collect();
    tx.execute(&stmt, &params).await.map(|_| ())
}

/// The operator's own context, for the command line: may do everything, and keeps the values it brings along.
pub fn operator(app: &App, now: i64) -> Cx {
    app.cx(
        app.snapshot(),
        Caller::system(Reason::CommandLine),
        Origin::default(),
        now,
    )
}

/// Makes a user; answers its id. The role is named by its id or its name.
pub async fn create_user(cx: &Cx, address: &str, password: &str, role: &str) -> Result<String> {
    let role = role_id(cx, role).await?;
    let mut user = Object::new();
    user.insert("email".to_owned(), address.into());
    user.insert("password".to_owned(), password.into());
    user.insert("role".to_owned(), role.into());
    user.insert("status".to_owned(), "active".into());
    made(cx, "directus_users", user).await
}

/// Makes a role, with a policy that grants everything if it is to be an administrators' role; answers its id.
pub async fn create_role(cx: &Cx, name: &str, admin: bool) -> Result<String> {
    let mut role = Object::new();
    role.insert("name".to_owned(), name.into());
    if admin {
        let policy = serde_json::json!({ "name": name, "icon": "verified", "admin_access": true, "app_access": true });
        role.insert("policies".to_owned(), serde_json::json!([{ "policy": policy }]));
    }
    made(cx, "directus_roles", role).await
}

/// Sets a user's password, and ends its sessions.
pub async fn set_password(cx: &Cx, address: &str, password: &str) -> Result<()> {
    let mut sql = Sql::new(cx.app.db().dialect());
    sql.push("select id from directus_users where lower(email) = ")
        .param(email::comparable(address));
    let id = first_text(cx, sql).await?;
    let id = id.ok_or_else(|| Error::new(Code::Forbidden, format!("there is no user with the address {address}")))?;
    items::update_one(
        cx,
        "directus_users",
        &id,
        serde_json::json!({ "password": password }),
        &aedile_engine::query::Query::default(),
    )
    .await?;
    Ok(())
}

async fn role_id(cx: &Cx, role: &str) -> Result<String> {
    let mut sql = Sql::new(cx.app.db().dialect());
    sql.push("select id from directus_roles where cast(id as text) = ")
        .param(role)
        .push(" or name = ")
        .param(role)
        .push(" order by id limit 1");
    let found = first_text(cx, sql).await?;
    found.ok_or_else(|| Error::new(Code::Forbidden, format!("there is no role \"{role}\"")))
}

async fn first_text(cx: &Cx, sql: Sql) -> Result<Option<String>> {
    let stmt = sql.finish(Vec::new());
    let params = cx.bind(&stmt.binds);
    let rows = cx.app.db().fetch(std::sync::Arc::new(stmt), params).await?;
    Ok(rows.first().and_then(|row| crate::snapshot::text(row, 0)))
}

async fn made(cx: &Cx, collection: &str, object: Object) -> Result<String> {
    let answer = items::create(
        cx,
        collection,
        Json::Object(object),
        &aedile_engine::query::Query::default(),
    )
    .await?;
    let told: Json = serde_json::from_slice(&answer.data.unwrap_or_default()).unwrap_or_default();
    told.get("id")
        .and_then(Json::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Error::internal("the new row has no id"))
}
