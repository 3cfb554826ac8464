//! A client that a provider knows by a key, and what a careful provider checks of that: what was signed is of this client, for
//! this very address, not over, and was never shown before; and nothing else is shown beside it.

use std::{
    collections::HashMap,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Result;
use serde_json::{Value, json};

use super::{CLIENT, keys::Key};

/// How long what was signed may be good, in seconds.
const LONGEST: u64 = 300;

/// What the provider knows of the client.
pub struct Client {
    key: Key,
    seen: Vec<Value>,
}

impl Client {
    pub fn new() -> Result<Client> {
        Ok(Client {
            key: Key::elliptic("ours")?,
            seen: Vec::new(),
        })
    }

    /// The key that the client is to have.
    pub fn key(&self) -> Result<Value> {
        self.key.private()
    }

    /// Whether it is the client who asks this address.
    pub fn asks(&mut self, form: &HashMap<String, String>, address: &str) -> bool {
        let text = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        if text("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            || form.contains_key("client_secret")
            || text("client_id") != CLIENT
        {
            return false;
        }
        let Some(claims) = self.key.claims(text("client_assertion")) else {
            return false;
        };
        let told = |name: &str| claims.get(name).cloned().unwrap_or_default();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let end = told("exp").as_u64().unwrap_or_default();
        let fits = [told("iss"), told("sub")] == [json!(CLIENT), json!(CLIENT)]
            && told("aud") == json!(address)
            && (now..now + LONGEST).contains(&end)
            && told("jti").is_string()
            && !self.seen.contains(&told("jti"));
        self.seen.push(told("jti"));
        fits
    }
}
