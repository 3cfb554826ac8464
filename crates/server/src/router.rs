//! Which route serves a path: a table of patterns, looked up by the first segment. Fixed segments are compared without
//! regard to case, one slash at the end is passed over, variable segments are decoded.
//! It decides by path and method alone; must never look at who asks.

use std::{collections::HashMap, future::Future, pin::Pin, sync::Arc};

use aedile_engine::{Error, Result, value::Param};
use aedile_platform::items::prepared::{Form, Prepared};
use axum::{body::Body, http::Method};
use percent_encoding::percent_decode_str;

use crate::{
    State,
    request::{Call, Head},
    respond::Reply,
};

/// What a route does once its caller is known.
pub type Serve = fn(Call) -> Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;

/// What a route asks that answers by one read. It only prepares: it tells nobody anything, and asks nobody.
pub type Ask = fn(&Call) -> Result<Question>;

/// What a route does that reads a body of its own kind once its caller is known.
pub type Upload = fn(Call, Body) -> Pin<Box<dyn Future<Output = Result<Reply>> + Send>>;

/// One read, ready to run.
pub struct Question {
    /// The read.
    pub read: Arc<Prepared>,
    /// Whether it is of a list, an item or a singleton.
    pub form: Form,
    /// The key of the item.
    pub key: Param,
    /// The collection's name.
    pub collection: String,
}

/// How a route is served.
#[derive(Clone, Copy)]
pub enum Run {
    /// For a known caller (who may be the public).
    Call(Serve),
    /// The same, where everything is one read.
    Read(Ask),
    /// The same, also for a caller who is held up until it has a second factor: what that takes, and what is the same for
    /// whoever asks.
    Setup(Serve),
    /// As [`Run::Call`], with the body as it comes: nothing of it was read, and no limit but its own holds.
    Upload(Upload),
    /// Before anybody asks who the caller is.
    Open(fn(&State, &Head) -> Reply),
}

/// A method that routes are served by. `HEAD` is a `GET` whose body is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Post,
    Search,
    Get,
    Patch,
    Delete,
}

impl Verb {
    const ALL: [Verb; 5] = [Verb::Post, Verb::Search, Verb::Get, Verb::Patch, Verb::Delete];

    fn of(method: &Method) -> Option<Verb> {
        Some(match method.as_str() {
            "POST" => Verb::Post,
            "SEARCH" => Verb::Search,
            "GET" | "HEAD" => Verb::Get,
            "PATCH" => Verb::Patch,
            "DELETE" => Verb::Delete,
            _ => return None,
        })
    }

    /// As `Allow` lists it.
    fn told(self) -> &'static str {
        match self {
            Verb::Post => "POST",
            Verb::Search => "SEARCH",
            Verb::Get => "GET,HEAD",
            Verb::Patch => "PATCH",
            Verb::Delete => "DELETE",
        }
    }
}

/// One line of a table of routes.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The method.
    pub verb: Verb,
    /// The path: fixed segments, variable ones that begin with a colon, and `*` at the end for whatever follows, if anything.
    pub path: &'static str,
    /// What it does.
    pub run: Run,
}

/// Lines of a table: `Get "/users/me" => me, …`. Each names an async function from [`Call`] to a [`Reply`]. What follows
/// `held up:` is served to callers who have yet to set up a second factor, too; what follows `uploads:` is given the body as it
/// comes beside the [`Call`].
macro_rules! routes {
    (uploads: $($verb:ident $path:literal => $run:path),* $(,)?) => {
        &[$($crate::router::Entry {
            verb: $crate::router::Verb::$verb,
            path: $path,
            run: $crate::router::Run::Upload(|call, body| Box::pin($run(call, body))),
        }),*]
    };
    (held up: $($verb:ident $path:literal => $run:path),* $(,)?) => {
        &[$($crate::router::Entry {
            verb: $crate::router::Verb::$verb,
            path: $path,
            run: $crate::router::Run::Setup(|call| Box::pin($run(call))),
        }),*]
    };
    ($($verb:ident $path:literal => $run:path),* $(,)?) => {
        &[$($crate::router::Entry {
            verb: $crate::router::Verb::$verb,
            path: $path,
            run: $crate::router::Run::Call(|call| Box::pin($run(call))),
        }),*]
    };
}
pub(crate) use routes;

/// Lines of a table that are one read each: `Get "/items/:collection" => list`, naming a function from [`Call`] to a [`Question`].
macro_rules! reads {
    ($(Get $path:literal => $ask:path),* $(,)?) => {
        &[$($crate::router::Entry {
            verb: $crate::router::Verb::Get,
            path: $path,
            run: $crate::router::Run::Read($ask),
        }),*]
    };
}
pub(crate) use reads;

/// A route as it is told: to documents and tests, which have to know of every one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern {
    /// The method.
    pub method: &'static str,
    /// The path, its variable segments with a colon.
    pub path: String,
    /// The collection it is for, when the path does not name it.
    pub collection: Option<&'static str>,
}

/// All routes, by their first segment in lower case.
#[derive(Default)]
pub struct Table(HashMap<&'static str, Vec<Route>>);

struct Route {
    verb: Verb,
    /// What follows the first segment.
    rest: Vec<Segment>,
    run: Run,
    collection: Option<&'static str>,
    entrance: bool,
}

enum Segment {
    Fixed(&'static str),
    Param(&'static str),
    /// Everything that follows: only ever the last.
    Rest,
}

impl Segment {
    fn of(text: &'static str) -> Segment {
        match text.strip_prefix(':') {
            Some(name) => Segment::Param(name),
            None if text == "*" => Segment::Rest,
            None => Segment::Fixed(text),
        }
    }
}

/// The route of a request.
pub struct Found {
    /// What it does.
    pub run: Run,
    /// The collection it is for, when the pattern does not name it.
    pub collection: Option<&'static str>,
    /// Whether callers become somebody there: what is sent proves itself, and the session cookie, which browsers send
    /// along unasked and for long after it was worth something, says nothing.
    pub entrance: bool,
    /// Its variable segments, decoded.
    pub params: Vec<(&'static str, String)>,
}

impl Table {
    /// Adds routes; of two that fit, the one that was added first is taken.
    pub fn add(&mut self, entries: &'static [Entry]) {
        for entry in entries {
            self.insert(entry, "", None);
        }
    }

    /// Adds routes where callers become somebody.
    pub fn add_entrances(&mut self, entries: &'static [Entry]) {
        for entry in entries {
            self.insert(entry, "", None).entrance = true;
        }
    }

    /// Adds routes of a resource that lives under `root` and is stored in `collection`.
    pub fn add_resource(&mut self, root: &'static str, collection: &'static str, entries: &[Entry]) {
        for entry in entries {
            self.insert(entry, root, Some(collection));
        }
    }

    fn insert(&mut self, entry: &Entry, root: &'static str, collection: Option<&'static str>) -> &mut Route {
        let mut segments = root
            .split('/')
            .chain(entry.path.split('/'))
            .filter(|segment| !segment.is_empty());
        let first = segments.next().unwrap_or_default();
        let rest = segments.map(Segment::of).collect();
        let routes = self.0.entry(first).or_default();
        routes.push_mut(Route {
            verb: entry.verb,
            rest,
            run: entry.run,
            collection,
            entrance: false,
        })
    }

    /// The route of a request; none when the path or the method is unknown.
    ///
    /// # Errors
    /// `INVALID_QUERY` for a variable segment whose escapes are malformed or not UTF-8.
    pub fn find(&self, method: &Method, path: &str) -> Result<Option<Found>> {
        let (Some(verb), Some((first, rest))) = (Verb::of(method), split(path)) else {
            return Ok(None);
        };
        let Some(route) = self
            .candidates(&first)
            .find(|route| route.verb == verb && route.fits(&rest))
        else {
            return Ok(None);
        };
        let mut params = Vec::new();
        for (own, given) in route.rest.iter().zip(&rest) {
            if let Segment::Param(name) = own {
                params.push((*name, decode(given)?));
            }
        }
        Ok(Some(Found {
            run: route.run,
            collection: route.collection,
            entrance: route.entrance,
            params,
        }))
    }

    /// The methods that a path can be asked with, as `Allow` lists them; none when the path is unknown.
    pub fn methods(&self, path: &str) -> Option<String> {
        let (first, rest) = split(path)?;
        let served = |verb: &Verb| {
            self.candidates(&first)
                .any(|route| route.verb == *verb && route.fits(&rest))
        };
        let verbs: Vec<&str> = Verb::ALL.into_iter().filter(served).map(Verb::told).collect();
        (!verbs.is_empty()).then(|| verbs.join(","))
    }

    /// Every route, sorted.
    pub fn patterns(&self) -> Vec<Pattern> {
        let mut found = Vec::new();
        for (first, routes) in &self.0 {
            found.extend(routes.iter().map(|route| route.pattern(first)));
        }
        found.sort();
        found
    }

    fn candidates(&self, first: &str) -> impl Iterator<Item = &Route> {
        self.0.get(first).into_iter().flatten()
    }
}

impl Route {
    fn pattern(&self, first: &str) -> Pattern {
        let mut path = format!("/{first}");
        for segment in &self.rest {
            path.push('/');
            match segment {
                Segment::Fixed(name) => path.push_str(name),
                Segment::Rest => path.push('*'),
                Segment::Param(name) => {
                    path.push(':');
                    path.push_str(name);
                }
            }
        }
        let told = self.verb.told();
        Pattern {
            method: told.split_once(',').map_or(told, |(method, _)| method),
            path,
            collection: self.collection,
        }
    }

    fn fits(&self, rest: &[&str]) -> bool {
        let open = matches!(self.rest.last(), Some(Segment::Rest));
        let long_enough = if open {
            rest.len() + 1 >= self.rest.len()
        } else {
            rest.len() == self.rest.len()
        };
        long_enough
            && self.rest.iter().zip(rest).all(|(own, given)| match own {
                Segment::Fixed(name) => name.eq_ignore_ascii_case(given),
                Segment::Param(_) => !given.is_empty(),
                Segment::Rest => true,
            })
    }
}

/// The first segment in lower case, and the others as they came. One slash at the end is passed over.
fn split(path: &str) -> Option<(String, Vec<&str>)> {
    let path = path.strip_prefix('/')?;
    let mut segments = path.strip_suffix('/').unwrap_or(path).split('/');
    let first = segments.next()?.to_ascii_lowercase();
    Some((first, segments.collect()))
}

/// A segment as it was meant.
fn decode(segment: &str) -> Result<String> {
    let malformed = || Error::invalid_query("the path has a malformed escape");
    let well_formed = segment.split('%').skip(1).all(|after| {
        let mut bytes = after.bytes();
        let mut hex = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        hex() && hex()
    });
    if !well_formed {
        return Err(malformed());
    }
    percent_decode_str(segment)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| malformed())
}

#[cfg(test)]
mod tests;
