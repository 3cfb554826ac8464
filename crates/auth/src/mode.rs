//! How tokens travel: in bodies, in a refresh cookie, or as a session cookie.

use aedile_engine::{Error, Json, Object, Result};

/// How tokens travel between server and client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Both tokens in the body.
    Json,
    /// The access token in the body, the refresh token in a cookie.
    Cookie,
    /// One cookie that holds a session token.
    Session,
}

impl Mode {
    /// The mode a body names, if it names one.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for anything that is no mode, null included.
    pub fn of(body: &Object) -> Result<Option<Mode>> {
        match body.get("mode").map(Json::as_str) {
            None => Ok(None),
            Some(Some("json")) => Ok(Some(Mode::Json)),
            Some(Some("cookie")) => Ok(Some(Mode::Cookie)),
            Some(Some("session")) => Ok(Some(Mode::Session)),
            Some(_) => Err(Error::invalid_payload(
                "\"mode\" is \"json\", \"cookie\" or \"session\"",
            )),
        }
    }
}
