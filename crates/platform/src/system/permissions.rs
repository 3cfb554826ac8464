//! Permissions: what is saved can be understood, or it is refused while somebody is there to read why.

pub(crate) mod mention;

use aedile_engine::{
    Error, Json, Object, Result,
    access::Action,
    query::{
        Limits,
        filter::{self, Context},
    },
    validate,
};

/// Checks what is sent for a permission.
pub(crate) fn before_write(input: Object) -> Result<Object> {
    if let Some(action) = input.get("action").filter(|action| !action.is_null())
        && action.as_str().and_then(Action::parse).is_none()
    {
        return Err(Error::invalid_payload(
            "\"action\" is one of create, read, update, delete, share",
        ));
    }
    check_rule(&input, "permissions", Context::Rule)?;
    check_rule(&input, "validation", Context::Validation)?;
    Ok(input)
}

fn check_rule(input: &Object, name: &str, context: Context) -> Result<()> {
    let Some(stored) = input.get(name) else { return Ok(()) };
    let parsed;
    let rule = match stored {
        Json::String(text) => {
            parsed =
                serde_json::from_str(text).map_err(|_| Error::invalid_payload(format!("\"{name}\" is no rule")))?;
            &parsed
        }
        other => other,
    };
    match rule {
        Json::Null => Ok(()),
        Json::Object(object) if object.is_empty() => Ok(()),
        Json::Object(_) => {
            match filter::parse(rule, &Limits::default(), context).and_then(|rule| validate::check_patterns(&rule)) {
                Ok(()) => Ok(()),
                Err(error) => Err(Error::invalid_payload(format!(
                    "\"{name}\" can not be understood: {}",
                    error.reason()
                ))),
            }
        }
        _ => Err(Error::invalid_payload(format!("\"{name}\" needs a rule"))),
    }
}
