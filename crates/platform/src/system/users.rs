//! Users: e-mail addresses are well-formed and unique whatever their case; sessions end with what they rested on.

use aedile_engine::{Code, Error, Json, Object, Result, access::Action, sql::Sql, value::Param};

use crate::{
    Cx, email,
    items::{Writing, keys_text},
    trial::{Attempt, Write},
};

/// What a user's status may be.
const STATUSES: [&str; 6] = ["draft", "invited", "unverified", "active", "suspended", "archived"];

/// Longest static token.
const MAX_TOKEN: usize = 255;

/// Checks what is sent for one or several users. `keys` are theirs; none for a new one.
pub(crate) async fn before_write(w: &mut Writing<'_>, mut input: Object, keys: Option<&[Param]>) -> Result<Object> {
    if input.contains_key("tfa_secret") && !matches!(*w.cx.caller, aedile_engine::access::Caller::System(_)) {
        if !w.cx.access.admin {
            return Err(Error::forbidden());
        }
        // Templates say of a new user what it does not have.
        if keys.is_some() || input.get("tfa_secret").is_some_and(|secret| !secret.is_null()) {
            return Err(Error::invalid_payload(
                "\"tfa_secret\" is set by enabling the second factor",
            ));
        }
    }
    if let Some(status) = input.get("status") {
        let known = status.as_str().is_some_and(|status| STATUSES.contains(&status));
        if !known {
            return Err(Error::invalid_payload(format!(
                "\"status\" is one of {}",
                STATUSES.join(", ")
            )));
        }
    }
    match input.get("token") {
        Some(Json::String(token)) if token.is_empty() => {
            input.insert("token".to_owned(), Json::Null);
        }
        Some(Json::String(token)) if token.len() > MAX_TOKEN => {
            return Err(Error::invalid_payload(format!(
                "\"token\" has at most {MAX_TOKEN} bytes"
            )));
        }
        _ => {}
    }
    // Whether an address is taken is told to those alone who may write one.
    let action = if keys.is_some() { Action::Update } else { Action::Create };
    if w.cx.access.grant("directus_users", action).has("email") {
        check_email(w, &input, keys).await?;
    }
    Ok(input)
}

/// What making this user comes to where its address is taken: what it would come to if it were not, by the same work, and
/// without a row of it.
///
/// # Errors
/// What the user would be refused with.
pub async fn rehearse(cx: &Cx, user: Object) -> Result<()> {
    let attempt = Attempt {
        collection: "directus_users".to_owned(),
        write: Write::Instead(user),
    };
    attempt.rehearse(cx).await
}

/// Takes the address of a new user away from whoever has it, in a transaction that is going to be undone.
pub(crate) async fn give_up_address(w: &mut Writing<'_>, user: &Object) -> Result<()> {
    let address = user.get("email").and_then(Json::as_str).unwrap_or_default();
    let mut sql = w.sql();
    sql.push("update directus_users set email = null where lower(email) = ")
        .param(email::comparable(address));
    w.run(sql.finish(Vec::new())).await.map(drop)
}

async fn check_email(w: &mut Writing<'_>, input: &Object, keys: Option<&[Param]>) -> Result<()> {
    let address = match input.get("email") {
        None | Some(Json::Null) => return Ok(()),
        Some(Json::String(text)) => email::Email::parse(text),
        Some(_) => None,
    };
    let Some(address) = address else {
        return Err(Error::validation("email", &w.path, "email"));
    };
    let taken = |w: &Writing<'_>| -> Sql {
        let mut sql = w.sql();
        sql.push("select id from directus_users where lower(email) = ")
            .param(address.comparable());
        sql
    };
    let sql = taken(w);
    let rows = w.fetch(sql.finish(Vec::new())).await?;
    let own = |id: &Param| {
        keys.is_some_and(|keys| keys.len() == 1 && keys.first().map(keys_text).as_deref() == Some(&keys_text(id)))
    };
    if keys.is_some_and(|keys| keys.len() > 1) || rows.iter().filter_map(|row| row.first()).any(|id| !own(id)) {
        return Err(Error::constraint(
            Code::RecordNotUnique,
            "directus_users",
            Some("email"),
            address.as_str().into(),
        ));
    }
    Ok(())
}

/// Ends sessions that a change leaves without ground: password, e-mail, or a status that is not active. A session that
/// changes its own user stays.
pub(crate) async fn after_update(w: &mut Writing<'_>, keys: &[Param], values: &Object) -> Result<()> {
    let inactive = values
        .get("status")
        .is_some_and(|status| status.as_str() != Some("active"));
    if !(inactive || values.contains_key("password") || values.contains_key("email")) {
        return Ok(());
    }
    end_sessions(w, keys, !inactive).await
}

async fn end_sessions(w: &mut Writing<'_>, keys: &[Param], keep_own: bool) -> Result<()> {
    let own = w.cx.origin.session.clone().filter(|_| keep_own);
    let mut sql = w.sql();
    sql.push("delete from directus_sessions where \"user\" in (")
        .params(keys);
    sql.push(")");
    if let Some(session) = own {
        sql.push(" and token <> ").param(session.expose());
    }
    w.run(sql.finish(Vec::new())).await.map(|_| ())
}

/// Lets go of rows that point at users but must outlive them.
pub(crate) async fn before_delete(w: &mut Writing<'_>, keys: &[Param]) -> Result<()> {
    const POINTERS: [[&str; 2]; 6] = [
        [
            "update directus_files set uploaded_by = null where uploaded_by in (",
            ")",
        ],
        [
            "update directus_files set modified_by = null where modified_by in (",
            ")",
        ],
        [
            "update directus_comments set user_updated = null where user_updated in (",
            ")",
        ],
        ["update directus_notifications set sender = null where sender in (", ")"],
        [
            "update directus_versions set user_updated = null where user_updated in (",
            ")",
        ],
        [
            "update directus_versions set user_created = null where user_created in (",
            ")",
        ],
    ];
    for [open, close] in POINTERS {
        let mut sql = w.sql();
        sql.push(open).params(keys);
        sql.push(close);
        w.run(sql.finish(Vec::new())).await?;
    }
    Ok(())
}
