//! Private keys as JSON writes them. Whether they can sign is for whoever signs with them to say.

use aedile_platform::config::Secret;
use serde_json::Value;

use super::{super::raw::Raw, Kind};

/// A list of private keys, each a JWK, or a set of them (`{"keys": […]}`).
pub struct PrivateKeys;

impl Kind for PrivateKeys {
    type Value = Vec<Secret>;
    const SECRET: bool = true;
    fn parse(raw: &Raw) -> Option<Vec<Secret>> {
        let written = match raw {
            Raw::Object(set) => Value::Object(set.clone()),
            Raw::List(keys) => Value::Array(keys.iter().map(object).collect::<Option<_>>()?),
            raw => serde_json::from_str(raw.scalar()?).ok()?,
        };
        let keys = match &written {
            Value::Object(set) => set.get("keys")?.as_array()?,
            list => list.as_array()?,
        };
        let fits = !keys.is_empty() && keys.iter().all(Value::is_object);
        fits.then(|| keys.iter().map(|key| Secret::new(key.to_string())).collect())
    }
    fn takes() -> String {
        "private keys in JSON, `[{\"kty\": …}]` or `{\"keys\": […]}` (kept secret)".into()
    }
}

fn object(raw: &Raw) -> Option<Value> {
    match raw {
        Raw::Object(members) => Some(Value::Object(members.clone())),
        _ => None,
    }
}
