//! Existing databases, as the reference leaves them: looked at, refused, let in, used, and still what they were.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Output, sync::LazyLock};

use aedile_testkit::{
    Ledger, Scenario, Server, command,
    dump::{Dump, Engine, PASSWORD},
    fixture::{self, ADMIN, PUBLIC, Project, contents},
    load_scenarios,
    mariadb::{self, MariaDb},
    postgres::{self, Postgres},
    resume, scenario_dir,
};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Ends with this process.
static POSTGRES: LazyLock<Postgres> = LazyLock::new(|| Postgres::start().unwrap());
static MARIADB: LazyLock<MariaDb> = LazyLock::new(|| MariaDb::start().unwrap());

/// Recorded scenarios whose set-up is put into the database, and on which engines.
const BROUGHT: [(&str, &[Engine]); 24] = {
    const ALL: &[Engine] = &ENGINES;
    // SQLite has neither decimals nor big keys that count: the reference keeps floats and integers there.
    const EXACT: &[Engine] = &[Engine::Postgres, Engine::MariaDb];
    // Old tables of MariaDB hold Latin letters, no parts of a second, and no negative numbers in keys that count.
    const WIDE: &[Engine] = &[Engine::Sqlite, Engine::Postgres];
    const WIDE_AND_EXACT: &[Engine] = &[Engine::Postgres];
    [
        ("access/fields-read", ALL),
        ("access/roles-inherit", ALL),
        ("access/rules-relational", ALL),
        ("access/writes-batches", ALL),
        ("access/writes-nested", ALL),
        ("items/aggregate", EXACT),
        ("items/batch", ALL),
        ("items/constraints", WIDE),
        ("items/delete-rules", ALL),
        ("items/fields", ALL),
        ("items/filter-functions", WIDE_AND_EXACT),
        ("items/filter-numbers-dates", EXACT),
        ("items/filter-relational", ALL),
        ("items/filter-strings", EXACT),
        ("items/nested-m2m-m2a", ALL),
        ("items/nested-o2m", ALL),
        ("items/primary-keys", WIDE_AND_EXACT),
        ("items/query-styles", EXACT),
        ("items/relation-order", ALL),
        ("items/search", EXACT),
        ("items/sort-and-paging", EXACT),
        ("items/types-dates", WIDE),
        ("items/types-json", ALL),
        ("items/write-answers", ALL),
    ]
};

/// A database of its own, gone with its value.
struct Place {
    folder: TempDir,
    held: Held,
}

/// Where the rows are.
enum Held {
    File,
    Postgres(postgres::Database<'static>),
    MariaDb(mariadb::Database<'static>),
}

impl Place {
    /// Brings a dump over.
    fn of(dump: &Dump) -> Place {
        let place = Place::empty(dump.engine());
        place.run(&dump.script());
        place
    }

    fn empty(engine: Engine) -> Place {
        let folder = TempDir::new().unwrap();
        let held = match engine {
            Engine::Sqlite => Held::File,
            Engine::Postgres => Held::Postgres(POSTGRES.database().unwrap()),
            Engine::MariaDb => Held::MariaDb(MARIADB.database().unwrap()),
        };
        Place { folder, held }
    }

    fn run(&self, script: &str) {
        match &self.held {
            Held::File => Connection::open(self.file()).unwrap().execute_batch(script).unwrap(),
            Held::Postgres(database) => database.run(script).unwrap(),
            Held::MariaDb(database) => database.run(script).unwrap(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("data.db")
    }

    fn settings(&self) -> BTreeMap<String, String> {
        let (client, url) = match &self.held {
            Held::File => return fixture::settings(&[("DB_FILENAME", self.file().to_str().unwrap())]),
            Held::Postgres(database) => ("pg", database.url()),
            Held::MariaDb(database) => ("mysql", database.url()),
        };
        fixture::settings(&[("DB_CLIENT", client), ("DB_CONNECTION_STRING", &url)])
    }

    /// Runs the binary to its end; answers its code, and what it printed.
    fn aedile(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = command(fixture::binary(), self.folder.path(), &self.settings());
        let Output { status, stdout, stderr } = command.args(arguments).output().unwrap();
        let told = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
        (status.code().unwrap(), told)
    }

    fn adopt(&self) {
        let (code, told) = self.aedile(&["doctor", "--apply", "--yes"]);
        assert_eq!(code, 0, "{told}");
    }

    fn start(&self) -> Project {
        let settings = self.settings();
        let settings: Vec<(&str, &str)> = settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        Project::with(&settings)
    }

    /// Asks, and makes sure that the request was refused and left everything as it was.
    #[track_caller]
    fn refuses(&self, project: &Project, token: &str, method: &str, target: &str, body: Value) {
        let before = self.contents();
        let reply = project.ask(token, method, target, body);
        assert!(
            (400..500).contains(&reply.status),
            "{method} {target}: {} {}",
            reply.status,
            reply.text
        );
        assert_eq!(before, self.contents(), "{method} {target} touched the database");
    }

    /// What a question answers.
    fn rows(&self, question: &str) -> Vec<String> {
        match &self.held {
            Held::File => fixture::rows(&Connection::open(self.file()).unwrap(), question),
            Held::Postgres(database) => database.rows(question).unwrap(),
            Held::MariaDb(database) => database.rows(question).unwrap(),
        }
    }

    /// Everything in it: definitions and rows.
    fn contents(&self) -> BTreeMap<String, Vec<String>> {
        let (tables, row) = match &self.held {
            Held::File => return contents(&Connection::open(self.file()).unwrap()),
            Held::Postgres(_) => ("select tablename from pg_tables where schemaname = 'public'", "t::text"),
            Held::MariaDb(_) => ("show tables", "*"),
        };
        let mut contents = self.definitions();
        for table in self.rows(tables) {
            let name = table.trim_matches(['|', '\'']).to_owned();
            let mut rows = self.rows(&format!("select {row} from {name} t"));
            rows.sort();
            contents.insert(name, rows);
        }
        contents
    }

    /// The definitions of the system's tables, as the database tells them, but for the indexes that Aedile adds, and the
    /// list of migrations.
    fn definitions(&self) -> BTreeMap<String, Vec<String>> {
        let questions: &[&str] = match &self.held {
            Held::File => &[
                "select name, sql from sqlite_schema where tbl_name like 'directus_%' and name not like 'aedile%' order by name",
            ],
            Held::Postgres(_) => &[
                "select table_name, column_name, ordinal_position, data_type, is_nullable, column_default, \
                 character_maximum_length from information_schema.columns where table_name like 'directus\\_%' order by 1, 3",
                "select conrelid::regclass, conname, pg_get_constraintdef(oid) from pg_constraint \
                 where conrelid::regclass::text like 'directus\\_%' order by 1, 2",
                "select indexname, indexdef from pg_indexes where tablename like 'directus\\_%' \
                 and indexname not like 'aedile%' order by 1",
            ],
            Held::MariaDb(_) => &[
                "select table_name, column_name, ordinal_position, column_type, is_nullable, column_default, extra, \
                 collation_name from information_schema.columns \
                 where table_schema = database() and table_name like 'directus\\_%' order by 1, 3",
                "select table_name, index_name, seq_in_index, column_name, non_unique from information_schema.statistics \
                 where table_schema = database() and table_name like 'directus\\_%' and index_name not like 'aedile%' \
                 order by 1, 2, 3",
                "select constraint_name, table_name, referenced_table_name, update_rule, delete_rule \
                 from information_schema.referential_constraints \
                 where constraint_schema = database() and table_name like 'directus\\_%' order by 1",
            ],
        };
        let migrations = "select version, name from directus_migrations order by version";
        let told = |question: &str| (question.to_owned(), self.rows(question));
        questions.iter().copied().chain([migrations]).map(told).collect()
    }
}

const ENGINES: [Engine; 3] = [Engine::Sqlite, Engine::Postgres, Engine::MariaDb];

/// A small shop, as it was made by hand over the years.
fn shop(engine: Engine) -> Dump {
    let mut dump = Dump::new(engine);
    let counting = match engine {
        Engine::Sqlite => "integer primary key autoincrement not null",
        Engine::Postgres => "serial primary key",
        Engine::MariaDb => "int unsigned auto_increment primary key",
    };
    let text = if engine == Engine::MariaDb {
        "varchar(255)"
    } else {
        "text"
    };
    let points = if engine == Engine::MariaDb {
        "int unsigned"
    } else {
        "integer"
    };
    for statement in [
        format!("create table makers (id {counting}, name {text})"),
        format!(
            "create table goods (id {counting}, name {text}, maker {points}, loose integer, foreign key (maker) references makers (id))"
        ),
        format!("create table places (shelf {text} not null, box {text} not null, primary key (shelf, box))"),
        "create table notes (words text)".to_owned(),
        format!("create table bare (id {counting}, words {text})"),
    ] {
        dump.run(&statement);
    }
    for name in ["makers", "goods", "places"] {
        dump.insert("directus_collections", &[("collection", name)]);
    }
    for (collection, field) in [("makers", "id"), ("makers", "name"), ("goods", "id"), ("goods", "gone")] {
        dump.insert("directus_fields", &[("collection", collection), ("field", field)]);
    }
    dump.insert(
        "directus_relations",
        &[
            ("many_collection", "goods"),
            ("many_field", "loose"),
            ("one_collection", "makers"),
        ],
    );
    dump.run("insert into makers (name) values ('ann'), ('bob')");
    dump.run("insert into goods (name, maker) values ('cup', 1), ('pot', 2), ('tin', 1)");
    dump.run("insert into bare (words) values ('x')");
    clerk(&mut dump);
    dump
}

/// A user whose role grants a few of the goods.
fn clerk(dump: &mut Dump) {
    let (role, policy) = (
        "00000000-0000-4000-8000-0000000000f1",
        "00000000-0000-4000-8000-0000000000f2",
    );
    dump.insert("directus_roles", &[("id", role), ("name", "Clerks")]);
    dump.insert("directus_policies", &[("id", policy), ("name", "Sell")]);
    let access = [
        ("id", "00000000-0000-4000-8000-0000000000f3"),
        ("role", role),
        ("policy", policy),
    ];
    dump.insert("directus_access", &access);
    let mut may = |action, rule, fields| {
        let cells = [
            ("policy", policy),
            ("collection", "goods"),
            ("action", action),
            ("permissions", rule),
            ("fields", fields),
        ];
        dump.insert("directus_permissions", &cells);
    };
    may("read", r#"{"maker":{"name":{"_eq":"ann"}}}"#, "id,name");
    may("update", r#"{"name":{"_eq":"$NOBODY_KNOWS"}}"#, "*");
    may("delete", r#"{"name":{"_was":"x"}}"#, "*");
    dump.user(
        "00000000-0000-4000-8000-0000000000f4",
        "clerk",
        Some(role),
        Some("clerk-token"),
    );
}

#[test]
fn looking_changes_nothing_and_tells_what_there_is() {
    for engine in ENGINES {
        let place = Place::of(&shop(engine));
        let (before, bytes) = (place.contents(), fs::read(place.file()).ok());
        let (code, told) = place.aedile(&["doctor"]);
        assert_eq!(code, 1, "{told}");
        assert_eq!((before, bytes), (place.contents(), fs::read(place.file()).ok()));
        let left: Vec<_> = fs::read_dir(place.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left.len(), usize::from(engine == Engine::Sqlite), "{left:?}");
        for words in [
            "A Directus 11.17 database, on which Aedile has never worked.",
            "3 collections, 1 that no metadata describes",
            "2 users, 2 active",
            "own tables (aedile_*): meta",
            "table \"places\" is left out",
            "table \"notes\" is left out",
            "the field \"goods.gone\" is left out",
            "the relation \"goods.loose\" to \"makers\" has no foreign key",
            "(delete on \"goods\") grants nothing",
            "2 users have a static token",
            "Nothing was changed.",
        ] {
            assert!(told.contains(words), "{words}\n{told}");
        }
        // MariaDB makes an index with every foreign key.
        let index = "an index on the foreign key \"goods.maker\": aedile_goods_maker_index";
        assert_eq!(told.contains(index), engine != Engine::MariaDb, "{told}");
        let (_, told) = place.aedile(&["doctor", "--format", "json"]);
        let report: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(report["standing"], "untouched");
    }
}

#[test]
fn nothing_works_on_it_before_it_was_let_to() {
    for engine in ENGINES {
        let place = Place::of(&shop(engine));
        let (before, bytes) = (place.contents(), fs::read(place.file()).ok());
        for arguments in [
            &["start"][..],
            &["bootstrap"],
            &["demo", "--force"],
            &["database", "migrate:latest"],
            &["database", "install"],
            &["roles", "create", "--role", "x"],
            &["access", "snapshot"],
        ] {
            let (code, told) = place.aedile(arguments);
            assert!(
                code != 0 && told.contains("`aedile doctor --apply`"),
                "{arguments:?} {told}"
            );
        }
        let (code, told) = place.aedile(&["doctor", "--apply"]);
        assert!(code == 1 && told.contains("--yes applies without asking"), "{told}");
        assert_eq!((before, bytes), (place.contents(), fs::read(place.file()).ok()));
    }
}

#[test]
fn other_versions_are_refused_with_the_way_out() {
    let cases: [(&str, &str, &str); 4] = [
        (
            "delete from directus_migrations where version > '20251'",
            "older version",
            "start that version on it once",
        ),
        (
            "insert into directus_migrations (version, name) values ('20260401A', 'Something'); \
             create table directus_licences (id integer primary key)",
            "newer version",
            "a backup from before the upgrade",
        ),
        (
            "insert into directus_migrations (version, name) values ('20260401A', 'Something'); \
             alter table directus_collections add column status varchar(255)",
            "directus_collections.status",
            "a backup from before the upgrade",
        ),
        (
            "alter table directus_policies drop column enforce_tfa",
            "directus_policies.enforce_tfa are missing",
            "Compare it with a backup",
        ),
    ];
    for engine in ENGINES {
        for (change, what, way) in cases {
            let place = Place::of(&Dump::new(engine));
            place.run(change);
            let before = place.contents();
            for arguments in [
                &["doctor"][..],
                &["doctor", "--apply", "--yes"],
                &["start"],
                &["bootstrap"],
            ] {
                let (code, told) = place.aedile(arguments);
                assert!(
                    code != 0 && told.contains(what) && told.contains(way),
                    "{change} {arguments:?} {told}"
                );
            }
            assert_eq!(before, place.contents(), "{change}");
        }
        // Migrations of the project's own, and columns that its metadata knows, are nobody else's business.
        let mut dump = Dump::new(engine);
        dump.run("insert into directus_migrations (version, name) values ('20270101A', 'Our Own')");
        dump.run("alter table directus_users add column nickname varchar(255)");
        dump.insert(
            "directus_fields",
            &[("collection", "directus_users"), ("field", "nickname")],
        );
        let place = Place::of(&dump);
        let (code, told) = place.aedile(&["doctor", "--apply", "--yes"]);
        assert!(code == 0 && told.contains("migrations of its own"), "{told}");
    }
}

#[test]
fn used_and_still_what_it_was() {
    for engine in ENGINES {
        let place = Place::of(&shop(engine));
        let before = place.definitions();
        place.adopt();
        let (code, told) = place.aedile(&["doctor"]);
        assert!(
            code == 0 && !told.contains("Would be done") && told.contains("on which Aedile works"),
            "{told}"
        );
        let (code, told) = place.aedile(&["doctor", "--apply"]);
        assert!(code == 0 && told.contains("Nothing to do."), "{told}");
        use_it(&place, &place.start());
        assert_eq!(before, place.definitions());
    }
}

/// Every sort of change that reaches system tables.
fn use_it(place: &Place, project: &Project) {
    let login = json!({ "email": "clerk@example.com", "password": PASSWORD.0 });
    let token = project.post(PUBLIC, "/auth/login", login).ok().at("/access_token");
    let mine = project.get(token.as_str().unwrap(), "/items/goods?fields=*").ok();
    assert_eq!(
        mine.at(""),
        json!([{ "id": 1, "name": "cup" }, { "id": 3, "name": "tin" }])
    );
    place.refuses(
        project,
        "clerk-token",
        "PATCH",
        "/items/goods/1",
        json!({ "name": "mine" }),
    );
    place.refuses(project, "clerk-token", "DELETE", "/items/goods/1", Value::Null);
    place.refuses(project, PUBLIC, "GET", "/items/goods", Value::Null);
    let goods = project
        .get(ADMIN, "/items/goods?fields=name,maker.name&sort=-id&limit=1")
        .ok();
    assert_eq!(goods.at(""), json!([{ "name": "tin", "maker": { "name": "ann" } }]));
    project
        .post(
            ADMIN,
            "/items/goods",
            json!({ "name": "lid", "maker": { "name": "cyd" } }),
        )
        .is(200);
    project.collection("extra", &[("words", "string"), ("when", "timestamp")]);
    project.relation("extra", "good", "goods", Some("extras"));
    project
        .post(ADMIN, "/items/extra", json!({ "words": "y", "good": 1 }))
        .is(200);
    project.user_who("temp", json!([fixture::may("extra", "read", &["*"])]));
    project
        .post(
            ADMIN,
            "/fields/directus_users",
            json!({ "field": "shoe", "type": "integer", "schema": {} }),
        )
        .is(200);
    project
        .delete(ADMIN, "/fields/directus_users/shoe", Value::Null)
        .is(204);
    project
        .patch(ADMIN, "/settings", json!({ "project_name": "Shop" }))
        .is(200);
    project.delete(ADMIN, "/collections/extra", Value::Null).is(204);
}

#[test]
fn tables_without_metadata_are_for_administrators() {
    for engine in ENGINES {
        let place = Place::of(&shop(engine));
        place.adopt();
        let project = place.start();
        let bare = project.get(ADMIN, "/collections/bare").ok();
        assert_eq!(
            (bare.at("/meta"), bare.at("/schema/name")),
            (Value::Null, json!("bare"))
        );
        let words = project.get(ADMIN, "/fields/bare/words").ok();
        let kind = if engine == Engine::MariaDb { "string" } else { "text" };
        assert_eq!((words.at("/meta"), words.at("/type")), (Value::Null, json!(kind)));
        assert_eq!(
            project.get(ADMIN, "/items/bare").ok().at(""),
            json!([{ "id": 1, "words": "x" }])
        );
        for token in [PUBLIC, "clerk-token"] {
            place.refuses(&project, token, "GET", "/items/bare", Value::Null);
            place.refuses(&project, token, "GET", "/collections/bare", Value::Null);
            place.refuses(&project, token, "POST", "/items/bare", json!({ "words": "y" }));
        }
        for name in ["places", "notes"] {
            place.refuses(&project, ADMIN, "GET", &format!("/items/{name}"), Value::Null);
            let said = format!("table \"{name}\" is left out: it needs a primary key of exactly one column");
            assert!(project.log().contains(&said), "{}", project.log());
        }
        // A name that is taken by a table that is not served stays taken.
        let again = json!({ "collection": "notes", "schema": {}, "meta": {} });
        place.refuses(&project, ADMIN, "POST", "/collections", again);
    }
}

/// What recorded answers differ in on a database that was brought over, if anything.
fn brought_over(engine: Engine, scenario: &Scenario, ledger: &Ledger) -> Vec<String> {
    let mut dump = Dump::new(engine);
    let taken = scenario.steps.iter().take_while(|step| dump.take(step)).count();
    assert!(taken > 1, "{}: {taken} steps are in the database", scenario.label);
    let place = Place::of(&dump);
    place.adopt();
    let mut env = scenario.env.clone();
    env.extend(place.settings());
    let mut server = Server::start(fixture::binary(), &env).unwrap();
    let outcome = resume(&mut server, scenario, taken);
    let failing = outcome
        .steps
        .iter()
        .filter(|step| !step.passes() && ledger.class(&scenario.label, step.number).is_none());
    failing
        .map(|step| {
            format!(
                "{engine:?} {} step {}: {} {:#?}",
                scenario.label, step.number, step.title, step.differences
            )
        })
        .collect()
}

#[test]
fn answers_are_the_recorded_ones() {
    let ledger = Ledger::load(&Ledger::path()).unwrap();
    let mut wrong = Vec::new();
    for (label, engines) in BROUGHT {
        let scenarios = load_scenarios(&scenario_dir(), &[label.to_owned()]).unwrap();
        let scenario = scenarios.iter().find(|scenario| scenario.label == label).unwrap();
        for engine in engines {
            wrong.extend(brought_over(*engine, scenario, &ledger));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
