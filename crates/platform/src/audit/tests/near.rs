//! What is close to a finding and is none, and what is told of those that are.

use aedile_engine::{Json, access::Action};
use serde_json::json;

use super::{
    found,
    project::{EDITING, EDITORS, Project},
    spoilt::{attach, editing, operation, permission, permit, policy, provider, public, registration, variable},
    *,
};
use crate::{
    access_file::{Holder, Permission},
    config::{Driver, MailTransport, NAME_ID, Network, Origin, Origins, Provider, Saml, TrustProxy},
};

/// Whether a check is silent once the facts are changed so.
fn silent(kept: &Facts, check: &str, change: impl FnOnce(&mut Facts)) {
    let mut facts = kept.clone();
    change(&mut facts);
    assert!(!found(&facts).contains(check), "{check}: {}", judged(&facts).text());
}

fn heard(kept: &Facts, check: &str, change: impl FnOnce(&mut Facts)) -> Finding {
    let mut facts = kept.clone();
    change(&mut facts);
    let report = judged(&facts);
    let text = report.text();
    let own = report.findings.into_iter().find(|finding| finding.check == check);
    own.unwrap_or_else(|| panic!("{check} is silent: {text}"))
}

#[tokio::test]
async fn rules_on_the_caller() {
    let kept = Project::new().await.facts().await;
    let owner = json!({ "owner": { "_eq": "$CURRENT_USER" } });
    let guarded = json!({ "_and": [owner, { "owner": { "_nnull": true } }] });
    silent(&kept, "public-reads-ownerless", |f| {
        public(f, "articles", Action::Read, &["title"], guarded.clone())
    });
    silent(&kept, "public-reads-ownerless", |f| {
        editing(f, "articles", Action::Read, &["title"], owner.clone())
    });
    // A guard in one of several ways in is none.
    let either = json!({ "_or": [owner, { "owner": { "_nnull": true } }] });
    heard(&kept, "public-reads-ownerless", |f| {
        public(f, "articles", Action::Read, &["title"], either)
    });
    let mended = heard(&kept, "public-reads-ownerless", |f| {
        public(f, "articles", Action::Update, &["title"], owner)
    });
    assert!(
        mended
            .change
            .to_string()
            .ends_with(r#"{"permissions":{"_and":[{"owner":{"_eq":"$CURRENT_USER"}},{"owner":{"_nnull":true}}]}}"#),
        "{mended:?}"
    );
    let own = json!({ "user": { "_eq": "$CURRENT_USER" } });
    silent(&kept, "reads-activity", |f| {
        editing(f, "directus_activity", Action::Read, &["*"], own.clone())
    });
    let or_else = json!({ "_or": [own, { "action": { "_eq": "login" } }] });
    heard(&kept, "reads-activity", |f| {
        editing(f, "directus_activity", Action::Read, &["*"], or_else)
    });
}

#[tokio::test]
async fn who_has_a_policy_decides_whether_it_counts() {
    let kept = Project::new().await.facts().await;
    // Nobody has it.
    silent(&kept, "writes-settings", |f| {
        editing(f, "directus_settings", Action::Update, &["*"], Json::Null);
        f.access
            .attached
            .remove(&Holder::Role(super::project::EDITORS.to_owned()));
    });
    // Administrators need no permissions.
    silent(&kept, "writes-settings", |f| {
        editing(f, "directus_settings", Action::Update, &["*"], Json::Null);
        policy(f, EDITING).admin_access = true;
    });
    // The same policy attached to the public counts for both.
    let both = heard(&kept, "public-updates", |f| attach(f, Holder::Public, EDITING));
    assert_eq!(both.on.to_string(), "policy \"Editing\", collection articles");
    heard(&kept, "public-uploads", |f| attach(f, Holder::Public, EDITING));
}

#[tokio::test]
async fn permissions_that_are_limited() {
    let kept = Project::new().await.facts().await;
    let junction = |validation: Json, presets: Json, fields: &[&str]| Permission {
        validation,
        presets,
        ..permission("articles_tags", Action::Create, fields, Json::Null)
    };
    silent(&kept, "junction-open", |f| {
        permit(
            f,
            EDITING,
            junction(Json::Null, json!({ "tags_id": 1 }), &["articles_id"]),
        );
    });
    heard(&kept, "junction-open", |f| {
        permit(f, EDITING, junction(Json::Null, json!({ "tags_id": 1 }), &["*"]))
    });
    heard(&kept, "junction-open", |f| {
        permit(f, EDITING, junction(json!({ "id": { "_gt": 1 } }), Json::Null, &["*"]))
    });
    let users = |fields: &[&str], presets: Json| Permission {
        presets,
        ..permission("directus_users", Action::Create, fields, Json::Null)
    };
    silent(&kept, "creates-users", |f| {
        permit(f, EDITING, users(&["email"], json!({ "role": "r" })))
    });
    heard(&kept, "creates-users", |f| {
        permit(f, EDITING, users(&["email"], Json::Null))
    });
    silent(&kept, "changes-users", |f| {
        editing(f, "directus_users", Action::Update, &["title"], Json::Null)
    });
    let typed = json!({ "type": { "_in": ["image/png"] } });
    silent(&kept, "uploads-any-type", |f| {
        variable(f, "FILES_MIME_TYPE_ALLOW_LIST", "*/*");
        let uploads = policy(f, EDITING)
            .permissions
            .iter_mut()
            .filter(|one| one.collection == "directus_files");
        uploads.for_each(|one| one.validation = typed.clone());
    });
    heard(&kept, "uploads-any-type", |f| {
        variable(f, "FILES_MIME_TYPE_ALLOW_LIST", "image/png,image/svg+xml")
    });
    let kept_fields = heard(&kept, "public-reads-personal", |f| {
        public(f, "members", Action::Read, &["id", "note", "email"], Json::Null);
    });
    assert!(
        kept_fields.change.to_string().ends_with(r#"{"fields":["id","note"]}"#),
        "{kept_fields:?}"
    );
}

#[tokio::test]
async fn flows_with_and_without_a_secret() {
    let kept = Project::new().await.facts().await;
    let begins = |filter: Json| move |f: &mut Facts| f.flows[0].operations[0].options = json!({ "filter": filter });
    let secret = json!({ "$trigger": { "query": { "key": { "_eq": "x" } } } });
    silent(
        &kept,
        "flow-webhook-open",
        begins(json!({ "_and": [secret, { "$trigger": { "path": { "_nnull": true } } }] })),
    );
    heard(
        &kept,
        "flow-webhook-open",
        begins(json!({ "_or": [secret, { "$trigger": { "path": { "_nnull": true } } }] })),
    );
    heard(
        &kept,
        "flow-webhook-open",
        begins(json!({ "$trigger": { "path": { "_eq": "/x" } } })),
    );
    silent(&kept, "flow-webhook-open", |f| {
        f.flows[0].first = None;
        f.flows[0].trigger = "schedule".to_owned();
    });
    silent(&kept, "flow-request-anywhere", |f| {
        operation(
            f,
            "request",
            json!({ "url": "https://api.example.com/{{$trigger.body.id}}" }),
        )
    });
    heard(&kept, "flow-request-anywhere", |f| {
        operation(f, "request", json!({ "url": "{{$trigger.body.url}}" }))
    });
    silent(&kept, "flow-webhook-full-access", |f| {
        operation(f, "item-read", json!({ "permissions": "$public" }))
    });
}

#[tokio::test]
async fn surroundings() {
    let kept = Project::new().await.facts().await;
    silent(&kept, "public-url-without-tls", |f| {
        f.settings.public_url = "http://localhost:8055".to_owned()
    });
    silent(&kept, "public-url-without-tls", |f| {
        f.settings.public_url = "http://[::1]:8055/x".to_owned()
    });
    silent(&kept, "cookies-without-secure", |f| {
        f.settings.public_url = "/".to_owned();
        f.settings.session_cookie.secure = false;
    });
    let network = |text: &str| text.parse::<Network>().unwrap();
    silent(&kept, "trust-proxy-everybody", |f| {
        f.settings.trust_proxy = TrustProxy::Networks(vec![network("10.0.0.0/8")])
    });
    heard(&kept, "trust-proxy-everybody", |f| {
        f.settings.trust_proxy = TrustProxy::Networks(vec![network("::/0")])
    });
    heard(&kept, "trust-proxy-everybody", |f| {
        f.settings.trust_proxy = TrustProxy::Always
    });
    silent(&kept, "trust-proxy-missing", |f| {
        f.settings.trust_proxy = TrustProxy::Never;
        f.settings.public_url = "/".to_owned();
    });
    let pattern = |text: &str| Origins::List(vec![Origin::Pattern(text.to_owned())]);
    silent(&kept, "cors-any-origin", |f| {
        f.settings.cors.enabled = true;
        f.settings.cors.origin = pattern(r"^https://[a-z]+\.example\.com$");
    });
    heard(&kept, "cors-any-origin", |f| {
        f.settings.cors.enabled = true;
        f.settings.cors.origin = pattern(r"example\.com");
    });
    silent(&kept, "mail-without-tls", |f| {
        f.settings.mail.transport = MailTransport::Smtp;
        f.settings.mail.smtp.host = Some("localhost".to_owned());
        f.settings.mail.smtp.ignore_tls = true;
    });
    silent(&kept, "mail-for-development", |f| {
        f.settings.public_url = "/".to_owned();
        f.settings.mail.transport = MailTransport::File;
    });
    let opened = |list: &[&str]| list.iter().map(|entry| (*entry).to_owned()).collect::<Vec<String>>();
    silent(&kept, "egress-open", |f| {
        f.settings.egress.allow = opened(&["10.0.0.7", "hooks.example.com:8443"])
    });
    heard(&kept, "egress-open", |f| {
        f.settings.egress.allow = opened(&["169.254.169.254"])
    });
    let range = heard(&kept, "egress-open", |f| {
        f.settings.egress.allow = opened(&["10.0.0.7", "192.168.0.0-192.168.0.9"])
    });
    assert_eq!(range.change.to_string(), "EGRESS_ALLOW_LIST=10.0.0.7");
    let gaps = heard(&kept, "import-deny-list-gaps", |f| {
        f.settings.egress.deny = opened(&["10.0.0.0/8"])
    });
    // What is proposed has none.
    let whole = gaps.change.to_string();
    let whole = whole.strip_prefix("IMPORT_IP_DENY_LIST=").unwrap();
    silent(&kept, "import-deny-list-gaps", |f| {
        f.settings.egress.deny = whole.split(',').map(str::to_owned).collect()
    });
    silent(&kept, "csp-with-custom-css", |f| {
        variable(f, "CONTENT_SECURITY_POLICY_DIRECTIVES__IMG_SRC", "https:")
    });
    silent(&kept, "password-hash-cheap", |f| {
        (f.settings.hashing.memory_kib, f.settings.hashing.time) = (65_536, 3)
    });
    for check in checks().map(|check| check.id).filter(|id| id.starts_with("sso-")) {
        // Kept well; asked on this machine; known by address, but nobody is made; a role for whom the administrator makes.
        silent(&kept, check, |f| provider(f, |_| ()));
        silent(&kept, check, |f| {
            provider(f, |own| own.issuer_url = Some("http://localhost:9000".to_owned()))
        });
        silent(&kept, check, |f| {
            let role = f.power().roles.first().cloned();
            provider(f, |own| {
                (own.public_registration, own.require_verified_email, own.default_role) = (false, false, role);
            });
        });
    }
    let below = heard(&kept, "sso-registers-into-the-app", |f| {
        let mut role = f.access.roles.iter().find(|role| role.id == EDITORS).unwrap().clone();
        (role.id, role.parent) = ("below".to_owned(), Some(EDITORS.to_owned()));
        f.access.roles.push(role);
        provider(f, |own| {
            (own.name, own.default_role) = ("my-work".to_owned(), Some("below".to_owned()));
        });
    });
    assert_eq!(below.on.to_string(), "setting AUTH_MY_WORK_DEFAULT_ROLE_ID");
    silent(&kept, "registration-unverified", registration);
    silent(&kept, "registration-unverified", |f| {
        drop(
            f.project
                .insert("public_registration_verify_email".to_owned(), false.into()),
        )
    });
}

/// A provider of SAML that is kept well but for what is changed of it.
fn office(facts: &mut Facts, change: impl FnOnce(&mut Provider)) {
    let idp_metadata = "<EntityDescriptor entityID=\"http://idp.example.com/name\"><SingleSignOnService \
         Location='https://idp.example.com/sso' ResponseLocation=\"https://idp.example.com/back\"/></EntityDescriptor>";
    provider(facts, |own| {
        (own.driver, own.issuer_url) = (Driver::Saml, None);
        (own.identifier_key, own.email_key) = (NAME_ID.to_owned(), "mail".to_owned());
        own.saml = Some(Saml {
            idp_metadata: idp_metadata.to_owned(),
            sp_metadata: Some("<AssertionConsumerService Location=\"https://data.example.com/acs\"/>".to_owned()),
        });
        change(own);
    });
}

#[tokio::test]
async fn providers_of_saml_are_judged_as_the_others_are() {
    let kept = Project::new().await.facts().await;
    for check in checks().map(|check| check.id).filter(|id| id.starts_with("sso-")) {
        silent(&kept, check, |f| office(f, |_| ()));
        silent(&kept, check, |f| {
            office(f, |own| {
                let saml = own.saml.as_mut().unwrap();
                saml.sp_metadata = Some("<A Location=\"http://localhost:8055/acs\"/>".to_owned());
            })
        });
    }
    let hit = heard(&kept, "sso-registers-administrators", |f| {
        let role = f.power().roles.first().cloned();
        office(f, |own| own.default_role = role);
    });
    assert_eq!(hit.on.to_string(), "setting AUTH_WORK_DEFAULT_ROLE_ID");
    heard(&kept, "sso-registers-into-the-app", |f| {
        office(f, |own| own.default_role = Some(EDITORS.to_owned()))
    });
    heard(&kept, "sso-registers-unverified", |f| {
        office(f, |own| own.require_verified_email = false)
    });
    let hit = heard(&kept, "sso-identifies-by-address", |f| {
        office(f, |own| own.identifier_key = "mail".to_owned())
    });
    assert_eq!(hit.change.to_string(), format!("AUTH_WORK_IDENTIFIER_KEY={NAME_ID}"));
    heard(&kept, "sso-redirect-without-tls", |f| {
        office(f, |own| {
            own.redirect_allow_list = vec!["http://app.example.com/".to_owned()]
        })
    });
    for (from, to) in [
        ("https://idp.example.com/sso", "http://idp.example.com/sso"),
        ("https://idp.example.com/back", "http://idp.example.com/back"),
    ] {
        let hit = heard(&kept, "sso-without-tls", |f| {
            office(f, |own| {
                let saml = own.saml.as_mut().unwrap();
                saml.idp_metadata = saml.idp_metadata.replace(from, to);
            })
        });
        assert_eq!(hit.on.to_string(), "setting AUTH_WORK_IDP_metadata");
        assert!(hit.evidence.contains(to), "{hit:?}");
    }
    for text in [
        "<A Location='http://data.example.com/acs'/>",
        "<A Location = \"http://data.example.com/acs\"/>",
    ] {
        let hit = heard(&kept, "sso-without-tls", |f| {
            office(f, |own| own.saml.as_mut().unwrap().sp_metadata = Some(text.to_owned()))
        });
        assert_eq!(hit.on.to_string(), "setting AUTH_WORK_SP_metadata");
    }
}

#[tokio::test]
async fn what_is_found_twice_is_told_once() {
    let kept = Project::new().await.facts().await;
    let joined = heard(&kept, "writes-flows", |f| {
        editing(f, "directus_flows", Action::Create, &["*"], Json::Null);
        editing(f, "directus_flows", Action::Delete, &[], Json::Null);
    });
    assert!(
        joined.evidence.contains("create new rows") && joined.evidence.contains("delete every row"),
        "{joined:?}"
    );
    assert_eq!(
        joined.change.to_string().matches("DELETE /permissions/").count(),
        2,
        "{joined:?}"
    );
}
