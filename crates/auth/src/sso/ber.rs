//! The encoding that LDAP and certificates are written in: BER with definite lengths and tags of one byte, as the standard of
//! the former (RFC 4511) has it. Reading borrows and never recurses: whoever reads says what is expected where, so nothing has a depth of its own.

/// Tags of values that are not LDAP's own.
pub mod tag {
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const OCTETS: u8 = 0x04;
    pub const ENUMERATED: u8 = 0x0a;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
}

/// Bytes of a length, beside the first: four tell of up to 4 GiB, of which nobody reads as much.
const LENGTH_BYTES: usize = 4;

/// What was read is no BER, or not what is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A value with its tag and length.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 2 + LENGTH_BYTES);
    out.push(tag);
    match u8::try_from(content.len()) {
        Ok(length) if length < 0x80 => out.push(length),
        _ => {
            let bytes = content.len().to_be_bytes();
            let leading = bytes.iter().take_while(|byte| **byte == 0).count();
            let bytes = bytes.get(leading..).unwrap_or_default();
            // At most eight bytes: a length is a `usize`.
            out.push(0x80 | bytes.len().to_le_bytes()[0]);
            out.extend(bytes);
        }
    }
    out.extend(content);
    out
}

/// Values one after the other, under one tag.
pub fn constructed(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    element(tag, &parts.concat())
}

/// A whole number, as short as it goes.
pub fn number(tag: u8, value: i32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let mut start = 0;
    // The first nine bits must not all be the same.
    while let [first, second, ..] = bytes.get(start..).unwrap_or_default()
        && ((*first == 0 && second & 0x80 == 0) || (*first == 0xff && second & 0x80 != 0))
    {
        start += 1;
    }
    element(tag, bytes.get(start..).unwrap_or_default())
}

/// A text, or any bytes.
pub fn octets(bytes: &[u8]) -> Vec<u8> {
    element(tag::OCTETS, bytes)
}

/// Values that are read one after the other.
#[derive(Clone, Copy)]
pub struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    /// Reads what is within an element.
    pub fn new(content: &'b [u8]) -> Reader<'b> {
        Reader(content)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value, of whatever tag.
    pub fn value(&mut self) -> Result<(u8, &'b [u8]), Malformed> {
        let (tag, rest) = self.0.split_first().ok_or(Malformed)?;
        if tag & 0x1f == 0x1f {
            return Err(Malformed);
        }
        let (first, rest) = rest.split_first().ok_or(Malformed)?;
        let more = following(*first)?;
        let (bytes, rest) = rest.split_at_checked(more).ok_or(Malformed)?;
        let (content, rest) = rest.split_at_checked(length(*first, bytes)).ok_or(Malformed)?;
        self.0 = rest;
        Ok((*tag, content))
    }

    /// The next value, which has to have this tag.
    pub fn take(&mut self, tag: u8) -> Result<&'b [u8], Malformed> {
        match self.value()? {
            (own, content) if own == tag => Ok(content),
            _ => Err(Malformed),
        }
    }

    /// The next value, a whole number under this tag.
    pub fn number(&mut self, tag: u8) -> Result<i32, Malformed> {
        let content = self.take(tag)?;
        let (first, rest) = content.split_first().ok_or(Malformed)?;
        if rest.len() >= size_of::<i32>() {
            return Err(Malformed);
        }
        let first = i32::from(i8::from_be_bytes([*first]));
        Ok(rest.iter().fold(first, |value, byte| (value << 8) | i32::from(*byte)))
    }
}

/// How many bytes of the length follow its first one.
pub fn following(first: u8) -> Result<usize, Malformed> {
    let more = usize::from(first & 0x7f);
    match first {
        0..=0x7f => Ok(0),
        // Without a length of its own, or a longer one than anybody needs.
        _ if more == 0 || more > LENGTH_BYTES => Err(Malformed),
        _ => Ok(more),
    }
}

/// A length by its first byte and those that [follow](following).
pub fn length(first: u8, bytes: &[u8]) -> usize {
    if first < 0x80 {
        return usize::from(first);
    }
    bytes.iter().fold(0, |length: usize, byte| {
        length.saturating_mul(256).saturating_add(usize::from(*byte))
    })
}

#[cfg(test)]
mod tests;
