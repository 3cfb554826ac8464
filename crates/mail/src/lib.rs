//! Mails: what they say (`template`), how they look on the wire (`message`), how they leave (`transport`), and the queue
//! before that (`outbox`).
//!
//! Whoever asks for a mail never learns whether it was sent. Links in mails open accounts: must never log one where
//! operators usually look, and never let a value become a header or a tag.

mod brand;
mod message;
pub mod outbox;
pub mod template;
mod transport;

pub use message::Letter;
pub use outbox::Outbox;
pub use template::{Kind, Templates};
