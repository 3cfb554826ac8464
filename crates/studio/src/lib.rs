//! The Studio as the binary carries it: its files by their paths, compressed beforehand, and the page that loads them. It
//! knows nothing of HTTP beyond names of types, and must never read a file at run time.

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Where the page stands in its own text: the address that all others are relative to.
const BASE: &str = "%BASE%";

/// What is served where the Studio was not built into the binary.
const UNBUILT: &str = include_str!("unbuilt.html");

/// What that page may do: nothing.
const UNBUILT_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Files below this folder carry a hash of what they hold in their names.
const HASHED: &str = "assets/";

/// One file.
#[derive(Debug)]
pub struct File {
    /// Below the Studio's own address, without a slash at its beginning.
    pub path: &'static str,
    /// As it is.
    pub plain: &'static [u8],
    /// Compressed with Brotli, where that was worth it.
    pub brotli: Option<&'static [u8]>,
    /// Compressed with gzip: browsers take Brotli over secure connections only.
    pub gzip: Option<&'static [u8]>,
}

impl File {
    /// Whether what the file holds can never change under this name.
    pub fn is_immutable(&self) -> bool {
        self.path.starts_with(HASHED)
    }

    /// Its media type.
    pub fn media_type(&self) -> &'static str {
        match self.path.rsplit_once('.').map_or("", |(_, kind)| kind) {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "json" => "application/json; charset=utf-8",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "woff2" => "font/woff2",
            "txt" => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }
}

/// The page that every address of the Studio answers with.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// HTML.
    pub html: String,
    /// Its content security policy.
    pub policy: &'static str,
}

/// Whether the Studio was built into this binary.
pub const fn is_built() -> bool {
    PAGE.is_some()
}

/// The file at a path.
pub fn file(path: &str) -> Option<&'static File> {
    let at = FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
    FILES.get(at)
}

/// Whether a path can only be meant for a file: there is no page below it.
pub fn is_file_path(path: &str) -> bool {
    path.starts_with(HASHED)
}

/// The page, for a Studio that is reached at `base` (a path that begins and ends with a slash).
pub fn page(base: &str) -> Page {
    match PAGE {
        Some((html, policy)) => Page {
            html: html.replace(BASE, &escaped(base)),
            policy: policy.trim_end(),
        },
        None => Page {
            html: UNBUILT.to_owned(),
            policy: UNBUILT_POLICY,
        },
    }
}

/// Text inside an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests;
