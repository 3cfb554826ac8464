//! A MariaDB server that speaks TLS on a port of this machine, as `localhost`. It must listen on no other address.

use anyhow::Result;

use super::MariaDb;
use crate::{
    certificates::Certificates,
    keeper::{Owner, free_port},
};

/// The server. It goes with its value.
pub struct Encrypted {
    _server: MariaDb,
    port: u16,
    _certificates: Certificates,
    /// The authority's certificate, in PEM.
    pub authority: String,
}

impl Encrypted {
    /// Makes the certificates and starts the server.
    ///
    /// # Errors
    /// In one line: what is missing, or what failed.
    pub fn start() -> Result<Encrypted> {
        let certificates = Certificates::make(&Owner::of_process(&["mysql", "nobody"])?)?;
        let port = free_port()?;
        let settings = [
            "--skip-networking=0".to_owned(),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--port={port}"),
            format!("--ssl-cert={}", certificates.certificate().display()),
            format!("--ssl-key={}", certificates.key().display()),
        ];
        Ok(Encrypted {
            _server: MariaDb::own(&settings)?,
            port,
            authority: certificates.authority.clone(),
            _certificates: certificates,
        })
    }

    /// How it is connected to, by one of its names.
    #[must_use]
    pub fn url(&self, host: &str) -> String {
        format!("mysql://root@{host}:{}/mysql", self.port)
    }
}
