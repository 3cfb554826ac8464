//! Constants inside definitions (`default 'x'`), where no database takes a placeholder.
//! The one place where a value becomes text: it is audited as such, and must never be used for queries.

use super::Sql;
use crate::{Error, Json, Result};

impl Sql {
    /// Writes a constant. Lists and objects are written as JSON text.
    ///
    /// INVARIANT: a string ends where its last quote stands: quotes inside are doubled, there are no escapes in standard
    /// strings, and the one character that would cut the statement short is refused.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for text with a NUL.
    pub(crate) fn literal(&mut self, value: &Json) -> Result<&mut Self> {
        match value {
            Json::Null => self.text.push_str("null"),
            Json::Bool(value) => self.text.push_str(self.dialect.truth(*value)),
            // Digits, a sign, a point and an exponent: JSON has no other numbers.
            Json::Number(number) => self.text.push_str(&number.to_string()),
            Json::String(text) => self.text_literal(text)?,
            Json::Array(_) | Json::Object(_) => self.text_literal(&value.to_string())?,
        }
        Ok(self)
    }

    fn text_literal(&mut self, text: &str) -> Result<()> {
        if text.contains('\0') {
            return Err(Error::invalid_payload("a default cannot hold the character NUL"));
        }
        self.text.push('\'');
        self.text.push_str(&text.replace('\'', "''"));
        self.text.push('\'');
        Ok(())
    }
}

#[cfg(test)]
mod tests;
