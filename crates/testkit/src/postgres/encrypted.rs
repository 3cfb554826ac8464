//! A PostgreSQL server that speaks TLS on a port of this machine, as `localhost`.

use anyhow::Result;

use super::Postgres;
use crate::{
    certificates::Certificates,
    keeper::{Owner, free_port},
};

/// The server. It goes with its value.
pub struct Encrypted {
    _server: Postgres,
    _certificates: Certificates,
    port: u16,
    /// The authority's certificate, in PEM.
    pub authority: String,
}

impl Encrypted {
    /// Makes the certificates and starts the server.
    ///
    /// # Errors
    /// In one line: what is missing, or what failed.
    pub fn start() -> Result<Encrypted> {
        let certificates = Certificates::make(&Owner::of_process(&["postgres", "nobody"])?)?;
        let port = free_port()?;
        let settings = [
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", certificates.certificate().display()),
            format!("ssl_key_file={}", certificates.key().display()),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
        ];
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        Ok(Encrypted {
            _server: Postgres::own(&settings, Some(port))?,
            port,
            authority: certificates.authority.clone(),
            _certificates: certificates,
        })
    }

    /// How it is connected to, by one of its names.
    #[must_use]
    pub fn url(&self, host: &str) -> String {
        format!("host={host} port={} user=test dbname=postgres", self.port)
    }
}
