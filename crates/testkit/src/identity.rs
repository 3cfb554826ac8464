//! An identity provider of a test: OpenID Connect and OAuth 2, with people who are always logged in, and who misbehaves
//! where it is told to. It must check what a careful provider checks: codes are good once, for who got them, with the
//! verifier that they were asked for with.

mod client;
mod keys;

use std::{
    collections::HashMap,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result};
use aws_lc_rs::digest;
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use parking_lot::Mutex;
use serde_json::{Value, json};

use client::Client;
use keys::Key;

/// Who the project is to the provider.
pub const CLIENT: &str = "the-project";

/// The secret of that, with characters that have to be encoded.
pub const SECRET: &str = "hush: a+b/c";

/// What the provider does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The token was asked for by another browser.
    Nonce,
    /// It is for another client.
    Audience,
    /// It is for another client as well.
    SecondAudience,
    /// It is of another provider.
    Issuer,
    /// It is of nobody.
    NoIssuer,
    /// `alg: none`, without a signature.
    Unsigned,
    /// `alg: HS256`, signed with what everybody knows.
    SymmetricKey,
    /// Signed by somebody else, under the name of the right key.
    ForeignKey,
    /// The signature has changed on its way.
    Signature,
    /// It is over.
    Expired,
    /// It was made later than now.
    Future,
    /// It was made long ago.
    Ancient,
    /// It is about nobody.
    NoSubject,
    /// The profile is another person's.
    Profile,
    /// No token about the person at all.
    NoToken,
    /// The description is of another issuer.
    Document,
    /// It names another issuer when the browser goes back.
    MixUp,
    /// The description says that it names itself, and it does not.
    Silent,
}

/// The provider.
pub struct Identity {
    port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    issuer: String,
    claims: Value,
    wrong: Option<Wrong>,
    key: Key,
    /// The client, where it is not known by its secret.
    client: Option<Client>,
    /// What a code was asked for with.
    codes: HashMap<String, Value>,
    asked: Vec<String>,
    /// Entries of the description that are other ones.
    document: Value,
    count: usize,
}

impl Identity {
    /// Starts one.
    ///
    /// # Errors
    /// When it cannot listen, or no key can be made.
    pub fn start() -> Result<Identity> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let state = Arc::new(Mutex::new(State {
            issuer: format!("http://127.0.0.1:{port}"),
            claims: json!({ "sub": "person-1", "email": "ann@example.com", "email_verified": true }),
            wrong: None,
            key: Key::rsa("first")?,
            client: None,
            codes: HashMap::new(),
            asked: Vec::new(),
            document: json!({}),
            count: 0,
        }));
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = shared.clone();
                // A client that goes away is its own affair.
                thread::spawn(move || serve(stream, &state).ok());
            }
        });
        Ok(Identity { port, state })
    }

    /// Who it is.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it says of whoever comes.
    pub fn says(&self, claims: Value) {
        self.state.lock().claims = claims;
    }

    /// Misbehaves, or behaves.
    pub fn does(&self, wrong: Option<Wrong>) {
        self.state.lock().wrong = wrong;
    }

    /// Describes itself with other entries.
    pub fn describes(&self, document: Value) {
        self.state.lock().document = document;
    }

    /// Signs with another key, of another kind, from now on; the old one is gone.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate(&self) -> Result<()> {
        self.state.lock().key = Key::elliptic("second")?;
        Ok(())
    }

    /// Knows the project by a new key from now on, and no more by its secret; answers the key with its private part.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn asks_for_key(&self) -> Result<Value> {
        let client = Client::new()?;
        let key = client.key()?;
        self.state.lock().client = Some(client);
        Ok(key)
    }

    /// The paths that it was asked for.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().asked.clone()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let (head, body) = read(&mut stream)?;
    let target = head.split(' ').nth(1).unwrap_or("/").to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut state = state.lock();
    state.asked.push(path.to_owned());
    let answer = match path {
        "/.well-known/openid-configuration" => ok(&state.described()),
        "/authorize" => state.authorize(&pairs(query)),
        "/token" => state.exchange(&head, &pairs(&body)),
        "/jwks" => ok(&json!({ "keys": [state.key.public(), { "kty": "unknown" }] })),
        "/userinfo" => state.profile(&head),
        _ => plain(404, ""),
    };
    stream.write_all(answer.as_bytes())?;
    Ok(())
}

fn read(stream: &mut TcpStream) -> Result<(String, String)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let length = stream.read(&mut piece)?;
        bytes.extend(piece.get(..length).unwrap_or_default());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let wanted = header(head, "content-length")
                .and_then(|length| length.parse().ok())
                .unwrap_or(0);
            if body.len() >= wanted {
                return Ok((head.to_owned(), body.to_owned()));
            }
        }
        anyhow::ensure!(length > 0, "the request breaks off");
    }
}

impl State {
    fn described(&self) -> Value {
        let issuer = match self.wrong {
            Some(Wrong::Document) => "http://127.0.0.1:1",
            _ => &self.issuer,
        };
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{}/authorize?kept=yes", self.issuer),
            "token_endpoint": format!("{}/token", self.issuer),
            "userinfo_endpoint": format!("{}/userinfo", self.issuer),
            "jwks_uri": format!("{}/jwks", self.issuer),
            "authorization_response_iss_parameter_supported": true,
        });
        for (name, value) in self.document.as_object().into_iter().flatten() {
            set(&mut document, name, value.clone());
        }
        document
    }

    /// Everybody agrees at once.
    fn authorize(&mut self, asked: &HashMap<String, String>) -> String {
        let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
        if text("client_id") != CLIENT || text("code_challenge_method") != "S256" || text("response_type") != "code" {
            return plain(400, "this is not asked for as it has to be");
        }
        self.count += 1;
        let code = format!("code-{}+/=", self.count);
        self.codes.insert(code.clone(), json!(asked));
        let issuer = match self.wrong {
            Some(Wrong::MixUp) => "&iss=http%3A%2F%2F127.0.0.1%3A1".to_owned(),
            Some(Wrong::Silent) => String::new(),
            _ => format!("&iss={}", encoded(&self.issuer)),
        };
        let (to, state) = (text("redirect_uri"), encoded(&text("state")));
        format!(
            "HTTP/1.1 302 Found\r\nLocation: {to}?code={}&state={state}{issuer}\r\nContent-Length: 0\r\n\r\n",
            encoded(&code)
        )
    }

    fn exchange(&mut self, head: &str, form: &HashMap<String, String>) -> String {
        let text = |name: &str| form.get(name).cloned().unwrap_or_default();
        let Some(asked) = self.codes.remove(&text("code")) else {
            return plain(400, "{\"error\":\"invalid_grant\"}");
        };
        let verifier = BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text("code_verifier").as_bytes()));
        let basic = BASE64_STANDARD.encode(format!("{CLIENT}:{}", encoded(SECRET)));
        let shown = header(head, "authorization");
        let address = format!("{}/token", self.issuer);
        let is_client = match &mut self.client {
            None => shown == Some(format!("Basic {basic}")),
            Some(client) => shown.is_none() && client.asks(form, &address),
        };
        if asked.get("code_challenge") != Some(&json!(verifier))
            || asked.get("redirect_uri") != Some(&json!(text("redirect_uri")))
            || !is_client
        {
            return plain(400, "{\"error\":\"invalid_request\"}");
        }
        let mut told = json!({ "access_token": "access-1", "token_type": "Bearer", "expires_in": 60 });
        if self.wrong != Some(Wrong::NoToken) {
            let nonce = asked.get("nonce").cloned().unwrap_or_default();
            set(&mut told, "id_token", json!(self.token(&nonce).unwrap_or_default()));
        }
        ok(&told)
    }

    fn token(&self, nonce: &Value) -> Result<String> {
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT, "sub": self.claims.get("sub"), "nonce": nonce, "iat": now, "exp": now + 300,
        });
        let mut set = |name: &str, value: Value| set(&mut claims, name, value);
        match self.wrong {
            Some(Wrong::Nonce) => set("nonce", json!("another")),
            Some(Wrong::Audience) => set("aud", json!("another")),
            Some(Wrong::SecondAudience) => set("aud", json!([CLIENT, "another"])),
            Some(Wrong::Issuer) => set("iss", json!("http://127.0.0.1:1")),
            Some(Wrong::NoIssuer) => set("iss", Value::Null),
            Some(Wrong::Expired) => set("exp", json!(now - 120)),
            Some(Wrong::Future) => set("iat", json!(now + 3_600)),
            Some(Wrong::Ancient) => set("iat", json!(now - 30 * 24 * 3_600)),
            Some(Wrong::NoSubject) => set("sub", Value::Null),
            _ => {}
        }
        match self.wrong {
            Some(Wrong::Unsigned) => Ok(keys::unsigned(&claims)),
            Some(Wrong::SymmetricKey) => self.key.symmetric(&claims),
            Some(Wrong::ForeignKey) => Key::rsa("first")?.sign(&claims),
            Some(Wrong::Signature) => {
                let mut token = self.key.sign(&claims)?;
                let last = token.pop().context("a token")?;
                let at = token.len() - 20;
                token.replace_range(
                    at..=at,
                    if token.as_bytes().get(at) == Some(&b'A') {
                        "B"
                    } else {
                        "A"
                    },
                );
                token.push(last);
                Ok(token)
            }
            _ => self.key.sign(&claims),
        }
    }

    fn profile(&self, head: &str) -> String {
        if header(head, "authorization").as_deref() != Some("Bearer access-1") {
            return plain(401, "");
        }
        let mut claims = self.claims.clone();
        if self.wrong == Some(Wrong::Profile) {
            set(&mut claims, "sub", json!("somebody-else"));
        }
        ok(&claims)
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

fn ok(body: &Value) -> String {
    let body = body.to_string();
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn plain(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} So\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A text as it stands in a query or a form.
#[must_use]
pub fn encoded(text: &str) -> String {
    let told = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' | b'*' => char::from(byte).to_string(),
        b' ' => "+".to_owned(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(told).collect()
}

fn pairs(text: &str) -> HashMap<String, String> {
    let parts = text.split('&').filter_map(|pair| pair.split_once('='));
    parts.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// The reverse of [`encoded`].
#[must_use]
pub fn decoded(text: &str) -> String {
    let plus = text.replace('+', " ");
    let mut parts = plus.split('%');
    let mut bytes: Vec<u8> = parts.next().unwrap_or_default().bytes().collect();
    for part in parts {
        let (code, rest) = part.split_at_checked(2).unwrap_or(("", part));
        bytes.extend(u8::from_str_radix(code, 16));
        bytes.extend(rest.bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
