//! A database as a reference server leaves it, written down as SQL: the documented tables of an engine, the rows that every
//! project begins with, and what recorded set-up steps would have made. It must never ask the product for anything: it is
//! what the product is to open.

mod cells;
mod setup;

use serde_json::{Map, Value};

use crate::server::ADMIN_TOKEN;
use cells::{escaped, quoted};

/// The public policy, the same in every project.
pub const PUBLIC_POLICY: &str = "abf8a154-5b1c-4a46-ac9c-7300570f4f17";
/// The administrators' policy of a dump.
pub const ADMIN_POLICY: &str = "00000000-0000-4000-8000-0000000000a1";
/// The administrators' role of a dump.
pub const ADMIN_ROLE: &str = "00000000-0000-4000-8000-0000000000b1";
/// The administrator of a dump.
pub const ADMIN_USER: &str = "00000000-0000-4000-8000-0000000000c1";
/// A password, and its hash as another program made it, with the parameters of the reference.
pub const PASSWORD: (&str, &str) = (
    "correct horse battery staple",
    "$argon2id$v=19$m=65536,t=3,p=4$MIIRqgvgQbgj220jfp0MPA$YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg",
);

/// A list of the migrations of the served version: `version|name` lines.
const MIGRATIONS: &str = include_str!("../dumps/migrations.txt");

/// Where a dump comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MariaDB.
    MariaDb,
}

impl Engine {
    /// The documented tables.
    #[must_use]
    pub fn tables(self) -> &'static str {
        match self {
            Engine::Sqlite => include_str!("../dumps/sqlite.sql"),
            Engine::Postgres => include_str!("../dumps/postgres.sql"),
            Engine::MariaDb => include_str!("../dumps/mariadb.sql"),
        }
    }
}

/// A database in the making.
#[derive(Clone, Debug)]
pub struct Dump {
    engine: Engine,
    /// System rows, and what a test adds by hand.
    statements: Vec<String>,
    tables: Vec<Table>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Table {
    name: String,
    columns: Vec<Column>,
    foreign: Vec<Foreign>,
    /// The next number of a counting key.
    next: i64,
}

#[derive(Clone, Debug)]
struct Column {
    name: String,
    kind: String,
    schema: Map<String, Value>,
}

#[derive(Clone, Debug)]
struct Foreign {
    column: String,
    table: String,
    on_delete: String,
}

#[derive(Clone, Debug)]
struct Row {
    table: String,
    cells: Vec<(String, String)>,
}

impl Dump {
    /// A fresh project: one administrator with the token of servers under test.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        let mut dump = Dump {
            engine,
            statements: Vec::new(),
            tables: Vec::new(),
            rows: Vec::new(),
        };
        for line in MIGRATIONS.lines() {
            let (version, name) = line.split_once('|').unwrap_or((line, ""));
            dump.insert("directus_migrations", &[("version", version), ("name", name)]);
        }
        let access = |id, role, policy| [("id", id), ("role", role), ("policy", policy), ("sort", "1")];
        dump.insert(
            "directus_policies",
            &[("id", PUBLIC_POLICY), ("name", "$t:public_label"), ("icon", "public")],
        );
        dump.insert(
            "directus_policies",
            &[("id", ADMIN_POLICY), ("name", "Administrator"), ("icon", "verified")],
        );
        dump.run("update directus_policies set admin_access = true, app_access = true where name = 'Administrator'");
        dump.insert(
            "directus_roles",
            &[("id", ADMIN_ROLE), ("name", "Administrator"), ("icon", "verified")],
        );
        dump.insert(
            "directus_access",
            &[
                ("id", "00000000-0000-4000-8000-0000000000d1"),
                ("policy", PUBLIC_POLICY),
                ("sort", "1"),
            ],
        );
        dump.insert(
            "directus_access",
            &access("00000000-0000-4000-8000-0000000000d2", ADMIN_ROLE, ADMIN_POLICY),
        );
        dump.insert(
            "directus_settings",
            &[("id", "1"), ("project_id", "00000000-0000-4000-8000-0000000000e1")],
        );
        dump.user(ADMIN_USER, "admin", Some(ADMIN_ROLE), Some(ADMIN_TOKEN));
        dump
    }

    /// The database it is of.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// An active user `<name>@example.com` with [`PASSWORD`].
    pub fn user(&mut self, id: &str, name: &str, role: Option<&str>, token: Option<&str>) {
        let email = format!("{name}@example.com");
        let mut cells = vec![
            ("id", id),
            ("first_name", name),
            ("email", &email),
            ("password", PASSWORD.1),
        ];
        cells.extend(role.map(|role| ("role", role)));
        cells.extend(token.map(|token| ("token", token)));
        cells.push(("status", "active"));
        self.insert("directus_users", &cells);
    }

    /// A row of texts, numbers and uuids, each as text.
    pub fn insert(&mut self, table: &str, cells: &[(&str, &str)]) {
        let names: Vec<String> = cells.iter().map(|(name, _)| quoted(self.engine, name)).collect();
        let values: Vec<String> = cells.iter().map(|(_, value)| escaped(self.engine, value)).collect();
        let table = quoted(self.engine, table);
        self.statements.push(cells::insert(&table, &names, &values));
    }

    /// A statement of the test's own.
    pub fn run(&mut self, statement: &str) {
        self.statements.push(statement.to_owned());
    }

    /// Everything, as a script.
    #[must_use]
    pub fn script(&self) -> String {
        let mut script = match self.engine {
            Engine::Sqlite => "pragma foreign_keys = off;\n".to_owned(),
            Engine::Postgres => String::new(),
            Engine::MariaDb => "set foreign_key_checks = 0; set time_zone = '+00:00';\n".to_owned(),
        };
        script.push_str(self.engine.tables());
        let tables = self.tables.iter().map(|table| self.create(table));
        let rows = self.rows.iter().map(|row| self.row(row));
        let last = self.tables.iter().flat_map(|table| self.finish(table));
        for statement in tables.chain(self.statements.iter().cloned()).chain(rows).chain(last) {
            script.push_str(&statement);
            script.push_str(";\n");
        }
        script
    }

    fn create(&self, table: &Table) -> String {
        let mut parts: Vec<String> = table
            .columns
            .iter()
            .map(|column| cells::column(self.engine, column))
            .collect();
        // PostgreSQL judges each row at once: its foreign keys come last.
        if self.engine != Engine::Postgres {
            parts.extend(table.foreign.iter().map(|foreign| self.constraint(table, foreign)));
        }
        let name = quoted(self.engine, &table.name);
        ["create table ", &name, " (", &parts.join(", "), ")"].concat()
    }

    fn constraint(&self, table: &Table, foreign: &Foreign) -> String {
        let q = |name: &str| quoted(self.engine, name);
        let system = if foreign.table.starts_with("directus_") {
            "id"
        } else {
            ""
        };
        let target = self
            .tables
            .iter()
            .find(|table| table.name == foreign.table)
            .and_then(Table::key);
        let key = target.map_or(system, |column| column.name.as_str());
        format!(
            "constraint {} foreign key ({}) references {} ({}) on delete {}",
            q(&format!("{}_{}_foreign", table.name, foreign.column).to_lowercase()),
            q(&foreign.column),
            q(&foreign.table),
            q(key),
            foreign.on_delete
        )
    }

    fn row(&self, row: &Row) -> String {
        let q = |name: &String| quoted(self.engine, name);
        let names: Vec<String> = row.cells.iter().map(|(name, _)| q(name)).collect();
        let values: Vec<String> = row.cells.iter().map(|(_, value)| value.clone()).collect();
        cells::insert(&q(&row.table), &names, &values)
    }

    /// What PostgreSQL wants when the rows are there.
    fn finish(&self, table: &Table) -> Vec<String> {
        if self.engine != Engine::Postgres {
            return Vec::new();
        }
        let name = quoted(self.engine, &table.name);
        let mut last: Vec<String> = table
            .foreign
            .iter()
            .map(|foreign| ["alter table ", &name, " add ", &self.constraint(table, foreign)].concat())
            .collect();
        if let Some(key) = table.key().filter(|key| key.is_counting() && table.next > 1) {
            let newest = table.next - 1;
            let sequence = format!("pg_get_serial_sequence('{name}', '{}')", key.name);
            last.push(["select setval(", &sequence, ", ", &newest.to_string(), ")"].concat());
        }
        last
    }
}

impl Table {
    fn key(&self) -> Option<&Column> {
        self.columns.iter().find(|column| column.is("is_primary_key"))
    }
}

impl Column {
    fn is(&self, fact: &str) -> bool {
        self.schema.get(fact).and_then(Value::as_bool).unwrap_or_default()
    }

    fn is_counting(&self) -> bool {
        self.is("has_auto_increment")
    }
}
