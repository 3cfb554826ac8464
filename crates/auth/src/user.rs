//! A user's row as authentication sees it. Holds secrets, so it cannot be printed.

use std::sync::Arc;

use aedile_db::Row;
use aedile_engine::{Result, value::Param};
use aedile_platform::email::comparable;

use crate::{
    Auth,
    statement::{Bound, bound, text},
};

/// The only status that opens anything.
pub const ACTIVE: &str = "active";

/// The provider of users who log in with a password.
const DEFAULT_PROVIDER: &str = "default";

/// By address, whatever the case of its ASCII letters; the one as written first, should an adopted database hold
/// several.
const BY_EMAIL: &str = "select id, email, password, status, role, tfa_secret, provider from directus_users \
     where lower(email) = {} order by email = {} desc, id limit 1";

const BY_ID: &str = "select id, email, password, status, role, tfa_secret, provider from directus_users where id = {}";

/// What is stored of a user.
pub struct UserRow {
    pub id: String,
    pub email: Option<String>,
    /// The hash.
    pub password: Option<String>,
    pub status: String,
    pub role: Option<String>,
    /// The secret of one-time codes, in base32.
    pub tfa_secret: Option<String>,
    provider: String,
}

impl UserRow {
    fn read(row: &Row) -> Option<UserRow> {
        Some(UserRow {
            id: text(row, 0)?,
            email: text(row, 1),
            password: text(row, 2).filter(|hash| !hash.is_empty()),
            status: text(row, 3)?,
            role: text(row, 4),
            tfa_secret: text(row, 5).filter(|secret| !secret.is_empty()),
            provider: text(row, 6)?,
        })
    }

    /// Whether the user may do anything at all.
    pub fn is_active(&self) -> bool {
        self.status == ACTIVE
    }

    /// Whether the user belongs to this server, and not to a provider elsewhere.
    pub fn is_local(&self) -> bool {
        self.provider == DEFAULT_PROVIDER
    }
}

impl Auth {
    /// The user of an address.
    pub(crate) async fn user_by_email(&self, address: &str) -> Result<Option<UserRow>> {
        let folded = Param::Text(comparable(address));
        self.user(bound(
            self.dialect(),
            BY_EMAIL,
            [folded, Param::Text(address.to_owned())],
        ))
        .await
    }

    /// The user of an id.
    pub(crate) async fn user_by_id(&self, id: &str) -> Result<Option<UserRow>> {
        self.user(bound(self.dialect(), BY_ID, [id.into()])).await
    }

    async fn user(&self, Bound { stmt, params }: Bound) -> Result<Option<UserRow>> {
        let rows = self.app.db().fetch(Arc::new(stmt), params).await?;
        Ok(rows.first().and_then(UserRow::read))
    }
}

/// A UUID in its usual form, in lower case as ids are stored.
pub fn uuid(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_uuid = bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    is_uuid.then(|| text.to_ascii_lowercase())
}
