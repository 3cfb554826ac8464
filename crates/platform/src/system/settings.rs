//! Project settings that the system obeys.

use aedile_engine::{Error, Json, Object, Result};

use crate::App;

/// Checks what is sent for the settings.
pub(crate) fn before_write(app: &App, mut input: Object) -> Result<Object> {
    // There is one row, and its key is not a setting.
    input.remove("id");
    if let Some(attempts) = input.get("auth_login_attempts")
        && !(attempts.is_null() || attempts.as_i64().is_some_and(|n| n >= 0))
        && !matches!(attempts, Json::String(text) if text.parse::<u32>().is_ok())
    {
        return Err(Error::invalid_payload(
            "\"auth_login_attempts\" is a whole number, or null for no limit",
        ));
    }
    match input.get("auth_password_policy") {
        None | Some(Json::Null) => {}
        Some(Json::String(policy)) if policy.is_empty() => {}
        Some(Json::String(policy)) => app.check_policy(policy)?,
        Some(_) => {
            return Err(Error::invalid_payload(
                "\"auth_password_policy\" is text, or null for none",
            ));
        }
    }
    Ok(input)
}
