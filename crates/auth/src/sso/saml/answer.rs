//! What a provider answers: who has logged in there. Pure: keys and time come from the caller. Everything is read from what
//! was signed and from nothing beside it; an answer is good for one project, one way there and back, and a few minutes.

use aedile_engine::{Json, Object};
use jiff::Timestamp;

use super::{
    Fault, NAME_ID,
    metadata::PROTOCOL,
    signature::{DSIG, Key, verified},
    xml::{self, Comments, Element},
};

#[cfg(test)]
mod tests;

/// The namespace of what is said of somebody.
pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";

/// How somebody is known to be meant: by bringing the answer along.
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// The name of an answer that says who it is.
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// A name that somebody has for one login only.
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

/// What is signed and what is not can not be told apart in what nobody here can read.
const ENCRYPTED: [&str; 3] = ["EncryptedAssertion", "EncryptedID", "EncryptedAttribute"];

/// How far the provider's clock may be from ours, in seconds.
const LEEWAY: i64 = 60;

/// What an answer has to say.
pub struct Expected<'e> {
    /// Who made it.
    pub provider: &'e str,
    /// Whom it is for.
    pub project: &'e str,
    /// Where it is brought.
    pub acs: &'e str,
    /// What it answers.
    pub request: &'e str,
    /// Unix seconds.
    pub now: i64,
}

/// What is said of somebody.
#[derive(Debug)]
pub struct Told {
    pub claims: Object,
    /// The name of what says so, which the provider never gives twice.
    pub assertion: String,
}

/// Reads an answer.
///
/// # Errors
/// Why it proves nothing.
pub fn read(bytes: &[u8], keys: &[Key], expected: &Expected<'_>) -> Result<Told, Fault> {
    let answer = xml::read(bytes, Comments::Refused).map_err(Fault::Xml)?;
    judge_names(&answer)?;
    let bare = assertion_of(&answer)?;
    judge_places(&answer, bare)?;
    let (signed_answer, signed) = (verified(&answer, keys)?, verified(bare, keys)?);
    let assertion = match (&signed, &signed_answer) {
        (Some(signed), _) => signed,
        (None, Some(answer)) => assertion_of(answer)?,
        (None, None) => return Err(Fault::Unsigned),
    };
    let is_signed = signed_answer.is_some();
    judge_answer(signed_answer.as_ref().unwrap_or(&answer), is_signed, expected)?;
    judge_assertion(assertion, expected)?;
    let subject = assertion.only(ASSERTION, "Subject").ok_or(Fault::Subject)?;
    judge_subject(subject, expected)?;
    Ok(Told {
        claims: claims(assertion, subject),
        assertion: assertion.attribute("ID").ok_or(Fault::Structure)?.to_owned(),
    })
}

/// Nothing has the name of something else: what a signature refers to is one thing.
fn judge_names(answer: &Element) -> Result<(), Fault> {
    let all = answer.all();
    let is_name = |local: &str| local.eq_ignore_ascii_case("id") || local == "AssertionID";
    let attributes = all.iter().flat_map(|element| &element.attributes);
    let named = attributes.filter(|own| is_name(&own.local));
    let mut names: Vec<&str> = named.map(|own| own.value.as_str()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    if names.len() == count {
        Ok(())
    } else {
        Err(Fault::Names)
    }
}

/// The one assertion of an answer.
fn assertion_of(answer: &Element) -> Result<&Element, Fault> {
    if !answer.is(PROTOCOL, "Response") {
        return Err(Fault::Structure);
    }
    let all = answer.all();
    if all
        .iter()
        .any(|own| ENCRYPTED.iter().any(|name| own.is(ASSERTION, name)))
    {
        return Err(Fault::Encrypted);
    }
    let mut assertions = all.iter().filter(|own| own.is(ASSERTION, "Assertion"));
    match (
        assertions.next(),
        assertions.next(),
        answer.only(ASSERTION, "Assertion"),
    ) {
        (Some(_), None, Some(own)) => Ok(own),
        // An answer that says why there is nobody has none.
        (None, ..) if !succeeded(answer) => Err(Fault::Status),
        _ => Err(Fault::Structure),
    }
}

/// Signatures stand where they belong: at most one right within the answer and the assertion each, and nowhere else.
fn judge_places(answer: &Element, assertion: &Element) -> Result<(), Fault> {
    let own = |element: &Element| element.named(DSIG, "Signature").count();
    let all = answer.all();
    let everywhere = all.iter().filter(|own| own.is(DSIG, "Signature")).count();
    let (outer, inner) = (own(answer), own(assertion));
    if outer <= 1 && inner <= 1 && outer + inner == everywhere {
        Ok(())
    } else {
        Err(Fault::Structure)
    }
}

fn succeeded(answer: &Element) -> bool {
    let status = answer.only(PROTOCOL, "Status");
    let code = status.and_then(|status| status.only(PROTOCOL, "StatusCode"));
    code.and_then(|code| code.attribute("Value")) == Some(SUCCESS)
}

/// What holds the assertion. It says as much again; where it is signed, it also has to say where it is brought.
fn judge_answer(answer: &Element, is_signed: bool, expected: &Expected<'_>) -> Result<(), Fault> {
    if answer.attribute("Version") != Some("2.0") {
        return Err(Fault::Structure);
    }
    if !succeeded(answer) {
        return Err(Fault::Status);
    }
    let brought_here = match answer.attribute("Destination") {
        Some(destination) => destination == expected.acs,
        None => !is_signed,
    };
    if !brought_here {
        return Err(Fault::Destination);
    }
    if answer.attribute("InResponseTo") != Some(expected.request) {
        return Err(Fault::Request);
    }
    let mut issuers = answer.named(ASSERTION, "Issuer");
    if issuers.all(|issuer| issuer.text().as_deref() == Some(expected.provider)) {
        Ok(())
    } else {
        Err(Fault::Issuer)
    }
}

/// Who says so, to whom, and when.
fn judge_assertion(assertion: &Element, expected: &Expected<'_>) -> Result<(), Fault> {
    if assertion.attribute("Version") != Some("2.0") {
        return Err(Fault::Structure);
    }
    let issuer = assertion.only(ASSERTION, "Issuer").and_then(Element::text);
    if issuer.as_deref() != Some(expected.provider) {
        return Err(Fault::Issuer);
    }
    let made = moment(assertion, "IssueInstant")?.ok_or(Fault::Time)?;
    let conditions = assertion.only(ASSERTION, "Conditions").ok_or(Fault::Audience)?;
    if made > expected.now + LEEWAY || !is_time(conditions, expected.now)? {
        return Err(Fault::Time);
    }
    let mut audiences = 0;
    for condition in conditions.elements() {
        if condition.is(ASSERTION, "AudienceRestriction") {
            let mut named = condition.named(ASSERTION, "Audience");
            if !named.any(|one| one.text().as_deref() == Some(expected.project)) {
                return Err(Fault::Audience);
            }
            audiences += 1;
        } else if !condition.is(ASSERTION, "OneTimeUse") && !condition.is(ASSERTION, "ProxyRestriction") {
            // A condition that is not understood is not met.
            return Err(Fault::Structure);
        }
    }
    if audiences == 0 {
        return Err(Fault::Audience);
    }
    judge_login(assertion, expected.now)
}

/// Somebody has logged in, and is still.
fn judge_login(assertion: &Element, now: i64) -> Result<(), Fault> {
    let mut logins = assertion.named(ASSERTION, "AuthnStatement").peekable();
    if logins.peek().is_none() {
        return Err(Fault::Login);
    }
    for login in logins {
        let end = moment(login, "SessionNotOnOrAfter")?;
        if end.is_some_and(|end| end <= now - LEEWAY) {
            return Err(Fault::Time);
        }
    }
    Ok(())
}

/// Whoever brings the answer is who it speaks of: it was asked for by this browser, and brought here in time.
fn judge_subject(subject: &Element, expected: &Expected<'_>) -> Result<(), Fault> {
    let mut fault = Fault::Subject;
    for confirmation in subject.named(ASSERTION, "SubjectConfirmation") {
        if confirmation.attribute("Method") != Some(BEARER) {
            continue;
        }
        match confirmed(confirmation, expected) {
            Ok(()) => return Ok(()),
            Err(other) => fault = other,
        }
    }
    Err(fault)
}

fn confirmed(confirmation: &Element, expected: &Expected<'_>) -> Result<(), Fault> {
    let data = confirmation.only(ASSERTION, "SubjectConfirmationData");
    let data = data.ok_or(Fault::Subject)?;
    if data.attribute("Recipient") != Some(expected.acs) {
        return Err(Fault::Recipient);
    }
    if data.attribute("InResponseTo") != Some(expected.request) {
        return Err(Fault::Request);
    }
    let ends = data.attribute("NotOnOrAfter").is_some();
    if ends && is_time(data, expected.now)? {
        Ok(())
    } else {
        Err(Fault::Time)
    }
}

/// Whether now is within the bounds that an element names.
fn is_time(element: &Element, now: i64) -> Result<bool, Fault> {
    let (begin, end) = (moment(element, "NotBefore")?, moment(element, "NotOnOrAfter")?);
    Ok(begin.is_none_or(|begin| begin <= now + LEEWAY) && end.is_none_or(|end| end > now - LEEWAY))
}

/// A time that an attribute names, in Unix seconds.
fn moment(element: &Element, name: &str) -> Result<Option<i64>, Fault> {
    let Some(text) = element.attribute(name) else {
        return Ok(None);
    };
    let moment: Timestamp = text.parse().map_err(|_| Fault::Time)?;
    Ok(Some(moment.as_second()))
}

/// What is said of somebody by name: one text, or several in a list. What somebody is called there is said by that name as
/// well, unless it is a name for this login only.
fn claims(assertion: &Element, subject: &Element) -> Object {
    let mut claims = Object::new();
    let statements = assertion.named(ASSERTION, "AttributeStatement");
    for attribute in statements.flat_map(|statement| statement.named(ASSERTION, "Attribute")) {
        let Some(name) = attribute.attribute("Name") else {
            continue;
        };
        for value in attribute.named(ASSERTION, "AttributeValue").filter_map(Element::text) {
            match claims.get_mut(name) {
                None => drop(claims.insert(name.to_owned(), value.into())),
                Some(Json::Array(list)) => list.push(value.into()),
                Some(one) => *one = Json::Array(vec![one.take(), value.into()]),
            }
        }
    }
    if let Some(name) = subject.only(ASSERTION, "NameID")
        && name.attribute("Format") != Some(TRANSIENT)
        && let Some(text) = name.text()
        && !claims.contains_key(NAME_ID)
    {
        claims.insert(NAME_ID.to_owned(), text.into());
    }
    claims
}
