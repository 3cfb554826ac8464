//! Cross-origin headers, as the operator set them. What does not depend on the request is made once at start.
//! Must never let in an origin that is only similar to one on the list.

use aedile_platform::config::{self, Origins};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use regex::Regex;

use crate::respond::Reply;

/// The operator's decision.
pub struct Cors {
    origin: Rule,
    /// Sent with every answer.
    always: Vec<(HeaderName, HeaderValue)>,
    /// Sent with answers to preflights.
    preflight: Vec<(HeaderName, HeaderValue)>,
}

enum Rule {
    Reflect,
    Fixed(HeaderValue),
    List(Vec<Origin>),
}

enum Origin {
    Exact(String),
    Pattern(Regex),
}

impl Cors {
    /// The decision, if there is anything to send.
    pub fn new(settings: &config::Cors) -> Option<Cors> {
        if !settings.enabled {
            return None;
        }
        let origin = match &settings.origin {
            Origins::None => return None,
            Origins::Reflect => Rule::Reflect,
            Origins::Fixed(origin) => Rule::Fixed(HeaderValue::from_str(origin).ok()?),
            Origins::List(list) => Rule::List(list.iter().filter_map(origin).collect()),
        };
        let mut always = Vec::new();
        // Only a star is the same for everybody who asks.
        if !matches!(&origin, Rule::Fixed(value) if value == "*") {
            always.push((header::VARY, HeaderValue::from_static("Origin")));
        }
        if settings.credentials {
            always.push((
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            ));
        }
        always.extend(list(header::ACCESS_CONTROL_EXPOSE_HEADERS, &settings.exposed_headers));
        let mut preflight = Vec::new();
        preflight.extend(list(header::ACCESS_CONTROL_ALLOW_METHODS, &settings.methods));
        preflight.extend(list(header::ACCESS_CONTROL_ALLOW_HEADERS, &settings.allowed_headers));
        preflight.push((
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from(settings.max_age.as_secs()),
        ));
        Some(Cors {
            origin,
            always,
            preflight,
        })
    }

    /// Adds to an answer what lets the asking origin read it.
    pub fn apply(&self, request: &HeaderMap, answer: &mut HeaderMap) {
        for (name, value) in &self.always {
            // An answer's own `Vary` tells more, and has the origin in it.
            if *name != header::VARY || !answer.contains_key(name) {
                answer.insert(name.clone(), value.clone());
            }
        }
        if let Some(allowed) = self.allowed(request.get(header::ORIGIN)) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        }
    }

    /// The answer to a preflight (204), for any path: what the path serves is not told by it.
    pub fn preflight(&self, request: &HeaderMap) -> Reply {
        let mut reply = Reply::none();
        reply.headers.extend(self.preflight.iter().cloned());
        self.apply(request, &mut reply.headers);
        reply
    }

    fn allowed(&self, asking: Option<&HeaderValue>) -> Option<HeaderValue> {
        match &self.origin {
            Rule::Fixed(value) => Some(value.clone()),
            Rule::Reflect => asking.cloned(),
            Rule::List(list) => {
                let asking = asking?;
                let text = asking.to_str().ok()?;
                list.iter().any(|origin| origin.fits(text)).then(|| asking.clone())
            }
        }
    }
}

impl Origin {
    fn fits(&self, asking: &str) -> bool {
        match self {
            Origin::Exact(origin) => origin == asking,
            Origin::Pattern(pattern) => pattern.is_match(asking),
        }
    }
}

/// A listed origin; a pattern that is none (the configuration refuses such) fits nothing.
fn origin(origin: &config::Origin) -> Option<Origin> {
    Some(match origin {
        config::Origin::Exact(origin) => Origin::Exact(origin.clone()),
        config::Origin::Pattern(pattern) => Origin::Pattern(Regex::new(pattern).ok()?),
    })
}

fn list(name: HeaderName, words: &[String]) -> Option<(HeaderName, HeaderValue)> {
    if words.is_empty() {
        return None;
    }
    Some((name, HeaderValue::from_str(&words.join(",")).ok()?))
}

#[cfg(test)]
mod tests;
