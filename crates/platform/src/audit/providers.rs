//! Identity providers: whom they let in, what that gives them, and the ways to them and back. Nothing is found where there is
//! none; and nobody is asked over the network.

use std::collections::BTreeSet;

use super::{
    check::{Check, Severity},
    facts::Facts,
    finding::Hit,
    network::is_open,
};
use crate::{
    access_file::Holder,
    config::{Driver, NAME_ID, Provider},
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "sso-registers-administrators",
        severity: Severity::Critical,
        title: "Whoever has an account at the provider becomes an administrator",
        why: "At a public provider that is everybody.",
        mend: "Give `AUTH_<P>_DEFAULT_ROLE_ID` a role that holds little, and lead administrators to theirs by `AUTH_<P>_ROLE_MAPPING`.",
        find: |facts| registers(facts, &facts.power().roles, "makes administrators"),
    },
    Check {
        id: "sso-registers-into-the-app",
        severity: Severity::Medium,
        title: "Whoever has an account at the provider gets into the Studio",
        why: "At a public provider that is everybody; what the role may read is as good as public.",
        mend: "Give `AUTH_<P>_DEFAULT_ROLE_ID` a role without access to the app, lead to more by `AUTH_<P>_ROLE_MAPPING`, or accept the finding where everybody at the provider is meant.",
        find: |facts| {
            let admins = facts.power().roles;
            let app: BTreeSet<String> = into_the_app(facts).difference(&admins).cloned().collect();
            registers(facts, &app, "has access to the app")
        },
    },
    Check {
        id: "sso-registers-unverified",
        severity: Severity::High,
        title: "Addresses that a provider has not verified make users",
        why: "Whoever writes somebody else's address into an account there has it here: mails go to it, and rules by address hold for it.",
        mend: "Set `AUTH_<P>_REQUIRE_VERIFIED_EMAIL=true`.",
        find: |facts| {
            let open = |own: &&Provider| own.public_registration && !own.require_verified_email;
            let hit = |own| {
                flag(
                    own,
                    "REQUIRE_VERIFIED_EMAIL",
                    "it is false, and the provider makes users",
                    "true",
                )
            };
            providers(facts).filter(open).map(hit).collect()
        },
    },
    Check {
        id: "sso-identifies-by-address",
        severity: Severity::Medium,
        title: "A provider's users are known by their address",
        why: "Addresses are given up and given to others, and providers let people change them; whoever has the address then has the account.",
        mend: "Set `AUTH_<P>_IDENTIFIER_KEY` to what the provider never gives twice (`sub`, often `id` with OAuth 2, the name identifier with SAML), before the first users come.",
        find: |facts| {
            // A directory knows people by their place in it.
            let speaks = |own: &&Provider| own.driver != Driver::Ldap;
            let by_address = |own: &&Provider| own.identifier_key == own.email_key;
            let hit = |own: &Provider| {
                let evidence = format!("it is {}, as is the claim with the address", own.identifier_key);
                let never_twice = match own.driver {
                    Driver::OpenId => "sub",
                    Driver::OAuth2 | Driver::Ldap => "id",
                    Driver::Saml => NAME_ID,
                };
                flag(own, "IDENTIFIER_KEY", &evidence, never_twice)
            };
            providers(facts).filter(speaks).filter(by_address).map(hit).collect()
        },
    },
    Check {
        id: "sso-without-tls",
        severity: Severity::High,
        title: "The way to a provider or back is without TLS",
        why: "Whoever is on the way says who somebody is, and reads the secret of this project.",
        mend: "Use `https://` addresses, in the descriptions of SAML too.",
        find: |facts| {
            providers(facts)
                .flat_map(|own| {
                    let elsewhere = addresses(own).filter_map(move |(name, url)| {
                        let url = url.filter(|url| is_open(url))?;
                        let mended = url.replacen("http://", "https://", 1);
                        Some(flag(own, name, &format!("it is {url}"), &mended))
                    });
                    elsewhere.chain(descriptions(own).filter_map(|(name, text)| {
                        let open: Vec<&str> = places(text).filter(|url| is_open(url)).collect();
                        let evidence = format!("it names {}", open.join(", "));
                        (!open.is_empty()).then(|| flag(own, name, &evidence, "<the same with https://>"))
                    }))
                })
                .collect()
        },
    },
    Check {
        id: "sso-redirect-without-tls",
        severity: Severity::Medium,
        title: "Logins may lead on to an address without TLS",
        why: "The cookie of the login, or the page that asks for the token next, travels in the open.",
        mend: "List addresses with `https://` alone.",
        find: |facts| {
            let hit = |own: &Provider| {
                let list = &own.redirect_allow_list;
                let open: Vec<&str> = list.iter().map(String::as_str).filter(|url| is_open(url)).collect();
                let mended: Vec<String> = list.iter().map(|url| url.replacen("http://", "https://", 1)).collect();
                let evidence = format!("it lists {}", open.join(", "));
                (!open.is_empty()).then(|| flag(own, "REDIRECT_ALLOW_LIST", &evidence, &mended.join(",")))
            };
            providers(facts).filter_map(hit).collect()
        },
    },
];

fn providers(facts: &Facts) -> impl Iterator<Item = &Provider> {
    facts.settings.sso.providers.iter()
}

/// Where a provider is asked.
fn addresses(own: &Provider) -> impl Iterator<Item = (&'static str, Option<&str>)> {
    [
        ("ISSUER_URL", own.issuer_url.as_deref()),
        ("AUTHORIZE_URL", own.authorize_url.as_deref()),
        ("ACCESS_URL", own.access_url.as_deref()),
        ("PROFILE_URL", own.profile_url.as_deref()),
    ]
    .into_iter()
}

/// What both sides of SAML say of themselves.
fn descriptions(own: &Provider) -> impl Iterator<Item = (&'static str, &str)> {
    let said = own.saml.iter().flat_map(|saml| {
        [
            ("IDP_metadata", Some(saml.idp_metadata.as_str())),
            ("SP_metadata", saml.sp_metadata.as_deref()),
        ]
    });
    said.filter_map(|(name, text)| Some((name, text?)))
}

/// The addresses that a description leads browsers to. What else stands there is judged where it is read; a name of somebody may
/// look like an address, and leads nowhere.
fn places(description: &str) -> impl Iterator<Item = &str> {
    // `ResponseLocation` ends so as well.
    description.split("Location").skip(1).filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        rest.strip_prefix(quote)?.split(quote).next()
    })
}

/// A setting of one provider that should be otherwise.
fn flag(own: &Provider, name: &str, evidence: &str, value: &str) -> Hit {
    let provider = own.name.to_ascii_uppercase().replace(['-', '.'], "_");
    Hit::setting(&format!("AUTH_{provider}_{name}"), evidence, value)
}

/// Providers that make users of whoever comes, with a role of these.
fn registers(facts: &Facts, roles: &BTreeSet<String>, what: &str) -> Vec<Hit> {
    let hit = |own: &Provider| {
        let role = own.default_role.as_ref().filter(|role| roles.contains(*role))?;
        let evidence = format!(
            "the role is {}, which {what}, and the provider makes users",
            facts.role(role)
        );
        own.public_registration.then(|| {
            flag(
                own,
                "DEFAULT_ROLE_ID",
                &evidence,
                "<the id of a role that holds little>",
            )
        })
    };
    providers(facts).filter_map(hit).collect()
}

/// Roles with access to the app, by a policy of their own or of a role above.
fn into_the_app(facts: &Facts) -> BTreeSet<String> {
    let opens = |id: &String| facts.access.policy(id).is_some_and(|policy| policy.app_access);
    let mut roles = BTreeSet::new();
    for (holder, policies) in &facts.access.attached {
        if let Holder::Role(id) = holder
            && policies.iter().any(opens)
        {
            roles.insert(id.clone());
        }
    }
    // The roles of a state stand in the order of their tree.
    for role in &facts.access.roles {
        if role.parent.as_ref().is_some_and(|parent| roles.contains(parent)) {
            roles.insert(role.id.clone());
        }
    }
    roles
}
