//! Where authentication and mails meet: each knows nothing of the other.

use std::{sync::Arc, time::Instant};

use aedile_auth::{Mail, MailKind, Mailer};
use aedile_mail::{Kind, Letter, Outbox};

/// Hands the mails of authentication to the outbox.
pub struct Post(pub Arc<Outbox>);

impl Mailer for Post {
    fn post(&self, mail: Option<Mail>, from: Instant) {
        let letter = mail.map(|mail| Letter {
            to: mail.to,
            kind: match mail.kind {
                MailKind::PasswordReset => Kind::PasswordReset,
                MailKind::Invite => Kind::UserInvitation,
                MailKind::Verification => Kind::UserRegistration,
            },
            url: mail.link,
        });
        self.0.post(letter, from);
    }
}
