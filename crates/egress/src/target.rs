//! Addresses as texts. One reading only: what another program could read in another way is refused before it is
//! judged. Must never resolve anything.

use url::Url;

use crate::{Error, Result};

#[cfg(test)]
mod tests;

/// Longest address, in bytes: what every server takes.
const MAX_BYTES: usize = 8 * 1024;

/// Reads an address. All spellings of a host become one: numbers in any base and form are an address, names are in lower
/// case and in ASCII, dots at the end are gone.
///
/// # Errors
/// `Target` for anything but `http` and `https`, for a login in it, and for characters that readers disagree about.
pub fn parse(text: &str) -> Result<Url> {
    if text.len() > MAX_BYTES {
        return Err(Error::Target("it is too long"));
    }
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    if text.contains(odd) {
        return Err(Error::Target("it has spaces, backslashes or control characters in it"));
    }
    let url = Url::parse(text).map_err(|_| Error::Target("it is no URL"))?;
    judge(url)
}

/// Judges an address that was read, relative to another perhaps.
pub(crate) fn judge(mut url: Url) -> Result<Url> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Error::Target("it is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::Target("it has a login in it"));
    }
    let Some(host) = url.host_str() else {
        return Err(Error::Target("it names no host"));
    };
    if let Some(bare) = host.strip_suffix('.') {
        if bare.is_empty() || bare.ends_with('.') {
            return Err(Error::Target("it names no host"));
        }
        let bare = bare.to_owned();
        url.set_host(Some(&bare))
            .map_err(|_| Error::Target("it names no host"))?;
    }
    if url.port() == Some(0) {
        return Err(Error::Target("port 0 is no port"));
    }
    url.set_fragment(None);
    Ok(url)
}
