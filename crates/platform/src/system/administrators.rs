//! The last administrator: no change of users, roles, policies or attachments may leave the project without one.

use aedile_engine::{Error, Result, sql::Sql};

use crate::items::Writing;

/// Refuses the transaction when no active administrator is left.
pub(crate) async fn must_remain(w: &mut Writing<'_>) -> Result<()> {
    let mut sql = w.sql();
    administrators(&mut sql);
    sql.push(" limit 1");
    if w.fetch(sql.finish(Vec::new())).await?.is_empty() {
        return Err(Error::unprocessable("the last administrator must stay"));
    }
    Ok(())
}

/// The ids of active users that some policy of their own, or of their role or its ancestors, makes administrators.
fn administrators(sql: &mut Sql) {
    sql.push(
        "with recursive power(id) as (\
         select a.role from directus_access a join directus_policies p on p.id = a.policy \
         where p.admin_access = 1 and a.role is not null \
         union select r.id from directus_roles r join power on r.parent = power.id) \
         select u.id from directus_users u where u.status = 'active' and (u.role in (select id from power) \
         or exists (select 1 from directus_access a join directus_policies p on p.id = a.policy \
         where a.\"user\" = u.id and p.admin_access = 1))",
    );
}
