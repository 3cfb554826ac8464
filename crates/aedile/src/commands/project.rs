//! The commands that work on the configured database: each body hands the configuration to the crates that know how.
//! Each returns its answer as text for standard output, with a line end, or empty when there is none.

use std::{
    fmt::Write as _,
    net::IpAddr,
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use aedile_auth::password::Passwords;
use aedile_db::Db;
use aedile_engine::{Json, Object};
use aedile_platform::{
    App, Cx,
    bootstrap::{self, FirstAdministrator},
    config::{Secret, Settings},
    demo, explain,
};
use aedile_server::State;
use anyhow::{Context, anyhow, bail};
use tokio::net::TcpListener;

use super::{Migration, database::open};
use crate::{
    cli,
    config::{Config, secret, surroundings},
};

/// The address of the first administrator when `ADMIN_EMAIL` is not set.
const DEFAULT_ADMINISTRATOR: &str = "admin@example.com";

/// Serves the database until the process is told to stop.
pub async fn start(config: Config) -> anyhow::Result<String> {
    let host = config.settings.host.clone();
    let port = config.settings.port;
    let standing = config.clone();
    let project = Project::open(config).await?;
    let news = project.prepare(true).await?;
    if !news.is_empty() {
        eprint!("{news}");
    }
    let db = project.db.clone();
    let (app, passwords) = project.load().await?;
    let listener = TcpListener::bind((host.as_str(), port)).await.with_context(|| {
        format!("{host}:{port} can not be listened on; another server may use it, see HOST and PORT")
    })?;
    let address = listener.local_addr().context("the address can not be told")?;
    tracing::info!("serving http://{}", shown(address.ip(), address.port()));
    let survey = Arc::new(move || surroundings::environment(&standing, Path::new(".")));
    let state = Arc::new(State::new(app, passwords)?.surveyed(survey));
    let (mail, settings) = (state.mail.clone(), state.settings());
    let patience = settings.shutdown_timeout;
    if settings.mail.verify {
        let mail = mail.clone();
        tokio::spawn(async move { mail.check().await });
    }
    aedile_server::serve(state, listener, stopped()).await?;
    mail.finish(patience).await;
    db.close().await;
    tracing::info!("stopped");
    Ok(String::new())
}

/// Installs or migrates the database and creates the first administrator.
pub async fn bootstrap(config: Config, skip_admin: bool) -> anyhow::Result<String> {
    let project = Project::open(config).await?;
    let news = project.prepare(!skip_admin).await?;
    project.db.close().await;
    Ok(if news.is_empty() {
        "Nothing to do: the database is ready.\n".to_owned()
    } else {
        news
    })
}

/// Creates the system tables.
pub async fn install(config: Config) -> anyhow::Result<String> {
    let project = Project::open(config).await?;
    let made = project.db.install().await?;
    project.db.close().await;
    Ok(if made {
        "Created the system tables.\n"
    } else {
        "Nothing to do: the system tables are there.\n"
    }
    .to_owned())
}

/// Applies or takes back migrations.
pub async fn migrate(config: Config, how: Migration) -> anyhow::Result<String> {
    let project = Project::open(config).await?;
    let names: Vec<&'static str> = match how {
        Migration::Latest => project.db.migrate_latest().await?,
        Migration::Up => project.db.migrate_up().await?.into_iter().collect(),
        Migration::Down => project.db.migrate_down().await?.into_iter().collect(),
    };
    project.db.close().await;
    if names.is_empty() {
        return Ok("Nothing to do.\n".to_owned());
    }
    let verb = if how == Migration::Down { "Took back" } else { "Applied" };
    Ok(names
        .iter()
        .fold(String::new(), |text, name| text + verb + " " + name + "\n"))
}

/// Creates a user; the answer is its id.
pub async fn create_user(config: Config, email: String, password: Secret, role: String) -> anyhow::Result<String> {
    let (db, cx) = operator(config).await?;
    let id = bootstrap::create_user(&cx, &email, password.expose(), &role).await?;
    db.close().await;
    Ok(format!("{id}\n"))
}

/// Sets the password of the user with that address.
pub async fn set_password(config: Config, email: String, password: Secret) -> anyhow::Result<String> {
    let (db, cx) = operator(config).await?;
    bootstrap::set_password(&cx, &email, password.expose()).await?;
    db.close().await;
    Ok(format!(
        "The password of {email} is changed, and its sessions are ended.\n"
    ))
}

/// Creates a role; the answer is its id.
pub async fn create_role(config: Config, name: String, admin: bool) -> anyhow::Result<String> {
    let (db, cx) = operator(config).await?;
    let id = bootstrap::create_role(&cx, &name, admin).await?;
    db.close().await;
    Ok(format!("{id}\n"))
}

/// Explains why somebody may or may not do something.
pub async fn explain(config: Config, args: cli::Explain) -> anyhow::Result<String> {
    let (db, cx) = operator(config).await?;
    let mut question = Object::new();
    let mut ask = |name: &str, value: Option<Json>| value.and_then(|value| question.insert(name.to_owned(), value));
    ask("user", args.user.map(Json::from));
    ask("role", args.role.map(Json::from));
    ask("public", args.public.then_some(Json::Bool(true)));
    ask("ip", args.ip.map(|ip| ip.to_string().into()));
    ask("collection", Some(args.collection.into()));
    ask("action", Some(args.action.into()));
    ask("item", args.item.map(Json::from));
    ask("fields", (!args.fields.is_empty()).then(|| args.fields.into()));
    let explained = explain::explain(&cx, &question).await?;
    db.close().await;
    if args.json {
        return Ok(serde_json::to_string_pretty(&explained)? + "\n");
    }
    Ok(explain::text::text(&explained))
}

/// Loads the demo project.
pub async fn load_demo(config: Config, force: bool) -> anyhow::Result<String> {
    let project = Project::open(config).await?;
    let mut answer = project.prepare(true).await?;
    let (app, _) = project.load().await?;
    let db = app.db().clone();
    let accounts = demo::load::load(&app, now(), force, &random).await?;
    db.close().await;
    answer.push_str("The demo project is loaded.\n");
    for account in accounts {
        writeln!(answer, "  {:<18} {}", account.name, account.secret)?;
    }
    Ok(answer)
}

/// A database and the settings to serve it with.
struct Project {
    db: Db,
    settings: Settings,
    passwords: Arc<Passwords>,
}

impl Project {
    async fn open(config: Config) -> anyhow::Result<Project> {
        let db = open(&config.database).await?;
        let passwords = Passwords::new(&config.settings.hashing)
            .map_err(|error| anyhow!("the HASH_ settings can not be used: {error}"))?;
        Ok(Project {
            db,
            settings: config.settings,
            passwords: Arc::new(passwords),
        })
    }

    /// Installs, migrates and seeds what is missing; says what it did, with a made-up password told this once.
    async fn prepare(&self, with_administrator: bool) -> anyhow::Result<String> {
        let mut news = String::new();
        if self.db.install().await? {
            news.push_str("Created the system tables.\n");
        }
        for name in self.db.migrate_latest().await? {
            writeln!(news, "Applied {name}")?;
        }
        if bootstrap::is_seeded(&self.db).await? {
            return Ok(news);
        }
        let first = if with_administrator {
            Some(self.administrator(&mut news).await?)
        } else {
            None
        };
        bootstrap::seed(&self.db, first).await?;
        Ok(news)
    }

    async fn administrator(&self, news: &mut String) -> anyhow::Result<FirstAdministrator> {
        let admin = &self.settings.admin;
        let email = admin.email.clone().unwrap_or_else(|| DEFAULT_ADMINISTRATOR.to_owned());
        let password = if admin.password.is_empty() {
            let made_up = random();
            writeln!(
                news,
                "Administrator: {email}\nPassword:      {made_up}   (told only now)"
            )?;
            made_up
        } else {
            writeln!(news, "Administrator: {email}")?;
            admin.password.expose().to_owned()
        };
        let hash = aedile_auth::hasher(self.passwords.clone());
        Ok(FirstAdministrator {
            password_hash: hash(password).await?,
            token: (!admin.token.is_empty()).then(|| admin.token.expose().to_owned()),
            email,
        })
    }

    async fn load(self) -> anyhow::Result<(App, Arc<Passwords>)> {
        let known = aedile_platform::app::Passwords {
            hash: aedile_auth::hasher(self.passwords.clone()),
            accepts: Arc::new(aedile_auth::policy::accepts),
            enforces: Arc::new(aedile_auth::policy::enforces),
        };
        let app = App::load(self.db, self.settings, known).await?;
        Ok((app, self.passwords))
    }
}

/// The operator's context on a prepared database.
pub(super) async fn operator(config: Config) -> anyhow::Result<(Db, Cx)> {
    let project = Project::open(config).await?;
    if !bootstrap::is_seeded(&project.db).await.unwrap_or(false) {
        bail!("the database is not prepared yet: run `aedile bootstrap` first");
    }
    project.db.migrate_latest().await?;
    let (app, _) = project.load().await?;
    Ok((app.db().clone(), bootstrap::operator(&app, now())))
}

/// A secret that nobody guesses, easy to copy.
fn random() -> String {
    secret::generate().map_or_else(
        |_| uuid::Uuid::new_v4().simple().to_string(),
        |secret| {
            secret
                .expose()
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .take(24)
                .collect()
        },
    )
}

/// The time, in milliseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn shown(ip: IpAddr, port: u16) -> String {
    if ip.is_unspecified() {
        format!("localhost:{port}")
    } else {
        std::net::SocketAddr::new(ip, port).to_string()
    }
}

/// Ends when the process is asked to stop: Ctrl-C, or the signal that service managers send.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
