//! Where a Redis is, in one text.

use aedile_egress::{Host, Url};
use aedile_platform::config::{Redis, Secret};
use percent_encoding::percent_decode_str;

use super::{super::raw::Raw, Kind};

/// The usual port.
const PORT: u16 = 6379;

/// A `redis` or `rediss` address: `redis://user:password@host:port/database`.
pub struct RedisUrl;

impl Kind for RedisUrl {
    type Value = Redis;
    const SECRET: bool = true;
    fn parse(raw: &Raw) -> Option<Redis> {
        let url = Url::parse(raw.scalar()?).ok()?;
        let encrypted = match url.scheme() {
            "redis" => false,
            "rediss" => true,
            _ => return None,
        };
        if url.query().is_some() || url.fragment().is_some() {
            return None;
        }
        let database = match url.path().trim_matches('/') {
            "" => 0,
            number => number.parse::<u16>().ok()?,
        };
        let user = decoded(url.username())?;
        Some(Redis {
            encrypted,
            host: Host::parse(url.host_str()?).ok()?.to_string(),
            port: url.port().unwrap_or(PORT),
            user: (!user.is_empty()).then_some(user),
            password: Secret::new(decoded(url.password().unwrap_or_default())?),
            database: database.into(),
        })
    }
    fn takes() -> String {
        "an address such as `redis://user:password@redis.example.com:6379/0`, or `rediss://..` (kept secret)".into()
    }
}

fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}
