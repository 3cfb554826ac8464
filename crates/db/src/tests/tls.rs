//! Encrypted connections to database servers: with whom they are made, and with whom they are not.

use std::sync::Arc;

use aedile_engine::{
    Code, Error,
    sql::{Dialect, Flavour, Sql},
    value::Param,
};
use aedile_testkit::{mariadb, postgres::Encrypted};

use crate::{Db, MySqlOptions, MySqlServer, PostgresOptions, Server, Tls, Trust};

/// Connects with this trust; says whether the server calls the connection encrypted.
async fn connected(url: &str, trust: Option<&Trust<'_>>) -> Result<bool, Error> {
    let mut options = PostgresOptions::new(Server::parse(url)?);
    options.tls = trust.map(Tls::new).transpose()?;
    let db = Db::open_postgres(options).await?;
    let mut sql = Sql::new(Dialect::Postgres);
    sql.push("select ssl from pg_stat_ssl where pid = pg_backend_pid()");
    let rows = db.fetch(Arc::new(sql.finish(Vec::new())), Vec::new()).await?;
    db.close().await;
    Ok(rows == [[Param::Bool(true)]])
}

#[test]
fn the_server_shows_a_certificate_for_its_name() {
    let server = Encrypted::start().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(trusted(&server));
}

async fn trusted(server: &Encrypted) {
    let known = Trust {
        authorities: Some(&server.authority),
        ..Trust::default()
    };
    let anybody = Trust {
        anybody: true,
        ..Trust::default()
    };
    let (right, wrong) = (server.url("localhost"), server.url("127.0.0.1"));
    assert_eq!(connected(&right, None).await, Ok(false));
    assert_eq!(connected(&right, Some(&known)).await, Ok(true));
    // Another name than the certificate is for.
    let refused = connected(&wrong, Some(&known)).await.unwrap_err();
    assert_eq!(refused.code(), Code::ServiceUnavailable);
    assert_eq!(connected(&wrong, Some(&anybody)).await, Ok(true));
    // Nobody but this test knows the authority.
    assert!(connected(&right, Some(&Trust::default())).await.is_err());
    assert!(connected(&format!("{right} sslmode=require"), None).await.is_err());
    assert_eq!(
        connected(&format!("{right} sslmode=require"), Some(&known)).await,
        Ok(true)
    );
}

/// The same on MariaDB.
async fn connected_there(url: &str, trust: Option<&Trust<'_>>) -> Result<bool, Error> {
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
fn mariadb_shows_a_certificate_for_its_name() {
    let server = mariadb::Encrypted::start().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let known = Trust {
            authorities: Some(&server.authority),
            ..Trust::default()
        };
        let anybody = Trust {
            anybody: true,
            ..Trust::default()
        };
        let (right, wrong) = (server.url("localhost"), server.url("127.0.0.1"));
        assert_eq!(connected_there(&right, None).await, Ok(false));
        assert_eq!(connected_there(&right, Some(&known)).await, Ok(true));
        let refused = connected_there(&wrong, Some(&known)).await.unwrap_err();
        assert_eq!(refused.code(), Code::ServiceUnavailable);
        assert_eq!(connected_there(&wrong, Some(&anybody)).await, Ok(true));
        assert!(connected_there(&right, Some(&Trust::default())).await.is_err());
        assert!(
            connected_there(&format!("{right}?require_ssl=true"), None)
                .await
                .is_err()
        );
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
