//! What a provider is asked: to log somebody in and send the browser back. It travels in the address of the provider's page,
//! unsigned: it says nothing that the provider has not been told beforehand. Pure.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;

use super::{
    answer::ASSERTION,
    canonical::escaped,
    metadata::{BY_FORM, Own, PROTOCOL, Provider},
};

#[cfg(test)]
mod tests;

/// The address that a browser is led to, with a request of this name in it, and what has to come back beside the answer. None
/// where what the operator calls things is beyond measure.
pub fn page(provider: &Provider, own: &Own, request: &str, relay: &str, now: i64) -> Option<String> {
    let at = Timestamp::from_second(now).ok()?.to_string();
    let (destination, acs) = (escaped(provider.page.as_str()), escaped(&own.acs));
    let issuer = escaped(&own.entity);
    let request = format!(
        "<samlp:AuthnRequest xmlns:samlp=\"{PROTOCOL}\" xmlns:saml=\"{ASSERTION}\" ID=\"{request}\" Version=\"2.0\" \
         IssueInstant=\"{at}\" Destination=\"{destination}\" AssertionConsumerServiceURL=\"{acs}\" ProtocolBinding=\"{BY_FORM}\">\
         <saml:Issuer>{issuer}</saml:Issuer><samlp:NameIDPolicy AllowCreate=\"true\"/></samlp:AuthnRequest>"
    );
    let request = STANDARD.encode(deflated(request.as_bytes())?);
    let mut page = provider.page.clone();
    page.query_pairs_mut()
        .append_pair("SAMLRequest", &request)
        .append_pair("RelayState", relay);
    Some(page.into())
}

/// Bytes as a DEFLATE stream of one block that is stored as it is: requests have to be in that form, and are not made
/// smaller for it. None where one block is too small.
fn deflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(bytes.len()).ok()?;
    let mut out = vec![1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(bytes);
    Some(out)
}
