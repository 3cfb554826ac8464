//! A mail as it goes over the wire: headers and two bodies, plain text and HTML. Must never take a line break into a
//! header, nor send to anything but one address.

use std::fmt;

use aedile_engine::{Error, Result};
use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use crate::{Kind, brand::Brand, template::Rendered};

#[cfg(test)]
mod tests;

/// A mail that was asked for. Its link is secret: it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// What it is for.
    pub kind: Kind,
    /// The link with its token.
    pub url: String,
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({:?})", self.kind)
    }
}

/// A mail ready to be sent.
#[derive(Clone)]
pub struct Ready {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
}

/// Builds a mail from the address `from`.
///
/// # Errors
/// Internal: an address that is none.
pub fn build(letter: &Letter, from: &str, brand: &Brand, rendered: Rendered) -> Result<Ready> {
    let from = address(from)?;
    let to = address(&letter.to)?;
    let id = format!("<{}@{}>", uuid::Uuid::new_v4(), from.domain());
    let message = Message::builder()
        .from(Mailbox::new(Some(one_line(&brand.name)), from))
        .to(Mailbox::new(None, to))
        .subject(one_line(&letter.kind.subject(&brand.name)))
        .message_id(Some(id))
        // Nobody's absence is to be told to a machine.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .multipart(MultiPart::alternative_plain_html(rendered.text, rendered.html))
        .map_err(|error| Error::internal(format!("a mail could not be written: {error}")))?;
    Ok(Ready {
        envelope: message.envelope().clone(),
        bytes: message.formatted(),
    })
}

/// An address, as strict as mail servers read them.
fn address(text: &str) -> Result<Address> {
    let plain = !text.contains(|c: char| c.is_control() || c.is_whitespace());
    let read = text.parse::<Address>().ok().filter(|_| plain);
    read.ok_or_else(|| Error::internal("an address is none that mails can be sent to"))
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
