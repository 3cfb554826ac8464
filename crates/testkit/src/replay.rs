//! Replays one scenario against a running server: fills each request, sends it, and puts the
//! answer into the shape of `expect`. A broken answer is a difference, never the end of the run.

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value};

use crate::diff::{Pairs, compare};
use crate::fill::{Saved, fill, fill_map, fill_str, next_code, now, spent};
use crate::http::{self, Answer, Request};
use crate::normalise::Normaliser;
use crate::path::{blank, dig, pick, reorder};
use crate::scenario::{Scenario, Step};
use crate::server::ADMIN_TOKEN;
use crate::token::PERIOD;
use crate::{image, token};

/// The differences of every step from `first` on, in order; none for a step that passes. WebSocket steps are
/// not sent.
pub(crate) fn replay(server: SocketAddr, scenario: &Scenario, first: usize) -> Vec<Vec<String>> {
    let mut session = Session {
        server,
        saved: Saved::new(),
        ids: Normaliser::default(),
    };
    let mut pairs = Pairs::default();
    let mut out = Vec::new();
    for step in scenario.steps.iter().skip(first) {
        if let Ok(time) = Duration::try_from_secs_f64(step.sleep) {
            sleep(time);
        }
        if step.is_socket() {
            out.push(vec!["WebSocket steps are not replayed".to_owned()]);
            continue;
        }
        out.push(match session.perform(step) {
            Ok(got) => compare(step, &got, &mut pairs),
            Err(error) => vec![format!("{error:#}")],
        });
    }
    out
}

/// What lasts through a scenario.
struct Session {
    server: SocketAddr,
    saved: Saved,
    ids: Normaliser,
}

impl Session {
    fn perform(&mut self, step: &Step) -> Result<Map<String, Value>> {
        let code = code_of(step);
        if let Some(which) = code {
            self.wait_for_code(which)?;
        }
        let answer = self.send(step)?;
        if let (Some(which), 200..300) = (code, answer.status) {
            let step = next_code(which, &self.saved)?;
            self.saved.insert(spent(which), step.into());
        }
        let mut got = Map::new();
        got.insert("status".to_owned(), answer.status.into());
        let body = match image::facts(&answer.body).filter(|_| !is_json(&answer)) {
            Some(facts) => {
                got.insert("image".to_owned(), facts);
                Value::Null
            }
            None => read_body(&answer)?,
        };
        for (name, place) in &step.save {
            if let Some(value) = find(&answer, &body, place) {
                self.saved.insert(name.clone(), value);
            }
        }
        got.insert("body".to_owned(), self.view(step, answer.status, &body));
        if !step.check_headers.is_empty() {
            got.insert("headers".to_owned(), self.headers(step, &answer));
        }
        if !step.decode.is_empty() {
            got.insert("decoded".to_owned(), self.decoded(step, &answer, &body)?);
        }
        Ok(got)
    }

    /// Waits until the next code of a secret is taken: a person who has used one up waits as well.
    fn wait_for_code(&self, which: &str) -> Result<()> {
        let from = next_code(which, &self.saved)?.saturating_sub(1) * PERIOD;
        sleep(Duration::from_secs(from.saturating_sub(now()?)));
        Ok(())
    }

    fn send(&self, step: &Step) -> Result<Answer> {
        let saved = &self.saved;
        let who = fill_str(step.who(), saved)?;
        let mut headers = fill_map(&step.headers, saved)?;
        let bearer = match who.as_str() {
            "public" => None,
            "admin" => Some(ADMIN_TOKEN),
            token => Some(token),
        };
        if let Some(token) = bearer {
            let value = || format!("Bearer {token}").into();
            headers.entry("Authorization").or_insert_with(value);
        }
        let path = fill_str(&step.path, saved)?;
        let query = step.query.as_ref().map(|query| fill(query, saved)).transpose()?;
        let target = http::target(local(&path), query.as_ref().and_then(Value::as_object));
        let body = if let Some(form) = &step.form {
            let (kind, bytes) = http::form(&fill(form, saved)?)?;
            headers.insert("Content-Type".to_owned(), kind.into());
            Some(bytes)
        } else if let Some(body) = &step.body {
            let kind = || "application/json".into();
            headers.entry("Content-Type").or_insert_with(kind);
            Some(http::body(&fill(body, saved)?)?)
        } else {
            None
        };
        http::send(
            self.server,
            &Request {
                method: &step.method,
                target: &target,
                headers: &headers,
                body: body.as_deref(),
            },
        )
    }

    fn view(&mut self, step: &Step, status: u16, body: &Value) -> Value {
        let mut view = self.ids.value(body);
        for path in &step.ignore {
            blank(&mut view, path);
        }
        for path in &step.unordered {
            reorder(&mut view, path);
        }
        if step.pick.is_empty() || status >= 300 {
            return view;
        }
        let picked = step.pick.iter().map(|path| (path.clone(), pick(&view, path)));
        Value::Object(picked.collect())
    }

    fn headers(&mut self, step: &Step, answer: &Answer) -> Value {
        let mut out = Map::new();
        for name in &step.check_headers {
            let text = answer.header(name).unwrap_or_default();
            let text = if name == "set-cookie" {
                self.ids.cookies(&text)
            } else {
                self.ids.text(&text)
            };
            out.insert(name.clone(), text.into());
        }
        Value::Object(out)
    }

    fn decoded(&mut self, step: &Step, answer: &Answer, body: &Value) -> Result<Value> {
        let mut out = Map::new();
        for place in &step.decode {
            let token = if place.starts_with("{{") {
                Some(fill(&Value::from(place.as_str()), &self.saved)?)
            } else {
                find(answer, body, place)
            };
            let claims = token::claims(token.as_ref());
            out.insert(place.clone(), self.ids.value(&claims));
        }
        Ok(Value::Object(out))
    }
}

/// The secret whose one-time code a step sends and expects to be taken.
fn code_of(step: &Step) -> Option<&str> {
    let taken = step.expect.get("status").and_then(Value::as_u64)? < 300;
    let code = step.body.as_ref()?.get("otp")?.as_str()?;
    code.strip_prefix("{{totp:")?.strip_suffix("}}").filter(|_| taken)
}

/// The path of a saved Location, which may name scheme and host, and a query to leave out.
fn local(path: &str) -> &str {
    let Some((_, rest)) = path.split_once("://").filter(|_| path.starts_with("http")) else {
        return path;
    };
    let start = rest.find('/').unwrap_or(rest.len());
    let path = rest.get(start..).unwrap_or_default();
    path.split(['?', '#']).next().unwrap_or_default()
}

fn is_json(answer: &Answer) -> bool {
    answer.header("content-type").is_some_and(|kind| kind.contains("json"))
}

/// The body as JSON if it says so, else as text, else as its checksum.
fn read_body(answer: &Answer) -> Result<Value> {
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    if is_json(answer) {
        return serde_json::from_slice(&answer.body).context("the body is not JSON");
    }
    Ok(match str::from_utf8(&answer.body) {
        Ok(text) => Value::from(text),
        Err(_) => {
            let sum = digest(&SHA256, &answer.body);
            let hex: String = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            Value::from(format!("sha256:{hex}"))
        }
    })
}

/// What a `save` or `decode` names: `cookie:NAME`, `header:NAME`, or a path into the body.
fn find(answer: &Answer, body: &Value, place: &str) -> Option<Value> {
    if let Some(name) = place.strip_prefix("cookie:") {
        let cookies = answer.header("set-cookie")?;
        let (_, rest) = cookies.split_once(&format!("{name}="))?;
        return rest.split(';').next().map(Value::from);
    }
    if let Some(name) = place.strip_prefix("header:") {
        return answer.header(&name.to_lowercase()).map(Value::from);
    }
    dig(body, place).cloned()
}

#[cfg(test)]
mod tests;
