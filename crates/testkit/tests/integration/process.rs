//! The real binary as a process: it starts on what it left, keeps what it acknowledged even when it is killed, and says
//! clearly why it cannot start.

use std::{
    collections::BTreeMap,
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use aedile_testkit::{ADMIN_TOKEN, Server, command, wire::Connection};
use serde_json::{Value, json};

/// An answer takes no longer than this.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The binary: the one that `AEDILE_BIN` names, or the one that was built beside these tests.
pub fn binary() -> PathBuf {
    if let Some(given) = env::var_os("AEDILE_BIN") {
        return given.into();
    }
    let own = env::current_exe().unwrap();
    let found = own
        .ancestors()
        .map(|folder| folder.join("aedile"))
        .find(|path| path.is_file());
    found.expect("no binary beside the tests: cargo build -p aedile, or cargo xtask test")
}

fn copy_database(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with("data.db") {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

struct Client(Connection);

impl Client {
    fn of(server: &Server) -> Client {
        Client(Connection::new(server.address(), TIMEOUT))
    }

    fn ask(&mut self, method: &str, target: &str, body: &Value) -> (u16, Value) {
        let body = body.to_string();
        let text = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = self.0.send(text.as_bytes()).unwrap();
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let binary = binary();
    let server = Server::start(&binary, &BTreeMap::new()).unwrap();
    let mut client = Client::of(&server);
    let key =
        json!({ "field": "id", "type": "integer", "schema": { "is_primary_key": true, "has_auto_increment": true } });
    let things = json!({ "collection": "things", "meta": {}, "schema": {}, "fields": [key, { "field": "name", "type": "string", "schema": {} }] });
    assert_eq!(client.ask("POST", "/collections", &things).0, 200);
    for number in 0..50 {
        let (status, answer) = client.ask("POST", "/items/things", &json!({ "name": number.to_string() }));
        assert_eq!(status, 200, "{answer}");
    }
    // Only what is on the disk now is taken along; the first process gets no chance to tidy up.
    let again = Server::start_prepared(&binary, &BTreeMap::new(), &|folder| {
        copy_database(server.folder(), folder);
        Ok(())
    })
    .unwrap();
    drop(server);
    let (_, answer) = Client::of(&again).ask("GET", "/items/things?aggregate[count]=*", &Value::Null);
    assert_eq!(
        answer["data"][0]["count"]
            .as_i64()
            .or(answer["data"][0]["count"].as_str().and_then(|n| n.parse().ok())),
        Some(50),
        "{answer}"
    );
}

#[test]
fn a_port_that_is_taken_is_said_in_one_line() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = env::temp_dir().join(format!("aedile-port-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let output = command(&binary(), &folder, &BTreeMap::new())
        .arg("start")
        .env("PORT", &port)
        .output()
        .unwrap();
    fs::remove_dir_all(&folder).ok();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let last = told.lines().last().unwrap_or_default();
    assert!(last.contains(&port) && last.contains("PORT"), "{told}");
}

#[test]
fn a_new_password_ends_the_old_one() {
    let binary = binary();
    let server = Server::start(&binary, &BTreeMap::new()).unwrap();
    let mut client = Client::of(&server);
    let mut log_in = |password: &str| {
        client
            .ask(
                "POST",
                "/auth/login",
                &json!({ "email": "admin@example.com", "password": password }),
            )
            .0
    };
    let old = log_in("password");
    let set = command(&binary, server.folder(), &BTreeMap::new())
        .args([
            "users",
            "passwd",
            "--email",
            "admin@example.com",
            "--password",
            "a-new-password",
        ])
        .output()
        .unwrap();
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    assert_eq!((old, log_in("password"), log_in("a-new-password")), (200, 401, 200));
}
