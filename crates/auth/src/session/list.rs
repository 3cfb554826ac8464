//! Which sessions a user has, and ending them: one's own for everybody, others' for administrators. A session is told by a
//! name that is made of its token by a digest; must never tell a token, or anything that one could be made of.

use aedile_engine::{Error as Failure, Json, Result, value::time};
use aedile_platform::Cx;
use serde_json::json;

use crate::{
    Auth,
    auth::Act,
    error::refusal,
    statement::{int, text},
    tfa::peer,
    token::Token,
    user::uuid,
};

#[cfg(test)]
mod tests;

/// Characters of a session's name: 128 bits of the digest.
const NAME_CHARS: usize = 32;

/// Sessions that are alive, but for those that are being replaced by the next; no more than anybody looks through.
const LIST: &str = "select token, expires, ip, user_agent, origin from directus_sessions \
     where \"user\" = {} and expires > {} and next_token is null order by expires desc, token limit 200";

/// The session that one is being replaced by.
const SUCCESSOR: &str = "select next_token from directus_sessions where token = {} and next_token is not null";

/// A session and those that it replaced, as long as they are still there.
const END: &str = "delete from directus_sessions where \"user\" = {} and (token = {} or next_token = {})";

impl Auth {
    /// The sessions of the caller, or of another user for administrators, the latest first.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` for the public, `FORBIDDEN` for other users'.
    pub async fn sessions(&self, cx: &Cx, user: Option<&str>) -> Result<Vec<Json>> {
        let user = whose(cx, user)?;
        let own = cx.origin.session.as_ref().and_then(|own| Token::new(own.expose()).ok());
        let own = match own {
            Some(own) => Some(name(&self.successor(&own).await?.unwrap_or(own))),
            None => None,
        };
        let listed = self.alive(&user, cx.now).await?;
        Ok(listed
            .into_iter()
            .map(|(token, mut told)| {
                let name = name(&token);
                if let Some(object) = told.as_object_mut() {
                    object.insert("current".to_owned(), (own.as_deref() == Some(name.as_str())).into());
                    object.insert("id".to_owned(), name.into());
                }
                told
            })
            .collect())
    }

    /// Ends one of these sessions.
    ///
    /// # Errors
    /// As [`Auth::sessions`], and `FORBIDDEN` for one that is not there.
    pub async fn end_session(&self, cx: &Cx, user: Option<&str>, id: &str) -> Result<()> {
        let user = whose(cx, user)?;
        let listed = self.alive(&user, cx.now).await?;
        let found = listed
            .into_iter()
            .map(|(token, _)| token)
            .find(|token| name(token) == id);
        let token = found.ok_or_else(Failure::forbidden)?;
        let end = self.bound(
            END,
            [user.as_str().into(), token.expose().into(), token.expose().into()],
        );
        let log = self.activity("update", cx.caller.user(), &user, &peer(cx), cx.now);
        self.carry_out(vec![Act::or(end, Failure::forbidden()), Act::any(log)])
            .await
    }

    /// Ends all of them, the one that the request came with as well.
    ///
    /// # Errors
    /// As [`Auth::sessions`].
    pub async fn end_all_sessions(&self, cx: &Cx, user: Option<&str>) -> Result<()> {
        let user = whose(cx, user)?;
        let log = self.activity("update", cx.caller.user(), &user, &peer(cx), cx.now);
        self.carry_out(vec![Act::any(self.end_sessions(&user)), Act::any(log)])
            .await
    }

    /// A request may still come with a session that another request is renewing.
    async fn successor(&self, own: &Token) -> Result<Option<Token>> {
        let rows = self.fetch(self.bound(SUCCESSOR, [own.expose().into()])).await?;
        let next = rows.first().and_then(|row| text(row, 0));
        Ok(next.and_then(|token| Token::new(token).ok()))
    }

    async fn alive(&self, user: &str, now: i64) -> Result<Vec<(Token, Json)>> {
        let rows = self
            .fetch(self.bound(LIST, [user.into(), aedile_engine::value::Param::Instant(now)]))
            .await?;
        let mut found = Vec::new();
        for row in &rows {
            let Some(token) = text(row, 0).and_then(|token| Token::new(token).ok()) else {
                continue;
            };
            let told = json!({
                "expires": int(row, 1).map(time::format_instant),
                "ip": text(row, 2),
                "user_agent": text(row, 3),
                "origin": text(row, 4),
            });
            found.push((token, told));
        }
        Ok(found)
    }
}

/// What a session is called.
fn name(token: &Token) -> String {
    token.digest().chars().take(NAME_CHARS).collect()
}

/// Whose sessions are meant, if the caller may see them.
fn whose(cx: &Cx, user: Option<&str>) -> Result<String> {
    let own = cx.caller.user().ok_or_else(refusal::credentials)?;
    let Some(user) = user else {
        return Ok(own.to_owned());
    };
    let user = uuid(user).ok_or_else(Failure::forbidden)?;
    if cx.access.admin || (user == own && cx.withheld.is_none()) {
        Ok(user)
    } else {
        Err(Failure::forbidden())
    }
}
