//! What there is of users, roles and policies, which of their rules grant nothing, and which secrets lie open.
//! Must never tell a secret, nor anything of a user but how many there are.

use std::sync::Arc;

use aedile_db::{Db, Row};
use aedile_engine::{
    Json, Object, Result,
    access::{Action, ip::IpList},
    schema::system,
    value::Param,
};

use super::{Count, Finding, Level, Report};
use crate::{model::Model, snapshot::text, statement, system::permissions};

/// Rows that are kept and told, but that nothing acts on: how many there are, and what that means.
const KEPT: [(&str, &str); 3] = [
    (
        "select count(*) from directus_flows where status = 'active'",
        "active flows are kept, and none of them runs",
    ),
    (
        "select count(*) from directus_extensions where enabled",
        "enabled extensions are kept, and none of them is loaded",
    ),
    (
        "select count(*) from directus_shares",
        "shares are kept, and none of them lets anybody in",
    ),
];

/// Adds what there is to say.
pub(super) async fn look(db: &Db, model: &Model, report: &mut Report) -> Result<()> {
    let count = async |text: &'static str| -> Result<u64> {
        let rows = fetch(db, text).await?;
        Ok(match rows.first().and_then(|row| row.first()) {
            Some(Param::Int(n)) => u64::try_from(*n).unwrap_or_default(),
            _ => 0,
        })
    };
    let active = count("select count(*) from directus_users where status = 'active'").await?;
    for (what, text, of_these) in [
        ("users", "select count(*) from directus_users", vec![(active, "active")]),
        ("roles", "select count(*) from directus_roles", Vec::new()),
        ("policies", "select count(*) from directus_policies", Vec::new()),
        ("permissions", "select count(*) from directus_permissions", Vec::new()),
    ] {
        report.counts.push(Count {
            what,
            count: count(text).await?,
            of_these,
        });
    }
    report.findings.extend(rules(db, model).await?);
    let mut tell = |level, n: u64, text: &str| {
        if n > 0 {
            report.findings.push(Finding::new(level, format!("{n} {text}")));
        }
    };
    let open =
        count("select count(*) from directus_users where token is not null and token not like 'sha256:%'").await?;
    tell(
        Level::Attention,
        open,
        "users have a static token, which is stored as it is: whoever reads the database or a backup of it can use it (see \
         `aedile doctor --upgrade-tokens`)",
    );
    let others =
        count("select count(*) from directus_users where password is not null and password not like '$argon2%'")
            .await?;
    tell(
        Level::NotServed,
        others,
        "users have a password that is not hashed by argon2: they can not log in before it is set anew",
    );
    let providers = count("select count(*) from directus_users where provider <> 'default'").await?;
    tell(
        Level::NotServed,
        providers,
        "users log in through another provider, which is not asked: they can not log in",
    );
    for (question, text) in KEPT {
        tell(Level::NotServed, count(question).await?, text);
    }
    Ok(())
}

/// Rules that would be refused today, and so grant nothing.
async fn rules(db: &Db, model: &Model) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let policies = fetch(
        db,
        "select id, name, ip_access from directus_policies order by name, id",
    )
    .await?;
    let names = |id: &str| {
        let row = policies.iter().find(|row| text(row, 0).as_deref() == Some(id));
        row.and_then(|row| text(row, 1)).unwrap_or_default()
    };
    for row in &policies {
        let listed = text(row, 2).filter(|list| !list.trim().is_empty());
        if listed.is_some_and(|list| IpList::parse(list.split(',')).is_err()) {
            let name = text(row, 1).unwrap_or_default();
            found.push(Finding::new(
                Level::NotServed,
                format!("the policy \"{name}\" has addresses that can not be understood: it counts from nowhere"),
            ));
        }
    }
    let rows = fetch(
        db,
        "select id, policy, collection, action, permissions, validation from directus_permissions order by id",
    )
    .await?;
    for row in &rows {
        let cell = |i| text(row, i).unwrap_or_default();
        let (id, policy, collection, action) = (cell(0), names(&cell(1)), cell(2), cell(3));
        let named = format!("the permission {id} of the policy \"{policy}\" ({action} on \"{collection}\")");
        if let Some(reason) = refusal(row) {
            let text = format!("{named} grants nothing: {reason}");
            found.push(Finding::new(Level::NotServed, text));
        } else if model.schema.collection(&collection).is_none() && !system::is_system(&collection) {
            let text = format!("{named} is about a collection that is not there");
            found.push(Finding::new(Level::Note, text));
        }
    }
    Ok(found)
}

/// Why a stored permission would be refused if it were saved now.
fn refusal(row: &Row) -> Option<String> {
    let mut permission = Object::new();
    permission.insert("action".to_owned(), text(row, 3).unwrap_or_default().into());
    for (name, i) in [("permissions", 4), ("validation", 5)] {
        permission.insert(name.to_owned(), text(row, i).map_or(Json::Null, Json::String));
    }
    if text(row, 3).as_deref().and_then(Action::parse).is_none() {
        return Some("there is no such action".to_owned());
    }
    permissions::before_write(permission).err().map(|error| error.reason())
}

async fn fetch(db: &Db, text: &'static str) -> Result<Vec<Row>> {
    let stmt = statement::fixed(db.dialect(), &[text]).finish(Vec::new());
    db.fetch(Arc::new(stmt), Vec::new()).await
}
