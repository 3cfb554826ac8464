//! What each check looks for, one by one: data that spoils the facts of a project that is kept well.

use std::{sync::Arc, time::Duration};

use aedile_engine::{Json, access::Action, schema::Accountability};
use serde_json::json;

use super::project::{EDITORS, FLOW, MACHINE, NOW};
use crate::{
    access_file::{Holder, Permission, Policy},
    audit::{
        ConfiguredSecret, DatabaseLink,
        facts::{Facts, Operation, Person, Share},
    },
    config::{MailTransport, Origins, Provider, SameSite, Secret, TrustProxy},
    system::policies::PUBLIC,
};

type Spoil = fn(&mut Facts);

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Every check, and what it has to be heard on.
pub(super) const SPOILT: &[(&str, Spoil)] = &[
    ("public-reads", |f| {
        public(
            f,
            "articles",
            Action::Read,
            &["title"],
            json!({ "status": { "_eq": "published" } }),
        )
    }),
    ("public-reads-every-row", |f| {
        public(f, "articles", Action::Read, &["title"], Json::Null)
    }),
    ("public-reads-every-field", |f| {
        public(f, "articles", Action::Read, &["*"], json!({ "status": { "_eq": "x" } }))
    }),
    ("public-reads-personal", |f| {
        public(
            f,
            "members",
            Action::Read,
            &["note", "email"],
            json!({ "note": { "_eq": "x" } }),
        )
    }),
    ("public-reads-ownerless", |f| {
        public(
            f,
            "articles",
            Action::Read,
            &["title"],
            json!({ "owner": { "_eq": "$CURRENT_USER" } }),
        )
    }),
    ("public-reads-system", |f| {
        public(f, "directus_users", Action::Read, &["id"], Json::Null)
    }),
    ("public-reads-files", |f| {
        public(f, "directus_files", Action::Read, &["id"], Json::Null)
    }),
    ("public-creates", |f| {
        public(f, "articles", Action::Create, &["title"], Json::Null)
    }),
    ("public-updates", |f| {
        public(f, "articles", Action::Update, &["title"], Json::Null)
    }),
    ("public-deletes", |f| {
        public(f, "articles", Action::Delete, &[], Json::Null)
    }),
    ("public-writes-system", |f| {
        public(f, "directus_comments", Action::Create, &["*"], Json::Null)
    }),
    ("public-uploads", |f| {
        public(f, "directus_files", Action::Create, &["*"], Json::Null)
    }),
    ("public-policy-flags", |f| policy(f, PUBLIC).app_access = true),
    ("writes-settings", |f| {
        editing(f, "directus_settings", Action::Update, &["*"], Json::Null)
    }),
    ("writes-flows", |f| {
        editing(f, "directus_operations", Action::Create, &["*"], Json::Null)
    }),
    ("writes-roles", |f| {
        editing(f, "directus_roles", Action::Delete, &[], Json::Null)
    }),
    ("writes-policies", |f| {
        editing(f, "directus_policies", Action::Update, &["name"], Json::Null)
    }),
    ("writes-permissions", |f| {
        editing(f, "directus_permissions", Action::Create, &["*"], Json::Null)
    }),
    ("writes-access", |f| {
        editing(f, "directus_access", Action::Create, &["*"], Json::Null)
    }),
    ("writes-extensions", |f| {
        editing(f, "directus_extensions", Action::Update, &["*"], Json::Null)
    }),
    ("writes-schema", |f| {
        editing(f, "directus_fields", Action::Create, &["*"], Json::Null)
    }),
    ("reads-sessions", |f| {
        editing(
            f,
            "directus_sessions",
            Action::Read,
            &["*"],
            json!({ "user": { "_eq": "$CURRENT_USER" } }),
        )
    }),
    ("reads-shares", |f| {
        editing(
            f,
            "directus_shares",
            Action::Read,
            &["*"],
            json!({ "role": { "_eq": "$CURRENT_ROLE" } }),
        )
    }),
    ("reads-activity", |f| {
        editing(f, "directus_activity", Action::Read, &["*"], Json::Null)
    }),
    ("reads-revisions", |f| {
        editing(f, "directus_revisions", Action::Read, &["*"], Json::Null)
    }),
    ("reads-versions", |f| {
        editing(f, "directus_versions", Action::Read, &["*"], Json::Null)
    }),
    ("reads-operations", |f| {
        editing(f, "directus_operations", Action::Read, &["*"], Json::Null)
    }),
    ("junction-open", |f| {
        editing(f, "articles_tags", Action::Create, &["*"], Json::Null)
    }),
    ("rule-not-understood", |f| {
        editing(
            f,
            "articles",
            Action::Read,
            &["*"],
            json!({ "title": { "_eq": "$NOBODY" } }),
        )
    }),
    ("permission-on-nothing", |f| {
        editing(f, "gone", Action::Read, &["*"], Json::Null)
    }),
    ("creates-users", |f| {
        editing(f, "directus_users", Action::Create, &["email", "role"], Json::Null)
    }),
    ("changes-users", |f| {
        editing(f, "directus_users", Action::Update, &["email"], Json::Null)
    }),
    ("changes-own-role", |f| {
        editing(
            f,
            "directus_users",
            Action::Update,
            &["role"],
            json!({ "id": { "_eq": "$CURRENT_USER" } }),
        )
    }),
    ("deletes-users", |f| {
        editing(f, "directus_users", Action::Delete, &[], Json::Null)
    }),
    ("reads-users", |f| {
        editing(f, "directus_users", Action::Read, &["*"], Json::Null)
    }),
    ("admin-without-2fa", |f| {
        f.administrators.push(Person {
            has_tfa: false,
            ..administrator(f)
        })
    }),
    ("admin-2fa-not-required", |f| {
        f.access
            .policies
            .iter_mut()
            .filter(|policy| policy.admin_access)
            .for_each(|policy| policy.enforce_tfa = false)
    }),
    ("admin-dormant", |f| {
        f.administrators.push(Person {
            seen: Some(NOW - 91 * DAY),
            ..administrator(f)
        })
    }),
    ("admins-too-many", |f| {
        (0..5).for_each(|_| f.administrators.push(administrator(f)))
    }),
    ("admin-inherited", |f| {
        let mut role = f.access.roles.first().unwrap().clone();
        role.id = "sub".to_owned();
        role.parent = f.power().roles.first().cloned();
        f.access.roles.push(role);
    }),
    ("token-of-administrator", |f| {
        f.tokens.push(Person {
            has_token: true,
            ..administrator(f)
        })
    }),
    ("token-never-used", |f| {
        f.tokens.push(Person {
            seen: None,
            since: NOW - 31 * DAY,
            ..machine(f)
        })
    }),
    ("token-long-unused", |f| {
        f.tokens.push(Person {
            seen: Some(NOW - 91 * DAY),
            ..machine(f)
        })
    }),
    ("token-of-inactive", |f| {
        f.tokens.push(Person {
            is_active: false,
            ..machine(f)
        })
    }),
    ("registration-of-administrators", |f| {
        registration(f);
        let role = f.power().roles.first().cloned();
        f.project.insert("public_registration_role".to_owned(), role.into());
    }),
    ("registration-unverified", |f| {
        registration(f);
        f.project
            .insert("public_registration_verify_email".to_owned(), false.into());
    }),
    ("registration-any-address", |f| {
        registration(f);
        f.project
            .insert("public_registration_email_filter".to_owned(), Json::Null);
    }),
    ("registration-unlimited", |f| {
        registration(f);
        f.settings.rate_limit_registration.enabled = false;
    }),
    ("sso-registers-administrators", |f| {
        let role = f.power().roles.first().cloned();
        provider(f, |own| own.default_role = role);
    }),
    ("sso-registers-into-the-app", |f| {
        provider(f, |own| own.default_role = Some(EDITORS.to_owned()))
    }),
    ("sso-registers-unverified", |f| {
        provider(f, |own| own.require_verified_email = false)
    }),
    ("sso-identifies-by-address", |f| {
        provider(f, |own| own.identifier_key = "email".to_owned())
    }),
    ("sso-without-tls", |f| {
        provider(f, |own| own.issuer_url = Some("http://id.example.com".to_owned()))
    }),
    ("sso-redirect-without-tls", |f| {
        provider(f, |own| {
            own.redirect_allow_list = vec![
                "https://a.example.com/in".to_owned(),
                "http://b.example.com/in".to_owned(),
            ]
        })
    }),
    ("password-policy-weak", |f| f.weak_passwords = vec!["a"]),
    ("login-attempts-unlimited", |f| {
        drop(f.project.insert("auth_login_attempts".to_owned(), Json::Null))
    }),
    ("mcp-deletes", |f| {
        f.project.insert("mcp_enabled".to_owned(), true.into());
        f.project.insert("mcp_allow_deletes".to_owned(), true.into());
    }),
    ("uploads-any-type", |f| {
        drop(f.environment.variables.remove("FILES_MIME_TYPE_ALLOW_LIST"))
    }),
    ("uploads-any-size", |f| {
        drop(f.environment.variables.remove("FILES_MAX_UPLOAD_SIZE"))
    }),
    ("files-internals-writable", |f| {
        editing(
            f,
            "directus_files",
            Action::Update,
            &["title", "filename_disk"],
            Json::Null,
        )
    }),
    ("share-open-ended", |f| f.shares.push(share(None, true))),
    ("share-of-administrators", |f| {
        f.shares.push(share(f.power().roles.first().cloned(), false))
    }),
    ("flow-webhook-open", |f| {
        f.flows.iter_mut().for_each(|flow| flow.first = None)
    }),
    ("flow-webhook-full-access", |f| {
        operation(f, "item-create", json!({ "permissions": "$full" }))
    }),
    ("flow-webhook-returns-all", |f| {
        f.flows
            .iter_mut()
            .for_each(|flow| flow.options = json!({ "return": "$all" }))
    }),
    ("flow-script", |f| operation(f, "exec", json!({ "code": "" }))),
    ("flow-request-anywhere", |f| {
        operation(f, "request", json!({ "url": "https://{{$trigger.body.host}}/x" }))
    }),
    ("flow-environment-secrets", |f| {
        variable(f, "FLOWS_ENV_ALLOW_LIST", "PUBLIC_URL,SECRET")
    }),
    ("secret-field-plain", |f| {
        in_articles(f, |articles| {
            let mut field = articles.fields["title"].clone();
            field.name = "api_key".to_owned();
            articles.fields.insert("api_key".to_owned(), field);
        })
    }),
    ("history-off", |f| {
        in_articles(f, |articles| articles.accountability = Accountability::None)
    }),
    ("secret-short", |f| secret(f, "short, but not known", &[])),
    ("secret-default", |f| secret(f, "replace-with-secure-random-value", &[])),
    ("secret-in-repository", |f| {
        secret(f, "5f1c0f5be2a94b0db0c2f6c1f2b7e4d95f1c0f5b", &["compose.yaml"])
    }),
    ("public-url-without-tls", |f| {
        f.settings.public_url = "http://example.com".to_owned()
    }),
    ("cookies-without-secure", |f| {
        f.settings.public_url = "https://example.com".to_owned();
        f.settings.session_cookie.secure = false;
    }),
    ("cookies-cross-site", |f| {
        f.settings.session_cookie.same_site = SameSite::None
    }),
    ("trust-proxy-everybody", |f| {
        f.settings.trust_proxy = TrustProxy::Networks(vec!["0.0.0.0/0".parse().unwrap()])
    }),
    ("trust-proxy-missing", |f| f.settings.trust_proxy = TrustProxy::Never),
    ("trust-proxy-header", |f| {
        f.settings.ip_custom_header = Some("x-real-ip".to_owned())
    }),
    ("database-without-tls", |f| {
        f.environment.database = Some(DatabaseLink {
            is_local: false,
            is_encrypted: false,
            is_verified: true,
        })
    }),
    ("egress-open", |f| {
        f.settings.egress.allow = vec!["hooks.example.com".to_owned(), "10.0.0.0/8".to_owned()]
    }),
    ("import-deny-list-gaps", |f| {
        f.settings.egress.deny = vec!["10.0.0.0/8".to_owned()]
    }),
    ("mail-without-tls", |f| {
        f.settings.mail.transport = MailTransport::Smtp;
        f.settings.mail.smtp.host = Some("mail.example.com".to_owned());
        f.settings.mail.smtp.ignore_tls = true;
    }),
    ("mail-for-development", |f| {
        f.settings.public_url = "https://example.com".to_owned();
        f.settings.mail.transport = MailTransport::Log;
    }),
    ("reset-url-without-tls", |f| {
        f.settings.allow_lists.password_reset = vec!["http://example.com/reset".to_owned()]
    }),
    ("rate-limit-off", |f| f.settings.rate_limit.enabled = false),
    ("login-unlimited", |f| f.settings.rate_limit_login.enabled = false),
    ("tokens-plain", |f| f.tokens_are_digests = false),
    ("hsts-off", |f| {
        f.settings.public_url = "https://example.com".to_owned();
        f.settings.hsts = false;
    }),
    ("password-hash-cheap", |f| f.settings.hashing.memory_kib = 4096),
    ("tokens-long-lived", |f| {
        f.settings.tokens.access_ttl = Duration::from_hours(2)
    }),
    ("login-stall-off", |f| f.settings.tokens.login_stall = Duration::ZERO),
    ("cors-any-origin", |f| {
        f.settings.cors.enabled = true;
        f.settings.cors.origin = Origins::Reflect;
    }),
    ("csp-any-script", |f| {
        variable(
            f,
            "CONTENT_SECURITY_POLICY_DIRECTIVES__SCRIPT_SRC",
            "'self','unsafe-inline'",
        )
    }),
    ("csp-with-custom-css", |f| {
        variable(f, "CONTENT_SECURITY_POLICY_DIRECTIVES__IMG_SRC", "'self',https:");
        f.project.insert("custom_css".to_owned(), "body {}".into());
    }),
    ("websocket-public", |f| variable(f, "WEBSOCKETS_REST_AUTH", "public")),
];

pub(super) fn policy<'f>(facts: &'f mut Facts, id: &str) -> &'f mut Policy {
    facts.access.policies.iter_mut().find(|policy| policy.id == id).unwrap()
}

pub(super) fn permit(facts: &mut Facts, of: &str, permission: Permission) {
    let policy = policy(facts, of);
    let id = 900 + i64::try_from(policy.permissions.len()).unwrap();
    policy.permissions.push(Permission {
        id: Some(id),
        ..permission
    });
}

pub(super) fn permission(collection: &str, action: Action, fields: &[&str], rule: Json) -> Permission {
    Permission {
        id: None,
        collection: collection.to_owned(),
        action,
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        rule,
        validation: Json::Null,
        presets: Json::Null,
    }
}

pub(super) fn public(facts: &mut Facts, collection: &str, action: Action, fields: &[&str], rule: Json) {
    permit(facts, PUBLIC, permission(collection, action, fields, rule));
}

pub(super) fn editing(facts: &mut Facts, collection: &str, action: Action, fields: &[&str], rule: Json) {
    permit(
        facts,
        super::project::EDITING,
        permission(collection, action, fields, rule),
    );
}

fn administrator(facts: &Facts) -> Person {
    facts.administrators.first().unwrap().clone()
}

fn machine(facts: &Facts) -> Person {
    facts.tokens.iter().find(|person| person.id == MACHINE).unwrap().clone()
}

pub(super) fn registration(facts: &mut Facts) {
    facts.project.insert("public_registration".to_owned(), true.into());
    facts
        .project
        .insert("public_registration_role".to_owned(), EDITORS.into());
    let filter = json!({ "email": { "_ends_with": "@example.com" } });
    facts
        .project
        .insert("public_registration_email_filter".to_owned(), filter);
}

/// Adds a provider that is kept well but for what is changed of it.
pub(super) fn provider(facts: &mut Facts, change: impl FnOnce(&mut Provider)) {
    let mut own = Provider {
        name: "work".to_owned(),
        public_registration: true,
        require_verified_email: true,
        issuer_url: Some("https://id.example.com".to_owned()),
        identifier_key: "sub".to_owned(),
        email_key: "email".to_owned(),
        ..Provider::default()
    };
    change(&mut own);
    facts.settings.sso.providers.push(own);
}

fn share(role: Option<String>, is_open: bool) -> Share {
    Share {
        id: "0d1f6a52-6f0a-4e63-9d3c-1d7a1a2b3c09".to_owned(),
        collection: "articles".to_owned(),
        item: "1".to_owned(),
        role,
        is_open,
    }
}

pub(super) fn operation(facts: &mut Facts, kind: &str, options: Json) {
    let flow = facts.flows.iter_mut().find(|flow| flow.id == FLOW).unwrap();
    flow.operations.push(Operation {
        id: kind.to_owned(),
        key: kind.to_owned(),
        kind: kind.to_owned(),
        options,
    });
}

pub(super) fn variable(facts: &mut Facts, name: &str, value: &str) {
    facts.environment.variables.insert(name.to_owned(), value.to_owned());
}

pub(super) fn secret(facts: &mut Facts, value: &str, files: &[&str]) {
    let files = files.iter().map(|file| (*file).to_owned()).collect();
    let secret = ConfiguredSecret::of("SECRET", &Secret::new(value), files);
    facts.environment.secrets.push(secret);
}

/// The same project with another collection `articles`.
fn in_articles(facts: &mut Facts, change: fn(&mut aedile_engine::schema::Collection)) {
    let mut model = facts.snapshot.model.clone();
    let schema = &model.schema;
    let relations = schema.relations().to_vec();
    let mut collections: Vec<_> = schema.collections().cloned().collect();
    collections
        .iter_mut()
        .filter(|own| own.name == "articles")
        .for_each(change);
    model.schema = aedile_engine::schema::Schema::new(collections, relations);
    facts.snapshot = Arc::new(facts.snapshot.with_model(model));
}

/// Attaches a policy to somebody else.
pub(super) fn attach(facts: &mut Facts, holder: Holder, policy: &str) {
    facts.access.attached.entry(holder).or_default().push(policy.to_owned());
}
