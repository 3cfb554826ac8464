//! Roles: a tree without loops. Deleting one suspends its users, so that nobody is left with more than was meant.

use aedile_engine::{Error, Result, sql::Sql, value::Param};

use crate::items::Writing;

/// Refuses a role among its own ancestors.
pub(crate) async fn check_parents(w: &mut Writing<'_>, keys: &[Param]) -> Result<()> {
    let mut sql = w.sql();
    sql.push("with recursive up(origin, id) as (select id, parent from directus_roles where id in (")
        .params(keys);
    sql.push(
        ") union select up.origin, r.parent from directus_roles r join up on r.id = up.id where r.parent is not null) \
         select 1 from up where id = origin limit 1",
    );
    if w.fetch(sql.finish(Vec::new())).await?.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid_payload("a role can not be among its own ancestors"))
    }
}

/// Suspends a role's users and lets its children stand by themselves.
pub(crate) async fn before_delete(w: &mut Writing<'_>, keys: &[Param]) -> Result<()> {
    const FOLLOWS: [&str; 2] = [
        "update directus_users set role = null, status = 'suspended' where role in (",
        "update directus_roles set parent = null where parent in (",
    ];
    let sessions = "delete from directus_sessions where \"user\" in (select id from directus_users where role in (";
    let mut sql = keyed(w, sessions, keys);
    sql.push(")");
    w.run(sql.finish(Vec::new())).await?;
    for text in FOLLOWS {
        let sql = keyed(w, text, keys);
        w.run(sql.finish(Vec::new())).await?;
    }
    w.touched.insert("directus_users".to_owned());
    Ok(())
}

fn keyed(w: &Writing<'_>, open: &'static str, keys: &[Param]) -> Sql {
    let mut sql = w.sql();
    sql.push(open).params(keys);
    sql.push(")");
    sql
}
