//! A project on a server of its own, for tests that attack it: who asks for what, what is answered, and whether the
//! database was touched. It must never look into the server but through its answers and its database.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::Duration,
};

use aedile_testkit::{ADMIN_TOKEN, Server, wire::Connection};
use rusqlite::{Connection as Database, OpenFlags, types::ValueRef};
use serde_json::{Value, json};

/// No answer of these tests takes longer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Nobody's token: the public asks.
pub const PUBLIC: &str = "";

/// The administrator's token.
pub const ADMIN: &str = ADMIN_TOKEN;

/// Tables, each with its rows in order; and the text of the schema.
pub type Contents = BTreeMap<String, Vec<String>>;

/// A running project.
pub struct Project {
    server: Server,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// What `data` holds at a JSON pointer.
    pub fn at(&self, pointer: &str) -> Value {
        self.json()
            .pointer(&format!("/data{pointer}"))
            .cloned()
            .unwrap_or_default()
    }

    /// The first error's code.
    pub fn code(&self) -> String {
        let json = self.json();
        let code = json.pointer("/errors/0/extensions/code").and_then(Value::as_str);
        code.unwrap_or_default().to_owned()
    }

    /// What is answered, if it is a success.
    #[track_caller]
    pub fn ok(self) -> Reply {
        assert!(self.status < 300, "{} {}", self.status, self.text);
        self
    }

    /// The answer to what is forbidden.
    #[track_caller]
    pub fn forbidden(self) -> Reply {
        assert_eq!((self.status, self.code().as_str()), (403, "FORBIDDEN"), "{}", self.text);
        self
    }

    /// An answer of this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Reply {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

impl Project {
    pub fn new() -> Project {
        Self::with(&[])
    }

    /// A project with further settings.
    pub fn with(env: &[(&str, &str)]) -> Project {
        let env = env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let server = Server::start(binary(), &env).unwrap();
        Project { server }
    }

    /// Asks with a token and a body, `Null` for none.
    pub fn ask(&self, token: &str, method: &str, target: &str, body: Value) -> Reply {
        self.ask_from(token, "", method, target, &body)
    }

    /// As [`Project::ask`], with more lines of headers.
    pub fn ask_from(&self, token: &str, headers: &str, method: &str, target: &str, body: &Value) -> Reply {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut head = format!("{method} {} HTTP/1.1\r\nHost: localhost\r\n{headers}", quoted(target));
        if !token.is_empty() {
            head.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        if !body.is_empty() {
            head.push_str("Content-Type: application/json\r\n");
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let mut connection = Connection::new(self.server.address(), TIMEOUT);
        let answer = connection.send(head.as_bytes()).unwrap();
        Reply {
            status: answer.status,
            text: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }

    /// Sends a request with these lines of headers; answers head and body as they came.
    pub fn raw(&self, method: &str, target: &str, headers: &str, body: &Value) -> String {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = format!(
            "{method} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             {headers}Content-Length: {}\r\n\r\n{body}",
            quoted(target),
            body.len()
        );
        let mut stream = TcpStream::connect(self.server.address()).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut told = Vec::new();
        stream.read_to_end(&mut told).unwrap();
        String::from_utf8_lossy(&told).into_owned()
    }

    /// As [`Project::raw`], with a token and without a body.
    pub fn raw_as(&self, token: &str, method: &str, target: &str) -> String {
        let headers = if token.is_empty() {
            String::new()
        } else {
            format!("Authorization: Bearer {token}\r\n")
        };
        self.raw(method, target, &headers, &Value::Null)
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.server.folder().join("server.log")).unwrap()
    }

    pub fn get(&self, token: &str, target: &str) -> Reply {
        self.ask(token, "GET", target, Value::Null)
    }

    pub fn post(&self, token: &str, target: &str, body: Value) -> Reply {
        self.ask(token, "POST", target, body)
    }

    pub fn patch(&self, token: &str, target: &str, body: Value) -> Reply {
        self.ask(token, "PATCH", target, body)
    }

    pub fn delete(&self, token: &str, target: &str, body: Value) -> Reply {
        self.ask(token, "DELETE", target, body)
    }

    /// Asks, and makes sure that the request was refused and left everything as it was.
    #[track_caller]
    pub fn denied(&self, token: &str, method: &str, target: &str, body: Value) -> Reply {
        let before = self.contents();
        let reply = self.ask(token, method, target, body.clone());
        assert!(
            (400..500).contains(&reply.status),
            "{method} {target} {body}: {} {}",
            reply.status,
            reply.text
        );
        let after = self.contents();
        for (table, rows) in &after {
            assert_eq!(
                before.get(table),
                Some(rows),
                "{method} {target} {body} touched {table}"
            );
        }
        assert_eq!(before.len(), after.len(), "{method} {target} {body} changed the tables");
        reply
    }

    /// As [`Project::denied`], refused as forbidden.
    #[track_caller]
    pub fn refused(&self, token: &str, method: &str, target: &str, body: Value) {
        self.denied(token, method, target, body).forbidden();
    }

    /// Every table's rows in order and the whole schema; counters of sequences left out.
    pub fn contents(&self) -> Contents {
        let database = self.database();
        let mut contents = Contents::new();
        let schema = "select type || ' ' || name || ' ' || coalesce(sql, '') from sqlite_schema order by 1";
        contents.insert("the schema".to_owned(), rows(&database, schema));
        let tables = "select name from sqlite_schema where type = 'table' and name <> 'sqlite_sequence'";
        for table in rows(&database, tables) {
            let name = table.trim_matches('|').to_owned();
            let mut found = rows(&database, &format!("select * from \"{name}\""));
            found.sort();
            contents.insert(name, found);
        }
        contents
    }

    /// One value of the database.
    pub fn stored(&self, sql: &str) -> String {
        rows(&self.database(), sql).join("\n").trim_matches('|').to_owned()
    }

    fn database(&self) -> Database {
        let file = self.server.folder().join("data.db");
        Database::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }

    /// Makes a collection with an integer key and these fields.
    pub fn collection(&self, name: &str, fields: &[(&str, &str)]) {
        let key = json!({ "field": "id", "type": "integer", "schema": { "is_primary_key": true, "has_auto_increment": true } });
        let others = fields
            .iter()
            .map(|(field, kind)| json!({ "field": field, "type": kind, "meta": {}, "schema": {} }));
        let fields: Vec<Value> = [key].into_iter().chain(others).collect();
        let body = json!({ "collection": name, "meta": {}, "schema": {}, "fields": fields });
        self.post(ADMIN, "/collections", body).ok();
    }

    /// Makes a foreign key of `many`, and the list on the other side if it has a name.
    pub fn relation(&self, many: &str, field: &str, one: &str, list: Option<&str>) {
        let kind = if one.starts_with("directus_") {
            "uuid"
        } else {
            "integer"
        };
        let of = json!({ "field": field, "type": kind, "meta": { "special": ["m2o"] }, "schema": {} });
        self.post(ADMIN, &format!("/fields/{many}"), of).ok();
        if let Some(list) = list {
            let of = json!({ "field": list, "type": "alias", "meta": { "special": ["o2m"] } });
            self.post(ADMIN, &format!("/fields/{one}"), of).ok();
        }
        let body = json!({ "collection": many, "field": field, "related_collection": one, "meta": { "one_field": list }, "schema": {} });
        self.post(ADMIN, "/relations", body).ok();
    }

    /// Makes a policy of these permissions; answers its id.
    pub fn policy(&self, name: &str, permissions: Value) -> String {
        let body = json!({ "name": name, "permissions": permissions });
        id(&self.post(ADMIN, "/policies", body).ok())
    }

    /// Makes an active user with these policies, and the token `<name>-token`; answers its id.
    pub fn user(&self, name: &str, policies: &[&str]) -> String {
        let policies: Vec<Value> = policies.iter().map(|policy| json!({ "policy": policy })).collect();
        let body = json!({
            "email": format!("{name}@example.com"), "token": format!("{name}-token"), "first_name": name,
            "policies": policies, "status": "active",
        });
        id(&self.post(ADMIN, "/users", body).ok())
    }

    /// Makes a user with a policy of its own with these permissions; answers its id.
    pub fn user_who(&self, name: &str, permissions: Value) -> String {
        let policy = self.policy(name, permissions);
        self.user(name, &[&policy])
    }

    /// Makes a role with these policies; answers its id.
    pub fn role(&self, name: &str, policies: &[&str]) -> String {
        let policies: Vec<Value> = policies.iter().map(|policy| json!({ "policy": policy })).collect();
        id(&self
            .post(ADMIN, "/roles", json!({ "name": name, "policies": policies }))
            .ok())
    }

    /// The administrator's own id, role, policy, and the row that ties both.
    pub fn administrator(&self) -> [String; 4] {
        let me = self.get(ADMIN, "/users/me?fields=id,role").ok();
        let role = text(&me.at("/role"));
        let row = self
            .get(ADMIN, &format!("/access?filter[role][_eq]={role}&fields=id,policy"))
            .ok();
        [
            text(&me.at("/id")),
            role,
            text(&row.at("/0/policy")),
            text(&row.at("/0/id")),
        ]
    }
}

/// A permission on all rows.
pub fn may(collection: &str, action: &str, fields: &[&str]) -> Value {
    json!({ "collection": collection, "action": action, "fields": fields })
}

/// A permission on the rows of a rule.
pub fn may_where(collection: &str, action: &str, fields: &[&str], rule: Value) -> Value {
    json!({ "collection": collection, "action": action, "fields": fields, "permissions": rule })
}

/// The id of what an answer tells.
pub fn id(reply: &Reply) -> String {
    text(&reply.at("/id"))
}

/// A value as it stands in a path.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Spaces, quotes, braces and the like as they stand in a request line.
fn quoted(target: &str) -> String {
    let mut out = String::new();
    for byte in target.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/?&=[]:,$()*@%+!;'".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn rows(database: &Database, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(sql).unwrap();
    let width = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let mut line = String::from("|");
        for i in 0..width {
            match row.get_ref(i).unwrap() {
                ValueRef::Null => line.push('∅'),
                ValueRef::Integer(n) => line.push_str(&n.to_string()),
                ValueRef::Real(n) => line.push_str(&n.to_string()),
                ValueRef::Text(text) => line.push_str(&String::from_utf8_lossy(text)),
                ValueRef::Blob(bytes) => line.push_str(&format!("{bytes:?}")),
            }
            line.push('|');
        }
        found.push(line);
    }
    found
}

/// The server's program: the one that `AEDILE_BIN` names, or else built as this test is.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("AEDILE_BIN") {
            return given.into();
        }
        let test = std::env::current_exe().unwrap();
        let folder = test.ancestors().nth(2).unwrap();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "aedile"]);
        if folder.ends_with("release") {
            build.arg("--release");
        }
        let built = build
            .arg("--manifest-path")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
            .status();
        assert!(
            built.is_ok_and(|status| status.success()),
            "the server can not be built"
        );
        folder.join("aedile")
    })
}
