//! The server's own table of routes, and which of them a request falls on: so that a route that is added and not tried is
//! noticed, in whatever way it was added. It must never be told which routes there are.

use std::collections::BTreeSet;

use aedile_server::Pattern;

/// Every route.
pub fn routes() -> Vec<Pattern> {
    aedile_server::patterns()
}

/// Path and collection of every resource that is served like a collection.
pub fn resources() -> BTreeSet<(String, String)> {
    let roots = routes().into_iter().filter(|route| !route.path.contains(':'));
    roots
        .filter_map(|route| {
            Some((
                route.path.trim_start_matches('/').to_owned(),
                route.collection?.to_owned(),
            ))
        })
        .collect()
}

/// The route that a request falls on: of those that fit, the one whose segments are fixed where others' are variable.
pub fn route_of<'a>(routes: &'a [Pattern], method: &str, target: &str) -> Option<&'a Pattern> {
    let path = target.split('?').next().unwrap_or_default();
    let fixed = |route: &&Pattern| {
        route
            .path
            .split('/')
            .map(|own| !own.starts_with(':'))
            .collect::<Vec<_>>()
    };
    routes
        .iter()
        .filter(|route| route.method == method && fits(&route.path, path))
        .max_by_key(fixed)
}

fn fits(pattern: &str, path: &str) -> bool {
    if let Some(root) = pattern.strip_suffix("/*") {
        return path
            .strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    }
    let (own, given): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let fits =
        |(own, given): (&&str, &&str)| own.starts_with(':') && !given.is_empty() || own.eq_ignore_ascii_case(given);
    own.len() == given.len() && own.iter().zip(&given).all(fits)
}
