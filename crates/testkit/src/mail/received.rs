//! A mail as it came, and its parts as a client would show them.

use base64::{Engine as _, prelude::BASE64_STANDARD};

/// A mail that was taken.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Who it said it was from, when it was handed over.
    pub from: String,
    /// Whom it was handed over for.
    pub to: Vec<String>,
    /// Head and body.
    pub data: String,
    /// Whether nobody between could read it.
    pub encrypted: bool,
    /// User and password that it was handed over with.
    pub login: Option<(String, String)>,
}

impl Received {
    /// The names of its headers, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let lines = self.head().lines().filter(|line| !line.starts_with([' ', '\t']));
        lines
            .filter_map(|line| Some(line.split_once(':')?.0.to_owned()))
            .collect()
    }

    /// A header, unfolded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        header(self.head(), name)
    }

    /// What clients show that show no pages.
    #[must_use]
    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    /// What others show.
    #[must_use]
    pub fn html(&self) -> String {
        self.part("text/html")
    }

    fn head(&self) -> &str {
        self.data.split("\r\n\r\n").next().unwrap_or_default()
    }

    fn part(&self, kind: &str) -> String {
        let named = self.header("Content-Type").unwrap_or_default();
        let boundary = named
            .split("boundary=")
            .nth(1)
            .unwrap_or_default()
            .trim_matches('"')
            .to_owned();
        let mark = format!("--{boundary}");
        let parts = self.data.split(&mark);
        let mut bodies = parts.filter_map(|part| part.trim_start().split_once("\r\n\r\n"));
        let found = bodies.find(|(head, _)| header(head, "Content-Type").is_some_and(|own| own.starts_with(kind)));
        let Some((head, body)) = found else {
            return String::new();
        };
        match header(head, "Content-Transfer-Encoding").as_deref() {
            Some("quoted-printable") => unquoted(body),
            Some("base64") => {
                let bytes = BASE64_STANDARD.decode(body.replace("\r\n", "")).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            }
            _ => body.to_owned(),
        }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    unfolded.lines().find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// A text out of quoted-printable.
fn unquoted(text: &str) -> String {
    let joined = text.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut parts = joined.split('=');
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let (code, rest) = part.split_at_checked(2).unwrap_or(("", part));
        bytes.extend(u8::from_str_radix(code, 16));
        bytes.extend(rest.bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
