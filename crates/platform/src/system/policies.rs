//! Policies: their addresses are addresses, and the public one stays.

use aedile_engine::{Error, Json, Object, Result, access::ip::IpList, value::Param};

use crate::items::keys_text;

/// The public policy of every project.
pub const PUBLIC: &str = "abf8a154-5b1c-4a46-ac9c-7300570f4f17";

/// The name that projects store for it, which the Studio translates.
const PUBLIC_LABEL: &str = "$t:public_label";

/// What people call it.
const PUBLIC_NAME: &str = "Public";

/// What a policy is called in sentences: its name, or its id if it has none.
pub fn called<'a>(id: &'a str, name: &'a str) -> &'a str {
    match name {
        "" => id,
        PUBLIC_LABEL if id == PUBLIC => PUBLIC_NAME,
        _ => name,
    }
}

/// Checks what is sent for a policy.
pub(crate) fn before_write(input: Object) -> Result<Object> {
    let refuse = |what: &str| Error::invalid_payload(format!("\"ip_access\" {what}"));
    match input.get("ip_access") {
        None | Some(Json::Null) => {}
        Some(Json::Array(list)) => {
            let entries: Option<Vec<&str>> = list.iter().map(Json::as_str).collect();
            let entries = entries.ok_or_else(|| refuse("holds something that is no text"))?;
            IpList::parse(entries).map_err(|_| refuse("takes addresses, CIDR blocks and ranges a-b"))?;
        }
        Some(_) => return Err(refuse("needs a list")),
    }
    Ok(input)
}

/// Refuses the end of the public policy: emptied it grants nothing, gone it leaves nothing to see that by.
pub(crate) fn before_delete(keys: &[Param]) -> Result<()> {
    if keys.iter().any(|key| keys_text(key) == PUBLIC) {
        return Err(Error::unprocessable(
            "the public policy must stay; take its permissions away instead",
        ));
    }
    Ok(())
}
