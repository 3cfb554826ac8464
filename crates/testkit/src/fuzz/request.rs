//! One request: whose it is, and its bytes. The same seed and number make the same request, whatever ran before.

use super::{body, names::Names, query, random::Random, routes::Route, values};

/// Methods that are tried on paths they do not belong to.
const METHODS: [&str; 10] = [
    "GET", "POST", "PATCH", "DELETE", "SEARCH", "HEAD", "OPTIONS", "PUT", "TRACE", "BREW",
];

/// Longest path and query that is sent: a little more than servers take.
const MAX_TARGET: usize = 40_000;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sender {
    /// Nobody known.
    Public,
    /// The administrator.
    Administrator,
    /// A static token that may read what is published.
    Website,
    /// A user who logged in, and may write drafts.
    Author,
    /// A token that is none.
    Broken,
}

/// The tokens of those who have one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tokens {
    pub(crate) administrator: String,
    pub(crate) website: String,
    pub(crate) author: String,
}

/// A request, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) sender: Sender,
    pub(crate) bytes: Vec<u8>,
}

/// What requests are made of.
pub(crate) struct Kit {
    pub(crate) names: Names,
    pub(crate) routes: Vec<Route>,
}

impl Kit {
    /// The request with this number. Where `harmless` is set, the administrator only reads.
    pub(crate) fn request(&self, seed: u64, number: u64, tokens: &Tokens, harmless: bool) -> Request {
        let random = &mut Random::new(seed, number);
        let collection = self.names.collection(random);
        let fallback = Route {
            method: "GET".to_owned(),
            path: "/".to_owned(),
        };
        let route = random.one(&self.routes).unwrap_or(&fallback);
        // Items are where queries and payloads go deep.
        let (own, pattern) = match random.below(10) {
            0..=3 => (
                random.pick(&["GET", "GET", "SEARCH", "POST", "PATCH", "DELETE"]),
                "/items/:collection",
            ),
            4 => (random.pick(&["GET", "PATCH", "DELETE"]), "/items/:collection/:key"),
            _ => (route.method.as_str(), route.path.as_str()),
        };
        let sender = sender(random);
        let mut method = if random.slip(12) { random.pick(&METHODS) } else { own };
        if harmless && sender == Sender::Administrator && !["GET", "HEAD", "OPTIONS", "SEARCH"].contains(&method) {
            method = "GET";
        }
        let mut target = self.path(pattern, &collection, random);
        if random.chance(65) {
            target = format!("{target}?{}", query::string(&self.names, &collection, random));
        }
        target.truncate(MAX_TARGET);
        let mut bytes = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
        authorize(&mut bytes, sender, tokens, random);
        headers(&mut bytes, random);
        self.body(&mut bytes, method, &collection, random);
        Request { sender, bytes }
    }

    fn path(&self, pattern: &str, collection: &str, random: &mut Random) -> String {
        let segments: Vec<String> = pattern
            .split('/')
            .map(|segment| match segment.strip_prefix(':') {
                Some("collection") => query::escape(collection),
                Some("field") => query::escape(&self.names.field(collection, random)),
                Some(_) => query::escape(&self.names.key(random)),
                None => segment.to_owned(),
            })
            .collect();
        let path = segments.join("/");
        match if random.slip(20) { random.below(6) } else { 6 } {
            0 => format!("/{path}"),
            1 => format!("{path}/"),
            2 => format!("{path}/{}", query::escape(&values::text(random))),
            3 => format!("{path}/%zz%C3%28"),
            4 => path.to_uppercase(),
            5 => format!("/..{path}/.."),
            _ => path,
        }
    }

    fn body(&self, bytes: &mut Vec<u8>, method: &str, collection: &str, random: &mut Random) {
        let usual = ["POST", "PATCH", "DELETE", "SEARCH", "PUT"].contains(&method);
        if !usual && !random.chance(4) {
            bytes.extend(b"\r\n");
            return;
        }
        let (body, kind) = body::bytes(&self.names, collection, method, random);
        if !kind.is_empty() {
            bytes.extend(format!("Content-Type: {kind}\r\n").into_bytes());
        }
        if random.chance(5) && !body.is_empty() {
            bytes.extend(format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", body.len()).into_bytes());
            bytes.extend(body);
            bytes.extend(b"\r\n0\r\n\r\n");
        } else {
            bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes());
            bytes.extend(body);
        }
    }
}

fn sender(random: &mut Random) -> Sender {
    match random.below(20) {
        0..=6 => Sender::Administrator,
        7..=10 => Sender::Website,
        11..=14 => Sender::Author,
        15..=17 => Sender::Public,
        _ => Sender::Broken,
    }
}

fn authorize(bytes: &mut Vec<u8>, sender: Sender, tokens: &Tokens, random: &mut Random) {
    let line = match sender {
        Sender::Public => return,
        Sender::Administrator => format!("Authorization: Bearer {}", tokens.administrator),
        Sender::Website => format!("Authorization: Bearer {}", tokens.website),
        Sender::Author => format!("Authorization: Bearer {}", tokens.author),
        Sender::Broken => match random.below(7) {
            0 => "Authorization: Bearer".to_owned(),
            1 => "Authorization: Bearer  ".to_owned(),
            2 => "Authorization: Basic dXNlcjpwYXNz".to_owned(),
            3 => "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJpZCI6IjEiLCJhZG1pbl9hY2Nlc3MiOnRydWV9.".to_owned(),
            4 => format!(
                "Cookie: directus_session_token={}; directus_refresh_token=x",
                tokens.website
            ),
            5 => format!("Authorization: Bearer {}", "x".repeat(random.below(9000))),
            _ => format!("Authorization: Bearer {}x", tokens.author),
        },
    };
    bytes.extend(line.into_bytes());
    bytes.extend(b"\r\n");
}

fn headers(bytes: &mut Vec<u8>, random: &mut Random) {
    let line: &[u8] = match random.below(24) {
        0 => b"If-None-Match: \"x\", W/\"y\"\r\n",
        1 => b"Accept: text/\xff\xfe;q=2\r\n",
        2 => b"X-Forwarded-For: 999.1.1.1, ::1, \r\n",
        3 => b"Origin: null\r\n",
        4 => b"Cookie: a=b; directus_session_token=;;==\r\n",
        5 => b"Range: bytes=9-1\r\n",
        6 => b"Content-Encoding: gzip\r\n",
        7 => b"User-Agent: \xc3\x28\r\n",
        8 => b"Accept-Language: *, de;q=x\r\n",
        9 => b"X-Empty:\r\n",
        _ => b"",
    };
    bytes.extend(line);
}

#[cfg(test)]
mod tests;
