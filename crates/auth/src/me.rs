//! What the Studio notes of its user, without permission and without trace: the page it is on.

use aedile_engine::{Error as Failure, Json, Object, Result};
use aedile_platform::Cx;

use crate::{Auth, error::refusal};

#[cfg(test)]
mod tests;

/// Longest page, in characters: what the column holds.
const MAX_PAGE: usize = 255;

const TRACK: &str = "update directus_users set last_page = {} where id = {}";

impl Auth {
    /// Notes the page that the caller is on. Nothing else of the body is looked at.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` for the public, `INVALID_PAYLOAD` without a page.
    pub async fn track_page(&self, cx: &Cx, body: &Object) -> Result<()> {
        let id = cx.caller.user().ok_or_else(refusal::credentials)?;
        let page = match body.get("last_page") {
            Some(Json::String(page)) => page.clone(),
            Some(Json::Number(page)) => page.to_string(),
            _ => String::new(),
        };
        if page.is_empty() || page.chars().count() > MAX_PAGE {
            return Err(Failure::invalid_payload(format!(
                "\"last_page\" has to be a text of at most {MAX_PAGE} characters"
            )));
        }
        let guard = self.bound(TRACK, [page.into(), id.into()]);
        self.write_if(guard, Vec::new()).await.map(|_| ())
    }
}
