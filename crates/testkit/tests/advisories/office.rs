//! A project with somebody who may write everything that grants, without being an administrator, and others who hold
//! what that clerk does not.

use aedile_testkit::fixture::{ADMIN, Project, may};
use serde_json::{Value, json};

/// The collections that decide who may do what.
pub const GRANTING: [&str; 5] = [
    "directus_users",
    "directus_access",
    "directus_roles",
    "directus_policies",
    "directus_permissions",
];

/// Everything on all that grants: what an administrator of users may have without being an administrator.
pub fn clerk_permissions() -> Value {
    let actions = ["create", "read", "update", "delete"];
    GRANTING
        .iter()
        .flat_map(|collection| actions.map(|action| may(collection, action, &["*"])))
        .collect()
}

pub struct Office {
    pub project: Project,
    pub clerk: String,
    pub clerk_policy: String,
    /// A user who holds what the clerk does not.
    pub boss: String,
    pub bosses: String,
    pub boss_policy: String,
    pub admin: [String; 4],
    pub victim: String,
}

pub fn office() -> Office {
    let project = Project::new();
    project.collection("ledger", &[("amount", "integer")]);
    let clerk_policy = project.policy("clerk", clerk_permissions());
    let clerk = project.user("clerk", &[&clerk_policy]);
    let boss_policy = project.policy("boss", json!([may("ledger", "read", &["*"])]));
    let bosses = project.role("bosses", &[&boss_policy]);
    let boss = project.user("boss", &[]);
    project
        .patch(ADMIN, &format!("/users/{boss}"), json!({ "role": bosses }))
        .ok();
    let victim = project.user("victim", &[]);
    let admin = project.administrator();
    Office {
        project,
        clerk,
        clerk_policy,
        boss,
        bosses,
        boss_policy,
        admin,
        victim,
    }
}

pub const CLERK: &str = "clerk-token";
