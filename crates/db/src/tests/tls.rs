//! Encrypted connections to database servers: with whom they are made, and with whom they are not.

use std::sync::Arc;

use aedile_engine::{
    Code, Error,
    sql::{Dialect, Flavour, Sql},
    value::Param,
};
use aedile_testkit::{mariadb, postgres};

use crate::{Db, MySqlOptions, MySqlServer, PostgresOptions, Server, Tls, Trust};

/// Connects with this trust; says whether the server calls the connection encrypted.
async fn on_postgres(url: &str, trust: Option<&Trust<'_>>) -> Result<bool, Error> {
    let mut options = PostgresOptions::new(Server::parse(url)?);
    options.tls = trust.map(Tls::new).transpose()?;
    let db = Db::open_postgres(options).await?;
    let mut sql = Sql::new(Dialect::Postgres);
    sql.push("select ssl from pg_stat_ssl where pid = pg_backend_pid()");
    let rows = db.fetch(Arc::new(sql.finish(Vec::new())), Vec::new()).await?;
    db.close().await;
    Ok(rows == [[Param::Bool(true)]])
}

/// The same on MariaDB.
async fn on_mariadb(url: &str, trust: Option<&Trust<'_>>) -> Result<bool, Error> {
    let server = MySqlServer::parse(url)?;
    let server = match trust {
        Some(trust) => server.encrypted(trust)?,
        None => server,
    };
    let options = MySqlOptions {
        look_only: true,
        ..MySqlOptions::new(server)
    };
    let db = Db::open_mysql(options).await?;
    let mut sql = Sql::new(Dialect::MySql(Flavour::MariaDb));
    sql.push("select variable_value <> '' from information_schema.session_status where variable_name = 'Ssl_cipher'");
    let rows = db.fetch(Arc::new(sql.finish(Vec::new())), Vec::new()).await?;
    db.close().await;
    Ok(matches!(rows.as_slice(), [row] if matches!(row.as_slice(), [Param::Int(1) | Param::Bool(true)])))
}

#[test]
fn postgres_shows_a_certificate_for_its_name() {
    let server = postgres::Encrypted::start().unwrap();
    let urls = Urls {
        right: server.url("localhost"),
        wrong: server.url("127.0.0.1"),
        demanding: format!("{} sslmode=require", server.url("localhost")),
    };
    judged(on_postgres, &urls, &server.authority);
}

#[test]
fn mariadb_shows_a_certificate_for_its_name() {
    let server = mariadb::Encrypted::start().unwrap();
    let urls = Urls {
        right: server.url("localhost"),
        wrong: server.url("127.0.0.1"),
        demanding: format!("{}?require_ssl=true", server.url("localhost")),
    };
    judged(on_mariadb, &urls, &server.authority);
}

/// How a server is connected to.
struct Urls {
    /// By the name that its certificate is for.
    right: String,
    /// By another.
    wrong: String,
    /// By the right one, with the word that nothing is said in the clear.
    demanding: String,
}

/// With whom a connection is made, on any database.
fn judged(connected: impl AsyncFn(&str, Option<&Trust<'_>>) -> Result<bool, Error>, urls: &Urls, authority: &str) {
    let known = Trust {
        authorities: Some(authority),
        ..Trust::default()
    };
    let anybody = Trust {
        anybody: true,
        ..Trust::default()
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        assert_eq!(connected(&urls.right, None).await, Ok(false));
        assert_eq!(connected(&urls.right, Some(&known)).await, Ok(true));
        let refused = connected(&urls.wrong, Some(&known)).await.unwrap_err();
        assert_eq!(refused.code(), Code::ServiceUnavailable);
        assert_eq!(connected(&urls.wrong, Some(&anybody)).await, Ok(true));
        // Nobody but this test knows the authority.
        assert!(connected(&urls.right, Some(&Trust::default())).await.is_err());
        assert!(connected(&urls.demanding, None).await.is_err());
        assert_eq!(connected(&urls.demanding, Some(&known)).await, Ok(true));
    });
}

#[test]
fn what_is_no_certificate_is_refused_without_being_told() {
    for trust in [
        Trust {
            authorities: Some("no certificate"),
            ..Trust::default()
        },
        Trust {
            identity: Some(("no certificate", "a secret")),
            ..Trust::default()
        },
    ] {
        let refused = Tls::new(&trust).unwrap_err().to_string();
        assert!(refused.contains("DB_SSL__"), "{refused}");
        assert!(
            !refused.contains("secret") && !refused.contains("no certificate"),
            "{refused}"
        );
    }
}
