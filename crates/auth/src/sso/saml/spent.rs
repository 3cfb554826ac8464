//! Answers that were taken: each opens something once, in whatever process it is brought. A request is spent with its
//! answer, so nothing has to be remembered for longer than a request may be answered; what is older is swept away with the
//! sessions that are over.

use aedile_engine::Result;
use aws_lc_rs::digest::{SHA256, digest};

use crate::{Auth, auth::Act, error::refusal, sso::FLOW_SECONDS, token::hex};

const SPEND: &str = "insert into aedile_spent (digest, expires) values ({}, {})";

impl Auth {
    /// Spends a request and what answers it, at `now` (milliseconds since 1970).
    ///
    /// # Errors
    /// `INVALID_TOKEN`: one of them was spent before.
    pub(crate) async fn spend_answer(&self, provider: &str, request: &str, assertion: &str, now: i64) -> Result<()> {
        // A request may be answered for so long from its beginning, which was before now.
        let expires = now.saturating_add(FLOW_SECONDS * 1000);
        let spend = |kind: &str, name: &str| {
            let digest = digest(&SHA256, format!("{kind}\0{provider}\0{name}").as_bytes());
            let row = self.bound(SPEND, [hex(digest.as_ref()).into(), expires.into()]);
            Act::or(row, refusal::token())
        };
        self.carry_out(vec![spend("request", request), spend("assertion", assertion)])
            .await
    }
}
