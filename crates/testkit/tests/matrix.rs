//! The access matrix: every system collection and every route, tried by every kind of caller against the real server.
//! What came of it is committed in `matrix/access.txt`, so that a change of access shows as a line of a diff. A refusal
//! is only one if the whole database is as it was; nothing here may take the server's word for that.

#[cfg(test)]
#[path = "matrix"]
mod matrix {
    mod cell;
    mod collections;
    mod project;
    mod routes;
    mod seed;
    mod served;

    use std::{collections::BTreeSet, env, fmt::Write as _, fs};

    use aedile_engine::schema::system;
    use aedile_server::Pattern;

    use self::{
        cell::Cell,
        collections::Spec,
        project::{Caller, Project, Request},
    };

    /// What was found the last time somebody looked.
    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/matrix/access.txt");

    /// Width of a cell, unless it has more to tell.
    const CELL: usize = 26;

    /// Who may see and change nothing of the system's collections, whatever the committed file says.
    const UNPRIVILEGED: [Caller; 2] = [Caller::Public, Caller::User];

    const HEADING: &str = "\
Who may do what, as tried against a running server. Written by the test `matrix`; UPDATE=1 writes it anew.

  public   nobody, under an empty public policy
  user     a user without a policy
  app      a user whose policy has app access
  narrow   a user whose one policy grants all four actions on this collection alone: on the row \"one\", and on the
           key and one more field of it (for a route: on directus_users)
  admin    an administrator

Two rows are tried: \"one\" is the app user's own, \"two\" is the administrator's.

  ✔ allowed: the status, what was seen (rows of all rows, fields of all fields), what the database has of it (+ rows
    more, - rows less, ~ rows changed; history is left out). \"=\" means that nothing changed.
  ✘ refused: the status, and the code when it is not FORBIDDEN. The database was compared: nothing at all had changed.
  · there is no such route.
";

    #[test]
    fn every_route_and_every_system_collection_is_tried() {
        let tried: BTreeSet<&str> = collections::all().iter().map(|spec| spec.collection).collect();
        for collection in system::collections() {
            assert!(
                tried.contains(collection.name.as_str()),
                "{} is not in the matrix: add a row for it to collections.rs",
                collection.name
            );
        }
        let resources: BTreeSet<(String, String)> = served::resources();
        for (root, collection) in &resources {
            let spec = collections::all()
                .into_iter()
                .find(|spec| spec.collection == collection);
            assert_eq!(
                spec.map(|spec| spec.root),
                Some(root.as_str()),
                "the door of {collection}"
            );
        }
        let served = served::routes();
        assert!(served.len() > 150, "the table of routes is not where it was");
        let reached = reached(&served);
        for route in &served {
            assert!(
                reached.contains(route),
                "{} {} is not in the matrix: add it to routes.rs, or to the actions of collections.rs",
                route.method,
                route.path
            );
        }
    }

    /// The routes that some request of the matrix falls on.
    #[track_caller]
    fn reached(served: &[Pattern]) -> BTreeSet<&Pattern> {
        let mut reached = BTreeSet::new();
        for spec in collections::all() {
            for action in spec.actions() {
                let request = action.request(Caller::Public);
                reached.extend(served::route_of(served, request.method, &request.target));
            }
        }
        for attempt in routes::all() {
            let route = served::route_of(served, attempt.method, attempt.target);
            assert!(route.is_some(), "{} falls on no route", attempt.title());
            reached.extend(route);
        }
        reached
    }

    #[test]
    fn access_is_as_committed() {
        let mut project = Project::new();
        let mut told = HEADING.to_owned();
        for spec in collections::all() {
            told.push_str(&collection(&mut project, &spec));
        }
        told.push_str(&other_routes(&mut project));
        if env::var_os("UPDATE").is_some() {
            fs::write(COMMITTED, told).unwrap();
            return;
        }
        let committed = fs::read_to_string(COMMITTED).unwrap_or_default();
        let was: BTreeSet<&str> = committed.lines().collect();
        let is: BTreeSet<&str> = told.lines().collect();
        let mut changes = String::new();
        for line in was.difference(&is) {
            writeln!(changes, "- {line}").unwrap();
        }
        for line in is.difference(&was) {
            writeln!(changes, "+ {line}").unwrap();
        }
        assert!(
            committed == told,
            "access is not as committed (UPDATE=1 writes it anew, if all of this is meant):\n{changes}"
        );
    }

    /// What every caller may do with one collection.
    fn collection(project: &mut Project, spec: &Spec) -> String {
        let mut told = format!("\n{}  at /{}\n", spec.collection, spec.root);
        told.push_str(&columns("", Caller::ALL.map(|caller| caller.name().to_owned())));
        let mut seen: Vec<(Caller, BTreeSet<String>)> = Vec::new();
        let mut missing: Vec<String> = Vec::new();
        for action in spec.actions() {
            let cells = Caller::ALL.map(|caller| {
                let request = action.request(caller);
                let cell = project.attempt(&request, Some(spec));
                judge(spec, caller, &action.name, &cell);
                if action.name == "read list" && !cell.fields.is_empty() {
                    seen.push((caller, cell.fields.clone()));
                }
                cell.text
            });
            if cells.iter().all(|cell| cell == cell::NO_ROUTE) {
                missing.push(action.name);
            } else {
                told.push_str(&columns(&action.name, cells));
            }
        }
        if !missing.is_empty() {
            writeln!(told, "  {} {}", cell::NO_ROUTE, missing.join(", ")).unwrap();
        }
        let all = seen.last().map(|(_, fields)| fields.clone()).unwrap_or_default();
        for (caller, fields) in seen {
            if fields != all {
                let names: Vec<String> = fields.into_iter().collect();
                writeln!(told, "  {} reads: {}", caller.name(), names.join(", ")).unwrap();
            }
        }
        told
    }

    /// What must hold whatever was committed: who has no policy has no part in the system's collections.
    #[track_caller]
    fn judge(spec: &Spec, caller: Caller, action: &str, cell: &Cell) {
        if UNPRIVILEGED.contains(&caller) {
            assert!(
                !cell.allowed,
                "{caller:?} may {action} of {}: {}",
                spec.collection, cell.text
            );
        }
        if spec.sealed {
            assert!(
                !cell.allowed,
                "{caller:?} may {action} of {}: {}",
                spec.collection, cell.text
            );
        }
    }

    fn other_routes(project: &mut Project) -> String {
        let mut told = "\nOther routes\n".to_owned();
        told.push_str(&columns("", Caller::ALL.map(|caller| caller.name().to_owned())));
        for attempt in routes::all() {
            let cells = Caller::ALL.map(|caller| {
                let request = Request {
                    token: caller.token("directus_users"),
                    method: attempt.method,
                    target: attempt.target.to_owned(),
                    body: attempt.body.clone(),
                };
                let cell = project.attempt(&request, None);
                let hidden = ["aedile_", "sqlite_"]
                    .iter()
                    .any(|prefix| attempt.target.contains(prefix));
                let model = ["/collections", "/fields", "/relations", "/items", "/schema"]
                    .iter()
                    .any(|root| attempt.target.starts_with(root));
                let shut = hidden || model && UNPRIVILEGED.contains(&caller);
                assert!(
                    !(shut && cell.allowed),
                    "{caller:?} may {}: {}",
                    attempt.title(),
                    cell.text
                );
                cell.text
            });
            told.push_str(&columns(&attempt.title(), cells));
        }
        told
    }

    fn columns(first: &str, cells: [String; 5]) -> String {
        let mut line = format!("  {first:<38}");
        for cell in cells {
            write!(line, " {cell:<CELL$}").unwrap();
        }
        line.trim_end().to_owned() + "\n"
    }
}
