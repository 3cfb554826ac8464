//! A file against a small project on a real file: what it is written as, what is found different, what that means for whom,
//! and that applying is all or nothing and leaves an administrator.

use std::sync::Arc;

use aedile_db::{Db, Options};
use aedile_engine::{
    access::{Caller, Reason},
    query::Query,
};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::*;
use crate::{
    App, Origin,
    app::Passwords,
    bootstrap::{self, FirstAdministrator},
    config::Settings,
    items, model,
};

/// A project with posts and two users, on a file of its own, gone with it.
pub(crate) struct Project {
    pub app: App,
    _folder: TempDir,
}

impl Project {
    /// Five posts: three published; a role Editors below Staff with one user, who wrote two.
    pub async fn new() -> Project {
        let folder = TempDir::new().unwrap();
        let db = Db::open(Options::new(folder.path().join("data.db"))).await.unwrap();
        db.install().await.unwrap();
        db.migrate_latest().await.unwrap();
        let first = FirstAdministrator {
            email: "admin@example.com".to_owned(),
            password_hash: "none".to_owned(),
            token: None,
        };
        bootstrap::seed(&db, Some(first)).await.unwrap();
        let passwords = Passwords {
            hash: Arc::new(|password| Box::pin(async move { Ok(format!("hashed {password}")) })),
            accepts: Arc::new(|_, _| true),
            enforces: Arc::new(|_| Ok(())),
        };
        let app = App::load(db, Settings::default(), passwords).await.unwrap();
        let project = Project { app, _folder: folder };
        project.fill().await;
        project
    }

    async fn fill(&self) {
        let key =
            json!({"field": "id", "type": "integer", "schema": {"is_primary_key": true, "has_auto_increment": true}});
        let posts = json!({"collection": "posts", "schema": {}, "meta": {}, "fields": [
            key, {"field": "title", "type": "string"}, {"field": "status", "type": "string"}, {"field": "owner", "type": "uuid"},
        ]});
        self.app
            .db()
            .write_ddl(move |tx| {
                Box::pin(async move {
                    let made = model::Request::CreateCollections { input: json!([posts]) };
                    model::change::carry_out(tx, &made).await.map(|_| ())
                })
            })
            .await
            .unwrap();
        self.app.reload(self.app.version().await.unwrap()).await.unwrap();
        self.create(
            "directus_roles",
            json!([{"id": STAFF, "name": "Staff"}, {"id": EDITORS, "name": "Editors", "parent": STAFF}]),
        )
        .await;
        let user = json!({"id": ADA, "email": "ada@example.com", "role": EDITORS, "status": "active"});
        self.create("directus_users", json!([user])).await;
        let rows = [
            ("a", "published", ADA),
            ("b", "published", ADA),
            ("c", "published", STAFF),
            ("d", "draft", STAFF),
            ("e", "draft", STAFF),
        ];
        let rows: Vec<Json> = rows
            .iter()
            .map(|(title, status, owner)| json!({"title": title, "status": status, "owner": owner}))
            .collect();
        self.create("posts", json!(rows)).await;
        self.create(
            "directus_policies",
            json!([{"id": WRITING, "name": "Writing", "permissions": [
                {"collection": "posts", "action": "read", "fields": ["*"], "permissions": {"_and": [{"status": {"_eq": "published"}}]}},
                {"collection": "posts", "action": "update", "fields": ["title", "status"], "permissions": {"owner": {"_eq": "$CURRENT_USER"}}},
            ]}]),
        )
        .await;
        self.create(
            "directus_access",
            json!([{"role": EDITORS, "policy": WRITING, "sort": 1}]),
        )
        .await;
    }

    async fn create(&self, collection: &str, rows: Json) {
        let cx = self.as_loader();
        items::create(&cx, collection, rows, &Query::default()).await.unwrap();
    }

    fn as_loader(&self) -> Cx {
        let caller = Caller::system(Reason::Loading);
        self.app.cx(self.app.snapshot(), caller, Origin::default(), 0)
    }

    pub fn operator(&self) -> Cx {
        bootstrap::operator(&self.app, 0)
    }

    async fn snapshot(&self) -> String {
        snapshot(&self.operator(), true).await.unwrap()
    }

    async fn compare(&self, text: &str) -> Comparison {
        match compare(&self.operator(), text).await {
            Ok(comparison) => comparison,
            Err(refusal) => panic!("{refusal:?}\n{text}"),
        }
    }

    async fn apply(&self, text: &str) -> Result<()> {
        apply(&self.operator(), &self.compare(text).await).await
    }

    async fn problems(&self, text: &str) -> String {
        match compare(&self.operator(), text).await {
            Err(Refusal::File(problems)) => problems.told("f"),
            other => panic!("{}", other.is_ok()),
        }
    }

    /// Rows of a system table, as the operator reads them.
    async fn rows(&self, collection: &str) -> Vec<Json> {
        let mut query = Query::default();
        query.page.limit = Some(1000);
        let answer = items::list(&self.operator(), collection, &query).await.unwrap();
        serde_json::from_slice(&answer.data.unwrap()).unwrap()
    }
}

const ADA: &str = "11111111-aaaa-4aaa-8aaa-111111111111";
const STAFF: &str = "22222222-aaaa-4aaa-8aaa-222222222222";
const EDITORS: &str = "33333333-aaaa-4aaa-8aaa-333333333333";
pub(crate) const WRITING: &str = "44444444-aaaa-4aaa-8aaa-444444444444";

#[tokio::test]
async fn what_is_written_is_what_is_there() {
    let project = Project::new().await;
    let text = project.snapshot().await;
    assert!(
        text.contains("        read:\n          fields: \"*\"\n          where: {status: {_eq: published}}\n"),
        "{text}"
    );
    assert!(text.contains("parent: Staff\n"), "{text}");
    let comparison = project.compare(&text).await;
    assert!(comparison.diff.same, "{}", comparison.diff.text());
    let version = project.app.version().await.unwrap();
    project.apply(&text).await.unwrap();
    assert_eq!(
        project.app.version().await.unwrap(),
        version,
        "nothing to do moves no version on"
    );
    // By names alone it is the same as well.
    let nameless: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("id: "))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(nameless, text);
    let comparison = project.compare(&nameless).await;
    assert!(comparison.diff.same, "{}", comparison.diff.text());
}

#[tokio::test]
async fn who_gains_and_loses_is_counted_on_the_rows_there_are() {
    let project = Project::new().await;
    let text = project.snapshot().await;
    let changed = text
        .replace("fields: \"*\"\n          where: {status: {_eq: published}}", "fields: [id, title]\n          where: {status: {_eq: draft}}")
        .replace(
            "    icon: public\n",
            "    icon: public\n    permissions:\n      posts:\n        read: {fields: [id, title], where: {status: {_eq: published}}}\n        create: {fields: [title], validation: {title: {_nempty: true}}, presets: {status: draft}}\n",
        )
        .replace("users: []", "users: [{user: Ada@Example.com, policies: [Public]}, {user: bob@example.com, policies: [Public]}]");
    let diff = project.compare(&changed).await.diff;
    let told = diff.text();
    for line in [
        "    + read posts (id, title) where status is \"published\"\n",
        "    ~ read posts: rows: status is \"draft\" (was: status is \"published\"); fields: id, title (was: all)\n",
        "    gains:   read posts (id, title) where status is \"published\": 0 → 3 of 5 rows\n",
        "    gains:   create posts.title, if title is not empty, with status = \"draft\"\n",
        "  role \"Editors\" (1 user)\n",
        "    changes: read posts (id, title) where status is \"draft\" (was: status is \"published\"): 3 → 2 of 5 rows, 2 gained and 3 lost\n",
        "    loses:   read posts (status, owner) where status is \"published\": 3 → 0 of 5 rows\n",
        "  user ada@example.com\n",
        "  bob@example.com is no user of this database: what the file attaches there is left out\n",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    project.apply(&changed).await.unwrap();
    let now = project.compare(&changed).await.diff;
    assert!(
        now.same && now.changes.is_empty() && now.effects.is_empty(),
        "{}",
        now.text()
    );
    // The rows that there were are the rows that there are.
    let permissions = project.rows("directus_permissions").await;
    let kept: Vec<&Json> = permissions
        .iter()
        .filter(|row| row["policy"] == WRITING)
        .map(|row| &row["id"])
        .collect();
    assert_eq!(kept, [&json!(1), &json!(2)]);
    let activity = project.rows("directus_activity").await;
    let of = |collection: &str| activity.iter().filter(|row| row["collection"] == collection).count();
    assert_eq!(
        (
            of("directus_permissions"),
            of("directus_access"),
            of("directus_policies")
        ),
        (3, 1, 0),
        "{activity:?}"
    );
    project.apply(&text).await.unwrap();
    assert_eq!(project.snapshot().await, text);
}

#[tokio::test]
async fn a_users_own_rows_are_counted_for_the_user() {
    let project = Project::new().await;
    let text = project.snapshot().await;
    let own = text
        .replace("users: []", "users: [{user: ada@example.com, policies: [Own]}]")
        .replace("\npolicies:\n", "\npolicies:\n  - name: Own\n    permissions: {posts: {delete: {fields: '*', where: {owner: {_eq: $CURRENT_USER}}}}}\n");
    let told = project.compare(&own).await.diff.text();
    assert!(
        told.contains("gains:   delete posts where owner is the current user: 0 → 2 of 5 rows"),
        "{told}"
    );
}

#[tokio::test]
async fn fields_are_told_where_they_are_what_changes() {
    let project = Project::new().await;
    let text = project.snapshot().await;
    let told = async |from: &str, to: &str| {
        let changed = text.replace(from, to);
        assert_ne!(changed, text);
        project.compare(&changed).await.diff.text()
    };
    let rows = told("{owner: {_eq: $CURRENT_USER}}", "{status: {_eq: draft}}").await;
    let line = "changes: update posts where status is \"draft\" (was: owner is the current user): 0 → 2 of 5 rows\n";
    assert!(rows.contains(line), "{rows}");
    let field = told("fields: [status, title]", "fields: [title]").await;
    assert!(
        field.contains("loses:   update posts.status where owner is the current user: 0 of 5 rows, as before\n"),
        "{field}"
    );
    assert!(field.contains("A role is counted for nobody in particular"), "{field}");
}

#[tokio::test]
async fn trees_of_roles_turn_around() {
    let project = Project::new().await;
    let text = project.snapshot().await;
    let turned = text.replace("    parent: Staff\n", "").replace(
        &format!("    id: {STAFF}\n"),
        &format!("    id: {STAFF}\n    parent: Editors\n"),
    );
    project.apply(&turned).await.unwrap();
    let roles = project.rows("directus_roles").await;
    let parent = |id: &str| roles.iter().find(|row| row["id"] == id).unwrap()["parent"].clone();
    assert_eq!((parent(STAFF), parent(EDITORS)), (json!(EDITORS), Json::Null));
    let circle = turned.replace(
        &format!("    id: {EDITORS}\n"),
        &format!("    id: {EDITORS}\n    parent: Staff\n"),
    );
    assert!(project.problems(&circle).await.contains("among its own ancestors"));
}

#[tokio::test]
async fn a_deleted_role_suspends_its_users_and_the_file_says_so_before() {
    let project = Project::new().await;
    let text = project.snapshot().await;
    let start = text.find("  - name: Editors").unwrap();
    let end = text.find("\n# Policies that users").unwrap();
    let kept = format!("{}{}", &text[..start], &text[end..]);
    let told = project.compare(&kept).await.diff.text();
    assert!(
        told.contains("role \"Editors\" goes\n    - 1 user, suspended by this"),
        "{told}"
    );
    // Nobody takes a role from a file that says nothing of roles.
    let silent = format!(
        "version: 1\npublic: [Public]\n{}",
        &text[text.find("\npolicies:").unwrap()..]
    );
    assert!(project.compare(&silent).await.diff.same);
    project.apply(&kept).await.unwrap();
    let users = project.rows("directus_users").await;
    let ada = users.iter().find(|row| row["id"] == ADA).unwrap();
    assert_eq!((&ada["status"], &ada["role"]), (&json!("suspended"), &Json::Null));
}

#[tokio::test]
async fn the_last_administrator_and_the_public_policy_stay() {
    let project = Project::new().await;
    let text = project.snapshot().await;
    let before = project.rows("directus_policies").await;
    for without in [
        text.replace("    policies: [Administrator]", "    policies: []"),
        text.replace("    admin_access: true\n", ""),
        text.replace(
            "    admin_access: true\n",
            "    admin_access: true\n    ip_access: [10.0.0.0/8]\n",
        ),
    ] {
        // What else the file wants is not done either.
        let without = without
            .replace("name: Writing", "name: Written")
            .replace("[Writing]", "[Written]");
        assert_ne!(without, text);
        let error = project.apply(&without).await.unwrap_err().to_string();
        assert!(error.contains("one must stay"), "{error}");
        let tried = rehearse(&project.operator(), &project.compare(&without).await).await;
        assert!(tried.is_err());
    }
    assert_eq!(project.rows("directus_policies").await, before);
    let start = text.find("  - name: Public").unwrap();
    let end = text.rfind("\n  - name: Administrator").unwrap();
    let without = format!(
        "{}{}",
        text[..start].replace("public: [Public]", "public: []"),
        &text[end..]
    );
    assert!(
        project
            .problems(&without)
            .await
            .contains("the public policy has to stay")
    );
}

#[tokio::test]
async fn policies_are_attached_in_the_order_of_the_file() {
    let project = Project::new().await;
    let more = json!([{"id": STAFF, "name": "Two"}, {"id": EDITORS, "name": "Three"}]);
    project.create("directus_policies", more).await;
    let both = json!([{"user": ADA, "role": EDITORS, "policy": STAFF, "sort": 2}]);
    project.create("directus_access", both).await;
    let text = project.snapshot().await;
    assert!(
        text.contains("policies: [Writing, Two]\n") && text.contains("policies: [Two]"),
        "{text}"
    );
    // Behind the others, before them, and away from the one of two that a row names.
    for wanted in [
        "[Writing, Two, Three]",
        "[Three, Two, Writing]",
        "[Two, Three]",
        "[]",
        "[Writing]",
    ] {
        let changed = project.snapshot().await;
        let start =
            changed.find("    parent: Staff\n    policies: ").unwrap() + "    parent: Staff\n    policies: ".len();
        let end = start + changed[start..].find('\n').unwrap();
        let changed = format!("{}{wanted}{}", &changed[..start], &changed[end..]);
        project.apply(&changed).await.unwrap();
        let now = project.snapshot().await;
        assert!(
            now.contains(&format!("    parent: Staff\n    policies: {wanted}\n")),
            "{wanted}\n{now}"
        );
        assert!(
            now.contains("policies: [Two]\n"),
            "the user keeps what is the user's: {now}"
        );
    }
    let rows = project.rows("directus_access").await;
    let public = rows
        .iter()
        .filter(|row| row["user"].is_null() && row["role"].is_null())
        .count();
    assert_eq!((rows.len(), public), (4, 1), "{rows:?}");
}

#[tokio::test]
async fn several_permissions_for_the_same_are_told_apart() {
    let project = Project::new().await;
    let text = project.snapshot().await;
    let split = text.replace(
        "        read:\n          fields: \"*\"\n          where: {status: {_eq: published}}\n",
        "        read:\n          - {fields: [title], where: {owner: {_eq: $CURRENT_USER}}}\n          - {fields: [id, title], where: {status: {_eq: published}}}\n",
    );
    assert_ne!(split, text);
    let told = project.compare(&split).await.diff.text();
    assert!(
        told.contains("    + read posts (title) where owner is the current user\n"),
        "{told}"
    );
    assert!(
        told.contains("    ~ read posts: fields: id, title (was: all)\n"),
        "{told}"
    );
    project.apply(&split).await.unwrap();
    assert!(project.compare(&split).await.diff.same);
    let rows = project.rows("directus_permissions").await;
    assert_eq!(
        rows[0]["permissions"],
        json!({"_and": [{"status": {"_eq": "published"}}]}),
        "{rows:?}"
    );
}

#[tokio::test]
async fn addresses_of_others_are_no_matter_of_administrators() {
    let project = Project::new().await;
    let cx = project.as_loader();
    let mut query = Query::default();
    query.page.limit = Some(10);
    let policies = project.rows("directus_policies").await;
    let id = policies.iter().find(|row| row["admin_access"] == true).unwrap()["id"]
        .as_str()
        .unwrap();
    items::update_one(
        &cx,
        "directus_policies",
        id,
        json!({"ip_access": ["10.0.0.0/8"]}),
        &query,
    )
    .await
    .unwrap();
    let text = project.snapshot().await;
    assert!(text.contains("    ip_access: [\"10.0.0.0/8\"]\n"), "{text}");
    let others = text.replace(
        "  - name: Writing\n",
        "  - name: New\n\n  - name: Writing\n    ip_access: [192.0.2.0/24]\n",
    );
    project.apply(&others).await.unwrap();
    assert!(project.compare(&others).await.diff.same);
}

#[tokio::test]
async fn trying_changes_nothing() {
    let project = Project::new().await;
    let text = project.snapshot().await;
    let changed = text.replace("name: Writing", "name: Written");
    let changed = changed.replace("[Writing]", "[Written]");
    let (comparison, version) = (project.compare(&changed).await, project.app.version().await.unwrap());
    rehearse(&project.operator(), &comparison).await.unwrap();
    assert_eq!(project.snapshot().await, text);
    assert_eq!(project.app.version().await.unwrap(), version);
    apply(&project.operator(), &comparison).await.unwrap();
    assert_eq!(
        project
            .rows("directus_policies")
            .await
            .iter()
            .filter(|row| row["name"] == "Written")
            .count(),
        1
    );
    // What was compared with another state is not applied to this one.
    let error = apply(&project.operator(), &comparison).await.unwrap_err().to_string();
    assert!(error.contains("meanwhile"), "{error}");
}

#[tokio::test]
async fn what_is_wrong_is_told_all_at_once_with_its_line() {
    let project = Project::new().await;
    let text = "\
version: 1
public: [Public, Nothing]
users:
  - {user: ada@example.com, policies: [Two]}
policies:
  - name: Public
    permissions:
      pots:
        read: {fields: '*'}
      posts:
        read: {fields: [id, titel], where: {status: {_equals: x}}}
        update:
          fields: '*'
          where:
            stauts: {_eq: x}
        delete: {fields: '*', where: {owner: {_eq: $CURRENT_USR}}}
        share: {fields: '*', where: {}}
        look: {fields: '*'}
        create: {where: {status: {_eq: x}}}
  - {name: Two, admin: true}
  - {name: Two, id: 7}
roles: {}
";
    let told = project.problems(text).await;
    let expected = [
        "f:2: public[1]: there is no policy \"Nothing\"",
        "f:4: users[0].policies[0]: several policies are called \"Two\"",
        "f:9: policies[0].permissions.pots.read: there is no collection \"pots\"",
        "f:11: policies[0].permissions.posts.read.fields: there is no field \"titel\" in posts",
        "f:11: policies[0].permissions.posts.read.where: \"_equals\" is not an operator here",
        "f:14: policies[0].permissions.posts.update.where: the field \"stauts\"",
        "f:16: policies[0].permissions.posts.delete.where: ",
        "f:17: policies[0].permissions.posts.share.where: has to be members",
        "f:18: policies[0].permissions.posts.look: is no action",
        "f:19: policies[0].permissions.posts.create: \"fields\" is needed",
        "f:20: policies[1].admin: is not known here",
        "f:21: policies[2].id: has to be text",
        "f:22: roles: has to be a list",
    ];
    for line in expected {
        assert!(told.lines().any(|told| told.starts_with(line)), "{line}\n---\n{told}");
    }
    assert_eq!(told.lines().count(), expected.len(), "{told}");
    assert!(project.problems("version: 2\n").await.contains("version: 1"));
    assert!(project.problems("- a\n").await.contains("members"));
}

#[tokio::test]
async fn names_that_several_have_need_ids() {
    let project = Project::new().await;
    project.create("directus_policies", json!([{"name": "Writing"}])).await;
    let text = project.snapshot().await;
    assert!(text.contains(&format!("policies: [{WRITING}]")), "{text}");
    assert!(project.compare(&text).await.diff.same);
    let nameless: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("id: "))
        .map(|line| format!("{line}\n"))
        .collect();
    let told = project.problems(&nameless).await;
    assert!(
        told.contains("several policies are called \"Writing\": give the id"),
        "{told}"
    );
}

#[tokio::test]
async fn only_administrators_and_the_operator_may() {
    let project = Project::new().await;
    let caller = Caller::User {
        id: ADA.to_owned(),
        role: Some(EDITORS.to_owned()),
        ip: None,
    };
    let cx = project.app.cx(project.app.snapshot(), caller, Origin::default(), 0);
    assert!(snapshot(&cx, true).await.is_err());
    assert!(matches!(compare(&cx, "version: 1").await, Err(Refusal::Failed(_))));
    let comparison = project.compare("version: 1").await;
    assert!(apply(&cx, &comparison).await.is_err() && rehearse(&cx, &comparison).await.is_err());
}
