//! The last administrator: no change of users, roles, policies or attachments may leave the project without one, and
//! no list of addresses may leave it without one who gets in.

use std::net::IpAddr;

use aedile_engine::{Error, Result, sql::Sql};

use super::escalation::Addresses;
use crate::{items::Writing, snapshot::text};

/// Refuses the transaction when no active administrator is left. When it set addresses that a policy counts from, one
/// has to be left who is an administrator from everywhere, or from where the change is made.
pub(crate) async fn must_remain(w: &mut Writing<'_>) -> Result<()> {
    let mut sql = w.sql();
    if w.watch.addresses {
        let policies = reachable(w, w.cx.caller.ip()).await?;
        sql.push("with recursive power_policy(id) as (select id from directus_policies where id in (")
            .params(policies);
        sql.push("))");
    } else {
        sql.push("with recursive power_policy(id) as (select id from directus_policies where admin_access)");
    }
    administrators(&mut sql);
    sql.push(" limit 1");
    if w.fetch(sql.finish(Vec::new())).await?.is_empty() {
        return Err(Error::unprocessable("the last administrator must stay"));
    }
    Ok(())
}

/// The policies that make administrators of requests from this address.
async fn reachable(w: &mut Writing<'_>, ip: Option<IpAddr>) -> Result<Vec<String>> {
    let mut sql = w.sql();
    sql.push("select id, ip_access from directus_policies where admin_access");
    let rows = w.fetch(sql.finish(Vec::new())).await?;
    let here = rows
        .iter()
        .filter(|row| Addresses::stored(text(row, 1).as_deref()).has(ip));
    Ok(here.filter_map(|row| text(row, 0)).collect())
}

/// The ids of active users that one of these policies, their own or of their role or its ancestors, makes administrators.
fn administrators(sql: &mut Sql) {
    sql.push(
        ", power(id) as (\
         select role from directus_access where policy in (select id from power_policy) and role is not null \
         union select r.id from directus_roles r join power on r.parent = power.id) \
         select u.id from directus_users u where u.status = 'active' and (u.role in (select id from power) \
         or exists (select 1 from directus_access a where a.\"user\" = u.id and a.policy in (select id from power_policy)))",
    );
}
